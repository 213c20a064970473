"""Datadog as a vendor of the sandbox: sign-in, routing table, error envelopes, edits as in its UI, filling."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog import (
    crowd,
    dora,
    downtimes,
    edits,
    monitor_search,
    monitors,
    opsgenie_services,
    pagerduty_services,
    sign_in,
    slack_channels,
    slo_search,
    slos,
    webhooks,
)
from reconciler.sandbox.datadog.tenant import Caller, DatadogSettings, Refusal, Tenant, limits
from reconciler.sandbox.exchange import Answer, Request, encode, json_answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import BadControl, Vendor

FAMILIES = (
    sign_in,
    monitors,
    monitor_search,
    webhooks,
    pagerduty_services,
    opsgenie_services,
    slack_channels,
    downtimes,
    slos,
    slo_search,
    dora,
)
ROUTES: Routes[Tenant] = Routes(route for family in FAMILIES for route in family.ROUTES)
PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class DatadogAccount(Tenant):
    """One Datadog organisation behind its API."""

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        self.calls += 1
        try:
            answer = self._carried(request, segments, sign_in.caller(request, segments))
        except (Invalid, Refusal) as wrong:
            answer = self._refused(wrong, segments)
        family = segments[2] if len(segments) > 2 else "default"
        return replace(answer, headers={**limits(family), **answer.headers})

    def _carried(self, request: Request, segments: tuple[str, ...], caller: Caller) -> Answer:
        try:
            route, params = ROUTES.find(request.method, segments)
        except NoPath:
            raise Refusal(404, "Not Found") from None
        except WrongVerb:
            raise Refusal(405, "Method Not Allowed") from None
        try:
            body = json.loads(request.body) if request.body else None
        except (ValueError, RecursionError):
            raise Refusal(400, "Invalid JSON structure") from None
        return route.handler(self, Call(request, params, dict(request.query), body, caller))

    def _refused(self, wrong: Invalid | Refusal, segments: tuple[str, ...]) -> Answer:
        """The error in the envelope of its family (sheet 1): texts, or objects where the path is DORA's."""
        if isinstance(wrong, Refusal) and wrong.body is not None:
            return json_answer(wrong.status, wrong.body)
        status = wrong.status if isinstance(wrong, Refusal) else 400
        said = wrong.errors if isinstance(wrong, Refusal) else [f"{path} {text}" for path, text in wrong.errors.items()]
        title = HTTPStatus(status).phrase
        if segments[1:3] == ("v2", "dora"):
            return self.api(
                status, {"errors": [{"status": str(status), "title": title, "detail": one} for one in said]}
            )
        if status == 403 and segments[1:2] == ("v2",):
            return self.api(403, {"errors": [{"title": title}]})
        return json_answer(status, {"errors": list(said)})

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        def send(method: str, place: str, body: Any) -> Any:
            bare, _, query = place.partition("?")
            request = Request(method, bare, tuple(parse_qsl(query)), {}, b"" if body is None else encode(body))
            segments = tuple(unquote(segment) for segment in bare.strip("/").split("/"))
            return self._carried(request, segments, Caller()).json()

        try:
            return edits.edited(self, path, value, send)
        except (Invalid, Refusal) as wrong:
            raise BadControl(str(wrong)) from None

    def fill(self, count: int) -> None:
        crowd.filled(self, count)

    def fork(self, clock: Clock) -> DatadogAccount:
        twin = DatadogAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


class Datadog(Vendor[DatadogSettings]):
    """Datadog, made up."""

    name = "datadog"

    def first_settings(self) -> DatadogSettings:
        return DatadogSettings()

    def make(self, account: str) -> DatadogAccount:
        made = DatadogAccount(account, self.name, self.clock, self.seed, self.settings)
        slack_channels.add_account(made, slack_channels.FIRST_ACCOUNT)
        return made

    def throttled(self) -> Answer:
        """Of the API itself, or of what stands before it, which answers with a page."""
        if self.settings.overload == "html":
            headers = {"content-type": "text/html", **limits("edge", 0)}
            return Answer(429, headers, PAGE.format("429 Too Many Requests").encode())
        return json_answer(429, {"errors": ["Rate limit exceeded"]}, limits("edge", 0))
