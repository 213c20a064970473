"""Screen: where a command's words go: results to stdout or a file, talk to stderr; how wide, and whether in colour."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import Problem, ReconcilerError, UsageError

PIPE_WIDTH = 100


@dataclass(frozen=True)
class Screen:
    """`width` in columns; `output` is the file that takes the result in stdout's place."""

    width: int = PIPE_WIDTH
    color: bool = False
    output: str | None = None

    @classmethod
    def of(cls, *, no_color: bool, output: str | None = None) -> Screen:
        """The screen this process writes to: plain and 100 columns wide in a pipe or a file."""
        terminal = sys.stdout.isatty() and output is None
        width = shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if terminal else PIPE_WIDTH
        return cls(width, terminal and not no_color and has_color(), output)

    def out(self, text: str, *, painted: bool = False) -> None:
        """A result; `painted` where it is safe for a terminal and may hold colours. UsageError for its file."""
        text = text if painted else safe(text)
        if self.output is not None:
            write_file(Path(self.output), ended(text))
            return
        print(text, end="" if text.endswith("\n") else "\n", flush=True)

    @property
    def alone(self) -> bool:
        """Whether results and talk come out at one place, so that a reader would see everything twice."""
        try:
            return self.output is None and os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
        except (OSError, ValueError):  # one of them is no file
            return False

    def talk(self, text: str) -> None:
        """Something beside the result: what is waited for, what was left alone."""
        with contextlib.suppress(BrokenPipeError):  # that nobody listens must not end an apply halfway
            print(safe(text), file=sys.stderr, flush=True)


def has_color() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def write_file(file: Path, text: str) -> None:
    """Write a file a person named."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", way_out="name another file") from None


def tell_problems(error: ReconcilerError) -> None:
    """What is wrong, where, and the way out, to stderr."""
    for problem in error.problems:
        print(problem_text(problem, "Error"), file=sys.stderr, flush=True)


def problem_text(problem: Problem, word: str) -> str:
    """`Error: FILE:LINE:COLUMN: what`, and below it the way out; nothing in it moves a terminal's cursor."""
    return safe(f"{word}: {problem}")


def safe(text: str) -> str:
    """The text with control characters written out, line breaks apart."""
    if all(line.isprintable() for line in text.split("\n")):
        return text
    from reconciler.report.paint import visible  # imported here: rich would slow down every start for a rare need

    return "\n".join(visible(line) for line in text.split("\n"))
