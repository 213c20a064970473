"""Moments as Datadog takes and answers them: instants to the second, local times without an offset, zones."""

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

# ── instants ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parsed(text: Tree) -> datetime | None:
    """An instant in UTC, to the second; None where the text is none, or says no offset."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(microsecond=0) if moment.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def spelled(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_past(text: Tree, now: datetime) -> bool:
    moment = parsed(text)
    return moment is not None and moment <= now


def _instant(text: str) -> str:
    if parsed(text) is None:
        raise PydanticCustomError(
            "instant", "{text} is no instant with an offset, like 2026-09-05T01:00:00Z", {"text": repr(text)}
        )
    return text


def _same_instant(wanted: Tree, live: Tree) -> bool:
    one, other = parsed(wanted), parsed(live)
    return one is not None and one == other


Instant = Annotated[str, AfterValidator(_instant)]
SAME_INSTANT = Same(_same_instant)

# ── local times, as a recurrence begins ─────────────────────────────────────────────────────────────────────────────


def local(text: Tree) -> datetime | None:
    """A date and time without an offset, to the second."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo else moment.replace(microsecond=0)


def _local(text: str) -> str:
    if local(text) is None:
        raise PydanticCustomError(
            "local_time", "{text} is no time without an offset, like 2026-09-05T01:00:00", {"text": repr(text)}
        )
    return text


def _same_local(wanted: Tree, live: Tree) -> bool:
    one, other = local(wanted), local(live)
    return one is not None and one == other


LocalTime = Annotated[str, AfterValidator(_local)]
SAME_LOCAL = Same(_same_local)

# ── zones ───────────────────────────────────────────────────────────────────────────────────────────────────────────


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


Zone = Annotated[str, AfterValidator(_zone)]
