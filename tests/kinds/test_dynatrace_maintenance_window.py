"""dynatrace/MaintenanceWindow: local times in a zone, once or again, over when the last one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.kinds.step import Context
from tests.kind_kit import (
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    kind_of,
    mistakes,
    sent,
)

WINDOW = "dynatrace/MaintenanceWindow"
ONCE = {"startTime": "2026-01-05T22:00:00", "endTime": "2026-01-06T02:00:00", "timeZone": "Europe/Vienna"}
HOURS = {"startTime": "22:00", "endTime": "02:00"}
DAYS = {"scheduleStartDate": "2026-01-01", "scheduleEndDate": "2026-12-31"}
SENT_HOURS = {"startTime": "22:00:00", "endTime": "02:00:00", "timeZone": "UTC"}
RECURRENCES: list[tuple[str, dict[str, Any]]] = [
    ("daily", {}),
    ("weekly", {"dayOfWeek": "SUNDAY"}),
    ("monthly", {"dayOfMonth": 31}),
]


def body(schema: str, **value: Any) -> dict[str, Any]:
    return {"schemaId": schema, "scope": "environment", "value": value}


@cases(
    Case(
        "once",
        WINDOW,
        {
            "name": "db patch",
            "maintenanceType": "UNPLANNED",
            "schedule": {"scheduleType": "ONCE", "onceRecurrence": ONCE},
            "filters": [{"entityId": "HOST-0011223344556677"}],
        },
        body(
            "builtin:alerting.maintenance-window",
            schedule={"scheduleType": "ONCE", "onceRecurrence": ONCE},
            filters=[{"entityTags": [], "managementZones": [], "entityId": "HOST-0011223344556677"}],
            generalProperties={"name": "db patch", "maintenanceType": "UNPLANNED"},
        ),
    ),
    *(
        Case(
            name,
            WINDOW,
            {
                "schedule": {
                    "scheduleType": name.upper(),
                    f"{name}Recurrence": {**more, "timeWindow": HOURS, "recurrenceRange": DAYS},
                }
            },
            body(
                "builtin:alerting.maintenance-window",
                schedule={
                    "scheduleType": name.upper(),
                    f"{name}Recurrence": {**more, "timeWindow": SENT_HOURS, "recurrenceRange": DAYS},
                },
            ),
        )
        for name, more in RECURRENCES
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    server = {"objectId": "o1", "schemaVersion": "1", "updateToken": "t", "author": "ann", "summary": "s"}
    assert_settled(case, {**server, **case.body})


def once(**more: Any) -> dict[str, Any]:
    return {"schedule": {"scheduleType": "ONCE", "onceRecurrence": {**ONCE, **more}}}


@mistakes(
    Mistake(WINDOW, {"name": "x" * 1001}, ("name",), "at most 1000"),
    Mistake(WINDOW, {"suppression": "ALL"}, ("suppression",), "Input"),
    Mistake(
        WINDOW, once(endTime="2026-01-05T22:00:00"), ("schedule", "ONCE", "onceRecurrence"), "not later than the start"
    ),
    Mistake(WINDOW, once(timeZone="Vienna"), ("schedule", "ONCE", "onceRecurrence", "timeZone"), "no IANA"),
    Mistake(WINDOW, once(startTime="tomorrow"), ("schedule", "ONCE", "onceRecurrence", "startTime"), "match"),
    Mistake(
        WINDOW,
        {
            "schedule": {
                "scheduleType": "MONTHLY",
                "monthlyRecurrence": {"dayOfMonth": 32, "timeWindow": HOURS, "recurrenceRange": DAYS},
            }
        },
        ("schedule", "MONTHLY", "monthlyRecurrence", "dayOfMonth"),
        "less than or equal to 31",
    ),
    Mistake(
        WINDOW,
        {
            "schedule": {
                "scheduleType": "DAILY",
                "dailyRecurrence": {
                    "timeWindow": HOURS,
                    "recurrenceRange": {"scheduleStartDate": "2026-02-01", "scheduleEndDate": "2026-01-31"},
                },
            }
        },
        ("schedule", "DAILY", "dailyRecurrence", "recurrenceRange"),
        "not later than the start",
    ),
    Mistake(WINDOW, {"filters": [{}]}, ("filters", 0), "write entityType"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("schedule", "over"),
    [
        ({"onceRecurrence": {"endTime": "2025-12-31T23:30:00", "timeZone": "UTC"}}, True),
        ({"onceRecurrence": {"endTime": "2026-01-01T00:30:00", "timeZone": "Europe/Vienna"}}, True),
        ({"onceRecurrence": {"endTime": "2025-12-31T23:30:00", "timeZone": "America/New_York"}}, False),
        ({"onceRecurrence": {"endTime": "soon", "timeZone": "UTC"}}, False),
        ({"dailyRecurrence": {"recurrenceRange": {"scheduleEndDate": "2025-12-31"}, "timeWindow": {}}}, True),
        ({"weeklyRecurrence": {"recurrenceRange": {"scheduleEndDate": "2026-01-01"}, "timeWindow": {}}}, False),
        ({}, False),
    ],
)
def test_a_window_is_over_when_its_last_moment_is_past(schedule: dict[str, Any], over: bool) -> None:
    now = Context(datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC))
    assert kind_of(WINDOW).ends({"schedule": schedule}, now) is over
