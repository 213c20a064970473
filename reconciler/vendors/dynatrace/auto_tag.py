"""dynatrace/AutoTag: a tag that the server gives to every entity that a rule fits, and takes away again.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-tags-auto-tagging 5,000 in an
environment, 20,000 rules in one. Rules run from time to time, so that a new tag is not seen on entities at once.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.fields import NoClear, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, record
from reconciler.vendors.dynatrace import setting
from reconciler.vendors.dynatrace.condition import Condition
from reconciler.vendors.dynatrace.propagation import attribute_rule, of_its_type
from reconciler.vendors.dynatrace.text import Trimmed

SCHEMA = "builtin:tags.auto-tagging"

EntityType = Literal[
    "SERVICE",
    "PROCESS_GROUP",
    "HOST",
    "CUSTOM_DEVICE",
    "ESXI_HOST",
    "APPLICATION",
    "DCRUM_APPLICATION",
    "MOBILE_APPLICATION",
    "CUSTOM_APPLICATION",
    "SYNTHETIC_TEST",
    "EXTERNAL_SYNTHETIC_TEST",
    "HTTP_CHECK",
    "MULTIPROTOCOL_MONITOR",
    "AWS_CLASSIC_LOAD_BALANCER",
    "AWS_RELATIONAL_DATABASE_SERVICE",
    "AWS_APPLICATION_LOAD_BALANCER",
    "AWS_NETWORK_LOAD_BALANCER",
    "AZURE",
]
# Which entities a rule may go on to, and from which sort of entity.
PROPAGATES = {
    "serviceToPGPropagation": "SERVICE",
    "serviceToHostPropagation": "SERVICE",
    "pgToHostPropagation": "PROCESS_GROUP",
    "pgToServicePropagation": "PROCESS_GROUP",
    "hostToPGPropagation": "HOST",
    "azureToPGPropagation": "AZURE",
    "azureToServicePropagation": "AZURE",
}


class AttributeRule(Spec):
    """What entities a rule is for, by their attributes."""

    entityType: Annotated[EntityType, Field(description="the sort of entities")]
    conditions: Annotated[
        list[Condition],
        Unordered(),
        Field(min_length=1, max_length=30, description="what all must hold"),
    ]
    serviceToPGPropagation: Annotated[
        bool | None, Field(description="SERVICE: to the process groups that run it, too; false if not said")
    ] = None
    serviceToHostPropagation: Annotated[
        bool | None, Field(description="SERVICE: to the hosts it runs on, too; false if not said")
    ] = None
    pgToHostPropagation: Annotated[
        bool | None, Field(description="PROCESS_GROUP: to the hosts it runs on, too; false if not said")
    ] = None
    pgToServicePropagation: Annotated[
        bool | None, Field(description="PROCESS_GROUP: to the services it provides, too; false if not said")
    ] = None
    hostToPGPropagation: Annotated[
        bool | None, Field(description="HOST: to the processes on it, too; false if not said")
    ] = None
    azureToPGPropagation: Annotated[
        bool | None, Field(description="AZURE: to the process groups on it, too; false if not said")
    ] = None
    azureToServicePropagation: Annotated[
        bool | None, Field(description="AZURE: to the services on it, too; false if not said")
    ] = None

    @field_validator(*PROPAGATES)
    @classmethod
    def _of_its_type(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        return of_its_type(PROPAGATES, value, info)


Normalization = Literal["Leave text as-is", "To upper case", "To lower case"]


class _Rule(Spec):
    enabled: Annotated[bool | None, Field(description="whether the rule works; true if not said")] = None
    valueFormat: Annotated[
        Trimmed | None,
        Field(
            min_length=1, description="the tag's value, where it has one; {Host:DetectedName} and the like stand for"
        ),
    ] = None
    valueNormalization: Annotated[
        Normalization | None, Field(description="what becomes of the value's case; left as it is if not said")
    ] = None


class ByAttributes(_Rule):
    """A rule that looks at attributes."""

    type: Annotated[Literal["ME"], Field(description="ME: by attributes; SELECTOR: by an entity selector")]
    attributeRule: Annotated[AttributeRule, Field(description="what entities it is for")]


class BySelector(_Rule):
    """A rule that asks for entities."""

    type: Annotated[Literal["SELECTOR"], Field(description="ME: by attributes; SELECTOR: by an entity selector")]
    entitySelector: Annotated[
        str,
        Field(
            min_length=1, max_length=10_000, description='what entities: type(SERVICE),entityName.startsWith("cart")'
        ),
    ]


Rule = Annotated[ByAttributes | BySelector, Field(discriminator="type")]


class AutoTag(Spec):
    """An automatically given tag."""

    name: Annotated[
        Trimmed | None, NoClear("write a name"), Field(min_length=1, description="the tag's key; one tag has it")
    ] = None
    description: Annotated[str | None, Field(min_length=1, max_length=1000, description="what it is for")] = None
    rules: Annotated[
        list[Rule] | None,
        Unordered(),
        Field(max_length=20_000, description="who gets it; an entity that any of them fits"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_RULE = record({"attributeRule": attribute_rule(PROPAGATES)})
_DEFAULTS = {"enabled": True, "valueNormalization": "Leave text as-is"}


def _rule(value: Tree) -> Tree:
    return _RULE.to({**_DEFAULTS, **value} if isinstance(value, dict) else value)


_WIRES = {"rules": each(Wire(_rule, _RULE.back))}

KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="AutoTag",
    spec=AutoTag,
    place=setting.place(SCHEMA),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-tags-auto-tagging",
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
