"""Lag: what was just made is missing from lists for a while, by the clock and by a number of reads.

No part of a world's state, as only reading counts it down: a plan must leave a dump as it was.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj


class Lag:
    """What is hidden, each until an instant and for a number of reads, whichever takes longer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hidden: dict[Hashable, tuple[datetime, int]] = {}

    def hide(self, ident: Hashable, seconds: float, reads: int) -> None:
        if seconds > 0 or reads > 0:
            self._hidden[ident] = (self._clock.now() + timedelta(seconds=seconds), reads)

    def is_over(self, ident: Hashable) -> bool:
        """Whether a list shows it by now; the read counts."""
        if ident not in self._hidden:
            return True
        until, reads = self._hidden[ident]
        if reads > 0:
            self._hidden[ident] = (until, reads - 1)
            return False
        if self._clock.now() < until:
            return False
        del self._hidden[ident]
        return True

    def listed(self, objs: Iterable[Obj]) -> list[Obj]:
        """What a list shows now; the read counts."""
        return [obj for obj in objs if self.is_over(obj["id"])] if self._hidden else list(objs)

    def forget(self, ident: Hashable) -> None:
        self._hidden.pop(ident, None)

    def clear(self) -> None:
        self._hidden.clear()

    def copy_to(self, twin: Lag) -> None:
        twin._hidden = dict(self._hidden)
