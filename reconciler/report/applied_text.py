"""Applied text: what an apply did, what it could not do and why, and what is left for people to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.engine.change import Adopt, Blocked, Change, Doubtful
from reconciler.engine.plan import Plan
from reconciler.engine.result import Applied, Result
from reconciler.report.paint import Page, Style, flat, visible
from reconciler.report.summary import by_kind, counted, listed, spent

_DONE = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "reset": "reset",
    "adopt": "adopted",
    "move": "moved",
    "release": "released",
}
_LEFT: dict[str, tuple[str, Style]] = {
    "failed": ("failed", "stop"),
    "doubtful": ("doubtful", "doubt"),
    "skipped": ("skipped", "update"),
    "not started": ("not started", "update"),
}


def applied_text(applied: Applied, plan: Plan, *, width: int, color: bool) -> str:
    """The whole apply for people; the last line is its sum."""
    page = Page(width, color)
    done = [result for result in applied.results if result.ending == "done"]
    plain = [one for one in done if isinstance(one.change, Adopt) and not (one.alarms or one.notes)]
    kinds = by_kind([str(one.change.address) for one in plain])
    for kind in kinds:
        page.add(("adopted ", "create"), kind)
    folded = set(map(id, plain)) if kinds else set()
    for result in done:
        if id(result) not in folded:
            _done(page, result)
    for ending in _LEFT:
        for result in applied.results:
            if result.ending == ending:
                page.gap()
                _left(page, result)
    _not_tried(page, plan)
    if applied.stopped_by:
        page.gap()
        page.add((f"stopped, nothing more was sent: {flat(applied.stopped_by)}", "stop"))
    page.gap()
    page.add((_sum(applied, plan), "bold"))
    return page.text()


def result_line(result: Result) -> str:
    """One change's ending while the apply runs, on one plain line without its end."""
    change = result.change
    if result.ending == "done":
        told = f"{_DONE[change.word]} {change.address}"
    else:
        told = f"{_LEFT[result.ending][0]}: {change.word} {change.address}: {flat(result.text)}"
    return visible("; ".join([told, *(f"warning: {flat(alarm)}" for alarm in result.alarms)]))


def _done(page: Page, result: Result) -> None:
    ident = f"  id {result.id}" if result.id else ""
    page.add((f"{_DONE[result.change.word]} ", "create"), str(result.change.address), (ident, "faint"))
    for alarm in result.alarms:
        page.add((f"! {flat(alarm)}", "stop"), indent=4, hang=2)
    for note in result.notes:
        page.add((flat(note), "mark"), indent=4, hang=2)


def _left(page: Page, result: Result) -> None:
    change = result.change
    word, style = _LEFT[result.ending]
    page.add((f"{word}: {change.word} ", style), (str(change.address), "bold"), (_where(change), "faint"))
    page.add(flat(result.text), indent=4, hang=2)
    if result.way_out:
        page.add(f"way out: {flat(result.way_out)}", indent=4, hang=2)


def _not_tried(page: Page, plan: Plan) -> None:
    """What the plan could not do; its text said why and what the way out is."""
    left = [change for change in plan.changes if isinstance(change, Blocked | Doubtful)]
    if left:
        page.gap()
    for change in left:
        page.add((f"{change.word}, as planned: ", "stop"), (str(change.address), "bold"), (_where(change), "faint"))
        page.add(flat(change.why), indent=4, hang=2)


def _where(change: Change) -> str:
    return f"  {change.place.file}:{change.place.line}" if change.place and change.place.line else ""


def _sum(applied: Applied, plan: Plan) -> str:
    return f"{'; '.join(_clauses(applied, plan))} {spent(applied.requests, applied.seconds)}"


def _clauses(applied: Applied, plan: Plan) -> Iterator[str]:
    done = Counter(result.change.word for result in applied.results if result.ending == "done")
    hosts = sorted({result.change.address.host for result in applied.results if result.ending == "done"})
    told = [f"{done[word]} {past}" for word, past in _DONE.items() if done[word]]
    yield f"{', '.join(told)} in {listed(hosts)}" if told else "nothing was done"
    left = [f"{applied.counts[ending]} {word}" for ending, (word, _) in _LEFT.items() if applied.counts[ending]]
    if left:
        yield ", ".join(left)
    if plan.not_done:
        yield f"{len(plan.not_done)} not possible as planned"
    alarms = sum(len(result.alarms) for result in applied.results)
    if alarms:
        yield counted(alarms, "warning")
    if applied.interrupted:
        yield "interrupted"
