"""datadog/WebhookVariable: a value that webhooks write as `$NAME`, secret or not.

https://docs.datadoghq.com/api/latest/webhooks-integration/ It has no list: one GET by name for each manifest. A secret
one's value is never answered.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, SecretField
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Object
from reconciler.kinds.wire import from_wire, to_wire
from reconciler.vendors.datadog import unlisted
from reconciler.vendors.datadog.webhook import QUEUE

_PATH = "/api/v1/integration/webhooks/configuration/custom-variables"

_USUAL = re.compile(r"[A-Z0-9_]+")
_NAME = Field(
    min_length=1,
    description="what webhooks call it, $NAME: upper-case letters, digits and _; unique",
)
_SECRECY = Field(description="whether its value is a secret, which is never answered")
_NEVER = NoClear("write another one")


class PlainVariable(Spec):
    """A variable that everybody may read."""

    name: Annotated[str | None, _NEVER, _NAME] = None
    is_secret: Annotated[Literal[False], _SECRECY]
    value: Annotated[str | None, _NEVER, Field(description="its value; a secret needs is_secret: true")] = None


class SecretVariable(Spec):
    """A variable whose value nobody reads again."""

    name: Annotated[str | None, _NEVER, _NAME] = None
    is_secret: Annotated[Literal[True], _SECRECY]
    value: Annotated[SecretField | None, _NEVER, Field(description="its value")] = None


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, {})


def from_api(raw: Object, context: Context) -> Object:
    """A secret's value is there, and not answered; should it be, it is not shown."""
    told = from_wire(raw, {})
    return {**told, "value": Hidden()} if told.get("is_secret") is not False else told


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A new name is a new id. A value that may be read now is sent along, or the old secret would be shown."""
    plain = plain_steps(kind, work, context)
    if work.verb == "update" and "is_secret" in work.changed and "value" in work.wanted:
        plain = plain_steps(kind, replace(work, changed=work.changed | {"value"}), context)
    renames = "name" in work.changed and work.verb == "update"
    return tuple(replace(step, renames=renames) for step in plain)


def remarks(tree: Object) -> list[Remark]:
    name = tree.get("name")
    unusual = isinstance(name, str) and not _USUAL.fullmatch(name)
    text = f"{name!r} is no usual name of a variable: upper-case letters, digits and _"
    return [Remark(("name",), text)] if unusual else []


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="WebhookVariable",
    spec=OneOf("is_secret", (PlainVariable, SecretVariable)),
    place=unlisted.place(_PATH),
    page="https://docs.datadoghq.com/api/latest/webhooks-integration/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    unique=True,
    needed_to_create=("value",),
    serial="account",
    queue=QUEUE,
    own_steps=steps,
    remarks=remarks,
)
