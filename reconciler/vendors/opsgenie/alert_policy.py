"""opsgenie/AlertPolicy: how alerts are rewritten as they are made, for one team or, without `team`, for all.

https://docs.opsgenie.com/docs/policy-api Names: 512 characters; tags: 50 characters each. What a policy does not take
over from the alert it overwrites: {{message}} and its like, sent with a new one, keep what the alert says.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import Wire, each
from reconciler.vendors.opsgenie import policy
from reconciler.vendors.opsgenie.recipient import RECIPIENT, TEAM, Responder


class AlertPolicy(policy.Policy):
    """An alert policy."""

    team: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("a policy keeps its team: make another one"),
        Field(description="the team whose alerts it is for; without it those of all teams; cannot be changed"),
    ] = None
    message: Annotated[
        str | None, NoClear("write {{message}}"), Field(min_length=1, description="the alert's new message")
    ] = None
    alias: Annotated[str | None, NoClear("write {{alias}}"), Field(description="the alert's new alias")] = None
    description: Annotated[
        str | None, NoClear("write {{description}}"), Field(description="the alert's new description")
    ] = None
    entity: Annotated[str | None, NoClear("write {{entity}}"), Field(description="the alert's new entity")] = None
    source: Annotated[str | None, NoClear("write {{source}}"), Field(description="the alert's new source")] = None
    continue_: Annotated[
        bool | None,
        policy.YES_OR_NO,
        Field(alias="continue", description="whether the policies after it are tried as well; false if not said"),
    ] = None
    ignoreOriginalActions: Annotated[
        bool | None, policy.YES_OR_NO, Field(description="whether the alert's own actions go; false if not said")
    ] = None
    ignoreOriginalDetails: Annotated[
        bool | None, policy.YES_OR_NO, Field(description="whether the alert's own details go; false if not said")
    ] = None
    ignoreOriginalResponders: Annotated[
        bool | None, policy.YES_OR_NO, Field(description="whether the alert's own responders go; false if not said")
    ] = None
    ignoreOriginalTags: Annotated[
        bool | None, policy.YES_OR_NO, Field(description="whether the alert's own tags go; false if not said")
    ] = None
    actions: Annotated[list[str] | None, Unordered(), Field(description="actions people can take on the alert")] = None
    tags: Annotated[list[str] | None, Unordered(), Field(description="tags it adds")] = None
    details: Annotated[dict[str, str] | None, Field(description="details it adds; owned whole")] = None
    responders: Annotated[
        list[Responder] | None,
        Unordered(),
        Field(description="who is told as well", examples=[[{"team": "payments"}, {"schedule": "oncall"}]]),
    ] = None
    priority: Annotated[
        Literal["P1", "P2", "P3", "P4", "P5"] | None, Field(description="the alert's new priority; null: its own")
    ] = None


_WIRES = {
    **policy.WIRES,
    "responders": each(RECIPIENT),
    "actions": Wire(cleared=[]),
    "tags": Wire(cleared=[]),
    "details": Wire(cleared={}),
}


def to_api(tree: Object, context: Context) -> Object:
    return policy.body(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return policy.read(raw, _WIRES)


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    return policy.steps(kind, work, context, "alert")


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="AlertPolicy",
    spec=AlertPolicy,
    place=policy.place("alert", AlertPolicy, global_too=True),
    page=policy.PAGE,
    to_api=to_api,
    from_api=from_api,
    key=policy.key,
    writes="replace",
    immutable=frozenset({"team"}),
    needed_to_create=("name",),
    sent_on_create={
        "enabled": True,
        "message": "{{message}}",
        "alias": "{{alias}}",
        "description": "{{description}}",
        "entity": "{{entity}}",
        "source": "{{source}}",
    },
    serial="parent",
    ranked="order",
    writable=policy.writable,
    own_steps=steps,
    remarks=policy.remarks,
)
