"""Confirm: asks a person on a terminal before anything is written; nobody is asked elsewhere."""

from __future__ import annotations

import asyncio
import sys

from reconciler.errors import ApplyRefused


async def confirm(question: str, answer: str, way_out: str) -> bool:
    """Whether exactly `answer` was typed. Raises ApplyRefused with the way out where there is no terminal."""
    if not sys.stdin.isatty():
        raise ApplyRefused("nobody can be asked here whether these changes shall be made", way_out=way_out)
    print(f"{question} ", end="", file=sys.stderr, flush=True)
    return (await _line()).strip() == answer


async def _line() -> str:
    """A line from the terminal. The loop goes on meanwhile: it keeps the lease alive, and hears signals."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        loop.remove_reader(sys.stdin)
        typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin, read)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin)
