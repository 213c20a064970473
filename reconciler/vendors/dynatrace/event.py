"""dynatrace/Event: something that happened to entities, or a problem of theirs, told once.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/events/post-event There is no update and no delete: a
problem stays open until it times out, after 15 minutes if not said otherwise, 120 at most, unless it is sent again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Self, get_args

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

from reconciler.kinds.fields import Minutes, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.mark import Mark
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.dynatrace import attach_rule, event_life
from reconciler.vendors.dynatrace.attach_rule import CONTEXTLESS, AttachRules
from reconciler.vendors.dynatrace.event_life import EVENTS, FEED, MARK
from reconciler.vendors.dynatrace.event_type import (
    CUSTOM_ALERT,
    LONGEST_TIMEOUT,
    PARAMETERS,
    PROBLEM,
    TIMEOUT,
    Type,
    lacking,
    why_not,
)

Moment = Annotated[int, Field(ge=0)]


def _without_mark(value: dict[str, Any]) -> dict[str, Any]:
    if MARK in value:
        raise PydanticCustomError("mark", "{name} is where it is written whose the event is", {"name": MARK})
    return value


def _retold(error: ErrorDetails) -> InitErrorDetails:
    """One of pydantic's complaints, or of ours, as it can be raised again."""
    known = error["type"] in get_args(ErrorType)
    why = error["type"] if known else PydanticCustomError("event", "{why}", {"why": error["msg"]})
    return InitErrorDetails(type=why, loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))


class Event(Spec):
    """An event, in the words of the events API v1, so that a body fits in as it is; what is null is not sent."""

    eventType: Annotated[Type, Field(description="what sort of event it is, and so which fields it takes")]
    source: Annotated[str, Field(min_length=1, description="name or id of the system that tells it")]
    attachRules: Annotated[AttachRules, Field(description="the entities it is attached to")]
    start: Annotated[
        Moment | None,
        Field(
            description="when it began, in milliseconds since 1970 (UTC), now if not said; 30 days back at most, and "
            "60 minutes for what opens a problem"
        ),
    ] = None
    end: Annotated[
        Moment | None,
        Field(description="when it ended, in milliseconds since 1970 (UTC), now if not said; not for problems"),
    ] = None
    timeoutMinutes: Annotated[
        Annotated[Minutes, Field(ge=0, le=LONGEST_TIMEOUT)] | None,
        Field(description=f"how long a problem is open unless it is sent again, {TIMEOUT} if not said"),
    ] = None
    customProperties: Annotated[
        Annotated[dict[str, Any], AfterValidator(_without_mark)] | None,
        Field(description="more of it, in any words", examples=[{"commit": "9f1c"}]),
    ] = None
    description: Annotated[str | None, Field(description="what happened")] = None
    title: Annotated[str | None, Field(description="what people read first")] = None
    annotationType: Annotated[str | None, Field(description="the sort of an annotation")] = None
    annotationDescription: Annotated[str | None, Field(description="the text of an annotation")] = None
    deploymentName: Annotated[str | None, Field(description="the id of what was deployed")] = None
    deploymentVersion: Annotated[str | None, Field(description="its version")] = None
    deploymentProject: Annotated[str | None, Field(description="its project")] = None
    timeseriesIds: Annotated[list[str] | None, Unordered(), Field(description="timeseries that it is about")] = None
    ciBackLink: Annotated[str | None, Field(description="where the artifact is found in the CI system")] = None
    remediationAction: Annotated[str | None, Field(description="where an external tool remedies it")] = None
    original: Annotated[str | None, Field(description="what a configuration said before")] = None
    changed: Annotated[str | None, Field(description="what it says now")] = None
    configuration: Annotated[str | None, Field(description="id or name of the configuration that was changed")] = None
    allowDavisMerge: Annotated[
        bool | None, Field(description="true: it may join another problem; false: it opens one of its own")
    ] = None
    keepOpen: Annotated[
        bool | None,
        Field(
            description="ours, not sent: true, a plan made when less than half of timeoutMinutes is left shows that it "
            "is sent again; nothing runs in the background"
        ),
    ] = None

    @field_validator(*PARAMETERS, "end", "timeoutMinutes", "allowDavisMerge", "keepOpen")
    @classmethod
    def _fits_the_type(cls, value: Any, info: ValidationInfo) -> Any:
        why = why_not(str(info.field_name), value, str(info.data.get("eventType")))
        if why is not None:
            raise PydanticCustomError("not_applicable", "{why}", {"why": why})
        return value

    @field_validator("end")
    @classmethod
    def _ends_after_it_begins(cls, value: int | None, info: ValidationInfo) -> int | None:
        start = info.data.get("start")
        if value is not None and start is not None and value < start:
            raise PydanticCustomError("end", "it ends before it begins, at {start}", {"start": start})
        return value

    @field_validator("keepOpen")
    @classmethod
    def _can_be_kept_open(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        kind = info.data.get("eventType")
        if value and kind == CUSTOM_ALERT:
            raise PydanticCustomError("keep_open", "whether CUSTOM_ALERT opens a problem is not documented", {})
        if value and info.data.get("start") is not None:
            raise PydanticCustomError("keep_open", "what is sent again begins when it is sent: leave start out", {})
        return value

    @model_validator(mode="wrap")
    @classmethod
    def _says_enough(cls, data: Any, whole: ModelWrapValidatorHandler[Self]) -> Self:
        """What is missing is told beside all else that is wrong; a check of the whole is not come to then."""
        found: list[InitErrorDetails] = []
        kind = data.get("eventType") if isinstance(data, Mapping) else None
        missing = ", ".join(lacking(data, kind)) if isinstance(kind, str) else ""
        if missing:
            why = PydanticCustomError("required", "{type} needs {missing}", {"type": kind, "missing": missing})
            found.append(InitErrorDetails(type=why, loc=("eventType",), input=kind))
        try:
            event = whole(data)
        except ValidationError as error:
            found += map(_retold, error.errors(include_url=False))
        if found:
            raise ValidationError.from_exception_data("Event", found, hide_input=True)
        return event


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

# What the feed says of an event beside what it was told.
_OF_THE_FEED = frozenset(
    {
        *("id", "eventId", "rows", "entityId", "entityName", "severityLevel", "impactLevel", "resourceId"),
        *("resourceName", "tags", "correlationId", "startTime", "storedEventIds", "storedIds", "storedCorrelationIds"),
    }
)


def to_api(tree: Object, context: Context) -> Object:
    sent = {name: value for name, value in tree.items() if name != "keepOpen" and value is not None}
    rules = sent.get("attachRules")
    return {**sent, "attachRules": _with_contexts(rules)} if isinstance(rules, Mapping) else sent


def _with_contexts(rules: Mapping[str, Tree]) -> Object:
    """The rules with the context of every tag, which the vendor wants said."""
    given = {name: value for name, value in rules.items() if value is not None}
    several = given.get("tagRule")
    return {**given, "tagRule": [_rule(one) for one in several]} if isinstance(several, list) else given


def _rule(rule: Tree) -> Tree:
    if not isinstance(rule, Mapping) or not isinstance(rule.get("tags"), list):
        return rule
    return {**rule, "tags": [_tag(tag) if isinstance(tag, Mapping) else tag for tag in rule["tags"]]}


def _tag(tag: Mapping[str, Tree]) -> Object:
    given = {name: value for name, value in tag.items() if value is not None}
    return {"context": CONTEXTLESS, **given}


def from_api(raw: Object, context: Context) -> Object:
    """The event of some rows of the feed, one for each entity: all say the same of it."""
    rows = raw.get("rows")
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) else raw
    told = {name: value for name, value in row.items() if name not in _OF_THE_FEED and value is not None}
    begun = {"start": row["startTime"]} if isinstance(row.get("startTime"), int) else {}
    state = {"eventStatus": raw["eventStatus"]} if raw.get("eventStatus") else {}
    return {**told, **begun, **state}


def key(tree: Object) -> tuple[Tree, ...] | None:
    """All that is told: two events are one when they say the same under one mark, and only then."""
    if not tree.get("eventType") or not tree.get("source"):
        return None
    text = json.dumps(to_api(tree, event_life.NO_CONTEXT), sort_keys=True, ensure_ascii=False, default=lambda node: "")
    return (tree["eventType"], tree["source"], hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16])


def _read_mark(raw: Mapping[str, Any]) -> str | None:
    rows = raw.get("rows")
    return event_life.mark_of(rows[0] if isinstance(rows, list) and rows else raw)


def _write_mark(body: Object, mark: str) -> Object:
    """What is sent again keeps the mark it was sent with: with another one it would be another event."""
    properties = body.get("customProperties") or {}
    return {**body, "customProperties": {**properties, MARK: properties.get(MARK, mark)}}


def remarks(tree: Object) -> list[Remark]:
    found = list(attach_rule.remarks(tree["attachRules"].get("tagRule"), ("attachRules", "tagRule")))
    if tree["eventType"] == CUSTOM_ALERT:
        text = "what CUSTOM_ALERT takes, and whether it opens a problem, is not documented; it is sent as it is"
        found.append(Remark(("eventType",), text))
    if tree["eventType"] in PROBLEM and tree.get("timeoutMinutes") == 0:
        found.append(Remark(("timeoutMinutes",), f"what 0 means is not documented; {TIMEOUT} is the vendor's default"))
    return found


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="Event",
    spec=Event,
    place=Place(list=EVENTS, envelope=("events",), paging=FEED),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/events/post-event",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    mark=Mark(_read_mark, _write_mark),
    settles=60.0,
    remarks=remarks,
    steady=event_life.steady,
    notices=event_life.notices,
    consequences=event_life.consequences,
    questions=event_life.questions,
    answers=event_life.answers,
    own_steps=event_life.steps,
    signal=event_life.SIGNAL,
)
