"""dynatrace/ManagementZone: a part of the environment, by rules."""

from __future__ import annotations

from typing import Any

from tests.kind_kit import (
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
)

ZONE = "dynatrace/ManagementZone"
NAME = {"key": "HOST_NAME", "operator": "BEGINS_WITH", "stringValue": "cart-", "caseSensitive": False}


def body(schema: str, **value: Any) -> dict[str, Any]:
    return {"schemaId": schema, "scope": "environment", "value": value}


@cases(
    Case(
        "a rule for each sort",
        ZONE,
        {
            "name": "cart",
            "rules": [
                {"type": "ME", "attributeRule": {"entityType": "AZURE", "conditions": [NAME]}},
                {"type": "DIMENSION", "dimensionRule": {}},
                {"type": "SELECTOR", "enabled": False, "entitySelector": "type(HOST)"},
            ],
        },
        body(
            "builtin:management-zones",
            name="cart",
            rules=[
                {
                    "type": "ME",
                    "enabled": True,
                    "attributeRule": {
                        "entityType": "AZURE",
                        "azureToPGPropagation": False,
                        "azureToServicePropagation": False,
                        "conditions": [NAME],
                    },
                },
                {"type": "DIMENSION", "enabled": True, "dimensionRule": {"appliesTo": "METRIC", "conditions": []}},
                {"type": "SELECTOR", "enabled": False, "entitySelector": "type(HOST)"},
            ],
        ),
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    server = {"objectId": "o1", "schemaVersion": "1", "updateToken": "t", "author": "ann", "summary": "s"}
    assert_settled(case, {**server, **case.body})


@mistakes(
    Mistake(ZONE, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(ZONE, {"name": "  "}, ("name",), "blank"),
    Mistake(ZONE, {"description": ""}, ("description",), "at least 1"),
    Mistake(
        ZONE,
        {"rules": [{"type": "ME", "attributeRule": {"entityType": "APPLICATION", "conditions": [NAME]}}]},
        ("rules", 0, "ME", "attributeRule", "entityType"),
        "Input should be",
    ),
    Mistake(
        ZONE,
        {
            "rules": [
                {
                    "type": "DIMENSION",
                    "dimensionRule": {
                        "conditions": [
                            {"conditionType": "METRIC_KEY", "ruleMatcher": "EQUALS", "value": "a", "key": "b"}
                        ]
                    },
                }
            ]
        },
        ("rules", 0, "DIMENSION", "dimensionRule", "conditions", 0, "key"),
        "has no key",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)
