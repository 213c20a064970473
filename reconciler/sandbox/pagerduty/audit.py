"""PagerDuty's audit records: who changed what, over the API or in the UI."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import instant, moment, sentences
from reconciler.sandbox.pagerduty.reference import NOUNS, found, identity, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, arguments
from reconciler.sandbox.routes import Call, Route

ROOTS = {NOUNS[kind].plural: kind for kind in ("user", "team", "schedule", "escalation_policy", "service")}
LONGEST = timedelta(days=31)
ACTIONS = {"POST": "create", "PUT": "update", "DELETE": "delete"}


def watched(segments: tuple[str, ...], method: str) -> bool:
    return bool(segments) and segments[0] in ROOTS and method != "GET"


def noted(tenant: Tenant, caller: Caller, method: str, segments: tuple[str, ...], before: Obj | None) -> None:
    """Keeps a record of a write that went well. `before` is the object as it was; a new one is the last made."""
    kind = ROOTS[segments[0]]
    objs = tenant.of(segments[0])
    ident = segments[1] if len(segments) > 1 else next(reversed(objs.items))
    after = objs.get(ident)
    whole = len(segments) < 3
    obj = after or before
    if obj is None:
        return  # a preview, which writes nothing
    link = identity(tenant, kind, obj)
    root = {key: link[key] for key in ("id", "summary")} | {"type": f"{kind}_reference"}
    record = {
        "id": tenant.ident("PD", 14),
        "root": ident,
        "plural": segments[0],
        "execution_time": tenant.clock.stamp(),
        "actor": caller.user,
        "method": "browser" if caller.browser else "api_token",
        "token": None if caller.browser else caller.token,
        "root_resource": root,
        "action": ACTIONS[method] if whole else "update",
        "fields": _differences(before or {}, after or {}) if whole else [],
        "path": "/".join(segments[2:]),
    }
    tenant.of("records").put(record)


def _differences(before: Obj, after: Obj) -> list[Any]:
    """Field, value after and before; put into words only when somebody reads."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key) and key not in ("id", "folded")]
    return [[key, after.get(key), before.get(key)] for key in changed]


def _words(value: Any) -> str | None:
    return value if isinstance(value, str | None) else json.dumps(value, ensure_ascii=False)


def _shown(tenant: Tenant, record: Obj) -> Obj:
    actor = pointed(tenant, "user", record["actor"]) or {"id": "PAPIKEY", "type": "api_key_reference"}
    resource = {**record["root_resource"], **({"path": record["path"]} if record["path"] else {})}
    fields = [
        {"name": name, "value": _words(after), "before_value": _words(before)}
        for name, after, before in record["fields"]
    ]
    return {
        "id": record["id"],
        "self": f"{tenant.base}/audit/records/{record['id']}",
        "execution_time": record["execution_time"],
        "execution_context": {"request_id": record["id"].lower(), "remote_address": "127.0.0.1"},
        "actors": [actor],
        "method": {"type": record["method"], "truncated_token": record["token"], "description": None},
        "root_resource": record["root_resource"],
        "action": record["action"],
        "details": {"resource": resource, "fields": fields, "references": []},
    }


def _span(tenant: Tenant, call: Call) -> tuple[str, str]:
    """The range asked for; the last 24 hours unless said otherwise, 31 days at most."""
    now = tenant.clock.now()
    try:
        until = instant(call.query.get("until") or now.isoformat(), "until")
        since = instant(call.query.get("since") or (now - timedelta(days=1)).isoformat(), "since")
    except Invalid as wrong:
        raise sentences(wrong) from None
    if moment(until) - moment(since) > LONGEST:
        raise arguments("The range of since and until must be 31 days at most")
    return since, until


def _page(tenant: Tenant, call: Call, records: list[Obj]) -> Answer:
    since, until = _span(tenant, call)
    kinds, actions = set(paging.many(call, "root_resource_types[]")), set(paging.many(call, "actions[]"))
    fitting = [
        record
        for record in reversed(records)  # the newest first
        if since <= record["execution_time"][:19] + "Z" <= until
        and (not kinds or record["plural"] in kinds)
        and (not actions or record["action"] in actions)
        and call.query.get("method_type") in (None, record["method"])
        and call.query.get("actor_id") in (None, record["actor"])
    ]
    body = paging.by_cursor(call, "records", fitting, lambda record: _shown(tenant, record))
    return tenant.reply(200, {**body, "response_metadata": None})


def _list(tenant: Tenant, call: Call) -> Answer:
    return _page(tenant, call, list(tenant.of("records")))


def _of_root(tenant: Tenant, call: Call) -> Answer:
    root = found(tenant, ROOTS[call.request.path.split("/")[-4]], call.params["id"])
    return _page(tenant, call, tenant.of("records").named(root["id"]))


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/audit/records", _list),
    *(Route("GET", f"/{plural}/{{id}}/audit/records", _of_root) for plural in ROOTS),
)
