"""Reactio: incidents as a company follows them, from open to closed. https://reactio.jp/development/api"""

from __future__ import annotations

from reconciler.kinds.vendor import Vendor
from reconciler.vendors.reactio import api, incident, incident_options

VENDOR = Vendor(
    name=api.NAME,
    version=api.VERSION,
    settings=api.ReactioSettings,
    base_url=api.base_url,
    sign=api.sign,
    explain=api.explain,
    kinds=(incident_options.KIND, incident.KIND),
    environment=api.ENVIRONMENT,
)
