"""pagerduty/WebhookSubscription: tells another system of what happens to incidents and services.

https://developer.pagerduty.com/docs/webhooks/v3-overview/ Where and how it delivers cannot be changed. The secret that
deliveries are signed with is shown once; header values never. Subscriptions have no name: the description stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from reconciler.kinds.fields import NoClear, SecretField, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.output import Output
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Hidden, Object, Ref, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.pagerduty.alternative import Alternative
from reconciler.vendors.pagerduty.api import PAGES
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, TEAM

_INCIDENT = (
    *("acknowledged", "annotated", "delegated", "escalated", "priority_updated", "reassigned", "reopened", "resolved"),
    *("action_invocation.created", "action_invocation.terminated", "action_invocation.updated"),
    *("conference_bridge.updated", "custom_field_values.updated", "incident_type.changed", "service_updated"),
    *("responder.added", "responder.replied", "role.assigned", "status_update_published"),
    *("task.created", "task.updated", "task.completed", "triggered", "unacknowledged"),
    *("workflow.started", "workflow.completed"),
)
_OF_A_SERVICE = ("created", "updated", "deleted", "custom_field_values.updated")
EVENTS = (*(f"incident.{name}" for name in _INCIDENT), *(f"service.{name}" for name in _OF_A_SERVICE))

ACCOUNT = "account"
SCOPE = Alternative({"service": SERVICE, "team": TEAM}, (ACCOUNT,))


class DeliveryMethod(Spec):
    """Where and how it delivers."""

    url: Annotated[
        str | None,
        NoClear("a subscription delivers somewhere"),
        Field(pattern="^https?://.", description="where events are sent, by POST"),
    ] = None
    custom_headers: Annotated[
        Mapping[str, SecretField] | None, Field(description="headers of each delivery; every value a secret")
    ] = None


class WebhookSubscription(Spec):
    """A webhook subscription."""

    description: Annotated[
        str | None,
        NoClear("write another description: it is what the subscription is known by"),
        Field(min_length=1, description="what it is for; stands in for a name, so it should be unique"),
    ] = None
    active: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether it delivers; true if not said")
    ] = None
    events: Annotated[
        list[str] | None,
        Unordered(),
        NoClear("a subscription has one event at least"),
        Field(
            min_length=1,
            description="what it tells of",
            examples=[["incident.triggered", "incident.resolved"]],
            json_schema_extra={"items": {"anyOf": [{"enum": list(EVENTS)}, {"type": "string"}]}},
        ),
    ] = None
    filter: Annotated[
        Annotated[Any, SCOPE] | None,
        NoClear("write account"),
        Field(description="whose: {service: NAME}, {team: NAME} or account", examples=[{"service": "checkout"}]),
    ] = None
    delivery_method: Annotated[
        DeliveryMethod | None,
        NoClear("a subscription delivers somewhere"),
        Field(description="where and how it delivers; cannot be changed"),
    ] = None
    oauth_client_id: Annotated[str | None, Field(description="the OAuth client that signs in at the receiver")] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _scope_to(scope: Tree) -> Tree:
    named = SCOPE.split(scope)
    if named is not None:
        return {"type": f"{named[0]}_reference", "id": named[1]}
    return {"type": f"{scope}_reference"} if scope in SCOPE.words else scope


def _scope_back(raw: Tree) -> Tree:
    match raw:
        case {"type": "account_reference"}:
            return ACCOUNT
        case {"type": "service_reference", "id": str(ident)}:
            return {"service": Ref(SERVICE, "id", (ident,))}
        case {"type": "team_reference", "id": str(ident)}:
            return {"team": Ref(TEAM, "id", (ident,))}
        case _:
            return raw


def _delivery_to(method: Tree) -> Tree:
    if not isinstance(method, Mapping):
        return method
    headers = method.get("custom_headers")
    pairs = (
        [{"name": name, "value": value} for name, value in headers.items()] if isinstance(headers, Mapping) else headers
    )
    said = {name: value for name, value in method.items() if value is not None and name != "custom_headers"}
    return {"type": "http_delivery_method", **said, **({"custom_headers": pairs} if pairs is not None else {})}


_OF_A_DELIVERY = frozenset({"id", "type", "secret", "custom_headers", "temporarily_disabled"})


def _delivery_back(raw: Tree) -> Tree:
    """Header values are masked, and never shown; that PagerDuty gave up for now is told where it is so."""
    if not isinstance(raw, Mapping):
        return raw
    headers = raw.get("custom_headers")
    found = headers if isinstance(headers, list) else []
    names = [str(one["name"]) for one in found if isinstance(one, Mapping) and "name" in one]
    said = {name: value for name, value in raw.items() if name not in _OF_A_DELIVERY and value is not None}
    given_up = {"temporarily_disabled": True} if raw.get("temporarily_disabled") is True else {}
    return {**said, **({"custom_headers": dict.fromkeys(names, Hidden())} if names else {}), **given_up}


_WIRES = {
    "filter": Wire(_scope_to, _scope_back),
    "delivery_method": Wire(_delivery_to, _delivery_back),
}
_SERVER_SETS = COMMON | {"oauth_client"}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "webhook_subscription", **to_wire(tree, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    client = raw.get("oauth_client")
    ident = client.get("id") if isinstance(client, Mapping) else None
    return {**from_wire(raw, _WIRES, _SERVER_SETS), **({} if ident is None else {"oauth_client_id": ident})}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["description"],) if tree.get("description") else None


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def remarks(tree: Object) -> list[Remark]:
    events = tree.get("events")
    return [
        Remark(("events", place), f"{event!r} is no event this version knows; it is sent as it stands")
        for place, event in enumerate(events if isinstance(events, list) else [])
        if event not in EVENTS
    ]


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("delivery_method.url",)


def notices(declared: Object, live: Object) -> tuple[str, ...]:
    method = live.get("delivery_method")
    given_up = isinstance(method, Mapping) and method.get("temporarily_disabled") is True
    text = "PagerDuty delivers nothing for a day, because its receiver refused: mend that, then enable it in PagerDuty"
    return (text,) if given_up else ()


def after(work: Work) -> tuple[str, ...]:
    return ("not tested: in PagerDuty, send a test event",) if work.verb == "create" else ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="WebhookSubscription",
    spec=WebhookSubscription,
    place=Place(
        list="/webhook_subscriptions",
        envelope=("webhook_subscriptions",),
        paging=PAGES,
        item="/webhook_subscriptions/{id}",
        item_envelope=("webhook_subscription",),
        update="PUT",
        wrap=("webhook_subscription",),
        created=("webhook_subscription",),
    ),
    page="https://developer.pagerduty.com/docs/webhooks/v3-overview/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="description",
    immutable=frozenset({"delivery_method"}),
    needed_to_create=("description", "events", "filter"),
    also_needed=also_needed,
    outputs=(
        Output(
            "secret",
            ("delivery_method", "secret"),
            once=True,
            doc="what deliveries are signed with; shown once, when the subscription is made",
        ),
    ),
    remarks=remarks,
    notices=notices,
    after=after,
)
