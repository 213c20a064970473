"""Modified: when an object was written last, as it tells by itself; by whom, Datadog tells no reader of the object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.kinds.trail import Authored, Trail
from reconciler.vendors.datadog.unix_time import nanoseconds, spelled


def _written(raw: Mapping[str, Any], answers: Sequence[Any]) -> Iterator[Authored]:
    attributes = raw.get("attributes")
    inner = attributes if isinstance(attributes, Mapping) else raw
    moment = nanoseconds(inner.get("modified", inner.get("modified_at")))
    if moment is not None:
        yield Authored(spelled(moment))


TRAIL = Trail(_written)
