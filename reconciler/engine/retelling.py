"""Retelling: live objects as manifests after which a plan is empty: what would be written is left out, and said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from reconciler.engine.access import Access
from reconciler.engine.change import NOT_DONE, Blocked, Change, Write
from reconciler.engine.decide import decide
from reconciler.engine.draft import Draft
from reconciler.engine.live import LiveObject
from reconciler.engine.overlay import MISSING, hide
from reconciler.engine.reading import Where, World
from reconciler.engine.retold import (
    Retold,
    Speech,
    Unsayable,
    cut_at,
    dropped,
    fitted,
    is_there,
    shortened,
    unwritable,
)
from reconciler.engine.story import needs_of
from reconciler.engine.survey import claim_all
from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.spec import declared, read
from reconciler.kinds.tree import Object, Path, spell
from reconciler.manifest.identity import object_of
from reconciler.manifest.manifest import Manifest, Metadata, read_path

_CHANGES = "what is live there cannot be said in a manifest: a plan would change it"


class Retelling:
    """`given` are the objects with the names they get. What cannot be said at all is in `alone` afterwards."""

    def __init__(self, access: Access, world: World, given: Iterable[tuple[Address, LiveObject]]) -> None:
        self.access, self.world = access, world
        self.given = dict(given)
        self.alone: list[Problem] = []
        self.bound: set[Address] = set()
        self.cut: dict[Address, dict[Path, str]] = {}
        self.by_id: set[tuple[Address, Address]] = set()
        self.told: dict[Address, tuple[Retold, Manifest]] = {}
        self.settled: set[Address] = set()
        self.stale = False

    def run(self) -> list[Retold]:
        """Say everything, look what a plan would make of it, and say less, until that is nothing."""
        # Each round says less of something, or leaves something alone: there is an end.
        while self._tell_all() or not (
            self._without_circles() and self._said_once() and self._claimed() and self._planned()
        ):
            if self.stale:
                self.told.clear()
                self.settled.clear()
                self.stale = False
        return [self.told[address][0] for address in self.given if address in self.told]

    # ── saying it ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell_all(self) -> bool:
        """Say what is not said yet; True where something came to be left alone."""
        for address in [one for one in self.given if one not in self.told]:
            self._tell(address)
        return self.stale

    def _tell(self, address: Address) -> None:
        one = self.given[address]
        live = hide(one.kind.shape, self.world.names.bind(one.tree, one.host), MISSING)
        by_id = frozenset(other for owner, other in self.by_id if owner == address)
        data = Speech(self.world.names, one.host, by_id).said(one.kind.shape, live)
        left_out: dict[str, str] = {}
        try:
            data = self._less_cuts(address, data, left_out)
            data = shortened(one.kind, fitted(one.kind, data, left_out), address.name)
        except Unsayable as error:
            self._leave(address, str(error))
            return
        tree = declared(read(one.kind.spec, data))
        if one.kind.name_field is not None and one.kind.name_field not in tree:
            tree = {one.kind.name_field: address.name, **tree}
        bound = address in self.bound
        notes = tuple(f"{where} is left out: {why}" for where, why in left_out.items())
        metadata = Metadata(address.name, address.account, one.id if bound else None)
        manifest = Manifest(address, one.kind, tree, metadata, "", 0)
        self.told[address] = Retold(address, one.kind, data, one.id, bound, notes, one.kind.missing(tree)), manifest

    def _less_cuts(self, address: Address, data: Object, left_out: dict[str, str]) -> Object:
        """The data less what a plan would change, and what must not stand in a file."""
        shape, cuts = self.given[address].kind.shape, dict(self.cut.get(address, {}))
        for path, why in unwritable(data, self.access.secrets.redact):
            cut = cut_at(shape, data, path)
            if cut is None:
                raise Unsayable(f"{spell(path)}: {why}")
            cuts.setdefault(cut, why)
        for cut, why in cuts.items():
            if is_there(data, cut):
                left_out[spell(cut)], data = why, dropped(data, cut)
        return data

    def _leave(self, address: Address, why: str) -> None:
        """Name what cannot be said; whatever refers to it says so otherwise."""
        one = self.given.pop(address)
        label = " ".join(one.key or ()) or one.id
        what = f'{one.host}/{one.kind.name} "{label}" (id {one.id}) is left alone: {why}'
        self.alone.append(Problem(what))
        self.world.names.forget(address)
        self.world.claims.pop(address, None)
        self.stale = True

    def _again(self, address: Address) -> None:
        self.told.pop(address, None)
        self.settled.discard(address)

    # ── what a plan would make of it ────────────────────────────────────────────────────────────────────────────────

    def _manifests(self) -> dict[Address, Manifest]:
        return {address: manifest for address, (_, manifest) in self.told.items()}

    def _without_circles(self) -> bool:
        """Whether the references have an order; where not, one of the circle goes by id next time."""
        told = self._manifests()
        needs = {address: needs_of(one) & set(told) for address, one in told.items()}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            circle: list[Address] = error.args[1]
            self.by_id.add((circle[1], circle[0]))
            self._again(circle[1])
            return False
        return True

    def _said_once(self) -> bool:
        """Whether nothing is said by two manifests that one alone may say; one of the two says less next time."""
        first: dict[tuple[str, str, str], tuple[Manifest, Path]] = {}
        twice: dict[Address, tuple[Path, str, Manifest]] = {}
        for manifest in (*self.access.project.manifests.values(), *self._manifests().values()):
            for taken in manifest.kind.taken(manifest.declared):
                what = (manifest.address.host, taken.what, object_of(manifest, taken.of))
                other, path = first.setdefault(what, (manifest, taken.path))
                if (other, path) != (manifest, taken.path) and {other.address, manifest.address} & set(self.told):
                    sides = [(manifest, taken.path, other), (other, path, manifest)]
                    less, where, more = min(sides, key=self._rather)
                    twice[less.address] = where, taken.what, more
        for address, (where, words, more) in twice.items():
            self._yield(address, where, f"{more.address} says its {words}")
        return not twice

    def _rather(self, side: tuple[Manifest, Path, Manifest]) -> tuple[bool, bool]:
        """What is not ours to change comes last, and before it what an object cannot be without."""
        manifest, path, _ = side
        return manifest.address not in self.told, not path or path[0] in manifest.kind.needed_to_create

    def _yield(self, address: Address, path: Path, why: str) -> None:
        if address not in self.told:  # both are Git's
            return
        cut = cut_at(self.given[address].kind.shape, self.told[address][0].spec, path)
        if cut is None:
            self._leave(address, why)
        else:
            self.cut.setdefault(address, {})[cut] = why
            self._again(address)

    def _claimed(self) -> bool:
        """Whether each manifest means its object; one that does not by itself says the id next time."""
        told = self._manifests()
        wheres = sorted({(address.host, address.kind_id) for address in told})
        before = list(self.world.problems)
        for where in wheres:
            mine = [one for one in told.values() if (one.address.host, one.kind.id) == where]
            self._claim(where, mine)
        self.world.problems = before
        wrong = [address for address in told if self._means(address) != self.given[address].id]
        for address in wrong:
            if address in self.bound:
                self._leave(address, "nothing but its id tells it, and a plan does not find that")
            else:
                self.bound.add(address)
                self._again(address)
        for address, one in self.given.items():
            self.world.names.claim(address, one.id)
        return not wrong

    def _claim(self, where: Where, mine: list[Manifest]) -> None:
        ours = [one for one in self.access.project.manifests.values() if (one.address.host, one.kind.id) == where]
        wanted = frozenset(str(one.address) for one in (*ours, *mine))
        claim_all(self.access, self.world, where, [*ours, *mine], wanted)

    def _means(self, address: Address) -> str | None:
        claim = self.world.claims.get(address)
        return claim.live.id if claim is not None and claim.live is not None and claim.blocked is None else None

    def _planned(self) -> bool:
        """Whether a plan of them is empty; what it would write is left out next time."""
        told = self._manifests()
        project = replace(self.access.project, manifests={**self.access.project.manifests, **told})
        draft = Draft(replace(self.access, project=project), self.world)
        for address in [one for one in told if one not in self.settled]:
            decide(draft, told[address])
            changes, draft.changes = draft.changes, []
            wrong = [one for one in changes if isinstance(one, (Write, *NOT_DONE))]
            if not wrong:
                self.settled.add(address)
            elif not self._less(address, wrong[0]):
                self._leave(address, _why(wrong[0]))
        return self.settled >= set(told)

    def _less(self, address: Address, change: Change) -> bool:
        """Have less said next time; False where nothing less can be said."""
        data, shape = self.told[address][0].spec, change.kind.shape
        if isinstance(change, Blocked) and not change.fields and address not in self.bound:
            self.bound.add(address)
            self._again(address)
            return True
        cuts = {cut for one in change.fields if (cut := _place(one.path, data, lambda path: cut_at(shape, data, path)))}
        for cut in cuts:
            self.cut.setdefault(address, {})[cut] = _CHANGES
        if cuts:
            self._again(address)
        return bool(cuts)


def _place(words: str, data: object, cut: Callable[[Path], Path | None]) -> Path | None:
    """Where the field that a change tells stands, or the nearest thing around it."""
    path = read_path(words.replace("[]", ""))
    return cut(path)


def _why(change: Change) -> str:
    return change.why or f"a plan would change {', '.join(one.path for one in change.fields) or 'it'}"
