"""What a person does in Datadog's UI, said as a path of names and carried out over the same handlers as the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog import slack_channels, slos, webhooks
from reconciler.sandbox.datadog.body import monitor_id
from reconciler.sandbox.datadog.dora import DEPLOYMENTS, FAILURES, Sort
from reconciler.sandbox.datadog.pagerduty_services import SERVICES
from reconciler.sandbox.datadog.tenant import Tenant
from reconciler.sandbox.vendor import BadControl, merged

Send = Callable[[str, str, Any], Any]  # method, path, body; gives the answer's JSON


@dataclass(frozen=True)
class Place:
    """Where objects of one sort are edited: their collection, what they go by, their path, how it changes them."""

    plural: str
    label: str
    path: str
    verb: Literal["PUT", "PATCH"] = "PUT"
    kind: str = ""  # of JSON:API
    whole: bool = False  # a change sends everything


PLACES = {
    "monitors": Place("monitors", "name", "/api/v1/monitor"),
    "slos": Place("slos", "name", "/api/v1/slo", whole=True),
    "webhooks": Place("webhooks", "name", webhooks.WEBHOOKS.path),
    "variables": Place("variables", "name", webhooks.VARIABLES.path),
    "pagerduty": Place("pagerduty_services", "service_name", SERVICES.path),
    "opsgenie": Place(
        "opsgenie_services", "name", "/api/v2/integration/opsgenie/services", "PATCH", "opsgenie-service"
    ),
    "downtimes": Place("downtimes", "message", "/api/v2/downtime", "PATCH", "downtime"),
}
EVENTS = {"failures": FAILURES, "deployments": DEPLOYMENTS}
KNOWN = (
    *(f"{sort}/{place.label.upper()}" for sort, place in PLACES.items()),
    "slack/ACCOUNT",
    "slack/ACCOUNT/#CHANNEL",
    "dashboards/NAME",
    *(f"{sort}/ID" for sort in EVENTS),
)
SECRETS = ("value", "service_key", "opsgenie_api_key")


def edited(tenant: Tenant, path: tuple[str, ...], value: Obj | None, send: Send) -> Any:
    """The object after the edit, without secrets; `None` when it was deleted. Raises BadControl."""
    match path:
        case (str() as sort, str() as name) if sort in PLACES:
            result = _one(tenant, sort, name, value, send)
        case ("slack", str() as account):
            result = _account(tenant, account, value)
        case ("slack", str() as account, str() as name):
            result = _channel(tenant, account, name, value, send)
        case ("dashboards", str() as name):
            result = _dashboard(tenant, name, value)
        case (str() as sort, str() as ident) if sort in EVENTS:
            result = _event(tenant, EVENTS[sort], ident, value)
        case _:
            raise BadControl(f"datadog can edit {', '.join(KNOWN)}, not {'/'.join(path)!r}")
    return {key: part for key, part in result.items() if key not in SECRETS} if isinstance(result, dict) else result


def _found(tenant: Tenant, place: Place, name: str) -> Obj | None:
    objs = tenant.of(place.plural)
    by_id = objs.get(name) or objs.get(monitor_id(name))
    named = [obj for obj in objs if obj.get(place.label) == name and not obj.get("canceled")]
    if by_id is None and len(named) > 1:
        raise BadControl(f"{len(named)} are called {name!r}; use the id: {', '.join(str(obj['id']) for obj in named)}")
    return by_id or next(iter(named), None)


def _one(tenant: Tenant, sort: str, name: str, value: Obj | None, send: Send) -> Any:
    place = PLACES[sort]
    obj = _found(tenant, place, name)
    if value is None:
        if obj is None:
            raise BadControl(f"datadog has no {sort}/{name}")
        forced = "?force=true" if sort in ("monitors", "slos") else ""
        send("DELETE", f"{place.path}/{quote(str(obj['id']), safe='')}{forced}", None)
        return None
    if obj is None:
        return _inner(send("POST", place.path, _wrapped(place, {place.label: name, **value})))
    one = f"{place.path}/{quote(str(obj['id']), safe='')}"
    body = {key: merged(obj.get(key), part) if isinstance(part, dict) else part for key, part in value.items()}
    if place.whole:
        body = {**_again(obj, value), **body}
    return _inner(send(place.verb, one, _wrapped(place, body, str(obj["id"]))))


def _again(slo: Obj, value: Obj) -> Obj:
    """What there is, to be sent again: of the two ways to say what an SLO measures, not the one that would follow."""
    derived = "sli_specification" if "query" in value else "query"
    return {key: part for key, part in slo.items() if part is not None and key != derived}


def _wrapped(place: Place, body: Obj, ident: str = "") -> Obj:
    if not place.kind:
        return body
    return {"data": {"type": place.kind, "id": ident, "attributes": body}}


def _inner(answer: Any) -> Any:
    """The object in an answer, whatever its envelope."""
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    one = data[0] if isinstance(data, list) else data
    return {"id": one["id"], **one["attributes"]} if isinstance(one, dict) and "attributes" in one else one


def _account(tenant: Tenant, name: str, value: Obj | None) -> Any:
    if value is not None:
        return slack_channels.add_account(tenant, name)
    if name not in tenant.of("slack_accounts"):
        raise BadControl(f"datadog has no slack/{name}")
    for channel in tenant.of("slack_channels").named(name):
        tenant.of("slack_channels").drop(channel["id"])
    tenant.of("slack_accounts").drop(name)
    return None


def _channel(tenant: Tenant, account: str, name: str, value: Obj | None, send: Send) -> Any:
    base = slack_channels.PATH.replace("{account}", quote(account, safe=""))
    one = f"{base}/{quote(name, safe='')}"
    if value is None:
        send("DELETE", one, None)
        return None
    there = f"{account}/{name}" in tenant.of("slack_channels")
    return send("PATCH", one, value) if there else send("POST", base, {"name": name, **value})


def _dashboard(tenant: Tenant, name: str, value: Obj | None) -> Any:
    if value is not None:
        return slos.dashboard(tenant, name, value)
    boards = tenant.of("dashboards").named(name)
    if not boards:
        raise BadControl(f"datadog has no dashboards/{name}")
    tenant.of("dashboards").drop(boards[0]["id"])
    return None


def _event(tenant: Tenant, sort: Sort, ident: str, value: Obj | None) -> Any:
    before = tenant.of(sort.plural).get(ident)
    if value is not None:
        return sort.sent(tenant, {**(before or {}), **value, "id": ident})
    if before is None:
        raise BadControl(f"datadog has no {sort.plural}/{ident}")
    tenant.of(sort.plural).drop(ident)
    return None
