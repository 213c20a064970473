"""Conditions: what an entity must be like for a rule of an auto tag or a management zone.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-tags-auto-tagging 1 to 30 a rule,
all of which must hold. Which value a condition has depends on its key and operator.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, record
from reconciler.vendors.dynatrace.attribute import KEYS, Operator, applies
from reconciler.vendors.dynatrace.text import Filled

_KNOWN = frozenset(KEYS)


def _known(key: str) -> str:
    if key not in _KNOWN:
        near = get_close_matches(key, KEYS, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PydanticCustomError("attribute", "{key} is no attribute{hint}", {"key": repr(key), "hint": hint})
    return key


class Condition(Spec):
    """A condition."""

    key: Annotated[str, AfterValidator(_known), Field(description="the attribute: HOST_NAME, SERVICE_TAGS, …")]
    operator: Annotated[Operator, Field(description="how it is compared; NOT_ before any of them turns it round")]
    enumValue: Annotated[
        str | None, Field(min_length=1, max_length=500, description="value of an attribute that has fixed ones")
    ] = None
    stringValue: Annotated[
        Filled | None, Field(min_length=1, max_length=150, description="text of a text attribute")
    ] = None
    caseSensitive: Annotated[bool | None, Field(description="whether the case of a text counts; true if not said")] = (
        None
    )
    integerValue: Annotated[int | None, Field(ge=0, le=2_147_483_647, description="value of a count or a port")] = None
    tag: Annotated[str | None, Field(min_length=1, max_length=4025, description="a tag, [CONTEXT]key:value")] = None
    entityId: Annotated[
        str | None, Field(min_length=1, max_length=500, description="id of the process group or host group")
    ] = None
    dynamicKey: Annotated[
        str | None, Field(min_length=1, max_length=500, description="name of the label or of the piece of metadata")
    ] = None
    dynamicKeySource: Annotated[
        str | None, Field(min_length=1, max_length=500, description="where a piece of custom metadata comes from")
    ] = None

    @field_validator(
        *("enumValue", "stringValue", "caseSensitive", "integerValue", "tag", "entityId", "dynamicKey"),
        "dynamicKeySource",
    )
    @classmethod
    def _applies(cls, value: Tree, info: ValidationInfo) -> Tree:
        key, operator = info.data.get("key"), info.data.get("operator")
        if value is None or not key or not operator or info.field_name is None:
            return value
        if not applies(info.field_name, key, operator, info.data.get("enumValue")):
            raise PydanticCustomError(
                "not_applicable",
                "a condition on {key} with {operator} has no {field}",
                {"key": key, "operator": operator, "field": info.field_name},
            )
        return value


def _to(value: Tree) -> Tree:
    """The server refuses a condition without `caseSensitive` where it has one."""
    match value:
        case {"key": str(key), "operator": str(operator)} if applies("caseSensitive", key, operator):
            return {"caseSensitive": True, **value}
        case _:
            return value


_BARE = record({})
CONDITION = Wire(lambda value: _BARE.to(_to(value)), _BARE.back)
