"""Clock: the time as the ledger asks for it, given from outside so that tests wait for nothing."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

# A machine that sleeps must find its lease old when it wakes: Linux counts sleep in CLOCK_BOOTTIME alone, macOS in
# CLOCK_MONOTONIC.
_STEADY: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Two times: `elapsed` decides, `now` is only shown to people."""

    def elapsed(self) -> float:
        """Seconds since some moment; never goes back, and counts the sleep of the machine."""
        ...

    def now(self) -> datetime:
        """The wall clock, with its time zone; may be wrong by hours without harm."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The clock of this machine."""

    def elapsed(self) -> float:
        return time.clock_gettime(_STEADY)

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def instant(clock: Clock) -> str:
    """The wall clock as the ledger writes it: `2026-03-01T09:30:00Z`."""
    return clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
