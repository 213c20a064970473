"""Patch: what is to be written into a manifest in another value's place, and only there: all other text stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.kinds.tree import Path
from reconciler.manifest.yaml_text import block, flow


@dataclass(frozen=True)
class Put:
    """Another value, plain data. `new`: nothing is written there yet."""

    value: Any
    new: bool = False


@dataclass(frozen=True)
class Drop:
    """The key goes."""


@dataclass(frozen=True)
class Inside:
    """A mapping, or a list by place, some of whose parts are written anew."""

    parts: Mapping[str | int, Patch]


@dataclass(frozen=True)
class Items:
    """A list: places of items that stay, in their order, and between them new ones. `whole` is all of it as data."""

    items: tuple[int | Put, ...]
    whole: tuple[Any, ...]


Patch = Put | Drop | Inside | Items


@dataclass(frozen=True)
class Unwritten:
    """A value that stays as it is: its path below the document, and why."""

    path: Path
    why: str


@dataclass(frozen=True, order=True)
class _Edit:
    """Another text from `start` to before `end`."""

    start: int
    end: int
    text: str = field(compare=False)


def patched(text: str, patches: Mapping[int, Inside]) -> tuple[str, list[tuple[int, Unwritten]]]:
    """A file's text with patches of some of its documents, by the line each document's content begins at.

    What cannot be written stays, and is told with its document's line.
    """
    edits: list[_Edit] = []
    left: list[tuple[int, Unwritten]] = []
    for node in _documents(text):
        line = node.start_mark.line + 1
        if line in patches:
            scribe = _Scribe(text)
            if _has_many(node):
                left.append((line, Unwritten((), "it is one of those that forEach makes of one document")))
                continue
            scribe.write(node, patches[line], (), flowing=False)
            edits += scribe.edits
            left += [(line, one) for one in scribe.left]
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, left


def _documents(text: str) -> Iterable[Node]:
    yaml = YAML(pure=True)
    yaml.get_constructor_parser(text)
    found = []
    while yaml.composer.check_node():
        found.append(yaml.composer.get_node())
    return found


class _Refused(Exception):
    """Why something cannot be written back where it stands."""


class _Scribe:
    """Turns patches of one document into edits of the file's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.edits: list[_Edit] = []
        self.left: list[Unwritten] = []

    def write(self, node: Node, patch: Patch, path: Path, *, flowing: bool) -> None:
        """All of a patch at a node that has its own parts; each part that cannot be written is told."""
        if isinstance(patch, Items) and isinstance(node, SequenceNode):
            self._items(node, patch, path, flowing=flowing or node.flow_style)
        elif isinstance(patch, Inside):
            self._inside(node, patch, path, flowing=flowing or bool(getattr(node, "flow_style", False)))

    def _inside(self, node: Node, patch: Inside, path: Path, *, flowing: bool) -> None:
        for part, inner in patch.parts.items():
            below = (*path, part)
            try:
                self._part(node, part, inner, below, flowing=flowing)
            except _Refused as refused:
                self.left.append(Unwritten(below, str(refused)))

    def _part(self, node: Node, part: str | int, patch: Patch, path: Path, *, flowing: bool) -> None:
        if node.anchor is not None:
            raise _Refused(f"it stands under the anchor &{node.anchor}, which others may share")
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            item = node.value[part]
            if isinstance(patch, Put):
                self._value(item, patch.value, flowing=flowing, column=_column(item))
            else:
                self.write(item, patch, path, flowing=flowing)
            return
        if not isinstance(node, MappingNode):
            raise _Refused("it is written in a short form")
        pair = next((pair for pair in node.value if pair[0].value == part), None)
        if pair is None:
            self._missing(node, str(part), patch, flowing=flowing)
        else:
            self._pair(node, pair, patch, path, flowing=flowing)

    def _pair(self, node: MappingNode, pair: tuple[Node, Node], patch: Patch, path: Path, *, flowing: bool) -> None:
        key, value = pair
        match patch:
            case Put(value=new):
                self._value(value, new, flowing=flowing, column=_column(key), after=self._colon(key))
            case Drop():
                self._check(value)
                self._drop(node, pair, flowing=flowing)
            case Items(whole=whole) if not isinstance(value, SequenceNode):
                self._value(value, list(whole), flowing=flowing, column=_column(key), after=self._colon(key))
            case Items(items=items, whole=whole) if not any(isinstance(one, int) for one in items):
                self._value(value, list(whole), flowing=flowing, column=_column(key), after=self._colon(key))
            case _:
                self.write(value, patch, path, flowing=flowing)

    # ── one value ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _check(self, node: Node) -> None:
        """Raises _Refused where a value is not this place's alone."""
        for one in _all_of(node):
            if one.anchor is not None:
                raise _Refused(f"it is, or holds, the anchor or alias {one.anchor}")
        written = self.text[node.start_mark.index : self._end(node)]
        if "${var." in written or "${each." in written:
            raise _Refused("it comes from a variable")
        if written.startswith("!"):
            raise _Refused("it has a tag")

    def _value(self, node: Node, new: Any, *, flowing: bool, column: int, after: int | None = None) -> None:
        """Write a value in another one's place; `after` is where its key's colon ends, `column` its key's."""
        self._check(node)
        start, end = node.start_mark.index, self._end(node)
        if start == end and after is not None:  # nothing is written there, and the parser's place is further down
            start = end = after
        simple = not isinstance(new, dict | list) or not new
        if flowing or (isinstance(node, SequenceNode | MappingNode) and node.flow_style):
            self._replace(start, end, flow(new), after)
            return
        several = isinstance(node, SequenceNode | MappingNode)
        if after is not None and (several or not simple):
            comment = self.text[after:start].partition("\n")[0].rstrip() if several else ""
            tail = block(new, column, self.line_end) if not simple else f" {block(new, column, self.line_end)}"
            between = comment if "#" in comment else ""
            text = f"{tail}{between}" if simple else f"{between}{tail}"
            self.edits.append(_Edit(after, end, text))
            return
        self._replace(start, end, block(new, column, self.line_end, item=after is None), after)

    def _replace(self, start: int, end: int, text: str, after: int | None) -> None:
        """An empty value has no place of its own: it goes behind the colon."""
        if after is not None and start == end:
            self.edits.append(_Edit(after, after, f" {text}"))
        else:
            self.edits.append(_Edit(start, end, text))

    def _colon(self, key: Node) -> int:
        return self.text.index(":", key.end_mark.index) + 1

    def _end(self, node: Node) -> int:
        """Where the text of a value ends, without blank lines and comments behind it."""
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            written = self.text[node.start_mark.index : node.end_mark.index]
            return int(node.start_mark.index) + len(written.rstrip())
        if isinstance(node, SequenceNode | MappingNode) and not node.flow_style and node.value:
            last = node.value[-1]
            if not isinstance(last, tuple):
                return self._end(last)
            key, value = last
            if value.anchor is not None:
                return self._line_end(self._colon(key))
            return self._end(value) if value.start_mark.index < value.end_mark.index else self._colon(key)
        return int(node.end_mark.index)

    # ── keys that come and go ───────────────────────────────────────────────────────────────────────────────────────

    def _missing(self, node: MappingNode, part: str, patch: Patch, *, flowing: bool) -> None:
        if not isinstance(patch, Put) or not patch.new:
            merged = any(key.value == "<<" for key, _ in node.value)
            raise _Refused("it comes from a merge key, <<" if merged else "it comes from `defaults` of the project")
        if flowing:
            comma = ", " if node.value else ""
            at = self._end(node.value[-1][1]) if node.value else node.start_mark.index + 1
            self.edits.append(_Edit(at, at, f"{comma}{flow(part)}: {flow(patch.value)}"))
            return
        column = _column(node.value[-1][0])
        at = self._line_end(self._end(node))
        line = f"{' ' * column}{flow(part)}:"
        simple = not isinstance(patch.value, dict | list) or not patch.value
        written = block(patch.value, column, self.line_end)
        self.edits.append(_Edit(at, at, f"{self.line_end}{line}{' ' if simple else ''}{written}"))

    def _drop(self, node: MappingNode, pair: tuple[Node, Node], *, flowing: bool) -> None:
        place = next(index for index, one in enumerate(node.value) if one is pair)
        start, end = pair[0].start_mark.index, self._end(pair[1])
        if len(node.value) == 1:
            raise _Refused("it is the only one there: remove it by hand")
        if place + 1 < len(node.value):  # up to the next key, which takes its place
            following = node.value[place + 1][0].start_mark.index
            kept = self.text[end:following] if "#" in self.text[end:following] and not flowing else ""
            self.edits.append(_Edit(start, following, kept.partition("\n")[2].lstrip(" ") if kept else ""))
        elif flowing:
            self.edits.append(_Edit(self._end(node.value[place - 1][1]), end, ""))
        else:
            begin = self.text.rindex("\n", 0, start) if "\n" in self.text[:start] else 0
            self.edits.append(_Edit(begin, self._line_end(end), ""))

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _items(self, node: SequenceNode, patch: Items, path: Path, *, flowing: bool) -> None:
        try:
            gone = [item for place, item in enumerate(node.value) if place not in patch.items]
            for item in (node, *gone):
                self._check(item)
            if flowing:
                self._flow_items(node, patch.items)
            else:
                self._block_items(node, patch.items)
        except _Refused as refused:
            self.left.append(Unwritten(path, str(refused)))

    def _flow_items(self, node: SequenceNode, items: Sequence[int | Put]) -> None:
        start, end = node.start_mark.index, node.end_mark.index
        if "#" in self.text[start:end] and "\n" in self.text[start:end]:
            raise _Refused("a comment stands in the list")
        parts = [self._source(node.value[one]) if isinstance(one, int) else flow(one.value) for one in items]
        self.edits.append(_Edit(start, end, f"[{', '.join(parts)}]"))

    def _source(self, node: Node) -> str:
        return self.text[node.start_mark.index : self._end(node)]

    def _block_items(self, node: SequenceNode, items: Sequence[int | Put]) -> None:
        dashes = [self._dash(item) for item in node.value]
        begins = [self._line_start(dash) for dash in dashes]
        if len(set(begins)) != len(begins) or self.text[begins[0] : dashes[0]].strip():
            raise _Refused("several lists begin on one line")
        ends = [self._line_end(max(self._end(item), dash + 1)) for item, dash in zip(node.value, dashes, strict=True)]
        kept = [one for one in items if isinstance(one, int)]
        if any(one > other for one, other in pairwise(kept)):
            raise _Refused("its items stand in another order")
        column = dashes[0] - begins[0]
        short = any(item.flow_style for item in node.value if isinstance(item, SequenceNode | MappingNode))
        for place in range(len(node.value)):
            if place not in kept:
                self.edits.append(_Edit(begins[place], min(ends[place] + len(self.line_end), len(self.text)), ""))
        after = begins[0]
        for one in items:
            if isinstance(one, int):
                after = ends[one]
                continue
            value = flow(one.value) if short else block(one.value, column + 2, self.line_end, item=True)
            text = f"{' ' * column}- {value}"
            before = after == begins[0]
            written = f"{text}{self.line_end}" if before else f"{self.line_end}{text}"
            self.edits.append(_Edit(after, after, written))

    def _dash(self, item: Node) -> int:
        return self.text.rindex("-", 0, item.start_mark.index if item.start_mark.index else 1)

    def _line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Where the line ends that holds the place before `at`, a comment on it taken in."""
        end = self.text.find(self.line_end, at)
        return len(self.text) if end < 0 else end


def _has_many(document: Node) -> bool:
    """Whether `metadata.forEach` makes several objects of a document."""
    head = _value_of(document, "metadata")
    return head is not None and _value_of(head, "forEach") is not None


def _value_of(node: Node, name: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    found: Node | None = next((value for key, value in pairs if key.value == name), None)
    return found


def _column(node: Node) -> int:
    return int(node.start_mark.column)


def _all_of(node: Node) -> Iterable[Node]:
    yield node
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _all_of(item)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from (*_all_of(key), *_all_of(value))
