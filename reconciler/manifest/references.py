"""References: what manifests name of each other, settled to addresses and outputs; dangling ones, and cycles."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import FromOutput, Path, Ref, Text, Tree, replace, spell, walk
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.mistakes import did_you_mean, nearest


@dataclass(frozen=True)
class Naming:
    """One place in a manifest that names another object; `text` is as written, `output` what it wants of it."""

    owner: Manifest
    path: Path
    text: str
    target: Address | None
    output: str | None = None
    in_text: bool = False

    def problem(self, what: str, way_out: str, inside: Path = ("from",)) -> Problem:
        """`inside` leads further in the mapping that names an output, where there is one."""
        return Problem(f"{spell(self.path)}: {what}", self.owner.place((*self.path, *inside)), way_out)


def settled(manifest: Manifest, known: Mapping[Address, object]) -> Manifest:
    """The manifest with `${ref:KIND/NAME.output}` told from a name that holds a dot: it becomes a FromOutput."""
    if not any(isinstance(leaf, Text) for _, leaf in walk(manifest.declared)):
        return manifest

    def one(leaf: Tree) -> Tree:
        if not isinstance(leaf, Text):
            return leaf
        parts = [part if isinstance(part, str) else _settle(part, known) for part in leaf.parts]
        joined = (["".join(run)] if words else run for words, run in groupby(parts, lambda part: isinstance(part, str)))
        return Text(tuple(part for run in joined for part in run))

    return dataclasses.replace(manifest, declared=replace(manifest.declared, one))


def _settle(part: Tree, known: Mapping[Address, object]) -> Tree:
    if not isinstance(part, Ref):
        return part
    written = part.value[0]
    whole = Address.parse(written)
    owner, _, output = written.rpartition(".")
    shorter = Address.parse(owner)
    return FromOutput(owner, output) if whole not in known and shorter in known else part


Named = Mapping[Address, Sequence[Naming]]


def named(manifests: Mapping[Address, Manifest]) -> Named:
    """What every manifest, settled, names of others."""
    return {address: tuple(_walk(manifest, manifest.declared, ())) for address, manifest in manifests.items()}


def _walk(owner: Manifest, tree: Tree, path: Path) -> Iterator[Naming]:
    match tree:
        case dict():
            for key, value in tree.items():
                yield from _walk(owner, value, (*path, key))
        case list():
            for index, value in enumerate(tree):
                yield from _walk(owner, value, (*path, index))
        case Text(parts=parts):
            for part in parts:
                if isinstance(part, Ref):
                    yield Naming(owner, path, part.value[0], Address.parse(part.value[0]), in_text=True)
                elif isinstance(part, FromOutput):
                    yield Naming(owner, path, part.address, Address.parse(part.address), part.output, in_text=True)
        case FromOutput(address=address, output=output):
            yield Naming(owner, path, address, Address.parse(address), output)
        case Ref(kind=kind, by="name", value=(name,)):
            vendor, _, short = kind.partition("/")
            yield Naming(owner, path, name, Address(vendor, owner.address.account, short, name))


_MOST_GUESSES = 50


def dangling(
    named: Named, known: Mapping[Address, object], kinds: Mapping[str, Kind], broken: Sequence[str] = ()
) -> list[Problem]:
    """A problem for every reference that leads nowhere. `known` also holds manifests with mistakes; `broken` are files
    that may hold more."""
    found: list[Problem] = []
    for namings in named.values():
        for naming in namings:
            # A guess compares with every name: in a project of thousands only the first mistakes get one.
            problem = _wrong(naming, known, kinds, broken, guess=len(found) < _MOST_GUESSES)
            if problem is not None:
                found.append(problem)
    return found


def _wrong(
    naming: Naming, known: Mapping[Address, object], kinds: Mapping[str, Kind], broken: Sequence[str], guess: bool
) -> Problem | None:
    target = naming.target
    if target is None:
        way_out = (
            "write VENDOR/KIND/NAME, and .OUTPUT behind it in a text" if naming.in_text else "write VENDOR/KIND/NAME"
        )
        return naming.problem(f'"{naming.text[:120]}" is no address', way_out)
    kind = kinds.get(target.kind_id)
    if kind is None:
        return naming.problem(f'there is no kind "{target.kind_id[:60]}"', did_you_mean(target.kind_id, kinds))
    if kind.looked_up:
        return naming.problem(f"{kind.id} is only looked up, it has no manifests", "write the value itself")
    if kind.catalogue:
        way_out = "write the value itself"
        return naming.problem(f"{kind.id} is a catalogue: its manifests are no objects to refer to", way_out)
    if target not in known:
        way_out = _near(naming, target, known if guess else ())
        if broken and not way_out.startswith("did you mean"):
            way_out = f"it may stand in {', '.join(broken)}, which cannot be read whole: mend that first"
        return naming.problem(f"there is no manifest {str(target)[:120]}", way_out)
    if naming.output is not None and kind.output(naming.output) is None:
        outputs = [output.name for output in kind.outputs]
        way_out = did_you_mean(naming.output, outputs, "it has")
        path = () if naming.in_text else ("output",)
        return naming.problem(f'{kind.id} has no output "{naming.output}"', way_out, path)
    if naming.in_text and naming.output is not None and _is_secret(kind, naming.output):
        # The text would be shown in plans and kept in the ledger.
        way_out = f"put it into a field that takes a secret: {{from: {target}, output: {naming.output}}}"
        return naming.problem(f"{naming.output} of {target} is a secret and cannot stand in a text", way_out)
    return None


def _is_secret(kind: Kind, name: str) -> bool:
    output = kind.output(name)
    return output is not None and output.secret


def _near(naming: Naming, target: Address, known: Iterable[Address]) -> str:
    whole = Address.parse(target.name)
    if whole is not None:
        return f'a reference is a name: "{whole.name}"'
    same_kind = [address for address in known if address.kind_id == target.kind_id]
    elsewhere = next((address for address in same_kind if address.name == target.name), None)
    like = nearest(target.name, [address.name for address in same_kind])
    near = elsewhere or next((address for address in same_kind if address.name == like), None)
    by_name = naming.text == target.name
    if near is not None and (not by_name or near.account == target.account):
        return f'did you mean "{near.name if by_name else near}"?'
    if not by_name:
        return "write its manifest, or name another"
    return "write its manifest, or {existing: KEY} or {id: ID} for an object that has none"


# ── cycles ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def cycles(named: Named) -> list[Problem]:
    """A problem for each ring of manifests that name each other, or one that names itself: none could be made first."""
    names = {address: [naming for naming in some if naming.target in named] for address, some in named.items()}
    names = {address: some for address, some in names.items() if some}
    done: set[Address] = set()
    return [_ring(ring) for start in sorted(names) if (ring := _cycle_from(start, names, done)) is not None]


def _cycle_from(start: Address, names: Mapping[Address, list[Naming]], done: set[Address]) -> list[Naming] | None:
    """The first ring met on a walk in depth from `start`; what the walk leaves is `done`."""
    trail: list[Naming] = []
    open_: dict[Address, Iterator[Naming]] = {start: iter(names[start])} if start not in done else {}
    while open_:
        here = next(reversed(open_))
        naming = next(open_[here], None)
        target = naming.target if naming else None
        if naming is None:
            done.add(here)
            del open_[here]
            trail = trail[:-1]
        elif target in open_:
            done.update(open_)
            ring = [*trail, naming]
            return ring[list(open_).index(target) :]
        elif target in names and target not in done and target is not None:
            trail.append(naming)
            open_[target] = iter(names[target])
    return None


def _ring(ring: list[Naming]) -> Problem:
    first = ring[0]
    if len(ring) == 1:
        way_out = "once it is there, {id: ID} names it"
        return first.problem(f"{first.owner.address} names itself, so it could never be made", way_out)
    words = " → ".join(str(naming.owner.address) for naming in ring)
    places = ", ".join(str(naming.owner.place(naming.path)) for naming in ring[1:])
    what = f"these name each other, so none could be made first: {words} → {first.owner.address} (also at {places})"
    return first.problem(what, "leave one of the references out, or name one of the objects by {id: ID}")
