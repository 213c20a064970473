"""Survey: reads every kind a plan needs, parents before children, and settles who is who as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar

from reconciler.engine.access import Access
from reconciler.engine.claims import Claim, Register
from reconciler.engine.reading import Reader, Where, World, kind_of, parent_kind, wanted_key
from reconciler.engine.scope import Scope
from reconciler.engine.sighting import Sighting, ask_stakes, inquire
from reconciler.errors import Problem, ReconcilerError, VendorError
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Ref, walk
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Manifest

T = TypeVar("T")


async def survey(
    access: Access,
    world: World,
    manifests: list[Manifest],
    wanted: frozenset[str],
    scope: Scope,
    whole: frozenset[Where] = frozenset(),
) -> None:
    """Fill the world for these manifests and for the ledger's entries in scope. `wanted` holds every address in Git.

    Of the kinds that are `whole` everything there is is listed, below every parent.

    Raises ReconcilerError with every claim that cannot stand. An account that cannot be read is noted, not raised.
    """
    places = with_parents(access, _places(access, world, manifests, scope) | whole)
    await _each(world, sorted({host for host, _ in places}), access.sign_in)
    levels: dict[int, list[Where]] = {}
    for host, kind_id in places:
        levels.setdefault(level_of(access, access.kinds[kind_id]), []).append((host, kind_id))
    for level in sorted(levels):
        here = [(host, kind) for host, kind in sorted(levels[level]) if host not in world.live.failed]
        mine = {where: [one for one in manifests if (one.address.host, one.kind.id) == where] for where in here}
        signals = [where for where in here if access.kinds[where[1]].signal is not None]
        await _each(world, signals, partial(Sighting(access, world, wanted).read, mine), key=_host)
        here = [where for where in here if where not in signals]
        reader = Reader(access, world, whole)
        await _each(world, here, partial(reader.read, mine), key=_host)
        for where in here:
            if where[0] not in world.live.failed:
                claim_all(access, world, where, mine[where], wanted)
        await _each(world, here, partial(reader.details, mine), key=_host)
    world.problems += _one_object_of_two_kinds(world)
    asking = sorted({one.address.host for one in manifests if one.kind.questions} - set(world.live.failed))
    by_host = {host: [one for one in manifests if one.address.host == host] for host in asking}
    await _each(world, asking, lambda host: inquire(access, world, by_host[host]))
    going = _leaving(world, wanted, scope)
    await _each(world, sorted(set(going) - set(world.live.failed)), lambda host: ask_stakes(access, world, going[host]))
    if world.problems:
        raise ReconcilerError(problems=world.problems)


def _leaving(world: World, wanted: frozenset[str], scope: Scope) -> dict[str, list[Entry]]:
    """By account, the entries in scope that no manifest wants any more."""
    moved = {claim.moved_from for claim in world.claims.values() if claim.moved_from}
    found: dict[str, list[Entry]] = {}
    for host, entries in world.entries.items():
        for text, entry in entries.items():
            held = Address.parse(text)
            gone = text not in wanted and text not in moved
            if gone and held is not None and scope.holds(held, entry.file, entry.labels):
                found.setdefault(host, []).append(entry)
    return found


def _one_object_of_two_kinds(world: World) -> list[Problem]:
    """Claims of manifests of different kinds whose objects stand in one place, and that mean the same one."""
    first: dict[tuple[str, str, str], Claim] = {}
    found = []
    for claim in world.claims.values():
        if claim.live is None:
            continue
        other = first.setdefault((claim.live.host, claim.live.kind.place.item_path, claim.live.id), claim)
        if other.manifest.kind is not claim.manifest.kind:
            one, two = other.manifest, claim.manifest
            what = f"{two.address} and {one.address} ({one.place()}) both mean id {claim.live.id}"
            found.append(Problem(what, two.place(), "one object has one manifest: remove one of the two"))
    return found


def _host(where: Where) -> str:
    return where[0]


async def _each(
    world: World, things: Iterable[T], do: Callable[[T], Awaitable[None]], key: Callable[[T], str] = str
) -> None:
    """All at once; what fails at its vendor marks the account, and the others go on."""

    async def one(thing: T) -> None:
        try:
            await do(thing)
        except VendorError as error:
            world.live.failed.setdefault(key(thing), error.problems[0])

    await asyncio.gather(*(one(thing) for thing in things))


# ── which kinds, in which order ─────────────────────────────────────────────────────────────────────────────────────


LAST = 1_000  # further than any chain of parents is long


def level_of(access: Access, kind: Kind) -> int:
    """How many kinds of an account are read before this one, at the least."""
    if kind.signal is not None:  # whatever it refers to is read before it
        return LAST
    parent = parent_kind(access, kind)
    before = [access.kinds[one] for one in kind.place.after] + ([parent] if parent else [])
    return 1 + max((level_of(access, one) for one in before), default=-1)


def _places(access: Access, world: World, manifests: list[Manifest], scope: Scope) -> set[Where]:
    """The kinds to list: what is wanted, what the ledger holds or may come to hold, what references look up."""
    places: set[Where] = {(one.address.host, one.kind.id) for one in manifests}
    for manifest in manifests:
        for _, leaf in walk(manifest.declared):
            if isinstance(leaf, Ref):
                host = world.names.host_of(leaf, manifest.address.host)
                if host in access.project.accounts and leaf.kind in access.kinds:
                    places.add((host, leaf.kind))
    for host, entries in world.entries.items():
        for entry in entries.values():
            held = Address.parse(entry.address)
            if held is not None and held.kind_id in access.kinds and scope.holds(held, entry.file, entry.labels):
                places.add((host, held.kind_id))
    return places | _in_doubt(access, world, scope)


def _in_doubt(access: Access, world: World, scope: Scope) -> set[Where]:
    """The kinds of which an interrupted run may have made one, though nothing else asks for them."""
    made = [one.address for state in world.states.values() for one in state.open if one.effect == "creates"]
    found = [address for text in made if (address := Address.parse(text)) is not None]
    return {(one.host, one.kind_id) for one in found if one.kind_id in access.kinds and scope.holds(one, "", {})}


def with_parents(access: Access, places: set[Where]) -> set[Where]:
    """The places, those of the kinds they stand below, and those that come with them for nothing."""
    for host, kind_id in list(places):
        parent = parent_kind(access, access.kinds[kind_id])
        while parent is not None:
            places.add((host, parent.id))
            parent = parent_kind(access, parent)
    used = {kind_id.partition("/")[0] for _, kind_id in places}
    inner = [kind for vendor in used for kind in access.kinds.of(vendor).values() if kind.place.within]
    owners = {kind.id: parent_kind(access, kind) for kind in inner}
    return places | {(host, kind) for kind, one in owners.items() for host, owner in places if one and owner == one.id}


# ── claims ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def claim_all(access: Access, world: World, where: Where, manifests: list[Manifest], wanted: frozenset[str]) -> None:
    """Settle which objects of one kind in one account these manifests mean."""
    host, kind = where[0], access.kinds[where[1]]
    entries = {a: entry for a, entry in world.entries.get(host, {}).items() if kind_of(a) == kind.id}
    keys = {one.address: wanted_key(world.names, one, access.context(host)) for one in manifests}
    doubtful = frozenset(address for address, one in world.settled.items() if one.doubtful)
    register = Register(kind, host, access.project.name, manifests, entries, world.live, keys, wanted, doubtful)
    register.siblings = access.siblings
    claims, problems = register.claims()
    world.problems += problems
    for claim in claims:
        world.claims[claim.manifest.address] = claim
        if claim.live is not None and claim.blocked is None:
            world.names.claim(claim.manifest.address, claim.live.id)
