"""Value: a JSON value of a plan in YAML-like words; secrets and what is not there as words of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.report.paint import visible

# What may stand unquoted: nothing that YAML reads as another type, and no sign that our own text uses.
_PLAIN = re.compile(r"(?=\w)[^\s\"\\()\[\]{}→](?:[^\"\\()\[\]{}→:#]|:(?=\S)|(?<=\S)#)*")
_OTHER = re.compile(r"(?:true|false|null|[\d._+-]+(?:e[\d+-]+)?|0x[\da-f]+)", re.IGNORECASE)

# What is said of a secret; any other word beside it may be a digest, which is nothing for people.
_KNOWN = ("changed", "will change", "made by this apply", "unknown", "not comparable")


class Absent:
    """A side on which there is nothing."""


ABSENT = Absent()


def is_flat(value: Any) -> bool:
    """Whether the value is one word or text, and no list or mapping."""
    return bool(_special(value)) if isinstance(value, Mapping) else not isinstance(value, list)


def flow(value: Any) -> str:
    """The value on one line."""
    match value:
        case Absent():
            return "(not set)"
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case Mapping():
            pairs = (f"{_inside(str(name))}: {_inside(item)}" for name, item in value.items())
            return _special(value) or "{" + ", ".join(pairs) + "}"
        case list():
            return "[" + ", ".join(_inside(item) for item in value) + "]"
        case float() if value.is_integer() and abs(value) < 1e15:
            return f"{value:.0f}"
        case _:
            return str(value)


def _inside(value: Any) -> str:
    """The value as one of several, between commas."""
    words = flow(value)
    return f'"{words}"' if isinstance(value, str) and "," in words and not words.startswith('"') else words


def quoted(text: str) -> str:
    """A string as it may stand in YAML: bare where it can be taken for nothing else."""
    if _PLAIN.fullmatch(text) and text == text.strip() and visible(text) == text and not _OTHER.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _special(value: Mapping[str, Any]) -> str:
    """The words for a secret or for what is not known; empty for a mapping as it may stand in a manifest."""
    if len(value) != 1:
        return ""
    [(key, word)] = value.items()
    match key:
        case "$secret":
            return f"(secret, {word})" if word in _KNOWN else "(secret)"
        case "$unknown":
            return f"(unknown: {word})"
        case _:
            return ""


def of_the_new(value: Any) -> Any:
    """The value of an object that is yet to be made: a secret that this apply makes changes nothing there."""
    match value:
        case {"$secret": "will change"}:
            return {"$secret": "made by this apply"}
        case Mapping():
            return {name: of_the_new(item) for name, item in value.items()}
        case list():
            return [of_the_new(item) for item in value]
        case _:
            return value
