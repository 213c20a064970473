"""pagerduty/AlertGroupingSetting: which alerts of which services become one incident.

https://developer.pagerduty.com/api-reference/587edbc8ff416-create-an-alert-grouping-setting Times are seconds (a
service's own `timeout` is minutes). A service has one setting at most; a setting by content takes 250 services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Seconds, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place, Token
from reconciler.kinds.remark import Taken
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, pointing

GROUPING = "alert grouping"
MOST_SERVICES = 250


def _zero_or(least: int) -> AfterValidator:
    def check(value: int) -> int:
        if 0 < value < least:
            raise PydanticCustomError("time", "it is 0, or {least} seconds at least", {"least": least})
        return value

    return AfterValidator(check)


Timeout = Annotated[Seconds, Field(ge=0, le=86_400), _zero_or(60)]
Window = Annotated[Seconds, Field(ge=0, le=3_600), _zero_or(300)]
LongWindow = Annotated[Seconds, Field(ge=0, le=86_400), _zero_or(300)]

_SERVICES = NoClear("a setting has one service at least: remove the manifest")


class TimeConfig(Spec):
    """Grouping by time."""

    timeout: Annotated[
        Timeout | None,
        NoClear("write 0"),
        Field(description="alerts within so long; 0: until the incident is resolved. 60 seconds to 1d"),
    ] = None


class IntelligentConfig(Spec):
    """Grouping by what PagerDuty learns."""

    time_window: Annotated[
        Window | None,
        NoClear("write 0"),
        Field(description="alerts no further apart; 5m to 1h, 0: what PagerDuty recommends"),
    ] = None
    iag_fields: Annotated[
        list[str] | None,
        Unordered(),
        NoClear("write [summary]"),
        Field(min_length=1, description="fields that are looked at; summary if not said"),
    ] = None


class Content(Spec):
    """What grouping by content has."""

    aggregate: Annotated[
        Literal["all", "any"] | None,
        NoClear("write all or any"),
        Field(description="whether all of the fields must be equal, or any of them"),
    ] = None
    fields: Annotated[
        list[str] | None,
        Unordered(),
        NoClear("write the fields that shall be"),
        Field(min_length=1, description="fields of the alert: summary, component, custom_details.host"),
    ] = None


class ContentConfig(Content):
    """Grouping by content."""

    time_window: Annotated[
        LongWindow | None,
        NoClear("write 0"),
        Field(description="alerts no further apart; 5m to 1h (1d on one service), 0: as recommended"),
    ] = None


class BothConfig(Content, IntelligentConfig):
    """Grouping by content and by what PagerDuty learns."""


class Setting(Spec):
    """What all settings have."""

    name: Annotated[str | None, Field(description="a label for people; need not be unique")] = None
    description: Annotated[str | None, Field(description="what it is for")] = None


class TimeSetting(Setting):
    """Alerts within a time are one incident."""

    type: Annotated[Literal["time"], Field(description="how alerts are grouped")]
    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        _SERVICES,
        Field(min_length=1, description="the services it is for; no other setting may name them"),
    ] = None
    config: Annotated[TimeConfig | None, NoClear("write timeout"), Field(description="how long")] = None


class IntelligentSetting(Setting):
    """Alerts that look alike are one incident."""

    type: Annotated[Literal["intelligent"], Field(description="how alerts are grouped")]
    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        _SERVICES,
        Field(min_length=1, description="the services it is for; no other setting may name them"),
    ] = None
    config: Annotated[
        IntelligentConfig | None, NoClear("write time_window"), Field(description="how long, and by which fields")
    ] = None


class ContentSetting(Setting):
    """Alerts with equal fields are one incident."""

    type: Annotated[Literal["content_based"], Field(description="how alerts are grouped")]
    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        _SERVICES,
        Field(
            min_length=1,
            max_length=MOST_SERVICES,
            description="the services it is for; no other setting may name them",
        ),
    ] = None
    config: Annotated[
        ContentConfig | None, NoClear("write aggregate and fields"), Field(description="by which fields, and how long")
    ] = None


class BothSetting(Setting):
    """Alerts with equal fields, or that look alike, are one incident."""

    type: Annotated[Literal["content_based_intelligent"], Field(description="how alerts are grouped")]
    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        _SERVICES,
        Field(min_length=1, max_length=1, description="the one service it is for; no other setting may name it"),
    ] = None
    config: Annotated[
        BothConfig | None, NoClear("write aggregate and fields"), Field(description="by which fields, and how long")
    ] = None


SPEC = OneOf("type", (TimeSetting, IntelligentSetting, ContentSetting, BothSetting))

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_RECOMMENDED = "recommended_time_window"
_WIRES = {
    "name": Wire(cleared=None),
    "description": Wire(cleared=""),
    "services": each(pointing(SERVICE, "service")),
    "config": Wire(lambda config: _without(config, _RECOMMENDED), lambda raw: raw),
}
# The type is a setting's own here, and no word for what it is.
_SERVER_SETS = (COMMON - {"type"}) | {"created_at", "updated_at"}


def _without(config: Tree, name: str) -> Tree:
    return {key: value for key, value in config.items() if key != name} if isinstance(config, Mapping) else config


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


def key(tree: Object) -> tuple[Tree, ...] | None:
    """The set of services: a setting's name tells nothing."""
    services = tree.get("services")
    return (sorted(services, key=repr),) if isinstance(services, list) and services else None


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """A time window of 0 is the one that PagerDuty recommends, under which it reads back."""
    config, there = wanted.get("config"), live.get("config")
    if not isinstance(config, Mapping) or not isinstance(there, Mapping) or config.get("time_window") != 0:
        return wanted
    window = there.get("time_window")
    same = window is not None and window == there.get(_RECOMMENDED)
    return {**wanted, "config": {**config, "time_window": window}} if same else wanted


# ── steps: a service leaves one setting before it joins another ─────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    had, wants = _services(work.live), _services(work.wanted) if work.verb != "delete" else frozenset()
    if work.verb == "create":
        work = replace(work, wanted={"config": {}, **work.wanted})
    if work.verb == "update" and "config" in work.changed:
        work = replace(work, changed=work.changed | {"type"})  # which form of config it is
    return tuple(
        replace(step, needs=_words(wants - had), gives=_words(had - wants)) for step in plain_steps(kind, work, context)
    )


def _services(tree: Object | None) -> frozenset[str]:
    links = (tree or {}).get("services")
    return frozenset(link.identity for link in links or () if isinstance(link, Link))


def _words(services: frozenset[str]) -> frozenset[str]:
    return frozenset(f"{service} has no {GROUPING}" for service in services)


def taken(tree: Object) -> tuple[Taken, ...]:
    services = tree.get("services")
    return tuple(
        Taken(GROUPING, one, ("services", place))
        for place, one in enumerate(services if isinstance(services, list) else [])
    )


_NEEDED = {
    "time": ("config.timeout",),
    "content_based": ("config.aggregate", "config.fields"),
    "content_based_intelligent": ("config.aggregate", "config.fields"),
}


def also_needed(tree: Object) -> tuple[str, ...]:
    return _NEEDED.get(str(tree.get("type")), ())


def consequences(work: Work) -> tuple[str, ...]:
    return ("alerts of its services are no longer grouped",) if work.verb == "delete" else ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="AlertGroupingSetting",
    spec=SPEC,
    place=Place(
        list="/alert_grouping_settings",
        envelope=("alert_grouping_settings",),
        paging=Token(100, at=("after",), ask="after"),
        item="/alert_grouping_settings/{id}",
        item_envelope=("alert_grouping_setting",),
        update="PUT",
        wrap=("alert_grouping_setting",),
        created=("alert_grouping_setting",),
        after=(SERVICE,),
    ),
    page="https://developer.pagerduty.com/api-reference/587edbc8ff416-create-an-alert-grouping-setting",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    unique=True,
    needed_to_create=("services",),
    also_needed=also_needed,
    meant=meant,
    own_steps=steps,
    taken=taken,
    consequences=consequences,
)
