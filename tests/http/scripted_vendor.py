"""A vendor that answers by a script, for the client's tests."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.http.client import Client, InProcess, Waiting
from reconciler.http.exchange import Allowance, Effect, Fault, Host, Json, Outcome, Reply, Request
from tests.http.virtual_time import VirtualClock, run

TOKEN = "kR7-very-secret-token"
BASE = "https://api.vendor.test/rest"


@dataclass(frozen=True)
class Says:
    """One answer: text as it stands, anything else as JSON."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0

    def wire(self) -> tuple[int, Mapping[str, str], bytes, float]:
        match self.body:
            case None:
                content = b""
            case str():
                content = self.body.encode()
            case _:
                content = json.dumps(self.body).encode()
        return self.status, self.headers, content, self.delay


REFUSED = ConnectionRefusedError("refused")
CUT = ConnectionResetError("reset")
SLOW = Says(200, {"ok": True}, delay=31.0)
OK = Says(200, {"ok": True})
GARBLED = Says(200, "<html><title>Sign in</title></html>")

Line = Says | BaseException


@dataclass
class Vendor:
    """Answers each request with the next line of the script; the last line stands for all that follow."""

    script: list[Line]
    times: list[float] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def serve(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        self.times.append(asyncio.get_running_loop().time())
        self.paths.append(path)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(line, BaseException):
            raise line
        return line.wire()


def explain(reply: Reply) -> Fault | None:
    """The test vendor's words: {"error": {"status", "code", "message"}}, also inside a 2xx."""
    match reply.body:
        case {"error": {"message": str() as message, **rest}}:
            status, code = rest.get("status"), rest.get("code")
            return Fault(status if isinstance(status, int) else None, code if isinstance(code, str) else None, message)
    return None


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    if "x-left" not in headers:
        return None
    return Allowance(int(headers["x-left"]), float(headers["x-reset"]))


def cut_token(text: str) -> str:
    return text.replace(TOKEN, "(secret)")


def host(base_url: str = BASE, *, headers: Mapping[str, str] | None = None) -> Host:
    signed = {"Authorization": f"GenieKey {TOKEN}"} if headers is None else headers
    return Host("vendor", base_url, signed, explain, cut_token, allowance)


Serve = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes, float]]


def client(
    serve: Serve, *, in_flight: int = 16, on_event: Callable[[Waiting], None] | None = None, seed: int = 1
) -> Client:
    """A client of a function, in virtual time."""
    clock = VirtualClock()
    carrier = InProcess(serve, clock=clock)
    dice = random.Random(seed)
    return Client(host(), transport=carrier, clock=clock, in_flight=in_flight, on_event=on_event, dice=dice)


def ask(effect: Effect = "reads", path: str = "/teams", body: str | None = None) -> Request:
    return Request("GET" if effect == "reads" else "POST", path, effect=effect, body=body)


def tell(script: list[Line], effect: Effect) -> tuple[Outcome, Vendor]:
    vendor = Vendor(script)

    async def story() -> Outcome:
        return await client(vendor.serve).send(ask(effect))

    return run(story()), vendor
