"""The recipes' files: what their public schemas take, what they must not allow, that a project may hold them all."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.program import Program
from tests.recipes.expression import Contexts
from tests.recipes.recipe import FOLDER, ROOT, data, text

SCHEMAS = {
    "github-workflow.yml": "github-workflows",
    "action.yml": "github-actions",
    "gitlab-ci.yml": "gitlab-ci",
}
WORKFLOW, ACTION, PIPELINE = (data(FOLDER / name) for name in SCHEMAS)
HOOKS = data(ROOT / ".pre-commit-hooks.yaml")


def schema(name: str) -> Draft7Validator:
    held = files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    return Draft7Validator(json.loads(held.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("file", "name"), SCHEMAS.items(), ids=list(SCHEMAS))
def test_its_public_schema_takes_it(file: str, name: str) -> None:
    errors = schema(name).iter_errors(data(FOLDER / file))
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


WRONG = {
    "a job's key": ("github-workflows", WORKFLOW, ("jobs", "plan", "run-on"), "ubuntu-latest"),
    "a permission": ("github-workflows", WORKFLOW, ("jobs", "plan", "permissions", "content"), "read"),
    "an action's key": ("github-actions", ACTION, ("input",), {}),
    "a rule": ("gitlab-ci", PIPELINE, ("plan", "rules"), [{"iff": "$X"}]),
}


@pytest.mark.parametrize(("name", "document", "path", "value"), WRONG.values(), ids=WRONG)
def test_the_schema_finds_what_is_misspelt(name: str, document: Any, path: tuple[str, ...], value: Any) -> None:
    assert not schema(name).is_valid(_with(document, path, value))


def _with(document: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    return {**document, path[0]: _with(document.get(path[0], {}), path[1:], value)}


# ── what they must not allow ────────────────────────────────────────────────────────────────────────────────────────


def steps() -> list[dict[str, Any]]:
    return [*ACTION["runs"]["steps"], *(step for job in WORKFLOW["jobs"].values() for step in job["steps"])]


def test_no_job_may_more_than_it_needs() -> None:
    assert WORKFLOW["permissions"] == {}
    written = {
        (name, area)
        for name, job in WORKFLOW["jobs"].items()
        for area, level in job["permissions"].items()
        if level != "read"
    }
    assert written == {("plan", "pull-requests")}


def test_a_fork_is_given_no_secret_and_its_code_no_token() -> None:
    assert "pull_request_target" not in text("github-workflow.yml")
    assert "secrets." not in json.dumps(WORKFLOW["jobs"]["plan-of-fork"])
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout")]
    assert len(checkouts) == len(WORKFLOW["jobs"])
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_two_applies_never_run_at_once_and_none_is_cancelled() -> None:
    assert WORKFLOW["jobs"]["apply"]["concurrency"] == {"group": "reconciler-apply", "cancel-in-progress": False}
    assert PIPELINE["apply"]["resource_group"] == "reconciler-apply"
    assert WORKFLOW["jobs"]["apply"]["environment"] == PIPELINE["apply"]["environment"] == "production"


def test_every_action_is_of_a_version_and_no_value_becomes_a_part_of_a_shells_text() -> None:
    used = {step["uses"] for step in steps() if "uses" in step}
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+|OWNER/reconciler/examples/ci@COMMIT", one) for one in used)
    assert not [step["name"] for step in steps() if "${{" in step.get("run", "")]
    lines = [line for step in steps() for line in step.get("run", "").splitlines()]
    assert not [line for line in lines if re.search(r"(echo|printf).*(TOKEN|KEY|SECRET)|set -x|\benv\b", line)]


# ── pre-commit, and a project that holds it all ─────────────────────────────────────────────────────────────────────


def test_the_hooks_are_what_the_documentation_asks_for_and_the_example_uses_them() -> None:
    known = {"id", "name", "description", "entry", "language", "types", "pass_filenames", "require_serial"}
    assert all({"id", "name", "entry", "language"} <= hook.keys() <= known for hook in HOOKS)
    [used] = data(FOLDER / "pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in used["hooks"]] == [hook["id"] for hook in HOOKS]


PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata:
  name: shop
accounts:
  opsgenie:
    api_key: {env: OPSGENIE_API_KEY}
"""
TEAM = """\
apiVersion: opsgenie/v1
kind: Team
metadata:
  name: payments
spec: {spec}
"""
PLACES = {
    ".github/workflows/reconciler.yml": "github-workflow.yml",
    ".gitlab-ci.yml": "gitlab-ci.yml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    "ci/action.yml": "action.yml",
}


def hook(name: str, folder: Path, forked: Program, *files: str) -> tuple[int, str]:
    """What pre-commit runs, and how that ends."""
    [found] = [one for one in HOOKS if one["id"] == name]
    program, *arguments = found["entry"].split()
    assert program == "reconciler"
    ran = forked.run([*arguments, *(files if found.get("pass_filenames", True) else ())], folder, {}, together=True)
    return ran.returncode, ran.stdout


def test_the_hooks_run_in_a_project_that_holds_every_recipe(tmp_path: Path, forked: Program) -> None:
    written = {"reconciler.yaml": PROJECT, "team.yaml": TEAM.format(spec="{description: x}")}
    for name, content in (written | {place: text(name) for place, name in PLACES.items()}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    everything = ("reconciler.yaml", "team.yaml", *PLACES)
    assert hook("reconciler-validate", tmp_path, forked) == (0, "1 manifest, no problem\n")
    assert hook("reconciler-fmt", tmp_path, forked, *everything)[0] == 0
    assert {place: (tmp_path / place).read_text() for place in PLACES} == {p: text(n) for p, n in PLACES.items()}
    (tmp_path / "team.yaml").write_text(TEAM.format(spec="{descripton: x}"))
    code, said = hook("reconciler-validate", tmp_path, forked)
    assert code == 1
    assert "team.yaml:5:8" in said


EXPRESSIONS = {
    "a == 'x' && b != 'y'": True,
    "a == 'y' || (a == 'x' && !(b == 'z'))": False,
    "c.d.e || 'default'": "default",
    "c || a": "x",
    "!cancelled() && a == 'x'": True,
}


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS.items(), ids=list(EXPRESSIONS))
def test_expressions_come_to_what_github_makes_of_them(expression: str, value: object) -> None:
    assert Contexts({"a": "x", "b": "z", "c": {}}).value(expression) == value


def test_after_a_failure_only_what_asks_for_it_runs() -> None:
    failed = Contexts({}, failed=True)
    assert not failed.holds(None)
    assert not failed.holds("'a' == 'a'")
    assert failed.holds("${{ !cancelled() && 'a' == 'a' }}")


def test_the_readme_names_every_file() -> None:
    named = set(re.findall(r"`([\w.-]+\.(?:ya?ml|py))`", text("README.md")))
    assert {file.name for file in FOLDER.iterdir()} - {"README.md"} <= named
