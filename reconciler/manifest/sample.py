"""Samples: manifests and fields as people could write them, made from a kind's shape, as YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, Leaf, List, Map, Record, Shape, Variants

Choices = tuple[str, ...]

_BARE = re.compile(r"(?!(?:true|false|null|on|off|yes|no)$)[A-Za-z][\w./@-]*|\d+[smhdw]", re.IGNORECASE)


def sample_of(kind: Kind) -> str:
    """A manifest with what a new object of the kind needs."""
    spec = _fields_of(kind.shape, frozenset(kind.needed_to_create))
    lines = [f"apiVersion: {kind.api}", f"kind: {kind.name}", "metadata: {name: my-" + kind.name.lower() + "}", "spec:"]
    lines += [f"  {name}: {_flow(value)}" for name, value in spec.items()]
    return "\n".join(lines) + "\n"


def sample_of_field(name: str, forms: Sequence[tuple[Choices, Field]]) -> str | None:
    """The field as it may be written, each variant by itself; None for a plain value that says nothing.

    `forms`: the field with the variants of what it stands in that have it so.
    """
    several = len({repr(field) for _, field in forms}) > 1
    samples = [
        (f"With {', '.join(choices)}." if several else doc, value)
        for choices, field in forms[: None if several else 1]
        for doc, value in _samples(field)
    ]
    blocks = ["\n".join([*([f"# {doc}"] if doc else []), *_block(name, value)]) for doc, value in samples]
    return "\n\n".join(blocks) + "\n" if blocks else None


def _samples(field: Field) -> Iterator[tuple[str, Any]]:
    """What the field may hold, and what that means."""
    match field.shape:
        case Variants() as variants:
            yield from _each_variant(variants, field.examples)
        case List(item=Variants() as variants) | Map(item=Variants() as variants) if not field.examples:
            listed = isinstance(field.shape, List)
            yield from ((doc, [one] if listed else {"key": one}) for doc, one in _each_variant(variants, ()))
        case Leaf() if not field.examples:
            return
        case Record(fields=fields) if not field.examples:
            yield "", _fields_of(field.shape, frozenset(fields))
        case _ if field.examples:
            yield from (("", one) for one in field.examples)
        case _:
            yield "", _value(field.shape)


def _each_variant(variants: Variants, examples: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for choice, record in variants.records.items():
        told = [one for one in examples if isinstance(one, dict) and one.get(variants.by) == choice]
        whole = {variants.by: choice, **_fields_of(record, frozenset(record.fields) - {variants.by})}
        yield from ((record.doc, one) for one in told or [whole])


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fields_of(shape: Record | Variants, wanted: frozenset[str]) -> dict[str, Any]:
    if isinstance(shape, Variants):
        choice, record = next(iter(shape.records.items()))
        return {shape.by: choice, **_fields_of(record, wanted - {shape.by})}
    fields = shape.fields.items()
    names = [name for name, one in fields if name in wanted or one.required or (not wanted and one.examples)]
    names = names or list(shape.fields)[:1]
    return {name: _value(shape.fields[name].shape, shape.fields[name].examples) for name in names}


def _value(shape: Shape, examples: tuple[Any, ...] = ()) -> Any:
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
            return {"integer": 1, "number": 1, "boolean": True}.get(kind.partition(" or ")[0], "words")
        case List(item=item):
            return [_value(item)]
        case Map(item=item):
            return {"key": _value(item)}
        case Record() | Variants():
            return _fields_of(shape, frozenset())


# ── as YAML ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _block(name: str, value: Any) -> Iterator[str]:
    match value:
        case dict() if value:
            yield f"{name}:"
            yield from (f"  {key}: {_flow(part)}" for key, part in value.items())
        case [dict(), *_] if all(value):
            yield f"{name}:"
            for item in value:
                first, *rest = (f"{key}: {_flow(part)}" for key, part in item.items())
                yield f"  - {first}"
                yield from (f"    {line}" for line in rest)
        case _:
            yield f"{name}: {_flow(value)}"


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_flow(key)}: {_flow(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str() if _BARE.fullmatch(value):
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
