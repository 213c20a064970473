"""opsgenie/Heartbeat: an alert when something no longer reports. Its name is its id and cannot be changed.

https://docs.opsgenie.com/docs/heartbeat-api Names: 200 characters of a-z, A-Z, 0-9 and . _ -; descriptions: 10000;
messages: 130; tags: 20 of 50 characters.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.opsgenie.moment import SAME_TEXT
from reconciler.vendors.opsgenie.recipient import OWNER_TEAM, TEAM

PLAIN_NAME = r"^[a-zA-Z0-9._-]+$"


class Heartbeat(Spec):
    """A heartbeat."""

    name: Annotated[
        str | None,
        NoClear("a heartbeat is its name"),
        Field(
            min_length=1,
            max_length=200,
            pattern=PLAIN_NAME,
            description="unique; senders ping it by this name; cannot be changed",
        ),
    ] = None
    description: Annotated[
        str | None,
        SAME_TEXT,
        NoClear("the API is not known to clear a description: write another one"),
        Field(max_length=10_000, description="what reports"),
    ] = None
    interval: Annotated[
        int | None,
        NoClear("write how often it must report"),
        Field(ge=1, description="it must report once in so many of the unit", examples=[10]),
    ] = None
    intervalUnit: Annotated[
        Literal["minutes", "hours", "days"] | None, NoClear("write minutes"), Field(description="what interval counts")
    ] = None
    enabled: Annotated[bool | None, NoClear("write true or false"), Field(description="whether it is watched")] = None
    ownerTeam: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None,
        NoClear("the API does not take a heartbeat from its team: do it in Opsgenie"),
        Field(description="the team whose alert it makes"),
    ] = None
    alertMessage: Annotated[
        str | None,
        NoClear("write another message"),
        Field(min_length=1, max_length=130, description="the alert's message; NAME is expired if not said"),
    ] = None
    alertTags: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=50)]] | None,
        Unordered(),
        Field(max_length=20, description="the alert's tags"),
    ] = None
    alertPriority: Annotated[
        Literal["P1", "P2", "P3", "P4", "P5"] | None,
        NoClear("write P3"),
        Field(description="the alert's priority; P3 if not said"),
    ] = None


_WIRES = {"ownerTeam": OWNER_TEAM, "alertTags": Wire(cleared=[])}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id", "expired", "lastPingTime"})


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    if not isinstance(name, str) or re.fullmatch(PLAIN_NAME, name):
        return []
    return [Remark(("name",), "Opsgenie takes only a-z, A-Z, 0-9 and . _ - in a heartbeat's name: write spec.name")]


def consequences(work: Work) -> tuple[str, ...]:
    off = work.verb == "delete" or ("enabled" in work.changed and work.wanted.get("enabled") is False)
    return ("nobody hears when it stops reporting; pings go on being answered",) if off else ()


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="Heartbeat",
    spec=Heartbeat,
    place=Place(
        list="/v2/heartbeats",
        envelope=("data", "heartbeats"),
        item="/v2/heartbeats/{id}",
        item_envelope=("data",),
        created=("data",),
        id_at="name",
    ),
    page="https://docs.opsgenie.com/docs/heartbeat-api",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    immutable=frozenset({"name"}),
    needed_to_create=("name", "interval", "intervalUnit"),
    sent_on_create={"enabled": True},
    remarks=remarks,
    consequences=consequences,
)
