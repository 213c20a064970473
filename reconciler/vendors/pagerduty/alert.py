"""pagerduty/Alert: something that goes wrong, as an event tells it: triggered, acknowledged, resolved.

https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ 512 KB an event. A resolved alert stays so. It is
seen by its incident: one that is suppressed, or grouped into another's incident, is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Instant
from reconciler.kinds.place import Place
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import from_wire
from reconciler.vendors.pagerduty import event
from reconciler.vendors.pagerduty.api import EVENTS_HOST, PAGES
from reconciler.vendors.pagerduty.call import on_call_for, urgency_of
from reconciler.vendors.pagerduty.event import STAYS, Link, RoutingKey, Service, Some, Summary
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, pointing

KEY_LENGTH = 255
TRIGGER, ACKNOWLEDGE, RESOLVE = "trigger", "acknowledge", "resolve"
Action = Literal["trigger", "acknowledge", "resolve"]
Severity = Literal["critical", "error", "warning", "info"]

_STATES = {"triggered": TRIGGER, "acknowledged": ACKNOWLEDGE, "resolved": RESOLVE}


class Image(Spec):
    """An image shown beside it."""

    src: Annotated[str, Field(pattern=r"^https://\S+$", description="where it lies, by https")]
    href: Annotated[str | None, STAYS, Field(description="where a click leads")] = None
    alt: Annotated[str | None, STAYS, Field(description="what it shows")] = None


class Payload(Spec):
    """What is wrong, and where."""

    summary: Annotated[
        Summary | None, STAYS, Field(description="what people read first, the alert's title; 1,024 characters")
    ] = None
    source: Annotated[Some | None, STAYS, Field(description="what it happens to, best a host's name")] = None
    severity: Annotated[
        Severity | None, STAYS, Field(description="how bad it is; where the service goes by it, how loud, too")
    ] = None
    timestamp: Annotated[
        Instant | None, STAYS, Field(description="when it was noticed, 2026-09-05T01:00:00Z; left out, when it arrives")
    ] = None
    component: Annotated[str | None, STAYS, Field(description="the part of the source, such as mysql")] = None
    group: Annotated[str | None, STAYS, Field(description="what the source belongs to, such as app-stack")] = None
    class_: Annotated[str | None, STAYS, Field(alias="class", description="the sort of event, such as disk")] = None
    custom_details: Annotated[
        dict[str, Any] | None,
        STAYS,
        Field(description="more of it, in any words", examples=[{"ping time": "1500ms", "load avg": 0.75}]),
    ] = None


class Alert(Spec):
    """An alert."""

    routing_key: RoutingKey = None
    service: Service = None
    event_action: Annotated[
        Action | None,
        STAYS,
        Field(description="trigger: it is open and calls people; acknowledge: somebody is at it; resolve: it is over"),
    ] = None
    dedup_key: Annotated[
        Annotated[str, Field(min_length=1, max_length=KEY_LENGTH)] | None,
        STAYS,
        Field(
            description="what tells it from the service's other alerts; one that was used before means the newest of "
            "these, also a resolved one"
        ),
    ] = None
    payload: Annotated[
        Payload | None,
        STAYS,
        Field(
            description="what is wrong, and where; summary, source and severity are needed",
            examples=[{"summary": "5xx ratio above 2 %", "source": "lb-1.acme.example", "severity": "error"}],
        ),
    ] = None
    links: Annotated[
        list[Link] | None,
        STAYS,
        Field(description="links shown beside it", examples=[[{"href": "https://wiki.acme.example/5xx"}]]),
    ] = None
    images: Annotated[
        list[Image] | None,
        STAYS,
        Field(description="images shown beside it", examples=[[{"src": "https://charts.acme.example/5xx.png"}]]),
    ] = None
    client: Annotated[str | None, STAYS, Field(description="what noticed it, for people to read")] = None
    client_url: Annotated[str | None, STAYS, Field(description="where that is looked at")] = None

    @model_validator(mode="after")
    def _fits(self) -> Alert:
        event.within_size(self)
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def to_api(tree: Object, context: Context) -> Object:
    """The event. One that triggers says all, another one only which alert it is of."""
    if tree.get("event_action") in (ACKNOWLEDGE, RESOLVE):
        tree = {name: tree[name] for name in ("routing_key", "event_action", "dedup_key") if name in tree}
    return event.sent(tree)


def from_api(raw: Object, context: Context) -> Object:
    """The alert's incident, in the words of its events."""
    tree = from_wire(raw, {"service": pointing(SERVICE, "service")}, COMMON)
    status, key = tree.pop("status", None), tree.pop("incident_key", None)
    state = _STATES.get(status, status) if isinstance(status, str) else status
    return {**tree, **{name: value for name, value in (("event_action", state), ("dedup_key", key)) if value}}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (event.key_name(tree), tree["dedup_key"]) if tree.get("dedup_key") else None


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def queries(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    if not tree.get("dedup_key") or not event.has_service(tree, seeing.context.account):
        return ()
    params = {"key": tree["dedup_key"], "service": event.service_of(tree, seeing.known)}
    path = "/incidents?incident_key={key}&service_ids[]={service}&date_range=all"
    return (Query(path, params, ("incidents",), PAGES),)


def found(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    """The newest incident that bears the key itself: in that of another alert this one's state does not show."""
    own = [row for row in rows if row.get("incident_key") == tree.get("dedup_key")]
    if ident is not None and all(row.get("id") != ident for row in own):
        return []
    return sorted(own, key=lambda row: (str(row.get("created_at")), str(row.get("id"))))[-1:]


def ident(raw: Mapping[str, Any]) -> str | None:
    """An incident's id; the answer to an event holds none."""
    return str(raw.get("id") or "")


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    action = work.wanted.get("event_action")
    if work.verb != "create":
        return (_event(str(action), work.wanted, context),) if "event_action" in work.changed else ()
    begun = {**work.wanted, "event_action": TRIGGER}
    first = _event(TRIGGER, begun, context, tells=begun, made={"dedup_key": work.wanted.get("dedup_key")})
    return (first, _event(ACKNOWLEDGE, work.wanted, context)) if action == ACKNOWLEDGE else (first,)


def _event(
    action: str, tree: Object, context: Context, *, tells: Object | None = None, made: Object | None = None
) -> Step:
    """One event. Only the first of an alert is looked for before it is sent again: afterwards PagerDuty knows it."""
    body = to_api({**tree, "event_action": action}, context)
    effect: Literal["creates", "writes"] = "creates" if made is not None else "writes"
    return Step(action, "POST", "/v2/enqueue", body, effect, tells=tells, made=made, host=EVENTS_HOST)


def _begins(work: Work) -> bool:
    """Whether an edit begins another alert of the same key."""
    moved = "event_action" in work.changed and work.wanted.get("event_action") == TRIGGER
    return moved and RESOLVE in (_action(work.live), _action(work.there))


def _action(tree: Object | None) -> Tree:
    return (tree or {}).get("event_action")


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb == "create":
        return event.led_elsewhere(work.wanted, context.account)
    if work.verb != "update" or _begins(work):
        return None
    edited = sorted(work.changed - {"event_action", "service"})
    if edited:
        why = "an alert stays as it was triggered"
        return Refusal((edited[0],), why, "write it as it was; or another manifest, with a dedup_key of its own")
    return _refused_move(work) if "event_action" in work.changed else None


def _refused_move(work: Work) -> Refusal | None:
    action, over = work.wanted.get("event_action"), RESOLVE in (_action(work.live), _action(work.there))
    if action == ACKNOWLEDGE and over:
        why = "the alert is resolved, and stays so"
        return Refusal(("event_action",), why, "write event_action: resolve; or trigger, which begins another alert")
    if event.has_another_key(work.wanted, work.live or {}):
        why = "it was triggered with another routing key, and PagerDuty drops what comes of it by this one"
        way = f"{action} it in PagerDuty; where it cannot be seen from here, remove its manifest too"
        return Refusal(("routing_key",), why, way)
    if action == TRIGGER:
        why = "nothing but the service's acknowledgement_timeout triggers an acknowledged alert again"
        return Refusal(("event_action",), why, "write event_action: acknowledge, or resolve")
    return None


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def pages(work: Work) -> tuple[str, ...]:
    if work.verb != "create" and not ("event_action" in work.changed and _begins(work)):
        return ()
    service, severity = event.service_of(work.wanted, work.known), (work.wanted.get("payload") or {}).get("severity")
    if service is not None:
        return (f"{on_call_for(service)}; severity {severity}, {urgency_of(service, work.known)}",)
    made_by = event.maker(work.wanted)
    whom = f"the service that the key of {made_by} leads to" if made_by else "the service that its routing key leads to"
    return (f"calls whoever is on call for {whom}; severity {severity}",)


def consequences(work: Work) -> tuple[str, ...]:
    return ("a resolved alert stays so: this begins another one of the same key",) if _begins(work) else ()


def open_there(live: Object) -> str | None:
    action = live.get("event_action")
    return None if action == RESOLVE else f"it is still open there ({action})"


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("payload.summary", "payload.source", "payload.severity")


def steady(raw: Object) -> Object:
    """Much of an incident moves by itself; what is done follows from its state alone."""
    return {name: raw[name] for name in ("id", "status") if name in raw}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Alert",
    spec=Alert,
    place=Place(list="/incidents", envelope=("incidents",), paging=PAGES, item_envelope=("incident",)),
    page="https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    needed_to_create=("routing_key", "event_action", "dedup_key"),
    also_needed=also_needed,
    steady=steady,
    own_steps=steps,
    consequences=consequences,
    signal=Signal(
        # Not keyed, as PagerDuty takes a second trigger for the first only while the alert is open: where it cannot be
        # looked for, a new ledger does not call people once more.
        queries=queries,
        found=found,
        state=("event_action",),
        over=lambda tree: tree.get("event_action") == RESOLVE,
        refuses=refuses,
        pages=pages,
        open_there=open_there,
        ident=ident,
    ),
)
