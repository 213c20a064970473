"""Real processes: signals during an apply, and a person at a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO

import pytest

from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.cli.conftest import point_at
from tests.cli.shell import VARIABLES, Shell
from tests.program import Program, Running

pytestmark = pytest.mark.slow


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    keys = {"OPSGENIE_API_KEY": "opsgenie-key-for-tests", "WALLARM_API_TOKEN": "wallarm-token-for-tests"}
    return {**kept, **keys, "TERM": "xterm", **more}


@pytest.fixture
def slow(quickstart: Shell) -> Iterator[Shell]:
    """The quickstart, its vendors taking their time."""
    with serve(Sandbox(), latency=0.1) as serving:
        point_at(quickstart, serving.url)
        yield quickstart


@contextmanager
def begun(forked: Program, shell: Shell) -> Iterator[tuple[Running, IO[str], IO[str]]]:
    """An apply under way, its first change just made; what it says on stdout, for its end, and on stderr."""
    heard, said = os.pipe()
    with TemporaryFile("w+") as out, open(os.devnull) as nothing, open(heard) as err:
        running = forked.start(["apply", "--yes"], shell.folder, environment(), (nothing.fileno(), out.fileno(), said))
        os.close(said)
        while not (line := err.readline()).startswith("created opsgenie/Team"):
            assert line
        yield running, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_stopped_apply_finishes_what_is_in_flight_and_the_next_one_goes_on(
    forked: Program, slow: Shell, number: int
) -> None:
    with begun(forked, slow) as (running, out, err):
        running.send_signal(number)
        assert running.wait() == 130
        assert "stopping: what is in flight is finished; once more stops at once" in err.read()
        out.seek(0)
        told = out.read()
    assert "interrupted" in told
    assert "stopped before it began" in " ".join(told.split())
    listed = slow("ledger", "list").out
    assert "opsgenie/Team/payments" in listed
    assert "without an answer" not in listed
    ended = forked.run(["apply", "--yes"], slow.folder, environment())
    assert ended.returncode == 0, ended
    assert forked.run(["plan", "--detailed-exitcode"], slow.folder, environment()).returncode == 0


def test_a_second_signal_stops_at_once(forked: Program, slow: Shell) -> None:
    with begun(forked, slow) as (running, out, err):
        running.send_signal(signal.SIGINT)
        while not (line := err.readline()).startswith("stopping"):
            assert line
        running.send_signal(signal.SIGINT)
        assert (running.wait(), err.read()) == (130, "stopped\n")
        out.seek(0)
        assert "interrupted" not in out.read()
    assert "being applied" not in slow("ledger", "list").out


def at_terminal(
    forked: Program,
    folder: Path,
    arguments: Sequence[str],
    asked: Callable[[int, Running], object] = lambda terminal, running: None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, str]:
    """Run a command on a terminal of 60 columns; `asked` is called with our end of it once a question stands there."""
    ours, theirs = pty.openpty()
    running = forked.start(arguments, folder, environment(COLUMNS="60", **variables), (theirs, theirs, theirs))
    os.close(theirs)
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
        try:
            more = os.read(ours, 65536)
        except OSError:  # its end of the terminal is closed
            break
        if b"to go on:" not in shown and b"to go on:" in shown + more:
            asked(ours, running)
        shown += more
    os.close(ours)
    return running.wait(30), shown.decode()


def types(typed: bytes) -> Callable[[int, Running], object]:
    return lambda terminal, running: os.write(terminal, typed)


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"y\n", 1), (b"\n", 1), (b"\x04", 1)])
def test_a_person_is_asked_and_only_yes_goes_on(forked: Program, quickstart: Shell, typed: bytes, code: int) -> None:
    ended, shown = at_terminal(forked, quickstart.folder, ["--sandbox", "apply"], asked=types(typed))
    assert ended == code
    assert "Make these changes? Type yes to go on:" in shown
    assert ("nothing was done" in shown) == (code == 1)
    assert quickstart.sandboxed("plan").out.startswith("Nothing" if code == 0 else "7 to create")


@pytest.mark.parametrize(("typed", "code"), [(b"quickstart\n", 0), (b"yes\n", 1)])
def test_destroy_asks_for_the_projects_name(forked: Program, quickstart: Shell, typed: bytes, code: int) -> None:
    quickstart.sandboxed("apply", "--yes")
    ended, shown = at_terminal(forked, quickstart.folder, ["--sandbox", "destroy"], asked=types(typed))
    assert ended == code
    assert "Type the project's name, quickstart, to go on:" in shown


@pytest.mark.parametrize(("arguments", "variables"), [(("--no-color",), {}), ((), {"NO_COLOR": "1"})])
def test_colour_is_for_terminals_and_can_be_switched_off(
    forked: Program, quickstart: Shell, arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    plan = ["--sandbox", "plan"]
    assert "\x1b[" in at_terminal(forked, quickstart.folder, plan)[1]
    assert "\x1b" not in at_terminal(forked, quickstart.folder, [*plan, *arguments], variables=variables)[1]
    assert "\x1b" not in quickstart.sandboxed("plan").out
