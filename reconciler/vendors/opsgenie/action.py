"""Actions of an integration: what it does with what comes in. They have no ids: type and name tell them apart.

https://docs.opsgenie.com/docs/integration-actions-api A PUT replaces all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, Owned, Unordered
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, record
from reconciler.vendors.opsgenie.condition import ACTION_FILTER, ActionFilter
from reconciler.vendors.opsgenie.recipient import RECIPIENT, Responder

TYPES = ("create", "close", "acknowledge", "addNote", "ignore")

YES_OR_NO = NoClear("write true or false")

# What of a sender's payload counts: an integration says it, and each action that makes an alert may say it again.
RespondersDropped = Annotated[
    bool | None, YES_OR_NO, Field(description="whether responders named by the sender are dropped")
]
TeamsDropped = Annotated[bool | None, YES_OR_NO, Field(description="whether teams named by the sender are dropped")]
RecipientsDropped = Annotated[
    bool | None, YES_OR_NO, Field(description="whether recipients named by the sender are dropped")
]
TagsDropped = Annotated[bool | None, YES_OR_NO, Field(description="whether tags given by the sender are dropped")]
ExtraPropertiesDropped = Annotated[
    bool | None, YES_OR_NO, Field(description="whether extra properties given by the sender are dropped")
]


class Action(Spec):
    """What every action has."""

    name: Annotated[str, Field(min_length=1, description="unique among the integration's actions of the type")]
    order: Annotated[
        int | None, NoClear("write a number from 0"), Field(ge=0, description="actions of a type are tried by it")
    ] = None
    filter: Annotated[
        ActionFilter | None,
        Owned(),
        NoClear("write filter: {conditionMatchType: match-all}"),
        Field(description="what it is for; owned whole"),
    ] = None


class IgnoreAction(Action):
    """Nothing is done."""

    type: Annotated[Literal["ignore"], Field(description="what is done")]


class AlertAction(Action):
    """Something is done to an alert."""

    alias: Annotated[
        str | None,
        NoClear("write {{alias}}"),
        Field(description="tells the alert; {{alias}} where a new action does not say", examples=["{{alias}}"]),
    ] = None
    user: Annotated[
        str | None, NoClear("write {{user}}"), Field(description="who did it; {{user}} where a new action does not say")
    ] = None
    note: Annotated[
        str | None,
        NoClear("write {{note}}"),
        Field(description="a note for it; {{note}} where a new action does not say"),
    ] = None


class OldAlertAction(AlertAction):
    """Something is done to an alert that is there."""

    type: Annotated[Literal["close", "acknowledge", "addNote"], Field(description="what is done")]


class CreateAction(AlertAction):
    """An alert is made."""

    type: Annotated[Literal["create"], Field(description="what is done")]
    message: Annotated[str | None, NoClear("write {{message}}"), Field(description="the alert's message")] = None
    description: Annotated[
        str | None, NoClear("write {{description}}"), Field(description="the alert's description")
    ] = None
    source: Annotated[str | None, NoClear("write {{source}}"), Field(description="the alert's source")] = None
    entity: Annotated[str | None, NoClear("write {{entity}}"), Field(description="the alert's entity")] = None
    priority: Annotated[
        Literal["P1", "P2", "P3", "P4", "P5"] | None, NoClear("write P3"), Field(description="the alert's priority")
    ] = None
    customPriority: Annotated[
        str | None, NoClear("write another expression"), Field(description="an expression for the priority")
    ] = None
    appendAttachments: Annotated[bool | None, YES_OR_NO, Field(description="whether attachments go along")] = None
    alertActions: Annotated[
        list[str] | None, Unordered(), Field(description="actions people can take on the alert")
    ] = None
    ignoreAlertActionsFromPayload: Annotated[
        bool | None, YES_OR_NO, Field(description="whether actions named by the sender are dropped")
    ] = None
    ignoreRespondersFromPayload: RespondersDropped = None
    ignoreTeamsFromPayload: TeamsDropped = None
    ignoreRecipientsFromPayload: RecipientsDropped = None
    ignoreTagsFromPayload: TagsDropped = None
    ignoreExtraPropertiesFromPayload: ExtraPropertiesDropped = None
    responders: Annotated[
        list[Responder] | None,
        Unordered(),
        Field(description="who is told", examples=[["ann@example.com", {"schedule": "oncall"}]]),
    ] = None
    tags: Annotated[list[str] | None, Unordered(), Field(description="tags of the alert")] = None
    extraProperties: Annotated[dict[str, str] | None, Field(description="extra properties; owned whole")] = None


AnyAction = Annotated[CreateAction | OldAlertAction | IgnoreAction, Field(discriminator="type")]

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_ACTION = record({"filter": ACTION_FILTER, "responders": each(RECIPIENT)}, noise={"_parent"})
_SAID = {"alias": "{{alias}}", "user": "{{user}}", "note": "{{note}}"}


def _to(actions: Tree) -> Tree:
    """A list for each type; types this version does not know go along."""
    if not isinstance(actions, list):
        return actions
    types = dict.fromkeys((*TYPES, *(str(one.get("type")) for one in actions if isinstance(one, Mapping))))
    return {
        sort: [_action_to(one) for one in actions if isinstance(one, Mapping) and str(one.get("type")) == sort]
        for sort in types
    }


def _action_to(action: Mapping[str, Tree]) -> Tree:
    said = {} if action.get("type") == "ignore" else _SAID
    body = _ACTION.to({**said, **{name: value for name, value in action.items() if value is not None}})
    # The older name of the same list is expected beside it.
    return {**body, "recipients": body["responders"]} if "responders" in body else body


def _back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping):
        return raw
    return [
        {"type": sort, **_action_back(one)}
        for sort, some in raw.items()
        if sort != "_parent" and isinstance(some, list)
        for one in some
        if isinstance(one, Mapping)
    ]


def _action_back(raw: Mapping[str, Tree]) -> dict[str, Tree]:
    same = {} if raw.get("recipients") is None else {"responders": raw["recipients"]}
    tree = _ACTION.back({**same, **{name: value for name, value in raw.items() if value is not None}})
    return {name: value for name, value in tree.items() if name != "recipients"}


ACTIONS = Wire(_to, _back, cleared={sort: [] for sort in TYPES})
