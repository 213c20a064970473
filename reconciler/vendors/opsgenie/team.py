"""opsgenie/Team: people and their roles. Opsgenie makes a schedule, an escalation and a routing rule with each.

https://docs.opsgenie.com/docs/team-api Names: 100 characters, unique.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import Keyed, NoClear, RefTo
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.opsgenie.moment import SAME_TEXT
from reconciler.vendors.opsgenie.recipient import USER, named

_PLAIN_NAME = re.compile(r"[a-zA-Z 0-9_.-]+")


class Member(Spec):
    """One member."""

    user: Annotated[Ref, RefTo(USER, looked_up=True), Field(description="the user's name, ann@example.com")]
    role: Annotated[
        str | None,
        NoClear("write user, admin or a role of the team"),
        Field(min_length=1, description="user (what Opsgenie takes without it), admin, or a role of the team's own"),
    ] = None


class Team(Spec):
    """A team."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, max_length=100, description="unique")
    ] = None
    description: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("the API is not known to clear a description: write another one"),
        Field(description="what the team is for"),
    ] = None
    members: Annotated[
        list[Member] | None, Keyed(("user",)), Field(description="all members; who is not named leaves the team")
    ] = None


_WIRES = {
    "members": each(
        record({"user": Wire(lambda node: {"id": node}, lambda raw: named(USER, raw))}),
    ),
}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id", "links"})


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    if not isinstance(name, str) or _PLAIN_NAME.fullmatch(name):
        return []
    return [Remark(("name",), "Opsgenie's own tools take only a-z, A-Z, 0-9, space and _ . - in a team's name")]


def consequences(work: Work) -> tuple[str, ...]:
    match work.verb:
        case "create":
            return ("Opsgenie makes a schedule, an escalation and a default routing rule with it",)
        case "delete":
            return ("what Opsgenie does with the team's schedules, policies and integrations is not documented",)
        case _:
            return ()


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Team",
    spec=Team,
    place=Place(
        list="/v2/teams",
        envelope=("data",),
        item="/v2/teams/{id}",
        item_envelope=("data",),
        detail=("members",),
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/team-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    needed_to_create=("name",),
    remarks=remarks,
    consequences=consequences,
)
