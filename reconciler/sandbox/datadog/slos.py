"""Service level objectives (sheet 8)."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog import queries, slo_specification
from reconciler.sandbox.datadog.body import decimal, distinct, known, number, truth, words
from reconciler.sandbox.datadog.monitors import CREATOR
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import SLO_GROUPS_MOST, SLO_TIMEFRAMES, SLO_TYPES, SLOS_MOST
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, items, mapping, nullable, text, whole, word
from reconciler.sandbox.routes import Call, Route

PERCENT = decimal(0, 100)
# The displays are ignored where they are sent.
THRESHOLD: dict[str, Check] = {"timeframe": word(*SLO_TIMEFRAMES), "target": PERCENT, "warning": PERCENT}
FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "description": nullable(text()),
    "type": word(*SLO_TYPES),
    "thresholds": items(known(THRESHOLD, ("timeframe", "target")), least=1),
    "timeframe": word(*SLO_TIMEFRAMES),
    "target_threshold": PERCENT,
    "warning_threshold": PERCENT,
    "query": slo_specification.QUERY,
    "sli_specification": slo_specification.CHECK,
    "monitor_ids": items(whole(1)),
    "groups": items(text(least=1), most=SLO_GROUPS_MOST),
    "tags": items(text(least=1)),
}
CHECK = known(FIELDS, ("name", "type", "thresholds"))
TYPE_IDS = {"monitor": 0, "metric": 1, "time_slice": 2}


def _display(value: float) -> str:
    """As many digits as it has, and the point in any case: `98.`, `99.5`."""
    return f"{value:.10f}".rstrip("0")


def _thresholds(given: list[Obj]) -> list[Obj]:
    frames = [threshold["timeframe"] for threshold in given]
    if len(set(frames)) < len(frames):
        raise Refusal(400, "Invalid payload: thresholds must have timeframes of their own")
    shown = []
    for threshold in given:
        warning = threshold.get("warning")
        one = {"timeframe": threshold["timeframe"], "target": threshold["target"]}
        one["target_display"] = _display(threshold["target"])
        if warning is not None:
            if warning <= threshold["target"]:
                raise Refusal(400, "Invalid payload: a warning must lie above its target")
            one |= {"warning": warning, "warning_display": _display(warning)}
        shown.append(one)
    return shown


def _primary(body: Obj, thresholds: list[Obj]) -> Obj:
    """The copy of one threshold: the one `timeframe` names, else the first."""
    wanted = body.get("timeframe")
    found = next((one for one in thresholds if wanted in (None, one["timeframe"])), None)
    if found is None:
        raise Refusal(400, f"Invalid payload: no threshold has the timeframe {wanted}")
    copied = {"timeframe": found["timeframe"], "target_threshold": found["target"]}
    return {**copied, "warning_threshold": found["warning"]} if "warning" in found else copied


def _watched(tenant: Tenant, body: Obj) -> Obj:
    """The monitors of an SLO over monitors, which must be there, and the groups of a single one."""
    if body["type"] != "monitor":
        return {"monitor_ids": None, "groups": None}
    idents = body.get("monitor_ids")
    if not idents:
        raise Refusal(400, "Invalid payload: must specify monitor_ids")
    absent = [ident for ident in idents if ident not in tenant.of("monitors")]
    if absent:
        raise Refusal(400, f"Invalid payload: there is no monitor {', '.join(map(str, absent))}")
    if body.get("groups") and len(idents) != 1:
        raise Refusal(400, "Invalid payload: groups are for a single monitor")
    return {"monitor_ids": idents, "groups": body.get("groups")}


def settled(tenant: Tenant, body: Obj) -> Obj:
    """The whole object: what is not sent is gone (sheet 8)."""
    thresholds = _thresholds(body["thresholds"])
    tags = distinct(body.get("tags") or [])
    lower = tenant.settings.slo_tags == "lower"
    return {
        "name": body["name"],
        "description": body.get("description") or "",
        "type": body["type"],
        "thresholds": thresholds,
        "primary": _primary(body, thresholds),
        "tags": distinct([tag.lower() for tag in tags]) if lower else tags,
        **slo_specification.settled(body["type"], body),
        **_watched(tenant, body),
    }


def made(tenant: Tenant, value: Any) -> Obj:
    stored = settled(tenant, CHECK(value, ""))
    now = tenant.clock.unix()
    ident = tenant.mint().replace("-", "")
    return tenant.add("slos", {"id": ident, **stored, "created_at": now, "modified_at": now})


def shown(tenant: Tenant, slo: Obj) -> Obj:
    bare = {key: part for key, part in slo.items() if part is not None and key not in ("primary", "tags")}
    watched = [tenant.of("monitors").get(ident) for ident in slo["monitor_ids"] or ()]
    tags = distinct([tag for monitor in watched if monitor for tag in monitor["tags"]])
    return {
        **bare,
        **slo["primary"],
        "type_id": TYPE_IDS[slo["type"]],
        "tags": tenant.shuffled(slo["tags"]),
        "monitor_tags": tags,
        "creator": CREATOR,
    }


def _found(tenant: Tenant, call: Call) -> Obj:
    slo = tenant.of("slos").get(call.params["id"])
    if slo is None:
        raise Refusal(404, f"SLO not found: {call.params['id']} not found")
    return slo


def _create(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"data": [shown(tenant, made(tenant, call.body))], "error": None})


def _read(tenant: Tenant, call: Call) -> Answer:
    slo = _found(tenant, call)
    body = shown(tenant, slo)
    if truth(call, "with_configured_alert_ids"):
        alerts = (one for one in tenant.of("monitors") if one["type"] == "slo alert")
        body["configured_alert_ids"] = [one["id"] for one in alerts if queries.objective_of(one["query"]) == slo["id"]]
    return tenant.reply(200, {"data": body})


def _update(tenant: Tenant, call: Call) -> Answer:
    before = _found(tenant, call)
    body = CHECK(call.body, "")
    if body["type"] != before["type"]:
        raise Refusal(400, "Invalid payload: the type of an SLO cannot be changed")
    kept = {"id": before["id"], "created_at": before["created_at"], "modified_at": tenant.clock.unix()}
    stored = tenant.of("slos").put({**settled(tenant, body), **kept})
    return tenant.reply(200, {"data": [shown(tenant, stored)], "error": None})


def fits_text(slo: Obj, query: str) -> bool:
    return query.casefold() in slo["name"].casefold() or query.casefold() in slo["tags"]


def _measures(slo: Obj, metric: str) -> bool:
    query = slo["query"] or {}
    return any(metric in str(query.get(part, "")) for part in ("numerator", "denominator"))


def _list(tenant: Tenant, call: Call) -> Answer:
    everything = tenant.listed("slos")
    idents, tags = words(call, "ids"), {tag.lower() for tag in words(call, "tags_query")}
    kept = [
        slo
        for slo in everything
        if (not idents or slo["id"] in idents)
        and fits_text(slo, call.query.get("query", ""))
        and tags <= {tag.lower() for tag in slo["tags"]}
        and ("metrics_query" not in call.query or _measures(slo, call.query["metrics_query"]))
        and not truth(call, "is_deleted")
    ]
    offset, size = number(call, "offset", 0), number(call, "limit", SLOS_MOST, SLOS_MOST, least=1)
    page = {"total_count": len(everything), "total_filtered_count": len(kept)}
    rows = [shown(tenant, slo) for slo in kept[offset : offset + size]]
    return tenant.reply(200, {"data": rows, "error": None, "metadata": {"page": page}})


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def blocks(tenant: Tenant, slo: Obj) -> str | None:
    """Why it cannot go, in the vendor's words."""
    boards = [board["id"] for board in tenant.of("dashboards") if slo["id"] in board["slos"]]
    return f"slo {slo['id']} is referenced in dashboard_id: {', '.join(boards)}" if boards else None


def _delete(tenant: Tenant, call: Call) -> Answer:
    slo = _found(tenant, call)
    blocking = None if truth(call, "force") else blocks(tenant, slo)
    if blocking:
        raise Refusal(409, body={"errors": blocking, "data": None})
    tenant.of("slos").drop(slo["id"])
    return tenant.reply(200, {"data": [slo["id"]], "error": None})


def _can_delete(tenant: Tenant, call: Call) -> Answer:
    idents = words(call, "ids")
    slos = [slo for ident in idents if (slo := tenant.of("slos").get(ident)) is not None]
    if not idents or len(slos) < len(idents):
        raise Refusal(400, "Invalid payload: ids must name SLOs")
    blocking = {slo["id"]: said for slo in slos if (said := blocks(tenant, slo))}
    free = [slo["id"] for slo in slos if slo["id"] not in blocking]
    return tenant.reply(409 if blocking else 200, {"data": {"ok": free}, "errors": blocking})


def _bulk_delete(tenant: Tenant, call: Call) -> Answer:
    """Takes timeframes from SLOs; one that keeps none goes."""
    asked = mapping(items(word(*SLO_TIMEFRAMES), least=1))(call.body, "body")
    deleted, updated, errors = [], [], []
    for ident, frames in asked.items():
        slo = tenant.of("slos").get(ident)
        if slo is None:
            errors.append({"id": ident, "message": f"SLO not found: {ident} not found", "timeframe": "all"})
            continue
        left = [one for one in slo["thresholds"] if one["timeframe"] not in frames]
        if left:
            tenant.of("slos").put({**slo, "thresholds": left, "primary": _primary({}, left)})
            updated.append(ident)
        else:
            tenant.of("slos").drop(ident)
            deleted.append(ident)
    return tenant.reply(200, {"data": {"deleted": deleted, "updated": updated}, "errors": errors})


def dashboard(tenant: Tenant, name: str, value: Obj) -> Obj:
    """A dashboard that shows SLOs, by id or name; only an edit makes one."""
    listed = items(text(least=1))(value.get("slos", []), "slos")
    slos = [slo["id"] for slo in tenant.of("slos") if {slo["id"], slo["name"]} & set(listed)]
    if len(slos) < len(listed):
        raise Invalid({"slos": "must name SLOs"})
    ident = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return tenant.of("dashboards").put({"id": ident, "name": name, "slos": slos})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/api/v1/slo", _list),
    Route("POST", "/api/v1/slo", _create),
    Route("POST", "/api/v1/slo/bulk_delete", _bulk_delete),
    Route("GET", "/api/v1/slo/can_delete", _can_delete),
    Route("GET", "/api/v1/slo/{id}", _read),
    Route("PUT", "/api/v1/slo/{id}", _update),
    Route("DELETE", "/api/v1/slo/{id}", _delete),
)
