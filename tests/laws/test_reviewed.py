"""Law 6: what a plan says is what was read; anything that moved since gives another digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.plan import described
from tests.laws.life import Life, life
from tests.laws.quickstart import FILES, edited


@pytest.fixture
def planned(tmp_path: Path) -> Life:
    one = life(tmp_path, FILES, crowd=3)
    one.go()
    one.edited(edited())
    return one


def test_the_same_world_gives_the_same_plan(planned: Life) -> None:
    one, other = planned.plan(), planned.plan()
    assert one.digest == other.digest
    assert [described(change) for change in one.changes] == [described(change) for change in other.changes]


@pytest.mark.parametrize(
    ("vendor", "path", "value"),
    [
        ("opsgenie", "teams/payments", {"description": "by hand"}),
        ("opsgenie", "schedules/payments-oncall", {"enabled": False}),
        ("opsgenie", "escalations/payments-escalation", {"description": "by hand"}),
        ("opsgenie", "integrations/wallarm-alerts", {"priority": "P5"}),
        ("opsgenie", "teams/payments/routing-rules/default", {"notify": {"type": "none"}}),
        ("wallarm", "integrations/opsgenie-alerts", {"active": False}),
        ("wallarm", "triggers/Notification about incidents", {"comment": "by hand"}),
    ],
    ids=str,
)
def test_whatever_moved_at_an_object_it_writes_gives_another_plan(
    planned: Life, vendor: str, path: str, value: dict[str, object]
) -> None:
    before = planned.plan().digest
    planned.edit(vendor, path, value)
    assert planned.plan().digest != before


def test_what_others_do_to_theirs_does_not(planned: Life) -> None:
    before = planned.plan().digest
    planned.edit("opsgenie", "schedules/theirs", {"description": "new"})
    planned.edit("wallarm", "integrations/theirs", {"target": {"token": "t"}})
    assert planned.plan().digest == before


def test_what_moves_between_the_last_read_and_the_write_stops_a_whole_write(planned: Life) -> None:
    """A PUT of the whole object reads it just before, and gives up where somebody was quicker."""
    gets = 0
    inner = planned.answers()

    def serve(method: str, target: str, headers: Any, body: bytes) -> Any:
        nonlocal gets
        if method == "GET" and "/v2/integrations/" in target:
            gets += 1
            if gets == 2:
                planned.edit("opsgenie", "integrations/wallarm-alerts", {"priority": "P5"})
        return inner(method, target, headers, body)

    planned.serve = serve
    _, applied = planned.go()
    told = {str(one.change.address): (one.ending, one.text) for one in applied.results}
    assert told["opsgenie/Integration/wallarm-alerts"][0] == "failed"
    assert "was changed by somebody since it was read" in told["opsgenie/Integration/wallarm-alerts"][1]
    assert sum(ending == "done" for ending, _ in told.values()) == len(told) - 1
    planned.serve = None
    assert planned.go()[1].ok
    assert planned.plan().empty
