"""Triggers of an incident workflow: by a condition on the incident, by hand, or by the incident's type.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts Told apart by type and condition; a trigger's
type and workflow cannot be changed, so another condition is another trigger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, TEAM, ident

_ALL = "is_subscribed_to_all_services"

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────


class Started(Spec):
    """What every trigger has: the services it is for."""

    services: Annotated[
        list[Annotated[Ref, RefTo(SERVICE)]] | None,
        Unordered(),
        Field(description="services whose incidents it is for; not beside is_subscribed_to_all_services: true"),
    ] = None
    is_subscribed_to_all_services: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether it is for incidents of all services")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _says_both(cls, data: Any) -> Any:
        """One of the two says the other: a trigger is for all services, or for those of its list."""
        if not isinstance(data, Mapping):
            return data
        if data.get("services") and _ALL not in data:
            return {**data, _ALL: False}
        return {**data, "services": []} if data.get(_ALL) is True and "services" not in data else data

    @field_validator(_ALL)
    @classmethod
    def _is_not_for_some(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        if value and info.data.get("services"):
            raise PydanticCustomError("trigger", "a trigger for all services takes no list of services", {})
        return value


class Conditional(Started):
    """Starts when an incident meets a condition."""

    trigger_type: Annotated[Literal["conditional"], Field(description="what starts the workflow")]
    condition: Annotated[
        str,
        Field(
            min_length=1,
            description="in PagerDuty's condition language",
            examples=["incident.priority matches 'P1'"],
        ),
    ]


class Permissions(Spec):
    """Who may start it."""

    restricted: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether only people of a team may")
    ] = None
    team: Annotated[Annotated[Ref, RefTo(TEAM)] | None, Field(description="that team")] = None


class Manual(Started):
    """Started by people."""

    trigger_type: Annotated[Literal["manual"], Field(description="what starts the workflow")]
    permissions: Annotated[
        Permissions | None, NoClear("write {restricted: false}"), Field(description="who may start it")
    ] = None


class OfType(Started):
    """Starts with incidents of some types."""

    trigger_type: Annotated[Literal["incident_type"], Field(description="what starts the workflow")]
    incident_types: Annotated[
        list[str] | None,
        Unordered(),
        NoClear("write the types that shall be"),
        Field(min_length=1, description="the types of incident"),
    ] = None


Trigger = Annotated[Conditional | Manual | OfType, Field(discriminator="trigger_type")]

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _permissions_to(permissions: Tree) -> Tree:
    if not isinstance(permissions, Mapping):
        return permissions
    return {("team_id" if name == "team" else name): value for name, value in permissions.items()}


def _permissions_back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping):
        return raw
    said = {name: value for name, value in raw.items() if name != "team_id" and value is not None}
    team = raw.get("team_id")
    if team is None:
        return said
    return {**said, "team": Ref(TEAM, "id", (team,)) if isinstance(team, str) and team else team}


_SERVICE = Wire(lambda node: {"id": node} if not isinstance(node, Mapping) else node, lambda raw: ident(SERVICE, raw))
_WIRES = {"services": each(_SERVICE), "permissions": Wire(_permissions_to, _permissions_back)}
_SERVER_SETS = COMMON - {"id"} | {
    *("trigger_type_name", "trigger_url", "workflow", "workflow_id", "workflow_name", "is_disabled"),
}


def _to(trigger: Tree) -> Tree:
    """Without its id, which stands in the path."""
    if not isinstance(trigger, Mapping):
        return trigger
    return to_wire({name: value for name, value in trigger.items() if name != "id"}, _WIRES)


def _back(raw: Tree) -> Tree:
    return from_wire(raw, _WIRES, _SERVER_SETS) if isinstance(raw, Mapping) else raw


TRIGGERS = each(Wire(_to, _back))


def created(trigger: Tree, workflow: Tree) -> Object:
    """What makes a trigger of this workflow. One that says nothing of services is for none yet."""
    body: Any = _to({name: value for name, value in trigger.items() if value is not None})
    return {"is_subscribed_to_all_services": False, "services": [], **body, "workflow": {"id": workflow}}


def changed(trigger: Tree) -> Object:
    """What changes one: all but what tells it apart."""
    body: Any = _to(trigger)
    fixed = ("trigger_type", "condition") if trigger.get("trigger_type") != "conditional" else ("trigger_type",)
    return {name: value for name, value in body.items() if name not in fixed}
