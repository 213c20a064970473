"""pagerduty/ServiceIntegration: a way into a service, with a key that can be read at any time.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#services A key belongs to its integration: a
change of type, vendor or service is a new integration with a new key. Names are not unique in a service.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.output import Output
from reconciler.kinds.place import Place
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import from_wire, to_wire
from reconciler.vendors.pagerduty.email import EMAIL_FILTERS, EMAIL_PARSERS, EmailFilter, EmailParser
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE, VENDOR, pointing

_SEVERAL = NoClear("write another value")

IntegrationType = Literal[
    "events_api_v2_inbound_integration",
    "generic_events_api_inbound_integration",
    "generic_email_inbound_integration",
    "event_transformer_api_inbound_integration",
    "aws_cloudwatch_inbound_integration",
    "cloudkick_inbound_integration",
    "keynote_inbound_integration",
    "nagios_inbound_integration",
    "pingdom_inbound_integration",
    "sql_monitor_inbound_integration",
]
_BY_MAIL = "generic_email_inbound_integration"


class ServiceIntegration(Spec):
    """A service's integration."""

    service: Annotated[Ref, RefTo(SERVICE), Field(description="the service it leads to; cannot be changed")]
    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="what people read; unique among the service's manifests"),
    ] = None
    type: Annotated[
        IntegrationType | None,
        NoClear("an integration keeps its type"),
        Field(description="what it takes; or write `vendor`. Cannot be changed"),
    ] = None
    vendor: Annotated[
        Annotated[Ref, RefTo(VENDOR, looked_up=True)] | None,
        NoClear("an integration keeps its vendor"),
        Field(description="the tool that sends, such as Datadog; it decides the type. Cannot be changed"),
    ] = None
    integration_email: Annotated[
        str | None,
        _SEVERAL,
        Field(pattern=r"^[^@\s]+@[^@\s]+$", description="with mail: its address, name@SUBDOMAIN.pagerduty.com"),
    ] = None
    email_incident_creation: Annotated[
        Literal["on_new_email", "on_new_email_subject", "only_if_no_open_incidents", "use_rules"] | None,
        _SEVERAL,
        Field(description="with mail: which of it makes an incident"),
    ] = None
    email_filter_mode: Annotated[
        Literal["all-email", "or-rules-email", "and-rules-email"] | None,
        _SEVERAL,
        Field(description="with mail: how email_filters count; all-email, not at all"),
    ] = None
    email_filters: Annotated[
        list[EmailFilter] | None, Field(min_length=1, description="with mail: which of it counts; null: all of it")
    ] = None
    email_parsers: Annotated[
        list[EmailParser] | None, Field(min_length=1, description="with mail: what is read out of it")
    ] = None
    email_parsing_fallback: Annotated[
        Literal["open_new_incident", "discard"] | None,
        _SEVERAL,
        Field(description="with mail: what becomes of one that no parser knows"),
    ] = None

    @model_validator(mode="after")
    def _has_a_type_or_a_vendor(self) -> ServiceIntegration:
        if self.type is not None and self.vendor is not None:
            raise PydanticCustomError("integration", "write type or vendor, not both: the vendor decides the type", {})
        return self


_WIRES = {
    "vendor": pointing(VENDOR, "vendor"),
    "email_filters": EMAIL_FILTERS,
    "email_parsers": EMAIL_PARSERS,
}
# The key is a secret: it is an output, and stands in no tree.
_SERVER_SETS = COMMON - {"type"} | {"service", "created_at", "integration_key", "config", "app"}


def to_api(tree: Object, context: Context) -> Object:
    """A body; the service stands in the path."""
    return to_wire({name: value for name, value in tree.items() if name != "service"}, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree.get("service"), tree["name"]) if tree.get("name") else None


def also_needed(tree: Object) -> tuple[str, ...]:
    kind = () if tree.get("vendor") else ("type",)
    return (*kind, *(("integration_email",) if tree.get("type") == _BY_MAIL else ()))


def consequences(work: Work) -> tuple[str, ...]:
    return ("its key is worth nothing from then on: what sends with it is refused",) if work.verb == "delete" else ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="ServiceIntegration",
    spec=ServiceIntegration,
    place=Place(
        list="/services/{service}/integrations",
        within=("integrations",),
        item="/services/{service}/integrations/{id}",
        item_envelope=("integration",),
        parent="service",
        update="PUT",
        wrap=("integration",),
        created=("integration",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#services",
    to_api=to_api,
    from_api=from_api,
    key=key,
    immutable=frozenset({"service", "type", "vendor"}),
    needed_to_create=("name",),
    also_needed=also_needed,
    outputs=(
        Output("integration_key", ("integration_key",), doc="the routing key that events are sent with, 32 characters"),
    ),
    consequences=consequences,
)
