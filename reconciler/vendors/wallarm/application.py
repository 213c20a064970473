"""wallarm/Application: a part of the protected traffic, by which triggers filter (`pool`).

https://docs.wallarm.com/user-guides/settings/applications/ Told apart by a number, which a manifest may choose; the
number -1 is the default application, which Wallarm keeps itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Offset, Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object
from reconciler.kinds.wire import from_wire

NAME = "wallarm/Application"
DEFAULT = -1
_PATH = "/v1/objects/pool"
_PAGE = 500


def _number(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise PydanticCustomError(
            "application",
            "an application's number is 1 or above: -1 is the default application, which Wallarm keeps itself",
            {},
        )
    return value


class Application(Spec):
    """An application."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="name shown in the Console; need not be unique"),
    ] = None
    id: Annotated[
        int | None,
        NoClear("an application keeps its number"),
        AfterValidator(_number),
        Field(
            description="the number that filtering nodes send, 1 or above; Wallarm picks one where none is given. "
            "Cannot be changed",
            examples=[42],
        ),
    ] = None


_SERVER_SETS = frozenset({"clientid", "deleted"})


def to_api(tree: Object, context: Context) -> Object:
    return dict(tree)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, {}, _SERVER_SETS)


def _tenant(context: Context) -> int:
    return int(context.facts["client_id"])


def _of_tenant(context: Context) -> Object:
    return {"filter": {"clientid": [_tenant(context)]}}


def _is_one(raw: Mapping[str, Any]) -> bool:
    """Rows of deleted applications stay in the list; the default application is nobody's to manage."""
    return raw.get("deleted") is not True and raw.get("id") != DEFAULT


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """All by POST; the tenant is a number here and a list there."""
    ident = (work.live or work.wanted).get("id")
    match work.verb:
        case "create":
            body = {**to_api(work.wanted, context), "clientid": _tenant(context)}
            return (Step("create", "POST", kind.place.create, body, "creates", answer=kind.place.created),)
        case "delete":
            body = {"filter": {"id": ident, "clientid": _tenant(context)}}
            return (Step("delete", "POST", f"{_PATH}/delete", body, deletes=True),)
        case _:
            body = {"filter": {"clientid": [_tenant(context)], "id": ident}, "fields": {"name": work.wanted["name"]}}
            return (Step("update", "POST", f"{_PATH}/update", body),)


KIND = Kind(
    vendor="wallarm",
    version="v1",
    name="Application",
    spec=Application,
    place=Place(
        list=_PATH,
        envelope=("body",),
        paging=Offset(_PAGE),
        item_read=False,
        create=f"{_PATH}/create",
        created=("body",),
        id_number=True,
        list_body=_of_tenant,
        lists=_is_one,
    ),
    page="https://docs.wallarm.com/user-guides/settings/applications/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    chosen_id="id",
    immutable=frozenset({"id"}),
    needed_to_create=("name",),
    own_steps=steps,
)
