"""The layers of a PagerDuty schedule: what a write makes of them, and how they are shown (sheet 3.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, items, nullable, text, whole, word
from reconciler.sandbox.pagerduty.body import TIME_OF_DAY, instant, known, link_id, moment
from reconciler.sandbox.pagerduty.reference import needed, pointed
from reconciler.sandbox.pagerduty.tenant import Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import DAY, RESTRICTION_TYPES, TURN_LONGEST, TURN_SHORTEST

RESTRICTION: dict[str, Check] = {
    "type": word(*RESTRICTION_TYPES),
    "start_time_of_day": TIME_OF_DAY,
    "duration_seconds": whole(1, 7 * DAY - 1),
    "start_day_of_week": nullable(whole(0, 7)),
}


def _restriction(value: Any, path: str) -> Obj:
    clean: Obj = known(RESTRICTION, ("type", "start_time_of_day", "duration_seconds"))(value, path)
    day = clean.pop("start_day_of_week", None)
    if clean["type"] == "weekly_restriction":
        if not day:
            raise Invalid({f"{path}.start_day_of_week": "is required"})
        return {**clean, "start_day_of_week": day}
    if clean["duration_seconds"] >= DAY:
        raise Invalid({f"{path}.duration_seconds": "must be shorter than a day"})
    return {**clean, "start_day_of_week": 0}  # the server may answer 0 for daily


_USER = known({"user": link_id("user")}, ("user",))
FIELDS: dict[str, Check] = {
    "id": nullable(text(least=1)),
    "name": nullable(text()),
    "start": instant,
    "end": nullable(instant),
    "rotation_virtual_start": instant,
    "rotation_turn_length_seconds": whole(TURN_SHORTEST, TURN_LONGEST),
    "users": items(_USER, least=1),
    "restrictions": nullable(items(_restriction)),
}
_NEEDED = ("start", "rotation_virtual_start", "rotation_turn_length_seconds", "users")
_NEW = known(FIELDS, _NEEDED)
_SAME = known(FIELDS)


def layer(value: Any, path: str) -> Any:
    """A layer with an id is one that is there, and may say only what changes."""
    has_id = isinstance(value, dict) and value.get("id")
    return (_SAME if has_id else _NEW)(value, path)


def settled(tenant: Tenant, before: list[Obj], sent: list[Obj]) -> list[Obj]:
    """The layers as stored and read: in reverse of the sent order. One not sent stays, since none is ever deleted."""
    there = {part["id"]: part for part in before}
    named = [part["id"] for part in sent if part.get("id")]
    unknown = [ident for ident in named if ident not in there]
    if unknown or len(set(named)) < len(named):
        raise invalid(f"Schedule layers not found: {', '.join(unknown or named)}")
    kept = [_changed(tenant, there[part["id"]], part) if part.get("id") else _new(tenant, part) for part in sent]
    return [*reversed(kept), *(part for part in before if part["id"] not in named)]


def _users(tenant: Tenant, part: Obj) -> list[str]:
    users = [member["user"] for member in part["users"]]
    needed(tenant, "user", users, "User")
    return users


def _new(tenant: Tenant, part: Obj) -> Obj:
    ident, now = tenant.ident(), tenant.stamp()
    made = {
        "id": ident,
        "name": part.get("name") or f"Layer {ident}",
        "start": max(part["start"], now),
        "end": part.get("end"),
        "rotation_virtual_start": part["rotation_virtual_start"],
        "rotation_turn_length_seconds": part["rotation_turn_length_seconds"],
        "users": _users(tenant, part),
        "restrictions": part.get("restrictions") or [],
        "anchor": part["rotation_virtual_start"],
    }
    return _in_order(made)


def _changed(tenant: Tenant, before: Obj, part: Obj) -> Obj:
    now = tenant.stamp()
    given = {key: value for key, value in part.items() if value is not None or key == "end"}
    after = {**before, **given}
    if "start" in given and given["start"] < now:
        after["start"] = min(before["start"], now) if before["start"] < now else now
    if given.get("end"):
        after["end"] = max(given["end"], now) if before["end"] is None or before["end"] > now else before["end"]
    if "rotation_virtual_start" in given:
        after["anchor"] = given["rotation_virtual_start"]
    if "users" in given:
        after["users"] = _users(tenant, given)
        after["anchor"] = now  # sent again, changed or not, the turns begin anew: somebody else is on call
    return _in_order(after)


def _in_order(part: Obj) -> Obj:
    if part["end"] and part["end"] < part["start"]:
        raise Invalid({"schedule_layers.end": "must be later than start"})
    return part


def local(value: str, name: str) -> str:
    """An instant in the schedule's own zone: answers have another offset than was sent."""
    return moment(value).astimezone(ZoneInfo(name)).isoformat()


def shown(tenant: Tenant, part: Obj, zone_name: str, entries: list[Obj], coverage: float | None) -> Obj:
    users = [user for user in (pointed(tenant, "user", ident) for ident in part["users"]) if user]
    times = {
        key: local(part[key], zone_name) if part[key] else None for key in ("start", "end", "rotation_virtual_start")
    }
    bare = {key: part[key] for key in ("id", "name", "rotation_turn_length_seconds", "restrictions")}
    rendered = {"rendered_schedule_entries": entries, "rendered_coverage_percentage": coverage}
    return {**bare, **times, "users": [{"user": user} for user in users], **rendered}


def lives(part: Obj, now: datetime) -> bool:
    """Whether the layer has not ended."""
    return part["end"] is None or moment(part["end"]) > now
