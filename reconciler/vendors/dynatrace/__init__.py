"""Dynatrace and its derivative Ключ-АСТРОМ: what is tagged, what is told, to whom, and when not.

https://docs.dynatrace.com/docs/dynatrace-api
"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.dynatrace import (
    alerting_profile,
    api,
    auto_tag,
    custom_tag,
    entity,
    event,
    maintenance_window,
    management_zone,
    problem_notification,
    settings_object,
)

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.DynatraceSettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(
        entity.KIND,
        management_zone.KIND,
        auto_tag.KIND,
        custom_tag.KIND,
        alerting_profile.KIND,
        problem_notification.KIND,
        maintenance_window.KIND,
        settings_object.KIND,
        event.KIND,
    ),
    environment=api.ENVIRONMENT,
    scope=api.scope,
    passing=api.passing,
)
