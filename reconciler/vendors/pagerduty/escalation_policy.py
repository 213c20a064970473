"""pagerduty/EscalationPolicy: who is told after how long, if nobody acknowledges.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#escalation-policies Delays are minutes. A rule
has 1 to 10 targets, in no order; rules have one. A policy belongs to one team at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.kinds.fields import Minutes, NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.neutral import Look
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.stake import Holder
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Path, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.pagerduty import audit_record
from reconciler.vendors.pagerduty.api import COUNTED
from reconciler.vendors.pagerduty.reference import (
    COMMON,
    SERVICE,
    TEAM,
    USER,
    holders,
    is_let_go,
    joins,
    pointing,
    unreachable,
)
from reconciler.vendors.pagerduty.target import TARGET, Target

_ODD = re.compile(r"[\\/&<>]")


class Rule(Spec):
    """One rule; the order of rules is that of telling."""

    escalation_delay_in_minutes: Annotated[
        Minutes, Field(ge=1, description="how long its targets have before the next rule's are told, 15m")
    ]
    targets: Annotated[
        list[Target],
        Unordered(),
        Field(
            min_length=1,
            max_length=10,
            description="who is told: users by e-mail address, {schedule: NAME}",
            examples=[["ann@example.com", {"schedule": "payments-primary"}]],
        ),
    ]
    escalation_rule_assignment_strategy: Annotated[
        Literal["round_robin", "assign_to_everyone"] | None,
        NoClear("write assign_to_everyone"),
        Field(
            description="whether targets take turns; needs a plan that holds it. It is read, and kept when rules "
            "change, only where it is named"
        ),
    ] = None


class EscalationPolicy(Spec):
    """An escalation policy."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]$", description="what people read"),
    ] = None
    description: Annotated[str | None, Field(min_length=1, description="what it is for")] = None
    num_loops: Annotated[
        int | None,
        NoClear("write 0"),
        Field(ge=0, le=9, description="how often it goes through its rules again; 0 where a new one does not say"),
    ] = None
    on_call_handoff_notifications: Annotated[
        Literal["if_has_services", "always"] | None,
        NoClear("write if_has_services"),
        Field(description="whether people are told that their turn begins; if_has_services where it is not said"),
    ] = None
    escalation_rules: Annotated[
        list[Rule] | None,
        NoClear("a policy has one rule at least"),
        Field(min_length=1, description="all rules, in the order they are gone through"),
    ] = None
    teams: Annotated[
        list[Annotated[Ref, RefTo(TEAM)]] | None,
        Unordered(),
        Field(max_length=1, description="the team it belongs to; users it names must be members"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _strategy_back(raw: Tree) -> Tree:
    """An object in what PagerDuty answers, a bare word in its own description."""
    return raw.get("type", raw) if isinstance(raw, Mapping) else raw


_STRATEGY = Wire(lambda word: {"type": word} if isinstance(word, str) else word, _strategy_back)
_RULE = record({"targets": each(TARGET), "escalation_rule_assignment_strategy": _STRATEGY}, noise={"id"})
_WIRES = {
    "description": Wire(cleared=""),
    "escalation_rules": each(_RULE),
    "teams": each(pointing(TEAM, "team")),
}
_SERVER_SETS = COMMON | {"services", "privilege"}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "escalation_policy", **to_wire(tree, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


def asks(declared: Object) -> tuple[tuple[str, str], ...]:
    """Without the plan for it, asking for strategies is refused."""
    rules = declared.get("escalation_rules")
    named = isinstance(rules, list) and any("escalation_rule_assignment_strategy" in rule for rule in rules)
    return (("include[]", "escalation_rule_assignment_strategies"),) if named else ()


# ── steps, and words around them ────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """People have joined their team before a policy names them, and leave it when none of its policies does any more.

    A policy that goes to another team lets go of all whom it names.
    """
    leaves = work.verb == "delete" or "teams" in work.changed
    stays = set() if work.verb == "delete" else set(_users(work.wanted))
    gone = [user for user in _users(work.live or {}) if leaves or user not in stays]
    needs = frozenset(joins(user) for user in stays)
    gives = frozenset(is_let_go(user) for user in gone)
    return tuple(replace(step, needs=needs, gives=gives) for step in plain_steps(kind, work, context))


def _users(tree: Object) -> Iterator[Tree]:
    return (user for _, user in _targets(tree) if isinstance(user, Link) and user.kind == USER)


def _targets(tree: Object) -> Iterator[tuple[Path, Tree]]:
    rules: Any = tree.get("escalation_rules") or []
    for number, rule in enumerate(rules):
        for index, target in enumerate((rule.get("targets") or []) if isinstance(rule, Mapping) else ()):
            yield ("escalation_rules", number, "targets", index), target


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    if not isinstance(name, str) or not _ODD.search(name):
        return []
    return [Remark(("name",), r"PagerDuty's own tools take no \ / & < > in a policy's name")]


def cautions(tree: Object, look: Look) -> Sequence[Remark]:
    return list(unreachable(_targets(tree), look))


def used_by(raw: Object) -> list[Holder]:
    return holders(SERVICE, raw, "services")


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="EscalationPolicy",
    spec=EscalationPolicy,
    place=Place(
        list="/escalation_policies",
        envelope=("escalation_policies",),
        paging=COUNTED,
        item="/escalation_policies/{id}",
        item_envelope=("escalation_policy",),
        update="PUT",
        wrap=("escalation_policy",),
        created=("escalation_policy",),
        asks=asks,
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#escalation-policies",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name", "escalation_rules"),
    own_steps=steps,
    holders=used_by,
    remarks=remarks,
    cautions=cautions,
    trail=audit_record.trail("escalation_policies"),
)
