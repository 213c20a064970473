"""Access: what the engine reaches the outside with: clients, ledger, secrets, time; and how a request is filled in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from reconciler.engine.sign_in import way_out
from reconciler.errors import Problem, VendorError
from reconciler.http.client import Client
from reconciler.http.exchange import Done, Doubtful, Fault, Json, NotDone, NotSent, Outcome, Request
from reconciler.http.pace import Clock
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Alone, Following, Numbered, Offset, Paging, Part, Place, Sole, Token, Whole
from reconciler.kinds.step import Context
from reconciler.kinds.tree import at
from reconciler.kinds.vendor import Kinds, Vendor
from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.manifest.project import Project
from reconciler.manifest.values import Secrets

Query = tuple[tuple[str, str], ...]

_GONE = frozenset({404, 410})


@dataclass(repr=False)
class Access:
    """One run's ways to the outside. `facts` and `tenants` are learned at sign-in, by account; `unusable` says why an
    account has no client. `revision` is Git's, for the ledger. `known` is what was asked
    beforehand, by account and path. `older` says, by account and list, how many forms of its
    query the vendor refused. `siblings` are objects of the same project in other
    environments, by vendor, kind and id: which environment, and the address there. `offline`: a snapshot answers.

    `prober(vendor, region, key)` gives a client that signs in with another key, for probes, `opener(host, name)` one of
    a further host of an account, which signs nothing.
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
    known: dict[str, dict[str, Json]] = field(default_factory=dict)
    older: dict[tuple[str, tuple[Query, ...]], int] = field(default_factory=dict)
    siblings: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    offline: bool = False
    opener: Callable[[str, str], Client] | None = None
    further: dict[tuple[str, str], Client] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kinds = Kinds(self.vendors)

    def context(self, host: str) -> Context:
        account = host.partition("@")[2] or "default"
        return Context(self.clock.now(), account, self.facts.get(host, {}), self.known.get(host, {}))

    @property
    def spent(self) -> int:
        return sum(client.spent for client in self.everyone)

    @property
    def everyone(self) -> tuple[Client, ...]:
        """Every client that was opened."""
        return (*self.clients.values(), *self.further.values())

    def client(self, host: str, name: str = "") -> Client:
        """An account's client; with a name, that of its further host of this name, opened at its first request."""
        if not name:
            return self.clients[host]
        if (host, name) not in self.further:
            assert self.opener is not None
            self.further[host, name] = self.opener(host, name)
        return self.further[host, name]

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
        status, request = outcome.fault.status, outcome.request
        way: str | None = "take a snapshot again: reconciler snapshot -o FILE"
        if not self.offline:
            way = way_out(self.project.accounts[host], status, request.method, request.path)
        error = VendorError(refusal(host, outcome), way_out=way)
        error.status = status
        return error

    async def every(self, host: str, kind: Kind, params: Mapping[str, str], asked: Query = ()) -> list[dict[str, Any]]:
        """Every object of a kind (below one parent, where it has one), as the vendor tells it."""
        place, values = kind.place, {**self.facts.get(host, {}), **params}
        if isinstance(place.paging, Sole):
            one = await self.one(host, place.list, values, place.envelope, ())
            return [] if one is None else [{**one, place.id_at: params[place.parent or ""]}]
        query = tuple((name, self._query(value, host)) for name, value in place.query)
        query = (*fill_query(place.list, values), *query, *asked)
        request = partial(self._listing, host, kind, fill_path(place.list, values))
        items = await self._understood(host, place, request, query)
        rows = [item for item in items if isinstance(item, dict) and item.get(place.id_at) is not None]
        return [row for row in rows if place.lists(row)]

    async def _understood(
        self, host: str, place: Place, listing: Callable[[Query], Request], query: Query
    ) -> list[Json]:
        """A list, asked for as an older version of the vendor understands it once that refused the newest words."""
        while True:
            tried = self.older.get((host, place.older), 0)
            instead = dict(place.older[tried - 1]) if tried else {}
            asked = tuple((name, instead.get(name, value)) for name, value in query)
            try:
                return await self.pages(host, listing, asked, place.paging, place.envelope)
            except VendorError as error:
                if error.status != 400 or tried == len(place.older):
                    raise
                self.older[host, place.older] = tried + 1

    async def listed(self, host: str, kind: Kind, template: str, of: str) -> list[dict[str, Any]]:
        """What one of a kind's several lists holds; nothing where the object that it is of is gone."""
        rows = await self._rows(host, kind.place, template, of)
        listed = rows if isinstance(rows, list) else [rows]
        found = [kind.place.row(row, of) for row in listed if isinstance(row, dict)]
        return kind.place.lined_up([row for row in found if row.get(kind.place.id_at) is not None])

    async def learn(self, host: str, path: str) -> None:
        """Ask what a kind must know before its objects are read, once. Raises VendorError."""
        known = self.known.setdefault(host, {})
        if path not in known:
            known[path] = await self._asked(host, path, {}, _GONE)

    async def _rows(self, host: str, place: Place, template: str, of: str) -> Json:
        if isinstance(place.paging, Whole):
            found: Json = dig(await self._asked(host, template, {"of": of}, _GONE), place.envelope)
            return found
        path, query = fill_path(template, {"of": of}), fill_query(template, {"of": of})
        try:
            return await self._understood(host, place, partial(_get, path, template), query)
        except VendorError as error:
            if error.status not in _GONE:
                raise
            return []

    async def pages(
        self, host: str, listing: Callable[[Query], Request], query: Query, paging: Paging, envelope: tuple[str, ...]
    ) -> list[Json]:
        """The items of all pages of a list. Raises VendorError."""
        found: list[Json] = []
        page: Query | None = (*query, *first_page(paging))
        ahead: dict[Query, asyncio.Task[Json]] = {}
        again = 0
        try:
            while page is not None:
                request, early = listing(page), ahead.pop(page, None)
                body = await (self.ask(host, request) if early is None else early)
                items = _items(f"{host}: {request.method} {request.path}", body, envelope)
                if not found:
                    later = ((one, listing(one)) for one in _further(paging, query, body, len(items)))
                    ahead = {one: asyncio.create_task(self.ask(host, further)) for one, further in later}
                found += items
                before, page = page, _next(paging, query, body, items, len(found))
                again = again + 1 if page == before else 0
                if again:  # a page that is not there yet: the same key gives it in a while
                    _not_for_ever(f"{host}: {request.method} {request.path}", again)
                    await self.clock.sleep(again / 4)
                if page is not None and isinstance(paging, Offset | Numbered):
                    _not_beyond(f"{host}: {request.method} {request.path}", len(found), paging)
        finally:
            for task in ahead.values():
                task.cancel()
            await asyncio.gather(*ahead.values(), return_exceptions=True)
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
        raw = await self.one(host, place.item_path, values, place.item_envelope, _GONE, place.item_query)
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
            return await self.one(host, part.path, values, part.envelope, part.nothing)
        path = fill_path(part.path, values)
        request = partial(_get, path, part.path)
        return await self.pages(host, request, fill_query(part.path, values), part.paging, part.envelope)

    async def one(
        self,
        host: str,
        template: str,
        values: Mapping[str, str],
        envelope: tuple[str, ...],
        nothing: Container[int],
        asked: Query = (),
    ) -> dict[str, Any] | None:
        found = dig(await self._asked(host, template, values, nothing, asked), envelope)
        return found if isinstance(found, dict) else None

    async def _asked(
        self, host: str, template: str, values: Mapping[str, str], nothing: Container[int], asked: Query = ()
    ) -> Json:
        """The body of a GET's answer; None where a refusal says that there is nothing. Raises VendorError."""
        path, query = fill_path(template, values), (*fill_query(template, values), *asked)
        outcome = await self.clients[host].send(Request("GET", path, query, template=template))
        if isinstance(outcome, Done):
            return outcome.reply.body
        if outcome.fault.status in nothing:
            return None
        raise self.refused(host, outcome)


def _get(path: str, template: str, page: Query) -> Request:
    return Request("GET", path, page, template=template)


def _items(what: str, body: Json, envelope: tuple[str, ...]) -> list[Json]:
    items = dig(body, envelope)
    if isinstance(items, list):
        return items
    raise VendorError(
        f"{what} answered no list at {'.'.join(envelope) or 'the answer'}",
        way_out="this is not the vendor's API, or it changed: check the account's url and region",
    )


def _further(paging: Paging, query: Query, body: Json, had: int) -> Iterator[Query]:
    """The pages after a first one that was full and told how many objects there are."""
    total = dig(body, paging.total) if isinstance(paging, Offset) and paging.total else None
    if isinstance(paging, Offset) and isinstance(total, int) and had == paging.limit:
        last = total if paging.most is None else min(total, paging.most)
        yield from ((*query, *_page(paging, offset)) for offset in range(had, last, had))


def _next(paging: Paging, query: Query, body: Json, items: list[Json], had: int) -> Query | None:
    """The query of the page after `had` items; None after the last page."""
    match paging:
        case Whole():
            return None
        case Offset():
            goes_on = items and _goes_on(paging, body, len(items), had)
            return (*query, *_page(paging, had)) if goes_on else None
        case Numbered(limit=limit):
            return (*query, *_numbered(paging, had)) if len(items) >= limit else None
        case Following(at=at):
            following = dig(body, at)
            return _query_of(following) if isinstance(following, str) and items else None
        case Token(limit=limit, at=at, ask=ask):
            token = dig(body, at)
            asked = (*query, ("limit", str(limit)), (ask, token)) if isinstance(token, str) and token else None
            return asked if items else None
        case Alone(at=at, ask=ask):
            key = dig(body, at)
            return ((ask, key),) if isinstance(key, str) and key else None
        case Sole():
            return None


def _goes_on(paging: Offset, body: Json, items: int, had: int) -> bool:
    """Whether there is another page after one of so many items."""
    if paging.more:
        return dig(body, paging.more) is True
    total = dig(body, paging.total) if paging.total else None
    return had < total if isinstance(total, int) else items >= paging.limit


def _page(paging: Offset, offset: int) -> Query:
    limit, place = paging.ask
    return ((limit, str(paging.limit)), (place, str(offset)))


def _numbered(paging: Numbered, had: int) -> Query:
    number, limit = paging.ask
    return ((number, str(had // paging.limit + 1)), (limit, str(paging.limit)))


def _not_for_ever(what: str, times: int) -> None:
    if times > 10:
        raise VendorError(
            f"{what}: a page leads to itself, and not to the next one",
            way_out="run it again when the vendor answers with the whole list",
        )


def _not_beyond(what: str, had: int, paging: Offset | Numbered) -> None:
    if paging.most is not None and had + paging.limit > paging.most:
        raise VendorError(
            f"{what}: there are more than {had:,} objects, and the vendor lists no more than {paging.most:,}",
            way_out="what is beyond cannot be seen, so nothing is planned in this account: remove what is not needed",
        )


def first_page(paging: Paging) -> Query:
    match paging:
        case Offset(count=count):
            return (*_page(paging, 0), *count)
        case Numbered():
            return _numbered(paging, 0)
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
