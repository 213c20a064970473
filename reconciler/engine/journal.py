"""Journal: what a run writes into the ledger around each request: its intent, its outcome, the entry that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from reconciler.engine.access import Access
from reconciler.engine.carried import Carried
from reconciler.engine.change import Create, Delete, Replace, Reset, Write
from reconciler.engine.draft import Draft
from reconciler.engine.fill import Filling
from reconciler.engine.live import Key, natural_key
from reconciler.engine.names import recorded
from reconciler.engine.record import entry_of, instant, laid_under, lasting, with_digests
from reconciler.engine.settle import entry_data, with_ids
from reconciler.errors import LeaseLost
from reconciler.http.exchange import Json, NotDone, Request
from reconciler.kinds.step import Step
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Closed, DropEntry, Entry, Intent, Opened, PutEntry, Record
from reconciler.ledger.ledger import Held

Outcome = Literal["not done", "not sent", "settled"]

# Seconds between tries of a write that is refused for a reason that passes by itself.
PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(repr=False)
class Journal:
    """One run's part of the ledgers. `run` begins every intent's ident, so that those of other runs are told apart;
    `entries` are the ledger's by address, as this run leaves them: two changes may be of one address."""

    access: Access
    draft: Draft
    filling: Filling
    ledgers: Mapping[str, Held]
    run: str
    sent: int = 0
    entries: dict[str, Entry | None] = field(default_factory=dict)

    def request(self, carried: Carried, step: Step, body: Json, ident: str | None = None) -> Request:
        live = carried.change.live
        raw = live.raw if live else None
        return self.filling.request(carried.change.address.host, step, ident or carried.ident, body, raw)

    async def send(self, host: str, intent: Intent, request: Request, further: str = "") -> Any:
        """Send it once its intent stands; to a further host of the account, where that is named."""
        ledger = self.ledgers[host]
        await ledger.record(Opened(intent))
        if not ledger.may_write():
            raise LeaseLost(f"the lease of {host} was not renewed in time; nothing more is written")
        client = self.access.client(host, further)
        outcome = await client.send(request)
        passing, pauses = self.access.project.accounts[host].vendor.passing, list(PAUSES)
        while isinstance(outcome, NotDone) and pauses and passing(request.method, outcome.fault):
            await self.access.clock.sleep(pauses.pop(0))
            outcome = await client.send(request)
        return outcome

    def intent(
        self, carried: Carried, step: Step, index: int, effect: Literal["creates", "writes", "deletes"]
    ) -> Intent:
        self.sent += 1
        change = carried.change
        what: dict[str, Any] = {"step": step.name}
        if effect == "creates":
            made = self.filling.resolved(change.work.wanted if step.made is None else step.made)
            key = natural_key(change.kind, made)
            bearers = self.draft.world.live.bearers(change.address.host, change.kind.id, key)
            entry = self.entry_after(carried, carried.ident or "", index)
            what = {
                **what,
                "blind": step.blind,
                "key": list(key or ()),
                "before": [one.id for one in bearers],
                "payload": with_ids(made),
                "entry": entry_data(entry),
            }
        at = instant(self.access.clock.now())
        return Intent(f"{self.run}-{self.sent}", str(change.address), index, effect, what, at)

    def key(self, change: Write) -> Key | None:
        return natural_key(change.kind, self.filling.resolved(change.work.wanted))

    async def close(self, carried: Carried, intent: Intent, outcome: Outcome) -> None:
        await self.ledgers[carried.change.address.host].record(Closed(intent.ident, outcome))

    async def passed(self, carried: Carried, index: int) -> None:
        """Record that a step is done that sent nothing."""
        await self.ledgers[carried.change.address.host].record(*self.after_write(carried, index))

    async def recorded(self, carried: Carried, intent: Intent, index: int, deleted: str | None = None) -> None:
        records: list[Record] = [Closed(intent.ident, "done")]
        records += self._after_delete(carried, deleted) if deleted else self.after_write(carried, index)
        records += [Closed(ident, "settled") for ident in self._past(carried.change)] if deleted else []
        await self.ledgers[carried.change.address.host].record(*records)

    def _past(self, change: Write) -> list[str]:
        """Open creates of an interrupted run whose object is deleted now."""
        address, ledger = str(change.address), self.ledgers[change.address.host]
        return [one.ident for one in ledger.state.open if one.address == address and one.effect == "creates"]

    def _after_delete(self, carried: Carried, ident: str) -> list[Record]:
        change, address = carried.change, str(carried.change.address)
        held = self.entries.get(address)
        if isinstance(change, Delete) and not change.retiring:
            self.entries[address] = None
            return [DropEntry(address)]
        if held is None:
            return []
        if held.id == ident:  # what it says beside the id is also true of the object that is made next
            return self._put(replace(held, unfinished=True))
        return self._put(replace(held, retiring=tuple(one for one in held.retiring if one != ident)))

    def _put(self, entry: Entry) -> list[Record]:
        self.entries[entry.address] = entry
        return [PutEntry(entry)]

    def after_write(self, carried: Carried, index: int) -> list[Record]:
        change = carried.change
        if isinstance(change, Reset):
            return [DropEntry(str(change.address))] if index == len(change.steps) - 1 else []
        if isinstance(change, Delete):  # until its last step the entry stands
            return []
        assert carried.ident is not None
        return self._put(self.entry_after(carried, carried.ident, index))

    def entry_after(self, carried: Carried, ident: str, index: int) -> Entry:
        """The entry once this step is done. Until the last one it declares no more than before: what is still to do
        is no drift."""
        change = carried.change
        if change.kind.signal is not None:
            return self._told(carried, ident, index)
        before = len(change.removal) if isinstance(change, Replace) and change.delete_first else 0
        entry = self._entry(carried, ident, change.bound)
        if change.kind.remember is not None:
            done = index >= before + len(change.steps) - 1
            entry = replace(entry, memory=change.kind.remember(change.work, done))
        if index >= before + len(change.steps) - 1:
            return entry
        held = self.entries.get(entry.address)
        if isinstance(change, Create | Replace) or held is None:
            return replace(entry, declared={}, unfinished=isinstance(change, Create | Replace))
        return replace(entry, declared=held.declared, unfinished=held.unfinished)

    def _told(self, carried: Carried, ident: str, index: int) -> Entry:
        """A signal's entry once this step is done: what the step said stands in it, so that it is not said again."""
        change = carried.change
        held = self.entries.get(str(change.address))
        entry = replace(self._entry(carried, ident, change.bound), sent=instant(self.access.clock.now()))
        said = entry.declared
        if index < len(change.steps) - 1:
            tells = with_digests(self.filling.resolved(change.steps[index].tells or {}), self.filling.digests)
            said = laid_under(recorded(tells), held.declared if held else {})
        return replace(entry, declared=lasting(change.kind, said, held))

    def _entry(self, carried: Carried, ident: str, bound: Object) -> Entry:
        change = carried.change
        assert change.manifest is not None
        tree = with_digests(self.filling.resolved(bound), self.filling.digests)
        claim = self.draft.world.claims.get(change.address)
        found = change.word == "update" and change.entry is None and (claim is None or claim.found)
        adopted = "adopted" if found else None
        entry = entry_of(
            change.manifest,
            ident,
            tree,
            self.entries.get(str(change.address)),
            self.access.clock.now(),
            origin=adopted,
            revision=self.access.revision,
        )
        if isinstance(change, Create | Replace):
            entry = replace(entry, origin="created", born=None, outputs=dict(carried.sealed))
        if isinstance(change, Replace) and not change.delete_first and change.live is not None:
            entry = replace(entry, retiring=tuple(dict.fromkeys((*entry.retiring, change.live.id))))
        return entry
