"""Law 8 by kind: each costs its list, page by page, and the single reads that it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from reconciler.kinds.kind import Kind
from reconciler.vendors.registry import VENDORS
from tests.laws.life import Life, life
from tests.laws.quickstart import FILES
from tests.laws.worlds import PROJECT

KINDS: dict[str, Kind] = {kind.id: kind for vendor in VENDORS.values() for kind in vendor.kinds}


def reads(one: Life) -> Counter[str]:
    """The requests of a plan, ids cut out of their paths."""
    ids = {ident for _, ident in one.objects()}
    one.sandbox.log.clear()
    one.plan()
    paths = (
        "/".join("*" if part in ids else part for part in request["path"].split("/")) for request in one.sandbox.log
    )
    return Counter(paths)


def test_users_are_read_page_by_page(tmp_path: Path) -> None:
    one = life(tmp_path, FILES)
    one.go()
    for number in range(230):
        one.edit("opsgenie", f"users/user-{number}@example.com", {"fullName": "Somebody"})
    assert reads(one)["/opsgenie/v2/users"] == 3


def many(kind: str, number: int, **spec: object) -> dict[str, str]:
    vendor, short = kind.split("/")
    fields = "\n".join(f"  {name}: {value}" for name, value in spec.items()) or "  {}"
    texts = (
        f"apiVersion: {vendor}/v1\nkind: {short}\nmetadata: {{name: n{at}}}\nspec:\n{fields}" for at in range(number)
    )
    return {"reconciler.yaml": PROJECT, "all.yaml": "\n---\n".join(texts)}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("opsgenie/Team", {"description": "x"}),
        ("opsgenie/Team", {"members": "[{user: ann@example.com}]"}),
        ("opsgenie/Schedule", {"timezone": "Etc/UTC"}),
        ("opsgenie/Escalation", {"rules": "[{recipient: ann@example.com}]"}),
        ("opsgenie/Integration", {"type": "API"}),
        ("opsgenie/Integration", {"type": "API", "priority": "P1"}),
    ],
    ids=str,
)
def test_a_kind_costs_its_list_and_the_single_reads_it_says(tmp_path: Path, kind: str, spec: dict[str, str]) -> None:
    one = life(tmp_path, many(kind, 7, **spec))
    one.go()
    place = KINDS[kind].place
    detailed = any(name in place.detail for name in spec)
    read = reads(one)
    assert read[f"/opsgenie{place.list}"] == 1
    assert sum(number for path, number in read.items() if path.endswith("/*")) == (7 if detailed else 0)
