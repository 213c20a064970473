"""The command `reconciler`: finds the command asked for, imports only that one, and turns its ending into a code."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from io import StringIO, TextIOWrapper
from typing import Any

import click

from reconciler import __version__
from reconciler.cli.exit import DONE, FAILED, INTERRUPTED
from reconciler.cli.screen import safe, tell_problems
from reconciler.errors import ReconcilerError, UsageError

# One line each, so that `--help` imports no command; a test holds them against the commands' own first lines.
COMMANDS: Mapping[str, str] = {
    "init": "Write a reconciler.yaml, with the accounts that the environment variables name.",
    "validate": "Check every manifest of the project; no vendor is asked.",
    "plan": "Read the vendors and say what apply would change, and why.",
    "apply": "Make the changes of a plan.",
    "audit": "Say what others changed, who and when, and what nobody manages.",
    "destroy": "Delete everything the ledger holds.",
    "show": "Print a saved plan.",
    "import": "Write manifests for what is live and nobody manages.",
    "graph": "Show which manifest refers to which.",
    "fmt": "Put the keys of manifests into the order of the format.",
    "explain": "Say what a vendor, a kind or a field is.",
    "snapshot": "Save what is live, and the ledger, for plans that may not sign in.",
    "schema": "Write the JSON Schemas of manifests and plans.",
    "completion": "Print what completes our commands and options in a shell.",
    "ledger": "Look at the record of what is ours, and mend it.",
    "sandbox": "Play vendor: a made-up world to try everything in.",
}

_EPILOG = (
    "Exit codes: 0 done, 1 failed, 130 interrupted; with --detailed-exitcode also 2 where plan and vendors differ."
)


# A word of the language can be no module.
_MODULES: Mapping[str, str] = {"import": "importing"}


def module_of(command: str) -> str:
    """Where a command stands: in a module of its own name, if that can be."""
    return f"reconciler.cli.{_MODULES.get(command, command)}"


class Commands(click.Group):
    """The commands, each in a module of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(module_of(cmd_name)).COMMAND
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, 1)
            way_out = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(COMMANDS)}"
            raise UsageError(f'there is no command "{args[0]}"', way_out=way_out)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="reconciler", message="%(prog)s %(version)s")
@click.option("--sandbox", is_flag=True, help="Use a made-up world kept in .reconciler/sandbox; no vendor is asked.")
def command_line(sandbox: bool) -> None:
    """Keep incident and monitoring vendors in step with YAML in Git."""


def run() -> None:
    """Run the command line of this process, and end it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows no Cyrillic shall see something all the same
            stream.reconfigure(errors="backslashreplace")
    # A command keeps nearly all that it makes and is soon over: looking for garbage finds none, and costs an apply of
    # 2,000 objects a third of its time and a plan a tenth. What serves for hours turns it on again.
    gc.disable()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, until a command takes both
    code = main(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # A thread of the ledger's library may still be letting go of its last answer. One that meets an interpreter on its
    # way out aborts the process, and what was done well would end with 134.
    os._exit(code)


def main(arguments: Sequence[str], **settings: Any) -> int:
    """Run one command and give its exit code. Only what a person can mend is worded; a defect shows its traceback."""
    try:
        try:
            code = command_line.main(list(arguments), prog_name="reconciler", standalone_mode=False, **settings)
        finally:
            sys.stdout.flush()
    except ReconcilerError as error:
        tell_problems(error)
        return FAILED
    except click.ClickException as error:
        told = StringIO()
        error.show(told)
        print(safe(told.getvalue()), end="", file=sys.stderr, flush=True)
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return FAILED
    except SystemExit as ended:  # click's own answer to a broken pipe
        _forget_stdout()
        return FAILED if ended.code else DONE
    return code if isinstance(code, int) else DONE


def _forget_stdout() -> None:
    """Nobody reads any more: without this the interpreter complains of the same pipe once again at its end."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
