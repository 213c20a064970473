"""Kind: everything the engine must know of one sort of object, as data and pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from reconciler.kinds.shape import Record, Variants, whole_shape
from reconciler.kinds.spec import Form
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Path, Tree, at

# ── where a kind is read and written ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Whole:
    """The list comes in one answer."""


@dataclass(frozen=True)
class Offset:
    """The list comes in pages of `limit`, by `offset`; a page that is not full is the last."""

    limit: int


@dataclass(frozen=True)
class Following:
    """A page names the next one's address under `at`; only its query is taken, the host and path stay ours."""

    at: tuple[str, ...]
    limit: int | None = None


Paging = Whole | Offset | Following


@dataclass(frozen=True)
class Place:
    """Paths and envelopes of a kind. Templates may hold `{id}`, a parent's field or a fact of the account.

    `detail` names the fields that only a GET of the single object gives (`("*",)` for all of them). Where `item_read`
    is False the vendor has no single GET and a second list stands in. `id_number` says that ids are numbers on the
    wire.
    """

    list: str
    envelope: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    paging: Paging = Whole()
    item: str = ""
    item_envelope: tuple[str, ...] = ()
    item_read: bool = True
    detail: tuple[str, ...] = ()
    parent: str | None = None
    create: str = ""
    update: Literal["PATCH", "PUT", "POST"] = "PATCH"
    wrap: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    id_at: str = "id"
    id_number: bool = False
    facts: frozenset[str] = frozenset()

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        """Fields of the object that stand in its paths: its parent's."""
        names = re.findall(r"\{(\w+)\}", self.list + self.item + self.create)
        return tuple(dict.fromkeys(name for name in names if name != "id" and name not in self.facts))

    @property
    def item_path(self) -> str:
        return self.item or self.list + "/{id}"


# ── what else a kind declares ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Output:
    """A value the vendor makes: `at` leads to it in the object as the create answers it (`once`) or as it is read."""

    name: str
    at: tuple[str, ...]
    once: bool = False
    secret: bool = True
    doc: str = ""


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


def _always_delete(tree: Object, leaving: frozenset[str]) -> Removal:
    return "delete"


def _no_remarks(tree: Object) -> Sequence[Remark]:
    return ()


def _no_words(work: Work) -> tuple[str, ...]:
    return ()


def _no_probes(work: Work) -> tuple[Probe, ...]:
    return ()


def _nothing_ends(tree: Object, context: Context) -> bool:
    return False


def _whole_raw(raw: Object) -> Object:
    return raw


def by_name(tree: Object) -> tuple[Tree, ...] | None:
    """The key of kinds that are told apart by their name alone."""
    return (tree["name"],) if tree.get("name") else None


def _nothing_more(tree: Object) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """One sort of object. Functions are pure; trees are in the manifest's words, bodies in the vendor's.

    key(tree): the natural key, parents as references; None where a tree does not say enough.
    to_api(tree, context): a body of just the fields in `tree`. from_api(raw, context): total, never validates; ids of
    other objects become `Ref(kind, "id", …)`, secrets `Hidden()`.
    writable(raw): for `writes = "replace"`, the raw object less what must not be sent back.
    on_removal(tree, leaving): what happens when the manifest goes, `leaving` being the addresses deleted with it.
    reset(tree): for that answer, the fields to write. consequences(work): words a reviewer must see before.
    after(work): words for after the write. settles: seconds until the vendor surely lists what it made.
    unique: the vendor refuses a second object with the key. also_needed(tree): what this one needs beside
    `needed_to_create`; both name fields by path, `target.token`.
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
    needed_to_create: tuple[str, ...] = ()
    also_needed: Callable[[Object], tuple[str, ...]] = _nothing_more
    sent_on_create: Mapping[str, Tree] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    mark: Mark | None = None
    serial: Literal["account", "parent"] | None = None
    settles: float = 10.0
    born_at: str | None = None
    looked_up: bool = False
    writable: Callable[[Object], Object] = _whole_raw
    on_removal: Callable[[Object, frozenset[str]], Removal] = _always_delete
    reset: Callable[[Object], Object] = dict
    ends: Callable[[Object, Context], bool] = _nothing_ends
    remarks: Callable[[Object], Sequence[Remark]] = _no_remarks
    consequences: Callable[[Work], tuple[str, ...]] = _no_words
    after: Callable[[Work], tuple[str, ...]] = _no_words
    probes: Callable[[Work], tuple[Probe, ...]] = _no_probes
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
        return next((output for output in self.outputs if output.name == name), None)

    def fold(self, text: str) -> str:
        """A part of a natural key in the form it is compared in: NFC, trimmed, in the vendor's case rule."""
        folded = unicodedata.normalize("NFC", text).strip()
        return folded.casefold() if self.key_folds else folded
