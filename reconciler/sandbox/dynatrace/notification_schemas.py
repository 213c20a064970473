"""The schema of problem notifications: eleven types, each with a part of its own (sheet 7.1)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import (
    Definition,
    either,
    equals,
    flag,
    many,
    part,
    record,
    setting,
    text,
    unset,
    word,
)

RESUBMIT: Obj = {"type": "SECRET_RESUBMISSION", "customMessage": "Enter all secret tokens of this integration again."}
DEFAULT_PROFILE = "00000000-0000-0000-0000-000000000000"
PARTS = {
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
SHORT = "{State} Problem {ProblemID}: {ImpactedEntity}"
PAYLOAD = '{"State":"{State}","ProblemID":"{ProblemID}","ProblemTitle":"{ProblemTitle}"}'
JOB_TEMPLATE = r"\S+(/#/templates/job_template/\d+|/execution/templates/job-template/\d+)"
PLAIN_URL = either(unset("urlContainsSecret"), equals("urlContainsSecret", False))
NO_URL = either(unset("url"), equals("url", ""))

TYPES: dict[str, Obj] = {
    "emailNotification": record(
        {
            "recipients": many(text(1), 1, 100),
            "ccRecipients": many(text(1), 0, 100),
            "bccRecipients": many(text(1), 0, 100),
            "subject": text(1, 1000, default=SHORT),
            "body": text(1, 10000, default="{ProblemDetailsHTML}"),
            "notifyClosedProblems": flag(True),
        }
    ),
    "slackNotification": record(
        {"url": text(1, secret=True), "channel": text(1, 1000), "message": text(1, 5000, default=SHORT)}
    ),
    "jiraNotification": record(
        {
            "url": text(1, 500, resubmit=True),
            "username": text(1),
            "apiToken": text(1, secret=True),
            "projectKey": text(1),
            "issueType": text(1),
            "summary": text(1, 1000, default="Problem {ProblemID}: {ProblemTitle}"),
            "description": text(1, 5000, default="{ProblemDetailsText}"),
        },
        RESUBMIT,
    ),
    "ansibleTowerNotification": record(
        {
            "jobTemplateURL": text(1, resubmit=True, pattern=JOB_TEMPLATE),
            "acceptAnyCertificate": flag(False),
            "username": text(1),
            "password": text(1, secret=True),
            "customMessage": text(0, 1000, default=""),
        },
        RESUBMIT,
    ),
    "opsGenieNotification": record(
        {
            "apiKey": text(1, secret=True),
            "domain": text(1, resubmit=True, pattern=r"(?!.*://)\S+"),
            "message": text(1, 80, default="{ProblemImpact} Problem {ProblemID}: {ProblemTitle}"),
        },
        RESUBMIT,
    ),
    "pagerDutyNotification": record(
        {"account": text(1, 1000), "serviceName": text(1, 1000), "serviceApiKey": text(1, 1000, secret=True)}
    ),
    "victorOpsNotification": record(
        {"apiKey": text(1, secret=True), "routingKey": text(1), "message": text(1, 5000, default=SHORT)}
    ),
    "webHookNotification": record(
        {
            "urlContainsSecret": flag(nullable=True),
            "url": text(1, resubmit=True, when=PLAIN_URL),
            "secretUrl": text(1, secret=True, when=equals("urlContainsSecret", True)),
            "acceptAnyCertificate": flag(False),
            "headers": many(part("Header"), 0, 100),
            "payload": text(1, 5000, default=PAYLOAD),
            "notifyClosedProblems": flag(True),
            "notifyEventMergesEnabled": flag(False),
            "useOAuth2": flag(nullable=True),
            "oAuth2Credentials": part("OAuth2", when=equals("useOAuth2", True)),
        },
        RESUBMIT,
    ),
    "xMattersNotification": record(
        {
            "url": text(1),
            "acceptAnyCertificate": flag(False),
            "headers": many(part("Header"), 0, 100),
            "payload": text(1, 600, default=PAYLOAD),
        }
    ),
    "trelloNotification": record(
        {
            "applicationKey": text(1),
            "authorizationToken": text(1, secret=True),
            "boardId": text(1),
            "listId": text(1),
            "resolvedListId": text(1),
            "text": text(1, default="Problem {ProblemID}: {ProblemTitle}"),
            "description": text(1, default="{ProblemDetailsMarkdown}"),
        }
    ),
    "serviceNowNotification": record(
        {
            "url": text(nullable=True, resubmit=True),
            "instanceName": text(1, when=NO_URL),
            "username": text(1),
            "password": text(1, secret=True),
            "message": text(1, 160, default="{State} {ProblemImpact} Problem {ProblemID}: {ProblemTitle}"),
            "sendIncidents": flag(True),
            "sendEvents": flag(False),
            "formatProblemDetailsAsText": flag(nullable=True),
        },
        RESUBMIT,
    ),
    "Header": record(
        {
            "name": text(1, 500),
            "secret": flag(False),
            "value": text(0, 8192, when=equals("secret", False)),
            "secretValue": text(0, 8192, secret=True, when=equals("secret", True)),
        }
    ),
    "OAuth2": record(
        {
            "accessTokenUrl": text(1, 500, resubmit=True, pattern=r"https://\S+"),
            "clientId": text(1, 500),
            "clientSecret": text(1, 500, secret=True),
            "scope": text(nullable=True),
            "authenticateViaRequestHeader": flag(nullable=True),
        },
        RESUBMIT,
    ),
}

NOTIFICATIONS = Definition(
    ident="builtin:problem.notifications",
    version="1.7.4",
    title="Problem notifications",
    most=1000,
    named="displayName",
    root=record(
        {
            "enabled": flag(True),
            "type": word("NotificationType", default="WEBHOOK"),
            "displayName": text(1, 100),
            "alertingProfile": setting("builtin:alerting.profile", default=DEFAULT_PROFILE),
            **{name: part(name, when=equals("type", kind)) for kind, name in PARTS.items()},
        }
    ),
    types=TYPES,
    enums={"NotificationType": tuple(PARTS)},
)

DEFINITIONS = (NOTIFICATIONS,)
