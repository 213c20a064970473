"""Story: the quickstart on a stage, and the small edits that the texts are made of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from reconciler.engine.plan import Plan
from reconciler.engine.result import Applied
from reconciler.engine.story import Asked
from reconciler.report.applied_text import applied_text
from reconciler.report.plan_text import plan_text
from tests.stage import Stage

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
NOTICE = """
note: Opsgenie ends on 2027-04-05: Atlassian states that its API works until then, and less for
  migrated accounts
"""


def quickstart(root: Path) -> Stage:
    """The quickstart's manifests, nothing applied."""
    stage = Stage(root)
    stage.write({file.name: file.read_text(encoding="utf-8") for file in QUICKSTART.glob("*.yaml")})
    return stage


def settled(root: Path) -> Stage:
    """The quickstart applied."""
    stage = quickstart(root)
    assert stage.apply().ok
    return stage


def edit(stage: Stage, file: str, old: str, new: str) -> None:
    """A commit in Git."""
    text = (stage.root / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    stage.write({file: text.replace(old, new)})


def told(plan: Plan, *, width: int = 100, verbose: bool = False) -> str:
    """The plan's text less what every one of them has: the vendor's notice, and what was spent on reading."""
    plan = replace(plan, facts=replace(plan.facts, requests=8, seconds=0.4))
    return plan_text(plan, width=width, color=False, verbose=verbose).removesuffix(NOTICE)


def carried_out(stage: Stage, asked: Asked | None = None) -> tuple[Plan, Applied]:
    return asyncio.run(stage._apply(asked or Asked()))


def outcome(stage: Stage) -> str:
    plan, applied = carried_out(stage)
    return applied_text(replace(applied, requests=9, seconds=75.0), plan, width=100, color=False)
