"""Wire: a field's two faces side by side, ours and the vendor's, so that what is sent and what is read cannot drift."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from reconciler.kinds.tree import Object, Tree


def _as_it_is(value: Tree) -> Tree:
    return value


@dataclass(frozen=True)
class Wire:
    """`to` gives the vendor's form of a value, `back` ours; `cleared` is what the vendor takes for null.

    Both are total: a value of a form they do not know passes through, as nodes do. Neither ever sees null.
    """

    to: Callable[[Tree], Tree] = _as_it_is
    back: Callable[[Tree], Tree] = _as_it_is
    cleared: Tree = None


_SAME = Wire()


def to_wire(tree: Mapping[str, Tree], wires: Mapping[str, Wire]) -> Object:
    """The vendor's form of these fields; those without a wire have the same form on both sides."""
    return {name: _sent(value, wires.get(name, _SAME)) for name, value in tree.items()}


def from_wire(raw: Mapping[str, Tree], wires: Mapping[str, Wire], noise: Container[str] = ()) -> Object:
    """Our form of what the vendor answered: null is absent, `noise` (what only the vendor sets) is dropped."""
    return {
        name: wires.get(name, _SAME).back(value)
        for name, value in raw.items()
        if value is not None and name not in noise
    }


def _sent(value: Tree, wire: Wire) -> Tree:
    return wire.cleared if value is None else wire.to(value)


def record(wires: Mapping[str, Wire], noise: Container[str] = ()) -> Wire:
    """A nested object that goes out whole: a null in it is left out."""

    def to(value: Tree) -> Tree:
        if not isinstance(value, Mapping):
            return value
        return to_wire({name: part for name, part in value.items() if part is not None}, wires)

    def back(value: Tree) -> Tree:
        return from_wire(value, wires, noise) if isinstance(value, Mapping) else value

    return Wire(to, back)


def each(wire: Wire) -> Wire:
    """A list of such values; null empties it."""

    def to(value: Tree) -> Tree:
        return [wire.to(item) for item in value] if isinstance(value, list) else value

    def back(value: Tree) -> Tree:
        return [wire.back(item) for item in value] if isinstance(value, list) else value

    return Wire(to, back, cleared=[])
