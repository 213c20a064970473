"""dynatrace/Event: what each type takes, what is warned about, what is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.kinds.signal import Refusal
from reconciler.kinds.spec import read
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object
from reconciler.sandbox.dynatrace import vocabulary
from reconciler.vendors.dynatrace import event_life, event_type
from reconciler.vendors.dynatrace.event import KIND
from tests.kind_kit import Mistake, assert_mistaken, mistakes
from tests.kinds.dynatrace_events import (
    ALERT,
    ANNOTATION,
    CART,
    DAY,
    DEPLOYMENT,
    FAILURE,
    INFO,
    MINUTE,
    NOW_MS,
    TO_HOST,
    least,
    tree_of,
)

ID = "dynatrace/Event"
CONTEXT = Context(datetime(2026, 3, 1, 12, tzinfo=UTC))
MARK = "reconciler:test/dynatrace/Event/e"


def wrong(spec: Object) -> dict[tuple[int | str, ...], str]:
    try:
        read(KIND.spec, spec)
    except ValidationError as found:
        return {one["loc"]: one["msg"] for one in found.errors()}
    return {}


# ── the types ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_tables_are_the_same_on_both_sides() -> None:
    assert set(event_type.PARAMETERS) == set(vocabulary.MATRIX)
    kinds = set(vocabulary.COLUMNS)
    assert kinds == set(vocabulary.EVENT_TYPES) - {"CUSTOM_ALERT"} == event_type.PROBLEM | event_type.INFORMATION
    assert set(vocabulary.PROBLEMS) == event_type.PROBLEM
    cells = {(name, kind) for name in vocabulary.MATRIX for kind in kinds}
    assert [one for one in cells if event_type.cell(*one) != vocabulary.cell(*one)] == []
    assert (event_type.TIMEOUT, event_type.LONGEST_TIMEOUT) == (vocabulary.TIMEOUT, vocabulary.LONGEST_TIMEOUT)


@pytest.mark.parametrize("kind", vocabulary.COLUMNS)
@pytest.mark.parametrize("parameter", vocabulary.MATRIX)
def test_each_cell_of_the_matrix_is_held(parameter: str, kind: str) -> None:
    value: Any = {"a": "b"} if parameter == "customProperties" else "x"
    with_it, without_it = wrong(least(kind, **{parameter: value})), wrong(least(kind, **{parameter: ...}))
    match vocabulary.cell(parameter, kind):
        case "R" if parameter == "source":
            assert (with_it, set(without_it)) == ({}, {("source",)})
        case "R":
            assert with_it == {}
            assert without_it == {("eventType",): f"{kind} needs {parameter}"}
            assert wrong(least(kind, **{parameter: None})) == wrong(least(kind, **{parameter: ""})) == without_it
        case "O":
            assert (with_it, without_it) == ({}, {})
        case _:
            assert without_it == wrong(least(kind, **{parameter: None})) == {}
            assert f"{kind} takes no {parameter}" in with_it[parameter,]


GOOD: list[tuple[str, Object]] = [
    ("a deployment", DEPLOYMENT),
    ("a failure", FAILURE),
    ("a custom alert of three fields", ALERT),
    ("a custom alert with anything", {**ALERT, "title": "t", "deploymentName": "d", "timeoutMinutes": 5}),
    ("a time-out of zero for information", {**ANNOTATION, "timeoutMinutes": 0, "start": 1, "end": 2}),
    ("a time-out of null for information", {**INFO, "timeoutMinutes": None, "allowDavisMerge": None}),
    ("every field that may be null", {**INFO, **dict.fromkeys(("start", "end", "title", "changed", "original"))}),
    ("a time-out in words", {**FAILURE, "timeoutMinutes": "2h"}),
    ("what stands in no table", {**INFO, "changed": "x", "timeseriesIds": ["a"]}),
    ("a problem kept open", {**FAILURE, "keepOpen": True}),
    ("a tag without context", {**INFO, "attachRules": {"tagRule": [{"meTypes": ["HOST"], "tags": [{"key": "a"}]}]}}),
    ("ids beside null rules", {**INFO, "attachRules": {**TO_HOST, "tagRule": None}}),
]


@pytest.mark.parametrize("spec", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_it_is_an_event(spec: Object) -> None:
    assert wrong(spec) == {}


@mistakes(
    Mistake(ID, {**INFO, "eventType": "SOME_EVENT"}, ("eventType",), "AVAILABILITY_EVENT"),
    Mistake(ID, {**INFO, "attachRules": {}}, ("attachRules",), "at least one entity"),
    Mistake(ID, {**INFO, "attachRules": {"entityIds": [], "tagRule": None}}, ("attachRules",), "at least one entity"),
    Mistake(ID, {**INFO, "attachRules": {"entityIds": [""]}}, ("attachRules", "entityIds", 0), "at least 1 character"),
    Mistake(
        ID,
        {**INFO, "attachRules": {"tagRule": [{"meTypes": [""], "tags": [CART]}]}},
        ("attachRules", "tagRule", 0, "meTypes", 0),
        "at least 1 character",
    ),
    Mistake(
        ID,
        {**INFO, "attachRules": {"tagRule": [{"meTypes": [], "tags": [CART]}]}},
        ("attachRules", "tagRule", 0, "meTypes"),
        "at least 1 item",
    ),
    Mistake(
        ID,
        {**INFO, "attachRules": {"tagRule": [{"meTypes": ["HOST"], "tags": [{"key": "a", "context": "MINE"}]}]}},
        ("attachRules", "tagRule", 0, "tags", 0, "context"),
        "'KUBERNETES'",
    ),
    Mistake(
        ID,
        {**INFO, "attachRules": {"tagRule": [{"meTypes": ["HOST"], "tags": [{"key": ""}]}]}},
        ("attachRules", "tagRule", 0, "tags", 0, "key"),
        "at least 1 character",
    ),
    Mistake(
        ID,
        {**INFO, "attachRules": {"tagRule": [{"meTypes": ["HOST"], "tags": []}]}},
        ("attachRules", "tagRule", 0, "tags"),
        "at least 1 item",
    ),
    Mistake(ID, {**INFO, "timeoutMinutes": 5}, ("timeoutMinutes",), "CUSTOM_INFO opens no problem and takes no"),
    Mistake(ID, {**INFO, "allowDavisMerge": False}, ("allowDavisMerge",), "CUSTOM_INFO opens no problem"),
    Mistake(ID, {**INFO, "keepOpen": True}, ("keepOpen",), "CUSTOM_INFO opens no problem"),
    Mistake(ID, {**FAILURE, "end": 5}, ("end",), "ERROR_EVENT is open until it times out"),
    Mistake(ID, {**FAILURE, "timeoutMinutes": 121}, ("timeoutMinutes",), "less than or equal to 120"),
    Mistake(ID, {**FAILURE, "keepOpen": True, "start": NOW_MS}, ("keepOpen",), "leave start out"),
    Mistake(ID, {**ALERT, "keepOpen": True}, ("keepOpen",), "not documented"),
    Mistake(ID, {**INFO, "start": 5, "end": 4}, ("end",), "it ends before it begins, at 5"),
    Mistake(ID, {**INFO, "customProperties": {"reconciler": "x"}}, ("customProperties",), "whose the event is"),
    Mistake(ID, {**INFO, "colour": "red"}, ("colour",), "Extra inputs"),
)
def test_it_is_no_event(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = wrong({"eventType": "CUSTOM_DEPLOYMENT", "title": "x", "attachRules": {"tagRule": [{"meTypes": 5}]}})
    assert found["eventType",] == "CUSTOM_DEPLOYMENT needs deploymentName, deploymentVersion"
    assert set(found) == {
        ("eventType",),
        ("source",),
        ("title",),
        ("attachRules", "tagRule", 0, "meTypes"),
        ("attachRules", "tagRule", 0, "tags"),
    }


def rule(tag: Object, sort: str = "HOST") -> Object:
    return {**INFO, "attachRules": {"tagRule": [{"meTypes": [sort], "tags": [tag]}]}}


REMARKS: list[tuple[str, Object, list[str]]] = [
    ("a plain one", DEPLOYMENT, []),
    ("a custom alert", ALERT, ["eventType"]),
    ("a value of a custom tag", rule({"key": "a", "value": "b"}), ["attachRules tagRule 0 tags 0 value"]),
    ("a value of another tag", rule({"context": "AWS", "key": "a", "value": "b"}), []),
    ("a sort nobody knows", rule({"key": "a"}, "ROUTER"), ["attachRules tagRule 0 meTypes 0"]),
    ("a problem that times out at once", {**FAILURE, "timeoutMinutes": 0}, ["timeoutMinutes"]),
]


@pytest.mark.parametrize(("spec", "places"), [row[1:] for row in REMARKS], ids=[row[0] for row in REMARKS])
def test_what_may_be_meant_otherwise_is_warned_about(spec: Object, places: list[str]) -> None:
    assert [" ".join(map(str, one.path)) for one in KIND.remarks(tree_of(spec))] == places


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────

SENT: list[tuple[str, Object, Object]] = [
    ("a deployment as it is", DEPLOYMENT, DEPLOYMENT),
    ("a failure as it is", FAILURE, FAILURE),
    ("without what is ours and what is null", {**FAILURE, "keepOpen": True, "start": None}, FAILURE),
    ("a time-out in minutes", {**FAILURE, "timeoutMinutes": "1h"}, {**FAILURE, "timeoutMinutes": 60}),
    ("a zero as it is", {**INFO, "timeoutMinutes": 0}, {**INFO, "timeoutMinutes": 0}),
    ("a tag with its context", rule({"key": "team-cart", "value": None}), rule(CART)),
]


@pytest.mark.parametrize(("spec", "body"), [row[1:] for row in SENT], ids=[row[0] for row in SENT])
def test_it_is_sent_in_the_vendors_words(spec: Object, body: Object) -> None:
    assert KIND.to_api(tree_of(spec), CONTEXT) == body


def test_the_mark_stands_beside_the_properties_and_stays_as_it_was_sent() -> None:
    assert KIND.mark is not None
    assert KIND.mark.write({"customProperties": {"a": "b"}}, MARK)["customProperties"] == {"a": "b", "reconciler": MARK}
    assert KIND.mark.write({}, MARK) == {"customProperties": {"reconciler": MARK}}
    there = {"customProperties": {"reconciler": "older"}}
    [step] = KIND.steps(Work("refresh", FAILURE, live=FAILURE, there=there), CONTEXT)
    assert (step.effect, KIND.mark.write(step.body, MARK)["customProperties"]) == ("writes", {"reconciler": "older"})
    [first] = KIND.steps(Work("create", FAILURE), CONTEXT)
    assert (first.effect, first.method, first.path, first.body) == ("creates", "POST", "/api/v1/events", FAILURE)


def refusal(spec: Object, changed: str = "", context: Context = CONTEXT) -> Refusal | None:
    verb: Any = "update" if changed else "create"
    return event_life.refuses(Work(verb, tree_of(spec), frozenset([changed] if changed else []), spec), context)


REFUSED: list[tuple[str, Object, str, tuple[str, ...] | None, str]] = [
    ("a problem of an hour ago", {**FAILURE, "start": NOW_MS - 60 * MINUTE}, "", None, ""),
    ("an older problem", {**FAILURE, "start": NOW_MS - 60 * MINUTE - 1}, "", ("start",), "ERROR_EVENT begins 60 min"),
    ("something of 30 days ago", {**INFO, "start": NOW_MS - 30 * DAY}, "", None, ""),
    ("something older", {**INFO, "start": NOW_MS - 30 * DAY - 1}, "", ("start",), "CUSTOM_INFO begins 30 days"),
    ("a custom alert of last year", {**ALERT, "start": 1}, "", None, ""),
    ("an end before now", {**INFO, "end": NOW_MS - 1}, "", ("end",), "without start it begins when it is sent"),
    ("an end after now", {**INFO, "end": NOW_MS + 1}, "", None, ""),
    ("an end between", {**INFO, "start": NOW_MS - 5, "end": NOW_MS - 1}, "", None, ""),
    ("an edit of what was sent", {**INFO, "start": 1}, "source", ("source",), "stays as it was sent"),
    ("an edit of what is ours", {**FAILURE, "keepOpen": True}, "keepOpen", None, ""),
]


@pytest.mark.parametrize(
    ("spec", "changed", "path", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_cannot_be_sent_is_refused(spec: Object, changed: str, path: tuple[str, ...] | None, why: str) -> None:
    found = refusal(spec, changed)
    assert (found.path if found else None) == path
    assert why in (found.why if found else "")
