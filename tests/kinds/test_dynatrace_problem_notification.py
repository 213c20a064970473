"""dynatrace/ProblemNotification: eleven types, each with what it has, its secrets and limits."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.tree import Hidden
from reconciler.vendors.dynatrace.notification_type import DEFAULTS, FIELDS, LAYOUT, NEEDED
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    kind_of,
    mistakes,
    sent,
)

NOTIFICATION = "dynatrace/ProblemNotification"


def hook(**inner: Any) -> dict[str, Any]:
    return {"type": "WEBHOOK", "webHookNotification": inner}


@mistakes(
    Mistake(NOTIFICATION, {"type": "REDHAT"}, ("type",), "Input should be"),
    Mistake(NOTIFICATION, hook(url="https://a", urlContainsSecret=True), ("webHookNotification", "url"), "secretUrl"),
    Mistake(NOTIFICATION, hook(secretUrl={"env": "A"}), ("webHookNotification", "secretUrl"), "urlContainsSecret"),
    Mistake(NOTIFICATION, hook(oAuth2Credentials={}), ("webHookNotification", "oAuth2Credentials"), "useOAuth2"),
    Mistake(NOTIFICATION, hook(payload="x" * 5001), ("webHookNotification", "payload"), "at most 5000"),
    Mistake(
        NOTIFICATION,
        hook(useOAuth2=True, oAuth2Credentials={"accessTokenUrl": "http://a"}),
        ("webHookNotification", "oAuth2Credentials", "accessTokenUrl"),
        "https",
    ),
    Mistake(
        NOTIFICATION,
        hook(headers=[{"name": "a", "secret": True, "value": "b"}]),
        ("webHookNotification", "headers", 0, "value"),
        "secretValue",
    ),
    Mistake(
        NOTIFICATION,
        hook(headers=[{"name": "a", "value": "b"}, {"name": "a", "value": "c"}]),
        ("webHookNotification", "headers"),
        "same name",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "OPS_GENIE", "opsGenieNotification": {"domain": "https://api.opsgenie.com"}},
        ("opsGenieNotification", "domain"),
        "match",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "OPS_GENIE", "opsGenieNotification": {"message": "x" * 81}},
        ("opsGenieNotification", "message"),
        "at most 80",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "OPS_GENIE", "opsGenieNotification": {"apiKey": "in-clear"}},
        ("opsGenieNotification", "apiKey"),
        "never stands in a manifest",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "XMATTERS", "xMattersNotification": {"payload": "x" * 601}},
        ("xMattersNotification", "payload"),
        "at most 600",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "SERVICE_NOW", "serviceNowNotification": {"message": "x" * 161}},
        ("serviceNowNotification", "message"),
        "at most 160",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "SERVICE_NOW", "serviceNowNotification": {"url": "https://a", "instanceName": "b"}},
        ("serviceNowNotification", "instanceName"),
        "one of the two",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "ANSIBLETOWER", "ansibleTowerNotification": {"jobTemplateURL": "https://a/7"}},
        ("ansibleTowerNotification", "jobTemplateURL"),
        "match",
    ),
    Mistake(
        NOTIFICATION,
        {"type": "EMAIL", "emailNotification": {"recipients": []}},
        ("emailNotification", "recipients"),
        "at least 1",
    ),
    Mistake(NOTIFICATION, {"type": "SLACK", "opsGenieNotification": {}}, ("opsGenieNotification",), "Extra"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def _inner(type_: str) -> dict[str, Any]:
    """What a new notification of this type must say, with a secret where one is wanted."""
    field = FIELDS[type_]
    secret = LAYOUT.inner[field].secrets if field in LAYOUT.inner else frozenset()
    texts = {"jobTemplateURL": "https://t.example/#/templates/job_template/7", "recipients": ["a@example.com"]}
    inner = {name: {"env": "KEY"} if name in secret else texts.get(name, "x") for name in NEEDED[type_]}
    more = {"WEBHOOK": {"url": "https://hook.example"}, "SERVICE_NOW": {"instanceName": "dev1"}}
    return {**inner, **more.get(type_, {})}


@cases(
    Case(
        "a header whose value is a secret",
        NOTIFICATION,
        {
            "type": "XMATTERS",
            "displayName": "n",
            "enabled": False,
            "xMattersNotification": {
                "url": "https://x.example",
                "payload": "{}",
                "headers": [{"name": "K", "secret": True, "secretValue": {"env": "KEY"}}, {"name": "P", "value": "v"}],
            },
        },
        {
            "schemaId": "builtin:problem.notifications",
            "scope": "environment",
            "value": {
                "type": "XMATTERS",
                "displayName": "n",
                "enabled": False,
                "xMattersNotification": {
                    "acceptAnyCertificate": False,
                    "url": "https://x.example",
                    "payload": "{}",
                    "headers": [
                        {"name": "K", "secret": True, "secretValue": "Env"},
                        {"name": "P", "secret": False, "value": "v"},
                    ],
                },
            },
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    assert_settled(case, {"objectId": "o1", **case.body})


@pytest.mark.parametrize("type_", FIELDS)
def test_a_notification_of_every_type_is_sent_whole_and_found_again(type_: str) -> None:
    kind, field, inner = kind_of(NOTIFICATION), FIELDS[type_], _inner(type_)
    spec = {"type": type_, "displayName": "n", "alertingProfile": "cart", field: inner}
    case = Case(type_, NOTIFICATION, spec)
    told = sent(case)["value"]
    assert told["alertingProfile"] == "id:cart"
    assert told[field] == {**DEFAULTS[type_], **{n: "Env" if isinstance(v, dict) else v for n, v in inner.items()}}
    assert_settled(case, {"objectId": "o1", "value": told})
    live = kind.from_api({"value": {**told, field: {**told[field], **dict.fromkeys(_secrets(field), "***")}}}, CONTEXT)
    assert all(live[field][name] == Hidden() for name in _secrets(field) if name in told[field])
    assert kind.missing(spec) == ()
    assert {path.partition(".")[0] for path in kind.missing({**spec, field: {}})} == {field}


def _secrets(field: str) -> frozenset[str]:
    return LAYOUT.inner[field].secrets if field in LAYOUT.inner else frozenset()
