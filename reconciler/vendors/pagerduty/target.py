"""Whom a rule of a policy tells: a user by e-mail address, or `{schedule: NAME}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import RefTo, Same
from reconciler.kinds.tree import Link, Object, Ref, Tree
from reconciler.kinds.wire import Wire
from reconciler.vendors.pagerduty.reference import SCHEDULE, USER, ident

_USER = RefTo(USER, looked_up=True)
_SCHEDULE = RefTo(SCHEDULE)
# A schedule of the vendor's newer API: it is answered as one, and has to go back as one.
NEWER = "schedule_v3"


class TargetMark:
    """Marks one target. A user is written bare."""

    def read(self, value: Any) -> Tree:
        match value:
            case {"schedule": inner} if len(value) == 1:
                return {"schedule": _SCHEDULE.read(inner)}
            case {"user": inner} if len(value) == 1:
                return _USER.read(inner)
            case str() | {"existing": _} | {"id": _} | Ref() if value:
                return _USER.read(value)
            case _:
                raise PydanticCustomError("target", "write a user's e-mail address or {schedule: NAME}", {})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        user, schedule = (mark.__get_pydantic_json_schema__(schema, handler) for mark in (_USER, _SCHEDULE))
        only = {"type": "object", "additionalProperties": False}
        wrapped = [
            {**only, "properties": {name: form}, "required": [name]}
            for name, form in (("user", user), ("schedule", schedule))
        ]
        return {"anyOf": [user, *wrapped]}


def _same(wanted: Tree, live: Tree) -> bool:
    """A schedule is the same one in either of the vendor's APIs."""
    match wanted, live:
        case {"schedule": Link() as one}, {"schedule_v3": Link() as other}:
            return one == other
        case _:
            return False


Target = Annotated[Any, TargetMark(), Same(_same)]


def _to(target: Tree) -> Tree:
    match target:
        case {"schedule": node} if len(target) == 1:
            return {"id": node, "type": "schedule_reference"}
        case {"schedule_v3": node} if len(target) == 1:
            return {"id": node, "type": "schedule_v3_reference"}
        case Ref() | Link():
            return {"id": target, "type": "user_reference"}
        case _:
            return target


def _back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str) or not raw["id"]:
        return raw
    match str(raw.get("type")).removesuffix("_reference"):
        case "user":
            return ident(USER, raw)
        case "schedule":
            return {"schedule": ident(SCHEDULE, raw)}
        case "schedule_v3":
            return {NEWER: ident(SCHEDULE, raw)}
        case _:
            return raw


TARGET = Wire(_to, _back)


def names_newer(policy: Object, ident: str) -> bool:
    """Whether a policy tells the schedule with this id as one of the newer API."""
    rules = policy.get("escalation_rules")
    rows = [rule.get("targets") for rule in rules if isinstance(rule, Mapping)] if isinstance(rules, list) else []
    return any({NEWER: Ref(SCHEDULE, "id", (ident,))} in targets for targets in rows if isinstance(targets, list))
