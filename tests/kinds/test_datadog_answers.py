"""Datadog's answers: either way the docs leave open, in any order, checked before a write, one write at a time."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Update, Write
from reconciler.engine.delivery import Delivery
from reconciler.engine.rehearsal import rehearse
from reconciler.kinds.address import Address
from reconciler.sandbox.exchange import Request, encode
from tests.kind_kit import kind_of
from tests.kinds.datadog_project import (
    API,
    applied,
    ask,
    document,
    live_monitor,
    log_of,
    monitor,
    settled,
    stage_in,
)
from tests.kinds.test_datadog_monitor import OPTIONS, SCHEDULE
from tests.kinds.test_datadog_stories import TOLD, WATCHED, connected

SETTINGS: list[dict[str, Any]] = [
    {"metric_type": "turned", "slo_tags": "as_sent", "v2_content": "application/json"},
    {"metric_type": "as_sent", "options": "older", "slack_created": 200, "opsgenie_names": "unique"},
    {"lag_reads": 1, "duplicate_names": 409, "pagerduty_legacy": "answers"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_whichever_way_datadog_answers_what_is_applied_is_found_again(settings: dict[str, Any], tmp_path: Path) -> None:
    stage = connected(tmp_path)
    answered = stage.sandbox.handle(Request("POST", "/__settings", (), {}, encode({"datadog": settings})))
    assert answered.status == 200, answered.body
    stage.write({"m.yaml": TOLD + WATCHED})
    assert stage.apply().ok
    settled(stage)
    settled(stage)


def with_option(number: int, name: str, said: Any) -> str:
    """A monitor of a type and a query to which the option belongs."""
    spec = {"type": "query alert", "query": f"avg(last_5m):avg:o{number}{{*}} by {{host,env}} > 1"}
    if name in ("enable_logs_sample", "groupby_simple_monitor", "group_retention_duration"):
        spec = {"type": "log alert", "query": f'logs("{number}").rollup("count").last("5m") > 1'}
    if name == "thresholds" and "ok" in said:
        spec = {"type": "service check", "query": f'"c{number}".over("*").by("host").last(4).count_by_status()'}
    if name == "thresholds" and "critical_query" in said:
        spec["query"] = spec["query"].replace("> 1", "> threshold")
    missing = {"on_missing_data": "default"} if said == SCHEDULE else {}
    return document("Monitor", f"o{number}", {**spec, "options": {name: said, **missing}})


def test_every_option_is_taken_and_found_again(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    rows = [with_option(number, name, said) for number, (name, said, _) in enumerate(OPTIONS)]
    asset = {"category": "runbook", "name": "what to do", "url": "https://wiki.example.com/a"}
    role = "00000000-0000-4000-8000-000000000001"
    rows.append(monitor("a", assets=[asset], restricted_roles=[role], draft_status="draft", priority=5))
    stage.write({"m.yaml": "".join(rows)})
    applied(stage)
    since = len(stage.sandbox.log)
    settled(stage)
    ident = live_monitor(stage, "a")["id"]
    assert log_of(stage, since)[:2] == [f"GET {API['monitors']}", f"GET {API['monitors']}/{ident}"]


def test_a_saved_plan_stands_while_monitors_alert_and_tags_are_shuffled(tmp_path: Path) -> None:
    stage = connected(tmp_path)
    stage.write({"m.yaml": TOLD + WATCHED})
    applied(stage)
    stage.write({"m.yaml": (TOLD + WATCHED).replace('"target": 99', '"target": 95').replace("sum:a{*}", "avg:a{*}")})
    first = stage.plan()
    assert len(first.writes) >= 3
    assert {stage.plan().digest for _ in range(3)} == {first.digest}


def test_the_server_is_asked_before_and_its_objection_lands_on_the_line(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": monitor("a") + monitor("b")})
    applied(stage)
    wrong = {"type": "query alert", "query": "sum(last_5m):nonsense > 20"}
    stage.write({"m.yaml": monitor("a", priority=2) + monitor("b") + document("Monitor", "c", wrong)})
    plan = stage.plan()
    rehearsed = asyncio.run(rehearse(plan.draft.access, plan))
    assert rehearsed.asked == 2
    [refused] = rehearsed.refused
    assert "'query' is invalid" in refused.text
    assert str(refused.place).startswith("m.yaml:")
    assert [one["name"] for one in ask(stage, "GET", API["monitors"])] == ["a", "b"]


def test_webhooks_and_variables_wait_in_one_queue() -> None:
    none_of_them: list[Any] = [None] * 4  # a turn needs neither access nor journal
    delivery = Delivery(*none_of_them)
    turns = {
        name: delivery._turn(_write(name)) for name in ("Webhook", "WebhookVariable", "PagerDutyService", "Monitor")
    }
    assert turns["Webhook"] is turns["WebhookVariable"]
    assert turns["Webhook"] is not turns["PagerDutyService"]
    assert isinstance(turns["Monitor"], nullcontext)


def _write(name: str) -> Write:
    return Update(Address("datadog", "default", name, "x"), kind_of(f"datadog/{name}"), None)
