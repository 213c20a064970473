"""SARIF 2.1.0: a plan's findings for code scanning. https://docs.oasis-open.org/sarif/sarif/v2.1.0/"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from reconciler.report.document import PlanDocument
from reconciler.report.finding import RULES, Finding, findings

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_text(plan: PlanDocument, folder: str = "") -> str:
    """The plan as one SARIF run."""
    return sarif_of(findings(plan, folder))


def sarif_of(remarks: Iterable[Finding]) -> str:
    """Findings as one SARIF run. One at no line is told of the project's folder."""
    found = list(remarks)
    used = dict.fromkeys(one.rule for one in found)
    rules = [{"id": rule, "shortDescription": {"text": RULES[rule]}} for rule in used]
    driver = {"name": "reconciler", "version": version("reconciler"), "rules": rules}
    numbers = {rule: number for number, rule in enumerate(used)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, numbers[one.rule]) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(one: Finding, rule: int) -> dict[str, Any]:
    where = one.spot
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(where.file if where else "reconciler.yaml")}}
    if where is not None:
        place["region"] = {"startLine": where.line, "startColumn": where.column}
    told = f"{one.rule} {one.address} {where.file if where else ''} {one.text.splitlines()[0]}"
    return {
        "ruleId": one.rule,
        "ruleIndex": rule,
        "level": one.level,
        "message": {"text": one.text},
        "locations": [{"physicalLocation": place}],
        # Lines move; by this a scanner knows a finding again that it showed before.
        "partialFingerprints": {"finding/v1": hashlib.sha256(told.encode()).hexdigest()[:32]},
    }
