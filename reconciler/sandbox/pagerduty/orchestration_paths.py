"""Where an orchestration's rules stand: router, unrouted, global, and the service's own (sheet 3.10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import flag
from reconciler.sandbox.pagerduty import rules
from reconciler.sandbox.pagerduty.body import known, unwrapped
from reconciler.sandbox.pagerduty.orchestrations import short
from reconciler.sandbox.pagerduty.reference import found, identity
from reconciler.sandbox.pagerduty.rules import PathType
from reconciler.sandbox.pagerduty.tenant import Tenant, denied
from reconciler.sandbox.routes import Call, Route


def path_of(tenant: Tenant, kind: PathType, parent: str) -> Obj:
    """The path as stored; untouched where nobody wrote it. A service's own is off until it is switched on."""
    there = tenant.of("orchestration_paths").get(f"{parent}/{kind}")
    if there:
        return there
    return {
        "id": f"{parent}/{kind}",
        "parent": parent,
        "active": False,
        "created_at": None,
        "created_by": None,
        "updated_at": None,
        "updated_by": None,
        "version": None,
        **rules.blank(kind),
    }


def _parent(tenant: Tenant, kind: PathType, call: Call) -> Obj:
    if kind != "service":
        return found(tenant, "event_orchestration", call.params["id"])
    service = tenant.of("services").get(call.params["id"])
    if service is None:
        raise denied()  # for a service that is gone 403, not 404
    return service


def _shown(tenant: Tenant, kind: PathType, parent: Obj, path: Obj) -> Obj:
    noun = "service" if kind == "service" else "event_orchestration"
    link = identity(tenant, noun, parent)
    plain = ("sets", "catch_all", "created_at", "updated_at", "version")
    return {
        "type": kind,
        "parent": {"id": parent["id"], "type": f"{noun}_reference", "self": link["self"]},
        **{key: path[key] for key in plain},
        "created_by": short(tenant, "user", path["created_by"]),
        "updated_by": short(tenant, "user", path["updated_by"]),
    }


def _reader(kind: PathType) -> Callable[[Tenant, Call], Answer]:
    def handler(tenant: Tenant, call: Call) -> Answer:
        parent = _parent(tenant, kind, call)
        path = path_of(tenant, kind, parent["id"])
        return tenant.reply(200, {"orchestration_path": _shown(tenant, kind, parent, path)})

    return handler


def _writer(kind: PathType) -> Callable[[Tenant, Call], Answer]:
    """The whole rule set is replaced; what the plan does not hold is told in warnings."""

    def handler(tenant: Tenant, call: Call) -> Answer:
        parent = _parent(tenant, kind, call)
        before = path_of(tenant, kind, parent["id"])
        now, who = tenant.stamp(), call.caller.user
        settled = rules.settled(tenant, kind, unwrapped(call, "orchestration_path"))
        made = {"created_at": before["created_at"] or now, "created_by": before["created_by"] or who}
        changed = {"updated_at": now, "updated_by": who, "version": tenant.mint()}
        path = tenant.of("orchestration_paths").put({**before, **made, **changed, **settled})
        shown = _shown(tenant, kind, parent, path)
        return tenant.reply(200, {"orchestration_path": shown, "warnings": rules.warnings(tenant, path)})

    return handler


def _active(tenant: Tenant, call: Call) -> Answer:
    parent = _parent(tenant, "service", call)
    return tenant.reply(200, {"active": path_of(tenant, "service", parent["id"])["active"]})


def _switch(tenant: Tenant, call: Call) -> Answer:
    parent = _parent(tenant, "service", call)
    body: Any = known({"active": flag}, ("active",))(call.body, "")
    path = path_of(tenant, "service", parent["id"])
    tenant.of("orchestration_paths").put({**path, "active": body["active"]})
    return tenant.reply(200, {"active": body["active"]})


_PATHS: tuple[tuple[PathType, str], ...] = (
    ("router", "/event_orchestrations/{id}/router"),
    ("unrouted", "/event_orchestrations/{id}/unrouted"),
    ("global", "/event_orchestrations/{id}/global"),
    ("service", "/event_orchestrations/services/{id}"),
)
ROUTES: tuple[Route[Tenant], ...] = (
    *(Route("GET", path, _reader(kind)) for kind, path in _PATHS),
    *(Route("PUT", path, _writer(kind)) for kind, path in _PATHS),
    Route("GET", "/event_orchestrations/services/{id}/active", _active),
    Route("PUT", "/event_orchestrations/services/{id}/active", _switch),
)
