"""HTML: a plan as one file that needs nothing else, to be read, searched and narrowed in any browser."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, get_args

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from reconciler.report.document import PlanDocument, SaidChange, Word
from reconciler.report.graph_picture import picture
from reconciler.report.html_field import Shown, shown_fields
from reconciler.report.paint import flat, visible
from reconciler.report.plan_text import is_unread, unknown_of, ways_out
from reconciler.report.summary import counted, summary

# Up to so many changes all of them stand open from the start.
_OPEN = 25
_LEDGER: tuple[Word, ...] = ("adopt", "move", "release")
_SIGNS: Mapping[Word, str] = {
    "create": "+",
    "update": "~",
    "replace": "±",
    "delete": "−",
    "reset": "↺",
    "blocked": "!",
    "doubtful": "?",
    "adopt": "⊕",
    "move": "→",
    "release": "○",
}


@dataclass(frozen=True)
class Block:
    """One change as it is shown; `number` is its place in the plan."""

    number: int
    change: SaidChange
    fields: tuple[Shown, ...]
    ways_out: tuple[str, ...]

    @property
    def sign(self) -> str:
        return _SIGNS[self.change.change]

    @property
    def path(self) -> tuple[str, str]:
        """The address up to the name, and the name."""
        start, slash, name = self.change.address.rpartition("/")
        return f"{start}{slash}", name

    @property
    def where(self) -> str:
        """File and line."""
        return ":".join(self.change.place.split(":")[:2]) if self.change.place else ""

    @property
    def drifted(self) -> bool:
        return any(field.cause in ("drifted", "both") for field in self.change.fields)


def html_text(plan: PlanDocument) -> str:
    """The plan as a page. No secret is in a plan's document; whatever else is in it is shown, and never acted on."""
    blocks = tuple(_blocks(plan))
    counts = Counter(one.change.change for one in blocks)
    hosts = Counter(one.change.host for one in blocks)
    return _template().render(
        plan=plan,
        summary=summary(plan),
        blocks=blocks,
        opened=len(blocks) <= _OPEN,
        sorts=[(word, _SIGNS[word], counts[word]) for word in get_args(Word) if counts[word]],
        hosts=sorted(hosts.items()),
        people=[(one.address, line) for one in plan.changes for line in one.pages],
        unread=_unread(plan),
        unknown=unknown_of(plan),
        picture=picture(plan),
        linked={one.number for one in blocks},
    )


def _blocks(plan: PlanDocument) -> Iterator[Block]:
    for number, change in enumerate(plan.changes):
        if not is_unread(plan, change):
            fields = tuple(shown_fields(change, ledger=change.change in _LEDGER))
            yield Block(number, change, fields, tuple(ways_out(change)))


def _unread(plan: PlanDocument) -> list[tuple[str, int, str, str]]:
    left = Counter(change.host for change in plan.changes if is_unread(plan, change))
    return [
        (host, left[host], why.text.removeprefix(f"{host}: "), why.way_out or "")
        for host, why in sorted(plan.not_read.items())
    ]


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"counted": counted}
    environment.filters |= {"flat": flat}
    for kind in ("style", "script"):
        text = _asset(f"html_page.{'css' if kind == 'style' else 'js'}")
        environment.globals[kind] = Markup(text)  # noqa: S704  # our own file, with nothing of a plan in it
        # Whatever gets into the page by a mistake of ours: only these two texts are styles and scripts of it.
        environment.globals[f"{kind}_hash"] = b64encode(sha256(text.encode()).digest()).decode()
    return environment.get_template("html_page.jinja")


def _asset(name: str) -> str:
    return files("reconciler.report").joinpath(name).read_text(encoding="utf-8")


def _shown(value: Any) -> Any:
    """Every text of a plan before it is escaped: nothing in it turns, hides or looks like other letters."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
