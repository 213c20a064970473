"""The tree of errors: everything that may reach a person is one of these, with its place and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file relative to the project's root, line and column from 1."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(parts)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where, and the way out. `text` names the value."""

    text: str
    place: Place | None = None
    way_out: str | None = None

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        out = f"\n    {self.way_out}" if self.way_out else ""
        return f"{where}{self.text}{out}"

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        place = self.place or Place("")
        return (place.file, place.line, place.column, self.text)


class ReconcilerError(Exception):
    """The one class the command line catches. Holds one problem or many, sorted by place."""

    def __init__(
        self,
        text: str = "",
        *,
        place: Place | None = None,
        way_out: str | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        found = list(problems) or [Problem(text, place, way_out)]
        self.problems = sorted(found, key=lambda problem: problem.sort_key)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(ReconcilerError):
    """The command line or its surroundings (no project, no such file) cannot be used as given."""


class ManifestError(ReconcilerError):
    """A manifest or the project file is wrong."""


class SecretError(ReconcilerError):
    """A secret's source gives nothing: a variable that is not set, a file that is not there."""


class VendorError(ReconcilerError):
    """A vendor refused, is down, or answered what cannot be read. `status` is that of a refusal."""

    status: int | None = None


class ClaimError(ReconcilerError):
    """It cannot be told which live object a manifest means."""


class GuardError(ReconcilerError):
    """The plan would do more than the project's guards allow."""


class PlanRefused(ReconcilerError):
    """A saved plan no longer fits what is there."""


class ApplyRefused(ReconcilerError):
    """The plan may not start: a secret, a seal key or a permission is missing."""


class LedgerError(ReconcilerError):
    """The ledger cannot be read or written."""


class LeaseHeld(LedgerError):
    """Somebody else is applying."""


class LeaseLost(LedgerError):
    """Our lease was not renewed in time, or was taken: nothing more may be written."""
