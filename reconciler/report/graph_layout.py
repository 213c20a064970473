"""Graph layout: where each box and line of a picture goes: what refers stands left of what it refers to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 200, 38
_BETWEEN_LAYERS = 70
_BETWEEN_BOXES = 12
_BETWEEN_LINES = 8
_BETWEEN_PARTS = 28
_ROW = 1_140  # parts that have nothing to do with each other stand side by side up to this width
_SWEEPS = 10

Edges = Mapping[str, Sequence[str]]
# A box by its name, or the place where a line passes a layer in between.
Spot = str | tuple[str, str, int]


@dataclass(frozen=True)
class Box:
    """A node's upper left corner."""

    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """An edge from the right side of one box to the left side of another, and the points it passes on its way."""

    source: str
    target: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Layout:
    """A picture of this size."""

    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    width: int = 0
    height: int = 0

    def moved(self, x: int, y: int) -> Layout:
        boxes = tuple(Box(one.name, one.x + x, one.y + y) for one in self.boxes)
        lines = tuple(Line(one.source, one.target, tuple((a + x, b + y) for a, b in one.points)) for one in self.lines)
        return Layout(boxes, lines, self.width, self.height)


def layout(names: Iterable[str], edges: Edges) -> Layout:
    """The picture of a graph. A circle is drawn as well: one of its lines then runs backwards."""
    parts = [_part(part, edges) for part in _parts(sorted(names), edges)]
    parts.sort(key=lambda one: -len(one.boxes))
    row = max([_ROW, *(one.width for one in parts)])
    x = y = height = 0
    placed: list[Layout] = []
    for part in parts:
        if x and x + part.width > row:
            x, y, height = 0, y + height + _BETWEEN_PARTS, 0
        placed.append(part.moved(x, y))
        x, height = x + part.width + _BETWEEN_PARTS, max(height, part.height)
    boxes = tuple(box for one in placed for box in one.boxes)
    lines = tuple(line for one in placed for line in one.lines)
    return Layout(boxes, lines, max((box.x + WIDTH for box in boxes), default=0), y + height)


def _parts(names: Sequence[str], edges: Edges) -> Iterator[list[str]]:
    """Those that hang together."""
    beside: dict[str, set[str]] = defaultdict(set)
    for source, targets in edges.items():
        for target in targets:
            beside[source].add(target)
            beside[target].add(source)
    seen: set[str] = set()
    for name in names:
        part, line = [], [name]
        while line:
            one = line.pop()
            if one not in seen:
                seen.add(one)
                part.append(one)
                line += sorted(beside[one], reverse=True)
        if part:
            yield part


def _part(names: Sequence[str], edges: Edges) -> Layout:
    here = set(names)
    level = _levels(names, edges)
    pairs = [(one, other) for one in names for other in edges.get(one, ()) if other in here and other != one]
    chains = {pair: _chain(*pair, level) for pair in pairs}
    layers = _ordered(_layers(names, level, chains.values()), chains.values())
    y = _heights(layers, chains.values())
    step = WIDTH + _BETWEEN_LAYERS
    boxes = tuple(Box(name, level[name] * step, y[name] - HEIGHT // 2) for name in names)
    lines = tuple(Line(*pair, tuple(_points(chain, level, y))) for pair, chain in chains.items())
    height = max(box.y for box in boxes) + HEIGHT
    return Layout(boxes, lines, (len(layers) - 1) * step + WIDTH, height)


# ── layers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _levels(names: Sequence[str], edges: Edges) -> dict[str, int]:
    """The layer of each: right of all that refer to it, and as near to what it refers to as it can be."""
    order = _in_order(names, edges)
    place = {name: number for number, name in enumerate(order)}
    level = dict.fromkeys(order, 0)
    for name in order:
        for other in edges.get(name, ()):
            if place.get(other, -1) > place[name]:
                level[other] = max(level[other], level[name] + 1)
    for name in reversed(order):
        after = [level[other] for other in edges.get(name, ()) if place.get(other, -1) > place[name]]
        level[name] = min(after) - 1 if after else level[name]
    return level


def _in_order(names: Sequence[str], edges: Edges) -> list[str]:
    """What refers before what it refers to, circles apart."""
    done: dict[str, None] = {}
    begun: set[str] = set()
    for name in names:
        line = [(name, False)]
        while line:
            one, ended = line.pop()
            if ended:
                done[one] = None
            elif one not in begun:
                begun.add(one)
                line += [(one, True), *((other, False) for other in edges.get(one, ()))]
    return [one for one in reversed(done) if one in set(names)]


def _chain(source: str, target: str, level: Mapping[str, int]) -> list[Spot]:
    """An edge, cut where it passes a layer."""
    between = range(level[source] + 1, level[target])
    return [source, *((source, target, number) for number in between), target]


def _layers(names: Sequence[str], level: Mapping[str, int], chains: Iterable[Sequence[Spot]]) -> list[list[Spot]]:
    layers: list[list[Spot]] = [[] for _ in range(max(level.values()) + 1)]
    for name in names:
        layers[level[name]].append(name)
    for chain in chains:
        for spot in chain[1:-1]:
            layers[_level_of(spot, level)].append(spot)
    return layers


def _level_of(spot: Spot, level: Mapping[str, int]) -> int:
    return level[spot] if isinstance(spot, str) else spot[2]


# ── within a layer ──────────────────────────────────────────────────────────────────────────────────────────────────


def _sides(chains: Iterable[Sequence[Spot]]) -> tuple[dict[Spot, list[Spot]], dict[Spot, list[Spot]]]:
    """What each is joined to on its left, and on its right."""
    left: dict[Spot, list[Spot]] = defaultdict(list)
    right: dict[Spot, list[Spot]] = defaultdict(list)
    for chain in chains:
        for one, other in pairwise(chain):
            right[one].append(other)
            left[other].append(one)
    return left, right


def _ordered(layers: list[list[Spot]], chains: Iterable[Sequence[Spot]]) -> list[list[Spot]]:
    """Each layer sorted by where its neighbours stand, to and fro, so that few lines cross."""
    left, right = _sides(chains)
    place = {spot: float(number) for layer in layers for number, spot in enumerate(layer)}
    for sweep in range(_SWEEPS):
        beside, row = (left, layers) if sweep % 2 == 0 else (right, layers[::-1])
        for layer in row:
            layer.sort(key=lambda spot: _mean([place[one] for one in beside[spot]], place[spot]))
            place |= {spot: float(number) for number, spot in enumerate(layer)}
    return layers


def _heights(layers: Sequence[Sequence[Spot]], chains: Iterable[Sequence[Spot]]) -> dict[Spot, int]:
    """The middle of each: as level with its neighbours as the order and the distances allow."""
    left, right = _sides(chains)
    y: dict[Spot, float] = {}
    for layer in layers:
        y |= _spread(layer, [0.0] * len(layer))
    for sweep in range(_SWEEPS):
        beside, row = (right, layers[::-1]) if sweep % 2 == 0 else (left, layers)
        for layer in row:
            y |= _spread(layer, [_mean([y[one] for one in beside[spot]], y[spot]) for spot in layer])
    top = min(y[spot] - _room(spot) / 2 for spot in y)
    return {spot: round(value - top) for spot, value in y.items()}


def _spread(layer: Sequence[Spot], wished: Sequence[float]) -> dict[Spot, float]:
    """Each as near to its wish as can be without coming too near to the next: neighbours that would are moved as one
    block to the mean of what they wish."""
    offsets = [0.0]
    for one, other in pairwise(layer):
        line = isinstance(one, tuple) or isinstance(other, tuple)
        gap = _BETWEEN_LINES if line else _BETWEEN_BOXES
        offsets.append(offsets[-1] + (_room(one) + _room(other)) / 2 + gap)
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        total, count = wish - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            more, number = blocks.pop()
            total, count = total + more, count + number
        blocks.append((total, count))
    starts = [total / count for total, count in blocks for _ in range(count)]
    return {spot: start + offset for spot, start, offset in zip(layer, starts, offsets, strict=True)}


def _room(spot: Spot) -> int:
    return HEIGHT if isinstance(spot, str) else 0


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _points(chain: Sequence[Spot], level: Mapping[str, int], y: Mapping[Spot, int]) -> Iterator[tuple[int, int]]:
    """From a box's right side past the layers in between to the other's left side."""
    step = WIDTH + _BETWEEN_LAYERS
    for number, spot in enumerate(chain):
        x = _level_of(spot, level) * step
        if number:
            yield x, y[spot]
        if number < len(chain) - 1:
            yield x + WIDTH, y[spot]
