"""Opsgenie maintenance (sheet 11): planned, active, past or cancelled, by the clock; less and less can be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, items, record, text, word, wrong_type
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import (
    MAINTENANCE_ENTITIES,
    MAINTENANCE_LISTS,
    MAINTENANCE_STATES,
    MAINTENANCE_TIMES,
)
from reconciler.sandbox.routes import Call, Route

FORMAT = "%Y-%m-%dT%H:%M:%SZ"
RELATIVE = {
    "for-5-minutes": timedelta(minutes=5),
    "for-30-minutes": timedelta(minutes=30),
    "for-1-hour": timedelta(hours=1),
}


def _instant(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, path, "an instant as text")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid({path: f"{value!r} is no instant such as 2026-01-05T09:00:00Z"})
    return moment.astimezone(UTC).strftime(FORMAT)


_TIME = record({"type": word(*MAINTENANCE_TIMES), "startDate": _instant, "endDate": _instant}, ("type",))
_ENTITY = record({"id": text(least=1), "type": word(*MAINTENANCE_ENTITIES)}, ("id", "type"))
_RULE = record({"state": word(*MAINTENANCE_STATES), "entity": _ENTITY}, ("state", "entity"))
FIELDS: dict[str, Check] = {"description": text(), "time": _TIME, "rules": items(_RULE, least=1)}


def _read_body(tenant: Tenant, call: Call) -> Obj:
    body: Obj = record(FIELDS, ("time", "rules"))(call.body, "")
    for rule in body["rules"]:
        entity = rule["entity"]
        there = tenant.integrations if entity["type"] == "integration" else tenant.policies
        if entity["id"] not in there:
            raise Refusal(404, f"No {entity['type']} exists with id [{entity['id']}]")
        if entity["type"] == "integration" and rule["state"] != "disabled":
            raise unprocessable("rules", "an integration can only be disabled")
    # They come back in another order (sheet 7).
    return {"description": "", **body, "time": _time(tenant, body["time"]), "rules": body["rules"][::-1]}


def _time(tenant: Tenant, time: Obj) -> Obj:
    """The time with the moments it means: those that are not scheduled begin now."""
    now = tenant.clock.now()
    match time["type"]:
        case "schedule":
            missing = {f"time.{name}": "is required" for name in ("startDate", "endDate") if name not in time}
            if missing:
                raise Invalid(missing)
            if time["endDate"] <= time["startDate"]:
                raise unprocessable("time.endDate", "must be later than startDate")
            if time["endDate"] <= now.strftime(FORMAT):
                raise unprocessable("time.endDate", "must not be past")
            return time
        case "indefinitely":
            return {"type": "indefinitely", "startDate": now.strftime(FORMAT)}
        case relative:
            end = now + RELATIVE[relative]
            return {"type": relative, "startDate": now.strftime(FORMAT), "endDate": end.strftime(FORMAT)}


def status(tenant: Tenant, maintenance: Obj) -> str:
    now, time = tenant.clock.now().strftime(FORMAT), maintenance["time"]
    if maintenance.get("cancelled"):
        return "cancelled"
    if time.get("endDate", "9") <= now:
        return "past"
    return "active" if time["startDate"] <= now else "planned"


def _meta(tenant: Tenant, maintenance: Obj) -> Obj:
    bare = {key: maintenance[key] for key in ("id", "time", "description")}
    return {**bare, "status": status(tenant, maintenance)}


def shown(tenant: Tenant, maintenance: Obj) -> Obj:
    return {**_meta(tenant, maintenance), "rules": maintenance["rules"]}


def _found(tenant: Tenant, call: Call, *allowed: str) -> Obj:
    maintenance = tenant.maintenance.get(call.params["maintenance"])
    if maintenance is None:
        raise Refusal(404, f"Maintenance does not exist with id [{call.params['maintenance']}]")
    now = status(tenant, maintenance)
    if allowed and now not in allowed:
        raise unprocessable("maintenance", f"is {now}: only {' or '.join(allowed)} maintenance takes this")
    return maintenance


def _create(tenant: Tenant, call: Call) -> Answer:
    maintenance = tenant.maintenance.put({"id": tenant.mint(), **_read_body(tenant, call)})
    return tenant.reply(201, result="Created", data=_meta(tenant, maintenance))


def _list(tenant: Tenant, call: Call) -> Answer:
    wanted = word(*MAINTENANCE_LISTS)(call.query.get("type", "all"), "type")
    expired = {"all": (True, False), "past": (True,), "non-expired": (False,)}[wanted]
    metas = [_meta(tenant, maintenance) for maintenance in tenant.maintenance]
    return tenant.read([meta for meta in metas if (meta["status"] in ("past", "cancelled")) in expired])


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    maintenance = _found(tenant, call, "planned")
    changed = tenant.maintenance.put({"id": maintenance["id"], **_read_body(tenant, call)})
    return tenant.reply(200, result="Updated", data=_meta(tenant, changed))


def _change_end(tenant: Tenant, call: Call) -> Answer:
    maintenance = _found(tenant, call, "active")
    body = record({"endDate": _instant}, ("endDate",))(call.body, "")
    if body["endDate"] <= tenant.clock.now().strftime(FORMAT):
        raise unprocessable("endDate", "must not be past")
    changed = tenant.maintenance.put({**maintenance, "time": {**maintenance["time"], **body}})
    return tenant.reply(200, result="Updated", data=_meta(tenant, changed))


def _cancel(tenant: Tenant, call: Call) -> Answer:
    maintenance = _found(tenant, call, "planned", "active")
    changed = tenant.maintenance.put({**maintenance, "cancelled": True})
    return tenant.reply(200, result="Cancelled", data=_meta(tenant, changed))


def _delete(tenant: Tenant, call: Call) -> Answer:
    tenant.maintenance.drop(_found(tenant, call)["id"])
    return tenant.reply(200, result="Deleted")


def edited(tenant: Tenant, maintenance: Obj | None, value: Any) -> Obj:
    """Maintenance as a person makes or changes it in the UI; `cancelled: true` cancels it."""
    if maintenance is None:
        body = {"rules": [], "time": {"type": "indefinitely", "startDate": tenant.clock.now().strftime(FORMAT)}}
        return tenant.maintenance.put({"id": tenant.mint(), **body, **value})
    return tenant.maintenance.put({**maintenance, **value})


_ONE = "/v1/maintenance/{maintenance}"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v1/maintenance", _create),
    Route("GET", "/v1/maintenance", _list),
    Route("GET", _ONE, _get),
    Route("PUT", _ONE, _update),
    Route("DELETE", _ONE, _delete),
    Route("POST", f"{_ONE}/change-end-date", _change_end),
    Route("POST", f"{_ONE}/cancel", _cancel),
)
