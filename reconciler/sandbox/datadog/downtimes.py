"""Downtimes (sheet 7): one-time or recurring, cancelled rather than deleted."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog import monitors, recurrence
from reconciler.sandbox.datadog.body import closed, data, number, truth, words
from reconciler.sandbox.datadog.tenant import Refusal, Tenant, iso
from reconciler.sandbox.datadog.vocabulary import END_STATES, END_TYPES, RECURRENCES_MOST, UUID
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, nullable, text, whole, word, zone
from reconciler.sandbox.routes import Call, Route

KIND = "downtime"
USER = "00000000-0000-4000-8000-0000000000a1"
YEARS = range(1971, 3000)  # so that no sum of times leaves what dates can say


def _moment(value: Any, path: str, offset: bool) -> datetime:
    written = text(least=1)(value, path)
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        raise Invalid({path: f"is no date and time: {written!r}"}) from None
    if parsed.year not in YEARS or (parsed.tzinfo is not None) != offset:
        raise Invalid({path: f"must {'' if offset else 'not '}have a UTC offset: {written!r}"})
    return parsed


def _instant(value: Any, path: str) -> str:
    return iso(_moment(value, path, offset=True))


def _local(value: Any, path: str) -> str:
    return _moment(value, path, offset=False).isoformat(timespec="seconds")


RECURRENCE: dict[str, Check] = {
    "rrule": recurrence.rule_text,
    "duration": recurrence.duration_text,
    "start": nullable(_local),
}
RECURRING = closed(
    {
        "recurrences": items(closed(RECURRENCE, ("rrule", "duration")), least=1, most=RECURRENCES_MOST),
        "timezone": zone,
    },
    ("recurrences",),
)
ONCE = closed({"start": nullable(_instant), "end": nullable(_instant)})


def _schedule(value: Any, path: str) -> Obj:
    checked = RECURRING if isinstance(value, dict) and "recurrences" in value else ONCE
    schedule: Obj = checked(value, path)
    return schedule


def _check_keys(tags: list[str]) -> None:
    if not all(tag == "*" or (":" in tag and not tag.startswith(":")) for tag in tags):
        raise Refusal(400, "All values must have a key")


def _scope(value: Any, path: str) -> str:
    written = str(text(least=1)(value, path))
    _check_keys([part for part in re.split(r"[\s(),]+", written) if part and part not in ("AND", "OR", "NOT", "-")])
    return written


def _identifier(value: Any, path: str) -> Obj:
    one: Check = closed({"monitor_id": whole(1), "monitor_tags": items(text(least=1), least=1)})
    found: Obj = one(value, path)
    if len(found) != 1:
        raise Invalid({path: "must have one of monitor_id, monitor_tags"})
    _check_keys(found.get("monitor_tags", []))
    return found


FIELDS: dict[str, Check] = {
    "scope": _scope,
    "monitor_identifier": _identifier,
    "schedule": nullable(_schedule),
    "message": nullable(text()),
    "display_timezone": nullable(lambda value, path: "UTC" if value == "" else zone(value, path)),
    "mute_first_recovery_notification": flag,
    "notify_end_states": items(word(*END_STATES)),
    "notify_end_types": items(word(*END_TYPES)),
}
NEW = closed(FIELDS, ("scope", "monitor_identifier"))
CHANGED = closed(FIELDS)
BLANK: Obj = {
    "schedule": None,
    "message": None,
    "display_timezone": "UTC",
    "mute_first_recovery_notification": False,
    "notify_end_states": list(END_STATES),
    "notify_end_types": ["expired"],
    "canceled": None,
}


def _started(tenant: Tenant, schedule: Obj | None) -> Obj:
    """The schedule with now in the place of every start that is not given; windows of at least a minute."""
    now = tenant.clock.now()
    if schedule is not None and "recurrences" in schedule:
        place = schedule.get("timezone", "UTC")
        local = now.astimezone(ZoneInfo(place)).replace(tzinfo=None).isoformat(timespec="seconds")
        rules = [{**rule, "start": rule.get("start") or local} for rule in schedule["recurrences"]]
        return {"recurrences": rules, "timezone": place}
    start = (schedule or {}).get("start") or iso(now, precise=True)
    end = (schedule or {}).get("end")
    if end is not None and datetime.fromisoformat(end) - datetime.fromisoformat(start) < timedelta(minutes=1):
        raise Refusal(400, "Invalid payload: a downtime must last at least one minute")
    return {"start": start, "end": end}


def status(tenant: Tenant, downtime: Obj) -> str:
    now, schedule = tenant.clock.now(), downtime["schedule"]
    if downtime["canceled"]:
        return "canceled"
    if "recurrences" in schedule:
        window = recurrence.current(schedule, now)
        return "ended" if window is None else "active" if window[0] <= now else "scheduled"
    if schedule["end"] and datetime.fromisoformat(schedule["end"]) <= now:
        return "ended"
    return "scheduled" if datetime.fromisoformat(schedule["start"]) > now else "active"


def _check_alone(tenant: Tenant, downtime: Obj, own: str | None) -> None:
    parts = ("scope", "monitor_identifier", "schedule")
    alike = [
        other["id"]
        for other in tenant.of("downtimes")
        if other["id"] != own
        and all(other[part] == downtime[part] for part in parts)
        and status(tenant, other) in ("active", "scheduled")
    ]
    if alike:
        said = f"The downtime being created is a duplicate of one or more existing downtimes: {alike}"
        raise Refusal(400, said)


def made(tenant: Tenant, value: Any) -> Obj:
    body = NEW(value, "")
    now = tenant.stamp()
    downtime = {**BLANK, **body, "schedule": _started(tenant, body.get("schedule")), "created": now, "modified": now}
    downtime["display_timezone"] = downtime["display_timezone"] or "UTC"
    _check_alone(tenant, downtime, None)
    return tenant.add("downtimes", {"id": tenant.mint(), **downtime})


def changed(tenant: Tenant, before: Obj, value: Any) -> Obj:
    if before["canceled"]:
        raise Refusal(400, "A canceled downtime cannot be updated")
    body = CHANGED(value, "")
    after = {**before, **body, "modified": tenant.stamp()}
    if "schedule" in body:
        recurring = "recurrences" in before["schedule"]
        if recurring and body["schedule"] != before["schedule"] and status(tenant, before) == "active":
            raise Refusal(400, "The schedule of a recurring downtime cannot be changed while it is active")
        after["schedule"] = _started(tenant, body["schedule"])
    after["display_timezone"] = after["display_timezone"] or "UTC"
    _check_alone(tenant, after, before["id"])
    return tenant.of("downtimes").put(after)


def cancelled(tenant: Tenant, downtime: Obj) -> None:
    if not downtime["canceled"]:
        now = tenant.stamp()
        tenant.of("downtimes").put({**downtime, "canceled": now, "modified": now})


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _found(tenant: Tenant, call: Call) -> Obj:
    ident = call.params["id"]
    if not re.fullmatch(UUID, ident):
        raise Refusal(400, "Invalid URL param: downtime_id must be an uuid")
    downtime = tenant.of("downtimes").get(ident)
    if downtime is None:
        raise Refusal(404, f"Downtime {ident} not found")
    return downtime


def _timed(tenant: Tenant, schedule: Obj) -> Obj:
    if "recurrences" not in schedule:
        return schedule
    window = recurrence.current(schedule, tenant.clock.now())
    shown = {"start": iso(window[0]), "end": iso(window[1])} if window else None
    return {**schedule, "current_downtime": shown}


def _shown(tenant: Tenant, downtime: Obj, related: bool = True) -> Obj:
    kept = {key: part for key, part in downtime.items() if key != "id"}
    attributes = {
        **kept,
        "status": status(tenant, downtime),
        "schedule": _timed(tenant, downtime["schedule"]),
        "notify_end_states": tenant.shuffled(downtime["notify_end_states"]),
    }
    shown: Obj = {"id": downtime["id"], "type": KIND, "attributes": attributes}
    if related:
        monitor = downtime["monitor_identifier"].get("monitor_id")
        link = None if monitor is None else {"type": "monitors", "id": str(monitor)}
        shown["relationships"] = {"created_by": {"data": {"type": "users", "id": USER}}, "monitor": {"data": link}}
    return shown


def _included(tenant: Tenant, downtimes: list[Obj], kinds: set[str]) -> list[Obj]:
    person = {"name": "Ann", "handle": "ann@example.com", "email": "ann@example.com"}
    shown: list[Obj] = [{"type": "users", "id": USER, "attributes": person}] if "created_by" in kinds else []
    named = {downtime["monitor_identifier"].get("monitor_id") for downtime in downtimes}
    if "monitor" in kinds:
        shown += [
            {"type": "monitors", "id": monitor["id"], "attributes": {"name": monitor["name"]}}
            for monitor in tenant.of("monitors")
            if monitor["id"] in named
        ]
    return shown


def _includes(call: Call) -> set[str]:
    kinds = set(words(call, "include"))
    if kinds - {"created_by", "monitor"}:
        raise Refusal(400, f"The value provided for parameter 'include' is invalid: {call.query['include']}")
    return kinds


def _list(tenant: Tenant, call: Call) -> Answer:
    kinds, offset, size = _includes(call), number(call, "page[offset]", 0), number(call, "page[limit]", 30, least=1)
    downtimes = tenant.listed("downtimes")
    if truth(call, "current_only"):
        downtimes = [downtime for downtime in downtimes if status(tenant, downtime) == "active"]
    page = downtimes[offset : offset + size]
    body: Obj = {"data": [_shown(tenant, downtime, bool(kinds)) for downtime in page]}
    if kinds:
        body["included"] = _included(tenant, page, kinds)
    return tenant.api(200, {**body, "meta": {"page": {"total_filtered_count": len(downtimes)}}})


def _create(tenant: Tenant, call: Call) -> Answer:
    downtime = made(tenant, data(call, KIND))
    included = _included(tenant, [downtime], {"created_by", "monitor"})
    return tenant.api(200, {"data": _shown(tenant, downtime), "included": included})


def _read(tenant: Tenant, call: Call) -> Answer:
    downtime, kinds = _found(tenant, call), _includes(call)
    body: Obj = {"data": _shown(tenant, downtime, bool(kinds))}
    return tenant.api(200, {**body, "included": _included(tenant, [downtime], kinds)} if kinds else body)


def _update(tenant: Tenant, call: Call) -> Answer:
    before = _found(tenant, call)
    downtime = changed(tenant, before, data(call, KIND, (before["id"], "")))  # an empty id is let through (sheet 7)
    return tenant.api(200, {"data": _shown(tenant, downtime)})


def _cancel(tenant: Tenant, call: Call) -> Answer:
    cancelled(tenant, _found(tenant, call))
    return tenant.reply(204)


def _matches(tenant: Tenant, call: Call) -> Answer:
    """The active downtimes that name the monitor, or tags it bears."""
    monitor = monitors.found(tenant, call)
    rows = []
    for downtime in tenant.of("downtimes"):
        named = downtime["monitor_identifier"]
        tags = set(named.get("monitor_tags", ()))
        fits = named.get("monitor_id") == monitor["id"] or (bool(tags) and tags - {"*"} <= set(monitor["tags"]))
        if fits and status(tenant, downtime) == "active":
            timed = _timed(tenant, downtime["schedule"])
            window = timed.get("current_downtime") or timed
            attributes = {"scope": downtime["scope"], "groups": [], "start": window["start"], "end": window["end"]}
            rows.append({"id": downtime["id"], "type": "downtime_match", "attributes": attributes})
    offset, size = number(call, "page[offset]", 0), number(call, "page[limit]", 30, least=1)
    meta = {"page": {"total_filtered_count": len(rows)}}
    return tenant.api(200, {"data": rows[offset : offset + size], "meta": meta})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/api/v2/downtime", _list),
    Route("POST", "/api/v2/downtime", _create),
    Route("GET", "/api/v2/downtime/{id}", _read),
    Route("PATCH", "/api/v2/downtime/{id}", _update),
    Route("DELETE", "/api/v2/downtime/{id}", _cancel),
    Route("GET", "/api/v2/monitor/{id}/downtime_matches", _matches),
)
