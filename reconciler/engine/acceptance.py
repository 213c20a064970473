"""Acceptance: drift as patches of the manifests that it drifted from, so that Git says what is live. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.engine.audit import Audit, Drift
from reconciler.engine.diff import differences
from reconciler.engine.draft import Draft
from reconciler.engine.names import LookUpFailed, plain
from reconciler.engine.overlay import MISSING, contains, is_empty, overlay
from reconciler.engine.retold import Speech
from reconciler.errors import Problem
from reconciler.kinds.shape import Field, Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.tree import Hidden, Keep, Path, Secret, Text, Tree, spell, walk
from reconciler.manifest.compose import reaches
from reconciler.manifest.patch import Drop, Inside, Items, Patch, Put
from reconciler.manifest.project import Manifest


@dataclass(frozen=True, eq=False)
class Accepted:
    """What a manifest is to say instead. `left` is what cannot be written back, and why; `paths` is what drifted."""

    manifest: Manifest
    patch: Inside
    paths: tuple[str, ...]
    left: tuple[Problem, ...] = ()


def acceptances(audit: Audit, addresses: frozenset[str] | None) -> Iterator[Accepted]:
    """For each manifest that drifted, and is one of these or all are meant. What is waived is accepted when named."""
    by_address: dict[str, list[Drift]] = {}
    for one in audit.drift:
        address = str(one.change.address)
        if address in addresses if addresses is not None else one.waiver is None:
            by_address.setdefault(address, []).append(one)
    for _, drift in sorted(by_address.items()):
        manifest = audit.plan.draft.access.project.manifests[drift[0].change.address]
        yield _accepted(audit.plan.draft, manifest, drift)


def _accepted(draft: Draft, manifest: Manifest, drift: Iterable[Drift]) -> Accepted:
    paths = tuple(dict.fromkeys(one.field.path for one in drift))
    claim = draft.world.claims[manifest.address]
    assert claim.live is not None
    live = draft.ranks.shown(manifest, draft.world.names.bind(claim.live.tree, manifest.address.host))
    mine = (change for change in draft.changes if change.address == manifest.address)
    edited = frozenset(one.path for change in mine for one in change.fields if one.cause == "edited")
    writer = _Writer(draft, manifest, frozenset(paths), edited)
    parts = writer.record(manifest.kind.shape, manifest.declared, live, ())
    return Accepted(manifest, Inside({"spec": Inside(parts)}), paths, tuple(writer.left))


class _Unsaid(Exception):
    """Why a live value cannot stand in a manifest."""


class _Writer:
    """Makes patches of one manifest. `drifted` are the paths to write, `edited` those that Git changed itself."""

    def __init__(self, draft: Draft, manifest: Manifest, drifted: frozenset[str], edited: frozenset[str]) -> None:
        self.manifest, self.names, self.host = manifest, draft.world.names, manifest.address.host
        self.redact = draft.access.secrets.redact
        self.drifted, self.edited = drifted, edited
        self.left: list[Problem] = []

    # ── mappings ────────────────────────────────────────────────────────────────────────────────────────────────────

    def record(
        self, shape: Shape, declared: Mapping[str, Tree], live: Mapping[str, Tree], path: Path
    ) -> dict[str | int, Patch]:
        """The patches of a mapping's parts, by name; also of those that are live and not declared."""
        fields = _fields(shape, declared, live)
        parts: dict[str | int, Patch] = {}
        extra = [name for name in live if name not in declared and self._drifts((*path, name))]
        for name in (*declared, *extra):
            below = (*path, name)
            if not self._concerns(below):
                continue
            field = fields.get(name)
            inner = field.shape if field is not None else shape.item if isinstance(shape, Map) else Leaf()
            try:
                patch = self._part(inner, declared.get(name, MISSING), live.get(name, MISSING), below)
            except _Unsaid as unsaid:
                self._leave(below, str(unsaid))
                continue
            goes = isinstance(shape, Map) or (field is not None and field.no_clear is not None)
            if goes and isinstance(patch, Put) and patch.value is None:
                patch = Drop()
            if patch is not None:
                parts[name] = patch
        return parts

    def _part(self, shape: Shape, declared: Tree, live: Tree, path: Path) -> Patch | None:
        if not self._drifts(path) and isinstance(declared, Mapping) and isinstance(live, Mapping):
            return Inside(self.record(shape, declared, live, path))
        if isinstance(shape, List) and isinstance(declared, list) and isinstance(live, list):
            return self._list(shape, declared, live, path)
        if not self._drifts(path):
            return None
        new = not self._is_written(path)
        if live is MISSING or is_empty(live):
            return Put([] if isinstance(declared, list) else {} if isinstance(shape, Map) else None, new)
        return Put(self._said(shape, live), new)

    def _is_written(self, path: Path) -> bool:
        return reaches(self.manifest.spot, ("spec", *path)) or (
            self.manifest.base is not None and reaches(self.manifest.base[1], path)
        )

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _list(self, shape: List, declared: list[Tree], live: list[Tree], path: Path) -> Patch | None:
        text = spell(path)
        if f"{text}[]" in self.edited:
            raise _Unsaid("Git changed other items of it: see the plan, and write it by hand")
        bound = self._bound(declared)
        if shape.keyed is not None and f"{text}[]" not in self.drifted and not self._drifts(path):
            return self._keyed(shape, bound, live, path)
        partner: dict[int, int] = {}
        for place, item in enumerate(live):
            found = (n for n, one in enumerate(bound) if n not in partner.values() and contains(shape.item, one, item))
            if (mine := next(found, None)) is not None:
                partner[place] = mine
        if shape.shared:  # only what is ours is ours to take out; what others put there stays theirs
            items: tuple[int | Put, ...] = tuple(sorted(partner.values()))
            return Items(items, tuple(self._said(shape.item, live[place]) for place in sorted(partner)))
        items = tuple(partner.get(place, Put(None)) for place in range(len(live)))
        said = [self._said(shape.item, item) for item in live]
        items = tuple(Put(said[n]) if isinstance(one, Put) else one for n, one in enumerate(items))
        if not shape.ordered:  # in Git's order, and what is new behind it
            kept = sorted(one for one in items if isinstance(one, int))
            items = (*kept, *(one for one in items if isinstance(one, Put)))
        return Items(items, tuple(said))

    def _keyed(self, shape: List, declared: list[Tree], live: list[Tree], path: Path) -> Patch | None:
        """Items told by their keys: patches of those that are on both sides; else the list as it is live."""
        assert shape.keyed is not None
        by = shape.keyed.by
        there = {_key(by, item): item for item in live}
        mine = {_key(by, item): place for place, item in enumerate(declared)}
        parts: dict[str | int, Patch] = {}
        items: list[int | Put] = []
        for key, place in mine.items():
            below = (*path, key)
            if key not in there and self._drifts(below):
                continue
            items.append(place)
            if key in there and self._concerns(below):
                parts[place] = Inside(self.record(shape.item, declared[place], there[key], below))
        items += [
            Put(self._said(shape.item, item))
            for key, item in there.items()
            if key not in mine and self._drifts((*path, key))
        ]
        if items == list(range(len(declared))):
            return Inside(parts) if parts else None
        if parts:
            raise _Unsaid("items of it came or went while others changed: write it by hand")
        return Items(tuple(items), tuple(self._said(shape.item, item) for item in live))

    # ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _said(self, shape: Shape, tree: Tree) -> Tree:
        """A live value in a manifest's words. Raises _Unsaid."""
        for _, leaf in walk(tree):
            if isinstance(leaf, Secret | Hidden | Keep):
                raise _Unsaid("it is or holds a secret, which never stands in a manifest")
            if isinstance(leaf, Text):
                raise _Unsaid("it is a text with references: write it by hand")
        if isinstance(shape, Leaf) and shape.secret:
            raise _Unsaid("it is a secret, which never stands in a manifest")
        try:
            said = Speech(self.names, self.host).said(shape, tree)
        except LookUpFailed as error:
            raise _Unsaid(str(error)) from None
        for _, leaf in walk(said):
            if isinstance(leaf, str) and self.redact(leaf) != leaf:
                raise _Unsaid("it holds a secret in clear, which never stands in a manifest")
        return said

    def _bound(self, declared: list[Tree]) -> list[Tree]:
        try:
            bound = self.names.bind(declared, self.host)
        except LookUpFailed as error:
            raise _Unsaid(str(error)) from None
        assert isinstance(bound, list)
        return bound

    # ── which ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _drifts(self, path: Path) -> bool:
        return spell(path) in self.drifted

    def _concerns(self, path: Path) -> bool:
        """Whether something drifted at or below a path."""
        text = spell(path)
        return any(one == text or one.startswith((f"{text}.", f"{text}[")) for one in self.drifted)

    def _leave(self, path: Path, why: str) -> None:
        text = f"{self.manifest.address}: {spell(path)} is not written back: {why}"
        self.left.append(Problem(text, self.manifest.place(path)))


def unaccepted(audit: Audit, manifests: Mapping[str, Manifest], accepted: Accepted) -> list[Problem]:
    """What of the written manifest is still not as it is live: what its words cannot say the same way."""
    draft = audit.plan.draft
    manifest = manifests.get(str(accepted.manifest.address))
    claim = draft.world.claims[accepted.manifest.address]
    if manifest is None or claim.live is None:
        return []
    live = draft.ranks.shown(manifest, draft.world.names.bind(claim.live.tree, manifest.address.host))
    try:
        bound = draft.world.names.bind(manifest.declared, manifest.address.host)
    except LookUpFailed:
        return []
    wanted = manifest.kind.meant(bound, live, draft.access.context(manifest.address.host))
    result = overlay(manifest.kind.shape, wanted, live)
    still = {one.path for one in differences(manifest.kind.shape, live, result, MISSING, manifest.place)}
    return [
        Problem(f"{manifest.address}: {path} is written back, and still differs from what is live", manifest.place())
        for path in accepted.paths
        if path in still and not accepted.left
    ]


def _fields(shape: Shape, declared: Mapping[str, Tree], live: Mapping[str, Tree]) -> Mapping[str, Field]:
    """The fields of a record; of one that has another form there, those of both."""
    match shape:
        case Variants():
            return {**shape.record(live).fields, **shape.record(declared).fields}
        case Record(fields=fields):
            return fields
        case _:
            return {}


def _key(by: tuple[str, ...], item: Tree) -> str:
    """As the difference names it."""
    return " ".join(str(plain(item[name])) for name in by if item.get(name) is not None)
