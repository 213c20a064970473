"""The GitHub workflow, run: every job's lines as they stand in the recipe, in fresh clones, with one ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.sandbox.world import Sandbox
from tests.recipes.forge import FORKS, Forge
from tests.recipes.github import GitHub, Ran
from tests.recipes.machine import Machine
from tests.recipes.recipe import FOLDER, ROOT, SECRETS, data, text, told
from tests.recipes.repository import Repository
from tests.recipes.team import Ended, Team, edit, writes

WORKFLOW = ".github/workflows/reconciler.yml"
MARKER = "<!-- reconciler plan quickstart -->\n"
MAIL = """\
apiVersion: wallarm/v1
kind: Integration
metadata:
  name: mail
spec:
  type: email
  target:
    - ann@example.com
  events:
    - system
"""


@pytest.fixture
def team(tmp_path: Path, server: Forge, machine: Machine, project: dict[str, str]) -> Team:
    """A repository with the recipe, its accounts and nothing else; the manifests come by pull request."""
    files = {WORKFLOW: text("github-workflow.yml"), "reconciler.yaml": project["reconciler.yaml"]}
    repository = Repository.begin(tmp_path / "git", files)
    workflow = data(repository.desk / WORKFLOW)
    return Team(GitHub(repository, server, machine, workflow, FOLDER, data(FOLDER / "action.yml"), SECRETS))


@pytest.fixture
def manifests(project: dict[str, str]) -> dict[str, str | None]:
    return {name: text for name, text in project.items() if name != "reconciler.yaml"}


def results(ended: Ended) -> dict[str, str]:
    return {name: one.result for name, one in ended.items() if one.result != "skipped"}


@pytest.mark.slow
def test_from_a_pull_request_to_the_vendors_and_back(
    team: Team, sandbox: Sandbox, server: Forge, machine: Machine, manifests: dict[str, str | None]
) -> None:
    ended = [
        *a_change_is_planned_and_applied(team, sandbox, server, manifests),
        *a_removal_is_not_applied_once_something_else_changed(team, sandbox, server),
        *a_fork_is_planned_without_a_secret_and_cannot_approve_itself(team, sandbox, server),
    ]
    assert [told(one.log + one.summary) for one in ended if told(one.log + one.summary)] == []
    kept = b"".join(content for one in server.artifacts for content in one.files.values())
    assert told(kept.decode() + str(server.comments)) == []
    line = f"install --quiet --constraint {FOLDER}/../../.ci/constraints.txt {FOLDER}/../.."
    assert set(machine.installed) == {line}
    assert (ROOT / ".ci" / "constraints.txt").is_file()
    assert (ROOT / "pyproject.toml").is_file()


def a_change_is_planned_and_applied(
    team: Team, sandbox: Sandbox, server: Forge, manifests: dict[str, str | None]
) -> list[Ran]:
    # A pull request is planned, and nothing is written anywhere but below it.
    first = team.propose("begin", {**manifests, "mail.yaml": MAIL})
    assert results(first) == {"plan": "success"}, first["plan"].log
    [comment] = team.comments("begin")
    assert comment.startswith(MARKER)
    assert "8 to create in opsgenie and wallarm" in comment
    assert comment in first["plan"].summary
    assert "::notice file=mail.yaml,line=1" in first["plan"].log
    assert writes(sandbox) == []

    # Merged, that plan is applied.
    merged = team.merge("begin")
    assert results(merged) == {"apply": "success"}, merged["apply"].log
    assert "8 created in opsgenie and wallarm" in merged["apply"].summary
    assert len(writes(sandbox)) >= 8
    return [first["plan"], merged["apply"]]


def a_removal_is_not_applied_once_something_else_changed(team: Team, sandbox: Sandbox, server: Forge) -> list[Ran]:
    # It is planned in a clone that never held the manifest.
    # The comment of an earlier push is changed, and not that of somebody who wrote the same marker.
    for bot in (False, True):
        server.say(2, f"{MARKER}nothing to see", bot=bot)
    asked = team.propose("no-mail", {"mail.yaml": None})
    other, comment = team.comments("no-mail")
    assert other.endswith("nothing to see")
    assert "1 to delete in wallarm" in comment
    edit(sandbox, "opsgenie", "teams/payments", {"description": "by hand"})
    stale = team.merge("no-mail")
    assert results(stale) == {"apply": "failure"}
    assert "opsgenie/Team/payments: update is needed now, and was not planned" in stale["apply"].log
    assert writes(sandbox) == []

    # The night tells it, too.
    night = team.on_main("schedule")
    assert results(night) == {"audit": "failure"}
    assert "Audit: ended with 2" in night["audit"].log
    assert "opsgenie/Team/payments" in night["audit"].summary

    # By hand: planned anew, and applied after the environment's approval.
    anew = team.on_main("workflow_dispatch")
    assert results(anew) == {"plan": "success", "apply": "success"}, anew["apply"].log
    assert "by hand → Payments and checkout" in " ".join(anew["plan"].summary.split())
    assert sorted(one.split(" ")[0] for one in writes(sandbox)) == ["DELETE", "PATCH"]
    green = team.on_main("schedule")
    assert results(green) == {"audit": "success"}, green["audit"].log
    return [asked["plan"], stale["apply"], night["audit"], *(anew[name] for name in ("plan", "apply")), green["audit"]]


def a_fork_is_planned_without_a_secret_and_cannot_approve_itself(
    team: Team, sandbox: Sandbox, server: Forge
) -> list[Ran]:
    sandbox.log.clear()
    asked = team.propose("fork", {"mail.yaml": MAIL}, fork=True)
    assert results(asked) == {"plan-of-fork": "success"}, asked["plan-of-fork"].log
    assert "1 to create in wallarm" in asked["plan-of-fork"].summary
    assert "this is a snapshot of" in asked["plan-of-fork"].log
    assert server.bodies(team.pulls["fork"]) == []
    assert not sandbox.log

    # A plan that a fork's own workflow kept under the right name is not the one that was reviewed.
    plan = json.dumps({"saved": {}}).encode()
    server.keep(f"reconciler-plan-default-{team.head('fork')}", 99, {"reconciler.plan": plan}, FORKS)
    merged = team.merge("fork")
    assert results(merged) == {"apply": "failure"}
    assert "no reconciler-plan-default of" in merged["apply"].log
    assert "run this workflow by hand on the main branch" in merged["apply"].log
    assert writes(sandbox) == []
    return [asked["plan-of-fork"], merged["apply"]]
