"""The whole story by the command line alone: plan, apply, drift, apply, incident, destroy."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell


def test_the_story_goes_as_told(quickstart: Shell) -> None:
    run = quickstart.sandboxed
    first = run("plan", "--detailed-exitcode")
    assert (first.code, first.err) == (2, "")
    assert first.out.startswith("7 to create in opsgenie and wallarm")

    applied = run("apply", "--yes")
    assert applied.code == 0
    assert "7 created in opsgenie and wallarm" in applied.out
    assert applied.err.count("created ") == 7

    settled = run("plan", "--detailed-exitcode")
    assert settled.code == 0
    assert settled.out.startswith("Nothing to change: 7 objects in opsgenie and wallarm are as Git says")

    edited = run("sandbox", "edit", "opsgenie", "schedules/payments-oncall", '{"description": "somebody was here"}')
    assert (edited.code, json.loads(edited.out)["description"]) == (0, "somebody was here")

    drifted = run("plan", "--detailed-exitcode")
    assert drifted.code == 2
    assert "somebody was here → Who is on call for payments (drifted at the vendor)" in drifted.said

    assert run("apply", "--yes").code == 0
    assert run("plan", "--detailed-exitcode").code == 0

    incident = run("sandbox", "incident")
    assert incident.code == 0
    assert 'arrived: "[Wallarm] Trigger: more than 1 incident(s) in 1 second"' in incident.out
    alert = json.loads(run("sandbox", "get", "opsgenie", "/v2/alerts/1?identifierType=tiny").out)["data"]
    assert len(alert["details"]) == 10

    destroyed = run("destroy", "--yes")
    assert destroyed.code == 0
    assert "6 deleted, 1 reset" in destroyed.out
    assert run("plan").out.startswith("7 to create")


def test_the_sandbox_may_be_asked_for_before_or_after_the_command(quickstart: Shell) -> None:
    assert (
        quickstart("--sandbox", "plan").out.partition("(")[0] == quickstart("plan", "--sandbox").out.partition("(")[0]
    )


def test_a_project_without_a_project_file_has_every_vendor_in_the_sandbox(quickstart: Shell) -> None:
    (quickstart.folder / "reconciler.yaml").unlink()
    assert quickstart.sandboxed("plan").out.startswith("7 to create in opsgenie and wallarm")


def test_no_real_key_reaches_the_sandbox(quickstart: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPSGENIE_API_KEY", "WALLARM_API_TOKEN"):
        monkeypatch.setenv(name, "the word wrong is what the sandbox refuses")
    quickstart.replace("reconciler.yaml", "cloud: eu}", "cloud: eu, client_id: 77}")
    assert quickstart.sandboxed("plan").out.startswith("7 to create")


def test_without_the_sandbox_an_unset_key_is_told_and_nothing_is_written(quickstart: Shell) -> None:
    before = quickstart.files()
    ran = quickstart("plan", "-o", "plan.json")
    assert ran.code == 1
    assert "OPSGENIE_API_KEY is not set here" in ran.said
    assert "the plan is not saved: opsgenie and wallarm could not be read" in ran.said
    assert quickstart.files() == before


def test_plan_as_json_is_the_document(quickstart: Shell) -> None:
    ran = quickstart.sandboxed("plan", "--format", "json")
    document = json.loads(ran.out)
    assert document["format"] == "reconciler/plan/v1"
    assert document["counts"] == {"create": 7}


def test_apply_as_json_is_the_result_alone(quickstart: Shell) -> None:
    ran = quickstart.sandboxed("apply", "--yes", "--format", "json")
    assert json.loads(ran.out)["counts"] == {"done": 7}


def test_plan_of_destroy_says_what_destroy_does(quickstart: Shell) -> None:
    run = quickstart.sandboxed
    run("apply", "--yes")
    assert run("plan", "--destroy").out.startswith("destroy: 6 to delete, 1 to reset")
    assert run("plan").out.startswith("Nothing to change")


NARROWED = [
    ("wallarm.yaml", ["Integration", "Integration", "Team", "Trigger"]),
    ("--account opsgenie", ["Escalation", "Integration", "RoutingRule", "Schedule", "Team"]),
    ("--target opsgenie/Schedule/payments-oncall", ["Schedule", "Team"]),
    ("--selector team=payments", ["Schedule", "Team"]),
    (".", ["Escalation", "Integration", "Integration", "RoutingRule", "Schedule", "Team", "Trigger"]),
]


@pytest.mark.parametrize(("arguments", "kinds"), NARROWED, ids=[row[0] for row in NARROWED])
def test_a_plan_can_be_narrowed_and_pulls_in_what_is_needed(
    quickstart: Shell, arguments: str, kinds: list[str]
) -> None:
    quickstart.replace("opsgenie.yaml", "{name: payments-oncall}", "{name: payments-oncall, labels: {team: payments}}")
    ran = quickstart.sandboxed("plan", "--format", "json", *arguments.split())
    assert sorted(change["address"].split("/")[1] for change in json.loads(ran.out)["changes"]) == kinds


UNKNOWN = [
    (("opsgeni.yaml",), 'opsgeni.yaml is not there, and never held a manifest did you mean "opsgenie.yaml"?'),
    (("--account", "opsgeni"), 'the project has no account "opsgeni" did you mean "opsgenie"?'),
    (("--target", "opsgenie/Team/payment"), 'did you mean "opsgenie/Team/payments"?'),
    (("..",), "is outside the project"),
]


@pytest.mark.parametrize(("arguments", "said"), UNKNOWN, ids=lambda value: "".join(value))
def test_a_narrowing_that_means_nothing_is_told(quickstart: Shell, arguments: tuple[str, ...], said: str) -> None:
    ran = quickstart.sandboxed("plan", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.said


def test_a_project_is_found_from_below_and_named_from_elsewhere(
    quickstart: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = quickstart.folder / "teams"
    below.mkdir()
    monkeypatch.chdir(below)
    assert quickstart.sandboxed("plan", "../opsgenie.yaml").out.startswith("5 to create")
    monkeypatch.chdir("/")
    assert quickstart.sandboxed("plan", "-p", str(quickstart.folder)).out.startswith("7 to create")
