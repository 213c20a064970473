"""`init`: a project file that loads, with the names of variables and never their values."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.manifest.project import load_project
from reconciler.vendors.registry import VENDORS
from tests.cli.shell import Shell


def test_what_it_writes_is_a_project_and_git_leaves_the_ledger_alone(shell: Shell) -> None:
    ran = shell("init")
    assert ran.code == 0
    assert ran.out.startswith("reconciler.yaml is written\n.gitignore keeps .reconciler/ out of Git\n")
    project = load_project(shell.folder, shell.folder / "reconciler.yaml", VENDORS, environ={})
    assert set(project.accounts) == set(VENDORS)
    assert project.ledger.url == "file:.reconciler/ledger"
    assert (shell.folder / ".gitignore").read_text() == "/.reconciler/\n"
    assert shell("validate").out == "0 manifests, no problem\n"


def test_accounts_are_those_whose_variables_are_set(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLARM_API_TOKEN", "a-secret-value")
    monkeypatch.setenv("WALLARM_API_HOST", 'https://proxy.example.com/"wallarm"')
    shell("init")
    text = (shell.folder / "reconciler.yaml").read_text()
    assert "a-secret-value" not in text
    project = load_project(shell.folder, shell.folder / "reconciler.yaml", VENDORS, environ={})
    assert set(project.accounts) == {"wallarm"}
    assert project.accounts["wallarm"].settings.url == 'https://proxy.example.com/"wallarm"'


def test_nothing_is_overwritten(shell: Shell) -> None:
    shell.write("reconciler.yaml", "mine")
    ran = shell("init")
    assert (ran.code, ran.err) == (
        1,
        "Error: reconciler.yaml: there is a project already\n    change it with an editor\n",
    )
    assert (shell.folder / "reconciler.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*.pyc", "*.pyc\n/.reconciler/\n"),
        ("*.pyc\n", "*.pyc\n/.reconciler/\n"),
        (".reconciler/\n", ".reconciler/\n"),
        ("", "/.reconciler/\n"),
    ],
)
def test_gitignore_is_added_to(shell: Shell, before: str, after: str) -> None:
    shell.write(".gitignore", before)
    shell("init")
    assert (shell.folder / ".gitignore").read_text() == after


@pytest.mark.parametrize("name", ["платежи", "on call (eu)", "決済", "...", "a: b"])
def test_the_folders_name_becomes_one_that_a_project_may_have(shell: Shell, name: str) -> None:
    folder = shell.folder / name
    folder.mkdir()
    assert shell("init", "-p", str(folder)).code == 0
    assert load_project(folder, folder / "reconciler.yaml", VENDORS, environ={}).name


def test_a_file_is_no_folder(shell: Shell) -> None:
    file = shell.write("notes.txt", "")
    assert f"{Path(file)} is no folder" in shell("init", "-p", str(file)).said
