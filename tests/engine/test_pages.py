"""Lists that come in pages: all of them, once each, and at the same time where the first tells how many there are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import VendorError
from reconciler.http.exchange import Request
from reconciler.kinds.place import Offset
from tests.stage import Stage

PLAIN = Offset(10, more=("more",))
COUNTED = Offset(10, more=("more",), total=("total",), count=(("total", "true"),))


class Vendor:
    """Lists so many numbers; tells how many only when asked. `most` is the most that it puts on a page."""

    def __init__(self, number: int, most: int = 10, broken: int = -1) -> None:
        self.number, self.most, self.broken = number, most, broken
        self.asked: list[str] = []
        self.waiting = self.most_at_once = 0

    async def ask(self, host: str, request: Request) -> Any:
        query = dict(request.query)
        self.asked.append(query["offset"] + ("+total" if "total" in query else ""))
        self.waiting += 1
        self.most_at_once = max(self.most_at_once, self.waiting)
        await asyncio.sleep(0)
        self.waiting -= 1
        begin, size = int(query["offset"]), min(int(query["limit"]), self.most)
        if begin == self.broken:
            raise VendorError("it is broken")
        total = self.number if "total" in query else None
        items = list(range(begin, min(begin + size, self.number)))
        return {"all": items, "more": begin + size < self.number, "total": total}


def listed(root: Path, vendor: Vendor, paging: Offset) -> list[Any]:
    access = Stage(root).access()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "ask", vendor.ask)
        return asyncio.run(access.pages("toy", _listing, (), paging, ("all",)))


def _listing(page: tuple[tuple[str, str], ...]) -> Request:
    return Request("GET", "/all", page)


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 20, 35])
@pytest.mark.parametrize("paging", [PLAIN, COUNTED], ids=["plain", "counted"])
def test_every_page_is_read_once(tmp_path: Path, paging: Offset, number: int) -> None:
    vendor = Vendor(number)
    assert listed(tmp_path, vendor, paging) == list(range(number))
    assert len(vendor.asked) == max(1, -(-number // 10))
    assert vendor.asked[0] == ("0+total" if paging is COUNTED else "0")


def test_pages_are_asked_for_at_once_where_their_number_is_known(tmp_path: Path) -> None:
    one_by_one, at_once = Vendor(45), Vendor(45)
    listed(tmp_path, one_by_one, PLAIN)
    listed(tmp_path, at_once, COUNTED)
    assert (one_by_one.most_at_once, at_once.most_at_once) == (1, 4)


def test_a_vendor_that_puts_less_on_a_page_than_was_asked_for_loses_nothing(tmp_path: Path) -> None:
    assert listed(tmp_path, Vendor(35, most=4), COUNTED) == list(range(35))


def test_a_page_that_fails_fails_the_list(tmp_path: Path) -> None:
    with pytest.raises(VendorError, match="it is broken"):
        listed(tmp_path, Vendor(95, broken=20), COUNTED)


def test_what_the_vendor_does_not_list_is_told_and_not_asked_for(tmp_path: Path) -> None:
    vendor = Vendor(95)
    with pytest.raises(VendorError, match="more than 30 objects"):
        listed(tmp_path, vendor, Offset(10, more=("more",), total=("total",), count=(("total", "true"),), most=30))
    assert sorted(vendor.asked) == ["0+total", "10", "20"]
