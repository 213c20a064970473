"""opsgenie/RoutingRule: which schedule or escalation of a team an alert goes to.

https://docs.opsgenie.com/docs/team-routing-rule-api Opsgenie makes the default rule (`default: true`) with the team; it
has no order, time zone or criteria of its own. Rules made at the same time come out in a wrong order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Zone
from reconciler.kinds.neutral import Removal
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Ref, Tree
from reconciler.kinds.wire import from_wire, to_wire
from reconciler.vendors.opsgenie import condition
from reconciler.vendors.opsgenie.moment import SAME_ZONE
from reconciler.vendors.opsgenie.recipient import RECIPIENT, TEAM, RecipientMark
from reconciler.vendors.opsgenie.restriction import TIME_RESTRICTION, TimeRestriction

_NOT_FOR_DEFAULT = ("order", "timezone", "criteria", "timeRestriction")


class RoutingRule(Spec):
    """A routing rule."""

    team: Annotated[Ref, RefTo(TEAM), Field(description="the team whose alerts it routes; cannot be changed")]
    default: Annotated[
        Literal[True] | None,
        Field(description="the rule Opsgenie makes with the team, for alerts no other takes; no order or criteria"),
    ] = None
    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="needed, except for the default rule; unique among the team's manifests"),
    ] = None
    order: Annotated[
        int | None,
        NoClear("write a number from 0"),
        Field(ge=0, description="rules of the team's manifests stand by rising order; other rules are not moved"),
    ] = None
    criteria: Annotated[
        condition.Criteria | None, Owned(), condition.NO_CLEAR, Field(description="which alerts; owned whole")
    ] = None
    timezone: Annotated[
        Zone | None, SAME_ZONE, NoClear("write a time zone"), Field(description="IANA name, for timeRestriction")
    ] = None
    timeRestriction: Annotated[
        TimeRestriction | None,
        NoClear("the API is not known to clear it: do it in Opsgenie, or make the rule anew under another name"),
        Field(description='when it holds: "09:00-18:00", or [monday 09:00-friday 18:00]'),
    ] = None
    notify: Annotated[
        Annotated[Any, RecipientMark(("schedule", "escalation", "none"))] | None,
        NoClear("write none"),
        Field(description="{schedule: NAME}, {escalation: NAME} or none", examples=[{"escalation": "oncall"}]),
    ] = None

    @field_validator(*_NOT_FOR_DEFAULT)
    @classmethod
    def _is_not_the_default_rule(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("default"):
            raise PydanticCustomError("routing_rule", "the default rule takes no {field}", {"field": info.field_name})
        return value

    @model_validator(mode="after")
    def _is_default_or_named(self) -> RoutingRule:
        if not self.default and self.name is None:
            raise PydanticCustomError("routing_rule", "a rule needs a name, unless it is the default one", {})
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_WIRES = {"criteria": condition.CRITERIA, "timeRestriction": TIME_RESTRICTION, "notify": RECIPIENT}
_IN_THE_PATH = ("team", "default", "order")


def to_api(tree: Object, context: Context) -> Object:
    """A body; `order` has a request of its own."""
    return to_wire({name: value for name, value in tree.items() if name not in _IN_THE_PATH}, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    tree = from_wire(raw, _WIRES, {"id", "_parent", "isDefault"})
    if not raw.get("isDefault"):
        return tree
    return {"default": True, **{name: value for name, value in tree.items() if name not in _NOT_FOR_DEFAULT}}


def key(tree: Object) -> tuple[Tree, ...] | None:
    """A team has one default rule, whatever it is called; the others go by name."""
    team = tree.get("team")
    if tree.get("default"):
        return (team,)
    return (team, tree["name"]) if tree.get("name") else None


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    match work.verb:
        case "create" if work.wanted.get("default"):
            fields = frozenset(work.wanted) - {"team", "default"}
            find = Step("find", "GET", kind.place.list, effect="reads", params=_team(work), finds=True)
            return (find, *_patch(kind, work, fields, context))
        case "create" if work.wanted.get("order") is not None:
            [create] = plain_steps(kind, work, context)
            made = {name: value for name, value in work.wanted.items() if name != "order"}
            return (replace(create, moves="order", made=made), _move(kind, work))
        case "update" | "reset":
            moves = (_move(kind, work),) if "order" in work.changed else ()
            return (*_patch(kind, work, work.changed, context), *moves)
        case _:
            return plain_steps(kind, work, context)


def _team(work: Work) -> dict[str, Tree]:
    return {"team": work.wanted.get("team")}


def _patch(kind: Kind, work: Work, fields: frozenset[str], context: Context) -> tuple[Step, ...]:
    body = to_api({name: value for name, value in work.wanted.items() if name in fields}, context)
    if not body:
        return ()
    place = kind.place
    return (Step("update", "PATCH", place.item_path, body, params=_team(work), answer=place.created),)


def _move(kind: Kind, work: Work) -> Step:
    return Step("order", "POST", f"{kind.place.item_path}/change-order", params=_team(work), moves="order")


# ── removal, and words around it ────────────────────────────────────────────────────────────────────────────────────


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    """The default rule cannot go before its team; it is made to let go of what it holds, if that is to be deleted."""
    if not tree.get("default"):
        return "delete"
    notify = tree.get("notify")
    held = list(notify.values()) if isinstance(notify, dict) else []
    return "reset" if any(isinstance(one, Link) and one.identity in leaving for one in held) else "release"


def reset(tree: Object) -> Object:
    return {"notify": "none"}


def also_needed(tree: Object) -> tuple[str, ...]:
    return () if tree.get("default") else ("notify",)


def remarks(tree: Object) -> list[Remark]:
    return condition.remarks(tree.get("criteria"), "criteria")


def consequences(work: Work) -> tuple[str, ...]:
    silent = work.verb != "delete" and work.wanted.get("default") and work.wanted.get("notify") == "none"
    return ("alerts of the team that no other rule takes will notify nobody",) if silent else ()


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="RoutingRule",
    spec=RoutingRule,
    place=Place(
        list="/v2/teams/{team}/routing-rules",
        envelope=("data",),
        item="/v2/teams/{team}/routing-rules/{id}",
        item_envelope=("data",),
        parent="team",
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/team-routing-rule-api",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    immutable=frozenset({"team", "default"}),
    also_needed=also_needed,
    serial="parent",
    ranked="order",
    own_steps=steps,
    on_removal=on_removal,
    reset=reset,
    remarks=remarks,
    consequences=consequences,
)
