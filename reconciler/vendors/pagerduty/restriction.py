"""When a layer of a schedule holds: every day from a time on, or every week from a day and time on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import Seconds
from reconciler.kinds.moment import TimeOfDay
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

_START = Field(description="when it begins in the schedule's time zone, 09:00")


class DailyRestriction(Spec):
    """The same hours every day."""

    type: Annotated[Literal["daily_restriction"], Field(description="every day, or every week")]
    start_time_of_day: Annotated[TimeOfDay, _START]
    duration_seconds: Annotated[Seconds, Field(ge=1, lt=86_400, description="how long, 9h; less than a day")]


class WeeklyRestriction(Spec):
    """The same days every week."""

    type: Annotated[Literal["weekly_restriction"], Field(description="every day, or every week")]
    start_day_of_week: Annotated[int, Field(ge=1, le=7, description="the day it begins on; 1 is Monday, 7 is Sunday")]
    start_time_of_day: Annotated[TimeOfDay, _START]
    duration_seconds: Annotated[Seconds, Field(ge=1, lt=604_800, description="how long, 4d9h; less than a week")]


Restriction = Annotated[DailyRestriction | WeeklyRestriction, Field(discriminator="type")]


def _back(raw: Tree) -> Tree:
    """A daily one may be answered with a day, 0."""
    if not isinstance(raw, Mapping):
        return raw
    dropped = "start_day_of_week" if raw.get("type") == "daily_restriction" else ""
    return {name: value for name, value in raw.items() if name != dropped and value is not None}


RESTRICTION = Wire(back=_back)
