"""Reading: what a plan knows of both sides, and how one kind of one account is listed, confirmed and read whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from reconciler.engine.access import Access, dig
from reconciler.engine.claims import Claim
from reconciler.engine.live import Key, Live, LiveObject, live_object, natural_key
from reconciler.engine.names import LookUpFailed, Names
from reconciler.engine.settle import Settled, settle_open
from reconciler.errors import Problem, VendorError
from reconciler.http.exchange import Json
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import ListedAt
from reconciler.kinds.shape import Leaf, Record, Variants
from reconciler.kinds.step import Context
from reconciler.kinds.tree import FromOutput, Link, Object, Ref, Tree, walk
from reconciler.kinds.tree import replace as mapped
from reconciler.ledger.entries import Entry, Intent, LedgerState
from reconciler.manifest.project import Manifest

Where = tuple[str, str]
Gathers = Callable[[tuple[str, ...]], tuple[str, ...]]

# Seconds by which the clocks of two machines that apply may differ at the most: some hours, by a wrong time zone.
CLOCKS_APART = 3 * 3600.0

_NOT_UNDERSTOOD = 400


@dataclass(repr=False)
class World:
    """Both sides as read: live objects, claims by address, what open intents of an interrupted run came to.

    `seen` are the live signals that an address may mean, `asked` the questions of this run, `answers` those to what
    else a manifest's kind asks, `stakes` those of what hangs on an object that goes. `refusals` are by address what the
    vendor said of a question that is made of a manifest's own words and that it does not understand.
    """

    live: Live
    names: Names
    states: Mapping[str, LedgerState]
    entries: dict[str, dict[str, Entry]]
    claims: dict[Address, Claim] = field(default_factory=dict)
    settled: dict[str, Settled] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, list[LiveObject]] = field(default_factory=dict)
    asked: dict[Any, asyncio.Task[Json]] = field(default_factory=dict)
    answers: dict[str, tuple[Json, ...]] = field(default_factory=dict)
    stakes: dict[str, tuple[Json, ...]] = field(default_factory=dict)
    refusals: dict[str, Problem] = field(default_factory=dict)

    def entry(self, address: Address | str, host: str) -> Entry | None:
        return self.entries.get(host, {}).get(str(address))


def parent_kind(access: Access, kind: Kind) -> Kind | None:
    """The kind whose object's id stands in this kind's list path."""
    if kind.place.parent is None:
        return None
    shape = kind.shape
    assert isinstance(shape, Record)
    leaf = shape.fields[kind.place.parent].shape
    assert isinstance(leaf, Leaf)
    assert leaf.ref is not None
    return access.kinds[leaf.ref.kind]


# ── reading one kind in one account ─────────────────────────────────────────────────────────────────────────────────


@dataclass(repr=False)
class Reader:
    """Reads kinds; of the `whole` ones everything there is, whether somebody wants it or not."""

    access: Access
    world: World
    whole: Container[Where] = frozenset()

    async def read(self, by_place: Mapping[Where, list[Manifest]], where: Where) -> None:
        """List one kind, make sure of what is absent, and look for what interrupted runs may have made."""
        manifests = by_place[where]
        host, kind = where[0], self.access.kinds[where[1]]
        entries = self._entries(where)
        said = (*(one.declared for one in manifests), *(entry.declared for entry in entries.values()))
        paths = sorted({path for one in said for path in kind.beforehand(one)})
        await asyncio.gather(*(self.access.learn(host, path) for path in paths))
        await self.list_below(host, kind, manifests, entries)
        await self._confirm(host, kind, manifests, entries)
        relist = partial(self.list_below, host, kind, manifests, entries)
        found = await settle_open(self.access, self.world.live, kind, self._open(where), relist, self.detail)
        for settled in found:
            self.world.settled[settled.intent.address] = settled
            if settled.entry is not None:
                self.world.entries[host][settled.entry.address] = settled.entry

    def _entries(self, where: Where) -> dict[str, Entry]:
        held = self.world.entries.get(where[0], {})
        return {address: entry for address, entry in held.items() if kind_of(address) == where[1]}

    def _open(self, where: Where) -> list[Intent]:
        state = self.world.states.get(where[0])
        return [intent for intent in state.open if kind_of(intent.address) == where[1]] if state else []

    async def list_below(self, host: str, kind: Kind, manifests: list[Manifest], entries: Mapping[str, Entry]) -> None:
        again = self.world.live.read(host, kind.id)
        self.world.live.objects.setdefault((host, kind.id), {})
        parents = self._parents(host, kind, manifests, entries, again=again)
        said = [one.declared for one in manifests] + (
            [dict.fromkeys(_fields(kind), True)] if self._all(host, kind) else []
        )
        context, pairs = self.access.context(host), [kind.place.asks(one) for one in said]
        asked = tuple(dict.fromkeys(pair for some in pairs for pair in some))
        if kind.place.listed_at is not None:
            await self._list_some(host, kind, kind.place.listed_at, manifests, entries)
            return
        if kind.place.gathers is not None:
            await self._gather(host, kind, kind.place.gathers, manifests, entries)
            return

        async def below(parent: str | None) -> None:
            params = {kind.place.parent: parent} if kind.place.parent and parent else {}
            if kind.place.within:
                rows = await self._within(host, kind, parent or "", again=again)
            else:
                rows = await self.access.every(host, kind, params, asked)
            for raw in rows:
                self._keep(host, kind, raw, kind.from_api(raw, context), parent)

        await asyncio.gather(*(below(parent) for parent in parents))

    async def _list_some(
        self, host: str, kind: Kind, at: ListedAt, manifests: list[Manifest], entries: Mapping[str, Entry]
    ) -> None:
        """Those of a kind's lists in which objects stand that are wanted or ours."""
        keys = {*(wanted_key(self.world.names, one) for one in manifests), *(entry.key for entry in entries.values())}
        keys |= self._looked_for(kind) if kind.looked_up else set()
        lists = {found for key in keys if key and (found := at(key)) is not None}
        if (host, kind.id) in self.whole:
            lists |= {(path, ident) for path, of in kind.place.list_of for ident in self.world.live.of(host, of)}
        await self.list_at(host, kind, lists)

    async def list_at(self, host: str, kind: Kind, lists: Iterable[tuple[str, str]]) -> list[str]:
        """Read some of a kind's several lists, each a path and what it is of; the ids of what they hold."""
        context, ids = self.access.context(host), []
        for rows in await asyncio.gather(*(self._listed(host, kind, *one) for one in sorted(lists))):
            for raw in rows:
                self._keep(host, kind, raw, kind.from_api(raw, context), None)
                ids.append(str(raw[kind.place.id_at]))
        return ids

    async def _listed(self, host: str, kind: Kind, template: str, of: str) -> list[Object]:
        """One of those lists. What is looked up by words that the vendor does not understand is not there."""
        try:
            return await self.access.listed(host, kind, template, of)
        except VendorError as error:
            if error.status != _NOT_UNDERSTOOD or not kind.looked_up:
                raise
            return []

    async def _gather(
        self, host: str, kind: Kind, gathers: Gathers, manifests: list[Manifest], entries: Mapping[str, Entry]
    ) -> None:
        """The objects that are wanted or ours, each from its lists, with what the ledger keeps of it."""
        named = {str(one.address): wanted_key(self.world.names, one) for one in manifests}
        held: dict[Key, Entry | None] = {
            one.key: one for one in entries.values() if one.key and one.address not in named
        }
        held |= {key: entries.get(address) or held.get(key) for address, key in named.items() if key}

        async def one(key: Key, entry: Entry | None) -> None:
            of = gathers(key)
            try:
                lists = await asyncio.gather(*(self.access.listed(host, kind, kind.place.list, each) for each in of))
            except VendorError as error:
                asking = [address for address, asked in named.items() if asked == key]
                if error.status != _NOT_UNDERSTOOD or not asking:
                    raise
                self.world.refusals |= dict.fromkeys(asking, error.problems[0])
                return
            rows, memory = [row for some in lists for row in some], entry.memory if entry is not None else None
            raw = {kind.place.id_at: " | ".join(of), "of": list(of), "rows": rows, "remembered": memory}
            self._keep(host, kind, raw, kind.from_api(raw, self.access.context(host)), None)

        await asyncio.gather(*(one(key, entry) for key, entry in held.items()))

    def _looked_for(self, kind: Kind) -> set[Key | None]:
        """The natural keys by which the project's manifests refer to objects of a kind."""
        leaves = (leaf for one in self.access.project.manifests.values() for _, leaf in walk(one.declared))
        refs = (leaf for leaf in leaves if isinstance(leaf, Ref) and leaf.kind == kind.id and leaf.by == "existing")
        return {tuple(kind.fold(part) for part in ref.value) for ref in refs}

    async def _within(self, host: str, kind: Kind, parent: str, *, again: bool) -> list[Object]:
        """The objects that stand in their parent's own; that is read once more when they are asked for again."""
        owner = parent_kind(self.access, kind)
        assert owner is not None
        known = self.world.live.get(host, owner.id, parent)
        raw = await self.access.get(host, owner, parent, {}) if again or known is None else known.raw
        rows = dig(raw, kind.place.within)
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return [row for row in found if row.get(kind.place.id_at) is not None and kind.place.lists(row)]

    def _keep(self, host: str, kind: Kind, raw: Object, tree: Object, parent: str | None) -> None:
        known = self.world.live.get(host, kind.id, str(raw[kind.place.id_at]))
        if known is not None and known.whole and not kind.place.lists_whole:
            return  # a second list must not undo what the single GET gave
        if kind.place.parent and parent:
            owner = parent_kind(self.access, kind)
            assert owner is not None
            tree = {kind.place.parent: Ref(owner.id, "id", (parent,)), **tree}
        self.world.live.put(live_object(host, kind, raw, tree, parent, whole=kind.place.lists_whole))

    def _all(self, host: str, kind: Kind) -> bool:
        return (host, kind.id) in self.whole

    def _parents(
        self, host: str, kind: Kind, manifests: list[Manifest], entries: Mapping[str, Entry], *, again: bool
    ) -> list[str | None]:
        owner = parent_kind(self.access, kind)
        if owner is None:
            return [None]
        if kind.place.within and not again:  # these cost nothing, and are lost with their parents
            return list(self.world.live.of(host, owner.id))
        if self._all(host, kind):
            every = sorted(self.world.live.of(host, owner.id))
            return [*every] if kind.place.parent_needed else [*every, None]
        ids = {entry.key[0] for entry in entries.values() if entry.key}
        for manifest in manifests:
            ref = manifest.declared.get(kind.place.parent or "")
            if isinstance(ref, Ref):
                link = try_link(self.world.names, ref, host)
                if link is not None and link.id is not None:
                    ids.add(link.id)
        found = [ident for ident in sorted(ids) if self.world.live.get(host, owner.id, ident)]
        alone = any(one.declared.get(kind.place.parent or "") is None for one in manifests)
        alone = alone or any(entry.key[:1] == ("",) for entry in entries.values())
        return [*found, None] if alone and not kind.place.parent_needed else [*found]

    # ── absent from a list is not gone ──────────────────────────────────────────────────────────────────────────────

    async def _confirm(self, host: str, kind: Kind, manifests: list[Manifest], entries: Mapping[str, Entry]) -> None:
        def absent() -> list[tuple[Entry, str]]:
            ids = ((entry, ident) for entry in entries.values() for ident in (entry.id, *entry.retiring))
            return [(entry, ident) for entry, ident in ids if not self.world.live.get(host, kind.id, ident)]

        if not absent():
            return
        if kind.place.item_read:
            await asyncio.gather(*(self._single(host, kind, entry, ident) for entry, ident in absent()))
            return
        recent = any(self._recent(entry) for entry, _ in absent())
        waited, pause = 0.0, min(1.0, kind.settles)
        while absent() and waited < (kind.settles if recent else pause):
            await self.access.clock.sleep(pause)
            waited += pause
            pause = min(pause * 2, max(kind.settles - waited, 0.1))
            await self.list_below(host, kind, manifests, entries)

    def _recent(self, entry: Entry) -> bool:
        """Whether the object may be so new that the vendor's list has yet to show it; wrong clocks are allowed for."""
        try:
            written = datetime.fromisoformat(entry.at)
        except ValueError:
            return True
        return abs((self.access.clock.now() - written).total_seconds()) < CLOCKS_APART + 600

    async def _single(self, host: str, kind: Kind, entry: Entry, ident: str) -> None:
        parent = entry.key[0] if kind.place.parent and entry.key else None
        params = {kind.place.parent: parent} if kind.place.parent and parent else {}
        raw = await self.access.get(host, kind, ident, params, [part.name for part in kind.place.parts])
        if raw is not None:
            self._keep(host, kind, raw, kind.from_api(raw, self.access.context(host)), parent or None)
            one = self.world.live.get(host, kind.id, ident)
            if one is not None:
                self.world.live.detailed(one, one.raw, one.tree)

    # ── what only a single GET gives ────────────────────────────────────────────────────────────────────────────────

    async def details(self, by_place: Mapping[Where, list[Manifest]], where: Where) -> None:
        """GET the claimed objects of which a manifest declares more than the list tells."""
        manifests = by_place[where]
        claims = [claim for one in manifests if (claim := self.world.claims.get(one.address))]
        need = [claim for claim in claims if claim.live and self._needs_detail(claim, claim.live)]
        await asyncio.gather(*(self._detailed(claim) for claim in need))

    async def _detailed(self, claim: Claim) -> None:
        assert claim.live is not None
        whole = await self.detail(claim.live, self._named(claim))
        if whole is None:  # deleted since it was listed
            self.world.live.drop(claim.live.host, claim.live.kind.id, claim.live.id)
            self.world.names.forget(claim.manifest.address)
        self.world.claims[claim.manifest.address] = replace(claim, live=whole)

    def _needs_detail(self, claim: Claim, live: LiveObject) -> bool:
        kind = live.kind
        if live.whole or kind.ends(live.tree, self.access.context(live.host)):  # past, and compared no more
            return False
        fields = (*kind.place.detail, *(part.name for part in kind.place.parts))
        return "*" in fields or not self._named(claim).isdisjoint(fields)

    def _named(self, claim: Claim) -> set[str]:
        """The fields that a manifest declares, and those that hold what others take of its object."""
        kind, taken = claim.manifest.kind, set[str]()
        if kind.place.parts and any(not output.once for output in kind.outputs):
            taken = self._taken.get(str(claim.manifest.address), set())
        outputs = (kind.output(name) for name in taken)
        return {*claim.manifest.declared, *(output.at[0] for output in outputs if output is not None)}

    @cached_property
    def _taken(self) -> Mapping[str, set[str]]:
        """The outputs that the project's manifests take, by address."""
        found: dict[str, set[str]] = {}
        for manifest in self.access.project.manifests.values():
            for _, leaf in walk(manifest.declared):
                if isinstance(leaf, FromOutput):
                    found.setdefault(str(Address.parse(leaf.address)), set()).add(leaf.output)
        return found

    async def detail(self, one: LiveObject, named: Container[str] = ()) -> LiveObject | None:
        kind = one.kind
        if one.whole or not (kind.place.detail or any(part.name in named for part in kind.place.parts)):
            return one
        params = {kind.place.parent: one.parent} if kind.place.parent and one.parent else {}
        if kind.place.detail:
            raw = await self.access.get(one.host, kind, one.id, params, named)
        else:
            raw = await self.access.with_parts(one.host, kind, one.raw, params, named)
        if raw is None:
            return None
        tree = kind.from_api(raw, self.access.context(one.host))
        return self.world.live.detailed(one, raw, {**one.tree, **tree})


def _fields(kind: Kind) -> set[str]:
    records = kind.shape.records.values() if isinstance(kind.shape, Variants) else [kind.shape]
    return {name for record in records for name in record.fields}


def kind_of(address: str) -> str:
    parsed = Address.parse(address)
    return parsed.kind_id if parsed else ""


def try_link(names: Names, ref: Ref, host: str) -> Link | None:
    try:
        return names.link(ref, host)
    except LookUpFailed:
        return None


def _near(names: Names, host: str, leaf: Tree) -> Tree:
    return (try_link(names, leaf, host) or leaf) if isinstance(leaf, Ref) else leaf


def wanted_key(names: Names, manifest: Manifest, context: Context | None = None) -> Key | None:
    if manifest.kind.place.after:  # what the key is made of may stand deeper
        return natural_key(manifest.kind, mapped(manifest.declared, partial(_near, names, manifest.address.host)))
    bound: Object = {}
    for name, value in manifest.declared.items():
        bound[name] = (try_link(names, value, manifest.address.host) or value) if isinstance(value, Ref) else value
    return natural_key(manifest.kind, bound if context is None else manifest.kind.knowing(bound, context))
