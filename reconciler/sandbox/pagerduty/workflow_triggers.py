"""What starts a PagerDuty incident workflow (sheet 3.15)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, nullable, text, word
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity, needed
from reconciler.sandbox.pagerduty.tenant import WEB, Caller, Tenant, arguments, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import WORKFLOW_TRIGGER_TYPES
from reconciler.sandbox.routes import Call, Route

PATH = "/incident_workflows/triggers"
NAMES = {"conditional": "Conditional", "manual": "Manual", "incident_type": "Incident Type"}


def _ident(value: Any, path: str) -> Any:
    """`{id}`, with or without a type."""
    return known({"id": text(least=1)}, ("id",))(value, path)["id"]


FIELDS: dict[str, Check] = {
    "trigger_type": word(*WORKFLOW_TRIGGER_TYPES),
    "workflow": _ident,
    "condition": nullable(text()),
    "services": nullable(items(_ident)),
    "is_subscribed_to_all_services": nullable(flag),
    "incident_types": nullable(items(text(least=1))),
    "permissions": nullable(known({"restricted": flag, "team_id": nullable(text(least=1))})),
    "is_disabled": nullable(flag),
}
BLANK: Obj = {
    "condition": None,
    "services": [],
    "is_subscribed_to_all_services": False,
    "incident_types": [],
    "permissions": {"restricted": False, "team_id": None},
    "is_disabled": False,
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    for key in ("trigger_type", "workflow"):
        if before and body.get(key, before[key]) != before[key]:
            raise invalid(f"{key.replace('_', ' ').capitalize()} cannot be changed")
    given = {key: BLANK[key] if value is None and key in BLANK else value for key, value in body.items()}
    after = {**(before or BLANK), **given}
    needed(tenant, "incident_workflow", [after["workflow"]], "Workflow")
    needed(tenant, "service", body.get("services") or (), "Service")
    after["permissions"] = {**BLANK["permissions"], **after["permissions"]}
    if after["permissions"]["team_id"]:
        needed(tenant, "team", [after["permissions"]["team_id"]], "Team")
    _check_type(after)
    return after


def _check_type(trigger: Obj) -> None:
    """Each type takes what belongs to it, and no more."""
    kind = trigger["trigger_type"]
    if (kind == "conditional") != bool(trigger["condition"]):
        raise invalid("Condition is required for conditional triggers, and not allowed for others")
    if trigger["services"] and trigger["is_subscribed_to_all_services"]:
        raise invalid("Services and is subscribed to all services cannot both be given")
    if kind != "manual" and trigger["permissions"]["restricted"]:
        raise invalid("Permissions are for manual triggers only")
    if kind != "incident_type" and trigger["incident_types"]:
        raise invalid("Incident types are for triggers of that type only")


def _shown(tenant: Tenant, trigger: Obj, include: Include) -> Obj:
    workflow = found(tenant, "incident_workflow", trigger["workflow"])
    link = identity(tenant, "incident_workflow", workflow)
    named = {"type": "workflow_reference", "name": workflow["name"]}
    own = f"{tenant.base}{PATH}/{trigger['id']}"
    kind = trigger["trigger_type"]
    plain = {key: trigger[key] for key in BLANK if key != "services"}
    return {
        "id": trigger["id"],
        "type": "workflow_trigger",
        "summary": NAMES[kind],
        "self": own,
        "html_url": None,
        "trigger_type": kind,
        "trigger_type_name": NAMES[kind],
        "trigger_url": f"{WEB}{PATH}/{trigger['id']}",
        **plain,
        "services": [{**part, "type": "service"} for part in all_pointed(tenant, "service", trigger["services"])],
        "workflow": {key: link[key] for key in ("id", "self", "html_url")} | named,
        "workflow_id": workflow["id"],
        "workflow_name": workflow["name"],
    }


def _listed(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    query, disabled = call.query, paging.truth(call, "is_disabled")
    if query.get("trigger_type") not in (None, *WORKFLOW_TRIGGER_TYPES):
        raise arguments(f"trigger_type cannot be {query['trigger_type']!r}")
    wanted = query.get("service_id")
    return [
        trigger
        for trigger in objs
        if query.get("workflow_id") in (None, trigger["workflow"])
        and query.get("trigger_type") in (None, trigger["trigger_type"])
        and disabled in (None, trigger["is_disabled"])
        and (wanted is None or wanted in trigger["services"] or trigger["is_subscribed_to_all_services"])
    ]


FAMILY = Family(
    kind="trigger",
    new=known(FIELDS, ("trigger_type", "workflow")),
    changed=known(FIELDS),
    settled=_settled,
    shown=_shown,
    filtered=_listed,
    page=paging.by_cursor,
    path=PATH,
    ident=lambda tenant: tenant.mint(),
)


def _with_services(tenant: Tenant, trigger: Obj, services: list[str]) -> Answer:
    changed = {**trigger, "services": services}
    _check_type(changed)
    return tenant.reply(201, {"trigger": _shown(tenant, tenant.of("triggers").put(changed), frozenset())})


def _add_service(tenant: Tenant, call: Call) -> Answer:
    trigger = found(tenant, "trigger", call.params["id"])
    body: Any = known({"service": _ident}, ("service",))(call.body, "")
    needed(tenant, "service", [body["service"]], "Service")
    others = [ident for ident in trigger["services"] if ident != body["service"]]
    return _with_services(tenant, trigger, [*others, body["service"]])


def _drop_service(tenant: Tenant, call: Call) -> Answer:
    trigger, service = found(tenant, "trigger", call.params["id"]), call.params["service"]
    if service not in trigger["services"]:
        raise not_found()
    return _with_services(tenant, trigger, [ident for ident in trigger["services"] if ident != service])


ROUTES: tuple[Route[Tenant], ...] = (
    *FAMILY.routes(),
    Route("POST", f"{PATH}/{{id}}/services", _add_service),
    Route("DELETE", f"{PATH}/{{id}}/services/{{service}}", _drop_service),
)
