"""One Datadog organisation: what it holds, how it makes ids, and what every answer carries (sheet 1)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, encode, json_answer
from reconciler.sandbox.lag import Lag
from reconciler.sandbox.vendor import Account

PER_PERIOD = 3000
PERIOD = 60

# Every collection, and the field it is indexed by.
KEYS = {
    "monitors": "name",
    "webhooks": "name",
    "variables": "name",
    "pagerduty_services": "service_name",
    "opsgenie_services": "name",
    "slack_accounts": "name",
    "slack_channels": "account",
    "downtimes": "message",
    "slos": "name",
    "dashboards": "name",
    "failures": "joint",
    "deployments": "joint",
}


@dataclass(frozen=True)
class DatadogSettings:
    """What the sheet leaves open; the defaults are the harder answers for a client."""

    dora: Literal["full", "legacy", "none"] = "full"  # sheet 2: `legacy` has no /dora/failure; a site may have nothing
    dora_reads: Literal["full", "none"] = "full"  # sheet 2: whether anything can be read, changed or deleted
    dora_status: Literal[200, 202] = 200  # sheet 2: 202 is accepted, delayed; with `lag` it is seen later
    dora_times: Literal["iso", "number"] = "iso"  # sheet 2: the one page still says numbers
    change_failure: Literal["hidden", "shown"] = "hidden"  # sheet 2: whether a read shows what a patch said
    metric_type: Literal["query", "turned", "as_sent"] = "query"  # sheet 3: which of the two types comes back
    composite: Literal["plain", "full"] = "plain"  # sheet 3: whether `!` and parentheses are taken
    duplicates: Literal["refused", "taken"] = "refused"  # sheet 15: monitors alike in name, type, query, options
    options: Literal["newer", "older"] = "newer"  # sheet 3: refusals that only some servers make
    duplicate_names: Literal[400, 409] = 400  # sheet 15: a name that is taken, of what goes by its name
    opsgenie_names: Literal["free", "unique"] = "free"  # sheet 6
    pagerduty: Literal["active", "absent"] = "active"  # sheet 5: activated in the UI, or calls fail
    pagerduty_legacy: Literal["gone", "answers"] = "gone"  # sheet 5 and 15: the undocumented list
    slack_accounts: Literal["known", "any"] = "known"  # sheet 6: made in the UI, or by an undocumented call
    slack_created: Literal[201, 200] = 201  # sheet 6
    slo_tags: Literal["lower", "as_sent"] = "lower"  # sheet 8: what happens to upper case
    v2_content: Literal["application/vnd.api+json", "application/json"] = "application/vnd.api+json"  # sheet 1
    overload: Literal["json", "html"] = "json"  # sheet 1: a 429 from the edge is a page
    lag: float = 0.0  # sheet 1: seconds until a new object is listed
    lag_reads: int = 0  # the same, counted in list reads that miss it, for clocks that stand still


@dataclass(frozen=True)
class Caller:
    """Who signs: `scoped` is an application key that may do only some things, `signed` whether there is one."""

    signed: bool = True
    scoped: bool = False


class Refusal(Exception):
    """An error answer; `body` is the whole of it where it is not one of the vendor's usual envelopes."""

    def __init__(self, status: int, *errors: str, body: Any = None) -> None:
        super().__init__("; ".join(errors) if errors else str(body))
        self.status = status
        self.errors = errors
        self.body = body


def iso(value: datetime, precise: bool = False) -> str:
    """An instant as `2026-09-05T01:00:00+00:00`; what the server makes itself is `precise`, with microseconds."""
    spec = "microseconds" if precise or value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=spec)


class Tenant(Account[DatadogSettings]):
    """The stored objects hold what was sent and what was filled in; what follows from time is worked out on reading."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: DatadogSettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.collections: dict[str, Collection[Any]] = {plural: Collection(key) for plural, key in KEYS.items()}
        mark = zlib.crc32(f"{seed}/{vendor}@{name}".encode())
        self.first_monitor = 10_000_000 + mark % 80_000_000
        self.org = 1 + mark % 999_983
        # What only reading changes is no part of the state: a plan must leave a dump as it was.
        self.lag = Lag(clock)
        self.calls = 0

    def of(self, plural: str) -> Collection[Any]:
        return self.collections[plural]

    def number(self) -> int:
        """A new id of a monitor."""
        self.serial += 1
        return self.first_monitor + self.serial

    def stamp(self) -> str:
        return iso(self.clock.now(), precise=True)

    def add(self, plural: str, obj: Obj) -> Obj:
        """A new object, which is not listed at once, as the settings say."""
        self.lag.hide((plural, obj["id"]), self.settings.lag, self.settings.lag_reads)
        return self.of(plural).put(obj)

    def listed(self, plural: str) -> list[Obj]:
        """What a list shows now; the read counts."""
        return [obj for obj in self.of(plural) if self.seen(plural, obj["id"])]

    def seen(self, plural: str, ident: Any) -> bool:
        return self.lag.is_over((plural, ident))

    def shuffled(self, values: Iterable[str]) -> list[str]:
        """In an order that differs from call to call, and is the same for the same seed and calls."""
        return sorted(values, key=lambda value: zlib.crc32(encode([self.seed, self.calls, value])))

    def reply(self, status: int, body: Any = None) -> Answer:
        """JSON; without a body an empty answer, said to be a page where it is a 204 (sheet 1)."""
        if body is None:
            return Answer(status, {"content-type": "text/html; charset=utf-8"} if status == 204 else {})
        return json_answer(status, body)

    def api(self, status: int, body: Any) -> Answer:
        """JSON:API."""
        return Answer(status, {"content-type": self.settings.v2_content}, encode(body))

    def copy_to(self, twin: Tenant) -> None:
        twin.serial, twin.calls = self.serial, self.calls
        twin.collections = {plural: collection.fork() for plural, collection in self.collections.items()}
        self.lag.copy_to(twin.lag)

    def state(self) -> Obj:
        parts = {plural: collection.state() for plural, collection in self.collections.items()}
        return {"serial": self.serial, "collections": parts}

    def load(self, state: Obj) -> None:
        self.serial, self.calls = state["serial"], 0
        self.lag.clear()
        for plural, objs in state["collections"].items():
            self.of(plural).load(objs)


def limits(family: str, remaining: int = PER_PERIOD - 1) -> dict[str, str]:
    """The headers that tell how much is left of the period (sheet 1)."""
    return {
        "x-ratelimit-limit": str(PER_PERIOD),
        "x-ratelimit-period": str(PERIOD),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": "1",
        "x-ratelimit-name": family,
    }
