"""The command `plan`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from reconciler.cli import git
from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.exit import CHANGES, DONE, FAILED, INTERRUPTED
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common, common
from reconciler.cli.saved import SavedPlan
from reconciler.cli.screen import Screen, write_file
from reconciler.cli.session import Session, open_session
from reconciler.engine.guards import Limits
from reconciler.engine.plan import Plan
from reconciler.engine.rehearsal import rehearse, with_rehearsal
from reconciler.engine.snapshot import Snapshot, read_snapshot
from reconciler.engine.story import Asked, make_plan
from reconciler.errors import PlanRefused, UsageError
from reconciler.report.document import json_text, plan_document, read_document
from reconciler.report.formats import told
from reconciler.report.plan_text import document_text

# What people end such files with, and the form they mean.
_REPORTS = {".html": "html", ".md": "markdown", ".sarif": "sarif", ".xml": "junit"}


@click.command("plan")
@common("report", "verbose", "project", "changed_since", "snapshot", narrowing=True)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Save the plan, for apply.")
@click.option("--destroy", is_flag=True, help="Plan what destroy would do.")
@click.option("--server-validate", is_flag=True, help="Have vendors that can check each write, and change nothing.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where the plan is not empty.")
def COMMAND(common: Common, output: Path | None, destroy: bool, server_validate: bool, detailed_exitcode: bool) -> int:
    """Read the vendors and say what apply would change, and why.

    Writes nothing anywhere. With -o FILE the plan is saved for `reconciler apply FILE`, which makes exactly these
    changes or refuses. With --changed-since the manifests that differ from those of the last common commit are
    planned, what they refer to and what refers to them. With --snapshot no vendor is asked, and no token is needed.
    """
    if common.snapshot is not None and (output is not None or server_validate):
        what = "--output" if output is not None else "--server-validate"
        raise UsageError(
            f"{what} does not go with --snapshot", way_out="apply makes plans of what is live, not of a picture"
        )
    if output is not None and output.suffix in _REPORTS:
        raise UsageError(
            f"-o {output} would save the plan, for apply, and no report",
            way_out=f"print the report there: reconciler plan --format {_REPORTS[output.suffix]} >{output}",
        )
    session = open_session(common)
    made: list[Plan] = []

    async def plan(_: Brake) -> int:
        made.append(await _plan(session, common, Limits(destroy=destroy), rehearsed=server_validate))
        return DONE

    if run_with_brake(session.screen, plan) == INTERRUPTED:
        return INTERRUPTED
    return _tell(session, made[0], common, output, detailed_exitcode=detailed_exitcode)


def _tell(session: Session, plan: Plan, common: Common, output: Path | None, *, detailed_exitcode: bool) -> int:
    print_plan(session, plan, common)
    if output is not None:
        _save(session, plan, output)
    if plan.facts.not_read or plan.objections:
        return FAILED
    return CHANGES if detailed_exitcode and not plan.empty else DONE


async def _plan(session: Session, common: Common, limits: Limits, *, rehearsed: bool) -> Plan:
    if common.snapshot is not None:
        return await _offline(session, common, limits, read_snapshot(_text(common.snapshot), str(common.snapshot)))
    states = await session.states()
    asked = Asked(scope_of(common, session.project, states), limits)
    async with session.access(session.seals_to_look(states)) as access:
        plan = await make_plan(access, states, asked)
        return with_rehearsal(plan, await rehearse(access, plan)) if rehearsed else plan


async def _offline(session: Session, common: Common, limits: Limits, picture: Snapshot) -> Plan:
    """The plan on a snapshot. Raises UsageError for one of another project."""
    if picture.project != session.project.name:
        what = f"the snapshot is of project {picture.project}, and not of {session.project.name}"
        raise UsageError(what, way_out="take one of this project, or choose its environment with -e")
    access = session.closed()
    picture.into(access)
    used = {address.host for address in session.project.manifests}
    known = {host: picture.states[host] for host in session.project.accounts if host in picture.states}
    states = {host: state for host, state in known.items() if host in used or not state.new}
    asked = Asked(scope_of(common, session.project, states), limits)
    plan = await make_plan(access, states, asked)
    return replace(plan, notices=(picture.notice(access.clock.now()), *plan.notices))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file} cannot be read: {why}", way_out="take one: reconciler snapshot -o FILE") from None


def print_plan(session: Session, plan: Plan, common: Common) -> None:
    """The plan as the result of a command."""
    screen = session.screen
    document = plan_document(plan)
    print_document(screen, document, common)
    if common.format == "text":
        session.tell_empty()


def print_document(screen: Screen, document: Mapping[str, Any], common: Common) -> None:
    """A plan's document in the form that is asked for."""
    if common.format == "json":
        screen.out(json_text(document))
    elif common.format == "text":
        words = document_text(document, width=screen.width, color=screen.color, verbose=common.verbose)
        screen.out(words, painted=True)
    else:
        screen.out(told(read_document(document), common.format, git.folder_in(common.root)))


def _save(session: Session, plan: Plan, file: Path) -> None:
    if plan.facts.not_read:
        unread = " and ".join(sorted(plan.facts.not_read))
        raise PlanRefused(
            f"the plan is not saved: {unread} could not be read", way_out="plan again when that is mended"
        )
    saved = SavedPlan.of(plan, session.project.name, git.revision(session.project.root), sandbox=bool(session.world))
    write_file(file, saved.text)
    made_up = "--sandbox " if session.world else ""
    session.screen.talk(f"saved; to make these changes and no others: reconciler {made_up}apply {file}")
