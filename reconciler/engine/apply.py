"""Apply: carries a plan out, step by step, each intent in the journal before its request leaves. Decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from reconciler.engine.access import Access
from reconciler.engine.carried import Failed, Unsure
from reconciler.engine.change import Adopt, Move, Release, Write
from reconciler.engine.delivery import Delivery
from reconciler.engine.fill import Filling
from reconciler.engine.graph import StepId, all_steps
from reconciler.engine.journal import Journal
from reconciler.engine.plan import Plan
from reconciler.engine.probe import probe
from reconciler.engine.record import beside
from reconciler.engine.result import Applied, Ending, Result
from reconciler.errors import ApplyRefused, GuardError, LedgerError, Problem
from reconciler.kinds.address import Address
from reconciler.ledger.entries import Closed, Intent, Opened, PutEntry, Record, TenantSeen
from reconciler.ledger.ledger import Held
from reconciler.ledger.seal import key_file

Told = Callable[[Result], None]


def check(plan: Plan, access: Access) -> None:
    """Everything that must hold before the first write. Raises GuardError or ApplyRefused with all of it."""
    if plan.refusals:
        raise GuardError(problems=plan.refusals)
    problems = list(plan.missing)
    problems += [
        Problem(f"{host} could not be read: {why.text}", way_out=why.way_out or "run again when the vendor answers")
        for host, why in plan.facts.not_read.items()
        if any(change.address.host == host for change in plan.writes)
    ]
    if plan.needs_seal and access.seals is None:
        lost = f"bring back {key_file(access.store.folder)}, or " if access.store.folder else ""
        way = f"{lost}set RECONCILER_SEAL_KEY (make one: openssl rand -base64 32 | tr '+/' '-_')"
        problems.append(Problem("this plan carries secrets, and there is no seal key to record them with", way_out=way))
    if problems:
        raise ApplyRefused(problems=problems)


@dataclass(repr=False)
class Run:
    """One apply of one plan. `stop()` lets what is in flight finish and starts nothing more."""

    access: Access
    plan: Plan
    ledgers: Mapping[str, Held]
    told: Told = lambda result: None
    results: dict[int, Result] = field(default_factory=dict)
    stopping: bool = False
    broken: str = ""

    def __post_init__(self) -> None:
        self.filling = Filling(self.access, self.plan.draft)
        self.journal = Journal(self.access, self.plan.draft, self.filling, self.ledgers, uuid4().hex[:12])
        self.delivery = Delivery(self.access, self.plan.draft, self.filling, self.journal)
        self.done: dict[StepId, asyncio.Future[bool]] = {}

    def stop(self) -> None:
        self.stopping = True

    async def go(self) -> Applied:
        began, spent = self.access.clock.monotonic(), self.access.spent
        check(self.plan, self.access)
        await self._record_beside()
        loop = asyncio.get_running_loop()
        self.done = {step: loop.create_future() for step in self.plan.order.line}
        numbers = [number for number, change in enumerate(self.plan.changes) if isinstance(change, Write)]
        try:
            async with asyncio.TaskGroup() as group:
                for number in numbers:
                    group.create_task(self._change(number))
        except BaseExceptionGroup as failed:
            raise _first(failed) from None
        await asyncio.gather(*(self._probe(number) for number in numbers))
        results = tuple(self.results[number] for number in sorted(self.results))
        seconds = self.access.clock.monotonic() - began
        return Applied(results, seconds, self.access.spent - spent, self.stopping, self.broken)

    # ── the ledger's own part ───────────────────────────────────────────────────────────────────────────────────────

    async def _record_beside(self) -> None:
        """What the ledger learns without a write: it is true already, so it is recorded first."""
        by_host: dict[str, list[Record]] = {host: [] for host in self.ledgers}
        for host, ledger in self.ledgers.items():
            mine = tuple(change for change in self.plan.changes if change.address.host == host)
            settled = tuple(one for one in self.plan.settled if any(one.intent == i for i in ledger.state.open))
            by_host[host] += list(beside(mine, settled, ledger.state.entries))
            by_host[host] += [Closed(intent.ident, "settled") for intent in self._seen(host)]
            tenant = self.access.tenants.get(host)
            if tenant is not None and ledger.state.tenant != tenant:
                by_host[host].append(TenantSeen(tenant))
        for host, intent in self.plan.doubts:
            by_host[host].append(Opened(intent))
        for host, entry in self.plan.refresh:
            by_host[host].append(PutEntry(entry))
        await asyncio.gather(*(self.ledgers[host].record(*records) for host, records in by_host.items() if records))
        for number, change in enumerate(self.plan.changes):
            if isinstance(change, Adopt | Move | Release):
                self._tell(number, Result(change, "done"))

    def _seen(self, host: str) -> Iterator[Intent]:
        """Writes and deletions of an interrupted run: what they did was read, and the plan says what is left to do."""
        live = self.plan.draft.world.live
        for intent in self.ledgers[host].state.open:
            address = Address.parse(intent.address)
            if intent.effect != "creates" and address is not None and live.read(host, address.kind_id):
                yield intent

    # ── one change ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def _change(self, number: int) -> None:
        change = self.plan.changes[number]
        assert isinstance(change, Write)
        carried = self.delivery.begin(change)
        for index, step in enumerate(all_steps(change)):
            held = await self._waits((number, index))
            if held is not None:
                self._end(number, index, "skipped" if held else "not started", held or self._why_stopped())
                return
            try:
                await self.delivery.step(carried, step, index)
            except Failed as error:
                ending: Ending = "doubtful" if isinstance(error, Unsure) else "failed"
                self._end(number, index, ending, str(error), error.way_out)
                return
            except LedgerError as error:
                problem = error.problems[0]
                text = f"{problem.place}: {problem.text}" if problem.place else problem.text
                self.broken = self.broken or text
                self._end(number, index, "failed", text, problem.way_out or "")
                return
            self._mark((number, index), True)
        notes = (*change.kind.after(change.work), *carried.heard)
        self._tell(number, Result(change, "done", notes=notes, id=carried.ident))

    async def _probe(self, number: int) -> None:
        """After everything is done, since a key works only when all around it is in place."""
        result = self.results[number]
        if result.ending == "done" and isinstance(result.change, Write) and not self.stopping:
            alarms = await probe(self.access, self.filling, result.change)
            self.results[number] = replace(result, alarms=tuple(alarms))

    async def _waits(self, step: StepId) -> str | None:
        """None when the step may go; else why it is skipped, empty where the run is being stopped."""
        for before in sorted(self.plan.order.waits.get(step, frozenset())):
            if not await self.done[before]:
                return f"waits for {self.plan.changes[before[0]].address}, which was not done"
        return "" if self.stopping or self.broken else None

    def _why_stopped(self) -> str:
        return "the ledger could not be written" if self.broken else "stopped before it began"

    def _mark(self, step: StepId, good: bool) -> None:
        if not self.done[step].done():
            self.done[step].set_result(good)

    def _end(self, number: int, index: int, ending: Ending, text: str, way_out: str = "") -> None:
        for later in range(index, len(all_steps(self.plan.changes[number]))):
            self._mark((number, later), False)
        self._tell(number, Result(self.plan.changes[number], ending, text, way_out))

    def _tell(self, number: int, result: Result) -> None:
        self.results[number] = result
        self.told(result)


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    """The first exception in a group: a kill or a defect, which no change of ours explains."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
