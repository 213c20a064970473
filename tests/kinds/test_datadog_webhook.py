"""datadog/Webhook: JSON that travels as text, and no secret in what is shown of it."""

from __future__ import annotations

import json

import pytest

from reconciler.kinds.tree import Hidden, Link, Object, Text
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
    tree_of,
)

NAME = "datadog/Webhook"
KIND = kind_of(NAME)
URL = "https://hooks.example/dd"
PAYLOAD = {"title": "$EVENT_TITLE", "list": [1, 2.5, True, "あ"], "deep": {"a": {"b": []}}}


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "audit",
            "url": f"{URL}?apiKey=$OG_KEY",
            "payload": PAYLOAD,
            "custom_headers": {"Authorization": "Bearer $TOKEN", "X-Team": "payments"},
            "encode_as": "json",
        },
        {
            "name": "audit",
            "url": f"{URL}?apiKey=$OG_KEY",
            "payload": json.dumps(PAYLOAD, ensure_ascii=False),
            "custom_headers": '{"Authorization": "Bearer $TOKEN", "X-Team": "payments"}',
            "encode_as": "json",
        },
        {
            "name": "audit",
            "url": f"{URL}?apiKey=$OG_KEY",
            "payload": json.dumps(PAYLOAD, indent=4, sort_keys=True),
            "custom_headers": '{"X-Team":"payments","Authorization":"Bearer $TOKEN"}',
            "encode_as": "json",
            "auth_method_id": None,
        },
    ),
    Case(
        "a template that is no JSON",
        NAME,
        {"url": URL, "payload": '{"priority": $PRIORITY}'},
        {"url": URL, "payload": '{"priority": $PRIORITY}'},
        {
            "name": "audit",
            "url": URL,
            "payload": '{"priority": $PRIORITY}',
            "custom_headers": None,
            "encode_as": "json",
        },
    ),
    Case(
        "text that means the same as what is there",
        NAME,
        {"payload": '{"a": null, "b": 1}'},
        {"payload": '{"a": null, "b": 1}'},
        {"name": "audit", "url": URL, "payload": '{"b":1,"a":null}'},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert_settled(case, case.raw or {})


@mistakes(
    Mistake(NAME, {"encode_as": "xml"}, ("encode_as",), "'form'"),
    Mistake(NAME, {"payload": {"a": [{"b": None}]}}, ("payload",), "a[0].b is null"),
    Mistake(NAME, {"custom_headers": {"X": 1}}, ("custom_headers", "X"), "string"),
    Mistake(NAME, {"custom_headers": {"Authorization": "Bearer abc"}}, ("custom_headers",), "WebhookVariable"),
    Mistake(NAME, {"custom_headers": {"X-Api-Key": "abc"}}, ("custom_headers",), "X-Api-Key: a secret never"),
    Mistake(NAME, {"url": f"{URL}?apiKey=0123"}, ("url",), "WebhookVariable"),
    Mistake(NAME, {"url": "https://user:word@hooks.example"}, ("url",), "WebhookVariable"),
    Mistake(NAME, {"url": ""}, ("url",), "at least 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize("name", ["X-Team", "Content-Type", "X-Author", "Accept", "X-Monkey"])
def test_an_ordinary_header_may_be_said(name: str) -> None:
    assert sent(Case("", NAME, {"custom_headers": {name: "v"}})) == {"custom_headers": json.dumps({name: "v"})}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ({"url": f"{URL}?token=s3cret"}, {"url": Hidden()}),
        ({"url": "https://u:s3cret@x.example"}, {"url": Hidden()}),
        ({"url": URL}, {"url": URL}),
        (
            {"custom_headers": '{"Authorization": "s3cret", "X-Team": "t"}'},
            {"custom_headers": {"Authorization": Hidden(), "X-Team": "t"}},
        ),
        ({"custom_headers": '{"Authorization": "Bearer $T"}'}, {"custom_headers": {"Authorization": "Bearer $T"}}),
        ({"custom_headers": "Authorization: s3cret"}, {"custom_headers": Hidden()}),
        ({"payload": '{"a": null}'}, {"payload": '{"a": null}'}),
        ({"payload": "[1]"}, {"payload": [1]}),
        ({"payload": "7"}, {"payload": "7"}),
    ],
)
def test_a_secret_that_somebody_wrote_into_datadog_is_not_shown(raw: Object, shown: Object) -> None:
    assert KIND.from_api(raw, CONTEXT) == shown


def test_a_reference_in_a_payload_stays_one_until_it_is_sent() -> None:
    tree = tree_of(NAME, {"payload": {"team": 'say "${ref:opsgenie/Team/shop}"', "n": 1}})
    link = Link("opsgenie/Team/shop", "opsgenie/Team", "shop")
    [reference] = [part for part in tree["payload"]["team"].parts if not isinstance(part, str)]
    tree["payload"]["team"] = Text(tuple(link if part is reference else part for part in tree["payload"]["team"].parts))
    assert KIND.to_api(tree, CONTEXT)["payload"] == Text(('{"team": "say \\"', link, '\\"", "n": 1}'))


def test_a_name_with_spaces_is_remarked() -> None:
    assert [remark.path for remark in KIND.remarks(tree_of(NAME, {"name": "two words"}))] == [("name",)]
