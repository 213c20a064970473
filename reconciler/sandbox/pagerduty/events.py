"""Events v2 of PagerDuty (sheet 4): `/v2/enqueue` and `/v2/change/enqueue`, signed by a routing key alone."""

from __future__ import annotations

import json
import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, Request, json_answer
from reconciler.sandbox.fields import Check, Invalid, items, nullable, text, word
from reconciler.sandbox.pagerduty import alerts, routing, standing
from reconciler.sandbox.pagerduty.body import instant, known
from reconciler.sandbox.pagerduty.tenant import Tenant
from reconciler.sandbox.pagerduty.vocabulary import (
    DEDUP_KEY_LENGTH,
    EVENT_ACTIONS,
    EVENT_SIZE,
    ROUTING_KEY_LENGTH,
    SEVERITIES,
    SUMMARY_LENGTH,
)

MINUTE = 60.0


def _object(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise Invalid({path: "must be an object"})
    return value


_LINK = known({"href": text(least=1), "text": nullable(text())}, ("href",))
_IMAGE = known(
    {"src": text(pattern=r"https://\S+"), "href": nullable(text()), "alt": nullable(text())},
    ("src",),
)
_SUMMARY = text(least=1, most=SUMMARY_LENGTH)
_PAYLOAD: dict[str, Check] = {
    "summary": _SUMMARY,
    "source": text(least=1),
    "severity": word(*SEVERITIES),
    "timestamp": nullable(instant),
    "component": nullable(text()),
    "group": nullable(text()),
    "class": nullable(text()),
    "custom_details": nullable(_object),
}
_BESIDE: dict[str, Check] = {"links": nullable(items(_LINK)), "images": nullable(items(_IMAGE))}
_KEY = text(least=1, most=DEDUP_KEY_LENGTH)
_TRIGGER = known(
    {
        "event_action": word("trigger"),
        "dedup_key": nullable(_KEY),
        "payload": known(_PAYLOAD, ("summary", "source", "severity")),
        "client": nullable(text()),
        "client_url": nullable(text()),
        **_BESIDE,
    },
    ("payload",),
)
_FOLLOW = known({"event_action": word(*EVENT_ACTIONS), "dedup_key": _KEY}, ("dedup_key",))
_CHANGE_PAYLOAD: dict[str, Check] = {
    "summary": _SUMMARY,
    "source": nullable(text()),
    "timestamp": nullable(instant),
    "custom_details": nullable(_object),
}
_CHANGE = known({"payload": known(_CHANGE_PAYLOAD, ("summary",)), **_BESIDE}, ("payload",))


class InvalidEvent(Exception):
    """The event is refused with 400."""

    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


def serve(tenant: Tenant, request: Request, segments: tuple[str, ...]) -> Answer:
    if segments not in (("v2", "enqueue"), ("v2", "change", "enqueue")) or request.method != "POST":
        return json_answer(404, {"status": "error", "message": "Not Found"})
    if len(request.body) > EVENT_SIZE:
        return json_answer(413, {"status": "invalid event", "message": "Event object is too large"})
    try:
        event = _read(request.body)
        key = _key(tenant, event)
        if _too_often(tenant, key):
            return _throttled()
        return _changed(tenant, key, event) if segments[1] == "change" else _enqueued(tenant, key, event)
    except Invalid as wrong:
        return _refused([f"'{path}' {said}" for path, said in wrong.errors.items()])
    except InvalidEvent as wrong:
        return _refused(list(wrong.errors))


def _refused(errors: list[str]) -> Answer:
    return json_answer(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})


def _throttled() -> Answer:
    said = "Requests for this service are arriving too quickly. Please retry later."
    return json_answer(429, {"status": "throttle exceeded", "message": said, "errors": ["Enhance Your Calm."]})


def _read(body: bytes) -> Obj:
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise InvalidEvent("JSON is invalid")
    return event


def _key(tenant: Tenant, event: Obj) -> str:
    key = event.get("routing_key")
    if not isinstance(key, str) or not key:
        raise InvalidEvent("'routing_key' is missing or blank")
    if len(key) != ROUTING_KEY_LENGTH:
        raise InvalidEvent(f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_LENGTH} characters)")
    if not re.fullmatch(r"[A-Za-z0-9]+", key):
        raise InvalidEvent("'routing_key' cannot contain non-alphanumeric characters.")
    if key not in tenant.keys:
        raise InvalidEvent("Invalid routing key")
    return key


def _too_often(tenant: Tenant, key: str) -> bool:
    """Counts the call in the key's sliding minute."""
    now = tenant.clock.now().timestamp()
    recent = tuple(at for at in tenant.enqueued.get(key, ()) if now - at < MINUTE)
    tenant.enqueued[key] = recent if len(recent) >= tenant.settings.events_per_minute else (*recent, now)
    return len(recent) >= tenant.settings.events_per_minute


def _enqueued(tenant: Tenant, key: str, event: Obj) -> Answer:
    action = event.get("event_action")
    if action not in EVENT_ACTIONS:
        raise InvalidEvent(f"'event_action' is missing or not one of {', '.join(EVENT_ACTIONS)}")
    body: Obj = (_TRIGGER if action == "trigger" else _FOLLOW)(event, "")
    dedup = body.get("dedup_key") or tenant.mint().replace("-", "")
    integration = tenant.keys[key]
    there = alerts.open_alert(tenant, integration, dedup)
    if action == "trigger" and there is None:
        _triggered(tenant, integration, dedup, body["payload"])
    elif action == "resolve" and there:
        alerts.resolved(tenant, there)
    elif action == "acknowledge" and there:
        alerts.acknowledged(tenant, there)
    # Anything else is dropped: 202 promises no alert.
    return json_answer(202, {"status": "success", "message": "Event processed", "dedup_key": dedup})


def _triggered(tenant: Tenant, integration: str, dedup: str, payload: Obj) -> None:
    service, met = _destination(tenant, integration, payload)
    if service is None or met.get("drop_event") or standing.quiet(tenant, service):
        return
    met = {**met, **routing.at_service(tenant, service, payload)}
    if met.get("event_action") == "resolve":
        return
    said = {**payload, "severity": met.get("severity", payload["severity"])}
    alert = alerts.made(tenant, service, integration, dedup, said, bool(met.get("suppress")))
    if not alert["suppressed"]:
        more: Obj = {key: met[key] for key in ("priority", "escalation_policy") if key in met}
        alerts.attached(tenant, alert, service, more)


def _destination(tenant: Tenant, integration: str, payload: Obj) -> tuple[Obj | None, Obj]:
    own = tenant.of("integrations").get(integration)
    if own:
        return tenant.of("services").items[own["service"]], {}
    orchestration = tenant.of("orchestration_integrations").items[integration]["orchestration"]
    return routing.through_orchestration(tenant, orchestration, payload)


def _changed(tenant: Tenant, key: str, event: Obj) -> Answer:
    integration = tenant.of("integrations").get(tenant.keys[key])
    if integration is None:
        raise InvalidEvent("Change events cannot be sent to an orchestration")
    body: Obj = _CHANGE(event, "")
    payload = body["payload"]
    stored = {
        "id": tenant.ident("Q", 13),
        "service": integration["service"],
        "integration": integration["id"],
        "routing_key": key,
        "summary": payload["summary"],
        "source": payload.get("source"),
        "timestamp": payload.get("timestamp") or tenant.stamp(),
        "custom_details": payload.get("custom_details") or {},
        "links": body.get("links") or [],
        "images": body.get("images") or [],
    }
    tenant.of("change_events").put(stored)
    return json_answer(202, {"status": "success", "message": "Change event processed"})
