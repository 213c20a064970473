"""pagerduty/IncidentWorkflow: steps by name, inputs that are shared with PagerDuty, triggers of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Own
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

NAME = "pagerduty/IncidentWorkflow"
KIND = kind_of(NAME)
TRIGGERS = "/incident_workflows/triggers"
SAY = "pagerduty.com:incident-workflows:send-status-update:1"
P1 = "incident.priority matches 'P1'"
STEP = {"name": "Say", "action_id": SAY, "inputs": {"Message": "We are looking"}}
WHEN = {"trigger_type": "conditional", "condition": P1, "services": ["checkout"]}


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "major",
            "description": "for the worst",
            "team": "payments",
            "is_enabled": True,
            "steps": [STEP],
            "triggers": [
                WHEN,
                {
                    "trigger_type": "manual",
                    "is_subscribed_to_all_services": True,
                    "permissions": {"restricted": True, "team": "payments"},
                },
                {"trigger_type": "incident_type", "incident_types": ["security"]},
            ],
        },
        {
            "name": "major",
            "description": "for the worst",
            "team": {"id": "id:payments", "type": "team_reference"},
            "is_enabled": True,
            "steps": [
                {
                    "name": "Say",
                    "action_configuration": {
                        "action_id": SAY,
                        "inputs": [{"name": "Message", "value": "We are looking"}],
                    },
                }
            ],
            "triggers": [
                {
                    "trigger_type": "conditional",
                    "condition": P1,
                    "services": [{"id": "id:checkout"}],
                    "is_subscribed_to_all_services": False,
                },
                {
                    "trigger_type": "manual",
                    "services": [],
                    "is_subscribed_to_all_services": True,
                    "permissions": {"restricted": True, "team_id": "id:payments"},
                },
                {"trigger_type": "incident_type", "incident_types": ["security"]},
            ],
        },
        {
            "id": "PWF0001",
            "type": "incident_workflow",
            "name": "major",
            "description": "for the worst",
            "team": {"id": "id:payments", "type": "team_reference"},
            "is_enabled": True,
            "created_at": "2026-01-01T00:00:00Z",
            "steps": [
                {
                    "id": "P4RG7YW",
                    "type": "step",
                    "name": "Say",
                    "description": "says it",
                    "action_configuration": {
                        "action_id": SAY,
                        "description": "says it",
                        "inputs": [
                            {"name": "Format", "parameter_type": "text", "value": "text"},
                            {"name": "Message", "parameter_type": "text", "value": "We are looking"},
                        ],
                        "outputs": [{"name": "Result"}],
                    },
                }
            ],
            "triggers": [
                {
                    "id": "2",
                    "type": "workflow_trigger",
                    "trigger_type": "incident_type",
                    "trigger_type_name": "Incident Type",
                    "incident_types": ["security"],
                    "services": [],
                },
                {
                    "id": "1",
                    "trigger_type": "manual",
                    "services": [],
                    "is_subscribed_to_all_services": True,
                    "permissions": {"restricted": True, "team_id": "id:payments"},
                    "workflow": {"id": "PWF0001"},
                },
                {
                    "id": "0",
                    "trigger_type": "conditional",
                    "condition": P1,
                    "services": [{"id": "id:checkout", "type": "service", "summary": "checkout"}],
                    "is_subscribed_to_all_services": False,
                },
            ],
        },
    ),
    Case(
        "null clears",
        NAME,
        {"description": None, "team": None, "steps": None, "triggers": None},
        {"description": "", "team": None, "steps": [], "triggers": []},
        {"description": "", "team": None, "steps": [], "triggers": []},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


def triggered(**trigger: Any) -> dict[str, Any]:
    return {"triggers": [trigger]}


@mistakes(
    Mistake(NAME, {"steps": [{"action_id": SAY}]}, ("steps", 0, "name"), "required"),
    Mistake(NAME, {"steps": [STEP, STEP]}, ("steps",), "items 1 and 2 have the same name"),
    Mistake(NAME, triggered(trigger_type="sometimes"), ("triggers", 0), "sometimes"),
    Mistake(NAME, triggered(trigger_type="conditional"), ("triggers", 0, "conditional", "condition"), "required"),
    Mistake(
        NAME, triggered(trigger_type="manual", condition=P1), ("triggers", 0, "manual", "condition"), "not permitted"
    ),
    Mistake(
        NAME,
        triggered(**WHEN, is_subscribed_to_all_services=True),
        ("triggers", 0, "conditional", "is_subscribed_to_all_services"),
        "takes no list of services",
    ),
    Mistake(NAME, {"triggers": [WHEN, {**WHEN, "services": []}]}, ("triggers",), "items 1 and 2"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_made_and_then_each_trigger_with_its_id() -> None:
    create, add = KIND.steps(Work("create", bound(tree_of(NAME, {"name": "major", "triggers": [WHEN]}))), CONTEXT)
    assert (create.effect, create.body, create.made) == ("creates", {"name": "major"}, {"name": "major"})
    assert (add.method, add.path, add.effect, add.adds, add.wrap) == ("POST", TRIGGERS, "creates", True, ("trigger",))
    assert add.body["workflow"] == {"id": Own()}


def live() -> Any:
    spec = {"name": "major", "triggers": [WHEN, {"trigger_type": "manual"}]}
    tree = bound(tree_of(NAME, spec))
    return {**tree, "triggers": [{**one, "id": str(number)} for number, one in enumerate(tree["triggers"])]}


def test_each_trigger_that_differs_is_changed_and_what_goes_is_dropped() -> None:
    was = live()
    first = {**was["triggers"][0], "services": [], "is_subscribed_to_all_services": True}
    put, drop = KIND.steps(updating(NAME, was, triggers=[first]), CONTEXT)
    assert (put.method, put.path, dict(put.params)) == ("PUT", f"{TRIGGERS}/{{trigger}}", {"trigger": "0"})
    assert put.body == {"condition": P1, "services": [], "is_subscribed_to_all_services": True}
    assert (drop.method, dict(drop.params), drop.drops) == ("DELETE", {"trigger": "1"}, True)


def test_triggers_alone_are_no_change_of_the_workflow() -> None:
    steps = KIND.steps(updating(NAME, live(), description="x"), CONTEXT)
    assert [(step.method, step.path, step.body) for step in steps] == [
        ("PUT", "/incident_workflows/{id}", {"description": "x"})
    ]


# ── a property ──────────────────────────────────────────────────────────────────────────────────────────────────────

STEPS = st.lists(
    st.fixed_dictionaries(
        {"name": st.text("abc", min_size=1, max_size=3), "action_id": st.just(SAY)},
        optional={"inputs": st.dictionaries(st.text("xyz", max_size=2), st.text(max_size=3), max_size=3)},
    ),
    unique_by=lambda one: one["name"],
    max_size=4,
)


@settings(max_examples=60)
@given(steps=STEPS, turn=st.randoms())
def test_inputs_in_any_order_with_others_between_are_settled(steps: list[Any], turn: Any) -> None:
    case = Case("generated", NAME, {"steps": steps})
    raw = sent(case)
    for one in raw["steps"]:
        inputs = one["action_configuration"]["inputs"]
        inputs.append({"name": "one of PagerDuty's own", "value": "text"})
        turn.shuffle(inputs)
    assert_settled(case, raw)


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = (
    document("Team", "payments", {})
    + document("EscalationPolicy", "calls", POLICY)
    + "".join(document("Service", name, {"escalation_policy": "calls"}) for name in ("checkout", "billing"))
)
MANUAL = {
    "trigger_type": "manual",
    "is_subscribed_to_all_services": True,
    "permissions": {"restricted": True, "team": "payments"},
}
SPEC: dict[str, Any] = {"description": "d", "team": "payments", "steps": [STEP], "triggers": [WHEN, MANUAL]}


def workflow(**spec: Any) -> str:
    return BASE + document("IncidentWorkflow", "major", spec)


def triggers(stage: Any) -> Any:
    return ask(stage, "GET", TRIGGERS)["triggers"]


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = stage_in(tmp_path)
    made.write({"m.yaml": workflow(**SPEC)})
    applied(made)
    return made


def test_it_is_settled_restored_and_removed(stage: Any) -> None:
    one = named(stage, "incident_workflows", "major")
    ask(stage, "PUT", f"/incident_workflows/{one['id']}", {"incident_workflow": {"steps": []}})
    ask(stage, "DELETE", f"{TRIGGERS}/{triggers(stage)[0]['id']}")
    [change] = stage.plan().writes
    assert {(field.path, field.cause) for field in change.fields} == {
        ("steps.Say", "drifted"),
        (f"triggers.conditional {P1}", "drifted"),
    }
    applied(stage)
    assert len(triggers(stage)) == 2
    stage.write({"m.yaml": BASE})
    applied(stage)
    assert triggers(stage) == []


def test_a_trigger_changes_in_its_place_and_another_condition_is_another_trigger(stage: Any) -> None:
    ids = {one["trigger_type"]: one["id"] for one in triggers(stage)}
    stage.write({"m.yaml": workflow(triggers=[{**WHEN, "services": ["billing"]}, {**MANUAL, "services": []}])})
    applied(stage)
    assert {one["trigger_type"]: one["id"] for one in triggers(stage)} == ids
    everywhere = {"trigger_type": "conditional", "condition": P1, "is_subscribed_to_all_services": True}
    stage.write({"m.yaml": workflow(triggers=[everywhere])})
    applied(stage)
    assert [one["id"] for one in triggers(stage)] == [ids["conditional"]]
    stage.write({"m.yaml": workflow(triggers=[{**everywhere, "condition": "incident.urgency matches 'high'"}])})
    applied(stage)
    [now] = triggers(stage)
    assert now["id"] != ids["conditional"]


def test_an_input_that_pagerduty_adds_is_no_drift_and_one_that_is_no_longer_named_stays(stage: Any) -> None:
    [step] = ask(stage, "GET", "/incident_workflows?include[]=steps")["incident_workflows"][0]["steps"]
    assert len(step["action_configuration"]["inputs"]) == 2
    stage.write({"m.yaml": workflow(steps=[{**STEP, "inputs": {"Message": "ok", "Note": "x"}}])})
    applied(stage)
    stage.write({"m.yaml": workflow(steps=[{**STEP, "inputs": {"Message": "ok"}}])})
    settled(stage)


def test_triggers_are_read_only_where_they_are_declared(stage: Any) -> None:
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if "workflows" in line] == [
        "GET /incident_workflows",
        f"GET {TRIGGERS}",
    ]
    stage.write({"m.yaml": workflow(description="d")})
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if "workflows" in line] == ["GET /incident_workflows"]


def test_what_is_not_declared_is_left_alone_and_null_clears(stage: Any) -> None:
    there = triggers(stage)
    stage.write({"m.yaml": workflow(description="x")})
    applied(stage)
    assert triggers(stage) == there
    stage.write({"m.yaml": workflow(description=None, team=None, steps=None, triggers=None)})
    applied(stage)
    assert triggers(stage) == []


def test_without_a_ledger_it_is_adopted(stage: Any, tmp_path: Path) -> None:
    other = stage_in(tmp_path)
    other.sandbox, other.clock = stage.sandbox, stage.clock
    assert {line.split(" ")[0] for line in told(other.plan())} == {"adopt"}


def test_all_pages_of_triggers_are_read(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    many = [{"trigger_type": "conditional", "condition": f"incident.number matches {one}"} for one in range(101)]
    stage.write({"m.yaml": workflow(triggers=many)})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if TRIGGERS in line] == [f"GET {TRIGGERS}"] * 2
