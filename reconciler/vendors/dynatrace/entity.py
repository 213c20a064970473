"""dynatrace/Entity: something that is monitored, looked up by sort and name; never managed.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/entity-v2 There is no list of all: each that a manifest
names is asked for by itself, among those seen in the last three years.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.dynatrace.selector import quoted
from reconciler.vendors.dynatrace.setting import PAGES

ENTITIES = "/api/v2/entities"
EVER = (("from", "now-3y"), ("to", "now"))


class Entity(Spec):
    """An entity, as far as references need one."""

    type: Annotated[str | None, Field(description="its sort: HOST, SERVICE")] = None
    displayName: Annotated[str | None, Field(description="its name")] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return {name: raw[name] for name in Entity.model_fields if raw.get(name) is not None}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["type"], tree["displayName"]) if tree.get("type") and tree.get("displayName") else None


def listed_at(key: tuple[str, ...]) -> tuple[str, str] | None:
    """The question for one entity: `{existing: [HOST, its name]}`."""
    if len(key) != 2:
        return None
    return (
        f"{ENTITIES}?from=now-3y&to=now&entitySelector={{of}}",
        f"type({quoted(key[0])}),entityName.equals({quoted(key[1])})",
    )


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="Entity",
    spec=Entity,
    place=Place(
        list=ENTITIES,
        envelope=("entities",),
        query=EVER,
        paging=PAGES,
        item=f"{ENTITIES}/{{id}}",
        id_at="entityId",
        listed_at=listed_at,
    ),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/entity-v2",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    looked_up=True,
)
