"""Emit: one step of a signal to its vendor: at most once where nobody could tell afterwards whether it was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from reconciler.engine.access import Access, dig, refusal
from reconciler.engine.carried import Carried, Failed, Unsure
from reconciler.engine.draft import Draft
from reconciler.engine.fill import Filling, wrapped
from reconciler.engine.journal import Journal
from reconciler.engine.settle import Settled
from reconciler.engine.sighting import Sighting
from reconciler.http.exchange import Done, Doubtful, NotDone, NotSent, clean
from reconciler.kinds.signal import Signal
from reconciler.kinds.step import Step
from reconciler.ledger.entries import Intent

TRIES = 3
_NO_SUCH_PATH = 404


@dataclass(repr=False)
class Emission:
    """Sends the steps of signals."""

    access: Access
    draft: Draft
    filling: Filling
    journal: Journal

    async def step(self, carried: Carried, step: Step, index: int) -> None:
        """Carry out one step. Raises Failed, Unsure, or LedgerError when the journal cannot be written."""
        host = carried.change.address.host
        effect: Literal["creates", "writes"] = "creates" if step.effect == "creates" else "writes"
        for _ in range(TRIES):
            body = self.filling.body(step, carried.ident)
            request = self.journal.request(carried, step, None if body is None else wrapped(body, step.wrap))
            intent = self.journal.intent(carried, step, index, effect)
            outcome = await self.journal.send(host, intent, request, step.host)
            if isinstance(outcome, Done):
                await self._done(carried, step, intent, outcome.reply.body, index)
                return
            if not _in_doubt(outcome, step):
                await self.journal.close(carried, intent, "not sent" if isinstance(outcome, NotSent) else "not done")
                if step.instead and outcome.fault.status == _NO_SUCH_PATH:
                    await self.step(carried, replace(step, path=step.instead, instead=""), index)
                    return
                raise self._refused(carried, outcome, step)
            if effect == "writes":
                await self.journal.close(carried, intent, "settled")
                raise Unsure(refusal(host, outcome), "run again: it is sent once more, which does no harm")
            if step.blind:
                raise Unsure(
                    f"{refusal(host, outcome)}; it may have been sent, and nothing tells",
                    f"ask those it is for, then: reconciler ledger settle {carried.change.address} --sent or --unsent",
                )
            if await self._settled(carried, intent, index):
                return
        raise Failed(refusal(host, outcome, f"{TRIES} requests came to nothing, the last: "), "run again")

    def _refused(self, carried: Carried, outcome: NotSent | NotDone | Doubtful, step: Step) -> Exception:
        """What the vendor refused; at the line that it is about, where its words tell."""
        change, host = carried.change, carried.change.address.host
        if step.absent and outcome.fault.status == _NO_SUCH_PATH:
            return Failed(refusal(host, outcome), step.absent)
        blamed = _signal(carried).blamed(change.work.wanted, outcome.fault.message)
        if blamed is None or change.manifest is None:
            return self.access.refused(host, outcome)
        return Failed(f"{change.manifest.place(blamed.path)}: {blamed.why}: {refusal(host, outcome)}", blamed.way_out)

    async def _done(self, carried: Carried, step: Step, intent: Intent, body: Any, index: int) -> None:
        change, signal = carried.change, _signal(carried)
        if index == 0 and change.work.verb in ("create", "refresh"):
            made = dig(body, step.answer)
            told = made if isinstance(made, dict) else {}
            ident = signal.answered(change.work.wanted, told) if signal.answered else signal.ident(told)
            if ident is None:
                await self.journal.close(carried, intent, "not done")
                where = f"{change.address.host}: {step.method} {step.path}"
                raise Failed(f"{where}: taken without an id, so that nothing came of it", signal.unanswered)
            carried.ident = ident
            self.filling.learn(change.address, change.kind, told)
            self._known(carried, ident)
        carried.heard += [clean(text, self.access.secrets.redact) for text in change.kind.heard(body)]
        await self.journal.recorded(carried, intent, index)

    def _known(self, carried: Carried, ident: str) -> None:
        if not ident:
            return
        self.filling.ids[str(carried.change.address)] = ident
        self.draft.world.names.claim(carried.change.address, ident)

    async def _settled(self, carried: Carried, intent: Intent, index: int) -> bool:
        """Look for what a doubtful sending made. True where it is there."""
        change = carried.change
        found: Settled = await Sighting(self.access, self.draft.world, frozenset()).settle(change.kind, intent)
        if found.doubtful:
            ids = ", ".join(found.doubtful)
            raise Unsure(
                f"its sending got no answer, and it cannot be told which of these it is: ids {ids}",
                f"look at them, then: reconciler ledger settle {change.address} --id ID (or --none)",
            )
        if found.entry is None:
            await self.journal.close(carried, intent, "not done")
            return False
        carried.ident = found.entry.id
        self._known(carried, found.entry.id)
        await self.journal.recorded(carried, intent, index)
        return True


def _signal(carried: Carried) -> Signal:
    signal = carried.change.kind.signal
    assert signal is not None
    return signal


def _in_doubt(outcome: NotSent | NotDone | Doubtful, step: Step) -> bool:
    return isinstance(outcome, Doubtful) or (isinstance(outcome, NotDone) and outcome.fault.code in step.unsure)
