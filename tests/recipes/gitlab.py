"""GitLab: runs a pipeline's jobs for what happened, stage by stage, each in a fresh clone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.recipes.forge import Forge
from tests.recipes.machine import Machine
from tests.recipes.repository import Repository

TOKEN = "project-access-token"
_PREDEFINED = {"CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": "1"}
_TERM = re.compile(r'\$(\w+) == (?:"(\w*)"|\$(\w+))')


@dataclass
class Ran:
    """How a job ended."""

    result: str
    log: str = ""


@dataclass
class GitLab:
    """`keys` are the project's CI/CD variables."""

    repository: Repository
    forge: Forge
    machine: Machine
    pipeline: Mapping[str, Any]
    keys: Mapping[str, str]

    def chosen(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The jobs that the rules let in, stage by stage, each with whether a person starts it."""
        given = {**_PREDEFINED, **variables}
        jobs = {name: job for name, job in self.pipeline.items() if isinstance(job, Mapping) and "script" in job}
        if not _first(self.pipeline["workflow"]["rules"], given):
            return {}
        in_order = sorted(jobs.items(), key=lambda row: self.pipeline["stages"].index(row[1]["stage"]))
        rules = {name: _first(job["rules"], given) for name, job in in_order}
        return {name: rule.get("when", "on_success") for name, rule in rules.items() if rule is not None}

    def happens(self, ref: str, variables: Mapping[str, str]) -> dict[str, Ran]:
        """Every job, those that a person starts, too; none after a failed one."""
        ended: dict[str, Ran] = {}
        kept: dict[str, bytes] = {}
        for name in self.chosen(variables):
            if all(one.result == "success" for one in ended.values()):
                ended[name] = self._job(self.pipeline[name], ref, {**_PREDEFINED, **variables}, kept)
        return ended

    def _job(self, job: Mapping[str, Any], ref: str, given: Mapping[str, str], kept: dict[str, bytes]) -> Ran:
        folder = self.machine.job() / "workspace"
        self.repository.clone(ref, folder)
        for name, content in kept.items():
            (folder / name).write_bytes(content)
        own = {name: str(value) for name, value in self.pipeline["variables"].items()}
        lines = [*self.pipeline["default"]["before_script"], *job["script"]]
        environ = {**own, **given, **self.keys, "CI_API_V4_URL": self.forge.url}
        ran = self.machine.run("\n".join(lines), folder, environ, [str(self.machine.programs)])
        for name in job.get("artifacts", {}).get("paths", []):
            if (folder / name).exists():
                kept[name] = (folder / name).read_bytes()
        report = job.get("artifacts", {}).get("reports", {}).get("junit")
        assert report is None or (folder / report).read_text().startswith("<?xml")
        return Ran("failure" if ran.code else "success", ran.said)


def _first(rules: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> Mapping[str, Any] | None:
    return next((rule for rule in rules if _holds(rule["if"], given)), None)


def _holds(condition: str, given: Mapping[str, str]) -> bool:
    terms = [_TERM.fullmatch(term) for term in condition.split(" && ")]
    return all(_equal(term, given) for term in terms)


def _equal(term: re.Match[str] | None, given: Mapping[str, str]) -> bool:
    assert term, "a rule that is not told apart here"
    name, literal, other = term.groups()
    wanted = literal if literal is not None else given.get(other)
    return given.get(name) == wanted
