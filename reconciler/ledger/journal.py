"""Journal: the ledger's history as segments and snapshots, and how it is read back."""

# Segments of one generation are written one after another, each into the next slot. Before a taker writes its first, it
# puts a *fence* into the next slot of every generation before its own: what an old holder still has on its way can then
# never arrive.

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import TypeAdapter

from reconciler.ledger.entries import Entry, Intent, LedgerState, Record, fold
from reconciler.ledger.shelf import Shelf, Slot, Torn

T = TypeVar("T")
_READS = 32  # documents asked for at a time
_TRIES = 5


@dataclass(frozen=True)
class Segment:
    """Records that became durable together; without any, with `fence`, the end of its generation."""

    writer: str
    records: tuple[Record, ...] = ()
    fence: bool = False
    format: Literal[1] = 1


@dataclass(frozen=True)
class Snapshot:
    """The state at the end of a generation."""

    entries: tuple[Entry, ...]
    open: tuple[Intent, ...] = ()
    tenant: str | None = None
    format: Literal[1] = 1


SEGMENT = TypeAdapter(Segment)
SNAPSHOT = TypeAdapter(Snapshot)


@dataclass(frozen=True)
class History:
    """What was read: the state, and the next slot of each generation's row that has no fence."""

    state: LedgerState
    ends: tuple[Slot, ...]


class _Missing(Exception):
    """A slot that must be there is not: a run ended meanwhile and cleared it away, or it was lost."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self.slot = slot


async def read_history(shelf: Shelf) -> History:
    """All that was recorded. LedgerError where a part is damaged, missing, or of a newer format."""
    missing = Slot("snapshot", 0)
    for _ in range(_TRIES):
        slots = await shelf.slots()
        try:
            history = await _read(shelf, slots)
        except _Missing as error:
            missing = error.slot
            continue
        # A folder is listed in no order: the end of a run may have slipped between its snapshot and its segments.
        if _newest_snapshot(await shelf.slots()) == _newest_snapshot(slots):
            return history
    raise shelf.broken(missing, "is missing")


async def write_snapshot(shelf: Shelf, state: LedgerState, generation: int) -> bool:
    """Put the state down as the end of a generation; False where another snapshot stands there."""
    document = Snapshot(tuple(state.entries.values()), state.open, state.tenant)
    return await shelf.create(Slot("snapshot", generation), document, SNAPSHOT) is None


async def put_fence(shelf: Shelf, end: Slot, writer: str) -> None:
    """End the row of a generation at `end`, or behind what arrives there meanwhile."""
    while await shelf.create(end, Segment(writer, fence=True), SEGMENT) is not None:
        end = end.next


async def _read(shelf: Shelf, slots: list[Slot]) -> History:
    base, state = await _read_snapshot(shelf, slots)
    rows: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        if slot.part == "journal" and slot.generation > base:
            rows[slot.generation].append(slot)
    last = max((slot.generation for slot in slots), default=0)
    documents = await _read_all(shelf, [slot for row in rows.values() for slot in row], SEGMENT)
    ends: list[Slot] = []
    for generation in range(base + 1, last + 1):
        row = rows.get(generation, [])
        records, fenced = _records(shelf, row, documents)
        if records and ends:  # nobody writes before the fences stand
            raise _Missing(ends[0])
        state = fold(state, records)
        if not fenced:
            ends.append(row[-1].next if row else Slot("journal", generation))
    return History(state, tuple(ends))


async def _read_snapshot(shelf: Shelf, slots: list[Slot]) -> tuple[int, LedgerState]:
    """The newest snapshot that is whole. One cut short was never relied on, as long as what it holds is still there:
    that is cleared away only once it is whole."""
    torn: Slot | None = None
    for slot in reversed([slot for slot in slots if slot.part == "snapshot"]):
        found = (await _read_all(shelf, [slot], SNAPSHOT))[slot]
        if not isinstance(found, Torn):
            entries = {entry.address: entry for entry in found.entries}
            return slot.generation, LedgerState(entries, found.open, found.tenant, new=False)
        torn = slot
    if torn and not any(slot.part == "journal" and slot.generation <= torn.generation for slot in slots):
        raise shelf.broken(torn, "is cut short")
    return 0, LedgerState()


def _records(shelf: Shelf, row: list[Slot], documents: dict[Slot, Segment | Torn]) -> tuple[list[Record], bool]:
    """The records of one generation, and whether it is fenced."""
    records: list[Record] = []
    torn: Slot | None = None
    for number, slot in enumerate(row):
        segment = documents[slot]
        if slot.number != number:
            raise _Missing(Slot("journal", slot.generation, number))
        if isinstance(segment, Torn):
            torn = slot
        elif segment.fence:
            return records, True
        elif torn:  # the next one was written only after this one was known to be durable
            raise shelf.broken(torn, "is cut short")
        else:
            records.extend(segment.records)
    return records, False


async def _read_all(shelf: Shelf, slots: list[Slot], kind: TypeAdapter[T]) -> dict[Slot, T | Torn]:
    async def read_one(slot: Slot) -> T | Torn:
        document = await shelf.read(slot, kind)
        if document is None:
            raise _Missing(slot)
        return document

    documents: dict[Slot, T | Torn] = {}
    for start in range(0, len(slots), _READS):
        part = slots[start : start + _READS]
        documents.update(zip(part, await asyncio.gather(*map(read_one, part)), strict=True))
    return documents


def _newest_snapshot(slots: Iterable[Slot]) -> int:
    return max((slot.generation for slot in slots if slot.part == "snapshot"), default=0)
