"""Ctrl-C and SIGTERM while nothing is written yet: it ends at once with 130, without a trace of itself."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.cli.conftest import point_at
from tests.cli.shell import Shell
from tests.cli.test_signals import COMMAND, environment

pytestmark = pytest.mark.slow
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])


@pytest.fixture
def silent(quickstart: Shell) -> Iterator[Sandbox]:
    """The quickstart, with vendors that take every request and answer none of them in time."""
    sandbox = Sandbox()
    sandbox.faults.order({"fault": "slow", "seconds": 25, "count": None})
    with serve(sandbox) as serving:
        point_at(quickstart, serving.url)
        yield sandbox


@SIGNALS
@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("ledger", "rebuild")], ids=" ".join)
def test_while_reading_it_stops_at_once(
    quickstart: Shell, silent: Sandbox, number: int, command: tuple[str, ...]
) -> None:
    running = subprocess.Popen(
        [*COMMAND, *command], cwd=quickstart.folder, env=environment(), stdout=-1, stderr=-1, text=True
    )
    until = time.monotonic() + 60
    while not silent.log and time.monotonic() < until:
        select.select([], [], [], 0.05)
    running.send_signal(number)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, "")
    assert err == "stopped\n"
    assert not [one for one in silent.log if one["method"] != "GET" and one["path"] != "/wallarm/v1/user"]
    listed = quickstart("ledger", "list").out
    assert "being applied" not in listed
    assert "0 objects" in listed


def asked(folder: Path, number: int) -> tuple[int, str]:
    """Run `apply` on a terminal, and send a signal when it asks."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, "--sandbox", "apply"],
        cwd=folder,
        env=environment(COLUMNS="60"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
        try:
            more = os.read(ours, 65536)
        except OSError:  # its end of the terminal is closed
            break
        if b"to go on:" not in shown and b"to go on:" in shown + more:
            running.send_signal(number)
        shown += more
    os.close(ours)
    return running.wait(30), shown.decode()


@SIGNALS
def test_at_the_question_it_ends_the_line_and_does_nothing(quickstart: Shell, number: int) -> None:
    ended, shown = asked(quickstart.folder, number)
    assert ended == 130
    assert shown.endswith("Make these changes? Type yes to go on: \r\nstopped\r\n")
    assert "Traceback" not in shown
    assert quickstart.sandboxed("plan").out.startswith("7 to create")
    assert "being applied" not in quickstart.sandboxed("ledger", "list").out
