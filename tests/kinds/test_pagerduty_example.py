"""The example of PagerDuty is applied as it stands, and then there is nothing left to do."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.kinds.pagerduty_project import settled, stage_in

EXAMPLE = Path(__file__).parents[2] / "examples/pagerduty-platform"


def test_the_example_is_applied_and_settled(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    stage = stage_in(tmp_path, (EXAMPLE / "reconciler.yaml").read_text(encoding="utf-8"))
    plan = stage.plan()
    assert (plan.blocked, plan.warnings) == ((), ())
    assert len(plan.writes) == len(stage.project().manifests)
    assert stage.apply().ok
    settled(stage)
