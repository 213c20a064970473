"""Mistakes: what pydantic finds wrong with a mapping, in our words, with paths people see. No secret is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from reconciler.errors import Problem
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.kinds.tree import Path, spell
from reconciler.manifest.load import Document


@dataclass(frozen=True)
class Mistake:
    """One mistake: `path` leads to the value, or with `at_key` to the key that should not be there."""

    path: Path
    text: str
    way_out: str | None = None
    at_key: bool = False

    def problem(self, document: Document, prefix: Path) -> Problem:
        return Problem(self.text, document.place((*prefix, *self.path), self.at_key), self.way_out)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word most like `word`, if one is like it; case does not count."""
    by_folded = {each.casefold(): each for each in words}
    found = get_close_matches(word.casefold(), by_folded, 1, 0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, words: Iterable[str], else_say: str = "it is one of") -> str:
    """The way out of a wrong word: the nearest right one, or all of them."""
    known = list(words)
    near = nearest(word, known)
    if near is not None:
        return f'did you mean "{near}"?'
    more = f", … ({len(known)} in all)" if len(known) > 30 else ""
    return f"{else_say}: {', '.join(known[:30])}{more}" if known else "there is none"


def mistakes(error: ValidationError, data: Any, shape: Shape, what: str, under: Path = ()) -> list[Mistake]:
    """Every mistake in `data`, sorted by path; `what` names the whole, `wallarm/Trigger`, `under` where it stands."""
    found = [_Found.of(details, data, shape) for details in error.errors(include_url=False)]
    found.sort(key=lambda each: [str(part) for part in each.path])
    deep = {path for each in found for path in _parents(each.path)}
    grouped = groupby(found, key=lambda each: each.path)
    # Of a union's complaints those that go deeper into the value were made by the form the person meant.
    return [_mistake(list(group), what, under) for path, group in grouped if path not in deep]


def _parents(path: Path) -> list[Path]:
    return [path[:length] for length in range(len(path))]


@dataclass(frozen=True)
class _Found:
    """One complaint of pydantic's: where in the data, the value there, and the shapes of it and of its parent.

    `around` are the variants of which the parent is one.
    """

    details: ErrorDetails
    path: Path
    value: Any
    shape: Shape
    parent: Shape
    around: Variants | None = None

    @classmethod
    def of(cls, details: ErrorDetails, data: Any, shape: Shape) -> _Found:
        path: list[str | int] = []
        parent, around = shape, shape
        for part in details["loc"]:
            if isinstance(shape, Variants) and _is_tag(part, shape, data):
                continue
            whole, shape = shape, _chosen(shape, data)
            if not _holds(data, part):  # the name of a union's member, or a field that a short form leaves out
                shape = _inside(shape, part) if isinstance(shape, Record) and part in shape.fields else shape
                continue
            parent, around, shape, data = shape, whole, _inside(shape, part), data[part]
            path.append(part)
        shape = _chosen(shape, data)
        ends = str(details["loc"][-1]) if details["type"] == "missing" else _discriminator(details)
        if ends is not None and (not path or path[-1] != ends):
            path.append(ends)
            parent, shape, data = shape, Leaf(), data.get(ends) if isinstance(data, Mapping) else None
        return cls(details, tuple(path), data, shape, parent, around if isinstance(around, Variants) else None)


def _is_tag(part: str | int, shape: Variants, data: Any) -> bool:
    return part in shape.records and isinstance(data, Mapping) and data.get(shape.by) == part


def _discriminator(details: ErrorDetails) -> str | None:
    if not details["type"].startswith("union_tag"):
        return None
    return str(details["ctx"]["discriminator"]).strip("'")


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part in range(len(data))
    return isinstance(data, Mapping) and part in data


def _chosen(shape: Shape, data: Any) -> Shape:
    """Of variants, the record that the data says it is."""
    if not isinstance(shape, Variants) or not isinstance(data, Mapping):
        return shape
    choice = data.get(shape.by)
    other = shape.other if isinstance(choice, str) else None
    return shape.records.get(choice, other or shape) if isinstance(choice, str | bool) else shape


def _inside(shape: Shape, part: str | int) -> Shape:
    match shape:
        case Record(fields=fields):
            return fields[str(part)].shape if part in fields else Leaf(secret=True)
        case Variants(by=by):
            return Leaf(secret=part != by)
        case Map(item=item) | List(item=item):
            return item
        case Leaf():
            return shape


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
}
_LIMITS = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "{min_length} characters or more",
    "string_too_long": "{max_length} characters or fewer",
    "string_pattern_mismatch": "a text that fits {pattern}",
}
_ONE_AT_LEAST = {"string_too_short": "a text of at least one character", "too_short": "a list of at least one item"}
_COUNTS = {"too_short": "{min_length} items or more", "too_long": "{max_length} items or fewer"}
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|(-?\d+)|(True|False)")


def _mistake(group: Sequence[_Found], what: str, under: Path) -> Mistake:
    first = group[0]
    kind, path = first.details["type"], first.path
    where = spell((*under, *path)) or what
    if kind == "extra_forbidden":
        return _unknown(first, what, under)
    if kind in ("missing", "union_tag_not_found"):
        choices = _choices(first)
        return Mistake(path, f"{where} is missing", f"it is one of: {', '.join(choices)}" if choices else None)
    if kind == "secret_literal":
        part, _, way_out = first.details["msg"].rpartition("a secret never stands in a manifest: ")
        whole = f"{where}.{part.removesuffix(': ')}" if part else where  # a kind may say which part it is
        return Mistake(path, f"{whole} is a secret, and a secret never stands in a manifest", way_out)
    wanted = list(dict.fromkeys(want for want in map(_wanted, group) if want))
    if not wanted:
        return Mistake(path, f"{where}: {'; or '.join(dict.fromkeys(_own_words(each) for each in group))}")
    said = [_own_words(each) for each in group if _wanted(each) is None]
    text = f"{where} must be {' or '.join(wanted)}, not {_shown(first)}"
    return Mistake(path, "; or ".join([text, *dict.fromkeys(said)]), _way_out(group))


def _unknown(found: _Found, what: str, under: Path) -> Mistake:
    name = str(found.path[-1])
    inside = spell((*under, *found.path[:-1])) or what
    text = f'there is no field "{name[:60]}" in {inside}'
    fields = list(found.parent.fields) if isinstance(found.parent, Record) else []
    records = found.around.records.items() if found.around is not None else ()
    goes = [_scalar(choice) for choice, record in records if name in record.fields]
    if found.around is not None and goes:
        return Mistake(found.path, text, f"it goes with {found.around.by}: {' or '.join(goes)}", at_key=True)
    return Mistake(found.path, text, did_you_mean(name, fields, "it has"), at_key=True)


def _wanted(found: _Found) -> str | None:
    kind, context = found.details["type"], found.details.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in _ONE_AT_LEAST and context.get("min_length") == 1:
        return _ONE_AT_LEAST[kind]
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context)
    if kind in _COUNTS:
        return "a list of " + _COUNTS[kind].format(**context)
    choices = _choices(found)
    if not choices:
        return None
    return (
        f"one of {', '.join(choices)}" if 1 < len(choices) <= 8 else choices[0] if len(choices) == 1 else "a known word"
    )


def _choices(found: _Found) -> list[str]:
    context = found.details.get("ctx", {})
    text = str(context.get("expected") or context.get("expected_tags") or "")
    if found.details["type"] not in ("literal_error", "enum", "union_tag_invalid"):
        shape = found.parent
        return (
            [_scalar(each) for each in shape.records]
            if isinstance(shape, Variants) and found.path[-1:] == (shape.by,)
            else []
        )
    return [text or number or word.lower() for text, number, word in _CHOICE.findall(text)]


def _own_words(found: _Found) -> str:
    """The sentence a kind wrote itself, or pydantic's own where we have no better."""
    error = found.details.get("ctx", {}).get("error")
    text = str(error) if isinstance(error, Exception) else found.details["msg"]
    shown = found.details["type"] in ("reference", "duration") and not isinstance(found.value, dict | list)
    return f"{text}, not {_shown(found)}" if shown else text


def _way_out(group: Sequence[_Found]) -> str | None:
    value = group[0].value
    choices = [choice for each in group for choice in _choices(each)]
    if isinstance(value, str) and value in choices:  # the word is right, and is no text
        return f"write it without quotes: {value}"
    if choices and isinstance(value, str):
        return did_you_mean(value, choices) if len(choices) > 8 or nearest(value, choices) else None
    kinds = {each.details["type"] for each in group}
    if value is None:
        return "leave the field out: what no manifest names is not managed"
    if "string_pattern_mismatch" in kinds:
        return _doc(group[0])
    if "string_type" in kinds and isinstance(value, bool | int | float):
        return f'put it in quotes: "{_scalar(value)}"' if _may_be_shown(group[0]) else "put it in quotes"
    if kinds & {"list_type", "tuple_type", "set_type"} and isinstance(value, str) and _may_be_shown(group[0]):
        return f"write [{_scalar(value)}]"
    return None


def _doc(found: _Found) -> str | None:
    """What the field says of itself."""
    fields = found.parent.fields if isinstance(found.parent, Record) else {}
    field = fields.get(str(found.path[-1])) if found.path else None
    return field.doc or None if field is not None else None


def _may_be_shown(found: _Found) -> bool:
    return isinstance(found.shape, Leaf) and not found.shape.secret


def _shown(found: _Found) -> str:
    """The value as written, clipped, where it is certainly no secret; else only what sort of thing it is."""
    value = found.value
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        kind = found.details["type"]
        return f"of {len(value)}" if kind in _COUNTS else "a list"
    if not _may_be_shown(found) and value is not None:
        return "a text" if isinstance(value, str) else "true or false" if isinstance(value, bool) else "a number"
    return f'"{value[:60]}"' if isinstance(value, str) else _scalar(value)


def _scalar(value: Any) -> str:
    words = {True: "true", False: "false"}
    return "null" if value is None else words[value] if isinstance(value, bool) else str(value)[:60]
