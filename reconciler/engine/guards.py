"""Guards: what a plan may not do without somebody saying so. Each gives the measured value, the limit, the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.engine.change import Change, Delete, Replace, Write
from reconciler.engine.reading import World
from reconciler.engine.sign_in import signs_in
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Project

GONE_PERCENT = 20
FEW = 3
ENOUGH = 10


@dataclass(frozen=True)
class Limits:
    """What one run was allowed beside the project's guards: `--max-deletes N`, and `destroy`."""

    max_deletes: int | None = None
    destroy: bool = False


def refusals(
    project: Project, world: World, changes: list[Change], tenants: Mapping[str, str], limits: Limits
) -> list[Problem]:
    """Every guard the plan runs into."""
    deletes: list[Write] = [change for change in changes if isinstance(change, Delete | Replace) and not _fresh(change)]
    found = list(_protected(project, changes))
    if not limits.destroy:
        found += _count(project, deletes, limits)
        for host in sorted({change.address.host for change in deletes}):
            found += _percent(project, world, host, deletes, limits)
            found += _empty(project, world, host)
    for host in sorted(world.entries):
        entries = _read(world, host)
        if host not in world.live.failed and entries:
            keys = signs_in(project.accounts[host])
            found += _tenant(world, host, entries, tenants, keys)
            found += _gone(world, host, entries, tenants, keys)
    return found


def _fresh(change: Write) -> bool:
    """Whether what goes was made by an interrupted run and never finished, so that nothing hangs on it."""
    return isinstance(change, Replace) and not change.fields


def _weight(change: Write) -> int:
    return 1 + (len(change.with_it) if isinstance(change, Delete) else 0)


def _count(project: Project, deletes: list[Write], limits: Limits) -> Iterator[Problem]:
    most = project.guards.max_deletes if limits.max_deletes is None else limits.max_deletes
    count = sum(_weight(change) for change in deletes)
    if count > most:
        yield Problem(
            f"the plan deletes {_objects(count)}, the limit is {most} (guards.max_deletes)",
            way_out=f"if that is meant: --max-deletes {count}, for this run",
        )


def _percent(project: Project, world: World, host: str, deletes: list[Write], limits: Limits) -> Iterator[Problem]:
    owned = len(_owned(world, host))
    count = sum(_weight(change) for change in deletes if change.address.host == host)
    most = project.guards.max_delete_percent
    if owned >= ENOUGH and limits.max_deletes is None and count * 100 > most * owned:
        share = -(-count * 1000 // owned) / 10  # rounded up: what is over the limit is never told as the limit
        yield Problem(
            f"the plan deletes {count} of the {owned} objects owned in {host}, {share:g} %, "
            f"the limit is {most} % (guards.max_delete_percent)",
            way_out=f"if that is meant: --max-deletes {count}, for this run",
        )


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"


def _empty(project: Project, world: World, host: str) -> Iterator[Problem]:
    wanted = any(address.host == host for address in project.manifests)
    owned = _owned(world, host)
    if not wanted and owned:
        yield Problem(
            f"no manifest is left for {host}, and the ledger holds {_objects(len(owned))} of it",
            way_out=f"if all of them shall go: reconciler destroy --account {host}",
        )


def _protected(project: Project, changes: list[Change]) -> Iterator[Problem]:
    for change in changes:
        if not isinstance(change, Delete | Replace) or (isinstance(change, Delete) and change.retiring):
            continue
        if _fresh(change):
            continue
        said = change.manifest.metadata.lifecycle.protect if change.manifest else None
        held = change.entry.protect if change.entry else False
        if said or (said is None and held) or (held and isinstance(change, Delete)):
            yield Problem(
                f"{change.address} is protected, and the plan would {change.word} it",
                change.place,
                "first apply it with metadata: {lifecycle: {protect: false}}, then remove it",
            )


def _tenant(
    world: World, host: str, entries: Mapping[str, Entry], tenants: Mapping[str, str], keys: str
) -> Iterator[Problem]:
    """The account must be the one the ledger was written for."""
    state = world.states.get(host)
    told = tenants.get(host)
    if state is not None and state.tenant is not None and told is not None:
        if state.tenant != told:
            yield Problem(
                f"{host} signs in to tenant {told}, the ledger was written for tenant {state.tenant}",
                way_out=f"check {keys}; a move to another tenant starts with a ledger of its own",
            )
        return
    live = [entry for entry in entries.values() if _is_live(world, host, entry)]
    if not live and len(entries) >= FEW:
        yield Problem(
            f"none of the {len(entries)} objects the ledger holds for {host} is live: is this another tenant?",
            way_out=f"check {keys}; if all were deleted there: reconciler ledger forget ADDRESS…",
        )


def _gone(
    world: World, host: str, entries: Mapping[str, Entry], tenants: Mapping[str, str], keys: str
) -> Iterator[Problem]:
    """Many objects gone at once look like a wrong token or region rather than like somebody's work."""
    owned = len(entries)
    count = sum(not _is_live(world, host, entry) for entry in entries.values())
    some = owned >= ENOUGH and GONE_PERCENT * owned < count * 100
    every = owned >= FEW and count == owned and host in tenants
    if every or (some and count < owned):
        yield Problem(
            f"{count} of the {owned} objects the ledger holds for {host} are gone, the limit is {GONE_PERCENT} %",
            way_out=f"does {keys} see the whole account? If they were deleted: reconciler ledger forget ADDRESS…",
        )


def _owned(world: World, host: str) -> dict[str, Entry]:
    """The account's entries, less those of signals: that one is not there any more is how they end."""
    kinds, entries = world.names.kinds, world.entries.get(host, {})
    parsed = {address: Address.parse(address) for address in entries}
    return {
        address: entry
        for address, entry in entries.items()
        if (where := parsed[address]) is None or where.kind_id not in kinds or kinds[where.kind_id].signal is None
    }


def _read(world: World, host: str) -> dict[str, Entry]:
    """The account's entries of kinds that were read: nothing can be said of the others. What an interrupted run was
    about to delete is not among them: that it is gone says nothing of the account."""
    state = world.states.get(host)
    leaving = {intent.address for intent in state.open if intent.effect == "deletes"} if state else set()
    entries = {address: entry for address, entry in _owned(world, host).items() if address not in leaving}
    kinds = {address: Address.parse(address) for address in entries}
    return {
        address: entry
        for address, entry in entries.items()
        if (parsed := kinds[address]) is not None and world.live.read(host, parsed.kind_id)
    }


def _is_live(world: World, host: str, entry: Entry) -> bool:
    address = Address.parse(entry.address)
    return address is not None and world.live.get(host, address.kind_id, entry.id) is not None
