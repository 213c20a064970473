"""Sighting: what can be seen of each signal at its vendor, asked for one by one; and what a plan asks beside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from reconciler.engine.access import Access, dig, fill_path, fill_query
from reconciler.engine.claims import Claim, How, mark_of
from reconciler.engine.diff import from_ledger
from reconciler.engine.live import LiveObject, live_object, natural_key
from reconciler.engine.names import LookUpFailed
from reconciler.engine.reading import Reader, Where, World
from reconciler.engine.settle import Settled, judge, what_of
from reconciler.errors import Problem
from reconciler.http.exchange import Done, Json, Request
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.signal import Query, Seeing, Signal
from reconciler.kinds.tree import FromOutput, Link, Object, Secret, Tree
from reconciler.kinds.tree import replace as mapped
from reconciler.ledger.entries import Entry, Intent
from reconciler.manifest.project import Manifest

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hint:
    """What the ledger tells of a signal that is looked for: as `Seeing` has it."""

    marks: frozenset[str]
    since: datetime | None = None
    new: bool = False


@dataclass(repr=False)
class Sighting:
    """Looks for signals. `wanted` holds every address in Git."""

    access: Access
    world: World
    wanted: frozenset[str]

    async def read(self, by_place: Mapping[Where, list[Manifest]], where: Where) -> None:
        """Look for every signal of a kind that something may still come of, and settle who is who."""
        host, kind = where[0], self.access.kinds[where[1]]
        self.world.live.objects.setdefault(where, {})
        held = {one.address: self._held(one) for one in by_place[where]}
        await asyncio.gather(*(self._manifest(one, held[one.address][0]) for one in by_place[where]))
        moved = {old for _, old in held.values() if old}
        await asyncio.gather(*(self._left(kind, entry) for entry in self._leaving(host, kind, moved)))
        open_here = [one for one in self._open(host) if one.effect == "creates" and _kind_id(one.address) == kind.id]
        for settled in await asyncio.gather(*(self.settle(kind, intent) for intent in open_here)):
            self.world.settled[settled.intent.address] = settled
            if settled.entry is not None:
                self.world.entries[host][settled.entry.address] = settled.entry
                if settled.entry.address not in self.wanted:
                    await self._left(kind, settled.entry)
        self._claim(by_place[where])

    async def settle(self, kind: Kind, intent: Intent) -> Settled:
        """What an open sending came to, as far as looking tells."""
        what = what_of(intent)
        address = Address.parse(intent.address)
        assert address is not None
        if what.get("blind"):
            return Settled(intent, blind=True)
        tree = self._bound(from_ledger(what["entry"]["declared"] or what["payload"]), address.host)

        async def candidates() -> list[LiveObject]:
            if tree is None:
                return []
            hint = Hint(self._marks(address), since=datetime.fromisoformat(intent.at))
            found = await self.look(address.host, kind, tree, None, hint, fresh=True)
            return [one for one in found if one.id not in what["before"]]

        waited, pause = 0.0, min(0.5, kind.settles)
        while not (found := await candidates()) and waited < kind.settles:
            await self.access.clock.sleep(pause)
            waited += pause
            pause = min(pause * 2, max(kind.settles - waited, 0.1))
        return await judge(kind, intent, found, _whole)

    # ── one signal ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _manifest(self, manifest: Manifest, entry: Entry | None) -> None:
        signal = signal_of(manifest.kind)
        tree = self._bound(manifest.declared, manifest.address.host)
        if tree is None or (entry is not None and signal.over(tree) and signal.over(_last(entry))):
            return
        ident = manifest.metadata.id or (entry.id if entry and entry.id else None)
        hint = Hint(self._marks(manifest.address, manifest.metadata.was), new=self._is_new(manifest.address.host))
        found = await self.look(manifest.address.host, manifest.kind, tree, ident, hint)
        self.world.seen[str(manifest.address)] = found

    async def _left(self, kind: Kind, entry: Entry) -> None:
        address = Address.parse(entry.address)
        assert address is not None
        tree = self._bound(_last(entry), address.host)
        if tree is not None and not signal_of(kind).over(tree):
            hint = Hint(self._marks(address))
            self.world.seen[entry.address] = await self.look(address.host, kind, tree, entry.id or None, hint)

    def _marks(self, address: Address, was: str | None = None) -> frozenset[str]:
        """The marks that a signal may bear: under its address, and under the one it had before."""
        names = {address.name, was or address.name}
        return frozenset(mark_of(self.access.project.name, replace(address, name=name)) for name in names)

    def _is_new(self, host: str) -> bool:
        state = self.world.states.get(host)
        return state is not None and state.new

    async def look(
        self, host: str, kind: Kind, tree: Object, ident: str | None, hint: Hint, *, fresh: bool = False
    ) -> list[LiveObject]:
        """The live objects that this signal may be; usually one or none. Raises VendorError."""
        signal, context = signal_of(kind), self.access.context(host)
        seeing = Seeing(
            context, partial(self.known, host), partial(self._ident, host), hint.marks, hint.since, hint.new
        )
        for query in signal.queries(tree, ident, seeing):
            rows = await Questions(self.access, self.world).rows(host, query, fresh=fresh)
            found = signal.found(tree, ident, [row for row in rows if isinstance(row, dict)], seeing)
            objects = [self._object(host, kind, dict(raw)) for raw in found]
            if objects:
                return [one for near in objects if (one := await self._detailed(near)) is not None]
        return []

    def _object(self, host: str, kind: Kind, raw: Object) -> LiveObject:
        ident = signal_of(kind).ident(raw) or ""
        tree = kind.from_api(raw, self.access.context(host))
        known = {**raw, kind.place.id_at: ident}
        one = live_object(host, kind, known, tree, None, whole=not kind.place.detail)
        self.world.live.put(one)
        return one

    async def _detailed(self, one: LiveObject) -> LiveObject | None:
        return await Reader(self.access, self.world).detail(one)

    def known(self, host: str, leaf: Tree) -> Object | None:
        """The tree of the object that a leaf of a signal's means."""
        found = self._meant(host, leaf)
        return None if found is None else self._bound(found.tree, host)

    def _ident(self, host: str, leaf: Tree) -> str | None:
        found = self._meant(host, leaf)
        return None if found is None else found.id

    def _meant(self, host: str, leaf: Tree) -> LiveObject | None:
        match leaf:
            case Link(kind=kind, id=str() as ident):
                return self.world.live.get(host, kind, ident)
            case Secret(source=FromOutput(address=text)):
                address = Address.parse(text)
                return self._bearer(address) if address else None
            case _:
                return None

    def _bearer(self, address: Address) -> LiveObject | None:
        """The live object of an address: what its manifest claims, or what the ledger has where that left Git."""
        claim = self.world.claims.get(address)
        if claim is not None:
            return claim.live
        entry = self.world.entries.get(address.host, {}).get(str(address))
        return self.world.live.get(address.host, address.kind_id, entry.id) if entry else None

    def _bound(self, declared: Tree, host: str) -> Object | None:
        try:
            tree = self.world.names.bind(declared, host)
        except LookUpFailed:
            return None  # told where the manifest is decided on
        assert isinstance(tree, dict)
        return tree

    # ── who is who ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _held(self, manifest: Manifest) -> tuple[Entry | None, str | None]:
        """The ledger's entry of a signal, and the address it stands at where that is an old one. None where the
        manifest is bound to another one by now: what was said of that is not said of this."""
        entry, moved = self._recorded(manifest)
        bound_to = manifest.metadata.id
        another = entry is not None and bound_to is not None and entry.id not in ("", bound_to)
        return (None, None) if another else (entry, moved)

    def _recorded(self, manifest: Manifest) -> tuple[Entry | None, str | None]:
        address = manifest.address
        entries = self.world.entries.get(address.host, {})
        own = entries.get(str(address))
        if own is not None:
            return own, None
        was = manifest.metadata.was
        old = str(Address(address.vendor, address.account, address.kind, was)) if was else ""
        if old in entries and old not in self.wanted:
            return entries[old], old
        tree = self._bound(manifest.declared, address.host)
        key = natural_key(manifest.kind, tree) if tree is not None else None
        for text, entry in sorted(entries.items()):
            if key and entry.key == key and text not in self.wanted and _kind_id(text) == manifest.kind.id:
                return entry, text
        return None, None

    def _leaving(self, host: str, kind: Kind, moved: set[str]) -> list[Entry]:
        entries = self.world.entries.get(host, {})
        gone = [text for text in entries if text not in self.wanted and text not in moved]
        return [entries[text] for text in gone if _kind_id(text) == kind.id]

    def _open(self, host: str) -> tuple[Intent, ...]:
        state = self.world.states.get(host)
        return state.open if state else ()

    def _claim(self, manifests: Iterable[Manifest]) -> None:
        taken: dict[str, Manifest] = {}
        for manifest in manifests:
            entry, moved = self._held(manifest)
            found = self.world.seen.get(str(manifest.address), [])
            same = [one for one in found if entry is not None and one.id == entry.id] or found
            self._check(manifest, same, taken)
            live = same[0] if len(same) == 1 else None
            how: How = "none" if live is None else "id" if manifest.metadata.id else "ledger" if entry else "key"
            self.world.claims[manifest.address] = Claim(manifest, live, how, entry, moved)
            ident = live.id if live is not None else entry.id if entry is not None else ""
            if ident:
                self.world.names.claim(manifest.address, ident)

    def _check(self, manifest: Manifest, found: list[LiveObject], taken: dict[str, Manifest]) -> None:
        if manifest.metadata.id and not found and str(manifest.address) in self.world.seen:
            text = f'metadata.id: "{manifest.metadata.id}" is not live in {manifest.address.host} ({manifest.kind.id})'
            way = "take the id from the vendor, or remove metadata.id to have it sent"
            self.world.problems.append(Problem(text, manifest.place(), way))
        if len(found) > 1:
            ids = ", ".join(sorted(one.id for one in found))
            text = f"{manifest.address}: {len(found)} live ones may be meant (ids {ids})"
            way = f"say which one: metadata: {{id: {found[0].id}}}"
            self.world.problems.append(Problem(text, manifest.place(), way))
        for one in found if len(found) == 1 else ():
            other = taken.setdefault(one.id, manifest)
            if other is not manifest:
                text = f"{manifest.address} and {other.address} ({other.place()}) both mean {one.kind.id} id {one.id}"
                way = "one signal has one manifest: remove one, or tell them apart"
                self.world.problems.append(Problem(text, manifest.place(), way))


async def _whole(one: LiveObject) -> LiveObject | None:
    return one


def signal_of(kind: Kind) -> Signal:
    assert kind.signal is not None
    return kind.signal


def _last(entry: Entry) -> Object:
    tree = from_ledger(entry.declared)
    assert isinstance(tree, dict)
    return tree


def _kind_id(address: str) -> str:
    parsed = Address.parse(address)
    return parsed.kind_id if parsed else ""


# ── questions ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(repr=False)
class Questions:
    """Asks what a kind wants to know; the same question is asked once a run."""

    access: Access
    world: World

    async def rows(self, host: str, query: Query, *, fresh: bool = False) -> list[Json]:
        """The rows of the answer; none where the query names what is not there. Raises VendorError."""
        answer = await self.answer(host, query, fresh=fresh)
        return answer if isinstance(answer, list) else [] if answer is None else [answer]

    async def answer(self, host: str, query: Query, *, fresh: bool = False) -> Json:
        """What the answer holds under the envelope; None where there is no such thing. Raises VendorError."""
        values = dict(self.access.facts.get(host, {}))
        for name, leaf in query.params.items():
            value = leaf.id if isinstance(leaf, Link) else leaf
            if value is None:
                return None
            values[name] = str(value)
        path, pairs = fill_path(query.path, values), fill_query(query.path, values)
        body = mapped(query.body, lambda leaf: leaf.id if isinstance(leaf, Link) else leaf)
        key = (host, path, pairs, json.dumps(body, sort_keys=True), query.envelope)
        if fresh or key not in self.world.asked:
            self.world.asked[key] = asyncio.ensure_future(self._ask(host, query, path, pairs, body))
        return await self.world.asked[key]

    async def _ask(self, host: str, query: Query, path: str, pairs: Pairs, body: Any) -> Json:
        if not query.sole:
            return await self.access.pages(
                host, partial(_request, path, query.path, body), pairs, query.paging, query.envelope
            )
        outcome = await self.access.clients[host].send(_request(path, query.path, body, pairs))
        if isinstance(outcome, Done):
            told: Json = dig(outcome.reply.body, query.envelope)
            return told
        if outcome.fault.status in query.nothing:
            return None
        raise self.access.refused(host, outcome)


def _request(path: str, template: str, body: Any, pairs: Pairs) -> Request:
    if body is None:
        return Request("GET", path, pairs, template=template)
    given = {**body, **{name: int(value) if value.isdigit() else value for name, value in pairs}}
    return Request("POST", path, body=given, effect="reads", template=template)


async def ask_stakes(access: Access, world: World, leaving: Iterable[Entry]) -> None:
    """Ask what hangs on the live objects that are to be deleted. Raises VendorError."""

    async def one(entry: Entry) -> None:
        address = Address.parse(entry.address)
        stake = access.kinds[address.kind_id].stake if address and address.kind_id in access.kinds else None
        if address is None or stake is None or world.live.get(address.host, address.kind_id, entry.id) is None:
            return
        asked = (Questions(access, world).answer(address.host, query) for query in stake.queries(entry.id))
        world.stakes[entry.address] = tuple(await asyncio.gather(*asked))

    await asyncio.gather(*(one(entry) for entry in leaving))


async def inquire(access: Access, world: World, manifests: Iterable[Manifest]) -> None:
    """Ask what the manifests' kinds want to know beside. Raises VendorError."""

    async def one(manifest: Manifest) -> None:
        kind, host = manifest.kind, manifest.address.host
        assert kind.questions is not None
        try:
            tree = world.names.bind(manifest.declared, host)
        except LookUpFailed:
            return
        asked = kind.questions(tree, access.context(host)) if isinstance(tree, dict) else ()
        answers = await asyncio.gather(*(Questions(access, world).answer(host, query) for query in asked))
        world.answers[str(manifest.address)] = tuple(answers)

    asking = (one for one in manifests if one.kind.questions is not None and not _is_over(world, one))
    await asyncio.gather(*(one(manifest) for manifest in asking))


def _is_over(world: World, manifest: Manifest) -> bool:
    """Whether a signal was sent of which nothing more comes."""
    entry = world.entries.get(manifest.address.host, {}).get(str(manifest.address))
    signal = manifest.kind.signal
    return signal is not None and entry is not None and signal.over(_last(entry))
