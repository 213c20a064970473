"""Event rules: conditions in PagerDuty's condition language, and what is done with an event that meets one of them.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#event-orchestrations A rule is owned whole, by
content and order; ids are made anew by every write. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from reconciler.kinds.fields import Keyed, Owned, RefTo, Seconds, SecretField, Unordered
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Ref, Tree
from reconciler.vendors.pagerduty.reference import ESCALATION_POLICY, PRIORITY, SERVICE

UNROUTED = "unrouted"
START = "start"

Moment = Literal["alert_triggered", "alert_suppressed", "alert_suspended"]


def said(data: Any) -> Any:
    """A rule's fields less those that say nothing, so that both sides of a comparison leave out the same."""
    if not isinstance(data, Mapping):
        return data
    return {name: value for name, value in data.items() if value is not False and not _nothing(value)}


def _nothing(value: Tree) -> bool:
    return value is None or (isinstance(value, str | list | Mapping) and not value)


class Whole(Spec):
    """Something that is owned whole: a field set to nothing is as good as left out."""

    @model_validator(mode="before")
    @classmethod
    def _says_no_nothing(cls, data: Any) -> Any:
        return said(data)


# ── parts of an action ──────────────────────────────────────────────────────────────────────────────────────────────


class Variable(Whole):
    """A text taken from the event, for templates: `{{variables.NAME}}`."""

    name: Annotated[str, Field(min_length=1, description="its name in templates")]
    path: Annotated[str, Field(min_length=1, description="where it is taken from: event.component")]
    value: Annotated[str, Field(min_length=1, description="regular expression, whose first group is taken")]


class Extraction(Whole):
    """A field of the event that is set, from a template or from what a regular expression finds."""

    target: Annotated[str, Field(min_length=1, description="the field: event.summary, event.custom_details.host")]
    template: Annotated[str | None, Field(description="text with {{variables.NAME}} in it")] = None
    source: Annotated[str | None, Field(description="the field that is searched, with regex")] = None
    regex: Annotated[str | None, Field(description="regular expression, whose first group is taken")] = None

    @model_validator(mode="after")
    def _is_one_form(self) -> Extraction:
        searched = self.source is not None and self.regex is not None
        half = (self.source is None) is not (self.regex is None)
        if half or (self.template is not None) is searched:
            raise PydanticCustomError("extraction", "an extraction has a template, or source and regex", {})
        return self


class AutomationAction(Whole):
    """A webhook that people can run from the alert, or that runs by itself."""

    name: Annotated[str, Field(min_length=1, description="the name people see")]
    url: Annotated[str, Field(min_length=1, description="where it is sent")]
    auto_send: Annotated[bool | None, Field(description="whether it runs by itself; false if not said")] = None
    headers: Annotated[
        Mapping[str, SecretField] | None, Field(description="headers of the request; every value a secret")
    ] = None
    parameters: Annotated[Mapping[str, str] | None, Field(description="what is sent, by name")] = None
    trigger_types: Annotated[
        list[Moment] | None,
        Unordered(),
        Field(max_length=1, description="when it runs by itself: one of these"),
    ] = None


class RunbookAction(Whole):
    """An action of PagerDuty's own automation."""

    action_id: Annotated[str, Field(min_length=1, description="the action's id")]
    trigger_types: Annotated[
        list[Moment] | None,
        Unordered(),
        Field(max_length=1, description="when it runs: one of these"),
    ] = None


class CustomField(Spec):
    """A custom field of the incident."""

    id: Annotated[str, Field(min_length=1, description="the field's id")]
    value: Annotated[str, Field(description="its value; may hold {{event.…}} templates")]


# ── what is done, in layers: each path of an orchestration allows some of it ────────────────────────────────────────


class Changing(Whole):
    """What every path but the router may do: change the event."""

    severity: Annotated[
        Literal["info", "warning", "error", "critical"] | None, Field(description="the event's severity")
    ] = None
    event_action: Annotated[
        Literal["trigger", "resolve"] | None, Field(description="whether it triggers an alert or resolves one")
    ] = None
    variables: Annotated[
        list[Annotated[Variable, Owned()]] | None, Field(description="texts taken from the event, for templates")
    ] = None
    extractions: Annotated[
        list[Annotated[Extraction, Owned()]] | None,
        Field(description="fields of the event that are set, in this order"),
    ] = None


class Handling(Changing):
    """What global and service paths may do beside: decide on alert and incident."""

    suppress: Annotated[bool | None, Field(description="whether the alert makes no incident")] = None
    suspend: Annotated[
        Seconds | None, Field(ge=0, description="how long the alert waits for a resolving event before it counts")
    ] = None
    priority: Annotated[
        Annotated[Ref, RefTo(PRIORITY, looked_up=True)] | None, Field(description="the incident's priority: P1")
    ] = None
    escalation_policy: Annotated[
        Annotated[Ref, RefTo(ESCALATION_POLICY)] | None,
        Field(description="who is told, in the place of the service's own policy"),
    ] = None
    annotate: Annotated[str | None, Field(description="a note on the incident")] = None
    automation_actions: Annotated[
        list[Annotated[AutomationAction, Owned()]] | None, Field(description="webhooks people can run, or that run")
    ] = None
    incident_custom_field_updates: Annotated[
        list[Annotated[CustomField, Owned()]] | None,
        Keyed(("id",)),
        Field(description="custom fields of the incident that are set"),
    ] = None


class Dropping(Handling):
    """What a global path may do beside."""

    drop_event: Annotated[bool | None, Field(description="whether the event goes no further")] = None


class Running(Handling):
    """What a service path may do beside."""

    pagerduty_automation_actions: Annotated[
        list[Annotated[RunbookAction, Owned()]] | None, Field(description="actions of PagerDuty's automation that run")
    ] = None


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Rule(Whole):
    """What every rule has."""

    label: Annotated[str | None, Field(description="what people call it")] = None
    conditions: Annotated[
        list[Annotated[str, Field(min_length=1)]] | None,
        Unordered(),
        Field(
            description="in PagerDuty's condition language, of which one must hold; without any, every event meets it",
            examples=[["event.source matches part 'checkout'"]],
        ),
    ] = None
    disabled: Annotated[bool | None, Field(description="whether it is passed over; false if not said")] = None


class Step(Spec):
    """The way on to another set of rules."""

    route_to: Annotated[
        str | None, Field(min_length=1, description="the set of rules that goes on with the event, from `sets`")
    ] = None


class UnroutedRule(Step, Changing, Rule):
    """A rule for events no router rule takes."""


class GlobalRule(Step, Dropping, Rule):
    """A rule for every event of an orchestration."""


class ServiceRule(Step, Running, Rule):
    """A rule for every event of a service."""


class DynamicRoute(Whole):
    """A service named by the event itself."""

    lookup_by: Annotated[
        Literal["service_name", "service_id"], Field(description="what the event holds of the service")
    ]
    source: Annotated[str, Field(min_length=1, description="where the event holds it: event.custom_details.service")]
    regex: Annotated[str, Field(min_length=1, description="regular expression, whose first group is taken")]


class RouterRule(Rule):
    """A rule that says to which service an event goes."""

    route_to: Annotated[Annotated[Ref, RefTo(SERVICE)] | None, Field(description="the service")] = None
    dynamic_route_to: Annotated[
        DynamicRoute | None,
        Owned(),
        Field(description="a service that the event names; only in the first rule, without conditions"),
    ] = None

    @model_validator(mode="after")
    def _goes_one_way(self) -> RouterRule:
        if (self.route_to is None) is (self.dynamic_route_to is None):
            raise PydanticCustomError("route", "a router's rule has route_to, or dynamic_route_to", {})
        if self.dynamic_route_to is not None and self.conditions:
            raise PydanticCustomError("route", "a rule with dynamic_route_to takes no conditions", {})
        return self


@dataclass(frozen=True)
class RouteMark(RefTo):
    """Marks a service, or `unrouted` for the rules of events that go to none."""

    kind: str = SERVICE

    def read(self, value: Any) -> Tree:
        return UNROUTED if value == UNROUTED else super().read(value)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> JsonSchemaValue:
        named = super().__get_pydantic_json_schema__(schema, handler)
        return {**named, "description": f"a service: metadata.name of its manifest; or {UNROUTED}"}


class RouterCatchAll(Whole):
    """Where events go that no rule takes."""

    route_to: Annotated[
        Annotated[Ref | Literal["unrouted"], RouteMark()] | None, Field(description="a service, or unrouted")
    ] = None
