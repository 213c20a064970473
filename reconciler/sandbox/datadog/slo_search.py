"""Searching SLOs (sheet 8): the same objects in another shape."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import number
from reconciler.sandbox.datadog.monitors import CREATOR
from reconciler.sandbox.datadog.slos import fits_text
from reconciler.sandbox.datadog.tenant import Tenant
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.routes import Call, Route


def _row(tenant: Tenant, slo: Obj) -> Obj:
    tags = tenant.shuffled(slo["tags"])
    groups = {
        f"{name}_tags": [tag for tag in tags if tag.startswith(f"{name}:")] for name in ("env", "service", "team")
    }
    plain = ("name", "description", "thresholds", "query", "monitor_ids", "groups", "created_at", "modified_at")
    attributes = {
        **{key: slo[key] for key in plain},
        **groups,
        "slo_type": slo["type"],
        "all_tags": tags,
        "creator": {"id": 1, "name": CREATOR["name"], "email": CREATOR["email"]},
        "overall_status": [],
    }
    return {"data": {"id": slo["id"], "type": "slo", "attributes": attributes}}


def _search(tenant: Tenant, call: Call) -> Answer:
    kept = [slo for slo in tenant.listed("slos") if fits_text(slo, call.query.get("query", ""))]
    size, page = number(call, "page[size]", 10, least=1), number(call, "page[number]", 0)
    rows = [_row(tenant, slo) for slo in kept[page * size : (page + 1) * size]]
    data = {"type": "service_level_objective_search_results", "attributes": {"slos": rows, "facets": {}}}
    meta = {"number": page, "size": size, "total": len(kept), "type": "number_size"}
    return tenant.reply(200, {"data": data, "meta": {"pagination": meta}})


ROUTES: tuple[Route[Tenant], ...] = (Route("GET", "/api/v1/slo/search", _search),)
