"""Deciding: what is to be done about one manifest, from its claim and both trees. Pure, but for the plan it adds to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.engine.change import (
    Adopt,
    Create,
    Doubtful,
    FieldChange,
    Move,
    Release,
    Replace,
    Update,
)
from reconciler.engine.claims import Claim, mark_of
from reconciler.engine.diff import differences, from_ledger, shown, words
from reconciler.engine.draft import Draft
from reconciler.engine.fields import cannot_clear, incomparable, kept, moved, no_longer, without
from reconciler.engine.follow import Following
from reconciler.engine.hindrance import CLOSED, caution, closed
from reconciler.engine.live import LiveObject
from reconciler.engine.names import LookUpFailed, links, plain
from reconciler.engine.overlay import MISSING, equal, fresh, hide, overlay
from reconciler.engine.record import differs, entry_of, why_gone
from reconciler.engine.verdict import Verdict
from reconciler.errors import Problem
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Keep, Object, Tree, at, spell, walk
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Manifest


def decide(draft: Draft, manifest: Manifest) -> None:
    """Add to the draft what this manifest asks for."""
    _Decision(draft, manifest).run()


class _Decision(Verdict):
    def run(self) -> None:
        if self.host in self.world.live.failed:
            failed = self.world.live.failed[self.host]
            self.block(f"not read: {failed.text}", failed.way_out or "run again when the vendor answers")
            self.draft.stopped[str(self.address)] = f"{self.host} could not be read"
            return
        refusal = self.world.refusals.get(str(self.address))
        if refusal is not None:
            self.block(refusal.text.removeprefix(f"{self.host}: "), "correct what the manifest asks for")
            return
        claim = self.world.claims[self.address]
        settled = self.world.settled.get(str(self.address))
        if settled is not None and settled.doubtful and self.kind.signal is None:
            if claim.how in ("none", "key"):
                self._doubtful(settled.doubtful)
                return
            self.world.settled[str(self.address)] = replace(settled, doubtful=())  # told by a mark, or by a person
        if claim.blocked is not None:
            self.block(claim.blocked, "")
            return
        try:
            bound = self.world.names.bind(self.manifest.declared, self.host)
        except LookUpFailed as error:
            self.block(str(error), "correct the reference, or make the object first")
            return
        self.say_unknown(bound)
        caution(self.draft, self.manifest, bound)
        if self.kind.signal is not None:
            Following(self.draft, self.manifest).run(claim, bound)
        elif claim.live is None:
            self._create(claim, bound)
        else:
            self._existing(claim, claim.live, bound)

    def _doubtful(self, ids: tuple[str, ...]) -> None:
        why = "an interrupted run may have made it, and it cannot be told which of these it is"
        self.draft.add(Doubtful(self.address, self.kind, self.manifest.place(), (), (), why, ids))

    # ── nothing live ────────────────────────────────────────────────────────────────────────────────────────────────

    def _create(self, claim: Claim, bound: Object) -> None:
        kind = self.kind
        wanted = fresh({**bound, **{name: value for name, value in kind.sent_on_create.items() if name not in bound}})
        if kind.ends(wanted, self.context):
            self.draft.warnings.append(Problem(f"{self.address}: past, not made", self.manifest.place()))
            self.draft.apart.add(str(self.address))
            return
        lacking = kind.missing(wanted)
        if lacking:
            what = ", ".join(lacking)
            self.block(f"it is not there, and to make it the vendor needs: {what}", f"add {what} under spec")
            return
        kept = next((path for path, leaf in walk(bound) if isinstance(leaf, Keep)), None)
        if kept is not None:
            way = "there is nothing to keep before it is made: write {env: NAME}"
            self.block(f"{spell(kept)} is {{keep: true}}", way, path=kept)
            return
        work = Work("create", wanted)
        gone = claim.entry.id if claim.entry else None
        change = Create(
            self.address,
            kind,
            self.manifest.place(),
            self.set_fields(wanted),
            self.kind.consequences(work),
            why_gone(claim.entry),
            self.manifest,
            work,
            self.steps(work),
            None,
            claim.entry,
            bound,
            any(output.once for output in kind.outputs),
            gone,
        )
        self.finish(change)

    # ── something live ──────────────────────────────────────────────────────────────────────────────────────────────

    def _existing(self, claim: Claim, found: LiveObject, bound: Object) -> None:
        kind, entry = self.kind, claim.entry
        refuses = self.draft.guards.on_existing == "refuse" and kind.place.gathers is None
        if entry is None and refuses and claim.how != "id":
            way = "bind it with metadata.id, or set guards.on_existing: adopt"
            self.block(f"id {found.id} is there already and is not ours", way)
            return
        # An entry of nothing was adopted while it differed: it says whose the object is, and not how it should be.
        last = self.world.names.bind(from_ledger(entry.declared), self.host) if entry and entry.declared else MISSING
        shape = kind.shape
        bare = self.draft.ranks.shown(self.manifest, self.world.names.bind(found.tree, self.host))
        live = hide(shape, bare, last)
        wanted = without(bound, self.manifest.metadata.lifecycle.ignore)
        if entry is not None and entry.unfinished:
            wanted = {**kind.sent_on_create, **wanted}
        wanted = kind.meant(self._assumed(wanted, live), live, self.context)
        result = overlay(shape, wanted, live, last)
        if kind.ends(result, self.context) and kind.ends(live, self.context):
            result = live
        changed = frozenset(name for name in result if not equal(result[name], live.get(name, MISSING)))
        settled = self.world.settled.get(str(self.address))
        if settled is not None and settled.lost and settled.entry and settled.entry.id == found.id:
            self._again(claim, found, bound, live, settled.lost)
            return
        was = self.draft.as_it_was(result, self.host)
        renewed = frozenset(name for name in changed if equal(was[name], live.get(name, MISSING)))
        fields = differences(shape, live, result, last, self.manifest.place, renewed) if changed else ()
        notices = kind.notices(bound, live)
        self.draft.warnings += [Problem(f"{self.address}: {text}", self.manifest.place()) for text in notices]
        self._ledger_changes(claim, found, entry, bound)
        if kind.mark is not None and not kind.mark.fixed and claim.moved_from is not None:
            ours = mark_of(self.draft.access.project.name, self.address)
            if found.mark != ours:
                fields = (*fields, FieldChange("(mark)", found.mark, ours, "edited", place=self.manifest.head("name")))
        if fields:
            self._write(claim, found, bound, live, result, changed, fields)
        self._refresh(claim, found, bound, complete=not fields)

    def _fixed(self, live: Object) -> frozenset[str]:
        return self.kind.immutable | self.kind.also_immutable(live)

    def _assumed(self, wanted: Object, live: Object) -> Object:
        """What is wanted, less the secrets that nothing is known of in fields that cannot be changed: they stay."""
        fixed = self._fixed(live)
        for path in incomparable({name: wanted[name] for name in fixed & set(wanted)}, live):
            text = f"{self.address}: {spell(path)} is unknown (it cannot be compared, and is taken for what is there)"
            self.draft.unknown.append(Problem(text, self.manifest.place(path)))
        return {name: kept(value, live.get(name)) if name in fixed else value for name, value in wanted.items()}

    def _refresh(self, claim: Claim, found: LiveObject, bound: Object, *, complete: bool) -> None:
        """What the ledger shall hold of a live object beside what a write records."""
        held = claim.entry
        now = self.draft.access.clock.now()
        origin = "adopted" if held is None and claim.found else None
        entry = entry_of(self.manifest, found.id, bound, held, now, origin=origin, revision=self.draft.access.revision)
        retiring = tuple(one for one in entry.retiring if self.world.live.get(self.host, self.kind.id, one))
        entry = replace(entry, born=found.born, key=found.key or entry.key, retiring=retiring)
        if not complete:  # the write records what it did; until then the old record stands
            entry = replace(entry, declared=held.declared if held else {})
        if held is None or differs(held, entry):
            self.draft.refresh.append((self.host, entry))

    def _write(
        self,
        claim: Claim,
        found: LiveObject,
        bound: Object,
        live: Object,
        result: Object,
        changed: frozenset[str],
        fields: tuple[FieldChange, ...],
    ) -> None:
        fixed = cannot_clear(self.kind.shape, bound, live)
        if fixed is not None:
            self.block(f"{spell(fixed[0])} cannot be cleared by the API", fixed[1], fields, fixed[0])
            return
        shut = closed(self.draft, found)
        if shut is not None:
            self.block(shut, CLOSED, fields)
            return
        immutable = moved(result, live, self._fixed(live))
        if immutable:
            self._replace(claim, found, bound, live, immutable, fields)
            return
        work = Work("update", result, changed, live)
        change = Update(
            self.address,
            self.kind,
            self.manifest.place(),
            fields,
            self.kind.consequences(work),
            "",
            self.manifest,
            work,
            self.steps(work),
            found,
            claim.entry,
            bound,
            False,
            claim.entry is None,
        )
        self.finish(change)

    def _replace(
        self,
        claim: Claim,
        found: LiveObject,
        bound: Object,
        live: Object,
        immutable: frozenset[str],
        fields: tuple[FieldChange, ...],
    ) -> None:
        names = ", ".join(sorted(immutable))
        if not self.manifest.metadata.lifecycle.replace:
            way = (
                "allow a new object in its place: metadata: {lifecycle: {replace: allow}}; its id and keys will change"
            )
            self.block(f"{names} cannot be changed once the object is made", way, fields)
            return
        if (claim.entry is None or claim.entry.origin == "adopted") and not self.draft.guards.delete_adopted:
            self.block(f"{names} needs a new object; this one was adopted", "guards: {delete_adopted: true}", fields)
            return
        referrers = self._referrers(found)
        if self.kind.unique and referrers:
            way = "give the new object another name, or take the references away first: two commits"
            self.block(
                f"{names} needs a new object, its name is taken by the old one, which {referrers[0]} uses", way, fields
            )
            return
        self._make_anew(claim, found, bound, live, f"{names} cannot be changed", fields, self.kind.unique)

    def _again(self, claim: Claim, found: LiveObject, bound: Object, live: Object, lost: tuple[str, ...]) -> None:
        why = f"an interrupted run made it, and its {', '.join(lost)} was in the answer that was lost"
        self._make_anew(claim, found, bound, live, why, (), True)

    def _make_anew(
        self,
        claim: Claim,
        found: LiveObject,
        bound: Object,
        live: Object,
        why: str,
        fields: tuple[FieldChange, ...],
        delete_first: bool,
    ) -> None:
        self.world.names.forget(self.address)
        wanted = fresh({**self.kind.sent_on_create, **bound})
        work = Work("create", wanted, live=live)
        gone = Work("delete", live, live=live)
        outputs = ", ".join(output.name for output in self.kind.outputs)
        old, keys = f"id {found.id} is deleted", f" and its {outputs} change" if outputs else " changes"
        how = f"{old}, then a new object is made" if delete_first else f"a new object is made, then {old}"
        notes = (f"{how}: its id{keys}", *self.kind.consequences(work))
        change = Replace(
            self.address,
            self.kind,
            self.manifest.place(),
            fields,
            notes,
            why,
            self.manifest,
            work,
            self.steps(work),
            found,
            claim.entry,
            bound,
            any(output.once for output in self.kind.outputs),
            delete_first,
            self.kind.steps(gone, self.context),
        )
        self.finish(change)

    def _referrers(self, found: LiveObject) -> list[str]:
        """Live objects, as far as they were read, that refer to this one."""
        names = self.world.names
        return [
            str(names.owners.get((one.host, one.kind.id, one.id)) or f"{one.kind.id} id {one.id}")
            for one in self.world.live.everything()
            if one is not found and one.host == found.host
            for link in links(names.bind(one.tree, one.host))
            if link.kind == found.kind.id and link.id == found.id
        ]

    # ── what only the ledger learns ─────────────────────────────────────────────────────────────────────────────────

    def _ledger_changes(self, claim: Claim, found: LiveObject, entry: Entry | None, bound: Object) -> None:
        place = self.manifest.place()
        if claim.moved_from is not None:
            self.draft.add(Move(self.address, self.kind, place, old=claim.moved_from, live=found))
        elif entry is None or entry.id != found.id:
            was = entry.id if entry else None
            again = "it means others now, and not" if self.kind.place.gathers else "made again outside Git, id"
            why = f"{again} {was} → {found.id}" if was else ""
            self.draft.add(Adopt(self.address, self.kind, place, (), (), why, live=found, was_id=was))
        elif (settled := self.world.settled.get(str(self.address))) is not None and settled.entry is entry:
            self.draft.add(Adopt(self.address, self.kind, place, (), (), "made by an interrupted run", live=found))
        if entry is not None and entry.id == found.id:
            dropped = tuple(self._dropped(entry.declared, plain(bound), found))
            if dropped:
                self.draft.add(Release(self.address, self.kind, place, dropped))

    def _dropped(self, last: Tree, now: Tree, found: LiveObject) -> Iterator[FieldChange]:
        """Fields that were declared and no longer are."""
        for path in no_longer(last, now):
            live = words(self.kind.shape, self.world.names.bind(found.tree, self.host))
            stays = shown(at(live, path, MISSING), None)
            yield FieldChange(spell(path), stays, stays, "edited")
