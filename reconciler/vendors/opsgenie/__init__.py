"""Opsgenie: on-call schedules, escalations and alerts. https://docs.opsgenie.com/docs/api-overview"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.opsgenie import (
    alert_policy,
    api,
    escalation,
    heartbeat,
    integration,
    maintenance,
    notification_policy,
    routing_rule,
    schedule,
    team,
    user,
)

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.OpsgenieSettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(
        user.KIND,
        team.KIND,
        schedule.KIND,
        escalation.KIND,
        integration.KIND,
        routing_rule.KIND,
        heartbeat.KIND,
        notification_policy.KIND,
        alert_policy.KIND,
        maintenance.KIND,
    ),
    environment=api.ENVIRONMENT,
    regions=api.REGIONS,
    region_setting="region",
    notice=api.NOTICE,
)
