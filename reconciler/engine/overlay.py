"""Overlay: what an object shall be, its declared fields laid over the live ones, so that what is unset stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.tree import Hidden, Keep, Link, Object, Secret, Tree, walk


class Missing:
    """Where a side has nothing at all, which is not the same as null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


def overlay(shape: Shape, wanted: Tree, live: Tree, last: Tree = MISSING) -> Tree:
    """The value that shall be there. Whatever means the same as the live value *is* the live value.

    `last` is what was applied last: items of shared lists that it names and `wanted` does not are taken out.
    """
    if wanted is None:
        return live if is_empty(live) else None
    if isinstance(wanted, Keep):
        return live
    if isinstance(wanted, Secret):
        return _secret(wanted, live)
    if live is MISSING or live is None:
        return live if is_empty(wanted) else fresh(wanted)
    if shape.same is not None and shape.same.test(wanted, live):
        return live
    match shape:
        case Variants() if isinstance(live, Mapping) and isinstance(wanted, Mapping):
            return _variant(shape, wanted, live, last)
        case Record() if isinstance(live, Mapping) and isinstance(wanted, Mapping):
            return _record(shape, wanted, live, last)
        case Map() if isinstance(live, Mapping) and isinstance(wanted, Mapping):
            return _map(shape, wanted, live, last)
        case List() if isinstance(live, list) and isinstance(wanted, list):
            return _list(shape, wanted, live, last)
        case _ if equal(wanted, live):
            return wanted if _has_sources(wanted) else live
        case _:
            return fresh(wanted)


def is_empty(value: Tree) -> bool:
    """Nothing, in any of the forms vendors answer it: absent, null, "", [] or {}."""
    return value is MISSING or value is None or value in ("", [], {})


def equal(one: Tree, other: Tree) -> bool:
    """Equal as JSON: `1` is not `true`, at any depth."""
    if isinstance(one, str):
        return bool(one == other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def fresh(wanted: Tree) -> Tree:
    """A value for a place where nothing is: null and `keep` fall away."""
    if isinstance(wanted, Mapping):
        return {key: fresh(value) for key, value in wanted.items() if value is not None and value != Keep()}
    if isinstance(wanted, list):
        return [fresh(value) for value in wanted]
    return wanted


def _has_sources(wanted: Tree) -> bool:
    """Whether a secret in a value without fields has a source, which a write may have to carry."""
    if not isinstance(wanted, Mapping | list):
        return False
    return any(isinstance(leaf, Secret) and not isinstance(leaf.source, Keep) for _, leaf in walk(wanted))


def _secret(wanted: Secret, live: Tree) -> Tree:
    if wanted.renewed:
        return wanted
    if not isinstance(live, Secret):
        return wanted if wanted.digests else live
    # Unknown here is never a change. What is the same keeps its source: a write may have to carry it.
    same = not wanted.digests or bool(set(live.digests) & set(wanted.digests)) or _other_key(wanted, live)
    return replace(wanted, digests=live.digests) if same else wanted


def _other_key(wanted: Secret, live: Secret) -> bool:
    """Whether the live digest was made with a seal key that is not at hand, so that nothing can be said."""
    known = {digest.rpartition(":")[0] for digest in wanted.digests}
    return bool(live.digests) and not known & {digest.rpartition(":")[0] for digest in live.digests}


def _variant(shape: Variants, wanted: Tree, live: Tree, last: Tree) -> Tree:
    choice = wanted.get(shape.by)
    record = shape.records.get(choice, shape.other) if isinstance(choice, str | int) else None
    if record is None:
        return live if equal(wanted, live) else fresh(wanted)
    if not equal(choice, live.get(shape.by)):
        return fresh(wanted)
    return _record(record, wanted, live, last)


def _record(shape: Record, wanted: Tree, live: Tree, last: Tree) -> Object:
    kept: Object = {} if shape.owned else dict(live)
    if shape.owned:
        kept = {name: value for name, value in live.items() if name not in wanted and is_empty(value)}
    for name, value in wanted.items():
        field = shape.fields.get(name)
        new = overlay(field.shape if field else Leaf(), value, live.get(name, MISSING), below(last, name))
        if new is not MISSING:
            kept[name] = new
    return kept


def _map(shape: Map, wanted: Tree, live: Tree, last: Tree) -> Object:
    ours = set(last) if isinstance(last, Mapping) else set()
    kept = {key: value for key, value in live.items() if key not in ours} if shape.shared else {}
    for key, value in wanted.items():
        if value is not None:
            new = overlay(shape.item, value, live.get(key, MISSING), below(last, key))
            if new is not MISSING:
                kept[key] = new
    return kept


def _list(shape: List, wanted: list[Tree], live: list[Tree], last: Tree) -> list[Tree]:
    match = _by_key(shape, wanted, live, last) if shape.keyed else _by_content(shape, wanted, live)
    taken = {index for index in match if index is not None}
    if shape.shared:
        ours = last if isinstance(last, list) else []
        stays = [
            item
            for index, item in enumerate(live)
            if index not in taken and not any(contains(shape.item, old, item) for old in ours)
        ]
    else:
        stays = []
    items = [
        overlay(shape.item, item, live[index], MISSING) if index is not None else fresh(item)
        for item, index in zip(wanted, match, strict=True)
    ]
    if shape.ordered:
        return [*stays, *items]
    found = {index: item for index, item in zip(match, items, strict=True) if index is not None}
    new = [item for index, item in zip(match, items, strict=True) if index is None]
    if shape.shared:
        found |= {index: item for index, item in enumerate(live) if any(item is stay for stay in stays)}
    return [*(found[index] for index in sorted(found)), *new]


def _by_key(shape: List, wanted: list[Tree], live: list[Tree], last: Tree) -> list[int | None]:
    assert shape.keyed is not None
    by = shape.keyed.by
    places: dict[Any, list[int]] = {}
    for index, item in enumerate(live):
        places.setdefault(_key(by, item), []).append(index)
    match: list[int | None] = []
    for item in wanted:
        same = places.get(_key(by, item)) or []
        match.append(same.pop(0) if same else None)
    return match


def _key(by: tuple[str, ...], item: Tree) -> Any:
    if not isinstance(item, Mapping):
        return repr(item)
    parts = (item.get(name) for name in by)
    return tuple(
        part.identity if isinstance(part, Link) else part if isinstance(part, str) else repr(part) for part in parts
    )


def _by_content(shape: List, wanted: list[Tree], live: list[Tree]) -> list[int | None]:
    """For each wanted item the live one that holds all it declares, so that as many as can be find one."""
    # The same position first: a list that did not move is matched in one pass.
    both = range(min(len(wanted), len(live)))
    owner = {place: place for place in both if contains(shape.item, wanted[place], live[place])}
    fitting: dict[int, list[int]] = {}

    def settle(place: int, tried: set[int]) -> bool:
        """Find an item for this place, if need be by finding another for the place that has it."""
        if place not in fitting:
            fitting[place] = [index for index, one in enumerate(live) if contains(shape.item, wanted[place], one)]
        for index in fitting[place]:
            if index not in tried:
                tried.add(index)
                if index not in owner or settle(owner[index], tried):
                    owner[index] = place
                    return True
        return False

    for place in sorted(set(range(len(wanted))) - set(owner)):
        settle(place, set())
    match: list[int | None] = [None] * len(wanted)
    for index, place in owner.items():
        match[place] = index
    return match


def contains(shape: Shape, wanted: Tree, live: Tree) -> bool:
    """Whether `live` already is what `wanted` declares."""
    return equal(overlay(shape, wanted, live), live)


# What no field describes: nothing in it is a secret but where the vendor's answer was found to hold one.
_FREE = Record({})


def hide(shape: Shape, live: Tree, last: Tree) -> Tree:
    """The live tree with the digest of what was applied last in the place of each secret that cannot be read back."""
    match shape:
        case _ if isinstance(live, Hidden):
            return Secret(Keep(), last.digests if isinstance(last, Secret) else ())
        case Leaf(secret=True):
            known = last.digests if isinstance(last, Secret) else ()
            return MISSING if live is MISSING and not known else Secret(Keep(), known)
        case Variants() if isinstance(live, Mapping):
            return hide(shape.record(live), live, last)
        case Record() if isinstance(live, Mapping):
            fields = {
                name: hide(field.shape, live.get(name, MISSING), below(last, name))
                for name, field in _both(shape, live, last)
            }
            free = {name: _hide_free(live[name], below(last, name)) for name in live if name not in shape.fields}
            return {**live, **free, **{name: value for name, value in fields.items() if value is not MISSING}}
        case Map() if isinstance(live, Mapping):
            return {key: hide(shape.item, value, below(last, key)) for key, value in live.items()}
        case List() if isinstance(live, list):
            return [hide(shape.item, item, one) for item, one in zip(live, _lasts(shape, live, last), strict=True)]
        case _:
            return live


def _hide_free(live: Tree, last: Tree) -> Tree:
    """The same where no field says what is a secret, but the kind's reading did."""
    if isinstance(live, Hidden):
        return Secret(Keep(), last.digests if isinstance(last, Secret) else ())
    if isinstance(live, Mapping):
        return {name: _hide_free(part, below(last, name)) for name, part in live.items()}
    if isinstance(live, list):
        return [_hide_free(item, below(last, index)) for index, item in enumerate(live)]
    return live


def _lasts(shape: List, live: list[Tree], last: Tree) -> list[Tree]:
    """For each live item what was applied last of it: of the same key, else at the same place."""
    if shape.keyed is None or not isinstance(last, list):
        return [below(last, index) for index in range(len(live))]
    by = shape.keyed.by
    known = {_key(by, item): item for item in last}
    return [known.get(_key(by, item), MISSING) for item in live]


def _both(shape: Record, live: Tree, last: Tree) -> list[tuple[str, Any]]:
    named = set(live) | (set(last) if isinstance(last, Mapping) else set())
    return [(name, field) for name, field in shape.fields.items() if name in named]


def below(tree: Tree, step: str | int) -> Tree:
    """One step down, MISSING where there is nothing."""
    if isinstance(tree, Mapping) and isinstance(step, str):
        return tree.get(step, MISSING)
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    return MISSING
