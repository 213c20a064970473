"""Made-up objects of every sort, to fill an account with."""

from __future__ import annotations

from datetime import timedelta

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty import (
    business_services,
    dependencies,
    escalation_policies,
    grouping,
    incidents,
    integrations,
    maintenance_windows,
    orchestrations,
    schedules,
    services,
    teams,
    webhooks,
    workflows,
)
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


def _service(tenant: Tenant, number: int) -> Obj:
    policy = next(iter(tenant.of("escalation_policies")), None) or _policy(tenant, number)
    link = {"id": policy["id"], "type": "escalation_policy_reference"}
    made = services.FAMILY.made(tenant, {"name": f"service-{number:05}", "escalation_policy": link}, Caller())
    integrations.made(tenant, made["id"], {"type": "events_api_v2_inbound_integration", "name": "Events"})
    return made


def _latest_service(tenant: Tenant, number: int) -> Obj:
    return next(reversed(list(tenant.of("services"))), None) or _service(tenant, number)


def _grouping(tenant: Tenant, number: int) -> None:
    """It takes a service that no other has."""
    service = _latest_service(tenant, number)
    if grouping.of_service(tenant, service["id"]):
        service = _service(tenant, number)
    body = {"name": f"grouping-{number:05}", "type": "time", "config": {"timeout": 300}}
    link = {"id": service["id"], "type": "service_reference"}
    grouping.FAMILY.made(tenant, {**body, "services": [link]}, Caller())


def _orchestration(tenant: Tenant, number: int) -> None:
    orchestrations.FAMILY.made(tenant, {"name": f"Поток-{number:05}"}, Caller())


def _business_service(tenant: Tenant, number: int) -> Obj:
    body = {"name": f"shop-{number:05}", "description": "お店", "point_of_contact": "ann@example.com"}
    return business_services.FAMILY.made(tenant, body, Caller())


def _dependency(tenant: Tenant, number: int) -> None:
    """A business service of its own each time, since what one can rest on is limited."""
    business, service = _business_service(tenant, number), _latest_service(tenant, number)
    sides = {"dependent_service": (business, "business_service"), "supporting_service": (service, "service")}
    dependencies.associated(tenant, {side: {"id": obj["id"], "type": kind} for side, (obj, kind) in sides.items()})


def _window(tenant: Tenant, number: int) -> None:
    begin = tenant.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    times = {"start_time": begin.isoformat(), "end_time": (begin + timedelta(hours=2)).isoformat()}
    link = {"id": _latest_service(tenant, number)["id"], "type": "service_reference"}
    body = {"description": f"window-{number:05}", **times, "services": [link]}
    maintenance_windows.FAMILY.made(tenant, body, Caller(_people(tenant)[0]))


def _workflow(tenant: Tenant, number: int) -> None:
    workflows.FAMILY.made(tenant, {"name": f"workflow-{number:05}", "description": "手順"}, Caller())


def _webhook(tenant: Tenant, number: int) -> None:
    method = {"type": "http_delivery_method", "url": f"https://hooks.acme.example/pd/{number}"}
    shape = {"type": "webhook_subscription", "description": f"hook-{number:05}", "events": ["incident.triggered"]}
    where = {"type": "account_reference"}
    webhooks.FAMILY.made(tenant, {**shape, "delivery_method": method, "filter": where}, Caller())


def _incident(tenant: Tenant, number: int) -> None:
    service = _latest_service(tenant, number)
    resolved = {"status": "resolved", "resolved_at": tenant.stamp()}
    incidents.made(tenant, service, {"title": f"障害-{number:05}", "urgency": "low", **resolved})


MAKERS = (
    _team,
    _schedule,
    _policy,
    _service,
    _grouping,
    _orchestration,
    _business_service,
    _dependency,
    _window,
    _workflow,
    _webhook,
    _incident,
)


def filled(tenant: Tenant, count: int) -> None:
    """Adds objects, spread over the sorts; numbers of earlier fillings stay behind, so that names never meet."""
    start = tenant.serial
    for at in range(count):
        MAKERS[at % len(MAKERS)](tenant, start + at)
