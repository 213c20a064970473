"""datadog/DoraDeployment: a deployment as DORA Metrics counts it: sent once, and marked later where it failed.

https://docs.datadoghq.com/api/latest/dora-metrics/ From deployments marked change_failure, and their remediation,
Datadog now computes change failure rate and time to restore, no longer from incidents (datadog/DoraIncident).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.signal import Refusal, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Own, Ref, Tree
from reconciler.kinds.wire import Wire, record
from reconciler.vendors.datadog import dora
from reconciler.vendors.datadog.dora import STAYS, Commit, Env, Id, Some, Started, Tags, Version
from reconciler.vendors.datadog.resource import wrapped
from reconciler.vendors.datadog.unix_time import UnixTime

NAME = "datadog/DoraDeployment"
DEPLOYMENTS = dora.Sort("deployments", "dora_deployment", ("service",))
PATH = "/api/v2/dora/deployment"
_MARKS = frozenset({"change_failure", "remediation"})


class Remediation(Spec):
    """What put it right: another deployment, by id or version."""

    type: Annotated[Literal["rollback", "rollforward"], Field(description="back to before, or on to something newer")]
    id: Annotated[
        Annotated[Ref, RefTo(NAME)] | None,
        NoClear("leave it out"),
        Field(description="the deployment that did it: the name of its manifest, or {id: ID}"),
    ] = None
    version: Annotated[Some | None, NoClear("leave it out"), Field(description="its version, in place of id")] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Remediation:
        if (self.id is None) is (self.version is None):
            raise PydanticCustomError("remediation", "write id or version, one of both")
        return self


class DoraDeployment(Spec):
    """A deployment."""

    service: Annotated[Some | None, STAYS, Field(description="the service that was deployed, by name")] = None
    started_at: Started = None
    finished_at: Annotated[
        UnixTime | None, STAYS, Field(description="when it was done", examples=["2026-09-05T01:02:00Z"])
    ] = None
    team: Annotated[Some | None, STAYS, Field(description="whose it is; left out, the service's in the catalog")] = None
    env: Env = None
    git: Commit = None
    version: Version = None
    custom_tags: Tags = None
    id: Id = None
    change_failure: Annotated[
        bool | None,
        NoClear("write true or false"),
        Field(description="whether it broke something; it is marked with an application key alone"),
    ] = None
    remediation: Annotated[
        Remediation | None,
        Owned(),
        NoClear("write change_failure: false, or another one"),
        Field(
            description="what put it right; only with change_failure: true",
            examples=[{"type": "rollback", "version": "4.1.0"}],
        ),
    ] = None

    @field_validator("remediation")
    @classmethod
    def _of_a_failure(cls, value: Remediation | None, info: ValidationInfo) -> Remediation | None:
        if value is not None and info.data.get("change_failure") is not True:
            raise PydanticCustomError("remediation", "what failed is put right: write change_failure: true, too")
        return value


def _fixing(raw: Tree) -> Tree:
    return Ref(NAME, "id", (raw,)) if isinstance(raw, str) else raw


_REMEDIATION = record({"id": Wire(back=_fixing)})


def to_api(tree: Object, context: Context) -> Object:
    return _with(_REMEDIATION.to, dora.to_api(tree, context))


def from_api(raw: Object, context: Context) -> Object:
    return _with(_REMEDIATION.back, dora.from_api(raw, context))


def _with(turn: Callable[[Tree], Tree], tree: Object) -> Object:
    return tree if tree.get("remediation") is None else {**tree, "remediation": turn(tree["remediation"])}


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    if work.verb != "create":
        return (_mark(work, context),) if _MARKS & work.changed else ()
    plain = {name: value for name, value in work.wanted.items() if name not in _MARKS}
    send = dora.first(work, context, PATH, tells=plain)
    return (send, _mark(work, context)) if _marks(work.wanted) else (send,)


def _marks(tree: Object) -> bool:
    return tree.get("change_failure") is not None


def _mark(work: Work, context: Context) -> Step:
    """What put it right is said only of one that failed."""
    failed = work.wanted.get("change_failure")
    said = {name: work.wanted[name] for name in sorted(_MARKS) if work.wanted.get(name) is not None}
    body = to_api(said if failed else {"change_failure": failed}, context)
    way = "Datadog does not show it yet, or it was deleted there: look at it there, and run again in some minutes"
    request = {"id": Own(), **wrapped("dora_deployment_patch_request", body)}
    return Step("mark", "PATCH", DEPLOYMENTS.item, request, wrap=("data",), absent=way)


def refuses(work: Work, context: Context) -> Refusal | None:
    marked = _marks(work.wanted) if work.verb == "create" else bool(_MARKS & work.changed)
    if marked and not dora.can_be_seen(context):
        way = "give the account an app_key that may dora_metrics_write, or leave it out"
        return Refusal(("change_failure",), "a deployment is marked with an application key, and there is none", way)
    fixed = sorted(work.changed - _MARKS) if work.verb == "update" else []
    if fixed:
        way = "write it as it was; or delete it in Datadog, and send it by another manifest with an id of its own"
        return Refusal((fixed[0],), "a deployment stays as it was sent", way)
    return dora.withdrawn(work) if work.verb == "update" else None


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def consequences(work: Work) -> tuple[str, ...]:
    failed = work.wanted.get("change_failure")
    if failed is None or (work.verb == "update" and not _MARKS & work.changed):
        return ()
    counts = "counts as a change failure" if failed else "counts as no change failure"
    return (f"it {counts}: from that Datadog computes change failure rate and time to restore",)


def notices(last: Object, there: Object) -> tuple[str, ...]:
    """Of one that was found there; whether an answer tells of marks is not documented."""
    untold = _marks(last) and there.get("change_failure") is None
    way = "to have it sent, leave it out, apply, and write it again"
    told = (f"change_failure is taken as said, since Datadog does not show it; {way}",) if untold else ()
    return (*told, *dora.differing(last, there))


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="DoraDeployment",
    spec=DoraDeployment,
    place=dora.place(DEPLOYMENTS),
    page="https://docs.datadoghq.com/api/latest/dora-metrics/",
    to_api=to_api,
    from_api=from_api,
    key=partial(dora.key, DEPLOYMENTS),
    name_field=None,
    needed_to_create=("service", "started_at", "finished_at"),
    settles=30.0,
    steady=dora.steady,
    remarks=dora.remarks,
    notices=notices,
    consequences=consequences,
    own_steps=steps,
    # Nothing more comes of one that was sent: it is not looked for again.
    signal=Signal(
        keyed=True,
        unanswered="run again: Datadog takes a second sending for the first",
        queries=partial(dora.queries, DEPLOYMENTS),
        found=partial(dora.found, DEPLOYMENTS),
        over=lambda tree: True,
        takes_finished=True,
        refuses=refuses,
        ident=dora.ident,
    ),
)
