"""One PagerDuty account: what it holds, how it makes ids, and what every answer carries (sheet 1 and 2)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.lag import Lag
from reconciler.sandbox.vendor import Account

WEB = "https://acme.pagerduty.example"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRIDE = 905_060_431  # has no factor in common with 36, so that ids are scattered and never meet
PER_MINUTE = 960

# Every collection, and the field it is indexed by.
KEYS = {
    "users": "email",
    "contact_methods": "user",
    "notification_rules": "user",
    "teams": "name",
    "schedules": "name",
    "overrides": "schedule",
    "escalation_policies": "name",
    "services": "folded",
    "integrations": "service",
    "alert_grouping_settings": "name",
    "vendors": "name",
    "priorities": "name",
    "extension_schemas": "key",
    "extensions": "name",
    "webhook_subscriptions": "description",
    "event_orchestrations": "name",
    "orchestration_integrations": "orchestration",
    "orchestration_paths": "parent",
    "business_services": "name",
    "service_dependencies": "pair",
    "maintenance_windows": "description",
    "tags": "label",
    "incident_workflows": "name",
    "triggers": "workflow",
    "incidents": "service",
    "notes": "incident",
    "alerts": "dedup",
    "change_events": "service",
    "records": "root",
}


@dataclass(frozen=True)
class PagerdutySettings:
    """What the sheet leaves open; the defaults are the harder answers for a client."""

    region: Literal["us", "eu"] = "us"  # sheet 1: a key of the other region is refused with 401
    plan: Literal["full", "basic"] = "full"  # sheet 2: a basic plan has no abilities, so 402 and 403
    names: Literal["free", "unique"] = "free"  # sheet 7: whether all names but the services' may be borne twice
    sender: Literal["required", "incidents"] = "required"  # sheet 1: where `From` is asked for; S says everywhere
    schedule_created: Literal[201, 200] = 201  # sheet 7
    webhook_created: Literal[200, 201] = 200  # sheet 7
    targets: Literal["as_sent", "turned"] = "as_sent"  # sheet 3.4: targets of a rule come back in another order
    events_per_minute: int = 120  # sheet 4: calls of one key to Events v2
    lag: float = 0.0  # sheet 3.4, 5: seconds until a new object is listed
    lag_reads: int = 0  # the same, counted in list reads that miss it, for clocks that stand still


@dataclass(frozen=True)
class Caller:
    """Whose key signs the call: a person's, or the account's where `user` is `None`. `browser` is a person's UI."""

    user: str | None = None
    token: str = ""
    browser: bool = False


class Refusal(Exception):
    """An error answer in the vendor's envelope."""

    def __init__(self, status: int, code: int, message: str, errors: Sequence[str] = ()) -> None:
        super().__init__(": ".join((message, "; ".join(errors))) if errors else message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = tuple(errors)


def zulu(value: datetime) -> str:
    """An instant as `2026-01-05T09:00:00Z`; texts of this form sort as the instants do."""
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def invalid(*errors: str) -> Refusal:
    return Refusal(400, 2001, "Invalid Input Provided", errors)


def arguments(*errors: str) -> Refusal:
    return Refusal(400, 2002, "Arguments Caused Error", errors)


def denied(*errors: str) -> Refusal:
    return Refusal(403, 2010, "Access Denied", errors)


def not_found(code: int = 2100) -> Refusal:
    return Refusal(404, code, "Not Found")


class Tenant(Account[PagerdutySettings]):
    """The stored objects hold references as ids alone; summaries and links are put in when they are shown."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: PagerdutySettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.collections: dict[str, Collection[str]] = {plural: Collection(key) for plural, key in KEYS.items()}
        self.keys: dict[str, str] = {}  # routing key to the id of its integration
        self.offset = zlib.crc32(f"{seed}/{vendor}@{name}".encode())
        self.numbers: dict[str, int] = {}  # last number of incidents and maintenance windows
        # What only reading or sending changes is no part of the state: a plan must leave a dump as it was.
        self.lag = Lag(clock)
        self.enqueued: dict[str, tuple[float, ...]] = {}
        self.calls = 0
        self.base = ""
        self._seen: dict[str, Any] = {}

    def of(self, plural: str) -> Collection[str]:
        return self.collections[plural]

    def begin(self, base: str) -> None:
        """A new call: links start with `base`, nothing worked out for the last one holds."""
        self.base = base
        self.calls += 1
        self._seen = {}

    def changed(self) -> None:
        """Something was written: what was worked out before may not hold."""
        self._seen = {}

    def once(self, what: str, work: Callable[[], Any]) -> Any:
        """What `work` gives, worked out once a call; only for reads."""
        if what not in self._seen:
            self._seen[what] = work()
        return self._seen[what]

    def ident(self, letter: str = "P", length: int = 6) -> str:
        """A new id like `PGR1A2B`, the same for the same seed, account and count."""
        self.serial += 1
        value = (self.serial * STRIDE + self.offset) % 36**length
        digits = []
        for _ in range(length):
            value, digit = divmod(value, 36)
            digits.append(DIGITS[digit])
        return letter + "".join(digits)

    def routing_key(self, integration: str, prefix: str = "") -> str:
        """A new key of 32 characters for an integration."""
        key = (prefix + self.mint().replace("-", "").upper())[:32] if prefix else self.mint().replace("-", "")
        self.keys[key] = integration
        return key

    def number(self, what: str) -> int:
        self.numbers[what] = self.numbers.get(what, 0) + 1
        return self.numbers[what]

    def stamp(self) -> str:
        return zulu(self.clock.now())

    def hide(self, ident: str) -> None:
        """A new object is not listed at once, as the settings say."""
        self.lag.hide(ident, self.settings.lag, self.settings.lag_reads)

    def listed(self, plural: str) -> list[Obj]:
        """What a list shows now; the read counts."""
        return self.lag.listed(self.of(plural))

    def reply(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        shown = {"x-request-id": f"{self.seed:08x}-0000-4000-8000-{self.calls:012x}", **limits(PER_MINUTE - 1)}
        if body is None:
            return Answer(status, {**shown, **(headers or {})})
        return json_answer(status, body, {**shown, **(headers or {})})

    def refuse(self, refusal: Refusal) -> Answer:
        error: Obj = {"message": refusal.message, "code": refusal.code}
        if refusal.errors:
            error["errors"] = list(refusal.errors)
        return self.reply(refusal.status, {"error": error})

    def copy_to(self, twin: Tenant) -> None:
        twin.serial, twin.calls = self.serial, self.calls
        twin.collections = {plural: collection.fork() for plural, collection in self.collections.items()}
        twin.keys, twin.numbers = dict(self.keys), dict(self.numbers)
        twin.enqueued = dict(self.enqueued)
        self.lag.copy_to(twin.lag)

    def state(self) -> Obj:
        parts = {plural: collection.state() for plural, collection in self.collections.items()}
        return {"serial": self.serial, "keys": dict(self.keys), "numbers": dict(self.numbers), "collections": parts}

    def load(self, state: Obj) -> None:
        self.serial, self.keys, self.numbers = state["serial"], dict(state["keys"]), dict(state["numbers"])
        for plural, objs in state["collections"].items():
            self.of(plural).load(objs)


def limits(remaining: int) -> dict[str, str]:
    """The headers that tell how much is left of the minute."""
    left = {"ratelimit-remaining": str(remaining), "ratelimit-reset": "1"}
    return {"ratelimit-limit": str(PER_MINUTE), **left}
