"""PagerDuty's schedules and escalation policies: layers that turn around, users whose turns begin anew, guards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty

START = "2026-01-05T09:00:00Z"
DAY = 86_400


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


def layer(pagerduty: Pagerduty, name: str, *emails: str, **fields: Any) -> Any:
    users = [{"user": {"id": pagerduty.user(email), "type": "user_reference"}} for email in emails]
    times = {"start": START, "rotation_virtual_start": START, "rotation_turn_length_seconds": DAY}
    return {"name": name, **times, "users": users, **fields}


def rota(pagerduty: Pagerduty, *layers: Any, **fields: Any) -> Any:
    body = {"type": "schedule", "name": "rota", "time_zone": "UTC", "schedule_layers": list(layers), **fields}
    return pagerduty.made("POST", "/schedules", {"schedule": body})["schedule"]


@pytest.fixture
def weekly(pagerduty: Pagerduty) -> Any:
    return rota(pagerduty, layer(pagerduty, "days", "ann@example.com", "bob@example.com"))


def on_call(pagerduty: Pagerduty, schedule: str, since: str, until: str) -> list[tuple[str, str]]:
    read = pagerduty.made("GET", f"/schedules/{schedule}", since=since, until=until)["schedule"]
    entries = read["final_schedule"]["rendered_schedule_entries"]
    return [(entry["user"]["summary"].split()[0], entry["start"][:16]) for entry in entries]


def test_layers_come_back_in_reverse(pagerduty: Pagerduty) -> None:
    made = rota(pagerduty, *(layer(pagerduty, name, "ann@example.com") for name in ("a", "b", "c")))
    assert [part["name"] for part in made["schedule_layers"]] == ["c", "b", "a"]
    read = pagerduty.made("GET", f"/schedules/{made['id']}")["schedule"]
    assert [part["name"] for part in read["schedule_layers"]] == ["c", "b", "a"]


def test_a_past_start_becomes_now(pagerduty: Pagerduty) -> None:
    (past,) = rota(pagerduty, layer(pagerduty, "a", "ann@example.com", start="2020-01-01T00:00:00Z"))["schedule_layers"]
    assert past["start"] == "2026-01-05T09:00:00+00:00"
    (later,) = rota(pagerduty, layer(pagerduty, "a", "ann@example.com", start="2027-01-01T00:00:00Z"))[
        "schedule_layers"
    ]
    assert later["start"] == "2027-01-01T00:00:00+00:00"


def test_times_are_shown_in_the_schedules_zone(pagerduty: Pagerduty) -> None:
    made = rota(pagerduty, layer(pagerduty, "a", "ann@example.com"), time_zone="Asia/Tokyo")
    assert made["schedule_layers"][0]["start"] == "2026-01-05T18:00:00+09:00"


def test_a_list_leaves_the_layers_out_unless_asked(pagerduty: Pagerduty, weekly: Any) -> None:
    (bare,) = pagerduty.made("GET", "/schedules")["schedules"]
    assert not {"schedule_layers", "final_schedule", "overrides_subschedule"} & set(bare)
    (full,) = pagerduty.made("GET", "/schedules?include[]=schedule_layers")["schedules"]
    assert full["schedule_layers"] == weekly["schedule_layers"]


def test_a_layer_that_is_not_sent_stays(pagerduty: Pagerduty, weekly: Any) -> None:
    body = {"schedule_layers": [layer(pagerduty, "nights", "bob@example.com")]}
    changed = pagerduty.made("PUT", f"/schedules/{weekly['id']}", {"schedule": body})["schedule"]
    assert [part["name"] for part in changed["schedule_layers"]] == ["nights", "days"]


def test_a_layer_ends_and_keeps_coming_back(control: Caller, pagerduty: Pagerduty, weekly: Any) -> None:
    control.made("POST", "/__clock", {"advance": 3600})
    ended = {"id": weekly["schedule_layers"][0]["id"], "end": "2026-01-05T10:00:00Z"}
    body = {"schedule": {"schedule_layers": [ended]}}
    (part,) = pagerduty.made("PUT", f"/schedules/{weekly['id']}", body)["schedule"]["schedule_layers"]
    assert part["end"] == "2026-01-05T10:00:00+00:00"
    control.made("POST", "/__clock", {"advance": 3600})
    read = pagerduty.made("GET", f"/schedules/{weekly['id']}")["schedule"]
    assert [one["end"] for one in read["schedule_layers"]] == ["2026-01-05T10:00:00+00:00"]
    assert on_call(pagerduty, weekly["id"], "2026-01-05T11:00:00Z", "2026-01-06T11:00:00Z") == []


def test_turns_follow_one_another(pagerduty: Pagerduty, weekly: Any) -> None:
    assert on_call(pagerduty, weekly["id"], "2026-01-05T12:00:00Z", "2026-01-08T09:00:00Z") == [
        ("Ann", "2026-01-05T12:00"),
        ("Bob", "2026-01-06T09:00"),
        ("Ann", "2026-01-07T09:00"),
    ]


def test_users_sent_again_begin_anew_and_somebody_else_is_on_call(
    control: Caller, pagerduty: Pagerduty, weekly: Any
) -> None:
    control.made("POST", "/__clock", {"advance": DAY + 3600})
    span = ("2026-01-06T12:00:00Z", "2026-01-06T13:00:00Z")
    assert on_call(pagerduty, weekly["id"], *span) == [("Bob", "2026-01-06T12:00")]
    (part,) = weekly["schedule_layers"]
    pagerduty.made("PUT", f"/schedules/{weekly['id']}", {"schedule": {"description": "x"}})
    renamed = {"id": part["id"], "name": "renamed"}
    pagerduty.made("PUT", f"/schedules/{weekly['id']}", {"schedule": {"schedule_layers": [renamed]}})
    assert on_call(pagerduty, weekly["id"], *span) == [("Bob", "2026-01-06T12:00")]
    again = {"id": part["id"], "users": part["users"]}
    (sent,) = pagerduty.made("PUT", f"/schedules/{weekly['id']}", {"schedule": {"schedule_layers": [again]}})[
        "schedule"
    ]["schedule_layers"]
    assert sent["users"] == part["users"]
    assert on_call(pagerduty, weekly["id"], *span) == [("Ann", "2026-01-06T12:00")]


def test_restrictions_cut_the_turns_in_the_schedules_zone(pagerduty: Pagerduty) -> None:
    daily = {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 4 * 3600}
    part = layer(pagerduty, "a", "ann@example.com", restrictions=[daily])
    made = rota(pagerduty, part, time_zone="Asia/Tokyo")
    assert on_call(pagerduty, made["id"], "2026-01-06T00:00:00Z", "2026-01-08T00:00:00Z") == [
        ("Ann", "2026-01-06T09:00"),
        ("Ann", "2026-01-07T09:00"),
    ]
    weekly = {"type": "weekly_restriction", "start_time_of_day": "22:00:00", "duration_seconds": 2 * DAY}
    part = layer(pagerduty, "w", "bob@example.com", restrictions=[{**weekly, "start_day_of_week": 6}])
    made = rota(pagerduty, {**part, "rotation_turn_length_seconds": 7 * DAY})
    begun = [start for _, start in on_call(pagerduty, made["id"], "2026-01-05T00:00:00Z", "2026-01-18T00:00:00Z")]
    # Monday is the rest of the weekend before; a turn that ends cuts the weekend in two.
    assert begun == ["2026-01-05T09:00", "2026-01-10T22:00", "2026-01-12T09:00", "2026-01-17T22:00"]


def test_the_last_layer_sent_lies_on_top_and_overrides_above_all(pagerduty: Pagerduty) -> None:
    low, high = layer(pagerduty, "low", "ann@example.com"), layer(pagerduty, "high", "bob@example.com")
    office = {"type": "daily_restriction", "start_time_of_day": "12:00:00", "duration_seconds": 3600}
    made = rota(pagerduty, low, {**high, "restrictions": [office]})
    span = ("2026-01-06T11:00:00Z", "2026-01-06T14:00:00Z")
    assert on_call(pagerduty, made["id"], *span) == [
        ("Ann", "2026-01-06T11:00"),
        ("Bob", "2026-01-06T12:00"),
        ("Ann", "2026-01-06T13:00"),
    ]
    olga = {"id": pagerduty.user("hanako@example.jp"), "type": "user_reference"}
    override = {"start": "2026-01-06T12:30:00Z", "end": "2026-01-06T13:30:00Z", "user": olga}
    (answer,) = pagerduty.made("POST", f"/schedules/{made['id']}/overrides", {"overrides": [override]})
    assert answer["status"] == 201
    assert [name for name, _ in on_call(pagerduty, made["id"], *span)] == ["Ann", "Bob", "山田", "Ann"]


def test_an_override_goes_ends_or_stays(control: Caller, pagerduty: Pagerduty, weekly: Any) -> None:
    path = f"/schedules/{weekly['id']}/overrides"
    user = {"id": pagerduty.user("bob@example.com"), "type": "user_reference"}
    spans = (("2026-01-05T09:00:00Z", "2026-01-05T12:00:00Z"), ("2026-01-06T09:00:00Z", "2026-01-06T12:00:00Z"))
    given = [{"start": start, "end": end, "user": user} for start, end in spans]
    given += [{"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z", "user": user}]
    answers = pagerduty.made("POST", path, {"overrides": given})
    assert [answer["status"] for answer in answers] == [201, 201, 400]
    running, future = (answer["override"]["id"] for answer in answers[:2])
    control.made("POST", "/__clock", {"advance": 3600})
    assert pagerduty("DELETE", f"{path}/{future}")[0] == 204
    status, answer = pagerduty("DELETE", f"{path}/{running}")
    assert (status, answer["override"]["end"]) == (200, "2026-01-05T10:00:00Z")
    assert pagerduty("DELETE", f"{path}/{running}")[1]["error"]["code"] == 4004
    span = {"since": "2026-01-05T00:00:00Z", "until": "2026-01-07T00:00:00Z"}
    assert [part["id"] for part in pagerduty.made("GET", path, **span)["overrides"]] == [running]
    assert pagerduty("GET", path)[0] == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"users": []},
        {"start": "soon"},
        {"rotation_turn_length_seconds": 60},
        {"rotation_turn_length_seconds": 31_536_001},
        {"end": "2026-01-01T00:00:00Z"},
        {"users": [{"user": {"id": "PNONE", "type": "user_reference"}}]},
        {"id": "PNONE"},
        {
            "restrictions": [
                {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": DAY},
            ]
        },
        {
            "restrictions": [
                {"type": "weekly_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 3600},
            ]
        },
        {"restrictions": [{"type": "daily_restriction", "start_time_of_day": "9:00", "duration_seconds": 3600}]},
    ],
)
def test_a_wrong_layer_is_refused(pagerduty: Pagerduty, fields: Any) -> None:
    wrong = layer(pagerduty, "a", "ann@example.com", **fields)
    body = {"type": "schedule", "name": "x", "time_zone": "UTC", "schedule_layers": [wrong]}
    assert pagerduty("POST", "/schedules", {"schedule": body})[0] == 400
    assert pagerduty.made("GET", "/schedules")["schedules"] == []


def test_a_schedule_in_use_cannot_be_deleted(pagerduty: Pagerduty, weekly: Any) -> None:
    target = {"id": weekly["id"], "type": "schedule_reference"}
    policy = pagerduty.policy(escalation_rules=[{"escalation_delay_in_minutes": 5, "targets": [target]}])
    status, answer = pagerduty("DELETE", f"/schedules/{weekly['id']}")
    assert status == 400
    assert answer["error"]["errors"] == ["Schedule can't be deleted if it's being used by escalation policies"]
    service = {"id": pagerduty.service(policy=policy), "type": "service_reference"}
    incident = {"type": "incident", "title": "t", "service": service}
    ident = pagerduty.made("POST", "/incidents", {"incident": incident})["incident"]["id"]
    ann = {"id": pagerduty.user("ann@example.com"), "type": "user_reference"}
    rules = {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": [ann]}]}
    pagerduty.made("PUT", f"/escalation_policies/{policy}", {"escalation_policy": rules})
    status, answer = pagerduty("DELETE", f"/schedules/{weekly['id']}")
    assert answer["error"]["errors"] == [
        "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
    ]
    pagerduty.made("PUT", f"/incidents/{ident}", {"incident": {"type": "incident", "status": "resolved"}})
    assert pagerduty("DELETE", f"/schedules/{weekly['id']}")[0] == 204


def test_an_upgraded_schedule_is_a_target_and_takes_no_write(
    control: Caller, pagerduty: Pagerduty, weekly: Any
) -> None:
    target = {"id": weekly["id"], "type": "schedule_reference"}
    policy = pagerduty.policy(escalation_rules=[{"escalation_delay_in_minutes": 5, "targets": [target]}])
    control.made("POST", "/__edit", {"vendor": "pagerduty", "path": "schedules/rota/upgrade", "json": {}})
    read = pagerduty.made("GET", f"/escalation_policies/{policy}")["escalation_policy"]
    assert read["escalation_rules"][0]["targets"][0]["type"] == "schedule_v3_reference"
    again = {
        "escalation_rules": [{"escalation_delay_in_minutes": 6, "targets": read["escalation_rules"][0]["targets"]}]
    }
    pagerduty.made("PUT", f"/escalation_policies/{policy}", {"escalation_policy": again})
    status, answer = pagerduty("PUT", f"/schedules/{weekly['id']}", {"schedule": {"name": "x"}})
    assert (status, answer["error"]["code"]) == (400, 3001)


def test_a_policy_has_the_vendors_defaults(pagerduty: Pagerduty) -> None:
    ident = pagerduty.policy()
    read = pagerduty.made("GET", f"/escalation_policies/{ident}")["escalation_policy"]
    assert (read["num_loops"], read["on_call_handoff_notifications"]) == (0, "if_has_services")
    assert (read["description"], read["teams"], read["services"]) == (None, [], [])
    (rule,) = read["escalation_rules"]
    assert set(rule) == {"id", "escalation_delay_in_minutes", "targets"}
    assert rule["targets"][0]["type"] == "user_reference"


def test_a_strategy_is_shown_to_those_who_ask_and_may(control: Caller, pagerduty: Pagerduty) -> None:
    ann = {"id": pagerduty.user("ann@example.com"), "type": "user_reference"}
    robin = {"type": "round_robin"}
    rule = {"escalation_delay_in_minutes": 5, "targets": [ann], "escalation_rule_assignment_strategy": robin}
    ident = pagerduty.policy(escalation_rules=[rule])
    asked = f"/escalation_policies/{ident}?include[]=escalation_rule_assignment_strategies"
    read = pagerduty.made("GET", asked)["escalation_policy"]
    assert read["escalation_rules"][0]["escalation_rule_assignment_strategy"] == robin
    control.made("POST", "/__settings", {"pagerduty": {"plan": "basic"}})
    assert pagerduty("GET", asked)[0] == 403
    assert pagerduty("GET", f"/escalation_policies/{ident}")[0] == 200
    body = {"escalation_policy": {"escalation_rules": [rule]}}
    assert pagerduty("PUT", f"/escalation_policies/{ident}", body)[0] == 403


@pytest.mark.parametrize(
    ("rules", "status", "code"),
    [
        ([], 400, 2001),
        ([{"escalation_delay_in_minutes": 0, "targets": [{"id": "ANN", "type": "user"}]}], 400, 2001),
        ([{"escalation_delay_in_minutes": 5, "targets": []}], 400, 2001),
        ([{"escalation_delay_in_minutes": 5, "targets": [{"id": "ANN", "type": "user"}] * 11}], 400, 2001),
        ([{"escalation_delay_in_minutes": 5, "targets": [{"id": "ANN", "type": "team_reference"}]}], 400, 2001),
        ([{"escalation_delay_in_minutes": 5, "targets": [{"id": "PNONE", "type": "user_reference"}]}], 404, 2100),
        ([{"escalation_delay_in_minutes": 5, "targets": [{"id": "ROTA"}]}], 404, 2100),  # without a type: a user
    ],
)
def test_a_wrong_rule_is_refused(pagerduty: Pagerduty, weekly: Any, rules: Any, status: int, code: int) -> None:
    ident = pagerduty.policy()
    known = {"ANN": pagerduty.user("ann@example.com"), "ROTA": weekly["id"]}
    for rule in rules:
        rule["targets"] = [{**part, "id": known.get(part["id"], part["id"])} for part in rule["targets"]]
    body = {"escalation_policy": {"escalation_rules": rules}}
    found, answer = pagerduty("PUT", f"/escalation_policies/{ident}", body)
    assert (found, answer["error"]["code"]) == (status, code)
    assert rules or answer["error"]["errors"] == ["Cannot Delete Only Rule For Escalation Policy"]


def test_rules_keep_their_ids_when_they_are_sent_back(pagerduty: Pagerduty) -> None:
    ident = pagerduty.policy()
    (rule,) = pagerduty.made("GET", f"/escalation_policies/{ident}")["escalation_policy"]["escalation_rules"]
    sent = [{**rule, "escalation_delay_in_minutes": 30}, {**rule, "id": None}, {**rule, "id": "PMINE"}]
    body = {"escalation_policy": {"escalation_rules": sent}}
    rules = pagerduty.made("PUT", f"/escalation_policies/{ident}", body)["escalation_policy"]["escalation_rules"]
    assert rules[0]["id"] == rule["id"]
    assert len({part["id"] for part in rules} | {"PMINE"}) == 4


def test_targets_may_come_back_turned(control: Caller, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__settings", {"pagerduty": {"targets": "turned"}})
    people = [pagerduty.user(email) for email in ("ann@example.com", "bob@example.com")]
    targets = [{"id": person, "type": "user_reference"} for person in people]
    ident = pagerduty.policy(escalation_rules=[{"escalation_delay_in_minutes": 5, "targets": targets}])
    (rule,) = pagerduty.made("GET", f"/escalation_policies/{ident}")["escalation_policy"]["escalation_rules"]
    assert [target["id"] for target in rule["targets"]] == people[::-1]


def test_a_policy_in_use_cannot_be_deleted(pagerduty: Pagerduty) -> None:
    ident = pagerduty.policy()
    service = pagerduty.service(policy=ident)
    status, answer = pagerduty("DELETE", f"/escalation_policies/{ident}")
    assert (status, answer["error"]["code"]) == (400, 2001)
    pagerduty.made("DELETE", f"/services/{service}")
    assert pagerduty("DELETE", f"/escalation_policies/{ident}")[0] == 204


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(1, 14), st.integers(0, 13))
def test_somebody_is_always_on_call_in_a_layer_without_restrictions(people: list[int], days: int, ahead: int) -> None:
    pagerduty = Pagerduty.of(Sandbox())
    emails = [user["email"] for user in pagerduty.made("GET", "/users")["users"]]
    part = layer(pagerduty, "a", *(emails[person] for person in people), rotation_turn_length_seconds=days * DAY)
    made = rota(pagerduty, part)
    span = {"since": f"2026-02-{1 + ahead:02}T05:00:00Z", "until": f"2026-02-{15 + ahead:02}T05:00:00Z"}
    read = pagerduty.made("GET", f"/schedules/{made['id']}", **span)["schedule"]
    entries = read["final_schedule"]["rendered_schedule_entries"]
    assert read["final_schedule"]["rendered_coverage_percentage"] == 100
    assert [one["end"] for one in entries[:-1]] == [one["start"] for one in entries[1:]]
    assert {entry["user"]["id"] for entry in entries} <= {user["user"]["id"] for user in part["users"]}
