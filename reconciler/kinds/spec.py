"""Spec: what a manifest may say of a kind, as a pydantic model in which nothing but discriminators is required."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails

from reconciler.kinds.address import Address
from reconciler.kinds.tree import Object, Ref, Text, Tree


class Spec(BaseModel):
    """A kind's fields, or a nested object's. What a manifest leaves out is unmanaged; `null` clears."""

    # Strict: `enabled: on` is a string in YAML 1.2, and must not become true in silence.
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        defer_build=True,  # of a vendor's many kinds a run reads few
    )


@dataclass(frozen=True)
class OneOf:
    """A kind whose fields depend on one of them: `by` names it, each member says with a `Literal` which values are its.

    That is a word, or true or false. A word no member has is taken by `other`, whose `by` is any text; without `other`
    it is an error of the type `literal_error` at `by`. A missing one is of the type `missing`.
    """

    by: str
    members: tuple[type[Spec], ...]
    other: type[Spec] | None = None

    @cached_property
    def choices(self) -> dict[Any, type[Spec]]:
        return {value: member for member in self.members for value in get_args(member.model_fields[self.by].annotation)}

    def read(self, data: Any) -> Spec:
        value = data.get(self.by) if isinstance(data, Mapping) else None
        member = self.choices.get(value) if isinstance(value, str | bool) else None
        member = self.other if member is None and isinstance(value, str) else member
        if member is not None:
            return member.model_validate(data)
        if not isinstance(data, Mapping):
            problem = InitErrorDetails(type="model_type", ctx={"class_name": "Spec"}, input=data)
        elif self.by not in data:
            problem = InitErrorDetails(type="missing", loc=(self.by,), input=data)
        else:
            expected = " or ".join(repr(choice) for choice in self.choices)
            problem = InitErrorDetails(
                type="literal_error", loc=(self.by,), input=data[self.by], ctx={"expected": expected}
            )
        raise ValidationError.from_exception_data("Spec", [problem], hide_input=True)


Form = type[Spec] | OneOf


def read(form: Form, data: Any) -> Spec:
    """What a manifest says, checked; raises pydantic's ValidationError with places relative to the spec."""
    return form.read(data) if isinstance(form, OneOf) else form.model_validate(data)


def json_schema(form: Form) -> dict[str, Any]:
    """The JSON Schema of what `read` takes, under the names manifests use."""
    if not isinstance(form, OneOf):
        return form.model_json_schema(by_alias=True, mode="validation")
    members = form.members if form.other is None else (*form.members, form.other)
    whole: Any = reduce(or_, members)
    defs = TypeAdapter[Any](whole).json_schema(by_alias=True, mode="validation")["$defs"]
    refs = {choice: f"#/$defs/{member.__name__}" for choice, member in form.choices.items()}
    other = None if form.other is None else f"#/$defs/{form.other.__name__}"
    return {"$defs": defs, **branches(form.by, refs, other)}


def branches(by: str, refs: Mapping[Any, str], other: str | None = None) -> dict[str, Any]:
    """The schema of an object that one of its fields makes another: `refs` lead from its values to what is then so.

    Not as alternatives: of those an editor cannot tell which was meant, and complains of, or offers, the fields of all.
    """
    known: dict[str, Any] = {"enum": list(refs)}

    def then(values: dict[str, Any], ref: str) -> dict[str, Any]:
        return {"if": {"properties": {by: values}, "required": [by]}, "then": {"$ref": ref}}

    rules = [then({"const": choice}, ref) for choice, ref in refs.items()]
    if other is not None:
        rules.append(then({"not": known}, other))
    values = known if other is None else {"anyOf": [known, {"type": "string"}]}
    return {"type": "object", "properties": {by: values}, "required": [by], "allOf": rules}


def declared(spec: Spec) -> Object:
    """The tree of what the manifest names, and nothing else; references in text become nodes."""
    tree = _tree(spec)
    assert isinstance(tree, dict)
    return tree


def _tree(value: Any) -> Tree:
    match value:
        case Spec():
            fields = type(value).model_fields
            return {
                fields[name].alias or name: _tree(getattr(value, name))
                for name in fields
                if name in value.model_fields_set
            } | {name: _tree(extra) for name, extra in (value.model_extra or {}).items()}
        case Mapping():
            return {key: _tree(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_tree(item) for item in value]
        case str():
            return text(value) if "${" in value else value
        case _:
            return value


_IN_TEXT = re.compile(r"\$\$\{|\$\{(?P<what>[a-z]+)[:.](?P<name>[^}]*)\}")


def text(written: str) -> str | Text:
    """Split `${ref:KIND/NAME}` and `${ref:KIND/NAME.output}` out of a string; `$${` is a literal `${`.

    A `${…}` of any other form stays as it is: it is the vendor's own (Datadog and Dynatrace templates have such).
    """
    parts: list[str | Ref] = []
    end = 0
    for found in _IN_TEXT.finditer(written):
        part = "${" if found[0] == "$${" else _reference(found["what"], found["name"])
        parts += [written[end : found.start()], found[0] if part is None else part]
        end = found.end()
    parts.append(written[end:])
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Text(tuple(part for part in parts if part != ""))


def _reference(what: str, name: str) -> Ref | None:
    if what != "ref":
        return None
    # A name may hold dots, so which part is an output is settled where the manifests are known; an address that is
    # none goes on with an empty kind and is refused there, with its place.
    address = Address.parse(name)
    return Ref(address.kind_id if address else "", "name", (name,))
