"""Waivers: which of a project's stand for what was found, and which are over or stand for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from reconciler.errors import Problem
from reconciler.manifest.waiver import Waiver


class Waivers:
    """A project's waivers on one day; remembers which of them something was found for."""

    def __init__(self, waivers: Sequence[Waiver], today: date) -> None:
        self._waivers, self._today = waivers, today
        self._used: set[Waiver] = set()

    def fitting(self, address: str, path: str = "") -> Waiver | None:
        """The one that waives this drift today. One that is over waives nothing, but is no longer for nothing."""
        fitting = [one for one in self._waivers if one.fits(address, path)]
        self._used.update(fitting)
        return next((one for one in fitting if not one.over(self._today)), None)

    def problems(self, *, all_seen: bool) -> Iterator[Problem]:
        """What is over and, where everything was looked at, what there is nothing for."""
        for one in self._waivers:
            of = f"{one.address} {one.path}".rstrip()
            if one in self._used and one.over(self._today):
                text = f"the waiver of {of} ended with {one.until}, and the drift counts again: {one.reason}"
                yield Problem(text, one.place, "apply, accept it (audit --accept ADDRESS), or write a later day")
            elif one not in self._used and all_seen:
                yield Problem(f"the waiver of {of} fits nothing", one.place, "remove it, or correct address and field")
