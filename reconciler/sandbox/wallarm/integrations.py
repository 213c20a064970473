"""Wallarm integrations (sheet 3): names are not unique, events are answered in full, secrets are hidden."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, record, text, whole, word
from reconciler.sandbox.routes import Call, Route
from reconciler.sandbox.wallarm.client import Client, Refusal, read_number
from reconciler.sandbox.wallarm.target import TARGETS, masked
from reconciler.sandbox.wallarm.vocabulary import EVENT_WITH_HEADERS, EVENTS, OLDER_EVENTS

EVENT = record({"event": text(least=1), "active": flag, "with_headers": flag}, ("event", "active"), nulls="checked")
FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "active": flag,
    "events": items(EVENT),
    "type": word(*TARGETS),
    "clientid": whole(),
}


def events_kept(client: Client, kind: str, events: list[Obj]) -> list[Obj]:
    """All events of the type in the server's order, those not named as inactive (sheet 8.3). Raises Invalid."""
    allowed = EVENTS[kind]
    older = OLDER_EVENTS if client.settings.older_events == "accept" else ()
    if kind == "email" and not events:
        raise Invalid({"events": "must have at least 1 item(s)"})  # sheet 3.4
    named: dict[str, Obj] = {}
    for at, event in enumerate(events):
        name = event["event"]
        if name not in (*allowed, *older):
            raise Invalid({f"events[{at}].event": f"{name!r} is not one of {', '.join(allowed)}"})
        if name in named:
            raise Invalid({f"events[{at}].event": f"{name!r} is there twice"})
        if "with_headers" in event and name != EVENT_WITH_HEADERS:
            raise Invalid({f"events[{at}].with_headers": f"only {EVENT_WITH_HEADERS} takes it"})
        named[name] = event
    return [_event(name, named.get(name, {})) for name in sorted({*allowed, *named})]


def _event(name: str, event: Obj) -> Obj:
    full = {"event": name, "active": event.get("active", False)}
    return {**full, "with_headers": event.get("with_headers", False)} if name == EVENT_WITH_HEADERS else full


def shown(client: Client, integration: Obj) -> Obj:
    if client.settings.secrets == "clear":
        return integration
    return {**integration, "target": masked(integration["target"])}


def _enveloped(client: Client, integration: Obj) -> Answer:
    # Sheet 9.3, 9.4: the word of `result` and the code are unconfirmed.
    return json_answer(200, {"body": {"result": "success", "object": shown(client, integration)}})


def made(client: Client, body: Obj) -> Obj:
    """A new integration; one whose `active` was forgotten is silent (sheet 3.3)."""
    ident = client.number()
    kept = {key: value for key, value in body.items() if key != "clientid"}
    stamps = {"created_at": client.clock.unix(), "created_by": client.email}
    client.hide(ident)
    return client.integrations.put({"id": ident, "active": False, "events": [], **kept, **stamps})


def _found(client: Client, call: Call) -> Obj:
    integration = client.integrations.get(read_number(call.params["id"], "id"))
    if integration is None:
        raise Refusal(404, "Not found")
    return integration


def _target(kind: str, body: Obj) -> Any:
    return TARGETS[kind](body["target"], "target")


def _list(client: Client, call: Call) -> Answer:
    if "clientid" in call.query:
        client.own(read_number(call.query["clientid"], "clientid"))
    listed = [shown(client, part) for part in client.lag.listed(client.integrations)]
    return json_answer(200, {"body": {"result": "success", "object": listed}})


def _create(client: Client, call: Call) -> Answer:
    fields = {**FIELDS, "target": lambda value, path: value}
    body: Obj = record(fields, ("name", "type", "target"), nulls="checked")(call.body, "")
    client.own(body.get("clientid", client.client_id))
    body["target"] = _target(body["type"], body)
    body["events"] = events_kept(client, body["type"], body.get("events", []))
    return _enveloped(client, made(client, body))


def _create_telegram(client: Client, call: Call) -> Answer:
    """The first of two steps (sheet 3.5): the name is the bot user's, the real one comes with a PUT."""
    fields: dict[str, Check] = {"name": text(least=1), "clientid": whole(), "token": text(), "chat_data": text(least=1)}
    body: Obj = record(fields, ("name", "chat_data"), nulls="checked")(call.body, "")
    client.own(body.get("clientid", client.client_id))
    target = {key: body[key] for key in ("chat_data", "token") if key in body}
    shape = {"name": body["name"], "type": "telegram", "target": target, "events": events_kept(client, "telegram", [])}
    return _enveloped(client, made(client, shape))


def _update(client: Client, call: Call) -> Answer:
    """Name, active and target may come alone; events need the whole body, secret and all (sheet 3.5)."""
    integration = _found(client, call)
    kind = integration["type"]
    fields = {**FIELDS, "type": word(kind), "target": lambda value, path: value}
    del fields["clientid"]  # not sent on update
    whole = _needs_everything(kind, call.body)
    required = ("name", "active", "target", "events", "type")
    body: Obj = record(fields, required if whole else (), nulls="checked")(call.body, "")
    if kind == "email" and whole and body["active"] != integration["active"]:
        raise Invalid({"active": "is changed by itself, before anything else"})  # sheet 3.5
    if "target" in body:
        if kind not in TARGETS:
            raise Invalid({"target": f"cannot be changed on {kind}"})
        body["target"] = _target(kind, body)
    if "events" in body:
        body["events"] = events_kept(client, kind, body["events"])
    return _enveloped(client, client.integrations.put({**integration, **body}))


def _needs_everything(kind: str, body: Any) -> bool:
    """Events need the whole body, but on Telegram; mail needs it for anything but `active` by itself (sheet 3.5)."""
    names = set(body) if isinstance(body, dict) else set()
    return names != {"active"} if kind == "email" else "events" in names and kind != "telegram"


def _delete(client: Client, call: Call) -> Answer:
    dropped(client, _found(client, call))
    return json_answer(200, {"body": {"result": "success", "object": None}})


def dropped(client: Client, integration: Obj) -> None:
    """Sheet 8.9: what happens to triggers that notify it is unconfirmed; the settings say."""
    ident = integration["id"]
    users = [trigger for trigger in client.triggers if ident in notified(trigger)]
    if users and client.settings.in_use == "refuse":
        names = ", ".join(str(trigger["name"]) for trigger in users)
        raise Refusal(400, f"Integration {ident} is used by triggers: {names}")
    for trigger in users:
        client.triggers.put({**trigger, "actions": [_without(action, ident) for action in trigger["actions"]]})
    client.integrations.drop(ident)
    client.lag.forget(ident)


def notified(trigger: Obj) -> list[int]:
    """The ids of the integrations that a trigger sends to."""
    return [ident for action in trigger["actions"] for ident in action["params"].get("integration_ids", [])]


def _without(action: Obj, ident: int) -> Obj:
    if "integration_ids" not in action["params"]:
        return action
    left = [part for part in action["params"]["integration_ids"] if part != ident]
    return {**action, "params": {**action["params"], "integration_ids": left}}


def edited(client: Client, integration: Obj | None, value: Any) -> Obj:
    """An integration as a person makes or changes it in the UI: events are ticked one by one."""
    kind = (integration or value).get("type", "opsgenie")
    body = dict(value)
    if "events" in body:
        before = {event["event"]: event for event in (integration or {}).get("events", [])}
        ticked = {event["event"]: {**before.get(event["event"], {}), **event} for event in body["events"]}
        body["events"] = list({**before, **ticked}.values())
    if integration is None:
        names = EVENTS.get(kind, ())
        all_events = {name: _event(name, {}) for name in names}
        all_events.update({event["event"]: event for event in body.get("events", [])})
        return made(client, {"type": kind, "target": {}, "active": True, **body, "events": list(all_events.values())})
    return client.integrations.put({**integration, **body})


ROUTES: tuple[Route[Client], ...] = (
    Route("GET", "/v2/integration", _list),
    Route("POST", "/v2/integration", _create),
    Route("POST", "/v2/integration/telegram", _create_telegram),
    # Sheet 9.15: reading one is unconfirmed, so there is no GET.
    Route("PUT", "/v2/integration/{id}", _update),
    Route("DELETE", "/v2/integration/{id}", _delete),
)
