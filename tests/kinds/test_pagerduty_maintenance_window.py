"""pagerduty/MaintenanceWindow: made in somebody's name, running from any past start, over when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kind_kit import CONTEXT, Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.pagerduty_project import PROJECT, applied, ask, document, named, settled, stage_in, told

NAME = "pagerduty/MaintenanceWindow"
KIND = kind_of(NAME)
# The sandbox's clock stands at 2026-03-01T12:00Z or a little later.
PAST, SOON, LATER = "2026-02-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"


@cases(
    Case(
        "whole",
        NAME,
        {
            "description": "moving",
            "start_time": "2026-09-05T10:00:00+09:00",
            "end_time": "2026-09-05T03:00:00Z",
            "services": ["checkout", "billing"],
        },
        {
            "type": "maintenance_window",
            "description": "moving",
            "start_time": "2026-09-05T01:00:00Z",
            "end_time": "2026-09-05T03:00:00Z",
            "services": [
                {"id": "id:checkout", "type": "service_reference"},
                {"id": "id:billing", "type": "service_reference"},
            ],
        },
        {
            "description": "moving",
            "sequence_number": 7,
            "start_time": "2026-09-05T03:00:00+02:00",
            "end_time": "2026-09-05T05:00:00+02:00",
            "created_by": {"id": "PU", "type": "user_reference"},
            "teams": [],
            "services": [
                {"id": "id:billing", "type": "service_reference"},
                {"id": "id:checkout", "type": "service_reference"},
            ],
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", "type": "maintenance_window", **case.raw})


@mistakes(
    Mistake(NAME, {"start_time": "tomorrow"}, ("start_time",), "no instant"),
    Mistake(NAME, {"end_time": "2026-09-05T03:00:00"}, ("end_time",), "with an offset"),
    Mistake(NAME, {"start_time": LATER, "end_time": SOON}, ("end_time",), "not later than start_time"),
    Mistake(NAME, {"services": []}, ("services",), "at least 1"),
    Mistake(NAME, {"services": ["a", "a"]}, ("services",), "item 2"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_a_window_is_known_by_its_words_and_its_end() -> None:
    key = KIND.key({"description": "moving", "end_time": "2026-09-05T12:00:30+09:00"})
    assert key == ("moving", "2026-09-05T03:00:00Z")
    assert KIND.key({"description": "moving"}) is None


@pytest.mark.parametrize(("end", "over"), [("2025-12-31T23:59:00Z", True), ("2026-01-01T00:01:00Z", False)])
def test_it_ends_when_its_end_is_past(end: str, over: bool) -> None:
    assert KIND.ends({"end_time": end}, CONTEXT) is over


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

SERVICE = document(
    "EscalationPolicy",
    "calls",
    {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": ["ann@example.com"]}]},
) + document("Service", "checkout", {"escalation_policy": "calls"})


def window(start: str, end: str) -> str:
    return document("MaintenanceWindow", "moving", {"start_time": start, "end_time": end, "services": ["checkout"]})


def travel(stage: Any, days: float) -> None:
    stage.clock.passed += days * 86_400
    stage.sandbox.clock.advance(days * 86_400)


def test_a_window_lives_and_is_past_and_nothing_is_written_any_more(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window(SOON, LATER)})
    applied(stage)
    travel(stage, 1)
    settled(stage)
    travel(stage, 3)
    settled(stage)
    stage.write({"m.yaml": SERVICE + window(SOON, "2026-03-03T12:00:00Z")})
    settled(stage)
    stage.write({"m.yaml": SERVICE})
    found = stage.plan()
    assert found.empty, told(found)
    assert [line for line in told(found) if line.endswith("is past")]
    assert stage.apply().ok
    assert "pagerduty/MaintenanceWindow/moving" not in stage.ledger("pagerduty").entries


def test_a_window_that_is_past_is_not_made(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window("2026-01-01T00:00:00Z", PAST)})
    assert stage.apply().ok
    assert ask(stage, "GET", "/maintenance_windows?filter=all")["maintenance_windows"] == []
    assert any("past, not made" in one.text for one in stage.plan().warnings)


def test_a_running_window_gets_another_end(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window(PAST, SOON)})
    applied(stage)
    started = named(stage, "maintenance_windows", "moving")["start_time"]
    travel(stage, 0.25)
    stage.write({"m.yaml": SERVICE + window("2026-02-15T00:00:00Z", LATER)})
    [change] = stage.plan().writes
    assert [field.path for field in change.fields] == ["end_time"]
    applied(stage)
    assert named(stage, "maintenance_windows", "moving")["start_time"] == started


def test_a_window_that_has_begun_does_not_begin_again(tmp_path: Path) -> None:
    """Whether PagerDuty moves such a start is not documented: nothing is sent that may come to nothing."""
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window(PAST, LATER)})
    applied(stage)
    stage.write({"m.yaml": SERVICE + window(SOON, LATER)})
    [blocked] = stage.plan().blocked
    assert "start_time cannot be changed" in blocked.why
    assert "replace: allow" in blocked.way_out


def test_a_window_that_somebody_ended_is_not_brought_back(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window("2026-01-01T00:00:00Z", LATER)})
    applied(stage)
    travel(stage, 0.1)
    ask(stage, "DELETE", f"/maintenance_windows/{named(stage, 'maintenance_windows', 'moving')['id']}")
    travel(stage, 0.1)
    found = stage.plan()
    assert not found.writes
    assert ["end_time cannot be changed" in one.why for one in found.blocked] == [True]


def test_what_a_blocked_change_holds_on_to_is_blocked_too_and_so_is_what_that_needs(tmp_path: Path) -> None:
    """The window keeps the service, and the service its policy: PagerDuty deletes neither."""
    stage = stage_in(tmp_path)
    other = SERVICE.replace('"checkout"', '"other"').replace('"calls"', '"others"')
    stage.write({"m.yaml": SERVICE + other + window(PAST, LATER)})
    applied(stage)
    stage.write({"m.yaml": other + window(SOON, LATER).replace('["checkout"]', '["other"]')})
    found = stage.plan()
    assert {str(one.address): one.why.partition(":")[0] for one in found.blocked} == {
        "pagerduty/MaintenanceWindow/moving": "start_time cannot be changed once the object is made",
        "pagerduty/Service/checkout": "pagerduty/MaintenanceWindow/moving still refers to it",
        "pagerduty/EscalationPolicy/calls": "pagerduty/Service/checkout still refers to it",
    }
    assert not found.writes, told(found)


def test_a_running_window_that_leaves_git_ends_now(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE + window(PAST, LATER)})
    applied(stage)
    stage.write({"m.yaml": SERVICE})
    [change] = stage.plan().writes
    assert any("ends now" in note for note in change.notes)
    applied(stage)
    assert ask(stage, "GET", "/maintenance_windows?filter=open")["maintenance_windows"] == []


def test_an_accounts_key_needs_somebody_in_whose_name_it_is_made(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, PROJECT.replace(", from: ann@example.com", ""))
    stage.write({"m.yaml": SERVICE + window(SOON, LATER)})
    [failed] = [one for one in stage.apply().results if one.ending != "done"]
    assert "1008" in failed.text
    assert "set `from` in the account" in failed.text
    stage.environ["PAGERDUTY_TOKEN"] = "user-ann"
    applied(stage)
    stage.write({"reconciler.yaml": PROJECT})


def test_who_made_it_is_who_the_account_names(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, PROJECT.replace("ann@", "bob@"))
    stage.write({"m.yaml": SERVICE + window(SOON, LATER)})
    applied(stage)
    assert named(stage, "maintenance_windows", "moving")["created_by"]["summary"] == "Bob Example"
