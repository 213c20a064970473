"""pagerduty/Incident: something that people work on until it is over: triggered, acknowledged, resolved.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#incidents The service's acknowledgement_timeout
triggers an acknowledged one again: told, never fought. 500 writes a minute. With an account's own key it needs `from`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty.api import FROM, PAGES
from reconciler.vendors.pagerduty.call import on_call_for, spoken, urgency_of
from reconciler.vendors.pagerduty.reference import (
    COMMON,
    ESCALATION_POLICY,
    PRIORITY,
    SERVICE,
    USER,
    ident,
    pointing,
)

KEY_LENGTH = 255
TRIGGERED, ACKNOWLEDGED, RESOLVED = "triggered", "acknowledged", "resolved"
Status = Literal["triggered", "acknowledged", "resolved"]

_ANOTHER = NoClear("write another value")
_ONCE = NoClear("leave it out: PagerDuty takes it only when the incident is made")


class Incident(Spec):
    """An incident."""

    title: Annotated[str | None, _ANOTHER, Field(min_length=1, description="what people read first")] = None
    service: Annotated[
        Annotated[Ref, RefTo(SERVICE)] | None, _ANOTHER, Field(description="the service that it is an incident of")
    ] = None
    status: Annotated[
        Status | None,
        _ANOTHER,
        Field(description="triggered: it calls people; acknowledged: somebody is at it; resolved: it is over"),
    ] = None
    urgency: Annotated[
        Literal["high", "low"] | None, _ANOTHER, Field(description="how loud it is; left out, as the service has it")
    ] = None
    priority: Annotated[
        Annotated[Ref, RefTo(PRIORITY, looked_up=True)] | None,
        _ANOTHER,
        Field(description="how grave it is, by its name in the account, such as P1"),
    ] = None
    body: Annotated[str | None, _ONCE, Field(min_length=1, description="what is wrong, at length")] = None
    incident_key: Annotated[
        Annotated[str, Field(min_length=1, max_length=KEY_LENGTH)] | None,
        _ONCE,
        Field(
            description="what tells it from the service's other incidents; one that was used before means the newest "
            "of these, also a resolved one"
        ),
    ] = None
    escalation_policy: Annotated[
        Annotated[Ref, RefTo(ESCALATION_POLICY)] | None,
        _ANOTHER,
        Field(description="the policy it goes by in place of the service's; not beside assignments"),
    ] = None
    assignments: Annotated[
        list[Annotated[Ref, RefTo(USER, looked_up=True)]] | None,
        Unordered(),
        _ANOTHER,
        Field(
            min_length=1,
            description="who is called in place of a policy, by e-mail address",
            examples=[["ann@example.com"]],
        ),
    ] = None
    resolution: Annotated[
        str | None,
        NoClear("leave it out: a note that was sent stays"),
        Field(min_length=1, description="how it was solved: a note sent with status: resolved"),
    ] = None
    reopen: Annotated[
        bool | None,
        NoClear("write false"),
        Field(description="ours, not sent: true, an edit of status may open a resolved incident again"),
    ] = None

    @field_validator("assignments")
    @classmethod
    def _or_a_policy(cls, value: list[Ref] | None, info: ValidationInfo) -> list[Ref] | None:
        if value and info.data.get("escalation_policy") is not None:
            raise PydanticCustomError("assignments", "write assignments or escalation_policy, not both")
        return value


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_USER = pointing(USER, "user")
_ASSIGNMENT = Wire(
    lambda user: {"assignee": _USER.to(user)},
    lambda raw: ident(USER, raw["assignee"]) if isinstance(raw, Mapping) and "assignee" in raw else raw,
)
_BODY = Wire(
    lambda text: {"type": "incident_body", "details": text},
    lambda raw: raw.get("details") if isinstance(raw, Mapping) else raw,
)
_WIRES = {
    "service": pointing(SERVICE, "service"),
    "priority": pointing(PRIORITY, "priority"),
    "body": _BODY,
    "escalation_policy": pointing(ESCALATION_POLICY, "escalation_policy"),
    "assignments": each(_ASSIGNMENT),
}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "incident", **to_wire({name: value for name, value in tree.items() if name != "reopen"}, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, COMMON)


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree.get("service"), tree["incident_key"]) if tree.get("incident_key") else None


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def queries(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    if ident is not None:
        return (Query("/incidents/{id}", {"id": ident}, ("incident",), sole=True),)
    params = {"key": tree.get("incident_key"), "service": tree.get("service")}
    path = "/incidents?incident_key={key}&service_ids[]={service}&date_range=all"
    return (Query(path, params, ("incidents",), PAGES),) if None not in params.values() else ()


def found(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    """The one of this id, or the newest one that bears the key itself: alerts of that key may be in others."""
    if ident is not None:
        return [row for row in rows if row.get("id") == ident]
    own = [row for row in rows if row.get("incident_key") == tree.get("incident_key")]
    return sorted(own, key=lambda row: (str(row.get("created_at")), str(row.get("id"))))[-1:]


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────

_BY_PUT = frozenset({"title", "service", "status", "urgency", "priority", "escalation_policy", "assignments"})
_WHOM = frozenset({"escalation_policy", "assignments"})
# What is surely there as it was sent: the rest PagerDuty may fill in or change by rules.
_SURE = ("title", "service", "incident_key")


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    wanted, status = work.wanted, work.wanted.get("status")
    if work.verb != "create":
        sent = _sent(work)
        return (_put(sent, context),) if sent else ()
    first = {name: value for name, value in wanted.items() if name not in ("status", "resolution")}
    create = Step(
        "create",
        "POST",
        "/incidents",
        to_api(first, context),
        "creates",
        wrap=("incident",),
        answer=("incident",),
        headers=FROM,
        made={name: wanted[name] for name in _SURE if name in wanted},
        tells={**wanted, "status": TRIGGERED},
    )
    return (create, _put({"status": status}, context)) if status == ACKNOWLEDGED else (create,)


def _sent(work: Work) -> Object:
    """What an edit sends. A resolution goes with the step to resolved; one that is opened again goes to whom Git names,
    who would else be the service's."""
    names = (_BY_PUT & work.changed) | (_WHOM if _opens(work) else set())
    sent = {name: work.wanted[name] for name in sorted(names) if work.wanted.get(name) is not None}
    note = work.wanted.get("resolution")
    return {**sent, "resolution": note} if sent.get("status") == RESOLVED and note else sent


def _put(fields: Object, context: Context) -> Step:
    name = str(fields.get("status", "update"))
    return Step(name, "PUT", "/incidents/{id}", to_api(fields, context), wrap=("incident",), headers=FROM)


def _opens(work: Work) -> bool:
    """Whether an edit opens a resolved incident again, so that it calls people."""
    moved = "status" in work.changed and work.wanted.get("status") == TRIGGERED
    return moved and _status(work.there) == RESOLVED


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb != "update":
        return None
    for name in ("incident_key", "body"):
        if name in work.changed:
            way = "write it as it was; or another manifest, with an incident_key of its own"
            return Refusal((name,), "PagerDuty takes it only when the incident is made", way)
    sent = _sent(work)
    if "resolution" in work.changed and _status(work.live) == RESOLVED:
        way = "write it as it was, and add a note in PagerDuty"
        return Refusal(("resolution",), "PagerDuty takes it only with the step to resolved", way)
    return _refused(sent, work) if sent else None


def _refused(sent: Object, work: Work) -> Refusal | None:
    there, status = _status(work.there), sent.get("status")
    if status is None and RESOLVED in (there, _status(work.live)):
        why = "PagerDuty changes nothing of a resolved incident"
        return Refusal((min(sent),), why, "write it as it was; or open it again: status: triggered, reopen: true")
    if work.there is None:
        why = "PagerDuty shows no such incident: it was not sent, or is gone"
        return Refusal((), why, "write another manifest, with an incident_key of its own")
    if there == RESOLVED and work.wanted.get("reopen") is not True:
        why = "the incident is resolved in PagerDuty, and would be opened again"
        return Refusal(("status",), why, "if that is meant, add reopen: true; else write status: resolved")
    if there == ACKNOWLEDGED and status == TRIGGERED:
        why = "nothing but the service's acknowledgement_timeout triggers an acknowledged incident again"
        return Refusal(("status",), why, "write status: acknowledged, or resolved")
    return None


def _status(tree: Object | None) -> Tree:
    return (tree or {}).get("status")


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def pages(work: Work) -> tuple[str, ...]:
    wanted, opens = work.wanted, _opens(work)
    if work.verb == "create" or opens:
        again = "opened again: " if opens else ""
        loud = urgency_of(wanted.get("service"), work.known, str(wanted.get("urgency") or ""))
        return (f"{again}{_whom(wanted)}; {loud}",)
    return (f"handed over: {_whom(wanted)}",) if (_WHOM | {"service"}) & work.changed else ()


def _whom(tree: Object) -> str:
    """Whom it calls, the service by name."""
    service = spoken(tree["service"]) if tree.get("service") is not None else "its service"
    if tree.get("assignments"):
        return f"calls {', '.join(spoken(one) for one in tree['assignments'])} for {service}"
    if tree.get("escalation_policy") is not None:
        return f"calls the escalation policy {spoken(tree['escalation_policy'])} for {service}"
    return on_call_for(service)


def open_there(live: Object) -> str | None:
    status = live.get("status")
    return None if status == RESOLVED else f"it is still open there ({status})"


def steady(raw: Object) -> Object:
    """Much of an incident moves by itself; what is done follows from its state alone."""
    return {name: raw[name] for name in ("id", "status") if name in raw}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Incident",
    spec=Incident,
    place=Place(list="/incidents", envelope=("incidents",), paging=PAGES, item_envelope=("incident",)),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#incidents",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="title",
    needed_to_create=("title", "service", "incident_key"),
    sent_on_create={"status": TRIGGERED},
    steady=steady,
    own_steps=steps,
    signal=Signal(
        queries=queries,
        found=found,
        state=("status",),
        over=lambda tree: _status(tree) == RESOLVED,
        refuses=refuses,
        pages=pages,
        open_there=open_there,
    ),
)
