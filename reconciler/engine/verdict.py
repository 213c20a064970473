"""Verdict: what every decision on a manifest ends in: a change with its steps, or the reason why there is none."""

from __future__ import annotations

from dataclasses import replace

from reconciler.engine.change import NOTHING, Blocked, FieldChange, Write
from reconciler.engine.claims import mark_of
from reconciler.engine.diff import shown, words
from reconciler.engine.draft import Draft
from reconciler.engine.fields import carried
from reconciler.engine.graph import all_steps
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.step import Step, Work
from reconciler.kinds.tree import FromOutput, Hidden, Keep, Link, Object, Path, Secret, Tree, spell, walk
from reconciler.manifest.project import Manifest


class Verdict:
    """One manifest under decision, and the draft that the outcome goes into."""

    def __init__(self, draft: Draft, manifest: Manifest) -> None:
        self.draft, self.manifest = draft, manifest
        self.kind, self.address, self.host = manifest.kind, manifest.address, manifest.address.host
        self.context = draft.access.context(self.host)
        self.world = draft.world

    # ── what stops a change ─────────────────────────────────────────────────────────────────────────────────────────

    def block(self, why: str, way_out: str, fields: tuple[FieldChange, ...] = (), path: Path = ()) -> None:
        place = self.manifest.place(path)
        self.draft.add(Blocked(self.address, self.kind, place, fields, (), why, way_out))

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

    # ── what a change is made of ────────────────────────────────────────────────────────────────────────────────────

    def steps(self, work: Work) -> tuple[Step, ...]:
        """The kind's steps, with our mark in every body that writes the object."""
        steps, mark = self.kind.steps(work, self.context), self.kind.mark
        if mark is None:
            return steps
        ours = mark_of(self.draft.access.project.name, self.address)
        live = self.world.live.of(self.host, self.kind.id).values()
        if mark.fixed and any(one.mark == ours for one in live):
            return steps  # a second object with it would be that one

        def marked(body: Tree) -> Tree:
            if isinstance(body, list):
                return [marked(one) for one in body]
            return mark.write(body, ours) if isinstance(body, dict) else body

        return tuple(replace(step, body=marked(step.body)) for step in steps)

    def set_fields(self, wanted: Object) -> tuple[FieldChange, ...]:
        dressed = words(self.kind.shape, wanted)
        place = self.manifest.place
        return tuple(
            FieldChange(n, NOTHING, shown(value, None), "new", place=place((n,))) for n, value in dressed.items()
        )

    def say_unknown(self, bound: Object) -> None:
        """Secrets whose values are not known here: neither the same nor changed."""
        for path, leaf in walk(bound):
            if isinstance(leaf, Secret) and not leaf.digests and not leaf.renewed and leaf.why:
                text = f"{self.address}: {spell(path)} is unknown ({leaf.why})"
                self.draft.unknown.append(Problem(text, self.manifest.place(path)))

    def finish(self, change: Write) -> None:
        refusal = self.kind.refuses(change.work, self.context)
        fields = () if refusal is not None and refusal.conceals else change.fields
        stop = self._stops(change)
        if stop is not None:
            self.block(stop[0], stop[1], fields)
            return
        if refusal is not None:
            self.block(refusal.why, refusal.way_out, fields, refusal.path)
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
