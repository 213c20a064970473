"""YAML text: plain data as it stands in a manifest, in a block or on one line; what is read back is what was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.manifest.scalar import UNSET, plain

# What no reader takes for anything but a text, wherever it stands.
_BARE = re.compile(r"[^\W\d_][\w./@+-]*(?: [\w./@+()-]+)*|(?:\d+[smhdw])+")
_BARE_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NO_BLOCK = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

# ── on one line ─────────────────────────────────────────────────────────────────────────────────────────────────────


def flow(value: Any) -> str:
    """A value on one line, as it may stand in brackets."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{scalar(name)}: {flow(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case _:
            return scalar(value)


def scalar(value: Any) -> str:
    """One value that has no parts, on one line."""
    if value is UNSET:
        return "!unset"
    if isinstance(value, str):
        bare = _BARE.fullmatch(value) and value.casefold() not in _BARE_WORDS and plain(value) == value
        return value if bare else _quoted(value)
    return json.dumps(value)


def _quoted(text: str) -> str:
    if ('"' in text or "\\" in text) and "\n" not in text and not _NO_BLOCK.search(text):
        return "'" + text.replace("'", "''") + "'"
    escaped = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)


# ── in a block ──────────────────────────────────────────────────────────────────────────────────────────────────────


def block(value: Any, column: int, line_end: str = "\n", *, item: bool = False) -> str:
    """What stands behind a key at `column`: one word, or lines below it. As an `item` it stands behind its dash."""
    if is_literal(value):
        return line_end.join(literal(value, column + 2))
    if not isinstance(value, Mapping | list) or not value:
        return flow(value)
    if item:
        return line_end.join(_parts(value, column, line_end)).lstrip(" ")
    return line_end + line_end.join(_parts(value, column + 2, line_end))


def _parts(value: Mapping[str, Any] | list[Any], column: int, line_end: str) -> Iterator[str]:
    margin = " " * column
    if isinstance(value, list):
        yield from (f"{margin}- {block(part, column + 2, line_end, item=True)}" for part in value)
        return
    for name, part in value.items():
        behind = block(part, column, line_end)
        yield f"{margin}{scalar(name)}:{'' if behind.startswith(line_end) else ' '}{behind}"


def is_literal(value: Any) -> bool:
    """Whether it is a text of several lines that can stand as it is."""
    if not isinstance(value, str) or "\n" not in value.rstrip("\n") or value.endswith("\n\n"):
        return False
    lines = value.split("\n")
    ragged = any(line != line.rstrip() for line in lines) or not lines[0] or lines[0][0] == " "
    return not ragged and not _NO_BLOCK.search(value)


def literal(text: str, column: int) -> Iterator[str]:
    """The mark on the line of its key, and the lines below that."""
    yield "|" if text.endswith("\n") else "|-"
    for line in text.removesuffix("\n").split("\n"):
        yield f"{' ' * column}{line}" if line else ""
