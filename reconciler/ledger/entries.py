"""Entries: what the ledger knows, and the records that change it. Pure: `fold` is the whole of its behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from reconciler.ledger.holder import Holder

# What `json.dumps` takes. `Any` for the reason given at `kinds.tree.Tree`.
Json = Any

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Entry:
    """One object that is ours: its address, the vendor's id, and what was last applied.

    `declared` is the canonical spec, secrets as keyed digests; `born` the vendor's creation time; `outputs` maps names
    to sealed tokens; `retiring` holds ids being replaced until they are gone, `unfinished` that steps of its create are
    left; `at` is an instant, `2026-03-01T09:30:00Z`, and so is `sent`, at which a signal was last sent; `memory` is
    what the kind keeps of its writes. Nothing in an entry may change once it was recorded.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    address: str
    id: str
    key: tuple[str, ...]
    declared: Json
    born: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    protect: bool = False
    origin: Literal["created", "adopted"] = "created"
    retiring: tuple[str, ...] = ()
    unfinished: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    revision: str | None = None
    at: str = ""
    sent: str = ""
    memory: Json = None


@dataclass(frozen=True)
class Intent:
    """One request that is about to be sent. `what` is the engine's: what it needs to judge the request later."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    ident: str
    address: str
    step: int
    effect: Literal["creates", "writes", "deletes"]
    what: Json
    at: str


# The records differ in the names of their fields, so that one needs no tag to be read back.


@dataclass(frozen=True)
class PutEntry:
    """The entry stands, in place of any other of its address."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    entry: Entry


@dataclass(frozen=True)
class DropEntry:
    """The address has no entry any more."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    address: str


@dataclass(frozen=True)
class Opened:
    """The request is about to leave."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    intent: Intent


@dataclass(frozen=True)
class Closed:
    """What became of the request with this `ident` is known."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    ident: str
    outcome: Literal["done", "not done", "not sent", "settled"]


@dataclass(frozen=True)
class TenantSeen:
    """The vendor says which tenant this account is."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    tenant: str


Record = PutEntry | DropEntry | Opened | Closed | TenantSeen


@dataclass(frozen=True)
class LedgerState:
    """The ledger of one account at one moment.

    `entries` by address; `open` in the order they were opened; `new` while nothing was ever recorded; `holder` a lease
    that looks alive.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    open: tuple[Intent, ...] = ()
    tenant: str | None = None
    generation: int = 0
    new: bool = True
    holder: Holder | None = None

    @property
    def keyed(self) -> bool:
        """Whether a seal key was used: it then must be brought back, and no other takes its place."""
        return any(entry.outputs or _digested(entry.declared) for entry in self.entries.values())


def _digested(declared: Json) -> bool:
    if isinstance(declared, Mapping):
        return isinstance(declared.get("$secret"), str) or any(_digested(one) for one in declared.values())
    return isinstance(declared, list) and any(_digested(one) for one in declared)


def fold(state: LedgerState, records: Iterable[Record]) -> LedgerState:
    """The state after the records; folding them in parts gives the same."""
    entries, opened = dict(state.entries), {intent.ident: intent for intent in state.open}
    tenant, new = state.tenant, state.new
    for record in records:
        new = False
        match record:
            case PutEntry(entry):
                entries[entry.address] = entry
            case DropEntry(address):
                entries.pop(address, None)
            case Opened(intent):
                opened[intent.ident] = intent
            case Closed(ident):
                opened.pop(ident, None)
            case TenantSeen(seen):
                tenant = seen
    return replace(state, entries=entries, open=tuple(opened.values()), tenant=tenant, new=new)
