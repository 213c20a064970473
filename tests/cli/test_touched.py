"""`plan --changed-since`: what a pull request touched, what that refers to and what refers to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import Shell

PROJECT = "apiVersion: reconciler/v1\nkind: Project\nmetadata: {name: shop}\n"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    # The arguments are this file's.
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)  # see above


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "more")


def team(name: str, note: str = "x") -> str:
    return f"---\napiVersion: opsgenie/v1\nkind: Team\nmetadata: {{name: {name}}}\nspec: {{description: {note}}}\n"


def schedule(name: str, team: str) -> str:
    head = f"---\napiVersion: opsgenie/v1\nkind: Schedule\nmetadata: {{name: {name}}}\n"
    return head + f"spec: {{ownerTeam: {team}, timezone: UTC}}\n"


@pytest.fixture
def repository(shell: Shell) -> Shell:
    """A project below the top of a repository, in which a branch was begun."""
    shell.write("reconciler.yaml", PROJECT)
    shell.write("all.yaml", team("a") + team("b") + schedule("of-a", "a") + schedule("of-b", "b"))
    git(shell.folder, "init", "-q")
    commit(shell.folder)
    git(shell.folder, "switch", "-qc", "work")
    return shell


A, B = ["Team/a", "Schedule/of-a"], ["Team/b", "Schedule/of-b"]
TEAM_A, OTHER_A = "{name: a}\nspec: {description: x}", "{name: a}\nspec: {description: y}"
UTC_B, TOKYO_B = "ownerTeam: b, timezone: UTC", "ownerTeam: b, timezone: Asia/Tokyo"
ELSEWHERE = "kind: Project\naccounts: {opsgenie: {api_key: {env: K}, region: eu}}\n"
WITH_DEFAULT = "kind: Project\ndefaults: {opsgenie/Schedule: {description: d}}\n"

# The file, what is written anew in it, and what is planned for it, of how many manifests.
TOUCHED = {
    "nothing": ("all.yaml", "", "", [], 4),
    "a comment": ("all.yaml", "---\n", "---\n# a word\n", [], 4),
    "one that is referred to": ("all.yaml", TEAM_A, OTHER_A, A, 4),
    "one that refers": ("all.yaml", UTC_B, TOKYO_B, B, 4),
    "a default": ("reconciler.yaml", "kind: Project\n", WITH_DEFAULT, [*A, *B], 4),
    "an account": ("reconciler.yaml", "kind: Project\n", ELSEWHERE, [*A, *B], 4),
    "one that is new": ("all.yaml", schedule("of-b", "b"), schedule("of-b", "b") + team("c"), ["Team/c"], 5),
}


@pytest.mark.parametrize(("file", "old", "new", "planned", "of"), TOUCHED.values(), ids=TOUCHED)
def test_only_what_changed_is_planned(
    file: str, old: str, new: str, planned: list[str], of: int, repository: Shell
) -> None:
    text = (repository.folder / file).read_text()
    repository.write(file, text.replace(old, new, 1) if old else text)
    ran = repository.sandboxed("plan", "--changed-since", "main")
    assert ran.code == 0, ran.err
    created = {line.split()[2].removeprefix("opsgenie/") for line in ran.out.splitlines() if line.startswith("+ ")}
    assert created == set(planned)
    left = of - len(planned)
    assert f"narrowed to what changed since main{f': {left} other manifests not planned' if left else ''}" in ran.said


def test_what_left_git_is_deleted_and_nothing_else(repository: Shell) -> None:
    repository.sandboxed("apply", "--yes")
    commit(repository.folder)
    repository.replace("all.yaml", schedule("of-b", "b"), "")
    repository.replace("all.yaml", schedule("of-a", "a"), "")
    commit(repository.folder)
    repository.write("all.yaml", (repository.folder / "all.yaml").read_text() + schedule("of-a", "a"))
    ran = repository.sandboxed("plan", "--changed-since", "HEAD~1")
    assert "1 to delete in opsgenie" in ran.said
    assert "delete opsgenie/Schedule/of-b" in ran.said


def test_a_saved_plan_keeps_what_it_was_narrowed_to(repository: Shell) -> None:
    repository.replace("all.yaml", UTC_B, TOKYO_B)
    assert repository.sandboxed("plan", "--changed-since", "main", "-o", "p.json").code == 0
    ran = repository.sandboxed("apply", "p.json")
    assert ran.code == 0, ran.err
    assert "2 created in opsgenie" in ran.said


def test_a_project_below_the_top_of_its_repository_is_found(shell: Shell) -> None:
    shell.write("ops/reconciler.yaml", PROJECT)
    shell.write("ops/a.yaml", team("a") + team("b"))
    git(shell.folder, "init", "-q")
    commit(shell.folder)
    shell.replace("ops/a.yaml", "{name: b}\nspec: {description: x}", "{name: b}\nspec: {description: y}")
    ran = shell.sandboxed("plan", "-p", "ops", "--changed-since", "HEAD")
    assert [line for line in ran.out.splitlines() if line.startswith("+ ")] == ["+ create opsgenie/Team/b  a.yaml:7"]


def test_what_git_leaves_out_of_archives_is_seen(repository: Shell) -> None:
    repository.write(".gitattributes", "*.yaml export-ignore\n")
    repository.write("big.txt", "x")
    commit(repository.folder)
    assert "4 other manifests not planned" in repository.sandboxed("plan", "--changed-since", "HEAD").said


def test_links_of_then_lead_nowhere_outside(repository: Shell) -> None:
    (repository.folder / "deep").mkdir()
    for name, target in {"in": "../all.yaml", "out": "/etc/hostname", "round": "round.yaml"}.items():
        (repository.folder / f"deep/{name}.yaml").symlink_to(target)
    commit(repository.folder)
    ran = repository.sandboxed("plan", "--changed-since", "HEAD")
    assert ran.code == 0, ran.err
    assert "4 other manifests not planned" in ran.said


def test_a_branch_that_has_nothing_in_common_says_so(repository: Shell) -> None:
    git(repository.folder, "switch", "-q", "--orphan", "alone")
    repository.write("a.yaml", team("a"))
    commit(repository.folder)
    ran = repository.sandboxed("plan", "--changed-since", "main")
    assert ran.code == 1
    assert "there is no common commit" in ran.said


WRONG = {
    "nowhere": "--changed-since: git merge-base:",
    "--all": "--changed-since: git merge-base:",
}


@pytest.mark.parametrize(("commit", "said"), WRONG.items(), ids=list(WRONG))
def test_a_commit_that_is_not_there_says_what_to_do(commit: str, said: str, repository: Shell) -> None:
    ran = repository.sandboxed("plan", f"--changed-since={commit}")
    assert ran.code == 1
    assert said in ran.said
    assert "fetch-depth: 0" in ran.said


def test_a_project_that_could_not_be_read_then_says_so(repository: Shell) -> None:
    repository.write("bad.yaml", team("c").replace("description", "descripton"))
    commit(repository.folder)
    repository.write("bad.yaml", team("c"))
    ran = repository.sandboxed("plan", "--changed-since", "HEAD")
    assert ran.code == 1
    assert "the project at HEAD cannot be read, so nothing tells what changed: bad.yaml:5:8:" in ran.said


def test_warnings_about_files_that_are_not_planned_stay_for_the_whole_plan(repository: Shell) -> None:
    trigger = "apiVersion: wallarm/v1\nkind: Trigger\nmetadata: {name: new}\n"
    repository.write("wallarm.yaml", f"{trigger}spec: {{template: made_up}}\n")
    commit(repository.folder)
    repository.replace("all.yaml", TEAM_A, OTHER_A)
    warning = "wallarm.yaml:4:18: 'made_up' is no template this version knows"
    for arguments, told in (((), True), (("wallarm.yaml",), True), (("--changed-since", "work"), False)):
        assert (warning in repository.sandboxed("plan", *arguments).out) is told, arguments
