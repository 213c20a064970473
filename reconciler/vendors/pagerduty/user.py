"""pagerduty/User: looked up by e-mail address, in any case, with the contact methods; never managed.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#users 100 users a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.pagerduty.api import COUNTED


class User(Spec):
    """A user, as far as references need one."""

    email: Annotated[
        str | None, Field(min_length=6, max_length=100, description="the e-mail address the user signs in with")
    ] = None
    name: Annotated[str | None, Field(max_length=100, description="the name people read")] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    """Of the contact methods only their sorts: the addresses are nobody's business here."""
    tree = {name: raw[name] for name in User.model_fields if raw.get(name) is not None}
    methods = raw.get("contact_methods")
    if not isinstance(methods, list):
        return tree
    return {**tree, "contact_methods": [one.get("type") for one in methods if isinstance(one, Mapping)]}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["email"],) if tree.get("email") else None


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="User",
    spec=User,
    place=Place(
        list="/users",
        envelope=("users",),
        query=(("include[]", "contact_methods"),),
        paging=COUNTED,
        item_envelope=("user",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#users",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="email",
    key_folds=True,
    unique=True,
    looked_up=True,
)
