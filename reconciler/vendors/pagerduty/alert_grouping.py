"""A service's own alert grouping: the older of PagerDuty's two places for it. Sent only where a manifest names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Minutes, NoClear, Seconds, Unordered
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire

_TYPE = Field(description="by what alerts become one incident: time, intelligent (by likeness) or content_based")
_DAY = 86_400


def _window(seconds: int | None) -> int | None:
    if seconds is not None and seconds != 0 and not 300 <= seconds <= 3600:
        raise PydanticCustomError("window", "a window is from 5m to 1h, or 0 for what PagerDuty recommends", {})
    return seconds


def _window_or_day(seconds: int | None) -> int | None:
    if seconds is not None and seconds != _DAY and not 300 <= seconds <= 3600:
        raise PydanticCustomError("window", "a window is from 5m to 1h, or 1d", {})
    return seconds


class TimeConfig(Spec):
    """Alerts that come within a time."""

    timeout: Annotated[
        Minutes | None,
        NoClear("write 0"),
        Field(ge=0, le=1440, description="the time, 5m; up to a day; 0, until the incident is resolved"),
    ] = None


class IntelligentConfig(Spec):
    """Alerts that PagerDuty finds alike."""

    time_window: Annotated[
        Seconds | None,
        AfterValidator(_window),
        NoClear("write 0"),
        Field(description="within what time of each other, 5m to 1h; 0, what PagerDuty recommends"),
    ] = None


class ContentConfig(Spec):
    """Alerts that are equal in some fields."""

    aggregate: Annotated[
        Literal["all", "any"] | None,
        NoClear("write all or any"),
        Field(description="whether all of the fields must be equal, or any one"),
    ] = None
    fields: Annotated[
        list[str] | None,
        Unordered(),
        NoClear("write the fields"),
        Field(min_length=1, description="fields of an alert", examples=[["summary", "component"]]),
    ] = None
    time_window: Annotated[
        Seconds | None,
        AfterValidator(_window_or_day),
        NoClear("write 5m"),
        Field(description="within what time of each other: 5m to 1h, or 1d"),
    ] = None


_CONFIG = NoClear("write its fields")


class TimeGrouping(Spec):
    """By time."""

    type: Annotated[Literal["time"], _TYPE]
    config: Annotated[TimeConfig | None, _CONFIG, Field(description="how")] = None


class IntelligentGrouping(Spec):
    """By likeness."""

    type: Annotated[Literal["intelligent"], _TYPE]
    config: Annotated[IntelligentConfig | None, _CONFIG, Field(description="how")] = None


class ContentGrouping(Spec):
    """By content."""

    type: Annotated[Literal["content_based"], _TYPE]
    config: Annotated[ContentConfig | None, _CONFIG, Field(description="how")] = None


AlertGrouping = Annotated[TimeGrouping | IntelligentGrouping | ContentGrouping, Field(discriminator="type")]

# A key too many in `config` is refused.
_TAKEN = {
    "time": ("timeout",),
    "intelligent": ("time_window",),
    "content_based": ("aggregate", "fields", "time_window"),
}


def _back(raw: Tree) -> Tree:
    """None where there is none: that may read back as an object without a type."""
    if not isinstance(raw, Mapping):
        return raw
    taken = _TAKEN.get(str(raw.get("type")))
    config = Wire(back=lambda one: _only(one, taken) if taken else one)
    return from_wire(raw, {"config": config}) if raw.get("type") is not None else None


def _only(config: Tree, taken: tuple[str, ...]) -> Tree:
    if not isinstance(config, Mapping):
        return config
    return {name: value for name, value in config.items() if name in taken and value is not None}


ALERT_GROUPING = Wire(lambda one: to_wire(one, {}) if isinstance(one, Mapping) else one, _back)
