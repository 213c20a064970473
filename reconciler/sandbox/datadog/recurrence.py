"""When a recurring downtime is: the common part of RRULE, day by day or hour by hour (sheet 7)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.vocabulary import FREQUENCIES
from reconciler.sandbox.fields import Invalid, text

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
AHEAD = timedelta(days=800)
LONGEST = 40_000  # steps looked at, so that a rule of long ago comes to an end
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
FORBIDDEN = ("DTSTART", "DTEND", "DURATION")


def rule_text(value: Any, path: str) -> str:
    written = text(least=1)(value, path)
    parts = dict(part.split("=", 1) for part in written.split(";") if "=" in part)
    if parts.get("FREQ") not in FREQUENCIES or any("=" not in part for part in written.split(";")):
        raise Invalid({path: f"is no rule of hourly or coarser frequency: {written!r}"})
    if any(part in FORBIDDEN for part in parts):
        raise Invalid({path: f"must not hold {', '.join(FORBIDDEN)}"})
    for part in ("INTERVAL", "COUNT"):
        if part in parts and not re.fullmatch(r"[1-9]\d{0,4}", parts[part]):
            raise Invalid({path: f"has a wrong {part}: {parts[part]!r}"})
    if "UNTIL" in parts and _until(parts["UNTIL"]) is None:
        raise Invalid({path: f"has a wrong UNTIL: {parts['UNTIL']!r}"})
    if not all(re.fullmatch(r"[+-]?\d?(MO|TU|WE|TH|FR|SA|SU)", day) for day in _listed(parts, "BYDAY")):
        raise Invalid({path: f"has a wrong BYDAY: {parts['BYDAY']!r}"})
    for part in ("BYMONTHDAY", "BYMONTH"):
        if not all(re.fullmatch(r"-?[1-9]\d?", one) for one in _listed(parts, part)):
            raise Invalid({path: f"has a wrong {part}: {parts[part]!r}"})
    return str(written)


def duration_text(value: Any, path: str) -> str:
    return str(text(pattern=r"[1-9]\d{0,4}[mhdw]")(value, path))


def length(written: str) -> timedelta:
    return timedelta(**{UNITS[written[-1]]: int(written[:-1])})


def _listed(parts: dict[str, str], key: str) -> list[str]:
    return parts[key].split(",") if key in parts else []


def _until(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        return None


@dataclass(frozen=True)
class Rule:
    """One recurrence, its start in local time."""

    parts: dict[str, str]
    start: datetime

    def moments(self) -> Iterator[datetime]:
        """When it begins, in local time, at most `COUNT` times and until `UNTIL`."""
        until = _until(self.parts["UNTIL"]) if "UNTIL" in self.parts else None
        count = int(self.parts["COUNT"]) if "COUNT" in self.parts else None
        step = timedelta(hours=1) if self.parts["FREQ"] == "HOURLY" else timedelta(days=1)
        steps = (self.start + step * number for number in range(LONGEST))
        for moment in islice((one for one in steps if self._fits(one)), count):
            if until is not None and moment > until:
                return
            yield moment

    def _fits(self, moment: datetime) -> bool:
        every = int(self.parts.get("INTERVAL", "1"))
        return self._passed(moment) % every == 0 and self._fits_day(moment)

    def _passed(self, moment: datetime) -> int:
        """How many periods of the frequency lie between the start and this moment."""
        match self.parts["FREQ"]:
            case "HOURLY":
                return int((moment - self.start).total_seconds() // 3600)
            case "DAILY":
                return (moment.date() - self.start.date()).days
            case "WEEKLY":
                first = self.start.date() - timedelta(days=self.start.weekday())
                return (moment.date() - first).days // 7
            case "MONTHLY":
                return (moment.year - self.start.year) * 12 + moment.month - self.start.month
            case _:
                return moment.year - self.start.year

    def _fits_day(self, moment: datetime) -> bool:
        last = monthrange(moment.year, moment.month)[1]
        days, dates = _listed(self.parts, "BYDAY"), _listed(self.parts, "BYMONTHDAY")
        months = _listed(self.parts, "BYMONTH")
        if months and str(moment.month) not in months:
            return False
        if days and not any(_is_day(day, moment, last) for day in days):
            return False
        if dates and not {str(moment.day), str(moment.day - last - 1)} & set(dates):
            return False
        if days or dates:
            return True
        match self.parts["FREQ"]:
            case "WEEKLY":
                return moment.weekday() == self.start.weekday()
            case "MONTHLY":
                return moment.day == self.start.day
            case "YEARLY":
                return moment.day == self.start.day and (bool(months) or moment.month == self.start.month)
            case _:
                return True


def _is_day(written: str, moment: datetime, last: int) -> bool:
    """Whether it is this weekday; `2TU` is the second of the month, `-1FR` the last."""
    if DAYS[moment.weekday()] != written[-2:]:
        return False
    which = written[:-2]
    return not which or int(which) in ((moment.day - 1) // 7 + 1, -((last - moment.day) // 7 + 1))


def current(schedule: Obj, now: datetime) -> tuple[datetime, datetime] | None:
    """The window that is on, else the next one; `None` when there is no more."""
    zone = ZoneInfo(schedule["timezone"])
    windows = []
    for part in schedule["recurrences"]:
        rule = Rule(dict(one.split("=", 1) for one in part["rrule"].split(";")), datetime.fromisoformat(part["start"]))
        long = length(part["duration"])
        for moment in rule.moments():
            begins = moment.replace(tzinfo=zone).astimezone(UTC)
            if begins + long > now:
                windows.append((begins, begins + long))
                break
            if begins > now + AHEAD:
                break
    return min(windows, default=None)
