"""pagerduty/AlertGroupingSetting: known by its set of services; a service leaves one before it joins another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ManifestError
from reconciler.kinds.step import Work
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
from tests.kinds.pagerduty_project import applied, ask, document, log_of, settled, stage_in, told

NAME = "pagerduty/AlertGroupingSetting"
KIND = kind_of(NAME)
PATH = "/alert_grouping_settings"


def service(name: str) -> dict[str, str]:
    return {"id": f"id:{name}", "type": "service_reference"}


RAW = {
    "id": "PAGS001",
    "name": "payments",
    "description": "",
    "type": "content_based",
    "config": {
        "aggregate": "all",
        "fields": ["component", "summary"],
        "time_window": 900,
        "recommended_time_window": 300,
    },
    "services": [{**service("billing"), "name": "billing"}, {**service("checkout"), "name": "checkout"}],
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}
CONTENT = {"aggregate": "all", "fields": ["summary", "component"], "time_window": "15m"}


@cases(
    Case(
        "by content",
        NAME,
        {"type": "content_based", "name": "payments", "services": ["checkout", "billing"], "config": CONTENT},
        {
            "type": "content_based",
            "name": "payments",
            "services": [service("checkout"), service("billing")],
            "config": {"aggregate": "all", "fields": ["summary", "component"], "time_window": 900},
        },
        RAW,
    ),
    Case(
        "by time, in seconds",
        NAME,
        {"type": "time", "services": ["checkout"], "config": {"timeout": "2m"}},
        {"type": "time", "services": [service("checkout")], "config": {"timeout": 120}},
        {"type": "time", "services": [service("checkout")], "config": {"timeout": 120}},
    ),
    Case(
        "null clears the words",
        NAME,
        {"type": "time", "name": None, "description": None},
        {"type": "time", "name": None, "description": ""},
        {"type": "time", "name": None, "description": ""},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {}, ("type",), "required"),
    Mistake(NAME, {"type": "rough"}, ("type",), "'time'"),
    Mistake(NAME, {"type": "time", "config": {"timeout": 30}}, ("config", "timeout"), "60 seconds at least"),
    Mistake(NAME, {"type": "time", "config": {"timeout": "2d"}}, ("config", "timeout"), "less than or equal to 86400"),
    Mistake(NAME, {"type": "time", "config": {"fields": ["x"]}}, ("config", "fields"), "not permitted"),
    Mistake(NAME, {"type": "intelligent", "config": {"time_window": "2h"}}, ("config", "time_window"), "3600"),
    Mistake(NAME, {"type": "content_based", "config": {"time_window": 299}}, ("config", "time_window"), "300 seconds"),
    Mistake(NAME, {"type": "content_based", "config": {"aggregate": "some"}}, ("config", "aggregate"), "'all'"),
    Mistake(NAME, {"type": "content_based", "services": []}, ("services",), "at least 1"),
    Mistake(NAME, {"type": "content_based", "services": ["a"] * 2}, ("services",), "item 2 stood there before"),
    Mistake(
        NAME, {"type": "content_based", "services": [f"s{one}" for one in range(251)]}, ("services",), "at most 250"
    ),
    Mistake(NAME, {"type": "content_based_intelligent", "services": ["a", "b"]}, ("services",), "at most 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("type_", "missing"),
    [
        ("time", ("config.timeout",)),
        ("intelligent", ()),
        ("content_based", ("config.aggregate", "config.fields")),
        ("content_based_intelligent", ("config.aggregate", "config.fields")),
    ],
)
def test_each_type_says_what_it_needs(type_: str, missing: tuple[str, ...]) -> None:
    assert KIND.missing({"type": type_, "services": ["x"]}) == missing
    assert KIND.missing({"type": type_}) == ("services", *missing)


def test_a_changed_time_goes_with_the_type_and_a_changed_name_does_not() -> None:
    live = bound(KIND.from_api(RAW, CONTEXT))
    [step] = KIND.steps(updating(NAME, live, config={**live["config"], "time_window": 300}), CONTEXT)
    assert set(step.body) == {"type", "config"}
    assert step.body["config"] == {"aggregate": "all", "fields": ["component", "summary"], "time_window": 300}
    [step] = KIND.steps(updating(NAME, live, name="x"), CONTEXT)
    assert step.body == {"name": "x"}


def test_a_service_leaves_one_setting_before_it_joins_another() -> None:
    one, other = (
        bound(tree_of(NAME, {"type": "time", "services": ["a", "b"]})),
        bound(tree_of(NAME, {"type": "time", "services": ["b"]})),
    )
    [leaves] = KIND.steps(Work("update", other, frozenset({"services"}), one), CONTEXT)
    [goes] = KIND.steps(Work("delete", one, live=one), CONTEXT)
    [joins] = KIND.steps(Work("create", bound(tree_of(NAME, {"type": "time", "services": ["a"]}))), CONTEXT)
    assert joins.needs
    assert joins.needs == leaves.gives
    assert joins.needs < goes.gives
    assert not leaves.needs


def test_its_key_is_the_set_of_its_services() -> None:
    one = KIND.key(bound(tree_of(NAME, {"type": "time", "services": ["a", "b"]})))
    assert one == KIND.key(bound(tree_of(NAME, {"type": "time", "services": ["b", "a"]})))
    assert KIND.key({"type": "time", "name": "x"}) is None


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = document("EscalationPolicy", "calls", POLICY) + "".join(
    document("Service", name, {"escalation_policy": "calls"}) for name in ("checkout", "billing", "search")
)


def setting(name: str, *services: str, **spec: Any) -> str:
    return document("AlertGroupingSetting", name, {"type": "time", "services": [*services], **spec})


def test_it_is_made_settled_restored_and_removed(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + setting("g", "checkout", "billing", config={"timeout": "5m"}, description="d")})
    applied(stage)
    [one] = ask(stage, "GET", PATH)["alert_grouping_settings"]
    ask(stage, "PUT", f"{PATH}/{one['id']}", {"alert_grouping_setting": {"type": "time", "config": {"timeout": 60}}})
    [change] = stage.plan().writes
    assert [(field.path, field.old, field.new, field.cause) for field in change.fields] == [
        ("config.timeout", "1m", "5m", "drifted")
    ]
    applied(stage)
    stage.write({"m.yaml": BASE + setting("g", "billing", config={"timeout": "5m"}, description=None)})
    assert [field.path for field in stage.plan().writes[0].fields] == ["description", "services[]"]
    applied(stage)
    stage.write({"m.yaml": BASE})
    applied(stage)
    assert ask(stage, "GET", PATH)["alert_grouping_settings"] == []


def test_what_is_not_declared_is_left_alone_and_one_list_is_read(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + setting("g", "checkout", config={"timeout": "5m"})})
    applied(stage)
    stage.write({"m.yaml": BASE + setting("g", "checkout")})
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if PATH in line] == [f"GET {PATH}"]
    [one] = ask(stage, "GET", PATH)["alert_grouping_settings"]
    assert one["config"] == {"timeout": 300}


def test_a_service_moves_from_one_setting_to_another_in_one_apply(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    time = {"timeout": "5m"}
    stage.write(
        {"m.yaml": BASE + setting("a", "checkout", "billing", config=time) + setting("b", "search", config=time)}
    )
    applied(stage)
    stage.write(
        {"m.yaml": BASE + setting("a", "checkout", config=time) + setting("b", "search", "billing", config=time)}
    )
    applied(stage)


def test_another_type_brings_its_own_config(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + setting("g", "checkout", config={"timeout": "5m"})})
    applied(stage)
    content = {"aggregate": "any", "fields": ["summary"]}
    stage.write({"m.yaml": BASE + setting("g", "checkout", type="content_based", config=content)})
    applied(stage)
    stage.write({"m.yaml": BASE + setting("g", "checkout", type="intelligent")})
    applied(stage)


def test_a_window_of_zero_is_what_pagerduty_recommends(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + setting("g", "checkout", type="intelligent", config={"time_window": 0})})
    applied(stage)


def test_two_that_say_how_one_services_alerts_are_grouped_are_an_error(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    own = {"escalation_policy": "calls", "alert_grouping_parameters": {"type": "time", "config": {"timeout": 5}}}
    text = BASE + setting("a", "checkout", "search") + setting("b", "billing", "search")
    stage.write({"m.yaml": text + document("Service", "late", own) + setting("c", "late")})
    with pytest.raises(ManifestError) as found:
        stage.project()
    words = [problem.text for problem in found.value.problems]
    assert len(words) == 2, words
    assert "alert grouping of pagerduty/Service/search is also said by pagerduty/AlertGroupingSetting/a" in words[0]
    assert "alert grouping of pagerduty/Service/late" in words[1]
    assert all(problem.place and problem.place.line for problem in found.value.problems)


def test_without_a_ledger_it_is_found_by_its_services(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + setting("g", "checkout", "billing", config={"timeout": "5m"})})
    applied(stage)
    other = stage_in(tmp_path)
    other.sandbox, other.clock = stage.sandbox, stage.clock
    assert {line.split(" ")[0] for line in told(other.plan())} == {"adopt"}
