"""HTML field: one field of a change as rows to show: its value unfolded, line by line what goes and what comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Literal

from reconciler.report.document import SaidChange, SaidField
from reconciler.report.value import ABSENT, flow, is_flat, of_the_new, quoted

_CAUSES = {
    "edited": "edited in Git",
    "drifted": "drifted at the vendor",
    "differs": "differs, no record",
    "both": "edited in Git and drifted at the vendor",
}
_SHORT = 60  # what is no longer than this stands on one line
_AROUND = 3  # unchanged lines shown before and after a changed one
_LONGEST = 2_000  # the words of longer lines are not compared
_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)

Mark = Literal["del", "ins", "same", "gap"]
Words = tuple[tuple[bool, str], ...]


@dataclass(frozen=True)
class Row:
    """A line of a diff; of its words those that differ are told from the rest."""

    mark: Mark
    words: Words


@dataclass(frozen=True)
class Shown:
    """One field. `short`: old and new stand on one line. `last` is what was applied last, where both sides changed."""

    path: str
    rows: tuple[Row, ...]
    short: bool = False
    cause: str = ""
    why: str = ""
    place: str = ""
    last: str = ""


def shown_fields(change: SaidChange, *, ledger: bool) -> Iterator[Shown]:
    """All fields of a change; items of one unordered list that have the same cause are one."""
    for (path, cause, _), group in groupby(change.fields, key=lambda one: (one.path, one.cause, one.place)):
        fields = list(group)
        if ledger:
            kept = (Row("same", ((False, f"no longer managed, stays {flow(one.side('old'))}"),)) for one in fields)
            yield Shown(path, tuple(kept), short=True)
        else:
            yield _shown(path, fields, _CAUSES.get(cause, ""))


def _shown(path: str, fields: Sequence[SaidField], why: str) -> Shown:
    first = fields[0]
    short = len(fields) == 1 and _is_short(first.side("old")) and _is_short(_new(first))
    rows = tuple(row for field in fields for row in _rows(field, short=short))
    last = flow(first.side("last")) if first.cause == "both" else ""
    return Shown(path.removesuffix("[]"), rows, short, first.cause, why, _where(first.place), last)


def _where(place: str | None) -> str:
    """File and line."""
    return ":".join(place.split(":")[:2]) if place else ""


def _new(field: SaidField) -> Any:
    new = field.side("new")
    return of_the_new(new) if field.side("old") is ABSENT else new


def _is_short(value: Any) -> bool:
    return not _is_block(value) and (is_flat(value) or not value) and len(flow(value)) <= _SHORT


def _is_block(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.rstrip("\n")


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rows(field: SaidField, *, short: bool) -> list[Row]:
    old, new = field.side("old"), _new(field)
    if short:
        sides: tuple[tuple[Mark, Any], ...] = (("del", old), ("ins", new))
        return [_row(mark, flow(value)) for mark, value in sides if value is not ABSENT]
    before, after = list(_lines(old)), list(_lines(new))
    if isinstance(old, str) and isinstance(new, str) and old.endswith("\n") != new.endswith("\n"):
        (before if new.endswith("\n") else after).append("(no line break at the end)")
    return _folded(list(_compared(before, after)))


def _row(mark: Mark, text: str) -> Row:
    return Row(mark, ((False, text),))


def _lines(value: Any, name: str = "") -> Iterator[str]:
    """The value as YAML would have it, in as many lines as it is read best in."""
    start = f"{name}: " if name else ""
    if value is ABSENT:
        return
    if _is_block(value):
        lines = value.removesuffix("\n").split("\n")
        yield from ([f"{name}: |", *(f"  {line}" for line in lines)] if name else lines)
    elif is_flat(value) or not value:
        yield f"{start}{flow(value)}"
    else:
        if name:
            yield f"{name}:"
        inside = _of_mapping(value) if isinstance(value, Mapping) else _of_list(value)
        yield from (f"  {line}" if name else line for line in inside)


def _of_mapping(value: Mapping[str, Any]) -> Iterator[str]:
    for name, item in value.items():
        yield from _lines(item, quoted(str(name)))


def _of_list(value: Sequence[Any]) -> Iterator[str]:
    for item in value:
        for number, line in enumerate(_lines(item)):
            yield f"{'  ' if number else '- '}{line}"


# ── what differs ────────────────────────────────────────────────────────────────────────────────────────────────────


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (_row("same", line) for line in before[a:b])
        elif tag == "replace" and b - a == d - c:
            pairs = [_altered(one, other) for one, other in zip(before[a:b], after[c:d], strict=True)]
            yield from (Row("del", old) for old, _ in pairs)
            yield from (Row("ins", new) for _, new in pairs)
        else:
            yield from (_row("del", line) for line in before[a:b])
            yield from (_row("ins", line) for line in after[c:d])


def _altered(old: str, new: str) -> tuple[Words, Words]:
    """Two lines by their words, where they are alike enough for that to help."""
    whole: tuple[Words, Words] = ((False, old),), ((False, new),)
    if max(len(old), len(new)) > _LONGEST:
        return whole
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.5:
        return whole
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        left += [(tag != "equal", "".join(before[a:b]))] if b > a else []
        right += [(tag != "equal", "".join(after[c:d]))] if d > c else []
    return tuple(left), tuple(right)


def _folded(rows: list[Row]) -> list[Row]:
    """Long runs of unchanged lines give way to their number."""
    changed = [number for number, row in enumerate(rows) if row.mark != "same"]
    near = {place for number in changed for place in range(number - _AROUND, number + _AROUND + 1)}
    found: list[Row] = []
    for far, group in groupby(enumerate(rows), key=lambda one: one[0] not in near):
        run = [row for _, row in group]
        found += [_row("gap", f"{len(run)} more lines, unchanged")] if far and len(run) > 2 else run
    return found
