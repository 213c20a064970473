"""Field text: the fields of one change, each old → new with its cause; lists and long texts by item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Literal

from reconciler.report.document import SaidChange, SaidField
from reconciler.report.paint import Page, Style, Words, cells
from reconciler.report.value import ABSENT, flow, is_flat, of_the_new, quoted

_CAUSES = {
    "edited": "edited in Git",
    "drifted": "drifted at the vendor",
    "differs": "differs, no record",
    "both": "",  # has a line of its own
    "renewed": "",  # its value says so
    "new": "",
}
_AROUND = 2  # unchanged items told before and after a changed one

Mark = Literal["+", "-", "~", " "]
_STYLES: dict[Mark, Style] = {"+": "create", "-": "delete", "~": "update", " ": "faint"}


def add_fields(page: Page, change: SaidChange, indent: int, *, verbose: bool) -> None:
    """Every field of the change."""
    for path, group in groupby(change.fields, key=lambda field: field.path):
        fields = list(group)
        if path.endswith("[]"):
            _items(page, path.removesuffix("[]"), fields, indent)
        else:
            for field in fields:
                _field(page, field, indent, verbose=verbose)


def add_released(page: Page, change: SaidChange, indent: int) -> None:
    """Fields that were declared and no longer are."""
    for field in change.fields:
        page.add(f"{field.path}: no longer managed, stays {flow(field.side('old'))}", indent=indent)


def _field(page: Page, field: SaidField, indent: int, *, verbose: bool) -> None:
    old, new = field.side("old"), field.side("new")
    if old is ABSENT:
        new = of_the_new(new)
    if field.cause == "new":
        _set(page, field.path, new, indent)
    elif not _on_one_line(page, field, old, new, indent):
        page.add(f"{field.path}:", *_cause(field), indent=indent)
        _sides(page, old, new, indent + 2, verbose=verbose)
    if field.cause == "both":
        _loud(page, field, indent)


def _cause(field: SaidField) -> tuple[Words, ...]:
    words = _CAUSES[field.cause]
    return ((f"  ({words})", "faint"),) if words else ()


def _loud(page: Page, field: SaidField, indent: int) -> None:
    last = flow(field.side("last"))
    text = f"! both edited in Git and drifted at the vendor; applied last: {last}"
    page.add((text, "stop"), indent=indent + 2, hang=2)


def _on_one_line(page: Page, field: SaidField, old: Any, new: Any, indent: int) -> bool:
    """Add `path: old → new` if it is short enough to be read at a glance; two lists are told by item."""
    if (isinstance(old, list) and isinstance(new, list)) or _is_block(old) or _is_block(new):
        return False
    words: tuple[Words, ...] = (
        f"{field.path}: ",
        (flow(old), "delete"),
        " → ",
        (flow(new), "create"),
        *_cause(field),
    )
    if cells("".join(one if isinstance(one, str) else one[0] for one in words)) > page.room(indent):
        return False
    page.add(*words, indent=indent)
    return True


def _is_block(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value.rstrip("\n")


# ── what is set anew ────────────────────────────────────────────────────────────────────────────────────────────────


def _set(page: Page, name: str, value: Any, indent: int) -> None:
    """A value where there was none, on one line or unfolded."""
    line = f"{name}: {flow(value)}"
    if not _is_block(value) and (cells(line) <= page.room(indent) or is_flat(value)):
        page.add(f"{name}: ", (flow(value), "create"), indent=indent)
        return
    page.add(f"{name}:", indent=indent)
    match value:
        case Mapping():
            for key, item in value.items():
                _set(page, quoted(str(key)), item, indent + 2)
        case list():
            for item in value:
                _whole(page, "+", item, indent + 2)
        case _:
            _whole(page, "+", value, indent + 2)


def _whole(page: Page, mark: Mark, value: Any, indent: int, *tail: Words) -> None:
    """All of a value that comes or goes: on one line, or unfolded by one level."""
    style = _STYLES[mark]
    match value:
        case Mapping() if value and not is_flat(value) and cells(flow(value)) + 2 > page.room(indent):
            lines = [f"{quoted(str(key))}: {flow(item)}" for key, item in value.items()]
        case str() if _is_block(value):
            lines = value.removesuffix("\n").split("\n")
        case _:
            lines = [flow(value)]
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        page.add((f"{' ' if number else mark} {line}", style), *(tail if last else ()), indent=indent, hang=4)


# ── what differs ────────────────────────────────────────────────────────────────────────────────────────────────────


def _items(page: Page, path: str, fields: Sequence[SaidField], indent: int) -> None:
    """Items of a list whose order means nothing: those that come and those that go."""
    same = len({field.cause for field in fields}) == 1
    page.add(f"{path}:", *(_cause(fields[0]) if same else ()), indent=indent)
    for field in fields:
        old, new = field.side("old"), field.side("new")
        tail = () if same else _cause(field)
        if old is ABSENT:
            _whole(page, "+", of_the_new(new), indent + 2, *tail)
        else:
            _whole(page, "-", old, indent + 2, *tail)
        if field.cause == "both":
            _loud(page, field, indent + 2)


def _sides(page: Page, old: Any, new: Any, indent: int, *, verbose: bool) -> None:
    match old, new:
        case list(), list():
            _marked(page, _folded(list(_compared(old, new, flow)), verbose), indent)
        case str(), str() if _is_block(old) or _is_block(new):
            end = "\n" if old.endswith("\n") and new.endswith("\n") else ""
            before, after = old.removesuffix(end).split("\n"), new.removesuffix(end).split("\n")
            _marked(page, _folded(list(_compared(before, after, str)), verbose), indent)
        case _:
            if old is not ABSENT:
                _whole(page, "-", old, indent)
            if new is not ABSENT:
                _whole(page, "+", new, indent)


def _marked(page: Page, lines: Sequence[tuple[Mark, str]], indent: int) -> None:
    for mark, text in lines:
        page.add((f"{mark} {text}", _STYLES[mark]), indent=indent, hang=2)


def _compared(old: Sequence[Any], new: Sequence[Any], spell: Callable[[Any], str]) -> Iterator[tuple[Mark, str]]:
    """Both sides in one row, item by item."""
    before, after = [spell(item) for item in old], [spell(item) for item in new]
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from ((" ", text) for text in before[a:b])
        elif tag == "replace" and b - a == d - c:
            for one, other in zip(old[a:b], new[c:d], strict=True):
                yield from _altered(one, other, spell)
        else:
            yield from (("-", text) for text in before[a:b])
            yield from (("+", text) for text in after[c:d])


def _altered(old: Any, new: Any, spell: Callable[[Any], str]) -> Iterator[tuple[Mark, str]]:
    """One item in the place of another: what differs between them, where most is the same."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = list(dict.fromkeys([*old, *new]))
        differ = [name for name in names if old.get(name, ABSENT) != new.get(name, ABSENT)]
        if len(differ) * 2 <= len(names):
            same = {name: value for name, value in new.items() if name not in differ}
            told = [f"{name}: {flow(old.get(name, ABSENT))} → {flow(new.get(name, ABSENT))}" for name in differ]
            yield "~", f"{flow(same)}  {', '.join(told)}"
            return
    yield "-", spell(old)
    yield "+", spell(new)


def _folded(lines: list[tuple[Mark, str]], verbose: bool) -> list[tuple[Mark, str]]:
    """Long rows of unchanged items give way to their number; what changes is never folded."""
    if verbose:
        return lines
    near = {
        place
        for number, (mark, _) in enumerate(lines)
        if mark != " "
        for place in range(number - _AROUND, number + _AROUND + 1)
    }
    found: list[tuple[Mark, str]] = []
    for far, group in groupby(enumerate(lines), key=lambda one: one[0] not in near):
        run = [line for _, line in group]
        found += [(" ", f"… {len(run)} more, unchanged")] if far and len(run) > 1 else run
    return found
