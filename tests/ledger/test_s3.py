"""The ledger in a bucket: the same behaviour over HTTP, against an S3 on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.errors import LeaseHeld, LeaseLost, LedgerError
from reconciler.ledger.entries import PutEntry
from reconciler.ledger.lease import TTL
from reconciler.ledger.ledger import read, take
from reconciler.ledger.store import Store
from tests.ledger.conftest import LosingProxy
from tests.ledger.stage import ANNA, BERT, PREFIX, StageClock, StageStore, entry, run, stage


def at_s3(bucket: str) -> tuple[StageStore, StageClock]:
    return stage(Store.open(f"s3://{bucket}/of/payments", Path()))


def test_what_is_recorded_in_a_bucket_is_read_back(bucket: str) -> None:
    async def story() -> None:
        store, clock = at_s3(bucket)
        assert (await read(store, PREFIX)).new
        held = await take(store, PREFIX, ANNA, clock)
        await asyncio.gather(*(held.record(PutEntry(entry(str(number)))) for number in range(20)))
        assert len((await read(store, PREFIX)).entries) == 20
        await held.close()
        assert (await read(store, PREFIX)).entries == held.state.entries
        assert sorted(await store.list(PREFIX)) == [f"{PREFIX}/lease/000001-000001", f"{PREFIX}/snapshot/000001-000000"]

    run(story())


def test_an_object_in_a_bucket_is_created_once(bucket: str) -> None:
    async def story() -> None:
        store = Store.open(f"s3://{bucket}", Path())
        outcomes = await asyncio.gather(*(store.put("a/b@c", str(number).encode()) for number in range(8)))
        assert sorted(outcomes) == [False] * 7 + [True]
        assert await store.get("a/b@c") == str(outcomes.index(True)).encode()

    run(story())


def test_of_two_appliers_at_once_exactly_one_goes_on(bucket: str) -> None:
    async def story() -> None:
        store, clock = at_s3(bucket)
        both = [asyncio.create_task(take(store, PREFIX, holder, clock)) for holder in (ANNA, BERT)]
        await clock.advance(TTL)
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, LeaseHeld)]
        (held,) = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        winner = (await read(store, PREFIX)).holder
        assert winner is not None
        assert f"{winner} since {winner.since}" in str(refusal)
        assert held.may_write()

    run(story())


def test_a_holder_in_a_bucket_that_died_is_replaced(bucket: str) -> None:
    async def story() -> None:
        store, clock = at_s3(bucket)
        first = await take(store, PREFIX, ANNA, clock)
        await first.record(PutEntry(entry("a")))
        first._keeper.cancel()
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL - 1)
        assert not second.done()
        await clock.advance(3)
        assert set((await second).state.entries) == {"opsgenie/Team/a"}

    run(story())


def test_a_holder_in_a_bucket_that_hangs_and_wakes_up_writes_nothing(bucket: str) -> None:
    async def story() -> None:
        store, clock = at_s3(bucket)
        first = await take(store, PREFIX, ANNA, clock)
        first._keeper.cancel()
        second = asyncio.create_task(take(store, PREFIX, BERT, clock))
        await clock.advance(TTL + 3)
        await (await second).record(PutEntry(entry("a")))
        assert not first.may_write()
        with pytest.raises(LeaseLost):
            await first.record(PutEntry(entry("late")))
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a"}

    run(story())


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_wrong_by_an_hour_neither_frees_nor_keeps_a_lease(bucket: str, hours: int) -> None:
    async def story() -> None:
        store, clock = at_s3(bucket)
        first = await take(store, PREFIX, ANNA, clock)
        wrong = StageClock(store)
        wrong.wall = timedelta(hours=hours)
        second = asyncio.create_task(take(store, PREFIX, BERT, wrong))
        await wrong.advance(TTL / 2)
        await clock.advance(TTL / 6)
        await wrong.advance(TTL / 15)
        with pytest.raises(LeaseHeld):
            await second
        first._keeper.cancel()
        third = asyncio.create_task(take(store, PREFIX, BERT, wrong))
        await wrong.advance(TTL + 3)
        assert (await third).may_write()

    run(story())


@pytest.mark.parametrize("lost", [1, 3])
def test_an_s3_that_answers_503_after_the_write_has_written(lost: int, bucket: str, losing_proxy: LosingProxy) -> None:
    async def story() -> None:
        store = Store.open(f"s3://{bucket}/x", Path())
        losing_proxy.to_lose = lost
        held = await take(store, PREFIX, ANNA)
        losing_proxy.to_lose = lost
        await held.record(PutEntry(entry("a")))
        await held.record(PutEntry(entry("b")))
        losing_proxy.to_lose = lost
        await held.close()
        assert len(losing_proxy.lost) == 3 * lost
        state = await read(store, PREFIX)
        assert len(state.entries) == 2
        assert state.holder is None

    run(story())


def test_a_bucket_that_is_not_there_is_named_with_the_way_out(bucket: str) -> None:
    store = Store.open("s3://no-such-bucket/x", Path())
    for act in (read(store, PREFIX), take(store, PREFIX, ANNA)):
        with pytest.raises(LedgerError, match="NoSuchBucket: The specified bucket does not exist") as error:
            run(act)
        assert "s3://no-such-bucket/x/payments" in str(error.value)
        assert "create the bucket" in str(error.value)
        assert "made-up-secret" not in str(error.value)


def test_an_s3_that_cannot_be_reached_is_an_error_without_debug_output(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("reconciler.ledger.store._RETRIES", {"max_retries": 0})
    with pytest.raises(LedgerError, match="cannot list the ledger") as error:
        run(read(Store.open(f"s3://{bucket}/x", Path()), PREFIX))
    assert "Debug" not in str(error.value)
    assert len(str(error.value).splitlines()) == 2
