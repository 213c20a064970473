"""PagerDuty's users, how they are reached, and their teams."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.pagerduty_caller import Pagerduty


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def team(pagerduty: Pagerduty) -> str:
    return str(pagerduty.made("POST", "/teams", {"team": {"type": "team", "name": "payments"}})["team"]["id"])


def new(pagerduty: Pagerduty, **fields: Any) -> tuple[int, Any]:
    return pagerduty("POST", "/users", {"user": {"type": "user", "name": "Eve", "email": "eve@example.com", **fields}})


def test_an_account_starts_with_people_who_can_be_reached(pagerduty: Pagerduty) -> None:
    users = pagerduty.made("GET", "/users?include[]=contact_methods")["users"]
    assert [user["email"] for user in users] == [
        "ann@example.com",
        "bob@example.com",
        "olga@example.ru",
        "hanako@example.jp",
    ]
    assert [user["contact_methods"][0]["address"] for user in users] == [user["email"] for user in users]


def test_names_are_trimmed_and_addresses_lower_cased(pagerduty: Pagerduty) -> None:
    status, answer = new(pagerduty, name="  Eve \t Example ", email="Eve@Example.COM")
    assert status == 201
    assert (answer["user"]["name"], answer["user"]["email"]) == ("Eve Example", "eve@example.com")
    assert (answer["user"]["role"], answer["user"]["time_zone"]) == ("user", "UTC")


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "ann@example.com"},
        {"email": "ANN@example.com"},
        {"email": "no address"},
        {"name": "x" * 101},
        {"name": " "},
        {"role": "king"},
        {"time_zone": "Mars/Base"},
        {"name": 7},
    ],
)
def test_a_wrong_user_is_refused(pagerduty: Pagerduty, fields: Any) -> None:
    status, answer = new(pagerduty, **fields)
    assert (status, answer["error"]["code"]) == (400, 2001)
    assert len(answer["error"]["errors"]) == 1


def test_a_person_is_found_by_a_part_of_the_address(pagerduty: Pagerduty) -> None:
    assert [user["name"] for user in pagerduty.made("GET", "/users", query="Hanako@")["users"]] == ["山田 花子"]


def test_somebody_others_count_on_cannot_be_deleted(pagerduty: Pagerduty) -> None:
    bob = pagerduty.user("bob@example.com")
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": bob, "type": "user_reference"}]}
    policy = pagerduty.policy(escalation_rules=[rule])
    assert pagerduty("DELETE", f"/users/{bob}")[0] == 400
    service = pagerduty.service(policy=policy)
    incident = {"type": "incident", "title": "t", "service": {"id": service, "type": "service_reference"}}
    pagerduty.made("POST", "/incidents", {"incident": incident})
    status, answer = pagerduty("DELETE", f"/users/{bob}")
    assert status == 400
    assert "incidents" in answer["error"]["errors"][0]


def test_a_deleted_person_leaves_nothing_behind(pagerduty: Pagerduty, team: str) -> None:
    user = new(pagerduty)[1]["user"]["id"]
    pagerduty.made("PUT", f"/teams/{team}/users/{user}", {"role": "observer"})
    assert pagerduty("DELETE", f"/users/{user}") == (204, None)
    assert pagerduty("GET", f"/users/{user}/contact_methods")[0] == 404
    assert pagerduty.made("GET", f"/teams/{team}/members")["members"] == []


def test_a_contact_method_stands_once(pagerduty: Pagerduty) -> None:
    methods = f"/users/{pagerduty.user('ann@example.com')}/contact_methods"
    body = {"type": "phone_contact_method", "label": "Work", "address": "5551234"}
    assert pagerduty.made("POST", methods, {"contact_method": body})["contact_method"]["country_code"] == 1
    status, answer = pagerduty("POST", methods, {"contact_method": body})
    assert status == 400
    assert answer["error"]["errors"] == ["User Contact method must be unique"]
    assert pagerduty("POST", methods, {"contact_method": {**body, "country_code": 49}})[0] == 201
    assert pagerduty("POST", methods, {"contact_method": {**body, "country_code": 2000}})[0] == 400


def test_a_rule_goes_with_its_contact_method(pagerduty: Pagerduty) -> None:
    ann = f"/users/{pagerduty.user('ann@example.com')}"
    (method,) = pagerduty.made("GET", f"{ann}/contact_methods")["contact_methods"]
    assert len(pagerduty.made("GET", f"{ann}/notification_rules", urgency="high")["notification_rules"]) == 1
    pagerduty.made("DELETE", f"{ann}/contact_methods/{method['id']}")
    assert pagerduty.made("GET", f"{ann}/notification_rules")["notification_rules"] == []


def test_members_come_change_and_go(pagerduty: Pagerduty, team: str) -> None:
    ann = pagerduty.user("ann@example.com")
    for role in ("responder", "manager"):
        assert pagerduty("PUT", f"/teams/{team}/users/{ann}", {"role": role}) == (204, None)
    (member,) = pagerduty.made("GET", f"/teams/{team}/members")["members"]
    assert (member["user"]["id"], member["user"]["type"], member["role"]) == (ann, "user_reference", "manager")
    (user,) = pagerduty.made("GET", f"/users?query=ann@&team_ids[]={team}")["users"]
    assert [part["id"] for part in user["teams"]] == [team]
    assert pagerduty("DELETE", f"/teams/{team}/users/{ann}") == (204, None)
    assert pagerduty("DELETE", f"/teams/{team}/users/{ann}")[0] == 404


def test_a_member_needs_a_role_there_is(pagerduty: Pagerduty, team: str) -> None:
    ann = pagerduty.user("ann@example.com")
    assert pagerduty("PUT", f"/teams/{team}/users/{ann}", {"role": "king"})[0] == 400
    reader = new(pagerduty, role="read_only_user")[1]["user"]["id"]
    assert pagerduty("PUT", f"/teams/{team}/users/{reader}", {"role": "observer"})[0] == 400


def test_a_member_the_teams_policy_names_cannot_go(pagerduty: Pagerduty, team: str) -> None:
    ann = pagerduty.user("ann@example.com")
    link = [{"id": team, "type": "team_reference"}]
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": ann, "type": "user_reference"}]}
    body = {"name": "p", "teams": link, "escalation_rules": [rule]}
    assert pagerduty("POST", "/escalation_policies", {"escalation_policy": body})[0] == 400
    pagerduty.made("PUT", f"/teams/{team}/users/{ann}", {"role": "responder"})
    pagerduty.made("POST", "/escalation_policies", {"escalation_policy": body})
    status, answer = pagerduty("DELETE", f"/teams/{team}/users/{ann}")
    assert (status, answer["error"]["code"]) == (400, 2001)
    assert answer["error"]["errors"] == ["User cannot be removed as they belong to an escalation policy on this team"]


def test_a_team_in_use_cannot_be_deleted(pagerduty: Pagerduty, team: str) -> None:
    policy = pagerduty.policy()
    pagerduty.made("PUT", f"/teams/{team}/escalation_policies/{policy}")
    pagerduty.service(policy=policy)
    status, answer = pagerduty("DELETE", f"/teams/{team}")
    assert (status, answer["error"]["code"]) == (400, 6006)
    assert answer["error"]["message"] == "Cannot delete team with existing associations"
    assert answer["error"]["errors"] == ["escalation policies: payments", "services: checkout"]
    pagerduty.made("DELETE", f"/teams/{team}/escalation_policies/{policy}")
    assert pagerduty("DELETE", f"/teams/{team}")[0] == 204


def test_a_policy_has_one_team(pagerduty: Pagerduty, team: str) -> None:
    other = pagerduty.made("POST", "/teams", {"team": {"name": "other"}})["team"]["id"]
    schedule = {"name": "s", "time_zone": "UTC", "schedule_layers": []}
    target = pagerduty.made("POST", "/schedules", {"schedule": schedule})["schedule"]["id"]
    rule = {"escalation_delay_in_minutes": 1, "targets": [{"id": target, "type": "schedule_reference"}]}
    policy = pagerduty.policy(escalation_rules=[rule])
    pagerduty.made("PUT", f"/teams/{team}/escalation_policies/{policy}")
    status, answer = pagerduty("PUT", f"/teams/{other}/escalation_policies/{policy}")
    assert status == 400
    assert answer["error"]["errors"] == ["Escalation Policy has already been taken"]
    assert pagerduty("DELETE", f"/teams/{other}/escalation_policies/{policy}")[0] == 204
    (held,) = pagerduty.made("GET", f"/escalation_policies/{policy}")["escalation_policy"]["teams"]
    assert held["id"] == team


def test_teams_stand_below_teams(pagerduty: Pagerduty, team: str) -> None:
    body = {"name": "cards", "parent": {"id": team, "type": "team_reference"}, "default_role": "none"}
    below = pagerduty.made("POST", "/teams", {"team": body})["team"]
    assert (below["parent"]["id"], below["default_role"]) == (team, "none")
    assert pagerduty("DELETE", f"/teams/{team}")[1]["error"]["code"] == 6006
