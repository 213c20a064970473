"""Harvest: what is live and nobody manages, as manifests that say so; what cannot be read or said is named."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from reconciler.engine.access import Access
from reconciler.engine.claims import whose
from reconciler.engine.live import Key, LiveObject
from reconciler.engine.naming import given, safe
from reconciler.engine.reading import Reader, Where, kind_of
from reconciler.engine.retelling import Retelling
from reconciler.engine.retold import Retold
from reconciler.engine.story import new_world
from reconciler.engine.survey import claim_all, level_of, with_parents
from reconciler.errors import Problem, ReconcilerError, UsageError, VendorError
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.ledger.entries import LedgerState
from reconciler.manifest.mistakes import did_you_mean


@dataclass(frozen=True)
class Wish:
    """What a person wants of one account: all of a kind, or with `name` one object, or one of several lists."""

    host: str
    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.host, self.kind.name, self.name)))


@dataclass(frozen=True)
class Harvest:
    """What came of the wishes: `retold` are manifests, `skipped` counts by reason what needs none.

    `alone` names what is there and cannot be said, `unread` what could not be read, `unlisted` the kinds that no list
    tells of.
    """

    retold: tuple[Retold, ...]
    skipped: Mapping[str, int]
    alone: tuple[Problem, ...]
    unread: tuple[Problem, ...]
    unlisted: tuple[Kind, ...]


async def harvest(access: Access, states: Mapping[str, LedgerState], wishes: Iterable[Wish]) -> Harvest:
    """Read what is wished for and what it refers to. Writes nothing anywhere; what one kind's list fails with is noted.

    Raises ReconcilerError for manifests whose claims cannot stand, UsageError for a name that nothing live has.
    """
    return await _Harvesting(access, states, tuple(dict.fromkeys(wishes))).run()


def can_be_listed(kind: Kind) -> bool:
    """Whether the vendor tells what there is of a kind, so that nobody need name it."""
    return kind.place.gathers is None and (kind.place.listed_at is None or bool(kind.place.list_of))


class _Harvesting:
    def __init__(self, access: Access, states: Mapping[str, LedgerState], wishes: tuple[Wish, ...]) -> None:
        self.access, self.wishes = access, wishes
        used = {wish.host for wish in wishes}
        states = {host: state for host, state in states.items() if host in used}
        self.wanted = frozenset(str(address) for address in access.project.manifests)
        self.world, _ = new_world(access, states, frozenset(access.project.manifests))
        self.unread: dict[Where, Problem] = {}
        self.named: dict[Wish, list[LiveObject]] = {}
        self.skipped: dict[str, int] = {}
        self.pieces: dict[tuple[str, str, str], str] = {}

    async def run(self) -> Harvest:
        places = with_parents(self.access, set(self._places()))
        await asyncio.gather(*(self._sign_in(places, host) for host in sorted({host for host, _ in places})))
        levels: dict[int, list[Where]] = {}
        for where in sorted(places - set(self.unread)):
            levels.setdefault(level_of(self.access, self.access.kinds[where[1]]), []).append(where)
        reader = Reader(self.access, self.world, frozenset(places))
        for level in sorted(levels):
            await self._read(reader, levels[level])
        if self.world.problems:
            raise ReconcilerError(problems=self.world.problems)
        for wish in self.wishes:
            if wish.name:
                self.named[wish] = await self._look(reader, wish)
        chosen = [one for one in self._chosen() if self._is_free(one)]
        whole = [one for one in await asyncio.gather(*(self._whole(reader, one) for one in chosen)) if one]
        whole.sort(key=lambda one: (level_of(self.access, one.kind), one.host, one.kind.id, one.key or (), one.id))
        entries = (Address.parse(text) for held in self.world.entries.values() for text in held)
        taken = [*self.access.project.manifests, *(address for address in entries if address is not None)]
        names = given(self.world.names, self.access.project.name, taken, whole)
        retelling = Retelling(self.access, self.world, zip(names, whole, strict=True))
        return Harvest(
            tuple(self._with_pieces(one) for one in retelling.run()),
            self.skipped,
            tuple(retelling.alone),
            tuple(dict.fromkeys(self.unread.values())),
            tuple(dict.fromkeys(wish.kind for wish in self.wishes if not wish.name and not can_be_listed(wish.kind))),
        )

    def _with_pieces(self, one: Retold) -> Retold:
        piece = self.pieces.get((one.address.host, one.kind.id, one.id))
        return one if piece is None else replace(one, left_out=(piece, *one.left_out))

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _places(self) -> Iterator[Where]:
        """What is wished for, and what that may refer to, so that ids turn into names."""
        for wish in self.wishes:
            yield wish.host, wish.kind.id
            for kind_id in _referred(wish.kind.shape):
                other = self.access.kinds[kind_id]
                if other.signal is None and not other.catalogue:
                    yield wish.host, kind_id

    async def _read(self, reader: Reader, here: list[Where]) -> None:
        manifests = self.access.project.manifests.values()
        mine = {where: [one for one in manifests if (one.address.host, one.kind.id) == where] for where in here}
        await self._noted(here, lambda where: reader.read(mine, where))
        for where in here:
            if where not in self.unread:
                claim_all(self.access, self.world, where, mine[where], self.wanted)

    async def _sign_in(self, places: Iterable[Where], host: str) -> None:
        try:
            await self.access.sign_in(host)
        except VendorError as error:
            self.unread |= {where: error.problems[0] for where in places if where[0] == host}

    async def _noted(self, places: Iterable[Where], do: Callable[[Where], Awaitable[None]]) -> None:
        """All at once; a place that fails is noted, and the others go on."""

        async def one(where: Where) -> None:
            try:
                await do(where)
            except VendorError as error:
                self.unread[where] = error.problems[0]

        await asyncio.gather(*(one(where) for where in places))

    async def _look(self, reader: Reader, wish: Wish) -> list[LiveObject]:
        """The live objects that a person named: by key, by id, or by the list they stand in. Raises UsageError."""
        where, kind = (wish.host, wish.kind.id), wish.kind
        if where in self.unread:
            return []
        live = self.world.live.of(*where)
        named = [one for one in live.values() if _is_called(one, wish.name)]
        for key in [] if named or kind.place.listed_at is None else _keys(wish.name):
            await self._noted([where], partial(self._list, reader, wish, key))
            live = self.world.live.of(*where)
            named = named or [one for one in live.values() if _begins(one, key)]
        if not named and where not in self.unread:
            known = sorted(str(one.label) for one in live.values() if one.label is not None)
            raise UsageError(f"{wish}: there is no such object", way_out=did_you_mean(wish.name, known, "there are"))
        return named

    async def _list(self, reader: Reader, wish: Wish, key: Key, where: Where) -> None:
        """Read the list in which a key stands, and again when it is known how to read that right."""
        at = wish.kind.place.listed_at
        found = at(key) if at is not None else None
        if found is None:
            return
        await reader.list_at(wish.host, wish.kind, [found])
        rows = list(self.world.live.of(*where).values())
        paths = {path for one in rows for path in wish.kind.beforehand(one.tree)}
        if paths:
            await asyncio.gather(*(self.access.learn(wish.host, path) for path in sorted(paths)))
            await reader.list_at(wish.host, wish.kind, [found])

    async def _whole(self, reader: Reader, one: LiveObject) -> LiveObject | None:
        """The object with what only further requests tell; as it is where those fail, None where it is gone."""
        try:
            return await reader.detail(one, {part.name for part in one.kind.place.parts})
        except VendorError as error:
            self.pieces[one.host, one.kind.id, one.id] = f"not all of it could be read: {error.problems[0].text}"
            return one

    # ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _chosen(self) -> list[LiveObject]:
        found: dict[tuple[str, str, str], LiveObject] = {}
        for wish in self.wishes:
            every = self.named[wish] if wish.name else self.world.live.of(wish.host, wish.kind.id).values()
            found |= {(one.host, one.kind.id, one.id): one for one in every}
        return list(found.values())

    def _is_free(self, one: LiveObject) -> bool:
        """Whether an object needs a manifest; what does not is counted by its reason."""
        why = self._taken(one)
        if why is not None:
            self.skipped[why] = self.skipped.get(why, 0) + 1
        return why is None

    @cached_property
    def held(self) -> frozenset[tuple[str, str, str]]:
        """What the ledgers hold, by account, kind and id."""
        entries = ((host, text, one) for host, held in self.world.entries.items() for text, one in held.items())
        return frozenset((host, kind_of(text), ident) for host, text, e in entries for ident in (e.id, *e.retiring))

    @cached_property
    def doubtful(self) -> frozenset[str]:
        return frozenset(ident for settled in self.world.settled.values() for ident in settled.doubtful)

    def _taken(self, one: LiveObject) -> str | None:
        owner, vendor = whose(one.mark), one.host.partition("@")[0]
        if (one.host, one.kind.id, one.id) in self.world.names.owners or (one.host, one.kind.id, one.id) in self.held:
            return "managed already"
        if owner is not None and owner[0] != self.access.project.name:
            return "of another project"
        if (vendor, one.kind.id, one.id) in self.access.siblings:
            return "of another environment"
        if one.id in self.doubtful:
            return "perhaps made by an interrupted run"
        return "past" if one.kind.ends(one.tree, self.access.context(one.host)) else None


def _keys(name: str) -> list[Key]:
    parts = tuple(name.split("/"))
    return [(name,)] if len(parts) == 1 else [(name,), parts]


def _is_called(one: LiveObject, name: str) -> bool:
    folded = one.kind.fold(name)
    return one.id == name or (one.key is not None and folded in ("/".join(one.key), one.key[-1], safe(one.key[-1])))


def _begins(one: LiveObject, key: Key) -> bool:
    """Whether an object bears the key, or stands in the list that it names."""
    return one.key is not None and one.key[: len(key)] == tuple(one.kind.fold(part) for part in key)


def _referred(shape: Shape) -> frozenset[str]:
    """The kinds that fields of a shape may refer to."""
    match shape:
        case Leaf(ref=ref):
            return frozenset() if ref is None else frozenset({ref.kind})
        case Record(fields=fields):
            return frozenset().union(*(_referred(one.shape) for one in fields.values()))
        case Variants(records=records, other=other):
            every = (*records.values(), *([other] if other else []))
            return frozenset().union(*(_referred(one) for one in every))
        case Map(item=item) | List(item=item):
            return _referred(item)
