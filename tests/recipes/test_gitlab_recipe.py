"""The GitLab pipeline, run: every job's lines as they stand in the recipe, in fresh clones, with one ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox.world import Sandbox
from tests.recipes.forge import ME, Forge
from tests.recipes.gitlab import TOKEN, GitLab, Ran
from tests.recipes.machine import Machine
from tests.recipes.recipe import SECRETS, data, text, told
from tests.recipes.repository import Repository
from tests.recipes.team import edit, writes

FILE = ".gitlab-ci.yml"
MAIN = "refs/heads/main"
MARKER = "<!-- reconciler plan quickstart -->"
REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "1"}
PUSH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}
NIGHT = {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"}
OURS, FORKS = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"}, {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}


@pytest.fixture
def gitlab(tmp_path: Path, server: Forge, machine: Machine, project: dict[str, str]) -> GitLab:
    """A repository with the recipe and the quickstart."""
    files = {**project, FILE: text("gitlab-ci.yml"), ".gitlab/comment.py": text("comment.py")}
    repository = Repository.begin(tmp_path / "git", files)
    server.tokens[TOKEN] = {"api": "write"}
    keys = {**SECRETS, "AWS_REGION": "us-east-1", "RECONCILER_COMMENT_TOKEN": TOKEN}
    return GitLab(repository, server, machine, data(repository.desk / FILE), keys)


def results(ended: dict[str, Ran]) -> dict[str, str]:
    return {name: one.result for name, one in ended.items()}


def test_nothing_is_applied_but_on_main_and_by_a_person_and_a_fork_is_only_checked(gitlab: GitLab) -> None:
    assert gitlab.chosen(REQUEST | OURS) == {"check": "on_success", "plan": "on_success"}
    assert gitlab.chosen(REQUEST | FORKS) == {"check": "on_success"}
    assert gitlab.chosen(PUSH) == {"plan": "on_success", "apply": "manual"}
    assert gitlab.chosen(PUSH | {"CI_COMMIT_BRANCH": "work"}) == {}
    assert gitlab.chosen(NIGHT) == {"audit": "on_success"}


@pytest.mark.slow
def test_from_a_merge_request_to_the_vendors_and_back(gitlab: GitLab, sandbox: Sandbox, server: Forge) -> None:
    edited = _written(gitlab, "opsgenie.yaml").replace("Payments and checkout", "Payments")
    gitlab.repository.branch("begin", {"opsgenie.yaml": edited})

    # Our earlier note is changed, and not that of somebody who wrote the same marker.
    for author in (ME + 1, ME):
        server.say(1, f"{MARKER}\nnothing to see", bot=False, author=author)
    asked = gitlab.happens("refs/heads/begin", REQUEST | OURS)
    assert results(asked) == {"check": "success", "plan": "success"}, asked["plan"].log
    other, note = server.bodies(1)
    assert other.endswith("nothing to see")
    assert "7 to create in opsgenie and wallarm" in note
    assert writes(sandbox) == []

    gitlab.repository.merge("begin")
    merged = gitlab.happens(MAIN, PUSH)
    assert results(merged) == {"plan": "success", "apply": "success"}, merged["apply"].log
    assert len(writes(sandbox)) >= 7

    # What leaves Git is deleted by a pipeline that never saw it.
    integration, trigger = _written(gitlab, "wallarm.yaml").split("---\n")
    assert "kind: Trigger" in trigger
    gitlab.repository.branch("no-trigger", {"wallarm.yaml": integration})
    gitlab.repository.merge("no-trigger")
    pruned = gitlab.happens(MAIN, PUSH)
    assert results(pruned) == {"plan": "success", "apply": "success"}, pruned["apply"].log
    assert [one.split("/")[0] for one in writes(sandbox)] == ["DELETE "]

    assert results(gitlab.happens(MAIN, NIGHT)) == {"audit": "success"}
    edit(sandbox, "opsgenie", "teams/payments", {"description": "by hand"})
    night = gitlab.happens(MAIN, NIGHT)
    assert results(night) == {"audit": "failure"}
    assert "opsgenie/Team/payments" in night["audit"].log

    assert [told(one.log) for ran in (asked, merged, pruned) for one in ran.values() if told(one.log)] == []
    assert set(gitlab.machine.installed) == {"install --quiet git+https://HOST/OWNER/reconciler@COMMIT"}


def _written(gitlab: GitLab, name: str) -> str:
    return (gitlab.repository.desk / name).read_text(encoding="utf-8")
