"""Rule sets: what one path of an orchestration holds, `rules` being the set that events start in. Never deleted.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#event-orchestrations A path is written whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, Same
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Hidden, Object, Path, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.pagerduty.reference import ESCALATION_POLICY, PRIORITY, SERVICE
from reconciler.vendors.pagerduty.rule import (
    START,
    UNROUTED,
    Changing,
    Dropping,
    GlobalRule,
    RouterCatchAll,
    RouterRule,
    Running,
    ServiceRule,
    UnroutedRule,
    said,
)

_RULES = "rules, in the order they are tried; owned whole"
_SETS = "further sets, by the name that a rule's route_to has; owned whole"
_CATCH_ALL = "what is done with an event that no rule takes; owned whole"

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────


class RuleSets(Spec):
    """What paths with several sets have in common: the way from one to the next must lead somewhere."""

    @field_validator("sets", check_fields=False)
    @classmethod
    def _begins_elsewhere(cls, value: Any) -> Any:
        if START in (value or ()):
            raise PydanticCustomError("sets", "the set that events start in is `rules`, not sets: {start: …}", {})
        return value

    @model_validator(mode="after")
    def _leads_somewhere(self) -> RuleSets:
        sets = getattr(self, "sets", None)
        if "sets" not in self.model_fields_set:
            return self  # the sets that are there stay, and are not known here
        for rule in [*(getattr(self, "rules", None) or []), *(one for some in (sets or {}).values() for one in some)]:
            if rule.route_to is not None and rule.route_to not in (sets or {}):
                raise PydanticCustomError(
                    "sets", "a rule's route_to is {name}, and sets has none of that name", {"name": repr(rule.route_to)}
                )
        return self


class Unrouted(RuleSets):
    """What is done with events that no service takes."""

    rules: Annotated[list[Annotated[UnroutedRule, Owned()]] | None, Field(description=_RULES)] = None
    sets: Annotated[dict[str, list[Annotated[UnroutedRule, Owned()]]] | None, Field(description=_SETS)] = None
    catch_all: Annotated[Changing | None, Owned(), Field(description=_CATCH_ALL)] = None


class Global(RuleSets):
    """What is done with every event before it is routed."""

    rules: Annotated[list[Annotated[GlobalRule, Owned()]] | None, Field(description=_RULES)] = None
    sets: Annotated[dict[str, list[Annotated[GlobalRule, Owned()]]] | None, Field(description=_SETS)] = None
    catch_all: Annotated[Dropping | None, Owned(), Field(description=_CATCH_ALL)] = None


class Service(RuleSets):
    """What is done with every event of a service."""

    rules: Annotated[list[Annotated[ServiceRule, Owned()]] | None, Field(description=_RULES)] = None
    sets: Annotated[dict[str, list[Annotated[ServiceRule, Owned()]]] | None, Field(description=_SETS)] = None
    catch_all: Annotated[Running | None, Owned(), Field(description=_CATCH_ALL)] = None


class Router(Spec):
    """Which service an event goes to."""

    rules: Annotated[list[Annotated[RouterRule, Owned()]] | None, Field(description=_RULES)] = None
    catch_all: Annotated[
        RouterCatchAll | None,
        Owned(),
        NoClear("write {route_to: unrouted}"),
        Field(description="where events go that no rule takes; owned whole"),
    ] = None

    @field_validator("rules")
    @classmethod
    def _asks_the_event_first(cls, value: list[RouterRule] | None) -> list[RouterRule] | None:
        if any(rule.dynamic_route_to is not None for rule in (value or [])[1:]):
            raise PydanticCustomError("route", "only the first rule takes dynamic_route_to", {})
        return value


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_OF_A_RULE = ("label", "conditions", "disabled")
_CONDITION = Wire(
    lambda text: {"expression": text},
    lambda raw: raw["expression"] if isinstance(raw, Mapping) and set(raw) == {"expression"} else raw,
)


def _pairs_to(pairs: Tree) -> Tree:
    return [{"key": key, "value": value} for key, value in pairs.items()] if isinstance(pairs, Mapping) else pairs


def _pairs_back(pairs: Tree) -> Tree:
    known = isinstance(pairs, list) and all(isinstance(pair, Mapping) and "key" in pair for pair in pairs)
    return {str(pair["key"]): pair.get("value") for pair in pairs} if known else pairs


def _secrets_back(pairs: Tree) -> Tree:
    """Values may be passwords; they are shown in clear by the API, and nowhere else."""
    read = _pairs_back(pairs)
    return dict.fromkeys(read, Hidden()) if isinstance(read, Mapping) else Hidden()


def _variable_to(variable: Tree) -> Tree:
    return {"type": "regex", **variable} if isinstance(variable, Mapping) else variable


def _variable_back(raw: Tree) -> Tree:
    return {name: value for name, value in raw.items() if (name, value) != ("type", "regex")} if _is_map(raw) else raw


def _is_map(value: Tree) -> bool:
    return isinstance(value, Mapping)


def _bare(kind: str) -> Wire:
    """A field that holds the id of an object of this kind, and no more."""
    return Wire(back=lambda raw: Ref(kind, "id", (raw,)) if isinstance(raw, str) and raw else raw)


def _said(wire: Wire) -> Wire:
    return Wire(wire.to, lambda raw: said(wire.back(raw)))


_AUTOMATION = _said(
    record({"headers": Wire(_pairs_to, _secrets_back), "parameters": Wire(_pairs_to, _pairs_back)}, noise={"id"})
)
_ACTIONS = {
    "priority": _bare(PRIORITY),
    "escalation_policy": _bare(ESCALATION_POLICY),
    "variables": each(Wire(_variable_to, _variable_back)),
    "extractions": each(_said(Wire())),
    "automation_actions": each(_AUTOMATION),
    "pagerduty_automation_actions": each(_said(Wire())),
}
_ROUTE = Wire(back=lambda raw: raw if raw == UNROUTED else _bare(SERVICE).back(raw))
_ROUTES = {**_ACTIONS, "route_to": _ROUTE, "dynamic_route_to": _said(Wire())}


def _rule(actions: Mapping[str, Wire]) -> Wire:
    """A rule: label and conditions beside what is done, where the vendor nests the latter."""
    of_rule = {"conditions": each(_CONDITION)}

    def to(rule: Tree) -> Tree:
        if not isinstance(rule, Mapping):
            return rule
        done = {name: value for name, value in rule.items() if name not in _OF_A_RULE and value is not None}
        own = {name: value for name, value in rule.items() if name in _OF_A_RULE and value is not None}
        return {"conditions": [], **to_wire(own, of_rule), "actions": to_wire(done, actions)}

    def back(raw: Tree) -> Tree:
        if not isinstance(raw, Mapping):
            return raw
        own = from_wire({name: value for name, value in raw.items() if name in _OF_A_RULE}, of_rule)
        return said({**own, **_actions_back(raw.get("actions"), actions)})

    return Wire(to, back)


def _actions_back(raw: Tree, actions: Mapping[str, Wire]) -> Object:
    return dict(said(from_wire(raw, actions))) if isinstance(raw, Mapping) else {}


def _start_and_others(tree: Mapping[str, Tree], rules: Wire) -> list[Tree]:
    further = tree.get("sets")
    named = {START: tree.get("rules"), **(further if isinstance(further, Mapping) else {})}
    return [{"id": name, "rules": rules.to(some) if some is not None else []} for name, some in named.items()]


def _sets_back(raw: Tree, rules: Wire) -> Object:
    found = {str(one["id"]): rules.back(one.get("rules")) for one in raw if _is_map(one) and "id" in one}
    further = {name: some for name, some in found.items() if name != START}
    return {"rules": found.get(START) or [], **({"sets": further} if further else {})}


def path(actions: Mapping[str, Wire], nowhere: Object) -> Wire:
    """A whole path, both ways; `nowhere` is what `catch_all` does where nothing is said.

    A path on which nothing is done is empty in our words, since that is all that can be made of one.
    """
    rules = each(_rule(actions))

    def to(tree: Tree) -> Tree:
        if not isinstance(tree, Mapping):
            return tree
        catch_all = {name: value for name, value in (tree.get("catch_all") or nowhere).items() if value is not None}
        return {"sets": _start_and_others(tree, rules), "catch_all": {"actions": to_wire(catch_all, actions)}}

    def back(raw: Tree) -> Tree:
        if not isinstance(raw, Mapping):
            return raw
        sets, catch_all = raw.get("sets"), raw.get("catch_all")
        done = _actions_back(catch_all.get("actions") if isinstance(catch_all, Mapping) else None, actions)
        tree = {**_sets_back(sets if isinstance(sets, list) else [], rules), "catch_all": done}
        return {} if _does_nothing(tree, nowhere) else tree

    return Wire(to, back, cleared=to({}))


def _does_nothing(tree: Mapping[str, Tree], nowhere: Object) -> bool:
    catch_all = said(tree.get("catch_all")) or nowhere
    return not tree.get("rules") and not tree.get("sets") and catch_all == nowhere


def same(nowhere: Object) -> Same:
    """A path that is empty is what a manifest says in full of one on which nothing is done."""
    return Same(lambda wanted, live: live == {} and isinstance(wanted, Mapping) and _does_nothing(wanted, nowhere))


TO_UNROUTED: Object = {"route_to": UNROUTED}
NOTHING: Object = {}
ROUTER = path(_ROUTES, TO_UNROUTED)
RULES = path(_ACTIONS, NOTHING)

# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def remarks(tree: Tree, at: Path) -> list[Remark]:
    """Rules that no event can reach, because one before them takes every event."""
    rules = tree.get("rules") if isinstance(tree, Mapping) else None
    taking = (place for place, rule in enumerate(rules or []) if not rule.get("conditions") and _is_last(rule))
    first = next(taking, None)
    if rules is None or first is None or first == len(rules) - 1:
        return []
    return [Remark((*at, "rules", first), "it takes every event, so that the rules after it are never reached")]


def _is_last(rule: Mapping[str, Tree]) -> bool:
    return not rule.get("disabled") and "dynamic_route_to" not in rule


def heard(body: Any) -> tuple[str, ...]:
    """PagerDuty's warnings on a rule set it took: what is stored there and will not be done."""
    warnings = body.get("warnings") if isinstance(body, Mapping) else None
    found = warnings if isinstance(warnings, list) else []
    return tuple(str(one["message"]) for one in found if isinstance(one, Mapping) and one.get("message"))
