"""Opsgenie's policies: one list for each team and sort, the team in every query, a PUT that replaces the whole."""

from typing import Any

import pytest

from tests.sandbox.caller import Caller

ALERT = {"type": "alert", "name": "tagger", "enabled": True, "message": "{{message}}"}
NOTIFICATION = {"type": "notification", "name": "late", "enabled": True}


@pytest.fixture
def team(opsgenie: Caller) -> str:
    return str(opsgenie.made("POST", "/v2/teams", {"name": "payments"})["data"]["id"])


def policy(opsgenie: Caller, body: dict[str, Any], **query: str) -> str:
    return str(opsgenie.made("POST", "/v2/policies", body, **query)["data"]["id"])


def test_a_new_one_answers_a_meta_and_is_read_with_its_defaults(opsgenie: Caller, team: str) -> None:
    made = opsgenie.made("POST", "/v2/policies", ALERT)["data"]
    assert made == {"id": made["id"], "name": "tagger", "type": "alert", "enabled": True}
    read = opsgenie.made("GET", f"/v2/policies/{made['id']}")["data"]
    assert read["filter"] == {"type": "match-all"}
    assert (read["continue"], read["tags"], read["details"], read["timeRestrictions"]) == (False, [], {}, {})
    assert "order" not in read
    late = policy(opsgenie, NOTIFICATION, teamId=team)
    assert opsgenie.made("GET", f"/v2/policies/{late}", teamId=team)["data"]["suppress"] is False


def test_lists_hold_metas_with_their_order_by_team_and_sort(opsgenie: Caller, team: str) -> None:
    first, second = policy(opsgenie, ALERT), policy(opsgenie, {**ALERT, "name": "b"})
    policy(opsgenie, {**ALERT, "name": "of the team"}, teamId=team)
    policy(opsgenie, NOTIFICATION, teamId=team)
    listed = opsgenie.made("GET", "/v2/policies/alert")["data"]
    assert [set(meta) for meta in listed] == [{"id", "name", "type", "order", "enabled"}] * 2
    assert [(meta["id"], meta["order"]) for meta in listed] == [(first, 0), (second, 1)]
    [mine] = opsgenie.made("GET", "/v2/policies/alert", teamId=team)["data"]
    assert (mine["name"], mine["order"]) == ("of the team", 0)
    assert [meta["name"] for meta in opsgenie.made("GET", "/v2/policies/notification", teamId=team)["data"]] == ["late"]


def test_the_team_is_repeated_in_every_call(opsgenie: Caller, team: str) -> None:
    ident = policy(opsgenie, ALERT, teamId=team)
    one = f"/v2/policies/{ident}"
    calls = [("GET", one), ("PUT", one), ("POST", f"{one}/enable"), ("POST", f"{one}/change-order"), ("DELETE", one)]
    for method, path in calls:
        body = ALERT if method == "PUT" else {"targetIndex": 0} if "order" in path else None
        assert opsgenie(method, path, body)[0] == 404, path
        assert opsgenie(method, path, body, teamId=team)[0] == 200, path


@pytest.mark.parametrize("call", [("POST", "/v2/policies", NOTIFICATION), ("GET", "/v2/policies/notification", None)])
def test_a_notification_policy_needs_a_team(opsgenie: Caller, call: tuple[str, str, Any]) -> None:
    assert opsgenie(*call)[0] == 422


def test_a_put_resets_what_it_leaves_out(opsgenie: Caller) -> None:
    ident = policy(opsgenie, {**ALERT, "tags": ["a"], "continue": True, "policyDescription": "x"})
    opsgenie.made("PUT", f"/v2/policies/{ident}", {**ALERT, "name": "renamed"})
    read = opsgenie.made("GET", f"/v2/policies/{ident}")["data"]
    assert (read["name"], read["tags"], read["continue"], read["policyDescription"]) == ("renamed", [], False, "")


def test_conditions_come_back_in_another_order_and_teams_as_responders(opsgenie: Caller) -> None:
    conditions = [
        {"field": "teams", "operation": "equals", "expectedValue": "a"},
        {"field": "message", "operation": "contains", "expectedValue": "b"},
    ]
    ident = policy(opsgenie, {**ALERT, "filter": {"type": "match-any-condition", "conditions": conditions}})
    path = f"/v2/policies/{ident}"
    read = opsgenie.made("GET", path)["data"]
    assert [one["field"] for one in read["filter"]["conditions"]] == ["message", "responders"]
    assert {one["order"] for one in read["filter"]["conditions"]} == {0}
    opsgenie.made("PUT", path, {key: value for key, value in read.items() if key not in ("id", "order")})


def test_a_place_too_large_is_the_last(opsgenie: Caller) -> None:
    idents = [policy(opsgenie, {**ALERT, "name": name}) for name in "abc"]
    for index, names in ((99, "bca"), (0, "abc"), (1, "bac")):
        opsgenie.made("POST", f"/v2/policies/{idents[0]}/change-order", {"targetIndex": index})
        listed = opsgenie.made("GET", "/v2/policies/alert")["data"]
        assert ("".join(meta["name"] for meta in listed), [meta["order"] for meta in listed]) == (names, [0, 1, 2])
    opsgenie.made("DELETE", f"/v2/policies/{idents[1]}")
    assert [meta["order"] for meta in opsgenie.made("GET", "/v2/policies/alert")["data"]] == [0, 1]


DURATION = {"timeAmount": 5, "timeUnit": "minutes"}


@pytest.mark.parametrize(
    "change",
    [
        {"type": "other"},
        {"name": ""},
        {"name": "x" * 513},
        {"policyDescription": "x" * 513},
        {"enabled": None},
        {"message": None},
        {"suppress": True},
        {"priority": "P0"},
        {"details": [{"a": "b"}]},
        {"responders": [{"type": "user", "username": "ann@example.com"}]},
        {"filter": {"type": "match-all", "conditions": [{"field": "tags", "operation": "is-empty"}]}},
        {"filter": {"type": "match-any-condition"}},
        {"timeRestriction": {}},
        {"id": "x"},
    ],
    ids=str,
)
def test_a_wrong_alert_policy_is_refused(opsgenie: Caller, change: dict[str, Any]) -> None:
    assert opsgenie("POST", "/v2/policies", {**ALERT, **change})[0] == 422


@pytest.mark.parametrize(
    "change",
    [
        {"message": "x"},
        {"autoRestartAction": {"duration": DURATION}},
        {"autoCloseAction": {}},
        {"autoCloseAction": {"duration": {"timeAmount": 0}}},
        {"deduplicationAction": {"deduplicationActionType": "value-based", "count": 1}},
        {"deduplicationAction": {"deduplicationActionType": "value-based", "count": 101}},
        {"deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 2}},
        {"delayAction": {"delayOption": "for-duration"}},
        {"delayAction": {"delayOption": "next-time", "untilHour": 24}},
        {"delayAction": {"delayOption": "next-time", "untilMinute": 60}},
        {"delayAction": {"delayOption": "never"}},
        {"suppress": True, "delayAction": {"delayOption": "next-time"}},
    ],
    ids=str,
)
def test_a_wrong_notification_policy_is_refused(opsgenie: Caller, team: str, change: dict[str, Any]) -> None:
    assert opsgenie("POST", "/v2/policies", {**NOTIFICATION, **change}, teamId=team)[0] == 422


def test_a_policy_keeps_its_type_and_responders_must_be_there(opsgenie: Caller, team: str) -> None:
    ident = policy(opsgenie, NOTIFICATION, teamId=team)
    assert opsgenie("PUT", f"/v2/policies/{ident}", ALERT, teamId=team)[0] == 422
    assert opsgenie("POST", "/v2/policies", {**ALERT, "responders": [{"type": "user", "id": "absent"}]})[0] == 404


def test_a_team_takes_its_policies_along(opsgenie: Caller, team: str) -> None:
    policy(opsgenie, ALERT, teamId=team)
    kept = policy(opsgenie, ALERT)
    opsgenie.made("DELETE", f"/v2/teams/{team}")
    assert [meta["id"] for meta in opsgenie.made("GET", "/v2/policies/alert")["data"]] == [kept]


def test_the_key_of_a_team_sees_its_own_policies_alone(opsgenie: Caller, team: str) -> None:
    body = {"name": "in", "type": "API", "enabled": True, "ownerTeam": {"id": team}, "allowConfigurationAccess": True}
    mine = opsgenie.signed(opsgenie.made("POST", "/v2/integrations", body)["data"]["apiKey"])
    assert mine("GET", "/v2/policies/alert")[0] == 403
    assert mine("GET", "/v2/policies/alert", teamId=team)[0] == 200
