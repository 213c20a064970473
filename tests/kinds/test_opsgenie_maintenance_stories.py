"""opsgenie/Maintenance on a stage, as time goes by."""

from pathlib import Path

import pytest

from reconciler.engine.change import Blocked
from tests.kinds.opsgenie_project import asked, changes, done, maintenance, read, said, stage_in
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


def later(stage: Stage, hours: float) -> None:
    stage.clock.passed += hours * 3600
    stage.sandbox.clock.advance(hours * 3600)


def test_of_an_active_one_only_the_end_moves(stage: Stage) -> None:
    stage.write({"it.yaml": maintenance()})
    done(stage)
    later(stage, 2)
    assert said(stage.plan()) == []
    stage.write({"it.yaml": maintenance(end="2026-03-01T17:00:00Z")})
    asked(stage)
    done(stage)
    assert [one.rsplit("/", 1)[1] for one in asked(stage) if one.startswith(("POST", "PUT"))] == ["change-end-date"]
    stage.write({"it.yaml": maintenance(end="2026-03-01T17:00:00Z", state="notificationPolicy: quiet")})
    [blocked] = changes(stage.plan())
    assert isinstance(blocked, Blocked)
    assert "rules cannot be changed" in blocked.why


def test_any_past_start_equals_any_past_start(stage: Stage) -> None:
    stage.write({"it.yaml": maintenance()})
    done(stage)
    later(stage, 2)
    begun = {"type": "schedule", "startDate": "2026-03-01T13:04:00Z", "endDate": "2026-03-01T15:00:00Z"}
    stage.edit("opsgenie", "maintenance/it", {"time": begun})
    assert said(stage.plan()) == []


def test_a_past_one_is_neither_compared_nor_made_nor_deleted(stage: Stage) -> None:
    stage.write({"it.yaml": maintenance()})
    done(stage)
    later(stage, 4)
    stage.write({"it.yaml": maintenance(state="notificationPolicy: quiet")})
    asked(stage)
    assert said(stage.plan()) == []
    assert not [one for one in asked(stage) if "/v1/maintenance/" in one]
    stage.edit("opsgenie", "maintenance/it", None)
    plan = stage.plan()
    assert said(plan) == []
    assert any("past" in warning.text for warning in plan.warnings)


def test_what_is_over_is_let_go_of_when_its_manifest_goes(stage: Stage) -> None:
    stage.write({"it.yaml": maintenance()})
    done(stage)
    later(stage, 4)
    (stage.root / "it.yaml").unlink()
    plan = stage.plan()
    assert said(plan) == []
    assert [change.word for change in plan.changes] == ["release"]
    done(stage)
    assert len(read(stage, "/v1/maintenance")) == 1


def test_one_that_somebody_cancelled_is_made_again(stage: Stage) -> None:
    stage.write({"it.yaml": maintenance()})
    done(stage)
    stage.edit("opsgenie", "maintenance/it", {"cancelled": True})
    [change] = changes(stage.plan())
    assert (change.word, change.why) == ("create", f"id {change.gone} was deleted outside Git")
    done(stage)
