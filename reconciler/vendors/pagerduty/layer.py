"""Layers of a schedule: who takes turns, from when, and which of it goes out again when something is changed.

A layer is never deleted, only ended, and an ended one comes back in every answer. A list of users that is sent again
may change who is on call, so one that did not change is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Seconds, Unordered
from reconciler.kinds.moment import Instant
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty.moment import INSTANT, SAME_INSTANT, is_past, parsed, spelled
from reconciler.vendors.pagerduty.reference import USER, pointing
from reconciler.vendors.pagerduty.restriction import RESTRICTION, Restriction

_INSTANT = NoClear("write an instant")


class Layer(Spec):
    """One layer; told apart by name. What a later layer covers, an earlier one does not decide."""

    name: Annotated[str, Field(min_length=1, description="unique within the schedule")]
    start: Annotated[
        Instant | None,
        SAME_INSTANT,
        _INSTANT,
        Field(description="from when on it holds; one that is past is as good as any past one"),
    ] = None
    end: Annotated[
        Instant | None, SAME_INSTANT, Field(description="when it ends; null or left out of a new one: never")
    ] = None
    rotation_virtual_start: Annotated[
        Instant | None,
        SAME_INSTANT,
        _INSTANT,
        Field(description="from when on turns are counted; of a new layer `start`, where it is left out"),
    ] = None
    rotation_turn_length_seconds: Annotated[
        Seconds | None,
        NoClear("write 1w"),
        Field(ge=3600, le=31_536_000, description="how long a turn is, 1w; from an hour to a year"),
    ] = None
    users: Annotated[
        list[Annotated[Ref, RefTo(USER, looked_up=True)]] | None,
        NoClear("a layer has one user at least"),
        Field(min_length=1, description="whose turn it is, in this order, by e-mail address"),
    ] = None
    restrictions: Annotated[
        list[Restriction] | None,
        Unordered(),
        Field(
            description="when it holds; null: around the clock",
            examples=[[{"type": "daily_restriction", "start_time_of_day": "09:00", "duration_seconds": "9h"}]],
        ),
    ] = None

    @field_validator("end")
    @classmethod
    def _ends_after_it_begins(cls, value: str | None, info: ValidationInfo) -> str | None:
        start, end = parsed(info.data.get("start")), parsed(value)
        if start and end and end <= start:
            raise PydanticCustomError("layer", "{end} is not later than start", {"end": repr(value)})
        return value


NEEDED = ("start", "rotation_turn_length_seconds", "users")

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_USER = pointing(USER, "user")
_WIRES = {
    "start": INSTANT,
    "end": INSTANT,
    "rotation_virtual_start": INSTANT,
    "users": each(
        Wire(
            lambda user: {"user": _USER.to(user)},
            lambda raw: _USER.back(raw.get("user")) if isinstance(raw, Mapping) else raw,
        )
    ),
    "restrictions": each(RESTRICTION),
}
_RENDERED = frozenset({"rendered_schedule_entries", "rendered_coverage_percentage"})


def _to(layer: Tree) -> Tree:
    """A new layer counts its turns from its start."""
    if not isinstance(layer, Mapping):
        return layer
    body = to_wire(layer, _WIRES)
    anchor = {"rotation_virtual_start": body["start"]} if "start" in body and "id" not in body else {}
    return {**anchor, **body}


def _back(raw: Tree) -> Tree:
    return from_wire(raw, _WIRES, _RENDERED) if isinstance(raw, Mapping) else raw


def layers_to(layers: Tree) -> Tree:
    return [_to(layer) for layer in layers] if isinstance(layers, list) else layers


def layers_back(raw: Tree, context: Context) -> Tree:
    """PagerDuty answers layers from the last to the first, the ended ones too."""
    if not isinstance(raw, list):
        return raw
    return [_back(layer) for layer in reversed(raw) if not _has_ended(layer, context)]


def _has_ended(layer: Tree, context: Context) -> bool:
    return isinstance(layer, Mapping) and is_past(layer.get("end"), context.now)


# ── what time does to a declared layer ──────────────────────────────────────────────────────────────────────────────


def meant(wanted: list[Any], live: Tree, context: Context) -> list[Any]:
    """Less the layers that ended as declared; a past start is the past one that is there."""
    there = {layer.get("name"): layer for layer in live if isinstance(layer, Mapping)} if isinstance(live, list) else {}
    still = [layer for layer in wanted if layer.get("name") in there or not _has_ended(layer, context)]
    return [_started(layer, there.get(layer.get("name")), context) for layer in still]


def _started(layer: Object, live: Mapping[str, Tree] | None, context: Context) -> Object:
    begun = live is not None and is_past(live.get("start"), context.now) and is_past(layer.get("start"), context.now)
    return {**layer, "start": live["start"]} if live is not None and begun else layer


def made(layers: list[Any], context: Context) -> list[Any]:
    """New layers as they are found again: a start that is past is moved to the moment they are made."""
    moved = [{"start"} if is_past(layer.get("start"), context.now) else set() for layer in layers]
    return [
        {name: value for name, value in layer.items() if name not in less}
        for layer, less in zip(layers, moved, strict=True)
    ]


# ── what goes out ───────────────────────────────────────────────────────────────────────────────────────────────────


def to_send(wanted: list[Any], live: list[Any], context: Context) -> list[Any]:
    """The layers as they shall be, then those that end now; users only where they changed or are new."""
    there = {layer["id"]: layer for layer in live if isinstance(layer, Mapping) and "id" in layer}
    stay = {layer.get("id") for layer in wanted if isinstance(layer, Mapping)}
    ended = [{**layer, "end": spelled(context.now)} for ident, layer in there.items() if ident not in stay]
    return [_less_users(layer, there.get(layer.get("id"))) for layer in (*wanted, *ended)]


def _less_users(layer: Object, live: Mapping[str, Tree] | None) -> Object:
    same = live is not None and layer.get("users") == live.get("users")
    return {name: value for name, value in layer.items() if name != "users"} if same else layer


def lacking(layers: Tree) -> Iterator[str]:
    """What a new layer lacks, by path."""
    for layer in layers if isinstance(layers, list) else ():
        for name in NEEDED:
            if layer.get(name) is None:
                yield f"schedule_layers.{layer.get('name')}.{name}"
