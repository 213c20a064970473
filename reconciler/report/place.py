"""Place: a file, line and column of a report's text, apart again, for what points at lines."""

from __future__ import annotations

import re
from typing import NamedTuple

_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?$")


class Spot(NamedTuple):
    """Line and column from 1."""

    file: str
    line: int
    column: int


def spot(place: str | None) -> Spot | None:
    """Where a place leads; None where it names none."""
    found = _PLACE.fullmatch(place or "")
    return Spot(found["file"], int(found["line"] or 1), int(found["column"] or 1)) if found else None
