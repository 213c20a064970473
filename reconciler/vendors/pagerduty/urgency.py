"""How loud a service's incidents are: always the same, by the event's severity, or by its support hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear
from reconciler.kinds.moment import TimeOfDay, Zone
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire

Urgency = Literal["high", "low", "severity_based"]

_TYPE = "constant: the same at all hours; use_support_hours: one way in the service's support_hours, another outside"
_WORDS = (
    "high: each user is told by their notification rules for high urgency, which may well wake them; low: by those for "
    "low urgency; severity_based: high or low by the severity of the event, so that the sender decides"
)
_WRITE = NoClear("write high, low or severity_based")


class ConstantUrgency(Spec):
    """The same urgency at all hours."""

    type: Annotated[Literal["constant"], Field(description=_TYPE)]
    urgency: Annotated[Urgency | None, _WRITE, Field(description=_WORDS)] = None


class SupportHoursUrgency(Spec):
    """One urgency in support_hours, another outside: write support_hours beside it."""

    type: Annotated[Literal["use_support_hours"], Field(description=_TYPE)]
    during_support_hours: Annotated[Urgency | None, _WRITE, Field(description=f"while they last: {_WORDS}")] = None
    outside_support_hours: Annotated[Urgency | None, _WRITE, Field(description=f"at other times: {_WORDS}")] = None


UrgencyRule = Annotated[ConstantUrgency | SupportHoursUrgency, Field(discriminator="type")]


class SupportHours(Spec):
    """The hours in which somebody is there, the same on each of the days."""

    time_zone: Annotated[Zone | None, NoClear("write a time zone"), Field(description="IANA name")] = None
    start_time: Annotated[TimeOfDay | None, NoClear("write 09:00"), Field(description="when they begin, 09:00")] = None
    end_time: Annotated[TimeOfDay | None, NoClear("write 17:00"), Field(description="when they end, 17:00")] = None
    days_of_week: Annotated[
        list[Annotated[int, Field(ge=1, le=7)]] | None,
        NoClear("write the days"),
        Field(min_length=1, description="the days; 1 is Monday, 7 is Sunday", examples=[[1, 2, 3, 4, 5]]),
    ] = None


class ScheduledAction(Spec):
    """What becomes of open incidents when support hours begin or end."""

    at: Annotated[
        Literal["support_hours_start", "support_hours_end"], Field(description="when: as support hours begin, or end")
    ]
    to_urgency: Annotated[Literal["high"], Field(description="what open incidents of low urgency become: high")]


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _constant_to(word: Tree) -> Tree:
    return {"type": "constant", "urgency": word} if isinstance(word, str) else word


def _constant_back(raw: Tree) -> Tree:
    match raw:
        case {"type": "constant", "urgency": str(word)}:
            return word
        case _:
            return raw


_HOURS = Wire(_constant_to, _constant_back)
_RULE = {"during_support_hours": _HOURS, "outside_support_hours": _HOURS}


def _rule_back(raw: Tree) -> Tree:
    """A form of the rule is answered with the fields of the other, empty."""
    return from_wire(raw, _RULE) if isinstance(raw, Mapping) else raw


def _support_to(hours: Tree) -> Tree:
    return {"type": "fixed_time_per_day", **hours} if isinstance(hours, Mapping) else hours


def _support_back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping):
        return raw
    noise = {"type"} if raw.get("type") == "fixed_time_per_day" else set()
    return from_wire(raw, {"days_of_week": Wire(back=_sorted)}, noise)


def _sorted(days: Tree) -> Tree:
    return sorted(days) if isinstance(days, list) and all(isinstance(day, int) for day in days) else days


def _action_to(action: Tree) -> Tree:
    match action:
        case {"at": str(name)}:
            return {**action, "type": "urgency_change", "at": {"type": "named_time", "name": name}}
        case _:
            return action


def _action_back(raw: Tree) -> Tree:
    match raw:
        case {"type": "urgency_change", "at": {"name": str(name)}}:
            return {**{key: value for key, value in raw.items() if key != "type"}, "at": name}
        case _:
            return raw


URGENCY_RULE = Wire(lambda rule: to_wire(rule, _RULE) if isinstance(rule, Mapping) else rule, _rule_back)
SUPPORT_HOURS = Wire(_support_to, _support_back)
SCHEDULED_ACTION = Wire(_action_to, _action_back)

LEFT_BEHIND: Object = {"support_hours": None, "scheduled_actions": None}


def uses_support_hours(rule: Tree) -> bool:
    return isinstance(rule, Mapping) and rule.get("type") == "use_support_hours"
