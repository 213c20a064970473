"""The README, run: every command block in order in a copy of the clone, every YAML block written where it says, every
picture found in what the demo prints. In a block, `…` stands for anything, alone on a line for any lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<file>[\w./-]+\.yaml)\n")
MARK = "--- said by the test ---"


@dataclass(frozen=True)
class Command:
    """A command line, perhaps over several lines, and what is printed after it."""

    line: str
    said: str

    @property
    def may_fail(self) -> bool:
        return "--detailed-exitcode" in self.line


def blocks(language: str) -> Iterator[str]:
    return (block["text"] for block in BLOCK.finditer(README) if block["language"] == language)


def commands(block: str) -> list[Command]:
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert parts[0] == "", "a console block begins with a command"
    found = []
    for part in parts[1:]:
        line, _, said = re.sub(r"\\\n> ", "", part).partition("\n")
        found.append(Command(line, said))
    return found


def pattern(expected: str) -> re.Pattern[str]:
    lines = [
        r"(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in expected.splitlines()
    ]
    return re.compile("".join(lines))


# ── a clone, and a shell in it ──────────────────────────────────────────────────────────────────────────────────────


def clone(folder: Path) -> Path:
    """What a person has after cloning, its environment already made: what is installed here."""
    clone = folder / "reconciler"
    for name in ("examples", "schemas", ".ci"):
        shutil.copytree(ROOT / name, clone / name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, clone)
    program = clone / ".venv" / "bin" / "reconciler"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m reconciler "$@"\n')
    program.chmod(0o755)
    for stamp in ("installed", "ready"):
        (clone / ".venv" / stamp).touch()
    return clone


def script() -> str:
    """Every command and YAML file of the README as one shell script that marks what each command said."""
    lines = ["set -u"]
    for block in BLOCK.finditer(README):
        match block["language"]:
            case "console":
                for command in commands(block["text"]):
                    lines += [f"{{ {command.line}\n}} 2>&1", f"printf '%s %s\\n' '{MARK}' $?"]
            case "yaml":
                named = FILE.match(block["text"])
                assert named, f"a YAML block begins with its file's name: {block['text'][:60]}"
                lines += [f"cat >{named['file']} <<'END OF FILE'\n{block['text']}END OF FILE"]
    return "\n".join(lines) + "\n"


def run(clone: Path) -> list[tuple[str, int]]:
    """What each command said, and its exit code."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environ |= {"COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["sh", "-c", script()], cwd=clone, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.stderr == ""
    *parts, rest = re.split(rf"{MARK} (\d+)\n", done.stdout)
    assert rest == ""
    return [(text, int(code)) for text, code in zip(parts[::2], parts[1::2], strict=True)]


# ── tests ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_every_command_says_what_the_readme_says(tmp_path: Path) -> None:
    told = [command for block in blocks("console") for command in commands(block)]
    said = run(clone(tmp_path))
    wrong = [
        f"$ {command.line}\n{text}exit code {code}; the README says:\n{command.said}"
        for command, (text, code) in zip(told, said, strict=True)
        if not pattern(command.said).fullmatch(text) or (code and not command.may_fail)
    ]
    assert not wrong, "\n".join(wrong)
    missing = [picture for picture in blocks("text") if not pattern(picture).search(said[0][0])]
    assert not missing, f"not in what the demo prints:\n{missing}"


def test_every_block_is_of_a_sort_that_is_tested() -> None:
    assert {block["language"] for block in BLOCK.finditer(README)} == {"console", "yaml", "text"}


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z]+)`", (ROOT / name).read_text("utf-8"))) <= targets
    helped = set(re.findall(r"'make ([a-z]+)", (ROOT / "Makefile").read_text("utf-8")))
    assert helped == targets - {"help"}


def test_every_link_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
