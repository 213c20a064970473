"""The whole on one screen: `make_plan` reads and decides, `apply_plan` does what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from reconciler.engine import guards
from reconciler.engine.access import Access
from reconciler.engine.apply import Run
from reconciler.engine.change import NOT_DONE, Change, Write
from reconciler.engine.decide import decide
from reconciler.engine.doubt import doubts
from reconciler.engine.draft import Draft
from reconciler.engine.graph import all_steps
from reconciler.engine.guards import Limits
from reconciler.engine.live import Live
from reconciler.engine.names import Names
from reconciler.engine.obstacle import in_order
from reconciler.engine.plan import Facts, Plan
from reconciler.engine.reading import Where, World
from reconciler.engine.removal import hint_renames, remove
from reconciler.engine.result import Applied
from reconciler.engine.scope import Scope
from reconciler.engine.survey import survey
from reconciler.errors import ManifestError, Problem
from reconciler.kinds.address import Address
from reconciler.kinds.tree import FromOutput, Path, Ref, Secret, walk
from reconciler.ledger.entries import LedgerState
from reconciler.ledger.ledger import Held
from reconciler.manifest.project import Manifest, Project


@dataclass(frozen=True)
class Asked:
    """What a person asked of a plan. `whole` are kinds that are read with everything there is of them."""

    scope: Scope = field(default_factory=Scope)
    limits: Limits = field(default_factory=Limits)
    whole: frozenset[Where] = frozenset()


async def make_plan(access: Access, states: Mapping[str, LedgerState], asked: Asked) -> Plan:
    """Read every vendor the project needs and decide. Writes nothing anywhere.

    `states` are the ledgers by account. Raises ReconcilerError for claims that cannot stand.
    """
    began, spent = access.clock.monotonic(), access.spent
    wanted = {} if asked.limits.destroy else dict(access.project.manifests)
    world, draft = new_world(access, states, frozenset(wanted))
    chosen = [one for one in wanted.values() if _holds(asked.scope, one)]
    named = _with_needs(chosen, wanted)
    await survey(access, world, named, frozenset(str(address) for address in wanted), asked.scope, asked.whole)
    inside = {one.address for one in chosen}
    planned = [one for one in _in_order(named, wanted) if one.address in inside or _not_there(world, one)]
    for manifest in planned:
        decide(draft, manifest)
    remove(draft, asked.scope, frozenset(str(address) for address in wanted))
    changes, steps = in_order(draft)
    touched = {change.address for change in changes if isinstance(change, (Write, *NOT_DONE))}
    refusals = guards.refusals(access.project, world, changes, access.tenants, asked.limits)
    return Plan(
        changes=tuple(changes),
        order=steps,
        draft=draft,
        states=states,
        entries=world.entries,
        scope=asked.scope,
        destroy=asked.limits.destroy,
        facts=Facts(
            accounts=tuple(sorted(access.facts)),
            requests=access.spent - spent,
            seconds=access.clock.monotonic() - began,
            objects=len(planned),
            unchanged=len({one.address for one in planned} - touched),
            apart=len({str(one.address) for one in planned if one.address not in touched} & draft.apart),
            new_ledgers=tuple(sorted(host for host, state in states.items() if state.new)),
            holders={host: str(state.holder) for host, state in states.items() if state.holder},
            not_read=dict(world.live.failed),
            narrowed=asked.scope.describe(),
            not_planned=len(wanted) - len(planned),
        ),
        warnings=(*_told_of(access.project, planned, asked.scope), *draft.warnings, *hint_renames(draft)),
        notices=(*_notices(access), *draft.notes),
        missing=tuple(draft.missing),
        unknown=tuple(draft.unknown),
        refusals=tuple(refusals),
        needs_seal=any(_seals(change) for change in changes),
        refresh=tuple(draft.refresh),
        settled=tuple(world.settled.values()),
        doubts=tuple(doubts(access, world)),
        planned=tuple(sorted(planned, key=lambda one: one.address)),
    )


async def apply_plan(access: Access, plan: Plan, ledgers: Mapping[str, Held]) -> Applied:
    """Carry out the plan's steps; adds no change. What fails stops only what depends on it."""
    return await Run(access, plan, ledgers).go()


# ── parts of make_plan ──────────────────────────────────────────────────────────────────────────────────────────────


def _told_of(project: Project, planned: Sequence[Manifest], scope: Scope) -> Iterator[Problem]:
    """The project's warnings; of a narrowed plan not those about files in which nothing is planned."""
    others = {one.file for one in project.manifests.values()} - {one.file for one in planned} if scope.narrow else set()
    return (one for one in project.warnings if one.place is None or one.place.file not in others)


def new_world(access: Access, states: Mapping[str, LedgerState], wanted: frozenset[Address]) -> tuple[World, Draft]:
    """A world of which nothing is read yet, and the draft by which its secrets are known."""
    names = Names(
        Live(), access.kinds, wanted, lambda source: draft.secret(source), lambda part: draft.plain_output(part)
    )
    entries = {host: dict(state.entries) for host, state in states.items()}
    world = World(names.live, names, states, entries)
    draft = Draft(access, world)
    return world, draft


def _holds(scope: Scope, manifest: Manifest) -> bool:
    return scope.holds(manifest.address, manifest.file, manifest.metadata.labels)


def _not_there(world: World, manifest: Manifest) -> bool:
    claim = world.claims.get(manifest.address)
    return claim is None or claim.live is None


def needs_of(manifest: Manifest) -> set[Address]:
    """The manifests that this one refers to, in fields, secrets and text."""
    return {address for _, address in mentions(manifest)}


def mentions(manifest: Manifest) -> Iterator[tuple[Path, Address]]:
    """Every place that refers to a manifest, and which."""
    vendor, account = manifest.address.vendor, manifest.address.account
    for path, leaf in walk(manifest.declared):
        match leaf:
            case Ref(by="name", value=(name,)) if "/" in name:
                parsed = Address.parse(name)
            case Ref(by="name", kind=kind, value=(name,)):
                parsed = Address(kind.split("/")[0] or vendor, account, kind.split("/")[1], name)
            case FromOutput(address=text):
                parsed = Address.parse(text)
            case _:
                continue
        if parsed is not None:
            yield path, parsed


def _with_needs(chosen: list[Manifest], wanted: Mapping[Address, Manifest]) -> list[Manifest]:
    """The chosen and, through all their references, what they need."""
    found: dict[Address, Manifest] = {}
    line = list(chosen)
    while line:
        manifest = line.pop()
        if manifest.address not in found:
            found[manifest.address] = manifest
            line += [wanted[address] for address in needs_of(manifest) if address in wanted]
    return sorted(found.values(), key=lambda one: one.address)


def _in_order(manifests: list[Manifest], wanted: Mapping[Address, Manifest]) -> list[Manifest]:
    """What is referred to before what refers to it. Raises ManifestError for a cycle."""
    named = {one.address for one in manifests}
    sorter = TopologicalSorter({one.address: (needs_of(one) & named) - {one.address} for one in manifests})
    try:
        return [wanted[address] for address in sorter.static_order()]
    except CycleError as error:
        circle = error.args[1]
        names = " → ".join(str(address) for address in circle)
        raise ManifestError(
            f"these refer to each other in a circle: {names}",
            place=wanted[circle[0]].place(),
            way_out="take one of the references away",
        ) from None


def _seals(change: Change) -> bool:
    return isinstance(change, Write) and (
        change.once or any(isinstance(leaf, Secret) for step in all_steps(change) for _, leaf in walk(step.body))
    )


def _notices(access: Access) -> list[str]:
    read = [account.vendor for account in access.project.accounts.values() if account.host in access.facts]
    return sorted({vendor.notice for vendor in read if vendor.notice})
