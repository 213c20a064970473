"""What the ledger's tests play on: a clock that they move, a store that fails where they say, holders and entries."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar

from reconciler.errors import LedgerError
from reconciler.ledger.entries import Entry, Intent
from reconciler.ledger.holder import Holder
from reconciler.ledger.ledger import Held
from reconciler.ledger.store import Store

T = TypeVar("T")
PREFIX = "payments/opsgenie@default"
ANNA = Holder("anna", "build-1", 11, "2026-03-01T09:30:00Z")
BERT = Holder("bert", "build-2", 22, "2026-03-01T09:31:00Z")
# A process of this host, boot and namespace whose number lives on in a process that began at another time.
DEAD = replace(Holder.here("dead"), started="1")
When = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone: no `except Exception` sees it."""


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)


def entry(name: str, **fields: Any) -> Entry:
    return Entry(f"opsgenie/Team/{name}", f"id-{name}", (name,), {"name": name}, **fields)


def intent(ident: str, name: str = "x") -> Intent:
    return Intent(ident, f"opsgenie/Team/{name}", 0, "creates", {"payload": {"name": name}}, "2026-03-01T09:30:00Z")


class StageStore(Store):
    """A store over the objects of another one. `on_write(number, path, when)` may raise around each write.

    Writes (a put, or the deletion of one object) are numbered from 0. `busy` counts operations on their way. Paths that
    hold `unreadable` cannot be read.
    """

    def __init__(self, below: Store, on_write: Callable[[int, str, When], None] | None = None) -> None:
        super().__init__(None, below.name, below.folder)
        self._below = below
        self._on_write = on_write or (lambda number, path, when: None)
        self.writes: list[str] = []
        self.busy = 0
        self.unreadable: str | None = None

    async def list(self, prefix: str) -> list[str]:
        return await self._counted(self._below.list(prefix))

    async def get(self, path: str) -> bytes | None:
        if self.unreadable is not None and self.unreadable in path:
            raise LedgerError("cannot read the ledger: 503 Slow Down")
        return await self._counted(self._below.get(path))

    async def put(self, path: str, body: bytes) -> bool:
        return await self._written(path, partial(self._below.put, path, body))

    async def delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            await self._written(path, partial(self._below.delete, [path]))

    async def _written(self, path: str, write: Callable[[], Coroutine[Any, Any, T]]) -> T:
        number = len(self.writes)
        self.writes.append(path)
        self._on_write(number, path, "before")
        result = await self._counted(write())
        self._on_write(number, path, "after")
        return result

    async def _counted(self, operation: Coroutine[Any, Any, T]) -> T:
        self.busy += 1
        try:
            return await operation
        finally:
            self.busy -= 1


class SlowStore(StageStore):
    """A store where the first write to a path that holds `slow` waits until `meanwhile` has happened."""

    def __init__(self, below: Store, slow: str, meanwhile: Callable[[], Coroutine[Any, Any, None]]) -> None:
        super().__init__(below)
        self._slow, self._meanwhile = slow, meanwhile

    async def put(self, path: str, body: bytes) -> bool:
        if self._slow and self._slow in path:
            self._slow = ""
            await self._meanwhile()
        return await super().put(path, body)


def killed_at(writes: int, when: When) -> Callable[[int, str, When], None]:
    """Kills the process around the write with this number; the dead write nothing more."""

    def on_write(number: int, path: str, moment: When) -> None:
        if number > writes or (number == writes and (when == "before" or moment == "after")):
            raise Killed

    return on_write


def failing(*places: str, when: When) -> Callable[[int, str, When], None]:
    """The store answers 503 around every write to a path that holds one of `places`."""

    def on_write(number: int, path: str, moment: When) -> None:
        if moment == when and any(place in path for place in places):
            raise LedgerError("cannot write the ledger: 503 Slow Down")

    return on_write


class StageClock:
    """A clock that stands until `advance`. `wall` is how wrong its wall clock is."""

    def __init__(self, *stores: StageStore) -> None:
        self._time = 0.0
        self._stores = stores
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.slept = 0.0
        self.wall = timedelta()

    def elapsed(self) -> float:
        return self._time

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 9, 30, tzinfo=UTC) + timedelta(seconds=self._time) + self.wall

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._time + seconds, next(self._order), future))
        await future
        self.slept += seconds

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper in its turn and letting it do what it woke for."""
        until = self._time + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._time, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await self.settle()
        self._time = until

    def hang(self, seconds: float) -> None:
        """Let time pass while nobody of this process gets to do anything."""
        self._time += seconds

    async def settle(self) -> None:
        quiet = 0
        while quiet < 20:
            busy = any(store.busy for store in self._stores)
            await asyncio.sleep(0.0005 if busy else 0)
            quiet = 0 if busy else quiet + 1


def stage(below: Store | None = None) -> tuple[StageStore, StageClock]:
    store = StageStore(below or Store.memory())
    return store, StageClock(store)


async def hung(clock: StageClock, held: Held) -> None:
    """Stop the holder's renewals, as a process that hangs does."""
    held._keeper.cancel()
    await clock.settle()
