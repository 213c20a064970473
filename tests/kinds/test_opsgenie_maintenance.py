"""opsgenie/Maintenance: told by description and time; planned, active, past, and what can still be changed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.engine.overlay import contains
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Link
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    mistakes,
    sent,
    tree_of,
    updating,
)

NAME = "opsgenie/Maintenance"
KIND = KINDS[NAME]
SCHEDULE = {"type": "schedule", "startDate": "2026-02-01T22:10:00+01:00", "endDate": "2026-02-02T02:00:00Z"}
IN_UTC = {"type": "schedule", "startDate": "2026-02-01T21:10:00Z", "endDate": "2026-02-02T02:00:00Z"}
API = {"state": "disabled", "entity": {"integration": "shop-alerts"}}
POLICY = {"state": "enabled", "entity": {"alertPolicy": "databases"}}


def on_wire(state: str, sort: str, name: str) -> dict[str, Any]:
    return {"state": state, "entity": {"id": f"id:{name}", "type": sort}}


@cases(
    Case(
        "whole",
        NAME,
        {"description": "upgrade", "time": SCHEDULE, "rules": [API, POLICY]},
        {
            "description": "upgrade",
            "time": IN_UTC,
            "rules": [on_wire("disabled", "integration", "shop-alerts"), on_wire("enabled", "policy", "databases")],
        },
        {
            "id": "m1",
            "status": "planned",
            "description": "upgrade",
            "time": {**IN_UTC, "startDate": "2026-02-01T21:10:00.000Z"},
            "rules": [on_wire("enabled", "policy", "databases"), on_wire("disabled", "integration", "shop-alerts")],
        },
    ),
    Case(
        "until further notice",
        NAME,
        {"time": {"type": "indefinitely"}},
        {"time": {"type": "indefinitely"}},
        {"status": "active", "time": {"type": "indefinitely", "startDate": "2026-01-01T00:00:00Z"}},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@pytest.mark.parametrize(("live", "same"), [("n1", True), ("n2", False)])
def test_which_sort_of_policy_it_is_the_id_tells(live: str, same: bool) -> None:
    node = Link("opsgenie/NotificationPolicy/late", "opsgenie/NotificationPolicy", "late", "n1")
    wanted = {"rules": [{"state": "disabled", "entity": {"notificationPolicy": node}}]}
    raw = {"rules": [{"state": "disabled", "entity": {"id": live, "type": "policy"}}]}
    assert contains(KIND.shape, wanted, bound(KIND.from_api(raw, CONTEXT))) is same
    yet_to_be_made = {"rules": [{"state": "disabled", "entity": {"notificationPolicy": replace(node, id=None)}}]}
    assert not contains(KIND.shape, yet_to_be_made, bound(KIND.from_api(raw, CONTEXT)))


TIME = ("time",)


@mistakes(
    *(
        Mistake(NAME, {"time": {"type": relative}}, ("time", "type"), "which Git cannot tell: write {type: schedule")
        for relative in ("for-5-minutes", "for-30-minutes", "for-1-hour")
    ),
    Mistake(NAME, {"time": {"type": "daily"}}, ("time", "type"), "'schedule' or 'indefinitely'"),
    Mistake(NAME, {"time": {"startDate": "2026-02-01T22:00:00Z"}}, ("time", "type"), "required"),
    Mistake(NAME, {"time": {**SCHEDULE, "startDate": "tonight"}}, ("time", "startDate"), "no instant with an offset"),
    Mistake(NAME, {"time": {**SCHEDULE, "startDate": "2026-02-01T22:00"}}, ("time", "startDate"), "with an offset"),
    Mistake(NAME, {"time": {**SCHEDULE, "endDate": SCHEDULE["startDate"]}}, TIME, "not later than startDate"),
    Mistake(NAME, {"time": {**SCHEDULE, "type": "indefinitely"}}, ("time", "startDate"), "takes no startDate"),
    Mistake(NAME, {"rules": []}, ("rules",), "at least 1"),
    Mistake(NAME, {"rules": [API, API]}, ("rules",), "item 2 stood there before"),
    Mistake(NAME, {"rules": [{**API, "state": "enabled"}]}, ("rules", 0), "can only be disabled"),
    Mistake(NAME, {"rules": [{**API, "state": "off"}]}, ("rules", 0, "state"), "'enabled' or 'disabled'"),
    Mistake(NAME, {"rules": [{**API, "entity": {"team": "x"}}]}, ("rules", 0, "entity"), "{integration: NAME}"),
    Mistake(NAME, {"rules": [{**API, "entity": "shop"}]}, ("rules", 0, "entity"), "{notificationPolicy: NAME}"),
    Mistake(NAME, {"description": ""}, ("description",), "at least 1"),
    Mistake(NAME, {"name": "upgrade"}, ("name",), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── who is who, and when ────────────────────────────────────────────────────────────────────────────────────────────


def test_description_start_and_end_tell_it_whatever_their_offsets() -> None:
    assert KIND.key({"description": "upgrade", "time": SCHEDULE}) == KIND.key(
        {"description": "upgrade", "time": IN_UTC}
    )
    assert KIND.key({"description": "upgrade", "time": {"type": "indefinitely"}}) == ("upgrade", "indefinitely")
    assert KIND.key({"time": SCHEDULE}) is KIND.key({"description": "upgrade"}) is None
    assert KIND.name_field == "description"


def at(text: str) -> Context:
    return Context(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("time", "now", "over"),
    [
        (SCHEDULE, "2026-02-02T01:59:59", False),
        (SCHEDULE, "2026-02-02T02:00:00", True),
        ({"type": "indefinitely"}, "2030-01-01T00:00:00", False),
    ],
)
def test_it_is_past_from_its_end_on(time: dict[str, str], now: str, over: bool) -> None:
    assert KIND.ends({"time": time}, at(now)) is over


@pytest.mark.parametrize(
    ("wanted", "live", "now", "meant"),
    [
        ("2026-02-01T21:00:00Z", "2026-02-01T21:40:00Z", "2026-02-01T22:00:00", "2026-02-01T21:40:00Z"),
        ("2026-02-01T21:00:00Z", "2026-02-01T21:40:00Z", "2026-02-01T21:30:00", "2026-02-01T21:00:00Z"),
        ("2026-02-01T23:00:00Z", "2026-02-01T21:40:00Z", "2026-02-01T22:00:00", "2026-02-01T23:00:00Z"),
    ],
    ids=["both past", "the live one to come", "the wanted one to come"],
)
def test_any_past_start_is_any_past_start(wanted: str, live: str, now: str, meant: str) -> None:
    found = KIND.meant({"time": {**IN_UTC, "startDate": wanted}}, {"time": {**IN_UTC, "startDate": live}}, at(now))
    assert found == {"time": {**IN_UTC, "startDate": meant}}


def test_what_can_still_be_changed_its_status_tells() -> None:
    assert KIND.also_immutable({"status": "planned"}) == frozenset()
    assert KIND.also_immutable({"status": "active"}) == {"description", "rules", "time.type", "time.startDate"}
    assert KIND.also_immutable({"status": "past"}) == {"description", "rules", "time"}


def test_a_cancelled_one_is_there_no_more() -> None:
    assert [KIND.place.lists({"status": word}) for word in ("planned", "active", "past", "cancelled")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_new_one_needs_what_tells_it_and_both_ends_of_a_schedule() -> None:
    assert KIND.missing({}) == ("description", "time", "rules")
    whole = {"description": "a", "rules": [], "time": {"type": "schedule"}}
    assert KIND.missing(whole) == ("time.startDate", "time.endDate")
    assert KIND.missing({**whole, "time": {"type": "indefinitely"}}) == ()


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

LIVE = bound(tree_of(NAME, {"description": "upgrade", "time": SCHEDULE, "rules": [API]}))
LATER = {**SCHEDULE, "endDate": "2026-02-02T03:00:00Z"}


def test_a_planned_one_is_replaced_whole() -> None:
    [step] = KIND.steps(updating(NAME, {**LIVE, "status": "planned"}, time=LATER), CONTEXT)
    assert (step.method, step.path, step.over) == ("PUT", "/v1/maintenance/{id}", True)
    assert step.body == {"time": {**IN_UTC, "endDate": "2026-02-02T03:00:00Z"}}
    assert KIND.writable({"id": "m", "status": "planned", "description": "a"}) == {"description": "a"}


def test_of_an_active_one_only_the_end_moves_by_a_request_of_its_own() -> None:
    [step] = KIND.steps(updating(NAME, {**LIVE, "status": "active"}, time=LATER), CONTEXT)
    assert (step.method, step.path) == ("POST", "/v1/maintenance/{id}/change-end-date")
    assert (step.body, step.checked) == ({"endDate": "2026-02-02T03:00:00Z"}, True)


@pytest.mark.parametrize(("status", "removal"), [("planned", "delete"), ("active", "delete"), ("past", "release")])
def test_what_is_over_stays_as_a_record(status: str, removal: str) -> None:
    assert KIND.on_removal({**LIVE, "status": status}, frozenset()) == removal


def test_what_happens_at_once_is_said_before() -> None:
    assert "ends at once" in KIND.consequences(Work("delete", {**LIVE, "status": "active"}))[0]
    assert KIND.consequences(Work("delete", {**LIVE, "status": "planned"})) == ()
    assert "begins at once" in KIND.consequences(Work("create", {"time": {"type": "indefinitely"}}))[0]
    assert KIND.consequences(Work("create", LIVE)) == ()
