"""Kind: everything the engine must know of one sort of object, as data and pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from reconciler.kinds import neutral
from reconciler.kinds.mark import Mark
from reconciler.kinds.neutral import Look, Removal, Seen
from reconciler.kinds.output import Output
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Handle, Misfit, Remark, Taken
from reconciler.kinds.shape import Record, Variants, whole_shape
from reconciler.kinds.signal import Query, Refusal, Signal
from reconciler.kinds.spec import Form
from reconciler.kinds.stake import Holder, Probe, Stake
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.trail import Review, Trail
from reconciler.kinds.tree import Object, Path, Tree, at


def by_name(tree: Object) -> tuple[Tree, ...] | None:
    """The key of kinds that are told apart by their name alone."""
    return (tree["name"],) if tree.get("name") else None


@dataclass(frozen=True, eq=False, repr=False)
class Kind:
    """One sort of object. Functions are pure; trees are in the manifest's words, bodies in the vendor's.

    What is not declared is as `neutral` has it. The comment above a field says what it is of.
    """

    # who it is, and where; what all must say
    vendor: str
    version: str
    name: str
    # its fields
    spec: Form
    place: Place
    # the vendor's own page
    page: str
    # a body of just the fields in the tree
    to_api: Callable[[Object, Context], Object]
    # total, never validates; ids of other objects become `Ref(kind, "id", …)`, secrets `Hidden()`
    from_api: Callable[[Object, Context], Object]
    # the natural key, parents as references; None where a tree does not say enough
    key: Callable[[Object], tuple[Tree, ...] | None]

    # ── who it is, and where ──────────────────────────────────────────────────────────────────────────────────────────
    # people have no manifests of it
    looked_up: bool = False
    # it has a life but no configuration
    signal: Signal | None = None
    # its manifests are what people know of an account and no API tells: others are checked against them when a project
    # is loaded, and they are never read live, planned or recorded
    catalogue: bool = False

    # ── both sides ────────────────────────────────────────────────────────────────────────────────────────────────────
    # the tree with older fields in those that took their place; remarks and misfits see what is written, all else this
    folded: Callable[[Object], Object] = neutral.whole_raw
    # (wanted, live, context): what a manifest means beside this object: a start that is past means any past one
    meant: Callable[[Object, Object, Context], Object] = neutral.as_written
    sent_on_create: Mapping[str, Tree] = field(default_factory=dict)
    # whether it is past: then nothing is made or compared
    ends: Callable[[Object, Context], bool] = neutral.nothing_ends

    # ── who is who ────────────────────────────────────────────────────────────────────────────────────────────────────
    # the field that `metadata.name` stands in for
    name_field: str | None = "name"
    # the vendor's names know no upper and lower case
    key_folds: bool = False
    # the vendor refuses a second object with the key
    unique: bool = False
    mark: Mark | None = None
    # the field in which a manifest may choose the vendor's id; it then tells the object
    chosen_id: str | None = None
    # what is declared and what that says of it, for the natural key
    knowing: Callable[[Object, Context], Object] = neutral.as_declared
    # where the vendor tells when it was made
    born_at: str | None = None
    # what texts call the object
    called: Callable[[Object], tuple[Handle, ...]] = neutral.never_called
    # what its own texts call others, each with its field: a near miss is told
    mentions: Callable[[Object], Mapping[Handle, Path]] = neutral.nothing_mentioned
    # what no other manifest may say
    taken: Callable[[Object], tuple[Taken, ...]] = neutral.nothing_taken

    # ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────
    # by path: `target.token`
    needed_to_create: tuple[str, ...] = ()
    # what this one needs beside
    also_needed: Callable[[Object], tuple[str, ...]] = neutral.nothing_more
    immutable: frozenset[str] = frozenset()
    # the same, of the live object
    also_immutable: Callable[[Object], frozenset[str]] = neutral.nothing_else_fixed
    writes: Literal["merge", "replace"] = "merge"
    # for `replace`: the raw object less what must not be sent back
    writable: Callable[[Object], Object] = neutral.whole_raw
    # (raw, body, context): the body of a step that `lays`, over the raw object as the plan read it
    lay: Callable[[Object, Object, Context], Object] = neutral.over_all
    # one write at a time
    serial: Literal["account", "parent"] | None = None
    # kinds of one word are written one at a time together, where they are `serial`
    queue: str = ""
    # the field that holds a place in a list: in manifests the place among ours, in live objects the place among all
    ranked: str | None = None
    # why a change cannot be asked for
    refuses: Callable[[Work, Context], Refusal | None] = neutral.refuses_nothing
    # (id, live, seen): why the vendor lets nobody write it
    closed: Callable[[str, Object, Seen], str | None] = neutral.always_open
    # (step, raw, context): the request that has the vendor check a step and changes nothing; None where there is none
    rehearsal: Callable[[Step, Object | None, Context], Step | None] | None = None
    # what the answer to that has against it, at the manifest's fields
    objections: Callable[[Any], Iterable[Remark]] = neutral.nothing_against
    # seconds until the vendor surely lists what it made
    settles: float = 10.0
    own_steps: Callable[[Kind, Work, Context], tuple[Step, ...]] = plain_steps

    # ── what goes ─────────────────────────────────────────────────────────────────────────────────────────────────────
    # what happens when the manifest goes, the second being the addresses deleted with it
    on_removal: Callable[[Object, frozenset[str]], Removal] = neutral.always_delete
    # for that answer: the fields to write, of what was applied last
    reset: Callable[[Object], Object] = dict
    # what keeps the vendor from deleting it
    holders: Callable[[Object], Sequence[Holder]] = neutral.no_holders
    # what is asked before one is deleted
    stake: Stake | None = None

    # ── outputs, and what the ledger keeps ────────────────────────────────────────────────────────────────────────────
    outputs: tuple[Output, ...] = ()
    # names of the outputs that an update makes anew
    renews: Callable[[Work], tuple[str, ...]] = neutral.no_words
    # (work, done): what the ledger keeps of a write beside what was declared; None: what it kept before
    remember: Callable[[Work, bool], Object] | None = None
    # the raw object less what changes by itself, for the fingerprint of a saved plan
    steady: Callable[[Object], Object] = neutral.whole_raw

    # ── what else is asked ────────────────────────────────────────────────────────────────────────────────────────────
    # paths that are asked, once in an account, before its objects are read; the answers are the context's `known`
    beforehand: Callable[[Object], tuple[str, ...]] = neutral.nothing_before
    # what else a plan asks the vendor of a manifest
    questions: Callable[[Object, Context], tuple[Query, ...]] | None = None
    # the remarks that follow from those answers' bodies, in the order asked; None: there is no such thing
    answers: Callable[[Object, Sequence[Any]], Sequence[Remark]] = neutral.nothing_answered
    probes: Callable[[Work], tuple[Probe, ...]] = neutral.no_probes
    # who changed an object, where the vendor tells
    trail: Trail | None = None
    # what `audit` looks at of a kind's past, against the catalogues of the account
    review: Review | None = None

    # ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────
    # of a manifest by itself
    remarks: Callable[[Object], Sequence[Remark]] = neutral.no_remarks
    # of the objects it refers to
    cautions: Callable[[Object, Look], Sequence[Remark]] = neutral.no_cautions
    # what of a manifest the catalogues of its account, as they are written, do not allow
    misfits: Callable[[Object, Seen], Sequence[Misfit]] = neutral.fits
    # (declared, live): of what was found, whether or not anything is to be written
    notices: Callable[[Object, Object], tuple[str, ...]] = neutral.no_notices
    # what a reviewer must see before a write
    consequences: Callable[[Work], tuple[str, ...]] = neutral.no_words
    # what is to be done after it
    after: Callable[[Work], tuple[str, ...]] = neutral.no_words
    # words of the vendor in the answer to a write
    heard: Callable[[Any], tuple[str, ...]] = neutral.nothing_heard

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
