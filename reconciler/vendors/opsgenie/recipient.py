"""Who is told or owns: users by name, `{team: …}`, `{schedule: …}`, `{escalation: …}`, none; and owner teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import RefTo
from reconciler.kinds.tree import Ref, Tree
from reconciler.kinds.wire import Wire

USER = "opsgenie/User"
TEAM = "opsgenie/Team"

_KINDS = {"user": USER, "team": TEAM, "schedule": "opsgenie/Schedule", "escalation": "opsgenie/Escalation"}

Sort = Literal["user", "team", "schedule", "escalation", "none"]


@dataclass(frozen=True)
class RecipientMark:
    """Marks a field or item that names one recipient of these sorts. A user is written bare."""

    sorts: tuple[Sort, ...]

    def read(self, value: Any) -> Tree:
        match value:
            case "none" if "none" in self.sorts:
                return "none"
            case {"user": inner} if len(value) == 1 and "user" in self.sorts:
                return _reference("user", inner)
            case dict() if len(value) == 1 and next(iter(value)) in set(self.sorts) - {"none", "user"}:
                ((sort, inner),) = value.items()
                return {sort: _reference(sort, inner)}
            case str() | {"existing": _} | {"id": _} | Ref() if value and "user" in self.sorts:
                return _reference("user", value)
            case _:
                raise PydanticCustomError("recipient", "write {forms}", {"forms": " or ".join(self._forms())})

    def _forms(self) -> list[str]:
        words = {"user": "a user's name (ann@example.com)", "none": "none"}
        return [words.get(sort, f"{{{sort}: NAME}}") for sort in self.sorts]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        forms: list[JsonSchemaValue] = []
        for sort in self.sorts:
            if sort == "none":
                forms.append({"const": "none"})
                continue
            reference = RefTo(_KINDS[sort], looked_up=sort == "user").__get_pydantic_json_schema__(schema, handler)
            forms += [reference] if sort == "user" else []
            forms.append({"type": "object", "properties": {sort: reference}} | _only(sort))
        return {"anyOf": forms}


Responder = Annotated[Any, RecipientMark(("user", "team", "schedule", "escalation"))]


def _only(name: str) -> JsonSchemaValue:
    return {"required": [name], "additionalProperties": False}


def _reference(sort: str, value: Any) -> Ref:
    return RefTo(_KINDS[sort], looked_up=sort == "user").read(value)


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _to(recipient: Tree) -> Tree:
    match recipient:
        case "none":
            return {"type": "none"}
        case Mapping() if len(recipient) == 1 and next(iter(recipient)) in _KINDS:
            ((sort, node),) = recipient.items()
            return {"type": sort, "id": node}
        case Mapping():
            return recipient
        case node:
            return {"type": "user", "id": node}


def _back(raw: Tree) -> Tree:
    match raw:
        case {"type": "none"}:
            return "none"
        case {"type": "user"}:
            return named(USER, raw)
        case {"type": str(sort)} if sort in _KINDS:
            ref = named(_KINDS[sort], raw)
            return {sort: ref} if isinstance(ref, Ref) else raw
        case _:
            return raw


def named(kind: str, raw: Tree) -> Tree:
    """The reference in `{id, name or username}`; what has neither stands as it is."""
    match raw:
        case {"id": str(ident)} if ident:
            return Ref(kind, "id", (ident,))
        case {"username": str(name)} | {"name": str(name)} if name:
            return Ref(kind, "existing", (name,))
        case _:
            return raw


RECIPIENT = Wire(_to, _back)
OWNER_TEAM = Wire(lambda node: {"id": node}, lambda raw: named(TEAM, raw))
