"""PagerDuty services (sheet 3.5)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, anything, flag, items, nullable, text, variant, whole, word, zone
from reconciler.sandbox.pagerduty import (
    catalogue,
    dependencies,
    escalation_policies,
    grouping,
    integrations,
    paging,
    standing,
    teams,
)
from reconciler.sandbox.pagerduty.body import NAME, TIME_OF_DAY, known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import (
    PAUSES,
    RECOMMENDED_PAUSE,
    SERVICE_STATUSES,
    SUPPORT_HOURS_EDGES,
    TIMEOUT_LONGEST,
    URGENCY_RULE_URGENCIES,
)
from reconciler.sandbox.routes import Call, Route

PAUSE = "auto_pause_notifications_parameters"
TAKEN = "Name has already been taken"

_CONSTANT = known({"type": word("constant"), "urgency": word(*URGENCY_RULE_URGENCIES)}, ("type",))
_URGENCY: dict[str, Check] = {
    "constant": _CONSTANT,
    "use_support_hours": known(
        {"type": text(), "during_support_hours": _CONSTANT, "outside_support_hours": _CONSTANT},
        ("during_support_hours", "outside_support_hours"),
    ),
}
_HOURS = {
    "type": word("fixed_time_per_day"),
    "time_zone": zone,
    "start_time": TIME_OF_DAY,
    "end_time": TIME_OF_DAY,
    "days_of_week": items(whole(1, 7), least=1, most=7),
}
_AT = known({"type": word("named_time"), "name": word(*SUPPORT_HOURS_EDGES)}, ("type", "name"))
_ACTION = known(
    {"type": word("urgency_change"), "at": _AT, "to_urgency": word("high")},
    ("type", "at", "to_urgency"),
)


def _pause(value: Any, path: str) -> Obj:
    clean: Obj = known({"enabled": flag, "timeout": nullable(whole())}, ())(value, path)
    if clean.get("timeout") not in (None, *PAUSES):
        raise Invalid({f"{path}.timeout": f"{clean['timeout']} is not one of {', '.join(map(str, PAUSES))}"})
    return clean


_TIMEOUT = nullable(whole(0, TIMEOUT_LONGEST))
FIELDS: dict[str, Check] = {
    "type": word("service"),
    "name": NAME,
    "description": nullable(text()),
    "escalation_policy": link_id("escalation_policy"),
    "auto_resolve_timeout": _TIMEOUT,
    "acknowledgement_timeout": _TIMEOUT,
    "status": word(*SERVICE_STATUSES),
    "incident_urgency_rule": variant("type", _URGENCY),
    "support_hours": nullable(known(_HOURS, tuple(_HOURS))),
    "scheduled_actions": nullable(items(_ACTION)),
    "alert_creation": anything,
    "alert_grouping_parameters": grouping.parameters,
    PAUSE: nullable(_pause),
}
PLAIN = ("name", "description", "incident_urgency_rule", "support_hours", "scheduled_actions")


def _defaults(tenant: Tenant) -> Obj:
    return {
        "description": None,
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": None,
        "disabled": False,
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "support_hours": None,
        "scheduled_actions": [],
        PAUSE: {"enabled": False, "timeout": None},
        "created_at": tenant.stamp(),
        "last_incident_timestamp": None,
    }


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    after = {**(before or _defaults(tenant)), **{key: body[key] for key in PLAIN if key in body}}
    if "name" in body:
        after["folded"] = body["name"].casefold()
        _check_free(tenant, after["folded"], before)
    if "escalation_policy" in body:
        needed(tenant, "escalation_policy", [body["escalation_policy"]], "Escalation policy")
        after["escalation_policy"] = body["escalation_policy"]
    for key in ("auto_resolve_timeout", "acknowledgement_timeout"):
        if key in body:
            after[key] = body[key] or None  # 0 is off, as null is
    if "status" in body:
        after["disabled"] = _disabled(before, body["status"])
    if body.get(PAUSE) is not None:
        after[PAUSE] = _paused(after[PAUSE], body[PAUSE])
    after["scheduled_actions"] = after["scheduled_actions"] or []
    _check_urgency(after)
    return after


def _check_free(tenant: Tenant, folded: str, before: Obj | None) -> None:
    if any(service["id"] != (before or {}).get("id") for service in tenant.of("services").named(folded)):
        raise invalid(TAKEN)


def _disabled(before: Obj | None, status: str) -> bool:
    """What follows from incidents and windows is ignored when it is sent back."""
    if before is None and status != "active":
        raise invalid("Status of a new service can be active only")
    return status == "disabled" if status in ("active", "disabled") else bool((before or {}).get("disabled"))


def _paused(before: Obj, body: Obj) -> Obj:
    after = {**before, **body}
    if not after["enabled"]:
        return {"enabled": False, "timeout": None}
    return {"enabled": True, "timeout": after["timeout"] or RECOMMENDED_PAUSE}


def _check_urgency(service: Obj) -> None:
    rule = service["incident_urgency_rule"]
    if rule["type"] == "constant":
        service["incident_urgency_rule"] = {"urgency": "high", **rule}
    else:
        for part in ("during_support_hours", "outside_support_hours"):
            rule = {**rule, part: {"urgency": "high", **rule[part]}}
        service["incident_urgency_rule"] = rule
        if service["support_hours"] is None:
            raise invalid("Support hours are required to use them in the urgency rule")
    sides = tuple(rule.get(part, {}).get("urgency") for part in ("during_support_hours", "outside_support_hours"))
    if service["scheduled_actions"] and sides != ("high", "low"):
        raise invalid("Scheduled actions need high urgency during support hours and low urgency outside")


def _follows(tenant: Tenant, service: Obj, body: Obj, new: bool) -> None:
    tenant.changed()
    if body.get("alert_grouping_parameters") is not None:
        grouping.set_by_service(tenant, service["id"], body["alert_grouping_parameters"])


def team_of(tenant: Tenant, service: Obj) -> str | None:
    """Services belong to the team of their escalation policy."""
    policy = tenant.of("escalation_policies").get(service["escalation_policy"])
    return policy["team"] if policy else None


def shown(tenant: Tenant, service: Obj, include: Include) -> Obj:
    team = team_of(tenant, service)
    own = tenant.of("integrations").named(service["id"])
    result = {
        **identity(tenant, "service", service),
        **{key: service[key] for key in (*PLAIN, "auto_resolve_timeout", "acknowledgement_timeout")},
        "created_at": service["created_at"],
        "updated_at": service["created_at"],
        "status": standing.status(tenant, service),
        "last_incident_timestamp": service["last_incident_timestamp"],
        "teams": all_pointed(tenant, "team", [team] if team else []),
        "integrations": [integrations.pointed_at(tenant, integration) for integration in own],
        "addons": [],
        "response_play": None,
        "alert_creation": "create_alerts_and_incidents",
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": grouping.as_parameters(tenant, service["id"]),
        "escalation_policy": pointed(tenant, "escalation_policy", service["escalation_policy"]),
    }
    return {**result, **_included(tenant, service, own, team, include)}


def _included(tenant: Tenant, service: Obj, own: list[Obj], team: str | None, include: Include) -> Obj:
    more: Obj = {}
    if "integrations" in include:
        more["integrations"] = [integrations.shown(tenant, integration, include) for integration in own]
    if "teams" in include and team:
        more["teams"] = [teams.shown(tenant, tenant.of("teams").items[team], include)]
    if "escalation_policies" in include:
        policy = tenant.of("escalation_policies").items[service["escalation_policy"]]
        more["escalation_policy"] = escalation_policies.shown(tenant, policy, frozenset())
    if PAUSE in include:
        more[PAUSE] = {**service[PAUSE], "recommended_timeout": RECOMMENDED_PAUSE}
    return more


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    fitting = paging.queried(objs, call, "name")
    if "name" in call.query:  # an exact match, in any case
        fitting = [service for service in fitting if service["folded"] == call.query["name"].casefold()]
    wanted = set(paging.many(call, "team_ids[]"))
    if wanted:
        catalogue.need(tenant, "teams")
        fitting = [service for service in fitting if team_of(tenant, service) in wanted]
    return paging.ordered(fitting, call, "name", default="name")


def _removed(tenant: Tenant, service: Obj) -> None:
    """The service goes with its integrations, its edges and its rules; that nothing guards it is sheet 3.5."""
    ident = service["id"]
    for integration in tenant.of("integrations").named(ident):
        integrations.dropped(tenant, integration)
    for path in tenant.of("orchestration_paths").named(ident):
        tenant.of("orchestration_paths").drop(path["id"])
    grouping.forget(tenant, ident)
    dependencies.forget(tenant, ident)
    tenant.of("services").drop(ident)


FAMILY = Family(
    kind="service",
    new=known(FIELDS, ("name", "escalation_policy")),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    filtered=_filtered,
    follows=_follows,
    removed=_removed,
)
ROUTES: tuple[Route[Tenant], ...] = FAMILY.routes()
