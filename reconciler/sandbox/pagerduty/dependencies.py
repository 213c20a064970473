"""Which service stands on which: edges between technical and business services (sheet 3.11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import items
from reconciler.sandbox.pagerduty.body import known, link
from reconciler.sandbox.pagerduty.reference import found
from reconciler.sandbox.pagerduty.tenant import Tenant, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import EDGES_DEEP, EDGES_MOST
from reconciler.sandbox.routes import Call, Route

_END = link("service", "technical_service", "business_service")
_EDGE = known({"supporting_service": _END, "dependent_service": _END}, ("supporting_service", "dependent_service"))
_BODY = known({"relationships": items(_EDGE, least=1)}, ("relationships",))
SIDES = ("supporting_service", "dependent_service")


def _kept(tenant: Tenant, edge: Obj) -> Obj:
    ends = {}
    for side in SIDES:
        business = edge[side]["type"] == "business_service"
        found(tenant, "business_service" if business else "service", edge[side]["id"])
        kind = "business_service" if business else "technical_service"
        ends[side] = {"id": edge[side]["id"], "type": f"{kind}_reference"}
    return {**ends, "pair": _pair(edge)}


def _pair(edge: Obj) -> str:
    return f"{edge['dependent_service']['id']}>{edge['supporting_service']['id']}"


def _shown(edge: Obj) -> Obj:
    return {"id": edge["id"], "type": "service_dependency", **{side: edge[side] for side in SIDES}}


def _of(tenant: Tenant, ident: str) -> list[Obj]:
    return [edge for edge in tenant.of("service_dependencies") if ident in (edge[side]["id"] for side in SIDES)]


def _check_depth(tenant: Tenant, new: Obj) -> None:
    """Raises 400 where the longest chain through a new edge is too long, a circle being endless."""
    below: dict[str, list[str]] = {}
    above: dict[str, list[str]] = {}
    for edge in (*tenant.of("service_dependencies"), new):
        supporting, dependent = (edge[side]["id"] for side in SIDES)
        below.setdefault(dependent, []).append(supporting)
        above.setdefault(supporting, []).append(dependent)
    supporting, dependent = (new[side]["id"] for side in SIDES)
    if _height(below, supporting) + _height(above, dependent) + 1 > EDGES_DEEP:
        raise invalid(f"Relationships can be at most {EDGES_DEEP} deep")


def _height(edges: dict[str, list[str]], start: str) -> int:
    """Edges of the longest chain from a service on; stops counting beyond what is allowed."""
    level, height = {start}, 0
    while height <= EDGES_DEEP:
        level = {following for ident in level for following in edges.get(ident, ())}
        if not level:
            return height
        height += 1
    return height


def associated(tenant: Tenant, edge: Obj) -> Obj:
    """A new edge, or the one that is there. Raises a refusal."""
    kept = _kept(tenant, edge)
    there = tenant.of("service_dependencies").named(kept["pair"])
    if there:
        return there[0]
    ends = [kept[side]["id"] for side in SIDES]
    if any(len(_of(tenant, ident)) >= EDGES_MOST for ident in ends):
        raise invalid(f"A service can have at most {EDGES_MOST} relationships")
    _check_depth(tenant, kept)
    return tenant.of("service_dependencies").put({"id": tenant.ident("D", 13), **kept})


def _checked(call: Call) -> list[Obj]:
    body: Any = _BODY(call.body, "")
    result: list[Obj] = body["relationships"]
    return result


def _associate(tenant: Tenant, call: Call) -> Answer:
    edges = _checked(call)
    for edge in edges:
        _kept(tenant, edge)  # all or nothing
    return tenant.reply(200, {"relationships": [_shown(associated(tenant, edge)) for edge in edges]})


def _disassociate(tenant: Tenant, call: Call) -> Answer:
    edges = [tenant.of("service_dependencies").named(_pair(edge)) for edge in _checked(call)]
    if not all(edges):
        raise not_found()
    for there in edges:
        if there[0]["id"] in tenant.of("service_dependencies"):
            tenant.of("service_dependencies").drop(there[0]["id"])
    return tenant.reply(200, {"relationships": [_shown(there[0]) for there in edges]})


def _listed(kind: str) -> Callable[[Tenant, Call], Answer]:
    def handler(tenant: Tenant, call: Call) -> Answer:
        obj = found(tenant, kind, call.params["id"])
        return tenant.reply(200, {"relationships": [_shown(edge) for edge in _of(tenant, obj["id"])]})

    return handler


def forget(tenant: Tenant, ident: str) -> None:
    """A service is gone, and every edge to it."""
    for edge in _of(tenant, ident):
        tenant.of("service_dependencies").drop(edge["id"])


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/service_dependencies/associate", _associate),
    Route("POST", "/service_dependencies/disassociate", _disassociate),
    Route("GET", "/service_dependencies/technical_services/{id}", _listed("service")),
    Route("GET", "/service_dependencies/business_services/{id}", _listed("business_service")),
)
