"""Lists whose pages are numbered: all of them, once each, and no page that the vendor does not have."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import VendorError
from reconciler.http.exchange import Request
from reconciler.kinds.place import Numbered
from reconciler.sandbox.exchange import Request as Asked
from tests.stage import Stage

PATH = "/api/v1/incidents"


def listed(stage: Stage, paging: Numbered) -> list[Any]:
    access = stage.access()
    page = (("status", "open"),)
    return asyncio.run(access.pages("reactio", lambda query: Request("GET", PATH, query), page, paging, ()))


def filled(root: Path, number: int) -> Stage:
    stage = Stage(root)
    for each in range(number):
        body = b'{"name": "%d"}' % each
        stage.sandbox.handle(Asked("POST", f"/reactio{PATH}", (), {"x-api-key": "key"}, body))
    return stage


@pytest.mark.parametrize(("number", "requests"), [(0, 1), (9, 1), (10, 2), (11, 2), (25, 3)])
def test_every_page_is_read_once(tmp_path: Path, number: int, requests: int) -> None:
    stage = filled(tmp_path, number)
    before = len(stage.sandbox.log)
    names = [row["name"] for row in listed(stage, Numbered(10))]
    assert names == [str(each) for each in reversed(range(number))]
    asked = [dict(entry["query"]) for entry in list(stage.sandbox.log)[before:]]
    assert asked == [{"status": "open", "page": str(page), "per_page": "10"} for page in range(1, requests + 1)]


def test_what_the_vendor_does_not_list_is_told_and_not_asked_for(tmp_path: Path) -> None:
    stage = filled(tmp_path, 25)
    with pytest.raises(VendorError, match="more than 20 objects"):
        listed(stage, Numbered(10, most=20))
    assert len(stage.sandbox.log) == 25 + 2
