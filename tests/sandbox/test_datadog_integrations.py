"""Datadog's integrations in the sandbox: what goes by its name, what hides its keys, what has no list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.sandbox.exchange import Request, encode
from tests.sandbox.datadog_caller import Datadog, envelope

WEBHOOKS = "/api/v1/integration/webhooks/configuration/webhooks"
VARIABLES = "/api/v1/integration/webhooks/configuration/custom-variables"
PAGERDUTY = "/api/v1/integration/pagerduty/configuration/services"
OPSGENIE = "/api/v2/integration/opsgenie/services"
CHANNELS = "/api/v1/integration/slack/configuration/accounts/acme/channels"
HOOK = {"name": "audit", "url": "https://hooks.acme.example/dd"}
TOKEN = {"name": "AUDIT_TOKEN", "value": "t0k", "is_secret": True}
KEY = {"service_name": "checkout", "service_key": "0123"}
SERVICE = {"name": "payments", "opsgenie_api_key": "0000-1111", "region": "eu"}
KIND = "opsgenie-service"


# ── webhooks and variables ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", [{}, {"payload": None}])
def test_a_webhook_without_a_payload_has_the_vendors(datadog: Datadog, given: Any) -> None:
    status, made = datadog("POST", WEBHOOKS, {**HOOK, **given})
    assert (status, made["encode_as"], made["custom_headers"]) == (201, "json", None)
    assert json.loads(made["payload"])["body"] == "$EVENT_MSG"
    assert datadog.made("GET", f"{WEBHOOKS}/audit") == made


def test_a_webhook_changes_in_part_and_takes_a_new_name(datadog: Datadog) -> None:
    datadog.made("POST", WEBHOOKS, {**HOOK, "payload": '{"a": 1}', "custom_headers": '{"x": "y"}'})
    changed = datadog.made("PUT", f"{WEBHOOKS}/audit", {"name": "log", "payload": None})
    assert (changed["name"], changed["url"], changed["custom_headers"]) == ("log", HOOK["url"], '{"x": "y"}')
    assert "$EVENT_MSG" in changed["payload"]
    assert datadog.errors("GET", f"{WEBHOOKS}/audit") == (404, ["Webhook does not exist"])
    assert datadog("DELETE", f"{WEBHOOKS}/log") == (200, {})
    assert datadog("DELETE", f"{WEBHOOKS}/log")[0] == 404


def test_a_secret_value_is_never_answered(datadog: Datadog) -> None:
    shown = {"name": "AUDIT_TOKEN", "is_secret": True}
    assert datadog("POST", VARIABLES, TOKEN) == (201, shown)
    one = f"{VARIABLES}/AUDIT_TOKEN"
    assert datadog("PUT", one, {"value": "other"}) == datadog("GET", one) == (200, shown)
    assert datadog("DELETE", one) == (200, {})
    assert datadog.errors("GET", one) == (404, ["Custom variable does not exist"])


def test_an_open_value_is_answered_and_a_variable_can_be_renamed(datadog: Datadog) -> None:
    datadog.made("POST", VARIABLES, {**TOKEN, "is_secret": False})
    renamed = {"name": "OTHER", "value": "t0k", "is_secret": False}
    assert datadog("PUT", f"{VARIABLES}/AUDIT_TOKEN", {"name": "OTHER"}) == (200, renamed)
    assert datadog("GET", f"{VARIABLES}/OTHER") == (200, renamed)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (WEBHOOKS, {"name": "audit"}),
        (WEBHOOKS, {**HOOK, "name": " "}),
        (WEBHOOKS, {**HOOK, "encode_as": "xml"}),
        (WEBHOOKS, {**HOOK, "payload": {"body": "$EVENT_MSG"}}),
        (WEBHOOKS, {**HOOK, "payload": "{"}),
        (WEBHOOKS, {**HOOK, "custom_headers": "x: y"}),
        (VARIABLES, {"name": "A", "value": "b"}),
        (VARIABLES, {"name": "A", "is_secret": True}),
        (PAGERDUTY, {"service_name": "a"}),
        (CHANNELS, {"display": {}}),
        (CHANNELS, {"name": "#a", "display": {"tags": "yes"}}),
    ],
)
def test_a_wrong_body_is_refused(datadog: Datadog, path: str, body: Any) -> None:
    assert datadog("POST", path, body)[0] == 400


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        (WEBHOOKS, HOOK, {**HOOK, "name": "b"}),
        (VARIABLES, TOKEN, {**TOKEN, "name": "b"}),
        (PAGERDUTY, KEY, None),
        (CHANNELS, {"name": "a"}, {"name": "b"}),
    ],
)
def test_a_name_that_is_taken_is_refused(datadog: Datadog, status: int, path: str, body: Any, other: Any) -> None:
    datadog.set(duplicate_names=status)
    datadog.made("POST", path, body)
    known = datadog.world.handle  # the document has no 409 for these
    assert known(_request(datadog, "POST", path, body)).status == status
    if other is not None:
        datadog.made("POST", path, other)
        verb = "PATCH" if path == CHANNELS else "PUT"
        assert known(_request(datadog, verb, f"{path}/b", {"name": body["name"]})).status == status


def _request(datadog: Datadog, method: str, path: str, body: Any) -> Request:
    return Request(method, datadog.prefix + path, (), datadog.headers, encode(body))


@pytest.mark.parametrize("path", [WEBHOOKS, VARIABLES, PAGERDUTY])
def test_what_goes_by_its_name_has_no_list(datadog: Datadog, path: str) -> None:
    assert datadog("GET", path)[0] == 405


# ── PagerDuty ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_service_of_pagerduty_shows_its_name_alone(datadog: Datadog) -> None:
    shown = {"service_name": "checkout"}
    assert datadog("POST", PAGERDUTY, KEY) == (201, shown)
    assert datadog("GET", f"{PAGERDUTY}/checkout") == (200, shown)
    assert datadog("PUT", f"{PAGERDUTY}/checkout", {"service_key": "4567"}) == (200, None)
    assert datadog("PUT", f"{PAGERDUTY}/checkout", {})[0] == 400
    assert datadog.answer("DELETE", f"{PAGERDUTY}/checkout").status == 204
    assert [datadog(verb, f"{PAGERDUTY}/checkout")[0] for verb in ("GET", "DELETE")] == [404, 404]


def test_the_undocumented_list_may_answer_with_masks(datadog: Datadog) -> None:
    datadog.made("POST", PAGERDUTY, KEY)
    old = "/api/v1/integration/pagerduty"
    assert datadog("GET", old)[0] == 404
    datadog.set(pagerduty_legacy="answers")
    found = datadog.made("GET", old)
    assert found["services"] == [{"service_name": "checkout", "service_key": "*****"}]
    assert "0123" not in json.dumps(found)


def test_an_integration_that_is_not_activated_refuses(datadog: Datadog) -> None:
    datadog.set(pagerduty="absent")
    assert datadog("GET", f"{PAGERDUTY}/checkout")[0] == 404
    assert datadog.world.handle(_request(datadog, "POST", PAGERDUTY, KEY)).status == 404


# ── Opsgenie ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_service_of_opsgenie_lives_without_showing_its_key(datadog: Datadog) -> None:
    status, made = datadog("POST", OPSGENIE, envelope(KIND, **SERVICE))
    shown = {"name": "payments", "region": "eu", "custom_url": None}
    assert (status, made["data"]["type"], made["data"]["attributes"]) == (201, KIND, shown)
    ident = made["data"]["id"]
    one = f"{OPSGENIE}/{ident}"
    assert datadog.made("GET", one) == made
    assert datadog.made("GET", OPSGENIE) == {"data": [made["data"]]}
    custom = {"region": "custom", "custom_url": "https://opsgenie.acme.example"}
    changed = datadog.made("PATCH", one, envelope(KIND, ident, **custom))
    assert changed["data"]["attributes"] == {"name": "payments", **custom}
    back = datadog.made("PATCH", one, envelope(KIND, ident, region="us"))
    assert back["data"]["attributes"]["custom_url"] is None
    assert datadog.answer("DELETE", one).status == 204
    assert datadog.errors("GET", one) == (404, ["Service not found."])


@pytest.mark.parametrize(
    "change",
    [{"name": "x" * 101}, {"name": ""}, {"region": "asia"}, {"region": "custom"}, {"opsgenie_api_key": None}],
    ids=str,
)
def test_a_wrong_service_of_opsgenie_is_refused(datadog: Datadog, change: Any) -> None:
    assert datadog("POST", OPSGENIE, envelope(KIND, **{**SERVICE, **change}))[0] == 400


def test_a_patch_says_type_and_id(datadog: Datadog) -> None:
    ident = datadog.made("POST", OPSGENIE, envelope(KIND, **SERVICE))["data"]["id"]
    for body in (envelope("service", ident, region="us"), envelope(KIND, "other", region="us"), envelope(KIND)):
        assert datadog("PATCH", f"{OPSGENIE}/{ident}", body)[0] == 400


@pytest.mark.parametrize(("names", "status"), [("free", 201), ("unique", 400)])
def test_names_at_opsgenie_may_be_borne_twice_or_not(datadog: Datadog, names: str, status: int) -> None:
    datadog.set(opsgenie_names=names)
    datadog.made("POST", OPSGENIE, envelope(KIND, **SERVICE))
    assert datadog("POST", OPSGENIE, envelope(KIND, **SERVICE))[0] == status


# ── Slack ───────────────────────────────────────────────────────────────────────────────────────────────────────────

DISPLAY = {"message": True, "notified": True, "snapshot": True, "tags": True, "mute_buttons": False}


def test_a_channel_keeps_the_sign_of_its_name(datadog: Datadog) -> None:
    status, made = datadog("POST", CHANNELS, {"name": "#alerts"})
    assert (status, made) == (201, {"name": "#alerts", "display": DISPLAY})
    one = f"{CHANNELS}/%23alerts"
    assert datadog.made("GET", one) == made
    changed = {"name": "#alerts", "display": {**DISPLAY, "tags": False}}
    assert datadog.made("PATCH", one, {"display": {"tags": False}}) == changed
    assert datadog.made("PATCH", one, {"display": {"tags": False}}) == datadog.made("GET", CHANNELS)[0]
    assert datadog.answer("DELETE", one).status == 204
    assert datadog("GET", one)[0] == 404


def test_channels_stand_below_an_account_there_is(datadog: Datadog) -> None:
    other = CHANNELS.replace("acme", "other")
    assert datadog("GET", other)[0] == 404
    hooks = {"service_hooks": [{"account": "other", "url": "https://hooks.acme.example/s"}]}
    assert datadog.answer("POST", "/api/v1/integration/slack", hooks).status == 204
    datadog.made("POST", other, {"name": "#alerts"})
    assert (len(datadog.made("GET", other)), datadog.made("GET", CHANNELS)) == (1, [])
    datadog.set(slack_accounts="any", slack_created=200)
    assert datadog("POST", CHANNELS.replace("acme", "third"), {"name": "#alerts"})[0] == 200
