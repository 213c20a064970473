"""Creates that go as one request: who goes along, and what each is told of how it ended."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.http.client import Client, InProcess
from reconciler.http.exchange import Done, Doubtful, Effect, Fault, Host, NotDone, NotSent, Outcome, Reply, Request
from reconciler.http.join import MOST
from tests.http.scripted_vendor import BASE, CUT, GARBLED, REFUSED, Line, Says
from tests.http.virtual_time import VirtualClock, run

WORDS = {Done: "done", NotDone: "not done", NotSent: "not sent", Doubtful: "doubtful"}
NAMES = ("a", "b", "c")


class Shop:
    """Makes each item of a list; answers its first requests by the script, the others by what it made."""

    def __init__(self, *script: Line) -> None:
        self.script = list(script)
        self.got: list[tuple[str, str]] = []

    def serve(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        names = [item["name"] for item in json.loads(body)]
        self.got.append((path.removeprefix("/rest"), "".join(names)))
        line = self.script.pop(0) if self.script else Says(200, [made(name) for name in names])
        if isinstance(line, BaseException):
            raise line
        return line.wire()

    @property
    def lists(self) -> list[str]:
        return [names for _, names in self.got]


def made(name: str) -> Any:
    return {"code": 201, "id": name}


def wrong(name: str, code: int = 400) -> Any:
    return {"code": code, "error": {"message": f"{name} is wrong"}}


def explain(reply: Reply) -> Fault | None:
    """The first error of an answer, or of a list of them."""
    for one in reply.body if isinstance(reply.body, list) else [reply.body]:
        match one:
            case {"error": {"message": str() as message}, **rest}:
                code = rest.get("code")
                return Fault(code if isinstance(code, int) else None, None, message)
    return None


def client(shop: Shop) -> Client:
    clock = VirtualClock()
    carrier = InProcess(shop.serve, clock=clock)
    host = Host("vendor", BASE, {}, explain, lambda text: text)
    return Client(host, transport=carrier, clock=clock, dice=random.Random(1))


def create(name: str, **other: Any) -> Request:
    return replace(Request("POST", "/x", body=[{"name": name}], effect="creates", joins=True), **other)


def sent(shop: Shop, *requests: Request) -> tuple[list[Outcome], Client]:
    sender = client(shop)

    async def story() -> list[Outcome]:
        return await asyncio.gather(*(sender.send(one) for one in requests))

    return run(story()), sender


def said(outcome: Outcome) -> str:
    """An outcome in words; of what was done, what the answer holds."""
    word = WORDS[type(outcome)]
    return f"{word} {json.dumps(outcome.reply.body)}" if isinstance(outcome, Done) else f"{word} {outcome.fault}"


def did(*names: str) -> list[str]:
    return [f"done {json.dumps([made(name)])}" for name in names]


ONE_WRONG = [made("a"), wrong("b"), made("c")]
B_ALONE = [*did("a"), "not done 400: b is wrong", *did("c")]
BROKEN = Says(503, [wrong("a", 503), wrong("b", 503), wrong("c", 503)])

# what the vendor answers to a, b and c, then as it should → what each is told, and the lists that it was sent
ANSWERS: dict[str, tuple[Line, list[str], list[str]]] = {
    "all are made": (Says(200, [made(name) for name in NAMES]), did(*NAMES), ["abc"]),
    "one is refused": (Says(207, ONE_WRONG), B_ALONE, ["abc"]),
    "one is refused, and the status is its own": (Says(400, ONE_WRONG), B_ALONE, ["abc"]),
    "all are refused, each for its own reason": (
        Says(400, [wrong(name) for name in NAMES]),
        [f"not done 400: {name} is wrong" for name in NAMES],
        ["abc"],
    ),
    "one breaks the vendor": (
        Says(207, [made("a"), wrong("b", 500), made("c")]),
        [*did("a"), "doubtful 500: b is wrong", *did("c")],
        ["abc"],
    ),
    "one is busy, and goes again by itself": (
        Says(207, [made("a"), wrong("b", 429), made("c")]),
        did(*NAMES),
        ["abc", "b"],
    ),
    "a refusal has no code, and the status speaks": (
        Says(400, [{"error": {"message": "no"}}] * 3),
        ["not done 400: no"] * 3,
        ["abc"],
    ),
    "a code is no status": (
        Says(200, [{"code": 1}] * 3),
        ['done [{"code": 1}]'] * 3,
        ["abc"],
    ),
    "it redirects": (
        Says(302, [made(name) for name in NAMES]),
        [
            "not done 302: redirects, without saying where; "
            "not followed, so that the token is not sent there: check the account's url"
        ]
        * 3,
        ["abc"],
    ),
    "the answer is lost": (CUT, ["doubtful no answer from api.vendor.test: the connection was cut"] * 3, ["abc"]),
    "the answer is a page": (
        GARBLED,
        [f"doubtful 200: answered with an HTML page; is {BASE} the API's address?"] * 3,
        ["abc"],
    ),
    "the vendor breaks, and shows of whom": (
        BROKEN,
        ["doubtful 503: 3 results for 3 objects sent in one request"] * 3,
        ["abc"],
    ),
    "two results": (
        Says(200, [made("a"), wrong("b")]),
        ["doubtful 200: 2 results for 3 objects sent in one request"] * 3,
        ["abc"],
    ),
    "two results of a refusal": (
        Says(400, [wrong("a"), wrong("b")]),
        ["doubtful 400: 2 results for 3 objects sent in one request"] * 3,
        ["abc"],
    ),
    "four results": (
        Says(200, [made("a")] * 4),
        ["doubtful 200: 4 results for 3 objects sent in one request"] * 3,
        ["abc"],
    ),
    "no list": (Says(200, {}), ["doubtful 200: no list of results for 3 objects sent in one request"] * 3, ["abc"]),
    "nothing": (Says(204), ["doubtful 204: no list of results for 3 objects sent in one request"] * 3, ["abc"]),
    "the token may not": (Says(403, {"error": {"message": "no scope"}}), ["not done 403: no scope"] * 3, ["abc"]),
    "an error inside a success": (
        Says(200, {"code": 403, "error": {"message": "no scope"}}),
        ["not done 403: no scope"] * 3,
        ["abc"],
    ),
    "the list is not taken, as it may be for one": (
        Says(400, {"error": {"message": "item 1 cannot be read"}}),
        did(*NAMES),
        ["abc", "a", "b", "c"],
    ),
    "the list is too long": (Says(413), did(*NAMES), ["abc", "a", "b", "c"]),
    "too many requests": (Says(429), did(*NAMES), ["abc", "abc"]),
    "too many requests, item by item": (Says(429, [wrong(name, 429) for name in NAMES]), did(*NAMES), ["abc", "abc"]),
    "no connection": (REFUSED, did(*NAMES), ["abc", "abc"]),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_each_is_told_how_it_ended(case: str) -> None:
    line, told, lists = ANSWERS[case]
    shop = Shop(line)
    requests = [create(name) for name in NAMES]
    outcomes, sender = sent(shop, *requests)
    assert [said(one) for one in outcomes] == told
    assert [one.request for one in outcomes] == requests
    assert shop.lists == lists
    assert sender.spent == len(lists)


READS: Effect = "reads"

# what is ready at once → what is sent
TOGETHER: dict[str, tuple[list[Request], list[tuple[str, str]]]] = {
    "one alone": ([create("a")], [("/x", "a")]),
    "two": ([create("a"), create("b")], [("/x", "ab")]),
    "another path": ([create("a"), create("b", path="/y"), create("c")], [("/x", "ac"), ("/y", "b")]),
    "another query": ([create("a"), create("b", query=(("dry", "true"),))], [("/x", "a"), ("/x?dry=true", "b")]),
    "another method": ([create("a"), create("b", method="PUT")], [("/x", "a"), ("/x", "b")]),
    "another header": ([create("a"), create("b", headers=(("x-as", "me"),))], [("/x", "a"), ("/x", "b")]),
    "one that does not join": ([create("a"), create("b", joins=False)], [("/x", "b"), ("/x", "a")]),
    "reads": ([create(name, effect=READS) for name in "ab"], [("/x", "a"), ("/x", "b")]),
    "what may be sent twice": ([create(name, effect="writes") for name in "ab"], [("/x", "a"), ("/x", "b")]),
    "lists of two": ([create("a", body=[{"name": "a"}, {"name": "b"}]), create("c")], [("/x", "ab"), ("/x", "c")]),
    "more than the bound": ([create("a")] * (MOST + 2), [("/x", "a" * MOST), ("/x", "aa")]),
}


@pytest.mark.parametrize("case", TOGETHER)
def test_what_goes_together(case: str) -> None:
    requests, got = TOGETHER[case]
    shop = Shop()
    outcomes, _ = sent(shop, *requests)
    assert all(isinstance(one, Done) for one in outcomes)
    assert shop.got == got


def test_what_is_ready_a_moment_later_does_not_go_along() -> None:
    shop = Shop()
    sender = client(shop)

    async def later(seconds: float, name: str) -> Outcome:
        await asyncio.sleep(seconds)
        return await sender.send(create(name))

    async def story() -> list[Outcome]:
        return list(await asyncio.gather(later(0, "a"), later(0, "b"), later(1, "c")))

    assert all(isinstance(one, Done) for one in run(story()))
    assert shop.lists == ["ab", "c"]


def test_what_becomes_ready_turn_by_turn_goes_along() -> None:
    shop = Shop()
    sender = client(shop)

    async def later(turns: int, name: str) -> Outcome:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await sender.send(create(name))

    async def story() -> list[Outcome]:
        return list(await asyncio.gather(later(0, "a"), later(1, "b"), later(2, "c")))

    assert all(isinstance(one, Done) for one in run(story()))
    assert shop.lists == ["abc"]


def test_one_alone_that_is_refused_is_not_asked_again() -> None:
    shop = Shop(Says(400, [wrong("a")]))
    outcomes, _ = sent(shop, create("a"))
    assert [said(one) for one in outcomes] == ["not done 400: a is wrong"]
    assert shop.lists == ["a"]


def test_what_json_cannot_say_stays_behind_alone() -> None:
    shop = Shop()
    outcomes, _ = sent(shop, create("a"), create("b", body=[{"name": float("nan")}]), create("c"))
    assert [WORDS[type(one)] for one in outcomes] == ["done", "not sent", "done"]
    assert shop.lists == ["ac"]


def test_one_who_is_cancelled_leaves_the_others_their_answer() -> None:
    shop = Shop(Says(200, [made("a"), made("b")], delay=5.0))
    sender = client(shop)

    async def story() -> Outcome:
        first, second = (asyncio.create_task(sender.send(create(name))) for name in "ab")
        await asyncio.sleep(1.0)
        first.cancel()
        return await second

    assert said(run(story())) == did("b")[0]


def test_the_last_who_is_cancelled_frees_the_slot() -> None:
    shop = Shop(Says(delay=20.0))
    clock = VirtualClock()
    host = Host("vendor", BASE, {}, explain, lambda text: text)
    sender = Client(host, transport=InProcess(shop.serve, clock=clock), clock=clock, in_flight=1)

    async def story() -> float:
        tasks = [asyncio.create_task(sender.send(create(name))) for name in "ab"]
        await asyncio.sleep(1.0)
        for task in tasks:
            task.cancel()
        await sender.send(create("c"))
        return clock.monotonic()

    assert run(story()) < 20.0


class Killed(BaseException):
    pass


def test_a_kill_reaches_them_all() -> None:
    sender = client(Shop(Killed()))

    async def story() -> list[Any]:
        return await asyncio.gather(*(sender.send(create(name)) for name in NAMES), return_exceptions=True)

    assert [type(one) for one in run(story())] == [Killed] * 3
