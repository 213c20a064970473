"""Datadog's downtimes in the sandbox: schedules, what time makes of them, cancelling, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.datadog_caller import Datadog, envelope, monitor

PATH = "/api/v2/downtime"
BASIC: Any = {"scope": "env:prod", "monitor_identifier": {"monitor_tags": ["service:checkout"]}}
ONCE = {"start": "2026-01-05T12:00:00+01:00", "end": "2026-01-05T15:00:00Z"}
WEEKLY = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "duration": "1h", "start": "2026-01-05T18:30:00"}
TOKYO = {"recurrences": [WEEKLY], "timezone": "Asia/Tokyo"}


def post(datadog: Datadog, **fields: Any) -> Any:
    return datadog.made("POST", PATH, envelope("downtime", **{**BASIC, **fields}))["data"]


def test_a_downtime_without_more_begins_now_and_has_no_end(datadog: Datadog) -> None:
    status, made = datadog("POST", PATH, envelope("downtime", **BASIC))
    attributes = made["data"]["attributes"]
    assert status == 200
    assert attributes.pop("notify_end_states") != []
    assert attributes == {
        **BASIC,
        "schedule": {"start": "2026-01-05T09:00:00.000000+00:00", "end": None},
        "message": None,
        "display_timezone": "UTC",
        "mute_first_recovery_notification": False,
        "notify_end_types": ["expired"],
        "canceled": None,
        "status": "active",
        "created": "2026-01-05T09:00:00.000000+00:00",
        "modified": "2026-01-05T09:00:00.000000+00:00",
    }
    assert made["data"]["relationships"]["monitor"] == {"data": None}
    assert [part["type"] for part in made["included"]] == ["users"]


def test_states_come_in_another_order_from_call_to_call(datadog: Datadog) -> None:
    ident = post(datadog)["id"]
    seen = [datadog.made("GET", f"{PATH}/{ident}")["data"]["attributes"]["notify_end_states"] for _ in range(12)]
    assert {tuple(sorted(states)) for states in seen} == {("alert", "no data", "warn")}
    assert len({tuple(states) for states in seen}) > 1


def test_what_is_related_is_told_when_asked_for(datadog: Datadog) -> None:
    watched = datadog.made("POST", "/api/v1/monitor", monitor())["id"]
    ident = post(datadog, monitor_identifier={"monitor_id": watched})["id"]
    assert set(datadog.made("GET", f"{PATH}/{ident}")) == {"data"}
    full = datadog.made("GET", f"{PATH}/{ident}", include="created_by,monitor")
    assert full["data"]["relationships"]["monitor"]["data"] == {"type": "monitors", "id": str(watched)}
    assert [part["type"] for part in full["included"]] == ["users", "monitors"]
    assert datadog("GET", PATH, include="teams")[0] == 400


@pytest.mark.parametrize(
    ("schedule", "hours", "status"),
    [
        (ONCE, 0, "scheduled"),
        (ONCE, 3, "active"),
        (ONCE, 6, "ended"),
        ({"start": None, "end": "2026-01-05T10:00:00Z"}, 0, "active"),
        (TOKYO, 0, "scheduled"),
        (TOKYO, 1, "active"),
        (TOKYO, 2, "scheduled"),
        (TOKYO, 7 * 24 + 1, "active"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=WEEKLY;COUNT=1"}], "timezone": "Asia/Tokyo"}, 2, "ended"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=DAILY;UNTIL=20260106T200000"}]}, 24 + 10, "active"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=DAILY;UNTIL=20260106T200000"}]}, 24 * 2 + 10, "ended"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=HOURLY;INTERVAL=6"}]}, 16, "active"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=HOURLY;INTERVAL=6"}]}, 17, "scheduled"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=MONTHLY;BYDAY=-1FR", "duration": "2d"}]}, 25 * 24 + 10, "active"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"}]}, 634, "active"),
        ({"recurrences": [{**WEEKLY, "rrule": "FREQ=YEARLY", "duration": "1w"}]}, 365 * 24 + 10, "active"),
    ],
)
def test_time_makes_the_status(datadog: Datadog, schedule: Any, hours: int, status: str) -> None:
    ident = post(datadog, schedule=schedule)["id"]
    datadog.world.clock.advance(hours * 3600)
    assert datadog.made("GET", f"{PATH}/{ident}")["data"]["attributes"]["status"] == status


def test_a_recurring_one_tells_its_window_and_instants_are_in_utc(datadog: Datadog) -> None:
    schedule = post(datadog, schedule=TOKYO, message="a")["attributes"]["schedule"]
    assert schedule.pop("current_downtime") == {
        "start": "2026-01-05T09:30:00+00:00",
        "end": "2026-01-05T10:30:00+00:00",
    }
    assert schedule == TOKYO
    once = post(datadog, schedule=ONCE, message="b")["attributes"]["schedule"]
    assert once == {"start": "2026-01-05T11:00:00+00:00", "end": "2026-01-05T15:00:00+00:00"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scope": "checkout"}, "All values must have a key"),
        ({"scope": "env:prod AND (checkout OR team:a)"}, "All values must have a key"),
        ({"monitor_identifier": {"monitor_tags": ["checkout"]}}, "All values must have a key"),
        ({"monitor_identifier": {"monitor_tags": []}}, "at least 1"),
        ({"monitor_identifier": {}}, "one of monitor_id, monitor_tags"),
        ({"monitor_identifier": {"monitor_id": 1, "monitor_tags": ["*"]}}, "one of monitor_id, monitor_tags"),
        ({"mesage": "x"}, "Additional properties are not allowed ('mesage' was unexpected)"),
        ({"schedule": {**ONCE, "zone": "UTC"}}, "Additional properties are not allowed"),
        ({"schedule": {"start": "2026-01-05T12:00:00"}}, "UTC offset"),
        ({"schedule": {"start": "2026-01-05T12:00:00Z", "end": "2026-01-05T12:00:30Z"}}, "at least one minute"),
        ({"schedule": {"recurrences": [{**WEEKLY, "start": "2026-01-05T12:00:00Z"}]}}, "UTC offset"),
        ({"schedule": {"recurrences": [{**WEEKLY, "rrule": "FREQ=MINUTELY"}]}}, "hourly or coarser"),
        ({"schedule": {"recurrences": [{**WEEKLY, "rrule": "FREQ=DAILY;DTSTART=20260101T000000"}]}}, "DTSTART"),
        ({"schedule": {"recurrences": [{**WEEKLY, "rrule": "FREQ=DAILY;COUNT=0"}]}}, "COUNT"),
        ({"schedule": {"recurrences": [{**WEEKLY, "duration": "90"}]}}, "duration"),
        ({"schedule": {"recurrences": [WEEKLY] * 6}}, "at most 5"),
        ({"schedule": {"recurrences": [WEEKLY], "timezone": "Asia/Tokio"}}, "no time zone"),
        ({"notify_end_states": ["ok"]}, "not one of"),
        ({"notify_end_types": ["ended"]}, "not one of"),
    ],
)
def test_a_wrong_downtime_is_refused(datadog: Datadog, fields: Any, said: str) -> None:
    status, (error,) = datadog.errors("POST", PATH, envelope("downtime", **{**BASIC, **fields}))
    assert (status, said in error) == (400, True), error


def test_an_empty_zone_is_utc_and_an_empty_list_stays(datadog: Datadog) -> None:
    attributes = post(datadog, display_timezone="", notify_end_types=[])["attributes"]
    assert (attributes["display_timezone"], attributes["notify_end_types"]) == ("UTC", [])


def test_one_like_another_is_a_duplicate_until_that_is_over(datadog: Datadog) -> None:
    ident = post(datadog, schedule=ONCE)["id"]
    said = f"The downtime being created is a duplicate of one or more existing downtimes: ['{ident}']"
    again = envelope("downtime", **BASIC, schedule=ONCE, message="another")
    assert datadog.errors("POST", PATH, again) == (400, [said])
    datadog.answer("DELETE", f"{PATH}/{ident}")
    assert datadog("POST", PATH, again)[0] == 200


def test_cancelling_is_told_twice_alike_and_the_object_stays(datadog: Datadog) -> None:
    ident = post(datadog)["id"]
    one = f"{PATH}/{ident}"
    assert [datadog.answer("DELETE", one).status for _ in range(2)] == [204, 204]
    attributes = datadog.made("GET", one)["data"]["attributes"]
    assert (attributes["status"], attributes["canceled"]) == ("canceled", "2026-01-05T09:00:00.000000+00:00")
    assert len(datadog.made("GET", PATH)["data"]) == 1
    assert datadog("PATCH", one, envelope("downtime", ident, message="x"))[0] == 400


@pytest.mark.parametrize("verb", ["GET", "PATCH", "DELETE"])
def test_an_id_that_is_none_and_one_that_is_unknown_are_told_apart(datadog: Datadog, verb: str) -> None:
    body = envelope("downtime", "", message="x") if verb == "PATCH" else None
    assert datadog.errors(verb, f"{PATH}/7", body) == (400, ["Invalid URL param: downtime_id must be an uuid"])
    absent = "1f0c3a52-0000-4000-8000-000000000000"
    assert datadog.errors(verb, f"{PATH}/{absent}", body) == (404, [f"Downtime {absent} not found"])


@pytest.mark.parametrize("ident", [True, False])
def test_a_change_is_partial_and_may_switch_its_forms(datadog: Datadog, ident: bool) -> None:
    made = post(datadog, schedule=ONCE, message="iac")
    one = f"{PATH}/{made['id']}"
    named = made["id"] if ident else ""
    datadog.world.clock.advance(1)
    changed = datadog.made("PATCH", one, envelope("downtime", named, schedule=TOKYO))["data"]["attributes"]
    assert changed["schedule"].items() >= TOKYO.items()
    assert (changed["message"], changed["scope"]) == ("iac", "env:prod")
    assert changed["modified"] > changed["created"]
    back = datadog.made("PATCH", one, envelope("downtime", named, schedule={"start": None, "end": None}, message=None))
    assert back["data"]["attributes"]["schedule"] == {"start": "2026-01-05T09:00:01.000000+00:00", "end": None}
    assert back["data"]["attributes"]["message"] is None


@pytest.mark.parametrize(
    "body",
    [
        envelope("downtime", message="x"),
        envelope("downtimes", "", message="x"),
        envelope("downtime", "other", message="x"),
        envelope("downtime", "", color="x"),
    ],
)
def test_a_wrong_change_is_refused(datadog: Datadog, body: Any) -> None:
    assert datadog("PATCH", f"{PATH}/{post(datadog)['id']}", body)[0] == 400


def test_a_recurring_one_keeps_its_schedule_while_it_is_on(datadog: Datadog) -> None:
    ident = post(datadog, schedule=TOKYO)["id"]
    datadog.world.clock.advance(3600)
    other = {"recurrences": [{**WEEKLY, "duration": "2h"}], "timezone": "Asia/Tokyo"}
    assert datadog("PATCH", f"{PATH}/{ident}", envelope("downtime", ident, schedule=other))[0] == 400
    assert datadog("PATCH", f"{PATH}/{ident}", envelope("downtime", ident, message="x"))[0] == 200
    datadog.world.clock.advance(3600)
    assert datadog("PATCH", f"{PATH}/{ident}", envelope("downtime", ident, schedule=other))[0] == 200


def test_a_list_is_paged_and_tells_how_many_there_are(datadog: Datadog) -> None:
    idents = [post(datadog, scope=f"n:{at}")["id"] for at in range(5)]
    post(datadog, schedule=ONCE)
    page = datadog.made("GET", PATH, **{"page[offset]": "2", "page[limit]": "2"})
    assert [row["id"] for row in page["data"]] == idents[2:4]
    assert page["meta"] == {"page": {"total_filtered_count": 6}}
    assert datadog.made("GET", PATH, current_only="true")["meta"] == {"page": {"total_filtered_count": 5}}
    assert datadog("GET", PATH, **{"page[limit]": "x"})[0] == 400


def test_a_monitor_tells_the_downtimes_it_lies_in(datadog: Datadog) -> None:
    watched = datadog.made("POST", "/api/v1/monitor", monitor(tags=["service:checkout"]))["id"]
    named = post(datadog, monitor_identifier={"monitor_id": watched})["id"]
    tagged = post(datadog)["id"]
    post(datadog, scope="a:b", schedule=ONCE)
    post(datadog, monitor_identifier={"monitor_tags": ["service:other"]})
    found = datadog.made("GET", f"/api/v2/monitor/{watched}/downtime_matches")
    assert [row["id"] for row in found["data"]] == [named, tagged]
    assert found["meta"] == {"page": {"total_filtered_count": 2}}
