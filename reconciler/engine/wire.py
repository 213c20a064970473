"""Wire: one step to its vendor: the intent in the journal, the request, the outcome, settling where in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from reconciler.engine.access import Access, dig, refusal
from reconciler.engine.carried import Carried, Failed, Unsure
from reconciler.engine.change import Create, Delete, Replace, Reset, Write
from reconciler.engine.draft import Draft
from reconciler.engine.fill import Filling, laid_over, wrapped
from reconciler.engine.live import Key, live_object, natural_key
from reconciler.engine.overlay import equal
from reconciler.engine.rank import read_line, target
from reconciler.engine.reading import Reader
from reconciler.engine.record import entry_of, instant, with_digests
from reconciler.engine.settle import Settled, entry_data, settle_open, with_ids
from reconciler.errors import LeaseLost, SecretError, VendorError
from reconciler.http.exchange import Done, Doubtful, Json, NotSent, Request, clean
from reconciler.kinds.step import Step
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Closed, DropEntry, Entry, Intent, Opened, PutEntry, Record
from reconciler.ledger.ledger import Held

TRIES = 3

Outcome = Literal["not done", "not sent", "settled"]


@dataclass(repr=False)
class Wire:
    """Sends steps. `run` begins every intent's ident, so that those of other runs are told apart; `entries` are the
    ledger's by address, as this run leaves them: two changes may be of one address."""

    access: Access
    draft: Draft
    filling: Filling
    ledgers: Mapping[str, Held]
    run: str
    locks: dict[tuple[str, ...], asyncio.Lock] = field(default_factory=dict)
    sent: int = 0
    entries: dict[str, Entry | None] = field(default_factory=dict)

    def begin(self, change: Write) -> Carried:
        made_here = isinstance(change, Create | Replace)
        self.entries.setdefault(str(change.address), change.entry)
        return Carried(change, None if made_here or change.live is None else change.live.id)

    async def step(self, carried: Carried, step: Step, index: int) -> None:
        """Carry out one step. Raises Failed, Unsure, or LedgerError when the journal cannot be written."""
        async with self._turn(carried.change):
            try:
                if step.finds:
                    await self._find(carried, index)
                elif step.proves:
                    await self._prove(carried, step, index)
                elif step.effect == "reads":
                    await self._outputs(carried, step, index)
                elif step.effect == "creates" and not step.adds:
                    await self._create(carried, step, index)
                else:
                    await self._write(carried, step, index)
            except (VendorError, SecretError) as error:
                raise Failed(error.problems[0].text, error.problems[0].way_out or "") from None

    def _turn(self, change: Write) -> AbstractAsyncContextManager[Any]:
        """One write at a time for kinds whose vendor cannot take more."""
        kind = change.kind
        if kind.serial is None:
            return nullcontext()
        parent = ""
        if kind.serial == "parent" and kind.place.parent:
            parent = str(self.filling.value(change.work.wanted.get(kind.place.parent)))
        return self.locks.setdefault((change.address.host, kind.id, parent), asyncio.Lock())

    # ── creates ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _create(self, carried: Carried, step: Step, index: int) -> None:
        for _ in range(TRIES):
            body = self.filling.body(step)
            if step.moves:
                place = await self._place(carried)
                body = body if place is None else laid_over({step.moves: place}, body)
            request = self._request(carried, step, wrapped(body, step.wrap))
            intent = self._intent(carried, step, index, "creates")
            outcome = await self._send(carried.change.address.host, intent, request)
            if isinstance(outcome, Done):
                made = dig(outcome.reply.body, step.answer)
                at = carried.change.kind.place.id_at
                if isinstance(made, dict) and made.get(at) is not None:
                    await self._made(carried, step, intent, made, index)
                    return
            elif not isinstance(outcome, Doubtful):
                await self._close(carried, intent, "not sent" if isinstance(outcome, NotSent) else "not done")
                raise self.access.refused(carried.change.address.host, outcome)
            if await self._settle(carried, intent, index):
                return
        tried = f"{TRIES} requests came to nothing, the last: "
        raise Failed(refusal(carried.change.address.host, outcome, tried), "run again")

    async def _made(self, carried: Carried, step: Step, intent: Intent, made: dict[str, Any], index: int) -> None:
        change = carried.change
        ident = str(made[change.kind.place.id_at])
        for name, value in self.filling.learn(change.address, change.kind, made).items():
            output = change.kind.output(name)
            if output is not None and output.once and self.access.seals is not None:
                carried.sealed[name] = self.access.seals.seal(value)
        self._known(carried, ident, made)
        await self._recorded(carried, intent, index)

    def _known(self, carried: Carried, ident: str, made: dict[str, Any]) -> None:
        """From here on the address is this object, for everything that refers to it."""
        change = carried.change
        carried.ident = ident
        self.filling.ids[str(change.address)] = ident
        self.draft.world.names.claim(change.address, ident)
        tree = self.filling.resolved(change.work.wanted)
        raw = {**made, change.kind.place.id_at: ident}
        below = tree.get(change.kind.place.parent or "")
        parent = str(self.filling.value(below)) if below is not None else None
        self.draft.world.live.put(live_object(change.address.host, change.kind, raw, tree, parent, whole=False))

    async def _settle(self, carried: Carried, intent: Intent, index: int) -> bool:
        """Look for what a doubtful create made. True where the object is there and ours."""
        change = carried.change
        [found] = await self._look(carried, intent)
        if found.doubtful:
            ids = ", ".join(found.doubtful)
            raise Unsure(
                f"its creation got no answer, and it cannot be told which of these it is: ids {ids}",
                f"look at them, then: reconciler ledger settle {change.address} --id ID (or --none)",
            )
        if found.entry is None:
            await self._close(carried, intent, "not done")
            return False
        if found.lost:
            await self._take_back(carried, intent, found.entry.id, index)
            return False
        self._known(carried, found.entry.id, {})
        await self._recorded(carried, intent, index)
        return True

    async def _look(self, carried: Carried, intent: Intent) -> list[Settled]:
        change = carried.change
        reader = Reader(self.access, self.draft.world)
        manifests = [change.manifest] if change.manifest else []

        async def relist() -> None:
            await reader.list_below(change.address.host, change.kind, manifests, {})

        await relist()
        return await settle_open(self.access, self.draft.world.live, change.kind, [intent], relist, reader.detail)

    async def _take_back(self, carried: Carried, intent: Intent, ident: str, index: int) -> None:
        """Delete what an answer was lost of: its once-only output can be had in no other way than to make it again."""
        change = carried.change
        removal = change.kind.steps(
            replace(change.work, verb="delete", live=change.work.wanted), self.access.context(change.address.host)
        )
        for step in removal:
            request = self.filling.request(change.address.host, step, ident, None)
            outcome = await self.access.clients[change.address.host].send(request)
            if not isinstance(outcome, Done) and outcome.fault.status not in (404, 410):
                raise Unsure(
                    f"id {ident} was made and its answer lost; taking it back failed: {outcome.fault}",
                    "run again: it is taken back then",
                )
        self.draft.world.live.drop(change.address.host, change.kind.id, ident)
        await self._close(carried, intent, "settled")

    # ── what a vendor makes by itself ───────────────────────────────────────────────────────────────────────────────

    async def _find(self, carried: Carried, index: int) -> None:
        change = carried.change
        reader = Reader(self.access, self.draft.world)
        manifests = [change.manifest] if change.manifest else []
        waited, pause = 0.0, 0.25
        while True:
            await reader.list_below(change.address.host, change.kind, manifests, {})
            key = self._key(change)
            found = self.draft.world.live.bearers(change.address.host, change.kind.id, key)
            if len(found) == 1:
                carried.ident = found[0].id
                self.filling.ids[str(change.address)] = found[0].id
                self.draft.world.names.claim(change.address, found[0].id)
                await self.ledgers[change.address.host].record(*self._after_write(carried, index))
                return
            if found or waited >= change.kind.settles:
                what = f"is there {len(found)} times" if found else "did not show up"
                raise Failed(f"what the vendor makes by itself {what}", "run again")
            await self.access.clock.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 2.0)

    async def _outputs(self, carried: Carried, step: Step, index: int) -> None:
        """Learn what earlier steps made and their answers did not tell in one place."""
        host, kind = carried.change.address.host, carried.change.kind
        raw = await self.access.ask(host, self._request(carried, step, None))
        self.filling.learn(carried.change.address, kind, raw if isinstance(raw, dict) else {})
        await self.ledgers[host].record(*self._after_write(carried, index))

    # ── writes that may be sent twice ───────────────────────────────────────────────────────────────────────────────

    async def _write(self, carried: Carried, step: Step, index: int) -> None:
        change = carried.change
        deletes = step.deletes
        ident = change.live.id if deletes and change.live else carried.ident
        body = self.filling.body(step, ident)
        if step.over or step.checked:
            raw = await self._raw(carried, ident)
            body = laid_over(raw, body) if step.over else body
        if step.moves:
            place = await self._place(carried)
            if place is None:
                await self.ledgers[change.address.host].record(*self._after_write(carried, index))
                return
            body = {step.moves: place}
        request = self._request(carried, step, wrapped(body, step.wrap) if body is not None else None, ident)
        intent = self._intent(carried, step, index, "deletes" if deletes else "writes")
        outcome = await self._send(change.address.host, intent, request)
        taken = deletes or step.drops
        gone = taken and not isinstance(outcome, Done) and outcome.fault.status in (404, 410)
        if isinstance(outcome, Done) or gone:
            carried.wrote = True
            body = outcome.reply.body if isinstance(outcome, Done) else None
            carried.heard += [clean(text, self.access.secrets.redact) for text in change.kind.heard(body)]
            await self._recorded(carried, intent, index, deleted=ident if deletes else None)
            return
        if isinstance(outcome, Doubtful):
            await self._close(carried, intent, "settled")
            raise Unsure(refusal(change.address.host, outcome), "run again: a plan shows whether it was done")
        await self._close(carried, intent, "not sent" if isinstance(outcome, NotSent) else "not done")
        raise self.access.refused(change.address.host, outcome)

    async def _place(self, carried: Carried) -> int | None:
        """Where among all the object must stand to be right among ours; None where it need not be sent."""
        change = carried.change
        assert change.manifest is not None
        kind, wanted = change.kind, change.work.wanted
        parent = wanted.get(kind.place.parent or "")
        params = {kind.place.parent: str(self.filling.value(parent))} if kind.place.parent and parent else {}
        line = await read_line(self.access, change.address.host, kind, params)
        return target(line, self.draft.ranks.ids(change.manifest), carried.ident, wanted[kind.ranked or ""])

    async def _prove(self, carried: Carried, step: Step, index: int) -> None:
        """See whether a write came to what was asked for."""
        host, kind = carried.change.address.host, carried.change.kind
        tree = kind.from_api(await self._read(carried, carried.ident), self.access.context(host))
        live, wanted = self.draft.world.names.bind(tree, host), self.filling.resolved(carried.change.work.wanted)
        for name, way_out in step.proves.items():
            if not equal(wanted.get(name), live.get(name)):
                raise Failed(f"{name} is as it was: {host} took the request, and did not do it", way_out)
        await self.ledgers[host].record(*self._after_write(carried, index))

    async def _raw(self, carried: Carried, ident: str | None) -> Object:
        """The raw object just before it is replaced. Raises Failed where somebody changed it since the plan."""
        change, kind = carried.change, carried.change.kind
        raw = await self._read(carried, ident)
        if change.live is not None and not carried.wrote and not isinstance(change, Replace):
            context = self.access.context(change.address.host)
            now, then = kind.from_api(raw, context), kind.from_api(change.live.raw, context)
            if not change.live.whole:  # only what the list told was compared by the plan
                now, then = ({name: one[name] for name in now if name in then} for one in (now, then))
            if now != then:
                raise Failed(f"id {ident} was changed by somebody since it was read", "plan again")
        return kind.writable(raw)

    async def _read(self, carried: Carried, ident: str | None) -> Object:
        """The raw object as it is now. Raises Failed where it is gone."""
        change = carried.change
        assert ident is not None
        host, kind = change.address.host, change.kind
        parent = change.live.parent if change.live else None
        params = {kind.place.parent: parent} if kind.place.parent and parent else {}
        raw: Object | None
        if kind.place.item_read:
            raw = await self.access.get(host, kind, ident, params, change.live.raw if change.live else ())
        else:
            rows = await self.access.every(host, kind, params)
            raw = next((row for row in rows if str(row[kind.place.id_at]) == ident), None)
        if raw is None:
            raise Failed(f"id {ident} is no longer there", "plan again")
        return raw

    # ── journal ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _request(self, carried: Carried, step: Step, body: Json, ident: str | None = None) -> Request:
        return self.filling.request(carried.change.address.host, step, ident or carried.ident, body)

    async def _send(self, host: str, intent: Intent, request: Request) -> Any:
        ledger = self.ledgers[host]
        await ledger.record(Opened(intent))
        if not ledger.may_write():
            raise LeaseLost(f"the lease of {host} was not renewed in time; nothing more is written")
        return await self.access.clients[host].send(request)

    def _intent(
        self, carried: Carried, step: Step, index: int, effect: Literal["creates", "writes", "deletes"]
    ) -> Intent:
        self.sent += 1
        change = carried.change
        what: Json = {"step": step.name}
        if effect == "creates":
            made = self.filling.resolved(change.work.wanted if step.made is None else step.made)
            key = natural_key(change.kind, made)
            bearers = self.draft.world.live.bearers(change.address.host, change.kind.id, key)
            entry = self._entry_after(carried, "", index)
            what = {
                "key": list(key or ()),
                "before": [one.id for one in bearers],
                "payload": with_ids(made),
                "entry": entry_data(entry),
            }
        at = instant(self.access.clock.now())
        return Intent(f"{self.run}-{self.sent}", str(change.address), index, effect, what, at)

    def _key(self, change: Write) -> Key | None:
        return natural_key(change.kind, self.filling.resolved(change.work.wanted))

    async def _close(self, carried: Carried, intent: Intent, outcome: Outcome) -> None:
        await self.ledgers[carried.change.address.host].record(Closed(intent.ident, outcome))

    async def _recorded(self, carried: Carried, intent: Intent, index: int, deleted: str | None = None) -> None:
        records: list[Record] = [Closed(intent.ident, "done")]
        records += self._after_delete(carried, deleted) if deleted else self._after_write(carried, index)
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

    def _after_write(self, carried: Carried, index: int) -> list[Record]:
        change = carried.change
        if isinstance(change, Reset):
            return [DropEntry(str(change.address))] if index == len(change.steps) - 1 else []
        assert carried.ident is not None
        return self._put(self._entry_after(carried, carried.ident, index))

    def _entry_after(self, carried: Carried, ident: str, index: int) -> Entry:
        """The entry once this step is done. Until the last one it declares no more than before: what is still to do
        is no drift."""
        change = carried.change
        before = len(change.removal) if isinstance(change, Replace) and change.delete_first else 0
        entry = self._entry(carried, ident, change.bound)
        if index >= before + len(change.steps) - 1:
            return entry
        held = self.entries.get(entry.address)
        if isinstance(change, Create | Replace) or held is None:
            return replace(entry, declared={}, unfinished=isinstance(change, Create | Replace))
        return replace(entry, declared=held.declared, unfinished=held.unfinished)

    def _entry(self, carried: Carried, ident: str, bound: Object) -> Entry:
        change = carried.change
        assert change.manifest is not None
        tree = with_digests(self.filling.resolved(bound), self.filling.digests)
        adopted = "adopted" if change.word == "update" and change.entry is None else None
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
