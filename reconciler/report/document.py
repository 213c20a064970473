"""Document: a plan or a result as JSON, versioned: what `--format json` prints and a saved plan holds.

The plan's text is made of it too, and `schemas/plan.json` is generated from these models.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.engine.apply import check
from reconciler.engine.plan import Plan, described
from reconciler.engine.result import Applied, Result
from reconciler.engine.story import needs_of
from reconciler.errors import ApplyRefused, Problem, UsageError
from reconciler.report.paint import escaped
from reconciler.report.value import ABSENT

PLAN_FORMAT = "reconciler/plan/v1"
APPLIED_FORMAT = "reconciler/applied/v1"

Word = Literal[
    "create", "update", "replace", "delete", "reset", "adopt", "move", "release", "blocked", "doubtful"
]  # one for each type of change


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SaidProblem(_Model):
    """Something wrong or worth knowing: what, where, and the way out."""

    text: str
    place: str | None = None
    way_out: str | None = None


class SaidStep(_Model):
    """One request of a change; `path` is a template."""

    name: str
    method: str
    path: str


class SaidField(_Model):
    """One field. `old` is what is live, `new` what will be, `last` what was applied last; one that is left out is not
    there. `{"$secret": …}` stands for a secret, `{"$unknown": …}` for what cannot be known. A path that ends in `[]` is
    an item of an unordered list."""

    path: str
    old: Any = None
    new: Any = None
    last: Any = None
    cause: Literal["edited", "drifted", "both", "differs", "new", "renewed"]
    place: str | None = None

    def side(self, name: Literal["old", "new", "last"]) -> Any:
        """That side's value, ABSENT where there is none."""
        return getattr(self, name) if name in self.model_fields_set else ABSENT


class SaidChange(_Model):
    """One change. `notes` are consequences a reviewer must see."""

    change: Word
    address: str
    place: str | None = None
    why: str = ""
    fields: tuple[SaidField, ...] = ()
    notes: tuple[str, ...] = ()
    way_out: str = ""
    id: str | None = Field(default=None, description="the vendor's id of the object, where there is one")
    fingerprint: str | None = Field(default=None, description="of the object as it was read")
    steps: tuple[SaidStep, ...] = ()
    ids: tuple[str, ...] = Field(default=(), description="doubtful: the objects it may be")
    pages: tuple[str, ...] = Field(default=(), description="whom the write phones or pages")
    with_it: tuple[str, ...] = Field(default=(), description="delete: live objects that die with it")
    old: str = Field(default="", description="move: the address until now")
    was_id: str | None = Field(default=None, description="adopt: the id until now")

    @property
    def host(self) -> str:
        """The account, as the plan's `accounts` have it."""
        return self.address.partition("/")[0]


class PlanDocument(_Model):
    """A plan. No secret is in it."""

    format: Literal["reconciler/plan/v1"]
    empty: bool = Field(description="no write to a vendor, and nothing blocked or in doubt")
    destroy: bool = False
    digest: str = Field(description="equal for plans that do the same to the same objects")
    counts: dict[Word, int] = Field(description="changes by sort")
    accounts: tuple[str, ...] = Field(description="the accounts that were read")
    objects: int = Field(description="manifests compared")
    unchanged: int = Field(description="those of them that need nothing done at a vendor")
    apart: int = Field(
        default=0, description="those of the unchanged that are otherwise there than Git says, as a warning tells"
    )
    requests: int = Field(description="spent on reading")
    seconds: float = Field(description="spent on reading")
    narrowed: str = Field(default="", description="the narrowing as given")
    not_planned: int = Field(default=0, description="manifests the narrowing left out")
    new_ledgers: tuple[str, ...] = ()
    holders: dict[str, str] = Field(default={}, description="who is applying now, by account")
    not_read: dict[str, SaidProblem] = Field(default={}, description="why an account could not be read")
    project: str = Field(default="", description="the project, and its environment behind a plus sign")
    manifests: dict[str, str] = Field(default={}, description="where the manifests compared stand, by address")
    references: dict[str, tuple[str, ...]] = Field(
        default={}, description="the manifests that each of those compared refers to, where it refers to any"
    )
    changes: tuple[SaidChange, ...] = ()
    refused: tuple[SaidProblem, ...] = Field(default=(), description="why apply would refuse this plan")
    unknown: tuple[SaidProblem, ...] = Field(default=(), description="secrets that nobody knows here")
    warnings: tuple[SaidProblem, ...] = ()
    notices: tuple[str, ...] = Field(default=(), description="what is to be known of a vendor, whatever the plan does")


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as JSON, as `plan_schema` describes it."""
    facts = plan.facts
    return {
        "format": PLAN_FORMAT,
        "empty": plan.empty,
        "destroy": plan.destroy,
        "digest": plan.digest,
        "counts": dict(plan.counts),
        "accounts": list(facts.accounts),
        "objects": facts.objects,
        "unchanged": facts.unchanged,
        "apart": facts.apart,
        "requests": facts.requests,
        "seconds": round(facts.seconds, 3),
        "narrowed": facts.narrowed,
        "not_planned": facts.not_planned,
        "new_ledgers": list(facts.new_ledgers),
        "holders": dict(facts.holders),
        "not_read": {host: _problem(one) for host, one in facts.not_read.items()},
        "project": plan.draft.access.project.name,
        "manifests": {str(one.address): str(one.place()) for one in plan.planned},
        "references": _references(plan),
        "changes": [described(change) for change in plan.changes],
        "refused": [_problem(one) for one in _refused(plan)],
        "unknown": [_problem(one) for one in plan.unknown],
        "warnings": [_problem(one) for one in plan.warnings],
        "notices": list(plan.notices),
    }


def read_document(data: Mapping[str, Any]) -> PlanDocument:
    """A plan's JSON read back. Raises UsageError where it is none, or of another version."""
    try:
        return PlanDocument.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"this is no plan that this version can read: {where}: {first['msg']}", way_out="make it anew: plan -o FILE"
        ) from None


def plan_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a plan's document."""
    schema = PlanDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _references(plan: Plan) -> dict[str, list[str]]:
    """What is looked up at a vendor is no manifest, and left out."""
    ours = plan.draft.access.project.manifests
    found = {one.address: sorted(str(other) for other in needs_of(one) if other in ours) for one in plan.planned}
    return {str(address): named for address, named in found.items() if named}


def _refused(plan: Plan) -> list[Problem]:
    """The guards the plan runs into, and what else would keep an apply from starting."""
    try:
        check(replace(plan, refusals=()), plan.draft.access)
    except ApplyRefused as error:
        return [*plan.refusals, *error.problems]
    return list(plan.refusals)


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "text": problem.text,
        "place": str(problem.place) if problem.place else None,
        "way_out": problem.way_out or None,
    }


# ── results ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def applied_document(applied: Applied) -> dict[str, Any]:
    """What became of every change, as JSON."""
    return {
        "format": APPLIED_FORMAT,
        "ok": applied.ok,
        "interrupted": applied.interrupted,
        "stopped_by": applied.stopped_by or None,
        "counts": dict(applied.counts),
        "requests": applied.requests,
        "seconds": round(applied.seconds, 3),
        "results": [_result(result) for result in applied.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "change": result.change.word,
        "address": str(result.change.address),
        "ending": result.ending,
        "id": result.id,
        "text": result.text,
        "way_out": result.way_out,
        "notes": list(result.notes),
        "alarms": list(result.alarms),
    }


# ── JSON as text ────────────────────────────────────────────────────────────────────────────────────────────────────


def json_text(document: Mapping[str, Any]) -> str:
    """A document as JSON that a terminal can be shown: names stay readable, control characters are escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in text) + "\n"


def _escaped(one: str) -> str:
    if ord(one) < 0x100:
        return f"\\u{ord(one):04x}"
    return escaped(one) if ord(one) < 0x10000 else json.dumps(one)[1:-1]
