"""The incident of the example, lived: opened everywhere, closed by one pull request, each thing told once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.plan import Plan
from tests.laws.life import Life, life

EXAMPLE = Path(__file__).parent.parent / "examples" / "incident-everywhere"
OPEN, CLOSED = EXAMPLE / "open", EXAMPLE / "closed"


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")}


def words(plan: Plan) -> dict[str, str]:
    return {str(change.address): change.word for change in plan.changes}


def rows(one: Life, vendor: str, what: str) -> list[Mapping[str, Any]]:
    state = one.vendor(vendor)
    held = state.get(what, state.get("collections", {}).get(what))
    assert held is not None, state.keys()
    return list(held.values()) if isinstance(held, dict) else list(held)


@pytest.fixture
def lived(tmp_path: Path) -> Life:
    one = life(tmp_path, texts(OPEN))
    one.sandbox.clock.set(one.clock.now())
    plan, applied = one.go()
    assert plan.warnings == ()
    assert applied.ok, [(str(r.change.address), r.ending, r.text) for r in applied.results if r.ending != "done"]
    assert one.plan().empty
    return one


def test_the_two_versions_differ_in_one_file() -> None:
    before, after = texts(OPEN), texts(CLOSED)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == {"incident.yaml"}


def test_it_is_told_everywhere_and_then_closed_by_one_pull_request_each_once(lived: Life) -> None:
    [alert] = rows(lived, "pagerduty", "incidents")
    assert alert["status"] == "triggered"
    [failure] = rows(lived, "datadog", "failures")
    assert failure.get("finished_at") is None
    lived.edited(texts(CLOSED))
    plan, applied = lived.go()
    assert applied.ok, [(str(r.change.address), r.ending, r.text) for r in applied.results if r.ending != "done"]
    assert words(plan) == {
        "reactio/Incident/checkout-down": "update",
        "pagerduty/Alert/checkout-down": "update",
        "datadog/DoraIncident/checkout-down": "update",
        "dynatrace/Event/checkout-restored": "create",
    }
    assert lived.plan().empty
    [incident] = rows(lived, "reactio", "incidents")
    assert (incident["name"], incident["status"]) == ("決済画面が応答しない", "close")
    assert len(rows(lived, "reactio", "messages")) == 2
    [alert] = rows(lived, "pagerduty", "incidents")
    assert (alert["incident_key"], alert["status"]) == ("INC-4711", "resolved")
    [failure] = rows(lived, "datadog", "failures")
    assert failure["finished_at"] - failure["started_at"] == 50 * 60 * 10**9
    assert sorted(event["kind"] for event in rows(lived, "dynatrace", "events")) == ["CUSTOM_INFO", "ERROR_EVENT"]


def test_whom_it_calls_stands_in_the_plan(tmp_path: Path) -> None:
    shutil.copytree(OPEN, tmp_path, dirs_exist_ok=True)
    told = {str(change.address): change.pages for change in life(tmp_path, {}).plan().writes if change.pages}
    assert set(told) == {"pagerduty/Alert/checkout-down", "dynatrace/Event/checkout-down"}


def test_without_its_ledger_nothing_of_it_is_told_again(lived: Life) -> None:
    lived.edited(texts(CLOSED))
    lived.go()
    again = life(lived.root, {})
    again.sandbox = lived.sandbox
    again.clock.sandbox = lived.sandbox
    signals = {address: word for address, word in words(again.plan()).items() if "own" in address or "rest" in address}
    assert set(signals.values()) == {"adopt"}
