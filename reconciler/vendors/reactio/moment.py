"""Moments: instants as people write them, seconds since 1970 as Reactio counts them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.tree import Tree


def seconds(moment: Tree) -> int | None:
    """An instant with an offset, or a number of seconds, in seconds since 1970; None where it is neither."""
    if isinstance(moment, int) and not isinstance(moment, bool):
        return moment
    try:
        parsed = datetime.fromisoformat(moment)
        return int(parsed.timestamp()) if parsed.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _moment(value: str | int) -> str | int:
    if seconds(value) is None:
        raise PydanticCustomError(
            "instant", "{text} is no instant with an offset, like 2026-01-05T09:00:00Z", {"text": repr(value)}
        )
    return value


Moment = Annotated[str | int, AfterValidator(_moment)]
