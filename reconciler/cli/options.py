"""Options: those that several commands share, packed into one value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.cli.screen import Screen
from reconciler.errors import ReconcilerError, UsageError
from reconciler.report.formats import FORMATS, Format

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Common:
    """What was given of the shared options; what a command does not take keeps its default."""

    paths: tuple[str, ...] = ()
    project: Path | None = None
    account: tuple[str, ...] = ()
    selector: tuple[tuple[str, str], ...] = ()
    target: tuple[str, ...] = ()
    format: Format = "text"
    output: str | None = None
    no_color: bool = False
    verbose: bool = False
    sandbox: bool = False
    environment: str | None = None
    changed_since: str | None = None
    snapshot: Path | None = None

    @property
    def root(self) -> Path:
        """Where the search for the project begins. Raises UsageError where the current folder is no more."""
        try:
            return self.project or Path.cwd()
        except FileNotFoundError:
            raise UsageError("the current folder was removed", way_out="go to another one") from None

    def screen(self) -> Screen:
        """Where the words go."""
        return Screen.of(no_color=self.no_color, output=self.output)


def _pair(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in given:
        label, equals, value = text.partition("=")
        if not label or not equals:
            raise click.BadParameter(f'"{text}" is no label: write LABEL=VALUE, as team=payments', ctx, param)
        pairs.append((label, value))
    return tuple(pairs)


def _addresses(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The addresses of the project's manifests, for a shell; none where they cannot be read."""
    from reconciler.cli.project import open_project  # imported here: that module needs this one

    given = {name: ctx.params[name] for name in ("project", "environment") if ctx.params.get(name)}
    try:
        project = open_project(Common(**given, sandbox=True))
    except ReconcilerError:
        return []
    return [text for text in sorted(map(str, project.manifests)) if text.startswith(incomplete)]


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "paths": click.argument("paths", metavar="[PATH]…", nargs=-1, type=str),
    "project": click.option(
        "-p",
        "--project",
        metavar="FOLDER",
        type=click.Path(exists=True, path_type=Path),
        help="The project's folder, or its reconciler.yaml.  [default: upward from here]",
    ),
    "environment": click.option(
        "-e", "--environment", metavar="NAME", help="One of the project's environments: prod, staging."
    ),
    "changed_since": click.option(
        "--changed-since", metavar="COMMIT", help="Only what changed in Git since COMMIT: origin/main."
    ),
    "snapshot": click.option(
        "--snapshot",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Ask no vendor: plan on what `reconciler snapshot` saved.",
    ),
    "account": click.option(
        "--account", metavar="NAME", multiple=True, help="Only this account: VENDOR, VENDOR@NAME or NAME."
    ),
    "selector": click.option(
        "--selector", metavar="LABEL=VALUE", multiple=True, callback=_pair, help="Only manifests with this label."
    ),
    "target": click.option(
        "--target",
        metavar="ADDRESS",
        multiple=True,
        shell_complete=_addresses,
        help="Only this object, and what it needs that is not there.",
    ),
    "format": click.option(
        "--format", type=click.Choice(["text", "json"]), default="text", help="For people, or for programs."
    ),
    "report": click.option(
        "--format",
        type=click.Choice(FORMATS),
        default="text",
        help="For a terminal, for programs, for a comment, for a browser, for code scanning, for a pipeline's pages.",
    ),
    "output": click.option("-o", "--output", metavar="FILE", help="Write the result to this file."),
    "no_color": click.option("--no-color", is_flag=True, help="No colour, as with NO_COLOR set."),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Say more."),
    "sandbox": click.option("--sandbox", is_flag=True, help="In the made-up world kept in .reconciler/sandbox."),
}
_NARROWING = ("paths", "account", "selector", "target")


def common(*names: str, narrowing: bool = False) -> Callable[[Command], Command]:
    """Give a command the shared options of these names, and the two of every command; it gets them as `common`."""
    chosen = ("environment",) if "project" in names else ()
    wanted = (*(_NARROWING if narrowing else ()), *names, *chosen, "no_color", "sandbox")

    taken = {"format" if name == "report" else name for name in wanted}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def packed(**given: Any) -> Any:
            mine = {one.name: given.pop(one.name) for one in fields(Common) if one.name in taken}
            root = click.get_current_context().find_root()
            mine["sandbox"] = mine["sandbox"] or bool(root.params.get("sandbox"))
            return command(common=Common(**mine), **given)

        decorated: Any = packed
        for name in reversed(wanted):
            decorated = _OPTIONS[name](decorated)
        result: Command = decorated
        return result

    return decorate
