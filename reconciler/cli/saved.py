"""Saved plan: a plan in a file, to be reviewed and then applied as it was reviewed, or refused whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.engine.plan import Plan, described
from reconciler.engine.scope import Scope
from reconciler.errors import Place, PlanRefused, UsageError
from reconciler.report.document import json_text, plan_document, read_document

_KEY = "saved"
_HOW = "make one with: reconciler plan -o FILE"


@dataclass(frozen=True)
class SavedPlan:
    """A plan's document with what is needed to make the same plan again; no secret is in it."""

    document: Mapping[str, Any]
    project: str
    scope: Scope
    destroy: bool
    revision: str | None
    sandbox: bool

    @classmethod
    def of(cls, plan: Plan, project: str, revision: str | None, *, sandbox: bool) -> SavedPlan:
        return cls(plan_document(plan), project, plan.scope, plan.destroy, revision, sandbox)

    @property
    def environment(self) -> str | None:
        """The environment it was made in."""
        return self.project.partition("+")[2] or None

    @property
    def text(self) -> str:
        """The file's content: the plan's document, and the rest below `saved`."""
        scope = self.scope
        saved = {
            "project": self.project,
            "revision": self.revision,
            "sandbox": self.sandbox,
            "destroy": self.destroy,
            "scope": {
                "paths": list(scope.paths),
                "selector": [list(pair) for pair in scope.selector],
                "targets": list(scope.targets),
                "accounts": list(scope.accounts),
                "since": scope.since,
                "touched": sorted(scope.touched),
            },
        }
        return json_text({**self.document, _KEY: saved})

    def refuse_unless(self, plan: Plan) -> None:
        """Raises PlanRefused, naming what differs, where the plan made now is another one."""
        now = json.loads(json.dumps([described(change) for change in plan.changes]))
        # Both: what was shown to the reviewer is the changes, and somebody may have edited them in the file.
        if plan.digest == self.document["digest"] and now == self.document["changes"]:
            return
        what = "\n    ".join(_differences(self.document["changes"], now))
        raise PlanRefused(
            f"the saved plan no longer fits, nothing was done:\n    {what}",
            way_out="plan again, review it, and apply that one",
        )


def _differences(then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    before, after = _by_address(then), _by_address(now)
    for address in sorted({*before, *after}):
        if address not in after:
            yield f"{address}: {_word(before[address])} was planned, and is no longer needed"
        elif address not in before:
            yield f"{address}: {_word(after[address])} is needed now, and was not planned"
        elif before[address] != after[address]:
            yield f"{address}: changed since the plan was saved, in Git or at the vendor"
    if before == after:
        yield "the changes are the same, but not their order"


def _by_address(changes: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        found.setdefault(change["address"], []).append(change)
    return found


def _word(changes: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(str(change["change"]) for change in changes)


def may_be_saved_plan(path: str) -> bool:
    """Whether a PATH can be a saved plan: manifests end in .yaml or .yml, and a folder holds manifests."""
    return not path.endswith((".yaml", ".yml")) and not Path(path).is_dir()


def read_saved_plan(file: Path) -> SavedPlan:
    """Raises UsageError where the file cannot be read or holds no saved plan."""
    place = Place(str(file))
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the saved plan cannot be read: {error.strerror}", place=place, way_out=_HOW) from None
    except ValueError:
        raise UsageError("this is no saved plan: it is not JSON", place=place, way_out=_HOW) from None
    saved = document.get(_KEY) if isinstance(document, dict) else None
    if not isinstance(saved, dict):
        raise UsageError("this is no saved plan", place=place, way_out=_HOW)
    read_document(document)  # says what a plan of another version, or a damaged one, is
    try:
        return _read(document, saved)
    except (KeyError, TypeError, ValueError):
        raise UsageError("this saved plan is damaged", place=place, way_out=_HOW) from None


def _read(document: Mapping[str, Any], saved: Mapping[str, Any]) -> SavedPlan:
    told = saved["scope"]
    selector = tuple((str(name), str(value)) for name, value in told["selector"])
    scope = Scope(
        tuple(told["paths"]),
        selector,
        tuple(told["targets"]),
        tuple(told["accounts"]),
        str(told["since"]),
        frozenset(told["touched"]),
    )
    plan = {key: value for key, value in document.items() if key != _KEY}
    return SavedPlan(
        plan, str(saved["project"]), scope, bool(saved["destroy"]), saved["revision"], bool(saved["sandbox"])
    )
