"""Access: what the engine reaches the outside with: clients, ledger, secrets, time; and how a request is filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from reconciler.errors import VendorError
from reconciler.http.client import Client
from reconciler.http.exchange import Done, Fault, Json, Outcome, Request
from reconciler.http.pace import Clock
from reconciler.kinds.kind import Following, Kind, Offset, Whole
from reconciler.kinds.step import Context
from reconciler.kinds.vendor import Vendor
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project
from reconciler.manifest.values import Secrets


@dataclass
class Access:
    """One run's ways to the outside. `facts` and `tenants` are learned at sign-in, by account; `unusable` says why an
    account has no client. `revision` is Git's, for the ledger.

    `prober(vendor, region, key)` gives a client that signs in with another key, for probes.
    """

    project: Project
    vendors: Mapping[str, Vendor]
    clients: Mapping[str, Client]
    store: Store
    secrets: Secrets
    clock: Clock
    seals: Seals | None = None
    prober: Callable[[str, str, str], Client | None] = lambda vendor, region, key: None
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    tenants: dict[str, str] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)
    revision: str | None = None

    def __post_init__(self) -> None:
        self.kinds: dict[str, Kind] = {kind.id: kind for vendor in self.vendors.values() for kind in vendor.kinds}

    def context(self, host: str) -> Context:
        return Context(self.clock.now(), host.partition("@")[2] or "default", self.facts.get(host, {}))

    @property
    def spent(self) -> int:
        return sum(client.spent for client in self.clients.values())

    def prefix(self, host: str) -> str:
        """The ledger's folder for one account."""
        vendor, _, account = host.partition("@")
        return f"{self.project.name}/{vendor}@{account or 'default'}"

    # ── sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def sign_in(self, host: str) -> None:
        """Learn the account's facts, once. Raises VendorError."""
        if host in self.facts:
            return
        if host in self.unusable:
            raise VendorError(self.unusable[host])
        account = self.project.accounts[host]
        facts = dict(account.vendor.known_facts(account.settings))
        who = account.vendor.whoami
        if who is not None:
            reply = await self.ask(host, Request(who.method, who.path, effect="reads", template=who.path))
            for name, path in who.facts.items():
                value = dig(reply, path)
                if value is not None:
                    facts.setdefault(name, str(value))
            if who.tenant in facts:
                self.tenants[host] = facts[who.tenant]
        self.facts[host] = facts

    # ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, host: str, request: Request) -> Json:
        """The body of a read's answer. Raises VendorError with method, path, status and the vendor's own words."""
        outcome = await self.clients[host].send(request)
        if isinstance(outcome, Done):
            return outcome.reply.body
        raise VendorError(refusal(host, outcome))

    async def every(self, host: str, kind: Kind, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Every object of a kind (below one parent, where it has one), as the vendor tells it."""
        place = kind.place
        path = fill_path(place.list, {**self.facts.get(host, {}), **params})
        query = tuple((name, self._query(value, host)) for name, value in place.query)
        found: list[dict[str, Any]] = []
        page: tuple[tuple[str, str], ...] | None = (*query, *first_page(kind))
        while page is not None:
            body = await self.ask(host, Request("GET", path, page, template=place.list))
            items = dig(body, place.envelope)
            if not isinstance(items, list):
                where = ".".join(place.envelope) or "the answer"
                raise VendorError(
                    f"{host}: GET {path} answered no list at {where}",
                    way_out="this is not the vendor's API, or it changed: check the account's url and region",
                )
            found += [item for item in items if isinstance(item, dict) and item.get(place.id_at) is not None]
            page = self._next(kind, query, page, body, items)
        return found

    def _query(self, value: str, host: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: self.facts.get(host, {}).get(name[1], name[0]), value)

    def _next(
        self,
        kind: Kind,
        query: tuple[tuple[str, str], ...],
        page: tuple[tuple[str, str], ...],
        body: Json,
        items: list[Json],
    ) -> tuple[tuple[str, str], ...] | None:
        match kind.place.paging:
            case Whole():
                return None
            case Offset(limit=limit):
                offset = int(dict(page)["offset"]) + len(items)
                return (*query, ("limit", str(limit)), ("offset", str(offset))) if len(items) >= limit else None
            case Following(at=at):
                following = dig(body, at)
                return _query_of(following) if isinstance(following, str) and items else None

    async def get(self, host: str, kind: Kind, ident: str, params: Mapping[str, str]) -> dict[str, Any] | None:
        """One object by its id; None where the vendor says that it is not there. Raises VendorError."""
        path = fill_path(kind.place.item_path, {**self.facts.get(host, {}), **params, "id": ident})
        outcome = await self.clients[host].send(Request("GET", path, template=kind.place.item_path))
        if isinstance(outcome, Done):
            found = dig(outcome.reply.body, kind.place.item_envelope)
            return found if isinstance(found, dict) else None
        if outcome.fault.status in (404, 410):
            return None
        raise VendorError(refusal(host, outcome))


def first_page(kind: Kind) -> tuple[tuple[str, str], ...]:
    match kind.place.paging:
        case Offset(limit=limit):
            return (("limit", str(limit)), ("offset", "0"))
        case Following(limit=int() as limit):
            return (("limit", str(limit)),)
        case _:
            return ()


def _query_of(url: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def dig(body: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path of keys in an answer; None where it leads nowhere."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def fill_path(template: str, values: Mapping[str, str]) -> str:
    """A path with its names filled in, percent-encoded."""
    return re.sub(r"\{(\w+)\}", lambda name: quote(values[name[1]], safe=""), template)


def refusal(host: str, outcome: Outcome) -> str:
    """One line on a request that gave nothing: account, method, path, and the vendor's own words."""
    request = outcome.request
    fault: Fault | None = getattr(outcome, "fault", None)
    return f"{host}: {request.method} {request.path}: {fault}"
