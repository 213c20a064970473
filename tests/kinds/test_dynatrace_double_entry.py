"""Dynatrace's settings stand twice on purpose, in the kinds and in the sandbox's schemas; here the two are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, get_args

import pytest

from reconciler.kinds.spec import json_schema
from reconciler.sandbox.dynatrace import attribute as sandbox_attribute
from reconciler.sandbox.dynatrace import tagging_schemas, vocabulary
from reconciler.sandbox.dynatrace.alerting_schemas import EVENT_TYPES
from reconciler.sandbox.dynatrace.definition import met
from reconciler.sandbox.dynatrace.schemas import SCHEMAS
from reconciler.vendors.dynatrace import attach_rule, attribute, auto_tag, management_zone, notification_type
from reconciler.vendors.dynatrace.problem_event import EventType
from reconciler.vendors.dynatrace.schema import layout
from tests.kind_kit import kind_of

Rows = Mapping[str, set[Any]]
SCHEMA_OF = {
    "AlertingProfile": "builtin:alerting.profile",
    "AutoTag": "builtin:tags.auto-tagging",
    "MaintenanceWindow": "builtin:alerting.maintenance-window",
    "ManagementZone": "builtin:management-zones",
    "ProblemNotification": "builtin:problem.notifications",
}
# What bounds a field, and the value that says nothing.
LIMITS = {"maxLength": None, "minimum": None, "maximum": None, "minItems": 0, "maxItems": None}
# Checked by a function, which a schema for editors does not show: the rows of each kind's own tests hold them.
UNSEEN = {
    "severityRules[].delayInMinutes minimum",
    "severityRules[].delayInMinutes maximum",
    "rules[].attributeRule.conditions[].key choices",
}
# The sandbox's own bound; the vendor's pages have none.
UNDOCUMENTED = {"filters[].managementZones maxItems"}


def ours(kind: str) -> Rows:
    """By path and word, the limits and choices of a kind's fields, of all its variants together."""
    schema, rows = json_schema(kind_of(f"dynatrace/{kind}").spec), defaultdict[str, set[Any]](set)
    for path, node in _nodes(schema, schema.get("$defs", {}), ""):
        for word, idle in LIMITS.items():
            if node.get(word, idle) != idle:
                rows[f"{path} {word}"].add(node[word])
        choices = [*node.get("enum", ()), *([node["const"]] if "const" in node else [])]
        rows[f"{path} choices"].update(choices)
    of_references = (".existing minItems", ".keep choices")
    return {row: values for row, values in rows.items() if values and not row.endswith(of_references)}


def _nodes(node: Mapping[str, Any], defs: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield path, node
    if "$ref" in node:
        yield from _nodes(defs[node["$ref"].rpartition("/")[2]], defs, path)
    for branch in (*node.get("anyOf", ()), *node.get("oneOf", ()), *(one["then"] for one in node.get("allOf", ()))):
        yield from _nodes(branch, defs, path)
    for name, inner in node.get("properties", {}).items():
        yield from _nodes(inner, defs, f"{path}.{name}".lstrip("."))
    if isinstance(node.get("items"), Mapping):
        yield from _nodes(node["items"], defs, f"{path}[]")


def theirs(schema: str) -> Rows:
    """The same of the sandbox's schema. A secret stands in no manifest, an id of another object is a reference."""
    shown, rows = SCHEMAS[schema].shown(current=True), dict[str, set[Any]]()
    for path, one in _properties(shown["properties"], shown["types"], ""):
        found = {word: one[f"{word[:3]}Objects"] for word in ("minItems", "maxItems") if f"{word[:3]}Objects" in one}
        for limit in one.get("constraints", ()):
            found |= {word: limit[word] for word in ("maxLength", "minimum", "maximum") if word in limit}
        rows |= {f"{path} {word}": {limit} for word, limit in found.items() if limit != LIMITS[word]}
        reference = one["type"].get("$ref", "") if isinstance(one["type"], Mapping) else ""
        if "/enums/" in reference:
            enum = shown["enums"][reference.rpartition("/")[2]]
            rows[f"{path} choices"] = {item["value"] for item in enum["items"]}
    return rows


def _properties(rows: Mapping[str, Any], types: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, one in rows.items():
        # What the vendor has there stands directly under `spec`.
        here = path if name == "generalProperties" else f"{path}.{name}".lstrip(".")
        yield from _property(one, types, here)


def _property(one: Mapping[str, Any], types: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    if one["type"] not in ("secret", "setting"):
        yield path, one
    if "items" in one:
        yield from _property(one["items"], types, f"{path}[]")
    reference = one["type"].get("$ref", "") if isinstance(one["type"], Mapping) else ""
    if "/types/" in reference:
        yield from _properties(types[reference.rpartition("/")[2]]["properties"], types, path)


@pytest.mark.parametrize("kind", SCHEMA_OF)
def test_limits_and_choices_are_the_same_on_both_sides(kind: str) -> None:
    rows = theirs(SCHEMA_OF[kind])
    assert ours(kind) == {row: values for row, values in rows.items() if row not in UNSEEN | UNDOCUMENTED}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (attribute.KEYS, sandbox_attribute.KEYS),
        (get_args(EventType), EVENT_TYPES),
        (auto_tag.PROPAGATES.items(), tagging_schemas.PROPAGATIONS.items()),
        (management_zone.PROPAGATES.items(), tagging_schemas.ZONE_PROPAGATIONS.items()),
        (attach_rule.ME_TYPES, vocabulary.ME_TYPES),
        (attach_rule.ME_TYPES | attach_rule.NEWER_ME_TYPES, vocabulary.NEWER_ME_TYPES),
        (get_args(attach_rule.TagContext), vocabulary.CONTEXTS),
    ],
)
def test_words_are_the_same_on_both_sides(one: Any, other: Any) -> None:
    assert set(one) == set(other) != set()


def test_what_is_secret_and_what_asks_for_secrets_anew_is_the_same_on_both_sides() -> None:
    assert layout(SCHEMAS[SCHEMA_OF["ProblemNotification"]].shown(current=True)) == notification_type.LAYOUT


def test_defaults_of_notifications_are_the_same_on_both_sides() -> None:
    """But for xMatters' payload, of which only the length is documented; and a null that older versions refuse."""
    types = SCHEMAS[SCHEMA_OF["ProblemNotification"]].types
    for type_, given in notification_type.DEFAULTS.items():
        for name, one in types[notification_type.FIELDS[type_]]["properties"].items():
            if "default" in one and (type_, name) != ("XMATTERS", "payload"):
                assert given[name] == one["default"], (type_, name)


def test_a_condition_has_the_same_fields_on_both_sides() -> None:
    fields = sandbox_attribute.CONDITION["properties"]
    for key, operator in product(sandbox_attribute.KEYS, sandbox_attribute.OPERATORS):
        values = ("VERBATIM", "JAVA") if attribute.applies("enumValue", key, operator) else (None,)
        for name, value in product(fields, values):
            there = {"key": key, "operator": operator, "enumValue": value}
            theirs_has = "precondition" not in fields[name] or met(fields[name]["precondition"], there)
            assert attribute.applies(name, key, operator, value) is theirs_has, (key, operator, name, value)
