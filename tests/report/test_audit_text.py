"""An audit as people read it, and as findings at lines, from a document with something of everything."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reconciler.report.audit_document import AuditDocument, audit_json
from reconciler.report.audit_finding import audit_annotations, audit_findings, audit_junit, audit_sarif
from reconciler.report.audit_markdown import audit_markdown
from reconciler.report.audit_summary import audit_summary
from reconciler.report.audit_text import audit_text
from reconciler.report.markdown import MOST, size

BARE: dict[str, Any] = {
    "format": "reconciler/audit/v1",
    "clean": True,
    "project": "shop",
    "accounts": ["opsgenie", "pagerduty"],
    "objects": 3,
    "requests": 9,
    "seconds": 0.4,
    "whole": True,
}
WAIVER = {"reason": "the move", "until": "2026-12-31", "place": "reconciler.yaml:9:5"}
FULL: dict[str, Any] = {
    **BARE,
    "clean": False,
    "new_ledgers": ["opsgenie"],
    "manifests": {"pagerduty/Service/checkout": "shop.yaml:1:1", "pagerduty/Team/fine": "shop.yaml:40:1"},
    "drift": [
        {
            "address": "pagerduty/Service/checkout",
            "place": "shop.yaml:1:1",
            "id": "PABC",
            "fields": [
                {
                    "path": "description",
                    "old": "theirs",
                    "new": "ours",
                    "cause": "drifted",
                    "place": "shop.yaml:6:3",
                    "authored": {"at": "2026-03-01T12:00:00Z", "by": "Ann", "how": "in the web UI"},
                },
                {"path": "tags[]", "old": "x", "cause": "both", "last": "y"},
                {"path": "timezone", "old": "UTC", "new": "Asia/Tokyo", "cause": "differs", "waiver": WAIVER},
            ],
        }
    ],
    "gone": [
        {"address": "opsgenie/Team/old", "place": "teams.yaml:3:1", "id": "T1", "change": "create"},
        {"address": "opsgenie/Team/again", "id": "T2", "again": "T3", "change": "adopt"},
        {"address": "opsgenie/Team/borne", "id": "T4", "change": "create", "waiver": WAIVER},
    ],
    "strays": [
        {
            "account": "pagerduty",
            "kind": "pagerduty/Team",
            "id": f"P{n}",
            "label": f"team {n}",
            "note": "past" * (n == 1),
        }
        for n in range(7)
    ],
    "coverage": [
        {"account": "pagerduty", "kind": "pagerduty/Service", "managed": 1, "live": 1},
        {"account": "pagerduty", "kind": "pagerduty/Team", "managed": 1, "live": 8},
    ],
    "loose_ends": [
        {
            "account": "pagerduty",
            "owner": "pagerduty/Service/checkout",
            "path": "escalation_policy",
            "kind": "pagerduty/EscalationPolicy",
            "id": "PEP",
            "ours": True,
            "place": "shop.yaml:7:3",
        },
        {
            "account": "pagerduty",
            "owner": "pagerduty/Schedule id PS",
            "path": "users[0]",
            "kind": "pagerduty/User",
            "id": "PU",
            "ours": False,
        },
    ],
    "findings": [
        {
            "account": "reactio",
            "what": "incidents",
            "text": "parameters.svc: the catalogue has no option parameter",
            "way_out": "name it",
            "grave": True,
            "names": [f"i{n}" for n in range(8)],
            "looked_at": 20,
        }
    ],
    "undecided": [
        {"change": "blocked", "address": "pagerduty/Team/b", "place": "shop.yaml:50:1", "why": "why", "way_out": "way"}
    ],
    "not_read": {"wallarm": {"text": "wallarm: GET /x: 403", "way_out": "another token"}},
    "waiting": {"update": 2, "delete": 1},
    "warnings": [{"text": "the waiver of x fits nothing", "place": "reconciler.yaml:8:5", "way_out": "remove it"}],
    "unlisted": ["datadog/Webhook"],
    "untold": ["pagerduty: GET /audit/records: 403"],
}
TEXT = """\
Incomplete: wallarm could not be read; 1 of 3 manifests drifted in pagerduty; 2 objects gone; 1
    reference of ours to nothing; 1 beside the catalogues; 1 not comparable; 2 waived; 7 not managed
    (9 requests, 0.4 s); new ledger for opsgenie: who moved, Git or the vendor, cannot be told

what is live → what Git says:
~ pagerduty/Service/checkout  shop.yaml:1  id PABC
    description: theirs → ours  (drifted at the vendor)
      changed by Ann in the web UI, 2026-03-01 12:00:00 UTC
    tags:
      - x
        ! both edited in Git and drifted at the vendor; applied last: y

gone, or made anew, outside Git:
  opsgenie/Team/old  teams.yaml:3: id T1 is gone
    apply makes it anew; take its manifest out of Git if it shall stay away
  opsgenie/Team/again: id T2 is gone, now id T3
    apply takes the new one for ours

live references that lead nowhere:
  pagerduty/Service/checkout  shop.yaml:7: escalation_policy names pagerduty/EscalationPolicy PEP,
      which is not there
  pagerduty/Schedule id PS: users[0] names pagerduty/User PU, which is not there

reactio: 20 incidents looked at:
  parameters.svc: the catalogue has no option parameter (8 of them)
    i0, i1, i2, i3, i4 and 3 more
    way out: name it

cannot be compared:
  pagerduty/Team/b  shop.yaml:50: why
    way out: way

waived:
  pagerduty/Service/checkout timezone until 2026-12-31: the move
  opsgenie/Team/borne gone until 2026-12-31: the move

managed, of what is live (reconciler import writes manifests for the rest):
  pagerduty/Service: 1 of 1
  pagerduty/Team: 1 of 8
    not managed: team 0, team 1 (past), team 2, team 3, team 4 and 2 more

not read, so not audited:
  wallarm: GET /x: 403
    way out: another token

warnings:
  reconciler.yaml:8:5: the waiver of x fits nothing
    way out: remove it

note: Git has changes that nobody applied: 2 to update and 1 to delete; see reconciler plan
note: no API lists datadog/Webhook: of these only what manifests name was looked at
note: who changed it was not told: pagerduty: GET /audit/records: 403
"""


def document(**more: Any) -> AuditDocument:
    return AuditDocument.model_validate({**BARE, **more})


@pytest.fixture(scope="module")
def full() -> AuditDocument:
    return AuditDocument.model_validate(FULL)


def test_the_text(full: AuditDocument) -> None:
    assert audit_text(full, width=100, color=False) == TEXT


def test_a_verbose_text_names_everything_that_nobody_manages(full: AuditDocument) -> None:
    text = audit_text(full, width=100, color=False, verbose=True)
    assert "    team 6  id P6\n" in text
    assert "    team 1 (past)  id P1\n" in text
    assert "i0, i1, i2, i3, i4, i5, i6, i7\n" in text


def test_a_clean_text_is_short() -> None:
    assert audit_text(document(), width=100, color=False) == "No drift in 3 manifests (9 requests, 0.4 s)\n"


def test_a_narrowing_says_what_was_not_looked_for() -> None:
    text = audit_text(document(narrowed="shop.yaml", whole=False), width=100, color=False)
    assert "narrowed to shop.yaml: what nobody manages was not looked for" in text


def test_the_json_is_read_back_as_it_was(full: AuditDocument) -> None:
    data = audit_json(full)
    assert AuditDocument.model_validate(json.loads(json.dumps(data))) == full
    tags = data["drift"][0]["fields"][1]
    assert "new" not in tags, "a side on which the field is not there has no key"


def test_findings_stand_at_their_lines_the_gravest_first_and_without_what_is_waived(full: AuditDocument) -> None:
    found = [
        (one.rule, one.level, str(one.spot and f"{one.spot.file}:{one.spot.line}"))
        for one in audit_findings(full, "ops/")
    ]
    assert found == [
        ("blocked", "error", "ops/shop.yaml:50"),
        ("not-read", "error", "None"),
        ("drift", "warning", "ops/shop.yaml:6"),
        ("drift", "warning", "ops/shop.yaml:1"),
        ("gone", "warning", "ops/teams.yaml:3"),
        ("gone", "warning", "None"),
        ("dangling", "warning", "ops/shop.yaml:7"),
        ("catalogue", "warning", "None"),
        ("warning", "warning", "ops/reconciler.yaml:8"),
        ("dangling", "note", "None"),
    ]


def test_sarif_names_every_rule_it_uses(full: AuditDocument) -> None:
    [run] = json.loads(audit_sarif(full))["runs"]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert {rules[one["ruleIndex"]] for one in run["results"]} == set(rules)
    assert any("changed by Ann in the web UI" in one["message"]["text"] for one in run["results"])


def test_annotations_end_with_the_summary(full: AuditDocument) -> None:
    lines = audit_annotations(full).splitlines()
    assert lines[-1] == audit_summary(full)
    assert all(line.startswith(("::error", "::warning", "::notice")) for line in lines[:-1])


def test_junit_has_a_case_for_each_manifest_and_fails_those_with_findings(full: AuditDocument) -> None:
    suites = ElementTree.fromstring(audit_junit(full))
    cases = {f"{case.get('classname')}/{case.get('name')}": case for case in suites.iter("testcase")}
    assert cases["pagerduty/Team/fine"].find("failure") is None
    assert len(cases["pagerduty/Service/checkout"].findall("failure")) == 3
    assert cases["pagerduty/Team/b"].find("error") is not None
    assert "waiver" not in ElementTree.tostring(suites, encoding="unicode")  # a warning fails nothing
    [suite] = suites
    assert suite.get("tests") == str(len(list(suites.iter("testcase"))))


def test_markdown_fits_a_comment_whatever_was_found(full: AuditDocument) -> None:
    assert audit_markdown(document()) == (
        "<!-- reconciler audit shop -->\n\n### Reconciler audit: No drift in 3 manifests (9 requests, 0.4 s)\n"
    )
    many = document(drift=FULL["drift"] * 2_000)
    text = audit_markdown(many)
    assert size(text) <= MOST
    assert text.endswith("*More is left out here: see the whole report.*\n")
    assert text.count("```") == 2


HOSTILE = "\x1b[2J<script>`@team` | \u202e ::error::x"


def test_hostile_names_stay_words(full: AuditDocument) -> None:
    stray = {"account": "pagerduty", "kind": "pagerduty/Team", "id": HOSTILE, "label": HOSTILE, "note": HOSTILE}
    coverage = {"account": "pagerduty", "kind": "pagerduty/Team", "managed": 0, "live": 1}
    drift = [{**FULL["drift"][0], "fields": [{**FULL["drift"][0]["fields"][0], "old": HOSTILE}]}]
    said = document(strays=[stray], coverage=[coverage], drift=drift)
    text = audit_text(said, width=100, color=False, verbose=True)
    assert not re.search("[\x1b\u202e]", text)
    assert "\x1b" not in audit_markdown(said)
    assert not any(line.startswith("::error") for line in audit_annotations(said).splitlines())
    ElementTree.fromstring(audit_junit(said))
