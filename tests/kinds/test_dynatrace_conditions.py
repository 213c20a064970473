"""Conditions of auto tags and management zones: which attributes there are, and which value each is compared with."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.vendors.dynatrace import attribute
from reconciler.vendors.dynatrace.attribute import applies
from reconciler.vendors.dynatrace.auto_tag import PROPAGATES as TAG_PROPAGATES
from reconciler.vendors.dynatrace.auto_tag import AttributeRule as TagRule
from reconciler.vendors.dynatrace.condition import CONDITION, Condition
from reconciler.vendors.dynatrace.management_zone import PROPAGATES as ZONE_PROPAGATES
from reconciler.vendors.dynatrace.management_zone import AttributeRule as ZoneRule


def test_there_are_as_many_attributes_as_the_vendor_names() -> None:
    assert len(attribute.KEYS) == len(set(attribute.KEYS)) == 198
    sorts = (attribute.CHOICES, attribute.NUMBERS, attribute.TAGS, attribute.ENTITIES, attribute.TEXTS)
    assert [len(sort) for sort in sorts] == [23, 13, 22, 2, 138]
    assert frozenset.union(*sorts) == frozenset(attribute.KEYS)


VALUES: dict[str, Any] = {
    "stringValue": "a",
    "caseSensitive": False,
    "enumValue": "LINUX",
    "integerValue": 1,
    "tag": "owner:cart",
    "entityId": "HOST_GROUP-0011223344556677",
    "dynamicKey": "app",
    "dynamicKeySource": "ENVIRONMENT",
}
# Key, operator, and the fields that such a condition has.
ROWS = [
    ("HOST_NAME", "BEGINS_WITH", {"stringValue", "caseSensitive"}),
    ("HOST_NAME", "NOT_CONTAINS", {"stringValue", "caseSensitive"}),
    ("SERVICE_NAME", "REGEX_MATCHES", {"stringValue", "caseSensitive"}),
    ("HOST_NAME", "GREATER_THAN", {"caseSensitive"}),
    ("HOST_NAME", "EXISTS", set()),
    ("HOST_NAME", "NOT_EXISTS", set()),
    ("HOST_IP_ADDRESS", "IS_IP_IN_RANGE", {"stringValue"}),
    ("GOOGLE_COMPUTE_INSTANCE_PUBLIC_IP_ADDRESSES", "EQUALS", {"stringValue"}),
    ("HOST_DETECTED_NAME", "EQUALS", {"stringValue"}),
    ("AZURE_SUBSCRIPTION_NAME", "EQUALS", {"stringValue"}),
    ("AZURE_TENANT_UUID", "EQUALS", {"stringValue"}),
    ("AZURE_MGMT_GROUP_UUID", "EQUALS", {"stringValue"}),
    ("HOST_OS_TYPE", "EQUALS", {"enumValue"}),
    ("SERVICE_TOPOLOGY", "NOT_EQUALS", {"enumValue"}),
    ("SERVICE_TYPE", "EXISTS", set()),
    ("CUSTOM_APPLICATION_PLATFORM", "EQUALS", {"enumValue"}),
    ("HOST_CPU_CORES", "GREATER_THAN", {"integerValue"}),
    ("PROCESS_GROUP_LISTEN_PORT", "EQUALS", {"integerValue"}),
    ("AWS_CLASSIC_LOAD_BALANCER_FRONTEND_PORTS", "NOT_EXISTS", set()),
    ("SERVICE_TAGS", "TAG_KEY_EQUALS", {"tag"}),
    ("AZURE_ENTITY_TAGS", "EQUALS", {"tag"}),
    ("HOST_TAGS", "EXISTS", set()),
    ("HOST_GROUP_ID", "EQUALS", {"entityId"}),
    ("PROCESS_GROUP_ID", "EQUALS", {"entityId"}),
    ("HOST_KUBERNETES_LABELS", "EQUALS", {"stringValue", "caseSensitive", "dynamicKey"}),
    ("CLOUD_APPLICATION_NAMESPACE_LABELS", "EXISTS", {"dynamicKey"}),
    ("PROCESS_GROUP_PREDEFINED_METADATA", "EQUALS", {"stringValue", "caseSensitive", "dynamicKey"}),
    ("CUSTOM_DEVICE_METADATA", "EQUALS", {"stringValue", "caseSensitive", "dynamicKey"}),
    ("HOST_CUSTOM_METADATA", "EQUALS", {"stringValue", "caseSensitive", "dynamicKey", "dynamicKeySource"}),
    ("PROCESS_GROUP_CUSTOM_METADATA", "EXISTS", {"dynamicKey", "dynamicKeySource"}),
]


@pytest.mark.parametrize(("key", "operator", "fields"), ROWS)
def test_a_condition_has_the_value_that_its_key_is_compared_with(key: str, operator: str, fields: set[str]) -> None:
    assert {name for name in VALUES if applies(name, key, operator)} == fields
    Condition.model_validate({"key": key, "operator": operator, **{name: VALUES[name] for name in fields}})
    for name in set(VALUES) - fields:
        with pytest.raises(ValidationError, match=f"has no {name}"):
            Condition.model_validate({"key": key, "operator": operator, name: VALUES[name]})


@pytest.mark.parametrize("key", sorted(attribute.TECHNOLOGIES))
def test_a_technology_nobody_lists_is_given_by_its_own_words(key: str) -> None:
    row = {"key": key, "operator": "EQUALS", "enumValue": "VERBATIM", "stringValue": "cobol"}
    assert Condition.model_validate(row)
    with pytest.raises(ValidationError, match="has no stringValue"):
        Condition.model_validate({**row, "enumValue": "JAVA"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stringValue", "x" * 151),
        ("stringValue", " "),
        ("enumValue", "x" * 501),
        ("integerValue", -1),
        ("integerValue", 2_147_483_648),
        ("tag", "x" * 4026),
        ("entityId", "x" * 501),
        ("dynamicKey", ""),
        ("dynamicKeySource", "x" * 501),
    ],
)
def test_a_value_beyond_its_limit_is_a_mistake(field: str, value: Any) -> None:
    keys = {
        "stringValue": "HOST_NAME",
        "enumValue": "HOST_OS_TYPE",
        "integerValue": "HOST_CPU_CORES",
        "tag": "HOST_TAGS",
        "entityId": "HOST_GROUP_ID",
        "dynamicKey": "HOST_CUSTOM_METADATA",
        "dynamicKeySource": "HOST_CUSTOM_METADATA",
    }
    with pytest.raises(ValidationError) as raised:
        Condition.model_validate({"key": keys[field], "operator": "EQUALS", field: value})
    assert [error["loc"] for error in raised.value.errors()] == [(field,)]


def test_a_misspelt_attribute_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match="did you mean HOST_NAME"):
        Condition.model_validate({"key": "HOST_NAMES", "operator": "EQUALS"})
    with pytest.raises(ValidationError, match="operator"):
        Condition.model_validate({"key": "HOST_NAME", "operator": "LIKE"})


def test_a_new_condition_says_whether_case_counts_where_that_counts() -> None:
    said = {"key": "HOST_NAME", "operator": "EQUALS", "stringValue": "a"}
    assert CONDITION.to(said) == {**said, "caseSensitive": True}
    assert CONDITION.to({**said, "caseSensitive": False}) == {**said, "caseSensitive": False}
    assert "caseSensitive" not in CONDITION.to({"key": "HOST_TAGS", "operator": "EQUALS", "tag": "a"})


@pytest.mark.parametrize(
    ("model", "flag", "sort"),
    [
        *((TagRule, flag, sort) for flag, sort in TAG_PROPAGATES.items()),
        *((ZoneRule, flag, sort) for flag, sort in ZONE_PROPAGATES.items()),
    ],
)
def test_a_rule_goes_on_only_from_its_own_sort_of_entity(model: Any, flag: str, sort: str) -> None:
    conditions = [{"key": "HOST_TAGS", "operator": "EXISTS"}]
    assert model.model_validate({"entityType": sort, "conditions": conditions, flag: True})
    other = "CUSTOM_DEVICE" if sort != "CUSTOM_DEVICE" else "HOST"
    with pytest.raises(ValidationError, match=f"only rules for {sort}"):
        model.model_validate({"entityType": other, "conditions": conditions, flag: True})
