"""Local times, without an offset, as Datadog's recurrences begin."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.moment import same_when
from reconciler.kinds.tree import Tree


def local(text: Tree) -> datetime | None:
    """A date and time without an offset, to the second."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo else moment.replace(microsecond=0)


def _local(text: str) -> str:
    if local(text) is None:
        raise PydanticCustomError(
            "local_time", "{text} is no time without an offset, like 2026-09-05T01:00:00", {"text": repr(text)}
        )
    return text


LocalTime = Annotated[str, AfterValidator(_local)]
SAME_LOCAL = same_when(local)
