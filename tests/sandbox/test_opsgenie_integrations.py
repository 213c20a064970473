"""Opsgenie's integrations, their keys and what a key may do, and the alerts that come in by them."""

import json
from typing import Any

import pytest

from tests.sandbox.caller import Caller


def integration(opsgenie: Caller, **body: Any) -> Any:
    sent = {"name": "in", "type": "API", "enabled": True, **body}
    return opsgenie.made("POST", "/v2/integrations", sent)["data"]


@pytest.fixture
def team(opsgenie: Caller) -> str:
    return str(opsgenie.made("POST", "/v2/teams", {"name": "payments"})["data"]["id"])


def test_the_key_is_shown_once_and_never_again(opsgenie: Caller) -> None:
    made = integration(opsgenie)
    key, path = made["apiKey"], f"/v2/integrations/{made['id']}"
    calls = [("GET", path, None), ("GET", "/v2/integrations", None), ("POST", f"{path}/enable", {})]
    calls.append(("PUT", path, {"name": "in", "type": "API", "enabled": True}))
    for method, where, body in calls:
        assert key not in json.dumps(opsgenie.made(method, where, body))


def test_the_list_holds_metas_and_filters(opsgenie: Caller, team: str) -> None:
    integration(opsgenie)
    integration(opsgenie, name="of team", ownerTeam={"id": team})
    listed = opsgenie.made("GET", "/v2/integrations")
    assert listed["code"] == 200
    assert [set(part) for part in listed["data"]] == [
        {"id", "name", "enabled", "type"},
        {"id", "name", "enabled", "type", "teamId"},
    ]
    for query in ({"teamName": "payments"}, {"teamId": team}):
        assert [part["name"] for part in opsgenie.made("GET", "/v2/integrations", **query)["data"]] == ["of team"]
    assert opsgenie.made("GET", "/v2/integrations", type="Email")["data"] == []


@pytest.mark.parametrize(("setting", "enabled"), [("disabled", False), ("enabled", True)])
def test_enabled_is_what_the_settings_say_when_nobody_says_it(
    control: Caller, opsgenie: Caller, setting: str, enabled: bool
) -> None:
    control.made("POST", "/__settings", {"opsgenie": {"integration_created": setting}})
    made = opsgenie.made("POST", "/v2/integrations", {"name": "in", "type": "API"})["data"]
    assert made["enabled"] is enabled


def test_an_owner_team_is_a_responder_wanted_or_not(opsgenie: Caller, team: str) -> None:
    made = integration(opsgenie, ownerTeam={"name": "payments"})
    read = opsgenie.made("GET", f"/v2/integrations/{made['id']}")["data"]
    assert read["responders"] == [{"type": "team", "id": team}]
    assert (read["isGlobal"], read["ownerTeam"]["name"]) == (False, "payments")


def test_a_put_resets_what_it_leaves_out_and_cannot_change_type_or_owner(opsgenie: Caller, team: str) -> None:
    made = integration(opsgenie, tags=["x"], allowConfigurationAccess=True, priority="P1")
    path = f"/v2/integrations/{made['id']}"
    opsgenie.made("PUT", path, {"name": "in", "type": "Prometheus", "enabled": True, "ownerTeam": {"id": team}})
    read = opsgenie.made("GET", path)["data"]
    assert (read["type"], read["tags"], read["allowConfigurationAccess"]) == ("API", [], False)
    assert "ownerTeam" not in read
    assert "priority" not in read
    opsgenie.made("PUT", path, {"name": "in", "type": "API", "assignedTeam": {"id": team}})
    assert opsgenie.made("GET", path)["data"]["ownerTeam"]["id"] == team


def test_read_only_keys_must_be_left_out_of_a_put_and_their_order_varies(opsgenie: Caller) -> None:
    path = f"/v2/integrations/{integration(opsgenie)['id']}"
    first, second = (opsgenie.made("GET", path)["data"] for _ in range(2))
    assert first["_readOnly"] != second["_readOnly"]
    assert set(first["_readOnly"]) == set(second["_readOnly"])
    assert opsgenie("PUT", path, first)[0] == 422
    named = {*first["_readOnly"], "_readOnly"}
    opsgenie.made("PUT", path, {key: value for key, value in first.items() if key not in named})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x"}, 422),
        ({"name": "x", "type": "Zendesk"}, 422),
        ({"name": "x", "type": "API", "enabled": "true"}, 422),
        ({"name": "x", "type": "Webhook"}, 422),
        ({"name": "x", "type": "API", "url": "https://example.com"}, 422),
        ({"name": "x", "type": "API", "responders": [{"type": "user", "username": "nobody@example.com"}]}, 404),
        ({"name": "in", "type": "API"}, 409),
    ],
)
def test_a_wrong_integration_is_refused(opsgenie: Caller, body: Any, status: int) -> None:
    integration(opsgenie)
    assert opsgenie("POST", "/v2/integrations", body)[0] == status


def test_an_email_integration_shows_its_address_in_place_of_a_key(opsgenie: Caller) -> None:
    made = integration(opsgenie, type="Email", emailUsername="alerts")
    assert "apiKey" not in made
    assert made["emailAddress"].startswith("alerts@")


def test_the_address_of_mails_is_read_and_must_be_left_out_of_a_put(opsgenie: Caller) -> None:
    path = f"/v2/integrations/{integration(opsgenie, type='Email', emailUsername='alerts')['id']}"
    read = opsgenie.made("GET", path)["data"]
    assert read["emailAddress"].startswith("alerts@")
    assert "emailAddress" in read["_readOnly"]
    body = {"name": "in", "type": "Email", "emailUsername": "other", "enabled": True}
    assert opsgenie("PUT", path, {**body, "emailAddress": "x"})[0] == 422
    opsgenie.made("PUT", path, body)
    assert opsgenie.made("GET", path)["data"]["emailAddress"].startswith("other@")


@pytest.mark.parametrize("type_", ["Datadog", "DynatraceV2", "Prometheus", "CloudWatch", "AmazonSns", "Zabbix"])
def test_of_other_types_any_field_is_kept_and_a_put_that_leaves_it_out_loses_it(opsgenie: Caller, type_: str) -> None:
    path = f"/v2/integrations/{integration(opsgenie, type=type_, ownField={'a': [1]})['id']}"
    assert opsgenie.made("GET", path)["data"]["ownField"] == {"a": [1]}
    opsgenie.made("PUT", path, {"name": "in", "type": type_, "enabled": True})
    assert "ownField" not in opsgenie.made("GET", path)["data"]


@pytest.mark.parametrize(
    "type_",
    [
        "api",
        "WEBHOOK",
        "Zendesk",
        "Slack",
        "IncomingCall",
        "PingdomWebHook",
        "Nagios",
        "Observium",
        "Hipchat",
        "a b",
        "",
    ],
)
def test_a_type_that_nobody_can_make_is_refused(opsgenie: Caller, type_: str) -> None:
    assert opsgenie("POST", "/v2/integrations", {"name": "x", "type": type_})[0] == 422


def test_whether_another_team_is_taken_the_settings_say(control: Caller, opsgenie: Caller, team: str) -> None:
    path = f"/v2/integrations/{integration(opsgenie)['id']}"
    control.made("POST", "/__settings", {"opsgenie": {"integration_moves": "no"}})
    opsgenie.made("PUT", path, {"name": "in", "type": "API", "assignedTeam": {"id": team}})
    assert "ownerTeam" not in opsgenie.made("GET", path)["data"]


ACTION = {"type": "create", "name": "make", "alias": "{{alias}}", "user": "{{user}}", "note": "{{note}}"}
NONE: dict[str, list[Any]] = {"create": [], "close": [], "acknowledge": [], "addNote": [], "ignore": []}


def test_actions_are_replaced_all_at_once(control: Caller, opsgenie: Caller) -> None:
    path = f"/v2/integrations/{integration(opsgenie)['id']}"
    assert opsgenie("GET", f"{path}/actions")[0] == 422
    assert opsgenie("PUT", f"{path}/actions", {"create": [ACTION]})[0] == 422
    condition = {"field": "extra-properties", "key": "host", "operation": "equals", "expectedValue": "a"}
    limit = {"conditionMatchType": "match-all-conditions", "conditions": [condition]}
    opsgenie.made("PUT", f"{path}/actions", {**NONE, "create": [{**ACTION, "filter": limit}]})
    read = opsgenie.made("GET", f"{path}/actions")["data"]
    assert set(read) == {"_parent", *NONE}
    assert read["create"][0]["filter"]["conditions"][0]["field"] == "extra_properties_key_prefix-host"
    assert opsgenie.made("GET", path)["data"]["isAdvanced"]
    assert opsgenie("POST", f"{path}/actions", {"type": "ignore", "name": "quiet"})[0] == 201
    assert opsgenie("PUT", f"{path}/actions", {**NONE, "close": [ACTION]})[0] == 422
    control.made("POST", "/__settings", {"opsgenie": {"plan": "basic"}})
    assert opsgenie("PUT", f"{path}/actions", NONE)[0] == 402


ALERT = {"message": "db is down"}


def test_keys_of_each_kind_may_do_what_the_sheet_says(opsgenie: Caller) -> None:
    plain = opsgenie.signed(integration(opsgenie)["apiKey"])
    trusted = opsgenie.signed(integration(opsgenie, name="trusted", allowConfigurationAccess=True)["apiKey"])
    readers = opsgenie.signed(
        integration(opsgenie, name="r", allowConfigurationAccess=True, allowWriteAccess=False)["apiKey"]
    )
    table = [
        (opsgenie, "GET", "/v2/teams", 200),
        (opsgenie, "POST", "/v2/alerts", 403),
        (opsgenie, "GET", "/v2/alerts", 200),
        (plain, "POST", "/v2/alerts", 202),
        (plain, "GET", "/v2/teams", 403),
        (trusted, "GET", "/v2/teams", 200),
        (readers, "GET", "/v2/teams", 200),
        (readers, "POST", "/v2/alerts", 403),
    ]
    for caller, method, path, status in table:
        found, body = caller(method, path, ALERT if method == "POST" else None)
        assert found == status, (method, path)
        assert found != 403 or body["code"] == 40301


@pytest.mark.parametrize("header", ["", "GenieKey ", "Bearer x", "GenieKey wrong", "geniekey x"])
def test_a_missing_or_wrong_key_is_told_apart_from_a_forbidden_call(opsgenie: Caller, header: str) -> None:
    assert Caller(opsgenie.world, "/opsgenie", {"authorization": header})("GET", "/v2/teams")[0] == 401


def test_an_unknown_key_a_disabled_and_a_deleted_integration_are_all_401(opsgenie: Caller) -> None:
    assert opsgenie.signed("never-seen")("POST", "/v2/alerts", ALERT)[0] == 401
    assert opsgenie.signed("never-seen")("POST", "/v2/integrations/authenticate", {"type": "API"})[0] == 401
    made = integration(opsgenie)
    caller = opsgenie.signed(made["apiKey"])
    opsgenie.made("POST", f"/v2/integrations/{made['id']}/disable")
    assert caller("POST", "/v2/alerts", ALERT)[0] == 401
    opsgenie.made("POST", f"/v2/integrations/{made['id']}/enable")
    assert caller("POST", "/v2/alerts", ALERT)[0] == 202
    opsgenie.made("DELETE", f"/v2/integrations/{made['id']}")
    for path in ("/v2/alerts", "/v2/teams"):
        assert caller("POST", path, ALERT)[0] == 401


def test_authenticate_knows_the_type_of_the_calling_integration(opsgenie: Caller) -> None:
    caller = opsgenie.signed(integration(opsgenie)["apiKey"])
    assert caller("POST", "/v2/integrations/authenticate", {"type": "API"})[0] == 200
    assert caller("POST", "/v2/integrations/authenticate", {"type": "Prometheus"})[0] == 403
    opsgenie.made("GET", "/v2/teams")
    assert opsgenie("POST", "/v2/integrations/authenticate", {"type": "API"})[0] == 403


def test_the_key_of_a_team_sees_and_makes_only_what_is_its_teams(opsgenie: Caller, team: str) -> None:
    other = opsgenie.made("POST", "/v2/teams", {"name": "other"})["data"]["id"]
    key = integration(opsgenie, ownerTeam={"id": team}, allowConfigurationAccess=True)["apiKey"]
    caller = opsgenie.signed(key)
    assert [part["name"] for part in caller.made("GET", "/v2/teams")["data"]] == ["payments"]
    assert [part["name"] for part in caller.made("GET", "/v2/schedules")["data"]] == ["payments_schedule"]
    assert caller("GET", f"/v2/teams/{other}")[1]["code"] == 40301
    assert caller("GET", "/v2/schedules/other_schedule", identifierType="name")[0] == 403
    assert caller("GET", "/v2/integrations", teamId=team)[0] == 403
    made = caller.made("POST", "/v2/schedules", {"name": "rota", "ownerTeam": {"id": other}})["data"]
    assert opsgenie.made("GET", f"/v2/schedules/{made['id']}")["data"]["ownerTeam"]["id"] == team


@pytest.fixture
def alerting(opsgenie: Caller) -> Caller:
    return opsgenie.signed(integration(opsgenie, tags=["from-in"])["apiKey"])


def test_an_alert_is_taken_in_and_processed_later(alerting: Caller) -> None:
    status, answer = alerting("POST", "/v2/alerts", {**ALERT, "alias": "db", "tags": ["t"]})
    assert status == 202
    assert "data" not in answer
    path = f"/v2/alerts/requests/{answer['requestId']}"
    waiting = alerting.answer("GET", path)
    assert (waiting.status, waiting.headers["x-opsgenie-errortype"]) == (404, "RequestNotProcessed")
    done = alerting.made("GET", path)["data"]
    assert (done["isSuccess"], done["alias"]) == (True, "db")
    read = alerting.made("GET", f"/v2/alerts/{done['alertId']}")["data"]
    assert (read["message"], read["priority"], read["tags"]) == ("db is down", "P3", ["from-in", "t"])


def test_an_open_alert_with_the_same_alias_is_counted(alerting: Caller) -> None:
    for _ in range(3):
        alerting.made("POST", "/v2/alerts", {**ALERT, "alias": "db"})
    assert [alert["count"] for alert in alerting.made("GET", "/v2/alerts")["data"]] == [3]
    alerting.made("POST", "/v2/alerts/db/close", {}, identifierType="alias")
    alerting.made("POST", "/v2/alerts", {**ALERT, "alias": "db"})
    assert alerting.made("GET", "/v2/alerts", query="status: open")["data"][0]["count"] == 1
    assert alerting.made("GET", "/v2/alerts/count")["data"] == {"count": 2}


def test_closing_a_missing_alert_is_taken_in_and_fails_later(alerting: Caller) -> None:
    request = alerting.made("POST", "/v2/alerts/absent/close", {})["requestId"]
    alerting("GET", f"/v2/alerts/requests/{request}")
    done = alerting.made("GET", f"/v2/alerts/requests/{request}")["data"]
    assert (done["isSuccess"], done["status"]) == (False, "Alert does not exist")


def test_an_alert_is_changed_in_every_way(alerting: Caller) -> None:
    alerting.made("POST", "/v2/alerts", {**ALERT, "alias": "db"})
    changes = [
        ("POST", "acknowledge", {"note": "on it"}),
        ("POST", "tags", {"tags": ["more"]}),
        ("POST", "assign", {"owner": {"username": "ann@example.com"}}),
        ("POST", "responders", {"responder": {"type": "user", "username": "bob@example.com"}}),
        ("PUT", "priority", {"priority": "P1"}),
        ("PUT", "message", {"message": "db is up"}),
        ("PUT", "description", {"description": "long story"}),
    ]
    for method, action, body in changes:
        assert alerting(method, f"/v2/alerts/db/{action}", body, identifierType="alias")[0] == 202
    read = alerting.made("GET", "/v2/alerts/db", identifierType="alias")["data"]
    assert (read["acknowledged"], read["priority"], read["owner"]) == (True, "P1", "ann@example.com")
    assert (read["message"], read["description"], read["tags"]) == ("db is up", "long story", ["from-in", "more"])
    assert "description" not in alerting.made("GET", "/v2/alerts")["data"][0]
    alerting.made("DELETE", "/v2/alerts/1", identifierType="tiny")
    assert alerting.made("GET", "/v2/alerts")["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": "x" * 131},
        {"message": "x", "priority": "P6"},
        {"message": "x", "tags": ["t" * 51]},
        {"message": "x", "tags": ["t"] * 21},
        {"message": "x", "details": {"a": 1}},
        {"message": "x", "alias": "a" * 513},
        {"message": "x", "sound": "loud"},
    ],
)
def test_a_wrong_alert_is_refused(alerting: Caller, body: Any) -> None:
    assert alerting("POST", "/v2/alerts", body)[0] == 422


def test_envelopes_tell_syntax_errors_from_wrong_paths_and_verbs(opsgenie: Caller) -> None:
    from reconciler.sandbox.exchange import Request

    broken = opsgenie.world.handle(Request("POST", "/opsgenie/v2/teams", (), opsgenie.headers, b"{"))
    assert broken.status == 400
    assert opsgenie("GET", "/v2/nothing")[0] == 404
    assert opsgenie("PUT", "/v2/teams", {})[0] == 405
    assert {"x-request-id", "x-ratelimit-state"} <= set(opsgenie.answer("GET", "/v2/teams").headers)
