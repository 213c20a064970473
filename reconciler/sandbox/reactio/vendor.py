"""Reactio as a vendor of the sandbox: sign-in, routing table, edits as in its pages, filling."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, Request, json_answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.reactio import edits, incidents, messages, notifications, options
from reconciler.sandbox.reactio.body import decoded
from reconciler.sandbox.reactio.project import Project, ReactioSettings, Refusal, not_found, wrong_fields
from reconciler.sandbox.reactio.vocabulary import STATUSES
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import Vendor

FAMILIES = (incidents, notifications, messages)
ROUTES: Routes[Project] = Routes(route for family in FAMILIES for route in family.ROUTES)
KEY = "x-api-key"


class ReactioAccount(Project):
    """One Reactio project behind its API."""

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        try:
            self._check_key(request)
            route, params = ROUTES.find(request.method, segments)
            body = decoded(request) if request.method == "POST" else None
            return route.handler(self, Call(request, params, dict(request.query), body))
        except (NoPath, WrongVerb):
            return not_found().answer()
        except Invalid as wrong:
            return wrong_fields(wrong.errors).answer()
        except Refusal as refusal:
            return refusal.answer()

    def _check_key(self, request: Request) -> None:
        key = request.headers.get(KEY, "")
        if not key:
            raise Refusal(401, "authentication_error", "api key required")
        if "wrong" in key:
            raise Refusal(401, "authentication_error", "invalid api key")

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        return edits.edit(self, path, value)

    def fill(self, count: int) -> None:
        start = self.serial  # numbers of earlier fillings stay behind it
        for number in range(start, start + count):
            status = STATUSES[number % len(STATUSES)]
            parameters = {"detection": "system", "service": "checkout"}
            incidents.made(self, {"name": f"障害-{number:05}", "status": status, "parameters": parameters})

    def fork(self, clock: Clock) -> ReactioAccount:
        twin = ReactioAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


class Reactio(Vendor[ReactioSettings]):
    """Reactio, made up."""

    name = "reactio"

    def first_settings(self) -> ReactioSettings:
        return ReactioSettings()

    def make(self, account: str) -> ReactioAccount:
        made = ReactioAccount(account, self.name, self.clock, self.seed, self.settings)
        for ident, name, devices in ((4, "佐藤", ["email1", "phone"]), (9, "鈴木", ["email1"])):
            made.users.put({"id": ident, "name": name, "devices": devices})
        options.first(made)
        return made

    def throttled(self) -> Answer:
        return json_answer(429, {"message": "Too Many Requests"})  # the vendor documents no limit at all
