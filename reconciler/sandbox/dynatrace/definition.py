"""The words a settings schema is written in, in the wire's shape: properties, types, preconditions, limits (6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.collection import Obj

NOTHING: Any = object()  # no default


@dataclass(frozen=True)
class Definition:
    """One schema. `unique` are properties no two objects of a scope may share, `root` is the type of the value."""

    ident: str
    version: str
    title: str
    root: Obj
    types: Mapping[str, Obj] = field(default_factory=dict)
    enums: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scopes: tuple[str, ...] = ("environment",)
    multi: bool = True
    ordered: bool = False
    most: int = 1
    unique: Mapping[str, str] = field(default_factory=dict)  # property to the message of the refusal
    absent: Mapping[str, Any] = field(default_factory=dict)  # what the server puts where these are left out
    named: str = "name"  # path of what a person calls an object
    newer: frozenset[str] = frozenset()  # words of its enums that older versions do not know

    def enum(self, name: str, current: bool) -> tuple[str, ...]:
        return tuple(value for value in self.enums[name] if current or value not in self.newer)

    def type_of(self, name: str) -> Obj:
        return self.types[name]

    def called(self, value: Any) -> str:
        """What a person calls an object with this value."""
        for part in self.named.split("/"):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return str(value)

    def shown(self, current: bool) -> Obj:
        """The definition as the API gives it; older versions know neither schema constraints nor `maturity`."""
        unique: list[Obj] = [
            {"type": "UNIQUE", "uniqueProperties": [name], "customMessage": said} for name, said in self.unique.items()
        ]
        shown: Obj = {"schemaId": self.ident, "version": self.version, "displayName": self.title}
        shown |= {"allowedScopes": list(self.scopes), "multiObject": self.multi, "ordered": self.ordered}
        shown |= {"maxObjects": self.most, "properties": self.root["properties"], "types": dict(self.types)}
        shown["enums"] = {name: _enum(self.enum(name, current)) for name in self.enums}
        own = self.root.get("constraints", [])
        if not current:
            return {**shown, "constraints": [*own, *unique]}
        newer = {"schemaConstraints": unique, "deletionConstraints": [], "maturity": "GENERAL_AVAILABILITY"}
        return {**shown, "constraints": own, **newer, "schemaGroups": []}


def words(text: str) -> tuple[str, ...]:
    """The words of a long list."""
    return tuple(text.split())


def _enum(values: Sequence[str]) -> Obj:
    return {"type": "enum", "items": [{"value": value, "displayName": value} for value in values]}


def record(properties: Mapping[str, Obj], *constraints: Obj) -> Obj:
    """A type of its own."""
    return {"type": "object", "properties": dict(properties), "constraints": list(constraints)}


def _property(kind: Any, default: Any, nullable: bool, when: Obj | None, constraints: Sequence[Obj] = ()) -> Obj:
    made: Obj = {"type": kind, "nullable": nullable, "modificationPolicy": "DEFAULT"}
    if constraints:
        made["constraints"] = list(constraints)
    if default is not NOTHING:
        made["default"] = default
    return made if when is None else {**made, "precondition": when}


def text(
    least: int = 0,
    most: int | None = None,
    *,
    default: Any = NOTHING,
    nullable: bool = False,
    when: Obj | None = None,
    trimmed: bool = False,
    pattern: str | None = None,
    secret: bool = False,
    resubmit: bool = False,
    frozen: bool = False,
) -> Obj:
    """`resubmit`: a change asks for all secrets again. `frozen`: no change is taken."""
    constraints: list[Obj] = []
    if least or most is not None:
        length: Obj = {"type": "LENGTH", "minLength": least}
        constraints.append(length if most is None else {**length, "maxLength": most})
    if least:
        constraints.append({"type": "NOT_BLANK"})
    if trimmed:
        constraints.append({"type": "TRIMMED"})
    if pattern:
        constraints.append({"type": "PATTERN", "pattern": pattern})
    made = _property("secret" if secret else "text", default, nullable, when, constraints)
    if resubmit:
        made["forceSecretResubmission"] = True
    return {**made, "modificationPolicy": "NEVER"} if frozen else made


def flag(default: Any = NOTHING, *, nullable: bool = False, when: Obj | None = None) -> Obj:
    return _property("boolean", default, nullable, when)


def number(
    least: float,
    most: float,
    *,
    kind: str = "integer",
    default: Any = NOTHING,
    nullable: bool = False,
    when: Obj | None = None,
) -> Obj:
    limits = {"type": "RANGE", "minimum": least, "maximum": most}
    return _property(kind, default, nullable, when, [limits])


def plain(kind: str, *, default: Any = NOTHING, nullable: bool = False, when: Obj | None = None) -> Obj:
    """`local_date`, `local_time`, `local_date_time`, `time_zone`, `float`."""
    return _property(kind, default, nullable, when)


def setting(schema: str, *, default: Any = NOTHING, nullable: bool = False) -> Obj:
    """The object id of another schema's object."""
    return {**_property("setting", default, nullable, None), "referencedType": schema}


def word(enum: str, *, default: Any = NOTHING, nullable: bool = False, when: Obj | None = None) -> Obj:
    return _property({"$ref": f"#/enums/{enum}"}, default, nullable, when)


def part(name: str, *, when: Obj | None = None, nullable: bool = False) -> Obj:
    """An object of a type of the schema."""
    return _property({"$ref": f"#/types/{name}"}, NOTHING, nullable, when)


def many(
    item: Obj,
    least: int = 0,
    most: int = 1000,
    *,
    kind: str = "set",
    default: Any = NOTHING,
    when: Obj | None = None,
) -> Obj:
    """A `set`, which has no order, or a `list`."""
    items = {key: item[key] for key in ("type", "constraints", "referencedType") if key in item}
    return {**_property(kind, default, False, when), "items": items, "minObjects": least, "maxObjects": most}


def equals(name: str, value: Any) -> Obj:
    return {"type": "EQUALS", "property": name, "expectedValue": value}


def among(name: str, values: Sequence[Any]) -> Obj:
    return {"type": "IN", "property": name, "expectedValues": list(values)}


def unset(name: str) -> Obj:
    return {"type": "NULL", "property": name}


def no(inner: Obj) -> Obj:
    return {"type": "NOT", "precondition": inner}


def both(*inner: Obj) -> Obj:
    return {"type": "AND", "preconditions": list(inner)}


def either(*inner: Obj) -> Obj:
    return {"type": "OR", "preconditions": list(inner)}


def met(precondition: Obj, value: Obj) -> bool:
    """Whether the siblings a property stands among let it be there."""
    at = value.get(precondition.get("property", ""))
    match precondition["type"]:
        case "EQUALS":
            return bool(at == precondition["expectedValue"])
        case "IN":
            return at in precondition["expectedValues"]
        case "NULL":
            return at is None
        case "NOT":
            return not met(precondition["precondition"], value)
        case "AND":
            return all(met(inner, value) for inner in precondition["preconditions"])
        case _:
            return any(met(inner, value) for inner in precondition["preconditions"])
