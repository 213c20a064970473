"""Queries of Datadog's monitors in the sandbox: the grammar of each type, and what they refer to."""

from __future__ import annotations

import pytest

from tests.sandbox.datadog_caller import METRIC, Datadog, monitor, objective, written

PATH = "/api/v1/monitor"
ROLLUP = '.rollup("count").last("5m") > 5'
ERRORS = 'error-tracking("*").source("all").new().rollup("count").by("issue.id").last("1h") >= 1'


TAKEN = [
    ("query alert", METRIC),
    ("metric alert", "avg(last_10080m):avg:cpu{host:a,env:b} by {host} <= -0.5"),
    ("query alert", "max(last_168h):max:cpu{*} != 1e3"),
    ("query alert", "min(last_1w):min:cpu{*} == 0"),
    ("query alert", "avg(last_30m):outliers(avg:cpu{role:db} by {host}, 'dbscan', 7) > 0"),
    ("query alert", "avg(last_4h):anomalies(avg:cpu{*}, 'basic', 2, direction='above', interval=20) >= 1"),
    ("query alert", "change(avg(last_5m),5m_ago):sum:req{*} > 100"),
    ("query alert", "pct_change(max(last_2d),1d_ago):sum:req{*} > 100"),
    ("service check", '"datadog.agent.up".over("env:prod","role:db").last(2).by("host").count_by_status()'),
    ("service check", '"ntp.in_sync".over("*").by("host","port").last(100).count_by_status()'),
    ("process alert", "processes(postgres).over(env:prod).rollup('count').last('10m') < 1"),
    ("log alert", 'logs("service:a \\"b\\" (c)").index("main").rollup("count").last("2880m") > 5'),
    ("log alert", 'logs("*").rollup("avg", "@duration").by("service").last("48h") > 5.5'),
    ("log alert", 'logs("*").rollup("cardinality","@usr.id").last("1h") > 5'),
    ("event-v2 alert", f'events("source:aws"){ROLLUP}'),
    ("audit alert", f'audits("*"){ROLLUP}'),
    ("ci-pipelines alert", f'ci-pipelines("*"){ROLLUP}'),
    ("ci-tests alert", f'ci-tests("*"){ROLLUP}'),
    ("database-monitoring alert", f'database-monitoring("*"){ROLLUP}'),
    ("network-performance alert", f'network-performance("*"){ROLLUP}'),
    ("network-path alert", f'network-path("*").index("netpath-hop"){ROLLUP}'),
    ("error-tracking alert", ERRORS),
    ("error-tracking alert", 'error-tracking("*").impact().by("issue.id").last("5m") > 1'),
    ("rum alert", f'rum("@type:error"){ROLLUP}'),
    ("cost alert", 'formula("query1").last("7d").anomaly(direction="above", threshold=10) >= 5'),
    ("cost alert", 'formula("query1").current("1mo") > 5'),
    ("trace-analytics alert", "anything at all > 5"),
    ("data-quality alert", "the sheet has no grammar for it"),
]
REFUSED = [
    ("query alert", "sum(last_5m):sum:lb.5xx > 20"),
    ("query alert", "sum(last_10081m):sum:cpu{*} > 20"),
    ("query alert", "sum(last_169h):sum:cpu{*} > 20"),
    ("query alert", "sum(last_0m):sum:cpu{*} > 20"),
    ("query alert", "sum(last_3d):sum:cpu{*} > 20"),
    ("query alert", "sum(last_5m):sum:cpu{*}"),
    ("query alert", "sum(last_5m):sum:cpu{*} => 20"),
    ("query alert", "last(last_5m):sum:cpu{*} > 20"),
    ("query alert", "change(last_5m):sum:cpu{*} > 20"),
    ("query alert", "sum(avg(last_5m),5m_ago):sum:cpu{*} > 20"),
    ("query alert", "sum(last_5m):sum:cpu{*} > threshold"),
    ("service check", '"agent.up".over("*").last(101).by("host").count_by_status()'),
    ("service check", '"agent.up".over("*").last(2).count_by_status()'),
    ("service check", '"agent.up".over().last(2).by("host").count_by_status()'),
    ("process alert", "processes(postgres).over(env:prod).rollup('avg').last('10m') < 1"),
    ("log alert", 'logs("*").rollup("count").last("2881m") > 5'),
    ("log alert", 'logs("*").rollup("count").last("49h") > 5'),
    ("log alert", 'logs("*").rollup("count").last("1d") > 5'),
    ("log alert", 'logs("*").rollup("avg").last("5m") > 5'),
    ("log alert", 'logs("*").rollup("median", "@a").last("5m") > 5'),
    ("log alert", 'logs("*").last("5m") > 5'),
    ("log alert", f'events("*"){ROLLUP}'),
    ("audit alert", f'logs("*"){ROLLUP}'),
    ("network-path alert", f'network-path("*").index("main"){ROLLUP}'),
    ("error-tracking alert", ERRORS.replace(".new()", "")),
    ("error-tracking alert", ERRORS.replace("issue.id", "service")),
    ("error-tracking alert", ERRORS.replace('"all"', '"server"')),
    ("cost alert", 'formula("query1").last("7d").guess(1) > 5'),
    ("slo alert", 'error_budget("00000000000000000000000000000000").over("7d") > 10'),
    ("synthetics alert", METRIC),
]


@pytest.mark.parametrize(("kind", "query"), TAKEN)
def test_a_query_of_its_types_grammar_is_taken(datadog: Datadog, kind: str, query: str) -> None:
    assert datadog.made("POST", PATH, written(kind, query))["query"] == query


@pytest.mark.parametrize(("kind", "query"), REFUSED)
def test_a_query_against_its_types_grammar_is_refused(datadog: Datadog, kind: str, query: str) -> None:
    for path in (PATH, f"{PATH}/validate"):
        status, (error,) = datadog.errors("POST", path, written(kind, query))
        assert (status, error.startswith("The value provided for parameter '")) == (400, True)


def test_an_slo_alert_names_an_slo_there_is(datadog: Datadog) -> None:
    slo = datadog.made("POST", "/api/v1/slo", objective())["data"][0]["id"]
    alerts = [
        datadog.made("POST", PATH, written("slo alert", query))["id"]
        for query in (
            f'error_budget("{slo}").over("30d") >= 75',
            f'burn_rate("{slo}").over("30d").long_window("1h").short_window("5m") > 14.4',
        )
    ]
    for wrong in (f'error_budget("{slo}").over("1d") > 75', f'error_budget("{slo}").over("7d") < 75'):
        assert datadog("POST", PATH, written("slo alert", wrong))[0] == 400
    read = datadog.made("GET", f"/api/v1/slo/{slo}", with_configured_alert_ids="true")["data"]
    assert read["configured_alert_ids"] == alerts


def test_a_composite_joins_monitors_that_are_none(datadog: Datadog) -> None:
    one, two = (datadog.made("POST", PATH, monitor(name=name))["id"] for name in "ab")
    parent = datadog.made("POST", PATH, written("composite", f"{one} && {two} || {one}"))["id"]
    for query in (f"{one} && 5", f"{one} && {parent}"):
        assert datadog.errors("POST", PATH, written("composite", query)) == (400, ["Some monitor IDs are invalid"])
    for query in (f"{one} {two}", f"{one} && ", "&&", f"{one} & {two}", f"({one}", f"!{one} && ({two})"):
        assert datadog("POST", PATH, written("composite", query))[0] == 400
    datadog.set(composite="full")
    datadog.made("POST", PATH, written("composite", f"!{one} && ({two} || !({one}))"))
    assert datadog("POST", PATH, written("composite", f"!({one} && {two}"))[0] == 400
