"""What alert and notification policies share: filter, hours, place in the list, and the team in every request's query.

https://docs.opsgenie.com/docs/policy-api Names: 512 characters. A PUT replaces the whole.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, Owned
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.opsgenie import condition
from reconciler.vendors.opsgenie.moment import SAME_TEXT
from reconciler.vendors.opsgenie.restriction import TIME_RESTRICTION, TimeRestriction

Sort = Literal["alert", "notification"]

PAGE = "https://docs.opsgenie.com/docs/policy-api"
YES_OR_NO = NoClear("write true or false")


class Policy(Spec):
    """What every policy has."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, max_length=512, description="unique among the team's manifests"),
    ] = None
    enabled: Annotated[bool | None, YES_OR_NO, Field(description="whether it holds")] = None
    order: Annotated[
        int | None,
        NoClear("write a number from 0"),
        Field(ge=0, description="policies of the team's manifests stand by rising order; others are not moved"),
    ] = None
    policyDescription: Annotated[str | None, SAME_TEXT, Field(max_length=512, description="what the policy is for")] = (
        None
    )
    filter: Annotated[
        condition.Filter | None,
        Owned(),
        NoClear("write filter: {type: match-all}"),
        Field(description="which alerts; owned whole"),
    ] = None
    timeRestrictions: Annotated[
        TimeRestriction | None,
        Field(description='when it holds: "09:00-18:00", or [monday 09:00-friday 18:00]; null: always'),
    ] = None


WIRES = {"filter": condition.CRITERIA, "timeRestrictions": TIME_RESTRICTION}
_BY_ITSELF = frozenset({"enabled", "order"})
_SHORTER = {"name": 100, "policyDescription": 200}
_IN_THE_LIST = frozenset({"team", "name", "enabled", "order"})


def place(sort: Sort, spec: type[Policy], *, global_too: bool) -> Place:
    """Where policies of one sort are: the list tells no more of each than its name, order and whether it holds."""
    return Place(
        list=f"/v2/policies/{sort}?teamId={{team}}",
        envelope=("data",),
        item="/v2/policies/{id}?teamId={team}",
        item_envelope=("data",),
        detail=tuple(info.alias or name for name, info in spec.model_fields.items() if name not in _IN_THE_LIST),
        parent="team",
        parent_needed=not global_too,
        create="/v2/policies?teamId={team}",
        update="PUT",
        created=("data",),
    )


def body(tree: Object, wires: dict[str, Wire]) -> Object:
    """A body; `team` stands in the query, `order` has a request of its own."""
    return to_wire({name: value for name, value in tree.items() if name not in ("team", "order")}, wires)


def read(raw: Object, wires: dict[str, Wire]) -> Object:
    return from_wire(raw, wires, {"id", "type", "teamId"})


def writable(raw: Object) -> Object:
    return {name: value for name, value in raw.items() if name not in ("id", "order", "teamId")}


def key(tree: Object) -> tuple[Tree, ...] | None:
    """A team's policies go by name, and so do those of no team."""
    return (tree.get("team", ""), tree["name"]) if tree.get("name") else None


def remarks(tree: Object) -> list[Remark]:
    found = condition.remarks(tree.get("filter"), "filter")
    for name, most in _SHORTER.items():
        if isinstance(tree.get(name), str) and len(tree[name]) > most:
            found.append(Remark((name,), f"Opsgenie's page allows {most} characters, its own tools 512"))
    return found


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context, sort: Sort) -> tuple[Step, ...]:
    """The switch and the place have requests of their own, but a new policy must say whether it holds."""
    params = {"team": work.wanted.get("team")}
    match work.verb:
        case "create":
            made = {name: value for name, value in work.wanted.items() if name != "order"}
            whole = {"type": sort, **kind.to_api(made, context)}
            answer = kind.place.created
            create = Step("create", "POST", kind.place.create, whole, "creates", params, answer=answer, made=made)
            return (create, *_by_themselves(work, frozenset(work.wanted) & {"order"}, params))
        case "update":
            fields = {name: value for name, value in work.only_changed().items() if name not in _BY_ITSELF}
            put = Step("update", "PUT", kind.place.item, kind.to_api(fields, context), params=params, over=True)
            return (*((put,) if fields else ()), *_by_themselves(work, work.changed, params))
        case _:
            return plain_steps(kind, work, context)


def _by_themselves(work: Work, fields: frozenset[str], params: dict[str, Tree]) -> tuple[Step, ...]:
    found = []
    if "enabled" in fields:
        verb = "enable" if work.wanted["enabled"] else "disable"
        found.append(Step(verb, "POST", f"/v2/policies/{{id}}/{verb}?teamId={{team}}", params=params))
    if "order" in fields:
        path = "/v2/policies/{id}/change-order?teamId={team}"
        found.append(Step("order", "POST", path, params=params, moves="targetIndex"))
    return tuple(found)
