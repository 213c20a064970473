"""What people and Wallarm do to the sandbox: edits, settings, filling, resetting, incidents."""

import json
from typing import Any

import pytest

from tests.sandbox.caller import Caller

EU = "https://api.eu.opsgenie.com/v2/alerts"


def edit(control: Caller, vendor: str, path: str, value: Any) -> tuple[int, Any]:
    return control("POST", "/__edit", {"vendor": vendor, "path": path, "json": value})


def test_an_edit_merges_into_what_is_there(control: Caller, opsgenie: Caller) -> None:
    opsgenie.made("POST", "/v2/schedules", {"name": "rota", "description": "kept"})
    assert edit(control, "opsgenie", "opsgenie/schedules/rota", {"timezone": "UTC", "note": "new field"})[0] == 200
    read = opsgenie.made("GET", "/v2/schedules/rota", identifierType="name")["data"]
    assert (read["timezone"], read["description"], read["note"]) == ("UTC", "kept", "new field")


@pytest.mark.parametrize("sort", ["teams", "schedules", "escalations", "integrations"])
def test_an_edit_makes_and_deletes_objects_under_any_name(control: Caller, opsgenie: Caller, sort: str) -> None:
    assert edit(control, "opsgenie", f"{sort}/支払い", {"description": "手動"})[0] == 200
    assert "支払い" in [part["name"] for part in opsgenie.made("GET", f"/v2/{sort}")["data"]]
    assert edit(control, "opsgenie", f"{sort}/支払い", None) == (200, {"object": None})
    assert "支払い" not in [part["name"] for part in opsgenie.made("GET", f"/v2/{sort}")["data"]]
    assert edit(control, "opsgenie", f"{sort}/支払い", None)[0] == 400


def test_names_in_an_edit_become_references(control: Caller, opsgenie: Caller) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "one"})
    step = {"condition": "if-not-acked", "notifyType": "default", "delay": {"timeAmount": 1}}
    rules = [{**step, "recipient": {"type": "user", "username": "ann@example.com"}}]
    edit(control, "opsgenie", "escalations/one_escalation", {"rules": rules, "ownerTeam": {"name": "one"}})
    read = opsgenie.made("GET", "/v2/escalations/one_escalation", identifierType="name")["data"]
    assert read["rules"][0]["recipient"]["username"] == "ann@example.com"
    edit(control, "opsgenie", "teams/one", {"members": [{"user": {"username": "bob@example.com"}, "role": "lead"}]})
    (member,) = opsgenie.made("GET", "/v2/teams/one", identifierType="name")["data"]["members"]
    assert (member["user"]["username"], member["role"]) == ("bob@example.com", "lead")
    assert edit(control, "opsgenie", "schedules/one_schedule", {"ownerTeam": {"name": "absent"}})[0] == 400


def test_routing_rules_are_edited_below_their_team(control: Caller, opsgenie: Caller) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "one"})
    edit(control, "opsgenie", "teams/one/routing-rules/default", {"notify": {"type": "none"}})
    edit(control, "opsgenie", "teams/one/routing-rules/late", {"notify": {"type": "schedule", "name": "one_schedule"}})
    read = opsgenie.made("GET", "/v2/teams/one/routing-rules", teamIdentifierType="name")["data"]
    assert (read[0]["name"], read[0]["notify"]["type"]) == ("late", "schedule")
    assert read[1]["notify"] == {"type": "none"}


def test_wallarm_is_edited_too_and_events_are_ticked_one_by_one(control: Caller, wallarm: Caller) -> None:
    target = {"token": "t", "api": EU}
    body = {"name": "w", "type": "opsgenie", "target": target, "events": [{"event": "system", "active": True}]}
    wallarm.made("POST", "/v2/integration", body)
    value = {"active": True, "events": [{"event": "rules_and_triggers", "active": True}]}
    status, answer = edit(control, "wallarm", "wallarm/integrations/w", value)
    assert status == 200
    assert "target" not in answer["object"]
    (read,) = wallarm.made("GET", "/v2/integration")["body"]["object"]
    assert {event["event"] for event in read["events"] if event["active"]} == {"system", "rules_and_triggers"}
    assert edit(control, "wallarm", "triggers/Weak JWT", {"enabled": False, "comment": None})[0] == 200
    assert edit(control, "wallarm", "triggers/Weak JWT", None)[0] == 200
    assert edit(control, "wallarm", "applications/shop", {"id": 7})[0] == 200


def test_an_ambiguous_name_asks_for_the_id(control: Caller, wallarm: Caller) -> None:
    for _ in range(2):
        edit(control, "wallarm", "integrations/9", {"name": "twin", "type": "jira"})
    status, answer = edit(control, "wallarm", "integrations/twin", {"active": False})
    assert status == 400
    assert "use the id" in answer["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"vendor": "nobody", "path": "a/b", "json": {}},
        {"vendor": "opsgenie", "path": "clouds/x", "json": {}},
        {"vendor": "wallarm", "path": "clouds/x", "json": {}},
        {"vendor": "opsgenie", "path": "teams/x", "json": "text"},
        {"vendor": "opsgenie"},
        {"vendor": "opsgenie", "path": "teams/absent/routing-rules/x", "json": {}},
    ],
)
def test_a_wrong_edit_is_told_what_there_is(control: Caller, body: Any) -> None:
    status, answer = control("POST", "/__edit", body)
    assert status == 400
    assert answer["message"]


@pytest.mark.parametrize(
    ("settings", "good"),
    [
        ({"wallarm": {"secrets": "clear", "lag": 1.5}}, True),
        ({"wallarm": {"secrets": "shown"}}, False),
        ({"wallarm": {"lag": "long"}}, False),
        ({"wallarm": {"lag_reads": True}}, False),
        ({"wallarm": {"colour": "red"}}, False),
        ({"nobody": {}}, False),
        ([], False),
    ],
)
def test_settings_are_checked(control: Caller, settings: Any, good: bool) -> None:
    assert control("POST", "/__settings", settings)[0] == (200 if good else 400)
    known = {"datadog", "dynatrace", "opsgenie", "pagerduty", "reactio", "wallarm"}
    assert set(control.made("GET", "/__settings")) == known


def test_an_unknown_control_call_is_told_which_there_are(control: Caller) -> None:
    status, answer = control("GET", "/__nothing")
    assert status == 404
    assert "POST /__edit" in answer["message"]


def test_a_filled_world_can_be_read_and_reset(control: Caller, opsgenie: Caller, wallarm: Caller) -> None:
    for _ in range(2):
        control.made("POST", "/__fill", {"count": 24})
    assert len(opsgenie.made("GET", "/v2/teams")["data"]) == 6
    assert len({part["name"] for part in opsgenie.made("GET", "/v2/schedules", expand="rotation")["data"]}) == 12
    for path in ("/v2/integrations", "/v2/policies/alert", "/v1/maintenance"):
        assert len(opsgenie.made("GET", path)["data"]) == 6
    assert len(opsgenie.made("GET", "/v2/heartbeats")["data"]["heartbeats"]) == 6
    assert len(wallarm.made("GET", "/v2/integration")["body"]["object"]) == 16
    assert len(wallarm.made("GET", "/v2/clients/4711/triggers", denormalize="true")["triggers"]) == 19
    control.made("POST", "/__reset")
    assert opsgenie.made("GET", "/v2/teams")["data"] == []


@pytest.fixture
def key(opsgenie: Caller) -> str:
    return str(
        opsgenie.made("POST", "/v2/integrations", {"name": "in", "type": "API", "enabled": True})["data"]["apiKey"]
    )


def connect(wallarm: Caller, token: str, active: bool = True, **trigger: Any) -> None:
    target = {"token": token, "api": EU}
    body = {"name": "to opsgenie", "type": "opsgenie", "active": active, "target": target}
    ident = wallarm.made("POST", "/v2/integration", body)["body"]["object"]["id"]
    shape = {
        "name": "Notification about incidents",
        "template_id": "incidents_exceeded",
        "enabled": True,
        "filters": [{"id": "target", "operator": "eq", "values": ["server", "database"]}],
        "threshold": {"period": 1, "operator": "gt", "allowed_operators": ["gt"], "count": 1},
        "actions": [{"id": "send_notification", "params": {"integration_ids": [ident]}}],
    }
    wallarm.made("POST", "/v2/clients/4711/triggers", {"trigger": {**shape, **trigger}})


def see(control: Caller, **incident: Any) -> list[Any]:
    body = {"vendor": "wallarm", "count": 2, "within": 1, "target": "server", **incident}
    return control.made("POST", "/__incident", body)["deliveries"]


def test_two_incidents_in_a_second_arrive_as_an_alert_with_the_ten_fields(
    control: Caller, opsgenie: Caller, wallarm: Caller, key: str
) -> None:
    connect(wallarm, key)
    (delivery,) = see(control)
    assert (delivery["delivered"], delivery["status"], delivery["to"]) == (True, 202, EU)
    assert key not in json.dumps(delivery)
    (meta,) = opsgenie.made("GET", "/v2/alerts")["data"]
    alert = opsgenie.made("GET", f"/v2/alerts/{meta['id']}")["data"]
    details = alert["details"]
    assert alert["message"].startswith("[Wallarm] Trigger")
    assert details == {
        "title": alert["message"],
        "notification_type": "incidents_exceeded",
        "exceeded_count": "1",
        "period": "1 second",
        "trigger_name": "Notification about incidents",
        "additional_clauses": "Target: server, database",
        "events_link": "https://my.wallarm.com/attacks?q=incidents&time_from=1767603599&time_to=1767603600",
        "client": "TestCompany",
        "cloud": "EU",
        "test_message": "no",
    }
    assert all(value in alert["description"] for name, value in details.items() if name != "test_message")
    assert see(control, test=True)[0]["title"].startswith("[Test message] ")


@pytest.mark.parametrize(
    ("incident", "trigger", "fires"),
    [
        ({}, {}, True),
        ({"count": 1}, {}, False),
        ({"within": 2}, {}, False),
        ({"target": "database"}, {}, True),
        ({"target": "client"}, {}, False),
        ({}, {"enabled": False}, False),
        ({}, {"template_id": "attacks_exceeded"}, False),
        ({}, {"filters": []}, True),
        ({}, {"filters": [{"id": "target", "operator": "ne", "values": ["server"]}]}, False),
        ({}, {"filters": [{"id": "target", "operator": "ne", "values": ["client"]}]}, True),
        ({}, {"filters": [{"id": "pool", "operator": "eq", "values": [-1]}]}, False),
        ({"pool": -1}, {"filters": [{"id": "pool", "operator": "eq", "values": [-1]}]}, True),
        ({"response_status": 503}, {"filters": [{"id": "response_status", "operator": "eq", "values": ["5xx"]}]}, True),
        (
            {"response_status": 404},
            {"filters": [{"id": "response_status", "operator": "eq", "values": ["5xx"]}]},
            False,
        ),
    ],
)
def test_only_triggers_that_match_fire(
    control: Caller, wallarm: Caller, key: str, incident: Any, trigger: Any, fires: bool
) -> None:
    connect(wallarm, key, **trigger)
    assert len(see(control, **incident)) == (1 if fires else 0)


def test_what_is_not_delivered_says_why(control: Caller, opsgenie: Caller, wallarm: Caller, key: str) -> None:
    connect(wallarm, "some-old-key")
    connect(wallarm, key, active=False)
    unknown, inactive = see(control)
    assert (unknown["delivered"], unknown["status"]) == (False, 401)
    assert (inactive["delivered"], inactive["reason"]) == (False, "the integration is not active")
    assert opsgenie.made("GET", "/v2/alerts")["data"] == []


def test_a_delivery_meets_faults_like_any_other_request(control: Caller, wallarm: Caller, key: str) -> None:
    connect(wallarm, key)
    control.made("POST", "/__faults", [{"fault": "cut"}, {"fault": "status", "status": 503, "body": "busy"}])
    assert [see(control)[0]["delivered"] for _ in range(3)] == [False, False, True]


def test_the_key_finds_its_account(control: Caller, opsgenie: Caller, wallarm: Caller) -> None:
    europe = Caller(opsgenie.world, "/opsgenie@eu", opsgenie.headers)
    body = {"name": "in", "type": "API", "enabled": True}
    connect(wallarm, europe.made("POST", "/v2/integrations", body)["data"]["apiKey"])
    assert see(control)[0]["delivered"]
    assert len(europe.made("GET", "/v2/alerts")["data"]) == 1
    assert opsgenie.made("GET", "/v2/alerts")["data"] == []


@pytest.mark.parametrize("body", [{"vendor": "opsgenie", "count": 2}, {"count": 0}, {"count": 2, "target": "moon"}, []])
def test_a_wrong_incident_is_refused(control: Caller, body: Any) -> None:
    assert control("POST", "/__incident", body)[0] == 400
