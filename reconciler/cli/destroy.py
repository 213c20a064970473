"""The command `destroy`."""

from __future__ import annotations

import click

from reconciler.cli.carrying import Order, carry_out
from reconciler.cli.options import Common, common
from reconciler.cli.session import open_session
from reconciler.engine.guards import Limits


@click.command("destroy")
@common("format", "output", "verbose", "project", narrowing=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def COMMAND(common: Common, yes: bool) -> int:
    """Delete everything the ledger holds.

    Only what is ours goes, as the plan that is shown first lists it, and nothing while one of the objects is
    protected. On a terminal the project's name is asked for; elsewhere it needs --yes.
    """
    return carry_out(open_session(common), Order(common, Limits(destroy=True), yes=yes))
