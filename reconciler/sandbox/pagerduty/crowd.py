"""Made-up teams, schedules, policies and services, to fill an account with."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty import escalation_policies, integrations, schedules, services, teams
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant


def _people(tenant: Tenant) -> list[str]:
    return [user["id"] for user in tenant.of("users")]


def _team(tenant: Tenant, number: int) -> None:
    team = teams.FAMILY.made(tenant, {"name": f"team-{number:05}", "description": "Команда"}, Caller())
    members = [{"user": user, "role": "responder"} for user in _people(tenant)]
    tenant.of("teams").put({**team, "members": members})


def _schedule(tenant: Tenant, number: int) -> None:
    users = [{"user": {"id": user, "type": "user_reference"}} for user in _people(tenant)]
    start = {"start": "2026-01-05T09:00:00Z", "rotation_virtual_start": "2026-01-05T09:00:00Z"}
    layer = {"name": "日中", **start, "rotation_turn_length_seconds": 604_800, "users": users}
    body = {"name": f"schedule-{number:05}", "time_zone": "Asia/Tokyo", "schedule_layers": [layer]}
    schedules.FAMILY.made(tenant, body, Caller())


def _policy(tenant: Tenant, number: int) -> Obj:
    targets = [{"id": user, "type": "user_reference"} for user in _people(tenant)[:2]]
    rules = [{"escalation_delay_in_minutes": 15, "targets": targets}]
    body = {"name": f"policy-{number:05}", "escalation_rules": rules}
    return escalation_policies.FAMILY.made(tenant, body, Caller())


def _service(tenant: Tenant, number: int) -> None:
    policy = next(iter(tenant.of("escalation_policies")), None) or _policy(tenant, number)
    link = {"id": policy["id"], "type": "escalation_policy_reference"}
    made = services.FAMILY.made(tenant, {"name": f"service-{number:05}", "escalation_policy": link}, Caller())
    integrations.made(tenant, made["id"], {"type": "events_api_v2_inbound_integration", "name": "Events"})


MAKERS = (_team, _schedule, _policy, _service)


def filled(tenant: Tenant, count: int) -> None:
    """Adds objects, spread over the sorts; numbers of earlier fillings stay behind, so that names never meet."""
    start = tenant.serial
    for at in range(count):
        MAKERS[at % len(MAKERS)](tenant, start + at)
