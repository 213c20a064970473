"""pagerduty/ChangeEvent: a change that was made, such as a deploy, shown beside a service's incidents.

https://developer.pagerduty.com/docs/events-api-v2/send-change-events/ 512 KB an event. It calls nobody, never changes,
and is kept for 90 days. The key of an orchestration does not take it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Instant, same_when, spelled, to_the_second
from reconciler.kinds.place import Place
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import FromOutput, Object, Source, Tree, at
from reconciler.kinds.wire import from_wire
from reconciler.vendors.pagerduty import event
from reconciler.vendors.pagerduty.api import EVENTS_HOST, PAGES
from reconciler.vendors.pagerduty.event import STAYS, Link, RoutingKey, Service, Some, Summary
from reconciler.vendors.pagerduty.reference import COMMON

KEPT = timedelta(days=90)
_AROUND = timedelta(minutes=1)  # whether the bounds of the list are part of it is not documented
_SAME_SECOND = same_when(to_the_second)


class Payload(Spec):
    """What was changed, when and where."""

    summary: Annotated[Summary | None, STAYS, Field(description="what people read; 1,024 characters")] = None
    timestamp: Annotated[
        Instant | None, _SAME_SECOND, STAYS, Field(description="when it was changed, 2026-09-05T01:00:00Z")
    ] = None
    source: Annotated[Some | None, STAYS, Field(description="where it was changed, such as a build server")] = None
    custom_details: Annotated[
        dict[str, Any] | None,
        STAYS,
        Field(description="more of it, in any words", examples=[{"build_state": "passed", "build_number": "220"}]),
    ] = None


class ChangeEvent(Spec):
    """A change event."""

    routing_key: Annotated[
        RoutingKey,
        Field(
            description="the key it is sent with: {from: pagerduty/ServiceIntegration/NAME, output: integration_key}; "
            "that of an orchestration does not take it"
        ),
    ] = None
    service: Service = None
    payload: Annotated[
        Payload | None,
        STAYS,
        Field(
            description="what was changed; summary and timestamp are needed, and tell it from others",
            examples=[{"summary": "checkout 4.2", "timestamp": "2026-09-05T01:00:00Z", "source": "ci"}],
        ),
    ] = None
    links: Annotated[
        list[Link] | None,
        STAYS,
        Field(description="links shown beside it", examples=[[{"href": "https://ci.acme.example/220"}]]),
    ] = None

    @field_validator("routing_key")
    @classmethod
    def _is_of_a_service(cls, value: Source | None) -> Source | None:
        made_by = Address.parse(value.address) if isinstance(value, FromOutput) else None
        if made_by is not None and made_by.kind_id == event.ORCHESTRATION:
            raise PydanticCustomError(
                "orchestration",
                "the key of an orchestration takes no change events: write the integration_key of a ServiceIntegration",
            )
        return value

    @model_validator(mode="after")
    def _fits(self) -> ChangeEvent:
        event.within_size(self)
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_PAYLOAD = ("summary", "timestamp", "source", "custom_details")
# The key it was sent with comes back in clear.
_SERVER_SETS = COMMON - {"summary"} | {"routing_key", "services", "integration"}


def to_api(tree: Object, context: Context) -> Object:
    return event.sent(tree)


def from_api(raw: Object, context: Context) -> Object:
    flat = from_wire(raw, {}, _SERVER_SETS)
    payload = {name: flat.pop(name) for name in _PAYLOAD if name in flat}
    return {**flat, **({"payload": payload} if payload else {})}


def key(tree: Object) -> tuple[Tree, ...] | None:
    moment = to_the_second(at(tree, ("payload", "timestamp")))
    who = event.key_name(tree)
    if moment is None or who is None:
        return None
    return (who, moment.isoformat(), *(str(at(tree, ("payload", name)) or "") for name in ("source", "summary")))


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def queries(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    """The service's change events around its moment, as long as PagerDuty keeps them."""
    moment = to_the_second(at(tree, ("payload", "timestamp")))
    if moment is None or not _can_be_seen(tree, seeing.context):
        return ()
    params = {
        "service": event.service_of(tree, seeing.known),
        "since": spelled(moment - _AROUND),
        "until": spelled(moment + _AROUND),
    }
    path = "/services/{service}/change_events?since={since}&until={until}"
    return (Query(path, params, ("change_events",), PAGES),)


def _can_be_seen(tree: Object, context: Context) -> bool:
    moment = to_the_second(at(tree, ("payload", "timestamp")))
    young = moment is not None and context.now - moment < KEPT
    return young and event.has_service(tree, context.account)


def found(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    payload = tree.get("payload") or {}
    integration = seeing.ident(tree.get("routing_key")) if event.maker(tree) else None
    return [row for row in rows if _is_it(row, payload) and _came_by(row, integration)]


def _is_it(row: Mapping[str, Any], payload: Mapping[str, Tree]) -> bool:
    words = all((row.get(name) or None) == (payload.get(name) or None) for name in ("summary", "source"))
    return words and _SAME_SECOND.test(payload.get("timestamp"), row.get("timestamp"))


def _came_by(row: Mapping[str, Any], integration: str | None) -> bool:
    """Whether it came by this integration, where both are told."""
    by = at(row, ("integration", "id"))
    return None in (by, integration) or by == integration


def ident(raw: Mapping[str, Any]) -> str | None:
    """The id as it is listed; the answer to the event holds none."""
    return str(raw.get("id") or "")


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    if work.verb != "create":
        return ()
    tells = ("summary", "timestamp", "source")
    made = {"payload": {name: value for name, value in work.wanted["payload"].items() if name in tells}}
    body, blind = to_api(work.wanted, context), not _can_be_seen(work.wanted, context)
    return (Step("send", "POST", "/v2/change/enqueue", body, "creates", made=made, blind=blind, host=EVENTS_HOST),)


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb == "create":
        return event.led_elsewhere(work.wanted, context.account)
    edited = sorted(work.changed - {"service"})
    if work.verb != "update" or not edited:
        return None
    way = "write it as it was; what was changed since is another change event, in a manifest of its own"
    return Refusal((edited[0],), "a change event stays as it was sent", way)


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("payload.summary", "payload.timestamp")


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="ChangeEvent",
    spec=ChangeEvent,
    place=Place(list="/change_events", envelope=("change_events",), paging=PAGES, item_envelope=("change_event",)),
    page="https://developer.pagerduty.com/docs/events-api-v2/send-change-events/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    needed_to_create=("routing_key",),
    also_needed=also_needed,
    settles=30.0,
    own_steps=steps,
    # Nothing more comes of one that was sent: it is not looked for again.
    signal=Signal(
        queries=queries, found=found, over=lambda tree: True, takes_finished=True, refuses=refuses, ident=ident
    ),
)
