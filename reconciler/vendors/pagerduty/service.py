"""pagerduty/Service: what can break, whose incidents go by its escalation policy.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#services Time-outs are seconds. Names are
unique in an account, in any case; an account has 25,000 services at most, of which 10,000 can be listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, Same, Seconds
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark, Taken
from reconciler.kinds.signal import Query
from reconciler.kinds.spec import Spec
from reconciler.kinds.stake import Stake
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty import audit_record, urgency
from reconciler.vendors.pagerduty.alert_grouping import ALERT_GROUPING, AlertGrouping
from reconciler.vendors.pagerduty.alert_grouping_setting import GROUPING
from reconciler.vendors.pagerduty.api import COUNTED
from reconciler.vendors.pagerduty.reference import COMMON, ESCALATION_POLICY, pointing

PAUSES = (0, 120, 180, 300, 600, 900)
_RECOMMENDED = "recommended_timeout"


def _pause(seconds: int) -> int:
    if seconds not in PAUSES:
        raise PydanticCustomError("pause", "a pause is 2m, 3m, 5m, 10m or 15m, or 0 for what PagerDuty recommends", {})
    return seconds


def _off(seconds: int | None) -> int | None:
    """PagerDuty takes 0 for null, and answers null."""
    return seconds or None


def _same_status(wanted: Tree, live: Tree) -> bool:
    """A service that is on is `warning`, `critical` or `maintenance` by what happens to it."""
    return wanted == "active" and isinstance(live, str) and live != "disabled"


def _same_pause(wanted: Tree, live: Tree) -> bool:
    """What PagerDuty recommends is answered as that many seconds."""
    if not isinstance(wanted, dict) or not isinstance(live, dict) or wanted.get("timeout") != 0:
        return False
    recommended = live.get("timeout") in (0, live.get(_RECOMMENDED))
    return recommended and wanted.get("enabled", live.get("enabled")) == live.get("enabled")


Timeout = Annotated[Annotated[Seconds, Field(ge=0)] | None, AfterValidator(_off)]


class AutoPause(Spec):
    """Holding alerts back that are likely to go away by themselves."""

    enabled: Annotated[bool | None, NoClear("write false"), Field(description="whether they are held back")] = None
    timeout: Annotated[
        Annotated[Seconds, AfterValidator(_pause)] | None,
        NoClear("write 0"),
        Field(description="how long: 2m, 3m, 5m, 10m or 15m; 0, what PagerDuty recommends"),
    ] = None


class Service(Spec):
    """A service."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]$", description="unique in the account"),
    ] = None
    description: Annotated[str | None, Field(min_length=1, description="what the service is")] = None
    escalation_policy: Annotated[
        Annotated[Ref, RefTo(ESCALATION_POLICY)] | None,
        NoClear("a service always has a policy: write another one"),
        Field(description="the policy that its incidents go by; its team is the service's"),
    ] = None
    auto_resolve_timeout: Annotated[
        Timeout,
        Field(description="after how long an open incident resolves by itself, 4h; null or 0: never"),
    ] = None
    acknowledgement_timeout: Annotated[
        Timeout,
        Field(description="after how long an acknowledged incident is triggered again, 30m; null or 0: never"),
    ] = None
    status: Annotated[
        Literal["active", "disabled"] | None,
        Same(_same_status),
        NoClear("write active or disabled"),
        Field(description="whether it takes events; only an existing service can be disabled"),
    ] = None
    incident_urgency_rule: Annotated[
        urgency.UrgencyRule | None,
        NoClear("write {type: constant, urgency: high}"),
        Field(
            description="how urgent the service's incidents are, high or low. It is each user's own notification rules "
            "that say how somebody is told of the one and of the other: a call at once, a mail that can wait. The "
            "urgency is always the same, or the sender's event decides, or the time of day does",
            examples=[
                {"type": "constant", "urgency": "high"},
                {"type": "constant", "urgency": "severity_based"},
                {"type": "use_support_hours", "during_support_hours": "high", "outside_support_hours": "low"},
            ],
        ),
    ] = None
    support_hours: Annotated[
        urgency.SupportHours | None,
        Field(
            description="the hours that incident_urgency_rule goes by; null: none",
            examples=[{"time_zone": "Asia/Tokyo", "start_time": "09:00", "end_time": "17:00", "days_of_week": [1, 2]}],
        ),
    ] = None
    scheduled_actions: Annotated[
        list[urgency.ScheduledAction] | None,
        Field(
            description="what becomes of open incidents when support hours begin or end",
            examples=[[{"at": "support_hours_start", "to_urgency": "high"}]],
        ),
    ] = None
    alert_grouping_parameters: Annotated[
        AlertGrouping | None,
        Field(
            description="which alerts become one incident; null: each its own. Naming it takes the service out of the "
            "account's alert grouping settings, PagerDuty's newer place for this"
        ),
    ] = None
    auto_pause_notifications_parameters: Annotated[
        AutoPause | None,
        Same(_same_pause),
        NoClear("write {enabled: false}"),
        Field(description="holding alerts back that are likely to go away by themselves; needs a plan that holds it"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _pause_to(pause: Tree) -> Tree:
    return {name: value for name, value in pause.items() if name != _RECOMMENDED} if isinstance(pause, dict) else pause


def _pause_back(raw: Tree) -> Tree:
    return from_wire(raw, {}) if isinstance(raw, dict) else raw


_WIRES = {
    "description": Wire(cleared=""),
    "escalation_policy": pointing(ESCALATION_POLICY, "escalation_policy"),
    "incident_urgency_rule": urgency.URGENCY_RULE,
    "support_hours": urgency.SUPPORT_HOURS,
    "scheduled_actions": each(urgency.SCHEDULED_ACTION),
    "alert_grouping_parameters": ALERT_GROUPING,
    "auto_pause_notifications_parameters": Wire(_pause_to, _pause_back),
}
_SERVER_SETS = COMMON | {
    "created_at",
    "last_incident_timestamp",
    "teams",
    "integrations",
    "addons",
    "alert_creation",
    "alert_grouping",
    "alert_grouping_timeout",
    "response_play",
}


def to_api(tree: Object, context: Context) -> Object:
    return {"type": "service", **to_wire(tree, _WIRES)}


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


# ── steps, and words around them ────────────────────────────────────────────────────────────────────────────────────


def _left_behind(work: Work) -> Object:
    """What a service that goes by support hours no more keeps of them, unless it is told to let go."""
    live = work.live or {}
    leaves = urgency.uses_support_hours(live.get("incident_urgency_rule"))
    leaves = leaves and not urgency.uses_support_hours(work.wanted.get("incident_urgency_rule"))
    return {name: None for name in urgency.LEFT_BEHIND if leaves and live.get(name) and name not in work.changed}


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    gone = _left_behind(work) if work.verb == "update" else {}
    changed = replace(work, wanted={**work.wanted, **gone}, changed=work.changed | set(gone))
    return plain_steps(kind, changed, context)


def consequences(work: Work) -> tuple[str, ...]:
    match work.verb:
        case "delete":
            return ("what sends to it is refused; what becomes of its open incidents is not documented",)
        case "update":
            gone = " and ".join(_left_behind(work))
            return (f"{gone}: cleared, as the service goes by support hours no more",) if gone else ()
        case _:
            return ()


_TOLD = 5
# A key that may not read incidents, or an account without them, is no reason to plan nothing.
_NOT_TOLD = frozenset({402, 403, 404})


def _open_incidents(ident: str) -> tuple[Query, ...]:
    path = (
        "/incidents?service_ids[]={id}&statuses[]=triggered&statuses[]=acknowledged&date_range=all&limit=100&total=true"
    )
    return (Query(path, {"id": ident}, sole=True, nothing=_NOT_TOLD),)


def _still_open(answers: Sequence[Any]) -> tuple[str, ...]:
    """The open incidents in words, the first of them by name."""
    body = answers[0] if answers and isinstance(answers[0], Mapping) else {}
    rows = [row for row in body.get("incidents") or [] if isinstance(row, Mapping)]
    if not answers or answers[0] is None:
        return ("whether it has open incidents could not be asked",)
    total = body.get("total")
    count = total if isinstance(total, int) else len(rows)
    named = [f"{row.get('summary') or row.get('id')} ({row.get('status')})" for row in rows[:_TOLD]]
    more = [f"{count - len(named)} more"] if count > len(named) else []
    noun = "open incident" if count == 1 else "open incidents"
    return (f"{count} {noun}: {', '.join([*named, *more])}",) if count else ()


def remarks(tree: Object) -> list[Remark]:
    rule = tree.get("incident_urgency_rule")
    if not tree.get("scheduled_actions") or rule is None:
        return []
    loud_then_quiet = (rule.get("during_support_hours"), rule.get("outside_support_hours")) == ("high", "low")
    if urgency.uses_support_hours(rule) and loud_then_quiet:
        return []
    text = "PagerDuty acts by these only with during_support_hours: high and outside_support_hours: low"
    return [Remark(("scheduled_actions",), text)]


def taken(tree: Object) -> tuple[Taken, ...]:
    """Grouping by the service itself is at odds with an AlertGroupingSetting that names it."""
    said = tree.get("alert_grouping_parameters") is not None
    return (Taken(GROUPING, None, ("alert_grouping_parameters",)),) if said else ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="Service",
    spec=Service,
    place=Place(
        list="/services",
        envelope=("services",),
        query=(("include[]", "integrations"), ("include[]", "auto_pause_notifications_parameters")),
        paging=COUNTED,
        item="/services/{id}",
        item_query=(("include[]", "integrations"), ("include[]", "auto_pause_notifications_parameters")),
        item_envelope=("service",),
        update="PUT",
        wrap=("service",),
        created=("service",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#services",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    key_folds=True,
    unique=True,
    born_at="created_at",
    needed_to_create=("name", "escalation_policy"),
    own_steps=steps,
    stake=Stake(_open_incidents, _still_open),
    consequences=consequences,
    remarks=remarks,
    taken=taken,
    trail=audit_record.trail("services"),
)
