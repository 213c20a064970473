"""Plan text: what a reviewer reads before saying yes. A summary, a block per change, and what else must be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.engine.plan import Plan
from reconciler.report.document import PlanDocument, SaidChange, SaidProblem, Word, plan_document, read_document
from reconciler.report.field_text import add_fields, add_released
from reconciler.report.paint import Page, Style, flat
from reconciler.report.summary import by_kind, counted, summary

_SYMBOLS: Mapping[Word, tuple[str, Style]] = {
    "create": ("+", "create"),
    "update": ("~", "update"),
    "replace": ("-/+", "replace"),
    "delete": ("-", "delete"),
    "reset": ("~", "update"),
    "blocked": ("!", "stop"),
    "doubtful": ("?", "doubt"),
}
_GOING: tuple[Word, ...] = ("delete", "replace", "reset")  # their live object is told by its id too
_LEDGER: tuple[Word, ...] = ("adopt", "move", "release")


def plan_text(plan: Plan, *, width: int, color: bool, verbose: bool = False) -> str:
    """The plan for people. `verbose` adds each change's requests and unchanged items of lists."""
    return document_text(plan_document(plan), width=width, color=color, verbose=verbose)


def document_text(document: Mapping[str, Any], *, width: int, color: bool, verbose: bool = False) -> str:
    """The same from a saved plan's JSON. Raises UsageError where it is none."""
    plan = read_document(document)
    page = Page(width, color)
    page.add((summary(plan), "bold"))
    _around(page, plan)
    for change in plan.changes:
        if change.change not in _LEDGER and not is_unread(plan, change):
            page.gap()
            _block(page, change, verbose=verbose)
    _people(page, plan)
    _ledger(page, [change for change in plan.changes if change.change in _LEDGER], verbose=verbose)
    _unread(page, plan)
    _problems(page, "apply will refuse this plan:", "stop", plan.refused)
    _problems(page, "not known here, so not compared:", "mark", unknown_of(plan))
    _problems(page, "warnings:", "mark", plan.warnings)
    _notices(page, plan.notices)
    return page.text()


def change_text(change: SaidChange, *, width: int) -> str:
    """One change by itself, without its first line, for a report that has one of its own."""
    page = Page(width, color=False)
    _inside(page, change, verbose=False)
    return page.text()


def _notices(page: Page, notices: Sequence[str]) -> None:
    if notices:
        page.gap()
    for notice in notices:
        page.add((f"note: {flat(notice)}", "faint"), hang=2)


def _people(page: Page, plan: PlanDocument) -> None:
    """Whom an apply would wake: told by itself, so that nobody overlooks it."""
    told = [(change.address, line) for change in plan.changes for line in change.pages]
    if told:
        page.gap()
        page.add(("this reaches people:", "stop"))
    for address, line in told:
        page.add((f"{address}: ", "bold"), flat(line), indent=2, hang=2)


def is_unread(plan: PlanDocument, change: SaidChange) -> bool:
    """Whether it is only blocked because its account could not be read; these are told together."""
    return change.change == "blocked" and change.host in plan.not_read


def _around(page: Page, plan: PlanDocument) -> None:
    """What the whole plan must be read with."""
    if plan.narrowed:
        left = f": {counted(plan.not_planned, 'other manifest')} not planned" if plan.not_planned else ""
        page.add(f"narrowed to {plan.narrowed}{left}")
    for host, holder in sorted(plan.holders.items()):
        page.add((f"! {holder} is applying to {host} now: what is shown may be about to change", "mark"))


# ── one change ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _block(page: Page, change: SaidChange, *, verbose: bool) -> None:
    symbol, style = _SYMBOLS[change.change]
    page.add((f"{symbol} {change.change} ", style), (change.address, "bold"), (_where(change), "faint"))
    _inside(page, change, verbose=verbose)


def _inside(page: Page, change: SaidChange, *, verbose: bool) -> None:
    why = [f"id {change.id}"] if change.id and change.change in _GOING else []
    if change.why or why:
        page.add(": ".join([*why, flat(change.why)]), indent=4, hang=2)
    add_fields(page, change, 4, verbose=verbose)
    for note in change.notes:
        page.add((f"! {flat(note)}", "mark"), indent=4, hang=2)
    for way in ways_out(change):
        page.add(f"way out: {flat(way)}", indent=4, hang=2)
    if verbose:
        for step in change.steps:
            page.add((f"{step.method} {step.path}", "faint"), indent=4)


def _where(change: SaidChange) -> str:
    """File and line."""
    return f"  {':'.join(change.place.split(':')[:2])}" if change.place else ""


def ways_out(change: SaidChange) -> Iterable[str]:
    if change.way_out:
        yield change.way_out
    if change.change == "doubtful" and not change.ids:
        yield f"find out whether it was sent, then: reconciler ledger settle {change.address} --sent, or --unsent"
    elif change.change == "doubtful":
        ids = f"id{'' if len(change.ids) == 1 else 's'} {', '.join(change.ids)}"
        yield f"look at {ids}, then: reconciler ledger settle {change.address} --id ID, or --none"


# ── after the changes ───────────────────────────────────────────────────────────────────────────────────────────────


def _ledger(page: Page, changes: Sequence[SaidChange], *, verbose: bool) -> None:
    if not changes:
        return
    plain = [change for change in changes if change.change == "adopt" and not (change.why or change.fields)]
    kinds = [] if verbose else by_kind([change.address for change in plain])
    folded = set(map(id, plain)) if kinds else set()  # by identity: equal ones are costly to look for among thousands
    page.gap()
    hint = " (-v names each)" if kinds else ""
    page.add((f"in the ledger only, nothing is written to a vendor{hint}:", "bold"))
    for kind in kinds:
        page.add(f"adopt {kind}", indent=2)
    for change in changes:
        if id(change) not in folded:
            _record(page, change)


def _record(page: Page, change: SaidChange) -> None:
    """What becomes of one entry of the ledger."""
    name = f"{change.old} → {change.address}" if change.old else change.address
    page.add(f"{change.change} {name}", (_where(change), "faint"), indent=2)
    if change.why:
        page.add(flat(change.why), indent=6, hang=2)
    add_released(page, change, 6)


def _unread(page: Page, plan: PlanDocument) -> None:
    if not plan.not_read:
        return
    page.gap()
    page.add(("not read, so not planned:", "stop"))
    left = Counter(change.host for change in plan.changes if is_unread(plan, change))
    for host, why in sorted(plan.not_read.items()):
        what = flat(why.text).removeprefix(f"{host}: ")
        page.add(f"{host} ({counted(left[host], 'manifest')}): {what}", indent=2, hang=2)
        if why.way_out:
            page.add(f"way out: {flat(why.way_out)}", indent=4, hang=2)


def unknown_of(plan: PlanDocument) -> list[SaidProblem]:
    """Secrets nobody knows here, less those that apply refuses to go without."""
    refused = {problem.place for problem in plan.refused if problem.place}
    return [problem for problem in plan.unknown if problem.place not in refused]


def _problems(page: Page, heading: str, style: Style, problems: Sequence[SaidProblem]) -> None:
    if not problems:
        return
    page.gap()
    page.add((heading, style))
    for problem in problems:
        where = f"{problem.place}: " if problem.place else ""
        page.add(f"{where}{flat(problem.text)}", indent=2, hang=2)
        if problem.way_out:
            page.add(f"way out: {flat(problem.way_out)}", indent=4, hang=2)
