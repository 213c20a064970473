"""datadog/ServiceLevelObjective: how good something is to be, over which time.

https://docs.datadoghq.com/api/latest/service-level-objectives/ Names are not unique; our mark is a tag. A change sends
the whole of it. What a dashboard shows is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from reconciler.kinds.fields import Keyed, NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Offset, Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.datadog.modified import TRAIL
from reconciler.vendors.datadog.monitor import is_let_go
from reconciler.vendors.datadog.slo_query import Quotient, SliSpecification
from reconciler.vendors.datadog.tag import MARK, TAGS, Tags

_PATH = "/api/v1/slo"
_MONITOR = "datadog/Monitor"
_NEVER = NoClear("write another one")

Percent = Annotated[int | float, Field(ge=0, le=100)]


class Threshold(Spec):
    """A target over a time."""

    timeframe: Annotated[Literal["7d", "30d", "90d"], Field(description="the time: 7d, 30d or 90d")]
    target: Annotated[Percent | None, _NEVER, Field(description="per cent that must be good")] = None
    warning: Annotated[Percent | None, Field(description="per cent below which it warns")] = None


class ServiceLevelObjective(Spec):
    """A service level objective."""

    name: Annotated[str | None, NoClear("write another name"), Field(min_length=1, description="what people read")] = (
        None
    )
    type: Annotated[
        Literal["metric", "monitor", "time_slice"] | None,
        NoClear("an objective has a type"),
        Field(description="what is counted: events, a monitor's states or slices of time; cannot be changed"),
    ] = None
    description: Annotated[str | None, Field(description="what it is about")] = None
    thresholds: Annotated[
        list[Threshold] | None,
        Keyed(("timeframe",)),
        NoClear("an objective has one at least"),
        Field(min_length=1, description="the targets, one for each time"),
    ] = None
    timeframe: Annotated[
        Literal["7d", "30d", "90d"] | None,
        NoClear("write 7d, 30d or 90d"),
        Field(description="the time whose target is shown first"),
    ] = None
    query: Annotated[
        Quotient | None, NoClear("write its fields"), Field(description="of type metric: good events over all")
    ] = None
    sli_specification: Annotated[
        SliSpecification | None,
        NoClear("write its fields"),
        Field(description="of type time_slice, or of type metric in the place of query"),
    ] = None
    monitor_ids: Annotated[
        list[Annotated[Ref, RefTo(_MONITOR)]] | None,
        Unordered(),
        NoClear("an objective by monitors has one at least"),
        Field(min_length=1, description="of type monitor: whose states count"),
    ] = None
    groups: Annotated[
        list[str] | None,
        Unordered(),
        Field(max_length=100, description="of type monitor, with one monitor: the groups that count, 100 at most"),
    ] = None
    tags: Annotated[Tags, Field(description="its own tags, a set; the one that marks it as ours is not among them")] = (
        None
    )

    @model_validator(mode="after")
    def _as_its_type_counts(self) -> ServiceLevelObjective:
        found = list(_misplaced(self))
        if found:
            raise ValidationError.from_exception_data("ServiceLevelObjective", found, hide_input=True)
        return self


def _misplaced(slo: ServiceLevelObjective) -> Iterator[InitErrorDetails]:
    """What another type counts."""
    form = slo.sli_specification
    of = {
        "query": ("metric", slo.query),
        "monitor_ids": ("monitor", slo.monitor_ids),
        "groups": ("monitor", slo.groups),
        "sli_specification.time_slice": ("time_slice", form and form.time_slice),
        "sli_specification.count": ("metric", form and form.count),
    }
    for path, (type_, value) in of.items():
        if value is not None and slo.type not in (None, type_):
            yield _wrong(path, f"it is for the type {type_}, not {slo.type}")
    if slo.query is not None and form is not None and form.count is not None:
        yield _wrong("sli_specification.count", "it says what query says, too: write one of them")
    if slo.groups and slo.monitor_ids is not None and len(slo.monitor_ids) != 1:
        yield _wrong("groups", f"they are for one monitor, and here are {len(slo.monitor_ids)}")
    frames = [one.timeframe for one in slo.thresholds or []]
    if slo.timeframe is not None and frames and slo.timeframe not in frames:
        yield _wrong("timeframe", f"thresholds have no {slo.timeframe}")


def _wrong(path: str, text: str) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("slo", "{text}", {"text": text}), loc=tuple(path.split(".")), input=None
    )


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _monitors_back(raw: Tree) -> Tree:
    if not isinstance(raw, list):
        return raw
    return [
        Ref(_MONITOR, "id", (str(one),)) if isinstance(one, int) and not isinstance(one, bool) else one for one in raw
    ]


def _thresholds_to(value: Tree) -> Tree:
    if not isinstance(value, list):
        return value
    return [
        {name: part for name, part in one.items() if part is not None} if isinstance(one, Mapping) else one
        for one in value
    ]


def _thresholds_back(raw: Tree) -> Tree:
    """Without the spellings that Datadog adds."""
    if not isinstance(raw, list):
        return raw
    return [
        {name: part for name, part in one.items() if name not in _SPELLINGS and part is not None}
        if isinstance(one, Mapping)
        else one
        for one in raw
    ]


_SPELLINGS = frozenset({"target_display", "warning_display"})
_WIRES = {
    "description": Wire(cleared=""),
    "thresholds": Wire(_thresholds_to, _thresholds_back),
    "monitor_ids": Wire(back=_monitors_back),
    "groups": Wire(cleared=[]),
    "tags": TAGS,
}
_SERVER_SETS = frozenset(
    {
        *("id", "creator", "created_at", "modified_at", "monitor_tags", "type_id", "configured_alert_ids"),
        # copies of the threshold that is shown first
        *("target_threshold", "warning_threshold"),
    }
)


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


def steady(raw: Object) -> Object:
    """Without what changes by itself, and with its tags in one order."""
    told = {name: value for name, value in raw.items() if name not in _SERVER_SETS - {"id"}}
    tags = told.get("tags")
    sortable = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    return {**told, "tags": sorted(tags)} if isinstance(tags, list) and sortable else told


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(work: Work) -> Object:
    """All of it; of two forms that say the same, the one that changed, as the other is made from it."""
    said = dict(work.wanted)
    for one, other in (("query", "sli_specification"), ("sli_specification", "query")):
        if one in work.changed and other not in work.changed and said.get("type") == "metric":
            said.pop(other, None)
    frames = [row.get("timeframe") for row in said.get("thresholds") or [] if isinstance(row, Mapping)]
    if said.get("timeframe") not in frames:  # the first shown is gone: Datadog chooses another
        said.pop("timeframe", None)
    return said


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A change sends the whole; nothing is deleted before the monitors that ask for it let it go."""
    [step] = plain_steps(kind, work, context)
    match work.verb:
        case "create":
            return (replace(step, answer=("data", 0)),)
        case "delete":
            return (replace(step, needs=frozenset({is_let_go("slo", "{id}", context)})),)
        case _:
            return (replace(step, body=to_api(_whole(work), context), answer=("data", 0), checked=True),)


def also_needed(tree: Object) -> tuple[str, ...]:
    match tree.get("type"):
        case "monitor":
            return ("monitor_ids",)
        case "time_slice":
            return ("sli_specification.time_slice",)
        case "metric" if tree.get("sli_specification") is None:
            return ("query.numerator", "query.denominator")
        case _:
            return ()


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="ServiceLevelObjective",
    spec=ServiceLevelObjective,
    place=Place(
        list=_PATH,
        envelope=("data",),
        paging=Offset(1000),
        item=f"{_PATH}/{{id}}",
        item_envelope=("data",),
        update="PUT",
    ),
    page="https://docs.datadoghq.com/api/latest/service-level-objectives/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    immutable=frozenset({"type"}),
    needed_to_create=("type", "thresholds"),
    also_needed=also_needed,
    mark=MARK,
    born_at="created_at",
    steady=steady,
    own_steps=steps,
    trail=TRAIL,
)
