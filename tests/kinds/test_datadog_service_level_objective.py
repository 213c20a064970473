"""datadog/ServiceLevelObjective: targets by time, what is counted in one form, tags in any order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
    updating,
)
from tests.kinds.datadog_project import API, applied, ask, document, monitor, settled, stage_in

NAME = "datadog/ServiceLevelObjective"
KIND = kind_of(NAME)
QUOTIENT = {"numerator": "sum:ok{*}.as_count()", "denominator": "sum:all{*}.as_count()"}
QUERIES = [{"name": "ok", "data_source": "metrics", "query": "sum:ok{*}.as_count()"}]
COUNT = {"good_events_formula": {"formula": "ok"}, "total_events_formula": {"formula": "ok"}, "queries": QUERIES}
SLICE = {"query": {"formulas": [{"formula": "ok"}], "queries": QUERIES}, "comparator": ">", "threshold": 5}
MONTH = [{"timeframe": "30d", "target": 98}]


@cases(
    Case(
        "metric",
        NAME,
        {
            "name": "checkout",
            "type": "metric",
            "query": QUOTIENT,
            "thresholds": [{"timeframe": "30d", "target": 98}, {"timeframe": "7d", "target": 97, "warning": 98.5}],
            "tags": ["Env:prod", "service:checkout"],
        },
        {
            "name": "checkout",
            "type": "metric",
            "query": QUOTIENT,
            "thresholds": [{"timeframe": "30d", "target": 98}, {"timeframe": "7d", "target": 97, "warning": 98.5}],
            "tags": ["Env:prod", "service:checkout"],
        },
        {
            "name": "checkout",
            "type": "metric",
            "type_id": 1,
            "query": QUOTIENT,
            "sli_specification": {"count": COUNT},
            "description": "",
            "thresholds": [
                {
                    "timeframe": "7d",
                    "target": 97.0,
                    "target_display": "97.",
                    "warning": 98.5,
                    "warning_display": "98.5",
                },
                {"timeframe": "30d", "target": 98.0, "target_display": "98."},
            ],
            "tags": ["service:checkout", "reconciler:p/datadog/ServiceLevelObjective/checkout", "env:prod"],
            "timeframe": "30d",
            "target_threshold": 98.0,
            "monitor_tags": [],
            "creator": {"name": "Ann"},
            "modified_at": 1,
        },
    ),
    Case(
        "by a monitor",
        NAME,
        {"type": "monitor", "monitor_ids": ["payments"], "groups": ["env:prod"], "thresholds": MONTH},
        {"type": "monitor", "monitor_ids": [7], "groups": ["env:prod"], "thresholds": MONTH},
        {"type": "monitor", "monitor_ids": [7], "groups": ["env:prod"], "thresholds": MONTH, "monitor_tags": ["a:b"]},
        numbers={"payments": 7},
    ),
    Case(
        "slices of time",
        NAME,
        {"type": "time_slice", "sli_specification": {"time_slice": SLICE}, "thresholds": MONTH, "description": "fast"},
        {"type": "time_slice", "sli_specification": {"time_slice": SLICE}, "thresholds": MONTH, "description": "fast"},
        {
            "type": "time_slice",
            "sli_specification": {"time_slice": {**SLICE, "query_interval_seconds": 300}},
            "thresholds": MONTH,
            "description": "fast",
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "0" * 32, **case.raw})


@mistakes(
    Mistake(NAME, {"type": "events"}, ("type",), "'time_slice'"),
    Mistake(NAME, {"thresholds": []}, ("thresholds",), "at least 1"),
    Mistake(NAME, {"thresholds": [{"target": 9}]}, ("thresholds", 0, "timeframe"), "required"),
    Mistake(NAME, {"thresholds": [{"timeframe": "1d"}]}, ("thresholds", 0, "timeframe"), "'90d'"),
    Mistake(NAME, {"thresholds": [{"timeframe": "custom"}]}, ("thresholds", 0, "timeframe"), "'90d'"),
    Mistake(NAME, {"thresholds": [*MONTH, *MONTH]}, ("thresholds",), "the same timeframe"),
    Mistake(NAME, {"timeframe": "7d", "thresholds": MONTH}, ("timeframe",), "no 7d"),
    Mistake(NAME, {"type": "monitor", "query": QUOTIENT}, ("query",), "for the type metric"),
    Mistake(NAME, {"type": "metric", "monitor_ids": ["a"]}, ("monitor_ids",), "for the type monitor"),
    Mistake(NAME, {"type": "metric", "groups": ["a:b"]}, ("groups",), "for the type monitor"),
    Mistake(NAME, {"groups": ["a:b"], "monitor_ids": ["a", "b"]}, ("groups",), "for one monitor"),
    Mistake(NAME, {"groups": [str(one) for one in range(101)]}, ("groups",), "at most 100"),
    Mistake(
        NAME,
        {"type": "metric", "sli_specification": {"time_slice": SLICE}},
        ("sli_specification", "time_slice"),
        "for the type time_slice",
    ),
    Mistake(
        NAME,
        {"type": "time_slice", "sli_specification": {"count": COUNT}},
        ("sli_specification", "count"),
        "for the type metric",
    ),
    Mistake(
        NAME,
        {"query": QUOTIENT, "sli_specification": {"count": COUNT}},
        ("sli_specification", "count"),
        "write one of them",
    ),
    Mistake(
        NAME, {"sli_specification": {"count": COUNT, "time_slice": SLICE}}, ("sli_specification",), "either time_slice"
    ),
    Mistake(
        NAME,
        {"sli_specification": {"count": {**COUNT, "bad_events_formula": {"formula": "b"}}}},
        ("sli_specification", "count"),
        "either total_events_formula or bad_events_formula",
    ),
    Mistake(
        NAME,
        {"sli_specification": {"time_slice": {"query_interval_seconds": 90}}},
        ("sli_specification", "time_slice", "query_interval_seconds"),
        "60 or 300",
    ),
    Mistake(
        NAME,
        {"sli_specification": {"time_slice": {"comparator": "=="}}},
        ("sli_specification", "time_slice", "comparator"),
        "'>='",
    ),
    Mistake(NAME, {"tags": ["reconciler:x"]}, ("tags",), "leave it out"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("spec", "lacking"),
    [
        ({"type": "monitor"}, ("thresholds", "monitor_ids")),
        ({"type": "metric", "thresholds": MONTH}, ("query.numerator", "query.denominator")),
        ({"type": "metric", "thresholds": MONTH, "sli_specification": {"count": COUNT}}, ()),
        ({"type": "time_slice", "thresholds": MONTH}, ("sli_specification.time_slice",)),
        ({"name": "x"}, ("type", "thresholds")),
    ],
)
def test_each_type_needs_what_it_counts(spec: dict[str, Any], lacking: tuple[str, ...]) -> None:
    assert KIND.missing(tree_of(NAME, spec)) == lacking


LIVE = bound(
    KIND.from_api(
        {
            "id": "0",
            "name": "n",
            "type": "metric",
            "query": QUOTIENT,
            "sli_specification": {"count": COUNT},
            "thresholds": [{"timeframe": "30d", "target": 98.0, "target_display": "98."}],
            "timeframe": "30d",
            "target_threshold": 98.0,
            "tags": ["b:2", "a:1"],
            "new_with_datadog": 1,
        },
        CONTEXT,
    )
)


@pytest.mark.parametrize(
    ("changed", "gone"),
    [
        ({"name": "other"}, set()),
        ({"query": {**QUOTIENT, "numerator": "x"}}, {"sli_specification"}),
        ({"sli_specification": {"count": {**COUNT, "queries": []}}}, {"query"}),
        ({"thresholds": [{"timeframe": "7d", "target": 9}]}, {"timeframe"}),
    ],
)
def test_a_change_sends_the_whole_less_what_would_contradict_it(changed: dict[str, Any], gone: set[str]) -> None:
    [step] = KIND.steps(updating(NAME, LIVE, **changed), CONTEXT)
    assert step.checked
    assert set(step.body) == set(LIVE) - gone
    assert {name: step.body[name] for name in changed} == changed
    assert step.body["new_with_datadog"] == 1


def test_tags_in_another_order_are_the_same_object_to_a_saved_plan() -> None:
    first = {"id": "0", "name": "n", "tags": ["a", "b"], "modified_at": 1, "creator": {}}
    assert KIND.steady(first) == KIND.steady({"id": "0", "name": "n", "tags": ["b", "a"], "modified_at": 2})
    assert KIND.steady(first) != KIND.steady({**first, "tags": ["a"]})


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_objective_changes_and_keeps_what_nobody_names(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    spec = {"type": "metric", "query": QUOTIENT, "thresholds": MONTH}
    stage.write({"m.yaml": document("ServiceLevelObjective", "s", spec)})
    applied(stage)
    [there] = ask(stage, "GET", API["slos"])["data"]
    by_hand = {**spec, "name": "s", "tags": [*there["tags"], "x:y", "w:v"], "description": "by hand"}
    ask(stage, "PUT", f"{API['slos']}/{there['id']}", by_hand)
    settled(stage)
    stage.write(
        {"m.yaml": document("ServiceLevelObjective", "s", {**spec, "thresholds": [{**MONTH[0], "target": 97}]})}
    )
    [change] = stage.plan().writes
    assert [field.path for field in change.fields] == ["thresholds.30d.target"]
    applied(stage)
    [after] = ask(stage, "GET", API["slos"])["data"]
    assert after["description"] == "by hand"
    assert sorted(after["tags"]) == ["reconciler:test/datadog/servicelevelobjective/s", "w:v", "x:y"]


def test_an_objective_is_known_by_its_tag_when_the_ledger_is_lost(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    spec = {"type": "metric", "query": QUOTIENT, "thresholds": MONTH}
    stage.write({"m.yaml": document("ServiceLevelObjective", "S.lo", spec) + monitor("a")})
    applied(stage)
    stage.store = type(stage.store).memory()
    stage.write({"m.yaml": document("ServiceLevelObjective", "S.lo", {**spec, "name": "another name"}) + monitor("a")})
    assert [change.word for change in stage.plan().writes] == ["update"]
    applied(stage)
