"""Result: what became of every change of an apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reconciler.engine.change import Change

Ending = Literal["done", "failed", "skipped", "doubtful", "not started"]


@dataclass(frozen=True, eq=False)
class Result:
    """One change's ending. `text` says why it is not done; `notes` are words for after the write, `alarms` what a check
    after the write found wrong."""

    change: Change
    ending: Ending
    text: str = ""
    way_out: str = ""
    notes: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Applied:
    """The whole apply. `seconds` and `requests` were spent on it; `interrupted` where a person stopped it."""

    results: tuple[Result, ...]
    seconds: float
    requests: int
    interrupted: bool = False
    stopped_by: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(result.ending for result in self.results)

    @property
    def ok(self) -> bool:
        """Everything was done and every check afterwards passed."""
        done = all(result.ending == "done" and not result.alarms for result in self.results)
        return done and not self.interrupted and not self.stopped_by
