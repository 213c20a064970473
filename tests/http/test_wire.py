"""What goes over the wire: addresses, headers and bodies, connections, proxies and certificates."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from pathlib import Path

import httpx
import pytest
import respx

from reconciler.errors import UsageError
from reconciler.http.client import Client
from reconciler.http.exchange import Done, Doubtful, Effect, NotDone, NotSent, Outcome, Request
from tests.http.scripted_vendor import BASE, TOKEN, host
from tests.http.virtual_time import VirtualClock, run

PROXIES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*PROXIES, *(name.upper() for name in PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"]:
        monkeypatch.delenv(name, raising=False)


def send(request: Request, base_url: str = BASE) -> Outcome:
    async def story() -> Outcome:
        sender = Client(host(base_url), clock=VirtualClock(), dice=random.Random(1))
        try:
            return await sender.send(request)
        finally:
            await sender.aclose()

    return run(story())


@respx.mock(assert_all_called=True)
def test_a_request_is_written_as_declared(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(url__startswith=BASE).respond(201, json={"id": "1"})
    outcome = send(
        Request(
            "POST",
            "/v2/teams/a%2Fb",
            (("query", "name: 障害 & co"), ("ids[]", "1"), ("ids[]", "2")),
            {"name": "Дежурные", "members": []},
            "creates",
            (("X-Early-Access", "yes"),),
        )
    )
    assert isinstance(outcome, Done)
    assert outcome.reply.body == {"id": "1"}
    wire = route.calls.last.request
    query = b"query=name%3A%20%E9%9A%9C%E5%AE%B3%20%26%20co&ids%5B%5D=1&ids%5B%5D=2"
    assert wire.url.raw_path == b"/rest/v2/teams/a%2Fb?" + query
    assert wire.content.decode("unicode_escape") == '{"name":"Дежурные","members":[]}'
    assert wire.headers["authorization"] == f"GenieKey {TOKEN}"
    assert wire.headers["content-type"] == "application/json"
    assert wire.headers["accept"] == "application/json"
    assert wire.headers["x-early-access"] == "yes"
    assert wire.headers["host"] == "api.vendor.test"


@respx.mock
def test_without_a_body_none_is_claimed(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.delete(f"{BASE}/teams/1").respond(204)
    assert isinstance(send(Request("DELETE", "/teams/1", effect="writes")), Done)
    wire = route.calls.last.request
    assert wire.content == b""
    assert "content-type" not in wire.headers


@respx.mock
def test_a_reply_has_its_headers_in_lower_case(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/teams").respond(200, json=[], headers={"X-Request-ID": "r1"})
    outcome = send(Request("GET", "/teams"))
    assert isinstance(outcome, Done)
    assert outcome.reply.headers["x-request-id"] == "r1"


NETWORK: list[tuple[Exception, Effect, type[Outcome], int]] = [
    (httpx.ConnectError("All connection attempts failed"), "creates", NotSent, 2),
    (httpx.ConnectTimeout(""), "creates", NotSent, 2),
    (httpx.PoolTimeout(""), "creates", NotSent, 2),
    (httpx.ProxyError("407"), "creates", NotSent, 2),
    (httpx.ReadTimeout(""), "creates", Doubtful, 1),
    (httpx.WriteError(""), "creates", Doubtful, 1),
    (httpx.ReadError(""), "creates", Doubtful, 1),
    (httpx.RemoteProtocolError("gone"), "creates", Doubtful, 1),
    (httpx.LocalProtocolError("odd"), "creates", Doubtful, 1),
    (OSError("odd"), "creates", Doubtful, 1),
    (httpx.RemoteProtocolError("gone"), "writes", Doubtful, 2),
    (httpx.ReadTimeout(""), "reads", NotDone, 2),
]


@pytest.mark.parametrize(("error", "effect", "meaning", "tries"), NETWORK, ids=repr)
def test_what_httpx_raises_becomes_an_outcome(
    error: Exception, effect: Effect, meaning: type[Outcome], tries: int
) -> None:
    with respx.mock() as router:
        route = router.post(f"{BASE}/teams").mock(side_effect=error)
        outcome = send(Request("POST", "/teams", effect=effect))
    assert type(outcome) is meaning
    assert route.call_count >= tries
    assert (route.call_count == 1) == (tries == 1)
    assert TOKEN not in repr(outcome)


@respx.mock
def test_nothing_is_logged_of_a_request(respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture) -> None:
    respx_mock.get(url__startswith=BASE).respond(200, json=[])
    with caplog.at_level(logging.INFO):
        send(Request("GET", "/teams", (("key", "k-in-the-query"),)))
    assert "k-in-the-query" not in caplog.text


@respx.mock
def test_cookies_are_not_kept(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/teams").respond(200, json=[], headers={"set-cookie": "a=b"})

    async def story() -> None:
        sender = Client(host())
        await sender.send(Request("GET", "/teams"))
        await sender.send(Request("GET", "/teams"))
        await sender.aclose()

    asyncio.run(story())
    assert "cookie" not in route.calls.last.request.headers


def over_a_socket(
    answers: list[bytes], requests: list[Request], at_once: bool = False
) -> tuple[list[Outcome], int, list[bytes]]:
    """Outcomes, the number of connections made, the heads seen. Each answer is one connection's, the last repeats."""
    heads: list[bytes] = []
    peers: list[asyncio.Task[None]] = []
    connections = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        task = asyncio.current_task()
        assert task
        peers.append(task)
        answer = answers[min(connections, len(answers) - 1)]
        connections += 1
        while head := await _head(reader):
            heads.append(head)
            writer.write(answer)
            if b"content-length: 2\r" not in answer:
                break
        writer.close()
        await writer.wait_closed()

    async def story() -> list[Outcome]:
        server = await asyncio.start_server(peer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        sender = Client(host(f"http://127.0.0.1:{port}"))
        async with server:
            if at_once:
                outcomes = list(await asyncio.gather(*(sender.send(request) for request in requests)))
            else:
                outcomes = [await sender.send(request) for request in requests]
            await sender.aclose()
            # A connection the client leaves open would keep its peer here.
            async with asyncio.timeout(5):
                await asyncio.gather(*peers)
        return outcomes

    return asyncio.run(story()), connections, heads


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return b""


FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
NEVER = b""
HALF = b'HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"a"'
HALF_REFUSAL = b"HTTP/1.1 409 Conflict\r\ncontent-length: 900\r\n\r\nno"
BAD_GZIP = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nab"
NO_HTTP = b"SSH-2.0-OpenSSH\r\n"
CREATE = Request("POST", "/teams", body={}, effect="creates")
READ = Request("GET", "/teams")


def test_one_connection_carries_many_requests() -> None:
    outcomes, connections, heads = over_a_socket([FINE], [READ] * 5)
    assert [type(outcome) for outcome in outcomes] == [Done] * 5
    assert (connections, len(heads)) == (1, 5)


def test_requests_at_once_have_a_connection_each_and_sixteen_at_most() -> None:
    outcomes, connections, heads = over_a_socket([FINE], [READ] * 100, at_once=True)
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert (connections, len(heads)) == (16, 100)


@pytest.mark.parametrize("answer", [NEVER, HALF, BAD_GZIP, NO_HTTP])
def test_a_create_whose_answer_is_lost_on_the_way_is_doubtful_and_sent_once(answer: bytes) -> None:
    outcomes, _, heads = over_a_socket([answer, FINE], [CREATE])
    assert [type(outcome) for outcome in outcomes] == [Doubtful]
    assert len(heads) == 1


@pytest.mark.parametrize("answer", [NEVER, HALF, BAD_GZIP, NO_HTTP])
def test_a_read_whose_answer_is_lost_on_the_way_is_sent_again(answer: bytes) -> None:
    outcomes, _, heads = over_a_socket([answer, FINE], [READ])
    assert [type(outcome) for outcome in outcomes] == [Done]
    assert len(heads) == 2


def test_a_refusal_that_breaks_off_is_still_a_refusal() -> None:
    outcomes, _, _ = over_a_socket([HALF_REFUSAL], [CREATE])
    assert isinstance(outcomes[0], NotDone)
    assert outcomes[0].fault.status == 409


def test_a_redirect_is_not_followed() -> None:
    elsewhere = b"HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:9/login\r\ncontent-length: 2\r\n\r\n{}"
    outcomes, _, heads = over_a_socket([elsewhere], [CREATE])
    assert isinstance(outcomes[0], NotDone)
    assert "redirects to http://127.0.0.1:9/login; not followed" in outcomes[0].fault.message
    assert len(heads) == 1


def test_a_closed_port_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        outcome = send_now(f"http://127.0.0.1:{port}")
    assert isinstance(outcome, NotSent)
    assert outcome.fault.message.startswith(f"no connection to 127.0.0.1:{port}: connection refused (tried ")


class Hurried(VirtualClock):
    """Waits pass at once; each takes its time from a clock of its own."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def send_now(base_url: str) -> Outcome:
    async def story() -> Outcome:
        sender = Client(host(base_url), clock=Hurried())
        try:
            return await sender.send(READ)
        finally:
            await sender.aclose()

    return asyncio.run(story())


def test_a_proxy_of_the_environment_is_used_and_never_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = send_now("http://api.vendor.test")
        assert isinstance(outcome, NotSent)
        assert "connection refused" in outcome.fault.message
        direct, _, heads = over_a_socket([FINE], [READ])
    assert isinstance(direct[0], Done)
    assert heads[0].startswith(b"GET /teams HTTP/1.1")


@pytest.mark.parametrize("proxy", ["socks5://me:pw-of-mine@127.0.0.1:9", "http://me:pw-of-mine@127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="HTTPS_PROXY") as caught:
        Client(host())
    assert "pw-of-mine" not in str(caught.value)


def test_no_proxy_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "vendor.test")
    Client(host())


def test_certificates_that_cannot_be_read_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        Client(host())
    Client(host("http://127.0.0.1:9"))
