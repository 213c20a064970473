"""One Opsgenie account: what it holds, who calls, and the envelopes every answer wears (sheet 1 and 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.vendor import Account

TOOK = 0.012


@dataclass(frozen=True)
class OpsgenieSettings:
    """What the sheet leaves open; the defaults are the harder answers for a client."""

    names: Literal["ascii", "any"] = "ascii"  # sheet 4, 6: the patterns stand in the vendor's clients only
    integration_created: Literal["enabled", "disabled"] = "disabled"  # sheet 17.3, when the body does not say
    team_delete: Literal["cascade", "orphan"] = "cascade"  # sheet 17.5: what a team owns goes with it, or stays global
    integration_moves: Literal["yes", "no"] = "yes"  # sheet 17.9: whether `assignedTeam` does what it seems to do
    plan: Literal["full", "basic"] = "full"  # sheet 8.1: a basic plan saves no actions
    processing_reads: int = 1  # sheet 2: how many reads of a request's status come before it is processed


@dataclass(frozen=True)
class Caller:
    """Whose key signs the call. `integration` is `None` for the account's key; `team` limits what a team's key sees."""

    integration: Obj | None = None

    @property
    def team(self) -> str | None:
        owner = (self.integration or {}).get("ownerTeam")
        return str(owner["id"]) if owner else None


class Refusal(Exception):
    """An error answer in the vendor's envelope."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: int | None = None,
        errors: Mapping[str, str] | None = None,
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.errors = errors
        self.kind = kind


def forbidden(message: str = "You are not authorized to perform this action.") -> Refusal:
    return Refusal(403, message, code=40301)


def unprocessable(field: str, text: str) -> Refusal:
    return Refusal(422, "Request body is not processable. Please check the errors.", errors={field: text})


class Tenant(Account[OpsgenieSettings]):
    """The stored objects hold references as ids alone; names are put in when they are shown."""

    def __init__(self, name: str, vendor: str, clock: Clock, seed: int, settings: OpsgenieSettings) -> None:
        super().__init__(name, vendor, clock, seed, settings)
        self.teams: Collection[str] = Collection()
        self.rules: Collection[str] = Collection("team")  # routing rules, by the id of their team
        self.schedules: Collection[str] = Collection()
        self.escalations: Collection[str] = Collection()
        self.integrations: Collection[str] = Collection()
        self.heartbeats: Collection[str] = Collection()
        self.policies: Collection[str] = Collection("list")  # by team and sort
        self.maintenance: Collection[str] = Collection("description")
        self.users: Collection[str] = Collection("username")
        self.alerts: Collection[str] = Collection("alias")
        self.processed: Collection[str] = Collection()  # requests taken in for later, with their result
        self.keys: dict[str, str] = {}  # integration key to integration id; None of a deleted integration
        self.revoked: dict[str, str] = {}
        # What only reading changes is no part of the state: a plan must leave a dump as it was.
        self.account_keys: set[str] = set()
        self.status_reads: dict[str, int] = {}
        self.calls = 0

    @property
    def collections(self) -> dict[str, Collection[str]]:
        names = ("teams", "rules", "schedules", "escalations", "integrations", "heartbeats", "policies", "maintenance")
        return {name: getattr(self, name) for name in (*names, "users", "alerts", "processed")}

    def envelope(self, **parts: Any) -> Obj:
        return {"took": TOOK, "requestId": parts.get("requestId") or self.request_id(), **parts}

    def request_id(self) -> str:
        self.calls += 1
        return f"{self.seed:08x}-0000-4000-8000-{self.calls:012x}"

    def reply(self, status: int, headers: Mapping[str, str] | None = None, **parts: Any) -> Answer:
        body = self.envelope(**parts)
        limits = {"x-ratelimit-state": "OK", "x-ratelimit-reason": "ACCOUNT", "x-ratelimit-period-in-sec": "60"}
        shown = {"x-request-id": body["requestId"], "x-response-time": str(TOOK), **limits}
        return json_answer(status, body, {**shown, **(headers or {})})

    def read(self, data: Any, **parts: Any) -> Answer:
        return self.reply(200, data=data, **parts)

    def refuse(self, refusal: Refusal) -> Answer:
        parts: Obj = {"message": refusal.message}
        if refusal.code is not None:
            parts["code"] = refusal.code
        if refusal.errors:
            parts["errors"] = dict(refusal.errors)
        kind = {"x-opsgenie-errortype": refusal.kind} if refusal.kind else {}
        return self.reply(refusal.status, kind, **parts)

    def copy_to(self, twin: Tenant) -> None:
        twin.serial, twin.calls = self.serial, self.calls
        for name, collection in self.collections.items():
            setattr(twin, name, collection.fork())
        twin.keys, twin.revoked = dict(self.keys), dict(self.revoked)
        twin.account_keys, twin.status_reads = set(self.account_keys), dict(self.status_reads)

    def state(self) -> Obj:
        parts = {name: collection.state() for name, collection in self.collections.items()}
        return {"serial": self.serial, "keys": dict(self.keys), "revoked": dict(self.revoked), **parts}

    def load(self, state: Obj) -> None:
        self.serial, self.keys, self.revoked = state["serial"], dict(state["keys"]), dict(state["revoked"])
        for name, collection in self.collections.items():
            collection.load(state.get(name, []))
