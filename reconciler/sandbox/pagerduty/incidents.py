"""PagerDuty incidents as they are made and read (sheet 3.14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, anything, items, nullable, text, word
from reconciler.sandbox.pagerduty import (
    catalogue,
    escalation_policies,
    layers,
    paging,
    services,
    standing,
    teams,
    turns,
    users,
)
from reconciler.sandbox.pagerduty.body import instant, known, link_id, moment, sentences, unwrapped
from reconciler.sandbox.pagerduty.family import Include, sender
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Refusal, Tenant, arguments, invalid, zulu
from reconciler.sandbox.pagerduty.vocabulary import INCIDENT_STATUSES, URGENCIES
from reconciler.sandbox.routes import Call, Route

SAME_KEY = "Open incident with matching dedup key already exists on this service"
LONGEST_RANGE = timedelta(days=184)
ASSIGNMENT = known({"assignee": link_id("user")}, ("assignee",))
BRIDGE = known({"conference_number": nullable(text()), "conference_url": nullable(text())})
FIELDS: dict[str, Check] = {
    "type": word("incident"),
    "title": text(least=1),
    "service": link_id("service"),
    "urgency": word(*URGENCIES),
    "priority": nullable(link_id("priority")),
    "body": nullable(known({"type": word("incident_body"), "details": anything}, ("type",))),
    "incident_key": nullable(text(least=1, most=255)),
    "assignments": nullable(items(ASSIGNMENT)),
    "escalation_policy": nullable(link_id("escalation_policy")),
    "incident_type": nullable(known({"name": text(least=1)})),
    "conference_bridge": nullable(BRIDGE),
}
_NEW = known(FIELDS, ("type", "title", "service"))


def urgency_of(tenant: Tenant, service: Obj, severity: str | None = None) -> str:
    """What the service's rule makes of a new incident."""
    rule: Obj = service["incident_urgency_rule"]
    if rule["type"] == "use_support_hours":
        rule = rule["during_support_hours" if _in_hours(tenant, service["support_hours"]) else "outside_support_hours"]
    if rule["urgency"] == "severity_based":
        return "low" if severity in ("warning", "info") else "high"
    return str(rule["urgency"])


def _in_hours(tenant: Tenant, hours: Obj | None) -> bool:
    if hours is None:
        return True
    local = datetime.fromisoformat(layers.local(tenant.stamp(), hours["time_zone"]))
    clock = local.strftime("%H:%M:%S")
    return local.isoweekday() in hours["days_of_week"] and hours["start_time"] <= clock < hours["end_time"]


def on_call(tenant: Tenant, policy: Obj, level: int = 1) -> list[str]:
    """Who the rule of a level reaches now."""
    rule = policy["escalation_rules"][min(level, len(policy["escalation_rules"])) - 1]
    people = []
    for target in rule["targets"]:
        schedule = tenant.of("schedules").get(target["id"])
        person = turns.on_call(tenant, schedule, moment(tenant.stamp())) if schedule else target["id"]
        people += [person] if person else []
    return list(dict.fromkeys(people))


def snapshot(policy: Obj) -> list[str]:
    """The schedules an incident holds on to until it is resolved."""
    targets = [target for rule in policy["escalation_rules"] for target in rule["targets"]]
    return list(dict.fromkeys(target["id"] for target in targets if target["type"] == "schedule"))


def made(tenant: Tenant, service: Obj, given: Obj) -> Obj:
    """A new incident, triggered now. `given` holds title, urgency and whatever else is known."""
    now = tenant.stamp()
    policy = tenant.of("escalation_policies").items[given.get("escalation_policy") or service["escalation_policy"]]
    ident = tenant.ident("Q", 13)
    chosen = given.get("assigned")
    stored: Obj = {
        "id": ident,
        "incident_number": tenant.number("incidents"),
        "status": "triggered",
        "service": service["id"],
        "created_at": now,
        "updated_at": now,
        "last_status_change_at": now,
        "resolved_at": None,
        "reopened_at": None,
        "snoozed_until": None,
        "acknowledgements": [],
        "priority": None,
        "body": None,
        "conference_bridge": None,
        "incident_type": {"name": "incident_default"},
        "resolve_reason": None,
        "alerts": [],
        **given,
        "incident_key": given.get("incident_key") or tenant.mint().replace("-", ""),
        "escalation_policy": policy["id"],
        "escalation_level": 1,
        "assigned": chosen or on_call(tenant, policy),
        "assigned_via": "direct_assignment" if chosen else "escalation_policy",
        "snapshot": snapshot(policy),
    }
    tenant.of("services").put({**service, "last_incident_timestamp": now})
    tenant.changed()
    return tenant.of("incidents").put(stored)


def open_with_key(tenant: Tenant, service: str, key: str) -> bool:
    return any(incident["incident_key"] == key for incident in standing.open_incidents(tenant, service))


def need_priority(tenant: Tenant, priority: str | None) -> None:
    if priority is not None and priority not in tenant.of("priorities"):
        raise Refusal(400, 1020, "Priority Not Found")


def shown(tenant: Tenant, stored: Obj, include: Include) -> Obj:
    incident = standing.current(tenant, stored)
    own = [tenant.of("alerts").items[ident] for ident in incident["alerts"]]
    done = incident["status"] == "resolved"
    resolved = sum(done or alert["status"] == "resolved" for alert in own)
    at = incident["last_status_change_at"]
    team = services.team_of(tenant, tenant.of("services").items.get(incident["service"], {"escalation_policy": None}))
    priority = tenant.of("priorities").get(incident["priority"])
    times = ("created_at", "updated_at", "last_status_change_at", "resolved_at")
    plain = ("incident_number", "title", "status", "incident_key", "urgency", "assigned_via", "incident_type")
    result = {
        **identity(tenant, "incident", incident),
        "summary": f"[#{incident['incident_number']}] {incident['title']}",
        **{key: incident[key] for key in (*times, *plain)},
        "service": pointed(tenant, "service", incident["service"]),
        "assignments": [{"at": at, "assignee": link} for link in all_pointed(tenant, "user", incident["assigned"])],
        "acknowledgements": [
            {"at": part["at"], "acknowledger": pointed(tenant, "user", part["by"])}
            for part in incident["acknowledgements"]
        ],
        "alert_counts": {"all": len(own), "triggered": len(own) - resolved, "resolved": resolved},
        "is_mergeable": True,
        "escalation_policy": pointed(tenant, "escalation_policy", incident["escalation_policy"]),
        "teams": all_pointed(tenant, "team", [team] if team else []),
        "pending_actions": [],
        "first_trigger_log_entry": None,
        "last_status_change_by": pointed(tenant, "service", incident["service"]),
        "priority": catalogue.priority_shown(tenant, priority) if priority else None,
        "resolve_reason": incident["resolve_reason"],
    }
    return {**result, **_included(tenant, incident, team, include)}


def _included(tenant: Tenant, incident: Obj, team: str | None, include: Include) -> Obj:
    """Whole objects in the place of references, and what is shown only when asked for."""
    none: Include = frozenset()
    service, policy = tenant.of("services").get(incident["service"]), incident["escalation_policy"]
    more: Obj = {key: incident[key] for key in ("body", "conference_bridge") if key in include}
    if "services" in include and service:
        more["service"] = services.shown(tenant, service, none)
    if "escalation_policies" in include and policy in tenant.of("escalation_policies"):
        more["escalation_policy"] = escalation_policies.shown(tenant, found(tenant, "escalation_policy", policy), none)
    if "teams" in include and team:
        more["teams"] = [teams.shown(tenant, found(tenant, "team", team), none)]
    if "assignees" in include:
        at, people = (
            incident["last_status_change_at"],
            (tenant.of("users").get(ident) for ident in incident["assigned"]),
        )
        more["assignments"] = [{"at": at, "assignee": users.shown(tenant, user, none)} for user in people if user]
    return more


def answer(tenant: Tenant, status: int, incident: Obj, call: Call) -> Answer:
    tenant.changed()
    return tenant.reply(status, {"incident": shown(tenant, incident, paging.includes(call))})


def _create(tenant: Tenant, call: Call) -> Answer:
    sender(tenant, call, incidents=True)
    body: Obj = _NEW(unwrapped(call, "incident"), "")
    needed(tenant, "service", [body["service"]], "Service")
    service = tenant.of("services").items[body["service"]]
    assigned = [part["assignee"] for part in body.pop("assignments", None) or ()]
    if assigned and body.get("escalation_policy"):
        raise arguments("Assignments and escalation policy cannot both be given")
    needed(tenant, "user", assigned, "User")
    policy = body.get("escalation_policy")
    needed(tenant, "escalation_policy", [policy] if policy else [], "Escalation policy")
    need_priority(tenant, body.get("priority"))
    if body.get("incident_key") and open_with_key(tenant, service["id"], body["incident_key"]):
        raise arguments(SAME_KEY)
    if service["disabled"]:
        raise invalid("Service is disabled")
    given = {key: value for key, value in body.items() if key not in ("type", "service") and value is not None}
    given = {"urgency": urgency_of(tenant, service), **given, "assigned": assigned}
    return answer(tenant, 201, made(tenant, service, given), call)


def _span(tenant: Tenant, call: Call) -> tuple[str, str] | None:
    """The range asked for, the last month unless said otherwise; `None` for all of time."""
    if call.query.get("date_range") == "all":
        return None
    try:
        until = instant(call.query["until"], "until") if "until" in call.query else tenant.stamp()
        month = timedelta(days=30)
        since = instant(call.query["since"], "since") if "since" in call.query else zulu(moment(until) - month)
    except Invalid as wrong:
        raise sentences(wrong) from None
    if moment(until) - moment(since) > LONGEST_RANGE:
        raise arguments("The range of since and until must be six months at most")
    return since, until


def _fits(tenant: Tenant, incident: Obj, call: Call, key: str | None) -> bool:
    wanted = {name: set(paging.many(call, f"{name}[]")) for name in ("service_ids", "urgencies", "statuses")}
    people = set(paging.many(call, "user_ids[]"))
    of_teams = set(paging.many(call, "team_ids[]"))
    facts: tuple[tuple[str, Any], ...] = (
        ("service_ids", incident["service"]),
        ("urgencies", incident["urgency"]),
        ("statuses", incident["status"]),
    )
    if any(wanted[name] and value not in wanted[name] for name, value in facts):
        return False
    if people and people.isdisjoint(incident["assigned"]):
        return False
    service = tenant.of("services").get(incident["service"])
    if of_teams and (service is None or services.team_of(tenant, service) not in of_teams):
        return False
    return key is None or key in _keys(tenant, incident)


def _keys(tenant: Tenant, incident: Obj) -> set[str]:
    """An incident is found by its own key and by those of its alerts."""
    alerts = tenant.of("alerts").items
    return {incident["incident_key"], *(alerts[ident]["alert_key"] for ident in incident["alerts"])}


def _list(tenant: Tenant, call: Call) -> Answer:
    unknown = set(paging.many(call, "statuses[]")) - set(INCIDENT_STATUSES)
    if unknown:
        raise arguments(f"statuses cannot be {', '.join(sorted(unknown))}")
    span, include = _span(tenant, call), paging.includes(call)
    now = (standing.current(tenant, incident) for incident in tenant.listed("incidents"))
    inside = [incident for incident in now if span is None or span[0] <= incident["created_at"] <= span[1]]
    key = call.query.get("incident_key")
    fitting = [incident for incident in inside if _fits(tenant, incident, call, key)]
    field, _, direction = (call.query.get("sort_by") or "incident_number").partition(":")
    if field not in ("incident_number", "created_at", "resolved_at", "urgency") or direction not in ("", "asc", "desc"):
        raise arguments(f"sort_by cannot be {call.query['sort_by']!r}")
    fitting.sort(key=lambda part: (str(part[field]).zfill(12), part["incident_number"]), reverse=direction == "desc")
    return tenant.reply(
        200, paging.classic(call, "incidents", fitting, lambda incident: shown(tenant, incident, include))
    )


def _read(tenant: Tenant, call: Call) -> Answer:
    return answer(tenant, 200, found(tenant, "incident", call.params["id"]), call)


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/incidents", _list),
    Route("POST", "/incidents", _create),
    Route("GET", "/incidents/{id}", _read),
)
