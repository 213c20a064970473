"""How things stand now: incidents whose time is up, and the status of services by it (sheet 3.5, 3.14)."""

from __future__ import annotations

from datetime import timedelta

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty.body import moment
from reconciler.sandbox.pagerduty.tenant import Tenant, zulu


def current(tenant: Tenant, incident: Obj) -> Obj:
    """The incident as the service's time-outs leave it at this moment; nothing is stored, time does it."""
    service = tenant.of("services").get(incident["service"])
    if incident["status"] == "resolved" or service is None:
        return incident
    given_up = _after(incident["reopened_at"] or incident["created_at"], service, "auto_resolve")
    if given_up and given_up <= tenant.stamp():
        resolved = {"status": "resolved", "resolved_at": given_up, "updated_at": given_up, "acknowledgements": []}
        return {**incident, **resolved, "assigned": [], "last_status_change_at": given_up}
    if incident["status"] == "acknowledged":
        return _unless_asleep(tenant, incident, service)
    return incident


def _after(since: str, service: Obj, which: str) -> str | None:
    seconds = service[f"{which}_timeout"]
    if not seconds:
        return None
    return zulu(moment(since) + timedelta(seconds=seconds))


def _unless_asleep(tenant: Tenant, incident: Obj, service: Obj) -> Obj:
    """Acknowledged until the service's time-out, or until a snooze is over; then triggered again."""
    until = incident["snoozed_until"] or _after(incident["last_status_change_at"], service, "acknowledgement")
    if until is None or until > tenant.stamp():
        return incident
    woken: Obj = {"status": "triggered", "acknowledgements": [], "updated_at": until, "last_status_change_at": until}
    return {**incident, **woken, "snoozed_until": None}


def open_incidents(tenant: Tenant, service: str) -> list[Obj]:
    now = (current(tenant, incident) for incident in tenant.of("incidents").named(service))
    return [incident for incident in now if incident["status"] != "resolved"]


def ongoing(tenant: Tenant, window: Obj) -> bool:
    return bool(window["start_time"] <= tenant.stamp() < window["end_time"])


def _in_maintenance(tenant: Tenant) -> frozenset[str]:
    windows = (window for window in tenant.of("maintenance_windows") if ongoing(tenant, window))
    return frozenset(service for window in windows for service in window["services"])


def quiet(tenant: Tenant, service: Obj) -> bool:
    """Whether nothing that comes in makes an incident: disabled, or in maintenance."""
    paused: frozenset[str] = tenant.once("in maintenance", lambda: _in_maintenance(tenant))
    return bool(service["disabled"]) or service["id"] in paused


def status(tenant: Tenant, service: Obj) -> str:
    if service["disabled"]:
        return "disabled"
    if quiet(tenant, service):
        return "maintenance"
    standing = {incident["status"] for incident in open_incidents(tenant, service["id"])}
    return "critical" if "triggered" in standing else "warning" if standing else "active"
