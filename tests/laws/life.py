"""Life: one project with its sandbox and ledger, that can be forked, killed at any request or write, and run again."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Generic, Literal, Self, TypeVar

from reconciler.engine.access import Access
from reconciler.engine.apply import Run
from reconciler.engine.guards import Limits
from reconciler.engine.plan import Plan
from reconciler.engine.result import Applied
from reconciler.engine.story import Asked, make_plan
from reconciler.ledger import ledger
from reconciler.ledger.holder import Holder
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project
from reconciler.sandbox.exchange import Request, encode
from tests.stage import Serve, Stage, serve

# A process of this host, boot and namespace whose number lives on in a process that began at another time.
DEAD = replace(Holder.here("dead"), started="1")
DESTROY = Asked(limits=Limits(destroy=True))

When = Literal["before", "after"]
What = Literal["request", "put"]
L = TypeVar("L", bound="Life")


class Killed(BaseException):
    """The process is gone: no `except Exception` sees it, and it does nothing more."""


class Drawer(Store):
    """Bytes in a dictionary. `on_put(path, when)` may raise around each write; `ever` holds all that was put."""

    def __init__(self, objects: Mapping[str, bytes] | None = None) -> None:
        super().__init__(None, "memory:")
        self.objects = dict(objects or {})
        self.ever: list[bytes] = []
        self.on_put: Callable[[str, When], None] = lambda path, when: None

    async def list(self, prefix: str) -> list[str]:
        return [path for path in self.objects if path.startswith(prefix + "/")]

    async def get(self, path: str) -> bytes | None:
        return self.objects.get(path)

    async def put(self, path: str, body: bytes) -> bool:
        self.on_put(path, "before")
        self.ever.append(body)
        if path in self.objects:
            return False
        self.objects[path] = body
        self.on_put(path, "after")
        return True

    async def delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            self.on_put(path, "before")
            self.objects.pop(path, None)


@dataclass
class Life(Stage):
    """A stage whose runs can be killed. `drawer` holds the ledger, `loaded` the project once it is read."""

    drawer: Drawer = field(default_factory=Drawer)
    loaded: Project | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.store = self.drawer

    def fork(self) -> Self:
        """A twin that goes its own way from here, with the same project."""
        twin = type(self)(
            self.root, self.sandbox.fork(), environ=dict(self.environ), seals=self.seals, vendors=self.vendors
        )
        twin.store = twin.drawer = Drawer(self.drawer.objects)
        twin.loaded = self.loaded
        twin.clock.passed = self.clock.passed
        return twin

    def answers(self) -> Serve:
        return serve(self.sandbox)

    def project(self) -> Project:
        if self.loaded is None:
            self.loaded = super().project()
        return self.loaded

    def edited(self, files: Mapping[str, str]) -> None:
        self.write(files)
        self.loaded = None

    # ── runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def go(self, asked: Asked | None = None, then: Callable[[Access], None] | None = None) -> tuple[Plan, Applied]:
        """One apply, as a process that will be known as dead."""
        return asyncio.run(self._go(asked or Asked(), then))

    async def _go(self, asked: Asked, then: Callable[[Access], None] | None) -> tuple[Plan, Applied]:
        access = self.access()
        if then is not None:
            then(access)
        hosts = {access.prefix(host): host for host in access.project.accounts}
        taken = await ledger.take_all(self.store, hosts, DEAD)
        held = {hosts[prefix]: one for prefix, one in taken.items()}
        try:
            plan = await make_plan(access, {host: one.state for host, one in held.items()}, asked)
            return plan, await Run(access, plan, held).go()
        finally:
            for one in held.values():
                await one.close()

    def killed(self, at: int, when: When, what: What, asked: Asked | None = None) -> bool:
        """One apply that is killed around its `at`-th request or ledger write; False where it has fewer."""
        return self._dying(Deaths(at, when, what), asked)

    def killed_at(self, method: str, path: str, when: When, asked: Asked | None = None) -> bool:
        """One apply that is killed around its first request of this method and path; False where it sends none."""
        return self._dying(Deaths(0, when, "request", (method, path)), asked)

    def _dying(self, deaths: Deaths, asked: Asked | None) -> bool:
        before = self.serve, self.drawer.on_put
        self.serve, self.drawer.on_put = deaths.requests(self.answers()), deaths.put
        try:
            self.go(asked)
        except (Killed, BaseExceptionGroup):
            assert deaths.dead
        finally:
            self.serve, self.drawer.on_put = before
        return deaths.dead

    def instants(self, asked: Asked | None = None) -> list[tuple[str, Self]]:
        """One apply, and what a kill at each of its instants would leave behind, each state once.

        A killed process does nothing more, so that a twin of the moment stands for it. Between one request or ledger
        write and the next nothing changes, and a kill anywhere there leaves the same.
        """
        moments = Moments(self)
        before = self.serve, self.drawer.on_put
        self.serve, self.drawer.on_put = moments.requests(self.answers()), moments.put
        try:
            self.go(asked)
        finally:
            self.serve, self.drawer.on_put = before
        moments.look("when all was done")
        return moments.seen

    def losing(self, at: int, asked: Asked | None = None) -> tuple[bool, Applied]:
        """One apply in which the answer to the `at`-th request is lost; False where it has fewer."""
        return self._missing(Losses(at), asked)

    def losses(self, asked: Asked | None = None) -> Iterator[tuple[str, Self, Applied]]:
        """Applies of twins, each without some answers: to one write, for each of them, then to every other read.

        A read that got no answer is asked again and changes nothing, so that many may fail in one run.
        """
        for at in count():
            one = self.fork()
            lost, applied = one._missing(Losses(at, _writes), asked)
            if not lost:
                break
            yield f"lost the answer to write {at}", one, applied
        for turn in range(2):
            one = self.fork()
            lost, applied = one._missing(ReadLosses(turn), asked)
            assert lost
            yield f"lost the answer to every other read from {turn} on", one, applied

    def _missing(self, losses: Losses, asked: Asked | None) -> tuple[bool, Applied]:
        before, self.serve = self.serve, losses.requests(self.answers())
        try:
            applied = self.go(asked)[1]
            return losses.lost, applied
        finally:
            self.serve = before

    # ── what is there ───────────────────────────────────────────────────────────────────────────────────────────────

    def vendor(self, name: str) -> dict[str, Any]:
        """The state of the vendor's default account."""
        state = json.loads(json.dumps(self.sandbox.vendors[name].state()))
        return dict(state["accounts"].get("", {}))

    def objects(self) -> dict[tuple[str, str], str]:
        """Every configured object in the sandbox by sort and id, as JSON."""
        found: dict[tuple[str, str], str] = {}
        sorts = {
            "opsgenie": ("teams", "schedules", "escalations", "integrations", "rules", "users"),
            "wallarm": ("integrations", "triggers", "pools"),
        }
        for vendor, names in sorts.items():
            state = self.vendor(vendor)
            for sort in names:
                for one in state.get(sort, []):
                    found[f"{vendor}/{sort}", str(one["id"])] = json.dumps(one, sort_keys=True)
        return found

    def incident(self) -> list[dict[str, Any]]:
        """Two incidents in one second: the notifications that leave, and whether they arrive."""
        body = encode({"count": 2, "target": "server"})
        answer = self.sandbox.handle(Request("POST", "/__incident", (), {}, body))
        deliveries: list[dict[str, Any]] = json.loads(answer.body)["deliveries"]
        return deliveries

    def settings(self, **values: Mapping[str, Any]) -> None:
        answer = self.sandbox.handle(Request("POST", "/__settings", (), {}, encode(values)))
        assert answer.status == 200, answer.body

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every write the vendors were asked for since the log was emptied."""
        told = [(one["method"], one["path"]) for one in self.sandbox.log if one["method"] != "GET"]
        return [one for one in told if not one[1].endswith(("/v1/user", "/v2/integrations/authenticate"))]


def counted(objects: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many of them there are of each sort."""
    return Counter(sort for sort, _ in objects)


@dataclass
class Deaths:
    """Kills around the `at`-th request, or ledger write, of those that are `only` meant; the dead do nothing more."""

    at: int
    when: When
    what: What
    only: tuple[str, str] | None = None
    dead: bool = False
    seen: int = 0

    def _next(self, what: str, meant: bool) -> bool:
        """Whether this is the one."""
        if self.dead:
            raise Killed
        if what != self.what or not meant:
            return False
        self.seen += 1
        return self.seen - 1 == self.at

    def _die(self, now: bool) -> None:
        if now:
            self.dead = True
            raise Killed

    def requests(self, answer: Serve) -> Serve:
        def one(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
            mine = self._next("request", self.only in (None, (method, target)))
            self._die(mine and self.when == "before")
            given = answer(method, target, headers, body)
            self._die(mine)
            return given

        return one

    def put(self, path: str, when: When) -> None:
        if when == "before":
            self._die(self._next("put", True) and self.when == "before")
        elif self.what == "put" and self.seen - 1 == self.at:
            self._die(self.when == "after")


@dataclass
class Moments(Generic[L]):
    """The states that one apply of `life` goes through, each with the words for when it was reached."""

    life: L
    seen: list[tuple[str, L]] = field(default_factory=list)
    writes: int = 0
    last: tuple[float, int, tuple[str, ...]] | None = None

    def look(self, when: str) -> None:
        """Keep a twin of this moment, unless nothing changed since the last."""
        now = self.life.clock.passed, self.writes, tuple(self.life.drawer.objects)
        if now != self.last:
            self.last = now
            self.seen.append((when, self.life.fork()))

    def requests(self, answer: Serve) -> Serve:
        def one(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
            self.look(f"before {method} {target}")
            given = answer(method, target, headers, body)
            self.writes += method != "GET"
            self.look(f"after {method} {target}")
            return given

        return one

    def put(self, path: str, when: When) -> None:
        self.look(f"{when} the ledger's {path}")


@dataclass
class Losses:
    """Loses the answer to the `at`-th request of those that count: all, or writes alone."""

    at: int
    counts: Callable[[str], bool] = lambda method: True
    seen: int = 0
    lost: bool = False

    def requests(self, answer: Serve) -> Serve:
        def one(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
            given = answer(method, target, headers, body)
            if self._strikes(method, target):
                self.lost = True
                raise ConnectionResetError("the answer is lost")
            return given

        return one

    def _strikes(self, method: str, target: str) -> bool:
        self.seen += self.counts(method)
        return self.counts(method) and self.seen - 1 == self.at


@dataclass
class ReadLosses(Losses):
    """Loses the first answer to every other thing that is read, from the `at`-th on."""

    asked: set[str] = field(default_factory=set)

    def _strikes(self, method: str, target: str) -> bool:
        if method != "GET" or target in self.asked:
            return False
        self.asked.add(target)
        return len(self.asked) % 2 != self.at % 2


def _writes(method: str) -> bool:
    return method != "GET"


def life(root: Path, files: Mapping[str, str], *, crowd: int = 0) -> Life:
    """A life with these manifests, in a sandbox where `crowd` objects of others stand."""
    made = Life(root)
    made.write(files)
    if crowd:
        answer = made.sandbox.handle(Request("POST", "/__fill", (), {}, encode({"count": crowd})))
        assert answer.status == 200, answer.body
    return made
