"""Moments and time zones as Opsgenie takes and rewrites them: instants to the half hour, zones under other names."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.moment import instant, no_instant, same_when, spelled, zone_of
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

# ── instants ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _to_the_half_hour(text: str) -> str:
    moment = instant(text)
    if moment is None:
        raise no_instant(text)
    if moment.minute % 30 or moment.second or moment.microsecond:
        raise PydanticCustomError(
            "instant", "{text}: Opsgenie counts in half hours, minutes are 00 or 30", {"text": repr(text)}
        )
    return text


def _instant_to(text: Tree) -> Tree:
    moment = instant(text)
    return text if moment is None else spelled(moment)


HalfHour = Annotated[str, AfterValidator(_to_the_half_hour)]
SAME_INSTANT = same_when(instant)
INSTANT = Wire(_instant_to)

# ── zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────

# Every month of two years: zones that differ only in the rules of other years are one to Opsgenie, too.
_SAMPLES = [datetime(year, month, 15, 12, tzinfo=UTC) for year in (2025, 2026) for month in range(1, 13)]


@cache
def _offsets(name: str) -> tuple[float, ...] | None:
    zone = zone_of(name)
    if zone is None:
        return None
    offsets = (moment.astimezone(zone).utcoffset() for moment in _SAMPLES)
    return tuple(offset.total_seconds() for offset in offsets if offset is not None)


def _same_zone(wanted: Tree, live: Tree) -> bool:
    """The server may answer another zone of the same offsets than the one it was given."""
    if not isinstance(wanted, str) or not isinstance(live, str):
        return False
    offsets = _offsets(wanted)
    return wanted == live or (offsets is not None and offsets == _offsets(live))


SAME_ZONE = Same(_same_zone)


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _same_text(wanted: Tree, live: Tree) -> bool:
    """Trailing line breaks of a text do not survive."""
    return isinstance(wanted, str) and isinstance(live, str) and wanted.rstrip() == live.rstrip()


SAME_TEXT = Same(_same_text)
