"""PagerDuty event orchestrations and the integrations whose keys begin with R (sheet 3.10)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, nullable, text, word
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known, unwrapped
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import found, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, invalid, not_found
from reconciler.sandbox.routes import Call, Route

KEY_PREFIX = "R0"
FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "description": nullable(text()),
    "team": nullable(known({"id": nullable(text(least=1))})),
}
INTEGRATION = known({"label": text(least=1)}, ("label",))


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    now = tenant.stamp()
    blank: Obj = {"description": None, "team": None, "created_at": now, "created_by": caller.user}
    after = {**(before or blank), **body, "updated_at": now, "updated_by": caller.user, "version": tenant.mint()}
    if "name" in body:
        check_name(tenant, "event_orchestration", body["name"], before)
    if "team" in body:
        after["team"] = (body["team"] or {}).get("id")
        needed(tenant, "team", [after["team"]] if after["team"] else [], "Team")
    return after


def short(tenant: Tenant, kind: str, ident: str | None) -> Obj | None:
    """A reference as orchestrations show it: id, type and self."""
    link = pointed(tenant, kind, ident)
    return {key: link[key] for key in ("id", "type", "self")} if link else None


def _row(tenant: Tenant, obj: Obj, include: Include) -> Obj:
    """As listed: without the integrations."""
    router = tenant.of("orchestration_paths").get(f"{obj['id']}/router")
    plain = ("id", "name", "description", "created_at", "updated_at", "version")
    return {
        "self": f"{tenant.base}/event_orchestrations/{obj['id']}",
        **{key: obj[key] for key in plain},
        "team": short(tenant, "team", obj["team"]),
        "routes": sum(len(part["rules"]) for part in router["sets"]) if router else 0,
        "created_by": short(tenant, "user", obj["created_by"]),
        "updated_by": short(tenant, "user", obj["updated_by"]),
    }


def _integrations(tenant: Tenant, orchestration: str) -> list[Obj]:
    return tenant.of("orchestration_integrations").named(orchestration)


def _integration_shown(integration: Obj) -> Obj:
    parameters = {"routing_key": integration["routing_key"], "type": "global"}
    return {"id": integration["id"], "label": integration["label"], "parameters": parameters}


def _shown(tenant: Tenant, obj: Obj, include: Include) -> Obj:
    own = [_integration_shown(integration) for integration in _integrations(tenant, obj["id"])]
    return {**_row(tenant, obj, include), "integrations": own}


def _add(tenant: Tenant, orchestration: str, label: str) -> Obj:
    ident = tenant.mint()
    key = tenant.routing_key(ident, KEY_PREFIX)
    stored = {"id": ident, "orchestration": orchestration, "label": label, "routing_key": key}
    return tenant.of("orchestration_integrations").put(stored)


def _follows(tenant: Tenant, obj: Obj, body: Obj, new: bool) -> None:
    """A new orchestration owns one integration that nobody asked for."""
    if new:
        _add(tenant, obj["id"], f"{obj['name']} Default Integration")


def _removed(tenant: Tenant, obj: Obj) -> None:
    for integration in _integrations(tenant, obj["id"]):
        _drop(tenant, integration)
    for path in tenant.of("orchestration_paths").named(obj["id"]):
        tenant.of("orchestration_paths").drop(path["id"])
    tenant.of("event_orchestrations").drop(obj["id"])


def _drop(tenant: Tenant, integration: Obj) -> None:
    del tenant.keys[integration["routing_key"]]
    tenant.of("orchestration_integrations").drop(integration["id"])


def _listed(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    return paging.ordered(objs, call, "name", "created_at")


FAMILY = Family(
    kind="event_orchestration",
    new=known(FIELDS, ("name",)),
    changed=known(FIELDS),
    settled=_settled,
    shown=_shown,
    row=_row,
    filtered=_listed,
    follows=_follows,
    removed=_removed,
    wrapper="orchestration",
    envelope="orchestrations",
    ident=lambda tenant: tenant.mint(),
)


def _listing(tenant: Tenant, orchestration: str) -> Answer:
    own = [_integration_shown(integration) for integration in _integrations(tenant, orchestration)]
    return tenant.reply(200, {"integrations": own, "total": len(own)})


def _list_integrations(tenant: Tenant, call: Call) -> Answer:
    return _listing(tenant, found(tenant, "event_orchestration", call.params["id"])["id"])


def _create_integration(tenant: Tenant, call: Call) -> Answer:
    obj = found(tenant, "event_orchestration", call.params["id"])
    body: Obj = INTEGRATION(unwrapped(call, "integration"), "")
    return tenant.reply(201, {"integration": _integration_shown(_add(tenant, obj["id"], body["label"]))})


def _own(tenant: Tenant, call: Call) -> Obj:
    obj = found(tenant, "event_orchestration", call.params["id"])
    integration = tenant.of("orchestration_integrations").get(call.params["integration"])
    if integration is None or integration["orchestration"] != obj["id"]:
        raise not_found()
    return integration


def _read_integration(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"integration": _integration_shown(_own(tenant, call))})


def _update_integration(tenant: Tenant, call: Call) -> Answer:
    integration = _own(tenant, call)
    body: Obj = INTEGRATION(unwrapped(call, "integration"), "")
    changed = tenant.of("orchestration_integrations").put({**integration, "label": body["label"]})
    return tenant.reply(200, {"integration": _integration_shown(changed)})


def _delete_integration(tenant: Tenant, call: Call) -> Answer:
    _drop(tenant, _own(tenant, call))
    return tenant.reply(204)


_MOVE = known(
    {"source_type": word("orchestration"), "source_id": text(least=1), "integration_id": text(least=1)},
    ("source_type", "source_id", "integration_id"),
)


def _move_integration(tenant: Tenant, call: Call) -> Answer:
    """An integration goes from one orchestration to another with its key."""
    obj = found(tenant, "event_orchestration", call.params["id"])
    body: Any = _MOVE(call.body, "")
    integration = tenant.of("orchestration_integrations").get(body["integration_id"])
    if integration is None or integration["orchestration"] != body["source_id"]:
        raise invalid("Integration not found")
    tenant.of("orchestration_integrations").put({**integration, "orchestration": obj["id"]})
    return _listing(tenant, obj["id"])


_ALL = "/event_orchestrations/{id}/integrations"
ROUTES: tuple[Route[Tenant], ...] = (
    *FAMILY.routes(),
    Route("GET", _ALL, _list_integrations),
    Route("POST", _ALL, _create_integration),
    Route("POST", f"{_ALL}/migration", _move_integration),
    Route("GET", f"{_ALL}/{{integration}}", _read_integration),
    Route("PUT", f"{_ALL}/{{integration}}", _update_integration),
    Route("DELETE", f"{_ALL}/{{integration}}", _delete_integration),
)
