"""Program: `reconciler` as true processes with a pid, streams and an end of their own.

They are forked from one that has imported it: starting Python costs more than what most of them do.
`tests/cli/test_main.py` starts it as people do.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

from reconciler.__main__ import main
from reconciler.kinds.spec import Form, OneOf
from reconciler.vendors.registry import VENDORS

ROOT = Path(__file__).parents[1]
IMPORTED = ("apply", "audit", "destroy", "importing", "ledger", "plan", "session", "sandboxed", "saved", "brake")
LONGEST = 1 << 20
# A program for scripts that becomes such a process in all but its pid: arguments, folder, environment, streams, end.
STAND_IN = """\
import json, os, socket, sys
told, tell = os.pipe()
line = socket.socket(fileno=int(sys.argv[1]))
words = json.dumps([sys.argv[2:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(line, [words], [0, 1, 2, tell])
os.close(tell)
line.recv(16)
sys.exit(int(os.read(told, 16)))
"""


@dataclass
class Running:
    """A process that was begun. `_told` is where its exit code comes from."""

    pid: int
    _told: int
    returncode: int | None = None

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, −9 when it was killed. Raises TimeoutError."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise TimeoutError(f"process {self.pid} did not end in {timeout} s")
            self.returncode = int(os.read(self._told, 16))
            os.close(self._told)
        return self.returncode

    @property
    def ended(self) -> bool:
        return self.returncode is not None or bool(select.select([self._told], [], [], 0)[0])

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        if not self.ended:
            self.send_signal(signal.SIGKILL)
        self.wait()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


@dataclass
class Program:
    """Starts processes; `_line` leads to the one they are forked from."""

    _line: socket.socket

    def fileno(self) -> int:
        """For `STAND_IN`, whose process must inherit it."""
        return self._line.fileno()

    def start(
        self, arguments: Sequence[str], folder: Path, environ: Mapping[str, str], streams: tuple[int, int, int]
    ) -> Running:
        """A process in a session of its own; `streams` are descriptors for its stdin, stdout and stderr."""
        told, tell = os.pipe()
        words = json.dumps([list(arguments), str(folder), dict(environ)]).encode()
        assert len(words) < LONGEST
        socket.send_fds(self._line, [words], [*streams, tell])
        os.close(tell)
        return Running(int(self._line.recv(16)), told)

    def run(
        self, arguments: Sequence[str], folder: Path, environ: Mapping[str, str], *, together: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """A process to its end; `together`: stdout and stderr are one file."""
        with TemporaryFile("w+") as out, TemporaryFile("w+") as err, open(os.devnull) as nothing:
            streams = nothing.fileno(), out.fileno(), (out if together else err).fileno()
            code = self.start(arguments, folder, environ, streams).wait()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(list(arguments), code, out.read(), err.read())


@contextmanager
def program() -> Iterator[Program]:
    """The process to fork from, for as long as this lasts."""
    ours, theirs = socket.socketpair()
    command = f"from tests.program import serve; serve({theirs.fileno()})"
    with ours, theirs:
        server = subprocess.Popen([sys.executable, "-c", command], cwd=ROOT, pass_fds=[theirs.fileno()])
        theirs.close()
        yield Program(ours)
    assert server.wait(60) == 0


# ── in the process that is forked from ──────────────────────────────────────────────────────────────────────────────


def serve(line: int) -> None:
    """Fork a process for each message, until nobody is there to send one."""
    sys.path[0] = str(ROOT)  # was the current folder, which is another one in each process
    for name in IMPORTED:
        import_module(f"reconciler.cli.{name}")
    for vendor in VENDORS.values():
        for kind in vendor.kinds:
            _build(kind.spec)
    gc.freeze()
    asked = socket.socket(fileno=line)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        words, streams, _, _ = socket.recv_fds(asked, LONGEST, 4)
        if not words:
            return
        if os.fork() == 0:
            _watch(asked, streams, *json.loads(words))
        for stream in streams:
            os.close(stream)


def _build(form: Form) -> None:
    """What is else built at first use, in each process again."""
    for model in (*form.members, form.other) if isinstance(form, OneOf) else (form,):
        if model is not None:
            model.model_rebuild()


def _watch(
    asked: socket.socket, streams: Sequence[int], arguments: list[str], folder: str, environ: dict[str, str]
) -> NoReturn:
    """Start the process and tell who it is, then how it ended: only its parent learns that."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        asked.close()
        _become(streams, arguments, folder, environ)
    asked.send(str(child).encode())
    asked.close()
    for stream in streams[:3]:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    os.write(streams[3], str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(streams: Sequence[int], arguments: list[str], folder: str, environ: dict[str, str]) -> NoReturn:
    """Be the command line, as after `python -m reconciler`."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace")
    sys.argv = ["reconciler", *arguments]
    main()
    raise AssertionError("the command line ends its process")
