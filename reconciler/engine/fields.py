"""Fields: questions about the paths of a tree: what is ignored, what cannot be cleared, what is no longer declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.engine.change import Write
from reconciler.engine.graph import all_steps
from reconciler.engine.overlay import MISSING, equal, is_empty
from reconciler.kinds.shape import Record, Shape, Variants
from reconciler.kinds.tree import Keep, Path, Secret, Tree, at, walk


def no_longer(last: Tree, now: Tree, path: Path = ()) -> Iterator[Path]:
    if not isinstance(last, Mapping) or not isinstance(now, Mapping):
        return
    for name, value in last.items():
        if name not in now:
            yield (*path, name)
        elif isinstance(value, Mapping) and not any(key.startswith("$") for key in value):
            yield from no_longer(value, now[name], (*path, name))


def carried(change: Write, secret: Secret) -> bool:
    sent = [leaf for step in all_steps(change) for _, leaf in walk(step.body) if isinstance(leaf, Secret)]
    return any(leaf.source == secret.source for leaf in sent)


def incomparable(wanted: Tree, live: Tree, path: Path = ()) -> Iterator[Path]:
    """Where a secret is wanted whose value is known here, and nothing is known of the one that is there."""
    if isinstance(wanted, Secret) and isinstance(live, Secret):
        if wanted.digests and not live.digests and not wanted.renewed:
            yield path
    elif isinstance(wanted, Mapping) and isinstance(live, Mapping):
        for name, value in wanted.items():
            yield from incomparable(value, live.get(name), (*path, name))


def kept(wanted: Tree, live: Tree) -> Tree:
    """What is wanted, with what is there in the place of each secret that cannot be compared with it."""
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        return {name: kept(value, live.get(name)) for name, value in wanted.items()}
    return Keep() if next(incomparable(wanted, live), None) is not None else wanted


def moved(one: Tree, other: Tree, paths: Iterable[str]) -> frozenset[str]:
    """Those of the paths, `time.startDate`, at which the trees differ."""
    parts = {path: tuple(path.split(".")) for path in paths}
    return frozenset(path for path, way in parts.items() if not equal(at(one, way, MISSING), at(other, way, MISSING)))


def without(tree: Tree, ignore: tuple[Path, ...]) -> Tree:
    """The tree less the paths that `lifecycle.ignore` names."""
    for path in ignore:
        tree = _cut(tree, path)
    return tree


def _cut(tree: Tree, path: Path) -> Tree:
    if not isinstance(tree, Mapping) or path[0] not in tree:
        return tree
    if len(path) == 1:
        return {name: value for name, value in tree.items() if name != path[0]}
    return {name: _cut(value, path[1:]) if name == path[0] else value for name, value in tree.items()}


def cannot_clear(shape: Shape, declared: Tree, live: Tree, path: Path = ()) -> tuple[Path, str] | None:
    """The first field set to null that the API cannot clear, and the way out."""
    if isinstance(shape, Variants) and isinstance(declared, Mapping):
        shape = shape.records.get(declared.get(shape.by), shape.other or shape)
    if not isinstance(shape, Record) or not isinstance(declared, Mapping) or not isinstance(live, Mapping):
        return None
    for name, value in declared.items():
        known = shape.fields.get(name)
        if known is None or is_empty(live.get(name, MISSING)):
            continue
        if value is None and known.no_clear is not None:
            return (*path, name), known.no_clear.way_out
        found = cannot_clear(known.shape, value, live[name], (*path, name))
        if found is not None:
            return found
    return None
