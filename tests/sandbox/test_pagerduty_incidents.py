"""PagerDuty's incidents and Events v2: how they come, move, group, fall asleep and wake."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty

EVENTS = "events_api_v2_inbound_integration"


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def service(pagerduty: Pagerduty) -> str:
    return pagerduty.service(acknowledgement_timeout=1800, auto_resolve_timeout=14_400)


@pytest.fixture
def key(pagerduty: Pagerduty, service: str) -> str:
    body = {"integration": {"type": EVENTS, "name": "Datadog"}}
    made = pagerduty.made("POST", f"/services/{service}/integrations", body)
    return str(made["integration"]["integration_key"])


def sent(pagerduty: Pagerduty, key: str, action: str = "trigger", **fields: Any) -> tuple[int, Any]:
    payload = {"summary": "5xx", "source": "lb-1", "severity": "error", **fields.pop("payload", {})}
    event = {"routing_key": key, "event_action": action, "dedup_key": "a", "payload": payload}
    return pagerduty("POST", "/v2/enqueue", {**event, **fields})


def asked(pagerduty: Pagerduty, service: str, /, **fields: Any) -> tuple[int, Any]:
    body = {"type": "incident", "title": "db", "service": {"id": service, "type": "service_reference"}, **fields}
    return pagerduty("POST", "/incidents", {"incident": body})


def moved(pagerduty: Pagerduty, ident: str, **fields: Any) -> tuple[int, Any]:
    return pagerduty("PUT", f"/incidents/{ident}", {"incident": {"type": "incident", **fields}})


def incidents(pagerduty: Pagerduty, **query: str) -> list[Any]:
    found: list[Any] = pagerduty.made("GET", "/incidents", **query)["incidents"]
    return found


def status(pagerduty: Pagerduty, ident: str) -> str:
    return str(pagerduty.made("GET", f"/incidents/{ident}")["incident"]["status"])


def pass_time(control: Caller, seconds: int) -> None:
    control.made("POST", "/__clock", {"advance": seconds})


def test_an_incident_pages_who_is_on_call(pagerduty: Pagerduty, service: str) -> None:
    code, answer = asked(pagerduty, service, incident_key="db/disk", urgency="low")
    incident = answer["incident"]
    assert code == 201
    assert (incident["status"], incident["incident_number"], incident["urgency"]) == ("triggered", 1, "low")
    assert (incident["incident_key"], incident["resolved_at"]) == ("db/disk", None)
    assert [part["assignee"]["summary"] for part in incident["assignments"]] == ["Ann Example"]
    assert incident["summary"] == "[#1] db"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": ""}, 2001),
        ({"service": {"id": "PNONE", "type": "service_reference"}}, 2001),
        ({"urgency": "dire"}, 2001),
        ({"priority": {"id": "PNONE", "type": "priority_reference"}}, 1020),
        ({"type": "alarm"}, 2001),
        ({"escalation_policy": {"id": "PNONE", "type": "escalation_policy_reference"}}, 2001),
        ({"assignments": [{"assignee": {"id": "PNONE", "type": "user_reference"}}]}, 2001),
    ],
)
def test_a_wrong_incident_is_refused(pagerduty: Pagerduty, service: str, fields: Any, code: int) -> None:
    found, answer = asked(pagerduty, service, **fields)
    assert (found, answer["error"]["code"]) == (400, code)


def test_an_incident_needs_somebody_who_asks(pagerduty: Pagerduty, service: str) -> None:
    found, answer = asked(pagerduty.with_key("account-key"), service)
    assert (found, answer["error"]["code"]) == (400, 1008)
    assert asked(pagerduty.with_key("user-bob"), service)[0] == 201


def test_people_and_a_policy_exclude_each_other(pagerduty: Pagerduty, service: str) -> None:
    bob = {"assignments": [{"assignee": {"id": pagerduty.user("bob@example.com"), "type": "user_reference"}}]}
    assert asked(pagerduty, service, **bob)[1]["incident"]["assigned_via"] == "direct_assignment"
    policy = {"id": pagerduty.policy("other"), "type": "escalation_policy_reference"}
    assert asked(pagerduty, service, **bob, escalation_policy=policy)[0] == 400


def test_a_key_is_open_once_on_a_service(pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service, incident_key="a")[1]["incident"]["id"]
    found, answer = asked(pagerduty, service, incident_key="a")
    assert found == 400
    assert answer["error"]["errors"] == ["Open incident with matching dedup key already exists on this service"]
    moved(pagerduty, ident, status="resolved")
    assert asked(pagerduty, service, incident_key="a")[0] == 201
    assert len(incidents(pagerduty, incident_key="a")) == 2


def test_statuses_follow_one_another(pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    assert moved(pagerduty, ident, status="triggered")[1]["error"]["code"] == 1003
    acknowledged = moved(pagerduty, ident, status="acknowledged")[1]["incident"]
    assert [part["acknowledger"]["summary"] for part in acknowledged["acknowledgements"]] == ["Ann Example"]
    assert moved(pagerduty, ident, status="acknowledged")[1]["error"]["code"] == 1002
    assert moved(pagerduty, ident, resolution="done")[0] == 400
    resolved = moved(pagerduty, ident, status="resolved", resolution="done")[1]["incident"]
    assert (resolved["assignments"], resolved["acknowledgements"]) == ([], [])
    assert resolved["resolved_at"] == "2026-01-05T09:00:00Z"
    assert moved(pagerduty, ident, status="resolved")[1]["error"]["code"] == 1001
    assert moved(pagerduty, ident, title="x")[1]["error"]["code"] == 1001
    again = moved(pagerduty, ident, status="triggered")[1]["incident"]
    assert (again["status"], again["resolved_at"]) == ("triggered", None)
    assert [part["assignee"]["summary"] for part in again["assignments"]] == ["Ann Example"]


REOPENED = {
    "by the policy": ({"status": "triggered"}, "Ann Example", "escalation_policy"),
    "for somebody": ({"status": "triggered", "assignments": True}, "Bob Example", "direct_assignment"),
    "by who takes it up": ({"status": "acknowledged"}, "Ann Example", "direct_assignment"),
}


@pytest.mark.parametrize(("fields", "whose", "via"), REOPENED.values(), ids=REOPENED)
def test_one_that_is_open_again_is_somebodys(
    pagerduty: Pagerduty, service: str, fields: dict[str, Any], whose: str, via: str
) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    moved(pagerduty, ident, status="resolved")
    bob = {"assignee": {"id": pagerduty.user("bob@example.com"), "type": "user_reference"}}
    again = moved(pagerduty, ident, **{**fields, **({"assignments": [bob]} if "assignments" in fields else {})})[1]
    assert [part["assignee"]["summary"] for part in again["incident"]["assignments"]] == [whose]
    assert again["incident"]["assigned_via"] == via


def test_who_falls_asleep_over_an_incident_is_woken(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    moved(pagerduty, ident, status="acknowledged")
    pass_time(control, 1799)
    assert status(pagerduty, ident) == "acknowledged"
    pass_time(control, 1)
    before = control.world.dump()
    assert status(pagerduty, ident) == "triggered"
    assert control.world.dump() == before  # reading writes nothing
    assert moved(pagerduty, ident, status="acknowledged")[0] == 200
    pass_time(control, 1800)
    assert status(pagerduty, ident) == "triggered"


def test_an_incident_nobody_resolves_resolves_itself(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    pass_time(control, 14_400)
    read = pagerduty.made("GET", f"/incidents/{ident}")["incident"]
    assert (read["status"], read["resolved_at"]) == ("resolved", "2026-01-05T13:00:00Z")
    assert asked(pagerduty, service)[0] == 201


def test_a_snooze_holds_longer_than_the_time_out(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    assert pagerduty("POST", f"/incidents/{ident}/snooze", {"duration": 7200})[0] == 201
    pass_time(control, 7199)
    assert status(pagerduty, ident) == "acknowledged"
    pass_time(control, 1)
    assert status(pagerduty, ident) == "triggered"
    assert pagerduty("POST", f"/incidents/{ident}/snooze", {"duration": 604_801})[0] == 400


def test_many_incidents_move_at_once(pagerduty: Pagerduty, service: str) -> None:
    idents = [asked(pagerduty, service)[1]["incident"]["id"] for _ in range(3)]
    changes = [{"id": ident, "type": "incident_reference", "status": "resolved"} for ident in idents]
    pagerduty.made("PUT", "/incidents", {"incidents": changes})
    assert {incident["status"] for incident in incidents(pagerduty)} == {"resolved"}
    assert pagerduty("PUT", "/incidents", {"incidents": changes * 84})[0] == 413


def test_an_incident_goes_to_other_hands(pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    bob = {"assignee": {"id": pagerduty.user("bob@example.com"), "type": "user_reference"}}
    direct = moved(pagerduty, ident, assignments=[bob])[1]["incident"]
    assert (direct["assignments"][0]["assignee"]["summary"], direct["assigned_via"]) == (
        "Bob Example",
        "direct_assignment",
    )
    back = moved(pagerduty, ident, escalation_level=1)[1]["incident"]
    assert back["assignments"][0]["assignee"]["summary"] == "Ann Example"
    schedule = {"name": "empty", "time_zone": "UTC", "schedule_layers": []}
    target = pagerduty.made("POST", "/schedules", {"schedule": schedule})["schedule"]["id"]
    rule = {"escalation_delay_in_minutes": 5, "targets": [{"id": target, "type": "schedule_reference"}]}
    policy = {"id": pagerduty.policy("nobody", escalation_rules=[rule]), "type": "escalation_policy_reference"}
    assert moved(pagerduty, ident, escalation_policy=policy)[1]["error"]["code"] == 1015


def test_incidents_are_listed_for_a_month_unless_asked(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    ident = asked(pagerduty, service)[1]["incident"]["id"]
    pass_time(control, 40 * 86_400)
    assert incidents(pagerduty) == []
    assert [part["id"] for part in incidents(pagerduty, date_range="all")] == [ident]
    span = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    assert [part["id"] for part in incidents(pagerduty, **span)] == [ident]
    assert pagerduty("GET", "/incidents", since="2025-01-01T00:00:00Z", until="2026-01-01T00:00:00Z")[0] == 400


def test_incidents_are_filtered(pagerduty: Pagerduty, service: str) -> None:
    low, high = (asked(pagerduty, service, urgency=word)[1]["incident"]["id"] for word in ("low", "high"))
    moved(pagerduty, high, status="resolved")
    for query, wanted in (
        ("statuses[]=triggered&statuses[]=acknowledged", [low]),
        ("urgencies[]=high", [high]),
        (f"service_ids[]={service}", [low, high]),
        ("service_ids[]=PNONE", []),
        ("sort_by=incident_number:desc", [high, low]),
    ):
        found = pagerduty.made("GET", f"/incidents?{query}")["incidents"]
        assert [part["id"] for part in found] == wanted, query
    assert pagerduty("GET", "/incidents?statuses[]=open")[0] == 400


def test_a_body_is_shown_to_those_who_ask(pagerduty: Pagerduty, service: str) -> None:
    body = {"type": "incident_body", "details": "much"}
    ident = asked(pagerduty, service, body=body)[1]["incident"]["id"]
    assert "body" not in pagerduty.made("GET", f"/incidents/{ident}")["incident"]
    assert pagerduty.made("GET", f"/incidents/{ident}?include[]=body")["incident"]["body"] == body


def test_a_service_shows_how_its_incidents_stand(pagerduty: Pagerduty, service: str) -> None:
    def shown() -> str:
        return str(pagerduty.made("GET", f"/services/{service}")["service"]["status"])

    ident = asked(pagerduty, service)[1]["incident"]["id"]
    assert shown() == "critical"
    moved(pagerduty, ident, status="acknowledged")
    assert shown() == "warning"
    moved(pagerduty, ident, status="resolved")
    assert shown() == "active"


def test_an_event_makes_an_alert_and_an_incident(pagerduty: Pagerduty, key: str) -> None:
    code, answer = sent(pagerduty, key)
    assert code == 202
    assert answer == {"status": "success", "message": "Event processed", "dedup_key": "a"}
    (incident,) = incidents(pagerduty, incident_key="a")
    assert (incident["title"], incident["alert_counts"]["triggered"]) == ("5xx", 1)
    (alert,) = pagerduty.made("GET", f"/incidents/{incident['id']}/alerts")["alerts"]
    assert (alert["alert_key"], alert["severity"], alert["status"]) == ("a", "error", "triggered")


def test_a_key_is_given_where_none_is_sent(pagerduty: Pagerduty, key: str) -> None:
    given = sent(pagerduty, key, dedup_key=None)[1]["dedup_key"]
    assert len(incidents(pagerduty, incident_key=given)) == 1


def test_events_with_one_key_are_one_alert_until_it_is_resolved(pagerduty: Pagerduty, key: str) -> None:
    sent(pagerduty, key)
    sent(pagerduty, key)
    (incident,) = incidents(pagerduty)
    sent(pagerduty, key, "acknowledge")
    assert status(pagerduty, incident["id"]) == "acknowledged"
    sent(pagerduty, key)
    assert status(pagerduty, incident["id"]) == "acknowledged"
    sent(pagerduty, key, "resolve")
    assert status(pagerduty, incident["id"]) == "resolved"
    sent(pagerduty, key, "acknowledge")
    assert status(pagerduty, incident["id"]) == "resolved"
    sent(pagerduty, key)
    assert len(incidents(pagerduty)) == 2


def test_an_incident_resolved_by_a_person_ends_its_alerts(pagerduty: Pagerduty, key: str) -> None:
    sent(pagerduty, key)
    (incident,) = incidents(pagerduty)
    moved(pagerduty, incident["id"], status="resolved")
    (alert,) = pagerduty.made("GET", f"/incidents/{incident['id']}/alerts")["alerts"]
    assert alert["status"] == "resolved"
    sent(pagerduty, key)
    assert len(incidents(pagerduty)) == 2


def test_another_key_does_not_reach_the_alert(pagerduty: Pagerduty, service: str, key: str) -> None:
    body = {"integration": {"type": EVENTS, "name": "other"}}
    made = pagerduty.made("POST", f"/services/{service}/integrations", body)
    sent(pagerduty, key)
    assert sent(pagerduty, made["integration"]["integration_key"], "resolve")[0] == 202
    assert incidents(pagerduty)[0]["status"] == "triggered"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"routing_key": "-" * 32}, "'routing_key' cannot contain non-alphanumeric characters."),
        ({"routing_key": "a" * 32}, "Invalid routing key"),
        ({"event_action": "shout"}, "'event_action' is missing or not one of trigger, acknowledge, resolve"),
        ({"event_action": "resolve", "dedup_key": None}, "'dedup_key' must be a string, not null"),
        ({"dedup_key": "x" * 256}, "'dedup_key' must have at most 255 characters, has 256"),
        ({"payload": None}, "'payload' must be an object, not null"),
        ({"payload": {"source": "s", "severity": "info"}}, "'payload.summary' is required"),
        (
            {"payload": {"summary": "x" * 1025, "source": "s", "severity": "info"}},
            "'payload.summary' must have at most 1024 characters, has 1025",
        ),
        ({"images": [{"src": "http://plain.example"}]}, None),
        ({"links": [{"text": "x"}]}, "'links[0].href' is required"),
    ],
)
def test_a_wrong_event_is_refused(pagerduty: Pagerduty, key: str, change: Any, said: str | None) -> None:
    payload = {"summary": "5xx", "source": "lb", "severity": "error"}
    event = {"routing_key": key, "event_action": "trigger", "dedup_key": "a", "payload": payload, **change}
    code, answer = pagerduty("POST", "/v2/enqueue", event)
    assert (code, answer["status"], answer["message"]) == (400, "invalid event", "Event object is invalid")
    assert said is None or answer["errors"] == [said]
    assert incidents(pagerduty) == []


def test_an_event_can_be_too_large(pagerduty: Pagerduty, key: str) -> None:
    assert sent(pagerduty, key, payload={"custom_details": {"log": "x" * 512 * 1024}})[0] == 413


def test_a_key_that_calls_too_often_waits_a_minute(control: Caller, pagerduty: Pagerduty, key: str) -> None:
    control.made("POST", "/__settings", {"pagerduty": {"events_per_minute": 2}})
    assert [sent(pagerduty, key)[0] for _ in range(3)] == [202, 202, 429]
    pass_time(control, 60)
    assert sent(pagerduty, key)[0] == 202


@pytest.mark.parametrize(
    ("kind", "config", "seconds", "incidents_made"),
    [
        ("time", {"timeout": 120}, 60, 1),
        ("time", {"timeout": 120}, 180, 2),
        ("time", {"timeout": 0}, 10_000, 1),
        ("intelligent", {"time_window": 300}, 60, 2),
        ("content_based", {"aggregate": "all", "fields": ["severity"], "time_window": 300}, 60, 1),
        ("content_based", {"aggregate": "all", "fields": ["severity", "summary"], "time_window": 300}, 60, 2),
        ("content_based", {"aggregate": "any", "fields": ["severity", "summary"], "time_window": 300}, 60, 1),
    ],
)
def test_alerts_are_grouped_into_incidents(
    control: Caller,
    pagerduty: Pagerduty,
    service: str,
    key: str,
    kind: str,
    config: Any,
    seconds: int,
    incidents_made: int,
) -> None:
    setting = {"type": kind, "config": config, "services": [{"id": service}]}
    pagerduty.made("POST", "/alert_grouping_settings", {"alert_grouping_setting": setting})
    sent(pagerduty, key)
    pass_time(control, seconds)
    sent(pagerduty, key, dedup_key="b", payload={"summary": "slow"})
    assert len(incidents(pagerduty)) == incidents_made
    assert incidents(pagerduty, incident_key="b")[0]["alert_counts"]["all"] == 3 - incidents_made


def test_a_service_in_maintenance_stays_quiet(pagerduty: Pagerduty, service: str, key: str) -> None:
    link = {"id": service, "type": "service_reference"}
    body = {"start_time": "2026-01-05T09:00:00Z", "end_time": "2026-01-05T10:00:00Z", "services": [link]}
    pagerduty.made("POST", "/maintenance_windows", {"maintenance_window": body})
    assert sent(pagerduty, key)[0] == 202
    assert incidents(pagerduty) == []


def test_urgency_follows_severity_and_hours(control: Caller, pagerduty: Pagerduty, service: str, key: str) -> None:
    by_severity = {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}}
    pagerduty.made("PUT", f"/services/{service}", {"service": by_severity})
    sent(pagerduty, key, dedup_key="a", payload={"severity": "warning"})
    sent(pagerduty, key, dedup_key="b", payload={"severity": "critical"})
    assert [incident["urgency"] for incident in incidents(pagerduty)] == ["low", "high"]
    sides = {"during_support_hours": {"type": "constant", "urgency": "high"}}
    rule = {"type": "use_support_hours", **sides, "outside_support_hours": {"type": "constant", "urgency": "low"}}
    hours = {"type": "fixed_time_per_day", "time_zone": "UTC", "start_time": "09:00:00", "end_time": "17:00:00"}
    support = {"incident_urgency_rule": rule, "support_hours": {**hours, "days_of_week": [1]}}
    pagerduty.made("PUT", f"/services/{service}", {"service": support})
    sent(pagerduty, key, dedup_key="c")
    pass_time(control, 9 * 3600)
    sent(pagerduty, key, dedup_key="d")
    assert [incident["urgency"] for incident in incidents(pagerduty)][2:] == ["high", "low"]
