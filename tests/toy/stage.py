"""A stage with the toy vendor in two accounts, its ledger in a drawer."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.engine.access import Access
from reconciler.engine.change import Change
from reconciler.engine.opening import Surroundings, open_access
from reconciler.engine.plan import Plan
from reconciler.http.client import InProcess
from reconciler.manifest.project import Project, load_project
from tests.laws.life import Drawer, Life
from tests.stage import Serve
from tests.toy.server import ToyServer
from tests.toy.vendor import TOY

VENDORS = {"toy": TOY}
PROJECT = """
apiVersion: reconciler/v1
kind: Project
metadata: {name: toys}
accounts:
  toy: {default: {token: {env: TOY_TOKEN}}, other: {token: {env: TOY_TOKEN}}}
"""


@dataclass
class ToyStage(Life):
    """Everything a test of the engine plays with. `says(text)` is what Git says from now on."""

    server: ToyServer = field(default_factory=ToyServer)
    guards: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.environ = {"TOY_TOKEN": "toy-token-for-tests"}

    def says(self, text: str, *more: str) -> None:
        """These manifests, in `all.yaml`; without `apiVersion`, which is always the same."""
        files = {"reconciler.yaml": PROJECT + (f"guards: {self.guards}\n" if self.guards else "")}
        for number, one in enumerate((text, *more)):
            documents = [part for part in one.split("\n---\n") if part.strip()]
            name = "all.yaml" if number == 0 else f"more-{number}.yaml"
            files[name] = "\n---\n".join(f"apiVersion: toy/v1\n{part.strip()}" for part in documents)
        self.edited(files)

    def project(self) -> Project:
        if self.loaded is None:
            self.loaded = load_project(self.root, self.root / "reconciler.yaml", VENDORS, environ=self.environ)
        return self.loaded

    def access(self, project: Project | None = None) -> Access:
        serve = self.serve or self.answers()
        around = Surroundings(
            environ=self.environ,
            clock=self.clock,
            carrier=lambda: InProcess(serve, clock=self.clock),
            elsewhere=lambda host: f"http://toy.test/{host}",
        )
        return open_access(project or self.project(), VENDORS, self.store, self.seals, around)

    def fork(self) -> ToyStage:
        twin = ToyStage(self.root, seals=self.seals, server=self.server.fork())
        twin.store = twin.drawer = Drawer(self.drawer.objects)
        twin.environ, twin.loaded, twin.clock.passed = dict(self.environ), self.loaded, self.clock.passed
        return twin

    def answers(self) -> Serve:
        return self.server

    def done(self) -> list[str]:
        """One apply: what was done, as words, and nothing left after it."""
        plan, applied = self.go()
        undone = [(str(one.change.address), one.ending, one.text) for one in applied.results if one.ending != "done"]
        assert not undone, undone
        assert not self.plan().writes, words(self.plan())
        return words(plan)

    def entry(self, address: str) -> Any:
        return self.ledger("toy").entries.get(address)


def words(plan: Plan) -> list[str]:
    """`update Rule/a` for each change."""
    return [word(change) for change in plan.changes]


def word(change: Change) -> str:
    host = f"@{change.address.account} " if change.address.account != "default" else ""
    return f"{change.word} {host}{change.address.kind}/{change.address.name}"


def fields(plan: Plan, address: str) -> dict[str, tuple[Any, Any, str]]:
    """What a plan says of one address's fields: old, new, cause."""
    [change] = [one for one in plan.changes if str(one.address) == f"toy/{address}" and one.fields]
    return {one.path: (one.old, one.new, one.cause) for one in change.fields}


def why(plan: Plan, address: str) -> str:
    [change] = [one for one in plan.not_done if str(one.address) == f"toy/{address}"]
    return f"{change.why} | {getattr(change, 'way_out', '')}"


def toys(root: Path) -> ToyStage:
    return ToyStage(root)
