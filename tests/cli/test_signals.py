"""Real processes: signals during an apply, and a person at a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.cli.conftest import point_at
from tests.cli.shell import VARIABLES, Shell

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "reconciler"]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    keys = {"OPSGENIE_API_KEY": "opsgenie-key-for-tests", "WALLARM_API_TOKEN": "wallarm-token-for-tests"}
    return {**kept, **keys, "TERM": "xterm", **more}


@pytest.fixture
def slow(quickstart: Shell) -> Iterator[Shell]:
    """The quickstart, its vendors taking their time."""
    with serve(Sandbox(), latency=0.15) as serving:
        point_at(quickstart, serving.url)
        yield quickstart


def begun(shell: Shell) -> subprocess.Popen[str]:
    """An apply under way: its first change was just made."""
    command = [*COMMAND, "apply", "--yes"]
    running = subprocess.Popen(
        command, cwd=shell.folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    while not running.stderr.readline().startswith("created opsgenie/Team"):
        assert running.poll() is None
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_stopped_apply_finishes_what_is_in_flight_and_the_next_one_goes_on(slow: Shell, number: int) -> None:
    running = begun(slow)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopping: what is in flight is finished; once more stops at once" in err
    assert "interrupted" in out
    assert "stopped before it began" in " ".join(out.split())
    listed = slow("ledger", "list").out
    assert "opsgenie/Team/payments" in listed
    assert "without an answer" not in listed
    finish(slow)


def test_a_second_signal_stops_at_once(slow: Shell) -> None:
    running = begun(slow)
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    while not (line := running.stderr.readline()).startswith("stopping"):
        assert line
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "stopped\n")
    assert "interrupted" not in out
    assert "being applied" not in slow("ledger", "list").out


def finish(shell: Shell) -> None:
    ended = subprocess.run([*COMMAND, "apply", "--yes"], cwd=shell.folder, env=environment(), capture_output=True)
    assert ended.returncode == 0, ended
    plan = [*COMMAND, "plan", "--detailed-exitcode"]
    assert subprocess.run(plan, cwd=shell.folder, env=environment(), capture_output=True).returncode == 0


def at_terminal(folder: Path, typed: bytes, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run a command on a terminal of 60 columns, and type when it asks."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(COLUMNS="60", **variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # its end of the terminal is closed
            break
        if typed and b"to go on:" in shown:
            os.write(ours, typed)
            typed = b""
    os.close(ours)
    return running.wait(30), shown.decode()


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"y\n", 1), (b"\n", 1), (b"\x04", 1)])
def test_a_person_is_asked_and_only_yes_goes_on(quickstart: Shell, typed: bytes, code: int) -> None:
    ended, shown = at_terminal(quickstart.folder, typed, "--sandbox", "apply")
    assert ended == code
    assert "Make these changes? Type yes to go on:" in shown
    assert ("nothing was done" in shown) == (code == 1)
    assert quickstart.sandboxed("plan").out.startswith("Nothing" if code == 0 else "7 to create")


@pytest.mark.parametrize(("typed", "code"), [(b"quickstart\n", 0), (b"yes\n", 1)])
def test_destroy_asks_for_the_projects_name(quickstart: Shell, typed: bytes, code: int) -> None:
    quickstart.sandboxed("apply", "--yes")
    ended, shown = at_terminal(quickstart.folder, typed, "--sandbox", "destroy")
    assert ended == code
    assert "Type the project's name, quickstart, to go on:" in shown


@pytest.mark.parametrize(("arguments", "variables"), [(("--no-color",), {}), ((), {"NO_COLOR": "1"})])
def test_colour_is_for_terminals_and_can_be_switched_off(
    quickstart: Shell, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    assert "\x1b[" in at_terminal(quickstart.folder, b"", "--sandbox", "plan")[1]
    assert "\x1b" not in at_terminal(quickstart.folder, b"", "--sandbox", "plan", *arguments, **variables)[1]
    assert "\x1b" not in quickstart.sandboxed("plan").out
