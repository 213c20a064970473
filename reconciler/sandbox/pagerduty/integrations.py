"""Integrations of PagerDuty services, with the keys events are sent by (sheet 3.7)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, nullable, text, word
from reconciler.sandbox.pagerduty import catalogue, email
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Include
from reconciler.sandbox.pagerduty.reference import found, needed, pointed
from reconciler.sandbox.pagerduty.tenant import WEB, Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import INTEGRATION_TYPES

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
CHECK = known(FIELDS)


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
        check_email(tenant, stored)
    else:
        stored["integration_key"] = tenant.routing_key(own["id"])
    tenant.hide(own["id"])
    return tenant.of("integrations").put(stored)


def check_email(tenant: Tenant, integration: Obj) -> None:
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
