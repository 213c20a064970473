"""PagerDuty: services, who is called for them, and how events get there.

https://developer.pagerduty.com/docs/get-started/getting-started/
"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.pagerduty import (
    alert,
    alert_grouping_setting,
    api,
    business_service,
    change_event,
    escalation_policy,
    event_orchestration,
    incident,
    incident_workflow,
    maintenance_window,
    priority,
    schedule,
    service,
    service_dependency,
    service_integration,
    service_orchestration,
    team,
    user,
    vendor,
    webhook_subscription,
)

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.PagerDutySettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(
        user.KIND,
        vendor.KIND,
        priority.KIND,
        team.KIND,
        schedule.KIND,
        escalation_policy.KIND,
        service.KIND,
        service_integration.KIND,
        alert_grouping_setting.KIND,
        event_orchestration.KIND,
        service_orchestration.KIND,
        webhook_subscription.KIND,
        business_service.KIND,
        service_dependency.KIND,
        maintenance_window.KIND,
        incident_workflow.KIND,
        alert.KIND,
        change_event.KIND,
        incident.KIND,
    ),
    environment=api.ENVIRONMENT,
    allowance=api.allowance,
    known_facts=api.known_facts,
    regions=api.REGIONS,
    region_setting="region",
    hosts=api.hosts,
)
