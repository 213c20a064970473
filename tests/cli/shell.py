"""Shell: the command line as a test calls it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from reconciler.cli.main import main

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
VARIABLES = ("CI", "NO_COLOR", "RECONCILER_SEAL_KEY", "OPSGENIE_API_KEY", "WALLARM_API_TOKEN", "WALLARM_API_HOST")

_SETTLED: dict[frozenset[tuple[str, bytes]], Path] = {}
_NUMBERS = count()


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All words in one line, so that a test need not know where they were wrapped."""
        return " ".join(f"{self.out} {self.err}".split())


@dataclass(frozen=True)
class Shell:
    """One folder to run commands in."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ran:
        self.capsys.readouterr()
        code = main(arguments)
        out, err = self.capsys.readouterr()
        return Ran(code, out, err)

    def sandboxed(self, *arguments: str) -> Ran:
        return self("--sandbox", *arguments)

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def settle(self) -> None:
        """Apply what is written, in the sandbox: once for all tests that begin with the same."""
        begun = self.contents()
        if begun in _SETTLED:
            shutil.copytree(_SETTLED[begun], self.folder, dirs_exist_ok=True)
            return
        ran = self.sandboxed("apply", "--yes")
        assert ran.code == 0, ran
        _SETTLED[begun] = self.copied()

    def contents(self) -> frozenset[tuple[str, bytes]]:
        return frozenset((name, (self.folder / name).read_bytes()) for name in self.files() if self._is_file(name))

    def _is_file(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def copied(self) -> Path:
        """A copy of the folder that outlives this test."""
        place = self.folder.parent / f"copy-{next(_NUMBERS)}"
        shutil.copytree(self.folder, place)
        return place

    def quickstart(self) -> None:
        for file in QUICKSTART.glob("*.yaml"):
            shutil.copy(file, self.folder / file.name)

    def files(self) -> set[str]:
        return {file.relative_to(self.folder).as_posix() for file in self.folder.rglob("*")}
