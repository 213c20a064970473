"""Strays: what is live and nobody manages, and how much of each kind is managed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from reconciler.engine.claims import whose
from reconciler.engine.live import LiveObject
from reconciler.engine.plan import Plan
from reconciler.engine.reading import Where, kind_of


@dataclass(frozen=True)
class Stray:
    """A live object that no manifest and no ledger entry of ours means; `note`: whose it is, or that it is past."""

    host: str
    kind: str
    id: str
    label: Any
    note: str = ""


@dataclass(frozen=True)
class Coverage:
    """Of one kind in one account, how many objects are live and how many of them managed."""

    host: str
    kind: str
    managed: int
    live: int


def strays(plan: Plan, listed: frozenset[Where]) -> Iterator[Stray]:
    """Everything of the listed kinds that nobody manages here."""
    ownership = Ownership(plan)
    for one in _objects(plan, listed):
        if not ownership.ours(one):
            yield Stray(one.host, one.kind.id, one.id, one.label, ownership.note(one))


def coverage(plan: Plan, listed: frozenset[Where]) -> Iterator[Coverage]:
    """For every listed kind of which there is something."""
    ownership = Ownership(plan)
    every, ours = Counter[Where](), Counter[Where]()
    for one in _objects(plan, listed):
        where = (one.host, one.kind.id)
        every[where] += 1
        ours[where] += ownership.ours(one)
    for where in sorted(every):
        yield Coverage(*where, ours[where], every[where])


def _objects(plan: Plan, listed: frozenset[Where]) -> Iterator[LiveObject]:
    """What can have a manifest, by account and kind and then by name."""
    kinds = plan.draft.access.kinds
    for where in sorted(listed):
        if not kinds[where[1]].looked_up:
            objects = plan.draft.world.live.of(*where).values()
            yield from sorted(objects, key=lambda one: (one.key or (), one.id))


class Ownership:
    """Whose a live object is."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._world = plan, plan.draft.world

    @cached_property
    def _held(self) -> frozenset[tuple[str, str, str]]:
        """By account, path and id: an object may be seen as two kinds that stand in one place."""
        kinds, entries = self._plan.draft.access.kinds, self._world.entries
        rows = ((host, text, one) for host, some in entries.items() for text, one in some.items())
        held = [(host, kind_of(text), ident) for host, text, one in rows for ident in (one.id, *one.retiring)]
        known = [row for row in (*held, *self._world.names.owners) if row[1] in kinds]
        return frozenset((host, kinds[kind].place.item_path, ident) for host, kind, ident in known)

    def ours(self, one: LiveObject) -> bool:
        return (one.host, one.kind.place.item_path, one.id) in self._held

    def note(self, one: LiveObject) -> str:
        access, owner = self._plan.draft.access, whose(one.mark)
        other = access.siblings.get((one.host.partition("@")[0], one.kind.id, one.id))
        if other is not None:
            return f"of {other}"
        if owner is not None:
            return f"marked as {owner[1]} of {'this project' if owner[0] == access.project.name else owner[0]}"
        return "past" if one.kind.ends(one.tree, access.context(one.host)) else ""
