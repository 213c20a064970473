"""One Dynatrace environment: what it holds, how it makes ids, and the envelope of its errors (sheet 1.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.dynatrace.shelf import Shelf
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.lag import Lag
from reconciler.sandbox.vendor import Account

CONSTRAINTS = "Constraints violated."
VALIDATORS = "Validation failed for 1 Validators."

Lacking = Literal[
    "nothing",
    "DataExport",
    "events.ingest",
    "events.read",
    "entities.read",
    "entities.write",
    "settings.read",
    "settings.write",
]


@dataclass(frozen=True)
class DynatraceSettings:
    """The version, what the token may do, and what the sheet leaves open; the defaults are the harder answers."""

    level: Literal["current", "1.254"] = "current"  # first table of the sheet: what older Managed clusters lack
    lacking: Lacking = "nothing"  # a scope that no token has
    insufficient: Literal["split", "401", "403"] = "split"  # sheet 1.2: settings say 403, all else 401
    unknown: Literal["refused", "ignored"] = "refused"  # fields and query parameters this version does not know
    rate_headers: Literal["absent", "microseconds", "seconds"] = "absent"  # sheet 1.3: sources disagree on the reset
    retry_after: int = 0  # sheet 10: seconds a 429 tells to wait; 0 leaves the header out
    mask: Literal["scrambled", "stars"] = "scrambled"  # sheet 10: how a secret reads
    mask_in_post: Literal["stored", "kept", "refused"] = "stored"  # sheet 10: a mask sent back by POST
    null_booleans: Literal["refused", "accepted"] = "refused"  # sheet 9.8
    defaults: Literal["refused", "filled"] = "refused"  # sheet 9.8: a missing field that has a default
    false_preconditions: Literal["pruned", "refused"] = "pruned"  # sheet 6.4: what should have been left out
    conflict: Literal[409, 400] = 409  # sheet 10: status of an `updateToken` that is not the latest
    resubmission: Literal[400, 409] = 400  # sheet 10: status of the refusal that asks for all secrets
    external_ids: Literal["per_schema", "across"] = "across"  # sheet 10: whether schemas may share an external id
    external_id_on_put: Literal["kept", "dropped"] = "kept"  # sheet 10; dropped would take every mark away
    own_name: Literal["counted", "excluded"] = "counted"  # sheet 10: uniqueness in a `validateOnly` POST
    bare_ids: Literal["refused", "accepted"] = "refused"  # sheet 10: a bare UUID where a setting is referred to
    delete_in_use: Literal["refused", "allowed"] = "refused"  # sheet 10: an alerting profile that is referred to
    single_post: Literal["refused", "updates"] = "refused"  # POST of a schema that holds one object
    single_delete: Literal["refused", "resets"] = "refused"  # DELETE of that object
    single_listed: Literal["always", "written"] = "always"  # whether it is listed before it was first written
    lag: float = 0.0  # seconds until a new object is listed
    lag_reads: int = 0  # the same, counted in list reads that miss it, for clocks that stand still
    zone_lag: float = 0.0  # sheet 9.11: seconds until a new management zone can be referred to
    name_lag: float = 0.0  # sheet 9.12: seconds that the unique name of a deleted object stays taken
    empty_pages: int = 0  # sheet 9.14: how often a following page is empty at first
    feed_lag: float = 0.0  # seconds until an event shows in a feed
    feed_lag_reads: int = 0
    open_end: Literal["minus_one", "null"] = "minus_one"  # sheet 3: `endTime` of an open event
    custom_alert: Literal["problem", "info", "refused"] = "problem"  # sheet 10: the class of CUSTOM_ALERT in v1
    not_applicable: Literal["refused", "ignored"] = "refused"  # sheet 10: a parameter the event type does not take
    long_timeout: Literal["refused", "capped"] = "refused"  # sheet 10: `timeoutMinutes` above 120
    old_start: Literal["refused", "accepted"] = "refused"  # sheet 10: `start` before the type's window
    unknown_entities: Literal["refused", "ignored"] = "refused"  # sheet 10: some of the entity ids are unknown
    tags_of_rule: Literal["all", "any"] = "all"  # sheet 10: several tags in one rule
    rules: Literal["any", "all"] = "any"  # sheet 10: several tag rules
    stored: Literal["entity", "event"] = "entity"  # sheet 10: one stored id per matched entity, or one in all
    bare_tags: Literal["exact", "any_value"] = "exact"  # whether `tag("key")` fits tags that have a value


@dataclass(frozen=True)
class Violation:
    """One broken constraint. `place` is the wire's `parameterLocation`."""

    path: str
    message: str
    place: Literal["PATH", "PAYLOAD_BODY", "QUERY"] = "PAYLOAD_BODY"

    def shown(self) -> Obj:
        return {"path": self.path, "message": self.message, "parameterLocation": self.place, "location": None}


class Refusal(Exception):
    """An error answer in the vendor's envelope."""

    def __init__(self, status: int, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__("; ".join([message, *(f"{part.path}: {part.message}" for part in violations)]))
        self.status = status
        self.message = message
        self.violations = tuple(violations)

    def error(self) -> Obj:
        error: Obj = {"code": self.status, "message": self.message}
        if self.violations:
            error["constraintViolations"] = [part.shown() for part in self.violations]
        return error

    def answer(self) -> Answer:
        return json_answer(self.status, {"error": self.error()})


def in_query(parameter: str, message: str) -> Refusal:
    return Refusal(400, CONSTRAINTS, (Violation(parameter, message, "QUERY"),))


def in_body(path: str, message: str) -> Refusal:
    return Refusal(400, CONSTRAINTS, (Violation(path, message),))


class Environment(Account[DynatraceSettings]):
    """Stored objects are values, never changed in place; what is open or closed follows from the clock."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: DynatraceSettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.objects = Shelf()
        self.entities: Collection[str] = Collection("type")
        self.events: Collection[str] = Collection("series")
        self.gone: dict[str, int] = {}  # "schema scope name" of deleted objects, and when (ms)
        # What only reading or sending changes is no part of the state: a plan must leave a dump as it was.
        self.lag = Lag(self.clock)
        self.pages: dict[str, int] = {}
        self.shown: dict[str, tuple[str, Obj]] = {}

    @property
    def current(self) -> bool:
        return self.settings.level == "current"

    def now(self) -> int:
        """Milliseconds since 1970."""
        return round(self.clock.now().timestamp() * 1000)

    def key(self) -> str:
        """A new key UUID of version 3, the form whose first half is the classic number (sheet 9.18)."""
        minted = self.mint()
        return f"{minted[:14]}3{minted[15:]}"

    def digits(self, what: str, length: int = 16) -> str:
        """Made-up hexadecimal digits, the same for the same seed, account and text."""
        source = f"{self.seed}/{self.vendor}@{self.name}/{what}"
        return hashlib.blake2b(source.encode(errors="replace"), digest_size=16).hexdigest()[:length]

    def copy_to(self, twin: Environment) -> None:
        twin.serial = self.serial
        twin.objects, twin.entities, twin.events = self.objects.fork(), self.entities.fork(), self.events.fork()
        twin.gone, twin.pages, twin.shown = dict(self.gone), dict(self.pages), dict(self.shown)
        self.lag.copy_to(twin.lag)

    def state(self) -> Obj:
        held = {"objects": self.objects.state(), "entities": self.entities.state(), "events": self.events.state()}
        return {"serial": self.serial, "gone": dict(self.gone), **held}

    def load(self, state: Obj) -> None:
        self.serial, self.gone, self.shown = state["serial"], dict(state["gone"]), {}
        self.objects.load(state["objects"])
        self.entities.load(state["entities"])
        self.events.load(state["events"])
