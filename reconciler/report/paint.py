"""Paint: lines of styled words, wrapped to a width; the one place where a text is made safe for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len

if TYPE_CHECKING:
    from rich.text import Text

Style = Literal["plain", "bold", "faint", "create", "update", "replace", "delete", "stop", "doubt", "mark"]

Words = str | tuple[str, Style]

_STYLES: dict[Style, str] = {
    "plain": "",
    "bold": "bold",
    "faint": "dim",
    "create": "green",
    "update": "yellow",
    "replace": "magenta",
    "delete": "red",
    "stop": "bold red",
    "doubt": "bold magenta",
    "mark": "bold yellow",
}

_WORD = re.compile(r"(?:[\d.]+ (?=(?:s|min|%)(?!\w))|\S)+\s*|\s+")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDE_SPACE = "\u3000"  # ordinary in Japanese, and as wide as what it stands between


def visible(text: str) -> str:
    """The text with everything that moves a cursor, turns or hides letters, or looks like a space, written out."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == _WIDE_SPACE else _SHORT.get(one) or escaped(one) for one in text)


def escaped(one: str) -> str:
    """`\\x1b`, `\\u202e`: a character as its number."""
    number = ord(one)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def cells(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return cell_len(visible(text))


def flat(text: str) -> str:
    """A message of several lines as one: what a vendor says begins no line of ours."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Line:
    """Words in a row. What does not fit goes on `hang` columns further in."""

    words: tuple[Words, ...]
    indent: int = 0
    hang: int = 4


@dataclass
class Page:
    """A text in the making."""

    width: int
    color: bool
    lines: list[Line] = field(default_factory=list)

    def add(self, *words: Words, indent: int = 0, hang: int = 4) -> None:
        self.lines.append(Line(words, indent, hang))

    def gap(self) -> None:
        """An empty line, unless there is one or nothing stands above it."""
        if self.lines and self.lines[-1].words:
            self.lines.append(Line(()))

    def room(self, indent: int) -> int:
        return max(self.width - indent, 1)

    def text(self) -> str:
        """The whole, each line ended; without colour no byte of it is an escape."""
        return (
            self._painted()
            if self.color
            else "".join(f"{one}\n" for line in self.lines for one in _plain(line, self.width))
        )

    def _painted(self) -> str:
        from rich.console import Console  # imported here: in a pipeline nothing is painted

        out = StringIO()
        console = Console(
            file=out,
            width=self.width,
            color_system="standard",
            force_terminal=True,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
        )
        for line in self.lines:
            for part in _wrapped(line, self.width):
                console.print(part, soft_wrap=True)
        return out.getvalue()


def _plain(line: Line, width: int) -> Iterator[str]:
    """The same lines as `_wrapped` gives, as they are without colour."""
    text = "".join(visible(words if isinstance(words, str) else words[0]) for words in line.words)
    further = line.indent + line.hang
    starts = [0, *_breaks(text, width - line.indent, width - further)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True)):
        part = text[start:end].rstrip()
        yield " " * (further if number else line.indent) + part if part else part


def _wrapped(line: Line, width: int) -> Iterator[Text]:
    from rich.text import Text

    text = Text()
    for words in line.words:
        match words:
            case str():
                text.append(visible(words))
            case said, style:
                text.append(visible(said), style=_STYLES[style])
    further = line.indent + line.hang
    for number, part in enumerate(text.divide(_breaks(text.plain, width - line.indent, width - further))):
        part.rstrip()
        yield Text(" " * (further if number else line.indent)) + part if part else part


def _breaks(text: str, first: int, further: int) -> list[int]:
    """Where a new line begins. A word longer than a line stays whole, so that it can be copied, and so does `0.4 s`."""
    breaks: list[int] = []
    if len(text) <= first and text.isascii():
        return breaks
    room, used = first, 0
    for word in _WORD.finditer(text):
        if used and used + cell_len(word[0].rstrip()) > room:
            breaks.append(word.start())
            room, used = further, 0
        used += cell_len(word[0])
    return breaks
