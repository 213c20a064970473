"""What all vendors' projects have: a manifest as text, a plan in words, an apply after which all is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.engine.plan import Plan
from tests.stage import Stage


def document(vendor: str, kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> str:
    """One manifest; JSON is YAML too."""
    whole = {"apiVersion": f"{vendor}/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    return f"---\n{json.dumps(whole, ensure_ascii=False)}\n"


def settled(stage: Stage) -> None:
    """The plan is empty: what was applied is found again."""
    found = stage.plan()
    assert found.empty, told(found)


def told(plan: Plan) -> list[str]:
    """A plan in a few words, for the eye and for assertions."""
    return [
        f"{change.word} {change.address}: "
        + (change.why or ", ".join(f"{one.path} {one.old!r} → {one.new!r} ({one.cause})" for one in change.fields))
        for change in plan.changes
    ]


def applied(stage: Stage) -> None:
    """Apply with success, and nothing left to do."""
    result = stage.apply()
    assert result.ok, [(str(one.change.address), one.ending, one.text) for one in result.results]
    settled(stage)
