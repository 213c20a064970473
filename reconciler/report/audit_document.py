"""Audit document: what an audit found as JSON, versioned: what `audit --format json` prints and its text is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.engine.audit import Audit, Drift
from reconciler.engine.plan import described
from reconciler.errors import Place, Problem
from reconciler.manifest.waiver import Waiver
from reconciler.report.document import SaidField, SaidProblem, Word

AUDIT_FORMAT = "reconciler/audit/v1"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SaidAuthored(_Model):
    """A write as the vendor tells it."""

    at: str = Field(description="an instant")
    by: str = Field(default="", description="a person or a key; empty where it is not told")
    how: str = ""


class SaidWaiver(_Model):
    """Why drift is borne with, and for how long."""

    reason: str
    until: str
    place: str


class SaidDriftField(SaidField):
    """One field that drifted: `old` is what is live, `new` what Git says."""

    authored: SaidAuthored | None = None
    waiver: SaidWaiver | None = None


class SaidDrift(_Model):
    """An object of ours with what drifted of it."""

    address: str
    place: str | None = None
    id: str | None = None
    fields: tuple[SaidDriftField, ...]


class SaidGone(_Model):
    """An object that the ledger holds and that is not there."""

    address: str
    place: str | None = None
    id: str
    again: str = Field(default="", description="the id of one made anew outside Git")
    change: Word = Field(description="what apply does about it: create, adopt, or release where it left Git too")
    waiver: SaidWaiver | None = None


class SaidStray(_Model):
    """A live object that nobody manages here."""

    account: str
    kind: str
    id: str
    label: Any = None
    note: str = ""


class SaidCoverage(_Model):
    """How much of a kind is managed."""

    account: str
    kind: str
    managed: int
    live: int


class SaidLooseEnd(_Model):
    """A live object's field that names what is not there."""

    account: str
    owner: str
    path: str
    kind: str
    id: str
    ours: bool
    place: str | None = None


class SaidFinding(_Model):
    """Something that a catalogue does not allow, in live objects that no API can mend."""

    account: str
    what: str
    text: str
    way_out: str
    grave: bool
    names: tuple[str, ...]
    looked_at: int


class SaidUndecided(_Model):
    """A manifest that could not be compared."""

    change: Word
    address: str
    place: str | None = None
    why: str
    way_out: str = ""


class AuditDocument(_Model):
    """An audit. No secret is in it."""

    format: Literal["reconciler/audit/v1"]
    clean: bool = Field(description="nothing but what is waived, what nobody manages, and what waits in Git")
    project: str
    accounts: tuple[str, ...]
    objects: int = Field(description="manifests compared")
    requests: int
    seconds: float
    whole: bool = Field(description="whether all of the accounts was looked at, and not only what manifests mean")
    narrowed: str = ""
    new_ledgers: tuple[str, ...] = ()
    not_read: dict[str, SaidProblem] = {}
    manifests: dict[str, str] = Field(default={}, description="where the manifests compared stand, by address")
    drift: tuple[SaidDrift, ...] = ()
    gone: tuple[SaidGone, ...] = ()
    strays: tuple[SaidStray, ...] = ()
    coverage: tuple[SaidCoverage, ...] = ()
    loose_ends: tuple[SaidLooseEnd, ...] = ()
    findings: tuple[SaidFinding, ...] = ()
    undecided: tuple[SaidUndecided, ...] = ()
    waiting: dict[Word, int] = Field(default={}, description="changes of Git that nobody applied, by sort")
    warnings: tuple[SaidProblem, ...] = ()
    unlisted: tuple[str, ...] = Field(default=(), description="kinds of which no API tells what there is")
    untold: tuple[str, ...] = Field(default=(), description="why a vendor does not tell who changed something")


def audit_document(audit: Audit) -> AuditDocument:
    """An audit as a document; `json_of` makes the text of it."""
    plan = audit.plan
    return AuditDocument(
        format=AUDIT_FORMAT,
        clean=audit.clean,
        project=plan.draft.access.project.name,
        accounts=tuple(sorted(plan.draft.access.facts)),
        objects=plan.facts.objects,
        requests=audit.requests,
        seconds=round(audit.seconds, 3),
        whole=audit.whole,
        narrowed=plan.facts.narrowed,
        new_ledgers=plan.facts.new_ledgers,
        not_read={host: _problem(one) for host, one in sorted(audit.not_read.items())},
        manifests={str(one.address): str(one.place()) for one in plan.planned},
        drift=tuple(_drift(audit)),
        gone=tuple(_gone(audit)),
        strays=tuple(
            SaidStray(account=one.host, kind=one.kind, id=one.id, label=_cut(audit, one.label), note=one.note)
            for one in audit.strays
        ),
        coverage=tuple(
            SaidCoverage(account=one.host, kind=one.kind, managed=one.managed, live=one.live) for one in audit.coverage
        ),
        loose_ends=tuple(_loose_ends(audit)),
        findings=tuple(_findings(audit)),
        undecided=tuple(_undecided(audit)),
        waiting=dict(audit.waiting),
        warnings=tuple(_problem(one) for one in audit.warnings),
        unlisted=audit.unlisted,
        untold=audit.untold,
    )


def audit_json(document: AuditDocument) -> dict[str, Any]:
    """The document as JSON; a side on which a field is not there has no key."""
    return document.model_dump(mode="json", exclude_unset=True)


def _cut(audit: Audit, words: Any) -> Any:
    """What a vendor tells freely, less the secrets that are known."""
    redact = audit.plan.draft.access.secrets.redact
    match words:
        case str():
            return redact(words)
        case list():
            return [_cut(audit, one) for one in words]
        case _:
            return words


def _drift(audit: Audit) -> Iterable[SaidDrift]:
    for change, group in groupby(audit.drift, key=lambda one: one.change):
        fields = list(group)
        by_field = {id(one): said for one, said in zip(change.fields, described(change)["fields"], strict=True)}
        live = getattr(change, "live", None)
        yield SaidDrift(
            address=str(change.address),
            place=_place(change.place),
            id=live.id if live is not None else None,
            fields=tuple(_field(audit, one, by_field[id(one.field)]) for one in fields),
        )


def _field(audit: Audit, one: Drift, said: Mapping[str, Any]) -> SaidDriftField:
    who = one.authored
    authored = None if who is None else SaidAuthored(at=who.at, by=_cut(audit, who.by), how=_cut(audit, who.how))
    return SaidDriftField.model_validate({**said, "authored": authored, "waiver": _waiver(one.waiver)})


def _gone(audit: Audit) -> Iterable[SaidGone]:
    for one in audit.gone:
        change = one.change
        yield SaidGone.model_validate(
            {
                "address": str(change.address),
                "place": _place(change.place),
                "id": one.id,
                "again": one.again,
                "change": change.word,
                "waiver": _waiver(one.waiver),
            }
        )


def _loose_ends(audit: Audit) -> Iterable[SaidLooseEnd]:
    for one in audit.loose_ends:
        yield SaidLooseEnd(
            account=one.host,
            owner=one.owner,
            path=one.path,
            kind=one.kind,
            id=one.id,
            ours=one.ours,
            place=_place(one.place),
        )


def _findings(audit: Audit) -> Iterable[SaidFinding]:
    for one in audit.findings:
        yield SaidFinding(
            account=one.host,
            what=one.what,
            text=_cut(audit, one.oddity.text),
            way_out=_cut(audit, one.oddity.way_out),
            grave=one.oddity.grave,
            names=tuple(_cut(audit, name) for name in one.names),
            looked_at=one.looked_at,
        )


def _undecided(audit: Audit) -> Iterable[SaidUndecided]:
    for change in audit.undecided:
        said = {name: value for name, value in described(change).items() if name in SaidUndecided.model_fields}
        yield SaidUndecided.model_validate(said)


def _waiver(waiver: Waiver | None) -> SaidWaiver | None:
    if waiver is None:
        return None
    return SaidWaiver(reason=waiver.reason, until=waiver.until.isoformat(), place=str(waiver.place))


def _problem(problem: Problem) -> SaidProblem:
    return SaidProblem(text=problem.text, place=_place(problem.place), way_out=problem.way_out or None)


def _place(place: Place | None) -> str | None:
    return str(place) if place is not None else None
