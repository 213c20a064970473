"""Datadog's kinds against the sandbox: what is applied is found again, and only what Git names is ever written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.kinds.datadog_project import (
    API,
    PROJECT,
    answer,
    applied,
    ask,
    document,
    live_monitor,
    log_of,
    monitor,
    settled,
    stage_in,
    told,
)
from tests.stage import Stage, serve

QUOTIENT = {"numerator": "sum:ok{*}.as_count()", "denominator": "sum:all{*}.as_count()"}
SLICES = {
    "time_slice": {
        "query": {
            "formulas": [{"formula": "q"}],
            "queries": [{"name": "q", "data_source": "metrics", "query": "trace.servlet.request{*}"}],
        },
        "comparator": ">",
        "threshold": 5,
    }
}
MONTH = [{"timeframe": "30d", "target": 99}]
HANDLES = "@pagerduty-checkout @webhook-audit @opsgenie-payments @slack-alerts\n"
TOLD = (
    document("Webhook", "audit", {"url": "https://hooks.example/dd", "payload": {"body": "$EVENT_MSG", "n": [1, 2]}})
    + document("WebhookVariable", "TOKEN", {"is_secret": True, "value": {"env": "TOKEN"}})
    + document("WebhookVariable", "PLACE", {"is_secret": False, "value": "eu"})
    + document("PagerDutyService", "checkout", {"service_key": {"env": "PD_KEY"}})
    + document("OpsgenieService", "payments", {"opsgenie_api_key": {"env": "OG_KEY"}, "region": "eu"})
    + document("SlackChannel", "alerts", {"account": "main", "name": "#alerts", "display": {"tags": False}})
)
OPTIONS = {"thresholds": {"critical": 20, "warning": 10}, "renotify_interval": "1h"}
ONCE = {"start": "2026-02-01T00:00:00Z", "end": "2026-09-01T00:00:00Z"}
AGAIN = {
    "recurrences": [{"rrule": "FREQ=WEEKLY;BYDAY=SU", "duration": "1h", "start": "2026-03-08T01:00:00"}],
    "timezone": "Asia/Tokyo",
}
WATCHED = (
    monitor("a", message=HANDLES, tags=["Env:prod", "service:checkout"], priority=2, options=OPTIONS)
    + monitor("b", above=5)
    + document(
        "Monitor", "both", {"type": "composite", "query": "${ref:datadog/Monitor/a} && ${ref:datadog/Monitor/b}"}
    )
    + document(
        "ServiceLevelObjective",
        "requests",
        {"type": "metric", "query": QUOTIENT, "thresholds": [*MONTH, {"timeframe": "7d", "target": 98, "warning": 99}]},
    )
    + document("ServiceLevelObjective", "up", {"type": "monitor", "monitor_ids": ["a"], "thresholds": MONTH})
    + document(
        "ServiceLevelObjective", "fast", {"type": "time_slice", "sli_specification": SLICES, "thresholds": MONTH}
    )
    + document(
        "Monitor",
        "spent",
        {
            "type": "slo alert",
            "query": 'error_budget("${ref:datadog/ServiceLevelObjective/requests}").over("30d") > 75',
        },
    )
    + document("Downtime", "moving", {"scope": "*", "monitor_identifier": {"monitor_id": "a"}, "schedule": ONCE})
    + document(
        "Downtime",
        "sundays",
        {
            "scope": "env:prod",
            "monitor_identifier": {"monitor_tags": ["service:checkout"]},
            "schedule": AGAIN,
            "notify_end_states": ["warn", "alert"],
        },
    )
)


def connected(root: Path) -> Stage:
    """A stage whose Datadog knows the Slack account `main`."""
    stage = stage_in(root)
    hook = {"account": "main", "url": "https://hooks.slack.com/services/T/B/x"}
    ask(stage, "POST", "/api/v1/integration/slack", {"service_hooks": [hook]})
    return stage


def test_every_kind_lives_is_found_again_and_goes(tmp_path: Path) -> None:
    stage = connected(tmp_path)
    stage.write({"m.yaml": TOLD + WATCHED})
    applied(stage)
    assert live_monitor(stage, "a")["message"] == HANDLES.strip()
    since = len(stage.sandbox.log)
    settled(stage)
    asked = log_of(stage, since)
    assert len(asked) == 9
    assert all(line.startswith("GET ") for line in asked)
    # All of it goes, each before what it uses; a vendor that refuses what is in use would have said so.
    stage.write({"m.yaml": monitor("other")})
    applied(stage)
    assert [one["name"] for one in ask(stage, "GET", API["monitors"])] == ["other"]
    assert ask(stage, "GET", API["slos"])["data"] == []
    assert answer(stage, "GET", f"{API['webhooks']}/audit")[0] == 404


def test_what_tells_is_there_before_the_monitor_that_names_it(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a", message="@pagerduty-checkout @webhook-audit") + TOLD})
    stage.apply()
    posts = [line for line in log_of(stage) if line.startswith("POST")]
    for way in ("pagerduty", "webhooks"):
        assert posts.index(f"POST {API[way]}") < posts.index(f"POST {API['monitors']}")


# ── options and tags ────────────────────────────────────────────────────────────────────────────────────────────────


def by_hand(stage: Stage, which: str, **fields: Any) -> None:
    """What a person does in Datadog's pages."""
    ask(stage, "PUT", f"{API['monitors']}/{live_monitor(stage, which)['id']}", fields)


def test_options_that_nobody_names_stay_as_they_are(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a", options=OPTIONS)})
    applied(stage)
    there = live_monitor(stage, "a")
    by_hand(
        stage, "a", options={**there["options"], "timeout_h": 4, "notify_audit": True}, tags=[*there["tags"], "x:y"]
    )
    settled(stage)
    stage.write({"m.yaml": monitor("a", options={**OPTIONS, "renotify_interval": "2h"})})
    [change] = stage.plan().writes
    assert [field.path for field in change.fields] == ["options.renotify_interval"]
    applied(stage)
    after = live_monitor(stage, "a")
    assert after["options"] == {**there["options"], "timeout_h": 4, "notify_audit": True, "renotify_interval": 120}
    assert set(after["tags"]) == {*there["tags"], "x:y"}


def test_a_drifted_option_is_told_and_put_back(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a", options=OPTIONS, tags=["a:b"])})
    applied(stage)
    there = live_monitor(stage, "a")
    by_hand(stage, "a", options={**there["options"], "renotify_interval": 5}, tags=["c:d", *there["tags"]])
    [change] = stage.plan().writes
    assert {(field.path, field.cause) for field in change.fields} == {
        ("options.renotify_interval", "drifted"),
        ("tags[]", "drifted"),
    }
    applied(stage)
    assert sorted(live_monitor(stage, "a")["tags"]) == ["a:b", "reconciler:test/datadog/Monitor/a"]


def test_a_new_number_in_the_query_is_a_new_critical(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a", above=20)})
    applied(stage)
    stage.write({"m.yaml": monitor("a", above=30)})
    [change] = stage.plan().writes
    assert {field.path: field.new for field in change.fields} == {
        "query": "sum(last_5m):sum:a{*} > 30",
        "options.thresholds.critical": 30,
    }
    applied(stage)
    assert live_monitor(stage, "a")["options"]["thresholds"] == {"critical": 30.0}


def test_a_monitor_is_known_by_its_tag_when_the_ledger_is_lost(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a") + monitor("b")})
    applied(stage)
    by_hand(stage, "a", name="renamed in the UI")
    stage.store = type(stage.store).memory()
    [change] = stage.plan().writes
    assert [(field.path, field.old, field.new) for field in change.fields] == [("name", "renamed in the UI", "a")]
    applied(stage)


def test_an_adopted_monitor_bears_the_mark_after_its_first_change_only(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    made = {"type": "query alert", "name": "a", "query": "avg(last_5m):avg:x{*} > 1", "tags": ["kept:1"]}
    ask(stage, "POST", API["monitors"], made)
    stage.write({"m.yaml": document("Monitor", "a", {"type": "metric alert"})})
    applied(stage)
    assert live_monitor(stage, "a")["tags"] == ["kept:1"]
    stage.write({"m.yaml": document("Monitor", "a", {"priority": 1})})
    applied(stage)
    assert live_monitor(stage, "a")["tags"] == ["kept:1", "reconciler:test/datadog/Monitor/a"]


def test_a_write_stops_where_somebody_was_faster(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a")})
    applied(stage)
    stage.write({"m.yaml": monitor("a", priority=1)})

    plain, asked = serve(stage.sandbox), 0

    def meanwhile(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        """Somebody writes between the plan's list and the look before the write."""
        nonlocal asked
        asked += 1
        if asked == 2:
            by_hand(stage, "a", options={"thresholds": {"critical": 20}, "timeout_h": 3})
        return plain(method, target, headers, body)

    stage.serve = meanwhile
    [failed] = [one for one in stage.apply().results if one.ending != "done"]
    assert "changed by somebody" in failed.text


# ── what has no list ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_webhook_gets_another_name_and_keeps_the_rest(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    hook = {"url": "https://hooks.example/dd", "custom_headers": {"X-Team": "payments"}}
    stage.write({"m.yaml": document("Webhook", "audit", hook) + monitor("a", message="@webhook-audit")})
    applied(stage)
    stage.write({"m.yaml": document("Webhook", "audit", {"name": "trail"}) + monitor("a", message="@webhook-trail")})
    applied(stage)
    assert stage.ledger("datadog").entries["datadog/Webhook/audit"].id == "trail"
    assert ask(stage, "GET", f"{API['webhooks']}/trail")["custom_headers"] == '{"X-Team": "payments"}'
    assert answer(stage, "GET", f"{API['webhooks']}/audit")[0] == 404
    assert stage.plan().changes == ()


def test_what_nobody_asks_for_by_name_is_not_there(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    ask(stage, "POST", API["webhooks"], {"name": "somebodys", "url": "https://x.example"})
    stage.write({"m.yaml": document("Webhook", "audit", {"url": "https://hooks.example/dd"})})
    since = len(stage.sandbox.log)
    assert told(stage.plan()) == [
        "create datadog/Webhook/audit: name Nothing() → 'audit' (new), url Nothing() → 'https://hooks.example/dd' (new)"
    ]
    assert log_of(stage, since) == [f"GET {API['webhooks']}/audit"]
    applied(stage)
    assert ask(stage, "GET", f"{API['webhooks']}/somebodys")["url"] == "https://x.example"


def test_what_was_deleted_by_hand_is_made_again(tmp_path: Path) -> None:
    stage = connected(tmp_path)
    stage.write({"m.yaml": TOLD})
    applied(stage)
    ask(stage, "DELETE", f"{API['webhooks']}/audit")
    ask(stage, "DELETE", f"{API['pagerduty']}/checkout")
    ask(stage, "DELETE", f"{API['slack']}/main/channels/%23alerts")
    plan = stage.plan()
    assert sorted((one.word, one.why) for one in plan.writes) == [
        ("create", f"id {ident} was deleted outside Git") for ident in ("audit", "checkout", "main/#alerts")
    ]
    applied(stage)


def test_a_channel_of_the_same_name_in_another_account_is_another(tmp_path: Path) -> None:
    stage = connected(tmp_path)
    hook = {"account": "second", "url": "https://hooks.slack.com/services/T/B/y"}
    ask(stage, "POST", "/api/v1/integration/slack", {"service_hooks": [hook]})
    one, other = ({"account": account, "name": "#alerts"} for account in ("main", "second"))
    stage.write({"m.yaml": document("SlackChannel", "one", one) + document("SlackChannel", "other", other)})
    applied(stage)
    stage.write({"m.yaml": document("SlackChannel", "other", {**other, "display": {"snapshot": False}})})
    applied(stage)
    assert ask(stage, "GET", f"{API['slack']}/main/channels") == []
    [left] = ask(stage, "GET", f"{API['slack']}/second/channels")
    assert left["display"]["snapshot"] is False


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("variable", ["PD_KEY", "OG_KEY", "TOKEN"])
def test_another_key_is_one_change_and_never_shown(variable: str, tmp_path: Path) -> None:
    stage = connected(tmp_path)
    stage.write({"m.yaml": TOLD})
    applied(stage)
    stage.environ[variable] = "quite-another-value"
    plan = stage.plan()
    [change] = plan.writes
    assert len(change.fields) == 1
    assert "quite-another-value" not in str(told(plan))
    applied(stage)


def test_keys_flow_from_pagerduty_and_opsgenie(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    rule = {"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}
    way = {"service": "checkout", "vendor": "Datadog"}
    stage.write(
        {
            "p.yaml": document("EscalationPolicy", "calls", {"escalation_rules": [rule]}, "pagerduty")
            + document("Service", "checkout", {"escalation_policy": "calls"}, "pagerduty")
            + document("ServiceIntegration", "datadog", way, "pagerduty")
            + document("Integration", "datadog", {"type": "Datadog"}, "opsgenie"),
            "d.yaml": document(
                "PagerDutyService",
                "checkout",
                {"service_key": {"from": "pagerduty/ServiceIntegration/datadog", "output": "integration_key"}},
            )
            + document(
                "OpsgenieService",
                "payments",
                {"opsgenie_api_key": {"from": "opsgenie/Integration/datadog", "output": "apiKey"}, "region": "us"},
            )
            + monitor("a", message="@pagerduty-checkout @opsgenie-payments"),
        }
    )
    applied(stage)


# ── near misses ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_handle_that_is_nearly_known_is_told_with_its_place(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, PROJECT)
    texts = {"message": "Look! @pagerduty-chekout.", "options": {"escalation_message": "@webhook-Audit @slack-none"}}
    stage.write({"m.yaml": monitor("a", **texts) + TOLD})
    said = {problem.text: problem.place for problem in stage.plan().warnings}
    assert set(said) == {
        "datadog/Monitor/a: @pagerduty-chekout leads to nothing known here; did you mean @pagerduty-checkout?",
        "datadog/Monitor/a: @webhook-Audit leads to nothing known here; did you mean @webhook-audit?",
    }
    assert all(place is not None and str(place).startswith("m.yaml:") for place in said.values())
