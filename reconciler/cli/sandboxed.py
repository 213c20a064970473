"""Sandboxed: the made-up vendors inside a command: a transport without sockets, a world and a ledger of their own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from reconciler.errors import Place, UsageError
from reconciler.http.client import Carrier, InProcess
from reconciler.kinds.shape import Leaf, shape_of
from reconciler.kinds.tree import Env
from reconciler.kinds.vendor import AccountSettings, Vendor
from reconciler.manifest.project import Account, Project
from reconciler.sandbox.exchange import Request, encode
from reconciler.sandbox.world import Sandbox

FOLDER = ".reconciler/sandbox"
LEDGER = f"file:{FOLDER}/ledger"
TOKEN = "made-up-for-the-sandbox"  # noqa: S105  # opens nothing but the sandbox
_VARIABLE = "RECONCILER_SANDBOX_TOKEN"

Serve = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes, float]]


def serve(sandbox: Sandbox) -> Serve:
    """The sandbox as the in-process transport calls it."""

    def answer(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        path, _, query = target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        given = sandbox.handle(Request(method, path, pairs, headers, body))
        return given.status, given.headers, given.body, given.delay

    return answer


class SkippingClock:
    """The machine's time, but sleeping is jumping ahead: nobody waits in a made-up world. The sandbox goes along."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._ahead += seconds
            self._sandbox.clock.advance(seconds)
        await asyncio.sleep(0)


@dataclass(frozen=True, eq=False)
class Sandboxed:
    """A project's own made-up world, kept below `.reconciler/sandbox`; its clock is the machine's."""

    sandbox: Sandbox
    clock: SkippingClock

    @classmethod
    def open(cls, root: Path) -> Sandboxed:
        """The world as the last command left it. Raises UsageError where it cannot be read or kept."""
        store = root / FOLDER / "world.json"
        try:
            store.parent.mkdir(parents=True, exist_ok=True)
            if not os.access(store.parent, os.W_OK):
                raise PermissionError(13, "Permission denied")
            sandbox = Sandbox(store=store)
        except OSError as error:
            what = f"the sandbox cannot keep its world here: {error.strerror}"
            raise UsageError(what, place=Place(str(store)), way_out="run it in a folder that can be written") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            what = "the sandbox's world cannot be read: it is damaged, or of another version"
            raise UsageError(what, place=Place(str(store)), way_out="begin anew: reconciler sandbox reset") from None
        sandbox.clock.run(lambda: datetime.now(UTC))
        return cls(sandbox, SkippingClock(sandbox))

    def carrier(self) -> Carrier:
        return InProcess(serve(self.sandbox), clock=self.clock)

    def elsewhere(self, host: str) -> str:
        return f"http://sandbox.invalid/{host}"

    def control(self, path: str, body: Any) -> Any:
        """What a control call answers. Raises UsageError with the sandbox's own words where the call is wrong."""
        answer = self.sandbox.handle(Request("POST", path, (), {}, encode(body)))
        if answer.status != 200:
            raise UsageError(str(answer.json()["message"]))
        return answer.json()

    def get(self, vendor: Vendor, host: str, target: str) -> tuple[int, Any]:
        """Status and body of what a vendor's API answers to a GET of this path and query."""
        path, _, query = f"/{host}/{target.lstrip('/')}".partition("?")
        headers = {name.lower(): value for name, value in vendor.sign(_tokens(vendor)).items()}
        answer = self.sandbox.handle(Request("GET", path, tuple(parse_qsl(query)), headers))
        return answer.status, json.loads(answer.body) if answer.body else None


def forget(root: Path) -> None:
    """Remove the kept world and its ledger."""
    try:
        shutil.rmtree(root / FOLDER)
    except FileNotFoundError:
        return
    except OSError as error:
        what = f"the sandbox's world cannot be removed: {error.strerror}"
        raise UsageError(what, place=Place(str(root / FOLDER)), way_out="remove the folder by hand") from None


def environ(given: Mapping[str, str]) -> dict[str, str]:
    """The environment with the token that every account of the sandbox signs in with."""
    return {**given, _VARIABLE: TOKEN}


def signed_in(project: Project) -> Project:
    """The project with made-up sign-ins, so that no real key is wanted, nor a tenant that only the vendor has."""
    accounts = {host: replace(one, settings=_settings(one)) for host, one in project.accounts.items()}
    return replace(project, accounts=accounts)


def _settings(account: Account) -> AccountSettings:
    settings = account.settings
    made_up: dict[str, Any] = {name: Env(_VARIABLE) for name in secrets_of(account.vendor)}
    # A fact of the true tenant, which the sandbox tells in its own way.
    made_up |= {name: None for name in account.vendor.known_facts(settings) if name in type(settings).model_fields}
    return settings.model_copy(update=made_up)


def secrets_of(vendor: Vendor) -> list[str]:
    """The settings of an account that are secrets."""
    fields = shape_of(vendor.settings).fields
    return [name for name, field in fields.items() if isinstance(field.shape, Leaf) and field.shape.secret]


def _tokens(vendor: Vendor) -> dict[str, str]:
    return dict.fromkeys(secrets_of(vendor), TOKEN)
