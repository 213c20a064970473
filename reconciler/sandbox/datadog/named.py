"""Objects that go by their name and have no list: webhooks, their variables, PagerDuty services (sheet 4 and 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check
from reconciler.sandbox.routes import Call, Route


def taken(tenant: Tenant, what: str) -> Refusal:
    return Refusal(tenant.settings.duplicate_names, f"{what} already exists")


@dataclass(frozen=True)
class Named:
    """What tells one sort from the next. `shown` gives an object as answered, without its secrets."""

    noun: str
    plural: str
    field: str
    path: str
    new: Check
    changed: Check
    blank: Obj
    shown: Callable[[Obj], Obj]
    updates_silently: bool = False
    deleted: int = 200
    checked: Callable[[Tenant], None] = lambda tenant: None

    def made(self, tenant: Tenant, value: Any) -> Obj:
        body = self.new(value, "")
        if body[self.field] in tenant.of(self.plural):
            raise taken(tenant, self.noun)
        return tenant.of(self.plural).put({**self.blank, **body, "id": body[self.field]})

    def found(self, tenant: Tenant, call: Call) -> Obj:
        obj = tenant.of(self.plural).get(call.params["name"])
        if obj is None:
            raise Refusal(404, f"{self.noun} does not exist")
        return obj

    def create(self, tenant: Tenant, call: Call) -> Answer:
        self.checked(tenant)
        return tenant.reply(201, self.shown(self.made(tenant, call.body)))

    def read(self, tenant: Tenant, call: Call) -> Answer:
        self.checked(tenant)
        return tenant.reply(200, self.shown(self.found(tenant, call)))

    def update(self, tenant: Tenant, call: Call) -> Answer:
        """Only what is given changes; a new name renames."""
        self.checked(tenant)
        before = self.found(tenant, call)
        body = self.changed(call.body, "")
        name = body.get(self.field, before["id"])
        objs = tenant.of(self.plural)
        if name != before["id"]:
            if name in objs:
                raise taken(tenant, self.noun)
            objs.drop(before["id"])
        after = objs.put({**before, **body, "id": name})
        return tenant.reply(200, None if self.updates_silently else self.shown(after))

    def delete(self, tenant: Tenant, call: Call) -> Answer:
        self.checked(tenant)
        tenant.of(self.plural).drop(self.found(tenant, call)["id"])
        return tenant.reply(self.deleted, None if self.deleted == 204 else {})

    def routes(self) -> tuple[Route[Tenant], ...]:
        one = f"{self.path}/{{name}}"
        return (
            Route("POST", self.path, self.create),
            Route("GET", one, self.read),
            Route("PUT", one, self.update),
            Route("DELETE", one, self.delete),
        )
