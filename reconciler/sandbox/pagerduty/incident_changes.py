"""What happens to a PagerDuty incident: status, assignment, snooze, merge, notes (sheet 3.14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, items, nullable, text, whole, word
from reconciler.sandbox.pagerduty import incidents, paging, standing
from reconciler.sandbox.pagerduty.body import known, link_id, moment, unwrapped
from reconciler.sandbox.pagerduty.family import sender
from reconciler.sandbox.pagerduty.reference import found, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Refusal, Tenant, arguments, invalid, not_found, zulu
from reconciler.sandbox.pagerduty.vocabulary import (
    INCIDENT_STATUSES,
    INCIDENTS_AT_ONCE,
    NOTES_MOST,
    SNOOZE_LONGEST,
    URGENCIES,
)
from reconciler.sandbox.routes import Call, Route


def _priority(value: Any, path: str) -> Any:
    """A reference, or the id alone (as S has it for updates)."""
    return value if isinstance(value, str) and value else link_id("priority")(value, path)


FIELDS: dict[str, Check] = {
    "id": text(least=1),
    "type": word("incident", "incident_reference"),
    "status": word(*INCIDENT_STATUSES),
    "resolution": nullable(text()),
    "title": text(least=1),
    "urgency": word(*URGENCIES),
    "priority": nullable(_priority),
    "escalation_level": whole(least=1),
    "assignments": nullable(items(incidents.ASSIGNMENT)),
    "escalation_policy": nullable(link_id("escalation_policy")),
    "service": link_id("service"),
    "incident_type": nullable(known({"name": text(least=1)})),
    "conference_bridge": nullable(incidents.BRIDGE),
}
_CHANGE = known(FIELDS, ("type",))
_ONE_OF_MANY = known(FIELDS, ("id", "type"))


def changed(tenant: Tenant, stored: Obj, body: Obj, who: str | None) -> Obj:
    """The incident with a change. A resolved one takes nothing but a status that opens it again."""
    incident = standing.current(tenant, stored)
    if incident["status"] == "resolved" and body.get("status", "resolved") == "resolved":
        raise Refusal(400, 1001, "Incident Already Resolved")
    if body.get("resolution") and body.get("status") != "resolved":
        raise arguments("Resolution can be given only with the status resolved")
    plain = ("title", "urgency", "priority", "incident_type", "conference_bridge")
    after = {**incident, **{key: body[key] for key in plain if key in body}, "updated_at": tenant.stamp()}
    incidents.need_priority(tenant, after["priority"])
    if "service" in body:
        needed(tenant, "service", [body["service"]], "Service")
        after["service"] = body["service"]
    after = _reassigned(tenant, after, body)
    return tenant.of("incidents").put(_moved(tenant, after, body, who) if "status" in body else after)


def _reassigned(tenant: Tenant, incident: Obj, body: Obj) -> Obj:
    assigned = [part["assignee"] for part in body.get("assignments") or ()]
    needed(tenant, "user", assigned, "User")
    policy, level = body.get("escalation_policy"), body.get("escalation_level")
    if assigned and (policy or level):
        raise arguments("Assignments cannot be given beside an escalation policy or level")
    if assigned:
        return {**incident, "assigned": assigned, "assigned_via": "direct_assignment"}
    if not policy and not level:
        return incident
    needed(tenant, "escalation_policy", [policy] if policy else [], "Escalation policy")
    obj = tenant.of("escalation_policies").items[policy or incident["escalation_policy"]]
    people = incidents.on_call(tenant, obj, level or 1)
    if not people:
        raise Refusal(400, 1015, "Escalation Policy Has No One On Call")
    place = {"escalation_policy": obj["id"], "escalation_level": level or 1, "snapshot": incidents.snapshot(obj)}
    return {**incident, **place, "assigned": people, "assigned_via": "escalation_policy"}


def _moved(tenant: Tenant, incident: Obj, body: Obj, who: str | None) -> Obj:
    """The incident in its new status; from resolved it is open again, from acknowledged only time triggers it."""
    now, before, status = tenant.stamp(), incident["status"], body["status"]
    if (before, status) == ("acknowledged", "acknowledged"):
        raise Refusal(400, 1002, "Incident Already Acknowledged")
    if (before, status) in (("triggered", "triggered"), ("acknowledged", "triggered")):
        raise Refusal(400, 1003, "Invalid Status Provided")
    after: Obj = {**incident, "status": status, "last_status_change_at": now, "snoozed_until": None}
    if before == "resolved":
        after |= {"reopened_at": now, "resolved_at": None, **_taken_up(tenant, incident, body, who)}
        _alerts(tenant, after, "triggered")
    match status:
        case "acknowledged":
            return {**after, "acknowledgements": [{"at": now, "by": who}] if who else []}
        case "resolved":
            _alerts(tenant, after, "resolved")
            return {**after, "resolved_at": now, "assigned": [], "acknowledgements": []}
        case _:
            return {**after, "acknowledgements": []}


def _taken_up(tenant: Tenant, incident: Obj, body: Obj, who: str | None) -> Obj:
    """Whose it is when it is open again: whom the call names, else who acknowledges it, else by its policy."""
    if body.get("assignments") or body.get("escalation_policy"):
        return {}
    policy = tenant.of("escalation_policies").items[incident["escalation_policy"]]
    mine = body["status"] == "acknowledged" and who is not None
    via = "direct_assignment" if mine else "escalation_policy"
    people = [who] if mine else incidents.on_call(tenant, policy)
    return {"assigned": people, "assigned_via": via, "snapshot": incidents.snapshot(policy)}


def _alerts(tenant: Tenant, incident: Obj, status: str) -> None:
    """An incident takes its alerts along."""
    for ident in incident["alerts"]:
        tenant.of("alerts").put({**tenant.of("alerts").items[ident], "status": status})


def _update(tenant: Tenant, call: Call) -> Answer:
    who = sender(tenant, call, incidents=True)
    incident = found(tenant, "incident", call.params["id"])
    body = _CHANGE(unwrapped(call, "incident"), "")
    return incidents.answer(tenant, 200, changed(tenant, incident, body, who), call)


def _update_many(tenant: Tenant, call: Call) -> Answer:
    who = sender(tenant, call, incidents=True)
    given = call.body.get("incidents") if isinstance(call.body, dict) else None
    if not isinstance(given, list):
        raise invalid("Incidents are required")
    if len(given) > INCIDENTS_AT_ONCE:
        raise Refusal(413, 2002, "Request Entity Too Large", (f"At most {INCIDENTS_AT_ONCE} incidents at once",))
    bodies = [_ONE_OF_MANY(value, f"incidents[{at}]") for at, value in enumerate(given)]
    pairs = [(found(tenant, "incident", body["id"]), body) for body in bodies]
    done = [changed(tenant, incident, body, who) for incident, body in pairs]
    tenant.changed()
    return tenant.reply(200, {"incidents": [incidents.shown(tenant, part, paging.includes(call)) for part in done]})


_SNOOZE = known({"duration": whole(1, SNOOZE_LONGEST)}, ("duration",))


def _snooze(tenant: Tenant, call: Call) -> Answer:
    """Acknowledged until the time is over."""
    who = sender(tenant, call, incidents=True)
    incident = standing.current(tenant, found(tenant, "incident", call.params["id"]))
    body: Any = _SNOOZE(call.body, "")
    if incident["status"] == "resolved":
        raise Refusal(400, 1001, "Incident Already Resolved")
    now = tenant.stamp()
    until = zulu(moment(now) + timedelta(seconds=body["duration"]))
    acknowledged = {"acknowledgements": [{"at": now, "by": who}], "last_status_change_at": now, "updated_at": now}
    stored = {**incident, "status": "acknowledged", **acknowledged, "snoozed_until": until}
    return incidents.answer(tenant, 201, tenant.of("incidents").put(stored), call)


_MERGE = known({"source_incidents": items(link_id("incident"), least=1)}, ("source_incidents",))


def _merge(tenant: Tenant, call: Call) -> Answer:
    """The sources are resolved, their alerts go over to the target."""
    who = sender(tenant, call, incidents=True)
    target = found(tenant, "incident", call.params["id"])
    body: Any = _MERGE(call.body, "")
    sources = [found(tenant, "incident", ident) for ident in dict.fromkeys(body["source_incidents"])]
    if target in sources:
        raise arguments("An incident cannot be merged into itself")
    moved = [ident for source in sources for ident in source["alerts"]]
    for source in sources:
        emptied = tenant.of("incidents").put({**source, "alerts": []})
        if standing.current(tenant, emptied)["status"] != "resolved":
            changed(tenant, emptied, {"status": "resolved"}, who)
    for ident in moved:
        tenant.of("alerts").put({**tenant.of("alerts").items[ident], "incident": target["id"]})
    merged = {**target, "alerts": [*target["alerts"], *moved], "updated_at": tenant.stamp()}
    return incidents.answer(tenant, 200, tenant.of("incidents").put(merged), call)


_NOTE = known({"content": text(least=1, most=25_000)}, ("content",))


def _note_shown(tenant: Tenant, note: Obj) -> Obj:
    channel = {"summary": "The PagerDuty website or APIs"}
    plain = {key: note[key] for key in ("id", "content", "created_at", "updated_at")}
    return {**plain, "user": pointed(tenant, "user", note["by"]), "channel": channel}


def _notes(tenant: Tenant, call: Call) -> Answer:
    incident = found(tenant, "incident", call.params["id"])
    own = tenant.of("notes").named(incident["id"])
    return tenant.reply(200, {"notes": [_note_shown(tenant, note) for note in own]})


def _add_note(tenant: Tenant, call: Call) -> Answer:
    who = sender(tenant, call, incidents=True)
    incident = found(tenant, "incident", call.params["id"])
    body: Obj = _NOTE(unwrapped(call, "note"), "")
    if len(tenant.of("notes").named(incident["id"])) >= NOTES_MOST:
        raise arguments(f"An incident can have at most {NOTES_MOST} notes")
    now = tenant.stamp()
    made = {"id": tenant.ident(), "incident": incident["id"], "by": who, "created_at": now, "updated_at": now}
    return tenant.reply(200, {"note": _note_shown(tenant, tenant.of("notes").put({**made, **body}))})


def _own_note(tenant: Tenant, call: Call) -> Obj:
    incident = found(tenant, "incident", call.params["id"])
    note = tenant.of("notes").get(call.params["note"])
    if note is None or note["incident"] != incident["id"]:
        raise not_found()
    return note


def _change_note(tenant: Tenant, call: Call) -> Answer:
    sender(tenant, call, incidents=True)
    note = _own_note(tenant, call)
    body: Obj = _NOTE(unwrapped(call, "note"), "")
    written = tenant.of("notes").put({**note, **body, "updated_at": tenant.stamp()})
    return tenant.reply(200, {"note": _note_shown(tenant, written)})


def _drop_note(tenant: Tenant, call: Call) -> Answer:
    tenant.of("notes").drop(_own_note(tenant, call)["id"])
    return tenant.reply(204)


_ONE = "/incidents/{id}"
ROUTES: tuple[Route[Tenant], ...] = (
    Route("PUT", "/incidents", _update_many),
    Route("PUT", _ONE, _update),
    Route("POST", f"{_ONE}/snooze", _snooze),
    Route("PUT", f"{_ONE}/merge", _merge),
    Route("GET", f"{_ONE}/notes", _notes),
    Route("POST", f"{_ONE}/notes", _add_note),
    Route("PUT", f"{_ONE}/notes/{{note}}", _change_note),
    Route("DELETE", f"{_ONE}/notes/{{note}}", _drop_note),
)
