"""How many requests are in flight, in which order they start, and when none does."""

from __future__ import annotations

import asyncio
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.http.exchange import Allowance
from reconciler.http.pace import LONGEST_HOLD, Pace
from tests.http.virtual_time import VirtualClock, run


def forever() -> float:
    return math.inf


def now() -> float:
    return asyncio.get_running_loop().time()


async def stay(pace: Pace, seconds: float) -> float:
    """Takes a slot for so long; returns when it started."""
    assert await pace.enter(forever)
    started = now()
    await asyncio.sleep(seconds)
    pace.leave()
    return started


@settings(deadline=None)
@given(st.integers(1, 20), st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_never_more_than_the_slots_are_in_flight_and_none_stays_empty(slots: int, stays: list[float]) -> None:
    async def story() -> tuple[int, list[int]]:
        pace, flying, most, order = Pace(VirtualClock(), slots), 0, 0, list[int]()

        async def one(number: int, seconds: float) -> None:
            nonlocal flying, most
            assert await pace.enter(forever)
            flying += 1
            most = max(most, flying)
            order.append(number)
            await asyncio.sleep(seconds)
            flying -= 1
            pace.leave()

        await asyncio.gather(*(one(number, seconds) for number, seconds in enumerate(stays)))
        return most, order

    most, order = run(story())
    assert most == min(slots, len(stays))
    assert order == list(range(len(stays)))


def test_a_pause_holds_everybody_back() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 4)
        pace.pause(30.0)
        pace.pause(10.0)
        return await asyncio.gather(*(stay(pace, 1.0) for _ in range(6)))

    assert run(story()) == [30.0] * 4 + [31.0] * 2


def test_a_wait_past_the_deadline_is_refused_at_once() -> None:
    async def story() -> tuple[bool, float]:
        pace = Pace(VirtualClock(), 4)
        pace.pause(30.0)
        return await pace.enter(lambda: 29.0), now()

    assert run(story()) == (False, 0.0)


def test_somebody_who_leaves_the_line_does_not_stop_it() -> None:
    async def story() -> float:
        pace = Pace(VirtualClock(), 1)
        assert await pace.enter(forever)
        impatient = asyncio.create_task(stay(pace, 1.0))
        patient = asyncio.create_task(stay(pace, 1.0))
        await asyncio.sleep(1.0)
        impatient.cancel()
        await asyncio.sleep(1.0)
        pace.leave()
        return await patient

    assert run(story()) == 2.0


def test_refusals_of_one_flight_halve_the_slots_once() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 8)
        await asyncio.sleep(1.0)
        for _ in range(8):
            pace.slow_down(0.5)
        return await asyncio.gather(*(stay(pace, 1.0) for _ in range(8)))

    assert run(story()) == [1.0] * 4 + [2.0] * 4


def test_slots_grow_back_one_a_round_and_never_past_the_most() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 4)
        pace.slow_down(0.0)
        for _ in range(3):
            pace.speed_up()
        three = await asyncio.gather(*(stay(pace, 1.0) for _ in range(5)))
        for _ in range(100):
            pace.speed_up()
        return three + await asyncio.gather(*(stay(pace, 1.0) for _ in range(5)))

    assert run(story()) == [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0]


def test_there_is_always_one_slot() -> None:
    async def story() -> float:
        pace = Pace(VirtualClock(), 2)
        for moment in range(9):
            pace.slow_down(float(moment))
        return await stay(pace, 1.0)

    assert run(story()) == 0.0


def test_the_vendors_budget_is_not_overrun() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 16)
        pace.learn(Allowance(3, 20.0))
        return await asyncio.gather(*(stay(pace, 1.0) for _ in range(6)))

    assert run(story()) == [0.0] * 3 + [20.0] * 3


def test_what_is_in_flight_counts_against_the_budget() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 16)
        flying = [asyncio.create_task(stay(pace, 5.0)) for _ in range(2)]
        await asyncio.sleep(1.0)
        pace.learn(Allowance(3, 20.0))
        later = await asyncio.gather(*(stay(pace, 1.0) for _ in range(3)))
        await asyncio.gather(*flying)
        return later

    assert run(story()) == [1.0, 21.0, 21.0]


def test_an_answer_that_comes_late_does_not_raise_the_budget() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 16)
        pace.learn(Allowance(1, 20.0))
        pace.learn(Allowance(9, 20.0))
        return await asyncio.gather(*(stay(pace, 1.0) for _ in range(2)))

    assert run(story()) == [0.0, 20.0]


def test_a_budget_that_comes_back_too_late_or_never_is_not_waited_for() -> None:
    async def story() -> list[float]:
        pace = Pace(VirtualClock(), 16)
        pace.learn(Allowance(0, LONGEST_HOLD + 1))
        pace.learn(Allowance(0, 0.0))
        pace.learn(Allowance(0, -5.0))
        return [await stay(pace, 1.0)]

    assert run(story()) == [0.0]
