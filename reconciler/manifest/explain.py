"""Explain: what a vendor, a kind or a field is, as data, read from the kinds; the command line words it."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.errors import UsageError
from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.tree import Path, spell
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.manifest import read_path
from reconciler.manifest.mistakes import did_you_mean


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
    lines = tuple(
        Line(kind.name, "looked up" if kind.looked_up else "kind", _first(_doc(kind))) for kind in vendor.kinds
    )
    return Explanation(vendor.api, _first(inspect.getdoc(vendor.settings) or ""), "", "vendor", fields=lines)


def _kind(kind: Kind) -> Explanation:
    outputs = tuple(
        Line(output.name, "secret" if output.secret else "value", _output_doc(output.doc, output.once))
        for output in kind.outputs
    )
    example = None if kind.looked_up else _example(kind)
    return Explanation(kind.id, _doc(kind), kind.page, "kind", None, _lines(kind, kind.shape, ()), outputs, example)


def _output_doc(doc: str, once: bool) -> str:
    return f"{doc}{' ' if doc else ''}(shown once, when the object is made)" if once else doc


def _field(kind: Kind, path: Path, asked: str) -> Explanation:
    shape: Shape = kind.shape
    title = kind.id
    line: Line | None = None
    done: Path = ()
    fields = [part for part in path if isinstance(part, str)]  # an item of a list is explained as the list is
    for part in fields or [asked]:
        lines = {each.name: each for each in _lines(kind, shape, done)}
        if part not in lines:
            raise UsageError(f'there is no field "{part[:60]}" in {title}', way_out=did_you_mean(part, lines, "it has"))
        line, shape, done = lines[part], _below(shape, part), (*done, part)
        title = f"{kind.id}.{spell(done)}"
    assert line is not None
    return Explanation(title, line.doc, kind.page, line.type, line, _lines(kind, shape, done))


def _doc(kind: Kind) -> str:
    """What the kind's file says of it: page, units, limits."""
    return inspect.cleandoc(sys.modules[kind.to_api.__module__].__doc__ or "")


def _first(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")


# ── fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _inner(shape: Shape) -> Shape:
    """What a list or map is made of, and what that is made of."""
    return _inner(shape.item) if isinstance(shape, List | Map) else shape


def _fields(shape: Shape) -> dict[str, tuple[Field, tuple[str, ...]]]:
    """The fields of a record or of variants, with the variants that have each."""
    match _inner(shape):
        case Record(fields=fields):
            return {name: (field, ()) for name, field in fields.items()}
        case Variants(records=records):
            found: dict[str, tuple[Field, tuple[str, ...]]] = {}
            for choice, record in records.items():
                for name, field in record.fields.items():
                    found[name] = (found.get(name, (field, ()))[0], (*found.get(name, (field, ()))[1], str(choice)))
            return {name: (field, some if len(some) < len(records) else ()) for name, (field, some) in found.items()}
        case _:
            return {}


def _below(shape: Shape, name: str) -> Shape:
    return _fields(shape)[name][0].shape


def _lines(kind: Kind, shape: Shape, path: Path) -> tuple[Line, ...]:
    inner = _inner(shape)
    by = inner.by if isinstance(inner, Variants) else None
    return tuple(
        _line(kind, inner, (*path, name), *found, required=name == by) for name, found in _fields(shape).items()
    )


def _line(kind: Kind, parent: Shape, path: Path, field: Field, only_with: tuple[str, ...], required: bool) -> Line:
    name = str(path[-1])
    leaf = _inner(field.shape)
    choices = tuple(map(_word, leaf.choices)) if isinstance(leaf, Leaf) else ()
    if required and isinstance(parent, Variants):
        choices = tuple(map(_word, parent.records))
    default = kind.sent_on_create.get(name) if len(path) == 1 else None
    return Line(
        name,
        _type(field.shape),
        field.doc,
        required or (len(path) == 1 and name in kind.needed_to_create),
        spell(path) in kind.immutable,
        choices,
        None if default is None else _word(default),
        _owned(field.shape),
        only_with,
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


# ── an example ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _example(kind: Kind) -> str:
    """A manifest with what a new object of the kind needs."""
    spec = _sample_of(kind.shape, frozenset(kind.needed_to_create))
    lines = [f"apiVersion: {kind.api}", f"kind: {kind.name}", "metadata: {name: my-" + kind.name.lower() + "}", "spec:"]
    lines += [f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in spec.items()]
    return "\n".join(lines) + "\n"


def _sample_of(shape: Record | Variants, wanted: frozenset[str]) -> dict[str, Any]:
    if isinstance(shape, Variants):
        choice, record = next(iter(shape.records.items()))
        return {shape.by: choice, **_sample_of(record, wanted - {shape.by})}
    names = [name for name, field in shape.fields.items() if name in wanted or (not wanted and field.examples)]
    names = names or list(shape.fields)[:1]
    return {name: _sample(shape.fields[name].shape, shape.fields[name].examples) for name in names}


def _sample(shape: Shape, examples: tuple[Any, ...] = ()) -> Any:
    if examples:
        return examples[0]
    match shape:
        case Leaf(ref=ref) if ref is not None:
            return "their-key" if ref.looked_up else f"my-{ref.kind.partition('/')[2].lower()}"
        case Leaf(secret=True):
            return {"env": "NAME"}
        case Leaf(choices=choices) if choices:
            return choices[0]
        case Leaf(duration=duration) if duration is not None:
            return "1h"
        case Leaf(type=kind):
            return {"integer": 1, "number": 1, "boolean": True}.get(kind, "words")
        case List(item=item):
            return [_sample(item)]
        case Map(item=item):
            return {"key": _sample(item)}
        case Record() | Variants():
            return _sample_of(shape, frozenset())
