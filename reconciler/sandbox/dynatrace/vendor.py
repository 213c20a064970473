"""Dynatrace as a vendor of the sandbox: base paths, sign-in, routing table, edits as in its UI, filling."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace import (
    crowd,
    edits,
    entities,
    feed,
    ingested_events,
    objects,
    pushed_events,
    schemas,
    settings_paths,
    sign_in,
    tags,
)
from reconciler.sandbox.dynatrace.alerting_schemas import PROFILES, PROTECTED
from reconciler.sandbox.dynatrace.environment import DynatraceSettings, Environment, Refusal
from reconciler.sandbox.dynatrace.schemas import SCHEMAS
from reconciler.sandbox.dynatrace.writes import first_of_single
from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import Vendor

FAMILIES = (
    sign_in,
    pushed_events,
    feed,
    ingested_events,
    tags,
    entities,
    schemas,
    objects,
    settings_paths,
)
ROUTES: Routes[Environment] = Routes(route for family in FAMILIES for route in family.ROUTES)
LARGEST = 1_000_000
REQUESTS_PER_MINUTE = 60


class DynatraceAccount(Environment):
    """One environment behind its API.

    It answers at its root, as SaaS does, and below `/e/{environment}`, as Managed and an ActiveGate do; an environment
    id with `wrong` in it is not there. What the words in a token mean is said at `sign_in.token_of`.
    """

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        try:
            answer = self._carried(request, segments)
        except Refusal as refusal:
            answer = refusal.answer()
        limits = rate_headers(self.settings, self.now())
        return replace(answer, headers={**answer.headers, **limits}) if limits else answer

    def _carried(self, request: Request, segments: tuple[str, ...]) -> Answer:
        if segments[:1] == ("e",):
            if len(segments) < 3 or not segments[1] or "wrong" in segments[1]:
                raise Refusal(404, "Not Found")
            segments = segments[2:]
        token = sign_in.signed_in(self, request)
        try:
            route, params = ROUTES.find(request.method, segments)
        except NoPath:
            raise Refusal(404, "Not Found") from None
        except WrongVerb:
            raise Refusal(405, "Method Not Allowed") from None
        sign_in.permitted(self, token, request.method, route.path)
        if len(request.body) > LARGEST:
            raise Refusal(413, "Request Entity Too Large")
        query = {key: value for key, value in request.query if key != "api-token"}
        return route.handler(self, Call(request, params, query, _body(request), token))

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        return edits.edited(self, path, value)

    def fill(self, count: int) -> None:
        crowd.filled(self, count)

    def fork(self, clock: Clock) -> DynatraceAccount:
        twin = DynatraceAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


def _body(request: Request) -> Any:
    if not request.body:
        return None
    try:
        return json.loads(request.body)
    except ValueError:
        raise Refusal(400, "The request body is no valid JSON") from None


def rate_headers(settings: DynatraceSettings, now: int, remaining: int = REQUESTS_PER_MINUTE - 1) -> dict[str, str]:
    """Sources disagree on whether there are any, and on the unit of the reset (sheet 1.3)."""
    if settings.rate_headers == "absent":
        return {}
    reset = now + 60_000
    shown = str(reset * 1000 if settings.rate_headers == "microseconds" else reset // 1000)
    limits = {"x-ratelimit-limit": str(REQUESTS_PER_MINUTE), "x-ratelimit-remaining": str(remaining)}
    return {**limits, "x-ratelimit-reset": shown}


class Dynatrace(Vendor[DynatraceSettings]):
    """Dynatrace, made up."""

    name = "dynatrace"

    def first_settings(self) -> DynatraceSettings:
        return DynatraceSettings()

    def make(self, account: str) -> DynatraceAccount:
        made = DynatraceAccount(account, self.name, self.clock, self.seed, self.settings)
        entities.first(made)
        for name in PROTECTED:
            crowd.made(made, PROFILES, {"name": name}, author=objects.MAKER)
        for definition in SCHEMAS.values():
            if not definition.multi:
                first_of_single(made, definition, "environment", None)
        made.lag.clear()  # the environment is older than the first call
        return made

    def throttled(self) -> Answer:
        answer = Refusal(429, "Too Many Requests").answer()  # sheet 10: the body is unconfirmed
        now = round(self.clock.now().timestamp() * 1000)
        wait = {"retry-after": str(self.settings.retry_after)} if self.settings.retry_after else {}
        return replace(answer, headers={**answer.headers, **rate_headers(self.settings, now, 0), **wait})
