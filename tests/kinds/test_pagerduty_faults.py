"""PagerDuty's kinds when a write meets an accident: the next apply finishes it, and nothing is made twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.faults import Accident, Fault
from tests.kinds.pagerduty_project import ask, document, settled, stage_in

LAYER = {
    "name": "weekly",
    "start": "2025-01-06T09:00:00Z",
    "rotation_turn_length_seconds": "1w",
    "users": ["ann@example.com", "bob@example.com"],
}
MEMBERS = [{"user": "ann@example.com", "role": "manager"}, {"user": "bob@example.com", "role": "responder"}]
RULE = {"escalation_delay_in_minutes": 5, "targets": ["ann@example.com", {"schedule": "primary"}]}
WINDOW = {"start_time": "2025-01-01T00:00:00Z", "end_time": "2027-01-01T00:00:00Z", "services": ["checkout"]}

BEFORE = (
    document("Team", "payments", {"members": MEMBERS})
    + document("Schedule", "primary", {"time_zone": "UTC", "schedule_layers": [LAYER]})
    + document("EscalationPolicy", "calls", {"teams": ["payments"], "escalation_rules": [RULE]})
    + document("Service", "checkout", {"escalation_policy": "calls"})
    + document("ServiceIntegration", "events", {"service": "checkout", "type": "events_api_v2_inbound_integration"})
    + document("BusinessService", "buying", {"team": "payments"})
    + document("MaintenanceWindow", "moving", WINDOW)
)
AFTER = (
    document("Team", "payments", {"description": "money", "members": MEMBERS[1:]})
    + document("Schedule", "primary", {"time_zone": "Asia/Tokyo", "schedule_layers": [{**LAYER, "name": "daily"}]})
    + document("EscalationPolicy", "others", {"escalation_rules": [{**RULE, "targets": [{"schedule": "primary"}]}]})
    + document("Service", "checkout", {"escalation_policy": "others", "description": "money"})
    + document("BusinessService", "buying", {"team": None})
)
COUNTS = ("teams", "schedules", "escalation_policies", "services", "business_services")
EACH = [
    (accident, method, skip)
    for accident, method, writes in (
        ("lose", "POST", 7),
        ("cut", "POST", 7),
        ("lose", "PUT", 6),
        ("lose", "DELETE", 4),
        ("cut", "DELETE", 4),
    )
    for skip in range(writes)
]


def finished(stage: Any) -> None:
    """However the first apply ended, one more brings it to its end."""
    first = stage.apply()
    second = first if first.ok else stage.apply()
    assert second.ok, [(str(one.change.address), one.ending, one.text) for one in second.results]
    settled(stage)


def counts(stage: Any) -> list[int]:
    return [len(ask(stage, "GET", f"/{plural}?limit=100")[plural]) for plural in COUNTS]


@pytest.mark.parametrize(("accident", "method", "skip"), EACH)
def test_an_accident_at_any_write_is_made_good(accident: Accident, method: str, skip: int, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    fault = Fault(accident, method, "/pagerduty/*", skip=skip)
    stage.write({"m.yaml": BEFORE})
    stage.sandbox.faults.waiting = (fault,)
    finished(stage)
    assert counts(stage) == [1, 1, 1, 1, 1]
    [service] = ask(stage, "GET", "/services?include[]=integrations")["services"]
    assert len(service["integrations"]) == 1
    assert len(ask(stage, "GET", "/maintenance_windows?filter=all")["maintenance_windows"]) == 1
    stage.write({"m.yaml": AFTER})
    stage.sandbox.faults.waiting = (fault,)
    finished(stage)
    assert counts(stage) == [1, 1, 1, 1, 1]
    [service] = ask(stage, "GET", "/services?include[]=integrations")["services"]
    assert service["integrations"] == []
