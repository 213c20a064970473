"""The `filter` and `sort` of a settings list: comparisons of requested fields, `and`, `or`, parentheses."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import in_query

TOKENS = re.compile(r"\s*('(?:[^'\\]|\\.)*'|<=|>=|!=|[=<>()]|[^\s=<>!()']+)")
DEEPEST = 5
FIELDS = ("created", "modified", "createdBy", "modifiedBy", "author", "value")


def compared(text: str, shown: Obj, fields: tuple[str, ...]) -> bool:
    """Whether the object fits. Raises a refusal for a filter that cannot be read."""
    reader = _Reader(_tokens(text), shown, fields)
    result = reader.any_of(0)
    if reader.at < len(reader.tokens):
        raise in_query("filter", f"cannot be read at '{reader.tokens[reader.at]}'")
    return result


def ordered_by(text: str, found: list[tuple[Obj, Obj]], fields: tuple[str, ...]) -> list[Obj]:
    """Sorted by one or more fields, `-` for falling."""
    for part in reversed(text.split(",")):
        path = part.strip().lstrip("+-")
        _at(path, {}, fields, "sort")
        found = sorted(found, key=lambda pair: _key(_at(path, pair[1], fields, "sort")), reverse=part.startswith("-"))
    return [obj for obj, _ in found]


def _key(value: Any) -> tuple[bool, str | float]:
    return (isinstance(value, str), value if isinstance(value, str | int | float) else "")


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        found = TOKENS.match(text, at)
        if found is None:
            raise in_query("filter", f"cannot be read at '{text[at : at + 20]}'")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _at(path: str, shown: Obj, fields: tuple[str, ...], parameter: str) -> Any:
    head, *rest = path.split(".")
    if head not in FIELDS or (head == "value") != bool(rest):
        raise in_query(parameter, f"'{path}' cannot be compared")
    if head not in fields:
        raise in_query(parameter, f"'{path}' is not among the fields that are asked for")
    value: Any = shown.get(head)
    for part in rest:
        value = value.get(part) if isinstance(value, dict) else None
    return value


class _Reader:
    """Reads a filter from left to right and judges one object on the way."""

    def __init__(self, tokens: list[str], shown: Obj, fields: tuple[str, ...]) -> None:
        self.tokens, self.shown, self.fields, self.at = tokens, shown, fields, 0

    def _take(self) -> str:
        if self.at >= len(self.tokens):
            raise in_query("filter", "ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _next_is(self, word: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at].lower() == word:
            self.at += 1
            return True
        return False

    def any_of(self, depth: int) -> bool:
        results = [self._all_of(depth)]
        while self._next_is("or"):
            results.append(self._all_of(depth))
        return any(results)

    def _all_of(self, depth: int) -> bool:
        results = [self._one(depth)]
        while self._next_is("and"):
            results.append(self._one(depth))
        return all(results)

    def _one(self, depth: int) -> bool:
        if depth > DEEPEST:
            raise in_query("filter", f"is nested deeper than {DEEPEST}")
        if self._next_is("("):
            inner = self.any_of(depth + 1)
            if not self._next_is(")"):
                raise in_query("filter", "has parentheses that do not match")
            return inner
        value = _at(self._take(), self.shown, self.fields, "filter")
        return _holds(value, self._take(), self._take())


def _holds(value: Any, operator: str, text: str) -> bool:
    plain = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith("'") else text
    known = str(value).lower() if isinstance(value, bool) else value
    if operator in ("=", "!="):
        return (str(known) == plain) == (operator == "=")
    if operator not in ("<", "<=", ">", ">="):
        raise in_query("filter", f"has no operator '{operator}'")
    try:
        left, right = float(known), float(plain)
    except (TypeError, ValueError):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
