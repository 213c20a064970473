"""Dynatrace: what one manifest asks wrongly stops that manifest alone, and a lost ledger takes nothing for others'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kinds.dynatrace_project import applied, document, objects, stage_in

TAGS = "builtin:tags.auto-tagging"
TAG = document("AutoTag", "team", {"rules": [{"type": "SELECTOR", "entitySelector": "type(HOST)"}]})
ONCE = {
    "scheduleType": "ONCE",
    "onceRecurrence": {"startTime": "2026-12-01T01:00:00", "endTime": "2026-12-01T02:00:00", "timeZone": "UTC"},
}


@pytest.mark.parametrize(
    ("kind", "spec", "why"),
    [
        ("CustomTag", {"entitySelector": "HOST", "tags": [{"key": "a"}]}, "cannot be read at 'HOST'"),
        (
            "MaintenanceWindow",
            {"schedule": ONCE, "filters": [{"entityId": {"existing": ["HOSTT", "cart-01"]}}]},
            'dynatrace/Entity "HOSTT/cart-01" is not there',
        ),
    ],
    ids=["an entity selector", "a sort of entity"],
)
def test_what_the_server_cannot_read_blocks_its_manifest_alone(
    kind: str, spec: dict[str, Any], why: str, tmp_path: Path
) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG + document(kind, "wrong", spec)})
    plan = stage.plan()
    assert plan.facts.not_read == {}
    assert [str(one.address) for one in plan.writes] == ["dynatrace/AutoTag/team"]
    [blocked] = plan.blocked
    assert str(blocked.address) == f"dynatrace/{kind}/wrong"
    assert why in blocked.why


def test_a_name_that_was_given_up_an_instant_ago_is_waited_for(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG + document("AutoTag", "other", {"rules": []})})
    applied(stage)
    stage.sandbox.vendors["dynatrace"].set({"name_lag": 4.0})
    stage.write({"m.yaml": document("AutoTag", "other", {"name": "team", "rules": []})})
    applied(stage)
    assert [one["value"]["name"] for one in objects(stage, TAGS)] == ["team"]


def test_a_selector_that_is_no_longer_read_loses_no_record(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    good = document("CustomTag", "dc", {"entitySelector": "type(HOST)", "tags": [{"key": "dc"}]})
    stage.write({"m.yaml": good})
    applied(stage)
    stage.write({"m.yaml": good.replace("type(HOST)", "HOST")})
    assert [str(one.address) for one in stage.plan().blocked] == ["dynatrace/CustomTag/dc"]
    stage.apply()
    assert stage.ledger("dynatrace").entries["dynatrace/CustomTag/dc"].memory["dc"]


def test_what_we_made_and_renamed_is_still_ours_when_the_ledger_is_lost(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG})
    applied(stage)
    stage.store = type(stage.store).memory()
    stage.write({"m.yaml": TAG.replace('"metadata": {"name": "team"}', '"metadata": {"name": "owner", "was": "team"}')})
    applied(stage)
    stage.write({"m.yaml": document("AutoTag", "other", {"description": "x"})})
    assert stage.plan().blocked == ()
    stage.apply()
    assert [one["value"]["name"] for one in objects(stage, TAGS)] == ["other"]
