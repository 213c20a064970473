"""Opsgenie alerts (sheet 13): everything that changes one is taken in with 202 and done by request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, items, mapping, record, text, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.users import page
from reconciler.sandbox.opsgenie.vocabulary import (
    ALERT_DESCRIPTION_LENGTH,
    ALIAS_LENGTH,
    MESSAGE_LENGTH,
    PRIORITIES,
    RESPONDER_TYPES,
    TAG_LENGTH,
    TAGS_MOST,
)
from reconciler.sandbox.routes import Call, Route

RESPONDERS = items(reference.target(*RESPONDER_TYPES))
TAGS = items(text(least=1, most=TAG_LENGTH), most=TAGS_MOST)
SPOKEN: dict[str, Check] = {"user": text(), "note": text(), "source": text()}
FIELDS: dict[str, Check] = {
    **SPOKEN,
    "message": text(least=1, most=MESSAGE_LENGTH),
    "alias": text(most=ALIAS_LENGTH),
    "description": text(most=ALERT_DESCRIPTION_LENGTH),
    "responders": RESPONDERS,
    "visibleTo": RESPONDERS,
    "actions": items(text()),
    "tags": TAGS,
    "details": mapping(text()),
    "entity": text(),
    "priority": word(*PRIORITIES),
}
LIST_LEAVES_OUT = ("description", "details", "entity", "actions", "notes", "visibleTo")


def _accepted(tenant: Tenant, call: Call, action: str, alert: Obj | None, status: str) -> Answer:
    """202, and the result that the request's status will tell once it is processed."""
    request = tenant.mint()
    result = {
        "success": alert is not None,
        "action": action,
        "processedAt": tenant.clock.stamp(),
        "integrationId": (call.caller.integration or {}).get("id"),
        "isSuccess": alert is not None,
        "status": status,
        "alertId": alert["id"] if alert else "",
        "alias": alert["alias"] if alert else "",
    }
    tenant.processed.put({"id": request, "name": action, "result": result})
    return tenant.reply(202, result="Request will be processed", requestId=request)


def _by_integration(call: Call) -> Obj:
    """The integration that calls; the account's key may not write alerts (sheet 1)."""
    integration: Obj | None = call.caller.integration
    if integration is None:
        raise forbidden("You are not authorized to perform this action. Use an API key from an API integration.")
    return integration


def _create(tenant: Tenant, call: Call) -> Answer:
    integration = _by_integration(call)
    body: Obj = record(FIELDS, ("message",))(call.body, "")
    for key in ("responders", "visibleTo"):
        if key in body:
            body[key] = [reference.kept(tenant, part) for part in body[key]]
    same = [part for part in tenant.alerts.named(body.get("alias")) if part["status"] == "open"]
    if same:
        moment = {"lastOccurredAt": tenant.clock.stamp(), "updatedAt": tenant.clock.stamp()}
        counted = tenant.alerts.put({**same[0], "count": same[0]["count"] + 1, **moment})
        return _accepted(tenant, call, "Create", counted, "Deduplicated alert")
    return _accepted(tenant, call, "Create", _made(tenant, integration, body), "Created alert")


def _made(tenant: Tenant, integration: Obj, body: Obj) -> Obj:
    ident, now = tenant.mint(), tenant.clock.stamp()
    own = [] if integration["ignoreRespondersFromPayload"] else body.get("responders", [])
    responders = [*integration["responders"], *(part for part in own if part not in integration["responders"])]
    tags = [] if integration["ignoreTagsFromPayload"] else body.get("tags", [])
    details = {} if integration["ignoreExtraPropertiesFromPayload"] else body.get("details", {})
    alert = {
        "id": ident,
        "tinyId": str(len(tenant.alerts) + 1),
        "alias": body.get("alias") or ident,
        "message": body["message"],
        "description": body.get("description", ""),
        "status": "open",
        "acknowledged": False,
        "isSeen": False,
        "snoozed": False,
        "count": 1,
        "tags": [*integration["tags"], *tags],
        "details": {**integration["extraProperties"], **details},
        "entity": body.get("entity", ""),
        "actions": body.get("actions", []),
        "source": body.get("source", "127.0.0.1"),
        "priority": body.get("priority") or integration.get("priority") or "P3",
        "owner": "",
        "responders": responders,
        "visibleTo": body.get("visibleTo", []),
        "integration": {key: integration[key] for key in ("id", "name", "type")},
        "notes": [body["note"]] if body.get("note") else [],
        "createdAt": now,
        "updatedAt": now,
        "lastOccurredAt": now,
    }
    return tenant.alerts.put(alert)


def _shown(alert: Obj) -> Obj:
    return {key: value for key, value in alert.items() if key not in ("notes", "visibleTo")}


def _find(tenant: Tenant, call: Call) -> Obj | None:
    ident, by = call.params["alert"], call.query.get("identifierType", "id")
    match by:
        case "id":
            found = tenant.alerts.get(ident)
        case "alias":
            found = next(iter(reversed(tenant.alerts.named(ident))), None)
        case "tiny":
            found = next((alert for alert in tenant.alerts if alert["tinyId"] == ident), None)
        case _:
            raise unprocessable("identifierType", f"{by!r} is not one of id, alias, tiny")
    return found


def _sought(tenant: Tenant, call: Call) -> Obj:
    alert = _find(tenant, call)
    if alert is None:
        raise Refusal(404, f"Alert does not exist with identifier [{call.params['alert']}]")
    if call.caller.team and {"type": "team", "id": call.caller.team} not in alert["responders"]:
        raise forbidden()
    return alert


def _listed(tenant: Tenant, call: Call) -> list[Obj]:
    """The alerts that fit the query: words `field:value` joined by `and`, or plain words of the message."""
    alerts = list(tenant.alerts)
    if call.caller.team:
        alerts = [part for part in alerts if {"type": "team", "id": call.caller.team} in part["responders"]]
    for term in filter(None, call.query.get("query", "").replace(" AND ", " and ").split(" and ")):
        field, _, wanted = term.replace("=", ":").partition(":")
        alerts = [alert for alert in alerts if _fits(alert, field.strip(), wanted.strip(' "'), term)]
    return alerts


def _fits(alert: Obj, field: str, wanted: str, term: str) -> bool:
    if not wanted:
        return term.strip().casefold() in alert["message"].casefold()
    if field in ("tag", "tags"):
        return wanted in alert["tags"]
    if field not in ("status", "alias", "message", "priority", "source", "entity", "count"):
        raise unprocessable("query", f"the field {field!r} is not known")
    value = str(alert[field]).casefold()
    return wanted.casefold() in value if field == "message" else wanted.casefold() == value


def _list(tenant: Tenant, call: Call) -> Answer:
    field, order = call.query.get("sort", "createdAt"), call.query.get("order", "desc")
    if field not in ("createdAt", "updatedAt", "tinyId", "alias", "message", "status", "count", "lastOccurredAt"):
        raise unprocessable("sort", f"cannot sort by {field!r}")
    alerts = sorted(
        _listed(tenant, call), key=lambda alert: (alert[field], int(alert["tinyId"])), reverse=order == "desc"
    )
    shown, paging = page(call, alerts, 20, 100)
    short = [{key: value for key, value in alert.items() if key not in LIST_LEAVES_OUT} for alert in shown]
    return tenant.read(short, paging=paging)


def _count(tenant: Tenant, call: Call) -> Answer:
    return tenant.read({"count": len(_listed(tenant, call))})


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(_shown(_sought(tenant, call)))


def _status(tenant: Tenant, call: Call) -> Answer:
    request = call.params["request"]
    done = tenant.processed.get(request)
    reads = tenant.status_reads.get(request, 0)
    if done is None or reads < tenant.settings.processing_reads:
        tenant.status_reads[request] = reads + 1
        raise Refusal(404, "Request not found. It might not be processed, yet.", kind="RequestNotProcessed")
    return tenant.read(done["result"])


Change = Callable[[Tenant, Obj, Obj], Obj]


def _act(
    action: str, fields: dict[str, Check], needs: tuple[str, ...], change: Change
) -> Callable[[Tenant, Call], Answer]:
    """A handler that takes a request in, and does it when the alert is there; 202 either way (sheet 13)."""
    check = record({**SPOKEN, **fields}, needs)

    def handler(tenant: Tenant, call: Call) -> Answer:
        _by_integration(call)
        body = check({} if call.body is None else call.body, "")
        alert = _find(tenant, call)
        if alert is None:
            return _accepted(tenant, call, action, None, "Alert does not exist")
        notes = [*alert["notes"], body["note"]] if body.get("note") else alert["notes"]
        moment = {"updatedAt": tenant.clock.stamp(), "notes": notes}
        changed = tenant.alerts.put({**alert, **moment, **change(tenant, alert, body)})
        return _accepted(
            tenant, call, action, changed, f"{action}d alert" if action.endswith("e") else f"{action} done"
        )

    return handler


def _delete(tenant: Tenant, call: Call) -> Answer:
    _by_integration(call)
    alert = _find(tenant, call)
    if alert:
        tenant.alerts.drop(alert["id"])
    return _accepted(tenant, call, "Delete", alert, "Deleted alert" if alert else "Alert does not exist")


def _untag(tenant: Tenant, call: Call) -> Answer:
    gone = call.query.get("tags", "").split(",")
    handler = _act(
        "RemoveTags", {}, (), lambda _, alert, __: {"tags": [tag for tag in alert["tags"] if tag not in gone]}
    )
    return handler(tenant, call)


def _undetail(tenant: Tenant, call: Call) -> Answer:
    gone = call.query.get("keys", "").split(",")

    def change(_: Tenant, alert: Obj, __: Obj) -> Obj:
        return {"details": {key: value for key, value in alert["details"].items() if key not in gone}}

    return _act("RemoveDetails", {}, (), change)(tenant, call)


def _added(key: str) -> Change:
    return lambda tenant, alert, body: {key: [*alert[key], *(part for part in body[key] if part not in alert[key])]}


def _responder(tenant: Tenant, alert: Obj, body: Obj) -> Obj:
    return {"responders": [*alert["responders"], reference.kept(tenant, body["responder"])]}


def _detailed(tenant: Tenant, alert: Obj, body: Obj) -> Obj:
    return {"details": {**alert["details"], **body["details"]}}


def _set(key: str) -> tuple[dict[str, Check], tuple[str, ...], Change]:
    return {key: FIELDS[key]}, (key,), lambda tenant, alert, body: {key: body[key]}


def _owner(tenant: Tenant, alert: Obj, body: Obj) -> Obj:
    user: Any = body["owner"]
    found = tenant.users.get(user.get("id")) or next(iter(tenant.users.named(user.get("username"))), None)
    return {"owner": found["username"] if found else ""}


_OWNER = record({"id": text(), "username": text()})
_RESPONDER = reference.target(*RESPONDER_TYPES)
_ONE = "/v2/alerts/{alert}"


def _constant(**values: Any) -> Change:
    return lambda tenant, alert, body: values


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/alerts", _create),
    Route("GET", "/v2/alerts", _list),
    Route("GET", "/v2/alerts/count", _count),
    Route("GET", "/v2/alerts/requests/{request}", _status),
    Route("GET", _ONE, _get),
    Route("DELETE", _ONE, _delete),
    Route("POST", f"{_ONE}/acknowledge", _act("Acknowledge", {}, (), _constant(acknowledged=True))),
    Route("POST", f"{_ONE}/unacknowledge", _act("Unacknowledge", {}, (), _constant(acknowledged=False))),
    Route("POST", f"{_ONE}/close", _act("Close", {}, (), _constant(status="closed"))),
    Route("POST", f"{_ONE}/snooze", _act("Snooze", {"endTime": text(least=1)}, ("endTime",), _constant(snoozed=True))),
    Route("POST", f"{_ONE}/assign", _act("Assign", {"owner": _OWNER}, ("owner",), _owner)),
    Route("POST", f"{_ONE}/notes", _act("AddNote", {}, ("note",), _constant())),
    Route("POST", f"{_ONE}/tags", _act("AddTags", {"tags": TAGS}, ("tags",), _added("tags"))),
    Route("DELETE", f"{_ONE}/tags", _untag),
    Route("POST", f"{_ONE}/responders", _act("AddResponder", {"responder": _RESPONDER}, ("responder",), _responder)),
    Route("POST", f"{_ONE}/details", _act("AddDetails", {"details": FIELDS["details"]}, ("details",), _detailed)),
    Route("DELETE", f"{_ONE}/details", _undetail),
    Route("PUT", f"{_ONE}/message", _act("UpdateMessage", *_set("message"))),
    Route("PUT", f"{_ONE}/description", _act("UpdateDescription", *_set("description"))),
    Route("PUT", f"{_ONE}/priority", _act("UpdatePriority", *_set("priority"))),
)
