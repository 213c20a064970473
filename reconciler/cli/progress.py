"""Progress: one live line per account on a terminal's stderr; elsewhere one plain line per result, where the report
does not follow in the same stream."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from reconciler.cli.screen import Screen, has_color
from reconciler.engine.change import Write
from reconciler.engine.plan import Plan
from reconciler.engine.result import Result
from reconciler.report.applied_text import result_line

Told = Callable[[Result], None]


@contextmanager
def progress(plan: Plan, screen: Screen, *, no_color: bool) -> Iterator[Told]:
    """What an apply tells its results to, while the block lasts."""
    if not sys.stderr.isatty():
        yield _nothing if screen.alone else lambda result: _line(result, screen)
        return
    totals = Counter(change.address.host for change in plan.writes)
    console = Console(stderr=True, no_color=no_color or not has_color())
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as live:
        lines = {host: live.add_task(host, total=count) for host, count in sorted(totals.items())}

        def advance(result: Result) -> None:
            if isinstance(result.change, Write):
                live.advance(lines[result.change.address.host])

        yield advance


def _nothing(result: Result) -> None:
    """The report says all of it at the end, in the same place."""


def _line(result: Result, screen: Screen) -> None:
    if isinstance(result.change, Write):
        screen.talk(result_line(result))
