"""Alerts: what events make, each below an incident or suppressed (sheet 3.14 and 4)."""

from __future__ import annotations

from datetime import timedelta

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.pagerduty import grouping, incidents, integrations, paging, standing
from reconciler.sandbox.pagerduty.body import moment
from reconciler.sandbox.pagerduty.reference import found, pointed
from reconciler.sandbox.pagerduty.tenant import WEB, Tenant, arguments, not_found
from reconciler.sandbox.routes import Call, Route


def open_alert(tenant: Tenant, integration: str, key: str) -> Obj | None:
    """The alert a key of this integration still speaks of."""
    for alert in reversed(tenant.of("alerts").named(f"{integration}/{key}")):
        if _status(tenant, alert) != "resolved":
            return alert
    return None


def _status(tenant: Tenant, alert: Obj) -> str:
    incident = tenant.of("incidents").get(alert["incident"])
    if incident and standing.current(tenant, incident)["status"] == "resolved":
        return "resolved"
    return str(alert["status"])


def made(tenant: Tenant, service: Obj, integration: str, key: str, payload: Obj, suppressed: bool) -> Obj:
    alert = {
        "id": tenant.ident("Q", 13),
        "dedup": f"{integration}/{key}",
        "alert_key": key,
        "service": service["id"],
        "integration": integration,
        "incident": None,
        "status": "triggered",
        "severity": payload["severity"],
        "summary": payload["summary"],
        "suppressed": suppressed,
        "created_at": tenant.stamp(),
        "payload": payload,
    }
    return tenant.of("alerts").put(alert)


def attached(tenant: Tenant, alert: Obj, service: Obj, more: Obj) -> None:
    """The alert joins an open incident where its service groups alerts, else it brings one of its own."""
    incident = _joined(tenant, alert, service)
    if incident is None:
        urgency = incidents.urgency_of(tenant, service, alert["severity"])
        given = {"title": alert["summary"], "urgency": urgency, "incident_key": alert["alert_key"], **more}
        incident = incidents.made(tenant, service, given)
    tenant.of("incidents").put({**incident, "alerts": [*incident["alerts"], alert["id"]]})
    tenant.of("alerts").put({**alert, "incident": incident["id"]})


def _joined(tenant: Tenant, alert: Obj, service: Obj) -> Obj | None:
    setting = grouping.of_service(tenant, service["id"])
    if setting is None:
        return None
    config = setting["config"]
    seconds = config["timeout"] if setting["type"] == "time" else config["time_window"]
    for incident in reversed(standing.open_incidents(tenant, service["id"])):
        own = [tenant.of("alerts").items[ident] for ident in incident["alerts"]]
        if not own or (seconds and _age(tenant, own[-1]) > timedelta(seconds=seconds)):
            continue
        if setting["type"] == "time" or any(_alike(setting, alert, other) for other in own):
            return incident
    return None


def _age(tenant: Tenant, alert: Obj) -> timedelta:
    return moment(tenant.stamp()) - moment(alert["created_at"])


def _alike(setting: Obj, one: Obj, other: Obj) -> bool:
    """Whether two alerts belong together; the vendor's intelligence is, here, the same summary."""
    config = setting["config"]
    by_text = "iag_fields" in config and one["summary"] == other["summary"]
    if "fields" not in config:
        return by_text
    equal = [_field(one, name) == _field(other, name) is not None for name in config["fields"]]
    return by_text or (all(equal) if config["aggregate"] == "all" else any(equal))


def _field(alert: Obj, name: str) -> object:
    value: object = alert["payload"]
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def resolved(tenant: Tenant, alert: Obj) -> None:
    """The alert is over, and with its last alert the incident."""
    tenant.of("alerts").put({**alert, "status": "resolved"})
    incident = tenant.of("incidents").get(alert["incident"])
    if incident is None:
        return
    left = [ident for ident in incident["alerts"] if tenant.of("alerts").items[ident]["status"] != "resolved"]
    if not left:
        now = tenant.stamp()
        done = {"status": "resolved", "resolved_at": now, "updated_at": now, "last_status_change_at": now}
        tenant.of("incidents").put({**incident, **done, "assigned": [], "acknowledgements": []})


def acknowledged(tenant: Tenant, alert: Obj) -> None:
    incident = tenant.of("incidents").get(alert["incident"])
    if incident and standing.current(tenant, incident)["status"] == "triggered":
        now = tenant.stamp()
        moved = {"status": "acknowledged", "last_status_change_at": now, "updated_at": now, "snoozed_until": None}
        tenant.of("incidents").put({**incident, **moved, "acknowledgements": []})


def _shown(tenant: Tenant, alert: Obj) -> Obj:
    path = f"/incidents/{alert['incident']}/alerts/{alert['id']}"
    integration = tenant.of("integrations").get(alert["integration"])
    payload = alert["payload"]
    plain = ("created_at", "alert_key", "suppressed", "severity", "summary")
    return {
        "id": alert["id"],
        "type": "alert",
        "self": f"{tenant.base}{path}",
        "html_url": f"{WEB}/alerts/{alert['id']}",
        **{key: alert[key] for key in plain},
        "status": _status(tenant, alert),
        "service": pointed(tenant, "service", alert["service"]),
        "incident": pointed(tenant, "incident", alert["incident"]),
        "integration": integrations.pointed_at(tenant, integration) if integration else None,
        "first_trigger_log_entry": None,
        "body": {
            "type": "alert_body",
            "contexts": [],
            "details": payload.get("custom_details"),
            "cef_details": payload,
        },
    }


def _body(payload: Obj) -> Obj:
    details = payload.get("custom_details")
    return {"type": "alert_body", "contexts": [], "details": details, "cef_details": payload}


def _list(tenant: Tenant, call: Call) -> Answer:
    incident = found(tenant, "incident", call.params["id"])
    own = [tenant.of("alerts").items[ident] for ident in incident["alerts"]]
    wanted = set(paging.many(call, "statuses[]"))
    if wanted - {"triggered", "resolved"}:
        raise arguments("statuses can be triggered or resolved")
    key = call.query.get("alert_key")
    fitting = [
        alert for alert in own if key in (None, alert["alert_key"]) and (not wanted or _status(tenant, alert) in wanted)
    ]
    return tenant.reply(200, paging.classic(call, "alerts", fitting, lambda alert: _shown(tenant, alert)))


def _read(tenant: Tenant, call: Call) -> Answer:
    incident = found(tenant, "incident", call.params["id"])
    if call.params["alert"] not in incident["alerts"]:
        raise not_found()
    return tenant.reply(200, {"alert": _shown(tenant, tenant.of("alerts").items[call.params["alert"]])})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/incidents/{id}/alerts", _list),
    Route("GET", "/incidents/{id}/alerts/{alert}", _read),
)
