"""The sandbox on a loopback socket: Starlette on uvicorn, in a thread of its own."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.world import Sandbox

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger for no time: the peer meets a reset, not a polite end


@dataclass(frozen=True)
class Carrier:
    """Takes requests off the wire. Cut connections are told apart by the peer's address."""

    sandbox: Sandbox
    latency: float = 0.0
    rate_limit: int | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    connections: dict[tuple[str, int], asyncio.Transport] = field(default_factory=dict)
    recent: deque[float] = field(default_factory=deque)

    async def answer(self, http: HttpRequest) -> Response:
        """The answer in time; a fault's cut ends the connection without one.

        A connection that is to be refused is already open here: it is reset before the vendor does anything.
        """
        query = tuple(parse_qsl(http.scope["query_string"].decode("latin-1"), keep_blank_values=True))
        path = http.scope["raw_path"].decode("latin-1")
        request = Request(http.method, path, query, dict(http.headers), await http.body())
        control = path.startswith("/__")
        if self.latency and not control:
            await self.sleep(self.latency)
        try:
            answer = self._answer(request, control)
        except ConnectionError:
            await self._cut(http)
            return Response(status_code=500)  # goes nowhere, the connection is gone
        if answer.delay:
            await self.sleep(answer.delay)
        return Response(answer.body, answer.status, dict(answer.headers))

    def _answer(self, request: Request, control: bool) -> Answer:
        return self.sandbox.throttled(request) if not control and self._too_often() else self.sandbox.handle(request)

    def _too_often(self) -> bool:
        if self.rate_limit is None:
            return False
        now = asyncio.get_running_loop().time()
        while self.recent and now - self.recent[0] >= 1.0:
            self.recent.popleft()
        if len(self.recent) >= self.rate_limit:
            return True
        self.recent.append(now)
        return False

    async def _cut(self, http: HttpRequest) -> None:
        client = http.client
        transport = self.connections.get((client.host, client.port)) if client else None
        if transport is None:
            return
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
        await asyncio.sleep(0)  # lets the server learn of it before the handler returns

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's own protocol, noting which transport belongs to which peer."""
        connections = self.connections

        class Noting(H11Protocol):
            def connection_made(self, transport: Any) -> None:
                self.peer = transport.get_extra_info("peername")[:2]
                connections[self.peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self.peer, None)
                super().connection_lost(exc)

        return Noting


class Serving:
    """A sandbox that is being served. `port` is the bound one; a context manager that stops at its end."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket) -> None:
        self.host, self.port = listening.getsockname()[:2]
        self._server = server
        self._thread = threading.Thread(target=server.run, args=([listening],), name="sandbox", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def wait(self, seconds: float | None = None) -> None:
        """Until somebody stops it, or for some seconds."""
        self._thread.join(seconds)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(
    sandbox: Sandbox,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    latency: float = 0.0,
    rate_limit: int | None = None,
    clock_runs: bool = True,
) -> Serving:
    """Serves the sandbox on loopback; returns once connections are taken. Port 0 takes a free one.

    `latency` is the seconds every request waits without holding up others, `rate_limit` the requests per second above
    which the vendor's 429 comes. Raises ValueError for an address that is not loopback, OSError for a taken port.
    """
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the sandbox has no sign-in of its own and serves loopback only, not {host}")
    if clock_runs:
        sandbox.clock.run(lambda: datetime.now(UTC))
    carrier = Carrier(sandbox, latency, rate_limit)
    app = Starlette(routes=[Route("/{path:path}", carrier.answer, methods=METHODS)])
    config = uvicorn.Config(
        app,
        http=carrier.protocol(),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return Serving(uvicorn.Server(config), _listening(host, port))


def _listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections already: whoever calls before the server runs waits in its queue."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets NODELAY only on sockets that say they are TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
