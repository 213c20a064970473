"""opsgenie/User: looked up by username (an e-mail address, in any case) and never managed.

https://docs.opsgenie.com/docs/user-api 100 users a page.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Offset, Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Tree


class User(Spec):
    """A user, as far as references need one."""

    username: Annotated[str | None, Field(max_length=100, description="the e-mail address the user signs in with")] = (
        None
    )
    fullName: Annotated[str | None, Field(max_length=512, description="the name people read")] = None


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return {name: raw[name] for name in User.model_fields if raw.get(name) is not None}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["username"],) if tree.get("username") else None


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="User",
    spec=User,
    place=Place(list="/v2/users", envelope=("data",), paging=Offset(100), item_envelope=("data",)),
    page="https://docs.opsgenie.com/docs/user-api",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="username",
    key_folds=True,
    unique=True,
    looked_up=True,
)
