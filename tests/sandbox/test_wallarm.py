"""Wallarm's integrations, triggers, applications and account, as strict as the sheet says."""

import json
from typing import Any

import pytest

from reconciler.sandbox.wallarm.vocabulary import EVENTS, THRESHOLD_REQUIRED
from tests.sandbox.caller import Caller

TARGET = {"token": "secret-token", "api": "https://api.eu.opsgenie.com/v2/alerts"}
INTEGRATION = {"name": "alerts", "type": "opsgenie", "active": True, "target": TARGET, "clientid": 4711}
SYSTEM = {"event": "system", "active": True}
TRIGGERS = "/v2/clients/4711/triggers"


def integration(wallarm: Caller, **body: Any) -> Any:
    return wallarm.made("POST", "/v2/integration", {**INTEGRATION, **body})["body"]["object"]


def listed(wallarm: Caller) -> list[Any]:
    return wallarm.made("GET", "/v2/integration", clientid="4711")["body"]["object"]


def trigger_body(**body: Any) -> dict[str, Any]:
    threshold = {"period": 1, "operator": "gt", "allowed_operators": ["gt"], "count": 1}
    blank = {"template_id": "incidents_exceeded", "enabled": True, "filters": [], "threshold": threshold}
    return {"trigger": {"name": "t", **blank, "actions": [{"id": "mark_as_brute", "params": {}}], **body}}


def test_an_integration_answers_with_all_events_of_its_type_and_hides_its_secret(wallarm: Caller) -> None:
    made = integration(wallarm, events=[SYSTEM])
    assert {event["event"]: event["active"] for event in made["events"]} == {
        name: name == "system" for name in EVENTS["opsgenie"]
    }
    assert "clientid" not in made
    assert made["created_by"] == "iac@example.com"
    assert isinstance(made["created_at"], int)
    assert "secret-token" not in json.dumps([made, listed(wallarm)])
    assert listed(wallarm) == [made]


def test_secrets_are_clear_when_the_settings_say_so(control: Caller, wallarm: Caller) -> None:
    control.made("POST", "/__settings", {"wallarm": {"secrets": "clear"}})
    assert integration(wallarm)["target"] == TARGET


def test_a_forgotten_active_makes_a_silent_integration(wallarm: Caller) -> None:
    body = {key: value for key, value in INTEGRATION.items() if key != "active"}
    assert wallarm.made("POST", "/v2/integration", body)["body"]["object"]["active"] is False


def test_names_are_not_unique(wallarm: Caller) -> None:
    assert integration(wallarm)["id"] != integration(wallarm)["id"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": None},
        {"active": "yes"},
        {"active": None},
        {"type": "jira"},
        {"type": "slack"},
        {"target": {"token": "x"}},
        {"target": {"token": "x", "api": "https://example.com"}},
        {"target": {"token": 5, "api": TARGET["api"]}},
        {"events": [{"event": "siem", "active": True}]},
        {"events": [{"event": "hit", "active": True}]},
        {"events": [{"event": "system"}]},
        {"events": [SYSTEM, SYSTEM]},
        {"events": [{**SYSTEM, "with_headers": True}]},
        {"events": {"system": True}},
        {"clientid": "4711"},
        {"created_at": 1},
    ],
)
def test_a_wrong_integration_is_refused_in_the_vendors_envelope(wallarm: Caller, body: Any) -> None:
    status, answer = wallarm("POST", "/v2/integration", {**INTEGRATION, **body})
    assert (status, answer["status"]) == (400, 400)
    assert all("error" in part for part in answer["body"].values())
    assert listed(wallarm) == []


def test_the_defaults_of_a_webhook_are_filled_in(control: Caller, wallarm: Caller) -> None:
    control.made("POST", "/__settings", {"wallarm": {"secrets": "clear"}})
    target = integration(wallarm, type="web_hooks", target={"url": "https://example.com"})["target"]
    assert (target["http_method"], target["timeout"], target["ca_verify"], target["headers"]) == ("POST", 15, True, {})


def test_name_active_and_target_change_alone_and_events_need_everything(wallarm: Caller) -> None:
    path = f"/v2/integration/{integration(wallarm, events=[SYSTEM])['id']}"
    for body in ({"name": "new"}, {"active": False}, {"target": {**TARGET, "token": "other"}}, {}):
        assert wallarm("PUT", path, body)[0] == 200
    assert wallarm("PUT", path, {"events": []})[0] == 400
    full = {"name": "new", "active": True, "target": TARGET, "type": "opsgenie", "events": []}
    after = wallarm.made("PUT", path, full)["body"]["object"]
    assert not any(event["active"] for event in after["events"])
    for left_out in full:
        partial = {key: value for key, value in full.items() if key != left_out}
        assert wallarm("PUT", path, partial)[0] == (200 if left_out == "events" else 400)


@pytest.mark.parametrize("body", [{"type": "slack"}, {"clientid": 4711}, {"id": 1}, {"created_by": "me"}, {"name": ""}])
def test_what_cannot_change_is_refused_on_update(wallarm: Caller, body: Any) -> None:
    assert wallarm("PUT", f"/v2/integration/{integration(wallarm)['id']}", body)[0] == 400


def test_a_single_integration_or_trigger_cannot_be_read(wallarm: Caller) -> None:
    assert wallarm("GET", f"/v2/integration/{integration(wallarm)['id']}")[0] == 405
    assert wallarm("GET", f"{TRIGGERS}/90001")[0] == 405


def test_telegram_is_made_in_two_steps(wallarm: Caller) -> None:
    body = {"name": "bot-user", "clientid": 4711, "chat_data": "from-the-link"}
    made = wallarm.made("POST", "/v2/integration/telegram", body)["body"]["object"]
    assert (made["type"], made["active"]) == ("telegram", False)
    after = wallarm.made("PUT", f"/v2/integration/{made['id']}", {"name": "real", "events": [SYSTEM]})["body"]["object"]
    assert (after["name"], [event["event"] for event in after["events"] if event["active"]]) == ("real", ["system"])
    assert wallarm("PUT", f"/v2/integration/{made['id']}", {"target": {"chat_data": "x"}})[0] == 400


@pytest.mark.parametrize(("setting", "status", "left"), [("refuse", 400, 1), ("drop", 200, 0)])
def test_deleting_what_triggers_notify(control: Caller, wallarm: Caller, setting: str, status: int, left: int) -> None:
    control.made("POST", "/__settings", {"wallarm": {"in_use": setting}})
    ident = integration(wallarm)["id"]
    action = {"id": "send_notification", "params": {"integration_ids": [ident]}}
    wallarm.made("POST", TRIGGERS, trigger_body(actions=[action]))
    assert wallarm("DELETE", f"/v2/integration/{ident}")[0] == status
    assert len(listed(wallarm)) == left
    action = wallarm.made("GET", TRIGGERS, denormalize="true")["triggers"][-1]["actions"][0]
    assert len(action["params"]["integration_ids"]) == left


def test_what_is_not_there_is_404(wallarm: Caller) -> None:
    for method, path in (("PUT", "/v2/integration/1"), ("DELETE", "/v2/integration/1"), ("DELETE", f"{TRIGGERS}/1")):
        assert wallarm(method, path, {})[0] == 404


def test_a_trigger_is_read_back_with_its_template_and_its_threshold_twice(wallarm: Caller) -> None:
    values = [{"id": "target", "operator": "eq", "values": ["server", "database"]}]
    made = wallarm.made("POST", TRIGGERS, trigger_body(filters=values))["trigger"]
    threshold = {"operator": "gt", "period": 1, "count": 1}
    assert made["template"]["id"] == "incidents_exceeded"
    assert "template_id" not in made
    assert (made["threshold"], made["thresholds"]) == (threshold, [threshold])
    assert (made["client_id"], made["comment"], made["filters"]) == (4711, None, values)
    assert wallarm.made("GET", TRIGGERS, denormalize="true")["triggers"][-1] == made
    assert "template" not in wallarm.made("GET", TRIGGERS)["triggers"][-1]


def test_an_account_already_owns_triggers(wallarm: Caller) -> None:
    templates = [part["template"]["id"] for part in wallarm.made("GET", TRIGGERS, denormalize="true")["triggers"]]
    assert templates[:2] == ["attack_ip_grouping", "vector_attack"]
    assert len(templates) == 3


def _filtered(ident: str, *values: Any, operator: str = "eq") -> dict[str, Any]:
    return {"filters": [{"id": ident, "operator": operator, "values": list(values)}]}


def _acting(ident: str, **params: Any) -> dict[str, Any]:
    return {"actions": [{"id": ident, "params": params}]}


@pytest.mark.parametrize(
    "body",
    [
        _filtered("pool", -1),
        _filtered("response_status", 503, "5xx"),
        _filtered("ip_address", "203.0.113.7", "2001:db8::1", operator="ne"),
        _filtered("api_spec_ids", 3),
        _filtered("url", "example.com:443/path"),
        _acting("block_ips", lock_time=3600),
        {"comment": None},
        {"template_id": "user_created", "threshold": None},
    ],
)
def test_a_right_trigger_is_taken(wallarm: Caller, body: Any) -> None:
    assert wallarm("POST", TRIGGERS, trigger_body(**body))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        _filtered("pool", "1"),
        _filtered("pool", 42),
        _filtered("target", "Server"),
        _filtered("target"),
        _filtered("response_status", "503"),
        _filtered("ip_address", "203.0.113.0/24"),
        _filtered("api_spec_ids", "3"),
        _filtered("url", "https://example.com"),
        _filtered("target", "server", operator="gt"),
        _filtered("weather", "rain"),
        _acting("send_notification", integration_ids=[]),
        _acting("send_notification", integration_ids=[1]),
        _acting("send_notification", integration_ids=["90001"]),
        _acting("block_ips"),
        _acting("mark_as_brute", lock_time=1),
        {"actions": [{"id": "mark_as_brute"}]},
        {"actions": []},
        {"enabled": None},
        {"filters": None},
        {"template_id": "weak_jwt"},
        {"template_id": "user_created"},
        {"threshold": {"period": 1, "operator": "lt", "allowed_operators": ["gt"], "count": 1}},
        {"threshold": {"period": 0, "operator": "gt", "allowed_operators": ["gt"], "count": 1}},
        {"filters": [_filtered("url", "a/b")["filters"][0], _filtered("hint_tag", "b:1:ff")["filters"][0]]},
        {"filters": _filtered("target", "server")["filters"] * 7},
        *({"template_id": template, "threshold": None} for template in THRESHOLD_REQUIRED),
    ],
)
def test_a_wrong_trigger_is_refused(wallarm: Caller, body: Any) -> None:
    assert wallarm("POST", TRIGGERS, trigger_body(**body))[0] == 400


def test_a_trigger_is_replaced_whole_but_for_its_template(wallarm: Caller) -> None:
    ident = wallarm.made("POST", TRIGGERS, trigger_body(comment="gone"))["trigger"]["id"]
    after = wallarm.made("PUT", f"{TRIGGERS}/{ident}", trigger_body(enabled=False))["trigger"]
    assert (after["comment"], after["enabled"]) == (None, False)
    assert wallarm("PUT", f"{TRIGGERS}/{ident}", {"trigger": {"enabled": False}})[0] == 400
    assert wallarm("PUT", f"{TRIGGERS}/{ident}", trigger_body(template_id="hits_exceeded"))[0] == 400
    wallarm.made("DELETE", f"{TRIGGERS}/{ident}")
    assert wallarm("DELETE", f"{TRIGGERS}/{ident}")[0] == 404


def test_a_trigger_without_a_name_gets_one(wallarm: Caller) -> None:
    body = trigger_body()
    del body["trigger"]["name"]
    assert wallarm.made("POST", TRIGGERS, body)["trigger"]["name"].startswith("New trigger by iac@example.com")


def test_new_objects_are_listed_only_after_the_lag(control: Caller, wallarm: Caller) -> None:
    control.made("POST", "/__settings", {"wallarm": {"lag": 5}})
    made = integration(wallarm)
    assert listed(wallarm) == []
    assert wallarm("PUT", f"/v2/integration/{made['id']}", {"name": "there already"})[0] == 200
    control.made("POST", "/__clock", {"advance": 4.9})
    assert listed(wallarm) == []
    control.made("POST", "/__clock", {"advance": 0.1})
    assert [part["id"] for part in listed(wallarm)] == [made["id"]]


def test_the_lag_can_be_counted_in_reads(control: Caller, wallarm: Caller) -> None:
    control.made("POST", "/__settings", {"wallarm": {"lag_reads": 2}})
    wallarm.made("POST", TRIGGERS, trigger_body())
    assert [len(wallarm.made("GET", TRIGGERS)["triggers"]) for _ in range(4)] == [3, 3, 4, 4]


def test_another_tenant_is_forbidden(wallarm: Caller) -> None:
    assert wallarm("GET", "/v2/integration", clientid="1")[0] == 403
    assert wallarm("GET", "/v2/clients/1/triggers")[0] == 403
    assert wallarm("POST", "/v2/integration", {**INTEGRATION, "clientid": 1})[0] == 403


@pytest.mark.parametrize("headers", [{}, {"x-wallarmapi-token": ""}, {"x-wallarmapi-token": "wrong"}])
def test_a_missing_or_wrong_token_is_forbidden(wallarm: Caller, headers: dict[str, str]) -> None:
    status, answer = Caller(wallarm.world, "/wallarm", headers)("POST", "/v1/user")
    assert (status, answer["status"]) == (403, 403)


def test_who_am_i(wallarm: Caller) -> None:
    assert wallarm.made("POST", "/v1/user")["body"]["client_id"] == 4711
    tenants = wallarm.made("GET", "/v1/objects/client", **{"filter[id]": "4711", "limit": "10", "offset": "0"})
    assert [tenant["name"] for tenant in tenants["body"]] == ["TestCompany"]
    assert wallarm.made("GET", "/v1/objects/client", **{"filter[name]": "Other"})["body"] == []


def pools(wallarm: Caller, limit: int = 500, offset: int = 0) -> list[Any]:
    body = {"limit": limit, "offset": offset, "filter": {"clientid": [4711]}}
    return wallarm.made("POST", "/v1/objects/pool", body)["body"]


def test_an_application_lives(wallarm: Caller) -> None:
    made = wallarm.made("POST", "/v1/objects/pool/create", {"id": 42, "clientid": 4711, "name": "shop"})["body"]
    assert made == {"id": 42, "clientid": 4711, "name": "shop", "deleted": False}
    again = wallarm("POST", "/v1/objects/pool/create", {"id": 42, "clientid": 4711, "name": "shop"})
    assert again == (400, {"status": 400, "body": "Already exists"})
    picked = wallarm.made("POST", "/v1/objects/pool/create", {"clientid": 4711, "name": "next"})["body"]
    assert picked["id"] == 43
    change = {"filter": {"clientid": [4711], "id": 42}, "fields": {"name": "shop-eu"}}
    wallarm.made("POST", "/v1/objects/pool/update", change)
    assert [pool["name"] for pool in pools(wallarm)] == ["Default application", "shop-eu", "next"]
    assert [pool["id"] for pool in pools(wallarm, limit=1, offset=1)] == [42]
    gone = {"filter": {"id": 42, "clientid": 4711}}
    assert len(wallarm.made("POST", "/v1/objects/pool/delete", gone)["body"]) == 1
    assert wallarm.made("POST", "/v1/objects/pool/delete", gone)["body"] == []
    assert {"id": None, "clientid": 4711, "name": "shop-eu", "deleted": True} in pools(wallarm)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/create", {"id": 0, "clientid": 4711, "name": "x"}),
        ("/create", {"clientid": 4711}),
        ("/update", {"filter": {"clientid": 4711, "id": -1}, "fields": {"name": "x"}}),
        ("/update", {"filter": {"clientid": [4711], "id": -1}, "fields": {"id": 5}}),
        ("/delete", {"filter": {"clientid": [4711], "id": 1}}),
        ("/delete", {"filter": {"clientid": 4711, "id": -1}}),
        ("", {"filter": {"clientid": [4711]}}),
    ],
)
def test_a_wrong_call_for_applications_is_refused(wallarm: Caller, path: str, body: Any) -> None:
    assert wallarm("POST", f"/v1/objects/pool{path}", body)[0] == 400


def test_filters_and_notified_integrations_come_in_the_servers_order(wallarm: Caller) -> None:
    ids = sorted(integration(wallarm)["id"] for _ in range(3))
    filters = [_filtered("target", "server")["filters"][0], _filtered("domain", "b.example.com")["filters"][0]]
    acting = _acting("send_notification", integration_ids=ids[::-1])
    made = wallarm.made("POST", TRIGGERS, trigger_body(filters=filters, **acting))["trigger"]
    assert [part["id"] for part in made["filters"]] == ["domain", "target"]
    assert made["actions"][0]["params"]["integration_ids"] == ids
