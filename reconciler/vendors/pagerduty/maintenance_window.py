"""pagerduty/MaintenanceWindow: a time in which some services make no incidents.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#maintenance-windows A start that is past
becomes the moment of the request. Past its end a window is not made, compared or deleted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Instant
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty.api import FROM, PAGES
from reconciler.vendors.pagerduty.moment import INSTANT, SAME_INSTANT, is_past, parsed, spelled
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, pointing

_INSTANT = NoClear("write an instant")


class MaintenanceWindow(Spec):
    """A maintenance window."""

    description: Annotated[
        str | None,
        Field(min_length=1, description="what is done; with its end it tells one window from another"),
    ] = None
    start_time: Annotated[
        Instant | None,
        SAME_INSTANT,
        _INSTANT,
        Field(description="when it begins, 2026-09-05T01:00:00Z; one that is past is as good as any past one"),
    ] = None
    end_time: Annotated[
        Instant | None, SAME_INSTANT, _INSTANT, Field(description="when it ends, 2026-09-05T03:00:00Z")
    ] = None
    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        NoClear("a window has one service at least: remove the manifest"),
        Field(min_length=1, description="the services that make no incidents meanwhile"),
    ] = None

    @field_validator("end_time")
    @classmethod
    def _ends_after_it_begins(cls, value: str | None, info: ValidationInfo) -> str | None:
        start, end = parsed(info.data.get("start_time")), parsed(value)
        if start and end and end <= start:
            raise PydanticCustomError("window", "{end} is not later than start_time", {"end": repr(value)})
        return value


_WIRES = {
    "description": Wire(cleared=""),
    "start_time": INSTANT,
    "end_time": INSTANT,
    "services": each(pointing(SERVICE, "service")),
}
_BEGUN, _OVER = "(begun)", "(over)"  # of live windows alone: no manifest can say them
_SERVER_SETS = COMMON | {"sequence_number", "created_by", "teams"}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "maintenance_window", **to_wire(tree, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    marks = {_BEGUN: "start_time", _OVER: "end_time"}
    passed = {mark: True for mark, name in marks.items() if is_past(raw.get(name), context.now)}
    return {**from_wire(raw, _WIRES, _SERVER_SETS), **passed}


def also_immutable(live: Object) -> frozenset[str]:
    """One that is over cannot be brought back, whoever ended it. Whether one that has begun can begin again is not
    documented, and not tried."""
    if live.get(_OVER):
        return frozenset(MaintenanceWindow.model_fields)
    return frozenset({"start_time"}) if live.get(_BEGUN) else frozenset()


def key(tree: Object) -> tuple[Tree, ...] | None:
    """Windows have no name; two of one description that end together are one."""
    end = parsed(tree.get("end_time"))
    return (tree["description"], spelled(end)) if tree.get("description") and end else None


def ends(tree: Object, context: Context) -> bool:
    return is_past(tree.get("end_time"), context.now)


def meant(wanted: Object, live: Object, context: Context) -> Object:
    both = [is_past(tree.get("start_time"), context.now) for tree in (wanted, live)]
    return {**wanted, "start_time": live["start_time"]} if all(both) else wanted


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """One that is made is known again without the start that PagerDuty sets."""
    plain = plain_steps(kind, work, context)
    if work.verb != "create":
        return plain
    moved = {"start_time"} if is_past(work.wanted.get("start_time"), context.now) else set()
    made = {name: value for name, value in work.wanted.items() if name not in moved}
    return tuple(replace(step, headers=FROM, made=made) for step in plain)


def consequences(work: Work) -> tuple[str, ...]:
    return ("if it is running it ends now",) if work.verb == "delete" else ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="MaintenanceWindow",
    spec=MaintenanceWindow,
    place=Place(
        list="/maintenance_windows",
        envelope=("maintenance_windows",),
        query=(("filter", "open"),),
        paging=PAGES,
        item="/maintenance_windows/{id}",
        item_envelope=("maintenance_window",),
        update="PUT",
        wrap=("maintenance_window",),
        created=("maintenance_window",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#maintenance-windows",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="description",
    needed_to_create=("start_time", "end_time", "services"),
    also_immutable=also_immutable,
    ends=ends,
    meant=meant,
    own_steps=steps,
    consequences=consequences,
)
