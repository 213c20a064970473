"""Retold: a live object in the words of a manifest, as far as its kind's format can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from reconciler.engine.names import Names
from reconciler.engine.overlay import equal, is_empty
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.spec import declared, read
from reconciler.kinds.spec import text as read_text
from reconciler.kinds.tree import Hidden, Keep, Link, Object, Path, Ref, Secret, Text, Tree, Unknown, at, spell, walk
from reconciler.manifest.mistakes import Mistake, mistakes

KEEP = {"keep": True}


class Unsayable(Exception):
    """No manifest of the kind means this object; the text says why."""


@dataclass(frozen=True)
class Retold:
    """A manifest to be written: `spec` is plain data, `id` the live object's, `bound` that `metadata.id` must say it.

    `left_out` are fields that are live and not said, with the reason; `needed` what the vendor wants to make it anew.
    """

    address: Address
    kind: Kind
    spec: Object = field(repr=False)
    id: str
    bound: bool = False
    left_out: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


# ── from a live tree to plain data ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Speech:
    """How the nodes of a bound tree are written in manifests of one account. `by_id` are objects not to be named."""

    names: Names
    host: str
    by_id: frozenset[Address] = frozenset()

    def said(self, shape: Shape, tree: Tree) -> Tree:
        """A live value as data: fields of records without a value left out, in the format's order."""
        match shape:
            case Variants(by=by) if isinstance(tree, Mapping):
                first = {by: tree[by]} if by in tree else {}
                return {**first, **self.said(shape.record(tree), tree)}
            case Record() if isinstance(tree, Mapping):
                names = [*(name for name in shape.fields if name in tree), *(n for n in tree if n not in shape.fields)]
                full = [name for name in names if not is_empty(tree[name])]
                return {name: self.said(_of_field(shape, name), tree[name]) for name in full}
            case Map() if isinstance(tree, Mapping):
                return {name: self.said(shape.item, value) for name, value in tree.items()}
            case List() if isinstance(tree, list):
                return [self.said(shape.item, item) for item in tree]
            case Leaf(secret=True):
                return dict(KEEP)
            case Leaf(duration=unit) if unit is not None and type(tree) is int and tree >= 0:
                return unit.spell(tree)
            case _:
                return self._leaf(tree)

    def _leaf(self, tree: Tree) -> Tree:
        match tree:
            case Mapping():
                return {name: self._leaf(value) for name, value in tree.items()}
            case list():
                return [self._leaf(item) for item in tree]
            case str():
                return escaped(tree)
            case Secret() | Hidden() | Keep():
                return dict(KEEP)
            case Link():
                return self._reference(tree)
            case Ref():
                return self._reference(self.names.link(tree, self.host))
            case Text(parts=parts):
                return "".join(escaped(part) for part in parts if isinstance(part, str))
            case Unknown():
                return None
            case _:
                return tree

    def _reference(self, link: Link) -> Tree:
        """By the name of its manifest, else by the key that it alone bears, else by its id."""
        if link.address is not None and link.address not in self.by_id:
            return link.address.name
        found = self.names.live.get(self.host, link.kind, link.id or "")
        if found is not None and found.label is not None and link.address is None:
            label = found.label
            ref = Ref(link.kind, "existing", tuple(label) if isinstance(label, list) else (label,))
            if self.names.existing(ref, self.host) == [found]:
                plain = self.names.kinds[link.kind].looked_up and isinstance(label, str)
                return escaped(label) if plain else ref.written
        return {"id": link.id}


def _of_field(shape: Record, name: str) -> Shape:
    known = shape.fields.get(name)
    return known.shape if known is not None else Leaf()


def escaped(text: str) -> str:
    """The text as a manifest has it, so that nothing in it is taken for a reference or a variable."""
    quiet = "${" not in text or (read_text(text) == text and "${var." not in text and "${each." not in text)
    return text if quiet else text.replace("${", "$${")


# ── as far as the format takes it ───────────────────────────────────────────────────────────────────────────────────

MOST_CUTS = 200


def fitted(kind: Kind, data: Object, left_out: dict[str, str]) -> Object:
    """The data less what the format does not take; of that, what is no noise goes to `left_out`.

    Raises Unsayable where something is missing without which there is no such manifest.
    """
    for _ in range(MOST_CUTS):
        try:
            read(kind.spec, data)
        except ValidationError as error:
            found = mistakes(error, data, kind.shape, kind.id)
            noise = [one for one in found if one.at_key]
            for one in noise or found:
                data = _without(kind, data, one, left_out)
        else:
            return data
    raise Unsayable("what is live is too different from what is known of the kind")


def _without(kind: Kind, data: Object, mistake: Mistake, left_out: dict[str, str]) -> Object:
    cut = mistake.path if mistake.at_key else cut_at(kind.shape, data, mistake.path)
    if not mistake.path:  # some fields do not go together: the first without which the others do
        cut = next(((name,) for name in data if not _is_said(kind, dropped(data, (name,)), mistake)), None)
    if cut is None:
        raise Unsayable("; ".join(left_out.values()) or mistake.text)
    if not is_there(data, cut):  # another mistake took it away
        return data
    if not mistake.at_key:
        left_out.setdefault(spell(cut), mistake.text.removeprefix(f"{spell(cut)}: ").removeprefix(f"{kind.id}: "))
    less: Object = dropped(data, cut)
    return less


def _is_said(kind: Kind, data: Object, mistake: Mistake) -> bool:
    """Whether data has the mistake."""
    try:
        read(kind.spec, data)
    except ValidationError as error:
        return any(one.path == mistake.path or not one.at_key for one in mistakes(error, data, kind.shape, kind.id))
    return False


def is_there(data: Tree, path: Path) -> bool:
    """Whether something stands at a path."""
    return at(data, path, _NOTHING) is not _NOTHING


_NOTHING = object()


def cut_at(shape: Shape, data: Tree, path: Path) -> Path | None:
    """The path to leave out so that what is wrong at `path` is not said, and nothing beside it is said otherwise.

    What stands in a list or in a mapping that is owned whole goes with all of it. None: the whole cannot be said.
    """
    cut: Path | None = None
    for length, part in enumerate(path, 1):
        if isinstance(shape, Variants):
            if part == shape.by:  # without it nobody knows what the rest means
                break
            shape = shape.record(data)
        if not isinstance(shape, Record) or (shape.owned and length > 1):
            break
        if not isinstance(data, Mapping) or part not in data:
            break
        cut = path[:length]
        shape, data = _of_field(shape, str(part)), data[part]
    return cut


def dropped(data: Tree, path: Path) -> Tree:
    """A copy of the data without what stands at a path, and without the mappings that say nothing then."""
    head, rest = path[0], path[1:]
    match data:
        case Mapping():
            less = dropped(data[head], rest) if rest else {}
            new = {name: less if name == head else value for name, value in data.items()}
            return {name: value for name, value in new.items() if name != head or value != {}}
        case list() if rest:
            return [dropped(item, rest) if index == head else item for index, item in enumerate(data)]
        case _:
            return data


def shortened(kind: Kind, data: Object, name: str) -> Object:
    """The data less what goes without saying: the object's name where it is the manifest's, and what is sent anyway."""
    tree = declared(read(kind.spec, data))
    plain = {one: value for one, value in kind.sent_on_create.items() if one in tree and equal(tree[one], value)}
    if kind.name_field is not None and tree.get(kind.name_field) == name:
        plain[kind.name_field] = name
    for each in plain:
        less = {one: value for one, value in data.items() if one != each}
        try:
            read(kind.spec, less)
        except ValidationError:
            continue
        data = less
    return data


def unwritable(data: Object, redact: Callable[[str], str]) -> Iterator[tuple[Path, str]]:
    """The values that must not stand in a file, or cannot, with the reason."""
    for path, leaf in walk(data):
        for text in (leaf, *path):
            if not isinstance(text, str):
                continue
            if any("\ud800" <= letter <= "\udfff" for letter in text):
                yield path, "it is no text that a file can hold"
            elif redact(text) != text:
                yield path, "it holds a secret in clear"
