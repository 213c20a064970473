"""Live: what the vendors say is there, by account, kind and id, with natural keys and marks read off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.errors import Problem
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Link, Object, Ref, Tree

Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class LiveObject:
    """One object as the vendor tells it. `whole` is False while fields are missing that only a single GET gives."""

    host: str
    kind: Kind
    id: str
    raw: Object = field(repr=False)  # may hold secrets in clear
    tree: Object = field(repr=False)
    key: Key | None
    mark: str | None = None
    born: str | None = None
    parent: str | None = None
    whole: bool = True

    @property
    def label(self) -> Tree:
        """The natural key as `existing:` takes it: without the parent, which the field it stands in knows."""
        key = self.key[1:] if self.key and self.kind.place.parent else self.key
        if not key:
            return None
        return key[0] if len(key) == 1 else list(key)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.kind.steady(self.raw))


def fingerprint(raw: Any) -> str:
    """A short digest of a JSON value; equal values have equal ones whatever the order of keys."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def natural_key(kind: Kind, tree: Object) -> Key | None:
    """The key in the form it is compared in, where a list is a set; None where the tree does not say enough."""
    parts = kind.key(tree)
    if parts is None:
        return None
    folded = [_part(kind, part) for part in parts]
    return None if any(part is None for part in folded) else tuple(part for part in folded if part is not None)


def _part(kind: Kind, part: Tree) -> str | None:
    match part:
        case str():
            return kind.fold(part)
        case Ref(by="id"):
            return part.value[0]
        case bool() | int() | float():
            return str(part)
        case list():
            several = [_part(kind, one) for one in part]
            return None if None in several else ",".join(sorted(str(one) for one in several))
        case _:
            # A link names its object's id; while that is not there, nothing below it can be either.
            return part.id if isinstance(part, Link) else None


def live_object(host: str, kind: Kind, raw: Object, tree: Object, parent: str | None, *, whole: bool) -> LiveObject:
    """Read id, key, mark and birth off one raw object."""
    born = raw.get(kind.born_at) if kind.born_at else None
    return LiveObject(
        host=host,
        kind=kind,
        id=str(raw[kind.place.id_at]),
        raw=raw,
        tree=tree,
        key=natural_key(kind, tree),
        mark=kind.mark.read(raw) if kind.mark else None,
        born=None if born is None else str(born),
        parent=parent,
        whole=whole,
    )


@dataclass(repr=False)
class Live:
    """All that was read, filled while reading. `failed` holds, by account, why it could not be read."""

    objects: dict[tuple[str, str], dict[str, LiveObject]] = field(default_factory=dict)
    failed: dict[str, Problem] = field(default_factory=dict)
    by_key: dict[tuple[str, str, Key], dict[str, LiveObject]] = field(default_factory=dict)

    def of(self, host: str, kind: str) -> Mapping[str, LiveObject]:
        return self.objects.get((host, kind), {})

    def read(self, host: str, kind: str) -> bool:
        """Whether this kind was listed in this account (in part, for kinds below a parent)."""
        return (host, kind) in self.objects

    def get(self, host: str, kind: str, ident: str) -> LiveObject | None:
        return self.of(host, kind).get(ident)

    def put(self, found: LiveObject) -> None:
        self.drop(found.host, found.kind.id, found.id)
        self.objects.setdefault((found.host, found.kind.id), {})[found.id] = found
        if found.key is not None:
            self.by_key.setdefault((found.host, found.kind.id, found.key), {})[found.id] = found

    def drop(self, host: str, kind: str, ident: str) -> None:
        """Forget an object, where it is known."""
        old = self.objects.get((host, kind), {}).pop(ident, None)
        if old is not None and old.key is not None:
            self.by_key[host, kind, old.key].pop(ident, None)

    def bearers(self, host: str, kind: str, key: Key | None) -> list[LiveObject]:
        """The live objects with this natural key."""
        return [] if key is None else list(self.by_key.get((host, kind, key), {}).values())

    def everything(self) -> Iterator[LiveObject]:
        for objects in self.objects.values():
            yield from objects.values()

    def detailed(self, found: LiveObject, raw: Object, tree: Object) -> LiveObject:
        """The same object, now with what the single GET gave."""
        whole = replace(found, raw=raw, tree=tree, key=natural_key(found.kind, tree) or found.key, whole=True)
        self.put(whole)
        return whole
