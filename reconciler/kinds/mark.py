"""Mark: where a vendor's object can say whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.kinds.tree import Object


@dataclass(frozen=True)
class Mark:
    """A place in the vendor's object for whose it is: `read(raw)` gives it, `write(body, mark)` lays it into a body.

    One that is `fixed` is written when the object is made and never again; a second object with it would be the first.
    """

    read: Callable[[Mapping[str, Any]], str | None]
    write: Callable[[Object, str], Object]
    fixed: bool = False
