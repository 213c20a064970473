"""Trees: JSON in the manifest's vocabulary, with references, secrets and texts as nodes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reconciler.kinds.address import Address

# A tree holds str, int, float, bool, None, list, dict and the nodes below. `Any` because JSON's recursive type costs
# more casts than it finds mistakes; the nodes are what the engine matches on.
Tree = Any
Object = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """A reference as written or as the vendor gave it, not yet looked up.

    `by` says what `value` is: the `name` of a manifest, the natural key of an `existing` object, or the vendor's `id`.
    """

    kind: str
    by: Literal["name", "existing", "id"]
    value: tuple[str, ...]

    @property
    def written(self) -> Tree:
        """The reference in the manifest's words."""
        key: Tree = self.value[0] if len(self.value) == 1 else list(self.value)
        return key if self.by == "name" else {self.by: key}


@dataclass(frozen=True)
class Link:
    """A reference looked up: equal when it means the same object, whichever way it was written.

    `identity` is the manifest's address where the object is managed, else kind and id, else what was written. `id` is
    None while the object is not there yet.
    """

    identity: str
    kind: str = field(compare=False)
    label: Tree = field(compare=False, hash=False)
    id: str | None = field(default=None, compare=False)
    address: Address | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Env:
    """A secret in an environment variable."""

    name: str


@dataclass(frozen=True)
class File:
    """A secret in a file, relative to the project's root."""

    path: str


@dataclass(frozen=True)
class FromOutput:
    """A value that the vendor makes for another object."""

    address: str
    output: str


@dataclass(frozen=True)
class Keep:
    """What is there stays."""


Source = Env | File | FromOutput | Keep


@dataclass(frozen=True)
class Secret:
    """A secret: where it comes from and its keyed digests, never its value. Equal by what is known of the value.

    `digests` holds one per seal key, the sealing one first; empty where the value is not known here (`why` says why).
    `renewed` says that this run makes a new one.
    """

    source: Source = field(compare=False)
    digests: tuple[str, ...] = ()
    renewed: bool = False
    why: str = field(default="", compare=False)


@dataclass(frozen=True)
class Hidden:
    """A secret's place in what the vendor answered: its value is dropped at once (it may be clear or a mask)."""


@dataclass(frozen=True)
class Text:
    """A string with references in it; `parts` are strings, references or, once looked up, links and outputs."""

    parts: tuple[str | Ref | Link | FromOutput, ...]


@dataclass(frozen=True)
class Unknown:
    """What cannot be known now, and why."""

    why: str


@dataclass(frozen=True)
class Own:
    """In the body of a step: the id of the step's own object, `number` where the vendor wants it as one."""

    number: bool = False


Node = Ref | Link | Env | File | FromOutput | Keep | Secret | Hidden | Text | Unknown | Own
NODES = (Ref, Link, Env, File, FromOutput, Keep, Secret, Hidden, Text, Unknown, Own)
Path = tuple[str | int, ...]

# What most leaves are: to tell these first is many times cheaper than to ask whether they are mappings.
SCALARS = (str, int, float, type(None))
# Their very types, which is cheaper still; what derives from one of them is told a little later.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def walk(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, Tree]]:
    """Every leaf and node with its path, depth first."""
    found: list[tuple[Path, Tree]] = []
    _gather(tree, path, found)
    return iter(found)


def _gather(tree: Tree, path: Path, found: list[tuple[Path, Tree]]) -> None:
    # Into one list: generators inside of generators hand every leaf up through all levels.
    form = type(tree)
    if form in _PLAIN:
        found.append((path, tree))
    elif form is dict or isinstance(tree, Mapping):
        for key, value in tree.items():
            _gather(value, (*path, key), found)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            _gather(value, (*path, index), found)
    else:
        found.append((path, tree))
        if isinstance(tree, Text):
            found += [(path, part) for part in tree.parts if not isinstance(part, str)]


def replace(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """A copy of the tree with every leaf and node passed through `change`."""
    form = type(tree)
    if form in _PLAIN:
        return change(tree)
    if form is dict or isinstance(tree, Mapping):
        return {key: replace(value, change) for key, value in tree.items()}
    if isinstance(tree, list):
        return [replace(value, change) for value in tree]
    return change(tree)


def at(tree: Tree, path: Path, default: Tree = None) -> Tree:
    """The value at a path, or `default` where the path leads nowhere."""
    for part in path:
        known = part in tree if isinstance(tree, Mapping) else isinstance(tree, list) and part in range(len(tree))
        if not known:
            return default
        tree = tree[part]
    return tree


def spell(path: Path) -> str:
    """A path as people write it: `rotations[0].participants`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
