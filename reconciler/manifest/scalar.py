"""Plain scalars by the core schema of YAML 1.2: `on`, `yes` and `2026-01-01` are strings, `0o17` is 15."""

from __future__ import annotations

import re


class Unset:
    """What `!unset` stands for: nothing, where a default would be."""


UNSET = Unset()
Scalar = str | int | float | bool | None | Unset

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_FIRST = frozenset("-+.0123456789")
_MOST_DIGITS = 400


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises ValueError for a number of over 400 characters: no API takes one."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    whole = (_INTEGER, 10, text), (_OCTAL, 8, text[2:]), (_HEXADECIMAL, 16, text[2:])
    for pattern, radix, digits in whole:
        if pattern.fullmatch(text):
            return int(_bounded(digits), radix)
    return float(_bounded(text)) if _FLOAT.fullmatch(text) else text


def _bounded(digits: str) -> str:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} characters")
    return digits


_CORE = "tag:yaml.org,2002:"
_KINDS: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


def tagged(text: str, tag: str) -> Scalar:
    """The value of a scalar with a tag of the core schema. Raises ValueError for another tag, or a misfit."""
    name = tag.removeprefix(_CORE)
    if name == "!unset":
        return _nothing(text)
    if name in ("!", "str"):
        return text
    if name not in _KINDS or not tag.startswith(_CORE):
        raise ValueError(f"the tag {short(tag)} means nothing here")
    value = plain(text)
    if type(value) not in _KINDS[name]:
        raise ValueError(f'"{text[:60]}" is no {name}, as its tag says')
    return float(value) if name == "float" and isinstance(value, int) else value


def _nothing(text: str) -> Unset:
    if text not in ("", "~", "null"):
        raise ValueError(f'"{text[:60]}" stands behind !unset, which takes no value')
    return UNSET


def short(tag: str) -> str:
    """A tag as it is written: `!!str`, `!Ref`."""
    return tag.replace(_CORE, "!!", 1)[:60]
