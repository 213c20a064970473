"""Datadog's kinds, one of each: killed or left without an answer anywhere, the next apply converges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine import upkeep
from reconciler.kinds.address import Address
from reconciler.ledger import ledger
from reconciler.ledger.holder import Holder
from reconciler.vendors.datadog import VENDOR
from reconciler.vendors.registry import VENDORS
from tests.kinds.datadog_project import API, KEYS, PROJECT, SECRETS, ask, document, monitor
from tests.laws import convergence
from tests.stage import ENVIRON

SORTS = (
    *("monitors", "webhooks", "variables", "pagerduty_services", "opsgenie_services", "slack_channels"),
    *("downtimes", "slos"),
)
QUOTIENT = {"numerator": "sum:ok{*}.as_count()", "denominator": "sum:all{*}.as_count()"}
OPSGENIE = {"opsgenie_api_key": {"env": "OG_KEY"}}
KEY = {"service_key": {"env": "PD_KEY"}}


def downtime(end: str) -> str:
    schedule = {"start": "2026-01-01T00:00:00Z", "end": end}
    return document("Downtime", "d", {"scope": "*", "monitor_identifier": {"monitor_id": "m"}, "schedule": schedule})


def slo(target: int) -> str:
    spec = {"type": "metric", "query": QUOTIENT, "thresholds": [{"timeframe": "7d", "target": target}]}
    return document("ServiceLevelObjective", "s", spec)


BEFORE = {
    "named": document("Webhook", "hook", {"url": "https://a.example"})
    + document("WebhookVariable", "TOKEN", {"is_secret": True, "value": {"env": "TOKEN"}})
    + document("PagerDutyService", "pd", KEY)
    + document("SlackChannel", "sl", {"account": "main", "name": "#alerts"}),
    "numbered": document("OpsgenieService", "og", {**OPSGENIE, "region": "eu"})
    + monitor("m", message="@opsgenie-og")
    + downtime("2026-09-01T00:00:00Z")
    + slo(99),
}
AFTER = {
    "named": document("Webhook", "hook", {"name": "other", "url": "https://b.example"})
    + document("WebhookVariable", "TOKEN", {"name": "OTHER", "is_secret": False, "value": "x"})
    + document("PagerDutyService", "pd", {**KEY, "service_name": "x"}, lifecycle={"replace": "allow"})
    + document("SlackChannel", "sl", {"account": "main", "name": "#alerts", "display": {"tags": False}}),
    "numbered": document("OpsgenieService", "og", {**OPSGENIE, "region": "us"})
    + monitor("m", above=30)
    + downtime("2026-10-01T00:00:00Z")
    + slo(98),
}
BESIDE = monitor("beside")


class Twin(convergence.Twin):
    """A life that tells what our kinds made in Datadog."""

    host = "datadog"

    def made(self) -> dict[str, list[str]]:
        held: Mapping[str, Any] = self.vendor("datadog")["collections"]
        return {sort: sorted(_told(one) for one in held.get(sort, ()) if _is_there(one)) for sort in SORTS}


def _is_there(one: Mapping[str, Any]) -> bool:
    return one.get("status") != "canceled" and one.get("canceled") is None


def _told(one: Mapping[str, Any]) -> str:
    """An object without ids and stamps, which no two worlds share."""
    new = {"id", "created", "created_at", "modified", "modified_at", "monitor_identifier", "start", "monitor_id"}

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(part) for name, part in value.items() if name not in new}
        return [bare(part) for part in value] if isinstance(value, list) else value

    return json.dumps(bare(one), sort_keys=True, default=str)


def begin(root: Path) -> Twin:
    one = Twin(root, environ={**ENVIRON, **KEYS, **SECRETS}, vendors={**VENDORS, "datadog": VENDOR})
    hook = {"account": "main", "url": "https://hooks.slack.com/services/T/B/x"}
    ask(one, "POST", "/api/v1/integration/slack", {"service_hooks": [hook]})
    one.write({"reconciler.yaml": PROJECT, "m.yaml": BESIDE})
    one.go()
    return one


@pytest.fixture(params=["made", "changed", "removed"])
def begun(request: Any, story: str, tmp_path: Path) -> Twin:
    one = begin(tmp_path)
    if request.param != "made":
        one.edited({"m.yaml": BESIDE + BEFORE[story]})
        one.go()
    now = {"made": BEFORE, "changed": AFTER, "removed": {}}[request.param]
    one.edited({"m.yaml": BESIDE + now.get(story, "")})
    return one


every_story = pytest.mark.parametrize("story", BEFORE)


@every_story
def test_killed_after_any_write_the_next_apply_converges(story: str, begun: Twin) -> None:
    """Killed between a write and its record, which is all that the ledger does not know."""
    right = convergence.right_of(begun)
    assert len(right.made["monitors"]) >= 1
    instants = [(when, one) for when, one in begun.fork().instants() if when.startswith("after") and "GET" not in when]
    instants = [(when, one) for when, one in instants if "ledger" not in when]
    convergence.converge_when_killed(instants, right, more_than=3)


@every_story
def test_with_any_answer_lost_the_next_apply_converges(story: str, begun: Twin) -> None:
    convergence.converge_when_answers_are_lost(begun, convergence.right_of(begun), more_than=4)


@pytest.mark.parametrize(
    ("path", "address", "ident"),
    [
        ("webhooks", "datadog/Webhook/hook", "hook"),
        ("slack", "datadog/SlackChannel/sl", "main/#alerts"),
    ],
)
def test_a_person_may_say_which_one_it_was_that_has_no_list(
    path: str, address: str, ident: str, tmp_path: Path
) -> None:
    one = begin(tmp_path)
    one.edited({"m.yaml": BESIDE + BEFORE["named"]})
    where = f"/datadog{API[path]}" + ("/main/channels" if path == "slack" else "")
    assert one.killed_at("POST", where, "after")
    target = Address.parse(address)
    assert target is not None
    asyncio.run(_settled_by_hand(one, target, ident))
    assert one.ledger("datadog").entries[address].id == ident
    assert not [intent for intent in one.ledger("datadog").open if intent.address == address]


async def _settled_by_hand(one: Twin, address: Address, ident: str) -> None:
    access = one.access()
    taken = await ledger.take_all(one.store, {access.prefix("datadog"): "datadog"}, Holder.here("test"))
    [held] = taken.values()
    try:
        await upkeep.settle(access, held, address, ident)
    finally:
        await held.close()
