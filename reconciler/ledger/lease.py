"""Lease: the right to write, held by one at a time and told apart by generation."""

# A lease is a row of slots `lease/<generation>-<number>`. The holder renews it by writing the next one; whoever ends it
# (the holder, a taker who saw it stand still, a person) writes into that same next slot. Of two only one can, so a
# renewal and an end never both happen. Only after an end is written does anybody create the first slot of the next
# generation.

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from pydantic import TypeAdapter

from reconciler.errors import LeaseHeld, LeaseLost, LedgerError
from reconciler.ledger.clock import Clock
from reconciler.ledger.holder import Holder
from reconciler.ledger.shelf import Shelf, Slot, Torn, encode

TTL = 30.0
_RENEWALS = 6  # in one TTL
_LOOKS = 15  # of a taker, in one TTL

Ending = Literal["released", "stood still", "dead", "unlocked"]
OnWait = Callable[[str, Holder], None]


@dataclass(frozen=True)
class Sign:
    """What a lease's slot says. `holder` is who wrote it; with `ended` it is the last of its generation."""

    writer: str
    holder: Holder
    ttl: float = TTL
    ended: Ending | None = None
    format: Literal[1] = 1


_SIGN = TypeAdapter(Sign)
# The sign of a slot that lost its content with the power: nobody can be named, so its renewals are watched.
_NOBODY = Sign("", Holder("somebody", "an unknown host", 0, "an unknown time"))


@dataclass(frozen=True)
class Standing:
    """The newest slot of the newest lease, and what it says."""

    slot: Slot
    sign: Sign

    @property
    def holder(self) -> Holder | None:
        """Who seems to be applying: none once the lease ended or its process is known to be dead."""
        return None if self.sign.ended or self.sign.holder.is_dead() else self.sign.holder


async def standing(shelf: Shelf, slots: list[Slot]) -> Standing | None:
    """The newest lease among `slots`; None where there never was one, LedgerError where it cannot be read."""
    leases = [slot for slot in slots if slot.part == "lease"]
    while leases:
        slot = leases[-1]
        sign = await shelf.read(slot, _SIGN)
        if sign is not None:
            return Standing(slot, _NOBODY if isinstance(sign, Torn) else sign)
        # Renewed in between, and the old slot removed.
        leases = [slot for slot in await shelf.slots() if slot.part == "lease"]
    return None


class Lease:
    """Our lease of one generation, from the moment it was taken."""

    def __init__(self, shelf: Shelf, clock: Clock, slot: Slot, sign: Sign, begun: float) -> None:
        self.generation = slot.generation
        self._shelf, self._clock, self._slot, self._sign = shelf, clock, slot, sign
        self._renewed = begun
        self._attempt: float | None = None
        self._lost = False
        self._turn = asyncio.Lock()

    def is_fresh(self) -> bool:
        """Whether the last renewal is younger than half the TTL, and none was refused."""
        return not self._lost and self._clock.elapsed() - self._renewed < self._sign.ttl / 2

    async def prove(self) -> None:
        """Return while the lease is ours for sure, renewing it where too much time has passed; else LeaseLost."""
        if not self.is_fresh():
            await self.renew()

    async def renew(self) -> None:
        """Write the next slot. LeaseLost where somebody else did; LedgerError where it cannot be known yet."""
        async with self._turn:
            await self._renew_once()
            if not self.is_fresh():  # the slot was written by an attempt long ago, which proves nothing about now
                await self._renew_once()

    async def keep(self) -> None:
        """Renew until the lease is lost or the task is cancelled; a store that fails is asked again."""
        while not self._lost:
            await self._clock.sleep(self._sign.ttl / _RENEWALS)
            with contextlib.suppress(LedgerError):
                await self.renew()

    async def end(self) -> None:
        """Release the lease, so that the next taker need not wait. One that is no longer ours is left alone."""
        async with self._turn:
            if self._lost:
                return
            self._lost = True
            ending = replace(self._sign, ended="released")
            while (there := await self._shelf.create(self._slot.next, ending, _SIGN)) is not None:
                if there != encode(self._sign, _SIGN):  # a renewal that seemed to fail, but arrived
                    return
                self._slot = self._slot.next

    def lose(self) -> LeaseLost:
        """Mark the lease as lost, and say so."""
        self._lost = True
        return LeaseLost(
            f"the lease on {self._shelf.prefix} was lost (not renewed in time, or taken away): nothing more is sent",
            way_out="run the command again: what was recorded stands, and open requests are settled first",
        )

    async def _renew_once(self) -> None:
        if self._lost:
            raise self.lose()
        # An attempt that seemed to fail may have arrived, and who watches counts from then.
        self._attempt = begun = self._clock.elapsed() if self._attempt is None else self._attempt
        if await self._shelf.create(self._slot.next, self._sign, _SIGN) is not None:
            raise self.lose()
        slots = await self._shelf.slots()
        # After a long sleep the slot may be free again because the next holder cleared our whole row away.
        if any(slot.generation > self.generation for slot in slots):
            raise self.lose()
        self._slot, self._renewed, self._attempt = self._slot.next, begun, None
        with contextlib.suppress(LedgerError):  # what stays is cleared away at the end of the run
            await self._shelf.delete(slot for slot in slots if slot.part == "lease" and slot < self._slot)


async def clear(shelf: Shelf, clock: Clock, holder: Holder, on_wait: OnWait | None = None) -> int:
    """Wait until no lease stands, and return the newest generation. LeaseHeld as soon as a holder shows life.

    A holder that does not renew is watched for its TTL on this process's own clock, `on_wait` being told the prefix and
    whom it waits for; a dead process of this host is ended at once.
    """
    while True:
        slots = await shelf.slots()
        found = await standing(shelf, slots)
        if found is None or found.sign.ended:
            return max((slot.generation for slot in slots), default=0)
        ending: Ending = "dead"
        if not found.sign.holder.is_dead():
            ending = "stood still"
            if on_wait:
                on_wait(shelf.prefix, found.sign.holder)
            if not await _stands_still(shelf, clock, found):
                continue
        await shelf.create(found.slot.next, _end_of(found.sign, holder, ending), _SIGN)


async def seize(shelf: Shelf, clock: Clock, holder: Holder, ttl: float, on_wait: OnWait | None = None) -> Lease:
    """Take the lease of the next generation. LeaseHeld where somebody holds it or was quicker."""
    sign = Sign(uuid4().hex, holder, ttl)
    while True:
        slot = Slot("lease", await clear(shelf, clock, holder, on_wait) + 1)
        begun = clock.elapsed()
        there = await shelf.create(slot, sign, _SIGN)
        if there is not None:
            quicker = shelf.parse(slot, there, _SIGN)
            raise held(shelf, _NOBODY.holder if isinstance(quicker, Torn) else quicker.holder)
        # Between our look and our write others may have come, gone and cleared their slots away.
        if all(other.generation < slot.generation or other == slot for other in await shelf.slots()):
            return Lease(shelf, clock, slot, sign, begun)


async def break_open(shelf: Shelf, holder: Holder) -> Holder | None:
    """End the standing lease because a person says so, and return whose it was; None where none stood."""
    while True:
        found = await standing(shelf, await shelf.slots())
        if found is None or found.sign.ended:
            return None
        if await shelf.create(found.slot.next, _end_of(found.sign, holder, "unlocked"), _SIGN) is None:
            return found.sign.holder


def held(shelf: Shelf, holder: Holder) -> LeaseHeld:
    return LeaseHeld(
        f"{shelf.prefix} is being applied by {holder} since {holder.since}",
        way_out="wait until that run has ended; where it is known to be dead: `reconciler ledger unlock`",
    )


async def _stands_still(shelf: Shelf, clock: Clock, found: Standing) -> bool:
    """Whether nothing moved for the TTL; False where the lease ended meanwhile. LeaseHeld at the first sign of life."""
    until = clock.elapsed() + found.sign.ttl
    while clock.elapsed() < until:
        await clock.sleep(found.sign.ttl / _LOOKS)
        now = await standing(shelf, await shelf.slots())
        if now is None or now.sign.ended:
            return False
        if now.slot != found.slot:
            raise held(shelf, now.sign.holder)
    return True


def _end_of(sign: Sign, holder: Holder, ending: Ending) -> Sign:
    return Sign(uuid4().hex, holder, sign.ttl, ending)
