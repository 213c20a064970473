"""Moments: instants as people write them, seconds since 1970 as Reactio counts them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from reconciler.kinds.moment import instant, no_instant
from reconciler.kinds.tree import Tree


def seconds(moment: Tree) -> int | None:
    """An instant with an offset, or a number of seconds, in seconds since 1970; None where it is neither."""
    if isinstance(moment, int) and not isinstance(moment, bool):
        return moment
    parsed = instant(moment)
    return None if parsed is None else int(parsed.timestamp())


def _moment(value: str | int) -> str | int:
    if seconds(value) is None:
        raise no_instant(value)
    return value


Moment = Annotated[str | int, AfterValidator(_moment)]
