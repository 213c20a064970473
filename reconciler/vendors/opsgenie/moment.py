"""Moments and time zones as Opsgenie takes and rewrites them: instants to the half hour, zones under other names."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

# ── instants ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parsed(text: Tree) -> datetime | None:
    """An instant in UTC; None where the text is none, or says no offset."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _moment(text: str) -> datetime:
    moment = parsed(text)
    if moment is None:
        raise PydanticCustomError(
            "instant", "{text} is no instant with an offset, like 2026-01-05T09:00:00Z", {"text": repr(text)}
        )
    return moment


def _to_the_minute(text: str) -> str:
    _moment(text)
    return text


def _instant(text: str) -> str:
    moment = _moment(text)
    if moment.minute % 30 or moment.second or moment.microsecond:
        raise PydanticCustomError(
            "instant", "{text}: Opsgenie counts in half hours, minutes are 00 or 30", {"text": repr(text)}
        )
    return text


def _same_instant(wanted: Tree, live: Tree) -> bool:
    one, other = parsed(wanted), parsed(live)
    return one is not None and one == other


def _instant_to(text: Tree) -> Tree:
    moment = parsed(text)
    return text if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


Instant = Annotated[str, AfterValidator(_instant)]
# Where nothing is known of a rounding.
AnyInstant = Annotated[str, AfterValidator(_to_the_minute)]
SAME_INSTANT = Same(_same_instant)
INSTANT = Wire(_instant_to)

# ── zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────

# Every month of two years: zones that differ only in the rules of other years are one to Opsgenie, too.
_SAMPLES = [datetime(year, month, 15, 12, tzinfo=UTC) for year in (2025, 2026) for month in range(1, 13)]


@cache
def _offsets(name: str) -> tuple[float, ...] | None:
    try:
        zone = ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; no form of one; a folder of zones
        return None
    offsets = (moment.astimezone(zone).utcoffset() for moment in _SAMPLES)
    return tuple(offset.total_seconds() for offset in offsets if offset is not None)


def _zone(name: str) -> str:
    if _offsets(name) is None:
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PydanticCustomError("zone", "{name} is no IANA time zone{hint}", {"name": repr(name), "hint": hint})
    return name


def _same_zone(wanted: Tree, live: Tree) -> bool:
    """The server may answer another zone of the same offsets than the one it was given."""
    if not isinstance(wanted, str) or not isinstance(live, str):
        return False
    offsets = _offsets(wanted)
    return wanted == live or (offsets is not None and offsets == _offsets(live))


Zone = Annotated[str, AfterValidator(_zone)]
SAME_ZONE = Same(_same_zone)


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _same_text(wanted: Tree, live: Tree) -> bool:
    """Trailing line breaks of a text do not survive."""
    return isinstance(wanted, str) and isinstance(live, str) and wanted.rstrip() == live.rstrip()


SAME_TEXT = Same(_same_text)
