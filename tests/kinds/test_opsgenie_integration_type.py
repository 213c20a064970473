"""Every type of opsgenie/Integration, those only Opsgenie knows too, and the actions of all of them."""

from typing import Any

import pytest

from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
    tree_of,
)

NAME = "opsgenie/Integration"
KIND = KINDS[NAME]
ANN = "ann@example.com"
ACTION = ("actions", 0)
RAW = {"id": "7be0", "name": "in", "enabled": True, "isGlobal": True, "isAdvanced": False, "_readOnly": ["id"]}
SAID = {"alias": "{{alias}}", "user": "{{user}}", "note": "{{note}}"}

NONE: dict[str, list[Any]] = {"create": [], "close": [], "acknowledge": [], "addNote": [], "ignore": []}


def action(**fields: Any) -> dict[str, Any]:
    return {"type": "API", "actions": [fields]}


@cases(
    Case(
        "a webhook's own fields, its headers secret",
        NAME,
        {
            "type": "Webhook",
            "url": "https://a.example/in",
            "addAlertDescription": True,
            "addAlertDetails": False,
            "headers": {"X-Key": {"env": "KEY"}},
        },
        {
            "type": "Webhook",
            "url": "https://a.example/in",
            "addAlertDescription": True,
            "addAlertDetails": False,
            "headers": {"X-Key": "Env"},
        },
        {
            **RAW,
            "type": "Webhook",
            "url": "https://a.example/in",
            "addAlertDescription": True,
            "addAlertDetails": False,
            "headers": {"X-Key": "canary"},
        },
    ),
    Case(
        "no headers",
        NAME,
        {"type": "Webhook", "headers": None},
        {"type": "Webhook", "headers": {}},
        {"type": "Webhook", "headers": {}},
    ),
    Case(
        "mails",
        NAME,
        {"type": "Email", "emailUsername": "alerts"},
        {"type": "Email", "emailUsername": "alerts"},
        {**RAW, "type": "Email", "emailUsername": "alerts", "emailAddress": "alerts@acme.opsgenie.net"},
    ),
    Case(
        "mails, of which only the address is told",
        NAME,
        {"type": "Email", "emailUsername": "alerts"},
        {"type": "Email", "emailUsername": "alerts"},
        {**RAW, "type": "Email", "emailAddress": "alerts@acme.opsgenie.net"},
    ),
    *(
        Case(
            f"a type whose fields only Opsgenie knows: {type_}",
            NAME,
            {"type": type_, "name": "in", "ownField": {"a": [1, {"b": None}]}, "ownSwitch": False},
            {"type": type_, "name": "in", "ownField": {"a": [1, {"b": None}]}, "ownSwitch": False},
            {**RAW, "type": type_, "name": "in", "ownField": {"a": [1, {"b": None}]}, "ownSwitch": False},
        )
        for type_ in ("Datadog", "DynatraceV2", "Prometheus", "CloudWatch", "AmazonSns", "Zabbix")
    ),
    Case(
        "actions of every type",
        NAME,
        {
            "type": "API",
            "actions": [
                {
                    "type": "create",
                    "name": "make",
                    "order": 1,
                    "message": "{{message}}",
                    "priority": "P2",
                    "responders": [ANN],
                    "tags": ["b", "a"],
                    "extraProperties": {"zone": "eu"},
                    "filter": {
                        "conditionMatchType": "match-all-conditions",
                        "conditions": [
                            {"field": "extra-properties", "key": "zone", "operation": "equals", "expectedValue": "eu"},
                            {"field": "eventType", "operation": "contains", "expectedValue": "x", "not": True},
                        ],
                    },
                },
                {"type": "close", "name": "done", "alias": "{{alias}}-1"},
                {"type": "acknowledge", "name": "seen"},
                {"type": "addNote", "name": "noted"},
                {"type": "ignore", "name": "noise", "filter": {"conditionMatchType": "match-all"}},
            ],
        },
        {
            "type": "API",
            "actions": {
                "create": [
                    {
                        "type": "create",
                        "name": "make",
                        "order": 1,
                        "message": "{{message}}",
                        "priority": "P2",
                        "responders": [{"type": "user", "id": f"id:{ANN}"}],
                        "recipients": [{"type": "user", "id": f"id:{ANN}"}],
                        "tags": ["b", "a"],
                        "extraProperties": {"zone": "eu"},
                        "filter": {
                            "conditionMatchType": "match-all-conditions",
                            "conditions": [
                                {
                                    "field": "extra-properties",
                                    "key": "zone",
                                    "operation": "equals",
                                    "expectedValue": "eu",
                                },
                                {"field": "eventType", "operation": "contains", "expectedValue": "x", "not": True},
                            ],
                        },
                        **SAID,
                    }
                ],
                "close": [{"type": "close", "name": "done", **SAID, "alias": "{{alias}}-1"}],
                "acknowledge": [{"type": "acknowledge", "name": "seen", **SAID}],
                "addNote": [{"type": "addNote", "name": "noted", **SAID}],
                "ignore": [{"type": "ignore", "name": "noise", "filter": {"conditionMatchType": "match-all"}}],
            },
        },
        {
            "type": "API",
            "actions": {
                "_parent": {"id": "7be0"},
                "create": [
                    {
                        "type": "create",
                        "name": "make",
                        "order": 1,
                        "message": "{{message}}",
                        "priority": "P2",
                        "recipients": [{"type": "user", "id": f"id:{ANN}"}],
                        "tags": ["a", "b"],
                        "extraProperties": {"zone": "eu"},
                        "filter": {
                            "conditionMatchType": "match-all-conditions",
                            "conditions": [
                                {
                                    "field": "eventType",
                                    "operation": "contains",
                                    "expectedValue": "x",
                                    "not": True,
                                    "order": 0,
                                },
                                {
                                    "field": "extra_properties_key_prefix-zone",
                                    "operation": "equals",
                                    "expectedValue": "eu",
                                    "not": False,
                                    "order": 0,
                                },
                            ],
                        },
                        **SAID,
                    }
                ],
                "close": [{"type": "close", "name": "done", "order": 1, **SAID, "alias": "{{alias}}-1"}],
                "acknowledge": [{"name": "seen", "order": 1, **SAID}],
                "addNote": [{"name": "noted", "order": 1, **SAID}],
                "ignore": [{"name": "noise", "order": 1, "filter": {"conditionMatchType": "match-all"}}],
            },
        },
    ),
    Case(
        "null takes every action away",
        NAME,
        {"type": "API", "actions": None},
        {"type": "API", "actions": NONE},
        {"type": "API", "actions": {"_parent": {}, **NONE}},
    ),
)
def test_every_type_and_its_actions_are_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


def test_no_header_and_nothing_that_looks_secret_is_read_in_clear() -> None:
    raw = {"type": "Zabbix", "zabbixPassword": "canary", "apiKeys": ["canary"], "headers": {"X-Key": "canary"}}
    assert "canary" not in repr(KIND.from_api(raw, CONTEXT))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"type": "Zabbix", "respnders": []}, ["did you mean responders?"]),
        ({"type": "Zabbix", "zabbixHost": "a"}, []),
        ({"type": "API", "tags": []}, []),
        *(
            ({"type": type_}, ["makes no"])
            for type_ in ("Zendesk", "Slack", "Incoming Call", "PingdomWebHook", "Nagios", "Observium", "Hipchat")
        ),
    ],
)
def test_what_may_be_wrong_with_an_unknown_type_is_remarked(spec: dict[str, Any], words: list[str]) -> None:
    remarks = [remark.text for remark in KIND.remarks(tree_of(NAME, spec))]
    assert len(remarks) == len(words)
    assert all(word in remark for word, remark in zip(words, remarks, strict=True))


@pytest.mark.parametrize(("type_", "needed"), [("API", ()), ("Webhook", ("url",)), ("Email", ("emailUsername",))])
def test_a_new_one_needs_what_its_type_needs(type_: str, needed: tuple[str, ...]) -> None:
    assert KIND.missing({"type": type_}) == ("name", *needed)


@mistakes(
    Mistake(NAME, {"type": "email"}, ("type",), "write 'Email'"),
    Mistake(NAME, {"type": 7}, ("type",), "'Webhook'"),
    Mistake(NAME, {"type": "API", "url": "https://a.example"}, ("url",), "not permitted"),
    Mistake(NAME, {"type": "Webhook", "emailUsername": "x"}, ("emailUsername",), "not permitted"),
    Mistake(NAME, {"type": "Webhook", "url": "a.example"}, ("url",), "https?"),
    Mistake(NAME, {"type": "Webhook", "headers": {"X-Key": "canary"}}, ("headers", "X-Key"), "never stands in"),
    Mistake(NAME, {"type": "Email", "emailUsername": ""}, ("emailUsername",), "at least 1"),
    Mistake(NAME, {"type": "Zabbix", "tags": "a"}, ("tags",), "list"),
    Mistake(NAME, {"type": "Zabbix", "zabbixPassword": "canary"}, (), "zabbixPassword"),
    Mistake(NAME, {"type": "Zabbix", "server": {"key": {"env": "KEY"}}}, (), "knows no secrets"),
    Mistake(NAME, action(type="create"), (*ACTION, "create", "name"), "required"),
    Mistake(NAME, action(name="x"), ACTION, "discriminator"),
    Mistake(NAME, action(type="addnote", name="x"), ACTION, "'addNote'"),
    Mistake(NAME, action(type="close", name="x", order=-1), (*ACTION, "close", "order"), "greater than or equal to 0"),
    Mistake(NAME, action(type="close", name="x", message="y"), (*ACTION, "close", "message"), "not permitted"),
    Mistake(NAME, action(type="ignore", name="x", alias="y"), (*ACTION, "ignore", "alias"), "not permitted"),
    Mistake(NAME, action(type="create", name="x", priority="P0"), (*ACTION, "create", "priority"), "'P1'"),
    Mistake(
        NAME,
        action(type="ignore", name="x", filter={"type": "match-all"}),
        (*ACTION, "ignore", "filter", "conditionMatchType"),
        "required",
    ),
    Mistake(
        NAME,
        action(type="ignore", name="x", filter={"conditionMatchType": "match-any-condition"}),
        (*ACTION, "ignore", "filter"),
        "needs one condition",
    ),
    Mistake(
        NAME,
        {"type": "API", "actions": [{"type": "close", "name": "x"}, {"type": "close", "name": "x"}]},
        ("actions",),
        "items 1 and 2 have the same type and name",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)
