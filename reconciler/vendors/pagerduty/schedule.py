"""pagerduty/Schedule: who is on call when, in layers of turns. Overrides are people's own and never touched.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#schedules Turns are seconds, from an hour to
a year; instants count to the minute. A schedule that PagerDuty moved to its newer API is told and left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import Keyed, NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.moment import Zone
from reconciler.kinds.neutral import Look, Seen
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.stake import Holder
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty import audit_record, layer
from reconciler.vendors.pagerduty.api import COUNTED
from reconciler.vendors.pagerduty.reference import COMMON, ESCALATION_POLICY, TEAM, holders, pointing, unreachable
from reconciler.vendors.pagerduty.target import NEWER, names_newer


class Schedule(Spec):
    """A schedule."""

    name: Annotated[str | None, NoClear("write another name"), Field(min_length=1, description="what people read")] = (
        None
    )
    description: Annotated[str | None, Field(min_length=1, description="what the schedule is for")] = None
    time_zone: Annotated[
        Zone | None, NoClear("write a time zone"), Field(description="IANA name, in which restrictions are read")
    ] = None
    teams: Annotated[
        list[Annotated[Ref, RefTo(TEAM)]] | None, Unordered(), Field(description="the teams it belongs to")
    ] = None
    schedule_layers: Annotated[
        list[layer.Layer] | None,
        Keyed(("name",), ordered=True),
        NoClear("write the layers that shall be"),
        Field(min_length=1, description="all layers, the later ones over the earlier; one that is not named ends now"),
    ] = None


_WIRES = {
    "description": Wire(cleared=""),
    "teams": each(pointing(TEAM, "team")),
    "schedule_layers": Wire(layer.layers_to),
}
_SERVER_SETS = COMMON - {"type"} | {
    "escalation_policies",
    "users",
    "final_schedule",
    "overrides_subschedule",
    "next_oncall_for_user",
    "web_cal_url",
    "http_cal_url",
    "personal_web_cal_url",
    "personal_http_cal_url",
}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "schedule", **to_wire(tree, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    """`type` stays where it is another one: that of a schedule which the vendor moved to its newer API."""
    layers = {"schedule_layers": Wire(back=lambda listed: layer.layers_back(listed, context))}
    tree = from_wire(raw, {**_WIRES, **layers}, _SERVER_SETS)
    return {name: value for name, value in tree.items() if name != "type" or value != "schedule"}


def meant(wanted: Object, live: Object, context: Context) -> Object:
    layers = wanted.get("schedule_layers")
    if not isinstance(layers, list):
        return wanted
    return {**wanted, "schedule_layers": layer.meant(layers, live.get("schedule_layers"), context)}


def closed(ident: str, live: Object, seen: Seen) -> str | None:
    """Such a schedule looks like any other one; the policies that tell it name it otherwise."""
    moved = str(live.get("type", "")).startswith(NEWER)
    moved = moved or any(names_newer(policy, ident) for policy in seen(ESCALATION_POLICY))
    return "PagerDuty moved this schedule to its newer API (v3), which this version does not write" if moved else None


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    match work.verb:
        case "create":
            return _create(kind, work, context)
        case "update" if "schedule_layers" in work.changed:
            return (_update(kind, work, context),)
        case _:
            return plain_steps(kind, work, context)


def _update(kind: Kind, work: Work, context: Context) -> Step:
    """A layer that is new has no id yet: sent twice it would be there twice."""
    before = (work.live or {}).get("schedule_layers") or []
    layers = layer.to_send(work.wanted["schedule_layers"], before, context)
    body = to_api({**work.only_changed(), "schedule_layers": layers}, context)
    update = Step("update", "PUT", kind.place.item_path, body, wrap=kind.place.wrap, answer=kind.place.created)
    return replace(update, effect="creates", adds=True) if any("id" not in one for one in layers) else update


def _create(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Without the layers that are over by now; known again without the starts that PagerDuty sets."""
    layers = layer.meant(work.wanted.get("schedule_layers") or [], [], context)
    wanted = {**work.wanted, "schedule_layers": layers}
    plain = plain_steps(kind, replace(work, wanted=wanted), context)
    made = {**wanted, "schedule_layers": layer.made(layers, context)}
    return tuple(replace(step, made=made) for step in plain)


def also_needed(tree: Object) -> tuple[str, ...]:
    return tuple(layer.lacking(tree.get("schedule_layers")))


def used_by(raw: Object) -> list[Holder]:
    return holders(ESCALATION_POLICY, raw, "escalation_policies")


def cautions(tree: Object, look: Look) -> Sequence[Remark]:
    layers = tree.get("schedule_layers") or []
    users = (
        (("schedule_layers", number, "users", index), user)
        for number, one in enumerate(layers)
        for index, user in enumerate(one.get("users") or [])
    )
    return list(unreachable(users, look))


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Schedule",
    spec=Schedule,
    place=Place(
        list="/schedules",
        envelope=("schedules",),
        query=(("include[]", "schedule_layers"),),
        paging=COUNTED,
        item="/schedules/{id}",
        item_envelope=("schedule",),
        update="PUT",
        wrap=("schedule",),
        created=("schedule",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#schedules",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name", "time_zone", "schedule_layers"),
    also_needed=also_needed,
    meant=meant,
    own_steps=steps,
    holders=used_by,
    closed=closed,
    cautions=cautions,
    trail=audit_record.trail("schedules"),
)
