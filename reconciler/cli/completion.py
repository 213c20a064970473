"""The command `completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from reconciler.cli.exit import DONE
from reconciler.cli.options import Common, common

_HOW = {
    "bash": 'eval "$(reconciler completion bash)"',
    "zsh": 'eval "$(reconciler completion zsh)"',
    "fish": "reconciler completion fish | source",
}


@click.command("completion")
@common("output")
@click.argument("shell", type=click.Choice(list(_HOW)))
def COMMAND(common: Common, shell: str) -> int:
    """Print what completes our commands and options in a shell.

    In bash: eval "$(reconciler completion bash)". In fish: reconciler completion fish | source.
    """
    # By its own root: the words that are completed are those of the command line, and not of this one.
    root = click.get_current_context().find_root().command
    made = get_completion_class(shell)
    assert made is not None
    common.screen().out(f"# {_HOW[shell]}\n{made(root, {}, 'reconciler', '_RECONCILER_COMPLETE').source()}")
    return DONE
