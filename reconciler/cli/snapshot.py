"""The command `snapshot`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reconciler.cli.brake import Brake, run_with_brake
from reconciler.cli.exit import DONE, INTERRUPTED
from reconciler.cli.options import Common, common
from reconciler.cli.screen import write_file
from reconciler.cli.session import Session, open_session
from reconciler.engine import snapshot
from reconciler.engine.story import Asked, make_plan
from reconciler.errors import UsageError
from reconciler.report.document import json_text
from reconciler.report.summary import counted


@click.command("snapshot")
@common("project")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), required=True, help="Where it goes.")
def COMMAND(common: Common, output: Path) -> int:
    """Save what is live, and the ledger, for plans that may not sign in.

    `reconciler plan --snapshot FILE` then needs no token and no ledger: for pull requests from forks. Secrets, sealed
    values and digests are not in it; names, addresses and settings are, so keep it where those may be seen.
    """
    session = open_session(common)
    made: list[dict[str, Any]] = []

    async def take(_: Brake) -> int:
        made.append(await _take(session))
        return DONE

    if run_with_brake(session.screen, take) == INTERRUPTED:
        return INTERRUPTED
    write_file(output, json_text(made[0]))
    count = sum(len(one["answers"]) for one in made[0]["accounts"].values())
    session.screen.talk(f"saved {counted(count, 'answer')} of {counted(len(made[0]['accounts']), 'account')}")
    return DONE


async def _take(session: Session) -> dict[str, Any]:
    states = await session.states()
    async with session.access(session.seals_to_look(states)) as access:
        recorders = snapshot.recording(access)
        plan = await make_plan(access, states, Asked(whole=snapshot.all_kinds(access)))
        for host, why in sorted(plan.facts.not_read.items()):
            raise UsageError(
                f"no snapshot is taken: {host} could not be read: {why.text}", way_out=why.way_out or "try again"
            )
        await snapshot.complete(access, plan)
        return snapshot.document(access, plan, recorders, states)
