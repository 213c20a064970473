"""What PagerDuty gives and nobody makes: abilities, vendors, priorities, extension schemas (sheet 3.8 and 3.14)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.reference import found, identity
from reconciler.sandbox.pagerduty.tenant import WEB, Refusal, Tenant
from reconciler.sandbox.routes import Call, Route

ABILITIES = (
    "teams",
    "urgencies",
    "advanced_permissions",
    "read_only_users",
    "service_support_hours",
    "time_based_alert_grouping",
    "preview_intelligent_alert_grouping",
    "priorities",
    "round_robin",
    "event_orchestration",
    "incident_workflows",
)
BASIC = ("teams", "urgencies", "service_support_hours")
TRANSFORMED = "event_transformer_api_inbound_integration"
# A vendor's name, and the type of integration that it makes.
FIRST_VENDORS = (
    ("Amazon CloudWatch", "aws_cloudwatch_inbound_integration"),
    ("Datadog", TRANSFORMED),
    ("Dynatrace", TRANSFORMED),
    ("Email", "generic_email_inbound_integration"),
    ("Grafana", TRANSFORMED),
    ("Nagios", "nagios_inbound_integration"),
    ("New Relic", TRANSFORMED),
    ("Pingdom", "pingdom_inbound_integration"),
    ("Prometheus", "events_api_v2_inbound_integration"),
    ("Sentry", "events_api_v2_inbound_integration"),
    ("Zabbix", "generic_events_api_inbound_integration"),
)
FIRST_PRIORITIES = (
    ("P1", "Everybody feels it", "a8171c"),
    ("P2", "Many feel it", "eb6016"),
    ("P3", "Some feel it", "f9b406"),
    ("P4", "Hardly anybody feels it", "555555"),
    ("P5", "Nobody feels it", "555555"),
)
SCHEMAS = (
    ("generic_webhook", "Generic Webhook", True),
    ("slack", "Slack", False),
    ("jira", "Jira", False),
)


def first(tenant: Tenant) -> None:
    """What a new account finds there."""
    for name, made in FIRST_VENDORS:
        tenant.of("vendors").put({"id": tenant.ident(), "name": name, "generic_service_type": made})
    for order, (name, said, color) in enumerate(FIRST_PRIORITIES, start=1):
        body = {"name": name, "description": said, "color": color, "order": 100 * order}
        tenant.of("priorities").put({"id": tenant.ident(), **body})
    for key, label, takes_url in SCHEMAS:
        tenant.of("extension_schemas").put({"id": tenant.ident(), "key": key, "label": label, "takes_url": takes_url})


def abilities(tenant: Tenant) -> tuple[str, ...]:
    return ABILITIES if tenant.settings.plan == "full" else BASIC


def need(tenant: Tenant, ability: str) -> None:
    """Raises 402 where the account's plan does not hold it (sheet 1)."""
    if ability not in abilities(tenant):
        raise Refusal(402, 2014, f"Account does not have the {ability} ability")


def vendor_shown(tenant: Tenant, vendor: Obj) -> Obj:
    slug = vendor["name"].lower().replace(" ", "-")
    links = {"website_url": None, "logo_url": f"{WEB}/logos/{slug}.png", "thumbnail_url": f"{WEB}/logos/{slug}-s.png"}
    told = {"description": None, "integration_guide_url": f"{WEB}/guides/{slug}"}
    return {**identity(tenant, "vendor", vendor), **vendor, **links, **told}


def priority_shown(tenant: Tenant, priority: Obj) -> Obj:
    shape = {"account_id": "PACCT01", "schema_version": 0, "created_at": "2026-01-01T00:00:00Z"}
    return {**identity(tenant, "priority", priority), **priority, **shape}


def schema_shown(tenant: Tenant, schema: Obj) -> Obj:
    links = {"icon_url": f"{WEB}/icons/{schema['key']}.png", "logo_url": f"{WEB}/logos/{schema['key']}.png"}
    told = {"description": schema["label"], "guide_url": f"{WEB}/guides/{schema['key']}", "url": None}
    bare = {key: schema[key] for key in ("id", "key", "label")}
    sends = {"send_types": ["trigger", "acknowledge", "resolve", "delegate", "escalate", "unacknowledge", "assign"]}
    return {**identity(tenant, "extension_schema", schema), **bare, **links, **told, **sends}


def _abilities(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"abilities": list(abilities(tenant))})


def _ability(tenant: Tenant, call: Call) -> Answer:
    need(tenant, call.params["id"])
    return tenant.reply(204)


def _vendors(tenant: Tenant, call: Call) -> Answer:
    # S has no filter by name; clients that send `query=` all the same are served.
    vendors = paging.queried(tenant.of("vendors"), call, "name")
    return tenant.reply(200, paging.classic(call, "vendors", vendors, lambda obj: vendor_shown(tenant, obj)))


def _vendor(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"vendor": vendor_shown(tenant, found(tenant, "vendor", call.params["id"]))})


def _priorities(tenant: Tenant, call: Call) -> Answer:
    need(tenant, "priorities")
    priorities = sorted(tenant.of("priorities"), key=lambda priority: int(priority["order"]))
    shown = paging.classic(call, "priorities", priorities, lambda obj: priority_shown(tenant, obj))
    return tenant.reply(200, shown)


def _schemas(tenant: Tenant, call: Call) -> Answer:
    schemas = list(tenant.of("extension_schemas"))
    return tenant.reply(200, paging.classic(call, "extension_schemas", schemas, lambda obj: schema_shown(tenant, obj)))


def _schema(tenant: Tenant, call: Call) -> Answer:
    schema = found(tenant, "extension_schema", call.params["id"])
    return tenant.reply(200, {"extension_schema": schema_shown(tenant, schema)})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/abilities", _abilities),
    Route("GET", "/abilities/{id}", _ability),
    Route("GET", "/vendors", _vendors),
    Route("GET", "/vendors/{id}", _vendor),
    Route("GET", "/priorities", _priorities),
    Route("GET", "/extension_schemas", _schemas),
    Route("GET", "/extension_schemas/{id}", _schema),
)
