"""opsgenie/Integration: a way in for alerts. Its key is shown once, in the answer to the create, and never again.

https://docs.opsgenie.com/docs/integration-api Names: 250 characters, unique. An update replaces the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, Output, Place, by_name
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.opsgenie.recipient import OWNER_TEAM, RECIPIENT, TEAM, RecipientMark, named

Responder = Annotated[Any, RecipientMark(("user", "team", "schedule", "escalation"))]

_YES_OR_NO = NoClear("write true or false")


class AlertIntegration(Spec):
    """What all integrations have that make alerts."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, max_length=250, description="unique")
    ] = None
    enabled: Annotated[bool | None, _YES_OR_NO, Field(description="whether its key is accepted")] = None
    ownerTeam: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("an integration keeps its team: make another one"),
        Field(description="the team it belongs to, and whose rules its alerts follow; cannot be changed"),
    ] = None
    allowReadAccess: Annotated[bool | None, _YES_OR_NO, Field(description="whether its key may read")] = None
    allowWriteAccess: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether its key may make and change alerts; true if not said")
    ] = None
    allowDeleteAccess: Annotated[bool | None, _YES_OR_NO, Field(description="whether its key may delete")] = None
    allowConfigurationAccess: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether its key may change configuration; false if not said")
    ] = None
    suppressNotifications: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether its alerts notify nobody; false if not said")
    ] = None
    ignoreRespondersFromPayload: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether responders named by the sender are dropped")
    ] = None
    ignoreTeamsFromPayload: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether teams named by the sender are dropped")
    ] = None
    ignoreRecipientsFromPayload: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether recipients named by the sender are dropped")
    ] = None
    ignoreTagsFromPayload: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether tags given by the sender are dropped")
    ] = None
    ignoreExtraPropertiesFromPayload: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether extra properties given by the sender are dropped")
    ] = None
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

    @field_validator("responders")
    @classmethod
    def _does_not_repeat_its_team(cls, value: list[Tree] | None, info: ValidationInfo) -> list[Tree] | None:
        owner = info.data.get("ownerTeam")
        if owner is not None and {"team": owner} in (value or []):
            raise PydanticCustomError("responders", "the owner team is a responder by itself: leave it out", {})
        return value


class ApiIntegration(AlertIntegration):
    """Alerts by API key, for any sender."""

    type: Annotated[Literal["API"], Field(description="the sort of sender; cannot be changed")]


SPEC = OneOf("type", (ApiIntegration,))

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_WIRES = {
    "ownerTeam": OWNER_TEAM,
    "responders": each(RECIPIENT),
    "tags": Wire(cleared=[]),
    "extraProperties": Wire(cleared={}),
}
_MADE_BY_OPSGENIE = frozenset({"id", "isGlobal", "isDefaultIntegration", "isAdvanced", "apiKey", "_readOnly"})
# Older or newer names of fields that are there under the name we use.
_TWINS = frozenset({"teamId", "teamName", "assignedTeam", "recipients"})


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    tree = from_wire(raw, _WIRES, _MADE_BY_OPSGENIE | _TWINS)
    owner = tree.get("ownerTeam") or _owner(raw)
    if owner is not None:
        tree["ownerTeam"] = owner
    if isinstance(tree.get("responders"), list):
        tree["responders"] = [one for one in tree["responders"] if not _is_owner(one, owner)]
    return tree


def _owner(raw: Object) -> Tree:
    """The owner where the list's short form or the newer name has it."""
    assigned = raw.get("assignedTeam") or {"id": raw.get("teamId")}
    owner = named(TEAM, assigned)
    return owner if isinstance(owner, Ref) else None


def _is_owner(responder: Tree, owner: Tree) -> bool:
    """Opsgenie adds the owner team to the responders by itself."""
    return owner is not None and responder == {"team": owner}


def writable(raw: Object) -> Object:
    """A PUT replaces the whole and must not name what `_readOnly` lists."""
    listed = raw.get("_readOnly")
    refused = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    return {name: value for name, value in raw.items() if name not in refused | _MADE_BY_OPSGENIE}


# ── steps, and words around them ────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """`enabled` has requests of its own; whether a create without it is enabled is not documented."""
    place = kind.place
    match work.verb:
        case "create":
            body = _without_switch(to_api(work.wanted, context))
            made = {name: value for name, value in work.wanted.items() if name != "enabled"}
            create = Step("create", "POST", place.list, body, "creates", answer=place.created, made=made)
            return (create, *_switch(kind, work)) if "enabled" in work.wanted else (create,)
        case "update":
            body = _without_switch(to_api(work.only_changed(), context))
            put = Step("update", "PUT", place.item_path, body, answer=place.created, over=True)
            return (*((put,) if body else ()), *(_switch(kind, work) if "enabled" in work.changed else ()))
        case _:
            return plain_steps(kind, work, context)


def _without_switch(body: Object) -> Object:
    return {name: value for name, value in body.items() if name != "enabled"}


def _switch(kind: Kind, work: Work) -> tuple[Step, ...]:
    verb = "enable" if work.wanted["enabled"] else "disable"
    return (Step(verb, "POST", f"{kind.place.item_path}/{verb}"),)


def consequences(work: Work) -> tuple[str, ...]:
    match work.verb:
        case "delete":
            return ("its key is worth nothing from then on: what sends with it is refused",)
        case "update" if "enabled" in work.changed and work.wanted.get("enabled") is False:
            return ("what sends with its key is refused while it is disabled",)
        case _:
            return ()


def _given_in_full() -> tuple[str, ...]:
    listed: Mapping[str, Any] = ApiIntegration.model_fields
    return tuple(name for name in listed if name not in ("name", "enabled", "type"))


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Integration",
    spec=SPEC,
    place=Place(
        list="/v2/integrations",
        envelope=("data",),
        item="/v2/integrations/{id}",
        item_envelope=("data",),
        detail=_given_in_full(),
        update="PUT",
        created=("data",),
    ),
    page="https://docs.opsgenie.com/docs/integration-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    writes="replace",
    immutable=frozenset({"type", "ownerTeam"}),
    needed_to_create=("name",),
    sent_on_create={"enabled": True},
    outputs=(
        Output("apiKey", ("apiKey",), once=True, doc="the key senders use; shown once, when the integration is made"),
    ),
    writable=writable,
    own_steps=steps,
    consequences=consequences,
)
