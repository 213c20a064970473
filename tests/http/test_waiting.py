"""What the client waits for, with whom, and for how long."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

import pytest

from reconciler.http.exchange import Done, Doubtful, NotDone, NotSent, Outcome
from tests.http.scripted_vendor import CUT, GARBLED, OK, REFUSED, SLOW, Line, Says, Vendor, ask, client, tell
from tests.http.virtual_time import run


def test_retry_after_is_obeyed_by_the_whole_account() -> None:
    vendor = Vendor([Says(429, headers={"Retry-After": "40"}), OK])

    async def story() -> float:
        sender = client(vendor.serve)
        first = asyncio.create_task(sender.send(ask()))
        await asyncio.sleep(1.0)
        await asyncio.gather(first, *(sender.send(ask("creates")) for _ in range(3)))
        return asyncio.get_running_loop().time()

    assert run(story()) == 40.0
    assert vendor.times == [0.0] + [40.0] * 4


def test_a_429_without_retry_after_waits_for_the_reset_it_names() -> None:
    outcome, vendor = tell([Says(429, headers={"x-left": "0", "x-reset": "25"}), OK], "creates")
    assert isinstance(outcome, Done)
    assert vendor.times == [0.0, 25.0]


def test_a_lock_holds_back_one_request_and_not_the_account() -> None:
    vendor = Vendor([Says(423, headers={"Retry-After": "40"}), OK])

    async def story() -> None:
        sender = client(vendor.serve)
        locked = asyncio.create_task(sender.send(ask("writes")))
        await asyncio.sleep(1.0)
        assert isinstance(await sender.send(ask("writes")), Done)
        assert not locked.done()
        assert isinstance(await locked, Done)

    run(story())
    assert vendor.times == [0.0, 1.0, 40.0]


def test_nobody_holds_a_slot_while_waiting_to_try_again() -> None:
    vendor = Vendor([Says(503, headers={"Retry-After": "60"}), Says(503, headers={"Retry-After": "60"}), OK])

    async def story() -> None:
        sender = client(vendor.serve, in_flight=2)
        waiting = [asyncio.create_task(sender.send(ask())) for _ in range(2)]
        await asyncio.sleep(1.0)
        assert isinstance(await sender.send(ask()), Done)
        await asyncio.gather(*waiting)

    run(story())
    assert vendor.times == [0.0, 0.0, 1.0, 60.0, 60.0]


def test_a_vendor_that_wants_an_hour_is_given_up_on_at_once_by_all() -> None:
    vendor = Vendor([Says(429, headers={"Retry-After": "3600"})])

    async def story() -> tuple[list[Outcome], float]:
        sender = client(vendor.serve, in_flight=1)
        outcomes = await asyncio.gather(*(sender.send(ask("creates")) for _ in range(5)))
        return outcomes, asyncio.get_running_loop().time()

    outcomes, seconds = run(story())
    assert seconds == 0.0
    assert len(vendor.times) == 1
    assert [type(outcome) for outcome in outcomes] == [NotDone] + [NotSent] * 4


@pytest.mark.parametrize("line", [REFUSED, CUT, SLOW, Says(503), Says(429), Says(423)], ids=repr)
def test_a_hundred_writes_wait_five_minutes_together_and_not_each(line: Line) -> None:
    vendor = Vendor([line])

    async def story() -> tuple[list[Outcome], float]:
        sender = client(vendor.serve)
        outcomes = await asyncio.gather(*(sender.send(ask("writes")) for _ in range(100)))
        return outcomes, asyncio.get_running_loop().time()

    outcomes, seconds = run(story())
    assert not any(isinstance(outcome, Done) for outcome in outcomes)
    # 30 s more for those under way at the end.
    assert 270 - 31 < seconds < 300 + 31


def test_a_thousand_creates_that_each_hang_end_after_five_minutes() -> None:
    vendor = Vendor([SLOW])

    async def story() -> tuple[list[Outcome], float]:
        sender = client(vendor.serve)
        outcomes = await asyncio.gather(*(sender.send(ask("creates")) for _ in range(1_000)))
        return outcomes, asyncio.get_running_loop().time()

    outcomes, seconds = run(story())
    assert seconds <= 331
    doubted = [outcome for outcome in outcomes if isinstance(outcome, Doubtful)]
    unsent = [outcome for outcome in outcomes if isinstance(outcome, NotSent)]
    assert len(doubted) == len(vendor.times)
    assert len(doubted) + len(unsent) == 1_000
    assert "answered nothing" in unsent[0].fault.message


def test_a_dead_vendor_is_reported_to_readers_in_under_ten_seconds() -> None:
    vendor = Vendor([REFUSED])

    async def story() -> tuple[list[Outcome], float]:
        sender = client(vendor.serve)
        outcomes = await asyncio.gather(*(sender.send(ask()) for _ in range(1_000)))
        return outcomes, asyncio.get_running_loop().time()

    outcomes, seconds = run(story())
    assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert 1 < seconds < 10
    assert 2_000 < len(vendor.times) < 8_000


def test_a_wrong_address_that_answers_pages_is_reported_within_seconds() -> None:
    outcome, vendor = tell([GARBLED], "reads")
    assert isinstance(outcome, NotDone)
    assert "an HTML page; is https://api.vendor.test/rest the API's address? (tried 4 times" in outcome.fault.message
    assert len(vendor.times) == 4


def test_one_broken_path_does_not_wait_for_ever_while_the_others_work() -> None:
    def serve(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        return (500 if "broken" in path else 200), {}, b"{}", 0.0

    async def story() -> tuple[Outcome, float]:
        sender = client(serve)
        broken = asyncio.create_task(sender.send(ask(path="/broken")))
        while not broken.done():
            assert isinstance(await sender.send(ask()), Done)
            await asyncio.sleep(1.0)
        return await broken, asyncio.get_running_loop().time()

    outcome, seconds = run(story())
    assert isinstance(outcome, NotDone)
    assert outcome.fault.status == 500
    assert seconds < 60


def test_a_rate_limit_is_learned_and_every_create_done_once() -> None:
    """20 requests a second are granted; the client starts with 64 at a time."""
    window, granted, refused = -1, 0, 0

    def serve(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        nonlocal window, granted, refused
        now = asyncio.get_running_loop().time()
        if math.floor(now) != window:
            window, granted = math.floor(now), 0
        if granted == 20:
            refused += 1
            return 429, {"retry-after": "1"}, b"", 0.05
        granted += 1
        return 201, {"x-left": str(20 - granted), "x-reset": str(window + 1 - now)}, b"{}", 0.05

    async def story() -> tuple[list[Outcome], float]:
        sender = client(serve, in_flight=64)
        outcomes = await asyncio.gather(*(sender.send(ask("creates")) for _ in range(400)))
        return outcomes, asyncio.get_running_loop().time()

    outcomes, seconds = run(story())
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    # 44 of the first 64 are refused before anything is known; 20 s is the vendor's own pace.
    assert refused < 90
    assert seconds < 30


def test_after_a_refusal_the_account_gains_its_slots_back() -> None:
    vendor = Vendor([Says(429), *[OK] * 9, Says(delay=1.0)])

    async def story() -> float:
        sender = client(vendor.serve, in_flight=2)
        for _ in range(9):
            await sender.send(ask())
        before = asyncio.get_running_loop().time()
        await asyncio.gather(*(sender.send(ask()) for _ in range(4)))
        return asyncio.get_running_loop().time() - before

    assert run(story()) == 2.0
