"""Wallarm: API protection that tells others of attacks and incidents. https://docs.wallarm.com/api/overview/"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.wallarm import api, application, integration, trigger

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.WallarmSettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(application.KIND, integration.KIND, trigger.KIND),
    environment=api.ENVIRONMENT,
    whoami=api.WHOAMI,
    known_facts=api.known_facts,
    regions=api.CLOUDS,
    region_setting="cloud",
)
