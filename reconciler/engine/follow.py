"""Follow: what is to be done about one signal. Only Git moves it; what moved at the vendor is told, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reconciler.engine.change import Adopt, Create, Doubtful, FieldChange, Move, Update, Write
from reconciler.engine.claims import Claim
from reconciler.engine.diff import differences, from_ledger, shown
from reconciler.engine.doubt import unknown
from reconciler.engine.fields import without
from reconciler.engine.overlay import MISSING, equal, fresh, overlay
from reconciler.engine.record import differs, entry_of, lasting, sent_with
from reconciler.engine.sighting import Sighting, signal_of
from reconciler.engine.verdict import Verdict
from reconciler.errors import Problem
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Hidden, Keep, Object, Secret, Tree, spell
from reconciler.kinds.tree import replace as mapped
from reconciler.ledger.entries import Entry

NEW = "it cannot be looked for, and the ledger is new: whether it was sent before is not known"
LOST = "an interrupted run may have sent it, and nothing tells"


class Following(Verdict):
    """A signal under decision."""

    def run(self, claim: Claim, bound: Object) -> None:
        self.signal = signal_of(self.kind)
        settled = self.world.settled.get(str(self.address))
        if settled is not None and settled.blind:
            self._in_doubt(LOST)
        elif settled is not None and settled.doubtful and claim.entry is None:
            why = "an interrupted run may have sent it, and it cannot be told which of these it is"
            self.draft.add(Doubtful(self.address, self.kind, self.manifest.place(), why=why, ids=settled.doubtful))
        elif claim.entry is None:
            self._first(claim, bound)
        else:
            self._further(claim, claim.entry, bound)

    def _in_doubt(self, why: str) -> None:
        self.draft.add(Doubtful(self.address, self.kind, self.manifest.place(), why=why))

    # ── not in the ledger ───────────────────────────────────────────────────────────────────────────────────────────

    def _first(self, claim: Claim, bound: Object) -> None:
        place = self.manifest.place()
        if claim.live is not None:
            if self.draft.guards.on_existing == "refuse" and claim.how != "id":
                way = "bind it with metadata.id, or set guards.on_existing: adopt"
                self.block(f"id {claim.live.id} is there already and is not ours", way)
                return
            there = self._bound(claim.live.tree)
            if not self._again(claim, None, bound, Work("refresh", fresh(bound), live=bound, there=there)):
                self.draft.add(Adopt(self.address, self.kind, place, live=claim.live))
                self._record(claim.live.id, bound, None)
            self._say_taken(bound)
            self._say_moved(claim, bound, frozenset())
        elif unknown(self.world, self.manifest, self.context):
            self._in_doubt(NEW)
        elif self.signal.over(bound) and not self.signal.takes_finished:
            self.draft.add(Adopt(self.address, self.kind, place, why="it came to Git finished: recorded, and not sent"))
            self._record("", bound, None)
        else:
            self._send(claim, bound)

    def _send(self, claim: Claim, bound: Object) -> None:
        kind = self.kind
        wanted = fresh({**bound, **{name: value for name, value in kind.sent_on_create.items() if name not in bound}})
        lacking = kind.missing(wanted)
        if lacking:
            what = ", ".join(lacking)
            self.block(f"it is not there, and to send it the vendor needs: {what}", f"add {what} under spec")
            return
        work = Work("create", wanted, known=self._known)
        if self._refused(work, ()):
            return
        change = Create(
            self.address,
            kind,
            self.manifest.place(),
            self.set_fields(wanted),
            kind.consequences(work),
            manifest=self.manifest,
            work=work,
            steps=self.steps(work),
            bound=bound,
            pages=self.signal.pages(work),
        )
        self.finish(change)

    # ── in the ledger ───────────────────────────────────────────────────────────────────────────────────────────────

    def _further(self, claim: Claim, entry: Entry, bound: Object) -> None:
        if claim.moved_from is not None:
            self.draft.add(Move(self.address, self.kind, self.manifest.place(), old=claim.moved_from, live=claim.live))
        self._say_settled(claim, entry)
        recorded = self._bound(from_ledger(entry.declared))
        last = overlay(self.kind.shape, recorded, recorded, recorded)  # so that a null is the same on both sides
        there = None if claim.live is None else self._bound(claim.live.tree)
        wanted = self._lasting(without(bound, self.manifest.metadata.lifecycle.ignore), last)
        result = overlay(self.kind.shape, wanted, last, last)
        edited = frozenset(name for name in result if not _same(result[name], last.get(name, MISSING)))
        moves = edited & {*self.signal.state} if there else frozenset()
        done = frozenset(name for name in moves if there and equal(result[name], there.get(name)))
        if edited - done:
            self._move(claim, entry, bound, Work("update", result, edited - done, last, there, self._known))
        elif not self._again(claim, entry, bound, Work("refresh", last, frozenset(), last, there, self._known)):
            self._record(entry.id, bound, entry)
        self._say_moved(claim, last, edited)

    def _known(self, leaf: Tree) -> Object | None:
        return Sighting(self.draft.access, self.world, frozenset()).known(self.host, leaf)

    def _bound(self, declared: Tree) -> Object:
        tree = self.world.names.bind(declared, self.host)
        assert isinstance(tree, dict)
        return tree

    def _lasting(self, wanted: Object, last: Object) -> Object:
        """What is wanted, with the items that were sent and cannot be taken back."""
        kept = {name: {**last[name], **(wanted.get(name) or {})} for name in self.signal.lasting if last.get(name)}
        return {**wanted, **kept}

    def _move(self, claim: Claim, entry: Entry, bound: Object, work: Work) -> None:
        last = work.live or {}
        fields = differences(self.kind.shape, last, work.wanted, last, self.manifest.place, frozenset())
        fields = tuple(one for one in fields if one.path.partition(".")[0].partition("[")[0] in work.changed)
        refused = self._refused(work, fields)
        change = None if refused else self._update(claim, entry, bound, work, fields, "")
        nothing = change is not None and not change.steps  # an edit that asks nothing of the vendor is only recorded
        if change is not None and not nothing:
            self.finish(change)
        self._record(entry.id, bound, entry, complete=nothing)

    def _again(self, claim: Claim, entry: Entry | None, bound: Object, work: Work) -> bool:
        """Send what was sent once more, where it would end by itself and Git says that it shall not."""
        sent = datetime.fromisoformat(entry.sent) if entry is not None and entry.sent else None
        why = self.signal.due(work.wanted, work.there, sent, self.context)
        if why is None:
            words = self.signal.stands(work.wanted, work.there, sent, self.context)
            self.draft.notes += [f"{self.address}: {text}" for text in words]
            return False
        self.finish(self._update(claim, entry, bound, work, (), why))
        return True

    def _update(
        self, claim: Claim, entry: Entry | None, bound: Object, work: Work, fields: tuple[FieldChange, ...], why: str
    ) -> Write:
        return Update(
            self.address,
            self.kind,
            self.manifest.place(),
            fields,
            self.kind.consequences(work),
            why,
            self.manifest,
            work,
            self.steps(work),
            claim.live,
            entry,
            bound,
            pages=self.signal.pages(work),
            adopts=entry is None,
        )

    def _refused(self, work: Work, fields: tuple[FieldChange, ...]) -> bool:
        refusal = self.signal.refuses(work, self.context)
        if refusal is not None:
            self.block(refusal.why, refusal.way_out, fields, refusal.path)
        return refusal is not None

    # ── what is only told or recorded ───────────────────────────────────────────────────────────────────────────────

    def _say_settled(self, claim: Claim, entry: Entry) -> None:
        settled = self.world.settled.get(str(self.address))
        if settled is not None and settled.entry is entry:
            why = "sent by an interrupted run"
            self.draft.add(Adopt(self.address, self.kind, self.manifest.place(), why=why, live=claim.live))

    def _say_taken(self, bound: Object) -> None:
        """Of what is found, its parts that nobody can look for are taken as sent: at most once."""
        for field in self.signal.lasting:
            for name in bound.get(field) or {}:
                text = f"{self.address}: {spell((field, name))} is taken as sent, since nobody can look for it"
                way = "to send it after all, give it another name"
                self.draft.warnings.append(Problem(text, self.manifest.place((field, name)), way))

    def _say_moved(self, claim: Claim, last: Object, edited: frozenset[str]) -> None:
        """What is otherwise there than Git says: reported with the line to write, and never fought."""
        if claim.live is None:
            return
        there = self._bound(claim.live.tree)
        notices = self.kind.notices(last, there)
        self.draft.warnings += [Problem(f"{self.address}: {text}", self.manifest.place()) for text in notices]
        self.draft.apart |= {str(self.address) for _ in notices}
        for name in self.signal.state:
            if name in last and name not in edited and not equal(last[name], there.get(name)):
                self.draft.warnings.append(self._moved(name, last[name], there.get(name)))
                self.draft.apart.add(str(self.address))

    def _moved(self, name: str, git: Tree, there: Tree) -> Problem:
        now = "not set" if there is None else shown(there, None)
        text = f"{self.address}: {name} is {now} there and {shown(git, None)} in Git; nothing is sent"
        way_out = f"take {name} out of the manifest" if there is None else f"write {name}: {now}"
        return Problem(text, self.manifest.place((name,)), f"to follow it, {way_out}")

    def _record(self, ident: str, bound: Object, held: Entry | None, *, complete: bool = True) -> None:
        """What the ledger shall hold beside what a write records."""
        now, origin = self.draft.access.clock.now(), "adopted" if held is None and ident else None
        entry = entry_of(self.manifest, ident, bound, held, now, origin=origin, revision=self.draft.access.revision)
        entry = replace(entry, declared=lasting(self.kind, entry.declared, held))
        if held is not None and (known := sent_with(entry.declared, held.declared)):
            assert isinstance(known, dict)
            entry = replace(entry, declared=known)
        if not complete and held is not None:  # the write records what it did; until then the old record stands
            entry = replace(entry, declared=held.declared)
        if held is None or differs(held, entry):
            self.draft.refresh.append((self.host, entry))


def _same(one: Tree, other: Tree) -> bool:
    """Whether Git says the same: another value of a secret is no edit."""
    return equal(_open(one), _open(other))


def _open(tree: Tree) -> Tree:
    return mapped(tree, lambda leaf: None if isinstance(leaf, Secret | Keep | Hidden) else leaf)
