"""Wallarm triggers (sheet 4)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, nullable, record, text, variant, whole, word
from reconciler.sandbox.routes import Call, Route
from reconciler.sandbox.wallarm import vocabulary as words
from reconciler.sandbox.wallarm.client import Client, Refusal, read_number

THRESHOLD = record(
    {
        "period": whole(least=1),
        "operator": word("gt"),
        "allowed_operators": items(word("gt"), least=1, most=1),
        "count": whole(least=0),
    },
    ("period", "operator", "allowed_operators", "count"),
    nulls="checked",
)


def _address(value: Any, path: str) -> str:
    name: str = text()(value, path)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        raise Invalid({path: f"{name!r} is not a single IP address"}) from None
    return name


def _response_status(value: Any, path: str) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[1-5]xx", value):
            raise Invalid({path: f"{value!r} is neither a code such as 503 nor a class such as '5xx'"})
        return value
    return whole(100, 599)(value, path)


def _url(value: Any, path: str) -> str:
    name: str = text(least=1)(value, path)
    if "://" in name:
        raise Invalid({path: f"{name!r} must have no scheme"})
    return name


VALUES: dict[str, Check] = {
    "ip_address": _address,
    "pool": whole(),
    "attack_type": text(least=1),
    "domain": text(least=1),
    "target": word(*words.TARGETS),
    "response_status": _response_status,
    "url": _url,
    "hint_tag": text(least=1),
    "pii": word(*words.PII),
    "change_type": word(*words.CHANGE_TYPES),
    "deviation_type": word(*words.DEVIATION_TYPES),
    "api_spec_ids": whole(least=1),
}


def _filter(kind: str) -> Check:
    fields = {"id": word(kind), "operator": word(*words.FILTER_OPERATORS), "values": items(VALUES[kind], least=1)}
    return record(fields, tuple(fields), nulls="checked")


FILTER = variant("id", {kind: _filter(kind) for kind in words.FILTERS})


def _action(kind: str) -> Check:
    params: dict[str, Check] = {}
    if kind == "send_notification":
        params = {"integration_ids": items(whole(), least=1)}
    elif kind in words.ACTIONS_WITH_LOCK:
        params = {"lock_time": whole(least=1)}
    return record(
        {"id": word(kind), "params": record(params, tuple(params), nulls="checked")}, ("id", "params"), "checked"
    )


ACTION = variant("id", {kind: _action(kind) for kind in words.ACTIONS})
TRIGGER = record(
    {
        "template_id": word(*words.TEMPLATES),
        "name": text(least=1),
        "comment": nullable(text()),
        "enabled": flag,
        "filters": items(FILTER, most=words.FILTERS_MOST),
        "actions": items(ACTION, least=1, most=words.ACTIONS_MOST),
        "threshold": nullable(THRESHOLD),
    },
    ("template_id", "enabled", "filters", "actions"),
    nulls="checked",
)
BODY = record({"trigger": TRIGGER}, ("trigger",), nulls="checked")


def _read_body(client: Client, call: Call) -> Obj:
    """The trigger of the body, complete; references must exist. Raises Invalid."""
    body: Obj = BODY(call.body, "")["trigger"]
    template, threshold = body["template_id"], body.get("threshold")
    if template in words.THRESHOLD_REQUIRED and threshold is None:
        raise Invalid({"trigger.threshold": f"can't be blank for {template}"})
    if template in words.THRESHOLD_FORBIDDEN and threshold is not None:
        raise Invalid({"trigger.threshold": f"must be blank for {template}"})
    _check_filters(client, body["filters"])
    for action in body["actions"]:
        for ident in action["params"].get("integration_ids", []):
            if ident not in client.integrations:
                raise Invalid({"trigger.actions": f"integration {ident} does not exist"})
    unnamed = f"New trigger by {client.email}, {client.clock.stamp()}"
    # How lists are echoed is unconfirmed (sheet 4.7): filters and ids are sets, so they come in the server's order.
    filters = sorted(body["filters"], key=lambda part: str(part["id"]))
    actions = [_in_order(action) for action in body["actions"]]
    return {"name": unnamed, "comment": None, "threshold": None, **body, "filters": filters, "actions": actions}


def _in_order(action: Obj) -> Obj:
    params = {key: sorted(part) if isinstance(part, list) else part for key, part in action["params"].items()}
    return {**action, "params": params}


def _check_filters(client: Client, filters: list[Obj]) -> None:
    kinds = [part["id"] for part in filters]
    if "url" in kinds and "hint_tag" in kinds:
        raise Invalid({"trigger.filters": "url and hint_tag exclude each other"})
    for part in filters:
        unknown = [value for value in part["values"] if part["id"] == "pool" and value not in client.pools]
        if unknown:
            raise Invalid({"trigger.filters": f"application {unknown[0]} does not exist"})


def shown(client: Client, trigger: Obj, whole_template: bool = True) -> Obj:
    """As read: the template embedded, the threshold twice, `client_id` added (sheet 4.7)."""
    threshold = trigger["threshold"] and {key: trigger["threshold"][key] for key in ("operator", "period", "count")}
    result = {key: trigger[key] for key in ("id", "name", "comment", "enabled", "filters", "actions")}
    result |= {"client_id": client.client_id, "threshold": threshold, "thresholds": [threshold] if threshold else []}
    if not whole_template:
        return {**result, "template_id": trigger["template_id"]}
    blank = {"required": False, "values": [], "allowed_operators": ["eq", "ne"], "operator": "eq"}
    template = {
        "id": trigger["template_id"],
        "filters": [{"id": part["id"], **blank} for part in trigger["filters"]],
        "threshold": {"allowed_operators": ["gt"], **threshold} if threshold else None,
        "actions": [{"id": action["id"]} for action in trigger["actions"]],
    }
    return {**result, "template": template}


def made(client: Client, body: Obj) -> Obj:
    ident = client.number()
    client.hide(ident)
    return client.triggers.put({"id": ident, **body})


def defaults(client: Client) -> None:
    """The triggers a new account already owns (sheet 4.8). The words of the last are made up (9.10)."""
    hour = 3600
    made(
        client, _default("Group hits by IP", "attack_ip_grouping", 50, 900, {"id": "group_attack_by_ip", "params": {}})
    )
    grey = {"id": "add_to_graylist", "params": {"lock_time": hour}}
    made(client, _default("Graylist attacking IPs", "vector_attack", 3, hour, grey))
    made(client, _default("Weak JWT", "weak_jwt", 0, hour, {"id": "record_weak_jwt", "params": {}}))


def _default(name: str, template: str, count: int, period: int, action: Obj) -> Obj:
    threshold = {"operator": "gt", "period": period, "count": count}
    shape: Obj = {"name": name, "comment": None, "template_id": template, "enabled": True, "filters": []}
    return {**shape, "threshold": threshold, "actions": [action]}


def _found(client: Client, call: Call) -> Obj:
    trigger = client.triggers.get(read_number(call.params["id"], "id"))
    if trigger is None:
        raise Refusal(404, "Not found")
    return trigger


def _own(client: Client, call: Call) -> None:
    client.own(read_number(call.params["client"], "client_id"))


def _list(client: Client, call: Call) -> Answer:
    _own(client, call)
    whole_template = call.query.get("denormalize") == "true"
    return json_answer(
        200, {"triggers": [shown(client, part, whole_template) for part in client.lag.listed(client.triggers)]}
    )


def _create(client: Client, call: Call) -> Answer:
    _own(client, call)
    return json_answer(200, {"trigger": shown(client, made(client, _read_body(client, call)))})


def _update(client: Client, call: Call) -> Answer:
    """Takes the whole trigger; what is left out goes back to its default. The template cannot change (sheet 9.9)."""
    _own(client, call)
    trigger = _found(client, call)
    body = _read_body(client, call)
    if body["template_id"] != trigger["template_id"]:
        raise Invalid({"trigger.template_id": "cannot be changed"})
    return json_answer(200, {"trigger": shown(client, client.triggers.put({"id": trigger["id"], **body}))})


def _delete(client: Client, call: Call) -> Answer:
    _own(client, call)
    dropped(client, _found(client, call))
    return json_answer(200, {})  # sheet 9.4: the body is unconfirmed


def dropped(client: Client, trigger: Obj) -> None:
    client.triggers.drop(trigger["id"])
    client.lag.forget(trigger["id"])


def edited(client: Client, trigger: Obj | None, value: Any) -> Obj:
    """A trigger as a person makes or changes it in the UI."""
    if trigger:
        return client.triggers.put({**trigger, **value})
    blank = _default("", "attacks_exceeded", 1, 1, {"id": "send_notification", "params": {"integration_ids": []}})
    return made(client, {**blank, **value})


_PATH = "/v2/clients/{client}/triggers"

ROUTES: tuple[Route[Client], ...] = (
    Route("GET", _PATH, _list),
    Route("POST", _PATH, _create),
    # Sheet 9.15: reading one is unconfirmed, so there is no GET.
    Route("PUT", f"{_PATH}/{{id}}", _update),
    Route("DELETE", f"{_PATH}/{{id}}", _delete),
)
