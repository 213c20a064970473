"""Client: one account's requests, carried by httpx, retried by effect and never raising for a vendor or the network."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote, urlencode
from urllib.request import getproxies, proxy_bypass

import httpx

from reconciler.errors import SecretError, UsageError
from reconciler.http.exchange import (
    Answer,
    Cut,
    Doubtful,
    Fault,
    Host,
    NotDone,
    NotSent,
    Outcome,
    Request,
    Unsent,
    clean,
    is_header,
    judge,
)
from reconciler.http.join import Joint, Judge, is_joinable
from reconciler.http.pace import IN_FLIGHT, Clock, Pace, SystemClock
from reconciler.http.retry import PATIENCE, Backoff, Patience, Trial, repeatable, retry_after, trouble

Carrier: TypeAlias = httpx.AsyncBaseTransport

# Seconds. The last bounds an answer that drips.
CONNECT, READ, WHOLE = 10.0, 30.0, 300.0
_TIMEOUTS = {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}

# Shorter than servers keep theirs (often 5 s): a create sent into a connection that is just being closed is doubtful.
KEEP_ALIVE = 3.0


@dataclass(frozen=True)
class Waiting:
    """Said when an account makes us wait: so many seconds, and why."""

    host: str
    seconds: float
    why: str


class Client:
    """One account's client; belongs to one event loop.

    `spent` counts every try, `by_template` the same by method and path template. Raises SecretError for headers that
    HTTP cannot carry, UsageError for an address, proxy or certificate file that cannot be used; `send` raises neither.
    """

    def __init__(
        self,
        host: Host,
        *,
        transport: Carrier | None = None,
        clock: Clock | None = None,
        in_flight: int = IN_FLIGHT,
        on_event: Callable[[Waiting], None] | None = None,
        dice: random.Random | None = None,
    ) -> None:
        self._host = host
        self._clock = clock or SystemClock()
        base = _base(host)
        self._base = str(base).rstrip("/")
        self._where = base.netloc.decode()
        self._headers = _standing_headers(host)
        self._open: Callable[[], Carrier] = (lambda: transport) if transport else _opener(host, base)
        self._lanes: list[Carrier] = []
        self._idle: list[Carrier] = []
        self._pace = Pace(self._clock, in_flight)
        self._patience = Patience(self._clock)
        self._backoff = Backoff(dice)
        self._on_event = on_event
        self._joint = Joint(host, self._through)
        self.spent = 0
        self.by_template: Counter[str] = Counter()

    async def send(self, request: Request) -> Outcome:
        """Sends a request, again where its effect allows it. Never raises for a vendor or the network."""
        try:
            content = _encode(request)
        except ValueError as error:
            return NotSent(request, Fault(None, None, f"the body is not JSON: {clean(str(error), self._host.redact)}"))
        joinable = is_joinable(request)
        return await (self._joint.send(request, content) if joinable else self._through(request, content, judge))

    async def aclose(self) -> None:
        for lane in dict.fromkeys(self._lanes):
            await lane.aclose()

    async def _through(self, request: Request, content: bytes, judging: Judge) -> Outcome:
        self._patience.enter()
        try:
            return await self._persist(request, content, judging)
        finally:
            self._patience.leave()

    async def _persist(self, request: Request, content: bytes, judging: Judge) -> Outcome:
        trial = Trial(request, self._clock.monotonic())
        while await self._pace.enter(self._patience.deadline):
            started = self._clock.monotonic()
            result = await self._attempt(request, content)
            outcome = judging(request, self._host, result)
            headers = result.headers if isinstance(result, Answer) else {}
            wait = self._weigh(trial, outcome, headers, started)
            if wait is None:
                return trial.end(outcome, self._clock.monotonic())
            await self._clock.sleep(wait)
        return trial.given_up(self._host.name, self._clock.monotonic())

    def _weigh(self, trial: Trial, outcome: Outcome, headers: Mapping[str, str], started: float) -> float | None:
        """Learns from a try. Seconds this request waits before its next one; None where this was the last."""
        allowance = self._host.allowance(headers) if headers else None
        if allowance:
            self._pace.learn(allowance)
        kind = trouble(outcome)
        if kind is None:
            self._patience.succeeded()
            self._pace.speed_up()
            return None
        trial.failed(outcome, kind, started)
        self._patience.failed(kind, started)
        if not repeatable(outcome):
            return None
        asked = retry_after(headers, self._clock.now())
        if not asked and kind == "busy" and allowance and allowance.remaining <= 0 and allowance.resets_in <= PATIENCE:
            asked = allowance.resets_in
        wait = asked if asked and asked > 0 else self._backoff.wait(trial.tries)
        if isinstance(outcome, NotDone) and outcome.fault.status == 429:
            self._pace.slow_down(started)
            self._pace.pause(wait)
        if not self._patience.allows(trial, kind, wait):
            return None
        self._say(wait, outcome)
        return wait

    def _say(self, wait: float, outcome: Outcome) -> None:
        if self._on_event and isinstance(outcome, NotSent | NotDone | Doubtful):
            self._on_event(Waiting(self._host.name, wait, str(outcome.fault)))

    async def _attempt(self, request: Request, content: bytes) -> Answer | Unsent | Cut:
        self.spent += 1
        self.by_template[f"{request.method} {request.template or request.path}"] += 1
        lane = self._lane()
        try:
            async with asyncio.timeout(WHOLE):
                return await self._carry(lane, self._wire(request, content))
        except TimeoutError:
            return Cut(f"no whole answer within {WHOLE:g} s")
        finally:
            self._idle.append(lane)
            self._pace.leave()

    def _lane(self) -> Carrier:
        # A connection for each slot, the last used first: httpx's own pool gives one connection to several
        # requests at once and lets the losers ask again, which at 16 in flight costs more than all the rest.
        if self._idle:
            return self._idle.pop()
        self._lanes.append(self._open())
        return self._lanes[-1]

    def _wire(self, request: Request, content: bytes) -> httpx.Request:
        query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
        headers = dict(self._headers)
        if request.body is not None:
            headers.setdefault("content-type", "application/json")
        headers.update((name.lower(), value) for name, value in request.headers)
        url = _address(f"{self._base}{request.path}{query}")
        extensions = {"timeout": _TIMEOUTS}
        body = content if request.body is not None else None
        return httpx.Request(request.method, url, headers=headers, content=body, extensions=extensions)

    async def _carry(self, lane: Carrier, wire: httpx.Request) -> Answer | Unsent | Cut:
        # Not httpx.AsyncClient: it costs as much CPU again, follows cookies, and logs addresses with their query.
        try:
            response = await lane.handle_async_request(wire)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return Unsent(f"no connection to {self._where}: {_why(error)}")
        except (httpx.RequestError, OSError) as error:
            return Cut(f"no answer from {self._where}: {_why(error)}")
        try:
            content = await response.aread()
        except (httpx.RequestError, OSError):
            content = None
        finally:
            await response.aclose()
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers.raw}
        return Answer(response.status_code, headers, content)


# method, path with query, headers (lower-case), body → status, headers, body, and the seconds the answer takes.
Serve: TypeAlias = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes, float]]


class InProcess(httpx.AsyncBaseTransport):
    """Answers from a function, without a socket.

    From it, ConnectionRefusedError means no connection, ConnectionResetError and any other OSError an answer that never
    came; all else it raises passes through untouched. A delay past the read time-out is one.
    """

    def __init__(self, serve: Serve, *, clock: Clock | None = None) -> None:
        self._serve = serve
        self._clock = clock or SystemClock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        headers = {name.decode("ascii").lower(): value.decode("ascii") for name, value in request.headers.raw}
        try:
            status, answer, content, delay = self._serve(request.method, request.url.raw_path.decode(), headers, body)
        except ConnectionRefusedError as error:
            raise httpx.ConnectError("connection refused") from error
        except ConnectionResetError as error:
            raise httpx.ReadError("the connection was cut") from error
        # Also when there is no delay: a true request always lets others run.
        await self._clock.sleep(min(delay, READ))
        if delay > READ:
            raise httpx.ReadTimeout("")
        return httpx.Response(status, headers=dict(answer), content=content)


def _encode(request: Request) -> bytes:
    """Compact JSON in ASCII, so that no text can fail to be encoded. Raises ValueError for what JSON cannot say."""
    return b"" if request.body is None else json.dumps(request.body, separators=(",", ":"), allow_nan=False).encode()


# A run asks for the same lists and objects again and again: half the cost of a request is taking its address apart.
_address = lru_cache(maxsize=1_024)(httpx.URL)


def _base(host: Host) -> httpx.URL:
    try:
        base = httpx.URL(host.base_url)
    except httpx.InvalidURL:
        base = httpx.URL("")
    if base.scheme not in ("http", "https") or not base.host or base.query or base.fragment or base.userinfo:
        raise UsageError(
            f"{host.name}: the address of the API cannot be used: {clean(host.base_url, host.redact)!r}",
            way_out="write it as https://HOST or https://HOST/PATH, without user, password or query",
        )
    return base


def _standing_headers(host: Host) -> dict[str, str]:
    """What every request carries; checked here, because the line that h11 refuses would be quoted in its error."""
    for name, value in host.headers.items():
        if not is_header(name, value):
            raise SecretError(
                f"{host.name}: the value for the header {clean(name)!r} holds a character that HTTP cannot carry",
                way_out="the token or key behind it has a line break, a space at its end or a letter that is not ASCII",
            )
    standing = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "reconciler"}
    return standing | {name.lower(): value for name, value in host.headers.items()}


def _opener(host: Host, base: httpx.URL) -> Callable[[], Carrier]:
    trust, proxy = _trust(base), _proxy(host, base)
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)
    return lambda: httpx.AsyncHTTPTransport(verify=trust, limits=limits, proxy=proxy)


def _trust(base: httpx.URL) -> ssl.SSLContext:
    if base.scheme == "http":
        # Trusts nobody, and is never asked to: loading the certificates takes 20 ms.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise UsageError(
            f"the certificates to trust cannot be read: {clean(str(error))}",
            way_out="SSL_CERT_FILE and SSL_CERT_DIR must name a file or folder of PEM certificates, or be unset",
        ) from error


def _proxy(host: Host, base: httpx.URL) -> httpx.Proxy | None:
    """The proxy of the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), never for this machine itself."""
    proxies = getproxies()
    address = proxies.get(base.scheme) or proxies.get("all")
    if not address or _is_loopback(base.host) or proxy_bypass(base.host):
        return None
    try:
        proxy = httpx.Proxy(address if "://" in address else f"http://{address}")
    except (httpx.InvalidURL, ValueError):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https"):
        # The address may hold a password: only its variable is named.
        raise UsageError(
            f"{host.name}: the proxy in {base.scheme.upper()}_PROXY or ALL_PROXY cannot be used",
            way_out="write it as http://HOST:PORT, or name the vendor's host in NO_PROXY",
        )
    return proxy


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _why(error: Exception) -> str:
    """A network error in words; the deepest cause knows best."""
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted ({cause.verify_message}); SSL_CERT_FILE can name yours"
            case socket.gaierror():
                return "its name cannot be resolved"
            case ConnectionRefusedError():
                return "connection refused"
            case httpx.ConnectTimeout() | httpx.PoolTimeout():
                return f"timed out after {CONNECT:g} s"
            case httpx.TimeoutException():
                return f"timed out after {READ:g} s"
    return str(error) or "the connection was cut"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__
