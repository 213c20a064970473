"""GitHub: runs a workflow's jobs for an event, the steps of the composite action too, each job in a fresh clone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.recipes.expression import Contexts
from tests.recipes.forge import FORKS, OURS, Forge
from tests.recipes.machine import Machine
from tests.recipes.repository import Repository

NAME = "acme/on-call"


@dataclass(frozen=True)
class Event:
    """What happened: `ref` is what is checked out. `secrets` are those that the repository gives to such an event."""

    name: str
    ref: str
    sha: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def of_fork(self) -> bool:
        head = self.payload.get("pull_request", {}).get("head", {})
        return bool(head) and head["repo"]["full_name"] != NAME


def pull_request(number: int, head: str, sha: str, *, fork: bool = False) -> Event:
    """One that was opened, or pushed to; `sha` is the server's test merge."""
    repo = {"full_name": "eve/on-call" if fork else NAME}
    return Event(
        "pull_request",
        f"refs/pull/{number}/merge",
        sha,
        {"pull_request": {"number": number, "head": {"sha": head, "repo": repo}}},
    )


@dataclass
class Ran:
    """How a job ended: what its steps printed, and what it put on the page of the run."""

    result: str
    log: str = ""
    summary: str = ""


@dataclass
class Job:
    """One that is running."""

    folder: Path
    environ: dict[str, str]
    values: dict[str, Any]
    steps: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def contexts(self, steps: Mapping[str, Any], inputs: Mapping[str, str]) -> Contexts:
        return Contexts({**self.values, "steps": steps, "inputs": inputs}, self.failed)


@dataclass
class GitHub:
    """`action` is the folder that the workflow's own `uses:` stands for."""

    repository: Repository
    forge: Forge
    machine: Machine
    workflow: Mapping[str, Any]
    action: Path
    definition: Mapping[str, Any]
    secrets: Mapping[str, str]
    runs: int = 0

    def happens(self, event: Event) -> dict[str, Ran]:
        """Every job of the workflow, in the order of their needs."""
        self.runs += 1
        ended: dict[str, Ran] = {}
        for name, job in self.workflow["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            ended[name] = self._job(name, job, event, {need: ended[need] for need in needs})
        return ended

    def _job(self, name: str, job: Mapping[str, Any], event: Event, needs: Mapping[str, Ran]) -> Ran:
        values = self._values(name, job, event, needs)
        if not Contexts(values, any(one.result != "success" for one in needs.values())).holds(job.get("if")):
            return Ran("skipped")
        folder = self.machine.job()
        running = Job(folder, self._environ(folder, event), values)
        running.environ |= {key: running.contexts({}, {}).fill(text) for key, text in job.get("env", {}).items()}
        self._steps(running, job["steps"], running.steps, {})
        summary = folder / "summary"
        text = summary.read_text() if summary.exists() else ""
        return Ran("failure" if running.failed else "success", "".join(running.log), text)

    def _values(self, name: str, job: Mapping[str, Any], event: Event, needs: Mapping[str, Ran]) -> dict[str, Any]:
        token = f"token-{self.runs}-{name}"
        granted = dict(job["permissions"])
        if event.of_fork:  # whatever the workflow asks for
            granted = dict.fromkeys(granted, "read")
        self.forge.tokens[token] = granted
        return {
            "github": {
                "event_name": event.name,
                "event": event.payload,
                "ref": event.ref,
                "sha": event.sha,
                "repository": NAME,
                "token": token,
            },
            "secrets": {} if event.of_fork else self.secrets,
            "vars": {"AWS_REGION": "us-east-1"},
            "needs": {need: {"result": one.result} for need, one in needs.items()},
        }

    def _environ(self, folder: Path, event: Event) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.forge.url,
            "GITHUB_REPOSITORY": NAME,
            "GITHUB_SHA": event.sha,
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_PATH": str(folder / "path"),
            "RUNNER_TEMP": str(folder / "temp"),
        }

    # ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _steps(
        self, job: Job, steps: Sequence[Mapping[str, Any]], known: dict[str, Any], inputs: Mapping[str, str]
    ) -> None:
        for step in steps:
            contexts = job.contexts(known, inputs)
            if not contexts.holds(step.get("if")):
                continue
            given = {key: contexts.fill(value) for key, value in step.get("with", {}).items()}
            outputs = self._used(job, step["uses"], given) if "uses" in step else self._shell(job, step, contexts)
            if "id" in step:
                known[step["id"]] = {"outputs": outputs}

    def _used(self, job: Job, uses: str, given: Mapping[str, str]) -> Mapping[str, str]:
        name, _, version = uses.partition("@")
        assert version, f"{uses} has no version"
        match name:
            case "actions/checkout":
                self.repository.clone(job.values["github"]["ref"], job.workspace)
            case "actions/setup-python":
                return {"python-path": str(self.machine.programs / "python")}
            case "actions/upload-artifact":
                self._upload(job, given)
            case "actions/download-artifact":
                assert self.forge.may(given["github-token"], "actions", "read")
                for file, content in self.forge.fetch(given["name"], int(given["run-id"])).items():
                    (job.workspace / given["path"] / file).write_bytes(content)
            case "OWNER/reconciler/examples/ci":
                self._composite(job, given)
            case _:
                raise AssertionError(f"nobody knows {uses}")
        return {}

    def _upload(self, job: Job, given: Mapping[str, str]) -> None:
        file = job.workspace / given["path"]
        if not file.exists():
            job.failed = True
            return
        home = FORKS if job.values["secrets"] == {} else OURS
        self.forge.keep(given["name"], self.runs, {file.name: file.read_bytes()}, home)

    def _composite(self, job: Job, given: Mapping[str, str]) -> None:
        declared = self.definition["inputs"]
        assert given.keys() <= declared.keys()
        defaults = {name: job.contexts({}, {}).fill(one.get("default", "")) for name, one in declared.items()}
        missing = [name for name, one in declared.items() if one.get("required") and name not in given]
        assert not missing
        job.environ["GITHUB_ACTION_PATH"] = str(self.action)
        job.values["runner"] = {"temp": str(job.folder / "temp")}
        self._steps(job, self.definition["runs"]["steps"], {}, {**defaults, **given})

    def _shell(self, job: Job, step: Mapping[str, Any], contexts: Contexts) -> Mapping[str, str]:
        environ = job.environ | {key: contexts.fill(value) for key, value in step.get("env", {}).items()}
        folder = job.workspace / contexts.fill(step.get("working-directory", "."))
        assert "${{" not in step["run"], "a value is given to a shell as a variable, never as a part of its text"
        ran = self.machine.run(step["run"], folder, environ, job.path)
        job.log.append(ran.said)
        if ran.code != 0:
            job.log.append(f"{step['name']}: ended with {ran.code}\n")
            job.failed = True
        job.path += _lines(job.folder / "path")
        return dict(line.split("=", 1) for line in _lines(job.folder / "output"))


def _lines(file: Path) -> list[str]:
    """What a step left in one of the runner's files, which is new for each step."""
    if not file.exists():
        return []
    text = file.read_text()
    file.unlink()
    return text.splitlines()
