"""datadog/DoraIncident: an incident as DORA Metrics counts it: sent when it begins, and again when it is over.

https://docs.datadoghq.com/api/latest/dora-metrics/ Datadog now computes change failure rate and time to restore from
deployments marked change_failure (datadog/DoraDeployment); incidents, its source before, it shows beside them.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import NoClear, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.signal import Refusal, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Own
from reconciler.vendors.datadog import dora
from reconciler.vendors.datadog.dora import STAYS, Commit, Env, Id, Some, Started, Tags, Version
from reconciler.vendors.datadog.unix_time import UnixTime

FAILURES = dora.Sort("failures", "dora_failure", ("services", "team"))
PATH, OLDER_PATH = "/api/v2/dora/failure", "/api/v2/dora/incident"


class DoraIncident(Spec):
    """An incident."""

    services: Annotated[
        list[Some] | None,
        Unordered(),
        STAYS,
        Field(description="the services it struck, by name; needed unless team is there", examples=[["checkout"]]),
    ] = None
    team: Annotated[Some | None, STAYS, Field(description="whose it is; needed unless services are there")] = None
    started_at: Started = None
    finished_at: Annotated[
        UnixTime | None,
        NoClear("what was sent stays: an incident that is over stays so"),
        Field(description="when it was over; it is sent again with it, and time to restore needs it"),
    ] = None
    id: Id = None
    name: Annotated[Some | None, STAYS, Field(description="what people read of it")] = None
    severity: Annotated[Some | None, STAYS, Field(description="how grave it was, in your own words: SEV-2")] = None
    env: Env = None
    git: Commit = None
    version: Version = None
    custom_tags: Tags = None


# What `explain` says of a kind is the docstring of the file where its `to_api` stands.
def to_api(tree: Object, context: Context) -> Object:
    return dora.to_api(tree, context)


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Every sending says all there is; a further one names the first by its id."""
    if work.verb == "create":
        return (dora.first(work, context, PATH, OLDER_PATH),)
    body = {**to_api({name: value for name, value in work.wanted.items() if value is not None}, context), "id": Own()}
    name = "finish" if "finished_at" in work.changed else "update"
    return (Step(name, "POST", PATH, body, wrap=("data", "attributes"), instead=OLDER_PATH, absent=dora.NO_DORA),)


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb != "update":
        return None
    fixed = sorted(work.changed & {*dora.joined_by(FAILURES, work.live or {})})
    if fixed:
        way = "write it as it was; another incident is another manifest"
        return Refusal((fixed[0],), "Datadog knows an incident by it: this would be another one", way)
    return dora.withdrawn(work)


def is_over(tree: Object) -> bool:
    return tree.get("finished_at") is not None


def also_needed(tree: Object) -> tuple[str, ...]:
    return () if tree.get("services") or tree.get("team") else ("services or team",)


def consequences(work: Work) -> tuple[str, ...]:
    """Of a further sending only what ends the incident is documented to count."""
    edited = sorted(work.changed - {"finished_at"} | (work.changed if is_over(work.live or {}) else frozenset()))
    if work.verb != "update" or not edited:
        return ()
    return (f"it is sent again; that this changes {', '.join(edited)} at Datadog is not documented",)


def notices(last: Object, there: Object) -> tuple[str, ...]:
    over = there.get("finished_at") if not is_over(last) else None
    told = (
        f"finished_at is {over} there, and in Git it goes on; nothing is sent; to follow it, write finished_at: {over}"
    )
    return (*((told,) if over is not None else ()), *dora.differing(last, there))


KIND = Kind(
    vendor="datadog",
    version="v1",
    name="DoraIncident",
    spec=DoraIncident,
    place=dora.place(FAILURES),
    page="https://docs.datadoghq.com/api/latest/dora-metrics/",
    to_api=to_api,
    from_api=dora.from_api,
    key=partial(dora.key, FAILURES),
    name_field=None,
    needed_to_create=("started_at",),
    also_needed=also_needed,
    settles=30.0,
    steady=dora.steady,
    remarks=dora.remarks,
    notices=notices,
    consequences=consequences,
    own_steps=steps,
    signal=Signal(
        keyed=True,
        unanswered="run again: Datadog takes a second sending for the first",
        queries=partial(dora.queries, FAILURES),
        found=partial(dora.found, FAILURES),
        state=("finished_at",),
        over=is_over,
        takes_finished=True,
        refuses=refuses,
        open_there=lambda live: None if is_over(live) else "it is not finished there",
        ident=dora.ident,
    ),
)
