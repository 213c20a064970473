"""PagerDuty's kinds of several requests: killed or left without an answer anywhere, the next apply converges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reconciler.vendors.pagerduty import VENDOR
from reconciler.vendors.registry import VENDORS
from tests.kinds.pagerduty_project import PROJECT, document
from tests.laws.life import Drawer, Life, When
from tests.stage import ENVIRON

SORTS = (
    *("alert_grouping_settings", "event_orchestrations", "orchestration_integrations", "orchestration_paths"),
    *("webhook_subscriptions", "service_dependencies", "incident_workflows", "triggers"),
)
POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = (
    document("EscalationPolicy", "calls", POLICY)
    + "".join(document("Service", name, {"escalation_policy": "calls"}) for name in ("checkout", "billing"))
    + document("BusinessService", "shop", {})
)
SAY = {
    "name": "Say",
    "action_id": "pagerduty.com:incident-workflows:send-status-update:1",
    "inputs": {"Message": "We are looking"},
}
P1 = {"trigger_type": "conditional", "condition": "incident.priority matches 'P1'", "services": ["checkout"]}
EVERYWHERE = {"trigger_type": "manual", "is_subscribed_to_all_services": True}
ROUTE = {"conditions": ["event.source matches part 'checkout'"], "route_to": "checkout"}
SHOP = {"business_service": "shop"}
HOOK = {"events": ["incident.triggered"], "filter": "account", "delivery_method": {"url": "https://hooks.example.com"}}

# Of each kind a manifest, and what becomes of it.
STORIES: Mapping[str, tuple[str, str]] = {
    "grouping": (
        document(
            "AlertGroupingSetting",
            "g",
            {"type": "time", "services": ["checkout", "billing"], "config": {"timeout": "5m"}},
        ),
        document("AlertGroupingSetting", "g", {"type": "time", "services": ["checkout"], "config": {"timeout": "9m"}})
        + document("AlertGroupingSetting", "h", {"type": "time", "services": ["billing"], "config": {"timeout": "5m"}}),
    ),
    "orchestration": (
        document(
            "EventOrchestration",
            "main",
            {"integrations": [{"label": "a"}, {"label": "b"}], "router": {"rules": [ROUTE]}},
        ),
        document(
            "EventOrchestration",
            "main",
            {
                "description": "d",
                "integrations": [{"label": "b"}, {"label": "c"}],
                "router": {"rules": []},
                "unrouted": {"catch_all": {"severity": "info"}},
            },
        ),
    ),
    "service orchestration": (
        document(
            "ServiceOrchestration", "so", {"service": "checkout", "active": True, "rules": [{"severity": "info"}]}
        ),
        document("ServiceOrchestration", "so", {"service": "checkout", "active": False, "rules": []}),
    ),
    "subscription": (
        document("WebhookSubscription", "hook", HOOK),
        document("WebhookSubscription", "hook", {**HOOK, "active": False, "filter": {"service": "checkout"}}),
    ),
    "dependency": (
        document("ServiceDependency", "a", {"supporting_service": {"service": "checkout"}, "dependent_service": SHOP}),
        document("ServiceDependency", "b", {"supporting_service": {"service": "billing"}, "dependent_service": SHOP}),
    ),
    "workflow": (
        document("IncidentWorkflow", "wf", {"steps": [SAY], "triggers": [P1, EVERYWHERE]}),
        document(
            "IncidentWorkflow",
            "wf",
            {
                "description": "d",
                "steps": [],
                "triggers": [{**P1, "services": ["billing"]}, {**P1, "condition": "incident.urgency matches 'high'"}],
            },
        ),
    ),
}


class Twin(Life):
    """A life with PagerDuty in the table, that counts what our kinds make there."""

    def fork(self) -> Twin:
        twin = Twin(self.root, self.sandbox.fork(), environ=dict(self.environ), seals=self.seals, vendors=self.vendors)
        twin.store = twin.drawer = Drawer(self.drawer.objects)
        twin.loaded = self.loaded
        twin.clock.passed = self.clock.passed
        return twin

    def made(self) -> dict[str, list[str]]:
        """What stands there of each sort, less what is new in every world."""
        held: Mapping[str, Any] = self.vendor("pagerduty")["collections"]
        return {sort: sorted(_told(one) for one in held.get(sort, ())) for sort in SORTS}


def _told(one: Mapping[str, Any]) -> str:
    """An object without ids and stamps, which no two worlds share."""
    new = {"id", "created_at", "updated_at", "version", "secret", "routing_key", "workflow", "orchestration", "parent"}

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(part) for name, part in value.items() if name not in new}
        return [bare(part) for part in value] if isinstance(value, list) else value

    return json.dumps(bare(one), sort_keys=True)


@pytest.fixture(params=["made", "changed", "removed"])
def begun(request: Any, story: str, tmp_path: Path) -> Twin:
    first, second = STORIES[story]
    one = Twin(
        tmp_path,
        environ={**ENVIRON, "PAGERDUTY_TOKEN": "account-key-for-tests"},
        vendors={**VENDORS, "pagerduty": VENDOR},
    )
    one.write({"reconciler.yaml": PROJECT, "m.yaml": BASE})
    one.go()
    if request.param != "made":
        one.edited({"m.yaml": BASE + first})
        one.go()
    one.edited({"m.yaml": BASE + {"made": first, "changed": second, "removed": ""}[request.param]})
    return one


every_story = pytest.mark.parametrize("story", STORIES)


def unlike(one: Twin, right: Twin) -> Iterator[str]:
    plan = one.plan()
    if not plan.empty:
        yield f"planned again: {[(change.word, str(change.address), change.why) for change in plan.changes]}"
    if one.made() != right.made():
        yield f"{one.made()} and not {right.made()}"
    ledger, wanted = one.ledger("pagerduty"), right.ledger("pagerduty")
    yield from (f"open: {intent}" for intent in ledger.open)
    if set(ledger.entries) != set(wanted.entries):
        yield f"the ledger has {sorted(ledger.entries)}"


def converging(one: Twin, right: Twin) -> Iterator[str]:
    _, applied = one.go()
    if applied.ok:
        yield from unlike(one, right)
    else:
        yield str([(str(r.change.address), r.ending, r.text) for r in applied.results if r.ending != "done"])


@pytest.mark.parametrize("when", ["before", "after"])
@every_story
def test_killed_at_any_request_the_next_apply_converges(story: str, when: When, begun: Twin) -> None:
    right = begun.fork()
    right.go()
    wrong: list[str] = []
    for at in count():
        one = begun.fork()
        if not one.killed(at, when, "request"):
            break
        wrong += [f"killed {when} request {at}: {text}" for text in converging(one, right)]
    assert not wrong, "\n".join(wrong)
    assert at > 4


@every_story
def test_with_any_answer_lost_the_next_apply_converges(story: str, begun: Twin) -> None:
    right = begun.fork()
    right.go()
    wrong: list[str] = []
    for at in count():
        one = begun.fork()
        lost, applied = one.losing(at)
        if not lost:
            break
        found = unlike(one, right) if applied.ok else converging(one, right)
        wrong += [f"lost the answer to request {at}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)
    assert at > 4
