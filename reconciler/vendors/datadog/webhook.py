"""datadog/Webhook: a request that Datadog sends when a message names `@webhook-NAME`.

https://docs.datadoghq.com/api/latest/webhooks-integration/ It has no list: one GET by name for each manifest. Writes of
webhooks and their variables collide, so they go one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Object, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.datadog import handle, unlisted
from reconciler.vendors.datadog.jsontext import JSON_TEXT, JsonText

_PATH = "/api/v1/integration/webhooks/configuration/webhooks"
QUEUE = "webhooks and their variables"

_TELLING = re.compile(
    r"authori[sz]ation|authentication|^x-auth(?:-|$)|token|secret|api[-_]?key|passw|signature|cookie|^x-.*-key$|^key$",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\$[A-Za-z_]\w*")
_WAY_OUT = "put the value into a datadog/WebhookVariable with is_secret, and write $NAME"


def _shows_secret(name: str, value: Tree) -> bool:
    """Whether a name says that its value is a secret, and it stands there in clear."""
    return isinstance(value, str) and bool(value and _TELLING.search(name)) and not _VARIABLE.search(value)


def _in_clear(url: Tree) -> bool:
    """Whether an address holds a password, or a secret in its query."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        return parts.password is not None or any(_shows_secret(name, value) for name, value in parse_qsl(parts.query))
    except ValueError:
        return False


def _sayable_url(url: str) -> str:
    if _in_clear(url):
        raise PydanticCustomError("secret_literal", "a secret never stands in a manifest: " + _WAY_OUT)
    return url


def _sayable_headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if _shows_secret(name, value):
            raise PydanticCustomError(
                "secret_literal", "{name}: a secret never stands in a manifest: " + _WAY_OUT, {"name": name}
            )
    return headers


class Webhook(Spec):
    """A webhook."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="what a message calls it, @webhook-NAME; unique, best without spaces"),
    ] = None
    url: Annotated[
        Annotated[str, AfterValidator(_sayable_url)] | None,
        NoClear("write another address"),
        Field(min_length=1, description="where the request goes; $NAME is a variable's value"),
    ] = None
    payload: Annotated[
        JsonText,
        NoClear("write the payload you want: without one Datadog fills in its own"),
        Field(
            description="the body, as YAML (sent as JSON) or as text; $EVENT_MSG and the like are filled in by Datadog",
            examples=[{"body": "$EVENT_MSG", "title": "$EVENT_TITLE"}],
        ),
    ] = None
    custom_headers: Annotated[
        Annotated[dict[str, str], AfterValidator(_sayable_headers)] | None,
        Field(
            description="headers, by name; a secret stands in a WebhookVariable: Bearer $NAME",
            examples=[{"Authorization": "Bearer $AUDIT_TOKEN"}],
        ),
    ] = None
    encode_as: Annotated[
        Literal["json", "form"] | None, NoClear("write json or form"), Field(description="how the body is sent")
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _headers_back(raw: Tree) -> Tree:
    """Headers are readable; one that seems to hold a secret is not shown."""
    found = JSON_TEXT.back(raw)
    if not isinstance(found, Mapping):
        return Hidden() if isinstance(raw, str) and _TELLING.search(raw) else found
    return {name: Hidden() if _shows_secret(str(name), value) else value for name, value in found.items()}


_WIRES = {
    "payload": JSON_TEXT,
    "custom_headers": Wire(JSON_TEXT.to, _headers_back),
    "url": Wire(back=lambda raw: Hidden() if _in_clear(raw) else raw),
}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A new name is a new id, and a new handle."""
    now = handle.webhook(work.wanted)
    before = handle.webhook(work.live or {})
    gone = before if work.verb == "delete" else tuple(one for one in before if one not in now)
    new = () if work.verb == "delete" else tuple(one for one in now if one not in before)
    return tuple(
        replace(
            step,
            renames="name" in work.changed and work.verb == "update",
            gives=handle.there(new, context),
            needs=handle.let_go(gone, context) if work.verb == "delete" else frozenset(),
        )
        for step in plain_steps(kind, work, context)
    )


def remarks(tree: Object) -> list[Remark]:
    return handle.spaced(tree, "name")


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="Webhook",
    spec=Webhook,
    place=unlisted.place(_PATH),
    page="https://docs.datadoghq.com/api/latest/webhooks-integration/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    needed_to_create=("url",),
    serial="account",
    queue=QUEUE,
    own_steps=steps,
    called=handle.webhook,
    remarks=remarks,
)
