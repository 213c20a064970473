"""Explain: what a vendor, a kind or a field is, as data, read from the kinds; the command line words it."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler.errors import UsageError
from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.spec import OneOf
from reconciler.kinds.tree import Path, spell
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.manifest import read_path
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.sample import Choices, sample_of, sample_of_field

# What stands at a path: the same shape always, or another one with each variant of what it stands in.
Forms = tuple[tuple[Choices, Shape], ...]


@dataclass(frozen=True)
class Line:
    """One field of what is explained. `only_with` names the discriminator's values that have it; empty: all."""

    name: str
    type: str
    doc: str = ""
    required: bool = False
    immutable: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None
    owned: str | None = None
    only_with: tuple[str, ...] = ()
    no_clear: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A thing and its fields; `example` is YAML. Of a vendor the fields are its kinds."""

    title: str
    doc: str
    page: str
    type: str = ""
    line: Line | None = None
    fields: tuple[Line, ...] = ()
    outputs: tuple[Line, ...] = ()
    example: str | None = None


def explain(vendors: Mapping[str, Vendor], asked: str) -> Explanation:
    """`wallarm`, `wallarm/Trigger` or `wallarm/Trigger.threshold.within`. Raises UsageError with the nearest word."""
    name, _, rest = asked.partition("/")
    vendor = vendors.get(name)
    if vendor is None:
        raise UsageError(f'there is no vendor "{name[:60]}"', way_out=did_you_mean(name, vendors, "there are"))
    if not rest:
        return _vendor(vendor)
    short, _, path = rest.partition(".")
    kinds = {kind.name: kind for kind in vendor.kinds}
    if short not in kinds:
        raise UsageError(f'{name} has no kind "{short[:60]}"', way_out=did_you_mean(short, kinds, f"{name} has"))
    return _field(kinds[short], read_path(path), path) if path else _kind(kinds[short])


def _vendor(vendor: Vendor) -> Explanation:
    lines = tuple(Line(kind.name, _sort(kind), _first(_doc(kind))) for kind in vendor.kinds)
    return Explanation(vendor.api, _first(inspect.getdoc(vendor.settings) or ""), "", "vendor", fields=lines)


def _sort(kind: Kind) -> str:
    return "looked up" if kind.looked_up else "catalogue" if kind.catalogue else "kind"


def _kind(kind: Kind) -> Explanation:
    outputs = tuple(
        Line(output.name, "secret" if output.secret else "value", _output_doc(output.doc, output.once))
        for output in kind.outputs
    )
    example = None if kind.looked_up else sample_of(kind)
    return Explanation(
        kind.id, _doc(kind), kind.page, "kind", None, _lines(kind, (((), kind.shape),), ()), outputs, example
    )


def _output_doc(doc: str, once: bool) -> str:
    return f"{doc}{' ' if doc else ''}(shown once, when the object is made)" if once else doc


def _field(kind: Kind, path: Path, asked: str) -> Explanation:
    forms: Forms = (((), kind.shape),)
    title = kind.id
    line: Line | None = None
    done: Path = ()
    found: list[tuple[Choices, Field]] = []
    fields = [part for part in path if isinstance(part, str)]  # an item of a list is explained as the list is
    for part in fields or [asked]:
        lines: dict[str, list[Line]] = {}
        for each in _lines(kind, forms, done):
            lines.setdefault(each.name, []).append(each)
        if part not in lines:
            raise UsageError(f'there is no field "{part[:60]}" in {title}', way_out=did_you_mean(part, lines, "it has"))
        found = _fields(forms)[part]
        line, done = _together(lines[part]), (*done, part)
        forms = tuple((choices, each.shape) for choices, each in found)
        title = f"{kind.id}.{spell(done)}"
    assert line is not None
    example = sample_of_field(str(done[-1]), found)
    return Explanation(title, line.doc, kind.page, line.type, line, _lines(kind, forms, done), example=example)


def _together(lines: list[Line]) -> Line:
    """One line for a field that is not the same with every variant."""
    if len(lines) == 1:
        return lines[0]
    docs = [f"with {', '.join(line.only_with)}: {line.doc}" for line in lines]
    return replace(lines[0], doc="; ".join(docs), only_with=())


def _doc(kind: Kind) -> str:
    """What the kind's file says of it: page, units, limits. Kinds may share all but their spec."""
    specs = kind.spec.choices.values() if isinstance(kind.spec, OneOf) else [kind.spec]
    homes = [kind.to_api.__module__, *(spec.__module__ for spec in specs)]
    docs = [inspect.cleandoc(sys.modules[home].__doc__ or "") for home in homes]
    return next((doc for doc in docs if doc.startswith(f"{kind.id}:")), docs[0])


def _first(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")


# ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _inner(shape: Shape) -> Shape:
    """What a list or map is made of, and what that is made of."""
    return _inner(shape.item) if isinstance(shape, List | Map) else shape


def _fields(forms: Forms) -> dict[str, list[tuple[Choices, Field]]]:
    """The fields of records or variants, each as often as it takes other forms, with the variants that have it so."""
    found: dict[str, list[tuple[Choices, Field]]] = {}
    for choices, shape in forms:
        match _inner(shape):
            case Record(fields=fields):
                for name, field in fields.items():
                    found.setdefault(name, []).append((choices, field))
            case Variants(by=by) as variants:
                for choice, record in _records(variants):
                    for name, field in record.fields.items():
                        if name != by or not found.get(by):
                            found.setdefault(name, []).append(((choice,) if name != by else (), field))
            case _:
                pass
    return found


def _records(variants: Variants) -> list[tuple[str, Record]]:
    other = [("any other", variants.other)] if variants.other is not None else []
    return [*((_word(choice), record) for choice, record in variants.records.items()), *other]


def _lines(kind: Kind, forms: Forms, path: Path) -> tuple[Line, ...]:
    """A line for each field; two, where it is not the same with every variant."""
    lines: dict[Line, Choices] = {}
    parents = [_inner(shape) for _, shape in forms]
    everyone = {choice for parent in parents if isinstance(parent, Variants) for choice, _ in _records(parent)}
    everyone = everyone or {choice for choices, _ in forms for choice in choices}
    for name, found in _fields(forms).items():
        by = next((parent for parent in parents if isinstance(parent, Variants) and parent.by == name), None)
        for choices, field in found:
            line = _line(kind, by, (*path, name), field)
            lines[line] = (*lines.get(line, ()), *choices)
    return tuple(
        replace(line, only_with=tuple(dict.fromkeys(choices)) if set(choices) != everyone else ())
        for line, choices in lines.items()
    )


def _line(kind: Kind, by: Variants | None, path: Path, field: Field) -> Line:
    """`by`: the variants that the field tells apart, where it does."""
    name = str(path[-1])
    leaf = _inner(field.shape)
    choices = tuple(map(_word, leaf.choices)) if isinstance(leaf, Leaf) else ()
    default = kind.sent_on_create.get(name) if len(path) == 1 else None
    return Line(
        name,
        "one of the choices" if by is not None else _type(field.shape),
        field.doc,
        by is not None or field.required or (len(path) == 1 and name in kind.needed_to_create),
        spell(path) in kind.immutable,
        tuple(choice for choice, _ in _records(by)) if by is not None else choices,
        None if default is None else _word(default),
        _owned(field.shape),
        (),
        field.no_clear.way_out if isinstance(field.no_clear, NoClear) else None,
    )


def _word(value: Any) -> str:
    """A value as YAML has it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _type(shape: Shape) -> str:
    match shape:
        case Leaf(ref=ref) if ref is not None:
            return f"{ref.kind}, by its key" if ref.looked_up else f"{ref.kind}, by the name of its manifest"
        case Leaf(secret=True):
            return "secret"
        case Leaf(duration=duration) if duration is not None:
            return f"duration, or {duration.unit}"
        case Leaf(choices=choices) if choices:
            return "one of the choices"
        case Leaf():
            return shape.type
        case Record():
            return "mapping"
        case Variants(by=by):
            return f"mapping, its fields by {by}"
        case Map():
            return f"free mapping of {_type(shape.item)}"
        case List():
            return f"list of {_type(shape.item)}"


def _owned(shape: Shape) -> str | None:
    """How a list, map or record is owned, where the plain rule (field by field) does not hold."""
    match shape:
        case List(shared=True) | Map(shared=True):
            return "only what a manifest names, or put there before"
        case List(keyed=keyed) if keyed is not None:
            return f"whole; items are told apart by {', '.join(keyed.by)}"
        case List(ordered=False):
            return "whole; the order means nothing"
        case List() | Map() | Record(owned=True):
            return "whole: what it does not name goes"
        case _:
            return None
