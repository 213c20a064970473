"""Output: a value the vendor makes, that another object may need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.kinds.tree import at

# What stands for a secret where an answer was kept without it.
REDACTED = "(redacted)"


@dataclass(frozen=True)
class Output:
    """A value the vendor makes: `at` leads to it in the object as the create answers it (`once`) or as it is read.

    With `each` the first of `at` is a list, whose items are told apart by that field: `NAME:ITEM` is the value of one
    of them, `NAME` that of the first.
    """

    name: str
    at: tuple[str, ...]
    once: bool = False
    secret: bool = True
    doc: str = ""
    each: str = ""

    def values(self, raw: Mapping[str, Any]) -> dict[str, str]:
        """What a raw object holds of it, by name."""
        if not self.each:
            value = at(raw, self.at)
            return {} if value in (None, REDACTED) else {self.name: str(value)}
        items = raw.get(self.at[0])
        found: dict[str, str] = {}
        for item in items if isinstance(items, list) else []:
            value = at(item, self.at[1:])
            if value not in (None, REDACTED):
                found.setdefault(self.name, str(value))
                found.setdefault(f"{self.name}:{item.get(self.each)}", str(value))
        return found
