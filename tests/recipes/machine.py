"""Machine: what runs the shell lines of a recipe, each job in a folder of its own. Instead of installing anything, its
`python -m venv` gives what is installed here, and `pip` notes what it was asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.program import STAND_IN, Program

_VENV = """\
#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3" && cp -r "{programs}" "$3/bin"; else exec "{python}" "$@"; fi
"""
_PIP = """\
#!/bin/sh
printf '%s\\n' "$*" >>"{asked}"
"""
_RECONCILER = """\
#!/bin/sh
exec "{python}" -I -S "{stand_in}" {line} "$@"
"""


@dataclass(frozen=True)
class Lines:
    """How a piece of shell ended, and what it printed on both streams."""

    code: int
    said: str


@dataclass
class Machine:
    """`environ` is what the machine itself sets. `programs` holds python, pip and reconciler."""

    folder: Path
    forked: Program
    environ: Mapping[str, str]
    jobs: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.programs.mkdir(parents=True)
        (self.folder / "stand_in.py").write_text(STAND_IN)
        given = {
            "python": sys.executable,
            "programs": self.programs,
            "asked": self.folder / "pip",
            "stand_in": self.folder / "stand_in.py",
            "line": self.forked.fileno(),
        }
        for name, text in (("python", _VENV), ("pip", _PIP), ("reconciler", _RECONCILER)):
            (self.programs / name).write_text(text.format(**given))
            (self.programs / name).chmod(0o755)

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    @property
    def installed(self) -> list[str]:
        """What pip was asked for, one line a time."""
        file = self.folder / "pip"
        return file.read_text().splitlines() if file.exists() else []

    def job(self) -> Path:
        """A new folder that no job has used."""
        self.jobs += 1
        folder = self.folder / f"job-{self.jobs}"
        (folder / "temp").mkdir(parents=True)
        return folder

    def run(self, lines: str, folder: Path, environ: Mapping[str, str], path: Iterable[str] = ()) -> Lines:
        """A step, as a runner's bash runs it: the first line that fails is its end."""
        paths = ":".join([*path, "/usr/local/bin", "/usr/bin", "/bin"])
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines],
            cwd=folder,
            env={"LC_ALL": "C.UTF-8", "CI": "true", **self.environ, **environ, "PATH": paths},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[self.forked.fileno()],
        )
        return Lines(ran.returncode, ran.stdout)
