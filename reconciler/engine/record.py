"""Record: the ledger's entry of an object, as it follows from a manifest, and what the ledger learns beside writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime

from reconciler.engine.change import Adopt, Change, Move, Release, Update
from reconciler.engine.live import Key, natural_key
from reconciler.engine.names import recorded
from reconciler.engine.settle import Settled
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Keep, Object, Secret, Source, Tree, at, walk
from reconciler.kinds.tree import replace as map_tree
from reconciler.ledger.entries import Closed, DropEntry, Entry, PutEntry, Record
from reconciler.manifest.project import Manifest


def instant(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def entry_of(
    manifest: Manifest,
    ident: str,
    bound: Object,
    held: Entry | None,
    now: datetime,
    *,
    origin: str | None = None,
    revision: str | None = None,
) -> Entry:
    """The entry of an object that is as `bound` declares; what only the ledger knows is kept from `held`."""
    said = manifest.metadata.lifecycle.protect
    protect = said if said is not None else bool(held and held.protect)
    return Entry(
        address=str(manifest.address),
        id=ident,
        key=key_of(manifest, bound, held),
        declared=_remembering(recorded(bound), bound, held.declared if held and held.id == ident else {}),
        born=held.born if held else None,
        outputs=held.outputs if held and held.id == ident else {},
        protect=protect,
        origin="adopted" if (origin or (held.origin if held else "created")) == "adopted" else "created",
        retiring=held.retiring if held else (),
        labels=dict(manifest.metadata.labels),
        file=manifest.file,
        revision=revision,
        at=instant(now),
        sent=held.sent if held else "",
        memory=held.memory if held else None,
    )


def laid_under(said: Tree, held: Tree) -> Tree:
    """What was said laid over what was said before, object by object."""
    if not isinstance(said, Mapping) or not isinstance(held, Mapping):
        return said
    return {**held, **{name: laid_under(value, held.get(name)) for name, value in said.items()}}


def lasting(kind: Kind, declared: Object, held: Entry | None) -> Object:
    """A signal's declared spec with the parts it was sent with before, which cannot be taken back."""
    signal = kind.signal
    if signal is None or held is None:
        return declared
    before = {name: held.declared[name] for name in signal.lasting if held.declared.get(name)}
    return {**declared, **{name: laid_under(declared.get(name) or {}, value) for name, value in before.items()}}


def sent_with(declared: Tree, held: Tree) -> Tree:
    """A signal's declared spec with the digests that are held of its secrets: of those it was sent with."""
    if not isinstance(declared, Mapping) or not isinstance(held, Mapping):
        return declared
    if "$secret" in declared:
        return {**declared, "$secret": held.get("$secret") or declared["$secret"]}
    return {name: sent_with(value, held.get(name)) for name, value in declared.items()}


def _remembering(declared: Object, bound: Object, held: Tree) -> Object:
    """What is declared, with the digests that are held of secrets nobody knows here: not to know is not to forget."""
    for path, leaf in walk(bound):
        if isinstance(leaf, Secret) and not (leaf.digests or leaf.renewed or isinstance(leaf.source, Keep)):
            digest, place = at(held, (*path, "$secret"), None), at(declared, path, None)
            if isinstance(digest, str) and isinstance(place, dict):
                place["$secret"] = digest
    return declared


def key_of(manifest: Manifest, bound: Object, held: Entry | None) -> Key:
    key = natural_key(manifest.kind, bound)
    return key if key is not None else (held.key if held else ())


def why_gone(entry: Entry | None) -> str:
    """What became of an object that the ledger holds and that is not live."""
    if entry is None:
        return ""
    return f"id {entry.id} was deleted {'by an interrupted run' if entry.unfinished else 'outside Git'}"


_TELLING = [one.name for one in fields(Entry) if one.name not in ("at", "revision")]


def differs(one: Entry, other: Entry) -> bool:
    """Whether an entry is worth writing again: anything but its time and revision."""
    return any(getattr(one, name) != getattr(other, name) for name in _TELLING)


def with_digests(bound: Object, digest: Mapping[Source, str]) -> Object:
    """The tree with the digests of the secrets this run sent."""

    def one(leaf: Tree) -> Tree:
        if isinstance(leaf, Secret) and leaf.source in digest and not isinstance(leaf.source, Keep):
            return replace(leaf, digests=(digest[leaf.source],), renewed=False)
        return leaf

    tree = map_tree(bound, one)
    assert isinstance(tree, dict)
    return tree


def beside(changes: tuple[Change, ...], settled: tuple[Settled, ...], held: Mapping[str, Entry]) -> Iterator[Record]:
    """Records of one account for what needs no write: settled creates, moves, releases."""
    for one in settled:
        if one.lost:  # stays open until what it made is deleted: nothing else tells that its output is lost
            continue
        if one.entry is not None:
            yield PutEntry(one.entry)
        if not one.doubtful and not one.blind:
            yield Closed(one.intent.ident, "settled")
    for change in changes:
        match change:
            case Move(old=old) if old in held:
                yield DropEntry(old)
                yield PutEntry(replace(held[old], address=str(change.address)))
            case Release(fields=()):
                yield DropEntry(str(change.address))
            case Adopt() | Update() | Release():
                pass
