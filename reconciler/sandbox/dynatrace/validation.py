"""A value held against its schema: every wrong place is named, what must not be there is taken out (sheet 6.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import Definition, met
from reconciler.sandbox.dynatrace.environment import Environment, Violation

Filled = Literal["no", "defaults", "form"]
Refers = Callable[[str, str], str | None]  # schema and id; gives what is wrong with the reference
PRIMITIVES: dict[str, type | tuple[type, ...]] = {"text": str, "secret": str, "setting": str, "boolean": bool}
LOCAL: dict[str, tuple[str, Callable[[str], object]]] = {
    "local_date": (r"\d{4}-\d\d-\d\d", date.fromisoformat),
    "local_time": (r"\d\d:\d\d:\d\d", time.fromisoformat),
    "local_date_time": (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", datetime.fromisoformat),
    "time_zone": (r".+", ZoneInfo),
}
NOT_VALID = object()


@dataclass
class Checked:
    """One value on its way through a schema. `filled`: `defaults` are put in, or all that a `form` of the UI holds."""

    env: Environment
    definition: Definition
    refers: Refers
    filled: Filled = "no"
    violations: list[Violation] = field(default_factory=list)

    def record(self, kind: Obj, value: Any, path: str) -> Any:
        """The value of a type, without nulls and without what its preconditions rule out."""
        if not isinstance(value, dict):
            return self.wrong(path, "Must be of type object")
        if kind["properties"] is None:
            return value
        for name in value:
            if name not in kind["properties"]:
                self.wrong(f"{path}/{name}", "Unknown property")
        given = value if self.filled == "no" else self._with_defaults(kind, value)
        clean: Obj = {}
        for name, prop in kind["properties"].items():
            self._property(name, prop, given, path, clean)
        for constraint in kind["constraints"]:
            self._complex(constraint, clean, path)
        return clean

    def _with_defaults(self, kind: Obj, value: Obj) -> Obj:
        given = dict(value)
        for name, prop in kind["properties"].items():
            fits = "precondition" not in prop or met(prop["precondition"], given)
            if given.get(name) is None and fits and not prop["nullable"]:
                if "default" in prop:
                    given[name] = prop["default"]
                elif prop.get("minObjects") == 0 and self.filled == "form":
                    given[name] = []
        return given

    def _property(self, name: str, prop: Obj, given: Obj, path: str, clean: Obj) -> None:
        at, value = f"{path}/{name}", given.get(name)
        if "precondition" in prop and not met(prop["precondition"], given):
            if value is not None and self.env.settings.false_preconditions == "refused":
                self.wrong(at, "Property must not be set: its precondition is not fulfilled")
            return
        if value is None and path.count("/") == 1 and name in self.definition.absent:
            value = self.definition.absent[name]
        if value is None:
            strict = self.env.settings.null_booleans == "refused" and self.filled != "form"
            if not prop["nullable"] or (prop["type"] == "boolean" and strict):
                self.wrong(at, self._required(name))
            return
        checked = self._typed(prop, value, at)
        if checked is not NOT_VALID:
            clean[name] = checked

    def _required(self, name: str) -> str:
        if self.env.current:
            return "Must not be null"
        return f"Given property '{name}' with value: 'null' does not comply with required NonNull of schema"

    def _typed(self, prop: Obj, value: Any, path: str) -> Any:
        kind = prop["type"]
        if isinstance(kind, dict):
            return self._referred(kind["$ref"], value, path)
        if kind in ("set", "list"):
            return self._many(prop, value, path)
        if kind in ("integer", "float"):
            return self._number(prop, value, path)
        if kind in LOCAL:
            return self._local(kind, value, path)
        if not isinstance(value, PRIMITIVES[kind]):
            return self.wrong(path, f"Must be of type {kind}")
        said = [said for constraint in prop.get("constraints", ()) if (said := _broken(constraint, value))]
        if kind == "setting":
            said.append(self.refers(prop["referencedType"], str(value)) or "")
        return self.wrong(path, said[0]) if any(said) else value

    def _referred(self, ref: str, value: Any, path: str) -> Any:
        section, _, name = ref.removeprefix("#/").partition("/")
        if section == "types":
            return self.record(self.definition.type_of(name), value, path)
        if value not in self.definition.enum(name, self.env.current):
            return self.wrong(path, f"Value {json.dumps(value)[:80]} is not one of the values of {name}")
        return value

    def _many(self, prop: Obj, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            return self.wrong(path, f"Must be of type {prop['type']}")
        if not prop["minObjects"] <= len(value) <= prop["maxObjects"]:
            limits = f"{prop['minObjects']} to {prop['maxObjects']}"
            return self.wrong(path, f"Must have {limits} elements, has {len(value)}")
        item = {**prop["items"], "nullable": False}
        clean = [self._typed(item, part, f"{path}/{at}") for at, part in enumerate(value)]
        if any(part is NOT_VALID for part in clean) or prop["type"] == "list":
            return clean
        return list({canonical(part): part for part in clean}.values())

    def _number(self, prop: Obj, value: Any, path: str) -> Any:
        kind = prop["type"]
        fits = isinstance(value, int) if kind == "integer" else isinstance(value, int | float)
        if not fits or isinstance(value, bool):
            return self.wrong(path, f"Must be of type {kind}")
        for constraint in prop.get("constraints", ()):
            if not constraint["minimum"] <= value <= constraint["maximum"]:
                return self.wrong(path, f"Must be between {constraint['minimum']} and {constraint['maximum']}")
        return value if kind == "integer" else float(value)

    def _local(self, kind: str, value: Any, path: str) -> Any:
        form, read = LOCAL[kind]
        if not isinstance(value, str) or not re.fullmatch(form, value):
            return self.wrong(path, f"Must be of type {kind}")
        try:
            read(value)
        except (ValueError, OSError, KeyError):
            return self.wrong(path, f"Must be of type {kind}")
        return value

    def _complex(self, constraint: Obj, clean: Obj, path: str) -> None:
        match constraint["type"]:
            case "LESS_THAN" | "LESS_THAN_OR_EQUAL" as kind:
                first, second = (clean.get(name) for name in constraint["properties"])
                late = first is not None and second is not None and (first > second)
                if late or (kind == "LESS_THAN" and first is not None and first == second):
                    self.wrong(f"{path}/{constraint['properties'][0]}", "Must be before the end")
            case "PROPERTY_COUNT_RANGE":
                count = sum(1 for name in constraint["properties"] if clean.get(name))
                if not constraint["minimum"] <= count <= constraint["maximum"]:
                    self.wrong(path, f"At least {constraint['minimum']} of the properties must be set")
            case "CUSTOM_VALIDATOR_REF":
                keys = [
                    item.get("metadataKey") for item in clean.get("metadataFilterItems", ()) if item is not NOT_VALID
                ]
                if len(set(keys)) < len(keys):
                    self.wrong(path, "Metadata keys must be distinct")

    def wrong(self, path: str, message: str) -> Any:
        self.violations.append(Violation(path, message))
        return NOT_VALID


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _broken(constraint: Obj, value: Any) -> str | None:
    match constraint["type"]:
        case "LENGTH" if len(value) < constraint["minLength"]:
            return f"Must have at least {constraint['minLength']} characters"
        case "LENGTH" if len(value) > constraint.get("maxLength", len(value)):
            return f"Must have at most {constraint['maxLength']} characters"
        case "NOT_BLANK" if not value.strip():
            return "Must not be blank"
        case "TRIMMED" if value != value.strip():
            return "Must be trimmed"
        case "PATTERN" if not re.fullmatch(constraint["pattern"], value):
            return "Must match the pattern"
    return None


def shuffled(env: Environment, definition: Definition, value: Obj, salt: str) -> Obj:
    """The value with every set in another order after each write: order is no part of a set (sheet 9.6)."""

    def record(kind: Obj, part: Obj) -> Obj:
        if kind["properties"] is None:
            return part
        return {name: inner(kind["properties"][name], each) for name, each in part.items()}

    def inner(prop: Obj, part: Any) -> Any:
        kind = prop["type"]
        if isinstance(kind, dict) and kind["$ref"].startswith("#/types/"):
            return record(definition.type_of(kind["$ref"].rpartition("/")[2]), part)
        if kind not in ("set", "list"):
            return part
        parts = [inner(prop["items"], each) for each in part]
        if kind == "list" or len(parts) < 2:
            return parts
        return sorted(parts, key=lambda each: env.digits(salt + canonical(each)))

    return record(definition.root, value)
