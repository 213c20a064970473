"""pagerduty/ServiceOrchestration: every service has one; read where it is named, put back and never deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Reset
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link
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
    sent,
    tree_of,
    updating,
)
from tests.kinds.pagerduty_project import applied, ask, document, log_of, named, settled, stage_in, told

NAME = "pagerduty/ServiceOrchestration"
KIND = kind_of(NAME)
PATH = "/event_orchestrations/services/{service}"
NOTHING: dict[str, Any] = {"sets": [{"id": "start", "rules": []}], "catch_all": {"actions": {}}}
RULE = {"label": "quiet", "conditions": ["event.severity matches 'info'"], "suppress": True}
SENT = {"label": "quiet", "conditions": [{"expression": RULE["conditions"][0]}], "actions": {"suppress": True}}


@cases(
    Case(
        "whole",
        NAME,
        {
            "service": "checkout",
            "active": True,
            "rules": [RULE],
            "sets": {"two": [{"pagerduty_automation_actions": [{"action_id": "A1"}]}]},
            "catch_all": {"annotate": "hi"},
        },
        {
            "active": {"active": True},
            "sets": [
                {"id": "start", "rules": [SENT]},
                {
                    "id": "two",
                    "rules": [{"conditions": [], "actions": {"pagerduty_automation_actions": [{"action_id": "A1"}]}}],
                },
            ],
            "catch_all": {"actions": {"annotate": "hi"}},
        },
    ),
    Case("the switch alone", NAME, {"service": "checkout", "active": False}, {"active": {"active": False}}),
    Case("null puts it back", NAME, {"service": "checkout", "rules": None, "catch_all": None, "sets": None}, NOTHING),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert_settled(case, case.body or {}, service=tree_of(NAME, case.spec)["service"])


def spec(**fields: Any) -> dict[str, Any]:
    return {"service": "checkout", **fields}


@mistakes(
    Mistake(NAME, {"active": True}, ("service",), "required"),
    Mistake(NAME, spec(rules=[{"drop_event": True}]), ("rules", 0, "drop_event"), "not permitted"),
    Mistake(NAME, spec(rules=[{"route_to": "two"}], sets={"three": []}), (), "sets has none of that name"),
    Mistake(NAME, spec(catch_all={"route_to": "two"}), ("catch_all", "route_to"), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_it_is_found_and_then_written() -> None:
    tree = bound(tree_of(NAME, spec(active=True, rules=[RULE])))
    find, rules, active = KIND.steps(Work("create", tree), CONTEXT)
    assert find.finds
    assert (rules.method, rules.path, rules.wrap) == ("PUT", PATH, ("orchestration_path",))
    assert (active.method, active.path, active.body) == ("PUT", f"{PATH}/active", {"active": True})
    assert {"service": tree["service"]} == dict(rules.params) == dict(active.params) == dict(find.params)


def test_what_is_written_of_the_rules_is_all_of_them() -> None:
    live = {**bound(tree_of(NAME, spec(active=True, rules=[RULE]))), "catch_all": {"annotate": "theirs"}}
    [put] = KIND.steps(updating(NAME, live, rules=[]), CONTEXT)
    assert put.body == {"sets": [{"id": "start", "rules": []}], "catch_all": {"actions": {"annotate": "theirs"}}}
    [put] = KIND.steps(updating(NAME, live, active=False), CONTEXT)
    assert put.path.endswith("/active")


def test_only_what_was_declared_is_put_back_and_nothing_where_its_service_goes() -> None:
    assert KIND.reset({"service": "x", "active": True}) == {"active": False}
    assert KIND.reset({"service": "x", "rules": [RULE], "catch_all": {}}) == {"rules": [], "catch_all": None}
    service = Link("pagerduty/Service/checkout", "pagerduty/Service", "checkout", "P1")
    assert KIND.on_removal({"service": service}, frozenset()) == "reset"
    assert KIND.on_removal({"service": service}, frozenset({"pagerduty/Service/checkout"})) == "release"


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
CALLS = document("EscalationPolicy", "calls", POLICY)
BASE = CALLS + "".join(document("Service", name, {"escalation_policy": "calls"}) for name in ("checkout", "billing"))


def manifest(**fields: Any) -> str:
    return document("ServiceOrchestration", "events", spec(**fields))


WHOLE = manifest(active=True, rules=[RULE])


def place(stage: Any) -> str:
    return f"/event_orchestrations/services/{named(stage, 'services', 'checkout')['id']}"


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = stage_in(tmp_path)
    made.write({"m.yaml": BASE + WHOLE})
    applied(made)
    return made


def test_it_is_made_with_its_service_and_settled(stage: Any) -> None:
    assert ask(stage, "GET", f"{place(stage)}/active") == {"active": True}
    assert ask(stage, "GET", place(stage))["orchestration_path"]["sets"][0]["rules"][0]["label"] == "quiet"


def test_a_change_by_hand_is_seen_and_put_right(stage: Any) -> None:
    ask(stage, "PUT", place(stage), {"orchestration_path": NOTHING})
    ask(stage, "PUT", f"{place(stage)}/active", {"active": False})
    [change] = stage.plan().writes
    assert [(field.path, field.cause) for field in change.fields] == [("rules", "drifted"), ("active", "drifted")]
    applied(stage)


def test_only_services_that_are_named_are_read_and_the_switch_only_where_it_is_declared(stage: Any) -> None:
    before = len(stage.sandbox.log)
    settled(stage)
    where = place(stage)
    assert [line for line in log_of(stage, before) if "event_orchestrations" in line] == [
        f"GET {where}",
        f"GET {where}/active",
    ]
    stage.write({"m.yaml": BASE + manifest(rules=[RULE])})
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if "event_orchestrations" in line] == [f"GET {where}"]


def test_what_left_git_is_put_back_and_what_was_not_declared_stays(stage: Any) -> None:
    kept = {**NOTHING, "sets": [{"id": "start", "rules": [SENT]}], "catch_all": {"actions": {"annotate": "theirs"}}}
    ask(stage, "PUT", place(stage), {"orchestration_path": kept})
    stage.write({"m.yaml": BASE})
    [change] = stage.plan().writes
    assert isinstance(change, Reset)
    assert {field.path for field in change.fields} == {"active", "rules"}
    applied(stage)
    path = ask(stage, "GET", place(stage))["orchestration_path"]
    assert (path["sets"], path["catch_all"]) == (NOTHING["sets"], kept["catch_all"])
    assert ask(stage, "GET", f"{place(stage)}/active") == {"active": False}
    assert not [one for one in stage.ledger("pagerduty").entries if "Orchestration" in one]


def test_it_is_put_back_where_the_service_was_there_before(tmp_path: Path) -> None:
    """Nothing is deleted by that, and what is put back is what was declared."""
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE})
    applied(stage)
    stage.write({"m.yaml": BASE + WHOLE})
    applied(stage)
    stage.write({"m.yaml": BASE})
    assert [line.split(":")[0] for line in told(stage.plan())] == ["reset pagerduty/ServiceOrchestration/events"]
    applied(stage)


def test_it_goes_with_its_service(stage: Any) -> None:
    stage.write({"m.yaml": CALLS + document("Service", "billing", {"escalation_policy": "calls"})})
    assert {line.split(":")[0] for line in told(stage.plan())} == {
        "release pagerduty/ServiceOrchestration/events",
        "delete pagerduty/Service/checkout",
    }
    applied(stage)
    assert [str(one) for one in stage.ledger("pagerduty").entries if "checkout" in one or "events" in one] == []


def test_a_service_that_was_deleted_by_hand_is_made_again_with_it(stage: Any) -> None:
    ask(stage, "DELETE", f"/services/{named(stage, 'services', 'checkout')['id']}")
    assert [line.split(":")[0] for line in told(stage.plan())] == [
        "create pagerduty/Service/checkout",
        "create pagerduty/ServiceOrchestration/events",
    ]
    applied(stage)
    assert ask(stage, "GET", f"{place(stage)}/active") == {"active": True}


def test_null_puts_rules_back(stage: Any) -> None:
    stage.write({"m.yaml": BASE + manifest(rules=None, active=True)})
    applied(stage)
    assert ask(stage, "GET", place(stage))["orchestration_path"]["sets"] == NOTHING["sets"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"active": False, "rules": [RULE]}, ["active"]),
        ({"active": False, "catch_all": {"annotate": "hi"}}, ["active"]),
        ({"active": True, "rules": [RULE]}, []),
        ({"active": False, "rules": [], "catch_all": {}}, []),
        ({"active": False}, []),
    ],
)
def test_only_rules_that_are_written_can_be_out_of_force(spec: dict[str, Any], told: list[str]) -> None:
    tree = tree_of(NAME, {"service": "checkout", **spec})
    assert [" ".join(map(str, one.path)) for one in KIND.remarks(tree)] == told
