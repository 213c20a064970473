"""Propagation: flags by which a rule for one sort of entity goes on to others, as auto tags and management zones have.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-tags-auto-tagging
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, record
from reconciler.vendors.dynatrace.condition import CONDITION

_RULE = record({"conditions": each(CONDITION)})


def of_its_type(propagates: Mapping[str, str], value: bool | None, info: ValidationInfo) -> bool | None:
    """The flag, where the rule's sort of entity has it."""
    type_, needed = info.data.get("entityType"), propagates[info.field_name or ""]
    if value is not None and type_ not in (None, needed):
        raise PydanticCustomError(
            "propagation",
            "only rules for {needed} go on so, not those for {type}",
            {"needed": needed, "type": type_},
        )
    return value


def attribute_rule(propagates: Mapping[str, str]) -> Wire:
    """The server refuses a rule without the flags that its sort of entity has."""

    def to(value: Tree) -> Tree:
        if not isinstance(value, dict):
            return value
        flags = {name: False for name, type_ in propagates.items() if type_ == value.get("entityType")}
        return _RULE.to({**flags, **value})

    return Wire(to, _RULE.back)
