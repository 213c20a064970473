"""Markdown: a plan as a comment of a pull request: summary first, details folded, no longer than a comment may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from reconciler.report.document import PlanDocument, SaidChange, SaidProblem, Word
from reconciler.report.plan_text import change_text, is_unread, unknown_of
from reconciler.report.summary import counted, summary

# GitHub takes 65,536 characters, GitLab more. Counted as UTF-16 does, so that no reader of it counts more.
MOST = 65_000
WIDTH = 100
_ORDER: tuple[Word, ...] = (
    "blocked",
    "doubtful",
    "delete",
    "replace",
    "reset",
    "update",
    "create",
    "move",
    "adopt",
    "release",
)


def markdown_text(plan: PlanDocument, most: int = MOST) -> str:
    """The plan for a comment. What does not fit goes by importance, and what is left out is said."""
    head = [*_head(plan)]
    changes = [one for one in plan.changes if not is_unread(plan, one)]
    by_weight = sorted(changes, key=lambda one: _ORDER.index(one.change))
    parts = [*_problems(plan), *(_change(one) for one in by_weight)]
    notes = [_cut("\n".join(f"- {inline(one)}" for one in plan.notices))] if plan.notices else []
    room = most - sum(size(part) + 2 for part in (*head, *notes)) - 200
    kept: list[str] = []
    for part in parts:
        room -= size(part) + 2
        if room < 0:
            break
        kept.append(part)
    left = len(parts) - len(kept)
    end = [f"*{counted(left, 'more block')} left out here: see the whole report.*"] if left else []
    return "\n\n".join([*head, *kept, *end, *notes]) + "\n"


def marker(project: str, what: str = "plan") -> str:
    """The hidden line by which the comment of an earlier run is known, so that it is changed and not doubled."""
    name = re.sub(r"[^\w.+-]", "-", project)
    return f"<!-- reconciler {what} {name} -->"


def size(text: str) -> int:
    """How long a text is for whoever counts as UTF-16 does."""
    return len(text.encode("utf-16-le")) // 2


def _head(plan: PlanDocument) -> Iterator[str]:
    yield marker(plan.project)
    yield f"### Reconciler: {inline(summary(plan))}"
    if plan.narrowed:
        yield f"Narrowed to `{plan.narrowed}`: {counted(plan.not_planned, 'other manifest')} not planned."
    for host, holder in sorted(plan.holders.items()):
        yield f"**{inline(holder)} is applying to {inline(host)} now: what is shown may be about to change.**"
    if plan.notices:
        yield _cut("\n".join(f"*Note: {inline(one)}*" for one in plan.notices))
    people = [f"- **{inline(one.address)}**: {inline(line)}" for one in plan.changes for line in one.pages]
    if people:
        yield "**This reaches people:**"
        yield _cut("\n".join(people))
    if plan.not_read:
        lines = [f"- **{inline(host)}**: {inline(why.text)}" for host, why in sorted(plan.not_read.items())]
        yield "**Not read, so not planned:**"
        yield _cut("\n".join(lines))


def _cut(text: str, most: int = 4_000) -> str:
    """A list that is too long by itself, up to its last whole line."""
    return text if size(text) <= most else f"{text[: most // 2].rpartition(chr(10))[0]}\n- …"


def _problems(plan: PlanDocument) -> Iterator[str]:
    """What apply refuses comes before all changes."""
    yield from _list("Apply will refuse this plan", plan.refused, opened=True)
    yield from _list("Warnings", plan.warnings)
    yield from _list("Not known here, so not compared", unknown_of(plan))


def _list(heading: str, problems: Sequence[SaidProblem], *, opened: bool = False) -> Iterator[str]:
    if problems:
        lines = [_problem(one) for one in problems]
        tag = "<details open>" if opened else "<details>"
        yield f"{tag}<summary><b>{heading} ({len(problems)})</b></summary>\n\n{_cut(chr(10).join(lines))}\n\n</details>"


def _problem(problem: SaidProblem) -> str:
    where = f"`{problem.place}`: " if problem.place else ""
    way_out = f" *{inline(problem.way_out)}*" if problem.way_out else ""
    return f"- {where}{inline(problem.text)}{way_out}"


def _change(change: SaidChange) -> str:
    where = f" <sub>{escape(':'.join(change.place.split(':')[:2]))}</sub>" if change.place else ""
    summary_line = f"<summary>{change.change} <b><code>{escape(change.address)}</code></b>{where}</summary>"
    text = change_text(change, width=WIDTH)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"<details>{summary_line}\n\n{fence}diff\n{_as_diff(text)}\n{fence}\n\n</details>"


def _as_diff(text: str) -> str:
    """Lines of the plan's text with their signs in the first column, where a diff is coloured."""
    return "\n".join(_signed(line) for line in text.rstrip("\n").split("\n"))


def _signed(line: str) -> str:
    bare = line.lstrip()
    if bare[:2] in ("+ ", "- ") and line != bare:
        return f"{bare[0]} {line[: len(line) - len(bare)]}{bare[2:]}"
    return f"! {line.replace('! ', '', 1)}" if bare.startswith("! ") else f"  {line}"


def inline(text: str) -> str:
    """Text that Markdown takes as it is: nothing in it becomes a link, a mention or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|@])", r"\\\1", " ".join(text.split())).replace("\\@", "@\u200b")
