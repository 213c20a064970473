"""Holder: who holds a lease, told so that a dead process of this machine can be known as dead."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from reconciler.ledger.clock import Clock, SystemClock, instant

_PROC = Path("/proc")


@dataclass(frozen=True)
class Holder:
    """One process that applies.

    `since` is the holder's own wall clock, for people. `boot`, `space` (the process-id namespace, which tells the
    containers of one host apart) and `started` (ticks after boot) are None where the system has no `/proc`; such a
    holder is never known to be dead, only seen to stand still.
    """

    who: str
    host: str
    pid: int
    since: str
    boot: str | None = None
    space: str | None = None
    started: str | None = None

    def __str__(self) -> str:
        return f"{self.who} on {self.host} (process {self.pid})"

    @classmethod
    def here(cls, who: str | None = None, clock: Clock | None = None) -> Holder:
        """This process; `who` where something says more than the user's name."""
        pid = os.getpid()
        since = instant(clock or SystemClock())
        return cls(who or _user(), socket.gethostname(), pid, since, _boot(), _space(), _started(pid))

    def is_dead(self) -> bool:
        """Whether it was a process of this host, boot and namespace that is no more; False where that is not known."""
        if not (self.boot and self.space and self.started):
            return False
        if (self.host, self.boot, self.space) != (socket.gethostname(), _boot(), _space()):
            return False
        return _started(self.pid) != self.started


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"user {os.getuid()}"


def _boot() -> str | None:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def _space() -> str | None:
    try:
        return os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return None


def _started(pid: int) -> str | None:
    """When the process began, in ticks after boot; None where there is none, or it only waits to be reaped."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return None if state in "ZX" else rest[18]
