"""A parser's events as plain data, with merge keys and aliases laid out, limits kept, and the place of each part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from reconciler.errors import Place, Problem
from reconciler.kinds.tree import Path
from reconciler.manifest.scalar import plain, short, tagged

DEPTH_LIMIT = 100
NODE_LIMIT = 100_000
SCALAR_LIMIT = 1024 * 1024

# Where a value stands: line and column packed into one number, and for mappings and lists the spots of their parts;
# a mapping's parts carry their key's place too. Numbers and tuples, because there are millions of them.
At = int
Spot = At | tuple[At, dict[str, tuple[At, Any]]] | tuple[At, list[Any]]
_COLUMN = 24


def _unpack(at: At) -> tuple[int, int]:
    return (at >> _COLUMN) + 1, (at & ((1 << _COLUMN) - 1)) + 1


def locate(spot: Spot, path: Path, key: bool = False) -> tuple[int, int]:
    """Line and column from 1 of what `path` leads to, or of its nearest parent.

    Of a scalar in a mapping that is the scalar's own place, or with `key` its key's; of a mapping or list in one, the
    key's.
    """
    best = spot if isinstance(spot, int) else spot[0]
    for part in path:
        if isinstance(spot, int):
            break
        parts: Any = spot[1]
        known = part in parts if isinstance(parts, dict) else isinstance(part, int) and 0 <= part < len(parts)
        if not known:
            break
        if isinstance(parts, dict):
            at, spot = parts[part]
            best = spot if isinstance(spot, int) and not key else at
        else:
            spot = parts[part]
            best = spot if isinstance(spot, int) else spot[0]
    return _unpack(best)


def reaches(spot: Spot, path: Path) -> bool:
    """Whether something stands at a path."""
    for part in path:
        if isinstance(spot, int):
            return False
        parts: Any = spot[1]
        if isinstance(parts, dict):
            if part not in parts:
                return False
            spot = parts[part][1]
        elif isinstance(part, int) and 0 <= part < len(parts):
            spot = parts[part]
        else:
            return False
    return True


def inner(spot: Spot, path: Path) -> Spot:
    """The spot of what stands at a path that is reached."""
    for part in path:
        assert not isinstance(spot, int)
        parts: Any = spot[1]
        spot = parts[part][1] if isinstance(parts, dict) else parts[part]
    return spot


def grafted(spot: Spot, path: Path, part: Spot | None) -> Spot:
    """The spot with another one at a path: of something that is written elsewhere in the same file."""
    if not path or part is None:
        return spot if part is None else part
    head, rest = str(path[0]), path[1:]
    at, parts = (spot, {}) if isinstance(spot, int) else (spot[0], spot[1])
    parts = parts if isinstance(parts, dict) else {}
    key, old = parts.get(head, (at, at))
    return at, {**parts, head: (key, grafted(old, rest, part))}


class Refused(Exception):
    """The document goes beyond a limit, or cannot be laid out at all; nothing after it is read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


@dataclass
class _Anchor:
    """A named node: None as value and spot until it is read whole; `weight` counts the nodes it stands for."""

    at: At
    done: bool = False
    value: Any = None
    spot: Spot = 0
    weight: int = 0


@dataclass
class Composer:
    """Reads events into documents. One instance a file, or a part of one that begins after `lines_before` lines."""

    events: Iterator[Event]
    file: str
    lines_before: int = 0
    _nodes: int = 0
    _anchors: dict[str, _Anchor] = field(default_factory=dict)
    _problems: list[Problem] = field(default_factory=list)

    def documents(self) -> Iterator[tuple[Any, Spot, tuple[Problem, ...]]]:
        """Data, places and problems of each document. Raises Refused, and what the parser raises."""
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self._nodes, self._anchors, self._problems = 0, {}, []
                value, spot = self._node(next(self.events), 1)
                yield value, spot, tuple(self._problems)

    def _at(self, event: Event) -> At:
        mark = event.start_mark
        return int((mark.line + self.lines_before) << _COLUMN | mark.column)

    def _node(self, event: Event, depth: int) -> tuple[Any, Spot]:
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._nodes += 1
        assert isinstance(event, NodeEvent)
        if event.anchor is None:
            return self._content(event, depth)
        before = self._nodes
        anchor = self._anchors[event.anchor] = _Anchor(self._at(event))
        anchor.value, anchor.spot = self._content(event, depth)
        anchor.done, anchor.weight = True, self._nodes - before + 1
        return anchor.value, anchor.spot

    def _content(self, event: NodeEvent, depth: int) -> tuple[Any, Spot]:
        if isinstance(event, ScalarEvent):
            return self._scalar(event), self._at(event)
        if depth > DEPTH_LIMIT:
            raise self._refused(event, f"this is nested more than {DEPTH_LIMIT} deep", "no vendor takes that")
        self._limit(event)
        assert isinstance(event, CollectionStartEvent)
        self._check_tag(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        return self._sequence(event, depth)

    def _sequence(self, event: Event, depth: int) -> tuple[list[Any], Spot]:
        values: list[Any] = []
        spots: list[Any] = []
        while not isinstance(item := next(self.events), SequenceEndEvent):
            value, spot = self._node(item, depth + 1)
            values.append(value)
            spots.append(spot)
        return values, (self._at(event), spots)

    def _mapping(self, event: Event, depth: int) -> tuple[dict[str, Any], Spot]:
        values: dict[str, Any] = {}
        spots: dict[str, tuple[At, Any]] = {}
        merges: list[tuple[At, Any, Spot]] = []
        while not isinstance(key := next(self.events), MappingEndEvent):
            at, name = self._at(key), self._key(key)
            value, spot = self._node(next(self.events), depth + 1)
            if name == "<<" and isinstance(key, ScalarEvent) and key.implicit[0]:
                merges.append((at, value, spot))
            elif name in values:
                self._twice(name, at, spots[name][0])
            else:
                values[name], spots[name] = value, (at, spot)
        for at, value, spot in merges:
            self._merge(at, value, spot, values, spots)
        return values, (self._at(event), spots)

    def _key(self, event: Event) -> str:
        if isinstance(event, ScalarEvent):
            self._node(event, 0)  # for its anchor, its tag and the limits
            return str(event.value)
        if isinstance(event, AliasEvent):
            value, _ = self._alias(event)
            if isinstance(value, str):
                return value
        raise self._refused(event, "a key is a text here, never a mapping or a list", "put it in quotes")

    def _merge(self, at: At, value: Any, spot: Spot, values: dict[str, Any], spots: dict[str, tuple[At, Any]]) -> None:
        """Lay in what `<<` names: what is written beside it wins, and the first of several over the next."""
        if isinstance(value, list) and not isinstance(spot, int):
            for item, inner in zip(value, spot[1], strict=True):
                self._merge(at, item, inner, values, spots)
            return
        if not isinstance(value, dict) or isinstance(spot, int) or not isinstance(spot[1], dict):
            self._say(at, "<< takes a mapping or a list of mappings", "name one with &name and write <<: *name")
            return
        for key in value:
            if key not in values:
                values[key], spots[key] = value[key], spot[1][key]

    def _scalar(self, event: ScalarEvent) -> Any:
        text = str(event.value)
        if len(text) > SCALAR_LIMIT:
            raise self._refused(event, "a text of over 1 MB", "no vendor takes that")
        self._limit(event)
        tag = event.tag
        if tag is None and not event.implicit[0]:
            return text
        try:
            return plain(text) if tag is None else tagged(text, str(tag))
        except ValueError as error:
            self._say(self._at(event), str(error), "put it in quotes" if tag is None else "leave the tag out")
            return text

    def _alias(self, event: AliasEvent) -> tuple[Any, Spot]:
        anchor, name = self._anchors.get(event.anchor), str(event.anchor)[:60]
        if anchor is None:
            raise self._refused(event, f"*{name} names nothing", f"name it with &{name} before")
        if not anchor.done:
            raise self._refused(event, f"*{name} stands inside what it names", "write it out")
        self._nodes += anchor.weight
        self._limit(event)
        return anchor.value, anchor.spot

    def _limit(self, event: Event) -> None:
        if self._nodes > NODE_LIMIT:
            what = f"this document has more than {NODE_LIMIT:,} parts, aliases laid out"
            raise self._refused(event, what, "split it, or use fewer aliases of aliases")

    def _check_tag(self, event: CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._say(self._at(event), f"the tag {short(str(event.tag))} means nothing here", "leave the tag out")

    def _twice(self, name: str, at: At, first: At) -> None:
        line, column = _unpack(first)
        self._say(at, f'"{name[:60]}" stands twice in one mapping, first at {line}:{column}', "remove one of them")

    def _say(self, at: At, what: str, way_out: str) -> None:
        self._problems.append(Problem(what, Place(self.file, *_unpack(at)), way_out))

    def _refused(self, event: Event, what: str, way_out: str) -> Refused:
        return Refused(Problem(what, Place(self.file, *_unpack(self._at(event))), way_out))
