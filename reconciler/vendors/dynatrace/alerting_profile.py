"""dynatrace/AlertingProfile: which problems are told, after how long; names, not unique there, tell one from another.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-alerting-profile 1,000 in an
environment. Without severity rules the server makes six.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.fields import Minutes, NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, record
from reconciler.vendors.dynatrace import setting
from reconciler.vendors.dynatrace.problem_event import EventType
from reconciler.vendors.dynatrace.reference import pointing

SCHEMA = "builtin:alerting.profile"
DEFAULT = "Default"

Severity = Literal[
    "AVAILABILITY", "CUSTOM_ALERT", "ERRORS", "MONITORING_UNAVAILABLE", "PERFORMANCE", "RESOURCE_CONTENTION"
]


class SeverityRule(Spec):
    """Problems of one severity."""

    severityLevel: Annotated[Severity, Field(description="the severity")]
    delayInMinutes: Annotated[
        Minutes | None,
        Field(ge=0, le=10_000, description="how long a problem is open before it is told; 0 if not said"),
    ] = None
    tagFilterIncludeMode: Annotated[
        Literal["NONE", "INCLUDE_ANY", "INCLUDE_ALL"] | None,
        Field(description="problems of all entities, or of those with any or all of the tags; NONE if not said"),
    ] = None
    tagFilter: Annotated[
        list[Annotated[str, Field(max_length=500)]] | None,
        Unordered(),
        Field(
            min_length=1, max_length=100, description="tags, [CONTEXT]key:value; without value only tags that have none"
        ),
    ] = None

    @field_validator("tagFilter")
    @classmethod
    def _with_a_mode(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        if value and info.data.get("tagFilterIncludeMode") in (None, "NONE"):
            raise PydanticCustomError(
                "not_applicable", "tags count only with tagFilterIncludeMode: INCLUDE_ANY or INCLUDE_ALL", {}
            )
        return value


class PredefinedFilter(Spec):
    """An event that the server knows."""

    eventType: Annotated[EventType, Field(description="the event")]
    negate: Annotated[bool | None, Field(description="all but this one; false if not said")] = None


class TextFilter(Spec):
    """A text that is searched."""

    value: Annotated[str, Field(min_length=1, max_length=1000, description="what it is compared with")]
    operator: Annotated[
        Literal["BEGINS_WITH", "ENDS_WITH", "CONTAINS", "REGEX_MATCHES", "STRING_EQUALS"] | None,
        Field(description="how it is compared; CONTAINS if not said"),
    ] = None
    enabled: Annotated[bool | None, Field(description="whether the filter works; true if not said")] = None
    negate: Annotated[bool | None, Field(description="all but these; false if not said")] = None
    caseSensitive: Annotated[bool | None, Field(description="whether case counts; false if not said")] = None


class MetadataItem(Spec):
    """A property of an event."""

    metadataKey: Annotated[str, Field(min_length=1, pattern=r"^[^{}]*$", description="the property, without braces")]
    metadataValue: Annotated[str, Field(min_length=1, description="its value")]
    negate: Annotated[bool | None, Field(description="all but this one; false if not said")] = None


class MetadataFilter(Spec):
    """Properties of an event."""

    metadataFilterItems: Annotated[
        list[MetadataItem], Unordered(), Field(min_length=1, max_length=20, description="the properties, each key once")
    ]

    @field_validator("metadataFilterItems")
    @classmethod
    def _each_key_once(cls, items: list[MetadataItem]) -> list[MetadataItem]:
        keys = [item.metadataKey for item in items]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise PydanticCustomError("twice", "{key} is there twice", {"key": repr(twice)})
        return items


class CustomFilter(Spec):
    """An event by its words."""

    titleFilter: Annotated[TextFilter | None, Field(description="words of the title")] = None
    descriptionFilter: Annotated[TextFilter | None, Field(description="words of the description")] = None
    metadataFilter: Annotated[MetadataFilter | None, Field(description="properties")] = None

    @model_validator(mode="after")
    def _something(self) -> CustomFilter:
        if not (self.titleFilter or self.descriptionFilter or self.metadataFilter):
            raise PydanticCustomError("empty", "write titleFilter, descriptionFilter or metadataFilter", {})
        return self


class Predefined(Spec):
    """A filter by an event that the server knows."""

    type: Annotated[Literal["PREDEFINED"], Field(description="PREDEFINED: by event; CUSTOM: by words")]
    predefinedFilter: Annotated[PredefinedFilter, Field(description="the event")]


class Custom(Spec):
    """A filter by an event's words."""

    type: Annotated[Literal["CUSTOM"], Field(description="PREDEFINED: by event; CUSTOM: by words")]
    customFilter: Annotated[CustomFilter, Field(description="the words")]


EventFilter = Annotated[Predefined | Custom, Field(discriminator="type")]


class AlertingProfile(Spec):
    """An alerting profile."""

    name: Annotated[
        str | None, NoClear("write a name"), Field(min_length=1, max_length=100, description="the profile's name")
    ] = None
    managementZone: Annotated[
        Annotated[Ref, RefTo(setting.MANAGEMENT_ZONE)] | None,
        Field(description="the zone whose problems are told; all if not said"),
    ] = None
    severityRules: Annotated[
        list[SeverityRule] | None, Unordered(), Field(max_length=100, description="which severities; any that fits")
    ] = None
    eventFilters: Annotated[
        list[EventFilter] | None,
        Unordered(),
        Field(
            max_length=100, description="which events: none that a negated filter names, and any that another one fits"
        ),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _filled(defaults: Object, wire: Wire) -> Wire:
    """A record to which the server wants these fields, too."""
    return Wire(lambda value: wire.to({**defaults, **value} if isinstance(value, dict) else value), wire.back)


_TEXT = _filled({"enabled": True, "operator": "CONTAINS", "negate": False, "caseSensitive": False}, record({}))
_ITEM = _filled({"negate": False}, record({}))
_CUSTOM = {
    "titleFilter": _TEXT,
    "descriptionFilter": _TEXT,
    "metadataFilter": record({"metadataFilterItems": each(_ITEM)}),
}
_FILTER = record({"predefinedFilter": _ITEM, "customFilter": record(_CUSTOM)})
_WIRES = {
    "managementZone": pointing(setting.MANAGEMENT_ZONE),
    "severityRules": each(_filled({"delayInMinutes": 0, "tagFilterIncludeMode": "NONE"}, record({}))),
    "eventFilters": each(_FILTER),
}


def also_immutable(live: Object) -> frozenset[str]:
    """The environment's own profile keeps its name."""
    return frozenset({"name"}) if live.get("name") == DEFAULT else frozenset()


def on_removal(tree: Tree, leaving: frozenset[str]) -> Literal["delete", "reset", "release"]:
    return "release" if tree.get("name") == DEFAULT else setting.on_removal(tree, leaving)


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="AlertingProfile",
    spec=AlertingProfile,
    place=setting.place(SCHEMA),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-alerting-profile",
    to_api=setting.writing(SCHEMA, _WIRES),
    from_api=setting.reading(_WIRES),
    key=by_name,
    also_immutable=also_immutable,
    needed_to_create=("name",),
    sent_on_create={"eventFilters": []},
    mark=setting.MARK,
    taken=setting.taken_by(SCHEMA, "name"),
    on_removal=on_removal,
    closed=setting.closed,
    own_steps=setting.steps,
    lay=setting.lay,
    rehearsal=setting.rehearsal,
    objections=setting.objections,
    trail=setting.TRAIL,
)
