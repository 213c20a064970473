"""Problem notifications of the made-up Dynatrace: a part for each type, and how secrets are kept (sheet 7.1, 9.5)."""

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import HEADER, NOTIFICATION, OBJECTS, ORDERED, WEBHOOK, Environment, violations


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


@pytest.mark.parametrize(("setting", "status"), [("refused", 400), ("accepted", 200)])
def test_a_nullable_boolean_may_be_refused_as_null(env: Environment, setting: str, status: int) -> None:
    env.set(null_booleans=setting)
    hook = {key: part for key, part in WEBHOOK.items() if key != "useOAuth2"}
    assert env.post(NOTIFICATION, env.notification(webHookNotification=hook))[0] == status


PARTS: list[tuple[str, str, Any, dict[str, str]]] = [
    (
        "EMAIL",
        "emailNotification",
        {
            "recipients": ["a@example.com"],
            "ccRecipients": [],
            "bccRecipients": [],
            "subject": "s",
            "body": "b",
            "notifyClosedProblems": True,
        },
        {"recipients": "1 to 100"},
    ),
    (
        "SLACK",
        "slackNotification",
        {"url": "https://hooks.example/T", "channel": "#ops", "message": "m"},
        {"url": "secret"},
    ),
    (
        "JIRA",
        "jiraNotification",
        {
            "url": "https://jira.example",
            "username": "u",
            "apiToken": "t",
            "projectKey": "P",
            "issueType": "Bug",
            "summary": "s",
            "description": "d",
        },
        {"apiToken": "secret"},
    ),
    (
        "ANSIBLETOWER",
        "ansibleTowerNotification",
        {
            "jobTemplateURL": "https://t.example/#/templates/job_template/7",
            "acceptAnyCertificate": False,
            "username": "u",
            "password": "p",
            "customMessage": "",
        },
        {"password": "secret", "jobTemplateURL": "pattern"},
    ),
    (
        "OPS_GENIE",
        "opsGenieNotification",
        {"apiKey": "k", "domain": "api.eu.opsgenie.com", "message": "m" * 80},
        {"apiKey": "secret", "domain": "pattern", "message": "at most 80"},
    ),
    (
        "PAGER_DUTY",
        "pagerDutyNotification",
        {"account": "a", "serviceName": "s", "serviceApiKey": "k"},
        {"serviceApiKey": "secret"},
    ),
    (
        "VICTOROPS",
        "victorOpsNotification",
        {"apiKey": "k", "routingKey": "r", "message": "m"},
        {"apiKey": "secret"},
    ),
    ("WEBHOOK", "webHookNotification", WEBHOOK, {"url": "null"}),
    (
        "XMATTERS",
        "xMattersNotification",
        {"url": "https://x.example", "acceptAnyCertificate": False, "headers": [], "payload": "p" * 600},
        {"payload": "at most 600"},
    ),
    (
        "TRELLO",
        "trelloNotification",
        {
            "applicationKey": "k",
            "authorizationToken": "t",
            "boardId": "b",
            "listId": "l",
            "resolvedListId": "r",
            "text": "t",
            "description": "d",
        },
        {"authorizationToken": "secret"},
    ),
    (
        "SERVICE_NOW",
        "serviceNowNotification",
        {
            "instanceName": "acme",
            "username": "u",
            "password": "p",
            "message": "m" * 160,
            "sendIncidents": True,
            "sendEvents": False,
            "formatProblemDetailsAsText": False,
        },
        {"password": "secret", "message": "at most 160"},
    ),
]
WRONG: dict[str, Any] = {
    "1 to 100": [],
    "pattern": "https://:",
    "at most 80": "m" * 81,
    "at most 600": "m" * 601,
    "null": None,
}


@pytest.mark.parametrize(("kind", "part", "value", "rules"), PARTS, ids=[row[0] for row in PARTS])
def test_each_type_of_notification_has_a_part_of_its_own(
    env: Environment, kind: str, part: str, value: Any, rules: dict[str, str]
) -> None:
    body = {**env.notification(type=kind, webHookNotification=None), part: value}
    read = env.read(env.create(NOTIFICATION, body))["value"]
    assert [key for key in read if key.endswith("Notification")] == [part]
    for field, said in rules.items():
        if said == "secret":
            assert read[part][field] not in (value[field], None)
            continue
        wrong = {**value, field: WRONG.get(said, "m" * 161)}
        status, items = env.post(NOTIFICATION, {**body, part: wrong})
        told = dict(violations(items[0]))
        assert status == 400
        assert said in told[f"{NOTIFICATION}/0/{part}/{field}"]
    assert env.post(NOTIFICATION, {**body, "type": "EMAIL" if kind != "EMAIL" else "JIRA"})[0] == 400


def stored(env: Environment, ident: str) -> Any:
    held = env.world.dump()["vendors"]["dynatrace"]["accounts"][""]["objects"]
    return next(obj["value"] for obj in held if obj["id"] == ident)


@pytest.mark.parametrize("form", ["scrambled", "stars"])
def test_a_masked_secret_sent_back_by_put_stays(env: Environment, form: str) -> None:
    env.set(mask=form)
    ident = env.create(NOTIFICATION, env.notification())
    read = env.read(ident)["value"]
    assert "header-secret" not in str(read)
    assert env.put(ident, {**read, "displayName": "renamed"})[0] == 200
    after = stored(env, ident)
    assert (after["displayName"], after["webHookNotification"]["headers"]) == ("renamed", [HEADER])
    assert env.read(ident)["value"]["webHookNotification"] == read["webHookNotification"]


@pytest.mark.parametrize(("setting", "status"), [(400, 400), (409, 409)])
def test_a_field_that_guards_secrets_asks_for_all_of_them_again(env: Environment, setting: int, status: int) -> None:
    env.set(resubmission=setting)
    ident = env.create(NOTIFICATION, env.notification())
    read = env.read(ident)["value"]
    moved = {**read, "webHookNotification": {**read["webHookNotification"], "url": "https://other.example"}}
    got, said = env.put(ident, moved)
    assert (got, "secret" in violations(said)[0][1]) == (status, True)
    again = {**moved["webHookNotification"], "headers": [{**HEADER, "secretValue": "new"}]}
    assert env.put(ident, {**moved, "webHookNotification": again})[0] == 200
    assert stored(env, ident)["webHookNotification"]["headers"][0]["secretValue"] == "new"


@pytest.mark.parametrize(
    ("setting", "status", "secret"), [("stored", 200, False), ("kept", 200, True), ("refused", 400, True)]
)
def test_a_masked_secret_sent_back_by_post(env: Environment, setting: str, status: int, secret: bool) -> None:
    env.set(mask_in_post=setting)
    ident = env.create(NOTIFICATION, env.notification(), externalId="iac:hook")
    assert env.post(NOTIFICATION, env.read(ident)["value"], externalId="iac:hook")[0] == status
    assert (stored(env, ident)["webHookNotification"]["headers"] == [HEADER]) is secret


def test_secrets_in_a_list_of_any_schema_are_masked_and_kept_by_name(env: Environment) -> None:
    sinks = [{"name": "a", "token": "first"}, {"name": "b", "token": "second"}]
    rule = {"ruleName": "r", "endpoint": "https://e.example", "ratio": 0.5, "sinks": sinks}
    ident = env.create(ORDERED, rule)
    read = env.read(ident)["value"]
    assert "first" not in str(read)
    assert [part["name"] for part in read["sinks"]] == ["a", "b"]
    env.put(ident, {**read, "sinks": [read["sinks"][1]]})
    assert stored(env, ident)["sinks"] == [sinks[1]]
    assert env.put(ident, {**env.read(ident)["value"], "endpoint": "https://f.example"})[0] == 400


@pytest.mark.parametrize(("setting", "status"), [("refused", 400), ("accepted", 200)])
def test_a_profile_may_be_named_by_its_bare_id(env: Environment, setting: str, status: int) -> None:
    env.set(bare_ids=setting)
    assert env.post(NOTIFICATION, env.notification(alertingProfile="00000000-0000-0000-0000-000000000000"))[0] == status
    assert env.post(NOTIFICATION, env.notification(alertingProfile="31229d78-e1c0-3497-8d52-57c8c82698dd"))[0] == 400


def test_what_a_refusal_gives_back_is_what_was_sent_secrets_and_all(env: Environment) -> None:
    body = env.notification(displayName="")
    status, items = env.post(NOTIFICATION, body)
    assert (status, items[0]["invalidValue"]) == (400, body)
    assert env("POST", OBJECTS, [None])[1][0]["invalidValue"] == {}
