"""Integrations of PagerDuty services, with the keys events are sent by (sheet 3.7)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, nullable, text, word
from reconciler.sandbox.pagerduty import catalogue, email, paging
from reconciler.sandbox.pagerduty.body import known, link_id, unwrapped
from reconciler.sandbox.pagerduty.family import Include
from reconciler.sandbox.pagerduty.reference import found, needed, pointed
from reconciler.sandbox.pagerduty.tenant import WEB, Tenant, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import INTEGRATION_TYPES
from reconciler.sandbox.routes import Call, Route

BY_EMAIL = "generic_email_inbound_integration"
READ_ONLY_TYPES = ("inbound_integration", "app_event_transform_inbound_integration")
_TYPES = tuple(form for name in (*INTEGRATION_TYPES, *READ_ONLY_TYPES) for form in (name, f"{name}_reference"))
FIELDS: dict[str, Check] = {
    "type": word(*_TYPES),
    "name": text(least=1),
    "vendor": nullable(link_id("vendor")),
    "service": nullable(link_id("service")),
    **email.FIELDS,
}
_CHECK = known(FIELDS)


def _identity(tenant: Tenant, integration: Obj) -> Obj:
    path = f"/services/{integration['service']}/integrations/{integration['id']}"
    links = {"self": f"{tenant.base}{path}", "html_url": f"{WEB}{path}"}
    return {"id": integration["id"], "type": integration["type"], "summary": integration["name"], **links}


def pointed_at(tenant: Tenant, integration: Obj) -> Obj:
    return {**_identity(tenant, integration), "type": f"{integration['type']}_reference"}


def shown(tenant: Tenant, integration: Obj, include: Include) -> Obj:
    plain = ("name", "created_at", "integration_key")
    result = {
        **_identity(tenant, integration),
        **{key: integration[key] for key in plain},
        "service": pointed(tenant, "service", integration["service"]),
        "vendor": pointed(tenant, "vendor", integration["vendor"]),
    }
    if integration["type"] == BY_EMAIL:
        result |= {key: integration[key] for key in email.FIELDS if key in integration}
    if "vendors" in include and integration["vendor"]:
        vendor = found(tenant, "vendor", integration["vendor"])
        result["vendor"] = catalogue.vendor_shown(tenant, vendor)
    return result


def made(tenant: Tenant, service: str, body: Obj) -> Obj:
    """A new integration; the vendor decides its type where one is named. The key cannot be chosen."""
    vendor = body.get("vendor")
    if vendor:
        needed(tenant, "vendor", [vendor], "Vendor")
        kind = tenant.of("vendors").items[vendor]["generic_service_type"]
    elif body.get("type") in INTEGRATION_TYPES:
        kind = body["type"]
    else:
        raise invalid("Type or vendor is required")
    name = body.get("name") or kind.removesuffix("_inbound_integration").replace("_", " ").capitalize()
    own = {"id": tenant.ident(), "service": service, "type": kind, "vendor": vendor, "name": name}
    stored = {**own, "created_at": tenant.stamp(), "integration_key": None}
    if kind == BY_EMAIL:
        stored |= email.settled({}, body)
        _check_email(tenant, stored)
    else:
        stored["integration_key"] = tenant.routing_key(own["id"])
    tenant.hide(own["id"])
    return tenant.of("integrations").put(stored)


def _check_email(tenant: Tenant, integration: Obj) -> None:
    address = integration.get("integration_email")
    if not address:
        raise invalid("Integration email is required")
    for other in tenant.of("integrations"):
        if other["id"] != integration["id"] and other.get("integration_email") == address:
            raise invalid("Integration email has already been taken")


def dropped(tenant: Tenant, integration: Obj) -> None:
    """The integration goes, its key works no more."""
    tenant.keys.pop(integration["integration_key"], None)
    tenant.of("integrations").drop(integration["id"])


def own(tenant: Tenant, call: Call) -> Obj:
    service = found(tenant, "service", call.params["service"])
    integration = tenant.of("integrations").get(call.params["id"])
    if integration is None or integration["service"] != service["id"]:
        raise not_found()
    return integration


def _answer(tenant: Tenant, status: int, integration: Obj, call: Call) -> Answer:
    tenant.changed()
    return tenant.reply(status, {"integration": shown(tenant, integration, paging.includes(call))})


def _create(tenant: Tenant, call: Call) -> Answer:
    service = found(tenant, "service", call.params["service"])
    body: Obj = _CHECK(unwrapped(call, "integration"), "")
    return _answer(tenant, 201, made(tenant, service["id"], body), call)


def _read(tenant: Tenant, call: Call) -> Answer:
    return _answer(tenant, 200, own(tenant, call), call)


def _update(tenant: Tenant, call: Call) -> Answer:
    """Type, vendor and service stay what they were made."""
    integration = own(tenant, call)
    body: Obj = _CHECK(unwrapped(call, "integration"), "")
    sent = {**body, **({"type": body["type"].removesuffix("_reference")} if "type" in body else {})}
    for key in ("type", "vendor", "service"):
        if key in sent and sent[key] != integration[key] and sent[key] is not None:
            raise invalid(f"{key.capitalize()} cannot be changed")
    changed = {**integration, **({"name": body["name"]} if "name" in body else {})}
    if integration["type"] == BY_EMAIL:
        changed |= email.settled(integration, body)
        _check_email(tenant, changed)
    return _answer(tenant, 200, tenant.of("integrations").put(changed), call)


def _delete(tenant: Tenant, call: Call) -> Answer:
    dropped(tenant, own(tenant, call))
    return tenant.reply(204)


_ONE = "/services/{service}/integrations/{id}"
ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/services/{service}/integrations", _create),
    Route("GET", _ONE, _read),
    Route("PUT", _ONE, _update),
    Route("DELETE", _ONE, _delete),
)
