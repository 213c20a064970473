"""The sandbox behind a socket."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from starlette.requests import Request

from reconciler.sandbox.server import Carrier, Serving, serve
from reconciler.sandbox.world import Sandbox

SIGNED = {"authorization": "GenieKey account-key"}


@pytest.fixture
def serving() -> Iterator[Serving]:
    with serve(Sandbox(), clock_runs=False) as running:
        yield running


@pytest.fixture
def client(serving: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=serving.url, headers=SIGNED) as caller:
        yield caller


def test_it_takes_calls_as_soon_as_it_is_there(client: httpx.Client) -> None:
    made = client.post("/opsgenie/v2/teams", json={"name": "one"})
    assert (made.status_code, made.json()["result"]) == (201, "Created")
    assert made.headers["content-type"] == "application/json; charset=utf-8"
    assert client.get("/opsgenie/v2/teams/one", params={"identifierType": "name"}).status_code == 200


def test_names_in_paths_and_queries_arrive_decoded(client: httpx.Client) -> None:
    edit = {"vendor": "opsgenie", "path": "teams/支払い", "json": {"description": "+ & %"}}
    assert client.post("/__edit", json=edit).status_code == 200
    read = client.get("/opsgenie/v2/teams/支払い", params={"identifierType": "name"})
    assert read.json()["data"]["description"] == "+ & %"


@pytest.mark.parametrize(("fault", "left"), [("refuse", []), ("cut", []), ("lose", ["one"])])
def test_a_cut_really_cuts_the_connection(client: httpx.Client, fault: str, left: list[str]) -> None:
    client.post("/__faults", json={"fault": fault, "path": "/opsgenie/*"})
    with pytest.raises(httpx.TransportError):
        client.post("/opsgenie/v2/teams", json={"name": "one"})
    assert [team["name"] for team in client.get("/opsgenie/v2/teams").json()["data"]] == left


def test_a_malformed_answer_is_half_a_body(client: httpx.Client) -> None:
    client.post("/__faults", json={"fault": "malformed", "path": "/opsgenie/*"})
    with pytest.raises(json.JSONDecodeError):
        client.get("/opsgenie/v2/teams").json()


def test_requests_wait_out_their_latency_side_by_side() -> None:
    waits: list[float] = []

    async def scenario() -> list[int]:
        both_wait = asyncio.Event()

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 2:
                both_wait.set()
            await both_wait.wait()  # would hang for ever, were the second request to wait for the first

        carrier = Carrier(Sandbox(), latency=0.05, sleep=sleep)
        answers = await asyncio.wait_for(asyncio.gather(*(carrier.answer(_get("/opsgenie/x")) for _ in "ab")), 5)
        return [answer.status_code for answer in answers]

    assert asyncio.run(scenario()) == [401, 401]
    assert waits == [0.05, 0.05]


def _get(path: str) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    return Request(scope, receive)


def test_above_the_rate_limit_the_vendor_answers_429() -> None:
    with serve(Sandbox(), rate_limit=2) as running, httpx.Client(base_url=running.url, headers=SIGNED) as client:
        answers = [client.get(f"/{vendor}/x") for vendor in ("opsgenie", "opsgenie", "opsgenie", "wallarm")]
        assert [answer.status_code for answer in answers] == [404, 404, 429, 429]
        assert "too many requests" in answers[2].json()["message"]
        assert answers[3].json() == {"status": 429, "body": "Rate limiting"}
        assert client.get("/__requests").status_code == 200


def test_a_running_clock_moves_by_itself() -> None:
    world = Sandbox()
    with serve(world):
        assert world.clock.now() < world.clock.now()


def test_only_loopback_is_served() -> None:
    with pytest.raises(ValueError, match="loopback"):
        serve(Sandbox(), host="0.0.0.0")


def test_a_taken_port_is_an_error_at_once(serving: Serving) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(Sandbox(), port=serving.port)


def test_after_the_stop_nobody_answers() -> None:
    with serve(Sandbox()) as running:
        url = running.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/__clock")
