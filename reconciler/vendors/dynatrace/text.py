"""Texts as settings have them: not blank, without space around, dates and times without an offset, beside a zone.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.moment import zone_of
from reconciler.kinds.tree import Tree


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "it is blank", {})
    return text


def _trimmed(text: str) -> str:
    if text != text.strip():
        raise PydanticCustomError("space", "{text} begins or ends with a space", {"text": repr(text)})
    return _filled(text)


Filled = Annotated[str, AfterValidator(_filled)]
Trimmed = Annotated[str, AfterValidator(_trimmed)]

# ── times ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _moment(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%dT%H:%M:%S}"
    except ValueError:
        words = "{text} is no date and time, like 2026-01-05T22:00:00"
        raise PydanticCustomError("local_date_time", words, {"text": repr(text)}) from None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        words = "{text} is no date, like 2026-01-05"
        raise PydanticCustomError("local_date", words, {"text": repr(text)}) from None


_WITHOUT_OFFSET = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")
LocalDateTime = Annotated[str, _WITHOUT_OFFSET, AfterValidator(_moment)]
LocalDate = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_day)]


def instant(moment: Tree, zone: Tree) -> datetime | None:
    """A local date and time as an instant in UTC; None where one of the two is none."""
    try:
        there = zone_of(zone or "UTC")
        return None if there is None else datetime.fromisoformat(moment).replace(tzinfo=there).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def end_of_day(day: Tree) -> str | None:
    try:
        return f"{date.fromisoformat(day)}T{time.max:%H:%M:%S}"
    except (TypeError, ValueError):
        return None
