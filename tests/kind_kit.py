"""The kind kit: a manifest's spec, the body it makes and what the vendor answers, as data, and the laws they obey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.engine.overlay import contains
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, List, Map, Record, Shape, Variants
from reconciler.kinds.spec import declared, read
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import NODES, Hidden, Keep, Link, Object, Ref, Tree, replace
from reconciler.vendors.registry import VENDORS

KINDS: Mapping[str, Kind] = {kind.id: kind for vendor in VENDORS.values() for kind in vendor.kinds}


def kind_of(name: str) -> Kind:
    """A kind of the table, or of a vendor that is not yet in it."""
    if name in KINDS:
        return KINDS[name]
    vendor = import_module(f"reconciler.vendors.{name.partition('/')[0]}").VENDOR
    found: dict[str, Kind] = {kind.id: kind for kind in vendor.kinds}
    return found[name]


CONTEXT = Context(datetime(2026, 1, 1, tzinfo=UTC), facts={"client_id": "4711"})


@dataclass(frozen=True)
class Case:
    """`spec` as a manifest has it, `body` what to_api makes of it, `raw` an answer that means the same.

    References to `payments` have the id `id:payments` on the wire, or the number that `numbers` gives. `name` says
    what the case shows.
    """

    name: str
    kind: str
    spec: dict[str, Any]
    body: dict[str, Any] | None = None
    raw: dict[str, Any] | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


@dataclass(frozen=True)
class Mistake:
    """A spec that is wrong: at which path, and words the message has."""

    kind: str
    spec: dict[str, Any]
    path: tuple[str | int, ...]
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {'.'.join(map(str, self.path))}: {self.words}"


def cases(*rows: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", rows, ids=str)


def mistakes(*rows: Mistake) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("mistake", rows, ids=str)


# ── what the engine does around a kind, in miniature ────────────────────────────────────────────────────────────────


def tree_of(kind: str, spec: dict[str, Any]) -> Object:
    return declared(read(kind_of(kind).spec, spec))


def bound(tree: Tree) -> Tree:
    """References as the engine looks them up, with made-up ids."""

    def one(leaf: Tree) -> Tree:
        if not isinstance(leaf, Ref):
            return leaf
        ident = leaf.value[0] if leaf.by == "id" else f"id:{leaf.value[0]}"
        return Link(f"{leaf.kind}#{ident}", leaf.kind, {"id": ident}, ident)

    return replace(tree, one)


def on_the_wire(tree: Tree, numbers: Mapping[str, int]) -> Tree:
    """A bound body as JSON: links are ids, every other node is its name."""

    def one(leaf: Tree) -> Tree:
        match leaf:
            case Link(id=str() as ident, kind=kind):
                number = ident.isdecimal() and kind_of(kind).place.id_number
                return numbers.get(ident.removeprefix("id:"), int(ident) if number else ident)
            case _ if isinstance(leaf, NODES):
                return type(leaf).__name__
            case _:
                return leaf

    return replace(tree, one)


def sent(case: Case) -> Tree:
    tree = bound(tree_of(case.kind, case.spec))
    return on_the_wire(kind_of(case.kind).to_api(tree, CONTEXT), case.numbers)


def lives(case: Case, raw: dict[str, Any]) -> Object:
    """The live tree of a raw answer, with the ids of the case's numbers as `bound` makes them."""
    names = {str(number): name for name, number in case.numbers.items()}

    def one(leaf: Tree) -> Tree:
        if isinstance(leaf, Ref) and leaf.by == "id" and leaf.value[0] in names:
            return Ref(leaf.kind, "id", (f"id:{names[leaf.value[0]]}",))
        return leaf

    live = bound(replace(kind_of(case.kind).from_api(raw, CONTEXT), one))
    assert isinstance(live, dict)
    return live


def assert_settled(case: Case, raw: dict[str, Any], **besides: Tree) -> None:
    """The law: what was declared is found again in what the vendor answers. `besides` comes from the object's place."""
    wanted = bound(replace(tree_of(case.kind, case.spec), _as_kept))
    live = {**lives(case, raw), **bound(besides)}
    assert contains(kind_of(case.kind).shape, wanted, live), f"\nwanted {wanted}\nlive   {live}"


def _as_kept(leaf: Tree) -> Tree:
    """A secret cannot be read back; it stands for itself."""
    secret = isinstance(leaf, NODES) and not isinstance(leaf, Ref | Link | Hidden)
    return Keep() if secret else leaf


def assert_mistaken(mistake: Mistake) -> None:
    with pytest.raises(ValidationError) as found:
        read(kind_of(mistake.kind).spec, mistake.spec)
    complaints = {error["loc"]: error["msg"] for error in found.value.errors()}
    assert mistake.path in complaints, complaints
    assert mistake.words in complaints[mistake.path]


def updating(kind: str, live: Object, **changed: Tree) -> Work:
    """The work of changing these fields of a live object."""
    assert kind_of(kind)
    return Work("update", {**live, **changed}, frozenset(changed), live)


# ── shapes, walked ──────────────────────────────────────────────────────────────────────────────────────────────────


def fields_of(shape: Shape, path: str = "") -> Iterator[tuple[str, Field]]:
    """Every field of a shape with its path, nested ones too."""
    match shape:
        case Record():
            for name, one in shape.fields.items():
                yield f"{path}.{name}".lstrip("."), one
                yield from fields_of(one.shape, f"{path}.{name}")
        case Variants():
            for record in shape.every:
                yield from fields_of(record, path)
        case List() | Map():
            yield from fields_of(shape.item, f"{path}[]")
        case _:
            return
