"""Annotations: a plan's findings as workflow commands, which GitHub shows at the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.report.document import PlanDocument
from reconciler.report.finding import RULES, Finding, findings
from reconciler.report.summary import summary

_WORDS = {"error": "error", "warning": "warning", "note": "notice"}


def annotations_text(plan: PlanDocument, folder: str = "") -> str:
    """One command a line, the gravest first, since no more than ten of each sort are shown; the summary at the end,
    and what must be known beside it."""
    notes = (f"note: {' '.join(one.split())}" for one in plan.notices)
    return commands(findings(plan, folder), "\n".join([summary(plan), *notes]))


def commands(remarks: Iterable[Finding], last: str) -> str:
    """A line for each finding, and one more."""
    return "\n".join([*(_command(one) for one in remarks), last]) + "\n"


def _command(one: Finding) -> str:
    where = [("file", one.spot.file), ("line", str(one.spot.line)), ("col", str(one.spot.column))] if one.spot else []
    told = [*where, ("title", RULES[one.rule])]
    return f"::{_WORDS[one.level]} {','.join(f'{name}={_property(value)}' for name, value in told)}::{_data(one.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
