"""pagerduty/Vendor: a tool whose events PagerDuty understands, looked up by its name; never managed.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#vendors
PagerDuty lists some hundreds, 100 a page.
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


class Vendor(Spec):
    """A vendor of events, as far as references need one."""

    name: Annotated[str | None, Field(description="the name in PagerDuty's directory, such as Datadog")] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return {"name": raw["name"]} if raw.get("name") is not None else {}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Vendor",
    spec=Vendor,
    place=Place(list="/vendors", envelope=("vendors",), paging=PAGES, item_envelope=("vendor",)),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#vendors",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    key_folds=True,
    looked_up=True,
)
