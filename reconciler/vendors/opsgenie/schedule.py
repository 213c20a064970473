"""opsgenie/Schedule: who is on call when, in rotations.

https://docs.opsgenie.com/docs/schedule-api Rotations turn in whole hours, days or weeks; minutes are 0 or 30.
A schedule must not be called like a team. Names: 100 characters, unique. Descriptions: 200.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Keyed, NoClear, RefTo
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.moment import Zone, instant
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import each, from_wire, record, to_wire
from reconciler.vendors.opsgenie.moment import INSTANT, SAME_INSTANT, SAME_TEXT, SAME_ZONE, HalfHour
from reconciler.vendors.opsgenie.recipient import OWNER_TEAM, RECIPIENT, TEAM, RecipientMark
from reconciler.vendors.opsgenie.restriction import TIME_RESTRICTION, TimeRestriction

_PLAIN_NAME = re.compile(r"[a-zA-Z 0-9_-]+")

Participant = Annotated[Any, RecipientMark(("user", "team", "escalation", "none"))]


class Rotation(Spec):
    """One rotation; told apart by name."""

    name: Annotated[str, Field(min_length=1, description="unique within the schedule")]
    startDate: Annotated[
        HalfHour | None,
        SAME_INSTANT,
        NoClear("write an instant"),
        Field(description="when the first turn begins, 2026-01-05T09:00:00Z"),
    ] = None
    endDate: Annotated[
        HalfHour | None, SAME_INSTANT, Field(description="when it ends; null or left out of a new one: never")
    ] = None
    type: Annotated[
        Literal["daily", "weekly", "hourly"] | None,
        NoClear("write daily, weekly or hourly"),
        Field(description="what `length` counts"),
    ] = None
    length: Annotated[int | None, NoClear("write 1"), Field(ge=1, description="how long a turn is")] = None
    participants: Annotated[
        list[Participant] | None,
        NoClear("write none for nobody"),
        Field(
            min_length=1,
            description="whose turn it is, in this order; somebody may stand there twice",
            examples=[["ann@example.com", {"team": "payments"}, {"escalation": "late"}, "none"]],
        ),
    ] = None
    timeRestriction: Annotated[
        TimeRestriction | None,
        Field(description='"09:00-18:00", or [monday 09:00-friday 18:00]; null: around the clock'),
    ] = None

    @field_validator("endDate")
    @classmethod
    def _ends_after_it_begins(cls, value: str | None, info: ValidationInfo) -> str | None:
        start, end = instant(info.data.get("startDate")), instant(value)
        if start and end and end <= start:
            raise PydanticCustomError("rotation", "{end} is not later than startDate", {"end": repr(value)})
        return value


class Schedule(Spec):
    """A schedule."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, max_length=100, description="unique, and no team's name"),
    ] = None
    description: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("the API is not known to clear a description: write another one"),
        Field(max_length=200, description="what the schedule is for"),
    ] = None
    timezone: Annotated[
        Zone | None,
        SAME_ZONE,
        NoClear("write a time zone"),
        Field(description="IANA name; Opsgenie may answer another one of equal offset"),
    ] = None
    enabled: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether anybody is on call by it")
    ] = None
    ownerTeam: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("the API does not take a schedule from its team: do it in Opsgenie"),
        Field(description="the team it belongs to"),
    ] = None
    rotations: Annotated[
        list[Rotation] | None,
        Keyed(("name",)),
        NoClear("write the rotations that shall be"),
        Field(min_length=1, description="all rotations; one that is not named goes"),
    ] = None


_ROTATION = record(
    {
        "startDate": INSTANT,
        "endDate": INSTANT,
        "participants": each(RECIPIENT),
        "timeRestriction": TIME_RESTRICTION,
    },
    noise={"id", "_parent"},
)
_WIRES = {"ownerTeam": OWNER_TEAM, "rotations": each(_ROTATION)}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id"})


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    if not isinstance(name, str) or _PLAIN_NAME.fullmatch(name):
        return []
    return [Remark(("name",), "Opsgenie's own tools take only a-z, A-Z, 0-9, space and _ - in a schedule's name")]


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Schedule",
    spec=Schedule,
    place=Place(
        list="/v2/schedules",
        envelope=("data",),
        query=(("expand", "rotation"),),
        item="/v2/schedules/{id}",
        item_envelope=("data",),
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/schedule-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    needed_to_create=("name",),
    remarks=remarks,
)
