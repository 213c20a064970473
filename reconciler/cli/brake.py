"""Brake: SIGINT and SIGTERM, the first of which lets what is in flight finish, and the second stops at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from types import TracebackType

from reconciler.cli.exit import INTERRUPTED
from reconciler.cli.screen import Screen

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Brake:
    """`gently` is called at the first signal, while it is set; without it the first one stops at once, too.

    `asking`: a question stands on the terminal's last line.
    """

    def __init__(self, screen: Screen) -> None:
        self.gently: Callable[[], None] | None = None
        self.asking = False
        self._screen = screen
        self._task: asyncio.Task[object] | None = None

    def __enter__(self) -> Brake:
        self._task = asyncio.current_task()
        for one in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(one, self._pull)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(one)

    def _pull(self) -> None:
        gently, self.gently = self.gently, None
        if gently is not None:
            self._screen.talk("stopping: what is in flight is finished; once more stops at once")
            gently()
        elif self._task is not None:
            self._screen.talk("\nstopped" if self.asking else "stopped")
            self._task.cancel()


def run_with_brake(screen: Screen, work: Callable[[Brake], Awaitable[int]]) -> int:
    """Run until it ends or is stopped; gives the exit code."""

    async def braked() -> int:
        with Brake(screen) as brake:
            return await work(brake)

    try:
        return asyncio.run(braked())
    except asyncio.CancelledError:
        return INTERRUPTED
