"""dynatrace/AlertingProfile: which problems are told."""

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

PROFILE = "dynatrace/AlertingProfile"
SEVERITY = {"severityLevel": "ERRORS"}


def body(schema: str, **value: Any) -> dict[str, Any]:
    return {"schemaId": schema, "scope": "environment", "value": value}


@cases(
    Case(
        "severities and events",
        PROFILE,
        {
            "name": "cart",
            "managementZone": "cart",
            "severityRules": [{"severityLevel": "ERRORS", "delayInMinutes": "1h"}],
            "eventFilters": [
                {"type": "PREDEFINED", "predefinedFilter": {"eventType": "PGI_UNAVAILABLE"}},
                {
                    "type": "CUSTOM",
                    "customFilter": {
                        "titleFilter": {"value": "a"},
                        "metadataFilter": {"metadataFilterItems": [{"metadataKey": "k", "metadataValue": "v"}]},
                    },
                },
            ],
        },
        body(
            "builtin:alerting.profile",
            name="cart",
            managementZone="id:cart",
            severityRules=[{"severityLevel": "ERRORS", "delayInMinutes": 60, "tagFilterIncludeMode": "NONE"}],
            eventFilters=[
                {"type": "PREDEFINED", "predefinedFilter": {"eventType": "PGI_UNAVAILABLE", "negate": False}},
                {
                    "type": "CUSTOM",
                    "customFilter": {
                        "titleFilter": {
                            "enabled": True,
                            "value": "a",
                            "operator": "CONTAINS",
                            "negate": False,
                            "caseSensitive": False,
                        },
                        "metadataFilter": {
                            "metadataFilterItems": [{"metadataKey": "k", "metadataValue": "v", "negate": False}]
                        },
                    },
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


@mistakes(
    Mistake(PROFILE, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(PROFILE, {"severityRules": [{"severityLevel": "ERROR"}]}, ("severityRules", 0, "severityLevel"), "Input"),
    Mistake(
        PROFILE,
        {"severityRules": [{**SEVERITY, "delayInMinutes": 10_001}]},
        ("severityRules", 0, "delayInMinutes"),
        "less than or equal to 10000",
    ),
    Mistake(
        PROFILE, {"severityRules": [{**SEVERITY, "tagFilter": ["a"]}]}, ("severityRules", 0, "tagFilter"), "INCLUDE_ANY"
    ),
    Mistake(
        PROFILE,
        {"severityRules": [{**SEVERITY, "tagFilterIncludeMode": "INCLUDE_ALL", "tagFilter": []}]},
        ("severityRules", 0, "tagFilter"),
        "at least 1",
    ),
    Mistake(
        PROFILE,
        {"eventFilters": [{"type": "CUSTOM", "customFilter": {}}]},
        ("eventFilters", 0, "CUSTOM", "customFilter"),
        "titleFilter",
    ),
    Mistake(
        PROFILE,
        {"eventFilters": [{"type": "PREDEFINED", "predefinedFilter": {"eventType": "CPU"}}]},
        ("eventFilters", 0, "PREDEFINED", "predefinedFilter", "eventType"),
        "Input should be",
    ),
    Mistake(
        PROFILE,
        {
            "eventFilters": [
                {
                    "type": "CUSTOM",
                    "customFilter": {
                        "metadataFilter": {"metadataFilterItems": [{"metadataKey": "a", "metadataValue": "b"}] * 2}
                    },
                }
            ]
        },
        ("eventFilters", 0, "CUSTOM", "customFilter", "metadataFilter", "metadataFilterItems"),
        "item 2",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)
