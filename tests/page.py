"""Page: a page of Markdown that is run: its command blocks in order, each YAML block written where it says. In what a
command says, `…` stands for anything, alone on a line for any lines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.program import STAND_IN, Program

BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (?P<file>[\w./-]+\.yaml)\n")
_MARK = "--- said by the test ---"


@dataclass(frozen=True)
class Command:
    """A command line, perhaps over several lines, and what is printed after it."""

    line: str
    told: str

    @property
    def codes(self) -> tuple[int, ...]:
        """The exit codes it may have."""
        if re.search("^Error: ", self.told, re.MULTILINE):
            return (1,)
        return (0, 2) if "--detailed-exitcode" in self.line else (0,)


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    text: str
    code: int


def blocks(page: str, language: str) -> Iterator[str]:
    return (block["text"] for block in BLOCK.finditer(page) if block["language"] == language)


def commands(page: str) -> list[Command]:
    found = []
    for block in blocks(page, "console"):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert parts[0] == "", "a console block begins with a command"
        for part in parts[1:]:
            line, _, told = re.sub(r"\\\n> ", "", part).partition("\n")
            found.append(Command(line, told))
    return found


def pattern(told: str) -> re.Pattern[str]:
    lines = [
        r"(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in told.splitlines()
    ]
    return re.compile("".join(lines))


def differences(page: str, said: Sequence[Said]) -> str:
    """Where what was said is not what the page tells; empty where all fits."""
    return "\n".join(
        f"$ {command.line}\n{one.text}exit code {one.code}; the page says:\n{command.told}"
        for command, one in zip(commands(page), said, strict=True)
        if not pattern(command.told).fullmatch(one.text) or one.code not in command.codes
    )


# ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def program_in(folder: Path, forked: Program) -> None:
    """Make a program `reconciler` there that is what is installed here."""
    folder.mkdir(parents=True)
    (folder / "stand_in.py").write_text(STAND_IN)
    program = folder / "reconciler"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "${{0%/*}}/stand_in.py" {forked.fileno()} "$@"\n')
    program.chmod(0o755)


def _script(page: str) -> str:
    """Every command and YAML file of a page as one shell script that marks what each command said."""
    lines = ["set -u"]
    for block in BLOCK.finditer(page):
        match block["language"]:
            case "console":
                for command in commands(block[0]):
                    lines += [f"{{ {command.line}\n}} 2>&1", f"printf '%s %s\\n' '{_MARK}' $?"]
            case "yaml":
                named = _FILE.match(block["text"])
                assert named, f"a YAML block begins with its file's name: {block['text'][:60]}"
                file = named["file"]
                lines += [f"mkdir -p $(dirname {file})", f"cat >{file} <<'END OF FILE'\n{block['text']}END OF FILE"]
    return "\n".join(lines) + "\n"


def run(page: str, folder: Path, forked: Program, more: Mapping[str, str]) -> list[Said]:
    """What each command of a page said, run by a shell that begins in a folder. `more` joins its environment."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environ |= {"COLUMNS": "100", "LC_ALL": "C.UTF-8", **more}
    done = subprocess.run(
        ["sh", "-c", _script(page)],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=[forked.fileno()],
    )
    assert done.stderr == ""
    *parts, rest = re.split(rf"{_MARK} (\d+)\n", done.stdout)
    assert rest == ""
    return [Said(text, int(code)) for text, code in zip(parts[::2], parts[1::2], strict=True)]
