"""Killed around any write, or with a write still on its way: nothing is lost, nothing doubled."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.ledger.entries import LedgerState, PutEntry, Record, fold
from reconciler.ledger.ledger import read, take
from reconciler.ledger.store import Store
from tests.ledger.stage import DEAD, PREFIX, Killed, SlowStore, StageStore, When, entry, killed_at, run
from tests.ledger.test_entries import RECORDS

Batches = list[list[Record]]
BATCHES: st.SearchStrategy[Batches] = st.lists(st.lists(RECORDS, min_size=1, max_size=3), max_size=3)
WHENS: st.SearchStrategy[When] = st.sampled_from(["before", "after"])


@dataclass(frozen=True)
class Life:
    """One run of a process: what it records, and around which of its writes it is killed (one that comes, or none)."""

    batches: Batches
    writes: int
    when: When


LIVES = st.lists(st.builds(Life, BATCHES, st.integers(0, 14), WHENS), min_size=1, max_size=4)


def bare(state: LedgerState) -> LedgerState:
    """The state without what depends on who reads it."""
    return replace(state, generation=0, holder=None)


async def live(store: Store, batches: Batches, acknowledged: list[Record]) -> None:
    held = await take(store, PREFIX, DEAD)
    for batch in batches:
        await held.record(*batch)
        acknowledged.extend(batch)
    await held.close()


def possible(before: LedgerState, batches: Batches, acknowledged: Sequence[Record]) -> list[LedgerState]:
    """What may stand after a life: what was acknowledged, and perhaps the batch that was on its way."""
    left = [records for records in batches if records]
    done, states = 0, [fold(before, acknowledged)]
    for records in left:
        if done == len(acknowledged):
            states.append(fold(states[0], records))
            break
        done += len(records)
    return states


@given(LIVES)
@settings(max_examples=60, deadline=None)
def test_a_kill_around_any_write_loses_nothing_and_doubles_nothing(lives: list[Life]) -> None:
    async def story() -> None:
        below, state = Store.memory(), LedgerState()
        for each in lives:
            acknowledged: list[Record] = []
            with contextlib.suppress(Killed):
                await live(StageStore(below, killed_at(each.writes, each.when)), each.batches, acknowledged)
            found = bare(await read(below, PREFIX))
            assert found in [bare(one) for one in possible(state, each.batches, acknowledged)]
            state = found
        held = await take(below, PREFIX, DEAD)
        assert bare(held.state) == state

    run(story())


class LateStore(StageStore):
    """A store where the write a process is killed at is still on its way: `arrive` brings it."""

    def __init__(self, below: Store, late: int) -> None:
        super().__init__(below, killed_at(late, "before"))
        self._late, self._on_its_way = late, (("", b""),)

    async def put(self, path: str, body: bytes) -> bool:
        if len(self.writes) == self._late:
            self._on_its_way = ((path, body),)
        return await super().put(path, body)

    async def arrive(self) -> None:
        for path, body in self._on_its_way:
            if path:
                await self._below.put(path, body)


@given(BATCHES, st.integers(0, 8), BATCHES, st.integers(0, 2))
@settings(max_examples=80, deadline=None)
def test_a_write_that_arrives_after_the_next_run_began_changes_nothing(
    first: Batches, late: int, second: Batches, moment: int
) -> None:
    async def story() -> None:
        below = Store.memory()
        acknowledged: list[Record] = []
        slow = LateStore(below, late)
        with contextlib.suppress(Killed):
            await live(slow, first, acknowledged)
        held = await take(below, PREFIX, DEAD)
        assert bare(held.state) == bare(fold(LedgerState(), acknowledged))
        arrivals = [slow.arrive] * 3
        for number, batch in enumerate(second):
            if number == moment:
                await arrivals.pop()()
            await held.record(*batch)
        await arrivals.pop()()
        assert bare(await read(below, PREFIX)) == bare(held.state)
        await held.close()
        await arrivals.pop()()
        assert bare(await read(below, PREFIX)) == bare(held.state)
        assert bare((await take(below, PREFIX, DEAD)).state) == bare(held.state)

    run(story())


def test_a_write_that_arrives_just_before_the_fence_is_read() -> None:
    async def story() -> None:
        below = Store.memory()
        slow = LateStore(below, 2)
        with contextlib.suppress(Killed):
            await live(slow, [[PutEntry(entry("a"))], [PutEntry(entry("b"))]], [])
        held = await take(SlowStore(below, "journal/", slow.arrive), PREFIX, DEAD)
        assert set(held.state.entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}
        assert bare(await read(below, PREFIX)) == bare(held.state)

    run(story())
