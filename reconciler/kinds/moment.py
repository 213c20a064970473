"""Moments: instants with an offset, times of day and IANA time zones, as manifests and vendors write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.tree import Tree

# ── instants ────────────────────────────────────────────────────────────────────────────────────────────────────────


def instant(text: Tree) -> datetime | None:
    """An instant in UTC; None where the text is none, or says no offset."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def to_the_second(text: Tree) -> datetime | None:
    """The same, less what is told of parts of a second."""
    moment = instant(text)
    return None if moment is None else moment.replace(microsecond=0)


def spelled(moment: datetime) -> str:
    """As `2026-01-05T09:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def no_instant(value: Tree) -> PydanticCustomError:
    return PydanticCustomError(
        "instant", "{text} is no instant with an offset, like 2026-01-05T09:00:00Z", {"text": repr(value)}
    )


def same_when(read: Callable[[Tree], Any]) -> Same:
    """Two values are one where both can be read, as the same."""

    def same(wanted: Tree, live: Tree) -> bool:
        one, other = read(wanted), read(live)
        return one is not None and bool(one == other)

    return Same(same)


def _instant(text: str) -> str:
    if instant(text) is None:
        raise no_instant(text)
    return text


Instant = Annotated[str, AfterValidator(_instant)]

# ── zones and times of day ──────────────────────────────────────────────────────────────────────────────────────────


@cache
def zone_of(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone; no form of one; a folder of zones
        return None


def _zone(name: str) -> str:
    if zone_of(name) is None:
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PydanticCustomError("zone", "{name} is no IANA time zone{hint}", {"name": repr(name), "hint": hint})
    return name


def _with_seconds(text: str) -> str:
    return text if text.count(":") == 2 else f"{text}:00"


Zone = Annotated[str, AfterValidator(_zone)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"), AfterValidator(_with_seconds)]
