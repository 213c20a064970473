"""Claims: which live object each manifest means. Pure: manifests, ledger entries and live objects in, claims out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from reconciler.engine.live import Key, Live, LiveObject
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Manifest

How = Literal["id", "ledger", "mark", "was", "key", "none"]

MARK = "reconciler:"


@dataclass(frozen=True, eq=False)
class Claim:
    """One manifest's object: `live` is None where there is none yet. `entry` is the ledger's of this object, under
    `moved_from` where it stood at another address. `blocked` says why the claim cannot stand."""

    manifest: Manifest
    live: LiveObject | None
    how: How
    entry: Entry | None = None
    moved_from: str | None = None
    blocked: str | None = None
    key: Key | None = None

    @property
    def found(self) -> bool:
        """Whether the object was there before us: not where it bears a mark that only a create of ours writes, and not
        where it is what some lists hold together, which nobody makes."""
        kind = self.manifest.kind
        made = self.how in ("mark", "was") and kind.mark is not None and kind.mark.fixed
        return not made and kind.place.gathers is None


def mark_of(project: str, address: Address) -> str:
    """What we write into an object to say whose it is."""
    return f"{MARK}{project}/{address}"


def whose(mark: str | None) -> tuple[str, str] | None:
    """Project and address a mark names; None where it is no mark of this tool's."""
    if mark is None or not mark.startswith(MARK):
        return None
    project, _, address = mark.removeprefix(MARK).partition("/")
    return project, address


@dataclass(repr=False)
class Register:
    """One kind in one account, while its manifests claim. `keys` are the manifests' natural keys, `doubtful`
    the addresses whose objects an interrupted run may have made, `siblings` the objects of other environments."""

    kind: Kind
    host: str
    project: str
    manifests: list[Manifest]
    entries: Mapping[str, Entry]
    live: Live
    keys: Mapping[Address, Key | None]
    wanted: frozenset[str]
    doubtful: frozenset[str]
    siblings: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        objects = self.live.of(self.host, self.kind.id).values()
        self._marks: dict[str, list[LiveObject]] = {}
        for one in objects:
            owner = whose(one.mark)
            if owner is not None and owner[0] == self.project:
                self._marks.setdefault(owner[1], []).append(one)
        self._held = {entry.id: old for old, entry in self.entries.items() if old in self.wanted}
        self._unwanted = {entry.id: old for old, entry in self.entries.items() if old not in self.wanted}

    def claims(self) -> tuple[list[Claim], list[Problem]]:
        """Every manifest's claim, strongest reasons first, and what is wrong with them."""
        problems: list[Problem] = []
        found: dict[Address, Claim] = {}
        taken: dict[str, Manifest] = {}
        for manifest in self.manifests:
            claim = self._strong(manifest, problems)
            if claim is not None and claim.live is not None:
                other = taken.setdefault(claim.live.id, manifest)
                if other is not manifest:
                    problems.append(_twice(claim.live, other, manifest))
                found[manifest.address] = claim
        retiring = {ident for entry in self.entries.values() for ident in entry.retiring}
        for manifest in self.manifests:
            if manifest.address not in found:
                claim = self._by_key(manifest, set(taken) | retiring, problems)
                if claim.live is not None:
                    other = taken.setdefault(claim.live.id, manifest)
                    if other is not manifest:
                        problems.append(_twice(claim.live, other, manifest))
                found[manifest.address] = claim
        return [self._with_entry(found[manifest.address]) for manifest in self.manifests], problems

    # ── the ways to claim, in their order ───────────────────────────────────────────────────────────────────────────

    def _strong(self, manifest: Manifest, problems: list[Problem]) -> Claim | None:
        bound = manifest.metadata.id
        if bound is not None:
            one = self._live(bound)
            if one is None:
                problems.append(
                    Problem(
                        f'metadata.id: "{bound}" is not live in {self.host} ({self.kind.id})',
                        manifest.place(),
                        "take the id from the vendor, or remove metadata.id to have the object made",
                    )
                )
            return (
                Claim(manifest, one, "id", blocked=self._others(one), key=self.keys[manifest.address]) if one else None
            )
        address = str(manifest.address)
        entry = self.entries.get(address)
        tries: list[tuple[How, LiveObject | None]] = [
            ("ledger", self._same(entry) if entry else None),
            ("mark", self._marked(address, self.keys[manifest.address])),
            ("was", self._was(manifest)),
        ]
        for how, live in tries:
            if live is not None:
                return Claim(manifest, live, how, key=self.keys[manifest.address])
        return None

    def _live(self, ident: str | None) -> LiveObject | None:
        return self.live.get(self.host, self.kind.id, ident) if ident is not None else None

    def _same(self, entry: Entry) -> LiveObject | None:
        """The entry's object, unless the vendor gave its id to another one since."""
        one = self._live(entry.id)
        if one is None or (entry.born and one.born and entry.born != one.born):
            return None
        return one

    def _marked(self, address: str, key: Key | None = None) -> LiveObject | None:
        """The bearer of an address's mark; of several, as copies bear it too, the one with the natural key."""
        several = self._bear_mark(address)
        if len(several) > 1:
            several = [one for one in several if one.key is not None and one.key == key]
        return several[0] if len(several) == 1 else None

    def _bear_mark(self, address: str) -> list[LiveObject]:
        """Who bears an address's mark, less those that the ledger says are another one's by now."""
        return [one for one in self._marks.get(address, []) if self._held.get(one.id, address) == address]

    def _was(self, manifest: Manifest) -> LiveObject | None:
        if manifest.metadata.was is None:
            return None
        address = manifest.address
        old = str(Address(address.vendor, address.account, address.kind, manifest.metadata.was))
        entry = self.entries.get(old)
        return (self._same(entry) if entry else None) or self._marked(old)

    def _by_key(self, manifest: Manifest, taken: set[str], problems: list[Problem]) -> Claim:
        key = self.keys[manifest.address]
        marked = [one for one in self._bear_mark(str(manifest.address)) if one.id not in taken]
        if len(marked) > 1:
            problems.append(_ambiguous(manifest, marked, "bear its mark"))
            return Claim(manifest, None, "none", key=key, blocked="several live objects bear its mark")
        bearers = [one for one in self._bearers(manifest, key) if one.id not in taken]
        match bearers:
            case []:
                return Claim(manifest, None, "none", key=key)
            case [one]:
                return Claim(manifest, one, "key", key=key, blocked=self._foreign(one))
            case _ if str(manifest.address) in self.doubtful:
                return Claim(manifest, None, "none", key=key)
            case _:
                problems.append(_ambiguous(manifest, bearers))
                return Claim(manifest, None, "none", key=key, blocked="several live objects bear its name")

    def _bearers(self, manifest: Manifest, key: Key | None) -> list[LiveObject]:
        """Whom the manifest may mean: the one with the id it chooses, else all with its natural key."""
        chosen = manifest.declared.get(self.kind.chosen_id) if self.kind.chosen_id else None
        if chosen is None:
            return self.live.bearers(self.host, self.kind.id, key)
        one = self._live(str(chosen))
        return [one] if one else []

    def _others(self, one: LiveObject) -> str | None:
        """Whether the same project keeps it in another environment."""
        owner = self.siblings.get((self.host.partition("@")[0], self.kind.id, one.id))
        if owner is None:
            return None
        return f"id {one.id} belongs to {owner}: one object is of one environment; give this one another name"

    def _foreign(self, one: LiveObject) -> str | None:
        owner = whose(one.mark)
        if owner is None or owner[0] == self.project:
            return self._others(one)
        return f'id {one.id} belongs to project "{owner[0]}" ({owner[1]}); remove it there first, or its mark'

    # ── the ledger's side ───────────────────────────────────────────────────────────────────────────────────────────

    def _with_entry(self, claim: Claim) -> Claim:
        """The claim with the ledger's entry of its object, wherever that stands."""
        address = str(claim.manifest.address)
        own = self.entries.get(address)
        moved_from = None
        if claim.live is not None and (own is None or own.id != claim.live.id):
            old = self._unwanted.get(claim.live.id)
            if old is not None:
                own, moved_from = self.entries[old], old
        marked = whose(claim.live.mark) if claim.live else None
        if (
            self.kind.mark is not None
            and self.kind.mark.fixed
            and own is not None
            and claim.live
            and own.id == claim.live.id
        ):
            marked = None  # it bears the name it was made under
        if moved_from is None and marked and marked[0] == self.project and marked[1] != address:
            moved_from = marked[1] if marked[1] not in self.wanted else None
        return Claim(claim.manifest, claim.live, claim.how, own, moved_from, claim.blocked, claim.key)


def _twice(live: LiveObject, one: Manifest, other: Manifest) -> Problem:
    return Problem(
        f"{other.address} and {one.address} ({one.place()}) both mean {live.kind.id} id {live.id}",
        other.place(),
        "one object has one manifest: remove one, or tell them apart by name or metadata.id",
    )


def _ambiguous(manifest: Manifest, bearers: list[LiveObject], what: str = "") -> Problem:
    ids = sorted(one.id for one in bearers)
    what = what or f'are called "{" / ".join(bearers[0].key or ())}"'
    return Problem(
        f"{manifest.address}: {len(ids)} live objects {what} (ids {', '.join(ids)})",
        manifest.place(),
        f"say which one: metadata: {{id: {ids[0]}}}",
    )
