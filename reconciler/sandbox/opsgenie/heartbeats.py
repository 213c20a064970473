"""Opsgenie heartbeats (sheet 10): what must report in time. Their name is their identity."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, record, text, whole, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant
from reconciler.sandbox.opsgenie.vocabulary import (
    HEARTBEAT_DESCRIPTION_LENGTH,
    HEARTBEAT_NAME,
    HEARTBEAT_NAME_LENGTH,
    INTERVAL_UNITS,
    MESSAGE_LENGTH,
    PRIORITIES,
    TAG_LENGTH,
    TAGS_MOST,
)
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {
    "description": text(most=HEARTBEAT_DESCRIPTION_LENGTH),
    "interval": whole(least=1),
    "intervalUnit": word(*INTERVAL_UNITS),
    "enabled": flag,
    "ownerTeam": reference.OWNER,
    "alertMessage": text(most=MESSAGE_LENGTH),
    "alertTags": items(text(least=1, most=TAG_LENGTH), most=TAGS_MOST),
    "alertPriority": word(*PRIORITIES),
}
NAME = text(least=1, most=HEARTBEAT_NAME_LENGTH, pattern=HEARTBEAT_NAME)
NEEDS = ("name", "interval", "intervalUnit", "enabled")


def made(tenant: Tenant, body: Obj) -> Obj:
    name = body["name"]
    defaults = {"description": "", "alertMessage": f"{name} is expired", "alertTags": [], "alertPriority": "P3"}
    shape = {"interval": 10, "intervalUnit": "minutes", "enabled": True}
    return tenant.heartbeats.put({"id": name, **shape, **defaults, **body})


def _expired(tenant: Tenant, heartbeat: Obj) -> bool:
    """Only one that reported before can fail to report again."""
    last = heartbeat.get("lastPingTime")
    span = timedelta(**{heartbeat["intervalUnit"]: heartbeat["interval"]})
    return bool(heartbeat["enabled"] and last and datetime.fromisoformat(last) + span < tenant.clock.now())


def shown(tenant: Tenant, heartbeat: Obj) -> Obj:
    bare = {key: value for key, value in heartbeat.items() if key not in ("id", "ownerTeam")}
    return {**bare, **reference.owner_shown(tenant, heartbeat), "expired": _expired(tenant, heartbeat)}


def _brief(tenant: Tenant, heartbeat: Obj) -> Obj:
    return {"name": heartbeat["name"], "enabled": heartbeat["enabled"], "expired": _expired(tenant, heartbeat)}


def _found(tenant: Tenant, call: Call) -> Obj:
    heartbeat = tenant.heartbeats.get(call.params["heartbeat"])
    if heartbeat is None:
        raise Refusal(404, f"Heartbeat with name [{call.params['heartbeat']}] not found.")
    return reference.seen(call.caller, heartbeat)


def _settled(tenant: Tenant, call: Call, body: Obj) -> Obj:
    owner = reference.owner_kept(tenant, body.pop("ownerTeam", None), call.caller)
    return {**body, "ownerTeam": owner} if owner else body


def _create(tenant: Tenant, call: Call) -> Answer:
    body: Obj = record({**FIELDS, "name": NAME}, NEEDS)(call.body, "")
    if body["name"] in tenant.heartbeats:
        # Sheet 17.7: the code is unconfirmed.
        raise Refusal(409, f"Heartbeat with name [{body['name']}] already exists.")
    heartbeat = made(tenant, _settled(tenant, call, body))
    return tenant.reply(201, result="Created", data=shown(tenant, heartbeat))


def _list(tenant: Tenant, call: Call) -> Answer:
    listed = reference.visible(call.caller, tenant.heartbeats)
    return tenant.read({"heartbeats": [shown(tenant, part) for part in listed]})


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    heartbeat = _found(tenant, call)
    body: Obj = record(FIELDS)(call.body, "")  # the name cannot change
    changed = tenant.heartbeats.put({**heartbeat, **_settled(tenant, call, body)})
    return tenant.reply(200, result="Updated", data=_brief(tenant, changed))


def _switch(tenant: Tenant, call: Call, enabled: bool) -> Answer:
    changed = tenant.heartbeats.put({**_found(tenant, call), "enabled": enabled})
    return tenant.reply(200, result="Enabled" if enabled else "Disabled", data=_brief(tenant, changed))


def _delete(tenant: Tenant, call: Call) -> Answer:
    tenant.heartbeats.drop(_found(tenant, call)["id"])
    return tenant.reply(200, result="Deleted", data={"name": call.params["heartbeat"]})


def _ping(tenant: Tenant, call: Call) -> Answer:
    """Answered the same whether there is such a heartbeat or not."""
    heartbeat = tenant.heartbeats.get(call.params["heartbeat"])
    if heartbeat:
        tenant.heartbeats.put({**heartbeat, "lastPingTime": tenant.clock.stamp()})
    return tenant.reply(202, result="PONG - Heartbeat received")


def edited(tenant: Tenant, heartbeat: Obj | None, value: Any) -> Obj:
    """A heartbeat as a person makes or changes it in the UI."""
    return tenant.heartbeats.put({**heartbeat, **value}) if heartbeat else made(tenant, dict(value))


_ONE = "/v2/heartbeats/{heartbeat}"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/heartbeats", _create),
    Route("GET", "/v2/heartbeats", _list),
    Route("GET", _ONE, _get),
    Route("PATCH", _ONE, _update),
    Route("DELETE", _ONE, _delete),
    Route("POST", f"{_ONE}/enable", lambda tenant, call: _switch(tenant, call, True)),
    Route("POST", f"{_ONE}/disable", lambda tenant, call: _switch(tenant, call, False)),
    *(Route(method, f"{_ONE}/ping", _ping) for method in ("GET", "POST", "PUT", "PATCH")),
)
