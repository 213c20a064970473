"""Audit findings: an audit as remarks at lines of files, and as test cases, for what shows such."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from reconciler.report.annotations import commands
from reconciler.report.audit_document import AuditDocument, SaidDriftField
from reconciler.report.audit_summary import audit_summary, news
from reconciler.report.audit_text import authored
from reconciler.report.finding import Finding, field_line, in_order, of_problem
from reconciler.report.junit import said
from reconciler.report.place import spot
from reconciler.report.sarif import sarif_of


def audit_findings(audit: AuditDocument, folder: str = "") -> Iterator[Finding]:
    """Everything that counts, and the warnings; what is waived and what nobody manages stands at no line of Git."""
    return in_order([*_of_ours(audit), *_of_others(audit)], folder)


def _of_ours(audit: AuditDocument) -> Iterator[Finding]:
    for drift in news(audit):
        for field in drift.fields:
            text = f"{drift.address}: {_line(field)}"
            yield Finding("drift", "warning", text, spot(field.place) or spot(drift.place), drift.address)
    for gone in audit.gone:
        if gone.waiver is None:
            again = f", now id {gone.again}" if gone.again else ""
            text = f"{gone.address}: id {gone.id} is gone{again}"
            yield Finding("gone", "warning", text, spot(gone.place), gone.address)
    for one in audit.undecided:
        text = f"{one.address}: {one.why}{f'{chr(10)}way out: {one.way_out}' if one.way_out else ''}"
        yield Finding(one.change, "error", text, spot(one.place), one.address)


def _of_others(audit: AuditDocument) -> Iterator[Finding]:
    for end in audit.loose_ends:
        text = f"{end.owner}: {end.path} names {end.kind} {end.id}, which is not there"
        yield Finding(
            "dangling", "warning" if end.ours else "note", text, spot(end.place), end.owner if end.ours else ""
        )
    for found in audit.findings:
        text = f"{found.account}: {found.text} ({len(found.names)} {found.what})\nway out: {found.way_out}"
        yield Finding("catalogue", "warning" if found.grave else "note", text, None)
    for problem in audit.warnings:
        yield of_problem("warning", "warning", problem)
    for host, problem in audit.not_read.items():
        yield of_problem("not-read", "error", problem, host)


def _line(field: SaidDriftField) -> str:
    """What is live → what Git says, and who did it."""
    who = f": {authored(field.authored)}" if field.authored is not None else ""
    return f"{field_line(field)} ({field.cause}){who}"


def audit_sarif(audit: AuditDocument, folder: str = "") -> str:
    return sarif_of(audit_findings(audit, folder))


def audit_annotations(audit: AuditDocument, folder: str = "") -> str:
    return commands(audit_findings(audit, folder), audit_summary(audit))


def audit_junit(audit: AuditDocument, folder: str = "") -> str:
    """A case for each manifest, one for each account that could not be read, and one for each remark at no manifest."""
    suites = ElementTree.Element("testsuites", {"name": "reconciler audit", "time": f"{audit.seconds:.3f}"})
    found = list(audit_findings(audit))
    ours = sorted({*audit.manifests, *(one.address for one in found if one.address)})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "audit"})
    for address in ours:
        _case(suite, address, audit.manifests.get(address), [one for one in found if one.address == address], folder)
    for one in found:
        if not one.address and one.rule != "warning":
            _case(suite, f"audit/{one.rule}", None, [one], folder)
    for word, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(word, str(len(suite.findall(tag))))
    ElementTree.SubElement(suite, "system-out").text = said(audit_summary(audit))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, name: str, place: str | None, found: list[Finding], folder: str) -> None:
    told = {"classname": name.rpartition("/")[0], "name": name.rpartition("/")[2]}
    where = spot(place)
    if where is not None:
        told |= {"file": f"{folder}{where.file}", "line": str(where.line)}
    case = ElementTree.SubElement(suite, "testcase", told)
    for one in found:
        if one.level != "note" and one.rule != "warning":  # what is only worth knowing is no drift
            tag = "error" if one.level == "error" else "failure"
            ElementTree.SubElement(case, tag, {"message": said(one.rule)}).text = said(one.text)
