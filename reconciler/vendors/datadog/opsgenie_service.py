"""datadog/OpsgenieService: the way from Datadog to Opsgenie, which a message names `@opsgenie-NAME`.

https://docs.datadoghq.com/api/latest/opsgenie-integration/ The key is never answered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, SecretField
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Hidden, Object
from reconciler.kinds.wire import from_wire, to_wire
from reconciler.vendors.datadog import handle, resource

_PATH = "/api/v2/integration/opsgenie/services"


class OpsgenieService(Spec):
    """An Opsgenie integration, as Datadog knows it."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, max_length=100, description="what a message calls it, @opsgenie-NAME; 100 characters"),
    ] = None
    opsgenie_api_key: Annotated[
        SecretField | None,
        NoClear("write another key"),
        Field(
            description="the key of an integration in Opsgenie",
            examples=[{"from": "opsgenie/Integration/datadog", "output": "apiKey"}],
        ),
    ] = None
    region: Annotated[
        Literal["us", "eu", "custom"] | None,
        NoClear("write us, eu or custom"),
        Field(description="where the Opsgenie account lives; custom has an address of its own"),
    ] = None
    custom_url: Annotated[
        str | None, Field(min_length=1, description="the address of the region custom; no other has one")
    ] = None

    @model_validator(mode="after")
    def _address_of_its_own(self) -> OpsgenieService:
        if self.custom_url is not None and self.region in ("us", "eu"):
            raise PydanticCustomError(
                "custom_url",
                "custom_url is for the region custom only: leave it out for {region}",
                {"region": self.region},
            )
        return self


_TYPE = "opsgenie-service"


def to_api(tree: Object, context: Context) -> Object:
    return resource.wrapped(_TYPE, to_wire(tree, {}))


def from_api(raw: Object, context: Context) -> Object:
    """The key is there, and not answered; should it be, it is not shown."""
    return {**from_wire(resource.attributes(raw), {}), "opsgenie_api_key": Hidden()}


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """Another region than custom has no address of its own."""
    leaves = wanted.get("region") in ("us", "eu") and live.get("custom_url") is not None
    return {**wanted, "custom_url": None} if leaves else wanted


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("custom_url",) if tree.get("region") == "custom" else ()


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Whoever names it waits until it is there; it goes when nobody names it any more."""
    now, before = handle.opsgenie(work.wanted), handle.opsgenie(work.live or {})
    if work.verb == "delete":
        return (replace(resource.deleted(kind), needs=handle.let_go(before, context)),)
    tree = work.wanted if work.verb == "create" else work.only_changed()
    step = resource.written(kind, work, to_api(tree, context))
    return (replace(step, gives=handle.there((one for one in now if one not in before), context)),)


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="OpsgenieService",
    spec=OpsgenieService,
    place=Place(
        list=_PATH,
        envelope=("data",),
        item=f"{_PATH}/{{id}}",
        item_envelope=("data",),
        update="PATCH",
        wrap=("data",),
        created=("data",),
    ),
    page="https://docs.datadoghq.com/api/latest/opsgenie-integration/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("opsgenie_api_key", "region"),
    also_needed=also_needed,
    meant=meant,
    own_steps=steps,
    called=handle.opsgenie,
)
