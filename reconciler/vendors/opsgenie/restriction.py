"""Time restrictions: `"09:00-18:00"` every day, or spans of the week as `[monday 09:00-friday 18:00]`.

Minutes are 0 or 30: the server rounds all others. At most 15 spans.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST = 15

_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")
_DAY = "|".join(DAYS)
_SPAN = re.compile(rf"({_DAY})\s+{_CLOCK}\s*-\s*({_DAY})\s+{_CLOCK}")


class RestrictionMark:
    """Marks a time restriction; read into its one spelling, spans sorted by their start."""

    def read(self, value: Any) -> str | list[str]:
        match value:
            case str():
                return _daily(value)
            case [str(), *_] if len(value) <= MOST and all(isinstance(span, str) for span in value):
                return sorted({_span(span) for span in value}, key=_start)
            case [] | [_, *_]:
                raise PydanticCustomError("restriction", "from 1 to 15 spans like monday 09:00-friday 18:00", {})
            case _:
                raise PydanticCustomError("restriction", _HOW, {})

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        clock = r"([01]?[0-9]|2[0-3]):(00|30)"
        span = {"type": "string", "pattern": rf"^({_DAY})\s+{clock}\s*-\s*({_DAY})\s+{clock}$"}
        daily = {"type": "string", "pattern": rf"^{clock}\s*-\s*{clock}$"}
        return {"anyOf": [daily, {"type": "array", "items": span, "minItems": 1, "maxItems": MOST}]}


_HOW = 'write "09:00-18:00" for every day, or a list like [monday 09:00-friday 18:00]'

TimeRestriction = Annotated[Any, RestrictionMark()]


def _daily(text: str) -> str:
    found = _DAILY.fullmatch(text.strip())
    if found is None:
        raise PydanticCustomError("restriction", "{text} is no time of day: " + _HOW, {"text": repr(text)})
    return f"{_time(found[1], found[2])}-{_time(found[3], found[4])}"


def _span(text: str) -> str:
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise PydanticCustomError("restriction", "{text} is no span of the week: " + _HOW, {"text": repr(text)})
    return f"{found[1]} {_time(found[2], found[3])}-{found[4]} {_time(found[5], found[6])}"


def _time(hour: str, minute: str) -> str:
    if minute not in ("00", "30"):
        raise PydanticCustomError(
            "restriction", "{time}: Opsgenie counts in half hours, minutes are 00 or 30", {"time": f"{hour}:{minute}"}
        )
    return f"{int(hour):02}:{minute}"


def _start(span: str) -> tuple[int, str]:
    day, rest = span.split(" ", 1)
    return DAYS.index(day), rest


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _to(value: Tree) -> Tree:
    match value:
        case str():
            return {"type": "time-of-day", "restriction": _hours(*value.split("-"))}
        case list():
            return {"type": "weekday-and-time-of-day", "restrictions": [_span_to(span) for span in value]}
        case _:
            return value


def _span_to(span: str) -> Object:
    start, end = span.split("-")
    (first, opens), (last, closes) = start.split(" "), end.split(" ")
    return {"startDay": first, "endDay": last, **_hours(opens, closes)}


def _hours(start: str, end: str) -> Object:
    (start_hour, start_minute), (end_hour, end_minute) = start.split(":"), end.split(":")
    return {
        "startHour": int(start_hour),
        "startMin": int(start_minute),
        "endHour": int(end_hour),
        "endMin": int(end_minute),
    }


def _back(raw: Tree) -> Tree:
    """None where there is none: that reads back as an empty object of either form."""
    match raw:
        case {"type": "time-of-day", "restriction": {"startHour": int(), "endHour": int()} as item}:
            return _hours_back(item)
        case {"type": "weekday-and-time-of-day", "restrictions": [_, *_] as items} if all(map(_is_span, items)):
            return sorted((_span_back(item) for item in items), key=_start)
        case {"restrictions": [_, *_]} | {"restriction": {"startHour": _}}:
            return raw
        case _:
            return None


def _is_span(item: Tree) -> bool:
    match item:
        case {"startDay": str(first), "endDay": str(last), "startHour": int(), "endHour": int()}:
            return first.lower() in DAYS and last.lower() in DAYS
        case _:
            return False


def _span_back(item: Object) -> str:
    opens, closes = _hours_back(item).split("-")
    return f"{item['startDay'].lower()} {opens}-{item['endDay'].lower()} {closes}"


def _hours_back(item: Object) -> str:
    start, end = item.get("startMin") or 0, item.get("endMin") or 0
    return f"{item['startHour']:02}:{start:02}-{item['endHour']:02}:{end:02}"


TIME_RESTRICTION = Wire(_to, _back)
