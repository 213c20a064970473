"""Diff: the difference of two trees field by field in words, each with its cause; deepdiff's only home."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace as with_cause
from typing import Any

from deepdiff import DeepDiff

from reconciler.engine.change import NOTHING, Cause, FieldChange, SecretShown
from reconciler.engine.names import plain
from reconciler.engine.overlay import MISSING, equal, is_empty
from reconciler.kinds.fields import Duration
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.tree import (
    FromOutput,
    Hidden,
    Keep,
    Link,
    Object,
    Path,
    Ref,
    Secret,
    Tree,
    Unknown,
    at,
    replace,
    spell,
)

Places = Callable[[Path], Any]


def differences(
    shape: Shape,
    live: Object,
    result: Object,
    last: Tree,
    place: Places,
    renewed: frozenset[str | int] = frozenset(),
) -> tuple[FieldChange, ...]:
    """Every field in which `result` differs from `live`, worded for people. `last` is MISSING without a record;
    `renewed` are fields that differ only because the plan makes anew what they name."""
    old, new = words(shape, live), words(shape, result)
    delta = DeepDiff(
        _tokens(old),
        _tokens(new),
        view="tree",
        ignore_order=False,
        verbose_level=2,
        ignore_numeric_type_changes=False,
        threshold_to_diff_deeper=0,  # else mappings with little in common are told as one change, at worst at no path
    )
    before = words(shape, last) if last is not MISSING else MISSING
    paths = {_whole(tuple(level.path(output_format="list"))) for group in delta.values() for level in group}
    ordered = sorted(paths, key=lambda path: _order(path, new))
    told = [_change(path, old, new, before, place) for path in ordered]
    told = [
        with_cause(one, cause="renewed") if path[0] in renewed else one for path, one in zip(ordered, told, strict=True)
    ]
    return (*told, *_namesakes(live, result, {path[0] for path in paths}, place))


def _namesakes(live: Object, result: Object, told: set[str | int], place: Places) -> Iterator[FieldChange]:
    """Fields that refer to other objects than before, which are called the same."""

    def by_id(tree: Tree) -> Tree:
        return plain(replace(tree, lambda leaf: {"id": leaf.id} if isinstance(leaf, Link) else leaf))

    for name, value in result.items():
        if name not in told and not equal(value, live.get(name, MISSING)):
            yield FieldChange(name, by_id(live.get(name)), by_id(value), "differs", place=place((name,)))


def _tokens(tree: Tree) -> Tree:
    """The same tree for deepdiff, to which a node is a value and no object to look into."""
    return replace(tree, lambda leaf: repr((leaf.digests, leaf.renewed)) if isinstance(leaf, Secret) else leaf)


def _whole(path: Path) -> Path:
    """An ordered list is told whole: positions of items say nothing to a reviewer."""
    return path[: next((index for index, part in enumerate(path) if isinstance(part, int)), len(path))]


def _order(path: Path, new: Tree) -> tuple[int, tuple[str, ...]]:
    names = list(new) if isinstance(new, Mapping) else []
    return (names.index(path[0]) if path and path[0] in names else len(names), tuple(str(part) for part in path))


def _change(path: Path, old: Tree, new: Tree, before: Tree, place: Places) -> FieldChange:
    one, other = at(old, path, MISSING), at(new, path, MISSING)
    said = at(before, path, MISSING) if before is not MISSING else MISSING
    return FieldChange(
        spell(tuple(part for part in path if not _is_item(part))) + ("[]" if path and _is_item(path[-1]) else ""),
        shown(one, other),
        shown(other, one),
        cause_of(one, other, said, before is not MISSING),
        NOTHING if said is MISSING else shown(said, one),
        place(tuple(part for part in path if not _is_item(part))),
    )


def cause_of(live: Tree, wanted: Tree, last: Tree, recorded: bool) -> Cause:
    """Who moved, told by what was applied last: `edited` in Git, `drifted` at the vendor, `both`; else `differs`."""
    if isinstance(wanted, Secret) and wanted.renewed:
        return "renewed"
    if not recorded or (isinstance(last, Secret) and not last.digests):
        return "differs"
    if last is MISSING and wanted is MISSING:  # never ours: somebody put it there
        return "drifted"
    if last is MISSING or same_words(last, live):
        return "edited"
    return "drifted" if same_words(last, wanted) else "both"


def same_words(one: Tree, other: Tree) -> bool:
    if isinstance(one, Secret) and isinstance(other, Secret):
        return bool(set(one.digests) & set(other.digests))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(same_words(one[name], other[name]) for name in one)
    return equal(one, other) or (is_empty(one) and is_empty(other))


# ── trees as they are worded ────────────────────────────────────────────────────────────────────────────────────────

_ITEM = "\x00"  # begins the name of an unkeyed item, which stands for its content


class _Items(dict[str, Tree]):
    """A list as a mapping, by its items' keys or by their content; people are shown the list."""


def words(shape: Shape, tree: Tree) -> Tree:
    """A tree in which lists are mappings by key or by content, so that a difference names items and not positions."""
    match shape:
        case Variants() if isinstance(tree, Mapping):
            return words(shape.record(tree), tree)
        case Record() if isinstance(tree, Mapping):
            fields = shape.fields
            return {
                name: words(fields[name].shape if name in fields else Leaf(), value) for name, value in tree.items()
            }
        case Map() if isinstance(tree, Mapping):
            return {name: words(shape.item, value) for name, value in tree.items()}
        case List() if isinstance(tree, list):
            return _items(shape, tree)
        case Leaf(secret=True):
            return tree if isinstance(tree, Secret) else Secret(Keep())
        case Leaf(duration=Duration() as unit) if isinstance(tree, int) and not isinstance(tree, bool):
            return unit.spell(tree)
        case _:
            return _plain(tree)


def _items(shape: List, items: list[Tree]) -> Tree:
    worded = [words(shape.item, item) for item in items]
    if shape.keyed and all(isinstance(item, Mapping) for item in items):
        keys = [
            " ".join(str(plain(item[name])) for name in shape.keyed.by if item.get(name) is not None) for item in items
        ]
        if len(set(keys)) == len(keys):
            return _Items(zip(keys, worded, strict=True))
    if shape.ordered:
        return worded
    named = _Items()
    for item in worded:
        text = _ITEM + json.dumps(_plain(item), sort_keys=True, ensure_ascii=False, default=str)
        while text in named:  # the same item twice
            text += " "
        named[text] = item
    return named


def _plain(tree: Tree) -> Tree:
    return {"$secret": None} if isinstance(tree, Secret | Hidden | Keep) else plain(tree)


def _is_item(part: str | int) -> bool:
    return isinstance(part, int) or part.startswith(_ITEM)


def shown(side: Tree, other: Tree) -> Any:
    """One side of a change as JSON for people; a secret as a word."""
    match side:
        case _ if side is MISSING:
            return NOTHING
        case Secret() if side.renewed:
            return SecretShown("will change")
        case Secret(source=Keep()):
            return SecretShown("secret" if side.digests or not isinstance(other, Secret) else "not comparable")
        case Secret():
            return SecretShown("changed" if isinstance(other, Secret) and other.digests else "secret")
        case Hidden() | Keep():
            return SecretShown("secret")
        case Unknown():
            return side
        case Mapping():
            if isinstance(side, _Items):
                return [shown(item, None) for item in side.values()]
            return {name: shown(value, None) for name, value in side.items()}
        case list():
            return [shown(item, None) for item in side]
        case _:
            return plain(side)


def from_ledger(declared: Tree) -> Tree:
    """What was applied last as a tree to compare with: digests become secrets again, ids references."""
    if isinstance(declared, Mapping):
        if "$secret" in declared:
            digest, (address, _, output) = declared["$secret"], str(declared.get("$from", "")).rpartition(".")
            return Secret(FromOutput(address, output) if address else Keep(), (digest,) if digest else ())
        if set(declared) == {"$ref", "$kind", "$id"}:
            return Ref(declared["$kind"], "id", (declared["$id"],))
        return {name: from_ledger(value) for name, value in declared.items()}
    if isinstance(declared, list):
        return [from_ledger(item) for item in declared]
    return declared
