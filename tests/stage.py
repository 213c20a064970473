"""Stage: a project in a folder, a sandbox without sockets, a ledger in memory, a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.cli.sandboxed import Serve, serve
from reconciler.engine.access import Access
from reconciler.engine.apply import Run
from reconciler.engine.opening import Surroundings, open_access
from reconciler.engine.plan import Plan
from reconciler.engine.result import Applied
from reconciler.engine.story import Asked, make_plan
from reconciler.http.client import InProcess
from reconciler.kinds.vendor import Vendor
from reconciler.ledger import ledger
from reconciler.ledger.holder import Holder
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project, load_project
from reconciler.sandbox.exchange import Request, encode
from reconciler.sandbox.world import Sandbox
from reconciler.vendors.registry import VENDORS

__all__ = ["ENVIRON", "SEAL_KEY", "Serve", "Stage", "StillClock", "serve"]

SEAL_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ENVIRON = {
    "WALLARM_API_TOKEN": "wallarm-token-for-tests",
    "OPSGENIE_API_KEY": "opsgenie-key-for-tests",
    "PAGERDUTY_TOKEN": "pagerduty-key-for-tests",
    "DD_API_KEY": "datadog-api-key-for-tests",
    "DD_APP_KEY": "datadog-application-key-for-tests",
    "DYNATRACE_ENV_URL": "https://abc12345.live.dynatrace.com",
    "DYNATRACE_API_TOKEN": "dynatrace-token-for-tests",
    "REACTIO_ORGANIZATION": "acme",
    "REACTIO_API_KEY": "reactio-key-for-tests",
}


class StillClock:
    """Time that stands still but for sleeping; the sandbox's clock goes with it."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self.passed = 0.0
        self.sandbox = sandbox

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.passed += seconds
            if self.sandbox is not None:
                self.sandbox.clock.advance(seconds)
        await asyncio.sleep(0)


@dataclass
class Stage:
    """Everything one test plays with. `write` manifests, then `plan` and `apply` as often as the story needs."""

    root: Path
    sandbox: Sandbox = field(default_factory=Sandbox)
    store: Store = field(default_factory=Store.memory)
    environ: dict[str, str] = field(default_factory=lambda: dict(ENVIRON))
    seals: Seals | None = field(default_factory=lambda: Seals(SEAL_KEY))
    serve: Serve | None = None
    vendors: Mapping[str, Vendor] = field(default_factory=lambda: VENDORS)

    def __post_init__(self) -> None:
        self.clock = StillClock(self.sandbox)

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def project(self) -> Project:
        file = self.root / "reconciler.yaml"
        return load_project(self.root, file if file.exists() else None, self.vendors, environ=self.environ)

    def access(self, project: Project | None = None) -> Access:
        answer = self.serve or serve(self.sandbox)
        around = Surroundings(
            environ=self.environ,
            clock=self.clock,
            carrier=lambda: InProcess(answer, clock=self.clock),
            elsewhere=lambda host: f"http://sandbox.test/{host}",
        )
        return open_access(project or self.project(), self.vendors, self.store, self.seals, around)

    def plan(self, asked: Asked | None = None) -> Plan:
        return asyncio.run(self._plan(self.access(), asked or Asked()))

    async def _plan(self, access: Access, asked: Asked) -> Plan:
        states = {host: await ledger.read(self.store, access.prefix(host)) for host in access.project.accounts}
        return await make_plan(access, states, asked)

    def apply(self, asked: Asked | None = None) -> Applied:
        return asyncio.run(self._apply(asked or Asked()))[1]

    async def _apply(self, asked: Asked) -> tuple[Plan, Applied]:
        access = self.access()
        hosts = {access.prefix(host): host for host in access.project.accounts}
        taken = await ledger.take_all(self.store, hosts, Holder.here("test"))
        held = {hosts[prefix]: one for prefix, one in taken.items()}
        try:
            plan = await make_plan(access, {host: one.state for host, one in held.items()}, asked)
            return plan, await Run(access, plan, held).go()
        finally:
            for one in held.values():
                await one.close()

    def edit(self, vendor: str, path: str, json: Any) -> None:
        """What a person does in the vendor's own UI."""
        body = encode({"vendor": vendor, "path": path, "json": json})
        answer = self.sandbox.handle(Request("POST", "/__edit", (), {}, body))
        assert answer.status == 200, answer.body

    def ledger(self, host: str) -> Any:
        prefix = self.access().prefix(host)
        return asyncio.run(ledger.read(self.store, prefix))
