"""Ledger: what is ours in one account, read by everybody and written by the one who took it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from reconciler.errors import LedgerError
from reconciler.ledger.clock import Clock, SystemClock
from reconciler.ledger.entries import LedgerState, Record, fold
from reconciler.ledger.holder import Holder
from reconciler.ledger.journal import SEGMENT, Segment, put_fence, read_history, write_snapshot
from reconciler.ledger.lease import TTL, Lease, OnWait, break_open, clear, seize, standing
from reconciler.ledger.shelf import Shelf, Slot
from reconciler.ledger.store import Store


async def read(store: Store, prefix: str) -> LedgerState:
    """The ledger as it stands, writing nothing. LedgerError where it is damaged, too new or out of reach."""
    shelf = Shelf(store, prefix)
    state = (await read_history(shelf)).state
    slots = await shelf.slots()
    found = await standing(shelf, slots)
    newest = max((slot.generation for slot in slots), default=0)
    return replace(state, generation=newest, holder=found.holder if found else None)


async def take(
    store: Store,
    prefix: str,
    holder: Holder,
    clock: Clock | None = None,
    *,
    ttl: float = TTL,
    on_wait: OnWait | None = None,
) -> Held:
    """Take the lease and read the ledger under it; renewed in the background until `close`.

    LeaseHeld when somebody else applies: at the first renewal seen of a lease that stands, at most one TTL after the
    call. A lease that stands still so long is taken over; `on_wait(prefix, holder)` is told before the wait.
    """
    shelf, clock = Shelf(store, prefix), clock or SystemClock()
    lease = await seize(shelf, clock, holder, ttl, on_wait)
    keeper = asyncio.create_task(lease.keep())
    try:
        state = await _settled_history(shelf, lease)
    except BaseException:  # also of a cancelled run: nobody shall wait for a lease that nobody uses
        await _release(lease, keeper)
        raise
    return Held(shelf, lease, keeper, replace(state, generation=lease.generation))


async def take_all(
    store: Store,
    prefixes: Iterable[str],
    holder: Holder,
    clock: Clock | None = None,
    *,
    ttl: float = TTL,
    on_wait: OnWait | None = None,
) -> dict[str, Held]:
    """Take several ledgers in name order; when one is held, those already taken are released."""
    names, clock = sorted(set(prefixes)), clock or SystemClock()
    # Waiting for holders that stand still costs a TTL, and is the same TTL for all of them.
    await _together(clear(Shelf(store, name), clock, holder, on_wait) for name in names)
    held: dict[str, Held] = {}
    async with AsyncExitStack() as taken:
        for name in names:
            held[name] = await take(store, name, holder, clock, ttl=ttl, on_wait=on_wait)
            taken.push_async_callback(held[name].release)
        taken.pop_all()
    return held


async def unlock(store: Store, prefix: str, holder: Holder) -> Holder | None:
    """End a lease because a person, named by `holder`, knows its holder to be dead; returns that one, or None."""
    return await break_open(Shelf(store, prefix), holder)


@dataclass(eq=False)
class _Batch:
    """Records that will become durable together."""

    records: list[Record] = field(default_factory=list)
    written: asyncio.Task[None] | None = None


class Held:
    """A ledger under our lease. `state` follows what was recorded; end with `close`."""

    def __init__(self, shelf: Shelf, lease: Lease, keeper: asyncio.Task[None], state: LedgerState) -> None:
        self.state = state
        self._shelf, self._lease, self._keeper = shelf, lease, keeper
        self._writer = uuid4().hex
        self._next = Slot("journal", lease.generation)
        self._turn = asyncio.Lock()
        self._gathering: _Batch | None = None
        self._failed = False

    def may_write(self) -> bool:
        """Whether a request may leave now: the lease was renewed lately, and no journal write failed."""
        return not self._failed and self._lease.is_fresh()

    async def record(self, *records: Record) -> None:
        """Return once the records are durable; those of callers at the same time share one write.

        LeaseLost where the lease is no longer ours, LedgerError where the store fails: after either nothing more is
        recorded, and nothing may be sent. A cancelled caller's records are written all the same.
        """
        if self._gathering is None:
            self._gathering = _Batch()
            self._gathering.written = asyncio.create_task(self._commit(self._gathering))
            self._gathering.written.add_done_callback(_look)
        batch = self._gathering
        batch.records.extend(records)
        assert batch.written is not None
        await asyncio.shield(batch.written)

    async def release(self) -> None:
        """Let go without a snapshot: what was recorded stands in the journal."""
        await _release(self._lease, self._keeper)

    async def close(self) -> None:
        """Compact what was recorded into a snapshot, release the lease, clear old generations away.

        A store that fails here fails nobody: every record stands in the journal, and the next run compacts.
        """
        if self._gathering and self._gathering.written:
            await asyncio.wait([self._gathering.written])
        compacted = False
        try:
            async with self._turn:
                with contextlib.suppress(LedgerError):
                    compacted = await self._compact()
        finally:
            await self.release()
        if compacted:
            with contextlib.suppress(LedgerError):
                await self._clear_away()

    async def _commit(self, batch: _Batch) -> None:
        async with self._turn:
            if self._gathering is batch:
                self._gathering = None
            if self._failed:
                raise LedgerError(
                    f"an earlier write to the ledger of {self._shelf.prefix} failed: nothing more is recorded or sent",
                    way_out="mend what that error names, then run the command again",
                )
            try:
                await self._write(batch.records)
            except BaseException:
                self._failed = True
                raise

    async def _write(self, records: list[Record]) -> None:
        segment = Segment(self._writer, tuple(records))
        if await self._shelf.create(self._next, segment, SEGMENT) is not None:
            raise self._lease.lose()  # a taker's fence
        # Where a successor came, went and cleared its fence away while we hung, only the lease tells.
        await self._lease.prove()
        self._next = self._next.next
        self.state = fold(self.state, records)

    async def _compact(self) -> bool:
        if self._failed or self.state.new:
            return False
        await self._lease.prove()
        return await write_snapshot(self._shelf, self.state, self._lease.generation)

    async def _clear_away(self) -> None:
        """Delete what our snapshot holds, the snapshots before it, and the leases before the last slot of ours."""
        slots, own = await self._shelf.slots(), self._lease.generation
        row = [slot for slot in slots if slot.part == "lease" and slot.generation == own]
        await self._shelf.delete([slot for slot in slots if _is_past(slot, own) and slot not in row[-1:]])


def _is_past(slot: Slot, own: int) -> bool:
    match slot.part:
        case "journal" | "lease":
            return slot.generation <= own
        case "snapshot":
            return slot.generation < own


def _look(written: asyncio.Task[None]) -> None:
    """Read the error of a batch whose callers were all cancelled, so that asyncio does not report it as forgotten."""
    if not written.cancelled():
        written.exception()


async def _settled_history(shelf: Shelf, lease: Lease) -> LedgerState:
    """What was recorded before our generation, after making sure that nothing can be added to it any more."""
    history = await read_history(shelf)
    ends = [end for end in history.ends if end.generation < lease.generation]
    for end in ends:
        await put_fence(shelf, end, uuid4().hex)
    if ends:
        history = await read_history(shelf)
    return history.state


async def _release(lease: Lease, keeper: asyncio.Task[None]) -> None:
    with contextlib.suppress(LedgerError):  # the next taker then waits for the TTL
        await lease.end()
    keeper.cancel()


async def _together(waits: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Run all at once; the first error ends the others."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
