"""One Wallarm account (a "client"): what it holds, its envelopes, its lists that lag (sheet 1 and 2)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.lag import Lag
from reconciler.sandbox.vendor import Account

FIRST_CLIENT = 4711
FIRST_ID = 90_000


@dataclass(frozen=True)
class WallarmSettings:
    """What the sheet leaves open; the defaults are the harder answers for a client."""

    secrets: Literal["masked", "clear"] = "masked"  # sheet 9.2: inside `target`, in every answer
    in_use: Literal["refuse", "drop"] = "refuse"  # sheet 8.9: deleting an integration that triggers notify
    older_events: Literal["refuse", "accept"] = "refuse"  # sheet 9.13: the words of before 2026-03
    lag: float = 0.0  # sheet 4.8: seconds until a new integration or trigger is listed
    lag_reads: int = 0  # the same, counted in list reads that miss it, for clocks that stand still
    cloud: Literal["EU", "US", "ME"] = "EU"


class Refusal(Exception):
    """An error answer. `body` is a text or a mapping of fields."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


def wrong_fields(errors: Mapping[str, str]) -> Refusal:
    """Sheet 9.5: the shape is unconfirmed for these paths; this is the one of the rules API."""
    return Refusal(400, {path or "body": {"error": text} for path, text in errors.items()})


def refuse(refusal: Refusal) -> Answer:
    return json_answer(refusal.status, {"status": refusal.status, "body": refusal.body})


class Client(Account[WallarmSettings]):
    """Integrations and triggers have ids from one sequence, applications ids of their own."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: WallarmSettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.client_id = FIRST_CLIENT + zlib.crc32(name.encode()) % 100_000  # 4711 for the account without a name
        self.uuid = self.mint()
        self.company = "TestCompany"
        self.email = "iac@example.com"
        self.integrations: Collection[int] = Collection()
        self.triggers: Collection[int] = Collection()
        self.pools: Collection[int] = Collection()
        self.deleted_pools: list[str] = []  # names of rows that lists still show as deleted
        self.lag = Lag(clock)

    def number(self) -> int:
        self.serial += 1
        return FIRST_ID + self.seed % 1000 + self.serial

    def own(self, client_id: Any) -> None:
        """Raises 403 when a call names another client than this account's."""
        if client_id != self.client_id:
            raise Refusal(403, "Forbidden")

    def hide(self, ident: int) -> None:
        """A new object is not listed at once, as the settings say."""
        self.lag.hide(ident, self.settings.lag, self.settings.lag_reads)

    def copy_to(self, twin: Client) -> None:
        twin.serial = self.serial
        twin.uuid, twin.company, twin.email = self.uuid, self.company, self.email
        twin.integrations, twin.triggers, twin.pools = self.integrations.fork(), self.triggers.fork(), self.pools.fork()
        twin.deleted_pools = list(self.deleted_pools)
        self.lag.copy_to(twin.lag)

    def state(self) -> Obj:
        parts = {"integrations": self.integrations, "triggers": self.triggers, "pools": self.pools}
        listed = {name: collection.state() for name, collection in parts.items()}
        return {"serial": self.serial, "deleted_pools": list(self.deleted_pools), **listed}

    def load(self, state: Obj) -> None:
        self.serial, self.deleted_pools = state["serial"], list(state["deleted_pools"])
        self.integrations.load(state["integrations"])
        self.triggers.load(state["triggers"])
        self.pools.load(state["pools"])


def read_number(value: str | None, name: str) -> int:
    """A number out of a path or query. Raises Invalid."""
    if value is None or not value.lstrip("-").isdecimal():
        raise Invalid({name: f"{value!r} is not a number"})
    return int(value)
