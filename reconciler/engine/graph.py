"""Graph: which step waits for which. A write waits for what it newly names, a delete for whoever drops it last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from reconciler.engine.change import Change, Create, Delete, Replace, Reset, Update, Write
from reconciler.engine.live import Key, Live, LiveObject, natural_key
from reconciler.engine.names import links, sources
from reconciler.kinds.step import Step
from reconciler.kinds.tree import FromOutput, Link, Secret, Text, Tree, walk

StepId = tuple[int, int]


@dataclass(frozen=True)
class Order:
    """`waits[step]` are the steps that must be done before it; `line` is one order that keeps to that."""

    waits: Mapping[StepId, frozenset[StepId]] = field(default_factory=dict)
    line: tuple[StepId, ...] = ()


class Cycle(Exception):
    """Steps that wait for each other; `changes` are their changes' indices."""

    def __init__(self, changes: frozenset[int]) -> None:
        super().__init__("steps wait for each other")
        self.changes = changes


def all_steps(change: Change) -> tuple[Step, ...]:
    """Every step of a change in its own order."""
    match change:
        case Replace(delete_first=True):
            return (*change.removal, *change.steps)
        case Replace():
            return (*change.steps, *change.removal)
        case Write():
            return change.steps
        case _:
            return ()


def order(changes: Sequence[Change]) -> Order:
    """Raises Cycle."""
    graph = _Graph(changes)
    waits = graph.edges()
    sorter: TopologicalSorter[StepId] = TopologicalSorter(waits)
    try:
        line = tuple(sorter.static_order())
    except CycleError as error:
        raise Cycle(frozenset(step[0] for step in error.args[1])) from error
    return Order({step: frozenset(before) for step, before in waits.items()}, line)


class _Graph:
    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes
        self.steps = {number: all_steps(change) for number, change in enumerate(changes) if all_steps(change)}
        self.waits: dict[StepId, set[StepId]] = {
            (number, index): ({(number, index - 1)} if index else set())
            for number, steps in self.steps.items()
            for index in range(len(steps))
        }

    def edges(self) -> dict[StepId, set[StepId]]:
        self._for_what_is_named()
        self._for_the_last_reference()
        self._for_unique_keys()
        self._for_words()
        self._for_places()
        return self.waits

    # ── creations before what names them ────────────────────────────────────────────────────────────────────────────

    def _for_what_is_named(self) -> None:
        makers = {str(self.changes[number].address): self._maker(number) for number in self.steps}
        lookers = {str(self.changes[number].address): self._lookers(number) for number in self.steps}
        for number, steps in self.steps.items():
            for index, step in enumerate(steps):
                for address in needs(step):
                    maker = makers.get(address)
                    if maker is not None and maker[0] != number:
                        # What a signal names must be whole: an event that comes before its routes is lost.
                        whole = self.changes[number].kind.signal is not None
                        self.waits[number, index].add(self._finished(maker[0]) if whole else maker)
                for address in _outputs(step):
                    self.waits[number, index] |= {look for look in lookers.get(address, ()) if look[0] != number}

    def _maker(self, number: int) -> StepId | None:
        change = self.changes[number]
        if isinstance(change, Create) and change.kind.signal is not None:
            return (number, 0)  # whatever its effect, from then on it has an id
        for index, step in enumerate(self.steps[number]):
            if step.effect == "creates" or step.finds:
                return (number, index)
        return None

    def _finished(self, number: int) -> StepId:
        """The step after which a change's object is as Git has it."""
        change = self.changes[number]
        after = len(change.removal) if isinstance(change, Replace) and not change.delete_first else 0
        return (number, len(self.steps[number]) - 1 - after)

    def _lookers(self, number: int) -> list[StepId]:
        """The steps that learn what a change made beside its object."""
        looks = [step.effect == "reads" and not (step.finds or step.proves) for step in self.steps[number]]
        return [(number, index) for index, look in enumerate(looks) if look]

    # ── deletions after who refers to it ────────────────────────────────────────────────────────────────────────────

    def _for_the_last_reference(self) -> None:
        dropped, users = self._drops(), self._users_of_outputs()
        for number in self.steps:
            change = self.changes[number]
            if isinstance(change, Delete | Replace) and change.live is not None:
                first = self._first_removal(number)
                target = (change.address.host, change.kind.id, change.live.id)
                self.waits[first] |= {step for step in dropped.get(target, set()) if step[0] != number}
                self.waits[first] |= {step for step in users.get(str(change.address), set()) if step[0] != number}

    def _users_of_outputs(self) -> dict[str, set[StepId]]:
        """By address, deletions of what carries its output: a key is not taken from who still uses it."""
        found: dict[str, set[StepId]] = {}
        for number, steps in self.steps.items():
            change = self.changes[number]
            if isinstance(change, Delete) and change.entry is not None:
                for address in sources(change.entry.declared):
                    found.setdefault(address, set()).add((number, len(steps) - 1))
        return found

    def _first_removal(self, number: int) -> StepId:
        change = self.changes[number]
        created = len(change.steps) if isinstance(change, Replace) and not change.delete_first else 0
        return (number, created)

    def _drops(self) -> dict[tuple[str, str, str], set[StepId]]:
        """For each live object, the last steps of the changes that stop referring to it (or that are below it)."""
        found: dict[tuple[str, str, str], set[StepId]] = {}
        for number in self.steps:
            change = self.changes[number]
            if not isinstance(change, Update | Delete | Replace | Reset) or change.work.live is None:
                continue
            last = (number, len(self.steps[number]) - 1)
            # A body that goes out whole names what it keeps too, and the vendor must still know that.
            whole = isinstance(change, Delete | Replace) or change.kind.writes == "replace"
            kept = set() if whole else _ids(change.work.wanted)
            parent = change.kind.place.parent
            for ident in _ids(change.work.live) - kept:
                found.setdefault((change.address.host, *ident), set()).add(last)
            if parent and isinstance(link := change.work.live.get(parent), Link) and link.id:
                found.setdefault((change.address.host, link.kind, link.id), set()).add(last)
        return found

    # ── unique keys: released before taken ──────────────────────────────────────────────────────────────────────────

    def _for_unique_keys(self) -> None:
        releases: dict[tuple[str, str, Key], StepId] = {}
        for number in self.steps:
            change = self.changes[number]
            old, new = _keys(change)
            if old is not None and old != new:
                end = (number, len(self.steps[number]) - 1)
                releases[change.address.host, change.kind.id, old] = end
        for number in self.steps:
            change = self.changes[number]
            old, new = _keys(change)
            if new is not None and new != old and change.kind.unique:
                release = releases.get((change.address.host, change.kind.id, new))
                if release is not None and release[0] != number:
                    self.waits[number, 0].add(release)

    # ── words that kinds order their steps by ───────────────────────────────────────────────────────────────────────

    def _for_words(self) -> None:
        givers: dict[str, set[StepId]] = {}
        for step_id, step in self._every():
            for word in self._said(step_id, step.gives):
                givers.setdefault(word, set()).add(step_id)
        for step_id, step in self._every():
            for word in self._said(step_id, step.needs):
                self.waits[step_id] |= givers.get(word, set()) - {step_id}

    def _said(self, step_id: StepId, words: frozenset[str]) -> Iterator[str]:
        """The words of a step, with the id of its change's live object in the place of `{id}`."""
        change = self.changes[step_id[0]]
        live = change.live if isinstance(change, Write) else None
        return (word.replace("{id}", live.id if live else "") for word in words)

    # ── places in a list: from the first to the last ────────────────────────────────────────────────────────────────

    def _for_places(self) -> None:
        lines: dict[tuple[str, str, str], list[tuple[int, StepId]]] = {}
        for step_id, step in self._every():
            change = self.changes[step_id[0]]
            if step.moves and isinstance(change, Write):
                parent = change.work.wanted.get(change.kind.place.parent or "")
                below = parent.identity if isinstance(parent, Link) else ""
                number = change.work.wanted[change.kind.ranked or ""]
                lines.setdefault((change.address.host, change.kind.id, below), []).append((number, step_id))
        for line in lines.values():
            for (_, before), (_, after) in pairwise(sorted(line)):
                self.waits[after].add(before)

    def _every(self) -> Iterator[tuple[StepId, Step]]:
        for number, steps in self.steps.items():
            for index, step in enumerate(steps):
                yield (number, index), step


def taken(changes: Sequence[Change], live: Live) -> dict[int, LiveObject]:
    """By number, changes that take a unique key which a live object bears and no change releases."""
    released = {
        (change.kind.id, change.live.host, change.live.id)
        for change in changes
        if isinstance(change, Update | Replace | Delete) and change.live is not None
        if isinstance(change, Delete) or _keys(change)[0] != _keys(change)[1]
    }
    found: dict[int, LiveObject] = {}
    for number, change in enumerate(changes):
        old, new = _keys(change)
        if change.kind.unique and new is not None and new != old:
            for one in live.bearers(change.address.host, change.kind.id, new):
                if (one.kind.id, one.host, one.id) not in released:
                    found[number] = one
    return found


def _keys(change: Change) -> tuple[Key | None, Key | None]:
    match change:
        case Create():
            return None, natural_key(change.kind, change.work.wanted)
        case Delete():
            return (change.live.key if change.live else None), None
        case Update() | Replace():
            return (change.live.key if change.live else None), natural_key(change.kind, change.work.wanted)
        case _:
            return None, None


def _ids(tree: Tree) -> set[tuple[str, str]]:
    return {(link.kind, link.id) for link in links(tree) if link.id is not None}


def _outputs(step: Step) -> set[str]:
    """Addresses of the objects of which a step carries an output."""
    leaves = [leaf for _, leaf in walk(step.body)]
    return {leaf.source.address for leaf in leaves if isinstance(leaf, Secret) and isinstance(leaf.source, FromOutput)}


def needs(step: Step) -> set[str]:
    """Addresses of the objects that a step names and that are yet to be made, or whose new output it carries."""
    found: set[str] = set()
    for tree in (step.body, dict(step.params)):
        for _, leaf in walk(tree):
            match leaf:
                case Link(id=None, address=address) if address is not None:
                    found.add(str(address))
                case Secret(source=FromOutput(address=text), renewed=True):
                    found.add(text)
                case Text(parts=parts):
                    found |= {part.address for part in parts if isinstance(part, FromOutput)}
                case _:
                    pass
    return found
