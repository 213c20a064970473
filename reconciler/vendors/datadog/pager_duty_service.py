"""datadog/PagerDutyService: the way from Datadog to a PagerDuty service, which a message names `@pagerduty-NAME`.

https://docs.datadoghq.com/api/latest/pagerduty-integration/ It has no list: one GET by name for each manifest. The key
is never answered. Writes collide, so they go one at a time. The integration must be switched on in Datadog before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import NoClear, SecretField
from reconciler.kinds.kind import Kind
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Object, Tree
from reconciler.kinds.wire import from_wire, to_wire
from reconciler.vendors.datadog import handle, unlisted

_PATH = "/api/v1/integration/pagerduty/configuration/services"


class PagerDutyService(Spec):
    """A PagerDuty service, as Datadog knows it."""

    service_name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="what a message calls it, @pagerduty-NAME; cannot be changed"),
    ] = None
    service_key: Annotated[
        SecretField | None,
        NoClear("write another key"),
        Field(
            description="the key of the service's integration in PagerDuty, best of vendor Datadog",
            examples=[{"from": "pagerduty/ServiceIntegration/checkout-datadog", "output": "integration_key"}],
        ),
    ] = None


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, {})


def from_api(raw: Object, context: Context) -> Object:
    """The key is there, and not answered; a mask, or the key itself, would tell nothing that may be shown."""
    return {**from_wire(raw, {}), "service_key": Hidden()}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["service_name"],) if tree.get("service_name") else None


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Whoever names it waits until it is there; it goes when nobody names it any more."""
    names = handle.pagerduty(work.wanted)
    made, gone = work.verb == "create", work.verb == "delete"
    return tuple(
        replace(
            step,
            ident=work.wanted.get("service_name") if made else None,
            gives=handle.there(names, context) if made else frozenset(),
            needs=handle.let_go(names, context) if gone else frozenset(),
        )
        for step in plain_steps(kind, work, context)
    )


def remarks(tree: Object) -> list[Remark]:
    return handle.spaced(tree, "service_name")


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="PagerDutyService",
    spec=PagerDutyService,
    place=unlisted.place(_PATH, "service_name"),
    page="https://docs.datadoghq.com/api/latest/pagerduty-integration/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="service_name",
    immutable=frozenset({"service_name"}),
    needed_to_create=("service_key",),
    serial="account",
    own_steps=steps,
    called=handle.pagerduty,
    remarks=remarks,
)
