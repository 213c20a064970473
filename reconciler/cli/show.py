"""The command `show`."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.exit import DONE
from reconciler.cli.options import Common, common
from reconciler.cli.plan import print_document
from reconciler.cli.saved import SavedPlan, read_saved_plan
from reconciler.cli.screen import safe
from reconciler.report.plan_text import document_text


@click.command("show")
@common("report", "output", "verbose")
@click.argument("file", type=click.Path(path_type=Path))
def COMMAND(common: Common, file: Path) -> int:
    """Print a saved plan.

    FILE was made by `reconciler plan -o FILE`. No vendor is asked: it is shown as it was reviewed.
    """
    saved = read_saved_plan(file)
    screen = common.screen()
    if common.format == "text":
        words = document_text(saved.document, width=screen.width, color=screen.color, verbose=common.verbose)
        screen.out(f"{safe(_head(saved))}\n\n{words}", painted=True)
    else:
        print_document(screen, saved.document, common)
    return DONE


def _head(saved: SavedPlan) -> str:
    of = f"saved plan of project {saved.project}"
    at = f", made at Git revision {saved.revision}" if saved.revision else ""
    narrowed = f", narrowed to {saved.scope.describe()}" if saved.scope.narrow else ""
    return f"{of}{at}{narrowed}{', against the sandbox' if saved.sandbox else ''}"
