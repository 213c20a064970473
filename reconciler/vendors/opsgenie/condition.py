"""Conditions on an alert: `criteria` of routing rules, `filter` of policies and of actions, compared as a set.

https://docs.opsgenie.com/docs/team-routing-rule-api https://docs.opsgenie.com/docs/policy-api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, Same, Unordered
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, record

Operation = Literal[
    "matches",
    "contains",
    "starts-with",
    "ends-with",
    "equals",
    "is-empty",
    "equals-ignore-whitespace",
    "contains-key",
    "contains-value",
    "greater-than",
    "less-than",
]
_TEXT = ("matches", "contains", "starts-with", "ends-with", "equals", "is-empty", "equals-ignore-whitespace")
_LIST = ("contains", "is-empty", "matches")

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("message", "alias", "description", "source", "entity", "teams"), _TEXT),
    **dict.fromkeys(("actions", "tags", "recipients"), _LIST),
    "details": ("contains", "is-empty", "contains-key", "contains-value"),
    "priority": ("equals", "greater-than", "less-than"),
}
# These take any operation. Integrations add fields of their own, so that the list is open.
KNOWN = frozenset((*OPERATIONS, "extra-properties", "responders"))
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")

# What a condition means where it does not say: left out on both sides, so that it is compared as what it means.
_DEFAULTS: Mapping[str, Tree] = {"not": False, "expectedValue": "", "key": ""}


class Condition(Spec):
    """One condition."""

    field: Annotated[str, Field(min_length=1, description=f"part of the alert: {', '.join(sorted(KNOWN))}")]
    operation: Annotated[Operation, Field(description="how it is compared; not every field takes every one")]
    expectedValue: Annotated[str | None, Field(description="with what; P1 to P5 for priority")] = None
    not_: Annotated[bool | None, Field(alias="not", description="whether it must not be so; false if not said")] = None
    key: Annotated[str | None, Field(description="which one, for extra-properties alone")] = None

    @model_validator(mode="before")
    @classmethod
    def _says_no_defaults(cls, data: Any) -> Any:
        return _without_defaults(data) if isinstance(data, Mapping) else data

    @field_validator("operation")
    @classmethod
    def _fits_the_field(cls, value: str, info: ValidationInfo) -> str:
        allowed = OPERATIONS.get(info.data.get("field", ""))
        if allowed is not None and value not in allowed:
            raise PydanticCustomError(
                "condition",
                "{field} takes {allowed}, not {operation}",
                {"field": info.data["field"], "allowed": ", ".join(allowed), "operation": value},
            )
        return value

    @field_validator("key")
    @classmethod
    def _has_a_key_to_name(cls, value: str | None, info: ValidationInfo) -> str | None:
        field = info.data.get("field")
        if value is not None and field != "extra-properties":
            raise PydanticCustomError(
                "condition", "only extra-properties takes a key, {field} does not", {"field": str(field)}
            )
        return value

    @model_validator(mode="after")
    def _compares_with_a_priority(self) -> Condition:
        if self.field == "priority" and self.expectedValue not in PRIORITIES:
            raise PydanticCustomError("condition", "expectedValue of priority is P1, P2, P3, P4 or P5", {})
        return self


def _same_field(wanted: Tree, live: Tree) -> bool:
    """Policies answer `responders` for the `teams` they were given."""
    return wanted == live or (wanted, live) == ("teams", "responders")


class PolicyCondition(Condition):
    """One condition of a policy."""

    field: Annotated[
        str,
        Same(_same_field),
        Field(
            min_length=1, description=f"part of the alert: {', '.join(sorted(KNOWN))}; teams reads back as responders"
        ),
    ]


MatchType = Literal["match-all", "match-any-condition", "match-all-conditions"]
_MATCHES = Field(description="match-all takes no conditions, the others one at least")
_IN_ANY_ORDER = Field(description="in any order")


class Criteria(Spec):
    """Which alerts: all, or those that meet any or all of some conditions."""

    type: Annotated[MatchType, _MATCHES]
    conditions: Annotated[list[Annotated[Condition, Owned()]] | None, Unordered(), _IN_ANY_ORDER] = None

    @model_validator(mode="after")
    def _has_its_conditions(self) -> Criteria:
        _check(self.type, self.conditions)
        return self


class Filter(Spec):
    """Which alerts a policy is for."""

    type: Annotated[MatchType, _MATCHES]
    conditions: Annotated[list[Annotated[PolicyCondition, Owned()]] | None, Unordered(), _IN_ANY_ORDER] = None

    @model_validator(mode="after")
    def _has_its_conditions(self) -> Filter:
        _check(self.type, self.conditions)
        return self


class ActionFilter(Spec):
    """What comes in that an action of an integration is for; the vendor calls the type otherwise here."""

    conditionMatchType: Annotated[MatchType, _MATCHES]
    conditions: Annotated[list[Annotated[Condition, Owned()]] | None, Unordered(), _IN_ANY_ORDER] = None

    @model_validator(mode="after")
    def _has_its_conditions(self) -> ActionFilter:
        _check(self.conditionMatchType, self.conditions)
        return self


def _check(match: str, conditions: Sequence[Condition] | None) -> None:
    if match == "match-all" and conditions:
        raise PydanticCustomError("criteria", "match-all takes no conditions", {})
    if match != "match-all" and not conditions:
        raise PydanticCustomError("criteria", "{type} needs one condition at least", {"type": match})


def _without_defaults(condition: Mapping[str, Tree]) -> dict[str, Tree]:
    said = {name: value for name, value in condition.items() if value is not None}
    return {name: value for name, value in said.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}


def _condition_back(raw: Tree) -> Tree:
    """`order` echoes 0 whatever was sent, and conditions come back in another order."""
    if not isinstance(raw, Mapping):
        return raw
    return {name: value for name, value in _without_defaults(raw).items() if name != "order"}


_PREFIX = "extra_properties_key_prefix-"


def _action_condition_back(raw: Tree) -> Tree:
    """Of extra properties the key comes back within the field's name."""
    tree = _condition_back(raw)
    match tree:
        case {"field": str(field)} if field.startswith(_PREFIX):
            return {**tree, "field": "extra-properties", "key": field.removeprefix(_PREFIX)}
        case _:
            return tree


CRITERIA = record({"conditions": each(Wire(back=_condition_back))})
ACTION_FILTER = record({"conditions": each(Wire(back=_action_condition_back))})
NO_CLEAR = NoClear("write criteria: {type: match-all}")


def remarks(criteria: Tree, place: str) -> list[Remark]:
    """Fields this version does not know: integrations have some of their own."""
    conditions = (criteria or {}).get("conditions") or []
    return [
        Remark((place, "conditions", index, "field"), f"{condition['field']!r} is no field this version knows")
        for index, condition in enumerate(conditions)
        if condition["field"] not in KNOWN
    ]
