"""datadog/Monitor: a query of every type, its number, and thresholds that agree with it."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from reconciler.vendors.datadog.query import MonitorType, compared
from tests.kind_kit import Case, Mistake, assert_mistaken, mistakes, sent

NAME = "datadog/Monitor"
ROLLED = '.rollup("count").last("5m") > 5'
GOOD = [
    ("query alert", "avg(last_5m):avg:system.cpu.user{env:prod} by {host} > 90.5", 90.5),
    ("metric alert", "change(avg(last_1h),5m_ago):avg:a{*} <= -3", -3.0),
    ("query alert", "pct_change(avg(last_1d),1d_ago):avg:a{*} == 1e3", 1000.0),
    ("query alert", "avg(last_1w):anomalies(avg:a{*}, 'basic', 2) >= 1", 1.0),
    ("query alert", "avg(last_10080m):avg:a{*} != 0", 0.0),
    ("query alert", "avg(last_168h):avg:a{*} < .5", 0.5),
    ("query alert", "avg(last_5m):avg:a{*} > threshold", "threshold"),
    ("service check", '"datadog.agent.up".over("env:prod").by("host").last(100).count_by_status()', None),
    ("process alert", "processes('nginx').over('env:prod').rollup('count').last('10m') < 1", 1.0),
    ("log alert", 'logs("status:error").index("main").rollup("cardinality", "@usr.id").last("2880m") > 5', 5.0),
    ("log alert", 'formula("a / b").last("48h") > 0.8', 0.8),
    *(
        (f"{source} alert" if source not in ("events", "audits") else type_, f'{source}("q"){ROLLED}', 5.0)
        for source, type_ in (
            ("events", "event-v2 alert"),
            ("audits", "audit alert"),
            ("ci-pipelines", ""),
            ("ci-tests", ""),
            ("database-monitoring", ""),
            ("network-performance", ""),
        )
    ),
    (
        "error-tracking alert",
        'error-tracking("q").source("all").new().rollup("count").by("issue.id").last("5m") > 5',
        5.0,
    ),
    ("network-path alert", f'network-path("q").index("netpath-hop"){ROLLED}', 5.0),
    ("rum alert", f'rum("q"){ROLLED}', 5.0),
    ("trace-analytics alert", f'trace-analytics("q"){ROLLED}', 5.0),
    ("cost alert", 'formula("q").last("7d").anomaly(direction="above") >= 1', 1.0),
    ("slo alert", 'error_budget("0a1b").over("90d") >= 75', 75.0),
    ("slo alert", 'burn_rate("0a1b").over("30d").long_window("1h").short_window("5m") > 14.4', 14.4),
    ("composite", "90001 && 90002", None),
    ("composite", "!90001 || (90002 && 90003)", None),
    ("event alert", "whatever the older api took", None),
    *(
        (type_, 'anything("q") > 3', 3.0)
        for type_ in ("data-quality alert", "data-jobs alert", "llm-observability alert")
    ),
    ("synthetics alert", "no_query", None),
]


@pytest.mark.parametrize(("type_", "query", "number"), GOOD)
def test_a_query_as_documented_is_taken_and_its_number_known(type_: str, query: str, number: Any) -> None:
    assert sent(Case("", NAME, {"type": type_, "query": query})) == {"type": type_, "query": query}
    assert compared(query) == number


def test_there_is_a_query_of_every_type() -> None:
    assert {type_ for type_, _, _ in GOOD} == set(get_args(MonitorType))


@mistakes(
    *(
        Mistake(NAME, {"type": type_, "query": query}, ("query",), words)
        for type_, query, words in [
            ("query alert", "avg(last_5m):avg:a{*}", "ends in an operator and a number"),
            ("query alert", "avg(last_10081m):avg:a{*} > 1", "1 to 10,080m"),
            ("metric alert", "avg(last_169h):avg:a{*} > 1", "1 to 168h"),
            ("metric alert", "avg(last_2d):avg:a{*} > 1", "1 to 1d"),
            ("query alert", "avg(last_0m):avg:a{*} > 1", "1 to 10,080m"),
            ("query alert", f'logs("q"){ROLLED}', "of type log alert, not of query alert"),
            ("log alert", 'logs("q").rollup("count").last("2881m") > 1', "1 to 2,880m"),
            ("event-v2 alert", 'events("q").rollup("count").last("49h") > 1', "1 to 48h"),
            ("event-v2 alert", f'logs("q"){ROLLED}', "of type log alert, not of event-v2 alert"),
            ("log alert", f'avg("q"){ROLLED}', "begins with logs("),
            ("audit alert", f'events("q"){ROLLED}', "of type event-v2 alert"),
            ("service check", '"a".over("*").by("*").last(101).count_by_status()', "100 states"),
            ("slo alert", 'error_budget("a").over("14d") > 1', "7d, 30d and 90d"),
            ("slo alert", 'error_budget("a").over("7d") < 1', "compares by > or >="),
            ("slo alert", 'budget("a").over("7d") > 1', "begins with error_budget( or burn_rate("),
            ("composite", "avg(last_5m):avg:a{*} > 1", "a composite names monitors"),
        ]
    ),
    *(
        Mistake(NAME, {**spec, "options": {"thresholds": thresholds}}, ("options", "thresholds", path), words)
        for spec, thresholds, path, words in [
            ({"query": "avg(last_5m):avg:a{*} > 20"}, {"critical": 30}, "critical", "30 is not the number at"),
            ({"query": "avg(last_5m):avg:a{*} > 20"}, {"critical_query": "q"}, "critical_query", "ends in 20"),
            ({"query": "avg(last_5m):avg:a{*} > threshold"}, {"critical": 3}, "critical", "write critical_query"),
            ({"type": "log alert"}, {"ok": 1}, "ok", "only a service check"),
            ({"type": "query alert"}, {"unknown": 1}, "unknown", "only a service check"),
            (
                {"type": "service check", "query": '"a".over("*").by("*").last(2).count_by_status()'},
                {"critical": 3},
                "critical",
                "the last 2 states",
            ),
        ]
    ),
)
def test_a_query_that_cannot_be_is_told(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_numbers_are_compared_as_numbers() -> None:
    spec = {"query": "avg(last_5m):avg:a{*} > 20.0", "options": {"thresholds": {"critical": 20}}}
    assert sent(Case("", NAME, spec)) == spec
