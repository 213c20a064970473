"""opsgenie/Maintenance: for how long integrations take nothing in, and policies hold or do not.

https://docs.opsgenie.com/docs/maintenance-api It has no name: description, start and end tell it. Once it is active
only its end can be moved, and once it is over nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import NoClear, RefTo, Same, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.moment import Instant, instant, is_past
from reconciler.kinds.neutral import Removal
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Link, Object, Ref, Tree, at
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire
from reconciler.vendors.opsgenie.moment import INSTANT, SAME_INSTANT

_KINDS = {
    "integration": "opsgenie/Integration",
    "alertPolicy": "opsgenie/AlertPolicy",
    "notificationPolicy": "opsgenie/NotificationPolicy",
}


@dataclass(frozen=True)
class EntityMark:
    """Marks a field that names what a maintenance is for: `{integration: NAME}` or one of the sorts of policy."""

    def read(self, value: Any) -> Tree:
        match value:
            case dict() if len(value) == 1 and next(iter(value)) in _KINDS:
                ((sort, inner),) = value.items()
                return {sort: RefTo(_KINDS[sort]).read(inner)}
            case _:
                forms = " or ".join(f"{{{sort}: NAME}}" for sort in _KINDS)
                raise PydanticCustomError("entity", "write {forms}", {"forms": forms})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        references = {sort: RefTo(kind).__get_pydantic_json_schema__(schema, handler) for sort, kind in _KINDS.items()}
        forms: list[JsonSchemaValue] = [
            {"type": "object", "properties": {sort: one}, "required": [sort], "additionalProperties": False}
            for sort, one in references.items()
        ]
        return {"anyOf": forms}


def _same_entity(wanted: Tree, live: Tree) -> bool:
    """Opsgenie says `policy` for both sorts: which one it is, its id tells."""
    match wanted, live:
        case {"notificationPolicy": Link(id=str() as one)}, {"alertPolicy": Link(id=other)}:
            return one == other
        case _:
            return bool(wanted == live)


class Rule(Spec):
    """What happens to one integration or policy meanwhile."""

    state: Annotated[
        Literal["enabled", "disabled"], Field(description="what it is meanwhile; an integration can only be disabled")
    ]
    entity: Annotated[
        Any,
        EntityMark(),
        Same(_same_entity),
        Field(description="{integration: NAME}, {alertPolicy: NAME} or {notificationPolicy: NAME}"),
    ]

    @model_validator(mode="after")
    def _disables_integrations(self) -> Rule:
        if self.state == "enabled" and "integration" in self.entity:
            raise PydanticCustomError("maintenance", "an integration can only be disabled meanwhile", {})
        return self


class Time(Spec):
    """From when to when."""

    type: Annotated[
        Literal["schedule", "indefinitely"],
        Field(
            description="schedule: from startDate to endDate; indefinitely: from when it is made until it is removed"
        ),
    ]
    startDate: Annotated[
        Instant | None,
        SAME_INSTANT,
        NoClear("write an instant"),
        Field(description="2026-01-05T22:00:00Z", examples=["2026-01-05T22:00:00Z"]),
    ] = None
    endDate: Annotated[
        Instant | None,
        SAME_INSTANT,
        NoClear("write an instant, or type: indefinitely"),
        Field(description="later than startDate; can be moved while it is active", examples=["2026-01-06T02:00:00Z"]),
    ] = None

    @field_validator("type", mode="before")
    @classmethod
    def _is_no_relative_time(cls, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("for-"):
            form = "{type: schedule, startDate: …, endDate: …}"
            text = "{value} counts from when it is sent, which Git cannot tell: write {form}"
            raise PydanticCustomError("maintenance", text, {"value": value, "form": form})
        return value

    @field_validator("startDate", "endDate")
    @classmethod
    def _belongs_to_a_schedule(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("type") == "indefinitely":
            raise PydanticCustomError("maintenance", "indefinitely takes no {name}", {"name": info.field_name})
        return value

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Time:
        start, end = instant(self.startDate), instant(self.endDate)
        if start and end and end <= start:
            raise PydanticCustomError("maintenance", "{end} is not later than startDate", {"end": repr(self.endDate)})
        return self


class Maintenance(Spec):
    """A maintenance."""

    description: Annotated[
        str | None,
        NoClear("write another one"),
        Field(min_length=1, description="what it is for; tells it, with its time"),
    ] = None
    time: Annotated[
        Time | None, NoClear("write type: indefinitely"), Field(description="from when to when; never relative")
    ] = None
    rules: Annotated[
        list[Rule] | None,
        Unordered(),
        NoClear("a maintenance has one rule at least"),
        Field(min_length=1, description="what it is for; what is not named goes"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _entity_to(entity: Tree) -> Tree:
    match entity:
        case Mapping() if len(entity) == 1 and next(iter(entity)) in _KINDS:
            ((sort, node),) = entity.items()
            return {"id": node, "type": "integration" if sort == "integration" else "policy"}
        case _:
            return entity


def _entity_back(raw: Tree) -> Tree:
    match raw:
        case {"type": "integration" | "policy" as sort, "id": str(ident)}:
            name = "integration" if sort == "integration" else "alertPolicy"
            return {name: Ref(_KINDS[name], "id", (ident,))}
        case _:
            return raw


_WIRES = {
    "time": record({"startDate": INSTANT, "endDate": INSTANT}),
    "rules": each(record({"entity": Wire(_entity_to, _entity_back)})),
}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire({name: value for name, value in tree.items() if name != "status"}, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    """`status` stays: it is Opsgenie's, and says what can still be changed."""
    return from_wire(raw, _WIRES, {"id"})


def writable(raw: Object) -> Object:
    return {name: value for name, value in raw.items() if name not in ("id", "status")}


def key(tree: Object) -> tuple[Tree, ...] | None:
    description, time = tree.get("description"), tree.get("time")
    match time:
        case {"type": "indefinitely"} if description:
            return (description, "indefinitely")
        case {"type": "schedule", "startDate": start, "endDate": end} if description:
            return (description, _in_utc(start), _in_utc(end))
        case _:
            return None


def _in_utc(text: Tree) -> str:
    moment = instant(text)
    return str(text) if moment is None else moment.astimezone(UTC).isoformat()


# ── before, while and after ─────────────────────────────────────────────────────────────────────────────────────────


def ends(tree: Object, context: Context) -> bool:
    return is_past(instant(at(tree, ("time", "endDate"))), context.now)


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """Any start that is past means any other."""
    path = ("time", "startDate")
    start, began = instant(at(wanted, path)), instant(at(live, path))
    if start is None or began is None or max(start, began) > context.now:
        return wanted
    return {**wanted, "time": {**wanted["time"], "startDate": live["time"]["startDate"]}}


def also_immutable(live: Object) -> frozenset[str]:
    match live.get("status"):
        case "active":
            return frozenset({"description", "rules", "time.type", "time.startDate"})
        case "past":
            return frozenset({"description", "rules", "time"})
        case _:
            return frozenset()


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    if work.verb != "update" or work.live is None or work.live.get("status") != "active":
        return plain_steps(kind, work, context)
    end = to_api(work.wanted, context)["time"]["endDate"]
    return (Step("end", "POST", "/v1/maintenance/{id}/change-end-date", {"endDate": end}, checked=True),)


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    """What is over stays as a record of it."""
    return "release" if tree.get("status") == "past" else "delete"


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("time.startDate", "time.endDate") if at(tree, ("time", "type")) == "schedule" else ()


def consequences(work: Work) -> tuple[str, ...]:
    if work.verb == "delete" and work.wanted.get("status") == "active":
        return ("it is under way, and ends at once",)
    if work.verb == "create" and at(work.wanted, ("time", "type")) == "indefinitely":
        return ("it begins at once, and ends when its manifest is removed",)
    return ()


def is_there(raw: Mapping[str, Any]) -> bool:
    """One that somebody cancelled is there no more, though it can still be read."""
    return raw.get("status") != "cancelled"


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Maintenance",
    spec=Maintenance,
    place=Place(
        list="/v1/maintenance",
        envelope=("data",),
        query=(("type", "all"),),
        item="/v1/maintenance/{id}",
        item_envelope=("data",),
        detail=("rules",),
        update="PUT",
        created=("data",),
        lists=is_there,
    ),
    page="https://docs.opsgenie.com/docs/maintenance-api",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="description",
    writes="replace",
    needed_to_create=("description", "time", "rules"),
    also_needed=also_needed,
    also_immutable=also_immutable,
    writable=writable,
    ends=ends,
    meant=meant,
    own_steps=steps,
    on_removal=on_removal,
    consequences=consequences,
)
