"""pagerduty/EscalationPolicy: rules in order, targets in none, strategies only where they are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kind_kit import Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.pagerduty_project import applied, ask, document, log_of, named, settled, stage_in

NAME = "pagerduty/EscalationPolicy"
KIND = kind_of(NAME)


def rule(*targets: Any, **fields: Any) -> dict[str, Any]:
    return {"escalation_delay_in_minutes": 15, "targets": list(targets), **fields}


ANN = {"id": "id:ann@x.y", "type": "user_reference"}
PRIMARY = {"id": "id:primary", "type": "schedule_reference"}


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "payments",
            "description": "who is called",
            "num_loops": 2,
            "on_call_handoff_notifications": "always",
            "teams": ["payments"],
            "escalation_rules": [
                rule("ann@x.y", {"schedule": "primary"}, escalation_rule_assignment_strategy="round_robin"),
                rule({"schedule": "primary"}, escalation_delay_in_minutes="1h"),
            ],
        },
        {
            "type": "escalation_policy",
            "name": "payments",
            "description": "who is called",
            "num_loops": 2,
            "on_call_handoff_notifications": "always",
            "teams": [{"id": "id:payments", "type": "team_reference"}],
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 15,
                    "targets": [ANN, PRIMARY],
                    "escalation_rule_assignment_strategy": {"type": "round_robin"},
                },
                {"escalation_delay_in_minutes": 60, "targets": [PRIMARY]},
            ],
        },
        {
            "name": "payments",
            "description": "who is called",
            "num_loops": 2,
            "on_call_handoff_notifications": "always",
            "teams": [{"id": "id:payments", "type": "team_reference", "summary": "payments"}],
            "services": [{"id": "PS", "type": "service_reference"}],
            "escalation_rules": [
                {
                    "id": "R1",
                    "escalation_delay_in_minutes": 15,
                    "targets": [PRIMARY | {"summary": "primary"}, ANN],
                    "escalation_rule_assignment_strategy": {"type": "round_robin"},
                },
                {"id": "R2", "escalation_delay_in_minutes": 60, "targets": [PRIMARY]},
            ],
        },
    ),
    Case(
        "a user written out, and a strategy as PagerDuty's description has it",
        NAME,
        {
            "escalation_rules": [
                rule({"user": {"id": "P1"}}, escalation_rule_assignment_strategy="assign_to_everyone"),
            ]
        },
        {
            "type": "escalation_policy",
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 15,
                    "targets": [{"id": "P1", "type": "user_reference"}],
                    "escalation_rule_assignment_strategy": {"type": "assign_to_everyone"},
                }
            ],
        },
        {
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 15,
                    "targets": [{"id": "P1", "type": "user"}],
                    "escalation_rule_assignment_strategy": "assign_to_everyone",
                }
            ]
        },
    ),
    Case(
        "a schedule of the newer API",
        NAME,
        {"escalation_rules": [rule({"schedule": "primary"})]},
        {"type": "escalation_policy", "escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": [PRIMARY]}]},
        {
            "escalation_rules": [
                {
                    "escalation_delay_in_minutes": 15,
                    "targets": [{"id": "id:primary", "type": "schedule_v3_reference"}],
                }
            ]
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", "type": "escalation_policy", **case.raw})


@pytest.mark.parametrize(
    "rules",
    [
        [rule(PRIMARY), rule(ANN)],
        [rule(ANN)],
        [rule(ANN), rule(PRIMARY, ANN)],
        [rule(ANN, escalation_delay_in_minutes=16), rule(PRIMARY)],
    ],
    ids=["another order", "one less", "one target more", "later"],
)
def test_rules_are_owned_whole_and_in_order(rules: list[dict[str, Any]]) -> None:
    case = Case("drifted", NAME, {"escalation_rules": [rule("ann@x.y"), rule({"schedule": "primary"})]})
    with pytest.raises(AssertionError):
        assert_settled(case, {"escalation_rules": rules})


@mistakes(
    Mistake(NAME, {"name": "payments "}, ("name",), "match pattern"),
    Mistake(NAME, {"name": "pay\x07ments"}, ("name",), "match pattern"),
    Mistake(NAME, {"num_loops": 10}, ("num_loops",), "less than or equal to 9"),
    Mistake(NAME, {"on_call_handoff_notifications": "never"}, ("on_call_handoff_notifications",), "'always'"),
    Mistake(NAME, {"escalation_rules": []}, ("escalation_rules",), "at least 1"),
    Mistake(NAME, {"escalation_rules": [rule()]}, ("escalation_rules", 0, "targets"), "at least 1"),
    Mistake(
        NAME,
        {"escalation_rules": [rule(*(f"u{number}@x.y" for number in range(11)))]},
        ("escalation_rules", 0, "targets"),
        "at most 10",
    ),
    Mistake(NAME, {"escalation_rules": [rule("a@b.c", "a@b.c")]}, ("escalation_rules", 0, "targets"), "item 2"),
    Mistake(
        NAME,
        {"escalation_rules": [rule("a@b.c", escalation_delay_in_minutes=0)]},
        ("escalation_rules", 0, "escalation_delay_in_minutes"),
        "greater than or equal to 1",
    ),
    Mistake(
        NAME,
        {"escalation_rules": [rule({"team": "x"})]},
        ("escalation_rules", 0, "targets", 0),
        "{schedule: NAME}",
    ),
    Mistake(NAME, {"teams": ["a", "b"]}, ("teams",), "at most 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_a_name_that_the_vendors_own_tools_refuse_is_remarked() -> None:
    [remark] = KIND.remarks({"name": "A & B"})
    assert remark.path == ("name",)
    assert KIND.remarks({"name": "決済 A-B"}) == []


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────


def policy(*targets: Any, **fields: Any) -> str:
    return document("EscalationPolicy", "calls", {"escalation_rules": [rule(*targets, **fields)]})


@pytest.mark.parametrize("strategy", [None, "round_robin"])
def test_strategies_are_asked_for_only_where_one_is_named(strategy: str | None, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    fields = {"escalation_rule_assignment_strategy": strategy} if strategy else {}
    stage.write({"m.yaml": policy("ann@example.com", **fields)})
    applied(stage)
    listed = [one for one in stage.sandbox.log if one["method"] == "GET" and one["path"].endswith("policies")]
    assert {("include[]" in dict(one["query"])) for one in listed} == {strategy is not None}


def test_targets_in_another_order_are_the_same_ones(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": policy("ann@example.com", "bob@example.com")})
    applied(stage)
    stage.write({"m.yaml": policy("bob@example.com", "ann@example.com")})
    settled(stage)


def test_a_policy_that_somebody_elses_service_uses_is_not_deleted(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    other = document("EscalationPolicy", "other", {"escalation_rules": [rule("bob@example.com")]})
    stage.write({"m.yaml": policy("ann@example.com") + other})
    applied(stage)
    ident = named(stage, "escalation_policies", "calls")["id"]
    link = {"id": ident, "type": "escalation_policy_reference"}
    ask(stage, "POST", "/services", {"service": {"type": "service", "name": "theirs", "escalation_policy": link}})
    stage.write({"m.yaml": other})
    [blocked] = stage.plan().blocked
    assert '"theirs"' in blocked.why
    assert stage.plan().writes == ()


def test_a_target_nobody_can_reach_is_a_warning(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    [user] = ask(stage, "GET", "/users?query=bob&include[]=contact_methods")["users"]
    for method in user["contact_methods"]:
        ask(stage, "DELETE", f"/users/{user['id']}/contact_methods/{method['id']}")
    stage.write({"m.yaml": policy("ann@example.com", "bob@example.com")})
    warned = [one for one in stage.plan().warnings if "no contact method" in one.text]
    assert ["bob@example.com" in one.text for one in warned] == [True]
    assert warned[0].place is not None


def test_reading_costs_a_list_of_each_kind_however_many_there_are(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    many = [
        document("EscalationPolicy", f"p{number}", {"escalation_rules": [rule("ann@example.com")]})
        for number in range(120)
    ]
    stage.write({"m.yaml": "".join(many)})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    assert sorted(log_of(stage, before)) == ["GET /escalation_policies"] * 2 + ["GET /users"]
