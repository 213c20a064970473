"""Shape: how each field of a Spec is compared and owned, read once from the model; `explain` and the diff use it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from reconciler.kinds.fields import Duration, Keyed, NoClear, Owned, RefTo, Same, SecretMark, Shared, Unordered
from reconciler.kinds.spec import Form, OneOf, Spec
from reconciler.kinds.tree import Tree


@dataclass(frozen=True)
class Leaf:
    """A value compared whole."""

    ref: RefTo | None = None
    secret: bool = False
    duration: Duration | None = None
    same: Same | None = None
    choices: tuple[Any, ...] = ()
    type: str = ""


@dataclass(frozen=True)
class Record:
    """A nested object: fields overlay one by one, or (`owned`) go when they are not named."""

    fields: Mapping[str, Field]
    owned: bool = False
    same: Same | None = None
    doc: str = field(default="", compare=False)


@dataclass(frozen=True)
class Variants:
    """An object with a discriminator; another value of it drags no field of the old variant along.

    `other` is the record of values that `records` does not name, where the kind takes such.
    """

    by: str
    records: Mapping[Any, Record]
    same: Same | None = None
    other: Record | None = None

    @property
    def every(self) -> tuple[Record, ...]:
        """The records of all variants, also that of those we do not know."""
        return (*self.records.values(), *([self.other] if self.other is not None else []))

    def record(self, tree: Tree) -> Record:
        """The record of the tree's variant; one without fields where the vendor has a variant we do not know."""
        choice = tree.get(self.by) if isinstance(tree, Mapping) else None
        return (self.records.get(choice, self.other) if isinstance(choice, str | bool) else None) or Record({})


@dataclass(frozen=True)
class Map:
    """A free map: owned whole, or (`shared`) key by key."""

    item: Shape
    shared: bool = False
    same: Same | None = None


@dataclass(frozen=True)
class List:
    """A list: ordered or not, keyed or not, owned whole or (`shared`) item by item."""

    item: Shape
    keyed: Keyed | None = None
    ordered: bool = True
    shared: bool = False
    same: Same | None = None


Shape = Leaf | Record | Variants | Map | List


@dataclass(frozen=True)
class Field:
    """One field of a record: its shape and what `explain` says of it. `required`: where its record is, it is."""

    shape: Shape
    doc: str = ""
    no_clear: NoClear | None = None
    examples: tuple[Any, ...] = field(default=())
    required: bool = field(default=False, compare=False)


@cache
def whole_shape(form: Form) -> Record | Variants:
    """The shape of a kind's whole spec."""
    if isinstance(form, OneOf):
        other = shape_of(form.other) if form.other is not None else None
        return Variants(form.by, {value: shape_of(member) for value, member in form.choices.items()}, other=other)
    return shape_of(form)


@cache
def shape_of(spec: type[Spec]) -> Record:
    """The shape of a Spec's fields, under the names manifests use."""
    fields = {info.alias or name: _field(info) for name, info in spec.model_fields.items()}
    return Record(fields, doc=(spec.__doc__ or "").partition("\n")[0])


def _field(info: FieldInfo) -> Field:
    marks = list(info.metadata)
    no_clear = next((mark for mark in marks if isinstance(mark, NoClear)), None)
    examples = tuple(info.examples or ())
    by = info.discriminator
    shape = _shape(info.annotation, marks) if by is None else _union(info.annotation, str(by))
    return Field(shape, info.description or "", no_clear, examples, info.is_required())


def _shape(kind: Any, marks: list[Any]) -> Shape:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _shape(args[0], [*marks, *args[1:]])
    if origin in (Union, types.UnionType):
        return _optional(args, marks)
    same = next((mark for mark in marks if isinstance(mark, Same)), None)
    shared = any(isinstance(mark, Shared) for mark in marks)
    if isinstance(kind, type) and issubclass(kind, Spec):
        whole = shape_of(kind)
        return Record(whole.fields, any(isinstance(mark, Owned) for mark in marks), same, whole.doc)
    if origin in (list, tuple, set, frozenset):
        keyed = next((mark for mark in marks if isinstance(mark, Keyed)), None)
        ordered = keyed.ordered if keyed else not (shared or any(isinstance(mark, Unordered) for mark in marks))
        return List(_shape(args[0], []), keyed, ordered, shared, same)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return Map(_shape(args[1], []), shared, same)
    return _leaf(kind, origin, args, marks, same)


def _optional(args: tuple[Any, ...], marks: list[Any]) -> Shape:
    some = [arg for arg in args if arg is not type(None)]
    discriminator = next((mark.discriminator for mark in marks if getattr(mark, "discriminator", None)), None)
    if discriminator:
        return _union(Union[tuple(some)], str(discriminator))  # noqa: UP007  the members are only known here
    if len(some) == 1:
        return _shape(some[0], marks)
    ref = next((mark for mark in marks if isinstance(mark, RefTo)), None)
    secret = any(isinstance(mark, SecretMark) for mark in marks)
    if ref is None and not secret:
        records = [_shape(arg, []) for arg in some]
        marked = [shape for shape in records if isinstance(shape, Leaf) and (shape.ref or shape.secret)]
        if len(marked) == 1:  # a reference or one of some fixed words
            return marked[0]
    return Leaf(ref, secret, None, next((mark for mark in marks if isinstance(mark, Same)), None), (), _name(args))


def _union(annotation: Any, by: str) -> Variants:
    records: dict[Any, Record] = {}
    for member in _members(annotation):
        choice = member.model_fields[by]
        for value in get_args(choice.annotation):
            records[value] = shape_of(member)
    return Variants(by, records)


def _members(annotation: Any) -> list[type[Spec]]:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _members(args[0])
    if origin in (Union, types.UnionType):
        return [member for arg in args if arg is not type(None) for member in _members(arg)]
    return [annotation]


def _leaf(kind: Any, origin: Any, args: tuple[Any, ...], marks: list[Any], same: Same | None) -> Leaf:
    return Leaf(
        ref=next((mark for mark in marks if isinstance(mark, RefTo)), None),
        secret=any(isinstance(mark, SecretMark) for mark in marks),
        duration=next((mark for mark in marks if isinstance(mark, Duration)), None),
        same=same,
        choices=args if origin is Literal else (),
        type=_name((kind,)),
    )


def _name(kinds: tuple[Any, ...]) -> str:
    names = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return " or ".join(names.get(kind, "value") for kind in kinds if kind is not type(None))
