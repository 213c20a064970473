"""Graph picture: the manifests of a plan as boxes, told by what becomes of them, and the lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.report.document import PlanDocument
from reconciler.report.graph_layout import HEIGHT, WIDTH, layout
from reconciler.report.paint import cells

MOST = 300
_MARGIN = 12
_LETTERS_OF_A_NAME, _LETTERS_OF_A_KIND = 24, 31


@dataclass(frozen=True)
class PictureBox:
    """One manifest. `becomes` is its change, `as-is` where it has none, `outside` where it was not planned; `link` is
    the number of its change in the plan."""

    x: int
    y: int
    address: str
    name: str
    kind: str
    becomes: str
    link: int | None


@dataclass(frozen=True)
class Picture:
    """What there is to draw. `path` of a line is in SVG's words. `count` manifests; over MOST nothing is drawn."""

    count: int
    boxes: tuple[PictureBox, ...] = ()
    lines: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    box_width: int = WIDTH
    box_height: int = HEIGHT


def picture(plan: PlanDocument) -> Picture:
    """The picture of a plan: what was compared, what changes, and what these refer to."""
    changes = {one.address: (number, one.change) for number, one in enumerate(plan.changes)}
    targets = {target for named in plan.references.values() for target in named}
    names = {*plan.manifests, *changes, *plan.references, *targets}
    if len(names) > MOST or not names:
        return Picture(len(names))
    drawn = layout(names, plan.references)
    boxes = []
    for box in drawn.boxes:
        number, word = changes.get(box.name, (None, "as-is" if box.name in plan.manifests else "outside"))
        kind, _, name = box.name.rpartition("/")
        boxes.append(
            PictureBox(
                box.x + _MARGIN,
                box.y + _MARGIN,
                box.name,
                _short(name, _LETTERS_OF_A_NAME),
                _short(kind, _LETTERS_OF_A_KIND),
                word,
                number,
            )
        )
    lines = tuple(_path([(x + _MARGIN, y + _MARGIN) for x, y in line.points]) for line in drawn.lines)
    return Picture(len(names), tuple(boxes), lines, drawn.width + 2 * _MARGIN, drawn.height + 2 * _MARGIN)


def _short(text: str, most: int) -> str:
    """As much of it as a box has room for, its end kept: names differ there."""
    if cells(text) <= most:
        return text
    head, tail = text, text[-8:]
    while cells(f"{head}…{tail}") > most and head:
        head = head[:-1]
    return f"{head}…{tail}"


def _path(points: Sequence[tuple[int, int]]) -> str:
    """Curves from layer to layer, straight past what stands in between."""
    (x, y), *rest = points
    words = [f"M{x} {y}"]
    for number, (to_x, to_y) in enumerate(rest):
        middle = (x + to_x) // 2
        words.append(f"L{to_x} {to_y}" if number % 2 else f"C{middle} {y} {middle} {to_y} {to_x} {to_y}")
        x, y = to_x, to_y
    return "".join(words)
