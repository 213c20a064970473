"""Audit summary: an audit in its first line: what drifted and where, what is gone, how much nobody manages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.report.audit_document import AuditDocument, SaidDrift, SaidWaiver
from reconciler.report.summary import counted, listed, spent


def audit_summary(audit: AuditDocument) -> str:
    """The first line."""
    words = "; ".join(_clauses(audit))
    return f"{words[:1].upper()}{words[1:]} {spent(audit.requests, audit.seconds)}{_caveat(audit)}"


def news(audit: AuditDocument) -> list[SaidDrift]:
    """What drifted and is not waived."""
    found = (_with(one, [field for field in one.fields if field.waiver is None]) for one in audit.drift)
    return [one for one in found if one.fields]


def waived(audit: AuditDocument) -> Iterator[tuple[str, str, SaidWaiver]]:
    """Address and field of what is waived."""
    for drift in audit.drift:
        for field in drift.fields:
            if field.waiver is not None:
                yield drift.address, field.path, field.waiver
    for gone in audit.gone:
        if gone.waiver is not None:
            yield gone.address, "gone", gone.waiver


def _with(drift: SaidDrift, fields: Sequence[object]) -> SaidDrift:
    return drift.model_copy(update={"fields": tuple(fields)})


def _clauses(audit: AuditDocument) -> Iterator[str]:
    drifted, gone = news(audit), [one for one in audit.gone if one.waiver is None]
    if audit.not_read:
        yield f"incomplete: {listed(sorted(audit.not_read))} could not be read"
    if drifted:
        hosts = sorted({one.address.partition("/")[0] for one in drifted})
        yield f"{len(drifted)} of {counted(audit.objects, 'manifest')} drifted in {listed(hosts)}"
    if gone:
        yield f"{counted(len(gone), 'object')} gone"
    if not drifted and not gone:
        yield f"no drift in {counted(audit.objects, 'manifest')}"
    if count := sum(one.ours for one in audit.loose_ends):
        yield f"{counted(count, 'reference')} of ours to nothing"
    if count := sum(one.grave for one in audit.findings):
        yield f"{count} beside the catalogues"
    if audit.undecided:
        yield f"{len(audit.undecided)} not comparable"
    if count := sum(1 for _ in waived(audit)):
        yield f"{count} waived"
    if audit.strays:
        yield f"{len(audit.strays)} not managed"


def _caveat(audit: AuditDocument) -> str:
    if not audit.new_ledgers:
        return ""
    whole = set(audit.new_ledgers) >= set(audit.accounts)
    which = "new ledger" if whole else f"new ledger for {listed(audit.new_ledgers)}"
    return f"; {which}: who moved, Git or the vendor, cannot be told"
