"""The one table of vendors; one is known when it stands here, and imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from reconciler.kinds.vendor import Vendor

NAMES = ("wallarm", "opsgenie", "pagerduty", "datadog", "dynatrace", "reactio")


@cache
def _vendor(name: str) -> Vendor:
    vendor = import_module(f"reconciler.vendors.{name}").VENDOR
    assert isinstance(vendor, Vendor)
    return vendor


class _Table(Mapping[str, Vendor]):
    """Building the models of all vendors takes longer than a command that needs none may take."""

    def __getitem__(self, name: str) -> Vendor:
        if name not in NAMES:
            raise KeyError(name)
        return _vendor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


VENDORS: Mapping[str, Vendor] = _Table()
