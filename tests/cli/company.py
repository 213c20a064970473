"""Company: a project signed in to vendors of its own, without sockets, and what was asked and recorded there."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.cli.sandboxed import SkippingClock, serve
from reconciler.cli.session import Session
from reconciler.engine.opening import Surroundings
from reconciler.http.client import InProcess
from reconciler.ledger import ledger
from reconciler.ledger.entries import LedgerState
from reconciler.ledger.store import Store
from reconciler.sandbox.world import Sandbox
from tests.cli.shell import Ran, Shell

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: shop}
accounts:
  opsgenie: {api_key: {env: OPSGENIE_API_KEY}, region: eu}
  wallarm: {token: {env: WALLARM_API_TOKEN}, cloud: us}
"""
TEAM = """\
apiVersion: opsgenie/v1
kind: Team
metadata: {name: night}
spec: {description: On call at night}
"""
MAIL = """\
apiVersion: wallarm/v1
kind: Integration
metadata: {name: mail}
spec: {type: email, target: [ann@example.com], events: [system]}
"""
HOSTS = ("opsgenie", "wallarm")
_READS = frozenset({"/wallarm/v1/user"})  # asked with POST all the same
_NOTE = re.compile(r"note: Opsgenie ends on \S+ Atlassian .*? for migrated accounts ?")  # on every plan that reads it
_SPENT = re.compile(r"\(\d+ requests?, [^)]*? s\)")
_TRIED = re.compile(r"\(tried \d+ times in \d+ s\)")

_SETTLED: dict[tuple[frozenset[tuple[str, bytes]], str], tuple[Path, Sandbox]] = {}


@dataclass(frozen=True)
class Told(Ran):
    """How a command ended; `told` is its result on one line, less what differs from run to run."""

    @property
    def told(self) -> str:
        text = _NOTE.sub(" ", " ".join(self.out.split()))
        return _TRIED.sub("(tried …)", _SPENT.sub("(…)", text)).strip()


@dataclass
class Company:
    """A shell whose commands reach `sandbox` as if it were the vendors; waiting costs no time."""

    shell: Shell
    sandbox: Sandbox = field(default_factory=Sandbox)
    name: str = "shop"

    def __post_init__(self) -> None:
        self.clock = SkippingClock(self.sandbox)

    @property
    def folder(self) -> Path:
        return self.shell.folder

    def around(self, session: Session) -> Surroundings:
        """What stands in for `Session._around`."""
        answer = serve(self.sandbox)
        return Surroundings(
            session.environ,
            self.clock,
            lambda: InProcess(answer, clock=self.clock),
            lambda host: f"http://vendor.invalid/{host}",
            session._waits_at,
        )

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            self.shell.write(name, text)

    def __call__(self, *arguments: str) -> Told:
        ran = self.shell(*arguments)
        return Told(ran.code, ran.out, ran.err)

    def settle(self) -> None:
        """Apply what is written, so that there is something to lose; twice, as the vendor tells a birth only later.

        Once for all tests that begin with the same.
        """
        begun = self.shell.contents(), json.dumps(self.sandbox.dump(), sort_keys=True)
        if begun in _SETTLED:
            folder, sandbox = _SETTLED[begun]
            shutil.copytree(folder, self.folder, dirs_exist_ok=True)
            self.sandbox = sandbox.fork()
            self.clock = SkippingClock(self.sandbox)
        else:
            for _ in range(2):
                ran = self("apply", "--yes")
                assert ran.code == 0, ran
            _SETTLED[begun] = self.shell.copied(), self.sandbox.fork()
        self.sandbox.log.clear()

    def fault(self, **fault: Any) -> None:
        self.sandbox.faults.order({"count": None, **fault})

    def tenant(self, vendor: str) -> Any:
        """The vendor's side of the account, where a test looks at what is there."""
        return self.sandbox.account(vendor)

    @property
    def writes(self) -> list[str]:
        """The requests that were no reads."""
        asked = ((one["method"], one["path"]) for one in self.sandbox.log)
        return [f"{method} {path}" for method, path in asked if method != "GET" and path not in _READS]

    def ledger(self) -> dict[str, tuple[Any, ...]]:
        """What is recorded, as far as a run that does nothing must leave it."""
        store = Store.open("file:.reconciler/ledger", self.folder)
        read = {host: asyncio.run(ledger.read(store, f"{self.name}/{host}@default")) for host in HOSTS}
        return {host: _kept(state) for host, state in read.items()}


def _kept(state: LedgerState) -> tuple[Any, ...]:
    return dict(state.entries), state.open, state.tenant, state.holder
