"""YAML text: plain data as it stands in a manifest, in a block or on one line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from reconciler.manifest.scalar import plain

# What may stand bare on one line between brackets and commas, and behind a key: nothing there has another meaning.
_BARE = re.compile(r"[^\W_][\w .@/+-]*[\w.@/+-]|[^\W_]")
_WIDE = 1_000_000


def flow(value: Any) -> str:
    """A value on one line, as it may stand in brackets."""
    match value:
        case str():
            return value if _is_bare(value) else json.dumps(value, ensure_ascii=False)
        case dict():
            return "{" + ", ".join(f"{flow(str(name))}: {flow(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def block(value: Any, column: int, line_end: str = "\n", *, item: bool = False) -> str:
    """What stands behind a key at `column`: one word, or lines below it. As an `item` it stands behind its dash."""
    several = isinstance(value, dict | list) and bool(value)
    if not several and not (isinstance(value, str) and "\n" in value):
        return flow(value)
    head, *lines = _dumped(value)
    if item and several:
        return _indented(lines, column, line_end).lstrip(" ")
    below = _indented(lines, column + 2, line_end)
    return f"{head}{line_end}{below}" if lines else head


def _is_bare(text: str) -> bool:
    return bool(_BARE.fullmatch(text)) and isinstance(plain(text), str)


def _indented(lines: Sequence[str], column: int, line_end: str) -> str:
    return line_end.join(f"{' ' * column}{line}" if line else "" for line in lines)


def _dumped(value: Any) -> list[str]:
    """What stands on the line of a key, and the lines below it, as if these began in the first column."""
    yaml = YAML()
    yaml.width = _WIDE
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    yaml.dump({"k": _styled(value)}, out)
    head, *lines = out.getvalue().rstrip("\n").split("\n")
    return [head.removeprefix("k:").lstrip(" "), *(line.removeprefix("  ") for line in lines)]


def _styled(value: Any) -> Any:
    """The data with every text in a style that is read back as the same text."""
    match value:
        case dict():
            return {_styled(str(name)): _styled(part) for name, part in value.items()}
        case list():
            return [_styled(part) for part in value]
        case str() if "\n" in value and _is_literal(value):
            return LiteralScalarString(value)
        case str() if not _is_bare(value):
            return DoubleQuotedScalarString(value)
        case _:
            return value


def _is_literal(text: str) -> bool:
    """Whether a text of several lines is kept by a block to the letter."""
    lines = text.split("\n")
    plain_ends = not text.startswith((" ", "\n")) and not text.endswith("\n\n")
    return plain_ends and all(line.isprintable() and line == line.rstrip() for line in lines)
