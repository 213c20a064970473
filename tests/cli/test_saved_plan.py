"""Saved plans: applied as reviewed, or refused whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell

EDIT = ("sandbox", "edit", "opsgenie")


@pytest.fixture
def settled(quickstart: Shell) -> Shell:
    """The quickstart, applied."""
    quickstart.settle()
    return quickstart


def save(shell: Shell) -> None:
    ran = shell.sandboxed("plan", "-o", "plan.json")
    assert (ran.code, ran.err) == (
        0,
        "saved; to make these changes and no others: reconciler --sandbox apply plan.json\n",
    )


def test_a_report_is_not_taken_for_a_plan_to_save(quickstart: Shell) -> None:
    ran = quickstart.sandboxed("plan", "--format", "html", "-o", "p.html")
    assert ran.code == 1
    assert "-o p.html would save the plan, for apply, and no report" in ran.said
    assert "reconciler plan --format html >p.html" in ran.said
    assert not (quickstart.folder / "p.html").exists()


def test_a_saved_plan_is_applied_without_asking_and_shown_as_it_was(quickstart: Shell) -> None:
    save(quickstart)
    shown = quickstart("show", "plan.json")
    assert shown.out.startswith("saved plan of project quickstart")
    assert "7 to create in opsgenie and wallarm" in shown.out
    ran = quickstart.sandboxed("apply", "plan.json")
    assert ran.code == 0
    assert ran.out.endswith("s)\n")
    assert "7 created" in ran.out


def test_show_as_json_is_the_plans_document(quickstart: Shell) -> None:
    save(quickstart)
    shown = json.loads(quickstart("show", "plan.json", "--format", "json").out)
    assert shown["format"] == "reconciler/plan/v1"
    assert "saved" not in shown


def test_a_plan_saved_with_a_narrowing_is_applied_with_it(quickstart: Shell) -> None:
    quickstart.sandboxed("plan", "--account", "opsgenie", "-o", "plan.json")
    assert "5 created in opsgenie" in quickstart.sandboxed("apply", "plan.json").out


def test_a_plan_to_destroy_may_be_saved(settled: Shell) -> None:
    settled.sandboxed("plan", "--destroy", "-o", "plan.json")
    assert "6 deleted, 1 reset" in settled.sandboxed("apply", "plan.json").out


def test_no_secret_is_in_the_file(settled: Shell) -> None:
    world = json.loads((settled.folder / ".reconciler/sandbox/world.json").read_text())
    [key] = world["vendors"]["opsgenie"]["accounts"][""]["keys"]
    settled.sandboxed(*EDIT, "integrations/wallarm-alerts", "null")
    save(settled)
    text = (settled.folder / "plan.json").read_text()
    assert key not in text
    assert "(secret, will change)" in settled("show", "plan.json").out


def changed_at_the_vendor(shell: Shell) -> None:
    shell.sandboxed(*EDIT, "teams/payments", '{"description": "other"}')


def changed_in_git(shell: Shell) -> None:
    shell.replace("opsgenie.yaml", "Payments and checkout", "Payments")


def mended_at_the_vendor(shell: Shell) -> None:
    shell.sandboxed(*EDIT, "schedules/payments-oncall", '{"description": "Who is on call for payments"}')


def changed_to_something_else(shell: Shell) -> None:
    shell.sandboxed(*EDIT, "schedules/payments-oncall", '{"description": "once more"}')


REFUSED = [
    (changed_at_the_vendor, "opsgenie/Team/payments: update is needed now, and was not planned"),
    (changed_in_git, "opsgenie/Team/payments: update is needed now, and was not planned"),
    (mended_at_the_vendor, "opsgenie/Schedule/payments-oncall: update was planned, and is no longer needed"),
    (changed_to_something_else, "opsgenie/Schedule/payments-oncall: changed since the plan was saved"),
]


@pytest.mark.parametrize(("happens", "said"), REFUSED, ids=[row[0].__name__ for row in REFUSED])
def test_what_changed_since_refuses_the_whole_plan(settled: Shell, happens: object, said: str) -> None:
    settled.sandboxed(*EDIT, "schedules/payments-oncall", '{"description": "drift"}')
    save(settled)
    assert callable(happens)
    happens(settled)
    before = settled.sandboxed("plan").out.partition("(")[0]
    ran = settled.sandboxed("apply", "plan.json")
    assert (ran.code, ran.out) == (1, "")
    assert f"the saved plan no longer fits, nothing was done: {said}" in ran.said
    assert "plan again, review it, and apply that one" in ran.said
    assert settled.sandboxed("plan").out.partition("(")[0] == before


def test_a_plan_cannot_be_applied_twice(quickstart: Shell) -> None:
    save(quickstart)
    assert quickstart.sandboxed("apply", "plan.json").code == 0
    ran = quickstart.sandboxed("apply", "plan.json")
    assert ran.code == 1
    assert ran.err.count("create was planned, and is no longer needed") == 7


def test_a_file_in_which_somebody_edited_the_changes_is_refused(quickstart: Shell) -> None:
    save(quickstart)
    quickstart.replace("plan.json", "Payments and checkout", "Nothing to see")
    assert "opsgenie/Team/payments: changed since" in quickstart.sandboxed("apply", "plan.json").err


def rename(shell: Shell) -> None:
    shell.replace("reconciler.yaml", "{name: quickstart}", "{name: another}")


def test_a_plan_of_another_project_is_refused(quickstart: Shell) -> None:
    save(quickstart)
    rename(quickstart)
    said = quickstart.sandboxed("apply", "plan.json").said
    assert "the saved plan is of the project quickstart, and this is another" in said


def test_a_plan_made_against_the_sandbox_is_not_for_the_vendors(quickstart: Shell) -> None:
    save(quickstart)
    ran = quickstart("apply", "plan.json")
    assert (ran.code, ran.said) == (1, "Error: the saved plan was made against the sandbox add --sandbox")


UNREADABLE = [
    ("no such file", None, "plan.json: the saved plan cannot be read: No such file or directory"),
    ("not JSON", "{", "plan.json: this is no saved plan: it is not JSON"),
    ("a list", "[]", "plan.json: this is no saved plan"),
    ("something else", '{"a": 1}', "plan.json: this is no saved plan"),
    ("of another version", '{"saved": {}, "format": "reconciler/plan/v9"}', "no plan that this version can read"),
]


@pytest.mark.parametrize(("what", "text", "said"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
@pytest.mark.parametrize("command", ["show", "apply"])
def test_what_is_no_saved_plan_is_told(quickstart: Shell, command: str, what: str, text: str | None, said: str) -> None:
    if text is not None:
        quickstart.write("plan.json", text)
    ran = quickstart(command, "plan.json")
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.said


def test_a_damaged_file_is_told(quickstart: Shell) -> None:
    save(quickstart)
    file = quickstart.folder / "plan.json"
    document = json.loads(file.read_text())
    del document["saved"]["scope"]
    file.write_text(json.dumps(document))
    assert "this saved plan is damaged" in quickstart("show", "plan.json").said


def test_a_saved_plan_is_not_narrowed_any_more(quickstart: Shell) -> None:
    save(quickstart)
    for more in (("opsgenie.yaml",), ("--account", "opsgenie")):
        assert "which cannot be narrowed" in quickstart.sandboxed("apply", "plan.json", *more).said


def test_the_git_revision_is_told(quickstart: Shell, git: Path) -> None:
    save(quickstart)
    saved = json.loads((quickstart.folder / "plan.json").read_text())["saved"]
    assert len(saved["revision"].removesuffix("-dirty")) == 40
    assert saved["revision"] in quickstart("show", "plan.json").out
