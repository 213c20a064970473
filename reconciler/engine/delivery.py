"""Delivery: one step to its vendor: the intent in the journal, the request, the outcome, settling where in doubt."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.engine.access import Access, dig, refusal
from reconciler.engine.carried import Carried, Failed, Unsure
from reconciler.engine.change import Create, Replace, Write
from reconciler.engine.draft import Draft
from reconciler.engine.emit import Emission
from reconciler.engine.fill import Filling, laid_over, wrapped
from reconciler.engine.journal import Journal
from reconciler.engine.live import live_object
from reconciler.engine.overlay import equal
from reconciler.engine.rank import read_line, target
from reconciler.engine.reading import Reader
from reconciler.engine.settle import Settled, settle_open
from reconciler.errors import SecretError, VendorError
from reconciler.http.exchange import Done, Doubtful, NotSent, clean
from reconciler.kinds.step import Step
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Intent

TRIES = 3


@dataclass(repr=False)
class Delivery:
    """Sends steps, each with its intent in the journal before the request leaves."""

    access: Access
    draft: Draft
    filling: Filling
    journal: Journal
    locks: dict[tuple[str, ...], asyncio.Lock] = field(default_factory=dict)

    def begin(self, change: Write) -> Carried:
        made_here = isinstance(change, Create | Replace)
        self.journal.entries.setdefault(str(change.address), change.entry)
        if made_here or change.live is None:
            told = change.entry.id if change.kind.signal is not None and change.entry is not None else None
            return Carried(change, told)  # "" is that of a signal whose vendor gave none
        return Carried(change, change.live.id)

    async def step(self, carried: Carried, step: Step, index: int) -> None:
        """Carry out one step. Raises Failed, Unsure, or LedgerError when the journal cannot be written."""
        async with self._turn(carried.change):
            try:
                if carried.change.kind.signal is not None:
                    await Emission(self.access, self.draft, self.filling, self.journal).step(carried, step, index)
                elif step.finds:
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
        return self.locks.setdefault((change.address.host, kind.queue or kind.id, parent), asyncio.Lock())

    # ── creates ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _create(self, carried: Carried, step: Step, index: int) -> None:
        for _ in range(TRIES):
            body = self.filling.body(step)
            if step.moves:
                place = await self._place(carried)
                body = body if place is None else laid_over({step.moves: place}, body)
            request = self.journal.request(carried, step, wrapped(body, step.wrap))
            intent = self.journal.intent(carried, step, index, "creates")
            outcome = await self.journal.send(carried.change.address.host, intent, request, step.host)
            if isinstance(outcome, Done):
                at = carried.change.kind.place.id_at
                made = dig(outcome.reply.body, step.answer)
                if isinstance(made, dict) and step.ident is not None:
                    made = {at: self.filling.value(step.ident), **made}
                if isinstance(made, dict) and made.get(at) is not None:
                    await self._made(carried, step, intent, made, index)
                    return
            elif not isinstance(outcome, Doubtful):
                await self.journal.close(carried, intent, "not sent" if isinstance(outcome, NotSent) else "not done")
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
        await self.journal.recorded(carried, intent, index)

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
            await self.journal.close(carried, intent, "not done")
            return False
        if found.lost:
            await self._take_back(carried, intent, found.entry.id, index)
            return False
        self._known(carried, found.entry.id, {})
        await self.journal.recorded(carried, intent, index)
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
        await self.journal.close(carried, intent, "settled")

    # ── what a vendor makes by itself ───────────────────────────────────────────────────────────────────────────────

    async def _find(self, carried: Carried, index: int) -> None:
        change = carried.change
        reader = Reader(self.access, self.draft.world)
        manifests = [change.manifest] if change.manifest else []
        waited, pause = 0.0, 0.25
        while True:
            await reader.list_below(change.address.host, change.kind, manifests, {})
            key = self.journal.key(change)
            found = self.draft.world.live.bearers(change.address.host, change.kind.id, key)
            if len(found) == 1:
                carried.ident = found[0].id
                self.filling.ids[str(change.address)] = found[0].id
                self.draft.world.names.claim(change.address, found[0].id)
                await self.journal.passed(carried, index)
                return
            if found or waited >= change.kind.settles:
                what = f"is there {len(found)} times" if found else "did not show up"
                raise Failed(f"what the vendor makes by itself {what}", "run again")
            await self.access.clock.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, 2.0)

    async def _outputs(self, carried: Carried, step: Step, index: int) -> None:
        """Learn what earlier steps made and their answers did not tell in one place."""
        host, kind = carried.change.address.host, carried.change.kind
        raw = await self.access.ask(host, self.journal.request(carried, step, None))
        self.filling.learn(carried.change.address, kind, raw if isinstance(raw, dict) else {})
        await self.journal.passed(carried, index)

    # ── writes that may be sent twice ───────────────────────────────────────────────────────────────────────────────

    async def _write(self, carried: Carried, step: Step, index: int) -> None:
        change = carried.change
        deletes = step.deletes
        ident = change.live.id if deletes and change.live else carried.ident
        body = self.filling.body(step, ident)
        if step.over or step.checked:
            raw = await self._raw(carried, ident)
            body = laid_over(raw, body) if step.over else body
        if step.lays and change.live and isinstance(body, dict):
            body = change.kind.lay(change.live.raw, body, self.access.context(change.address.host))
        if step.moves:
            place = await self._place(carried)
            if place is None:
                await self.journal.passed(carried, index)
                return
            body = {step.moves: place}
        request = self.journal.request(carried, step, wrapped(body, step.wrap) if body is not None else None, ident)
        intent = self.journal.intent(carried, step, index, "deletes" if deletes else "writes")
        outcome = await self.journal.send(change.address.host, intent, request, step.host)
        taken = deletes or step.drops
        gone = taken and not isinstance(outcome, Done) and outcome.fault.status in (404, 410)
        if isinstance(outcome, Done) or gone:
            carried.wrote = True
            body = outcome.reply.body if isinstance(outcome, Done) else None
            if step.renames:
                self._renamed(carried, dig(body, step.answer))
            carried.heard += [clean(text, self.access.secrets.redact) for text in change.kind.heard(body)]
            await self.journal.recorded(carried, intent, index, deleted=ident if deletes else None)
            return
        if isinstance(outcome, Doubtful):
            await self.journal.close(carried, intent, "settled")
            raise Unsure(refusal(change.address.host, outcome), "run again: a plan shows whether it was done")
        await self.journal.close(carried, intent, "not sent" if isinstance(outcome, NotSent) else "not done")
        raise self.access.refused(change.address.host, outcome)

    def _renamed(self, carried: Carried, made: Any) -> None:
        """Where its id is a name, the object has another one now."""
        at = carried.change.kind.place.id_at
        if isinstance(made, dict) and made.get(at) is not None:
            self._known(carried, str(made[at]), made)

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
        await self.journal.passed(carried, index)

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
