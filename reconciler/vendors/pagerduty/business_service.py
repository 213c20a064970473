"""pagerduty/BusinessService: what customers see, that services support.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#business-services 5,000 in an account.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import NoClear, RefTo
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Link, Object, Ref
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.pagerduty.api import PAGES
from reconciler.vendors.pagerduty.reference import COMMON, TEAM, ident


class BusinessService(Spec):
    """A business service."""

    name: Annotated[str | None, NoClear("write another name"), Field(min_length=1, description="what people read")] = (
        None
    )
    description: Annotated[str | None, Field(min_length=1, description="what it is")] = None
    point_of_contact: Annotated[str | None, Field(min_length=1, description="whom to ask, in words")] = None
    team: Annotated[Annotated[Ref, RefTo(TEAM)] | None, Field(description="the team it belongs to")] = None


_WIRES = {
    "description": Wire(cleared=""),
    "point_of_contact": Wire(cleared=""),
    "team": Wire(
        lambda node: {"id": node} if isinstance(node, Ref | Link) else node,
        lambda raw: ident(TEAM, raw),
    ),
}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, COMMON)


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="BusinessService",
    spec=BusinessService,
    place=Place(
        list="/business_services",
        envelope=("business_services",),
        paging=PAGES,
        item="/business_services/{id}",
        item_envelope=("business_service",),
        update="PUT",
        wrap=("business_service",),
        created=("business_service",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#business-services",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name",),
)
