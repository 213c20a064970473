"""datadog/Downtime: known by what it is about and when, running from any past start, over when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kind_kit import CONTEXT, Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.datadog_project import API, applied, ask, document, monitor, settled, stage_in, told
from tests.stage import Stage

NAME = "datadog/Downtime"
KIND = kind_of(NAME)
# The kit's clock stands at 2026-01-01T00:00Z, the sandbox's at 2026-03-01T12:00Z or a little later.
PAST, SOON, LATER = "2025-12-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"
ALL = {"monitor_tags": ["*"]}
SUNDAYS = {"rrule": "FREQ=WEEKLY;BYDAY=SU", "duration": "1h", "start": "2026-03-08T01:00:00"}


def wrapped(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "downtime", "attributes": attributes}


@cases(
    Case(
        "once, about one monitor",
        NAME,
        {
            "scope": "service:checkout",
            "monitor_identifier": {"monitor_id": "payments"},
            "schedule": {"start": "2026-09-05T10:00:00+09:00", "end": "2026-09-05T03:00:00Z"},
            "message": "moving\n",
            "notify_end_states": ["alert", "warn"],
        },
        wrapped(
            {
                "scope": "service:checkout",
                "monitor_identifier": {"monitor_id": 7},
                "schedule": {"start": "2026-09-05T01:00:00Z", "end": "2026-09-05T03:00:00Z"},
                "message": "moving\n",
                "notify_end_states": ["alert", "warn"],
            }
        ),
        {
            "scope": "service:checkout",
            "monitor_identifier": {"monitor_id": 7},
            "schedule": {
                "start": "2026-09-05T01:00:00.123456+00:00",
                "end": "2026-09-05T03:00:00+00:00",
                "current_downtime": {},
            },
            "message": "moving",
            "display_timezone": "UTC",
            "notify_end_states": ["warn", "alert"],
            "notify_end_types": ["expired"],
            "status": "scheduled",
            "canceled": None,
        },
        numbers={"payments": 7},
    ),
    Case(
        "from a past start, without an end",
        NAME,
        {"scope": "*", "monitor_identifier": ALL, "schedule": {"start": PAST, "end": None}},
        wrapped({"scope": "*", "monitor_identifier": ALL, "schedule": {"end": None}}),
    ),
    Case(
        "again and again",
        NAME,
        {
            "scope": "*",
            "monitor_identifier": {"monitor_tags": ["b:2", "a:1"]},
            "schedule": {"recurrences": [{**SUNDAYS, "duration": "60m"}], "timezone": "Asia/Tokyo"},
        },
        wrapped(
            {
                "scope": "*",
                "monitor_identifier": {"monitor_tags": ["b:2", "a:1"]},
                "schedule": {"recurrences": [{**SUNDAYS, "duration": "60m"}], "timezone": "Asia/Tokyo"},
            }
        ),
        {
            "scope": "*",
            "monitor_identifier": {"monitor_tags": ["a:1", "b:2"]},
            "schedule": {"recurrences": [SUNDAYS], "timezone": "Asia/Tokyo"},
            "mute_first_recovery_notification": False,
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    if case.raw is not None:
        assert_settled(case, {"id": "d", "type": "downtime", "attributes": case.raw})


ONCE_AND_AGAIN = {"start": SOON, "recurrences": [SUNDAYS]}


@mistakes(
    Mistake(NAME, {"schedule": {"start": "+1h"}}, ("schedule", "start"), "no instant"),
    Mistake(NAME, {"schedule": {"start": "now"}}, ("schedule", "start"), "no instant"),
    Mistake(NAME, {"schedule": {"end": "2026-09-05T03:00:00"}}, ("schedule", "end"), "with an offset"),
    Mistake(NAME, {"schedule": {"start": LATER, "end": SOON}}, ("schedule",), "not later than the start"),
    Mistake(NAME, {"schedule": ONCE_AND_AGAIN}, ("schedule",), "write one of them"),
    Mistake(NAME, {"schedule": {"recurrences": []}}, ("schedule", "recurrences"), "at least 1"),
    Mistake(
        NAME,
        {"schedule": {"recurrences": [{"rrule": f"FREQ=DAILY;INTERVAL={n}"} for n in range(6)]}},
        ("schedule", "recurrences"),
        "at most 5",
    ),
    Mistake(
        NAME, {"schedule": {"recurrences": [{"rrule": "FREQ=MINUTELY"}]}}, ("schedule", "recurrences", 0), "hourly"
    ),
    *(
        Mistake(
            NAME, {"schedule": {"recurrences": [{"duration": one}]}}, ("schedule", "recurrences", 0, "duration"), ""
        )
        for one in ("30s", "0m", "1", "1h30m")
    ),
    Mistake(
        NAME,
        {"schedule": {"recurrences": [{"start": SOON}]}},
        ("schedule", "recurrences", 0, "start"),
        "without an offset",
    ),
    Mistake(NAME, {"schedule": {"timezone": "Asia/Tokio"}}, ("schedule", "timezone"), "did you mean Asia/Tokyo?"),
    Mistake(NAME, {"display_timezone": "Mars"}, ("display_timezone",), "no IANA time zone"),
    Mistake(NAME, {"monitor_identifier": {}}, ("monitor_identifier",), "either monitor_id or monitor_tags"),
    Mistake(NAME, {"monitor_identifier": {"monitor_id": "a", **ALL}}, ("monitor_identifier",), "either monitor_id or"),
    Mistake(NAME, {"monitor_identifier": {"monitor_tags": []}}, ("monitor_identifier", "monitor_tags"), "at least 1"),
    Mistake(NAME, {"notify_end_states": ["ok"]}, ("notify_end_states", 0), "'no data'"),
    Mistake(NAME, {"notify_end_types": ["ended"]}, ("notify_end_types", 0), "'canceled'"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("schedule", "over"),
    [
        ({"end": "2025-12-31T23:59:59Z"}, True),
        ({"end": "2026-01-01T00:00:01Z"}, False),
        ({"start": PAST}, False),
        ({"recurrences": [SUNDAYS], "timezone": "UTC"}, False),
        (None, False),
    ],
)
def test_it_ends_when_its_end_is_past(schedule: Any, over: bool) -> None:
    assert KIND.ends({"schedule": schedule}, CONTEXT) is over


@pytest.mark.parametrize(
    ("status", "schedule", "there"),
    [
        ("active", {"end": SOON}, True),
        ("scheduled", {"end": SOON}, True),
        ("ended", {"end": PAST}, True),
        ("canceled", {"end": SOON}, False),
        ("ended", {"recurrences": [SUNDAYS]}, False),
        ("active", {"recurrences": [SUNDAYS]}, True),
    ],
)
def test_one_that_is_cancelled_or_comes_no_more_is_gone(status: str, schedule: Any, there: bool) -> None:
    assert KIND.place.lists({"id": "d", "attributes": {"status": status, "schedule": schedule}}) is there


def test_words_in_another_order_are_the_same_object_to_a_saved_plan() -> None:
    first, second = (
        {"id": "d", "type": "downtime", "attributes": {"notify_end_states": states, "status": status}}
        for states, status in ((["warn", "alert"], "scheduled"), (["alert", "warn"], "active"))
    )
    assert KIND.steady(first) == KIND.steady(second)
    assert KIND.steady(first) != KIND.steady({**first, "attributes": {"scope": "*"}})


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────


def downtime(schedule: Any, **spec: Any) -> str:
    return document("Downtime", "moving", {"scope": "*", "monitor_identifier": ALL, "schedule": schedule, **spec})


def running(stage: Stage) -> list[Any]:
    rows = ask(stage, "GET", API["downtimes"])["data"]
    return [row for row in rows if row["attributes"]["status"] in ("active", "scheduled")]


def travel(stage: Stage, days: float) -> None:
    stage.clock.passed += days * 86_400
    stage.sandbox.clock.advance(days * 86_400)


def test_a_downtime_lives_and_is_past_and_nothing_is_written_any_more(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a") + downtime({"start": SOON, "end": LATER})})
    applied(stage)
    travel(stage, 1)
    settled(stage)
    travel(stage, 3)
    settled(stage)
    stage.write({"m.yaml": monitor("a")})
    found = stage.plan()
    assert found.empty, told(found)
    assert [line for line in told(found) if line.endswith("is past")]


def test_a_downtime_that_is_past_is_not_made(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": downtime({"end": PAST})})
    assert stage.apply().ok
    assert any("past, not made" in one.text for one in stage.plan().warnings)
    assert ask(stage, "GET", API["downtimes"])["data"] == []


def test_a_running_downtime_gets_another_end_and_stays(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": downtime({"start": PAST, "end": SOON})})
    applied(stage)
    [before] = running(stage)
    travel(stage, 0.1)
    stage.write({"m.yaml": downtime({"start": "2025-11-01T00:00:00Z", "end": LATER})})
    [change] = stage.plan().writes
    assert [field.path for field in change.fields] == ["schedule.end"]
    applied(stage)
    [after] = running(stage)
    assert after["id"] == before["id"]


def test_what_was_once_comes_again_and_then_once_more(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    once, again = {"start": SOON, "end": LATER}, {"recurrences": [SUNDAYS], "timezone": "Asia/Tokyo"}
    stage.write({"m.yaml": downtime(once)})
    applied(stage)
    for schedule in (again, once):
        stage.write({"m.yaml": downtime(schedule)})
        applied(stage)
        [there] = running(stage)
        assert ("recurrences" in there["attributes"]["schedule"]) is ("recurrences" in schedule)


def test_one_that_was_cancelled_by_hand_is_made_again_and_one_that_leaves_git_ends(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a") + downtime({"start": PAST, "end": LATER}, message="hush")})
    applied(stage)
    [there] = running(stage)
    ask(stage, "DELETE", f"{API['downtimes']}/{there['id']}")
    [change] = stage.plan().writes
    assert change.word == "create"
    applied(stage)
    stage.write({"m.yaml": monitor("a")})
    [change] = stage.plan().writes
    assert any("ends now" in note for note in change.notes)
    applied(stage)
    assert running(stage) == []


def test_a_list_of_many_pages_is_read_whole_and_once(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    for number in range(101):
        attributes = {"scope": f"n:{number}", "monitor_identifier": ALL, "schedule": {"end": LATER}}
        ask(stage, "POST", API["downtimes"], {"data": wrapped(attributes)})
    spec = {"scope": "n:0", "monitor_identifier": ALL, "schedule": {"end": LATER}}
    other = {**spec, "scope": "n:100"}
    stage.write({"m.yaml": document("Downtime", "first", spec) + document("Downtime", "last", other)})
    found = stage.plan()
    assert [change.word for change in found.changes] == ["adopt", "adopt"]
    assert found.empty
