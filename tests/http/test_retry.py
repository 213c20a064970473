"""When a request is sent again, after how long, and what all its tries together mean."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.http.exchange import Done, Doubtful, Effect, Fault, NotDone, NotSent, Outcome, Reply, Request
from reconciler.http.retry import (
    LONGEST_WAIT,
    PATIENCE,
    TRIES,
    Backoff,
    Patience,
    Trial,
    Trouble,
    repeatable,
    retry_after,
    trouble,
)
from tests.http.virtual_time import MORNING


class HandClock:
    """A clock that stands where it is set."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> datetime:
        raise AssertionError("not asked for")

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("not asked for")


def fault(status: int | None) -> Fault:
    return Fault(status, None, "no")


def ask(effect: Effect) -> Request:
    return Request("POST", "/x", effect=effect)


def refused(status: int | None, effect: Effect = "writes") -> NotDone:
    return NotDone(ask(effect), fault(status))


def doubtful(status: int | None, effect: Effect = "writes") -> Doubtful:
    return Doubtful(ask(effect), fault(status))


TROUBLES: list[tuple[Outcome, Trouble | None]] = [
    (Done(ask("reads"), Reply(200)), None),
    (NotSent(ask("creates"), fault(None)), "unreached"),
    (refused(429, "creates"), "busy"),
    (refused(423, "creates"), "busy"),
    (refused(429, "reads"), "busy"),
    *((refused(status), None) for status in (301, 302, 400, 401, 403, 404, 408, 409, 410, 412, 422)),
    *((refused(status, "reads"), "broken") for status in (None, 500, 502, 503, 504, 512)),
    *((doubtful(status), "broken") for status in (None, 500, 502, 503, 504, 512)),
    (refused(501, "reads"), None),
    (doubtful(501), None),
    (refused(200, "reads"), "garbled"),
    (doubtful(200), "garbled"),
]


@pytest.mark.parametrize(("outcome", "kind"), TROUBLES, ids=str)
def test_only_what_may_pass_is_trouble(outcome: Outcome, kind: Trouble | None) -> None:
    assert trouble(outcome) == kind


@pytest.mark.parametrize("effect", ["reads", "writes", "creates"])
def test_only_a_doubtful_create_is_never_repeated(effect: Effect) -> None:
    assert repeatable(doubtful(500, effect)) is (effect != "creates")
    assert repeatable(refused(429, effect))
    assert repeatable(NotSent(ask(effect), fault(None)))


def http_date(seconds: float) -> str:
    return format_datetime(MORNING + timedelta(seconds=seconds), usegmt=True)


ASKED: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "7"}, 7.0),
    ({"retry-after": " 0.5 "}, 0.5),
    ({"retry-after": "-3"}, 0.0),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": http_date(90)}, 90.0),
    ({"retry-after": http_date(-90)}, 0.0),
    ({"retry-after": http_date(3690), "date": http_date(3600)}, 90.0),
    ({"retry-after": http_date(90), "date": "yesterday"}, 90.0),
]


@pytest.mark.parametrize(("headers", "seconds"), ASKED)
def test_retry_after_is_seconds_or_a_date_by_the_vendors_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, MORNING) == seconds


@given(st.text(), st.text())
def test_no_header_breaks_retry_after(asked: str, date: str) -> None:
    seconds = retry_after({"retry-after": asked, "date": date}, MORNING)
    assert seconds is None or seconds >= 0


@given(st.integers(1, 10_000), st.integers())
def test_a_wait_is_at_least_half_of_what_doubling_gives_and_at_most_half_a_minute(tries: int, seed: int) -> None:
    whole = min(LONGEST_WAIT, 0.5 * 2.0 ** min(tries - 1, 20))
    assert whole / 2 <= Backoff(random.Random(seed)).wait(tries) <= whole


def test_the_same_seed_gives_the_same_waits() -> None:
    first, second = Backoff(random.Random(3)), Backoff(random.Random(3))
    assert [first.wait(n) for n in range(1, 9)] == [second.wait(n) for n in range(1, 9)]


# what happened before → what the last try says → what all tries mean
ENDS: list[tuple[list[Outcome], Outcome, type[Outcome]]] = [
    ([], refused(404), NotDone),
    ([doubtful(None)], Done(ask("writes"), Reply(200)), Done),
    ([doubtful(None)], refused(404), NotDone),
    ([doubtful(None)], refused(410), NotDone),
    ([doubtful(None)], refused(409), Doubtful),
    ([doubtful(503)], refused(401), Doubtful),
    ([doubtful(503)], refused(429), Doubtful),
    ([doubtful(None)], NotSent(ask("writes"), fault(None)), Doubtful),
    ([refused(429)], NotSent(ask("writes"), fault(None)), NotSent),
    ([refused(None, "reads")], refused(409, "reads"), NotDone),
]


@pytest.mark.parametrize(("before", "last", "meaning"), ENDS, ids=str)
def test_a_doubt_stays_until_it_is_settled(before: list[Outcome], last: Outcome, meaning: type[Outcome]) -> None:
    trial = Trial(last.request, 0.0)
    for outcome in before:
        kind = trouble(outcome)
        assert kind
        trial.failed(outcome, kind, 0.0)
    assert type(trial.end(last, 1.0)) is meaning


def test_the_fault_counts_the_tries() -> None:
    trial = Trial(ask("writes"), 0.0)
    for _ in range(3):
        trial.failed(doubtful(503), "broken", 0.0)
    ended = trial.end(doubtful(503), 12.4)
    assert isinstance(ended, Doubtful)
    assert ended.fault.message == "no (tried 3 times in 12 s)"


def tried(effect: Effect, kind: Trouble, times: int) -> Trial:
    trial = Trial(ask(effect), 0.0)
    for _ in range(times):
        trial.failed(refused(None, "reads"), kind, 0.0)
    return trial


def test_an_account_that_answers_nothing_is_given_up_on_after_five_minutes() -> None:
    clock = HandClock()
    patience = Patience(clock)
    patience.enter()
    patience.failed("broken", 0.0)
    trial = tried("writes", "broken", 50)
    clock.at = PATIENCE - 20
    assert patience.allows(trial, "broken", 20.0)
    assert not patience.allows(trial, "broken", 20.1)
    assert not patience.allows(trial, "busy", 3600.0)


def test_a_success_begins_the_five_minutes_anew() -> None:
    clock = HandClock()
    patience = Patience(clock)
    patience.enter()
    patience.failed("busy", 0.0)
    clock.at = 200.0
    patience.succeeded()
    patience.failed("busy", 190.0)
    assert patience.deadline() == 200.0 + PATIENCE


def test_time_without_a_request_is_not_counted_as_silence() -> None:
    clock = HandClock()
    patience = Patience(clock)
    patience.enter()
    patience.failed("broken", 0.0)
    clock.at = 10.0
    patience.leave()
    clock.at = 1000.0
    patience.enter()
    assert patience.deadline() == 990.0 + PATIENCE


@pytest.mark.parametrize("kind", ["unreached", "busy", "broken"])
def test_a_request_that_fails_while_others_succeed_has_its_own_limit(kind: Trouble) -> None:
    clock = HandClock()
    patience = Patience(clock)
    patience.enter()
    patience.failed(kind, 0.0)
    limit = TRIES[kind]
    assert patience.allows(tried("writes", kind, limit), kind, 1.0)
    clock.at = 1.0
    patience.succeeded()
    assert patience.allows(tried("writes", kind, limit - 1), kind, 1.0)
    assert not patience.allows(tried("writes", kind, limit), kind, 1.0)


def test_an_answer_that_cannot_be_read_is_asked_for_four_times_even_when_nothing_else_works() -> None:
    patience = Patience(HandClock())
    patience.enter()
    patience.failed("garbled", 0.0)
    assert patience.allows(tried("reads", "garbled", 3), "garbled", 1.0)
    assert not patience.allows(tried("reads", "garbled", 4), "garbled", 1.0)


def test_an_unreached_host_keeps_reads_for_seconds_and_writes_for_minutes() -> None:
    clock = HandClock()
    patience = Patience(clock)
    patience.enter()
    patience.failed("unreached", 0.0)
    clock.at = 6.5
    patience.failed("unreached", 6.4)
    assert not patience.allows(tried("reads", "unreached", 4), "unreached", 0.1)
    assert patience.allows(tried("writes", "unreached", 4), "unreached", 30.0)
    patience.failed("broken", 6.5)
    patience.failed("unreached", 6.6)
    assert patience.allows(tried("reads", "unreached", 5), "unreached", 0.1)
