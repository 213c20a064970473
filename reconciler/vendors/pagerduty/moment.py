"""Moments as PagerDuty takes them: to the minute, in any offset."""

from __future__ import annotations

from datetime import datetime

from reconciler.kinds import moment as moments
from reconciler.kinds.moment import instant, same_when
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire


def parsed(text: Tree) -> datetime | None:
    """An instant in UTC, to the minute; None where the text is none, or says no offset."""
    moment = instant(text)
    return None if moment is None else _whole(moment)


def spelled(moment: datetime) -> str:
    return moments.spelled(_whole(moment))


def is_past(text: Tree, now: datetime) -> bool:
    return moments.is_past(parsed(text), now)


def _whole(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _to(text: Tree) -> Tree:
    moment = parsed(text)
    return text if moment is None else spelled(moment)


SAME_INSTANT = same_when(parsed)
INSTANT = Wire(_to)
