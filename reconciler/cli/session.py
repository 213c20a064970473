"""Session: a project with its ledgers' store, its keys and its way to the vendors, as the options ask for it."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.options import Common
from reconciler.cli.project import open_project
from reconciler.cli.screen import Screen
from reconciler.engine.access import Access
from reconciler.engine.opening import Surroundings, open_access
from reconciler.errors import LedgerError
from reconciler.http.client import Waiting
from reconciler.ledger import ledger
from reconciler.ledger.entries import LedgerState
from reconciler.ledger.holder import Holder
from reconciler.ledger.lease import TTL
from reconciler.ledger.ledger import Held
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project
from reconciler.manifest.values import Secrets
from reconciler.vendors.registry import VENDORS

if TYPE_CHECKING:
    from reconciler.cli.sandboxed import Sandboxed

# Seconds. Shorter waits are a vendor's ordinary pace, unless nothing was said for long; and many requests may wait for
# one and the same reason.
_WORTH_TELLING, _TELL_AGAIN = 1.0, 5.0


@dataclass(frozen=True, eq=False)
class Session:
    """What one command works with. `environ` is the environment; `world` the made-up one with `--sandbox`."""

    project: Project
    store: Store
    screen: Screen
    verbose: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    world: Sandboxed | None = None
    _told: dict[str, float] = field(default_factory=dict, repr=False)
    _began: float = field(default_factory=time.monotonic, repr=False)

    def tell_empty(self) -> None:
        """Say where manifests stand to somebody who has none, or stands in another folder."""
        if next(self.project.written(), None) is not None:
            return
        first = "" if self.project.file else "`reconciler init` writes a reconciler.yaml; "
        self.screen.talk(
            f"no manifest is in {self.project.root} or below: {first}manifests stand in .yaml files there, "
            "and `reconciler explain` tells their kinds"
        )

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def seals(self) -> Seals | None:
        """The keys at hand. Those of the environment are not for the sandbox: its ledger goes from run to run."""
        return Seals.find({} if self.world else self.environ, self.store.folder)

    def seals_to_look(self, states: Mapping[str, LedgerState]) -> Seals | None:
        """Keys to compare with. A folder's new ledger gets its key when it is first applied; until then any will do."""
        if (found := self.seals()) is not None:
            return found
        begins = self.store.folder is not None and all(state.new for state in states.values())
        return Seals(base64.urlsafe_b64encode(os.urandom(32)).decode()) if begins else None

    def seals_to_write(self, states: Mapping[str, LedgerState] | None = None) -> Seals | None:
        """Keys to record with: a folder's ledger makes its own, unless it had one, as one of the `states` then shows.

        A shared ledger's come from the environment.
        """
        if (found := self.seals()) is not None or self.store.folder is None:
            return found
        if any(state.keyed for state in (states or {}).values()):
            return None
        return Seals.make(self.store.folder)

    # ── ledgers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def prefix(self, host: str) -> str:
        return self.closed().prefix(host)

    async def states(self) -> dict[str, LedgerState]:
        """The ledgers of the accounts that manifests or earlier runs used; writes nothing."""
        hosts = list(self.project.accounts)
        reads = (ledger.read(self.store, self.prefix(host)) for host in hosts)
        read = dict(zip(hosts, await asyncio.gather(*reads, return_exceptions=True), strict=True))
        _raise_all(read.values())
        used = {address.host for address in self.project.manifests}
        states = {host: state for host, state in read.items() if isinstance(state, LedgerState)}
        return {host: state for host, state in states.items() if host in used or not state.new}

    @asynccontextmanager
    async def held(self, hosts: list[str]) -> AsyncIterator[dict[str, Held]]:
        """These accounts' ledgers under our lease, until the end of the block. Raises LeaseHeld."""
        by_prefix = {self.prefix(host): host for host in hosts}
        taken = await ledger.take_all(self.store, by_prefix, Holder.here(), on_wait=self._waits_for)
        try:
            yield {by_prefix[prefix]: held for prefix, held in taken.items()}
        finally:
            for held in taken.values():
                await held.close()

    def _waits_for(self, prefix: str, holder: Holder) -> None:
        self.screen.talk(f"{prefix} is held by {holder} since {holder.since}; looking up to {TTL:.0f} s for life")

    # ── vendors ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def closed(self, seals: Seals | None = None) -> Access:
        """An access that reaches ledgers and kinds, but no vendor."""
        secrets = Secrets(self.project.root, self.project.secret_files, self.environ)
        return Access(self.project, VENDORS, {}, self.store, secrets, self._around().clock, seals)

    @asynccontextmanager
    async def access(self, seals: Seals | None) -> AsyncIterator[Access]:
        """Signed in to every account, until the end of the block."""
        access = open_access(self.project, VENDORS, self.store, seals, self._around())
        access.siblings = await self._siblings()
        try:
            yield access
        finally:
            for client in access.everyone:
                await client.aclose()

    async def _siblings(self) -> dict[tuple[str, str, str], str]:
        """The objects of the same project in other environments, by vendor, kind and id."""
        found: dict[tuple[str, str, str], str] = {}
        for name in self.project.siblings:
            environment = name.partition("+")[2]
            where = f"the environment {environment}" if environment else "the project without an environment"
            for host in self.project.accounts:
                vendor, _, account = host.partition("@")
                state = await ledger.read(self.store, f"{name}/{vendor}@{account or 'default'}")
                for address, entry in state.entries.items():
                    kind = f"{vendor}/{address.split('/')[1]}"
                    found[vendor, kind, entry.id] = f"{where} ({address})"
        return found

    def _around(self) -> Surroundings:
        if self.world is None:
            return Surroundings(self.environ, on_wait=self._waits_at)
        from reconciler.cli import sandboxed  # imported here and below: no other command needs made-up vendors

        given = sandboxed.environ(self.environ)
        return Surroundings(given, self.world.clock, self.world.carrier, self.world.elsewhere, self._waits_at)

    def _waits_at(self, waiting: Waiting) -> None:
        now = time.monotonic()
        quiet = now - self._told.get(waiting.host, self._began)
        again = quiet >= _TELL_AGAIN or waiting.host not in self._told
        if self.verbose or quiet >= _TELL_AGAIN or (again and waiting.seconds >= _WORTH_TELLING):
            self._told[waiting.host] = now
            self.screen.talk(f"{waiting.host}: asked again in {waiting.seconds:.1f} s: {waiting.why}")


def _raise_all(read: Iterable[object]) -> None:
    """Raise what went wrong, every ledger that cannot be read in one error."""
    errors = [one for one in read if isinstance(one, BaseException)]
    for error in errors:
        if not isinstance(error, LedgerError):
            raise error
    problems = [problem for error in errors if isinstance(error, LedgerError) for problem in error.problems]
    if problems:
        raise LedgerError(problems=dict.fromkeys(problems))


def _made_up(root: Path) -> Sandboxed:
    from reconciler.cli.sandboxed import Sandboxed

    return Sandboxed.open(root)


def open_session(common: Common) -> Session:
    """The session that the options ask for; nothing is read yet but the project."""
    project = open_project(common)
    world = _made_up(project.root) if common.sandbox else None
    store = Store.open(project.ledger.url, project.root)
    session = Session(project, store, common.screen(), common.verbose, world=world)
    for place in project.skipped if common.verbose else ():
        session.screen.talk(f"{place}: skipped, it has none of our apiVersions")
    return session
