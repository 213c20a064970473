"""JUnit: a plan as test cases, one for each manifest, for the pages where pipelines show such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from reconciler.report.document import PlanDocument, SaidChange, Word
from reconciler.report.finding import field_line
from reconciler.report.place import spot
from reconciler.report.summary import summary

_FAILS: tuple[Word, ...] = ("create", "update", "replace", "delete", "reset")
_ERRORS: tuple[Word, ...] = ("blocked", "doubtful")
# XML 1.0 cannot say these, not even escaped.
_UNSAID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_text(plan: PlanDocument, folder: str = "") -> str:
    """A suite for each account. What differs from Git is a failure, what cannot be done an error."""
    changes: dict[str, list[SaidChange]] = {address: [] for address in plan.manifests}
    for change in plan.changes:
        changes.setdefault(change.address, []).append(change)
    suites = ElementTree.Element("testsuites", {"name": "reconciler", "time": f"{plan.seconds:.3f}"})
    for host in sorted({address.partition("/")[0] for address in changes} | set(plan.not_read)):
        mine = {address: some for address, some in changes.items() if address.partition("/")[0] == host}
        suites.append(_suite(plan, host, mine, folder))
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _suite(plan: PlanDocument, host: str, changes: dict[str, list[SaidChange]], folder: str) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", {"name": host})
    for address, some in sorted(changes.items()):
        suite.append(_case(plan, address, some, folder))
    if host in plan.not_read:
        case = ElementTree.SubElement(suite, "testcase", {"classname": host, "name": "read"})
        why = plan.not_read[host]
        _add(case, "error", why.text, why.way_out or "")
    for word, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(word, str(len(suite.findall(tag))))
    ElementTree.SubElement(suite, "system-out").text = said(summary(plan))
    return suite


def _case(plan: PlanDocument, address: str, changes: list[SaidChange], folder: str) -> ElementTree.Element:
    place = plan.manifests.get(address) or next((one.place for one in changes if one.place), None)
    where = spot(place)
    told = {"classname": address.rpartition("/")[0], "name": address.rpartition("/")[2]}
    if where is not None:
        told |= {"file": f"{folder}{where.file}", "line": str(where.line)}
    case = ElementTree.Element("testcase", told)
    for change in changes:
        if change.change in _ERRORS:
            _add(case, "error", f"{change.change}: {change.why}", "\n".join(_lines(change)))
        elif change.change in _FAILS:
            _add(case, "failure", f"to {change.change}", "\n".join(_lines(change)))
    return case


def _lines(change: SaidChange) -> Iterator[str]:
    if change.why:
        yield change.why
    for field in change.fields:
        yield f"{field_line(field)}{'' if field.cause == 'new' else f'  ({field.cause})'}"
    yield from change.notes
    if change.way_out:
        yield f"way out: {change.way_out}"


def _add(case: ElementTree.Element, tag: str, message: str, text: str) -> None:
    ElementTree.SubElement(case, tag, {"message": said(message)}).text = said(text)


def said(text: str) -> str:
    """The text less what XML cannot hold."""
    return _UNSAID.sub("�", text)
