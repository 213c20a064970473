"""Durations as Opsgenie has them, `{timeAmount, timeUnit}`: minutes with us, in whatever unit they come back."""

from __future__ import annotations

from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

_MINUTES = {"minutes": 1, "hours": 60, "days": 1440}


def _to(minutes: Tree) -> Tree:
    return {"timeAmount": minutes, "timeUnit": "minutes"} if isinstance(minutes, int) else minutes


def _back(raw: Tree) -> Tree:
    """A unit smaller than minutes stands as it is: no manifest can say it."""
    match raw:
        case {"timeAmount": int(amount)} if raw.get("timeUnit", "minutes") in _MINUTES:
            return amount * _MINUTES[raw.get("timeUnit", "minutes")]
        case _:
            return raw


DURATION = Wire(_to, _back)
