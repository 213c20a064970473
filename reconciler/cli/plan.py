"""The command `plan`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.exit import CHANGES, DONE, FAILED, INTERRUPTED
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common, common
from reconciler.cli.saved import SavedPlan, git_revision
from reconciler.cli.screen import write_file
from reconciler.cli.session import Session, open_session
from reconciler.engine.guards import Limits
from reconciler.engine.plan import Plan
from reconciler.engine.story import Asked, make_plan
from reconciler.errors import PlanRefused
from reconciler.report.document import json_text, plan_document
from reconciler.report.plan_text import plan_text


@click.command("plan")
@common("format", "verbose", "project", narrowing=True)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Save the plan, for apply.")
@click.option("--destroy", is_flag=True, help="Plan what destroy would do.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where the plan is not empty.")
def COMMAND(common: Common, output: Path | None, destroy: bool, detailed_exitcode: bool) -> int:
    """Read the vendors and say what apply would change, and why.

    Writes nothing anywhere. With -o FILE the plan is saved for `reconciler apply FILE`, which makes exactly these
    changes or refuses.
    """
    session = open_session(common)
    made: list[Plan] = []

    async def plan(_: Brake) -> int:
        made.append(await _plan(session, common, Limits(destroy=destroy)))
        return DONE

    if run_with_brake(session.screen, plan) == INTERRUPTED:
        return INTERRUPTED
    return _tell(session, made[0], common, output, detailed_exitcode=detailed_exitcode)


def _tell(session: Session, plan: Plan, common: Common, output: Path | None, *, detailed_exitcode: bool) -> int:
    print_plan(session, plan, common)
    if output is not None:
        _save(session, plan, output)
    if plan.facts.not_read:
        return FAILED
    return CHANGES if detailed_exitcode and not plan.empty else DONE


async def _plan(session: Session, common: Common, limits: Limits) -> Plan:
    states = await session.states()
    asked = Asked(scope_of(common, session.project, states), limits)
    async with session.access(session.seals_to_look(states)) as access:
        return await make_plan(access, states, asked)


def print_plan(session: Session, plan: Plan, common: Common) -> None:
    """The plan as the result of a command."""
    screen = session.screen
    if common.format == "json":
        screen.out(json_text(plan_document(plan)))
    else:
        screen.out(plan_text(plan, width=screen.width, color=screen.color, verbose=common.verbose), painted=True)
        session.tell_empty()


def _save(session: Session, plan: Plan, file: Path) -> None:
    if plan.facts.not_read:
        unread = " and ".join(sorted(plan.facts.not_read))
        raise PlanRefused(
            f"the plan is not saved: {unread} could not be read", way_out="plan again when that is mended"
        )
    saved = SavedPlan.of(plan, session.project.name, git_revision(session.project.root), sandbox=bool(session.world))
    write_file(file, saved.text)
    made_up = "--sandbox " if session.world else ""
    session.screen.talk(f"saved; to make these changes and no others: reconciler {made_up}apply {file}")
