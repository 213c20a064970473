"""Kind: everything the engine must know of one sort of object, as data and pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from reconciler.kinds.place import Following as Following
from reconciler.kinds.place import ListedAt as ListedAt
from reconciler.kinds.place import Offset as Offset
from reconciler.kinds.place import Paging as Paging
from reconciler.kinds.place import Part as Part
from reconciler.kinds.place import Place as Place
from reconciler.kinds.place import Sole as Sole
from reconciler.kinds.place import Token as Token
from reconciler.kinds.place import Whole as Whole
from reconciler.kinds.shape import Record, Variants, whole_shape
from reconciler.kinds.spec import Form
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Path, Ref, Tree, at

# ── what else a kind declares ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Output:
    """A value the vendor makes: `at` leads to it in the object as the create answers it (`once`) or as it is read.

    With `each` the first of `at` is a list, whose items are told apart by that field: `NAME:ITEM` is the value of one
    of them, `NAME` that of the first.
    """

    name: str
    at: tuple[str, ...]
    once: bool = False
    secret: bool = True
    doc: str = ""
    each: str = ""

    def values(self, raw: Mapping[str, Any]) -> dict[str, str]:
        """What a raw object holds of it, by name."""
        if not self.each:
            value = at(raw, self.at)
            return {} if value is None else {self.name: str(value)}
        items = raw.get(self.at[0])
        found: dict[str, str] = {}
        for item in items if isinstance(items, list) else []:
            value = at(item, self.at[1:])
            if value is not None:
                found.setdefault(self.name, str(value))
                found.setdefault(f"{self.name}:{item.get(self.each)}", str(value))
        return found


@dataclass(frozen=True)
class Mark:
    """A place in the vendor's object for whose it is: `read(raw)` gives it, `write(body, mark)` lays it into a body."""

    read: Callable[[Mapping[str, Any]], str | None]
    write: Callable[[Object, str], Object]


@dataclass(frozen=True)
class Remark:
    """Something `validate` and `plan` say about a manifest that is not an error."""

    path: Path
    text: str


@dataclass(frozen=True)
class Taken:
    """Something that one manifest alone may say of an object: `what`, of `of` (None: the manifest's own object)."""

    what: str
    of: Tree
    path: Path


@dataclass(frozen=True)
class Holder:
    """What uses an object, so that the vendor does not delete it; `name` is what people know it by."""

    ref: Ref
    name: str


@dataclass(frozen=True)
class Probe:
    """A read after the write that tells whether it will work: a request to another vendor with a key just given."""

    vendor: str
    region: str
    method: str
    path: str
    body: Tree
    key: Tree
    works: str
    fails: str


Removal = Literal["delete", "reset", "release"]

# The tree of the object a link leads to, in the manifest's words; None where it was not read.
Look = Callable[[Link], Object | None]
# The trees of all objects of a kind in the same account, as far as they were read.
Seen = Callable[[str], Iterable[Object]]


def _always_delete(tree: Object, leaving: frozenset[str]) -> Removal:
    return "delete"


def _no_remarks(tree: Object) -> Sequence[Remark]:
    return ()


def _no_words(work: Work) -> tuple[str, ...]:
    return ()


def _no_notices(declared: Object, live: Object) -> tuple[str, ...]:
    return ()


def _no_cautions(tree: Object, look: Look) -> Sequence[Remark]:
    return ()


def _no_holders(raw: Object) -> Sequence[Holder]:
    return ()


def _open(ident: str, live: Object, seen: Seen) -> str | None:
    return None


def _nothing_else_fixed(tree: Object) -> frozenset[str]:
    return frozenset()


def _no_probes(work: Work) -> tuple[Probe, ...]:
    return ()


def _nothing_ends(tree: Object, context: Context) -> bool:
    return False


def _whole_raw(raw: Object) -> Object:
    return raw


def by_name(tree: Object) -> tuple[Tree, ...] | None:
    """The key of kinds that are told apart by their name alone."""
    return (tree["name"],) if tree.get("name") else None


def _as_written(wanted: Object, live: Object, context: Context) -> Object:
    return wanted


def _nothing_more(tree: Object) -> tuple[str, ...]:
    return ()


def _nothing_taken(tree: Object) -> tuple[Taken, ...]:
    return ()


def _nothing_heard(body: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """One sort of object. Functions are pure; trees are in the manifest's words, bodies in the vendor's.

    key(tree): the natural key, parents as references; None where a tree does not say enough. to_api(tree, context): a
    body of just the fields in `tree`. from_api(raw, context): total, never validates; ids of other objects become
    `Ref(kind, "id", …)`, secrets `Hidden()`. writable(raw): for `writes = "replace"`, the raw object less what must not
    be sent back. on_removal(tree, leaving): what happens when the manifest goes, `leaving` being the addresses deleted
    with it. reset(declared): for that answer, the fields to write, of what was applied last. consequences(work): words
    a reviewer must see before. after(work): words for after the write. settles: seconds until the vendor surely lists
    what it made. unique: the vendor refuses a second object with the key. also_needed(tree): what this one needs beside
    `needed_to_create`; both name fields by path, `target.token`. also_immutable(tree): the same for `immutable`, of the
    live object. chosen_id: the field in which a manifest may choose the vendor's id; it then tells the object.
    notices(declared, live): words on what was found, whether or not anything is to be written. meant(wanted, live,
    context): what a manifest means beside this object (a start that is past means any past one). ranked: the field that
    holds a place in a list: in manifests the place among ours, in live objects the place among all. cautions(tree,
    look): remarks that need the objects it refers to. holders(raw): what keeps the vendor from deleting it.
    closed(id, live, seen): why the vendor lets nobody write it; None where it can be written. taken(tree): what no
    other manifest may say. renews(work): names of the outputs that an update makes anew. heard(body): words of the
    vendor in the answer to a write, for people to read.
    """

    vendor: str
    version: str
    name: str
    spec: Form
    place: Place
    page: str
    to_api: Callable[[Object, Context], Object]
    from_api: Callable[[Object, Context], Object]
    key: Callable[[Object], tuple[Tree, ...] | None]
    name_field: str | None = "name"
    key_folds: bool = False
    unique: bool = False
    writes: Literal["merge", "replace"] = "merge"
    immutable: frozenset[str] = frozenset()
    also_immutable: Callable[[Object], frozenset[str]] = _nothing_else_fixed
    chosen_id: str | None = None
    needed_to_create: tuple[str, ...] = ()
    also_needed: Callable[[Object], tuple[str, ...]] = _nothing_more
    sent_on_create: Mapping[str, Tree] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    mark: Mark | None = None
    serial: Literal["account", "parent"] | None = None
    ranked: str | None = None
    settles: float = 10.0
    born_at: str | None = None
    looked_up: bool = False
    writable: Callable[[Object], Object] = _whole_raw
    on_removal: Callable[[Object, frozenset[str]], Removal] = _always_delete
    reset: Callable[[Object], Object] = dict
    ends: Callable[[Object, Context], bool] = _nothing_ends
    meant: Callable[[Object, Object, Context], Object] = _as_written
    remarks: Callable[[Object], Sequence[Remark]] = _no_remarks
    notices: Callable[[Object, Object], tuple[str, ...]] = _no_notices
    cautions: Callable[[Object, Look], Sequence[Remark]] = _no_cautions
    holders: Callable[[Object], Sequence[Holder]] = _no_holders
    closed: Callable[[str, Object, Seen], str | None] = _open
    consequences: Callable[[Work], tuple[str, ...]] = _no_words
    after: Callable[[Work], tuple[str, ...]] = _no_words
    probes: Callable[[Work], tuple[Probe, ...]] = _no_probes
    taken: Callable[[Object], tuple[Taken, ...]] = _nothing_taken
    renews: Callable[[Work], tuple[str, ...]] = _no_words
    heard: Callable[[Any], tuple[str, ...]] = _nothing_heard
    own_steps: Callable[[Kind, Work, Context], tuple[Step, ...]] = plain_steps

    def __repr__(self) -> str:
        return f"Kind({self.id})"

    @property
    def id(self) -> str:
        """`pagerduty/Service`."""
        return f"{self.vendor}/{self.name}"

    @property
    def api(self) -> str:
        """`pagerduty/v1`, as `apiVersion` has it."""
        return f"{self.vendor}/{self.version}"

    @cached_property
    def shape(self) -> Record | Variants:
        return whole_shape(self.spec)

    def steps(self, work: Work, context: Context) -> tuple[Step, ...]:
        return self.own_steps(self, work, context)

    def missing(self, tree: Object) -> tuple[str, ...]:
        """Fields, by path, without which the vendor makes no such object."""
        needed = (*self.needed_to_create, *self.also_needed(tree))
        return tuple(name for name in needed if at(tree, tuple(name.split("."))) is None)

    def output(self, name: str) -> Output | None:
        return next((one for one in self.outputs if one.name == (name.partition(":")[0] if one.each else name)), None)

    def fold(self, text: str) -> str:
        """A part of a natural key in the form it is compared in: NFC, trimmed, in the vendor's case rule."""
        folded = unicodedata.normalize("NFC", text).strip()
        return folded.casefold() if self.key_folds else folded
