"""Fixtures of the command line's tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.cli.session import Session
from reconciler.sandbox.server import Serving, serve
from reconciler.sandbox.world import Sandbox
from tests.cli.company import PROJECT, Company
from tests.cli.shell import VARIABLES, Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in an empty folder, with none of our variables set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


@pytest.fixture
def quickstart(shell: Shell) -> Shell:
    """A shell in the quickstart's project."""
    shell.quickstart()
    return shell


@pytest.fixture
def company(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Company:
    """An empty project, signed in to both vendors."""
    made = Company(shell)
    monkeypatch.setattr(Session, "_around", lambda session: made.around(session))
    monkeypatch.setenv("OPSGENIE_API_KEY", "opsgenie-key-for-tests")
    monkeypatch.setenv("WALLARM_API_TOKEN", "wallarm-token-for-tests")
    made.write({"reconciler.yaml": PROJECT})
    return made


@pytest.fixture
def served(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shell, Serving]]:
    """The quickstart, its vendors served on this machine."""
    shell.quickstart()
    with serve(Sandbox()) as serving:
        monkeypatch.setenv("OPSGENIE_API_KEY", "opsgenie-key-for-tests")
        monkeypatch.setenv("WALLARM_API_TOKEN", "wallarm-token-for-tests")
        point_at(shell, serving.url)
        yield shell, serving


def point_at(shell: Shell, url: str) -> None:
    """Have the quickstart's accounts ask this address."""
    shell.replace("reconciler.yaml", "region: eu}", f'region: eu, url: "{url}/opsgenie"}}')
    shell.replace("reconciler.yaml", "cloud: eu}", f'cloud: eu, url: "{url}/wallarm"}}')


@pytest.fixture
def git(quickstart: Shell, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The quickstart, committed to Git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    person = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    for command in (["init", "-q"], ["add", "."], [*person, "commit", "-q", "-m", "quickstart"]):
        subprocess.run(["git", *command], cwd=quickstart.folder, check=True, capture_output=True)
    return quickstart.folder
