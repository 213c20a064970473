"""Service objects of the PagerDuty integration (sheet 5): keys that never come back, and an undocumented list."""

from __future__ import annotations

from reconciler.sandbox.datadog.body import known
from reconciler.sandbox.datadog.named import Named
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, text
from reconciler.sandbox.routes import Call, Route

MASK = "*****"
KEY: dict[str, Check] = {"service_key": text(least=1)}


def _activated(tenant: Tenant) -> None:
    if tenant.settings.pagerduty == "absent":
        raise Refusal(404, "Integration does not exist")


SERVICES = Named(
    noun="Service",
    plural="pagerduty_services",
    field="service_name",
    path="/api/v1/integration/pagerduty/configuration/services",
    new=known({"service_name": text(least=1), **KEY}, ("service_name", "service_key")),
    changed=known(KEY, ("service_key",)),
    blank={},
    shown=lambda obj: {"service_name": obj["service_name"]},
    updates_silently=True,
    deleted=204,
    checked=_activated,
)


def _legacy(tenant: Tenant, call: Call) -> Answer:
    _activated(tenant)
    if tenant.settings.pagerduty_legacy == "gone":
        raise Refusal(404, "Not Found")
    names = [obj["service_name"] for obj in tenant.of("pagerduty_services")]
    services = [{"service_name": name, "service_key": MASK} for name in names]
    return tenant.reply(200, {"subdomain": "acme", "schedules": [], "api_token": MASK, "services": services})


ROUTES: tuple[Route[Tenant], ...] = (*SERVICES.routes(), Route("GET", "/api/v1/integration/pagerduty", _legacy))
