"""Ctrl-C and SIGTERM while nothing is written yet: it ends at once with 130, without a trace of itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from tempfile import TemporaryFile

import pytest

from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.cli.conftest import point_at
from tests.cli.shell import Shell
from tests.cli.test_signals import at_terminal, environment
from tests.program import Program, Running

pytestmark = pytest.mark.slow
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@pytest.fixture(scope="module")
def silence() -> Iterator[tuple[Sandbox, str]]:
    """Vendors that take every request and answer none of them in time, and where they are."""
    sandbox = Sandbox()
    sandbox.faults.order({"fault": "slow", "seconds": 25, "count": None})
    with serve(sandbox) as serving:
        yield sandbox, serving.url


@pytest.fixture
def silent(quickstart: Shell, silence: tuple[Sandbox, str]) -> Sandbox:
    """The quickstart with such vendors, whom nobody asked anything yet."""
    sandbox, url = silence
    sandbox.log.clear()
    point_at(quickstart, url)
    return sandbox


@SIGNALS
@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("ledger", "rebuild")], ids=" ".join)
def test_while_reading_it_stops_at_once(
    forked: Program, quickstart: Shell, silent: Sandbox, number: int, command: tuple[str, ...]
) -> None:
    with TemporaryFile("w+") as said, open(os.devnull) as nothing:
        streams = nothing.fileno(), said.fileno(), said.fileno()
        running = forked.start(command, quickstart.folder, environment(), streams)
        until = time.monotonic() + 60
        while not silent.log and time.monotonic() < until:
            time.sleep(0.005)  # another process is on its way to its first request: nothing here tells when
        running.send_signal(number)
        assert running.wait(20) == 130
        said.seek(0)
        assert said.read() == "stopped\n"
    assert not [one for one in silent.log if one["method"] != "GET" and one["path"] != "/wallarm/v1/user"]
    listed = quickstart("ledger", "list").out
    assert "being applied" not in listed
    assert "0 objects" in listed


@SIGNALS
def test_at_the_question_it_ends_the_line_and_does_nothing(forked: Program, quickstart: Shell, number: int) -> None:
    def signals(terminal: int, running: Running) -> None:
        running.send_signal(number)

    ended, shown = at_terminal(forked, quickstart.folder, ["--sandbox", "apply"], asked=signals)
    assert ended == 130
    assert shown.endswith("Make these changes? Type yes to go on: \r\nstopped\r\n")
    assert "Traceback" not in shown
    assert quickstart.sandboxed("plan").out.startswith("7 to create")
    assert "being applied" not in quickstart.sandboxed("ledger", "list").out
