"""Every kind of PagerDuty: killed or left without an answer at any request, the next apply converges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.vendors.pagerduty import VENDOR
from reconciler.vendors.registry import VENDORS
from tests.kinds.pagerduty_project import PROJECT, document
from tests.laws import convergence
from tests.stage import ENVIRON

SORTS = (
    *("alert_grouping_settings", "event_orchestrations", "orchestration_integrations", "orchestration_paths"),
    *("webhook_subscriptions", "service_dependencies", "incident_workflows", "triggers"),
)
# Told by their names: what else they hold are ids, which go by the order in which things were made.
NAMED = (
    *("teams", "schedules", "escalation_policies", "services", "integrations", "business_services"),
    "maintenance_windows",
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

LAYER = {
    "name": "weekly",
    "start": "2025-01-06T09:00:00Z",
    "rotation_turn_length_seconds": "1w",
    "users": ["ann@example.com", "bob@example.com"],
}
ANN, BOB = ({"user": f"{name}@example.com", "role": "responder"} for name in ("ann", "bob"))
NIGHT = {"escalation_delay_in_minutes": 5, "targets": ["ann@example.com", {"schedule": "primary"}]}
LATER = {"start_time": "2027-01-01T00:00:00Z", "end_time": "2027-01-02T00:00:00Z", "services": ["orders"]}

# Of each kind a manifest, and what becomes of it.
STORIES: Mapping[str, tuple[str, str]] = {
    "people": (
        document("Team", "payments", {"members": [ANN, BOB]})
        + document("Schedule", "primary", {"time_zone": "UTC", "schedule_layers": [LAYER]})
        + document("EscalationPolicy", "nights", {"teams": ["payments"], "escalation_rules": [NIGHT]}),
        document("Team", "payments", {"description": "d", "members": [{**BOB, "role": "manager"}]})
        + document("Schedule", "primary", {"time_zone": "Asia/Tokyo", "schedule_layers": [{**LAYER, "name": "daily"}]})
        + document(
            "EscalationPolicy",
            "others",
            {"escalation_rules": [{**NIGHT, "targets": [{"schedule": "primary"}]}]},
        ),
    ),
    "service": (
        document("Service", "orders", {"escalation_policy": "calls"})
        + document("ServiceIntegration", "events", {"service": "orders", "type": "events_api_v2_inbound_integration"})
        + document("BusinessService", "buying", {"description": "d"})
        + document("MaintenanceWindow", "moving", LATER),
        document("Service", "orders", {"escalation_policy": "calls", "description": "d"})
        + document("BusinessService", "buying", {"description": "e"})
        + document("MaintenanceWindow", "moving", {**LATER, "end_time": "2027-01-03T00:00:00Z"}),
    ),
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


class Twin(convergence.Twin):
    """A life with PagerDuty in the table, that counts what our kinds make there."""

    host = "pagerduty"

    def made(self) -> dict[str, list[str]]:
        """What stands there of each sort, less what is new in every world."""
        held: Mapping[str, Any] = self.vendor("pagerduty")["collections"]
        told = {sort: sorted(_told(one) for one in held.get(sort, ())) for sort in SORTS}
        return told | {sort: sorted(map(_name, held.get(sort, ()))) for sort in NAMED}


def _name(one: Any) -> str:
    return str(one.get("name") or one["description"])


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


@every_story
def test_killed_at_any_instant_or_with_any_answer_lost_the_next_apply_converges(story: str, begun: Twin) -> None:
    right = convergence.right_of(begun)
    convergence.converge_when_killed(begun.fork().instants(), right, more_than=4)
    convergence.converge_when_answers_are_lost(begun, right, more_than=2)
