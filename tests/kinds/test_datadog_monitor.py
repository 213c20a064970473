"""datadog/Monitor: every option, those nobody names kept, and what a manifest means beside what is there."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link, Object
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
    updating,
)

NAME = "datadog/Monitor"
KIND = kind_of(NAME)
ADDED = {"notify_audit": False, "notify_no_data": False, "include_tags": True, "new_host_delay": 300, "silenced": {}}
BESIDE = {"id": 1, "org_id": 7, "multi": False, "overall_state": "No Data", "creator": {"name": "Ann"}, "deleted": None}


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "checkout 5xx",
            "type": "metric alert",
            "query": "sum(last_5m):sum:lb.5xx{service:checkout}.as_count() > 20\n",
            "message": "@pagerduty-checkout\n",
            "tags": ["service:checkout", "Env:prod"],
            "priority": 2,
            "restricted_roles": ["b", "a"],
            "draft_status": "published",
            "options": {"thresholds": {"critical": 20, "warning": 10}, "renotify_interval": "2h"},
        },
        {
            "name": "checkout 5xx",
            "type": "metric alert",
            "query": "sum(last_5m):sum:lb.5xx{service:checkout}.as_count() > 20\n",
            "message": "@pagerduty-checkout\n",
            "tags": ["service:checkout", "Env:prod"],
            "priority": 2,
            "restricted_roles": ["b", "a"],
            "draft_status": "published",
            "options": {"thresholds": {"critical": 20, "warning": 10}, "renotify_interval": 120},
        },
        {
            "name": "checkout 5xx",
            "type": "query alert",
            "query": "sum(last_5m):sum:lb.5xx{service:checkout}.as_count() > 20",
            "message": "@pagerduty-checkout",
            "tags": ["env:prod", "reconciler:p/datadog/Monitor/checkout", "service:checkout"],
            "priority": 2,
            "restricted_roles": ["a", "b"],
            "draft_status": "published",
            "options": {**ADDED, "thresholds": {"critical": 20.0, "warning": 10.0}, "renotify_interval": 120},
        },
    ),
    Case(
        "of nothing but a name",
        NAME,
        {"name": "x"},
        {"name": "x"},
        {"name": "x", "type": "rum alert", "query": "q", "message": "", "tags": [], "priority": 0, "options": ADDED},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {**BESIDE, **case.raw})


# ── options, one by one ─────────────────────────────────────────────────────────────────────────────────────────────

SCHEDULE = {
    "custom_schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "timezone": "UTC", "start": "2026-01-05T09:00"}]}
}
WINDOW = {"evaluation_window": {"day_starts": "04:00", "month_starts": 1, "hour_starts": 59, "timezone": "Asia/Tokyo"}}
PRESETS = ("show_all", "hide_query", "hide_handles", "hide_all", "hide_query_and_handles", "show_only_snapshot")
# What a manifest says, and what goes out where that differs.
OPTIONS: list[tuple[str, Any, Any]] = [
    ("thresholds", {"critical": 1, "critical_recovery": 0.5, "warning": 0.8, "warning_recovery": 0.4}, ...),
    ("thresholds", {"ok": 1, "unknown": 2, "critical": 3}, ...),
    ("thresholds", {"critical_query": "avg:a{*}", "critical_recovery_query": "avg:b{*}"}, ...),
    ("threshold_windows", {"trigger_window": "last_15m", "recovery_window": "last_15m"}, ...),
    ("notify_no_data", True, ...),
    *(("on_missing_data", one, ...) for one in ("default", "show_no_data", "show_and_notify_no_data", "resolve")),
    ("renotify_interval", "1h", 60),
    ("renotify_occurrences", 3, ...),
    ("renotify_statuses", ["warn", "no data", "alert"], ...),
    ("escalation_message", "again @slack-alerts", ...),
    ("evaluation_delay", "15m", 900),
    ("new_group_delay", "1m", 60),
    ("new_host_delay", "5m", 300),
    *(("timeout_h", one, ...) for one in (0, 24)),
    ("require_full_window", False, ...),
    ("include_tags", False, ...),
    ("notify_audit", True, ...),
    ("notify_by", ["host", "env"], ...),
    *(("notification_preset_name", one, ...) for one in (*PRESETS, "hide_handles_and_footer")),
    *(("group_retention_duration", one, ...) for one in ("60m", "1h", "72h", "2d", "3d")),
    ("enable_logs_sample", True, ...),
    ("enable_samples", True, ...),
    ("groupby_simple_monitor", True, ...),
    *(("min_failure_duration", one, ...) for one in (0, 7200)),
    ("min_location_failed", 2, ...),
    ("variables", [{"name": "a", "data_source": "logs", "compute": {"aggregation": "count"}}], ...),
    ("scheduling_options", SCHEDULE, ...),
    ("scheduling_options", WINDOW, ...),
    ("locked", True, ...),
]


@pytest.mark.parametrize(("name", "said", "out"), OPTIONS)
def test_an_option_goes_out_and_is_found_among_those_that_datadog_adds(name: str, said: Any, out: Any) -> None:
    case = Case(name, NAME, {"options": {name: said}})
    expected = said if out is ... else out
    assert sent(case) == {"options": {name: expected}}
    assert_settled(case, {**BESIDE, "options": {**ADDED, "timeout_h": None, name: expected}})


@mistakes(
    *(
        Mistake(NAME, {"options": {name: value}}, ("options", *path), words)
        for name, value, path, words in [
            ("timeout_h", 25, ("timeout_h",), "24"),
            ("timeout_h", -1, ("timeout_h",), "0"),
            ("min_failure_duration", 7201, ("min_failure_duration",), "7200"),
            ("group_retention_duration", "59m", ("group_retention_duration",), "60m to 72h"),
            ("group_retention_duration", "73h", ("group_retention_duration",), "60m to 72h"),
            ("group_retention_duration", "4d", ("group_retention_duration",), "60m to 72h"),
            ("group_retention_duration", "1w", ("group_retention_duration",), "pattern"),
            ("on_missing_data", "ignore", ("on_missing_data",), "'resolve'"),
            ("notification_preset_name", "hide", ("notification_preset_name",), "'hide_all'"),
            ("renotify_statuses", ["ok"], ("renotify_statuses", 0), "'no data'"),
            ("renotify_interval", "90s", ("renotify_interval",), "whole minutes"),
            ("include_tags", "yes", ("include_tags",), "boolean"),
            ("silenced", {}, ("silenced",), "not permitted"),
            (
                "scheduling_options",
                {"evaluation_window": {"month_starts": 2}},
                ("scheduling_options", "evaluation_window", "month_starts"),
                "1",
            ),
            (
                "scheduling_options",
                {"evaluation_window": {"hour_starts": 60}},
                ("scheduling_options", "evaluation_window", "hour_starts"),
                "59",
            ),
            (
                "scheduling_options",
                {"evaluation_window": {"day_starts": "24:00"}},
                ("scheduling_options", "evaluation_window", "day_starts"),
                "pattern",
            ),
            ("thresholds", {"critical": 1, "critical_query": "q"}, ("thresholds",), "exclude each other"),
            ("thresholds", {"warning": None, "warning_recovery": 1}, ("thresholds",), "needs warning"),
        ]
    ),
    Mistake(
        NAME,
        {"options": {"notify_no_data": True, "on_missing_data": "resolve"}},
        ("options",),
        "notify_no_data and on_missing_data exclude each other",
    ),
    Mistake(NAME, {"priority": 0}, ("priority",), "1"),
    Mistake(NAME, {"priority": 6}, ("priority",), "5"),
    Mistake(NAME, {"type": "apm alert"}, ("type",), "'trace-analytics alert'"),
    Mistake(NAME, {"draft_status": "live"}, ("draft_status",), "'published'"),
    Mistake(NAME, {"assets": [{"category": "wiki"}]}, ("assets", 0, "category"), "'runbook'"),
    Mistake(NAME, {"tags": ["a", "A"]}, ("tags",), "tag 2 stood there before"),
    Mistake(NAME, {"tags": ["Reconciler:x/y"]}, ("tags",), "leave it out"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── what is meant beside what is live ───────────────────────────────────────────────────────────────────────────────

ABOVE = "avg(last_5m):avg:a{*} > "


@pytest.mark.parametrize(
    ("wanted", "live", "options"),
    [
        ({"query": f"{ABOVE}30"}, {"thresholds": {"critical": 20.0}}, {"thresholds": {"critical": 30.0}}),
        ({"query": f"{ABOVE}20"}, {"thresholds": {"critical": 20.0}}, None),
        ({"query": f"{ABOVE}30"}, {}, None),
        (
            {"query": f"{ABOVE}30", "options": {"thresholds": {"warning": 5}}},
            {"thresholds": {"critical": 20.0}},
            {"thresholds": {"warning": 5, "critical": 30.0}},
        ),
        (
            {"options": {"on_missing_data": "resolve"}},
            {"notify_no_data": True},
            {"on_missing_data": "resolve", "notify_no_data": False},
        ),
        (
            {"options": {"notify_no_data": True, "no_data_timeframe": 5}},
            {"on_missing_data": "resolve"},
            {"on_missing_data": None, "notify_no_data": True, "no_data_timeframe": 5},
        ),
        ({"options": {"notify_no_data": False, "no_data_timeframe": 5}}, {}, {"notify_no_data": False}),
    ],
)
def test_what_a_manifest_means_beside_what_is_there(wanted: Object, live: Object, options: Object | None) -> None:
    found = KIND.meant(wanted, {"query": f"{ABOVE}20", "options": live}, CONTEXT)
    assert found.get("options") == options


def test_options_go_out_whole_with_nulls_that_would_turn_into_defaults() -> None:
    there: Object = {"new_host_delay": None, "timeout_h": None, "silenced": {"host:x": 1}}
    work = updating(NAME, {"name": "a", "options": there}, options={**there, "renotify_interval": 5})
    [step] = KIND.steps(work, CONTEXT)
    assert step.body == {
        "options": {"new_host_delay": None, "silenced": {"host:x": 1}, "renotify_interval": 5},
        "tags": [],
    }
    assert (step.method, step.checked) == ("PUT", True)


def test_beside_on_missing_data_the_older_words_stay_away() -> None:
    options = {"on_missing_data": "resolve", "notify_no_data": False, "no_data_timeframe": 2, "include_tags": True}
    assert KIND.to_api({"options": options}, CONTEXT)["options"] == {"on_missing_data": "resolve", "include_tags": True}


def test_a_new_monitor_has_the_number_of_its_query_as_critical() -> None:
    [step] = KIND.steps(Work("create", {"type": "query alert", "query": f"{ABOVE}20"}), CONTEXT)
    assert step.body["options"] == {"thresholds": {"critical": 20.0}}


@pytest.mark.parametrize(
    ("declared", "live", "words"),
    [
        ({"options": {"thresholds": {"critical": 30}}}, {"query": f"{ABOVE}20"}, "the live query ends in 20"),
        ({"options": {"thresholds": {"warning_recovery": 3}}}, {"query": f"{ABOVE}20"}, "needs a warning"),
        ({"query": f"{ABOVE}30"}, {"query": f"{ABOVE}20"}, None),
    ],
)
def test_what_would_be_refused_is_said(declared: Object, live: Object, words: str | None) -> None:
    said = KIND.notices(declared, live)
    assert [words in one for one in said if words] == ([True] if words else [])
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"type": "synthetics alert"}, ("type",)),
        ({"type": "event alert"}, ("type",)),
        ({"type": "service check", "query": '"a".over("*").last(2).count_by_status()'}, ("query",)),
    ],
)
def test_what_is_allowed_but_odd_is_remarked(spec: Object, path: tuple[str, ...]) -> None:
    assert [remark.path for remark in KIND.remarks(tree_of(NAME, spec))] == [path]


@pytest.mark.parametrize(("type_", "told"), [("composite", ["query"]), ("query alert", []), ("", [])])
def test_a_composite_of_a_composite_is_told(type_: str, told: list[str]) -> None:
    def look(link: Link) -> Object | None:
        return {"name": "b", "type": type_} if (link.kind, link.id, bool(type_)) == (NAME, "2", True) else None

    tree: Object = {"type": "composite", "query": "2 && !3"}
    assert [".".join(map(str, one.path)) for one in KIND.cautions(tree, look)] == told
    assert not KIND.cautions({**tree, "type": "slo alert"}, look)


def test_what_synthetics_made_is_never_deleted() -> None:
    assert KIND.on_removal({"type": "synthetics alert"}, frozenset()) == "release"
    assert KIND.on_removal({"type": "log alert"}, frozenset()) == "delete"


def test_a_recovery_of_a_warning_needs_one_to_be_made() -> None:
    tree = {"type": "query alert", "query": "q", "options": {"thresholds": {"warning_recovery": 1}}}
    assert KIND.missing(tree) == ("options.thresholds.warning",)


def test_what_changes_by_itself_does_not_move_a_saved_plan() -> None:
    first = {"id": 1, "name": "a", "overall_state": "OK", "modified": "x", "options": {}}
    assert KIND.steady(first) == KIND.steady({**first, "overall_state": "Alert", "modified": "y", "state": {}})
    assert KIND.steady(first) != KIND.steady({**first, "options": {"locked": True}})
