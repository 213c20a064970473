"""dynatrace/MaintenanceWindow: a time in which problems are not told, or not looked for; past its end it is nothing.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-alerting-maintenance-window
2,000 in an environment. Times are local, beside a zone. `generalProperties` stand directly under `spec`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.moment import TimeOfDay, Zone
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Path, Ref, Tree, at
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.dynatrace import setting
from reconciler.vendors.dynatrace.reference import EntityRef, pointing
from reconciler.vendors.dynatrace.text import LocalDate, LocalDateTime, end_of_day, instant

SCHEMA = "builtin:alerting.maintenance-window"


def _after(start: str, end: str, field: str, *, equal: bool) -> None:
    if end < start or (end == start and not equal):
        words = "{field} is not later than the start, {start}"
        raise PydanticCustomError("window", words, {"field": field, "start": start})


class OnceRecurrence(Spec):
    """From one moment to another."""

    startTime: Annotated[LocalDateTime, Field(description="when it begins, 2026-09-05T22:00:00, in the zone")]
    endTime: Annotated[LocalDateTime, Field(description="when it ends, 2026-09-06T02:00:00, in the zone")]
    timeZone: Annotated[Zone, Field(description="IANA time zone of both; UTC if not said")] = "UTC"

    @model_validator(mode="after")
    def _in_order(self) -> OnceRecurrence:
        _after(self.startTime, self.endTime, "endTime", equal=False)
        return self


class TimeWindow(Spec):
    """From one time of day to another; an end before the start is on the next day."""

    startTime: Annotated[TimeOfDay, Field(description="when it begins, 22:00")]
    endTime: Annotated[TimeOfDay, Field(description="when it ends, 02:00")]
    timeZone: Annotated[Zone, Field(description="IANA time zone of both; UTC if not said")] = "UTC"


class RecurrenceRange(Spec):
    """The days between which it recurs."""

    scheduleStartDate: Annotated[LocalDate, Field(description="the first day, 2026-01-01")]
    scheduleEndDate: Annotated[LocalDate, Field(description="the last day, 2026-12-31")]

    @model_validator(mode="after")
    def _in_order(self) -> RecurrenceRange:
        _after(self.scheduleStartDate, self.scheduleEndDate, "scheduleEndDate", equal=True)
        return self


class DailyRecurrence(Spec):
    """Every day."""

    timeWindow: Annotated[TimeWindow, Field(description="from when to when")]
    recurrenceRange: Annotated[RecurrenceRange, Field(description="from which day to which")]


class WeeklyRecurrence(DailyRecurrence):
    """One day of every week."""

    dayOfWeek: Annotated[
        Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
        Field(description="the day"),
    ]


class MonthlyRecurrence(DailyRecurrence):
    """One day of every month."""

    dayOfMonth: Annotated[int, Field(ge=1, le=31, description="the day; the month's last where it has no such day")]


_TYPE = "ONCE, DAILY, WEEKLY or MONTHLY"


class Once(Spec):
    """One window."""

    scheduleType: Annotated[Literal["ONCE"], Field(description=_TYPE)]
    onceRecurrence: Annotated[OnceRecurrence, Field(description="from when to when")]


class Daily(Spec):
    """A window every day."""

    scheduleType: Annotated[Literal["DAILY"], Field(description=_TYPE)]
    dailyRecurrence: Annotated[DailyRecurrence, Field(description="from when to when")]


class Weekly(Spec):
    """A window every week."""

    scheduleType: Annotated[Literal["WEEKLY"], Field(description=_TYPE)]
    weeklyRecurrence: Annotated[WeeklyRecurrence, Field(description="on which day, and from when to when")]


class Monthly(Spec):
    """A window every month."""

    scheduleType: Annotated[Literal["MONTHLY"], Field(description=_TYPE)]
    monthlyRecurrence: Annotated[MonthlyRecurrence, Field(description="on which day, and from when to when")]


Schedule = Annotated[Once | Daily | Weekly | Monthly, Field(discriminator="scheduleType")]


class Filter(Spec):
    """Entities, by all that is said."""

    entityType: Annotated[str | None, Field(min_length=1, description="their sort, HOST")] = None
    entityId: Annotated[
        Annotated[Ref, EntityRef(setting.ENTITY, looked_up=True)] | None,
        Field(description="one entity: its id, HOST-0123456789ABCDEF, or {existing: [HOST, its name]}"),
    ] = None
    entityTags: Annotated[
        list[str] | None, Unordered(), Field(max_length=1000, description="tags, [CONTEXT]key:value")
    ] = None
    managementZones: Annotated[
        list[Annotated[Ref, RefTo(setting.MANAGEMENT_ZONE)]] | None, Unordered(), Field(description="management zones")
    ] = None

    @model_validator(mode="after")
    def _something(self) -> Filter:
        if not (self.entityType or self.entityId or self.entityTags or self.managementZones):
            words = "write entityType, entityId, entityTags or managementZones; without filters it is for all"
            raise PydanticCustomError("empty", words, {})
        return self


class MaintenanceWindow(Spec):
    """A maintenance window."""

    name: Annotated[
        str | None, NoClear("write a name"), Field(min_length=1, max_length=1000, description="the window's name")
    ] = None
    description: Annotated[str | None, Field(max_length=10_000, description="what is done")] = None
    enabled: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether it counts; true if not said")
    ] = None
    maintenanceType: Annotated[
        Literal["PLANNED", "UNPLANNED"] | None,
        NoClear("write PLANNED or UNPLANNED"),
        Field(description="whether it was planned; PLANNED if not said"),
    ] = None
    suppression: Annotated[
        Literal["DETECT_PROBLEMS_AND_ALERT", "DETECT_PROBLEMS_DONT_ALERT", "DONT_DETECT_PROBLEMS"] | None,
        NoClear("write DETECT_PROBLEMS_AND_ALERT"),
        Field(description="what is left out meanwhile; nothing (DETECT_PROBLEMS_AND_ALERT) if not said"),
    ] = None
    disableSyntheticMonitorExecution: Annotated[
        bool | None,
        NoClear("write true or false"),
        Field(description="whether synthetic monitors stand still meanwhile; false if not said"),
    ] = None
    schedule: Annotated[
        Schedule | None, NoClear("a window has a time: remove the manifest"), Field(description="when it is")
    ] = None
    filters: Annotated[
        list[Filter] | None,
        Unordered(),
        Field(max_length=1000, description="which entities: those that any of them fits; all where the list is empty"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_GENERAL = ("name", "description", "maintenanceType", "suppression", "disableSyntheticMonitorExecution")
_FILTER = record(
    {"entityId": pointing(setting.ENTITY), "managementZones": each(pointing(setting.MANAGEMENT_ZONE))},
)


def _filter(value: Tree) -> Tree:
    return _FILTER.to({"entityTags": [], "managementZones": [], **value} if isinstance(value, dict) else value)


def _filter_back(raw: Tree) -> Tree:
    """An empty list in a filter says nothing."""
    read = _FILTER.back(raw)
    return {name: part for name, part in read.items() if part != []} if isinstance(read, dict) else read


def _zoned(value: Tree) -> Tree:
    return {"timeZone": "UTC", **value} if isinstance(value, dict) else value


_RECURS = record({"timeWindow": Wire(_zoned)})
_WIRES = {
    "schedule": record(
        {
            "onceRecurrence": Wire(_zoned),
            "dailyRecurrence": _RECURS,
            "weeklyRecurrence": _RECURS,
            "monthlyRecurrence": _RECURS,
        }
    ),
    "filters": each(Wire(_filter, _filter_back)),
}
_write = setting.writing(SCHEMA, {})


def to_api(tree: Object, context: Context) -> Object:
    body = _write(to_wire(tree, _WIRES), context)
    value, general = body["value"], {name: tree[name] for name in _GENERAL if name in tree}
    value = {name: part for name, part in value.items() if name not in _GENERAL}
    further = value.pop("generalProperties", None)
    if general or further:
        whole = {**(further if isinstance(further, dict) else {}), **general}
        value["generalProperties"] = {name: part for name, part in whole.items() if part is not None}
    return {**body, "value": value}


def from_api(raw: Object, context: Context) -> Object:
    value = setting.value_of(raw)
    general = value.pop("generalProperties", None)
    told = {name: general[name] for name in _GENERAL if name in general} if isinstance(general, dict) else {}
    rest = {name: part for name, part in general.items() if name not in _GENERAL} if isinstance(general, dict) else {}
    tree = {**setting.beside(raw), **from_wire({**value, **told}, _WIRES)}
    return {**tree, "generalProperties": rest} if rest else tree


# ── when it is over ─────────────────────────────────────────────────────────────────────────────────────────────────

_RECURRENCES = ("dailyRecurrence", "weeklyRecurrence", "monthlyRecurrence")


def _end(tree: Object) -> datetime | None:
    """The last moment of a window; None where it cannot be told."""
    once = at(tree, ("schedule", "onceRecurrence"))
    if isinstance(once, dict):
        return instant(once.get("endTime"), once.get("timeZone"))
    for name in _RECURRENCES:
        path: Path = ("schedule", name)
        last, zone = (
            at(tree, (*path, "recurrenceRange", "scheduleEndDate")),
            at(tree, (*path, "timeWindow", "timeZone")),
        )
        if last is not None:
            return instant(end_of_day(last), zone)
    return None


def ends(tree: Object, context: Context) -> bool:
    end = _end(tree)
    return end is not None and end <= context.now


def objections(body: Any) -> list[Remark]:
    """What the vendor has under `generalProperties` stands directly under `spec`."""
    found = setting.objections(body)
    return [Remark(one.path[1:] if one.path[:1] == ("generalProperties",) else one.path, one.text) for one in found]


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="MaintenanceWindow",
    spec=MaintenanceWindow,
    place=setting.place(SCHEMA),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-alerting-maintenance-window",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name", "schedule"),
    sent_on_create={
        "enabled": True,
        "maintenanceType": "PLANNED",
        "suppression": "DETECT_PROBLEMS_AND_ALERT",
        "disableSyntheticMonitorExecution": False,
        "filters": [],
    },
    mark=setting.MARK,
    taken=setting.taken_by(SCHEMA, "name"),
    ends=ends,
    on_removal=setting.on_removal,
    closed=setting.closed,
    own_steps=setting.steps,
    lay=setting.lay,
    rehearsal=setting.rehearsal,
    objections=objections,
    trail=setting.TRAIL,
)
