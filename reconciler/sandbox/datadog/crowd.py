"""Made-up objects of every sort, to fill an account with."""

from __future__ import annotations

from reconciler.sandbox.datadog import (
    downtimes,
    monitors,
    opsgenie_services,
    pagerduty_services,
    slack_channels,
    slos,
    webhooks,
)
from reconciler.sandbox.datadog.tenant import Caller, Tenant


def _monitor(tenant: Tenant, number: int) -> None:
    body = {
        "type": "query alert",
        "name": f"監視-{number:05}",
        "query": f"sum(last_5m):sum:lb.5xx{{service:shop-{number:05}}}.as_count() > 20",
        "message": "@webhook-audit",
        "tags": [f"service:shop-{number:05}", "team:payments"],
        "options": {"thresholds": {"critical": 20, "warning": 10}},
    }
    monitors.made(tenant, body, Caller())


def _objective(tenant: Tenant, number: int) -> None:
    scope = f"{{service:shop-{number:05}}}"
    body = {
        "type": "metric",
        "name": f"Доступность-{number:05}",
        "query": {"numerator": f"sum:req.ok{scope}.as_count()", "denominator": f"sum:req.all{scope}.as_count()"},
        "thresholds": [{"timeframe": "30d", "target": 99.5}],
        "tags": [f"service:shop-{number:05}"],
    }
    slos.made(tenant, body)


def _downtime(tenant: Tenant, number: int) -> None:
    schedule = {"recurrences": [{"rrule": "FREQ=WEEKLY;BYDAY=SU", "duration": "2h"}], "timezone": "Asia/Tokyo"}
    scope = f"service:shop-{number:05}"
    identifier = {"monitor_tags": ["team:payments"]}
    body = {"scope": scope, "monitor_identifier": identifier, "schedule": schedule, "message": f"夜間-{number:05}"}
    downtimes.made(tenant, body)


def _channel(tenant: Tenant, number: int) -> None:
    slack_channels.made(tenant, slack_channels.FIRST_ACCOUNT, {"name": f"#shop-{number:05}"})
    body = {"name": f"shop-{number:05}", "url": "https://hooks.acme.example/dd"}
    webhooks.WEBHOOKS.made(tenant, body)


def _variable(tenant: Tenant, number: int) -> None:
    webhooks.VARIABLES.made(tenant, {"name": f"TOKEN_{number:05}", "value": tenant.mint(), "is_secret": True})


def _pagerduty(tenant: Tenant, number: int) -> None:
    body = {"service_name": f"shop-{number:05}", "service_key": tenant.mint().replace("-", "")}
    pagerduty_services.SERVICES.made(tenant, body)


def _opsgenie(tenant: Tenant, number: int) -> None:
    opsgenie_services.made(tenant, {"name": f"当番-{number:05}", "opsgenie_api_key": tenant.mint(), "region": "eu"})


MAKERS = (_monitor, _objective, _downtime, _channel, _variable, _pagerduty, _opsgenie)


def filled(tenant: Tenant, count: int) -> None:
    """Adds objects, spread over the sorts; numbers of earlier fillings stay behind, so that names never meet."""
    start = tenant.serial
    tenant.serial += count
    slack_channels.add_account(tenant, slack_channels.FIRST_ACCOUNT)
    for at in range(count):
        MAKERS[at % len(MAKERS)](tenant, start + at)
