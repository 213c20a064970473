"""Further hosts of an account: steps may go there, and the account's sign-in never does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from reconciler.engine.opening import Surroundings, open_access
from reconciler.http.client import InProcess
from reconciler.http.exchange import NotSent, Request
from tests.toy.stage import VENDORS, ToyStage

GROUP = "kind: Group\nmetadata: {name: g}\nspec: {}"
PING = "kind: Ping\nmetadata: {name: p}\nspec: {state: on}"


def test_what_goes_to_another_host_of_the_account_is_not_signed(toys: ToyStage) -> None:
    inner, seen = toys.answers(), dict[str, Mapping[str, str]]()

    def noting(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        seen[f"{method} {target}"] = headers
        return inner(method, target, headers, body)

    toys.serve = noting
    toys.says(f"{GROUP}\n---\n{PING}")
    toys.done()
    signed = {what: "toy-token-for-tests" in str(headers) for what, headers in seen.items()}
    assert signed["POST /toy/groups"]
    assert not signed["POST /toy/pings"]


def test_another_host_has_its_own_address(toys: ToyStage) -> None:
    toys.says(GROUP)
    around = Surroundings(environ=toys.environ, carrier=lambda: InProcess(nobody), clock=toys.clock)
    access = open_access(toys.project(), VENDORS, toys.store, toys.seals, around)
    for name, address in (("", "toy.example"), ("side", "side.toy.example")):
        outcome = asyncio.run(access.client("toy", name).send(Request("GET", "/")))
        assert isinstance(outcome, NotSent)
        assert f"no connection to {address}" in outcome.fault.message


def nobody(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
    raise ConnectionRefusedError
