"""pagerduty/Schedule: layers that turn round on the way, end instead of going, and must not be shuffled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.engine.overlay import contains
from reconciler.kinds.step import Context, Work
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    kind_of,
    mistakes,
    on_the_wire,
    sent,
    tree_of,
)
from tests.kinds.pagerduty_project import applied, ask, document, named, settled, stage_in

NAME = "pagerduty/Schedule"
KIND = kind_of(NAME)
# The sandbox's clock, and the kit's, stand in 2026: these are past, and yet to come.
PAST, LATER, LATEST = "2025-01-06T09:00:00Z", "2026-06-01T09:00:00Z", "2026-07-01T09:00:00Z"


def layer(name: str, *users: str, **fields: Any) -> dict[str, Any]:
    whole = {"start": PAST, "rotation_turn_length_seconds": "1w", "users": list(users or ("ann@example.com",))}
    return {"name": name, **whole, **fields}


def schedule(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "primary", "time_zone": "UTC", "schedule_layers": list(layers), **fields}


def on_wire(name: str, *users: str, **fields: Any) -> dict[str, Any]:
    whole = {"name": name, "start": "2025-01-06T09:00:00Z", "rotation_turn_length_seconds": 604800}
    people = [{"user": {"id": f"id:{user}", "type": "user_reference"}} for user in users or ("ann@example.com",)]
    return {"rotation_virtual_start": whole["start"], **whole, "users": people, **fields}


NIGHT = {"type": "daily_restriction", "start_time_of_day": "22:00", "duration_seconds": "8h"}
WEEKEND = {
    "type": "weekly_restriction",
    "start_day_of_week": 6,
    "start_time_of_day": "00:00:00",
    "duration_seconds": 172_800,
}


@cases(
    Case(
        "layers come back from the last to the first, rendered, in another offset",
        NAME,
        schedule(layer("days"), layer("nights", "bob@example.com", restrictions=[WEEKEND, NIGHT]), teams=["payments"]),
        {
            "type": "schedule",
            "name": "primary",
            "time_zone": "UTC",
            "teams": [{"id": "id:payments", "type": "team_reference"}],
            "schedule_layers": [
                on_wire("days"),
                on_wire(
                    "nights",
                    "bob@example.com",
                    restrictions=[
                        WEEKEND,
                        {
                            "type": "daily_restriction",
                            "start_time_of_day": "22:00:00",
                            "duration_seconds": 28_800,
                        },
                    ],
                ),
            ],
        },
        {
            "name": "primary",
            "type": "schedule",
            "time_zone": "UTC",
            "description": None,
            "teams": [{"id": "id:payments", "type": "team_reference"}],
            "escalation_policies": [],
            "users": [{"id": "id:ann@example.com"}],
            "schedule_layers": [
                on_wire(
                    "nights",
                    "bob@example.com",
                    id="L2",
                    end=None,
                    start="2025-01-06T10:00:00+01:00",
                    rendered_schedule_entries=[],
                    restrictions=[
                        {
                            "type": "daily_restriction",
                            "start_time_of_day": "22:00:00",
                            "duration_seconds": 28_800,
                            "start_day_of_week": 0,
                        },
                        WEEKEND,
                    ],
                ),
                on_wire("days", id="L1", end=None, restrictions=[], rendered_coverage_percentage=None),
                on_wire("gone", id="L0", end="2025-12-31T00:00:00Z"),
            ],
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", **case.raw})


@mistakes(
    Mistake(NAME, {"time_zone": "Europe/Berln"}, ("time_zone",), "did you mean Europe/Berlin?"),
    Mistake(NAME, {"schedule_layers": []}, ("schedule_layers",), "at least 1"),
    Mistake(NAME, schedule(layer("a"), layer("a")), ("schedule_layers",), "the same name"),
    Mistake(NAME, schedule({"start": PAST}), ("schedule_layers", 0, "name"), "required"),
    Mistake(NAME, schedule(layer("a", start="monday")), ("schedule_layers", 0, "start"), "no instant"),
    Mistake(NAME, schedule(layer("a", start="2026-01-05T09:00:00")), ("schedule_layers", 0, "start"), "with an offset"),
    Mistake(NAME, schedule(layer("a", end=PAST)), ("schedule_layers", 0, "end"), "not later than start"),
    Mistake(
        NAME,
        schedule(layer("a", rotation_turn_length_seconds="30m")),
        ("schedule_layers", 0, "rotation_turn_length_seconds"),
        "greater than or equal to 3600",
    ),
    Mistake(
        NAME,
        schedule(layer("a", rotation_turn_length_seconds="400d")),
        ("schedule_layers", 0, "rotation_turn_length_seconds"),
        "less than or equal to 31536000",
    ),
    Mistake(NAME, schedule({"name": "a", "users": []}), ("schedule_layers", 0, "users"), "at least 1"),
    Mistake(
        NAME,
        schedule(layer("a", restrictions=[NIGHT | {"duration_seconds": "1d"}])),
        ("schedule_layers", 0, "restrictions", 0, "daily_restriction", "duration_seconds"),
        "less than 86400",
    ),
    Mistake(
        NAME,
        schedule(layer("a", restrictions=[WEEKEND | {"duration_seconds": "7d"}])),
        ("schedule_layers", 0, "restrictions", 0, "weekly_restriction", "duration_seconds"),
        "less than 604800",
    ),
    Mistake(
        NAME,
        schedule(layer("a", restrictions=[WEEKEND | {"start_day_of_week": 0}])),
        ("schedule_layers", 0, "restrictions", 0, "weekly_restriction", "start_day_of_week"),
        "greater than or equal to 1",
    ),
    Mistake(
        NAME,
        schedule(layer("a", restrictions=[NIGHT | {"start_day_of_week": 1}])),
        ("schedule_layers", 0, "restrictions", 0, "daily_restriction", "start_day_of_week"),
        "not permitted",
    ),
    Mistake(
        NAME,
        schedule(layer("a", restrictions=[NIGHT | {"start_time_of_day": "24:00"}])),
        ("schedule_layers", 0, "restrictions", 0, "daily_restriction", "start_time_of_day"),
        "match pattern",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── what goes out ───────────────────────────────────────────────────────────────────────────────────────────────────


def live(*layers: dict[str, Any]) -> dict[str, Any]:
    """The live tree of a schedule with these layers, which got the ids L0, L1, …"""
    raw = [{**one, "id": f"L{index}"} for index, one in enumerate(layers)]
    tree = bound(KIND.from_api({"name": "primary", "time_zone": "UTC", "schedule_layers": raw[::-1]}, CONTEXT))
    assert isinstance(tree, dict)
    return tree


def update(before: dict[str, Any], layers: list[Any]) -> list[Any]:
    work = Work("update", {**before, "schedule_layers": layers}, frozenset({"schedule_layers"}), before)
    [step] = KIND.steps(work, CONTEXT)
    assert (step.method, step.path, step.wrap) == ("PUT", "/schedules/{id}", ("schedule",))
    body = on_the_wire(step.body, {})["schedule_layers"]
    assert isinstance(body, list)
    return body


def test_a_users_list_that_did_not_change_is_not_sent_again() -> None:
    before = live(on_wire("days"), on_wire("nights", "bob@example.com"))
    days, nights = before["schedule_layers"]
    body = update(before, [days, {**nights, "rotation_turn_length_seconds": 86_400}])
    assert [sorted(one) for one in body] == [sorted({*on_wire("x"), "id"} - {"users"})] * 2
    assert [one["id"] for one in body] == ["L0", "L1"]


def test_a_users_list_that_changed_is_sent() -> None:
    before = live(on_wire("days"), on_wire("nights"))
    days, nights = before["schedule_layers"]
    body = update(before, [days, {**nights, "users": days["users"] * 2}])
    assert [len(one.get("users", ())) for one in body] == [0, 2]


def test_a_layer_that_is_not_named_ends_now() -> None:
    before = live(on_wire("days"), on_wire("nights"))
    body = update(before, before["schedule_layers"][1:])
    assert [(one["id"], one.get("end")) for one in body] == [("L1", None), ("L0", "2026-01-01T00:00:00Z")]
    assert not any("users" in one for one in body)


def test_a_new_layer_counts_its_turns_from_its_start() -> None:
    before = live(on_wire("days"))
    new = bound(tree_of(NAME, schedule(layer("nights", start=LATER))))["schedule_layers"][0]
    body = update(before, [*before["schedule_layers"], new])
    assert (body[1]["rotation_virtual_start"], "id" in body[1]) == (LATER, False)


def test_where_no_layer_changed_none_is_sent() -> None:
    before = live(on_wire("days"))
    [step] = KIND.steps(Work("update", {**before, "name": "x"}, frozenset({"name"}), before), CONTEXT)
    assert step.body == {"type": "schedule", "name": "x"}


def test_what_a_new_layer_lacks_is_told() -> None:
    assert KIND.missing(schedule({"name": "a", "start": PAST})) == (
        "schedule_layers.a.rotation_turn_length_seconds",
        "schedule_layers.a.users",
    )


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "there", "same"),
    [
        (PAST, "2025-12-01T00:00:00Z", True),
        (LATER, LATER, True),
        (LATER, "2026-06-01T18:00:00+09:00", True),
        (LATER, LATEST, False),
        (PAST, LATER, False),
        (LATER, PAST, False),
    ],
)
def test_any_past_start_is_as_good_as_any_other(wanted: str, there: str, same: bool) -> None:
    before = live(on_wire("days", start=there))
    tree = bound(tree_of(NAME, {"schedule_layers": [{"name": "days", "start": wanted}]}))
    assert contains(KIND.shape, KIND.meant(tree, before, CONTEXT), before) is same


def test_a_declared_layer_that_is_over_is_neither_compared_nor_made() -> None:
    over = bound(tree_of(NAME, schedule(layer("old", end="2025-06-01T00:00:00Z"), layer("days"))))
    before = live(on_wire("days"))
    assert [one["name"] for one in KIND.meant(over, before, CONTEXT)["schedule_layers"]] == ["days"]
    [create] = KIND.steps(Work("create", over), CONTEXT)
    assert [one["name"] for one in create.body["schedule_layers"]] == ["days"]
    earlier = Context(datetime(2025, 3, 1, tzinfo=UTC))
    [create] = KIND.steps(Work("create", over), earlier)
    assert [one["name"] for one in create.body["schedule_layers"]] == ["old", "days"]


def test_a_layer_that_is_there_can_be_ended_in_the_past() -> None:
    before = live(on_wire("days"), on_wire("old"))
    over = bound(tree_of(NAME, schedule(layer("days"), layer("old", end="2025-06-01T00:00:00Z"))))
    assert len(KIND.meant(over, before, CONTEXT)["schedule_layers"]) == 2


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

BOTH = ("ann@example.com", "bob@example.com")
POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": [{"schedule": "primary"}]}]}


def on_call(stage: Any) -> list[str]:
    ident = named(stage, "schedules", "primary")["id"]
    found = ask(stage, "GET", f"/schedules/{ident}?since=2026-03-02T00:00:00Z&until=2026-05-01T00:00:00Z")
    entries = found["schedule"]["final_schedule"]["rendered_schedule_entries"]
    return [f"{one['user']['summary']} {one['start']}" for one in entries]


def test_a_change_beside_it_does_not_change_who_is_on_call(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days", *BOTH), layer("extra", end=LATER)))})
    applied(stage)
    stage.clock.passed += 9 * 86_400
    stage.sandbox.clock.advance(9 * 86_400)
    before = on_call(stage)
    changed = layer("extra", end=LATEST)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days", *BOTH), changed, description="x"))})
    applied(stage)
    assert on_call(stage) == before


def test_layers_are_kept_in_their_order_and_one_that_goes_ends(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    three = [layer("a", *BOTH), layer("b"), layer("c", "bob@example.com")]
    stage.write({"m.yaml": document("Schedule", "primary", schedule(*three))})
    applied(stage)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(three[2], three[0]))})
    applied(stage)
    stage.sandbox.clock.advance(60)
    stage.clock.passed += 60
    settled(stage)
    ident = named(stage, "schedules", "primary")["id"]
    layers = ask(stage, "GET", f"/schedules/{ident}")["schedule"]["schedule_layers"]
    assert [(one["name"], one["end"] is None) for one in layers] == [("b", False), ("a", True), ("c", True)]


def test_overrides_are_left_to_people(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days", *BOTH)))})
    applied(stage)
    ident = named(stage, "schedules", "primary")["id"]
    [user] = ask(stage, "GET", "/users?query=olga")["users"]
    times = {"start": "2026-03-05T00:00:00Z", "end": "2026-03-06T00:00:00Z"}
    body = {"overrides": [{**times, "user": {"id": user["id"], "type": "user_reference"}}]}
    ask(stage, "POST", f"/schedules/{ident}/overrides", body)
    settled(stage)


def moved_to_the_newer_api(stage: Any, ident: str) -> None:
    account = stage.sandbox.account("pagerduty")
    account.of("schedules").put({**account.of("schedules").items[ident], "v3": True})


def test_a_schedule_of_the_newer_api_is_a_target_and_is_not_written(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    policy = document("EscalationPolicy", "calls", POLICY)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days"))) + policy})
    applied(stage)
    moved_to_the_newer_api(stage, named(stage, "schedules", "primary")["id"])
    settled(stage)
    changed = schedule(layer("days"), description="new")
    loops = document(
        "EscalationPolicy",
        "calls",
        {
            **POLICY,
            "num_loops": 1,
            "escalation_rules": [
                {"escalation_delay_in_minutes": 9, "targets": [{"schedule": "primary"}, "ann@example.com"]}
            ],
        },
    )
    stage.write({"m.yaml": document("Schedule", "primary", changed) + loops})
    [blocked] = stage.plan().blocked
    assert isinstance(blocked, Blocked)
    assert "newer API (v3)" in blocked.why
    done = {str(one.change.address): one.ending for one in stage.apply().results}
    assert done["pagerduty/EscalationPolicy/calls"] == "done"
    assert stage.plan().writes == ()


def test_a_schedule_that_somebody_elses_policy_uses_is_not_deleted(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    other = document("Schedule", "other", schedule(layer("days"), name="other"))
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days"))) + other})
    applied(stage)
    ident = named(stage, "schedules", "primary")["id"]
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"id": ident, "type": "schedule_reference"}]}]
    body = {"type": "escalation_policy", "name": "theirs", "escalation_rules": rules}
    ask(stage, "POST", "/escalation_policies", {"escalation_policy": body})
    stage.write({"m.yaml": other})
    [blocked] = stage.plan().blocked
    assert '"theirs"' in blocked.why
    assert "not ours" in blocked.why


def test_a_schedule_is_let_go_of_before_it_is_deleted(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    two = document("Schedule", "other", schedule(layer("days"), name="other"))
    policy = document("EscalationPolicy", "calls", POLICY)
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days"))) + two + policy})
    applied(stage)
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"schedule": "other"}]}]
    stage.write({"m.yaml": two + document("EscalationPolicy", "calls", {"escalation_rules": rules})})
    applied(stage)
    assert [one["name"] for one in ask(stage, "GET", "/schedules")["schedules"]] == ["other"]


def test_somebody_nobody_can_reach_is_told(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    [user] = ask(stage, "GET", "/users?query=bob&include[]=contact_methods")["users"]
    for method in user["contact_methods"]:
        ask(stage, "DELETE", f"/users/{user['id']}/contact_methods/{method['id']}")
    stage.write({"m.yaml": document("Schedule", "primary", schedule(layer("days", *BOTH)))})
    warned = [str(one) for one in stage.plan().warnings if "bob@example.com" in str(one)]
    assert len(warned) == 1
    assert "no contact method" in warned[0]
