"""Carried: a change under way, and the two ways in which a step of it can end badly."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.engine.change import Write


class Failed(Exception):
    """The step was not done. The text says why, `way_out` what a person can do."""

    def __init__(self, text: str, way_out: str = "") -> None:
        super().__init__(text)
        self.way_out = way_out


class Unsure(Failed):
    """It cannot be told whether the step was done."""


@dataclass(repr=False)
class Carried:
    """A change under way: its object's id as soon as it is known, and what the vendor said."""

    change: Write
    ident: str | None
    wrote: bool = False
    sealed: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
