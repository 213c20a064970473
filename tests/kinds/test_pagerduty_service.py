"""pagerduty/Service: urgency by the clock or not, time-outs, grouping only where it is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.manifest.explain import explain
from reconciler.vendors.pagerduty import VENDOR
from tests.kind_kit import CONTEXT, Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.pagerduty_project import applied, ask, document, log_of, named, settled, stage_in, told

NAME = "pagerduty/Service"
KIND = kind_of(NAME)
BY_HOURS = {"type": "use_support_hours", "during_support_hours": "high", "outside_support_hours": "low"}
HOURS = {"time_zone": "Asia/Tokyo", "start_time": "09:00", "end_time": "17:30", "days_of_week": [1, 2, 3]}
ACTION = {"at": "support_hours_start", "to_urgency": "high"}


def constant(urgency: str) -> dict[str, str]:
    return {"type": "constant", "urgency": urgency}


@cases(
    Case(
        "by support hours",
        NAME,
        {
            "name": "checkout",
            "description": "money",
            "escalation_policy": "calls",
            "auto_resolve_timeout": "4h",
            "acknowledgement_timeout": 1800,
            "status": "active",
            "incident_urgency_rule": BY_HOURS,
            "support_hours": HOURS,
            "scheduled_actions": [ACTION],
        },
        {
            "type": "service",
            "name": "checkout",
            "description": "money",
            "escalation_policy": {"id": "id:calls", "type": "escalation_policy_reference"},
            "auto_resolve_timeout": 14_400,
            "acknowledgement_timeout": 1800,
            "status": "active",
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "during_support_hours": constant("high"),
                "outside_support_hours": constant("low"),
            },
            "support_hours": {
                "type": "fixed_time_per_day",
                "time_zone": "Asia/Tokyo",
                "start_time": "09:00:00",
                "end_time": "17:30:00",
                "days_of_week": [1, 2, 3],
            },
            "scheduled_actions": [
                {
                    "type": "urgency_change",
                    "at": {"type": "named_time", "name": "support_hours_start"},
                    "to_urgency": "high",
                }
            ],
        },
        {
            "name": "checkout",
            "description": "money",
            "status": "critical",
            "escalation_policy": {"id": "id:calls", "type": "escalation_policy_reference", "summary": "calls"},
            "auto_resolve_timeout": 14_400,
            "acknowledgement_timeout": 1800,
            "created_at": "2026-01-01T00:00:00Z",
            "teams": [{"id": "PT", "type": "team_reference"}],
            "integrations": [{"id": "PI", "integration_key": "0" * 32}],
            "incident_urgency_rule": {
                "type": "use_support_hours",
                "urgency": None,
                "during_support_hours": constant("high"),
                "outside_support_hours": constant("low"),
            },
            "support_hours": {
                "type": "fixed_time_per_day",
                "time_zone": "Asia/Tokyo",
                "start_time": "09:00:00",
                "end_time": "17:30:00",
                "days_of_week": [3, 1, 2],
            },
            "scheduled_actions": [
                {
                    "type": "urgency_change",
                    "at": {"type": "named_time", "name": "support_hours_start"},
                    "to_urgency": "high",
                }
            ],
        },
    ),
    Case(
        "always the same, with nothing timed out",
        NAME,
        {
            "auto_resolve_timeout": None,
            "acknowledgement_timeout": 0,
            "incident_urgency_rule": constant("severity_based"),
        },
        {
            "type": "service",
            "auto_resolve_timeout": None,
            "acknowledgement_timeout": None,
            "incident_urgency_rule": constant("severity_based"),
        },
        {
            "auto_resolve_timeout": None,
            "acknowledgement_timeout": None,
            "incident_urgency_rule": {
                "type": "constant",
                "urgency": "severity_based",
                "during_support_hours": None,
                "outside_support_hours": None,
            },
            "support_hours": None,
            "scheduled_actions": [],
        },
    ),
    Case(
        "grouped by content",
        NAME,
        {
            "alert_grouping_parameters": {
                "type": "content_based",
                "config": {"aggregate": "all", "fields": ["summary", "component"], "time_window": "1d"},
            }
        },
        {
            "type": "service",
            "alert_grouping_parameters": {
                "type": "content_based",
                "config": {"aggregate": "all", "fields": ["summary", "component"], "time_window": 86_400},
            },
        },
        {
            "alert_grouping_parameters": {
                "type": "content_based",
                "config": {
                    "aggregate": "all",
                    "fields": ["component", "summary"],
                    "time_window": 86_400,
                    "recommended_time_window": 300,
                    "timeout": None,
                },
            }
        },
    ),
    Case(
        "grouped by likeness, with what PagerDuty recommends",
        NAME,
        {"alert_grouping_parameters": {"type": "intelligent", "config": {"time_window": 0}}},
        {"type": "service", "alert_grouping_parameters": {"type": "intelligent", "config": {"time_window": 0}}},
        {
            "alert_grouping_parameters": {
                "type": "intelligent",
                "config": {"time_window": 0, "recommended_time_window": 420},
            }
        },
    ),
    Case(
        "paused for as long as PagerDuty recommends",
        NAME,
        {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 0}},
        {"type": "service", "auto_pause_notifications_parameters": {"enabled": True, "timeout": 0}},
        {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 180, "recommended_timeout": 180}},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", "type": "service", **case.raw})


@pytest.mark.parametrize(
    ("spec", "raw"),
    [
        ({"status": "active"}, {"status": "disabled"}),
        ({"status": "disabled"}, {"status": "critical"}),
        ({"incident_urgency_rule": constant("high")}, {"incident_urgency_rule": constant("low")}),
        (
            {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 0}},
            {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 600, "recommended_timeout": 180}},
        ),
        ({"auto_resolve_timeout": "4h"}, {"auto_resolve_timeout": None}),
        ({"support_hours": HOURS}, {"support_hours": {**HOURS, "days_of_week": [1, 2]}}),
    ],
)
def test_what_differs_is_seen(spec: dict[str, Any], raw: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        assert_settled(Case("drifted", NAME, spec), raw)


def grouping(type_: str, **config: Any) -> dict[str, Any]:
    return {"alert_grouping_parameters": {"type": type_, "config": config}}


AT = ("alert_grouping_parameters",)


@mistakes(
    Mistake(NAME, {"name": " "}, ("name",), "match pattern"),
    Mistake(NAME, {"name": "checkout "}, ("name",), "match pattern"),
    Mistake(NAME, {"auto_resolve_timeout": -1}, ("auto_resolve_timeout",), "greater than or equal to 0"),
    Mistake(NAME, {"status": "warning"}, ("status",), "'active' or 'disabled'"),
    Mistake(NAME, {"incident_urgency_rule": {"urgency": "high"}}, ("incident_urgency_rule",), "discriminator"),
    Mistake(NAME, {"incident_urgency_rule": constant("loud")}, ("incident_urgency_rule", "constant", "urgency"), "low"),
    Mistake(
        NAME,
        {"incident_urgency_rule": {**BY_HOURS, "urgency": "high"}},
        ("incident_urgency_rule", "use_support_hours", "urgency"),
        "not permitted",
    ),
    Mistake(NAME, {"support_hours": {"days_of_week": [0]}}, ("support_hours", "days_of_week", 0), "equal to 1"),
    Mistake(NAME, {"support_hours": {"start_time": "9am"}}, ("support_hours", "start_time"), "match pattern"),
    Mistake(NAME, {"scheduled_actions": [{"at": "noon"}]}, ("scheduled_actions", 0, "at"), "'support_hours_start'"),
    Mistake(NAME, grouping("time", timeout=1441), (*AT, "time", "config", "timeout"), "1440"),
    Mistake(NAME, grouping("time", time_window=300), (*AT, "time", "config", "time_window"), "not permitted"),
    Mistake(
        NAME,
        grouping("intelligent", time_window="1d"),
        (*AT, "intelligent", "config", "time_window"),
        "from 5m to 1h",
    ),
    Mistake(
        NAME,
        grouping("content_based", time_window="2h"),
        (*AT, "content_based", "config", "time_window"),
        "from 5m to 1h, or 1d",
    ),
    Mistake(
        NAME,
        {"auto_pause_notifications_parameters": {"timeout": 60}},
        ("auto_pause_notifications_parameters", "timeout"),
        "2m, 3m, 5m",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_actions_that_would_do_nothing_are_remarked() -> None:
    spec = {"scheduled_actions": [ACTION], "incident_urgency_rule": BY_HOURS}
    assert KIND.remarks(spec) == []
    assert len(KIND.remarks({**spec, "incident_urgency_rule": constant("high")})) == 1
    assert len(KIND.remarks({**spec, "incident_urgency_rule": {**BY_HOURS, "outside_support_hours": "high"}})) == 1
    assert KIND.remarks({"scheduled_actions": [ACTION]}) == []


def test_explain_teaches_the_urgency_rule() -> None:
    text = repr(explain({"pagerduty": VENDOR}, "pagerduty/Service.incident_urgency_rule"))
    for word in ("severity_based", "use_support_hours", "during_support_hours", "support_hours beside it"):
        assert word in text


# ── leaving support hours ───────────────────────────────────────────────────────────────────────────────────────────


def leaving(**live: Any) -> Work:
    before = {"name": "x", "incident_urgency_rule": BY_HOURS, **live}
    after = {**before, "incident_urgency_rule": constant("high")}
    return Work("update", after, frozenset({"incident_urgency_rule"}), before)


def test_support_hours_are_cleared_with_the_rule_that_used_them() -> None:
    work = leaving(support_hours=HOURS, scheduled_actions=[ACTION])
    [step] = KIND.steps(work, CONTEXT)
    assert (step.body["support_hours"], step.body["scheduled_actions"]) == (None, [])
    [note] = KIND.consequences(work)
    assert "support_hours and scheduled_actions: cleared" in note


def test_what_is_not_there_is_not_cleared() -> None:
    [step] = KIND.steps(leaving(), CONTEXT)
    assert set(step.body) == {"type", "incident_urgency_rule"}
    assert KIND.consequences(leaving()) == ()


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = document(
    "EscalationPolicy",
    "calls",
    {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": ["ann@example.com"]}]},
)


def service(name: str = "checkout", **spec: Any) -> str:
    return document("Service", name, {"escalation_policy": "calls", **spec})


def test_a_service_leaves_support_hours_in_one_write(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    both = {"support_hours": HOURS, "scheduled_actions": [ACTION]}
    stage.write({"m.yaml": POLICY + service(incident_urgency_rule=BY_HOURS, **both)})
    applied(stage)
    stage.write({"m.yaml": POLICY + service(incident_urgency_rule=constant("low"))})
    applied(stage)
    assert named(stage, "services", "checkout")["support_hours"] is None


def test_grouping_that_no_manifest_names_is_left_alone(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": POLICY + service()})
    applied(stage)
    ident = named(stage, "services", "checkout")["id"]
    setting = {"name": "x", "type": "time", "config": {"timeout": 300}, "services": [{"id": ident}]}
    ask(stage, "POST", "/alert_grouping_settings", {"alert_grouping_setting": setting})
    stage.write({"m.yaml": POLICY + service(description="new", auto_resolve_timeout=None)})
    applied(stage)
    [found] = ask(stage, "GET", "/alert_grouping_settings")["alert_grouping_settings"]
    assert [one["id"] for one in found["services"]] == [ident]


def test_a_service_in_trouble_is_as_active_as_any(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": POLICY + service(status="active")})
    applied(stage)
    link = {"id": named(stage, "services", "checkout")["id"], "type": "service_reference"}
    ask(
        stage,
        "POST",
        "/maintenance_windows",
        {
            "maintenance_window": {
                "type": "maintenance_window",
                "start_time": "2026-01-01T00:00:00Z",
                "end_time": "2027-01-01T00:00:00Z",
                "services": [link],
            }
        },
    )
    assert named(stage, "services", "checkout")["status"] == "maintenance"
    settled(stage)


def test_a_name_that_differs_in_case_alone_is_the_same_service(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": POLICY + service()})
    applied(stage)
    ident = named(stage, "services", "checkout")["id"]
    ask(stage, "PUT", f"/services/{ident}", {"service": {"type": "service", "name": "Checkout"}})
    stage.ledger("pagerduty")
    fresh = stage_in(tmp_path)
    fresh.sandbox, fresh.clock = stage.sandbox, stage.clock
    assert [one for one in told(fresh.plan()) if "Service/checkout" in one and "create" in one] == []


def test_what_dies_with_a_service_is_listed(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": POLICY + service() + service("billing")})
    applied(stage)
    ident = named(stage, "services", "checkout")["id"]
    body = {"integration": {"type": "events_api_v2_inbound_integration", "name": "by hand"}}
    made = ask(stage, "POST", f"/services/{ident}/integrations", body)["integration"]
    stage.write({"m.yaml": POLICY + service("billing")})
    [change] = stage.plan().writes
    assert [note for note in change.notes if made["id"] in note]
    assert any("open incidents" in note for note in change.notes)


def test_reading_a_thousandfold_costs_pages_and_nothing_else(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    types = {"type": "events_api_v2_inbound_integration"}
    many = [
        service(f"s{number}") + document("ServiceIntegration", f"i{number}", {"service": f"s{number}", **types})
        for number in range(150)
    ]
    stage.write({"m.yaml": POLICY + "".join(many)})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    assert sorted(log_of(stage, before)) == ["GET /escalation_policies", "GET /services", "GET /services", "GET /users"]


def test_the_record_ceiling_is_told_and_nothing_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": POLICY + service()})
    applied(stage)
    account = stage.sandbox.account("pagerduty")
    assert account is not None
    template = account.of("services").items[named(stage, "services", "checkout")["id"]]
    for number in range(10_000):
        account.of("services").put({**template, "id": f"PX{number}", "name": f"x{number}", "folded": f"x{number}"})
    found = stage.plan()
    assert not found.writes
    assert any("no more than 10,000" in str(one) for one in found.facts.not_read.values())
