"""Time restrictions, instants and time zones as Opsgenie takes and rewrites them (sheet 3 and 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.sandbox import fields
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Invalid, items, record, text, variant, whole, word, wrong_type
from reconciler.sandbox.opsgenie.vocabulary import DAYS, RESTRICTIONS_MOST

# Sheet 6: the server may answer with another zone of the same offset. These are other names of the same zone.
ZONE_ALIASES = {
    "America/New_York": "US/Eastern",
    "Asia/Kolkata": "Asia/Calcutta",
    "Asia/Tokyo": "Japan",
    "Europe/Kyiv": "Europe/Kiev",
    "UTC": "Etc/UTC",
}

_HOURS = {"startHour": whole(0, 23), "startMin": whole(0, 59), "endHour": whole(0, 23), "endMin": whole(0, 59)}
_DAYS = {"startDay": word(*DAYS), "endDay": word(*DAYS)}
_FORMS = variant(
    "type",
    {
        "time-of-day": record({"type": text(), "restriction": record(_HOURS, _HOURS)}, ("type", "restriction")),
        "weekday-and-time-of-day": record(
            {
                "type": text(),
                "restrictions": items(record({**_DAYS, **_HOURS}, (*_DAYS, *_HOURS)), least=1, most=RESTRICTIONS_MOST),
            },
            ("type", "restrictions"),
        ),
    },
)


def restriction(value: Any, path: str) -> Obj:
    """The restriction as stored: minutes rounded, weekday items in another order; `{}` for none, as it reads back."""
    if value == {}:
        return {}
    clean: Obj = _FORMS(value, path)
    if clean["type"] == "time-of-day":
        return {**clean, "restriction": _rounded(clean["restriction"])}
    return {**clean, "restrictions": [_rounded(item) for item in reversed(clean["restrictions"])]}


def _rounded(item: Obj) -> Obj:
    result = dict(item)
    for side in ("start", "end"):
        half_hours = (item[f"{side}Hour"] * 60 + item[f"{side}Min"] + 15) // 30
        result[f"{side}Hour"], result[f"{side}Min"] = half_hours // 2 % 24, half_hours % 2 * 30
    return result


def instant(value: Any, path: str) -> str:
    """An instant rounded to the half hour, as `2026-01-05T09:00:00Z`."""
    if not isinstance(value, str):
        raise wrong_type(value, path, "an instant as text")
    try:
        return _rounded_instant(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        raise Invalid({path: f"{value!r} is no instant such as 2026-01-05T09:00:00Z"}) from None


def _rounded_instant(parsed: datetime) -> str:
    """Raises ValueError without a time zone, OverflowError beyond the calendar."""
    if parsed.tzinfo is None:
        raise ValueError("no time zone")
    moment = parsed.astimezone(UTC).replace(second=0, microsecond=0)
    rest = moment.minute % 30
    moment += timedelta(minutes=-rest if rest < 15 else 30 - rest)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def zone(value: Any, path: str) -> str:
    """A time zone, under the name the server has for it."""
    name = fields.zone(value, path)
    return ZONE_ALIASES.get(name, name)
