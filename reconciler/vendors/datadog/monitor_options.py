"""MonitorOptions: when a monitor alerts and how it tells; the vendor replaces them whole, so they go out whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Minutes, NoClear, Same, Seconds, Unordered
from reconciler.kinds.moment import Zone
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire
from reconciler.vendors.datadog.moment import SAME_LOCAL, LocalTime

_SWITCH = NoClear("write true or false")
_DELAY = NoClear("write 0")


def _same_text(wanted: Tree, live: Tree) -> bool:
    """Datadog cuts the white space at the end of what it is sent."""
    return isinstance(wanted, str) and isinstance(live, str) and wanted.strip() == live.strip()


SAME_TEXT = Same(_same_text)


class Thresholds(Spec):
    """The numbers that are compared with."""

    critical: Annotated[int | float | None, Field(description="alerts; the number at the query's end")] = None
    critical_recovery: Annotated[int | float | None, Field(description="where an alert ends")] = None
    warning: Annotated[int | float | None, Field(description="warns")] = None
    warning_recovery: Annotated[int | float | None, Field(description="where a warning ends; needs warning")] = None
    ok: Annotated[int | float | None, Field(description="of a service check: states until it is well")] = None
    unknown: Annotated[int | float | None, Field(description="of a service check: states until it is unknown")] = None
    critical_query: Annotated[
        str | None, Field(min_length=1, description="a query in the place of critical, where the query says threshold")
    ] = None
    critical_recovery_query: Annotated[
        str | None, Field(min_length=1, description="a query in the place of critical_recovery")
    ] = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Thresholds:
        if self.critical is not None and self.critical_query is not None:
            raise PydanticCustomError("both", "critical and critical_query exclude each other")
        if self.warning_recovery is not None and "warning" in self.model_fields_set and self.warning is None:
            raise PydanticCustomError("recovery", "warning_recovery needs warning")
        return self


class ThresholdWindows(Spec):
    """How long an anomaly must last."""

    trigger_window: Annotated[str | None, Field(min_length=1, description="until it alerts, last_15m")] = None
    recovery_window: Annotated[str | None, Field(min_length=1, description="until it recovers, last_15m")] = None


class EvaluationWindow(Spec):
    """Since when a cumulative window counts."""

    day_starts: Annotated[
        str | None, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="the time of day it begins anew, 04:00")
    ] = None
    month_starts: Annotated[Literal[1] | None, Field(description="the day of the month it begins anew: 1")] = None
    hour_starts: Annotated[int | None, Field(ge=0, le=59, description="the minute of the hour it begins anew")] = None
    timezone: Annotated[Zone | None, Field(description="the time zone of day_starts")] = None


class Recurrence(Spec):
    """A time at which the query is asked."""

    rrule: Annotated[str | None, Field(min_length=1, description="how often, FREQ=DAILY;INTERVAL=1")] = None
    start: Annotated[LocalTime | None, SAME_LOCAL, Field(description="since when, 2026-01-05T09:00:00")] = None
    timezone: Annotated[Zone | None, Field(description="the time zone of start")] = None


class CustomSchedule(Spec):
    """Times at which the query is asked."""

    recurrences: Annotated[list[Recurrence] | None, Unordered(), Field(description="the times")] = None


class SchedulingOptions(Spec):
    """When the query is asked, and over what."""

    evaluation_window: Annotated[
        EvaluationWindow | None, Field(description="since when a cumulative window counts")
    ] = None
    custom_schedule: Annotated[CustomSchedule | None, Field(description="times at which the query is asked")] = None


class MonitorOptions(Spec):
    """A monitor's options."""

    thresholds: Annotated[
        Thresholds | None, NoClear("write its fields"), Field(description="what is compared with")
    ] = None
    threshold_windows: Annotated[ThresholdWindows | None, Field(description="how long an anomaly must last")] = None
    notify_no_data: Annotated[bool | None, _SWITCH, Field(description="whether it tells that data are missing")] = None
    no_data_timeframe: Annotated[
        Minutes | None, Field(ge=0, description="minutes without data until it tells so, with notify_no_data")
    ] = None
    on_missing_data: Annotated[
        Literal["default", "show_no_data", "show_and_notify_no_data", "resolve"] | None,
        Field(description="what missing data mean; not beside notify_no_data"),
    ] = None
    renotify_interval: Annotated[
        Minutes | None, Field(ge=0, description="minutes until it tells again, while nothing is done")
    ] = None
    renotify_occurrences: Annotated[int | None, Field(ge=0, description="how often it tells again")] = None
    renotify_statuses: Annotated[
        list[Literal["alert", "warn", "no data"]] | None,
        Unordered(),
        Field(description="in which states it tells again"),
    ] = None
    escalation_message: Annotated[str | None, SAME_TEXT, Field(description="what it says when it tells again")] = None
    evaluation_delay: Annotated[
        Seconds | None, Field(ge=0, description="seconds by which it looks back, for data that come late")
    ] = None
    new_group_delay: Annotated[Seconds | None, Field(ge=0, description="seconds until a new group is looked at")] = None
    new_host_delay: Annotated[
        Seconds | None,
        _DELAY,
        Field(ge=0, description="seconds until a new host is looked at; new_group_delay is newer"),
    ] = None
    timeout_h: Annotated[
        int | None, Field(ge=0, le=24, description="hours without data until an alert ends by itself, 0 to 24")
    ] = None
    require_full_window: Annotated[
        bool | None, _SWITCH, Field(description="whether a window must be full of data to be looked at")
    ] = None
    include_tags: Annotated[
        bool | None, _SWITCH, Field(description="whether the title names the tags that alert; at first it does")
    ] = None
    notify_audit: Annotated[
        bool | None, _SWITCH, Field(description="whether people it tells hear of changes to it; at first not")
    ] = None
    notify_by: Annotated[
        list[str] | None, Unordered(), Field(description="groups of the query that are told apart, or *: none")
    ] = None
    notification_preset_name: Annotated[
        Literal[
            "show_all",
            "hide_query",
            "hide_handles",
            "hide_all",
            "hide_query_and_handles",
            "show_only_snapshot",
            "hide_handles_and_footer",
        ]
        | None,
        Field(description="what is shown beside the message"),
    ] = None
    group_retention_duration: Annotated[
        str | None,
        Field(pattern=r"^\d+[mhd]$", description="how long a group without data is kept, 60m to 72h"),
    ] = None
    enable_logs_sample: Annotated[bool | None, _SWITCH, Field(description="whether it shows logs (log alert)")] = None
    enable_samples: Annotated[bool | None, _SWITCH, Field(description="whether it shows samples (CI alerts)")] = None
    groupby_simple_monitor: Annotated[
        bool | None, _SWITCH, Field(description="whether groups alert as one (log alert; notify_by is newer)")
    ] = None
    min_failure_duration: Annotated[
        Seconds | None, _DELAY, Field(ge=0, le=7_200, description="seconds a test must fail (synthetics alert)")
    ] = None
    min_location_failed: Annotated[
        int | None, NoClear("write 1"), Field(ge=0, description="locations that must fail (synthetics alert)")
    ] = None
    variables: Annotated[
        list[dict[str, Any]] | None, Unordered(), Field(description="the queries of a formula, in Datadog's own form")
    ] = None
    scheduling_options: Annotated[
        SchedulingOptions | None, Field(description="when the query is asked, and over what")
    ] = None
    locked: Annotated[bool | None, _SWITCH, Field(description="deprecated: restricted_roles is newer")] = None

    @field_validator("group_retention_duration")
    @classmethod
    def _from_an_hour_to_three_days(cls, value: str | None) -> str | None:
        minutes = int(value[:-1]) * {"m": 1, "h": 60, "d": 1_440}[value[-1]] if value else 60
        if not 60 <= minutes <= 72 * 60:
            raise PydanticCustomError("retention", "{value} is not 60m to 72h", {"value": repr(value)})
        return value

    @model_validator(mode="after")
    def _one_word_on_missing_data(self) -> MonitorOptions:
        if self.on_missing_data is not None and self.notify_no_data:
            raise PydanticCustomError("both", "notify_no_data and on_missing_data exclude each other")
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_NO_DATA = frozenset({"notify_no_data", "no_data_timeframe"})
# What is null there, and would get its default if it were left out.
_NULL = frozenset({"new_host_delay", "min_failure_duration", "min_location_failed"})


def _to(options: Tree) -> Tree:
    """All of them, those nobody names as they are; what is cleared is left out, as that is how it goes."""
    if not isinstance(options, Mapping):
        return options
    left_out = _NO_DATA if options.get("on_missing_data") is not None else frozenset[str]()
    said = {
        name: value for name, value in options.items() if name not in left_out and (value is not None or name in _NULL)
    }
    thresholds = said.get("thresholds")
    if isinstance(thresholds, Mapping):
        said["thresholds"] = {name: value for name, value in thresholds.items() if value is not None}
    return said


def _back(raw: Tree) -> Tree:
    """Nulls stay: what is null there and left out when it is sent back would get its default."""
    return dict(raw) if isinstance(raw, Mapping) else raw


OPTIONS = Wire(_to, _back, cleared={})


def meant(wanted: Object, live: Object) -> Object:
    """What options say beside those that are there: one way to treat missing data puts the other one off."""
    if wanted.get("on_missing_data") is not None and live.get("notify_no_data"):
        wanted = {**wanted, "notify_no_data": False}
    elif wanted.get("notify_no_data") and live.get("on_missing_data") is not None:
        wanted = {"on_missing_data": None, **wanted}
    if not wanted.get("notify_no_data", live.get("notify_no_data")):
        wanted = {name: value for name, value in wanted.items() if name != "no_data_timeframe"}
    return wanted
