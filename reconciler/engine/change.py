"""Change: one frozen type each for what a plan does, and what it says of every field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from reconciler.engine.live import LiveObject
from reconciler.errors import Place
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.step import Step, Work
from reconciler.kinds.tree import Object
from reconciler.ledger.entries import Entry
from reconciler.manifest.project import Manifest

Cause = Literal["edited", "drifted", "both", "differs", "new", "renewed"]


@dataclass(frozen=True)
class Nothing:
    """A side on which a field is not there."""


@dataclass(frozen=True)
class SecretShown:
    """A secret in a plan: never its value, only what is known of it."""

    word: Literal["secret", "unknown", "changed", "will change", "not comparable"]


NOTHING = Nothing()


@dataclass(frozen=True)
class FieldChange:
    """One field: its path as people write it, both values as JSON in the manifest's words, and the cause.

    A path that ends in `[]` is an item of a list whose order means nothing: the item comes (`old` is nothing) or goes.
    `new` is `(known after apply)` data where the vendor makes it. `last` is what was applied last, told when the cause
    is `both`.
    """

    path: str
    old: Any
    new: Any
    cause: Cause
    last: Any = NOTHING
    place: Place | None = None


@dataclass(frozen=True, eq=False)
class Change:
    """What every change has. `notes` are consequences a reviewer must see, `why` a reason in words."""

    address: Address
    kind: Kind
    place: Place | None = None
    fields: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""

    @property
    def word(self) -> str:
        return type(self).__name__.lower()


@dataclass(frozen=True, eq=False)
class Write(Change):
    """A change that writes to the vendor. `entry` is what the ledger holds now, `pages` whom it phones or pages."""

    manifest: Manifest | None = None
    work: Work = field(default_factory=lambda: Work("update", {}))
    steps: tuple[Step, ...] = ()
    live: LiveObject | None = None
    entry: Entry | None = None
    bound: Object = field(default_factory=dict)
    once: bool = False
    pages: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, eq=False)
class Create(Write):
    """No live object is meant: make one. `gone` is the id of the one that was deleted outside Git."""

    gone: str | None = None


@dataclass(frozen=True, eq=False)
class Update(Write):
    """Fields differ. `adopts` where the ledger does not know the object yet."""

    adopts: bool = False


@dataclass(frozen=True, eq=False)
class Replace(Write):
    """An immutable field differs, or a once-only output was lost: make a new object and delete the old one.

    `delete_first` where nothing depends on the old one yet or the vendor refuses two of one name.
    """

    delete_first: bool = False
    removal: tuple[Step, ...] = ()


@dataclass(frozen=True, eq=False)
class Delete(Write):
    """The object goes: its manifest left Git, or (`retiring`) it was replaced. `with_it` are live children that die."""

    with_it: tuple[str, ...] = ()
    retiring: bool = False


@dataclass(frozen=True, eq=False)
class Reset(Write):
    """The manifest left Git and the object cannot be deleted: it is put back to harmless values."""


@dataclass(frozen=True, eq=False)
class Adopt(Change):
    """A live object becomes ours as it is. `was_id` where it was made again outside Git."""

    live: LiveObject | None = None
    was_id: str | None = None


@dataclass(frozen=True, eq=False)
class Move(Change):
    """The same object under a new address."""

    old: str = ""
    live: LiveObject | None = None


@dataclass(frozen=True, eq=False)
class Release(Change):
    """No longer ours: the object (its kind is never deleted, or it is gone), or just the `fields` no longer named."""

    gone: bool = False


@dataclass(frozen=True, eq=False)
class Blocked(Change):
    """What cannot be done; `why` says why and `way_out` what a person can do."""

    way_out: str = ""


@dataclass(frozen=True, eq=False)
class Doubtful(Change):
    """What cannot be decided by looking: an interrupted create, and the live objects it may have made."""

    ids: tuple[str, ...] = ()


LEDGER_ONLY = (Adopt, Move, Release)
NOT_DONE = (Blocked, Doubtful)
