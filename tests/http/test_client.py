"""What the client does when a vendor refuses, hangs, is locked or gone; and what it never does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import SecretError, UsageError
from reconciler.http.client import Client, InProcess, Waiting
from reconciler.http.exchange import Done, Doubtful, Effect, NotDone, NotSent, Outcome, Request
from reconciler.http.pace import SystemClock
from tests.http.scripted_vendor import (
    CUT,
    GARBLED,
    OK,
    REFUSED,
    SLOW,
    TOKEN,
    Line,
    Says,
    Vendor,
    ask,
    client,
    host,
    tell,
)
from tests.http.virtual_time import VirtualClock, run

EFFECTS: tuple[Effect, ...] = ("reads", "writes", "creates")


# first answer, then OK → how often each effect is sent
AGAIN: dict[str, tuple[Line, dict[Effect, int]]] = {
    "no connection": (REFUSED, {"reads": 2, "writes": 2, "creates": 2}),
    "too many requests": (Says(429), {"reads": 2, "writes": 2, "creates": 2}),
    "locked": (Says(423), {"reads": 2, "writes": 2, "creates": 2}),
    "an inner 429": (Says(200, {"error": {"status": 429, "message": "m"}}), {"reads": 2, "writes": 2, "creates": 2}),
    "a cut": (CUT, {"reads": 2, "writes": 2, "creates": 1}),
    "a time-out": (SLOW, {"reads": 2, "writes": 2, "creates": 1}),
    "500": (Says(500), {"reads": 2, "writes": 2, "creates": 1}),
    "503 with Retry-After": (Says(503, headers={"retry-after": "1"}), {"reads": 2, "writes": 2, "creates": 1}),
    "an inner 500": (Says(200, {"error": {"status": 500, "message": "m"}}), {"reads": 2, "writes": 2, "creates": 1}),
    "a login page": (GARBLED, {"reads": 2, "writes": 2, "creates": 1}),
    "501": (Says(501), {"reads": 1, "writes": 1, "creates": 1}),
    "a redirect": (Says(302, headers={"location": "/x"}), {"reads": 1, "writes": 1, "creates": 1}),
    **{
        str(code): (Says(code), {"reads": 1, "writes": 1, "creates": 1}) for code in (400, 401, 403, 404, 408, 409, 422)
    },
}


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("case", AGAIN)
def test_a_request_is_sent_again_by_its_effect(case: str, effect: Effect) -> None:
    first, tries = AGAIN[case]
    outcome, vendor = tell([first, OK], effect)
    assert len(vendor.times) == tries[effect]
    assert isinstance(outcome, Done) == (tries[effect] == 2)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                (REFUSED, False),
                (Says(429), False),
                (Says(423), False),
                (Says(400), False),
                (Says(404), False),
                (Says(301), False),
                (Says(500), False),
                (CUT, False),
                (GARBLED, False),
                (CUT, True),
                (SLOW, True),
                (GARBLED, True),
                (Says(503), True),
                (Says(201, {}), True),
            ]
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(EFFECTS),
)
def test_the_outcome_never_says_more_than_is_certain(script: list[tuple[Line, bool]], effect: Effect) -> None:
    lines = itertools.chain(script, itertools.repeat((Says(201, {}), True)))
    performed: list[bool] = []

    def serve(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        line, done = next(lines)
        performed.append(done)
        if isinstance(line, BaseException):
            raise line
        return line.wire()

    async def story() -> Outcome:
        return await client(serve).send(ask(effect))

    match run(story()):
        case Done():
            assert performed[-1]
        case NotSent() if effect != "reads":
            assert not any(performed)
        case NotDone(fault=fault) if effect != "reads" and fault.status not in (404, 410):
            assert not any(performed)
        case Doubtful():
            assert effect != "reads"
    if effect == "creates":
        assert sum(performed) <= 1
        assert not any(performed[:-1])


@settings(deadline=None)
@given(st.integers(1, 8), st.lists(st.sampled_from([OK, Says(429), Says(503), CUT, REFUSED]), max_size=40))
def test_never_more_than_the_allowed_number_is_in_flight(in_flight: int, script: list[Line]) -> None:
    vendor = Vendor([*script, OK])
    flying, most = 0, 0

    class Counting(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(seconds + 1.0)
            flying -= 1

    async def story() -> None:
        carrier = InProcess(vendor.serve, clock=Counting())
        sender = Client(host(), transport=carrier, clock=VirtualClock(), in_flight=in_flight)
        await asyncio.gather(*(sender.send(ask("writes")) for _ in range(30)))

    run(story())
    assert most <= in_flight
    assert flying == 0


class Killed(BaseException):
    pass


def test_a_kill_passes_through_untouched_and_frees_its_slot() -> None:
    vendor = Vendor([Killed(), OK])

    async def story() -> Outcome:
        sender = client(vendor.serve, in_flight=1)
        with pytest.raises(Killed):
            await sender.send(ask("creates"))
        return await sender.send(ask("creates"))

    assert isinstance(run(story()), Done)


def test_a_cancelled_request_frees_its_slot() -> None:
    vendor = Vendor([Says(delay=20.0), OK])

    async def story() -> Outcome:
        sender = client(vendor.serve, in_flight=1)
        task = asyncio.create_task(sender.send(ask()))
        await asyncio.sleep(1.0)
        task.cancel()
        return await sender.send(ask())

    assert isinstance(run(story()), Done)


def test_every_try_is_counted_by_method_and_template() -> None:
    vendor = Vendor([Says(500), OK])

    async def story() -> Client:
        sender = client(vendor.serve)
        await sender.send(Request("GET", "/teams/1", template="/teams/{id}"))
        await sender.send(Request("GET", "/teams/2", template="/teams/{id}"))
        await sender.send(Request("GET", "/teams"))
        return sender

    sender = run(story())
    assert sender.spent == 4
    assert sender.by_template == {"GET /teams/{id}": 3, "GET /teams": 1}


def test_whoever_watches_is_told_of_each_wait() -> None:
    vendor = Vendor([Says(429, {"error": {"message": "slowly"}}, {"retry-after": "9"}), OK])
    told: list[Waiting] = []

    async def story() -> None:
        await client(vendor.serve, on_event=told.append).send(ask())

    run(story())
    assert told == [Waiting("vendor", 9.0, "429: slowly")]


def test_a_body_json_cannot_say_is_not_sent() -> None:
    vendor = Vendor([OK])

    async def story() -> Outcome:
        return await client(vendor.serve).send(Request("POST", "/teams", body={"a": float("nan")}, effect="creates"))

    outcome = run(story())
    assert isinstance(outcome, NotSent)
    assert "not JSON" in outcome.fault.message
    assert not vendor.times


ECHOES: list[Line] = [
    Says(400, {"error": {"message": f"bad key {TOKEN}", "code": TOKEN}}),
    Says(500, f"<html><title>{TOKEN}</title>"),
    Says(403, f"Authorization: GenieKey {TOKEN}"),
    Says(404, {"unknown shape": [TOKEN]}),
    Says(302, headers={"location": f"https://{TOKEN}.test/{TOKEN}?key={TOKEN}"}),
    Says(200, {"error": {"status": 422, "message": "x" * 290 + TOKEN}}),
    Says(200, f"{TOKEN} is not JSON"),
    Says(200, {"apiKey": TOKEN}, {"x-key": TOKEN}),
    ConnectionRefusedError(TOKEN),
    ConnectionResetError(TOKEN),
]


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
def test_no_secret_shows_in_an_outcome(echo: Line, effect: Effect) -> None:
    told: list[Waiting] = []

    async def story() -> Outcome:
        sender = client(Vendor([echo]).serve, on_event=told.append)
        return await sender.send(Request("POST", "/x", (("k", TOKEN),), {"k": TOKEN}, effect, (("x-k", TOKEN),)))

    outcome = run(story())
    fault = "" if isinstance(outcome, Done) else str(outcome.fault)
    assert TOKEN not in repr(outcome) + str(outcome) + fault + repr(told)


@pytest.mark.parametrize("token", ["with space ", "line\nbreak", "ключ", "\x00"])
def test_a_token_that_http_cannot_carry_is_said_without_showing_it(token: str) -> None:
    with pytest.raises(SecretError) as caught:
        Client(host(headers={"Authorization": token}))
    assert token not in str(caught.value)
    assert "'Authorization'" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "api.vendor.test", "ftp://api.vendor.test", "https://", "https://me:pw@api.test", "https://a/?b=c"]
)
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(UsageError, match="address of the API"):
        Client(host(address))


def test_the_system_clock_moves() -> None:
    async def story() -> float:
        clock = SystemClock()
        before = clock.monotonic()
        await clock.sleep(0)
        assert clock.now().tzinfo
        return clock.monotonic() - before

    assert asyncio.run(story()) >= 0
