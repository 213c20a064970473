"""Taking several ledgers, unlocking one, and what a reader is shown of a lease."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.errors import LeaseHeld, LeaseLost
from reconciler.ledger.entries import PutEntry
from reconciler.ledger.lease import TTL
from reconciler.ledger.ledger import Held, read, take, take_all, unlock
from reconciler.ledger.store import Store
from tests.ledger.stage import (
    ANNA,
    BERT,
    DEAD,
    PREFIX,
    StageStore,
    entry,
    hung,
    run,
    stage,
)

OTHER = "payments/wallarm@default"


class Vanishing(StageStore):
    """A store where a lease's slot is renewed and cleared away just before it is read for the first time."""

    held: Held | None = None

    async def get(self, path: str) -> bytes | None:
        if self.held and "/lease/" in path:
            held, self.held = self.held, None
            await held._lease.renew()
        return await super().get(path)


def test_a_lease_renewed_between_listing_and_reading_is_still_seen() -> None:
    async def story() -> None:
        store, clock = stage()
        vanishing = Vanishing(store)
        vanishing.held = await take(store, PREFIX, ANNA, clock)
        assert (await read(vanishing, PREFIX)).holder == ANNA

    run(story())


def test_unlock_ends_the_lease_and_the_holder_learns_of_it() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        assert await unlock(store, PREFIX, BERT) == ANNA
        assert await unlock(store, PREFIX, BERT) is None
        second = await take(store, PREFIX, BERT, clock)
        assert clock.slept == 0
        with pytest.raises(LeaseLost):
            await first.record(PutEntry(entry("late")))
        assert not first.may_write()
        await second.record(PutEntry(entry("a")))
        await clock.advance(TTL)
        assert second.may_write()

    run(story())


def test_a_lease_unlocked_under_a_living_holder_is_noticed_by_its_next_renewal() -> None:
    async def story() -> None:
        store, clock = stage()
        first = await take(store, PREFIX, ANNA, clock)
        await unlock(store, PREFIX, BERT)
        await clock.advance(TTL / 6)
        assert not first.may_write()

    run(story())


def test_nothing_is_unlocked_where_nothing_is_held() -> None:
    assert run(unlock(Store.memory(), PREFIX, ANNA)) is None


def test_what_was_taken_is_released_when_a_later_ledger_is_held() -> None:
    async def story() -> None:
        store, clock = stage()
        await take(store, OTHER, ANNA, clock)
        both = asyncio.create_task(take_all(store, [OTHER, PREFIX], BERT, clock))
        await clock.advance(TTL)
        with pytest.raises(LeaseHeld, match=OTHER):
            await both
        assert (await read(store, PREFIX)).holder is None

    run(story())


def test_a_ledger_taken_by_another_between_look_and_take_releases_those_before_it() -> None:
    async def story() -> None:
        store, clock = stage()
        quicker = StageStore(store)

        def on_write(number: int, path: str, when: str) -> None:
            if when == "after" and path.startswith(PREFIX) and not quicker.writes:
                rival.append(asyncio.ensure_future(take(quicker, OTHER, ANNA, clock)))

        rival: list[asyncio.Future[Held]] = []
        slow = StageStore(store, on_write)
        both = asyncio.create_task(take_all(slow, [OTHER, PREFIX], BERT, clock))
        await clock.advance(TTL)
        with pytest.raises(LeaseHeld, match=OTHER):
            await both
        assert (await rival[0]).may_write()
        assert (await read(store, PREFIX)).holder is None

    run(story())


def test_several_dead_holders_are_waited_for_at_once() -> None:
    async def story() -> None:
        store, clock = stage()
        for prefix in (PREFIX, OTHER):
            await hung(clock, await take(store, prefix, ANNA, clock))
        both = asyncio.create_task(take_all(store, [OTHER, PREFIX], BERT, clock))
        await clock.advance(TTL + 3)
        assert list(await both) == [PREFIX, OTHER]

    run(story())


def test_reading_shows_a_holder_and_hides_a_dead_one() -> None:
    async def story() -> None:
        store, clock = stage()
        assert (await read(store, PREFIX)).holder is None
        held = await take(store, PREFIX, ANNA, clock)
        assert (await read(store, PREFIX)).holder == ANNA
        await held.close()
        assert (await read(store, PREFIX)).holder is None
        await hung(clock, await take(store, PREFIX, DEAD, clock))
        assert (await read(store, PREFIX)).holder is None

    run(story())
