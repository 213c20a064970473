"""dynatrace/SettingsObject: the fields of any schema, with secrets in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds.tree import Env, Keep
from reconciler.report.document import json_text, plan_document
from reconciler.sandbox.dynatrace.crowd import made
from reconciler.sandbox.dynatrace.tagging_schemas import AUTO_TAGGING
from reconciler.vendors.dynatrace import schema
from reconciler.vendors.dynatrace.merge import Sets, merged
from tests.kind_kit import (
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
    tree_of,
)
from tests.kinds.dynatrace_project import document, objects, stage_in

OBJECT = "dynatrace/SettingsObject"


@cases(
    Case(
        "an object of any schema",
        OBJECT,
        {"schemaId": "builtin:x", "value": {"a": None, "b": [{"c": 1, "d": None}], "e": True}},
        {"schemaId": "builtin:x", "value": {"b": [{"c": 1}], "e": True}},
    ),
    Case(
        "the first of an ordered schema",
        OBJECT,
        {"schemaId": "builtin:x", "scope": "HOST-0011223344556677", "after": "first"},
        {"schemaId": "builtin:x", "scope": "HOST-0011223344556677", "insertAfter": ""},
    ),
    Case(
        "one that stands after another",
        OBJECT,
        {"schemaId": "builtin:x", "after": "a"},
        {"schemaId": "builtin:x", "insertAfter": "id:a"},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    server = {"objectId": "o1", "schemaVersion": "1", "updateToken": "t", "author": "ann", "summary": "s"}
    assert_settled(case, {**server, **case.body})


@mistakes(
    Mistake(OBJECT, {"schemaId": "a,b"}, ("schemaId",), "no schema's id"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_sources_of_secrets_are_found_in_free_form_values() -> None:
    spec = {"schemaId": "builtin:x", "value": {"a": [{"token": {"env": "KEY"}}], "env": "b", "c": {"keep": True}}}
    assert tree_of(OBJECT, spec)["value"] == {"a": [{"token": Env("KEY")}], "env": "b", "c": Keep()}


def test_all_pages_are_read_though_one_is_empty_at_first(tmp_path: Path) -> None:
    """The next page is asked for by its key alone, and by the same key again while it is empty."""
    stage = stage_in(tmp_path)
    objects(stage, "builtin:tags.auto-tagging")
    environment: Any = stage.sandbox.vendors["dynatrace"].accounts[""]
    for number in range(502):
        made(environment, AUTO_TAGGING, {"name": f"t-{number:04}", "rules": []})
    stage.sandbox.vendors["dynatrace"].set({"empty_pages": 2})
    stage.write({"m.yaml": document("AutoTag", "t-0501", {"description": "the last one"})})
    since = len(stage.sandbox.log)
    [change] = stage.plan().writes
    assert change.word == "update"
    assert len(stage.sandbox.log) - since == 4
    stage.sandbox.vendors["dynatrace"].set({"empty_pages": 99})
    environment.pages.clear()
    assert "leads to itself" in stage.plan().facts.not_read["dynatrace"].text


@pytest.mark.parametrize(
    ("wanted", "live", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ({"a": None}, {"a": 1, "b": 2}, {"b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"s": ["b", "a"]}, {"s": ["a", "b"]}, {"s": ["a", "b"]}),
        ({"l": ["b", "a"]}, {"l": ["a", "b"]}, {"l": ["b", "a"]}),
        ({"l": [{"n": 1}]}, {"l": [{"n": 1, "more": 2}, {"n": 3}]}, {"l": [{"n": 1, "more": 2}]}),
        ({"l": [{"n": 4, "x": None}]}, {"l": [{"n": 1}]}, {"l": [{"n": 4}]}),
        ({"k": Keep()}, {"k": "mask"}, {"k": "mask"}),
    ],
)
def test_what_is_not_named_stays_at_any_depth_and_lists_are_owned_whole(wanted: Any, live: Any, found: Any) -> None:
    assert merged(wanted, live, Sets(frozenset({"s"}))) == found


DEFINITION = {
    "multiObject": True,
    "properties": {
        "url": {"type": "text", "forceSecretResubmission": True},
        "key": {"type": "secret"},
        "sinks": {"type": "set", "items": {"type": {"$ref": "#/types/Sink"}}},
        "self": {"type": {"$ref": "#/types/Node"}},
        "kind": {"type": "text", "default": "A"},
        "maybe": {"type": "text", "default": "B", "nullable": True},
        "only": {"type": "text", "default": "C", "precondition": {"type": "NULL"}},
    },
    "types": {
        "Sink": {"properties": {"token": {"type": "secret"}, "size": {"type": "integer", "default": 3}}},
        "Node": {"properties": {"next": {"type": {"$ref": "#/types/Node"}}, "pin": {"type": "secret"}}},
    },
}


def test_a_schema_says_what_is_secret_what_is_a_set_and_what_has_a_default() -> None:
    where = schema.layout(DEFINITION)
    assert where.secrets == {"key"}
    assert where.resubmit == {"url"}
    assert where.inner["sinks"].secrets == {"token"}
    assert where.inner["self"].inner["next"].secrets == {"pin"}
    assert schema.sets(DEFINITION).names == {"sinks"}
    assert schema.filled({"sinks": [{}]}, DEFINITION) == {"sinks": [{"size": 3}], "kind": "A"}
    assert [
        path for path, _ in schema.misplaced({"key": "x", "sinks": [{"token": Env("A"), "size": Env("B")}]}, where)
    ] == [
        ("key",),
        ("sinks", 0, "size"),
    ]
    assert schema.is_single({"multiObject": False})
    assert not schema.is_single({})


def sink(token: Any, **value: Any) -> str:
    value = {"ruleName": "a", "endpoint": "https://sink.example", "sinks": [{"name": "s", "token": token}], **value}
    return document("SettingsObject", "a", {"schemaId": "builtin:sandbox.enrichment", "value": value})


@pytest.mark.parametrize("before", ["", sink({"env": "KEY"})], ids=["a new one", "one that is there"])
def test_a_secret_that_stands_in_clear_is_not_shown(before: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": before})
    assert stage.apply().ok
    stage.write({"m.yaml": sink("in clear", ratio=0.5)})
    plan = stage.plan()
    [change] = plan.blocked
    assert "never stands in a manifest" in change.why
    assert "in clear" not in json_text(plan_document(plan))
