"""dynatrace/AutoTag: a tag given by rules."""

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

TAG = "dynatrace/AutoTag"
NAME = {"key": "HOST_NAME", "operator": "BEGINS_WITH", "stringValue": "cart-", "caseSensitive": False}


def body(schema: str, **value: Any) -> dict[str, Any]:
    return {"schemaId": schema, "scope": "environment", "value": value}


@cases(
    Case(
        "a rule by attributes and one by a selector",
        TAG,
        {
            "name": "team",
            "description": "owner",
            "rules": [
                {
                    "type": "ME",
                    "valueFormat": "cart",
                    "attributeRule": {"entityType": "HOST", "hostToPGPropagation": True, "conditions": [NAME]},
                },
                {"type": "SELECTOR", "valueNormalization": "To lower case", "entitySelector": "type(SERVICE)"},
            ],
        },
        body(
            "builtin:tags.auto-tagging",
            name="team",
            description="owner",
            rules=[
                {
                    "type": "ME",
                    "enabled": True,
                    "valueFormat": "cart",
                    "valueNormalization": "Leave text as-is",
                    "attributeRule": {"entityType": "HOST", "hostToPGPropagation": True, "conditions": [NAME]},
                },
                {
                    "type": "SELECTOR",
                    "enabled": True,
                    "valueNormalization": "To lower case",
                    "entitySelector": "type(SERVICE)",
                },
            ],
        ),
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    server = {"objectId": "o1", "schemaVersion": "1", "updateToken": "t", "author": "ann", "summary": "s"}
    assert_settled(case, {**server, **case.body})


def rule(**more: Any) -> dict[str, Any]:
    return {"type": "ME", "attributeRule": {"entityType": "HOST", "conditions": [NAME]}, **more}


@mistakes(
    Mistake(TAG, {"name": ""}, ("name",), "blank"),
    Mistake(TAG, {"name": " a"}, ("name",), "begins or ends with a space"),
    Mistake(TAG, {"description": "x" * 1001}, ("description",), "at most 1000"),
    Mistake(TAG, {"rules": [rule(valueFormat="a ")]}, ("rules", 0, "ME", "valueFormat"), "space"),
    Mistake(TAG, {"rules": [rule(valueNormalization="lower")]}, ("rules", 0, "ME", "valueNormalization"), "Input"),
    Mistake(
        TAG, {"rules": [{"type": "SELECTOR", "entitySelector": ""}]}, ("rules", 0, "SELECTOR", "entitySelector"), "1"
    ),
    Mistake(
        TAG,
        {"rules": [{"type": "ME", "attributeRule": {"entityType": "HOST", "conditions": []}}]},
        ("rules", 0, "ME", "attributeRule", "conditions"),
        "at least 1",
    ),
    Mistake(
        TAG,
        {"rules": [{"type": "ME", "attributeRule": {"entityType": "WEB_APPLICATION", "conditions": [NAME]}}]},
        ("rules", 0, "ME", "attributeRule", "entityType"),
        "Input should be",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)
