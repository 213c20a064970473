"""The frame of the command line: exit codes, what is imported, what is worded and what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

import click
import pytest

from reconciler import __version__
from reconciler.cli.main import COMMANDS, module_of
from reconciler.errors import Place, Problem, ReconcilerError
from tests.cli.shell import Ran, Shell


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60)


USAGE = [
    ((), "Usage: reconciler [OPTIONS] COMMAND"),
    (("plna",), 'there is no command "plna" did you mean "plan"?'),
    (("frobnicate",), 'there is no command "frobnicate" there are: init, validate, plan'),
    (("plan", "--fomat", "json"), "No such option '--fomat'"),
    (("plan", "--format", "xml"), "'xml' is not one of"),
    (("plan", "--selector", "payments"), '"payments" is no label: write LABEL=VALUE'),
    (("plan", "-p", "nowhere"), "'nowhere' does not exist"),
    (("show",), "Missing argument"),
    (("apply", "--max-deletes", "-1"), "-1 is not in the range"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE, ids=lambda value: " ".join(value) or "nothing")
def test_wrong_usage_is_told_and_ends_with_1(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    ran = shell(*arguments)
    assert ran.code == 1
    assert said in ran.said


def test_the_version_is_told(shell: Shell) -> None:
    assert shell("--version") == Ran(0, f"reconciler {__version__}\n", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_command_says_of_itself(shell: Shell, name: str) -> None:
    command = import_module(module_of(name)).COMMAND
    assert isinstance(command, click.Command)
    assert (command.help or "").partition("\n")[0] == COMMANDS[name]
    assert COMMANDS[name] in shell("--help").said
    assert shell(name, "--help").code == 0


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_start_up_imports_only_what_it_needs(argument: str) -> None:
    heavy = ("pydantic", "httpx", "asyncio", "rich", "ruamel", "obstore", "cryptography", "starlette", "deepdiff")
    code = (
        "import sys; from reconciler.cli.main import main; "
        f"assert main([{argument!r}]) == 0; print([one for one in {heavy!r} if one in sys.modules])"
    )
    ran = python("-c", code)
    assert ran.stdout.endswith("[]\n"), ran.stdout + ran.stderr


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A list whose one exception `init` raises."""
    raised: list[BaseException] = []

    def fail(**_: object) -> None:
        raise raised[0]

    monkeypatch.setattr(import_module("reconciler.cli.init").COMMAND, "callback", fail)
    return raised


def test_problems_are_told_with_place_and_way_out(shell: Shell, failing: list[BaseException]) -> None:
    problems = [Problem("second", Place("b.yaml", 2, 1)), Problem("first", Place("a.yaml", 1, 2), "mend it")]
    failing.append(ReconcilerError(problems=problems))
    ran = shell("init")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: a.yaml:1:2: first\n    mend it\nError: b.yaml:2:1: second\n"


def test_a_message_cannot_move_the_cursor(shell: Shell, failing: list[BaseException]) -> None:
    failing.append(ReconcilerError("a name \x1b[2J\u202e that hides", place=Place("a.yaml", 1)))
    assert shell("init").err == "Error: a.yaml:1: a name \\x1b[2J\\u202e that hides\n"


def test_an_interrupted_command_ends_with_130(shell: Shell, failing: list[BaseException]) -> None:
    failing.append(KeyboardInterrupt())
    assert shell("init").code == 130


def test_a_defect_shows_itself(shell: Shell, failing: list[BaseException]) -> None:
    failing.append(ZeroDivisionError("a defect"))
    with pytest.raises(ZeroDivisionError):
        shell("init")


def test_a_reader_that_went_away_is_no_matter() -> None:
    script = f"{sys.executable} -m reconciler explain | true; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    assert ran.stdout in ("0\n", "1\n")


def test_a_terminal_that_knows_few_letters_sees_something() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "reconciler", "explain", "opsgenie/Schedule"]
    ran = subprocess.run(command, capture_output=True, env=environment, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_talk_that_nobody_hears_ends_nothing() -> None:
    script = (
        "import os, sys; from reconciler.cli.screen import Screen; "
        "reading, writing = os.pipe(); os.close(reading); os.dup2(writing, 2); "
        "Screen().talk('hello'); print('went on')"
    )
    assert python("-c", script).stdout == "went on\n"


def test_a_folder_that_is_gone_is_told(shell: Shell) -> None:
    shell.folder.rmdir()
    assert "the current folder was removed" in shell("plan").said
    shell.folder.mkdir()
