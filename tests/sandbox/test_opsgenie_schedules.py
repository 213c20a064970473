"""Opsgenie's schedules, rotations and escalations, as strict as the sheet says."""

from typing import Any

import pytest

from tests.sandbox.caller import Caller

BOB = {"type": "user", "username": "bob@example.com"}
ROTATION = {"type": "weekly", "startDate": "2026-01-05T09:00:00Z", "participants": [BOB]}
STEP = {"condition": "if-not-acked", "notifyType": "default", "delay": {"timeAmount": 5}, "recipient": BOB}


def schedule(opsgenie: Caller, **body: Any) -> Any:
    ident = opsgenie.made("POST", "/v2/schedules", {"name": "rota", **body})["data"]["id"]
    return opsgenie.made("GET", f"/v2/schedules/{ident}")["data"]


def test_a_schedule_gets_its_defaults(opsgenie: Caller) -> None:
    read = schedule(opsgenie, rotations=[ROTATION])
    assert (read["enabled"], read["description"], read["timezone"]) == (True, "", "Etc/UTC")
    (rotation,) = read["rotations"]
    assert (rotation["name"], rotation["length"], rotation["timeRestriction"]) == ("Rot1", 1, {})
    assert rotation["participants"][0]["username"] == "bob@example.com"


def test_rotations_are_listed_only_when_expanded(opsgenie: Caller) -> None:
    schedule(opsgenie, rotations=[ROTATION])
    bare = opsgenie.made("GET", "/v2/schedules")
    assert bare["expandable"] == ["rotation"]
    assert "rotations" not in bare["data"][0]
    assert opsgenie.made("GET", "/v2/schedules", expand="rotation")["data"][0]["rotations"]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-01-05T09:14:59Z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T09:15:00Z", "2026-01-05T09:30:00Z"),
        ("2026-01-05T23:45:00Z", "2026-01-06T00:00:00Z"),
        ("2026-01-05T18:00:00+09:00", "2026-01-05T09:00:00Z"),
    ],
)
def test_starts_are_rounded_to_the_half_hour(opsgenie: Caller, sent: str, read: str) -> None:
    assert schedule(opsgenie, rotations=[{**ROTATION, "startDate": sent}])["rotations"][0]["startDate"] == read


def _hours(start: tuple[int, int], end: tuple[int, int]) -> dict[str, int]:
    return {"startHour": start[0], "startMin": start[1], "endHour": end[0], "endMin": end[1]}


def test_restrictions_are_rounded_and_come_back_in_another_order(opsgenie: Caller) -> None:
    days = [{"startDay": day, "endDay": day, **_hours((9, 10), (17, 50))} for day in ("monday", "friday")]
    restriction = {"type": "weekday-and-time-of-day", "restrictions": days}
    read = schedule(opsgenie, rotations=[{**ROTATION, "timeRestriction": restriction}])["rotations"][0]
    assert [part["startDay"] for part in read["timeRestriction"]["restrictions"]] == ["friday", "monday"]
    assert read["timeRestriction"]["restrictions"][0] == {
        "startDay": "friday",
        "endDay": "friday",
        **_hours((9, 0), (18, 0)),
    }


def test_a_zone_may_come_back_under_another_name(opsgenie: Caller) -> None:
    assert schedule(opsgenie, timezone="Asia/Tokyo")["timezone"] == "Japan"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": "ok", "rotations": []}, 422),
        ({"name": "ok", "timezone": "Mars/Base"}, 422),
        ({"name": "ok", "timezone": "Asia"}, 422),
        ({"name": "ok", "description": "x" * 201}, 422),
        ({"name": "a.b"}, 422),
        ({"name": "ok", "enabled": "yes"}, 422),
        ({"name": "ok", "ownerTeam": {"name": "absent"}}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "participants": []}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "participants": [{"type": "schedule", "name": "x"}]}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "participants": [{"type": "team", "name": "absent"}]}]}, 404),
        ({"name": "ok", "rotations": [{**ROTATION, "type": "monthly"}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "length": 0}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "endDate": "2026-01-05T09:10:00Z"}]}, 422),
        ({"name": "ok", "rotations": [{"type": "weekly", "participants": [BOB]}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "startDate": "2026-01-05T09:00:00"}]}, 422),
        ({"name": "ok", "rotations": [{**ROTATION, "startDate": "9999-12-31T23:59:00Z"}]}, 422),
        ({"name": "rota"}, 409),
        ({"name": "payments"}, 409),
    ],
)
def test_a_wrong_schedule_is_refused(opsgenie: Caller, body: Any, status: int) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "payments"})
    schedule(opsgenie)
    assert opsgenie("POST", "/v2/schedules", body)[0] == status


def test_a_patch_leaves_what_it_does_not_name_and_renews_the_ids_of_rotations(opsgenie: Caller) -> None:
    before = schedule(opsgenie, description="kept", rotations=[ROTATION])
    opsgenie.made("PATCH", "/v2/schedules/rota", {"rotations": [ROTATION], "description": None}, identifierType="name")
    after = opsgenie.made("GET", f"/v2/schedules/{before['id']}")["data"]
    assert after["description"] == "kept"
    assert after["rotations"][0]["id"] != before["rotations"][0]["id"]


def test_a_rotation_lives_on_its_own(opsgenie: Caller) -> None:
    path = f"/v2/schedules/{schedule(opsgenie)['id']}/rotations"
    made = opsgenie.made("POST", path, {**ROTATION, "name": "nights"})["data"]
    opsgenie.made("PATCH", f"{path}/{made['id']}", {"length": 2})
    read = opsgenie.made("GET", f"{path}/{made['id']}")["data"]
    assert (read["id"], read["name"], read["length"], read["_parent"]["name"]) == (made["id"], "nights", 2, "rota")
    assert opsgenie("PATCH", f"{path}/{made['id']}", {"endDate": "2020-01-01T00:00:00Z"})[0] == 422
    opsgenie.made("DELETE", f"{path}/{made['id']}")
    assert opsgenie.made("GET", path)["data"] == []


def escalation(opsgenie: Caller, **body: Any) -> Any:
    sent = {"name": "steps", "rules": [STEP], **body}
    ident = opsgenie.made("POST", "/v2/escalations", sent)["data"]["id"]
    return opsgenie.made("GET", f"/v2/escalations/{ident}")["data"]


def test_the_steps_of_an_escalation_come_back_in_another_order(opsgenie: Caller) -> None:
    later = {**STEP, "delay": {"timeAmount": 10}}
    read = escalation(opsgenie, rules=[STEP, later])
    assert [rule["delay"] for rule in read["rules"]] == [
        {"timeUnit": "minutes", "timeAmount": 10},
        {"timeUnit": "minutes", "timeAmount": 5},
    ]
    assert read["rules"][0]["recipient"]["username"] == "bob@example.com"


def test_repeat_goes_only_by_a_wait_of_zero(opsgenie: Caller) -> None:
    path = f"/v2/escalations/{escalation(opsgenie, repeat={'waitInterval': 10, 'count': 3})['id']}"
    for kept in ({"description": "x"}, {"repeat": {}}, {"repeat": None}):
        opsgenie.made("PATCH", path, kept)
        assert opsgenie.made("GET", path)["data"]["repeat"]["count"] == 3
    opsgenie.made("PATCH", path, {"repeat": {"waitInterval": 20}})
    assert opsgenie.made("GET", path)["data"]["repeat"] == {
        "waitInterval": 20,
        "count": 3,
        "resetRecipientStates": False,
        "closeAlertAfterAll": False,
    }
    opsgenie.made("PATCH", path, {"repeat": {"waitInterval": 0}})
    assert "repeat" not in opsgenie.made("GET", path)["data"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x"}, 422),
        ({"name": "x", "rules": []}, 422),
        ({"name": "x", "rules": [{**STEP, "condition": "if-late"}]}, 422),
        ({"name": "x", "rules": [{**STEP, "delay": {"timeAmount": "5"}}]}, 422),
        ({"name": "x", "rules": [{**STEP, "delay": {"timeAmount": 5, "timeUnit": "hours"}}]}, 422),
        ({"name": "x", "rules": [{**STEP, "recipient": [BOB]}]}, 422),
        ({"name": "x", "rules": [{**STEP, "recipient": {"type": "none"}}]}, 422),
        ({"name": "x", "rules": [{**STEP, "recipient": {"type": "user", "id": "absent"}}]}, 404),
        ({"name": "steps", "rules": [STEP]}, 409),
    ],
)
def test_a_wrong_escalation_is_refused(opsgenie: Caller, body: Any, status: int) -> None:
    escalation(opsgenie)
    assert opsgenie("POST", "/v2/escalations", body)[0] == status


def test_what_is_in_use_cannot_be_deleted_until_it_is_repointed(opsgenie: Caller) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "payments"})
    (default,) = opsgenie.made("GET", "/v2/teams/payments/routing-rules", teamIdentifierType="name")["data"]
    for path in ("/v2/escalations/payments_escalation", "/v2/schedules/payments_schedule"):
        assert opsgenie("DELETE", path, identifierType="name")[0] == 422
    rule = f"/v2/teams/payments/routing-rules/{default['id']}"
    opsgenie.made("PATCH", rule, {"notify": {"type": "none"}}, teamIdentifierType="name")
    for path in ("/v2/escalations/payments_escalation", "/v2/schedules/payments_schedule"):
        opsgenie.made("DELETE", path, identifierType="name")


def test_a_renamed_object_shows_its_new_name_wherever_it_is_used(opsgenie: Caller) -> None:
    ident = opsgenie.made("POST", "/v2/teams", {"name": "old"})["data"]["id"]
    read = schedule(opsgenie, ownerTeam={"id": ident})
    opsgenie.made("PATCH", f"/v2/teams/{ident}", {"name": "new"})
    assert opsgenie.made("GET", f"/v2/schedules/{read['id']}")["data"]["ownerTeam"]["name"] == "new"
