"""Arrange: a file's documents with their keys in the order of the format; not a letter of them is written anew.

Whole lines are moved, with the comments above them, so that what people wrote stays as they wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.errors import ManifestError
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import List, Map, Record, Shape, Variants, shape_of
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.compose import Spot, locate
from reconciler.manifest.load import Document, read_documents
from reconciler.manifest.manifest import Head
from reconciler.manifest.settings import KEYS

_TOP = ("apiVersion", "kind", "metadata", "spec")
_ANCHOR = re.compile(r"(^|[:\-?,\[{])\s*[&*][^\s,\[\]{}]")  # where a value may begin; not the * of `sum:errors{*}`


@dataclass(frozen=True)
class _Order:
    """How a mapping's keys are ordered, and the orders of what stands under each; None: as they are."""

    names: tuple[str, ...] = ()
    inner: Mapping[str, _Order | Shape] | None = None


def arranged(content: bytes, file: str, vendors: Mapping[str, Vendor]) -> bytes:
    """The file with every document of ours in order. Raises ManifestError for one that cannot be read."""
    documents, problems = read_documents(content, file)
    if problems:
        raise ManifestError(problems=problems)
    text = content.decode("utf-8-sig")
    if "\t" in text or "\r" in text.replace("\r\n", "\n"):
        return content  # a column is not a place in the line there
    ours = False
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    for document, last in _with_ends(documents, lines):
        order = _order_of(document, vendors)
        if order is not None and not _has_anchors(lines, document, last):
            start = locate(document.spot, ())[0] - 1
            lines[start:last] = _sorted(lines, document.spot, document.data, order, last, start)
            ours = True
    if not ours:
        return content
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    result = mark + end.join(_tidy(lines)).encode()
    return result if result == content or _says_the_same(result, documents, file) else content


def _says_the_same(result: bytes, documents: Sequence[Document], file: str) -> bool:
    """Whether nothing but order changed: the last blank lines of a text (`|+`), say, are no place to cut at."""
    read, problems = read_documents(result, file)
    return not problems and [one.data for one in read] == [one.data for one in documents]


def _with_ends(documents: Sequence[Document], lines: Sequence[str]) -> Iterator[tuple[Document, int]]:
    """Each document that is a mapping, and the number of the line after its last one."""
    for document in documents:
        if isinstance(document.data, dict) and document.data:
            start = locate(document.spot, ())[0] - 1
            after = (n for n in range(start, len(lines)) if lines[n].startswith(("---", "...")))
            yield document, next(after, len(lines))


def _has_anchors(lines: Sequence[str], document: Document, last: int) -> bool:
    """An alias must stand after what it names, so that nothing may be moved."""
    start = locate(document.spot, ())[0] - 1
    return any(_ANCHOR.search(line.partition(" #")[0]) for line in lines[start:last])


def _tidy(lines: list[str]) -> list[str]:
    """One line break at the end of a file that holds anything."""
    while len(lines) > 1 and not lines[-1].strip() and not lines[-2].strip():
        lines.pop()
    return [*lines, ""] if lines[-1].strip() else [*lines[:-1], ""]


# ── which order ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _order_of(document: Document, vendors: Mapping[str, Vendor]) -> _Order | None:
    api, kind = document.data.get("apiVersion"), document.data.get("kind")
    if api == "reconciler/v1" and kind == "Project":
        return _Order(KEYS)
    vendor = vendors.get(str(api).partition("/")[0])
    found = next((one for one in vendor.kinds if one.name == kind), None) if vendor and vendor.api == api else None
    return None if found is None else _of_kind(found)


def _of_kind(kind: Kind) -> _Order:
    return _Order(_TOP, {"metadata": shape_of(Head), "spec": kind.shape})


def _names(order: _Order | Shape, data: Mapping[str, object]) -> tuple[str, ...]:
    match order:
        case _Order(names=names):
            return names
        case Record(fields=fields):
            return tuple(fields)
        case Variants(by=by):
            record = _record(order, data)
            return (by, *(name for name in record.fields if name != by)) if record else ()
        case _:
            return ()


def _record(shape: Variants, data: Mapping[str, object]) -> Record | None:
    value = data.get(shape.by)
    return shape.records.get(value, shape.other) if isinstance(value, str | bool) else None


def _below(order: _Order | Shape, name: str, data: Mapping[str, object]) -> _Order | Shape | None:
    match order:
        case _Order(inner=inner):
            return (inner or {}).get(name)
        case Record(fields=fields):
            return fields[name].shape if name in fields else None
        case Variants():
            record = _record(order, data)
            return record.fields[name].shape if record and name in record.fields else None
        case Map(item=item):
            return item
        case _:
            return None


# ── moving lines ────────────────────────────────────────────────────────────────────────────────────────────────────


def _sorted(
    lines: Sequence[str], spot: Spot, data: object, order: _Order | Shape | None, end: int, start: int
) -> list[str]:
    """The lines of one value from `start` to the one before `end`, in order."""
    if order is None or isinstance(spot, int):
        return list(lines[start:end])
    if isinstance(data, list) and isinstance(order, List):
        return _items(lines, spot, data, order, end, start)
    if not isinstance(data, dict) or not _is_block(lines, spot, data):
        return list(lines[start:end])
    return _mapping(lines, spot, data, order, end, start)


def _is_block(lines: Sequence[str], spot: Spot, data: Mapping[str, object]) -> bool:
    """Whether each key begins a line of its own, all in one column."""
    places = [locate(spot, (name,), key=True) for name in data]
    columns = {column for _, column in places}
    rows = [row for row, _ in places]
    if len(columns) != 1 or len(set(rows)) != len(rows) or rows != sorted(rows):
        return False
    column = columns.pop()
    heads = [lines[row - 1][: column - 1] for row in rows]
    return not any(head.strip() for head in heads[1:]) and not heads[0].replace("- ", "").strip()


def _mapping(
    lines: Sequence[str], spot: Spot, data: Mapping[str, object], order: _Order | Shape, end: int, start: int
) -> list[str]:
    names = list(data)
    places = [locate(spot, (name,), key=True) for name in names]
    column = places[0][1] - 1
    starts = [start, *(_with_comments(lines, row - 1, column) for row, _ in places[1:])]
    tail = _tail(lines, places[-1][0] - 1, end, column)
    ends = [*starts[1:], tail]
    blocks = {}
    for name, (row, _), begin, stop in zip(names, places, starts, ends, strict=True):
        value = _value(lines, spot, name, data, _below(order, name, data), row - 1, stop)
        blocks[name] = [*lines[begin : row - 1], *value]
    first = places[0][0] - 1 - start
    head = blocks[names[0]][first][:column]
    blocks[names[0]][first] = " " * column + blocks[names[0]][first][column:]
    ranked = _ranked(names, _names(order, data))
    result = [line for name in ranked for line in blocks[name]]
    row = next(number for number, line in enumerate(result) if line.strip() and not line.lstrip().startswith("#"))
    if head.strip():  # the dash of a list's item belongs to its first line
        result = [head + result[row][column:], *result[:row], *result[row + 1 :]]
    return [*result, *lines[tail:end]]


def _value(
    lines: Sequence[str],
    spot: Spot,
    name: str,
    data: Mapping[str, object],
    order: _Order | Shape | None,
    row: int,
    end: int,
) -> list[str]:
    """The lines of one key and its value."""
    assert not isinstance(spot, int)
    parts = spot[1]
    assert isinstance(parts, dict)
    inner: Spot = parts[name][1]
    begins = locate(inner, ())[0] - 1
    if isinstance(inner, int) or begins <= row or order is None:
        return list(lines[row:end])
    column = locate(inner, ())[1] - 1
    above = max(row + 1, _with_comments(lines, begins, column)) if isinstance(data[name], dict) else begins
    return [*lines[row:above], *_sorted(lines, inner, data[name], order, end, above)]


def _items(lines: Sequence[str], spot: Spot, data: Sequence[object], order: List, end: int, start: int) -> list[str]:
    assert not isinstance(spot, int)
    parts = spot[1]
    assert isinstance(parts, list)
    begins = [locate(part, ())[0] - 1 for part in parts]
    if len(set(begins)) != len(begins) or begins != sorted(begins):
        return list(lines[start:end])
    result = list(lines[start : begins[0]]) if begins else list(lines[start:end])
    for part, item, begin, stop in zip(parts, data, begins, [*begins[1:], end], strict=True):
        result += _sorted(lines, part, item, order.item, stop, begin)
    return result


def _with_comments(lines: Sequence[str], row: int, column: int) -> int:
    """The line where a key's own lines begin: with the comments right above it, and the blank lines above these."""
    start = row
    while start > 0 and _is_comment(lines[start - 1], column):
        start -= 1
    while start > 0 and not lines[start - 1].strip():
        start -= 1
    return start


def _is_comment(line: str, column: int) -> bool:
    bare = line.lstrip(" ")
    return bare.startswith("#") and len(line) - len(bare) <= column


def _tail(lines: Sequence[str], row: int, end: int, column: int) -> int:
    """The line after the last one of a mapping: comments and blank lines behind it stay where they are."""
    last = end
    while last > row + 1 and (not lines[last - 1].strip() or _is_comment(lines[last - 1], column)):
        last -= 1
    return last


def _ranked(names: Iterable[str], order: Sequence[str]) -> list[str]:
    rank = {name: number for number, name in enumerate(order)}
    return sorted(names, key=lambda name: rank.get(name, len(rank)))
