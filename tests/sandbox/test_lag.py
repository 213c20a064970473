"""What was just made is missing from lists for a while, by the clock and by a number of reads."""

from __future__ import annotations

import pytest

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.lag import Lag


@pytest.mark.parametrize(
    ("seconds", "reads", "shown"),
    [
        (0, 0, [True, True, True, True]),
        (0, 2, [False, False, True, True]),
        (1.5, 0, [False, False, True, True]),
        (0.5, 2, [False, False, True, True]),
        (2.5, 1, [False, False, False, True]),
    ],
)
def test_it_is_listed_when_both_the_seconds_and_the_reads_are_over(
    seconds: float, reads: int, shown: list[bool]
) -> None:
    clock = Clock()
    lag = Lag(clock)
    lag.hide("a", seconds, reads)
    seen = []
    for _ in shown:
        seen.append(bool(lag.listed([{"id": "a"}])))
        clock.advance(1)
    assert seen == shown


def test_a_copy_counts_by_itself() -> None:
    lag, twin = Lag(Clock()), Lag(Clock())
    lag.hide("a", 0, 1)
    lag.copy_to(twin)
    assert [one.is_over("a") for one in (lag, lag, twin, twin)] == [False, True, False, True]


def test_what_is_forgotten_is_listed_at_once_when_it_is_made_again() -> None:
    lag = Lag(Clock())
    lag.hide("a", 60, 0)
    lag.forget("a")
    assert lag.is_over("a")
