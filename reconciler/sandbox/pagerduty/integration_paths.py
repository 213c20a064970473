"""Paths of the integrations of PagerDuty services (sheet 3.7)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.pagerduty import email, integrations, paging, services
from reconciler.sandbox.pagerduty.body import unwrapped
from reconciler.sandbox.pagerduty.reference import found
from reconciler.sandbox.pagerduty.tenant import Tenant, invalid, not_found
from reconciler.sandbox.routes import Call, Route


def _own(tenant: Tenant, call: Call) -> Obj:
    service = found(tenant, "service", call.params["service"])
    integration = tenant.of("integrations").get(call.params["id"])
    if integration is None or integration["service"] != service["id"]:
        raise not_found()
    return integration


def _answer(tenant: Tenant, status: int, integration: Obj, call: Call) -> Answer:
    tenant.changed()
    include = paging.includes(call)
    result = integrations.shown(tenant, integration, include)
    if "services" in include:
        service = found(tenant, "service", integration["service"])
        result["service"] = services.shown(tenant, service, frozenset())
    return tenant.reply(status, {"integration": result})


def _create(tenant: Tenant, call: Call) -> Answer:
    service = found(tenant, "service", call.params["service"])
    body: Obj = integrations.CHECK(unwrapped(call, "integration"), "")
    return _answer(tenant, 201, integrations.made(tenant, service["id"], body), call)


def _read(tenant: Tenant, call: Call) -> Answer:
    return _answer(tenant, 200, _own(tenant, call), call)


def _update(tenant: Tenant, call: Call) -> Answer:
    """Type, vendor and service stay what they were made."""
    integration = _own(tenant, call)
    body: Obj = integrations.CHECK(unwrapped(call, "integration"), "")
    sent = {**body, **({"type": body["type"].removesuffix("_reference")} if "type" in body else {})}
    for key in ("type", "vendor", "service"):
        if key in sent and sent[key] != integration[key] and sent[key] is not None:
            raise invalid(f"{key.capitalize()} cannot be changed")
    changed = {**integration, **({"name": body["name"]} if "name" in body else {})}
    if integration["type"] == integrations.BY_EMAIL:
        changed |= email.settled(integration, body)
        integrations.check_email(tenant, changed)
    return _answer(tenant, 200, tenant.of("integrations").put(changed), call)


def _delete(tenant: Tenant, call: Call) -> Answer:
    integrations.dropped(tenant, _own(tenant, call))
    return tenant.reply(204)


_ONE = "/services/{service}/integrations/{id}"
ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/services/{service}/integrations", _create),
    Route("GET", _ONE, _read),
    Route("PUT", _ONE, _update),
    Route("DELETE", _ONE, _delete),
)
