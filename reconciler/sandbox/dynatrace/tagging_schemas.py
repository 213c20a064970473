"""The schemas that sort entities: automatic tags (sheet 5.2) and management zones (7.5)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.attribute import CONDITION, CONDITION_ENUMS
from reconciler.sandbox.dynatrace.definition import (
    Definition,
    equals,
    flag,
    many,
    number,
    part,
    record,
    text,
    word,
    words,
)

AUTO_TAG_TYPES = words(
    """
    SERVICE PROCESS_GROUP HOST CUSTOM_DEVICE ESXI_HOST APPLICATION DCRUM_APPLICATION MOBILE_APPLICATION
    CUSTOM_APPLICATION SYNTHETIC_TEST EXTERNAL_SYNTHETIC_TEST HTTP_CHECK MULTIPROTOCOL_MONITOR
    AWS_CLASSIC_LOAD_BALANCER AWS_RELATIONAL_DATABASE_SERVICE AWS_APPLICATION_LOAD_BALANCER
    AWS_NETWORK_LOAD_BALANCER AZURE
"""
)
ZONE_TYPES = words(
    """
    SERVICE PROCESS_GROUP HOST CUSTOM_DEVICE ESXI_HOST CUSTOM_DEVICE_GROUP HOST_GROUP DATA_CENTER_SERVICE
    QUEUE WEB_APPLICATION ENTERPRISE_APPLICATION MOBILE_APPLICATION CUSTOM_APPLICATION BROWSER_MONITOR
    EXTERNAL_MONITOR HTTP_MONITOR NETWORK_AVAILABILITY_MONITOR APPMON_SERVER APPMON_SYSTEM_PROFILE AWS_ACCOUNT
    AWS_CLASSIC_LOAD_BALANCER AWS_RELATIONAL_DATABASE_SERVICE AWS_AUTO_SCALING_GROUP
    AWS_APPLICATION_LOAD_BALANCER AWS_NETWORK_LOAD_BALANCER OPENSTACK_ACCOUNT KUBERNETES_CLUSTER
    KUBERNETES_SERVICE CLOUD_APPLICATION_NAMESPACE CLOUD_APPLICATION CLOUD_FOUNDRY_FOUNDATION AZURE
"""
)
# Each flag is there for its entity type alone.
PROPAGATIONS = {
    "serviceToPGPropagation": "SERVICE",
    "serviceToHostPropagation": "SERVICE",
    "pgToHostPropagation": "PROCESS_GROUP",
    "pgToServicePropagation": "PROCESS_GROUP",
    "hostToPGPropagation": "HOST",
    "azureToPGPropagation": "AZURE",
    "azureToServicePropagation": "AZURE",
}
ZONE_PROPAGATIONS = {**PROPAGATIONS, "customDeviceGroupToCustomDevicePropagation": "CUSTOM_DEVICE_GROUP"}
TAG_UNIQUE = "Tag name must be unique"
ZONE_UNIQUE = "Management zone with this name already exists. Please provide a different one."


def _attribute_rule(default: str | None, flags: dict[str, str]) -> Obj:
    kind = word("EntityType", default=default) if default else word("EntityType")
    conditions = many(part("Condition"), 1, 30)
    propagation = {name: flag(False, when=equals("entityType", owner)) for name, owner in flags.items()}
    return record({"entityType": kind, "conditions": conditions, **propagation})


AUTO_TAGGING = Definition(
    ident="builtin:tags.auto-tagging",
    version="1.0.18",
    title="Automatically applied tags",
    most=5000,
    unique={"name": TAG_UNIQUE},
    newer=frozenset({"MULTIPROTOCOL_MONITOR"}),
    root=record(
        {
            "name": text(1, trimmed=True),
            "description": text(1, 1000, nullable=True),
            "rules": many(part("Rule"), 0, 20000),
        }
    ),
    types={
        "Rule": record(
            {
                "type": word("RuleType", default="ME"),
                "enabled": flag(True),
                "valueFormat": text(1, nullable=True, trimmed=True),
                "valueNormalization": word("Normalization", default="Leave text as-is"),
                "entitySelector": text(1, 10000, when=equals("type", "SELECTOR")),
                "attributeRule": part("AttributeRule", when=equals("type", "ME")),
            }
        ),
        "AttributeRule": _attribute_rule("SERVICE", PROPAGATIONS),
        "Condition": CONDITION,
    },
    enums={
        "RuleType": ("ME", "SELECTOR"),
        "Normalization": ("Leave text as-is", "To upper case", "To lower case"),
        "EntityType": AUTO_TAG_TYPES,
        **CONDITION_ENUMS,
    },
)

MANAGEMENT_ZONES = Definition(
    ident="builtin:management-zones",
    version="1.0.13",
    title="Management zones",
    most=5000,
    unique={"name": ZONE_UNIQUE},
    root=record(
        {
            "name": text(1, 100),
            "description": text(1, 1000, nullable=True),
            "rules": many(part("Rule"), 0, 900),
        }
    ),
    types={
        "Rule": record(
            {
                "enabled": flag(True),
                "type": word("RuleType", default="SELECTOR"),
                "attributeRule": part("AttributeRule", when=equals("type", "ME")),
                "dimensionRule": part("DimensionRule", when=equals("type", "DIMENSION")),
                "entitySelector": text(1, 10000, when=equals("type", "SELECTOR")),
            }
        ),
        "AttributeRule": _attribute_rule(None, ZONE_PROPAGATIONS),
        "Condition": CONDITION,
        "DimensionRule": record(
            {
                "appliesTo": word("AppliesTo", default="METRIC"),
                "conditions": many(part("DimensionCondition"), 0, 100),
            }
        ),
        "DimensionCondition": record(
            {
                "conditionType": word("DimensionConditionType"),
                "key": text(when=equals("conditionType", "DIMENSION")),
                "ruleMatcher": word("RuleMatcher"),
                "value": text(0, 80),
            }
        ),
    },
    enums={
        "RuleType": ("ME", "DIMENSION", "SELECTOR"),
        "EntityType": ZONE_TYPES,
        "AppliesTo": ("ANY", "LOG", "METRIC"),
        "DimensionConditionType": ("DIMENSION", "LOG_FILE_NAME", "METRIC_KEY"),
        "RuleMatcher": ("BEGINS_WITH", "EQUALS"),
        **CONDITION_ENUMS,
    },
)

# Made up, to have one of each sort that the vendor's own schemas of this sandbox are not.
SINGLE = Definition(
    ident="builtin:sandbox.retention",
    version="1.0",
    title="Retention (made up: one object a scope)",
    multi=False,
    scopes=("environment", "HOST"),
    root=record({"enabled": flag(True), "days": number(1, 365, default=35), "note": text(0, 100, nullable=True)}),
    named="note",
)
ORDERED = Definition(
    ident="builtin:sandbox.enrichment",
    version="1.2",
    title="Enrichment (made up: rules in order, secrets in a list)",
    ordered=True,
    most=100,
    scopes=("environment", "HOST"),
    root=record(
        {
            "ruleName": text(1, 50),
            "endpoint": text(1, 500, resubmit=True),
            "ratio": number(0, 1, kind="float", default=1.0),
            "sinks": many(part("Sink"), 0, 5, kind="list"),
        },
        {"type": "SECRET_RESUBMISSION", "customMessage": "Enter all secrets of this rule again."},
    ),
    types={"Sink": record({"name": text(1, 50), "token": text(1, 500, secret=True)})},
    named="ruleName",
)

DEFINITIONS = (AUTO_TAGGING, MANAGEMENT_ZONES, SINGLE, ORDERED)
