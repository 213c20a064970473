"""Measure: one run of the command in a process of its own: time, processor and memory as the kernel counts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 if sys.platform != "darwin" else 1024 * 1024  # of ru_maxrss, in its unit
NAMES = ("OPSGENIE_API_KEY", "WALLARM_API_TOKEN", "PAGERDUTY_TOKEN", "DD_API_KEY", "DD_APP_KEY", "DYNATRACE_API_TOKEN")
TOKENS = dict.fromkeys(NAMES, "made-up")


@dataclass(frozen=True)
class Run:
    """Seconds on the wall and of the processor (its children's too), megabytes at the peak."""

    wall: float
    cpu: float
    peak: float


class BenchmarkError(Exception):
    """A measured command did not end as it must; the text holds what it said."""


def surroundings() -> dict[str, str]:
    """The environment less `CI`, under which a ledger in a folder is refused."""
    return {name: value for name, value in os.environ.items() if name != "CI"} | TOKENS


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "reconciler", *arguments]


def run(arguments: list[str], folder: Path, *, within: float, environ: Mapping[str, str] | None = None) -> Run:
    """Run to the end, or for `within` seconds. Raises BenchmarkError unless it ends with 0."""
    said = folder / ".said"
    with said.open("wb") as sink:
        begun = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, env=environ or surroundings(), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        stop = threading.Timer(within, os.kill, (process.pid, signal.SIGKILL))
        stop.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        stop.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)  # it is already waited for
    if process.returncode:
        what = " ".join(arguments[1:])
        tail = said.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise BenchmarkError(f"{what}: exit code {process.returncode} after {wall:.1f} s\n{tail}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / MEGABYTE)
