"""dynatrace/ProblemNotification: where the problems of an alerting profile are told; secrets are read back as masks.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-problem-notifications 1,000 in
an environment. Names need not be unique there; of one type they tell one from another here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Keep, Object, Ref, Tree, at
from reconciler.kinds.wire import each, record
from reconciler.vendors.dynatrace import notification_type as types
from reconciler.vendors.dynatrace import setting
from reconciler.vendors.dynatrace.layout import resubmitting
from reconciler.vendors.dynatrace.reference import pointing
from reconciler.vendors.dynatrace.text import Filled

SCHEMA = "builtin:problem.notifications"
_OTHER = NoClear("another type has another field: change the type")


class _Notification(Spec):
    displayName: Annotated[
        Filled | None, NoClear("write a name"), Field(min_length=1, max_length=100, description="the name people read")
    ] = None
    enabled: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether it is sent; true if not said")
    ] = None
    alertingProfile: Annotated[
        Annotated[Ref, RefTo(setting.ALERTING_PROFILE)] | None,
        NoClear("write {existing: Default}"),
        Field(description="the profile whose problems are told; the environment's own is {existing: Default}"),
    ] = None


_TYPE = Field(description="what tells: fields depend on it")


class EmailNotification(_Notification):
    """By mail."""

    type: Annotated[Literal["EMAIL"], _TYPE]
    emailNotification: Annotated[types.Email | None, _OTHER, Field(description="the mail")] = None


class SlackNotification(_Notification):
    """In Slack."""

    type: Annotated[Literal["SLACK"], _TYPE]
    slackNotification: Annotated[types.Slack | None, _OTHER, Field(description="the message")] = None


class JiraNotification(_Notification):
    """In Jira."""

    type: Annotated[Literal["JIRA"], _TYPE]
    jiraNotification: Annotated[types.Jira | None, _OTHER, Field(description="the issue")] = None


class AnsibleTowerNotification(_Notification):
    """By Ansible."""

    type: Annotated[Literal["ANSIBLETOWER"], _TYPE]
    ansibleTowerNotification: Annotated[types.AnsibleTower | None, _OTHER, Field(description="the job")] = None


class OpsGenieNotification(_Notification):
    """In Opsgenie."""

    type: Annotated[Literal["OPS_GENIE"], _TYPE]
    opsGenieNotification: Annotated[types.OpsGenie | None, _OTHER, Field(description="the alert")] = None


class PagerDutyNotification(_Notification):
    """In PagerDuty."""

    type: Annotated[Literal["PAGER_DUTY"], _TYPE]
    pagerDutyNotification: Annotated[types.PagerDuty | None, _OTHER, Field(description="the alert")] = None


class VictorOpsNotification(_Notification):
    """In VictorOps."""

    type: Annotated[Literal["VICTOROPS"], _TYPE]
    victorOpsNotification: Annotated[types.VictorOps | None, _OTHER, Field(description="the alert")] = None


class WebHookNotification(_Notification):
    """By a request."""

    type: Annotated[Literal["WEBHOOK"], _TYPE]
    webHookNotification: Annotated[types.WebHook | None, _OTHER, Field(description="the request")] = None


class XMattersNotification(_Notification):
    """In xMatters."""

    type: Annotated[Literal["XMATTERS"], _TYPE]
    xMattersNotification: Annotated[types.XMatters | None, _OTHER, Field(description="the request")] = None


class TrelloNotification(_Notification):
    """In Trello."""

    type: Annotated[Literal["TRELLO"], _TYPE]
    trelloNotification: Annotated[types.Trello | None, _OTHER, Field(description="the card")] = None


class ServiceNowNotification(_Notification):
    """In ServiceNow."""

    type: Annotated[Literal["SERVICE_NOW"], _TYPE]
    serviceNowNotification: Annotated[types.ServiceNow | None, _OTHER, Field(description="the incident")] = None


SPEC = OneOf(
    "type",
    (
        *(EmailNotification, SlackNotification, JiraNotification, AnsibleTowerNotification, OpsGenieNotification),
        *(PagerDutyNotification, VictorOpsNotification, WebHookNotification, XMattersNotification),
        *(TrelloNotification, ServiceNowNotification),
    ),
)

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_WITH_HEADERS = record({"headers": each(record({})), "oAuth2Credentials": record({})})
_WIRES = {
    "alertingProfile": pointing(setting.ALERTING_PROFILE),
    **dict.fromkeys(types.FIELDS.values(), _WITH_HEADERS),
}
_write = setting.writing(SCHEMA, _WIRES)


def to_api(tree: Object, context: Context) -> Object:
    """The server refuses some fields to be left out for which it has a default."""
    field, type_ = types.FIELDS.get(str(tree.get("type")), ""), str(tree.get("type"))
    inner = tree.get(field)
    if field and isinstance(inner, dict):
        tree = {**tree, field: _whole(type_, inner)}
    return _write(tree, context)


def _whole(type_: str, inner: Object) -> Object:
    given = {name: part for name, part in inner.items() if part is not None}
    whole = {**types.DEFAULTS[type_], **given}
    if isinstance(whole.get("headers"), list):
        whole["headers"] = [{"secret": False, **one} if isinstance(one, dict) else one for one in whole["headers"]]
    return whole


from_api = setting.reading(_WIRES, types.LAYOUT)


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["type"], tree["displayName"]) if tree.get("type") and tree.get("displayName") else None


def also_needed(tree: Object) -> tuple[str, ...]:
    type_ = str(tree.get("type"))
    field = types.FIELDS.get(type_, "")
    needed = [f"{field}.{name}" for name in types.NEEDED.get(type_, ())]
    if type_ == "WEBHOOK":
        secret = at(tree, (field, "urlContainsSecret")) is True
        needed.append(f"{field}.{'secretUrl' if secret else 'url'}")
    if type_ == "WEBHOOK" and at(tree, (field, "useOAuth2")) is True:
        needed += [f"{field}.oAuth2Credentials.{name}" for name in ("accessTokenUrl", "clientId", "clientSecret")]
    if type_ == "SERVICE_NOW" and not at(tree, (field, "url")):
        needed.append(f"{field}.instanceName")
    return tuple(needed)


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Of another type, or beside an address that changes, every secret goes in clear, or nothing does."""
    anew = "type" in work.changed or resubmitting(work.wanted, work.live, types.LAYOUT)
    if work.verb != "update" or not anew:
        return setting.steps_with(types.LAYOUT, False, kind, work, context)
    common = {name: part for name, part in (work.live or {}).items() if name in _Notification.model_fields}
    return setting.steps(kind, replace(work, wanted=_secrets_named({**common, **work.wanted})), context)


def _secrets_named(tree: Object) -> Object:
    """The tree with every secret that its type must have, whether anybody gives it or not."""
    field = types.FIELDS.get(str(tree.get("type")), "")
    inner = tree.get(field)
    if not isinstance(inner, dict):
        return tree
    layout = types.LAYOUT.inner.get(field)
    paths = [path.split(".")[1:] for path in also_needed(tree)]
    needed = {path[0] for path in paths if len(path) == 1 and layout is not None and path[0] in layout.secrets}
    return tree | {field: {**{name: Keep() for name in needed}, **inner}}


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="ProblemNotification",
    spec=SPEC,
    place=setting.place(SCHEMA),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-problem-notifications",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field="displayName",
    needed_to_create=("displayName", "alertingProfile"),
    also_needed=also_needed,
    sent_on_create={"enabled": True},
    mark=setting.MARK,
    taken=setting.taken_by(SCHEMA, "type", "displayName"),
    on_removal=setting.on_removal,
    closed=setting.closed,
    own_steps=steps,
    lay=setting.laid_with(types.LAYOUT),
    rehearsal=setting.rehearsal_with(types.LAYOUT),
    objections=setting.objections,
    trail=setting.TRAIL,
)
