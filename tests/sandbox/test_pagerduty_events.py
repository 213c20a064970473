"""Where PagerDuty's events go beside incidents: through orchestrations, and as changes."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def service(pagerduty: Pagerduty) -> str:
    return pagerduty.service()


@pytest.fixture
def orchestration(pagerduty: Pagerduty) -> str:
    made = pagerduty.made("POST", "/event_orchestrations", {"orchestration": {"name": "all"}})
    return str(made["orchestration"]["id"])


def integration(pagerduty: Pagerduty, service: str) -> Any:
    body = {"integration": {"type": "events_api_v2_inbound_integration", "name": "Events"}}
    return pagerduty.made("POST", f"/services/{service}/integrations", body)["integration"]


def sent(pagerduty: Pagerduty, orchestration: str, **payload: Any) -> None:
    read = pagerduty.made("GET", f"/event_orchestrations/{orchestration}")["orchestration"]
    key = read["integrations"][0]["parameters"]["routing_key"]
    body = {"summary": "5xx", "source": "lb-1", "severity": "error", **payload}
    pagerduty.made("POST", "/v2/enqueue", {"routing_key": key, "event_action": "trigger", "payload": body})


def write(pagerduty: Pagerduty, path: str, *rules: Any, **catch_all: Any) -> None:
    body = {"sets": [{"id": "start", "rules": list(rules)}], "catch_all": {"actions": catch_all}}
    pagerduty.made("PUT", f"/event_orchestrations/{path}", {"orchestration_path": body})


def on_source(source: str, **actions: Any) -> Any:
    return {"conditions": [{"expression": f"event.source matches part '{source}'"}], "actions": actions}


def services_paged(pagerduty: Pagerduty) -> list[str]:
    return [incident["service"]["summary"] for incident in pagerduty.made("GET", "/incidents")["incidents"]]


def test_an_event_goes_where_the_router_says(pagerduty: Pagerduty, orchestration: str, service: str) -> None:
    other = pagerduty.service("other")
    write(pagerduty, f"{orchestration}/router", on_source("lb", route_to=service), route_to=other)
    sent(pagerduty, orchestration)
    sent(pagerduty, orchestration, source="db")
    assert services_paged(pagerduty) == ["checkout", "other"]


def test_an_event_nobody_routes_makes_no_incident(pagerduty: Pagerduty, orchestration: str) -> None:
    sent(pagerduty, orchestration)
    assert services_paged(pagerduty) == []


def test_an_event_finds_its_service_by_name(pagerduty: Pagerduty, orchestration: str, service: str) -> None:
    dynamic = {"source": "event.component", "regex": "(.*)-pod", "lookup_by": "service_name"}
    write(pagerduty, f"{orchestration}/router", {"actions": {"dynamic_route_to": dynamic}})
    sent(pagerduty, orchestration, component="Checkout-pod")
    sent(pagerduty, orchestration, component="unknown-pod")
    assert services_paged(pagerduty) == ["checkout"]


def test_global_rules_drop_events_and_a_services_own_suppress_them(
    pagerduty: Pagerduty, orchestration: str, service: str
) -> None:
    write(pagerduty, f"{orchestration}/router", route_to=service)
    write(pagerduty, f"{orchestration}/global", on_source("noise", drop_event=True))
    write(pagerduty, f"services/{service}", on_source("quiet", suppress=True))
    pagerduty.made("PUT", f"/event_orchestrations/services/{service}/active", {"active": True})
    for source in ("noise", "quiet", "lb"):
        sent(pagerduty, orchestration, source=source)
    assert len(services_paged(pagerduty)) == 1
    pagerduty.made("PUT", f"/event_orchestrations/services/{service}/active", {"active": False})
    sent(pagerduty, orchestration, source="quiet")
    assert len(services_paged(pagerduty)) == 2


def test_a_services_rules_set_severity_and_priority(pagerduty: Pagerduty, orchestration: str, service: str) -> None:
    urgency = {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}}
    pagerduty.made("PUT", f"/services/{service}", {"service": urgency})
    first = pagerduty.made("GET", "/priorities")["priorities"][0]
    write(pagerduty, f"{orchestration}/router", route_to=service)
    write(pagerduty, f"services/{service}", on_source("lb", severity="info", priority=first["id"]))
    pagerduty.made("PUT", f"/event_orchestrations/services/{service}/active", {"active": True})
    sent(pagerduty, orchestration)
    (incident,) = pagerduty.made("GET", "/incidents")["incidents"]
    assert (incident["urgency"], incident["priority"]["name"]) == ("low", "P1")


def test_a_change_is_kept_for_ninety_days(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    made = integration(pagerduty, service)
    payload = {"summary": "deployed 1.4", "source": "ci", "timestamp": "2026-01-05T10:00:00+01:00"}
    event = {"routing_key": made["integration_key"], "payload": payload, "links": [{"href": "https://ci.example"}]}
    status, answer = pagerduty("POST", "/v2/change/enqueue", event)
    assert (status, answer["status"]) == (202, "success")
    path = f"/services/{service}/change_events"
    (change,) = pagerduty.made("GET", path)["change_events"]
    assert (change["summary"], change["timestamp"]) == ("deployed 1.4", "2026-01-05T09:00:00Z")
    assert change["integration"]["id"] == made["id"]
    assert [part["id"] for part in change["services"]] == [service]
    assert pagerduty.made("GET", path, since="2026-01-05T09:00:01Z")["change_events"] == []
    control.made("POST", "/__clock", {"advance": 91 * 86_400})
    assert pagerduty.made("GET", path)["change_events"] == []


def test_a_change_cannot_be_sent_to_an_orchestration(pagerduty: Pagerduty, orchestration: str) -> None:
    read = pagerduty.made("GET", f"/event_orchestrations/{orchestration}")["orchestration"]
    key = read["integrations"][0]["parameters"]["routing_key"]
    assert pagerduty("POST", "/v2/change/enqueue", {"routing_key": key, "payload": {"summary": "x"}})[0] == 400


def test_events_need_no_sign_in_and_know_no_other_path(pagerduty: Pagerduty, service: str) -> None:
    key = integration(pagerduty, service)["integration_key"]
    pagerduty.headers = {}
    event = {"routing_key": key, "event_action": "resolve", "dedup_key": "a"}
    assert pagerduty("POST", "/v2/enqueue", event)[0] == 202
    assert pagerduty("GET", "/v2/enqueue")[0] == 404
    assert pagerduty("POST", "/v2/other", event)[0] == 404
