"""Finding: a plan as remarks at lines of files, for what shows such: SARIF, annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from reconciler.report.document import PlanDocument, SaidChange, SaidField, SaidProblem
from reconciler.report.place import Spot, spot
from reconciler.report.value import ABSENT, flow, of_the_new

Level = Literal["error", "warning", "note"]

# What each rule is about, by its name.
RULES = {
    "create": "An object is made",
    "update": "An object is changed",
    "replace": "An object is deleted and made anew",
    "delete": "An object is deleted",
    "reset": "An object is put back",
    "adopt": "A live object becomes ours",
    "move": "An object has another address",
    "release": "An object or a field is no longer managed",
    "blocked": "A change cannot be made",
    "doubtful": "It cannot be told what became of an interrupted run",
    "drift": "Something was changed outside Git",
    "gone": "An object was deleted outside Git",
    "dangling": "A live reference leads nowhere",
    "catalogue": "A live object holds what the catalogue does not allow",
    "refused": "Apply would refuse the plan",
    "not-read": "An account could not be read",
    "unknown": "A secret is not known here",
    "warning": "Something is worth knowing",
}
_LEVELS: dict[str, Level] = {
    "replace": "warning",
    "delete": "warning",
    "reset": "warning",
    "blocked": "error",
    "doubtful": "error",
}


@dataclass(frozen=True)
class Finding:
    """One remark. `spot` is None where it stands at no line; `address` is empty where it is of no object."""

    rule: str
    level: Level
    text: str
    spot: Spot | None
    address: str = ""


def findings(plan: PlanDocument, folder: str = "") -> Iterator[Finding]:
    """Everything a reviewer should see at a line, the gravest first; files are told below `folder`."""
    told = [*_problems(plan), *(one for change in plan.changes for one in _change(change))]
    yield from in_order(told, folder)


def in_order(told: Iterable[Finding], folder: str) -> Iterator[Finding]:
    """The gravest first, with files told below `folder`."""
    order: tuple[Level, ...] = ("error", "warning", "note")
    for one in sorted(told, key=lambda one: order.index(one.level)):
        where = one.spot
        yield replace(one, spot=where._replace(file=f"{folder}{where.file}")) if where and folder else one


def _problems(plan: PlanDocument) -> Iterator[Finding]:
    for host, problem in sorted(plan.not_read.items()):
        yield of_problem("not-read", "error", problem, host)
    for problem in plan.refused:
        yield of_problem("refused", "error", problem)
    for problem in plan.warnings:
        yield of_problem("warning", "warning", problem)
    for problem in plan.unknown:
        yield of_problem("unknown", "note", problem)


def of_problem(rule: str, level: Level, problem: SaidProblem, host: str = "") -> Finding:
    """A problem as a remark; `host` is the account that it is of."""
    way_out = f"\nway out: {problem.way_out}" if problem.way_out else ""
    text = problem.text if not host or problem.text.startswith(host) else f"{host}: {problem.text}"
    return Finding(rule, level, f"{text}{way_out}", spot(problem.place))


def _change(change: SaidChange) -> Iterator[Finding]:
    lines = [f"{change.change} {change.address}{f': {change.why}' if change.why else ''}"]
    lines += [field_line(field) for field in change.fields]
    lines += [f"reaches people: {line}" for line in change.pages]
    lines += [f"note: {note}" for note in change.notes]
    lines += [f"way out: {change.way_out}"] if change.way_out else []
    level = _LEVELS.get(change.change, "note")
    yield Finding(change.change, level, "\n".join(lines), spot(change.place), change.address)
    for field in change.fields:
        if field.cause in ("drifted", "both"):
            text = f"{change.address}: {field_line(field)}: changed at the vendor, outside Git"
            yield Finding("drift", "warning", text, spot(field.place) or spot(change.place), change.address)


def field_line(field: SaidField) -> str:
    """One field on one line: what it was and what it will be."""
    old, new = field.side("old"), field.side("new")
    if old is ABSENT:
        return f"{field.path}: {flow(of_the_new(new))}"
    return f"{field.path}: {flow(old)} → {flow(new)}"
