"""datadog/Downtime: a time in which monitors tell nobody, once or again and again.

https://docs.datadoghq.com/api/latest/downtimes/ It has no name: scope, monitors and times tell it. Deleting it cancels
it. A start that is past becomes the moment of the request. Past its end one is not made, compared or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, RefTo, Same, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Instant, Zone, is_past, same_when, spelled, to_the_second
from reconciler.kinds.place import Offset, Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.datadog import resource
from reconciler.vendors.datadog.modified import TRAIL
from reconciler.vendors.datadog.moment import SAME_LOCAL, LocalTime
from reconciler.vendors.datadog.monitor_options import SAME_TEXT

_PATH = "/api/v2/downtime"
_MONITOR = "datadog/Monitor"
_LIST = NoClear("write the list you want")
_SAME_INSTANT = same_when(to_the_second)
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}


def _length(text: Tree) -> int | None:
    found = re.fullmatch(r"(\d+)([mhdw])", text) if isinstance(text, str) else None
    return int(found[1]) * _MINUTES[found[2]] if found else None


def _same_length(wanted: Tree, live: Tree) -> bool:
    return _length(wanted) is not None and _length(wanted) == _length(live)


class Recurrence(Spec):
    """A time that comes again."""

    rrule: Annotated[
        str | None,
        Field(min_length=1, description="how often, FREQ=WEEKLY;BYDAY=SU; hourly at the most often"),
    ] = None
    duration: Annotated[
        str | None,
        Same(_same_length),
        Field(pattern=r"^[1-9]\d*[mhdw]$", description="how long, 30m, 1h, 2d or 1w; a minute at least"),
    ] = None
    start: Annotated[
        LocalTime | None,
        SAME_LOCAL,
        Field(description="since when, 2026-09-05T01:00:00 in the schedule's time zone; at once where left out"),
    ] = None

    @model_validator(mode="after")
    def _not_by_the_minute(self) -> Recurrence:
        often = re.search(r"FREQ=(SECONDLY|MINUTELY)", self.rrule or "", re.IGNORECASE)
        if often:
            raise PydanticCustomError(
                "rrule", "{often}: a downtime comes hourly at the most often", {"often": often[0]}
            )
        return self


class Schedule(Spec):
    """When: once, by `start` and `end`, or again and again, by `recurrences` and `timezone`."""

    start: Annotated[
        Instant | None,
        _SAME_INSTANT,
        Field(description="when it begins, 2026-09-05T01:00:00Z; a past one is as good as any past one"),
    ] = None
    end: Annotated[
        Instant | None, _SAME_INSTANT, Field(description="when it ends, 2026-09-05T03:00:00Z; never where left out")
    ] = None
    recurrences: Annotated[
        list[Recurrence] | None,
        Unordered(),
        Field(min_length=1, max_length=5, description="when it comes again; 5 at most"),
    ] = None
    timezone: Annotated[Zone | None, Field(description="the time zone of the recurrences, Asia/Tokyo")] = None

    @model_validator(mode="after")
    def _once_or_again(self) -> Schedule:
        if self.recurrences is not None and (self.start is not None or self.end is not None):
            raise PydanticCustomError(
                "schedule", "start and end are for once, recurrences for again: write one of them"
            )
        start, end = to_the_second(self.start), to_the_second(self.end)
        if start and end and end <= start:
            raise PydanticCustomError("schedule", "the end, {end}, is not later than the start", {"end": self.end})
        return self


class MonitorIdentifier(Spec):
    """Which monitors tell nobody: one, or those with all of some tags."""

    monitor_id: Annotated[Ref | None, RefTo(_MONITOR), Field(description="one monitor")] = None
    monitor_tags: Annotated[
        list[str] | None,
        Unordered(),
        Field(min_length=1, description='those with all these tags; "*" for all monitors'),
    ] = None

    @model_validator(mode="after")
    def _one_or_some(self) -> MonitorIdentifier:
        if (self.monitor_id is None) is (self.monitor_tags is None):
            raise PydanticCustomError("monitors", "write either monitor_id or monitor_tags")
        return self


class Downtime(Spec):
    """A downtime."""

    scope: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("write * for everything"),
        Field(min_length=1, description="which groups of the monitors, env:prod AND service:checkout; * for all"),
    ] = None
    monitor_identifier: Annotated[
        MonitorIdentifier | None,
        Owned(),
        NoClear('write monitor_tags: ["*"] for all monitors'),
        Field(description="which monitors: monitor_id or monitor_tags"),
    ] = None
    schedule: Annotated[
        Schedule | None,
        NoClear("write its fields"),
        Field(description="when; from the moment it is made and for ever where left out"),
    ] = None
    message: Annotated[str | None, SAME_TEXT, Field(description="what is said when it begins and ends")] = None
    display_timezone: Annotated[
        Zone | None, NoClear("write UTC"), Field(description="the time zone Datadog's pages show it in; UTC at first")
    ] = None
    mute_first_recovery_notification: Annotated[
        bool | None,
        NoClear("write true or false"),
        Field(description="whether the first recovery is not told either; at first it is"),
    ] = None
    notify_end_states: Annotated[
        list[Literal["alert", "no data", "warn"]] | None,
        Unordered(),
        _LIST,
        Field(description="in which states its end is told, all at first"),
    ] = None
    notify_end_types: Annotated[
        list[Literal["canceled", "expired"]] | None,
        Unordered(),
        _LIST,
        Field(description="which ends are told; at first that it expired"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_TYPE = "downtime"
_SERVER_SETS = frozenset({"status", "created", "modified", "canceled"})


def _schedule_to(schedule: Tree, context: Context) -> Tree:
    """One of the two forms, whole; a start that is past is left out, as Datadog takes none."""
    if not isinstance(schedule, Mapping):
        return schedule
    if schedule.get("recurrences") is not None:
        said = {name: value for name, value in schedule.items() if name not in ("start", "end") and value is not None}
        rows = said["recurrences"]
        return {**said, "recurrences": [_bare(row) for row in rows] if isinstance(rows, list) else rows}
    said = {name: value for name, value in schedule.items() if name not in ("recurrences", "timezone")}
    if said.get("start") is None or _is_past(said["start"], context):
        said.pop("start", None)
    return {name: _instant(value) for name, value in said.items()}


def _is_past(text: Tree, context: Context) -> bool:
    return is_past(to_the_second(text), context.now)


def _bare(row: Tree) -> Tree:
    return {name: value for name, value in row.items() if value is not None} if isinstance(row, Mapping) else row


def _instant(value: Tree) -> Tree:
    moment = to_the_second(value)
    return value if moment is None else spelled(moment)


def _schedule_back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping):
        return raw
    rows = raw.get("recurrences")
    listed = {"recurrences": [_bare(row) for row in rows]} if isinstance(rows, list) else {}
    return {**{name: part for name, part in raw.items() if name != "current_downtime" and part is not None}, **listed}


def _monitors_back(raw: Tree) -> Tree:
    match raw:
        case {"monitor_id": int() as ident} if not isinstance(ident, bool):
            return {"monitor_id": Ref(_MONITOR, "id", (str(ident),))}
        case {"monitor_tags": list()}:
            return {name: part for name, part in raw.items() if part is not None}
        case _:
            return raw


_BACK = {
    "schedule": Wire(back=_schedule_back),
    "monitor_identifier": Wire(back=_monitors_back),
    "notify_end_states": Wire(back=lambda raw: _sorted(raw)),
    "notify_end_types": Wire(back=lambda raw: _sorted(raw)),
}


def _sorted(raw: Tree) -> Tree:
    """Datadog answers these in any order."""
    return sorted(raw) if isinstance(raw, list) and all(isinstance(one, str) for one in raw) else raw


def to_api(tree: Object, context: Context) -> Object:
    wires = {"schedule": Wire(lambda value: _schedule_to(value, context))}
    return resource.wrapped(_TYPE, to_wire(tree, wires))


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(resource.attributes(raw), _BACK, _SERVER_SETS)


def steady(raw: Object) -> Object:
    """Without its state, the running instance of a recurring one, and the order of its words."""
    told = from_wire(resource.attributes(raw), {**_BACK, "monitor_identifier": Wire()}, _SERVER_SETS)
    return {"id": raw.get("id"), **told}


def lists(raw: Mapping[str, Any]) -> bool:
    """A cancelled one stays readable and is gone; so is one that comes no more. One that ran once is past."""
    said = resource.attributes(raw)
    schedule = said.get("schedule")
    recurring = isinstance(schedule, Mapping) and schedule.get("recurrences") is not None
    return said.get("status") != "canceled" and not (recurring and said.get("status") == "ended")


# ── who is who, and when it is over ─────────────────────────────────────────────────────────────────────────────────


def key(tree: Object) -> tuple[Tree, ...] | None:
    """What it is about, and when: Datadog refuses two that are alike in these."""
    scope, monitors, schedule = tree.get("scope"), tree.get("monitor_identifier"), tree.get("schedule") or {}
    if not isinstance(scope, str) or not isinstance(monitors, Mapping) or not isinstance(schedule, Mapping):
        return None
    which = monitors.get("monitor_id") or monitors.get("monitor_tags")
    return None if not which else (scope, which, _times(schedule))


def _times(schedule: Mapping[str, Tree]) -> str:
    rows = schedule.get("recurrences")
    if isinstance(rows, list):
        rules = sorted(str(row.get("rrule")) for row in rows if isinstance(row, Mapping))
        return " and ".join(rules)
    end = to_the_second(schedule.get("end"))
    return spelled(end) if end else "without end"


def _part(tree: Object) -> Mapping[str, Tree]:
    schedule = tree.get("schedule")
    return schedule if isinstance(schedule, Mapping) else {}


def ends(tree: Object, context: Context) -> bool:
    schedule = _part(tree)
    return schedule.get("recurrences") is None and _is_past(schedule.get("end"), context)


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """Any past start is any other; and what is to come again is no longer once, nor the other way round."""
    mine, there = _part(wanted), _part(live)
    if not mine:
        return wanted
    schedule = dict(mine)
    if _is_past(mine.get("start"), context) and _is_past(there.get("start"), context):
        schedule["start"] = there["start"]
    if mine.get("recurrences") is not None:
        schedule |= {name: None for name in ("start", "end") if name in there}
    elif ("start" in mine or "end" in mine) and there.get("recurrences") is not None:
        schedule |= {name: None for name in ("recurrences", "timezone") if name in there}
    return {**wanted, "schedule": schedule}


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """One that is made is known again without a start that is past, which Datadog sets."""
    if work.verb == "delete":
        return (resource.deleted(kind),)
    if work.verb != "create":
        return (resource.written(kind, work, to_api(work.only_changed(), context)),)
    step = resource.written(kind, work, to_api(work.wanted, context))
    schedule = _part(work.wanted)
    if not _is_past(schedule.get("start"), context):
        return (step,)
    made = {**work.wanted, "schedule": {name: value for name, value in schedule.items() if name != "start"}}
    return (replace(step, made=made),)


def consequences(work: Work) -> tuple[str, ...]:
    return ("if it is running it ends now, and monitors tell again",) if work.verb == "delete" else ()


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="Downtime",
    spec=Downtime,
    place=Place(
        list=_PATH,
        envelope=("data",),
        paging=Offset(100, total=("meta", "page", "total_filtered_count"), ask=("page[limit]", "page[offset]")),
        item=f"{_PATH}/{{id}}",
        item_envelope=("data",),
        update="PATCH",
        wrap=("data",),
        created=("data",),
        lists=lists,
        after=(_MONITOR,),
    ),
    page="https://docs.datadoghq.com/api/latest/downtimes/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    needed_to_create=("scope", "monitor_identifier"),
    steady=steady,
    ends=ends,
    meant=meant,
    own_steps=steps,
    consequences=consequences,
    trail=TRAIL,
)
