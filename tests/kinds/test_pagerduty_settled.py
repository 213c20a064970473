"""Every kind of PagerDuty against the sandbox: applied, settled, changed by hand, seen, restored, removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Update
from reconciler.engine.guards import Limits
from reconciler.engine.story import Asked
from tests.kinds.pagerduty_project import applied, ask, document, named, settled, stage_in, told

DESTROY = Asked(limits=Limits(destroy=True))
LAYER = {
    "name": "weekly",
    "start": "2026-01-05T09:00:00Z",
    "rotation_turn_length_seconds": "1w",
    "users": ["ann@example.com", "bob@example.com"],
}
POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": "15m", "targets": ["ann@example.com"]}]}
SERVICE = {"escalation_policy": "calls"}

TEAM = document("Team", "payments", {"members": [{"user": "ann@example.com", "role": "manager"}]})
CALLS = document("EscalationPolicy", "calls", POLICY)
CHECKOUT = document("Service", "checkout", SERVICE)


@dataclass(frozen=True)
class Story:
    """A kind's manifest and those it needs; what a person changes (`by_hand` at `plural`), and the field it shows in.

    `cleared` are fields set to null afterwards.
    """

    kind: str
    spec: Mapping[str, Any]
    plural: str
    by_hand: Mapping[str, Any]
    path: str
    beside: str = ""
    cleared: tuple[str, ...] = ()
    title: str = "it"
    wrap: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"

    def manifest(self, **changed: Any) -> str:
        return self.beside + document(self.kind, self.title, {**self.spec, **changed})


STORIES = [
    Story(
        "Team",
        {"description": "pays", "default_role": "none", "members": [{"user": "olga@example.ru", "role": "responder"}]},
        "teams",
        {"description": "plays"},
        "description",
        cleared=("description", "members"),
    ),
    Story(
        "Schedule",
        {
            "description": "who",
            "time_zone": "Asia/Tokyo",
            "teams": ["payments"],
            "schedule_layers": [
                LAYER,
                {
                    **LAYER,
                    "name": "nights",
                    "users": ["hanako@example.jp"],
                    "restrictions": [
                        {"type": "daily_restriction", "start_time_of_day": "22:00", "duration_seconds": "8h"},
                        {
                            "type": "weekly_restriction",
                            "start_day_of_week": 6,
                            "start_time_of_day": "00:00:00",
                            "duration_seconds": "2d",
                        },
                    ],
                },
            ],
        },
        "schedules",
        {"time_zone": "Europe/London"},
        "time_zone",
        TEAM,
        ("description", "teams"),
    ),
    Story(
        "EscalationPolicy",
        {
            "description": "who is called",
            "num_loops": 2,
            "on_call_handoff_notifications": "always",
            "teams": ["payments"],
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 10,
                    "targets": ["ann@example.com", {"schedule": "primary"}],
                    "escalation_rule_assignment_strategy": "round_robin",
                },
                {"escalation_delay_in_minutes": "1h", "targets": [{"schedule": "primary"}]},
            ],
        },
        "escalation_policies",
        {"num_loops": 0},
        "num_loops",
        TEAM + document("Schedule", "primary", {"time_zone": "UTC", "schedule_layers": [LAYER]}),
        ("description", "teams"),
    ),
    Story(
        "Service",
        {
            "description": "money",
            "escalation_policy": "calls",
            "auto_resolve_timeout": "4h",
            "acknowledgement_timeout": "30m",
            "status": "active",
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "during_support_hours": "high",
                "outside_support_hours": "low",
            },
            "support_hours": {
                "time_zone": "Europe/Berlin",
                "start_time": "09:00",
                "end_time": "17:30",
                "days_of_week": [1, 2, 3, 4, 5],
            },
            "scheduled_actions": [{"at": "support_hours_start", "to_urgency": "high"}],
            "alert_grouping_parameters": {"type": "time", "config": {"timeout": "5m"}},
            "auto_pause_notifications_parameters": {"enabled": True, "timeout": 0},
        },
        "services",
        {"acknowledgement_timeout": 60},
        "acknowledgement_timeout",
        CALLS,
        ("description", "auto_resolve_timeout", "acknowledgement_timeout", "scheduled_actions"),
    ),
    Story(
        "BusinessService",
        {"description": "buying", "point_of_contact": "the shop", "team": "payments"},
        "business_services",
        {"point_of_contact": "nobody"},
        "point_of_contact",
        TEAM,
        ("description", "point_of_contact", "team"),
    ),
    Story(
        "MaintenanceWindow",
        {"start_time": "2026-02-01T00:00:00Z", "end_time": "2027-01-01T09:30:00+09:00", "services": ["checkout"]},
        "maintenance_windows",
        {"end_time": "2027-02-01T00:00:00Z"},
        "end_time",
        CALLS + CHECKOUT,
    ),
]

every_story = pytest.mark.parametrize("story", STORIES, ids=str)


@every_story
def test_what_is_applied_is_settled_and_restored_after_a_change_by_hand(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": story.manifest()})
    applied(stage)
    one = named(stage, story.plural, story.title)
    wrap = story.plural.removesuffix("s") if story.plural != "escalation_policies" else "escalation_policy"
    ask(stage, "PUT", f"/{story.plural}/{one['id']}", {wrap: {"type": wrap, **story.by_hand}})
    [change] = stage.plan().writes
    assert isinstance(change, Update)
    assert [(field.path, field.cause) for field in change.fields] == [(story.path, "drifted")]
    applied(stage)
    again = named(stage, story.plural, story.title)
    assert again["id"] == one["id"]


@every_story
def test_what_leaves_git_is_removed(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": story.manifest()})
    applied(stage)
    stage.write({"m.yaml": "\n"})
    result = stage.apply(DESTROY)
    assert result.ok, [(str(one.change.address), one.ending, one.text) for one in result.results]
    assert stage.plan().empty
    assert not stage.ledger("pagerduty").entries
    left = ask(stage, "GET", f"/{story.plural}?limit=100&filter=open")[story.plural]
    assert left == []


@every_story
def test_null_clears(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": story.manifest()})
    applied(stage)
    stage.write({"m.yaml": story.manifest(**dict.fromkeys(story.cleared))})
    found = stage.plan()
    assert {field.path.removesuffix("[]") for change in found.writes for field in change.fields} == set(story.cleared)
    applied(stage)


@every_story
def test_a_field_that_is_not_named_is_left_alone(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": story.manifest()})
    applied(stage)
    one = named(stage, story.plural, story.title)
    bare = {name: story.spec[name] for name in ("services", "end_time", "start_time") if name in story.spec}
    stage.write({"m.yaml": story.beside + document(story.kind, story.title, bare)})
    settled(stage)
    assert stage.apply().ok
    after = named(stage, story.plural, story.title)
    assert {name: value for name, value in after.items() if name != "updated_at"} == {
        name: value for name, value in one.items() if name != "updated_at"
    }, told(stage.plan())


@every_story
def test_without_a_ledger_all_is_adopted_and_nothing_written(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": story.manifest()})
    applied(stage)
    other = stage_in(tmp_path)
    other.sandbox, other.clock = stage.sandbox, stage.clock
    found = other.plan()
    assert found.empty, told(found)
    assert {change.word for change in found.changes} == {"adopt"}
