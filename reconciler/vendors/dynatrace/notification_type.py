"""What a problem notification has by its type: whom it tells, with what, and which of it is secret.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/builtin-problem-notifications Texts take
placeholders: {ProblemID}, {ProblemTitle}, {State}, {ImpactedEntity}, {Tags[key]} and others.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from reconciler.kinds.fields import Keyed, SecretField, Unordered
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Object
from reconciler.vendors.dynatrace.layout import Layout

_Certificates = Annotated[bool | None, Field(description="whether any certificate is taken; false if not said")]
_Closed = Annotated[bool | None, Field(description="whether it is told that a problem is over; true if not said")]


class Email(Spec):
    """Mails."""

    recipients: Annotated[
        list[str] | None, Unordered(), Field(min_length=1, max_length=100, description="whom it is sent to")
    ] = None
    ccRecipients: Annotated[list[str] | None, Unordered(), Field(max_length=100, description="who gets a copy")] = None
    bccRecipients: Annotated[
        list[str] | None, Unordered(), Field(max_length=100, description="who gets a copy unseen")
    ] = None
    subject: Annotated[str | None, Field(max_length=1000, description="the subject, with placeholders")] = None
    body: Annotated[str | None, Field(max_length=10_000, description="the text, with placeholders")] = None
    notifyClosedProblems: _Closed = None


class Slack(Spec):
    """A channel in Slack."""

    url: Annotated[SecretField | None, Field(description="the incoming webhook's address, a secret")] = None
    channel: Annotated[str | None, Field(max_length=1000, description="#channel or @user")] = None
    message: Annotated[str | None, Field(max_length=5000, description="the text, with placeholders")] = None


class Jira(Spec):
    """Issues in Jira."""

    url: Annotated[str | None, Field(max_length=500, description="address that issues are made at")] = None
    username: Annotated[str | None, Field(description="the account that makes them")] = None
    apiToken: Annotated[SecretField | None, Field(description="that account's API token")] = None
    projectKey: Annotated[str | None, Field(description="the project's key")] = None
    issueType: Annotated[str | None, Field(description="sort of issue: Bug, Task")] = None
    summary: Annotated[str | None, Field(max_length=1000, description="the summary, with placeholders")] = None
    description: Annotated[str | None, Field(max_length=5000, description="the text, with placeholders")] = None


class AnsibleTower(Spec):
    """A job in Ansible."""

    jobTemplateURL: Annotated[
        str | None,
        Field(
            pattern=r"(/#/templates/job_template/|/execution/templates/job-template/)\d+$",
            description="the job template's address, …/#/templates/job_template/7",
        ),
    ] = None
    acceptAnyCertificate: _Certificates = None
    username: Annotated[str | None, Field(description="the account that starts it")] = None
    password: Annotated[SecretField | None, Field(description="that account's password")] = None
    customMessage: Annotated[
        str | None, Field(max_length=1000, description="a text for the job, with placeholders")
    ] = None


class OpsGenie(Spec):
    """Alerts in Opsgenie."""

    apiKey: Annotated[
        SecretField | None,
        Field(description="key of an integration: {from: opsgenie/Integration/NAME, output: apiKey}"),
    ] = None
    domain: Annotated[
        str | None,
        Field(pattern=r"^[^/:]+$", description="host without https://: api.opsgenie.com, api.eu.opsgenie.com"),
    ] = None
    message: Annotated[str | None, Field(max_length=80, description="the alert's message, with placeholders")] = None


class PagerDuty(Spec):
    """Alerts in PagerDuty."""

    account: Annotated[str | None, Field(max_length=1000, description="name of the account")] = None
    serviceName: Annotated[str | None, Field(max_length=1000, description="name of the service, for people")] = None
    serviceApiKey: Annotated[
        SecretField | None,
        Field(description="key of an integration: {from: pagerduty/ServiceIntegration/NAME, output: integration_key}"),
    ] = None


class VictorOps(Spec):
    """Alerts in VictorOps (Splunk On-Call)."""

    apiKey: Annotated[SecretField | None, Field(description="API key")] = None
    routingKey: Annotated[str | None, Field(description="routing key, no secret")] = None
    message: Annotated[str | None, Field(max_length=5000, description="the text, with placeholders")] = None


class Header(Spec):
    """A header of the request."""

    name: Annotated[str, Field(min_length=1, max_length=500, description="the header's name")]
    secret: Annotated[bool | None, Field(description="whether its value is a secret; false if not said")] = None
    value: Annotated[str | None, Field(max_length=8192, description="its value, where it is no secret")] = None
    secretValue: Annotated[SecretField | None, Field(description="its value, where it is a secret")] = None

    @field_validator("value", "secretValue")
    @classmethod
    def _as_it_says(cls, value: Any, info: ValidationInfo) -> Any:
        secret = info.data.get("secret") is True
        if value is not None and secret is not (info.field_name == "secretValue"):
            words = "write secretValue with secret: true, and value without"
            raise PydanticCustomError("not_applicable", words, {})
        return value


Headers = Annotated[
    list[Header] | None, Keyed(("name",)), Field(max_length=100, description="headers of the request, each name once")
]


class OAuth2(Spec):
    """How the request is signed in."""

    accessTokenUrl: Annotated[
        str | None, Field(max_length=500, pattern=r"^https://", description="where tokens are had, by https")
    ] = None
    clientId: Annotated[str | None, Field(max_length=500, description="the client's id")] = None
    clientSecret: Annotated[SecretField | None, Field(description="the client's secret")] = None
    scope: Annotated[str | None, Field(description="scopes asked for")] = None
    authenticateViaRequestHeader: Annotated[
        bool | None, Field(description="whether id and secret stand in a header, not in the body")
    ] = None


class WebHook(Spec):
    """A request to any address."""

    urlContainsSecret: Annotated[
        bool | None, Field(description="whether the address is a secret; false if not said")
    ] = None
    url: Annotated[str | None, Field(min_length=1, description="the address, where it is no secret")] = None
    secretUrl: Annotated[SecretField | None, Field(description="the address, where it is a secret")] = None
    acceptAnyCertificate: _Certificates = None
    headers: Headers = None
    payload: Annotated[str | None, Field(max_length=5000, description="the body, with placeholders")] = None
    notifyClosedProblems: _Closed = None
    notifyEventMergesEnabled: Annotated[
        bool | None, Field(description="whether it is told that further events joined; false if not said")
    ] = None
    useOAuth2: Annotated[bool | None, Field(description="whether it signs in by OAuth; false if not said")] = None
    oAuth2Credentials: Annotated[OAuth2 | None, Field(description="with useOAuth2: how it signs in")] = None

    @field_validator("url", "secretUrl")
    @classmethod
    def _as_it_says(cls, value: Any, info: ValidationInfo) -> Any:
        secret = info.data.get("urlContainsSecret") is True
        if value is not None and secret is not (info.field_name == "secretUrl"):
            words = "write secretUrl with urlContainsSecret: true, and url without"
            raise PydanticCustomError("not_applicable", words, {})
        return value

    @field_validator("oAuth2Credentials")
    @classmethod
    def _if_used(cls, value: OAuth2 | None, info: ValidationInfo) -> OAuth2 | None:
        if value is not None and info.data.get("useOAuth2") is not True:
            raise PydanticCustomError("not_applicable", "it counts only with useOAuth2: true", {})
        return value


class XMatters(Spec):
    """A workflow in xMatters."""

    url: Annotated[str | None, Field(description="the address")] = None
    acceptAnyCertificate: _Certificates = None
    headers: Headers = None
    payload: Annotated[str | None, Field(max_length=600, description="the body, with placeholders")] = None


class Trello(Spec):
    """Cards in Trello."""

    applicationKey: Annotated[str | None, Field(description="the application's key, no secret")] = None
    authorizationToken: Annotated[SecretField | None, Field(description="a token of that application")] = None
    boardId: Annotated[str | None, Field(description="the board")] = None
    listId: Annotated[str | None, Field(description="the list that cards are made in")] = None
    resolvedListId: Annotated[str | None, Field(description="the list that cards go to when the problem is over")] = (
        None
    )
    text: Annotated[str | None, Field(description="the card's title, with placeholders")] = None
    description: Annotated[str | None, Field(description="the card's text, with placeholders")] = None


class ServiceNow(Spec):
    """Incidents or events in ServiceNow."""

    url: Annotated[str | None, Field(description="the address, where there is no instanceName")] = None
    instanceName: Annotated[str | None, Field(description="the instance, where there is no url")] = None
    username: Annotated[str | None, Field(description="the account that makes them")] = None
    password: Annotated[SecretField | None, Field(description="that account's password")] = None
    message: Annotated[str | None, Field(max_length=160, description="the text, with placeholders")] = None
    sendIncidents: Annotated[bool | None, Field(description="whether incidents are made; true if not said")] = None
    sendEvents: Annotated[bool | None, Field(description="whether events are sent; false if not said")] = None
    formatProblemDetailsAsText: Annotated[
        bool | None, Field(description="whether details are plain text and not HTML; false if not said")
    ] = None

    @field_validator("instanceName")
    @classmethod
    def _or_an_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and info.data.get("url"):
            raise PydanticCustomError("not_applicable", "there is a url: write one of the two", {})
        return value


# ── what is secret, and what else the server wants ──────────────────────────────────────────────────────────────────

_HEADERS = Layout(frozenset({"secretValue"}))
# By type: the field that holds what the type has.
FIELDS = {
    "EMAIL": "emailNotification",
    "SLACK": "slackNotification",
    "JIRA": "jiraNotification",
    "ANSIBLETOWER": "ansibleTowerNotification",
    "OPS_GENIE": "opsGenieNotification",
    "PAGER_DUTY": "pagerDutyNotification",
    "VICTOROPS": "victorOpsNotification",
    "WEBHOOK": "webHookNotification",
    "XMATTERS": "xMattersNotification",
    "TRELLO": "trelloNotification",
    "SERVICE_NOW": "serviceNowNotification",
}
LAYOUT = Layout(
    inner={
        "slackNotification": Layout(frozenset({"url"})),
        "jiraNotification": Layout(frozenset({"apiToken"}), frozenset({"url"})),
        "ansibleTowerNotification": Layout(frozenset({"password"}), frozenset({"jobTemplateURL"})),
        "opsGenieNotification": Layout(frozenset({"apiKey"}), frozenset({"domain"})),
        "pagerDutyNotification": Layout(frozenset({"serviceApiKey"})),
        "victorOpsNotification": Layout(frozenset({"apiKey"})),
        "webHookNotification": Layout(
            frozenset({"secretUrl"}),
            frozenset({"url"}),
            {
                "headers": _HEADERS,
                "oAuth2Credentials": Layout(frozenset({"clientSecret"}), frozenset({"accessTokenUrl"})),
            },
        ),
        "xMattersNotification": Layout(inner={"headers": _HEADERS}),
        "trelloNotification": Layout(frozenset({"authorizationToken"})),
        "serviceNowNotification": Layout(frozenset({"password"}), frozenset({"url"})),
    }
)
# What a new notification needs, and what the server refuses to go without though it has a default.
NEEDED = {
    "EMAIL": ("recipients",),
    "SLACK": ("url", "channel"),
    "JIRA": ("url", "username", "apiToken", "projectKey", "issueType"),
    "ANSIBLETOWER": ("jobTemplateURL", "username", "password"),
    "OPS_GENIE": ("apiKey", "domain"),
    "PAGER_DUTY": ("account", "serviceName", "serviceApiKey"),
    "VICTOROPS": ("apiKey", "routingKey"),
    "WEBHOOK": (),
    "XMATTERS": ("url",),
    "TRELLO": ("applicationKey", "authorizationToken", "boardId", "listId", "resolvedListId"),
    "SERVICE_NOW": ("username", "password"),
}
_IMPACT = "{State} Problem {ProblemID}: {ImpactedEntity}"
_TITLE = "Problem {ProblemID}: {ProblemTitle}"
DEFAULTS: dict[str, Object] = {
    "EMAIL": {
        "ccRecipients": [],
        "bccRecipients": [],
        "subject": _IMPACT,
        "body": "{ProblemDetailsHTML}",
        "notifyClosedProblems": True,
    },
    "SLACK": {"message": _IMPACT},
    "JIRA": {"summary": _TITLE, "description": "{ProblemDetailsText}"},
    "ANSIBLETOWER": {"acceptAnyCertificate": False, "customMessage": ""},
    "OPS_GENIE": {"message": "{ProblemImpact} Problem {ProblemID}: {ProblemTitle}"},
    "PAGER_DUTY": {},
    "VICTOROPS": {"message": _IMPACT},
    "WEBHOOK": {
        "urlContainsSecret": False,
        "acceptAnyCertificate": False,
        "headers": [],
        "payload": '{"State":"{State}","ProblemID":"{ProblemID}","ProblemTitle":"{ProblemTitle}"}',
        "notifyClosedProblems": True,
        "notifyEventMergesEnabled": False,
        "useOAuth2": False,
    },
    "XMATTERS": {
        "acceptAnyCertificate": False,
        "headers": [],
        "payload": '{"properties":{"State":"{State}","Problem ID":"{ProblemID}","Title":"{ProblemTitle}"}}',
    },
    "TRELLO": {"text": _TITLE, "description": "{ProblemDetailsMarkdown}"},
    "SERVICE_NOW": {
        "message": "{State} {ProblemImpact} Problem {ProblemID}: {ProblemTitle}",
        "sendIncidents": True,
        "sendEvents": False,
        "formatProblemDetailsAsText": False,
    },
}
