"""Access: what the engine reaches the outside with: clients, ledger, secrets, time; and how a request is filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from reconciler.engine.sign_in import way_out
from reconciler.errors import Problem, VendorError
from reconciler.http.client import Client
from reconciler.http.exchange import Done, Doubtful, Fault, Json, NotDone, NotSent, Outcome, Request
from reconciler.http.pace import Clock
from reconciler.kinds.kind import Following, Kind, Offset, Paging, Part, Sole, Token, Whole
from reconciler.kinds.step import Context
from reconciler.kinds.tree import at
from reconciler.kinds.vendor import Vendor
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project
from reconciler.manifest.values import Secrets

Query = tuple[tuple[str, str], ...]

_GONE = frozenset({404, 410})


@dataclass(repr=False)
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
    unusable: dict[str, Problem] = field(default_factory=dict)
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
            raise VendorError(problems=[self.unusable[host]])
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
        raise self.refused(host, outcome)

    def refused(self, host: str, outcome: NotSent | NotDone | Doubtful) -> VendorError:
        """What a request came to that gave nothing: method, path, status, the vendor's own words, and the way out."""
        way = way_out(self.project.accounts[host], outcome.fault.status)
        return VendorError(refusal(host, outcome), way_out=way)

    async def every(self, host: str, kind: Kind, params: Mapping[str, str], asked: Query = ()) -> list[dict[str, Any]]:
        """Every object of a kind (below one parent, where it has one), as the vendor tells it."""
        place, values = kind.place, {**self.facts.get(host, {}), **params}
        if isinstance(place.paging, Sole):
            one = await self._one(host, place.list, values, place.envelope, ())
            return [] if one is None else [{**one, place.id_at: params[place.parent or ""]}]
        query = tuple((name, self._query(value, host)) for name, value in place.query)
        query = (*fill_query(place.list, values), *query, *asked)
        request = partial(self._listing, host, kind, fill_path(place.list, values))
        items = await self._pages(host, request, query, place.paging, place.envelope)
        rows = [item for item in items if isinstance(item, dict) and item.get(place.id_at) is not None]
        return [row for row in rows if place.lists(row)]

    async def listed(self, host: str, kind: Kind, template: str, of: str) -> list[dict[str, Any]]:
        """What one of a kind's several lists holds; nothing where the object that it is of is gone."""
        body = await self._one(host, template, {"of": of}, (), _GONE)
        rows = dig(body, kind.place.envelope)
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        return [row for row in found if row.get(kind.place.id_at) is not None]

    async def _pages(
        self, host: str, listing: Callable[[Query], Request], query: Query, paging: Paging, envelope: tuple[str, ...]
    ) -> list[Json]:
        """The items of all pages of a list. Raises VendorError."""
        found: list[Json] = []
        page: Query | None = (*query, *first_page(paging))
        while page is not None:
            request = listing(page)
            body = await self.ask(host, request)
            items = dig(body, envelope)
            if not isinstance(items, list):
                where = ".".join(envelope) or "the answer"
                raise VendorError(
                    f"{host}: {request.method} {request.path} answered no list at {where}",
                    way_out="this is not the vendor's API, or it changed: check the account's url and region",
                )
            found += items
            page = _next(paging, query, body, items, len(found))
            if page is not None and isinstance(paging, Offset):
                _not_beyond(f"{host}: {request.method} {request.path}", len(found), paging)
        return found

    def _listing(self, host: str, kind: Kind, path: str, page: tuple[tuple[str, str], ...]) -> Request:
        """The request for one page; where the list is asked for by POST, the page's numbers stand in the body."""
        place = kind.place
        if place.list_body is None:
            return Request("GET", path, page, template=place.list)
        body = {**place.list_body(self.context(host)), **{name: int(number) for name, number in page}}
        return Request("POST", path, body=body, effect="reads", template=place.list)

    def _query(self, value: str, host: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda name: self.facts.get(host, {}).get(name[1], name[0]), value)

    async def get(
        self, host: str, kind: Kind, ident: str, params: Mapping[str, str], named: Container[str] = ()
    ) -> dict[str, Any] | None:
        """One object by its id, with those of its parts that are `named`; None where the vendor says that it is not
        there. Raises VendorError."""
        place, values = kind.place, {**self.facts.get(host, {}), **params, "id": ident}
        raw = await self._one(host, place.item_path, values, place.item_envelope, _GONE, place.item_query)
        if raw is None or not place.lists(raw):
            return None
        return await self.with_parts(host, kind, raw, params, named)

    async def with_parts(
        self, host: str, kind: Kind, raw: dict[str, Any], params: Mapping[str, str], named: Container[str]
    ) -> dict[str, Any]:
        """An object with those of its parts that are `named`. Raises VendorError."""
        values = {**self.facts.get(host, {}), **params, "id": str(raw[kind.place.id_at])}
        for part in kind.place.parts:
            if part.name in named and part.when(raw):
                found = await self._part(host, part, values)
                given = part.instead if found is None else found
                raw = raw if given is None else {**raw, part.name: given}
        return raw

    async def _part(self, host: str, part: Part, values: Mapping[str, str]) -> Json:
        if part.paging is None:
            return await self._one(host, part.path, values, part.envelope, part.nothing)
        path = fill_path(part.path, values)
        request = partial(_get, path, part.path)
        return await self._pages(host, request, fill_query(part.path, values), part.paging, part.envelope)

    async def _one(
        self,
        host: str,
        template: str,
        values: Mapping[str, str],
        envelope: tuple[str, ...],
        nothing: Container[int],
        asked: Query = (),
    ) -> dict[str, Any] | None:
        path, query = fill_path(template, values), (*fill_query(template, values), *asked)
        outcome = await self.clients[host].send(Request("GET", path, query, template=template))
        if isinstance(outcome, Done):
            found = dig(outcome.reply.body, envelope)
            return found if isinstance(found, dict) else None
        if outcome.fault.status in nothing:
            return None
        raise self.refused(host, outcome)


def _get(path: str, template: str, page: Query) -> Request:
    return Request("GET", path, page, template=template)


def _next(paging: Paging, query: Query, body: Json, items: list[Json], had: int) -> Query | None:
    """The query of the page after `had` items; None after the last page."""
    match paging:
        case Whole():
            return None
        case Offset(limit=limit, more=more):
            goes_on = dig(body, more) is True if more else len(items) >= limit
            return (*query, ("limit", str(limit)), ("offset", str(had))) if goes_on and items else None
        case Following(at=at):
            following = dig(body, at)
            return _query_of(following) if isinstance(following, str) and items else None
        case Token(limit=limit, at=at, ask=ask):
            token = dig(body, at)
            asked = (*query, ("limit", str(limit)), (ask, token)) if isinstance(token, str) and token else None
            return asked if items else None
        case Sole():
            return None


def _not_beyond(what: str, had: int, paging: Offset) -> None:
    if paging.most is not None and had + paging.limit > paging.most:
        raise VendorError(
            f"{what}: there are more than {had:,} objects, and the vendor lists no more than {paging.most:,}",
            way_out="what is beyond cannot be seen, so nothing is planned in this account: remove what is not needed",
        )


def first_page(paging: Paging) -> Query:
    match paging:
        case Offset(limit=limit):
            return (("limit", str(limit)), ("offset", "0"))
        case Following(limit=int() as limit) | Token(limit=limit):
            return (("limit", str(limit)),)
        case _:
            return ()


def _query_of(url: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def dig(body: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path of keys and places in an answer; None where it leads nowhere."""
    return at(body, path)


def fill_path(template: str, values: Mapping[str, str]) -> str:
    """A path with its names filled in, percent-encoded; without the query that may follow it."""
    return re.sub(r"\{(\w+)\}", lambda name: quote(values[name[1]], safe=""), template.partition("?")[0])


def fill_query(template: str, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The query of a template with its names filled in, less the pairs that come out empty."""
    pairs = _query_of(template)
    filled = ((name, re.sub(r"\{(\w+)\}", lambda key: values.get(key[1], ""), value)) for name, value in pairs)
    return tuple((name, value) for name, value in filled if value)


def refusal(host: str, outcome: Outcome, tried: str = "") -> str:
    """One line on a request that gave nothing: account, method, path, what was tried, and the vendor's own words."""
    request = outcome.request
    fault: Fault | None = getattr(outcome, "fault", None)
    return f"{host}: {request.method} {request.path}: {tried}{fault or 'answered without an id'}"
