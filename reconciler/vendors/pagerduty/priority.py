"""pagerduty/Priority: how grave an incident is, P1 and so on, looked up by its name; never managed.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#priorities
The account's plan must hold priorities.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object
from reconciler.vendors.pagerduty.api import PAGES


class Priority(Spec):
    """A priority, as far as references need one."""

    name: Annotated[str | None, Field(description="its name in the account, such as P1")] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return {"name": raw["name"]} if raw.get("name") is not None else {}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Priority",
    spec=Priority,
    place=Place(list="/priorities", envelope=("priorities",), paging=PAGES, item_read=False),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#priorities",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    looked_up=True,
)
