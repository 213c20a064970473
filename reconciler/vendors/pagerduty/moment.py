"""Moments as PagerDuty takes and answers them: instants to the minute in any offset, zones, times of day."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

# ── instants ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parsed(text: Tree) -> datetime | None:
    """An instant in UTC, to the minute; None where the text is none, or says no offset."""
    moment = exact(text)
    return None if moment is None else moment.replace(second=0)


def exact(text: Tree) -> datetime | None:
    """The same to the second, for what is told apart by when it was."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(microsecond=0) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def spelled(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:00Z}"


def is_past(text: Tree, now: datetime) -> bool:
    moment = parsed(text)
    return moment is not None and moment <= now


def _instant(text: str) -> str:
    if parsed(text) is None:
        raise PydanticCustomError(
            "instant", "{text} is no instant with an offset, like 2026-01-05T09:00:00Z", {"text": repr(text)}
        )
    return text


def _same_instant(wanted: Tree, live: Tree) -> bool:
    one, other = parsed(wanted), parsed(live)
    return one is not None and one == other


def _to(text: Tree) -> Tree:
    moment = parsed(text)
    return text if moment is None else spelled(moment)


Instant = Annotated[str, AfterValidator(_instant)]
SAME_INSTANT = Same(_same_instant)
INSTANT = Wire(_to)

# ── zones and times of day ──────────────────────────────────────────────────────────────────────────────────────────


@cache
def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; no form of one; a folder of zones
        return False
    return True


def _zone(name: str) -> str:
    if not _known(name):
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PydanticCustomError("zone", "{name} is no IANA time zone{hint}", {"name": repr(name), "hint": hint})
    return name


def _with_seconds(text: str) -> str:
    return text if text.count(":") == 2 else f"{text}:00"


Zone = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"), AfterValidator(_with_seconds)]
