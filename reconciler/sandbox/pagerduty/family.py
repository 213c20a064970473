"""A family of objects behind the five usual calls: list, create, read, update, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import unwrapped
from reconciler.sandbox.pagerduty.reference import NOUNS, found
from reconciler.sandbox.pagerduty.tenant import Caller, Refusal, Tenant, invalid
from reconciler.sandbox.routes import Call, Route

Include = frozenset[str]


def _as_listed(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    return paging.queried(objs, call, "name")


def _nothing_more(tenant: Tenant, obj: Obj, body: Obj, new: bool) -> None:
    """Most objects are written alone."""


def _dropped(plural: str) -> Callable[[Tenant, Obj], None]:
    return lambda tenant, obj: tenant.of(plural).drop(obj["id"])


@dataclass(frozen=True)
class Family:
    """What tells one family from the next.

    `settled(tenant, before, body, caller)` gives the object as stored; `before` is `None` for a new one.
    `shown` gives it as answered, `row` as listed; `follows(tenant, obj, body, new)` does what a write brings with it.
    `removed` checks that nothing holds it, and takes it away.
    """

    kind: str
    new: Check
    changed: Check
    settled: Callable[[Tenant, Obj | None, Obj, Caller], Obj]
    shown: Callable[[Tenant, Obj, Include], Obj]
    row: Callable[[Tenant, Obj, Include], Obj] | None = None
    filtered: Callable[[Tenant, list[Obj], Call], list[Obj]] = _as_listed
    follows: Callable[[Tenant, Obj, Obj, bool], None] = _nothing_more
    removed: Callable[[Tenant, Obj], None] | None = None
    page: Callable[[Call, str, list[Obj], paging.Show], Obj] = paging.classic
    created: Callable[[Tenant], int] = lambda tenant: 201
    updated: int = 200
    sender: bool = False
    path: str = ""
    wrapper: str = ""
    envelope: str = ""
    ident: Callable[[Tenant], str] = lambda tenant: tenant.ident()

    @property
    def plural(self) -> str:
        return NOUNS[self.kind].plural

    def made(self, tenant: Tenant, value: Any, caller: Caller) -> Obj:
        """A new object, with what comes beside it. Raises Invalid or Refusal."""
        body = self.new(value, "")
        stored = self.settled(tenant, None, body, caller)
        obj = tenant.of(self.plural).put({"id": self.ident(tenant), **stored})
        tenant.hide(obj["id"])
        return self._followed(tenant, obj, body, True)

    def change(self, tenant: Tenant, obj: Obj, value: Any, caller: Caller) -> Obj:
        body = self.changed(value, "")
        stored = self.settled(tenant, obj, body, caller)
        return self._followed(tenant, tenant.of(self.plural).put({**stored, "id": obj["id"]}), body, False)

    def _followed(self, tenant: Tenant, obj: Obj, body: Obj, new: bool) -> Obj:
        self.follows(tenant, obj, body, new)
        tenant.changed()
        return tenant.of(self.plural).items[obj["id"]]

    def remove(self, tenant: Tenant, obj: Obj) -> None:
        (self.removed or _dropped(self.plural))(tenant, obj)

    def _answer(self, tenant: Tenant, status: int, obj: Obj, call: Call) -> Answer:
        return tenant.reply(status, {self.wrapper or self.kind: self.shown(tenant, obj, paging.includes(call))})

    def create(self, tenant: Tenant, call: Call) -> Answer:
        if self.sender:
            sender(tenant, call)
        obj = self.made(tenant, unwrapped(call, self.wrapper or self.kind), call.caller)
        return self._answer(tenant, self.created(tenant), obj, call)

    def list(self, tenant: Tenant, call: Call) -> Answer:
        include, row = paging.includes(call), self.row or self.shown
        objs = self.filtered(tenant, tenant.listed(self.plural), call)
        envelope = self.envelope or self.plural
        return tenant.reply(200, self.page(call, envelope, objs, lambda obj: row(tenant, obj, include)))

    def read(self, tenant: Tenant, call: Call) -> Answer:
        return self._answer(tenant, 200, found(tenant, self.kind, call.params["id"]), call)

    def update(self, tenant: Tenant, call: Call) -> Answer:
        obj = found(tenant, self.kind, call.params["id"])
        changed = self.change(tenant, obj, unwrapped(call, self.wrapper or self.kind), call.caller)
        return self._answer(tenant, self.updated, changed, call)

    def delete(self, tenant: Tenant, call: Call) -> Answer:
        self.remove(tenant, found(tenant, self.kind, call.params["id"]))
        return tenant.reply(204)

    def routes(self) -> tuple[Route[Tenant], ...]:
        path = self.path or f"/{self.plural}"
        one = f"{path}/{{id}}"
        return (
            Route("GET", path, self.list),
            Route("POST", path, self.create),
            Route("GET", one, self.read),
            Route("PUT", one, self.update),
            Route("DELETE", one, self.delete),
        )


def sender(tenant: Tenant, call: Call, incidents: bool = False) -> str | None:
    """The id of who acts: the key's owner, else who `From` names (sheet 1). Raises 400 with code 1008."""
    caller: Caller = call.caller
    if caller.user:
        return caller.user
    header = call.request.headers.get("from", "").strip().lower()
    if not header and tenant.settings.sender == "incidents" and not incidents:
        return None
    named = tenant.of("users").named(header)
    if not named:
        raise Refusal(400, 1008, "Requester User Not Found")
    return str(named[0]["id"])


def check_name(tenant: Tenant, kind: str, name: str, before: Obj | None) -> None:
    """Names may be borne twice unless the settings say otherwise (sheet 7)."""
    own = before["id"] if before else None
    if tenant.settings.names == "unique" and any(obj["id"] != own for obj in tenant.of(NOUNS[kind].plural).named(name)):
        raise invalid("Name has already been taken")
