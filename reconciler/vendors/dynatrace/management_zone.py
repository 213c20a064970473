"""dynatrace/ManagementZone: a part of the environment, by rules; what others point to as their `managementZone`.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-management-zones 5,000 in an
environment, 900 rules in one. A zone made an instant ago is refused elsewhere for some seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.fields import NoClear, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, record
from reconciler.vendors.dynatrace import setting
from reconciler.vendors.dynatrace.condition import Condition
from reconciler.vendors.dynatrace.propagation import attribute_rule, of_its_type
from reconciler.vendors.dynatrace.text import Filled

SCHEMA = "builtin:management-zones"

EntityType = Literal[
    "SERVICE",
    "PROCESS_GROUP",
    "HOST",
    "CUSTOM_DEVICE",
    "ESXI_HOST",
    "CUSTOM_DEVICE_GROUP",
    "HOST_GROUP",
    "DATA_CENTER_SERVICE",
    "QUEUE",
    "WEB_APPLICATION",
    "ENTERPRISE_APPLICATION",
    "MOBILE_APPLICATION",
    "CUSTOM_APPLICATION",
    "BROWSER_MONITOR",
    "EXTERNAL_MONITOR",
    "HTTP_MONITOR",
    "NETWORK_AVAILABILITY_MONITOR",
    "APPMON_SERVER",
    "APPMON_SYSTEM_PROFILE",
    "AWS_ACCOUNT",
    "AWS_CLASSIC_LOAD_BALANCER",
    "AWS_RELATIONAL_DATABASE_SERVICE",
    "AWS_AUTO_SCALING_GROUP",
    "AWS_APPLICATION_LOAD_BALANCER",
    "AWS_NETWORK_LOAD_BALANCER",
    "OPENSTACK_ACCOUNT",
    "KUBERNETES_CLUSTER",
    "KUBERNETES_SERVICE",
    "CLOUD_APPLICATION_NAMESPACE",
    "CLOUD_APPLICATION",
    "CLOUD_FOUNDRY_FOUNDATION",
    "AZURE",
]
PROPAGATES = {
    "serviceToHostPropagation": "SERVICE",
    "serviceToPGPropagation": "SERVICE",
    "pgToHostPropagation": "PROCESS_GROUP",
    "pgToServicePropagation": "PROCESS_GROUP",
    "hostToPGPropagation": "HOST",
    "customDeviceGroupToCustomDevicePropagation": "CUSTOM_DEVICE_GROUP",
    "azureToPGPropagation": "AZURE",
    "azureToServicePropagation": "AZURE",
}


class AttributeRule(Spec):
    """What entities a rule is for, by their attributes."""

    entityType: Annotated[EntityType, Field(description="the sort of entities")]
    conditions: Annotated[
        list[Condition], Unordered(), Field(min_length=1, max_length=30, description="what all must hold")
    ]
    serviceToHostPropagation: Annotated[
        bool | None, Field(description="SERVICE: the hosts it runs on, too; false if not said")
    ] = None
    serviceToPGPropagation: Annotated[
        bool | None, Field(description="SERVICE: the process groups that run it, too; false if not said")
    ] = None
    pgToHostPropagation: Annotated[
        bool | None, Field(description="PROCESS_GROUP: the hosts it runs on, too; false if not said")
    ] = None
    pgToServicePropagation: Annotated[
        bool | None, Field(description="PROCESS_GROUP: the services it provides, too; false if not said")
    ] = None
    hostToPGPropagation: Annotated[
        bool | None, Field(description="HOST: the processes on it, too; false if not said")
    ] = None
    customDeviceGroupToCustomDevicePropagation: Annotated[
        bool | None, Field(description="CUSTOM_DEVICE_GROUP: the devices in it, too; false if not said")
    ] = None
    azureToPGPropagation: Annotated[
        bool | None, Field(description="AZURE: the process groups on it, too; false if not said")
    ] = None
    azureToServicePropagation: Annotated[
        bool | None, Field(description="AZURE: the services on it, too; false if not said")
    ] = None

    @field_validator(*PROPAGATES)
    @classmethod
    def _of_its_type(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        return of_its_type(PROPAGATES, value, info)


class DimensionCondition(Spec):
    """What a dimension, a log file or a metric must be called."""

    conditionType: Annotated[Literal["DIMENSION", "LOG_FILE_NAME", "METRIC_KEY"], Field(description="what is compared")]
    ruleMatcher: Annotated[Literal["BEGINS_WITH", "EQUALS"], Field(description="how it is compared")]
    value: Annotated[str, Field(min_length=1, max_length=80, description="what it is compared with")]
    key: Annotated[str | None, Field(min_length=1, description="DIMENSION: the dimension")] = None

    @field_validator("key")
    @classmethod
    def _of_a_dimension(cls, value: str | None, info: ValidationInfo) -> str | None:
        type_ = info.data.get("conditionType")
        if value is not None and type_ not in (None, "DIMENSION"):
            raise PydanticCustomError("not_applicable", "a condition on {type} has no key", {"type": type_})
        return value


class DimensionRule(Spec):
    """What data a rule is for."""

    appliesTo: Annotated[
        Literal["ANY", "LOG", "METRIC"] | None, Field(description="logs, metrics or both; METRIC if not said")
    ] = None
    conditions: Annotated[
        list[DimensionCondition] | None, Unordered(), Field(max_length=100, description="what all must hold")
    ] = None


class _Rule(Spec):
    enabled: Annotated[bool | None, Field(description="whether the rule works; true if not said")] = None


_SORT = "ME: by attributes; DIMENSION: data; SELECTOR: by an entity selector"


class ByAttributes(_Rule):
    """A rule that looks at attributes."""

    type: Annotated[Literal["ME"], Field(description=_SORT)]
    attributeRule: Annotated[AttributeRule, Field(description="what entities it is for")]


class ByDimension(_Rule):
    """A rule for data."""

    type: Annotated[Literal["DIMENSION"], Field(description=_SORT)]
    dimensionRule: Annotated[DimensionRule, Field(description="what data it is for")]


class BySelector(_Rule):
    """A rule that asks for entities."""

    type: Annotated[Literal["SELECTOR"], Field(description=_SORT)]
    entitySelector: Annotated[
        str, Field(min_length=1, max_length=10_000, description='what entities: type(HOST),tag("owner:cart")')
    ]


Rule = Annotated[ByAttributes | ByDimension | BySelector, Field(discriminator="type")]


class ManagementZone(Spec):
    """A management zone."""

    name: Annotated[
        Filled | None,
        NoClear("write a name"),
        Field(min_length=1, max_length=100, description="the zone's name; one zone has it"),
    ] = None
    description: Annotated[str | None, Field(min_length=1, max_length=1000, description="what it is for")] = None
    rules: Annotated[
        list[Rule] | None, Unordered(), Field(max_length=900, description="what belongs to it; what any of them fits")
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_DIMENSIONS = record({"conditions": each(record({}))})


def _dimensions(value: Tree) -> Tree:
    return _DIMENSIONS.to({"appliesTo": "METRIC", "conditions": [], **value} if isinstance(value, dict) else value)


_RULE = record(
    {
        "attributeRule": attribute_rule(PROPAGATES),
        "dimensionRule": Wire(_dimensions, _DIMENSIONS.back),
    }
)


def _rule(value: Tree) -> Tree:
    return _RULE.to({"enabled": True, **value} if isinstance(value, dict) else value)


_WIRES = {"rules": each(Wire(_rule, _RULE.back))}

KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="ManagementZone",
    spec=ManagementZone,
    place=setting.place(SCHEMA),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-management-zones",
    to_api=setting.writing(SCHEMA, _WIRES),
    from_api=setting.reading(_WIRES),
    key=by_name,
    unique=True,
    needed_to_create=("name",),
    sent_on_create={"rules": []},
    mark=setting.MARK,
    taken=setting.taken_by(SCHEMA, "name"),
    on_removal=setting.on_removal,
    closed=setting.closed,
    own_steps=setting.steps,
    lay=setting.lay,
    rehearsal=setting.rehearsal,
    objections=setting.objections,
    trail=setting.TRAIL,
)
