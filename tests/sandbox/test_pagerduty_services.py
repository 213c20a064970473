"""PagerDuty's services and their integrations."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty

EVENTS = "events_api_v2_inbound_integration"
MAIL = "generic_email_inbound_integration"
HOURS = {
    "type": "fixed_time_per_day",
    "time_zone": "Europe/London",
    "start_time": "09:00:00",
    "end_time": "17:00:00",
    "days_of_week": [1, 2, 3, 4, 5],
}
HIGH, LOW = {"type": "constant", "urgency": "high"}, {"type": "constant", "urgency": "low"}
BY_HOURS = {"type": "use_support_hours", "during_support_hours": HIGH, "outside_support_hours": LOW}
AT = {"type": "named_time", "name": "support_hours_start"}
RAISE = {"type": "urgency_change", "at": AT, "to_urgency": "high"}


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def service(pagerduty: Pagerduty) -> str:
    return pagerduty.service()


def read(pagerduty: Pagerduty, service: str) -> Any:
    asked = f"/services/{service}?include[]=auto_pause_notifications_parameters"
    return pagerduty.made("GET", asked)["service"]


def changed(pagerduty: Pagerduty, service: str, **fields: Any) -> Any:
    return pagerduty.made("PUT", f"/services/{service}", {"service": fields})["service"]


def test_a_service_has_the_vendors_defaults(pagerduty: Pagerduty, service: str) -> None:
    shown = read(pagerduty, service)
    assert (shown["auto_resolve_timeout"], shown["acknowledgement_timeout"]) == (None, None)
    assert shown["incident_urgency_rule"] == HIGH
    assert (shown["status"], shown["support_hours"], shown["scheduled_actions"]) == ("active", None, [])
    assert shown["alert_creation"] == "create_alerts_and_incidents"
    assert shown["alert_grouping_parameters"] == {"type": None, "config": None}
    assert shown["auto_pause_notifications_parameters"] == {
        "enabled": False,
        "timeout": None,
        "recommended_timeout": 300,
    }
    assert shown["escalation_policy"]["type"] == "escalation_policy_reference"
    assert (shown["integrations"], shown["teams"]) == ([], [])


@pytest.mark.parametrize(("sent", "kept"), [(0, None), (None, None), (3600, 3600)])
def test_a_timeout_of_nothing_is_off(pagerduty: Pagerduty, service: str, sent: Any, kept: Any) -> None:
    assert changed(pagerduty, service, acknowledgement_timeout=1800)["acknowledgement_timeout"] == 1800
    assert changed(pagerduty, service, description="x")["acknowledgement_timeout"] == 1800
    assert changed(pagerduty, service, acknowledgement_timeout=sent)["acknowledgement_timeout"] == kept


@pytest.mark.parametrize("name", ["checkout", "CHECKOUT", "Checkout"])
def test_a_services_name_is_borne_once(pagerduty: Pagerduty, service: str, name: str) -> None:
    link = {"id": read(pagerduty, service)["escalation_policy"]["id"], "type": "escalation_policy_reference"}
    status, answer = pagerduty("POST", "/services", {"service": {"name": name, "escalation_policy": link}})
    assert (status, answer["error"]["code"]) == (400, 2001)
    assert answer["error"]["errors"] == ["Name has already been taken"]
    changed(pagerduty, service, name=name)  # its own


def test_a_service_is_found_by_its_exact_name(pagerduty: Pagerduty, service: str) -> None:
    pagerduty.service("checkout-eu")
    assert [part["id"] for part in pagerduty.made("GET", "/services", name="Checkout")["services"]] == [service]
    assert len(pagerduty.made("GET", "/services", query="checkout")["services"]) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "ends with a space "},
        {"name": "two\nlines"},
        {"escalation_policy": {"id": "PNONE", "type": "escalation_policy_reference"}},
        {"escalation_policy": None},
        {"auto_resolve_timeout": "4h"},
        {"acknowledgement_timeout": -1},
        {"incident_urgency_rule": {"type": "sometimes"}},
        {"incident_urgency_rule": {"type": "constant", "urgency": "medium"}},
        {"incident_urgency_rule": BY_HOURS},
        {"support_hours": {**HOURS, "days_of_week": [0]}},
        {"support_hours": {**HOURS, "time_zone": "Mars/Base"}},
        {"support_hours": {**HOURS, "start_time": "9:00"}},
        {"scheduled_actions": [RAISE]},
        {"scheduled_actions": [{**RAISE, "to_urgency": "low"}]},
        {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 7}},
        {"alert_grouping_parameters": {"type": "time", "config": {"timeout": None}}},
        {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 1441}}},
        {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 5, "time_window": 300}}},
        {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 5}, "more": 1}},
        {"alert_grouping_parameters": {"type": "content_based", "config": {"aggregate": "all"}}},
        {"alert_grouping_parameters": {"type": "intelligent", "config": {"time_window": 299}}},
        {"status": "sleeping"},
    ],
)
def test_a_wrong_service_is_refused(pagerduty: Pagerduty, service: str, fields: Any) -> None:
    before = read(pagerduty, service)
    status, answer = pagerduty("PUT", f"/services/{service}", {"service": fields})
    assert (status, answer["error"]["code"]) == (400, 2001)
    assert read(pagerduty, service) == before


def test_urgency_by_support_hours_needs_them_and_keeps_them(pagerduty: Pagerduty, service: str) -> None:
    rule = {**BY_HOURS, "urgency": "high"}
    shown = changed(pagerduty, service, incident_urgency_rule=rule, support_hours=HOURS, scheduled_actions=[RAISE])
    assert shown["incident_urgency_rule"] == BY_HOURS
    assert shown["scheduled_actions"] == [RAISE]
    assert changed(pagerduty, service, scheduled_actions=None)["scheduled_actions"] == []
    left = changed(pagerduty, service, incident_urgency_rule=LOW)
    assert (left["incident_urgency_rule"], left["support_hours"]) == (LOW, HOURS)
    assert changed(pagerduty, service, support_hours=None)["support_hours"] is None


def test_a_pause_that_is_on_has_a_time(pagerduty: Pagerduty, service: str) -> None:
    key = "auto_pause_notifications_parameters"
    for sent, kept in ((0, 300), (600, 600), (None, 300)):
        changed(pagerduty, service, **{key: {"enabled": True, "timeout": sent}})
        assert read(pagerduty, service)[key]["timeout"] == kept
    changed(pagerduty, service, **{key: {"enabled": False}})
    assert read(pagerduty, service)[key]["timeout"] is None
    assert key not in pagerduty.made("GET", f"/services/{service}")["service"]


def test_a_status_that_follows_from_incidents_is_ignored_when_sent_back(
    control: Caller, pagerduty: Pagerduty, service: str
) -> None:
    assert changed(pagerduty, service, status="critical")["status"] == "active"
    assert changed(pagerduty, service, status="disabled")["status"] == "disabled"
    assert changed(pagerduty, service, status="warning")["status"] == "disabled"
    assert changed(pagerduty, service, status="active")["status"] == "active"
    link = {"id": read(pagerduty, service)["escalation_policy"]["id"], "type": "escalation_policy_reference"}
    body = {"name": "asleep", "escalation_policy": link, "status": "disabled"}
    assert pagerduty("POST", "/services", {"service": body})[0] == 400


def test_a_service_belongs_to_the_team_of_its_policy(pagerduty: Pagerduty, service: str) -> None:
    team = pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})["team"]["id"]
    policy = read(pagerduty, service)["escalation_policy"]["id"]
    pagerduty.made("PUT", f"/teams/{team}/escalation_policies/{policy}")
    assert [part["id"] for part in read(pagerduty, service)["teams"]] == [team]
    (found,) = pagerduty.made("GET", f"/services?team_ids[]={team}&include[]=teams")["services"]
    assert found["teams"][0]["name"] == "payments"


def made(pagerduty: Pagerduty, service: str, **body: Any) -> tuple[int, Any]:
    return pagerduty("POST", f"/services/{service}/integrations", {"integration": body})


def test_an_integration_gets_a_key_it_keeps(pagerduty: Pagerduty, service: str) -> None:
    status, answer = made(pagerduty, service, type=EVENTS, name="Datadog", integration_key="chosen")
    integration = answer["integration"]
    assert status == 201
    assert len(integration["integration_key"]) == 32
    assert integration["integration_key"].isalnum()
    assert integration["service"]["id"] == service
    path = f"/services/{service}/integrations/{integration['id']}"
    renamed = pagerduty.made("PUT", path, {"integration": {**integration, "name": "DD"}})["integration"]
    assert (renamed["name"], renamed["integration_key"]) == ("DD", integration["integration_key"])
    (listed,) = pagerduty.made("GET", "/services?include[]=integrations")["services"]
    assert listed["integrations"] == [renamed]
    (bare,) = pagerduty.made("GET", "/services")["services"]
    assert bare["integrations"][0]["type"] == f"{EVENTS}_reference"
    assert "integration_key" not in bare["integrations"][0]


def test_a_vendor_decides_the_type(pagerduty: Pagerduty, service: str) -> None:
    (datadog,) = pagerduty.made("GET", "/vendors", query="Datadog")["vendors"]
    link = {"id": datadog["id"], "type": "vendor_reference"}
    integration = made(pagerduty, service, vendor=link)[1]["integration"]
    assert integration["type"] == "event_transformer_api_inbound_integration"
    asked = f"/services/{service}/integrations/{integration['id']}?include[]=vendors&include[]=services"
    whole = pagerduty.made("GET", asked)["integration"]
    assert whole["vendor"]["name"] == "Datadog"
    assert (whole["service"]["type"], whole["service"]["id"]) == ("service", service)
    assert whole["service"]["escalation_policy"]["type"] == "escalation_policy_reference"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"type": "carrier_pigeon"},
        {"type": "inbound_integration", "name": "x"},
        {"vendor": {"id": "PNONE", "type": "vendor_reference"}},
        {"type": MAIL, "name": "x"},
        {"type": MAIL, "name": "x", "integration_email": "a@b.c", "email_filter_mode": "some"},
        {"type": MAIL, "name": "x", "integration_email": "a@b.c", "email_filters": [{"subject_mode": "match"}]},
    ],
)
def test_a_wrong_integration_is_refused(pagerduty: Pagerduty, service: str, body: Any) -> None:
    assert made(pagerduty, service, **body)[0] == 400


def test_what_an_integration_is_cannot_change(pagerduty: Pagerduty, service: str) -> None:
    ident = made(pagerduty, service, type=EVENTS, name="x")[1]["integration"]["id"]
    path = f"/services/{service}/integrations/{ident}"
    for change in ({"type": MAIL}, {"service": {"id": "POTHER", "type": "service_reference"}}):
        assert pagerduty("PUT", path, {"integration": change})[0] == 400
    assert pagerduty("DELETE", path) == (204, None)
    assert pagerduty("GET", path)[0] == 404


def test_an_integration_stands_below_its_own_service_only(pagerduty: Pagerduty, service: str) -> None:
    ident = made(pagerduty, service, type=EVENTS, name="x")[1]["integration"]["id"]
    other = pagerduty.service("other")
    assert pagerduty("GET", f"/services/{other}/integrations/{ident}")[0] == 404


def test_mail_lets_everything_through_unless_filtered(pagerduty: Pagerduty, service: str) -> None:
    mail = {"type": MAIL, "name": "mail", "integration_email": "m@acme.example"}
    integration = made(pagerduty, service, **mail)[1]["integration"]
    (everything,) = integration["email_filters"]
    assert [everything[f"{part}_mode"] for part in ("subject", "body", "from_email")] == ["always"] * 3
    assert integration["integration_key"] is None
    assert made(pagerduty, service, **mail)[0] == 400  # the address is taken
    parser: dict[str, Any] = {
        "action": "resolve",
        "match_predicate": {
            "type": "all",
            "children": [{"type": "contains", "part": "subject", "matcher": "OK"}],
        },
        "value_extractors": [{"type": "entire", "part": "subject", "value_name": "incident_key"}],
    }
    path = f"/services/{service}/integrations/{integration['id']}"
    changed_mail = pagerduty.made("PUT", path, {"integration": {"email_parsers": [parser]}})["integration"]
    assert changed_mail["email_parsers"] == [parser]
    twice = {**parser, "value_extractors": parser["value_extractors"] * 2}
    assert pagerduty("PUT", path, {"integration": {"email_parsers": [twice]}})[0] == 400
