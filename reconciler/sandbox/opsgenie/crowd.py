"""Made-up objects of every sort, to fill an account with; a team brings its own schedule, escalation and rule."""

from __future__ import annotations

from datetime import timedelta

from reconciler.sandbox.opsgenie import escalations, heartbeats, integrations, maintenance, policies, schedules, teams
from reconciler.sandbox.opsgenie.tenant import Tenant


def _team(tenant: Tenant, number: int) -> None:
    members = [{"user": {"id": user["id"]}, "role": "user"} for user in tenant.users]
    teams.made(tenant, {"name": f"team-{number:05}", "description": "Команда", "members": members})


def _schedule(tenant: Tenant, number: int) -> None:
    shape = {"name": "日中", "startDate": "2026-01-05T09:00:00Z", "type": "weekly", "length": 1}
    people = [{"type": "user", "id": user["id"]} for user in tenant.users]
    rotation = {"id": tenant.mint(), **shape, "participants": people, "timeRestriction": {}}
    schedules.made(tenant, {"name": f"schedule-{number:05}", "rotations": [rotation]})


def _escalation(tenant: Tenant, number: int) -> None:
    recipients = [{"type": "user", "id": user["id"]} for user in tenant.users]
    steps = [
        {
            "condition": "if-not-acked",
            "notifyType": "default",
            "delay": {"timeAmount": 5 * at, "timeUnit": "minutes"},
            "recipient": recipient,
        }
        for at, recipient in enumerate(recipients)
    ]
    escalations.made(tenant, {"name": f"escalation-{number:05}", "rules": steps})


def _integration(tenant: Tenant, number: int) -> None:
    integrations.made(tenant, {"name": f"integration-{number:05}", "enabled": True})


def _heartbeat(tenant: Tenant, number: int) -> None:
    heartbeats.made(tenant, {"name": f"heartbeat-{number:05}", "interval": 30, "alertTags": ["夜間"]})


def _notification_policy(tenant: Tenant, number: int) -> None:
    hours = {"duration": {"timeAmount": 2, "timeUnit": "hours"}}
    body = {"type": "notification", "name": f"quiet-{number:05}", "enabled": True, "autoCloseAction": hours}
    team = next(iter(tenant.teams), None)
    policies.made(tenant, team["id"] if team else None, policies.settled(body))


def _alert_policy(tenant: Tenant, number: int) -> None:
    body = {"type": "alert", "name": f"Правило-{number:05}", "enabled": True, "message": "{{message}}", "tags": ["web"]}
    policies.made(tenant, None, policies.settled(body))


def _maintenance(tenant: Tenant, number: int) -> None:
    begin = tenant.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    ends = {"startDate": begin, "endDate": begin + timedelta(hours=2)}
    time = {"type": "schedule", **{name: at.strftime(maintenance.FORMAT) for name, at in ends.items()}}
    resting = next(iter(tenant.integrations), None) or integrations.made(tenant, {"name": f"integration-{number:05}"})
    rule = {"state": "disabled", "entity": {"id": resting["id"], "type": "integration"}}
    maintenance.edited(tenant, None, {"description": f"棚卸し-{number:05}", "time": time, "rules": [rule]})


MAKERS = (
    _team,
    _schedule,
    _escalation,
    _integration,
    _heartbeat,
    _notification_policy,
    _alert_policy,
    _maintenance,
)


def filled(tenant: Tenant, count: int) -> None:
    """Adds objects, spread over the sorts; numbers of earlier fillings stay behind, so that names never meet."""
    start = tenant.serial
    tenant.serial += count
    for at in range(count):
        MAKERS[at % len(MAKERS)](tenant, start + at)
