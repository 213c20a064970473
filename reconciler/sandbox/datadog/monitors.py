"""Datadog monitors (sheet 3)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog import monitor_options, queries
from reconciler.sandbox.datadog.body import distinct, known, monitor_id, number, truth, words
from reconciler.sandbox.datadog.tenant import Caller, Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import DRAFT_STATUSES, METRIC_TYPES, MONITOR_TYPES, MONITORS_MOST, UUID
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, items, nullable, text, whole, word
from reconciler.sandbox.routes import Call, Route

ASSET: dict[str, Check] = {
    "category": word("runbook"),
    "name": text(least=1),
    "url": text(least=1),
    "resource_key": text(),
    "resource_type": word("notebook"),
}
FIELDS: dict[str, Check] = {
    "type": word(*MONITOR_TYPES),
    "query": text(least=1),
    "name": text(),
    "message": text(),
    "tags": items(text(least=1)),
    "priority": nullable(whole(0, 5)),
    "restricted_roles": nullable(items(text(pattern=UUID))),
    "draft_status": word(*DRAFT_STATUSES),
    "assets": nullable(items(known(ASSET, ("category", "name", "url")))),
    "options": monitor_options.CHECK,
}
NEW = known(FIELDS, ("type", "query"))
CHANGED = known(FIELDS)
BLANK: Obj = {
    "name": "",
    "message": "",
    "tags": [],
    "priority": None,
    "restricted_roles": None,
    "draft_status": "published",
    "assets": [],
    "options": {},
}
CREATOR = {"name": "Ann", "handle": "ann@example.com", "email": "ann@example.com"}


def _typed(tenant: Tenant, kind: str) -> str:
    """The two types of a metric monitor stand for each other, and either may come back (sheet 3)."""
    if kind not in METRIC_TYPES or tenant.settings.metric_type == "as_sent":
        return kind
    if tenant.settings.metric_type == "query":
        return "query alert"
    return "metric alert" if kind == "query alert" else "query alert"


def settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    """The monitor as it would be stored. Raises 400 or 403."""
    kind = body.get("type") or (before or {})["type"]
    if before is not None and kind != before["type"] and not {kind, before["type"]} <= METRIC_TYPES:
        raise Refusal(
            400, "The value provided for parameter 'type' is invalid: the type of a monitor cannot be changed"
        )
    if kind == "synthetics alert":
        raise Refusal(400, "The value provided for parameter 'type' is invalid: made by synthetic tests alone")
    if kind == "log alert" and caller.scoped:
        raise Refusal(403, "Forbidden")
    given = {key: part for key, part in body.items() if part is not None or key in ("priority", "restricted_roles")}
    after: Obj = {**BLANK, **(before or {}), **given, "type": before["type"] if before else _typed(tenant, kind)}
    after |= {key: after[key].rstrip() for key in ("query", "message")}
    after |= {"tags": distinct(after["tags"]), "priority": after["priority"] or None}
    after["name"] = after["name"] or after["query"]
    after["options"] = monitor_options.stored(kind, after["options"])
    if not after["query"]:
        raise queries.wrong("it is empty")
    monitor_options.check(tenant, kind, after["options"])
    asked = queries.read(tenant, kind, after["query"], after["options"])
    monitor_options.check_groups(tenant, after["options"], asked.grouped)
    return {**after, "multi": asked.grouped}


def _check_alone(tenant: Tenant, monitor: Obj, own: int | None) -> None:
    """Another monitor may not be the same (sheet 15)."""
    if tenant.settings.duplicates == "taken":
        return
    parts = ("name", "type", "query", "options")
    for other in tenant.of("monitors").named(monitor["name"]):
        if other["id"] != own and all(other[part] == monitor[part] for part in parts):
            raise Refusal(400, f"Duplicate of an existing monitor_id:{other['id']} org_id:{tenant.org}")


def made(tenant: Tenant, value: Any, caller: Caller) -> Obj:
    monitor = settled(tenant, None, NEW(value, ""), caller)
    _check_alone(tenant, monitor, None)
    now = tenant.stamp()
    created_at = int(tenant.clock.now().timestamp() * 1000)
    return tenant.add(
        "monitors", {"id": tenant.number(), **monitor, "created": now, "created_at": created_at, "modified": now}
    )


def shown(tenant: Tenant, monitor: Obj, creator: bool = True, assets: bool = False) -> Obj:
    hidden = () if assets else ("assets",)
    body = {
        **{key: part for key, part in monitor.items() if key not in hidden},
        "org_id": tenant.org,
        "deleted": None,
        "overall_state": "No Data",
        "overall_state_modified": None,
        "restriction_policy": None,
    }
    return {**body, "creator": CREATOR} if creator else body


def found(tenant: Tenant, call: Call) -> Obj:
    monitor = tenant.of("monitors").get(monitor_id(call.params["id"]))
    if monitor is None:
        raise Refusal(404, "Monitor not found")
    return monitor


def _create(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, shown(tenant, made(tenant, call.body, call.caller)))


def _read(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, shown(tenant, found(tenant, call), assets=truth(call, "with_assets")))


def _update(tenant: Tenant, call: Call) -> Answer:
    """Merges what stands on top, replaces options whole; the answer has no creator."""
    before = found(tenant, call)
    monitor = settled(tenant, before, CHANGED(call.body, ""), call.caller)
    _check_alone(tenant, monitor, before["id"])
    stored = tenant.of("monitors").put({**monitor, "modified": tenant.stamp()})
    return tenant.reply(200, shown(tenant, stored, creator=False))


def _list(tenant: Tenant, call: Call) -> Answer:
    monitors = tenant.listed("monitors")
    name, tags = call.query.get("name", "").casefold(), {*words(call, "tags"), *words(call, "monitor_tags")}
    kept = [one for one in monitors if name in one["name"].casefold() and tags <= set(one["tags"])]
    if "id_offset" in call.query:
        beyond = number(call, "id_offset", 0)
        kept = sorted((one for one in kept if one["id"] > beyond), key=lambda one: int(one["id"]))
    if "page" in call.query or "id_offset" in call.query:
        size = number(call, "page_size", 100, MONITORS_MOST, least=1)
        start = size * number(call, "page", 0)
        kept = kept[start : start + size]
    return tenant.reply(200, [shown(tenant, monitor) for monitor in kept])


def _validate(tenant: Tenant, call: Call) -> Answer:
    settled(tenant, None, NEW(call.body, ""), call.caller)
    return tenant.reply(200, {})


def _validate_change(tenant: Tenant, call: Call) -> Answer:
    settled(tenant, found(tenant, call), NEW(call.body, ""), call.caller)
    return tenant.reply(200, {})


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def blocks(tenant: Tenant, monitor: Obj) -> list[str]:
    """What refers to the monitor, in the vendor's sentences."""
    ident, what = monitor["id"], f"monitor [{monitor['id']},{monitor['name']}] is referenced in"
    slos = [f"[{slo['id']},{slo['name']}]" for slo in tenant.of("slos") if ident in (slo["monitor_ids"] or ())]
    parents = [
        f"[{other['id']},{other['name']}]"
        for other in tenant.of("monitors")
        if other["type"] == "composite" and ident in queries.composed_of(other["query"])
    ]
    named = (("slos", slos), ("composite monitors", parents))
    return [f"{what} {sort}: {', '.join(listed)}" for sort, listed in named if listed]


def _delete(tenant: Tenant, call: Call) -> Answer:
    monitor = found(tenant, call)
    blocking = [] if truth(call, "force") else blocks(tenant, monitor)
    if blocking:
        raise Refusal(400, *blocking)
    tenant.of("monitors").drop(monitor["id"])
    return tenant.reply(200, {"deleted_monitor_id": monitor["id"]})


def _can_delete(tenant: Tenant, call: Call) -> Answer:
    given = words(call, "monitor_ids")
    if not given:
        raise Refusal(400, "The value provided for parameter 'monitor_ids' is invalid")
    asked = [tenant.of("monitors").get(monitor_id(part)) for part in given]
    there = [monitor for monitor in asked if monitor is not None]
    if len(there) < len(asked):
        raise Refusal(400, "Some monitor IDs are invalid")
    blocking = {str(monitor["id"]): said for monitor in there if (said := blocks(tenant, monitor))}
    free = [monitor["id"] for monitor in there if str(monitor["id"]) not in blocking]
    return tenant.reply(409 if blocking else 200, {"data": {"ok": free}, "errors": blocking or None})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/api/v1/monitor", _list),
    Route("POST", "/api/v1/monitor", _create),
    Route("POST", "/api/v1/monitor/validate", _validate),
    Route("GET", "/api/v1/monitor/can_delete", _can_delete),
    Route("GET", "/api/v1/monitor/{id}", _read),
    Route("PUT", "/api/v1/monitor/{id}", _update),
    Route("DELETE", "/api/v1/monitor/{id}", _delete),
    Route("POST", "/api/v1/monitor/{id}/validate", _validate_change),
)
