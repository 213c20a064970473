"""The command `validate`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from reconciler.cli.exit import DONE, FAILED
from reconciler.cli.options import Common, common
from reconciler.cli.project import is_below, open_project, root_of, standing
from reconciler.cli.screen import problem_text
from reconciler.errors import ManifestError, Place, Problem


@dataclass(frozen=True)
class Checked:
    """What was found; `elsewhere` counts the problems outside the paths that were asked for."""

    manifests: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    skipped: tuple[Place, ...] = ()
    elsewhere: int = 0


@click.command("validate")
@common("paths", "format", "output", "verbose", "project")
def COMMAND(common: Common) -> int:
    """Check every manifest of the project; no vendor is asked.

    Every problem is told with its place and the way out. No secret is read. The project is always checked whole; with
    a PATH the problems there are told, and those elsewhere only counted.
    """
    checked = _check(common)
    common.screen().out(_json(checked) if common.format == "json" else _text(checked, verbose=common.verbose))
    return FAILED if checked.problems or checked.elsewhere else DONE


def _check(common: Common) -> Checked:
    paths = standing(root_of(common), common.paths)
    try:
        project = open_project(common)
    except ManifestError as error:
        here = tuple(problem for problem in error.problems if _is_here(problem, paths))
        return Checked(problems=here, elsewhere=len(error.problems) - len(here))
    manifests = [one for one in project.written() if not paths or is_below(one.file, paths)]
    warnings = tuple(problem for problem in project.warnings if _is_here(problem, paths))
    return Checked(len(manifests), warnings=warnings, skipped=project.skipped)


def _is_here(problem: Problem, paths: Sequence[str]) -> bool:
    return not paths or problem.place is None or is_below(problem.place.file, paths)


def _text(checked: Checked, *, verbose: bool) -> str:
    lines = [problem_text(problem, "Error") for problem in checked.problems]
    lines += [problem_text(problem, "Warning") for problem in checked.warnings]
    if verbose:
        lines += [f"{place}: skipped, it has none of our apiVersions" for place in checked.skipped]
    return "\n".join([*lines, _sum(checked)])


def _sum(checked: Checked) -> str:
    if not checked.problems and not checked.elsewhere:
        warned = f", {_count(len(checked.warnings), 'warning')}" if checked.warnings else ""
        return f"{_count(checked.manifests, 'manifest')}, no problem{warned}"
    files = len({problem.place.file for problem in checked.problems if problem.place})
    found = _count(len(checked.problems), "problem")
    told = f"{found} in {_count(files, 'file')}" if files else found
    return f"{told}, and {checked.elsewhere} elsewhere in the project" if checked.elsewhere else told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _json(checked: Checked) -> str:
    document = {
        "format": "reconciler/validation/v1",
        "manifests": checked.manifests,
        "problems": [_said(problem) for problem in checked.problems],
        "elsewhere": checked.elsewhere,
        "warnings": [_said(problem) for problem in checked.warnings],
        "skipped": [str(place) for place in checked.skipped],
    }
    return json.dumps(document, indent=2)


def _said(problem: Problem) -> dict[str, Any]:
    place = problem.place
    return {
        "text": problem.text,
        "file": place.file if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "way_out": problem.way_out,
    }
