"""The command `apply`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from reconciler.cli.carrying import Order, carry_out
from reconciler.cli.options import Common, common
from reconciler.cli.saved import SavedPlan, may_be_saved_plan, read_saved_plan
from reconciler.cli.session import open_session
from reconciler.engine.guards import Limits
from reconciler.errors import UsageError


@click.command("apply")
@common("format", "output", "verbose", "project", narrowing=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--max-deletes", metavar="N", type=click.IntRange(min=0), help="Let this run delete as many as N objects."
)
def COMMAND(common: Common, yes: bool, max_deletes: int | None) -> int:
    """Make the changes of a plan.

    PATH is a saved plan (made by `reconciler plan -o FILE`), which is applied as it was reviewed or refused whole; or
    it narrows what is planned now. On a terminal you are asked before anything is written; elsewhere it needs --yes
    or a saved plan.
    """
    saved = _saved(common)
    if saved is not None:
        common = replace(common, paths=(), environment=common.environment or saved.environment)
    limits = Limits(max_deletes, destroy=bool(saved and saved.destroy))
    return carry_out(open_session(common), Order(common, limits, saved, yes))


def _saved(common: Common) -> SavedPlan | None:
    files = [path for path in common.paths if may_be_saved_plan(path)]
    if not files:
        return None
    if len(common.paths) > 1 or common.account or common.selector or common.target:
        raise UsageError(
            f"{files[0]} is no folder and no YAML file, so it is taken for a saved plan, which cannot be narrowed",
            way_out="give the saved plan alone: reconciler apply FILE",
        )
    return read_saved_plan(Path(files[0]))
