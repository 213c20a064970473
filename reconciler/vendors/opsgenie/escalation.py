"""opsgenie/Escalation: who is told after how long, if nobody acted.

https://docs.opsgenie.com/docs/escalation-api Delays are minutes. Names are unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.kinds.fields import Minutes, NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.opsgenie.duration import DURATION
from reconciler.vendors.opsgenie.moment import SAME_TEXT
from reconciler.vendors.opsgenie.recipient import OWNER_TEAM, RECIPIENT, TEAM, RecipientMark

Recipient = Annotated[Any, RecipientMark(("user", "team", "schedule"))]


class Rule(Spec):
    """One rule; rules are a set, timed by their delay."""

    condition: Annotated[
        Literal["if-not-acked", "if-not-closed"] | None,
        NoClear("write if-not-acked"),
        Field(description="what must not have happened; if-not-acked where a new rule does not say"),
    ] = None
    notifyType: Annotated[
        Literal["default", "next", "previous", "users", "admins", "all", "random"] | None,
        NoClear("write default"),
        Field(description="who of the recipient; default where a new rule does not say"),
    ] = None
    delay: Annotated[
        Minutes | None,
        NoClear("write 0"),
        Field(ge=0, description="how long after the alert was made; 0 where a new rule does not say"),
    ] = None
    recipient: Annotated[
        Recipient | None,
        NoClear("every rule has a recipient"),
        Field(description="a user's name, {team: NAME} or {schedule: NAME}", examples=[{"schedule": "oncall"}]),
    ] = None


class Repeat(Spec):
    """Going through the rules again."""

    waitInterval: Annotated[
        Minutes, Field(ge=1, description="how long after the last rule; without it nothing repeats")
    ]
    count: Annotated[int | None, NoClear("write 1"), Field(ge=1, description="how often")] = None
    resetRecipientStates: Annotated[
        bool | None, NoClear("write false"), Field(description="whether acknowledgements count anew")
    ] = None
    closeAlertAfterAll: Annotated[
        bool | None, NoClear("write false"), Field(description="whether the alert is closed at the end")
    ] = None


class Escalation(Spec):
    """An escalation."""

    name: Annotated[str | None, NoClear("write another name"), Field(min_length=1, description="unique")] = None
    description: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("the API is not known to clear a description: write another one"),
        Field(description="what it is for"),
    ] = None
    ownerTeam: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("the API does not take an escalation from its team: do it in Opsgenie"),
        Field(description="the team it belongs to"),
    ] = None
    rules: Annotated[
        list[Rule] | None,
        Unordered(),
        NoClear("an escalation has one rule at least"),
        Field(min_length=1, description="all rules; one that is not named goes"),
    ] = None
    repeat: Annotated[Repeat | None, Field(description="going through the rules again; null: it does not")] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _rule_to(rule: Tree) -> Tree:
    if not isinstance(rule, Mapping):
        return rule
    whole = {"condition": "if-not-acked", "notifyType": "default", "delay": 0}
    return _RULE.to({**whole, **{name: value for name, value in rule.items() if value is not None}})


def _repeat_back(raw: Tree) -> Tree:
    """No wait, no repetition: that is how it is switched off."""
    return None if isinstance(raw, Mapping) and not raw.get("waitInterval") else raw


_RULE = record({"delay": DURATION, "recipient": RECIPIENT}, noise={"id", "_parent"})
_WIRES = {
    "ownerTeam": OWNER_TEAM,
    "rules": each(Wire(_rule_to, _RULE.back)),
    # Leaving it out, null and {} all keep what is there.
    "repeat": Wire(back=_repeat_back, cleared={"waitInterval": 0}),
}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id"})


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Escalation",
    spec=Escalation,
    place=Place(
        list="/v2/escalations",
        envelope=("data",),
        item="/v2/escalations/{id}",
        item_envelope=("data",),
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/escalation-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    needed_to_create=("name", "rules"),
)
