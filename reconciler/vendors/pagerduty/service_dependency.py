"""pagerduty/ServiceDependency: one service that another one cannot do without.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#business-services An ordered pair, never
changed, read by one request for each service that depends. 2,000 a service, 100 deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.pagerduty.alternative import Alternative
from reconciler.vendors.pagerduty.reference import BUSINESS_SERVICE, SERVICE

SIDE = Alternative({"service": SERVICE, "business_service": BUSINESS_SERVICE})

_LISTS = {
    "service": "/service_dependencies/technical_services/{of}",
    "business_service": "/service_dependencies/business_services/{of}",
}
# What an answer calls the types, and the words of a request.
_TYPES = {
    "technical_service_reference": "service",
    "service_reference": "service",
    "service": "service",
    "business_service_reference": "business_service",
    "business_service": "business_service",
}
_NEVER = NoClear("remove the manifest")


class ServiceDependency(Spec):
    """A dependency."""

    supporting_service: Annotated[
        Annotated[Any, SIDE] | None,
        _NEVER,
        Field(
            description="the one that is needed: {service: NAME} or {business_service: NAME}; cannot be changed",
            examples=[{"service": "checkout"}],
        ),
    ] = None
    dependent_service: Annotated[
        Annotated[Any, SIDE] | None,
        _NEVER,
        Field(
            description="the one that needs it: {service: NAME} or {business_service: NAME}; cannot be changed",
            examples=[{"business_service": "online-payments"}],
        ),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _to(side: Tree) -> Tree:
    named = SIDE.split(side)
    return side if named is None else {"id": named[1], "type": named[0]}


def _back(raw: Tree) -> Tree:
    match raw:
        case {"id": str(ident), "type": str(type_)} if ident and type_ in _TYPES:
            sort = _TYPES[type_]
            return {sort: Ref(SIDE.kinds[sort], "id", (ident,))}
        case _:
            return raw


_WIRES = {"supporting_service": Wire(_to, _back), "dependent_service": Wire(_to, _back)}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id", "type"})


def key(tree: Object) -> tuple[Tree, ...] | None:
    """Sorts and services, as an id is unique only within its sort."""
    dependent, supporting = SIDE.split(tree.get("dependent_service")), SIDE.split(tree.get("supporting_service"))
    return None if dependent is None or supporting is None else (*dependent, *supporting)


def listed_at(key: tuple[str, ...]) -> tuple[str, str] | None:
    """Where a dependency stands: in the list of the service that depends."""
    return (_LISTS[key[0]], key[1]) if len(key) == 4 and key[0] in _LISTS else None


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """The API takes lists of pairs; it gets one at a time, so that each has an answer of its own."""
    pair = to_api({name: work.wanted[name] for name in _WIRES if name in work.wanted}, context)
    body: Mapping[str, Tree] = {"relationships": [pair]}
    if work.verb == "delete":
        return (Step("disassociate", "POST", "/service_dependencies/disassociate", body, deletes=True),)
    answer = ("relationships", 0)
    return (Step("associate", "POST", kind.place.create, body, "creates", answer=answer),)


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="ServiceDependency",
    spec=ServiceDependency,
    place=Place(
        list=_LISTS["service"],
        envelope=("relationships",),
        item_read=False,
        create="/service_dependencies/associate",
        listed_at=listed_at,
        list_of=((_LISTS["service"], SERVICE), (_LISTS["business_service"], BUSINESS_SERVICE)),
        after=(SERVICE, BUSINESS_SERVICE),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#business-services",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    unique=True,
    immutable=frozenset({"supporting_service", "dependent_service"}),
    needed_to_create=("supporting_service", "dependent_service"),
    serial="account",
    settles=30.0,
    own_steps=steps,
)
