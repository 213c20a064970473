"""Datadog: monitors and objectives, whom they tell, and when they tell nobody.

https://docs.datadoghq.com/api/latest/
"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.datadog import (
    api,
    dora_deployment,
    dora_incident,
    downtime,
    monitor,
    opsgenie_service,
    pager_duty_service,
    service_level_objective,
    slack_channel,
    webhook,
    webhook_variable,
)

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.DatadogSettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(
        monitor.KIND,
        webhook.KIND,
        webhook_variable.KIND,
        pager_duty_service.KIND,
        opsgenie_service.KIND,
        slack_channel.KIND,
        downtime.KIND,
        service_level_objective.KIND,
        dora_incident.KIND,
        dora_deployment.KIND,
    ),
    environment=api.ENVIRONMENT,
    allowance=api.allowance,
    known_facts=api.known_facts,
    regions=api.REGIONS,
    region_setting="site",
    scope=api.scope,
)
