"""Opsgenie's teams, routing rules and users, as strict as the sheet says."""

from typing import Any

import pytest

from tests.sandbox.caller import Caller

BY_NAME = {"identifierType": "name"}
IN_TEAM = {"teamIdentifierType": "name"}


@pytest.fixture
def team(opsgenie: Caller) -> str:
    return str(opsgenie.made("POST", "/v2/teams", {"name": "payments"})["data"]["id"])


def rules(opsgenie: Caller) -> list[Any]:
    return opsgenie.made("GET", "/v2/teams/payments/routing-rules", **IN_TEAM)["data"]


def test_a_team_is_created_and_read_by_id_and_by_name(opsgenie: Caller) -> None:
    body = {"name": "payments", "members": [{"user": {"username": "ann@example.com"}, "role": "admin"}]}
    status, answer = opsgenie("POST", "/v2/teams", body)
    assert status == 201
    assert answer["result"] == "Created"
    assert set(answer) == {"result", "data", "took", "requestId"}
    ident = answer["data"]["id"]
    read = opsgenie.made("GET", f"/v2/teams/{ident}")["data"]
    assert read == opsgenie.made("GET", "/v2/teams/payments", **BY_NAME)["data"]
    assert read["description"] == ""
    assert [(m["user"]["username"], m["role"]) for m in read["members"]] == [("ann@example.com", "admin")]
    assert opsgenie("GET", "/v2/teams/payments")[0] == 404


def test_the_list_of_teams_leaves_the_members_out(opsgenie: Caller, team: str) -> None:
    assert opsgenie.made("GET", "/v2/teams")["data"] == [{"id": team, "name": "payments", "description": ""}]


def test_a_new_team_brings_a_schedule_an_escalation_and_a_rule(opsgenie: Caller, team: str) -> None:
    for path in ("/v2/schedules", "/v2/escalations"):
        owned = opsgenie.made("GET", path)["data"]
        assert [part["ownerTeam"] for part in owned] == [{"id": team, "name": "payments"}]
    (rule,) = rules(opsgenie)
    assert (rule["isDefault"], rule["order"], rule["timeRestriction"]) == (True, 0, {})
    assert rule["notify"]["type"] == "escalation"


def test_members_are_replaced_whole(opsgenie: Caller, team: str) -> None:
    for username in ("ann@example.com", "bob@example.com"):
        opsgenie.made("PATCH", f"/v2/teams/{team}", {"members": [{"user": {"username": username}}]})
    (member,) = opsgenie.made("GET", f"/v2/teams/{team}")["data"]["members"]
    assert (member["user"]["username"], member["role"]) == ("bob@example.com", "user")


def test_members_come_and_go_one_by_one(opsgenie: Caller, team: str) -> None:
    opsgenie.made("POST", f"/v2/teams/{team}/members", {"user": {"username": "ann@example.com"}, "role": "admin"})
    opsgenie.made("DELETE", f"/v2/teams/{team}/members/ann@example.com")
    assert opsgenie.made("GET", f"/v2/teams/{team}")["data"]["members"] == []
    assert opsgenie("DELETE", f"/v2/teams/{team}/members/ann@example.com")[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": ""}, 422, "name"),
        ({"name": 7}, 422, "name"),
        ({"name": "x" * 101}, 422, "name"),
        ({"name": "支払い"}, 422, "name"),
        ({"name": "x", "nmae": "y"}, 422, "nmae"),
        ({"name": "x", "members": [{"user": {"username": "nobody@example.com"}}]}, 422, "members"),
        ({"name": "x", "members": [{"user": {"username": "ann@example.com"}, "role": "king"}]}, 422, "members"),
        ({"name": "payments"}, 409, None),
    ],
)
def test_a_wrong_team_is_refused(opsgenie: Caller, team: str, body: Any, status: int, field: str | None) -> None:
    found, answer = opsgenie("POST", "/v2/teams", body)
    assert found == status
    assert set(answer) >= {"message", "took", "requestId"}
    assert field is None or field in answer["errors"]


def test_any_name_goes_when_the_settings_say_so(control: Caller, opsgenie: Caller) -> None:
    control.made("POST", "/__settings", {"opsgenie": {"names": "any"}})
    assert opsgenie("POST", "/v2/teams", {"name": "支払い"})[0] == 201
    assert opsgenie("GET", "/v2/teams/%E6%94%AF%E6%89%95%E3%81%84", **BY_NAME)[0] == 200


@pytest.mark.parametrize(("way", "left"), [("cascade", 0), ("orphan", 2)])
def test_what_a_team_owns_goes_with_it_or_stays(
    control: Caller, opsgenie: Caller, team: str, way: str, left: int
) -> None:
    control.made("POST", "/__settings", {"opsgenie": {"team_delete": way}})
    opsgenie.made("DELETE", "/v2/teams/payments", **BY_NAME)
    owned = [*opsgenie.made("GET", "/v2/schedules")["data"], *opsgenie.made("GET", "/v2/escalations")["data"]]
    assert len(owned) == left
    assert all("ownerTeam" not in part for part in owned)


def test_new_rules_go_before_the_default_in_the_order_asked_for(opsgenie: Caller, team: str) -> None:
    for name, order in (("b", 0), ("c", 1), ("a", 0)):
        body = {"name": name, "order": order, "notify": {"type": "none"}}
        opsgenie.made("POST", f"/v2/teams/{team}/routing-rules", body)
    assert [(rule["name"], rule["order"]) for rule in rules(opsgenie)][:3] == [("a", 0), ("b", 1), ("c", 2)]
    moved = rules(opsgenie)[0]["id"]
    opsgenie.made("POST", f"/v2/teams/{team}/routing-rules/{moved}/change-order", {"order": 2})
    assert [rule["name"] for rule in rules(opsgenie)][:3] == ["b", "c", "a"]
    assert rules(opsgenie)[3]["isDefault"]
    opsgenie.made("DELETE", f"/v2/teams/{team}/routing-rules/{moved}")
    assert [rule["order"] for rule in rules(opsgenie)] == [0, 1, 2]


def test_the_default_rule_keeps_its_place_zone_and_life(opsgenie: Caller, team: str) -> None:
    path = f"/v2/teams/{team}/routing-rules/{rules(opsgenie)[0]['id']}"
    assert opsgenie("POST", f"{path}/change-order", {"order": 0})[0] == 403
    assert opsgenie("PATCH", path, {"timezone": "UTC"})[0] == 422
    assert opsgenie("DELETE", path)[0] == 403
    opsgenie.made("PATCH", path, {"notify": {"type": "schedule", "name": "payments_schedule"}})
    assert rules(opsgenie)[0]["notify"]["name"] == "payments_schedule"


CONDITION = {"field": "message", "operation": "contains", "expectedValue": "x"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"notify": {"type": "user", "id": "x"}}, 422),
        ({"notify": {"type": "schedule"}}, 422),
        ({"notify": {"type": "schedule", "name": "absent"}}, 404),
        ({"notify": {"type": "none"}, "order": 5}, 422),
        ({"notify": {"type": "none"}, "criteria": {"type": "match-all-conditions"}}, 422),
        ({"notify": {"type": "none"}, "criteria": {"type": "match-all", "conditions": [CONDITION]}}, 422),
        (
            {
                "notify": {"type": "none"},
                "criteria": {
                    "type": "match-all-conditions",
                    "conditions": [{**CONDITION, "field": "priority", "operation": "equals"}],
                },
            },
            422,
        ),
        ({"notify": {"type": "none"}, "timezone": "Mars/Base"}, 422),
    ],
)
def test_a_wrong_rule_is_refused(opsgenie: Caller, team: str, body: Any, status: int) -> None:
    assert opsgenie("POST", f"/v2/teams/{team}/routing-rules", body)[0] == status


def test_conditions_come_back_in_another_order_with_defaults(opsgenie: Caller, team: str) -> None:
    conditions = [{**CONDITION, "order": 3}, {**CONDITION, "expectedValue": "y", "not": True}]
    body = {"notify": {"type": "none"}, "criteria": {"type": "match-any-condition", "conditions": conditions}}
    opsgenie.made("POST", f"/v2/teams/{team}/routing-rules", body)
    read = rules(opsgenie)[0]["criteria"]["conditions"]
    assert [(part["expectedValue"], part["not"], part["order"]) for part in read] == [("y", True, 0), ("x", False, 0)]


def test_the_order_of_a_rule_is_no_part_of_a_patch(opsgenie: Caller, team: str) -> None:
    path = f"/v2/teams/{team}/routing-rules/{rules(opsgenie)[0]['id']}"
    assert "order" in opsgenie("PATCH", path, {"order": 0})[1]["errors"]


def test_an_account_starts_with_people(opsgenie: Caller) -> None:
    answer = opsgenie.made("GET", "/v2/users")
    assert [user["username"] for user in answer["data"]] == sorted(user["username"] for user in answer["data"])
    assert answer["totalCount"] == 4
    assert "山田 花子" in [user["fullName"] for user in answer["data"]]


def test_users_are_paged(opsgenie: Caller) -> None:
    first = opsgenie.made("GET", "/v2/users", limit="3")
    rest = opsgenie.made("GET", "/v2/users", limit="3", offset="3")
    assert (len(first["data"]), len(rest["data"])) == (3, 1)
    assert "next" in first["paging"]
    assert "next" not in rest["paging"]
    assert opsgenie("GET", "/v2/users", limit="101")[0] == 422


def test_a_user_lives(opsgenie: Caller) -> None:
    body = {"username": "eve@example.com", "fullName": "Eve", "role": {"name": "user"}}
    ident = opsgenie.made("POST", "/v2/users", body)["data"]["id"]
    assert opsgenie("POST", "/v2/users", body)[0] == 409
    opsgenie.made("PATCH", "/v2/users/eve@example.com", {"fullName": "Eve Example"})
    assert opsgenie.made("GET", f"/v2/users/{ident}")["data"]["fullName"] == "Eve Example"
    assert opsgenie("PATCH", f"/v2/users/{ident}", {"username": "other@example.com"})[0] == 422
    opsgenie.made("DELETE", f"/v2/users/{ident}")
    assert opsgenie("GET", f"/v2/users/{ident}")[0] == 404


def test_a_user_in_use_cannot_be_deleted(opsgenie: Caller, team: str) -> None:
    opsgenie.made("POST", f"/v2/teams/{team}/members", {"user": {"username": "ann@example.com"}})
    status, answer = opsgenie("DELETE", "/v2/users/ann@example.com")
    assert status == 428
    assert "payments" in answer["message"]
