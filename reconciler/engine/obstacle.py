"""Obstacle: what stops a change and shows only when all of them are known: names that are taken, and circles."""

from __future__ import annotations

from reconciler.engine.change import Blocked, Change, Delete, Write
from reconciler.engine.draft import Draft
from reconciler.engine.graph import Cycle, Order, all_steps, needs, order, taken
from reconciler.engine.live import LiveObject
from reconciler.engine.names import links
from reconciler.engine.reading import World


def in_order(draft: Draft) -> tuple[list[Change], Order]:
    """The changes in the order of their steps; those that cannot be done, and what needs these, are blocked."""
    stopped = list(draft.changes)
    while found := _found(stopped, draft.world):
        stopped = [found.get(number, change) for number, change in enumerate(stopped)]
    steps = order(stopped)
    first: dict[int, int] = {}
    for place, (number, _) in enumerate(steps.line):
        first.setdefault(number, place)
    line = sorted(range(len(stopped)), key=lambda number: (first.get(number, len(steps.line)), number))
    ordered = [stopped[number] for number in line]
    return ordered, order(ordered)


def _found(changes: list[Change], world: World) -> dict[int, Blocked]:
    """Changes that cannot be done as these changes stand, by number; empty once there are none."""
    if names := taken(changes, world.live):
        return {number: _name_taken(changes[number], bearer) for number, bearer in names.items()}
    if waiting := _waiting(changes) or _still_used(changes, world):
        return waiting
    try:
        order(changes)
    except Cycle as cycle:
        return {number: _circle(changes, number, cycle.changes) for number in cycle.changes}
    return {}


def _waiting(changes: list[Change]) -> dict[int, Blocked]:
    """Changes that need what a blocked one would have made."""
    made = {str(one.address) for one in changes if isinstance(one, Write)}
    blocked = {str(one.address): one for one in changes if isinstance(one, Blocked) and str(one.address) not in made}
    found: dict[int, Blocked] = {}
    for number, change in enumerate(changes):
        for address in sorted({address for step in all_steps(change) for address in needs(step)} & set(blocked)):
            found[number] = _stopped(change, f"waits for {address}: {blocked[address].why}", "")
    return found


def _still_used(changes: list[Change], world: World) -> dict[int, Blocked]:
    """Deletions of what an object of ours refers to that is blocked, and so does not let go of it."""
    holders: dict[tuple[str, str, str], Blocked] = {}
    for change in changes:
        live = _kept(change, world) if isinstance(change, Blocked) else None
        if live is not None and isinstance(change, Blocked):
            for link in links(world.names.bind(live.tree, live.host)):
                holders[live.host, link.kind, link.id or ""] = change
    found: dict[int, Blocked] = {}
    for number, change in enumerate(changes):
        if isinstance(change, Delete) and change.live is not None:
            holder = holders.get((change.live.host, change.kind.id, change.live.id))
            if holder is not None:
                found[number] = _stopped(change, f"{holder.address} still refers to it: {holder.why}", "")
    return found


def _kept(change: Change, world: World) -> LiveObject | None:
    """The object that a blocked change leaves as it is: a manifest's, or one that was to be deleted."""
    claim, host = world.claims.get(change.address), change.address.host
    if claim is not None:
        return claim.live
    entry = world.entry(change.address, host)
    return world.live.get(host, change.kind.id, entry.id) if entry else None


def _name_taken(change: Change, bearer: LiveObject) -> Blocked:
    key = " / ".join(bearer.key or ())
    why = f'its name "{key}" is taken by id {bearer.id}, which keeps it'
    return _stopped(change, why, "write another name, or have that object renamed or deleted first")


def _circle(changes: list[Change], number: int, circle: frozenset[int]) -> Blocked:
    others = " and ".join(str(changes[other].address) for other in sorted(circle - {number}))
    why = f"it and {others} wait for each other, as when two objects change names"
    return _stopped(changes[number], why, "two commits: one with a name in between")


def _stopped(change: Change, why: str, way_out: str) -> Blocked:
    return Blocked(change.address, change.kind, change.place, change.fields, (), why, way_out)
