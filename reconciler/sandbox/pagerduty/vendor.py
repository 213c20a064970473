"""PagerDuty as a vendor of the sandbox: sign-in, routing table, edits as in its UI, filling."""

from __future__ import annotations

import json
import re
from typing import Any

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, Request, encode, json_answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.pagerduty import (
    alerts,
    audit,
    business_services,
    catalogue,
    change_events,
    contacts,
    crowd,
    dependencies,
    edits,
    escalation_policies,
    events,
    extensions,
    grouping,
    incident_changes,
    incidents,
    integration_paths,
    maintenance_windows,
    orchestration_paths,
    orchestrations,
    schedules,
    services,
    tags,
    teams,
    users,
    webhooks,
    workflow_triggers,
    workflows,
)
from reconciler.sandbox.pagerduty.body import sentences
from reconciler.sandbox.pagerduty.tenant import Caller, PagerdutySettings, Refusal, Tenant, denied, limits
from reconciler.sandbox.pagerduty.vocabulary import READERS
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import BadControl, Vendor

FAMILIES = (
    users,
    contacts,
    catalogue,
    teams,
    schedules,
    escalation_policies,
    services,
    integration_paths,
    grouping,
    business_services,
    dependencies,
    maintenance_windows,
    webhooks,
    orchestrations,
    orchestration_paths,
    workflow_triggers,
    workflows,
    extensions,
    tags,
    incidents,
    incident_changes,
    alerts,
    change_events,
    audit,
)
ROUTES: Routes[Tenant] = Routes(route for family in FAMILIES for route in family.ROUTES)
SIGN_IN = re.compile(r"(?:Token token=|Bearer )(\S+)")


class PagerdutyAccount(Tenant):
    """One PagerDuty account behind its API.

    Any key opens it, but the words in one say what it is: `wrong` is no key, `us` and `eu` name its region, `readonly`
    only reads, `user` is a person's own; a person's e-mail up to the `@` beside it (`user-bob`) says whose.
    """

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        scheme = request.headers.get("x-forwarded-proto", "http")
        account = f"{self.vendor}@{self.name}" if self.name else self.vendor
        self.begin(f"{scheme}://{request.headers.get('host', 'sandbox.invalid')}/{account}")
        if segments[:1] == ("v2",):
            return events.serve(self, request, segments)
        try:
            return self._carried(request, segments, self._caller(request))
        except Invalid as wrong:
            return self.refuse(sentences(wrong))
        except Refusal as refusal:
            return self.refuse(refusal)

    def _carried(self, request: Request, segments: tuple[str, ...], caller: Caller) -> Answer:
        try:
            route, params = ROUTES.find(request.method, segments)
        except NoPath:
            raise Refusal(404, 2100, "Not Found") from None
        except WrongVerb:
            raise Refusal(405, 2100, "Method Not Allowed") from None
        try:
            body = json.loads(request.body) if request.body else {}
        except ValueError:
            raise Refusal(400, 2001, "Invalid Input Provided", ("The body is no JSON",)) from None
        watched = audit.watched(segments, request.method)
        before = self.of(segments[0]).get(segments[1]) if watched and len(segments) > 1 else None
        answer = route.handler(self, Call(request, params, dict(request.query), body, caller))
        if watched:
            audit.noted(self, caller, request.method, segments, before)
        return answer

    def _caller(self, request: Request) -> Caller:
        """Who signs the call (sheet 1). Raises 401 or 403 refusals."""
        signed = SIGN_IN.fullmatch(request.headers.get("authorization", ""))
        words = set(re.split(r"[^a-z0-9]+", signed[1].lower())) if signed else set()
        elsewhere = {"us", "eu"} - {self.settings.region}
        if signed is None or "wrong" in words or elsewhere & words:
            raise Refusal(401, 2006, "Authentication failed")
        caller = Caller(self._owner(words), signed[1][-4:])
        role = self.of("users").items[caller.user]["role"] if caller.user else "admin"
        if request.method != "GET" and ("readonly" in words or role in READERS):
            raise denied()
        return caller

    def _owner(self, words: set[str]) -> str | None:
        if "user" not in words:
            return None
        people = list(self.of("users"))
        named = [user for user in people if user["email"].partition("@")[0] in words]
        return str((named or people)[0]["id"]) if people else None

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        """As the first of the people, in a browser."""
        self.begin("")
        caller = Caller(self._owner({"user"}), browser=True)

        def send(method: str, place: str, body: Any) -> Any:
            request = Request(method, place, (), {}, b"" if body is None else encode(body))
            try:
                return self._carried(request, tuple(place.strip("/").split("/")), caller).json()
            except (Invalid, Refusal) as wrong:
                raise BadControl(str(wrong)) from None

        return edits.edited(self, path, value, send)

    def fill(self, count: int) -> None:
        crowd.filled(self, count)

    def fork(self, clock: Clock) -> PagerdutyAccount:
        twin = PagerdutyAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


class Pagerduty(Vendor[PagerdutySettings]):
    """PagerDuty, made up."""

    name = "pagerduty"

    def first_settings(self) -> PagerdutySettings:
        return PagerdutySettings()

    def make(self, account: str) -> PagerdutyAccount:
        made = PagerdutyAccount(account, self.name, self.clock, self.seed, self.settings)
        catalogue.first(made)
        users.first(made)
        return made

    def throttled(self) -> Answer:
        return json_answer(429, {"error": {"message": "Rate Limit Exceeded", "code": 2020}}, limits(0))
