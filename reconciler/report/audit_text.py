"""Audit text: what a person reads who wants to know what others changed: drift with its author, then all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from reconciler.report.audit_document import AuditDocument, SaidAuthored, SaidDrift, SaidFinding, SaidStray
from reconciler.report.audit_summary import audit_summary, news, waived
from reconciler.report.document import SaidChange, SaidProblem
from reconciler.report.field_text import add_fields
from reconciler.report.paint import Page, Style, flat
from reconciler.report.place import spot
from reconciler.report.summary import listed
from reconciler.report.value import flow

_FEW = 5  # of what nobody manages, and of what has the same oddity
_REMEDY = {
    "create": "apply makes it anew; take its manifest out of Git if it shall stay away",
    "adopt": "apply takes the new one for ours",
    "release": "its manifest is gone too: apply forgets it",
}


def audit_text(audit: AuditDocument, *, width: int, color: bool, verbose: bool = False) -> str:
    """The audit for people. `verbose` names everything that nobody manages."""
    page = Page(width, color)
    page.add((audit_summary(audit), "bold"))
    if audit.narrowed:
        left = "" if audit.whole else ": what nobody manages was not looked for"
        page.add(f"narrowed to {audit.narrowed}{left}")
    for number, drift in enumerate(news(audit)):
        page.gap()
        if number == 0:
            page.add(("what is live → what Git says:", "faint"))
        add_drift(page, drift)
    _gone(page, audit)
    _loose_ends(page, audit)
    _findings(page, audit.findings, verbose=verbose)
    _undecided(page, audit)
    _waived(page, audit)
    _coverage(page, audit, verbose=verbose)
    _not_read(page, audit)
    _list(page, "warnings:", "mark", audit.warnings)
    _notes(page, audit)
    return page.text()


# ── drift ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_drift(page: Page, drift: SaidDrift) -> None:
    """One object, each field from what is live to what Git says, and who did it."""
    ident = f"  id {drift.id}" if drift.id else ""
    page.add(("~ ", "update"), (drift.address, "bold"), (f"{where(drift.place)}{ident}", "faint"))
    groups = [tuple(group) for _, group in groupby(drift.fields, key=lambda field: field.path)]
    for number, fields in enumerate(groups, 1):
        add_fields(page, SaidChange(change="update", address=drift.address, fields=fields), 4, verbose=False)
        who = fields[-1].authored
        if who is not None and (number == len(groups) or groups[number][-1].authored != who):  # once for all it did
            page.add((authored(who), "faint"), indent=6)


def authored(one: SaidAuthored) -> str:
    """`changed by Ann Example in the web UI, 2026-03-01 12:00:00 UTC`."""
    who = f" by {flat(one.by)}" if one.by else ""
    at = one.at.replace("T", " ").replace("Z", " UTC")
    return f"changed{who}{f' {one.how}' if one.how else ''}, {at}"


def where(place: str | None) -> str:
    """File and line, two blanks before."""
    found = spot(place)
    return f"  {found.file}:{found.line}" if found is not None else ""


# ── the rest ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _heading(page: Page, text: str, style: Style = "bold") -> None:
    page.gap()
    page.add((text, style))


def _gone(page: Page, audit: AuditDocument) -> None:
    gone = [one for one in audit.gone if one.waiver is None]
    if gone:
        _heading(page, "gone, or made anew, outside Git:", "delete")
    for one in gone:
        again = f", now id {one.again}" if one.again else ""
        page.add((one.address, "bold"), (where(one.place), "faint"), f": id {one.id} is gone{again}", indent=2)
        page.add(_REMEDY.get(one.change, ""), indent=4, hang=2)


def _loose_ends(page: Page, audit: AuditDocument) -> None:
    if audit.loose_ends:
        _heading(page, "live references that lead nowhere:", "mark")
    for one in sorted(audit.loose_ends, key=lambda one: not one.ours):
        tail = f": {one.path} names {one.kind} {one.id}, which is not there"
        page.add((flat(one.owner), "bold" if one.ours else "plain"), (where(one.place), "faint"), tail, indent=2)


def _findings(page: Page, findings: Sequence[SaidFinding], *, verbose: bool) -> None:
    for (account, what), group in groupby(findings, key=lambda one: (one.account, one.what)):
        some = list(group)
        _heading(page, f"{account}: {some[0].looked_at} {what} looked at:", "mark")
        for one in some:
            names = list(one.names) if verbose else [*one.names[:_FEW]]
            more = f" and {len(one.names) - len(names)} more" if len(one.names) > len(names) else ""
            page.add(f"{flat(one.text)} ({len(one.names)} of them)", indent=2, hang=2)
            page.add((flat(", ".join(names)) + more, "faint"), indent=4, hang=2)
            page.add(f"way out: {flat(one.way_out)}", indent=4, hang=2)


def _undecided(page: Page, audit: AuditDocument) -> None:
    if audit.undecided:
        _heading(page, "cannot be compared:", "stop")
    for one in audit.undecided:
        page.add((one.address, "bold"), (where(one.place), "faint"), f": {flat(one.why)}", indent=2)
        if one.way_out:
            page.add(f"way out: {flat(one.way_out)}", indent=4, hang=2)


def _waived(page: Page, audit: AuditDocument) -> None:
    found = list(waived(audit))
    if found:
        _heading(page, "waived:")
    for address, path, waiver in found:
        page.add(f"{address} {path} until {waiver.until}: {flat(waiver.reason)}", indent=2, hang=2)


def _coverage(page: Page, audit: AuditDocument, *, verbose: bool) -> None:
    """How much of each kind is managed, and what is not."""
    if audit.coverage:
        rest = " (reconciler import writes manifests for the rest)" if audit.strays else ""
        _heading(page, f"managed, of what is live{rest}:")
    by_kind = {key: list(group) for key, group in groupby(audit.strays, key=lambda one: (one.account, one.kind))}
    for one in audit.coverage:
        name = f"{one.account}/{one.kind.partition('/')[2]}"
        page.add(f"{name}: {one.managed} of {one.live}", indent=2)
        for line in _strays(by_kind.get((one.account, one.kind), []), verbose=verbose):
            page.add((line, "faint"), indent=4, hang=2)


def _strays(found: Sequence[SaidStray], *, verbose: bool) -> Iterator[str]:
    """Each on a line of its own; else the first few by name, on one."""
    if verbose:
        yield from (f"{_called(one)}{f'  id {one.id}' if one.label is not None else ''}" for one in found)
    elif found:
        more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
        yield f"not managed: {', '.join(map(_called, found[:_FEW]))}{more}"


def _called(one: SaidStray) -> str:
    name = flow(one.label) if one.label is not None else f"id {one.id}"
    return f"{name} ({flat(one.note)})" if one.note else name


def _not_read(page: Page, audit: AuditDocument) -> None:
    if audit.not_read:
        _heading(page, "not read, so not audited:", "stop")
    for host, why in audit.not_read.items():
        page.add(f"{host}: {flat(why.text).removeprefix(f'{host}: ')}", indent=2, hang=2)
        if why.way_out:
            page.add(f"way out: {flat(why.way_out)}", indent=4, hang=2)


def _list(page: Page, heading: str, style: Style, problems: Iterable[SaidProblem]) -> None:
    for number, one in enumerate(problems):
        if number == 0:
            _heading(page, heading, style)
        page.add(f"{one.place}: {flat(one.text)}" if one.place else flat(one.text), indent=2, hang=2)
        if one.way_out:
            page.add(f"way out: {flat(one.way_out)}", indent=4, hang=2)


def _notes(page: Page, audit: AuditDocument) -> None:
    if audit.waiting or audit.untold or audit.unlisted:
        page.gap()
    if audit.waiting:
        waiting = listed([f"{number} to {word}" for word, number in audit.waiting.items()])
        page.add((f"note: Git has changes that nobody applied: {waiting}; see reconciler plan", "faint"), hang=2)
    if audit.unlisted:
        kinds = listed(audit.unlisted)
        page.add((f"note: no API lists {kinds}: of these only what manifests name was looked at", "faint"), hang=2)
    for why in audit.untold:
        page.add((f"note: who changed it was not told: {flat(why)}", "faint"), hang=2)
