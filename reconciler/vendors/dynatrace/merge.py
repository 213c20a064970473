"""Merging: free-form values laid over what is there: what is not named stays, at any depth; lists are owned whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.kinds.tree import Keep, Secret, Tree


@dataclass(frozen=True)
class Sets:
    """Which fields of an object are sets, whose order means nothing, and those of nested objects and of items."""

    names: frozenset[str] = frozenset()
    inner: Mapping[str, Sets] = field(default_factory=dict)


NO_SETS = Sets()


def merged(wanted: Tree, live: Tree, sets: Sets = NO_SETS) -> Tree:
    """What shall be there. What means the same as what is there is that."""
    if isinstance(wanted, Keep):
        return live
    if isinstance(wanted, Secret):
        return _secret(wanted, live)
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        whole = {**live}
        for name, part in wanted.items():
            below = sets.inner.get(name, NO_SETS)
            if part is None:
                whole.pop(name, None)
            elif isinstance(part, list) and isinstance(live.get(name), list):
                whole[name] = _items(part, live[name], below, in_order=name not in sets.names)
            else:
                whole[name] = merged(part, live.get(name), below)
        return whole
    return without_nulls(wanted)


def _secret(wanted: Secret, live: Tree) -> Tree:
    if wanted.renewed or not isinstance(live, Secret):
        return wanted if wanted.renewed or wanted.digests or live is None else live
    same = not wanted.digests or bool(set(wanted.digests) & set(live.digests))
    return replace(wanted, digests=live.digests) if same else wanted


def _items(wanted: list[Tree], live: list[Tree], sets: Sets, *, in_order: bool) -> list[Tree]:
    """Each item laid over the live one that has all it names; those of a set stand as they stand there."""
    free, found = list(range(len(live))), list[tuple[int, Tree]]()
    for number, item in enumerate(wanted):
        fits = [place for place in free if merged(item, live[place], sets) == live[place]]
        place = number if number in fits else next(iter(fits), None)
        if place is None:
            found.append((len(live) + number, without_nulls(item)))
        else:
            free.remove(place)
            found.append((place, merged(item, live[place], sets)))
    return [item for _, item in (found if in_order else sorted(found, key=lambda one: one[0]))]


def without_nulls(value: Tree) -> Tree:
    """The server leaves out what is null, and so do we."""
    if isinstance(value, Mapping):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value
