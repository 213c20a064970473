"""Team: people at work with a recipe: what they do in Git and in a vendor's pages, and what is there in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.exchange import Request, encode
from reconciler.sandbox.world import Sandbox
from tests.recipes.github import Event, GitHub, Ran, pull_request

Ended = dict[str, Ran]
_READS = ("POST /wallarm/v1/user", "POST /wallarm/v1/objects/pool")


def edit(sandbox: Sandbox, vendor: str, path: str, change: Any) -> None:
    """What somebody does in a vendor's pages; None deletes."""
    body = encode({"vendor": vendor, "path": path, "json": change})
    answer = sandbox.handle(Request("POST", "/__edit", (), {}, body))
    assert answer.status == 200, answer.body


def writes(sandbox: Sandbox) -> list[str]:
    """The requests since this was last asked that were no reads."""
    asked = [f"{one['method']} {one['path']}" for one in sandbox.log]
    sandbox.log.clear()
    return [one for one in asked if not one.startswith("GET ") and one not in _READS]


@dataclass
class Team:
    """`pulls` are the pull requests' numbers, by branch."""

    github: GitHub
    pulls: dict[str, int] = field(default_factory=dict)

    def propose(self, name: str, files: dict[str, str | None], *, fork: bool = False) -> Ended:
        """Open a pull request from a branch, or push to it again."""
        head = self.github.repository.branch(name, files)
        number = self.pulls.setdefault(name, len(self.pulls) + 1)
        return self.github.happens(self._proposed(name, number, head, fork=fork))

    def _proposed(self, name: str, number: int, head: str, *, fork: bool) -> Event:
        return pull_request(number, head, self.github.repository.propose(name, number), fork=fork)

    def merge(self, name: str) -> Ended:
        head = self.head(name)
        sha = self.github.repository.merge(name)
        self.github.forge.merged[sha] = [{"number": self.pulls[name], "merged_at": "now", "head": {"sha": head}}]
        return self.github.happens(Event("push", "refs/heads/main", sha))

    def head(self, branch: str) -> str:
        return (self.github.repository.origin / "refs" / "heads" / branch).read_text().strip()

    def on_main(self, event: str) -> Ended:
        """A night, or somebody who starts the workflow by hand."""
        return self.github.happens(Event(event, "refs/heads/main", self.head("main")))

    def comments(self, name: str) -> list[str]:
        return self.github.forge.bodies(self.pulls[name])
