"""pagerduty/Team: people with their roles in it.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#teams Names: 100 characters, perhaps not
unique. Descriptions: 1024. Members are read by a request of their own for each team that declares them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.kinds.fields import Keyed, NoClear, RefTo
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Part, Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Link, Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.pagerduty import audit_record
from reconciler.vendors.pagerduty.api import PAGES
from reconciler.vendors.pagerduty.reference import COMMON, TEAM, USER, is_let_go, joins, pointing


class Member(Spec):
    """One member."""

    user: Annotated[Ref, RefTo(USER, looked_up=True), Field(description="the user's e-mail address")]
    role: Annotated[
        Literal["observer", "responder", "manager"] | None,
        NoClear("write observer, responder or manager"),
        Field(description="what the member may do in the team; who joins without one gets what PagerDuty gives"),
    ] = None


class Team(Spec):
    """A team."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, max_length=100, description="what people read")
    ] = None
    description: Annotated[str | None, Field(min_length=1, max_length=1024, description="what the team is for")] = None
    default_role: Annotated[
        Literal["manager", "none"] | None,
        NoClear("write manager or none"),
        Field(description="what people of no team may do with it: manager, their own role; none, the team is private"),
    ] = None
    parent: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("PagerDuty does not document how a team leaves its parent: do it there"),
        Field(description="the team above it; an early feature of PagerDuty, not in every account"),
    ] = None
    members: Annotated[
        list[Member] | None, Keyed(("user",)), Field(description="all members; who is not named leaves the team")
    ] = None


_MEMBER = record({"user": pointing(USER, "user")})
_WIRES = {
    "description": Wire(cleared=""),
    "parent": pointing(TEAM, "team"),
    "members": each(_MEMBER),
}


def to_api(tree: Object, context: Context) -> Object:
    """A body; members have requests of their own."""
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, COMMON)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """People join at once, and leave when no policy names them any more."""
    place = kind.place
    match work.verb:
        case "create":
            made = {name: value for name, value in work.wanted.items() if name != "members"}
            body = {"type": "team", **to_api(made, context)}
            create = Step(
                "create", "POST", place.list, body, "creates", wrap=place.wrap, answer=place.created, made=made
            )
            return (create, *_comings(work))
        case "delete":
            return (Step("delete", "DELETE", place.item_path, deletes=True),)
        case _:
            fields = {name: value for name, value in work.only_changed().items() if name != "members"}
            body = {"type": "team", **to_api(fields, context)}
            update = Step("update", "PUT", place.item_path, body, wrap=place.wrap, answer=place.created)
            moves = (*_comings(work), *_goings(work)) if "members" in work.changed else ()
            return (*((update,) if fields else ()), *moves)


_SEAT = "/teams/{id}/users/{user}"


def _comings(work: Work) -> Iterator[Step]:
    """New members and new roles."""
    before = _roles(work.live)
    for user, (node, role) in _roles(work.wanted).items():
        if user not in before or before[user][1] != role:
            body = {} if role is None else {"role": role}
            yield Step("join", "PUT", _SEAT, body, params={"user": node}, gives=frozenset({joins(node)}))


def _goings(work: Work) -> Iterator[Step]:
    stays = _roles(work.wanted)
    for user, (node, _) in _roles(work.live).items():
        if user not in stays:
            needs = frozenset({is_let_go(node)})
            yield Step("leave", "DELETE", _SEAT, params={"user": node}, drops=True, needs=needs)


def _roles(tree: Object | None) -> dict[str, tuple[Tree, Tree]]:
    """Users with their roles, by who they are."""
    members: Any = (tree or {}).get("members") or []
    links = [(one["user"], one.get("role")) for one in members if isinstance(one, dict) and "user" in one]
    return {node.identity if isinstance(node, Link) else str(node): (node, role) for node, role in links}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Team",
    spec=Team,
    place=Place(
        list="/teams",
        envelope=("teams",),
        paging=PAGES,
        item="/teams/{id}",
        item_envelope=("team",),
        parts=(Part("members", "/teams/{id}/members", ("members",), paging=PAGES),),
        update="PUT",
        wrap=("team",),
        created=("team",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#teams",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name",),
    own_steps=steps,
    trail=audit_record.trail("teams"),
)
