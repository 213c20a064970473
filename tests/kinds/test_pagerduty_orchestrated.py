"""pagerduty/EventOrchestration against the sandbox: what is read, what is written, and where its keys go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.exchange import Request, encode
from tests.kinds.pagerduty_project import applied, ask, document, log_of, settled, stage_in, told

CHECKOUT = "event.source matches part 'checkout'"
UNROUTED = {"actions": {"route_to": "unrouted"}}


def start(*rules: Any) -> list[Any]:
    return [{"id": "start", "rules": [*rules]}]


POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = (
    document("Team", "payments", {})
    + document("EscalationPolicy", "calls", POLICY)
    + document("Service", "checkout", {"escalation_policy": "calls"})
)
SPEC: dict[str, Any] = {
    "description": "d",
    "team": "payments",
    "integrations": [{"label": "Datadog"}],
    "router": {"rules": [{"label": "checkout", "conditions": [CHECKOUT], "route_to": "checkout"}]},
    "unrouted": {"catch_all": {"severity": "info"}},
    "global": {
        "rules": [{"conditions": ["x"], "suppress": True, "route_to": "two"}],
        "sets": {"two": [{"annotate": "hi", "priority": "P1", "escalation_policy": "calls"}]},
    },
}


def orchestration(**spec: Any) -> str:
    return BASE + document("EventOrchestration", "main", spec)


def ident(stage: Any) -> str:
    [one] = ask(stage, "GET", "/event_orchestrations")["orchestrations"]
    return str(one["id"])


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = stage_in(tmp_path)
    made.write({"m.yaml": orchestration(**SPEC)})
    applied(made)
    return made


def test_it_is_settled_restored_and_removed(stage: Any) -> None:
    path = f"/event_orchestrations/{ident(stage)}/router"
    ask(stage, "PUT", path, {"orchestration_path": {"sets": start(), "catch_all": UNROUTED}})
    [change] = stage.plan().writes
    assert [(field.path, field.cause) for field in change.fields] == [("router.rules", "drifted")]
    applied(stage)
    assert ask(stage, "GET", path)["orchestration_path"]["sets"][0]["rules"][0]["label"] == "checkout"
    stage.write({"m.yaml": BASE})
    applied(stage)
    assert ask(stage, "GET", "/event_orchestrations")["orchestrations"] == []


def test_an_action_added_by_hand_to_a_rule_is_drift(stage: Any) -> None:
    path = f"/event_orchestrations/{ident(stage)}/unrouted"
    changed = {"sets": start(), "catch_all": {"actions": {"severity": "info", "event_action": "resolve"}}}
    ask(stage, "PUT", path, {"orchestration_path": changed})
    assert [field.path for change in stage.plan().writes for field in change.fields] == [
        "unrouted.catch_all.event_action"
    ]
    applied(stage)


def test_only_the_paths_that_a_manifest_names_are_read(stage: Any) -> None:
    before = len(stage.sandbox.log)
    settled(stage)
    ours = [line for line in log_of(stage, before) if "event_orchestrations" in line]
    assert len(ours) == 5
    stage.write({"m.yaml": orchestration(description="d", unrouted=SPEC["unrouted"])})
    before = len(stage.sandbox.log)
    settled(stage)
    ours = [line for line in log_of(stage, before) if "event_orchestrations" in line]
    assert ours == ["GET /event_orchestrations", f"GET /event_orchestrations/{ident(stage)}/unrouted"]


def test_a_path_that_is_not_named_is_left_alone_and_null_puts_it_back(stage: Any) -> None:
    path = f"/event_orchestrations/{ident(stage)}"
    there = ask(stage, "GET", f"{path}/global")["orchestration_path"]
    stage.write({"m.yaml": orchestration(unrouted={"catch_all": {"severity": "error"}})})
    applied(stage)
    assert ask(stage, "GET", f"{path}/global")["orchestration_path"] == there
    stage.write({"m.yaml": orchestration(router=None, unrouted=None, **{"global": None}, team=None, description=None)})
    applied(stage)
    now = ask(stage, "GET", f"{path}/global")["orchestration_path"]
    assert (now["sets"], now["catch_all"]) == (start(), {"actions": {}})


def test_integrations_of_others_stay_and_ours_go_when_they_are_no_longer_named(stage: Any) -> None:
    path = f"/event_orchestrations/{ident(stage)}/integrations"

    def labels() -> list[str]:
        return sorted(one["label"] for one in ask(stage, "GET", path)["integrations"])

    assert labels() == ["Datadog", "main Default Integration"]
    ask(stage, "POST", path, {"integration": {"label": "theirs"}})
    settled(stage)
    stage.write({"m.yaml": orchestration(integrations=[{"label": "Grafana"}, {"label": "main Default Integration"}])})
    applied(stage)
    assert labels() == ["Grafana", "main Default Integration", "theirs"]


def test_a_rule_outside_the_plan_is_told_after_the_write(stage: Any) -> None:
    stage.sandbox.handle(Request("POST", "/__settings", (), {}, encode({"pagerduty": {"plan": "basic"}})))
    stage.write(
        {"m.yaml": orchestration(unrouted={"rules": [{"variables": [{"name": "a", "path": "b", "value": "c"}]}]})}
    )
    [result] = [one for one in stage.apply().results if one.change.word == "update"]
    assert result.ending == "done"
    assert "does not include variables" in " ".join(result.notes)


def consumer(output: str) -> str:
    action = {"name": "n", "url": "https://x.example", "headers": {"Key": _from(output)}}
    spec = {"service": "checkout", "rules": [{"automation_actions": [action]}]}
    return document("ServiceOrchestration", "uses-it", spec)


def _from(output: str) -> dict[str, str]:
    return {"from": "pagerduty/EventOrchestration/main", "output": output}


@pytest.mark.parametrize("output", ["routing_key", "routing_key:Datadog"])
@pytest.mark.parametrize("when", ["at once", "added later", "taken later"])
def test_a_key_flows_to_who_uses_it(output: str, when: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    whole = orchestration(integrations=[{"label": "Datadog"}])
    if when == "added later":
        stage.write({"m.yaml": orchestration()})
        applied(stage)
    if when == "taken later":
        stage.write({"m.yaml": whole})
        applied(stage)
    stage.write({"m.yaml": whole + consumer(output)})
    applied(stage)
    keys = {
        one["label"]: one["parameters"]["routing_key"]
        for one in ask(stage, "GET", f"/event_orchestrations/{ident(stage)}/integrations")["integrations"]
    }
    service = ask(stage, "GET", "/services")["services"][0]["id"]
    path = ask(stage, "GET", f"/event_orchestrations/services/{service}")["orchestration_path"]
    [header] = path["sets"][0]["rules"][0]["actions"]["automation_actions"][0]["headers"]
    assert header["value"] == keys["Datadog" if output.endswith("Datadog") else "main Default Integration"]


def test_a_key_of_an_integration_that_is_not_there_is_blocked(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": orchestration()})
    applied(stage)
    stage.write({"m.yaml": orchestration() + consumer("routing_key:Nobody")})
    [blocked] = stage.plan().blocked
    assert "has no routing_key:Nobody" in blocked.why


def test_without_a_ledger_it_is_adopted(stage: Any, tmp_path: Path) -> None:
    other = stage_in(tmp_path)
    other.sandbox, other.clock = stage.sandbox, stage.clock
    assert {line.split(" ")[0] for line in told(other.plan())} == {"adopt"}


def test_no_key_and_no_id_of_a_rule_is_shown(stage: Any) -> None:
    before = ask(stage, "GET", f"/event_orchestrations/{ident(stage)}/integrations")
    stage.write({"m.yaml": orchestration(**{**SPEC, "global": {"rules": []}, "integrations": []})})
    text = repr(told(stage.plan()))
    assert not [one for one in before["integrations"] if one["parameters"]["routing_key"] in text]
