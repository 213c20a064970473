"""Change events read back over REST; they are sent over Events v2 (sheet 4)."""

from __future__ import annotations

from datetime import timedelta

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.pagerduty import integrations, paging
from reconciler.sandbox.pagerduty.body import instant, sentences
from reconciler.sandbox.pagerduty.reference import all_pointed, found
from reconciler.sandbox.pagerduty.tenant import Tenant, not_found, zulu
from reconciler.sandbox.routes import Call, Route

KEPT = timedelta(days=90)


def _shown(tenant: Tenant, event: Obj) -> Obj:
    integration = tenant.of("integrations").get(event["integration"])
    plain = ("timestamp", "summary", "source", "links", "images", "custom_details", "routing_key")
    return {
        "id": event["id"],
        "type": "change_event",
        "self": f"{tenant.base}/change_events/{event['id']}",
        "html_url": None,
        **{key: event[key] for key in plain},
        "services": all_pointed(tenant, "service", [event["service"]]),
        "integration": integrations.pointed_at(tenant, integration) if integration else None,
    }


def _inside(tenant: Tenant, events: list[Obj], call: Call) -> list[Obj]:
    oldest = zulu(tenant.clock.now() - KEPT)
    try:
        since = instant(call.query.get("since", oldest), "since")
        until = instant(call.query["until"], "until") if "until" in call.query else "9999"
    except Invalid as wrong:
        raise sentences(wrong) from None
    wanted = set(paging.many(call, "integration_ids[]"))
    return [
        event
        for event in reversed(events)  # the newest first
        if max(since, oldest) <= event["timestamp"] <= until and (not wanted or event["integration"] in wanted)
    ]


def _page(tenant: Tenant, call: Call, events: list[Obj]) -> Answer:
    fitting = _inside(tenant, events, call)
    return tenant.reply(200, paging.classic(call, "change_events", fitting, lambda event: _shown(tenant, event)))


def _list(tenant: Tenant, call: Call) -> Answer:
    return _page(tenant, call, tenant.listed("change_events"))


def _of_service(tenant: Tenant, call: Call) -> Answer:
    service = found(tenant, "service", call.params["id"])
    return _page(tenant, call, tenant.of("change_events").named(service["id"]))


def _read(tenant: Tenant, call: Call) -> Answer:
    event = tenant.of("change_events").get(call.params["id"])
    if event is None:
        raise not_found()
    return tenant.reply(200, {"change_event": _shown(tenant, event)})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/change_events", _list),
    Route("GET", "/change_events/{id}", _read),
    Route("GET", "/services/{id}/change_events", _of_service),
)
