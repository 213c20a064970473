"""Field types and markers a Spec is written with: references, secrets, durations, and how lists and maps are owned."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.tree import Env, File, FromOutput, Keep, Ref, Source, Tree

# ── references ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RefTo:
    """Marks a field that names another object; `looked_up` kinds are never managed and take their natural key."""

    kind: str
    looked_up: bool = False

    def read(self, value: Any) -> Ref:
        match value:
            case Ref():
                return value
            case str() if value:
                return Ref(self.kind, "existing" if self.looked_up else "name", (value,))
            case {"existing": str(key)} if len(value) == 1:
                return Ref(self.kind, "existing", (key,))
            case {"existing": [*keys]} if len(value) == 1 and keys and all(isinstance(key, str) for key in keys):
                return Ref(self.kind, "existing", tuple(keys))
            case {"id": str() | int() as ident} if len(value) == 1 and not isinstance(ident, bool):
                return Ref(self.kind, "id", (str(ident),))
            case _:
                what = "its key" if self.looked_up else "the name of a manifest"
                raise PydanticCustomError(
                    "reference",
                    "a reference to {kind} is {what}, {existing: KEY} or {id: ID}",
                    {"kind": self.kind, "what": what},
                )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        key = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
        return {
            "description": f"{self.kind}: {'its key' if self.looked_up else 'metadata.name of its manifest'}",
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "object", "properties": {"existing": key}, "required": ["existing"]}
                | {"additionalProperties": False},
                {"type": "object", "properties": {"id": {"type": ["string", "integer"]}}, "required": ["id"]}
                | {"additionalProperties": False},
            ],
        }


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_HOW = "write {env: NAME}, {file: path}, {from: ADDRESS, output: NAME} or {keep: true}"


@dataclass(frozen=True)
class SecretMark:
    """Marks a field whose value never stands in a manifest."""

    def read(self, value: Any) -> Source:
        match value:
            case Env() | File() | FromOutput() | Keep():
                return value
            case {"env": str(name)} if len(value) == 1 and name:
                return Env(name)
            case {"file": str(path)} if len(value) == 1 and path:
                return File(path)
            case {"from": str(address), "output": str(output)} if len(value) == 2:
                return FromOutput(address, output)
            case {"keep": True} if len(value) == 1:
                return Keep()
            case str() | int() | float():
                raise PydanticCustomError("secret_literal", "a secret never stands in a manifest: " + _HOW)
            case _:
                raise PydanticCustomError("secret", "not a secret's source: " + _HOW)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        def one(**properties: JsonSchemaValue) -> JsonSchemaValue:
            return {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }

        text = {"type": "string", "minLength": 1}
        forms = [one(env=text), one(file=text), one(**{"from": text, "output": text}), one(keep={"const": True})]
        return {"description": "a secret: where it comes from", "anyOf": forms}


SecretField = Annotated[Env | File | FromOutput | Keep, SecretMark()]

# ── durations ───────────────────────────────────────────────────────────────────────────────────────────────────────

Unit = Literal["seconds", "minutes", "hours"]
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNIT = {"seconds": 1, "minutes": 60, "hours": 3600}
_DURATION = re.compile(r"(?:\d+[smhdw])+")


@dataclass(frozen=True)
class Duration:
    """Marks a whole number of the API's unit that may also be written `30m`, `1h30m`, `1s`."""

    unit: Unit

    def read(self, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if not isinstance(value, str) or not _DURATION.fullmatch(value):
            raise PydanticCustomError(
                "duration", "a duration is a number of {unit} or like 30s, 5m, 4h, 1h30m, 1d", {"unit": self.unit}
            )
        seconds = sum(int(number) * _SECONDS[letter] for number, letter in re.findall(r"(\d+)([smhdw])", value))
        if seconds % _UNIT[self.unit]:
            raise PydanticCustomError("duration", "the API counts whole {unit}", {"unit": self.unit})
        return seconds // _UNIT[self.unit]

    def spell(self, value: int) -> str:
        """The number as people write it, `4h`; the largest unit that divides it."""
        seconds = value * _UNIT[self.unit]
        for letter in ("d", "h", "m"):
            if seconds and seconds % _SECONDS[letter] == 0:
                return f"{seconds // _SECONDS[letter]}{letter}"
        return f"{seconds}s"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        number = handler(schema)
        text = {"type": "string", "pattern": r"^([0-9]+[smhdw])+$"}
        return {"description": f"{self.unit}, or like 30s, 5m, 4h", "anyOf": [number, text]}


Seconds = Annotated[int, Duration("seconds")]
Minutes = Annotated[int, Duration("minutes")]

# ── how lists, maps and values are compared ─────────────────────────────────────────────────────────────────────────


def _checked(schema: CoreSchema, check: Callable[[Any], Any]) -> CoreSchema:
    """The check inside of an optional value: limits that stand behind it do not meet null either then."""
    if schema["type"] == "nullable":
        return {**schema, "schema": _checked(schema["schema"], check)}
    return core_schema.no_info_after_validator_function(check, schema)


def _first_twice(values: list[Any]) -> int | None:
    """Where a value stands that stood before. By comparison: models hold lists and cannot be hashed."""
    return next((index for index, value in enumerate(values) if value in values[:index]), None)


@dataclass(frozen=True)
class Keyed:
    """A list whose items are told apart by these fields: items overlay by key, what is not named goes."""

    by: tuple[str, ...]
    ordered: bool = False

    def check(self, items: Any) -> Any:
        keys = [[getattr(item, name, None) for name in self.by] for item in items or []]
        index = _first_twice(keys)
        if index is not None:
            raise PydanticCustomError(
                "twice",
                "items {numbers} have the same {by}",
                {"numbers": f"{keys.index(keys[index]) + 1} and {index + 1}", "by": " and ".join(self.by)},
            )
        return items

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _checked(handler(source), self.check)


@dataclass(frozen=True)
class Unordered:
    """A list whose order means nothing to the vendor; nothing stands in it twice."""

    def check(self, items: Any) -> Any:
        index = _first_twice(list(items or []))
        if index is not None:
            raise PydanticCustomError("twice", "item {number} stood there before", {"number": index + 1})
        return items

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _checked(handler(source), self.check)


@dataclass(frozen=True)
class Shared:
    """A list or map of which we own only what a manifest names or the ledger says we put there."""


@dataclass(frozen=True)
class Owned:
    """A nested object that is owned whole: a field that is not named goes."""


@dataclass(frozen=True)
class Same:
    """Values the vendor rewrites: `test(wanted, live)` says that they mean the same."""

    test: Callable[[Tree, Tree], bool]


@dataclass(frozen=True)
class NoClear:
    """A field that the API cannot clear; `way_out` says what a person can do."""

    way_out: str


Labels = Mapping[str, str]
