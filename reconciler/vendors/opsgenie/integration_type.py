"""The sorts of integration: what a manifest may say of each, and of those that this version does not know.

https://docs.opsgenie.com/docs/integration-api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Keyed, NoClear, RefTo, SecretField, Unordered
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.vendors.opsgenie.action import (
    YES_OR_NO,
    AnyAction,
    ExtraPropertiesDropped,
    RecipientsDropped,
    RespondersDropped,
    TagsDropped,
    TeamsDropped,
)
from reconciler.vendors.opsgenie.recipient import TEAM, Responder

_TYPE = Field(description="the sort of sender; cannot be changed")


class AlertIntegration(Spec):
    """What all integrations have that make alerts."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, max_length=250, description="unique")
    ] = None
    enabled: Annotated[bool | None, YES_OR_NO, Field(description="whether its key is accepted")] = None
    ownerTeam: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("an integration does not leave its team: make another one"),
        Field(description="the team it belongs to, and whose rules its alerts follow; Opsgenie may keep the first one"),
    ] = None
    allowReadAccess: Annotated[bool | None, YES_OR_NO, Field(description="whether its key may read")] = None
    allowWriteAccess: Annotated[
        bool | None, YES_OR_NO, Field(description="whether its key may make and change alerts; true if not said")
    ] = None
    allowDeleteAccess: Annotated[bool | None, YES_OR_NO, Field(description="whether its key may delete")] = None
    allowConfigurationAccess: Annotated[
        bool | None, YES_OR_NO, Field(description="whether its key may change configuration; false if not said")
    ] = None
    suppressNotifications: Annotated[
        bool | None, YES_OR_NO, Field(description="whether its alerts notify nobody; false if not said")
    ] = None
    ignoreRespondersFromPayload: RespondersDropped = None
    ignoreTeamsFromPayload: TeamsDropped = None
    ignoreRecipientsFromPayload: RecipientsDropped = None
    ignoreTagsFromPayload: TagsDropped = None
    ignoreExtraPropertiesFromPayload: ExtraPropertiesDropped = None
    responders: Annotated[
        list[Responder] | None,
        Unordered(),
        Field(
            description="who is told, beside the owner team, which always is; without ownerTeam all of them",
            examples=[["ann@example.com", {"schedule": "oncall"}]],
        ),
    ] = None
    priority: Annotated[
        Literal["P1", "P2", "P3", "P4", "P5"] | None,
        NoClear("write P3"),
        Field(description="priority of its alerts"),
    ] = None
    customPriority: Annotated[
        str | None, NoClear("write another expression"), Field(description="an expression for the priority")
    ] = None
    tags: Annotated[list[str] | None, Unordered(), Field(description="tags of its alerts")] = None
    extraProperties: Annotated[
        dict[str, str] | None, Field(description="extra properties of its alerts; owned whole")
    ] = None

    actions: Annotated[
        list[AnyAction] | None,
        Keyed(("type", "name")),
        Field(
            description="what it does with what comes in; owned whole, needs a plan with advanced integrations",
            examples=[[{"type": "close", "name": "Close by alias", "alias": "{{alias}}"}]],
        ),
    ] = None

    @field_validator("responders")
    @classmethod
    def _does_not_repeat_its_team(cls, value: list[Tree] | None, info: ValidationInfo) -> list[Tree] | None:
        owner = info.data.get("ownerTeam")
        if owner is not None and {"team": owner} in (value or []):
            raise PydanticCustomError("responders", "the owner team is a responder by itself: leave it out", {})
        return value


class ApiIntegration(AlertIntegration):
    """Alerts by API key, for any sender."""

    type: Annotated[Literal["API"], _TYPE]


class WebhookIntegration(AlertIntegration):
    """Opsgenie calls a URL with what happens to alerts."""

    type: Annotated[Literal["Webhook"], _TYPE]
    url: Annotated[
        str | None, NoClear("write another URL"), Field(pattern=r"^https?://\S+$", description="what is called")
    ] = None
    addAlertDescription: Annotated[
        bool | None, YES_OR_NO, Field(description="whether the alert's description goes along")
    ] = None
    addAlertDetails: Annotated[bool | None, YES_OR_NO, Field(description="whether the alert's details go along")] = None
    headers: Annotated[
        dict[str, SecretField] | None,
        Field(description="headers of the call, each value by its source; owned whole"),
    ] = None


class EmailIntegration(AlertIntegration):
    """Alerts by mail."""

    type: Annotated[Literal["Email"], _TYPE]
    emailUsername: Annotated[
        str | None,
        NoClear("write another one"),
        Field(min_length=1, description="what stands before the @ of its address; unique"),
    ] = None


class OtherIntegration(AlertIntegration):
    """An integration of another type: fields of its own are passed on as they are written."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(min_length=1, description="the vendor's word for another service; cannot be changed")]

    @field_validator("type")
    @classmethod
    def _is_not_meant_for_a_known_one(cls, value: str) -> str:
        right = {known.casefold(): known for known in KNOWN}.get(value.casefold())
        if right is not None:
            raise PydanticCustomError("integration", "write {right}", {"right": repr(right)})
        return value

    @model_validator(mode="after")
    def _holds_no_secret(self) -> OtherIntegration:
        for name, value in (self.model_extra or {}).items():
            if looks_secret(name) or _names_a_source(value):
                text = "{name}: of {type} this version knows no secrets: leave it out and set it in Opsgenie's UI"
                raise PydanticCustomError("integration", text, {"name": name, "type": self.type})
        return self


KNOWN = ("API", "Webhook", "Email")
SPEC = OneOf("type", (ApiIntegration, WebhookIntegration, EmailIntegration), OtherIntegration)
# Every field that a member names; others are Opsgenie's own.
FIELDS = frozenset(name for member in SPEC.members for name in member.model_fields)

_LOOKS_SECRET = re.compile(r"pass(word|phrase)|secret|token|credential|(api|private)_?key", re.IGNORECASE)
_SOURCES: tuple[set[str], ...] = ({"env"}, {"file"}, {"keep"}, {"from", "output"})


def looks_secret(name: str) -> bool:
    """Whether a field nobody knows goes by a name that secrets have."""
    return name not in FIELDS and _LOOKS_SECRET.search(name) is not None


def _names_a_source(value: Tree) -> bool:
    if isinstance(value, Mapping):
        return set(value) in _SOURCES or any(map(_names_a_source, value.values()))
    return isinstance(value, list) and any(map(_names_a_source, value))


# ── words about them ────────────────────────────────────────────────────────────────────────────────────────────────

# The vendor's page names the first three, its own export tool the others; how types are spelt is not documented.
NOT_BY_API = ("zendesk", "slack", "incomingcall", "pingdomwebhook", "nagios", "observium", "hipchat")


def remarks(tree: Object) -> list[Remark]:
    """What may be wrong with a type of which only Opsgenie knows the fields."""
    type_ = tree.get("type")
    if type_ in KNOWN:
        return []
    found = [
        Remark((name,), f"{name} is passed on as it is; did you mean {near[0]}?")
        for name in tree
        if name not in FIELDS and (near := get_close_matches(name, FIELDS, 1, 0.8))
    ]
    if isinstance(type_, str) and type_.replace(" ", "").casefold() in NOT_BY_API:
        found.append(Remark(("type",), f"Opsgenie makes no {type_} integration by its API: make it in its UI first"))
    return found
