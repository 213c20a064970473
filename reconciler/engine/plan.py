"""Plan: a value. The changes, the order of their steps, what was read, and what is to be said about it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.engine.change import (
    LEDGER_ONLY,
    NOT_DONE,
    Blocked,
    Change,
    Delete,
    FieldChange,
    Nothing,
    Replace,
    SecretShown,
    Write,
)
from reconciler.engine.draft import Draft
from reconciler.engine.graph import Order, all_steps
from reconciler.engine.scope import Scope
from reconciler.engine.settle import Settled
from reconciler.errors import Problem
from reconciler.kinds.tree import Unknown
from reconciler.ledger.entries import Entry, Intent, LedgerState
from reconciler.manifest.project import Manifest


@dataclass(frozen=True)
class Facts:
    """What a plan says about its making. `seconds` and `requests` were spent on reading.

    `objects` are the manifests compared, `unchanged` those that need nothing done, `apart` those of
    them that are otherwise there than Git says, which a warning tells; `narrowed` is the narrowing as
    given, and `not_planned` what it left out.
    """

    accounts: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    objects: int = 0
    unchanged: int = 0
    apart: int = 0
    new_ledgers: tuple[str, ...] = ()
    holders: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, Problem] = field(default_factory=dict)
    narrowed: str = ""
    not_planned: int = 0


# No repr: asyncio asks for that of its main task at every signal, and a plan holds all that was read.
@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """`changes` stand in the order of their steps; `records` is what the ledger learns beside them, by account.

    `missing` are secrets that are not set here and that a write needs, `unknown` all declared ones whose values nobody
    knows here; `needs_seal` says that a write brings a secret to record. `refresh` are entries the ledger shall hold
    beside what writes record, `doubts` the requests it shall hold open, `settled` what became of an interrupted run's
    creates. `notices` are good to know, whatever the plan does. `draft` is what was read, `planned` the manifests
    compared, `objections` what vendors that were asked have against the writes.
    """

    changes: tuple[Change, ...]
    order: Order
    draft: Draft
    states: Mapping[str, LedgerState]
    entries: Mapping[str, Mapping[str, Entry]]
    scope: Scope
    destroy: bool
    facts: Facts
    warnings: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()
    missing: tuple[Problem, ...] = ()
    unknown: tuple[Problem, ...] = ()
    refusals: tuple[Problem, ...] = ()
    needs_seal: bool = False
    refresh: tuple[tuple[str, Entry], ...] = ()
    settled: tuple[Settled, ...] = ()
    objections: tuple[Problem, ...] = ()
    doubts: tuple[tuple[str, Intent], ...] = ()
    planned: tuple[Manifest, ...] = ()

    @property
    def writes(self) -> tuple[Write, ...]:
        return tuple(change for change in self.changes if isinstance(change, Write))

    @property
    def ledger_only(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if isinstance(change, LEDGER_ONLY))

    @property
    def not_done(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if isinstance(change, NOT_DONE))

    @property
    def blocked(self) -> tuple[Blocked, ...]:
        return tuple(change for change in self.changes if isinstance(change, Blocked))

    @property
    def empty(self) -> bool:
        """No write to a vendor: exit code 0 whatever the ledger learns."""
        return not self.writes and not self.not_done

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(change.word for change in self.changes)

    @property
    def deletions(self) -> tuple[Write, ...]:
        """Everything that takes a live object away, replacements too."""
        return tuple(change for change in self.writes if isinstance(change, Delete | Replace))

    @property
    def digest(self) -> str:
        """Equal for plans that do the same: the words of every change and the objects they were read from."""
        text = json.dumps([described(change) for change in self.changes], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def described(change: Change) -> dict[str, Any]:
    """A change as JSON: what a saved plan holds and reports are made from. No secret is in it."""
    data: dict[str, Any] = {
        "change": change.word,
        "address": str(change.address),
        "place": str(change.place) if change.place else None,
        "why": change.why,
        "fields": [_described_field(one) for one in change.fields],
        "notes": list(change.notes),
    }
    if isinstance(change, Write):
        data["id"] = change.live.id if change.live else None
        data["fingerprint"] = change.live.fingerprint if change.live else None
        data["pages"] = list(change.pages)
        data["steps"] = [{"name": step.name, "method": step.method, "path": step.path} for step in all_steps(change)]
    for name in ("way_out", "ids", "with_it", "old", "was_id"):
        value = getattr(change, name, None)
        if value:
            data[name] = list(value) if isinstance(value, tuple) else value
    return data


def _described_field(one: FieldChange) -> dict[str, Any]:
    """A side on which the field is not there has no key."""
    sides = {"old": one.old, "new": one.new, **({"last": one.last} if one.cause == "both" else {})}
    return {
        "path": one.path,
        **{side: _json(value) for side, value in sides.items() if not isinstance(value, Nothing)},
        "cause": one.cause,
        "place": str(one.place) if one.place else None,
    }


def _json(value: Any) -> Any:
    match value:
        case SecretShown():
            return {"$secret": value.word}
        case Unknown():
            return {"$unknown": value.why}
        case dict():
            return {name: _json(item) for name, item in value.items()}
        case list():
            return [_json(item) for item in value]
        case _:
            return value
