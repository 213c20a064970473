"""Who may write: leases are taken, renewed and lost as the design says, on a clock that the tests move."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from reconciler.errors import LeaseHeld, LeaseLost, LedgerError
from reconciler.ledger.clock import instant
from reconciler.ledger.entries import PutEntry
from reconciler.ledger.holder import Holder
from reconciler.ledger.lease import TTL
from reconciler.ledger.ledger import read, take
from reconciler.ledger.store import Store
from tests.ledger.stage import (
    ANNA,
    BERT,
    DEAD,
    PREFIX,
    SlowStore,
    StageClock,
    StageStore,
    entry,
    failing,
    hung,
    run,
    stage,
)


def test_of_two_appliers_the_second_is_told_who_holds_the_lease_and_since_when() -> None:
    async def story() -> None:
        store, clock = stage()
        await take(store, PREFIX, ANNA, clock)
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL / 6 + 2)
        with pytest.raises(LeaseHeld, match=r"anna on build-1 \(process 11\) since 2026-03-01T09:30:00Z") as refusal:
            await second
        assert "reconciler ledger unlock" in str(refusal.value)

    run(story())


def test_two_appliers_that_start_together_never_both_go_on() -> None:
    async def story() -> None:
        store, clock = stage()
        both = [asyncio.create_task(take(store, PREFIX, holder, clock)) for holder in (ANNA, BERT)]
        await clock.advance(TTL)
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Held", "LeaseHeld"]

    run(story())


def test_a_released_lease_is_taken_without_waiting() -> None:
    async def story() -> None:
        store, clock = stage()
        await (await take(store, PREFIX, ANNA, clock)).close()
        assert (await take(store, PREFIX, BERT, clock)).state.generation == 2
        assert clock.slept == 0

    run(story())


def test_a_holder_that_died_elsewhere_is_replaced_after_the_ttl_and_not_before() -> None:
    async def story() -> None:
        store, clock = stage()
        await hung(clock, await take(store, PREFIX, ANNA, clock))
        waited: list[tuple[str, Holder]] = []
        second = asyncio.create_task(
            take(store, PREFIX, BERT, clock, on_wait=lambda prefix, holder: waited.append((prefix, holder)))
        )
        await clock.advance(TTL - 1)
        assert not second.done()
        assert waited == [(PREFIX, ANNA)]
        await clock.advance(3)
        assert (await second).state.generation == 2

    run(story())


def test_a_holder_that_hung_and_was_replaced_writes_nothing_when_it_wakes() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        await first.record(PutEntry(entry("a")))
        await hung(clock, first)
        assert first.may_write()
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL / 2)
        assert not first.may_write()
        await clock.advance(TTL)
        with pytest.raises(LeaseLost):
            await first.record(PutEntry(entry("late")))
        with pytest.raises(LedgerError):
            await first.record(PutEntry(entry("later")))
        await first.close()
        assert set((await second).state.entries) == {"opsgenie/Team/a"}
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a"}
        assert (await read(store, PREFIX)).holder == BERT

    run(story())


def test_a_holder_that_wakes_after_its_successor_ended_and_cleared_away_is_lost_too() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        await first.record(PutEntry(entry("a")))
        await hung(clock, first)
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL + 3)
        await (await second).record(PutEntry(entry("b")))
        await (await second).close()
        with pytest.raises(LeaseLost):
            await first.record(PutEntry(entry("late")))
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}

    run(story())


def test_a_holder_that_hung_over_a_write_is_not_told_that_it_succeeded() -> None:
    async def story() -> None:
        async def meanwhile() -> None:
            first._keeper.cancel()
            clock.hang(TTL * 2)
            second = await take(store, PREFIX, BERT, clock)
            await second.record(PutEntry(entry("b")))
            await second.close()

        store, clock = stage()
        first = await take(SlowStore(store, "journal/", meanwhile), PREFIX, DEAD, clock)
        with pytest.raises(LeaseLost):
            await first.record(PutEntry(entry("late")))
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/b"}

    run(story())


def test_a_taker_that_hung_over_its_first_write_does_not_hold_an_old_generation() -> None:
    async def story() -> None:
        async def meanwhile() -> None:
            for name in ("a", "b"):
                held = await take(store, PREFIX, BERT, clock)
                await held.record(PutEntry(entry(name)))
                await held.close()

        store, clock = stage()
        held = await take(SlowStore(store, "lease/", meanwhile), PREFIX, ANNA, clock)
        assert held.state.generation == 3
        assert set(held.state.entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}

    run(story())


def test_a_holder_that_hung_and_was_not_replaced_proves_its_lease_and_goes_on() -> None:
    async def story() -> None:
        store, clock = stage()
        held = await take(store, PREFIX, ANNA, clock)
        clock.hang(TTL * 3)
        assert not held.may_write()
        await held.record(PutEntry(entry("a")))
        assert held.may_write()
        await held.close()
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a"}

    run(story())


def test_a_holder_that_renews_in_the_last_moment_keeps_its_lease() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        await hung(clock, first)
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL - 1)
        await first.record()
        await clock.advance(5)
        with pytest.raises(LeaseHeld):
            await second
        await first.record(PutEntry(entry("a")))

    run(story())


def test_a_long_run_keeps_its_lease_and_leaves_few_slots() -> None:
    async def story() -> None:
        store, clock = stage()
        held = await take(store, PREFIX, ANNA, clock)
        for _ in range(20):
            await clock.advance(TTL)
            assert held.may_write()
        assert len([path for path in await store.list(PREFIX) if "/lease/" in path]) == 1

    run(story())


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_wall_clock_wrong_by_an_hour_changes_nothing(hours: int) -> None:
    async def story() -> None:
        store, clock = stage()
        clock.wall = timedelta(hours=hours)
        first = await take(store, PREFIX, Holder("anna", "build-1", 11, instant(clock)), clock)
        clock.wall = timedelta()
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL)
        with pytest.raises(LeaseHeld, match=r"since 2026-03-01T(08|10):30:00Z"):
            await second
        await hung(clock, first)
        third = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL - 1)
        assert not third.done()
        await clock.advance(3)
        assert (await third).may_write()

    run(story())


def test_a_store_that_fails_for_a_while_stops_the_writes_and_lets_them_go_on_after() -> None:
    async def story() -> None:
        down = [False]

        def on_write(number: int, path: str, when: str) -> None:
            if down[0] and when == "before":
                raise LedgerError("cannot write the ledger: 503 Slow Down")

        store = StageStore(Store.memory(), on_write)
        clock = StageClock(store)
        held = await take(store, PREFIX, ANNA, clock)
        down[0] = True
        await clock.advance(TTL)
        assert not held.may_write()
        down[0] = False
        await clock.advance(TTL / 6)
        assert held.may_write()

    run(story())


def test_a_renewal_that_was_written_and_answered_503_counts_from_its_first_attempt() -> None:
    async def story() -> None:
        store = StageStore(Store.memory())
        clock = StageClock(store)
        held = await take(store, PREFIX, ANNA, clock)
        blind = StageStore(store, failing("lease/", when="after"))
        held._lease._shelf._store = blind
        blind.unreadable = "lease/"
        await clock.advance(TTL / 6)
        assert any(path.endswith("lease/000001-000001") for path in await store.list(PREFIX))
        held._lease._shelf._store = store
        await clock.advance(TTL / 6)
        clock.hang(TTL / 3 - 0.1)
        assert held.may_write()
        clock.hang(0.2)
        assert not held.may_write()

    run(story())


def test_a_lease_is_released_behind_a_renewal_that_arrived_without_anybody_knowing() -> None:
    async def story() -> None:
        store, clock = stage()
        blind = StageStore(store)
        held = await take(blind, PREFIX, ANNA, clock)
        blind._on_write, blind.unreadable = failing("lease/", when="after"), "lease/"
        await clock.advance(TTL / 6)
        blind._on_write, blind.unreadable = lambda number, path, when: None, None
        await held.close()
        assert (await read(store, PREFIX)).holder is None

    run(story())


def test_a_lost_holder_that_only_ends_writes_nothing() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        await first.record(PutEntry(entry("a")))
        await hung(clock, first)
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL + 3)
        await second
        before = sorted(await store.list(PREFIX))
        await first.close()
        assert sorted(await store.list(PREFIX)) == before

    run(story())


def test_a_lease_that_lost_its_content_with_the_power_is_watched_like_any_other() -> None:
    async def story() -> None:
        store, clock = stage()
        await store.put(f"{PREFIX}/lease/000001-000000", b"")
        taking = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL + 3)
        assert (await taking).state.generation == 2

    run(story())
