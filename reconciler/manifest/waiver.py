"""Waiver: drift that a project knows of and bears with for a while, with the reason and the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from reconciler.errors import Place, Problem
from reconciler.kinds.spec import Spec
from reconciler.manifest.load import Document


class WaiverSpec(Spec):
    """One of `waivers`, as it is written."""

    model_config = ConfigDict(strict=True)

    address: Annotated[str, Field(min_length=1, description="whose drift; with * at its end: of all that begin so")]
    reason: Annotated[str, Field(min_length=1, description="why it is borne with")]
    until: Annotated[str, Field(description="the last day, 2026-12-31")]
    field: Annotated[
        str | None,
        Field(min_length=1, description="the field, or what it stands in; left out: the whole object"),
    ] = None


@dataclass(frozen=True)
class Waiver:
    """Drift that is no news. `path` is empty where it stands for the whole object."""

    address: str
    path: str
    reason: str
    until: date
    place: Place = field(compare=False)

    def fits(self, address: str, path: str = "") -> bool:
        """Whether it is of this object's field; without a path, of the object as a whole."""
        mine = self.address[:-1]
        same = address.startswith(mine) if self.address.endswith("*") else address == self.address
        return same and (not self.path or _is_within(path.removesuffix("[]"), self.path))

    def over(self, today: date) -> bool:
        return today > self.until


def _is_within(path: str, field: str) -> bool:
    return path == field or (path.startswith(field) and path[len(field)] in ".[")


def read_waivers(written: Sequence[WaiverSpec], document: Document, problems: list[Problem]) -> tuple[Waiver, ...]:
    """The project's waivers; what is wrong goes to `problems`."""
    found = []
    for number, one in enumerate(written):
        path = ("waivers", number)
        until = _day(one.until)
        if until is None:
            what = f'waivers[{number}].until: "{one.until[:60]}" is no day'
            problems.append(Problem(what, document.place((*path, "until")), "write the last day: 2026-12-31"))
        if "/" not in one.address.rstrip("*") or "*" in one.address[:-1]:
            what = f'waivers[{number}].address: "{one.address[:60]}" is no address'
            way_out = "write VENDOR/KIND/NAME, with * at its end for all that begin so"
            problems.append(Problem(what, document.place((*path, "address")), way_out))
        if until is not None:
            found.append(Waiver(one.address, one.field or "", one.reason, until, document.place(path)))
    return tuple(found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-12-31") else None
    except ValueError:
        return None
