"""Strict checks of JSON bodies, as values: each check gives the clean value or names every wrong field at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

TYPE_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}

Check = Callable[[Any, str], Any]


class Invalid(Exception):
    """The body is wrong: field path to what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {text}" for path, text in errors.items()))
        self.errors = dict(errors)


def wrong_type(value: Any, path: str, wanted: str) -> Invalid:
    got = "null" if value is None else TYPE_NAMES.get(type(value), type(value).__name__)
    return Invalid({path: f"must be {wanted}, not {got}"})


def text(least: int = 0, most: int | None = None, pattern: str | None = None) -> Check:
    """A string of `least` to `most` characters that matches `pattern` whole."""
    form = re.compile(pattern) if pattern else None

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, "a string")
        if len(value.strip()) < least:
            raise Invalid({path: "must not be blank"})
        if most is not None and len(value) > most:
            raise Invalid({path: f"must have at most {most} characters, has {len(value)}"})
        if form and not form.fullmatch(value):
            raise Invalid({path: f"has characters or a form that is not allowed: {value!r}"})
        return value

    return check


def word(*allowed: str) -> Check:
    """One of a closed list of strings."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(value, path, "a string")
        if value not in allowed:
            raise Invalid({path: f"{value!r} is not one of {', '.join(allowed)}"})
        return value

    return check


def whole(least: int | None = None, most: int | None = None) -> Check:
    """An integer; booleans and numbers with a fraction are no integers."""

    def check(value: Any, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_type(value, path, "an integer")
        if least is not None and value < least:
            raise Invalid({path: f"must be at least {least}, is {value}"})
        if most is not None and value > most:
            raise Invalid({path: f"must be at most {most}, is {value}"})
        return value

    return check


def flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(value, path, "true or false")
    return value


def zone(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, path, "a string")
    if not _is_zone(value):
        raise Invalid({path: f"{value!r} is no time zone"})
    return value


@cache
def _is_zone(name: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # the first where there is none of that name
        return False
    return True


def anything(value: Any, path: str) -> Any:
    return value


def nullable(inner: Check) -> Check:
    return lambda value, path: None if value is None else inner(value, path)


def items(inner: Check, least: int = 0, most: int | None = None) -> Check:
    """A list, each item by `inner`."""

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_type(value, path, "an array")
        if len(value) < least:
            raise Invalid({path: f"must have at least {least} item(s)"})
        if most is not None and len(value) > most:
            raise Invalid({path: f"must have at most {most} item(s), has {len(value)}"})
        return gather((f"{path}[{at}]", inner, item) for at, item in enumerate(value))

    return check


def gather(parts: Any) -> list[Any]:
    """Every part checked; all that is wrong is raised together."""
    clean: list[Any] = []
    errors: dict[str, str] = {}
    for path, check, value in parts:
        try:
            clean.append(check(value, path))
        except Invalid as wrong:
            errors.update(wrong.errors)
    if errors:
        raise Invalid(errors)
    return clean


def mapping(inner: Check) -> Check:
    """A free object: any keys, each value by `inner`."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        return dict(zip(value, gather((f"{path}.{key}", inner, part) for key, part in value.items()), strict=True))

    return check


def record(
    fields: Mapping[str, Check],
    required: Collection[str] = (),
    nulls: Literal["absent", "checked"] = "absent",
    unknown: Literal["refused", "kept"] = "refused",
) -> Check:
    """An object of known fields. `nulls` "absent": a null counts as not given; "checked": the field's check sees it."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_type(value, path or "body", "an object")
        given = {key: part for key, part in value.items() if part is not None or nulls == "checked"}
        at = f"{path}." if path else ""
        errors = {f"{at}{key}": "is required" for key in required if key not in given}
        if unknown == "refused":
            errors.update({f"{at}{key}": "is not a known field" for key in given if key not in fields})
        clean = {}
        for key, part in given.items():
            try:
                clean[key] = fields.get(key, anything)(part, f"{at}{key}")
            except Invalid as wrong:
                errors.update(wrong.errors)
        if errors:
            raise Invalid(errors)
        return clean

    return check


def variant(key: str, kinds: Mapping[str, Check]) -> Check:
    """An object whose field `key` says which of `kinds` it must be."""

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "an object")
        kind = word(*kinds)(value.get(key), f"{path}.{key}" if path else key)
        return kinds[kind](value, path)

    return check
