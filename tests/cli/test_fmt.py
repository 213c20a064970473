"""`fmt` and `completion` on the command line."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from reconciler.cli.main import command_line
from tests.cli.shell import Shell

PROJECT = "apiVersion: reconciler/v1\nkind: Project\nmetadata: {name: shop}\n"
MIXED = "kind: Team  # ours\nmetadata: {name: a}\napiVersion: opsgenie/v1\n"
ORDERED = "apiVersion: opsgenie/v1\nkind: Team  # ours\nmetadata: {name: a}\n"


@pytest.fixture
def mixed(shell: Shell) -> Shell:
    shell.write("reconciler.yaml", PROJECT)
    shell.write("teams/a.yaml", MIXED)
    return shell


def test_check_writes_nothing_and_says_what_is_not_in_order(mixed: Shell) -> None:
    ran = mixed("fmt", "--check")
    assert (ran.code, ran.out) == (1, "teams/a.yaml is not in order\n")
    assert (mixed.folder / "teams/a.yaml").read_text() == MIXED


def test_files_are_put_in_order_once(mixed: Shell) -> None:
    ran = mixed("fmt")
    assert (ran.code, ran.out) == (0, "teams/a.yaml put in order\n")
    assert (mixed.folder / "teams/a.yaml").read_text() == ORDERED
    ran = mixed("fmt", "--check")
    assert (ran.code, ran.out, ran.err) == (0, "", "2 files in order\n")


def test_a_path_narrows_it(mixed: Shell) -> None:
    mixed.write("b.yaml", MIXED.replace("name: a", "name: b"))
    assert mixed("fmt", "b.yaml").out == "b.yaml put in order\n"


def test_what_cannot_be_read_is_told_and_the_rest_is_done(mixed: Shell) -> None:
    mixed.write("bad.yaml", "a: [\n")
    ran = mixed("fmt")
    assert ran.code == 1
    assert "teams/a.yaml put in order" in ran.out
    assert "bad.yaml:2:1: this is not YAML" in ran.said


@pytest.mark.parametrize("command", ["fmt", "validate"])
def test_a_path_that_is_not_there_is_told(command: str, mixed: Shell) -> None:
    ran = mixed(command, "teems")
    assert ran.code == 1
    assert "teems is not there name a file or a folder of the project" in ran.said


def test_a_link_that_leads_to_itself_is_passed_over(mixed: Shell) -> None:
    (mixed.folder / "round.yaml").symlink_to("round.yaml")
    for command in (("fmt", "round.yaml"), ("validate",), ("plan", "round.yaml", "--sandbox")):
        assert "Traceback" not in mixed(*command).err
    assert mixed("fmt", "--check", "round.yaml").code == 0


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell_name: str, shell: Shell) -> None:
    ran = shell("completion", shell_name)
    assert ran.code == 0
    assert "_RECONCILER_COMPLETE" in ran.out


WORDS = {
    ("pl",): {"plan"},
    ("plan", "--ch"): {"--changed-since"},
    ("plan", "--format", "mark"): {"markdown"},
    ("plan", "--target", "ops"): {"opsgenie/Team/a"},
}


@pytest.mark.parametrize(("words", "found"), WORDS.items(), ids=[" ".join(words) for words in WORDS])
def test_words_are_completed(words: tuple[str, ...], found: set[str], mixed: Shell) -> None:
    complete = ShellComplete(command_line, {}, "reconciler", "_RECONCILER_COMPLETE")
    assert {one.value for one in complete.get_completions(list(words[:-1]), words[-1])} == found


def test_a_project_that_cannot_be_read_completes_nothing(mixed: Shell) -> None:
    mixed.write("bad.yaml", "a: [\n")
    complete = ShellComplete(command_line, {}, "reconciler", "_RECONCILER_COMPLETE")
    assert complete.get_completions(["plan", "--target"], "ops") == []
