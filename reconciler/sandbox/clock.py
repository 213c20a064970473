"""The sandbox's own time: it stands still and is moved by hand, except in a server, where it runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

FIRST_DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime = FIRST_DAY) -> None:
        self._now = now.astimezone(UTC)
        self._source: Callable[[], datetime] | None = None
        self._ahead = timedelta()

    def now(self) -> datetime:
        return self._source() + self._ahead if self._source else self._now

    def stamp(self) -> str:
        """Now as `2026-01-05T09:00:00.000Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def unix(self) -> int:
        return int(self.now().timestamp())

    def set(self, now: datetime) -> None:
        if self._source:
            self._ahead = now.astimezone(UTC) - self._source()
        self._now = now.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds))

    def run(self, source: Callable[[], datetime]) -> None:
        """From now on the time of `source`, a server's wall clock."""
        self._source = source

    def fork(self) -> Clock:
        return Clock(self.now())
