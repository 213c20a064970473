"""Deciding: what is to be done about one manifest, from its claim and both trees. Pure, but for the plan it adds to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.engine.change import (
    NOTHING,
    Adopt,
    Blocked,
    Create,
    Doubtful,
    FieldChange,
    Move,
    Release,
    Replace,
    Update,
    Write,
)
from reconciler.engine.claims import Claim, mark_of
from reconciler.engine.diff import differences, from_ledger, shown, words
from reconciler.engine.draft import Draft
from reconciler.engine.fields import cannot_clear, carried, incomparable, kept, moved, no_longer, without
from reconciler.engine.graph import all_steps
from reconciler.engine.hindrance import CLOSED, caution, closed
from reconciler.engine.live import LiveObject
from reconciler.engine.names import LookUpFailed, links, plain
from reconciler.engine.overlay import MISSING, equal, fresh, hide, overlay
from reconciler.engine.record import differs, entry_of, why_gone
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.step import Step, Work
from reconciler.kinds.tree import FromOutput, Hidden, Keep, Link, Object, Path, Secret, Tree, at, spell, walk
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Manifest


def decide(draft: Draft, manifest: Manifest) -> None:
    """Add to the draft what this manifest asks for."""
    _Decision(draft, manifest).run()


class _Decision:
    def __init__(self, draft: Draft, manifest: Manifest) -> None:
        self.draft, self.manifest = draft, manifest
        self.kind, self.address, self.host = manifest.kind, manifest.address, manifest.address.host
        self.context = draft.access.context(self.host)
        self.world = draft.world

    def run(self) -> None:
        if self.host in self.world.live.failed:
            failed = self.world.live.failed[self.host]
            self.block(f"not read: {failed.text}", failed.way_out or "run again when the vendor answers")
            self.draft.stopped[str(self.address)] = f"{self.host} could not be read"
            return
        claim = self.world.claims[self.address]
        settled = self.world.settled.get(str(self.address))
        if settled is not None and settled.doubtful:
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
        self._say_unknown(bound)
        caution(self.draft, self.manifest, bound)
        if claim.live is None:
            self._create(claim, bound)
        else:
            self._existing(claim, claim.live, bound)

    # ── what stops a change ─────────────────────────────────────────────────────────────────────────────────────────

    def block(self, why: str, way_out: str, fields: tuple[FieldChange, ...] = (), path: Path = ()) -> None:
        place = self.manifest.place(path)
        self.draft.add(Blocked(self.address, self.kind, place, fields, (), why, way_out))

    def _doubtful(self, ids: tuple[str, ...]) -> None:
        why = "an interrupted run may have made it, and it cannot be told which of these it is"
        self.draft.add(Doubtful(self.address, self.kind, self.manifest.place(), (), (), why, ids))

    def _stops(self, change: Write) -> tuple[str, str] | None:
        """Why these steps cannot be sent, and the way out; None where they can."""
        for step in all_steps(change):
            for tree in (step.body, dict(step.params)):
                for _, leaf in walk(tree):
                    stop = self._leaf_stops(leaf)
                    if stop is not None:
                        return stop
        return None

    def _leaf_stops(self, leaf: Tree) -> tuple[str, str] | None:
        match leaf:
            case Link(id=None, address=address) if address is not None:
                why = self.draft.stopped.get(str(address))
                if why is not None:
                    return f"waits for {address}: {why}", ""
            case Hidden() | Keep() | Secret(source=Keep()):
                way = "declare the secret: {env: NAME}, {file: path} or {from: ADDRESS, output: NAME}"
                return "the write must carry a secret that no manifest gives", way
            case Secret(source=FromOutput() as source, renewed=False, why=why) if why and not self._held(source):
                return why, self.draft.way_to(source)
        return None

    def _held(self, source: FromOutput) -> bool:
        address = Address.parse(source.address)
        return address is not None and self.draft.output(address, source.output) is not None

    # ── nothing live ────────────────────────────────────────────────────────────────────────────────────────────────

    def _create(self, claim: Claim, bound: Object) -> None:
        kind = self.kind
        wanted = fresh({**bound, **{name: value for name, value in kind.sent_on_create.items() if name not in bound}})
        if kind.ends(wanted, self.context):
            self.draft.warnings.append(Problem(f"{self.address}: past, not made", self.manifest.place()))
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
            self._set_fields(wanted),
            self.kind.consequences(work),
            why_gone(claim.entry),
            self.manifest,
            work,
            self._steps(work),
            None,
            claim.entry,
            bound,
            any(output.once for output in kind.outputs),
            gone,
        )
        self._finish(change)

    def _steps(self, work: Work) -> tuple[Step, ...]:
        """The kind's steps, with our mark in every body that writes the object."""
        steps, mark = self.kind.steps(work, self.context), self.kind.mark
        if mark is None:
            return steps
        ours = mark_of(self.draft.access.project.name, self.address)
        return tuple(
            replace(step, body=mark.write(step.body, ours)) if isinstance(step.body, dict) else step for step in steps
        )

    def _set_fields(self, wanted: Object) -> tuple[FieldChange, ...]:
        dressed = words(self.kind.shape, wanted)
        place = self.manifest.place
        return tuple(
            FieldChange(n, NOTHING, shown(value, None), "new", place=place((n,))) for n, value in dressed.items()
        )

    def _say_unknown(self, bound: Object) -> None:
        """Secrets whose values are not known here: neither the same nor changed."""
        for path, leaf in walk(bound):
            if isinstance(leaf, Secret) and not leaf.digests and not leaf.renewed and leaf.why:
                text = f"{self.address}: {spell(path)} is unknown ({leaf.why})"
                self.draft.unknown.append(Problem(text, self.manifest.place(path)))

    # ── something live ──────────────────────────────────────────────────────────────────────────────────────────────

    def _existing(self, claim: Claim, found: LiveObject, bound: Object) -> None:
        kind, entry = self.kind, claim.entry
        if entry is None and self.draft.guards.on_existing == "refuse" and claim.how != "id":
            way = "bind it with metadata.id, or set guards.on_existing: adopt"
            self.block(f"id {found.id} is there already and is not ours", way)
            return
        last = self.world.names.bind(from_ledger(entry.declared), self.host) if entry else MISSING
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
        if kind.mark is not None and claim.moved_from is not None:
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
        origin = "adopted" if held is None else None
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
            self._steps(work),
            found,
            claim.entry,
            bound,
            False,
            claim.entry is None,
        )
        self._finish(change)

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
            self._steps(work),
            found,
            claim.entry,
            bound,
            any(output.once for output in self.kind.outputs),
            delete_first,
            self.kind.steps(gone, self.context),
        )
        self._finish(change)

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

    def _finish(self, change: Write) -> None:
        stop = self._stops(change)
        if stop is not None:
            self.block(stop[0], stop[1], change.fields)
            return
        for path, leaf in walk(change.bound):
            if (
                isinstance(leaf, Secret)
                and not isinstance(leaf.source, FromOutput)
                and leaf.why
                and carried(change, leaf)
            ):
                self.draft.missing.append(
                    Problem(f"{self.address}: {spell(path)}: {leaf.why}", self.manifest.place(path))
                )
        self.draft.add(change)

    # ── what only the ledger learns ─────────────────────────────────────────────────────────────────────────────────

    def _ledger_changes(self, claim: Claim, found: LiveObject, entry: Entry | None, bound: Object) -> None:
        place = self.manifest.place()
        if claim.moved_from is not None:
            self.draft.add(Move(self.address, self.kind, place, old=claim.moved_from, live=found))
        elif entry is None or entry.id != found.id:
            was = entry.id if entry else None
            why = f"made again outside Git, id {was} → {found.id}" if was else ""
            self.draft.add(Adopt(self.address, self.kind, place, (), (), why, live=found, was_id=was))
        elif (settled := self.world.settled.get(str(self.address))) is not None and settled.entry is entry:
            self.draft.add(Adopt(self.address, self.kind, place, (), (), "made by an interrupted run", live=found))
        if entry is not None and entry.id == found.id:
            dropped = tuple(self._dropped(entry.declared, plain(bound), found))
            if dropped:
                self.draft.add(Release(self.address, self.kind, place, dropped))

    def _dropped(self, last: Tree, now: Tree, found: LiveObject) -> Iterator[FieldChange]:
        """Fields that were declared and no longer are."""
        live = words(self.kind.shape, self.world.names.bind(found.tree, self.host))
        for path in no_longer(last, now):
            stays = shown(at(live, path, MISSING), None)
            yield FieldChange(spell(path), stays, stays, "edited")
