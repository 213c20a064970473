"""Pace: how many requests an account has in flight, and when none may start. Learned from what the vendor answers."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from reconciler.http.exchange import Allowance

IN_FLIGHT = 16

# A budget that comes back later than this is not waited for in advance: the vendor's own 429 will say how long.
LONGEST_HOLD = 120.0

# Two answers speak of the same budget when their resets are this near: headers count in whole seconds.
SAME_RESET = 1.5


class Clock(Protocol):
    """Time, as it can be replaced in tests. `monotonic` and `sleep` in seconds; `now` with its zone."""

    def monotonic(self) -> float: ...

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Pace:
    """One account's slots, given in the order they are asked for.

    Each `enter` that returns True is followed by one `leave`. Who waits stands in line before the slots, not in one.
    """

    def __init__(self, clock: Clock, in_flight: int = IN_FLIGHT) -> None:
        self._clock = clock
        self._most = in_flight
        self._limit = float(in_flight)
        self._slowed_at = -math.inf
        self._flying = 0
        self._line = asyncio.Lock()
        self._freed = asyncio.Event()
        self._paused_until = -math.inf
        self._left: int | None = None
        self._resets_at = -math.inf

    async def enter(self, deadline: Callable[[], float]) -> bool:
        """Takes a slot; False, and none taken, once the wait would last past `deadline()` (on the monotonic clock)."""
        async with self._line:
            while True:
                now = self._clock.monotonic()
                wait = self._wait(now)
                if now + wait > deadline():
                    return False
                if wait > 0:
                    await self._clock.sleep(wait)
                elif self._flying >= int(self._limit):
                    self._freed.clear()
                    await self._freed.wait()
                else:
                    break
            self._flying += 1
            if self._left is not None:
                self._left -= 1
            return True

    def leave(self) -> None:
        self._flying -= 1
        self._freed.set()

    def pause(self, seconds: float) -> None:
        """Nothing starts for so long."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def slow_down(self, started: float) -> None:
        """Halves the slots, once for all that were in flight together: `started` is when the refused one left."""
        if started >= self._slowed_at:
            self._slowed_at = self._clock.monotonic()
            self._limit = max(1.0, self._limit / 2)

    def speed_up(self) -> None:
        """One slot more for each round of successes."""
        self._limit = min(float(self._most), self._limit + 1 / self._limit)

    def learn(self, allowance: Allowance) -> None:
        """Takes the vendor's count over. Called after `leave`: those still in flight are taken as not counted yet."""
        if not 0 < allowance.resets_in <= LONGEST_HOLD:
            return
        resets_at = self._clock.monotonic() + allowance.resets_in
        left = allowance.remaining - self._flying
        if self._left is not None and abs(resets_at - self._resets_at) < SAME_RESET:
            left = min(left, self._left)
        self._left, self._resets_at = left, resets_at

    def _wait(self, now: float) -> float:
        if self._left is not None and now >= self._resets_at:
            self._left = None
        spent = self._left is not None and self._left <= 0
        until = max(self._paused_until, self._resets_at if spent else -math.inf)
        return max(0.0, until - now)
