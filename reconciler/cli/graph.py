"""The command `graph`."""

from __future__ import annotations

from typing import Literal

import click

from reconciler.cli.exit import DONE
from reconciler.cli.narrowing import scope_of
from reconciler.cli.options import Common, common
from reconciler.cli.project import open_project
from reconciler.report.graph import Graph, graph_of, graph_text
from reconciler.report.graph_dot import dot_text
from reconciler.report.graph_mermaid import mermaid_text, too_much

Picture = Literal["text", "mermaid", "dot"]


@click.command("graph")
@common("output", "project", "changed_since", narrowing=True)
@click.option(
    "--format",
    "picture",
    type=click.Choice(["text", "mermaid", "dot"]),
    default="text",
    help="Lines, or a picture that Markdown (mermaid) or Graphviz (dot) draws.",
)
@click.option(
    "--around",
    type=click.IntRange(min=0),
    default=1,
    metavar="N",
    help="With a narrowing: how many references further to go, either way.  [default: 1]",
)
def COMMAND(common: Common, picture: Picture, around: int) -> int:
    """Show which manifest refers to which.

    No vendor is asked. With a PATH, --target, --selector, --account or --changed-since, these manifests and what is
    next to them.
    """
    project = open_project(common)
    scope = scope_of(common, project, {})
    manifests = tuple(project.written())
    chosen = (one.address for one in manifests if scope.holds(one.address, one.file, one.metadata.labels))
    graph = graph_of(manifests, frozenset(chosen), around)
    text, screen = _drawn(graph, picture), common.screen()
    screen.out(text)
    if picture == "mermaid" and (why := too_much(graph, text)):
        screen.talk(f"this will not be drawn: {why}; name a PATH or an --account, or take --format dot")
    return DONE


def _drawn(graph: Graph, picture: Picture) -> str:
    match picture:
        case "text":
            return graph_text(graph)
        case "mermaid":
            return mermaid_text(graph)
        case "dot":
            return dot_text(graph)
