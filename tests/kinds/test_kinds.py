"""The table of kinds: a vendor is asked for its kinds, which builds their models, only when one of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from reconciler.kinds.vendor import Kinds, Vendor
from reconciler.vendors.registry import VENDORS


class Watched(Mapping[str, Vendor]):
    """The vendors, and which of them were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Vendor:
        vendor = VENDORS[name]
        self.asked.append(name)
        return vendor

    def __iter__(self) -> Iterator[str]:
        return iter(VENDORS)

    def __len__(self) -> int:
        return len(VENDORS)


def test_a_kind_asks_for_its_own_vendor_once() -> None:
    vendors = Watched()
    kinds = Kinds(vendors)
    assert kinds["opsgenie/Team"].name == "Team"
    assert "opsgenie/Schedule" in kinds
    assert vendors.asked == ["opsgenie"]


@pytest.mark.parametrize("wrong", ["opsgenie/Teem", "opsgene/Team", "opsgenie", "", "/"])
def test_what_is_no_kind_is_not_there(wrong: str) -> None:
    kinds = Kinds(Watched())
    assert wrong not in kinds
    assert kinds.get(wrong) is None


def test_gone_through_it_has_the_kinds_of_all_vendors() -> None:
    kinds = Kinds(VENDORS)
    assert list(kinds) == [kind.id for vendor in VENDORS.values() for kind in vendor.kinds]
    assert len(kinds) == len(list(kinds))
    assert all(kind.id == kind_id for kind_id, kind in kinds.items())
