"""datadog/SlackChannel: a channel of a Slack account that messages may name, and what Datadog shows there.

https://docs.datadoghq.com/api/latest/slack-integration/ Listed by account; the account itself is connected in Datadog's
pages. Writes collide, so they go one at a time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire, from_wire, record, to_wire
from reconciler.vendors.datadog import handle

_ACCOUNTS = "/api/v1/integration/slack/configuration/accounts"
_SWITCH = NoClear("write true or false")


def _switch(what: str) -> object:
    return Field(description=f"whether {what}")


class Display(Spec):
    """What is shown of an alert."""

    message: Annotated[bool | None, _SWITCH, _switch("the main message is shown; at first it is")] = None
    mute_buttons: Annotated[bool | None, _SWITCH, _switch("buttons to mute the monitor are shown; at first not")] = None
    notified: Annotated[bool | None, _SWITCH, _switch("it is shown who else is told; at first it is")] = None
    snapshot: Annotated[bool | None, _SWITCH, _switch("the graph is shown; at first it is")] = None
    tags: Annotated[bool | None, _SWITCH, _switch("the scope's tags are shown; at first they are")] = None


class SlackChannel(Spec):
    """A channel."""

    account: Annotated[
        str, Field(min_length=1, description="the Slack account, as Datadog's Slack page names it; cannot be changed")
    ]
    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description='the channel with its sign, "#alerts"; cannot be changed'),
    ] = None
    display: Annotated[Display | None, NoClear("write its fields"), Field(description="what is shown of an alert")] = (
        None
    )


_WIRES: dict[str, Wire] = {"display": record({})}


def to_api(tree: Object, context: Context) -> Object:
    """The account stands in the path."""
    return to_wire({name: value for name, value in tree.items() if name != "account"}, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, {"id"})


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["account"], tree["name"]) if tree.get("account") and tree.get("name") else None


def listed_at(key: tuple[str, ...]) -> tuple[str, str]:
    return (f"{_ACCOUNTS}/{{of}}/channels", key[0])


def _ident(account: Tree, name: Tree) -> str:
    """Names are unique in an account only."""
    return f"{account}/{name}"


def row(raw: Object, account: str) -> Object:
    return {**raw, "account": account, "id": _ident(account, raw["name"])} if raw.get("name") else raw


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Whoever names it waits until it is there; it goes when nobody names it any more."""
    names = handle.slack(work.wanted)
    made, gone = work.verb == "create", work.verb == "delete"
    return tuple(
        replace(
            step,
            ident=_ident(work.wanted.get("account"), work.wanted.get("name")) if made else None,
            gives=handle.there(names, context) if made else frozenset(),
            needs=handle.let_go(names, context) if gone else frozenset(),
        )
        for step in plain_steps(kind, work, context)
    )


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    bare = isinstance(name, str) and not name.startswith("#")
    return [Remark(("name",), f'{name!r} has no sign before it: channels are named like "#alerts"')] if bare else []


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="SlackChannel",
    spec=SlackChannel,
    place=Place(
        list=f"{_ACCOUNTS}/{{account}}/channels",
        item=f"{_ACCOUNTS}/{{account}}/channels/{{name}}",
        item_read=False,
        update="PATCH",
        listed_at=listed_at,
        row=row,
    ),
    page="https://docs.datadoghq.com/api/latest/slack-integration/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    immutable=frozenset({"account", "name"}),
    needed_to_create=("name",),
    serial="account",
    own_steps=steps,
    called=handle.slack,
    remarks=remarks,
)
