"""PagerDuty's event orchestrations and their rules, webhooks, incident workflows and what starts them."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.pagerduty.routing import holds
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def service(pagerduty: Pagerduty) -> str:
    return pagerduty.service()


@pytest.fixture
def orchestration(pagerduty: Pagerduty) -> str:
    made = pagerduty.made("POST", "/event_orchestrations", {"orchestration": {"name": "all"}})
    return str(made["orchestration"]["id"])


def path_body(*rules: Any, catch_all: Any = None, **sets: Any) -> Any:
    named = [{"id": name, "rules": inner} for name, inner in sets.items()]
    body = {"sets": [{"id": "start", "rules": list(rules)}, *named], "catch_all": {"actions": catch_all or {}}}
    return {"orchestration_path": body}


def rule(condition: str | None = None, **actions: Any) -> Any:
    conditions = {"conditions": [{"expression": condition}]} if condition else {}
    return {**conditions, "actions": actions}


def test_a_new_orchestration_owns_an_integration(pagerduty: Pagerduty, orchestration: str) -> None:
    read = pagerduty.made("GET", f"/event_orchestrations/{orchestration}")["orchestration"]
    assert len(orchestration) == 36
    (integration,) = read["integrations"]
    assert integration["parameters"]["routing_key"].startswith("R0")
    assert len(integration["parameters"]["routing_key"]) == 32
    (listed,) = pagerduty.made("GET", "/event_orchestrations")["orchestrations"]
    assert "integrations" not in listed
    assert (listed["routes"], listed["team"]) == (0, None)


def test_a_team_is_given_and_taken(pagerduty: Pagerduty, orchestration: str) -> None:
    team = pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})["team"]["id"]
    path = f"/event_orchestrations/{orchestration}"
    held = pagerduty.made("PUT", path, {"orchestration": {"team": {"id": team}}})["orchestration"]
    assert held["team"]["id"] == team
    assert pagerduty.made("PUT", path, {"orchestration": {"description": "x"}})["orchestration"]["team"]["id"] == team
    assert pagerduty.made("PUT", path, {"orchestration": {"team": {"id": None}}})["orchestration"]["team"] is None


def test_an_integration_moves_with_its_key(pagerduty: Pagerduty, orchestration: str) -> None:
    own = f"/event_orchestrations/{orchestration}/integrations"
    made = pagerduty.made("POST", own, {"integration": {"label": "two"}})["integration"]
    other = pagerduty.made("POST", "/event_orchestrations", {"orchestration": {"name": "b"}})["orchestration"]["id"]
    move = {"source_type": "orchestration", "source_id": orchestration, "integration_id": made["id"]}
    moved = pagerduty.made("POST", f"/event_orchestrations/{other}/integrations/migration", move)
    assert made in moved["integrations"]
    assert moved["total"] == 2
    assert pagerduty("GET", f"{own}/{made['id']}")[0] == 404


def test_every_path_is_there_from_the_start(pagerduty: Pagerduty, orchestration: str, service: str) -> None:
    for kind, catch_all in (("router", {"route_to": "unrouted"}), ("global", {}), ("unrouted", {})):
        path = pagerduty.made("GET", f"/event_orchestrations/{orchestration}/{kind}")["orchestration_path"]
        assert path["type"] == kind
        assert path["sets"] == [{"id": "start", "rules": []}]
        assert path["catch_all"] == {"actions": catch_all}
        assert path["parent"]["id"] == orchestration
    own = pagerduty.made("GET", f"/event_orchestrations/services/{service}")["orchestration_path"]
    assert (own["type"], own["parent"]["type"]) == ("service", "service_reference")


def test_rules_get_new_ids_with_every_write(pagerduty: Pagerduty, orchestration: str, service: str) -> None:
    path = f"/event_orchestrations/{orchestration}/router"
    first = pagerduty.made("PUT", path, path_body(rule("event.source exists", route_to=service)))
    second = pagerduty.made("PUT", path, first)
    rules = [answer["orchestration_path"]["sets"][0]["rules"][0] for answer in (first, second)]
    assert rules[0]["id"] != rules[1]["id"]
    assert {**rules[0], "id": ""} == {**rules[1], "id": ""}
    assert first["warnings"] == []
    assert pagerduty.made("GET", "/event_orchestrations")["orchestrations"][0]["routes"] == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("router", {}),
        ("router", {"orchestration_path": {"sets": []}}),
        ("router", {"orchestration_path": {"sets": [{"id": "other", "rules": []}]}}),
        ("router", path_body(more=[])),
        ("router", path_body(rule(route_to="PNONE"))),
        ("router", path_body(rule(route_to="unrouted"))),
        ("router", path_body(catch_all={"route_to": "PNONE"})),
        ("router", path_body(rule("event.source exists", dynamic_route_to={}))),
        ("global", path_body(rule(route_to="nowhere"))),
        ("global", path_body(rule(severity="dire"))),
        ("global", path_body(rule(event_action="acknowledge"))),
        ("global", path_body(rule(priority="PNONE"))),
        ("global", path_body(rule(suspend="1h"))),
        ("global", path_body(rule(extractions=[{"target": "event.summary"}]))),
        ("global", path_body(rule(variables=[{"name": "n", "path": "p", "type": "json", "value": "v"}]))),
        ("global", path_body(rule(automation_actions=[{"name": "n", "url": "u", "trigger_types": ["now"]}]))),
        ("unrouted", path_body({"conditions": [{"expression": ""}]})),
    ],
)
def test_a_wrong_path_is_refused(pagerduty: Pagerduty, orchestration: str, kind: str, body: Any) -> None:
    assert pagerduty("PUT", f"/event_orchestrations/{orchestration}/{kind}", body)[0] == 400


def test_a_dynamic_route_is_the_first_rule_without_conditions(
    pagerduty: Pagerduty, orchestration: str, service: str
) -> None:
    path = f"/event_orchestrations/{orchestration}/router"
    dynamic = {"source": "event.component", "regex": "(.*)", "lookup_by": "service_name"}
    plain = rule("event.source exists", route_to=service)
    assert pagerduty("PUT", path, path_body(rule(dynamic_route_to=dynamic), plain))[0] == 200
    assert pagerduty("PUT", path, path_body(plain, rule(dynamic_route_to=dynamic)))[0] == 400
    assert pagerduty("PUT", path, path_body(rule("event.source exists", dynamic_route_to=dynamic)))[0] == 400


def test_sets_are_reached_by_their_names(pagerduty: Pagerduty, service: str) -> None:
    body = path_body(rule(route_to="deep"), deep=[rule(suppress=True)])
    answer = pagerduty.made("PUT", f"/event_orchestrations/services/{service}", body)
    assert [part["id"] for part in answer["orchestration_path"]["sets"]] == ["start", "deep"]


def test_what_the_plan_lacks_is_stored_with_a_warning(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    control.made("POST", "/__settings", {"pagerduty": {"plan": "basic"}})
    path = f"/event_orchestrations/services/{service}"
    answer = pagerduty.made("PUT", path, path_body(rule(suspend=60, severity="info")))
    (warning,) = answer["warnings"]
    stored = pagerduty.made("GET", path)["orchestration_path"]["sets"][0]["rules"][0]
    assert (warning["feature"], warning["warning_type"]) == ("suspend", "forbidden_feature")
    assert warning["rule_id"] == stored["id"]
    assert stored["actions"] == {"suspend": 60, "severity": "info"}


def test_a_services_rules_are_switched_on_by_hand(pagerduty: Pagerduty, service: str) -> None:
    path = f"/event_orchestrations/services/{service}/active"
    assert pagerduty.made("GET", path) == {"active": False}
    assert pagerduty.made("PUT", path, {"active": True}) == {"active": True}
    assert pagerduty.made("GET", path) == {"active": True}
    assert pagerduty("PUT", path, {"active": "yes"})[0] == 400


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("event.source matches part 'lb'", True),
        ("event.source matches 'lb'", False),
        ("event.source matches 'lb-1'", True),
        ("event.source matches regex '^lb-[0-9]$'", True),
        ("event.source matches regex '('", False),
        ("event.component exists", False),
        ("not event.component exists", True),
        ("event.custom_details.env matches 'prod'", True),
        ("event.source matches 'x' or event.severity matches 'error'", True),
        ("event.source exists and event.component exists or event.severity matches 'error'", True),
        ("event.source exists and event.severity matches 'info'", False),
        ("now in Mon 09:00:00 to 17:00:00 UTC", False),
    ],
)
def test_conditions_are_read(condition: str, truth: bool) -> None:
    event = {"source": "lb-1", "severity": "error", "custom_details": {"env": "prod"}}
    assert holds(condition, event) is truth


WEBHOOK = {
    "type": "webhook_subscription",
    "events": ["incident.triggered", "incident.resolved"],
    "filter": {"type": "account_reference"},
    "delivery_method": {
        "type": "http_delivery_method",
        "url": "https://hooks.acme.example/pd",
        "custom_headers": [{"name": "X-Env", "value": "hush"}],
    },
}


def hooked(pagerduty: Pagerduty, **fields: Any) -> tuple[int, Any]:
    return pagerduty("POST", "/webhook_subscriptions", {"webhook_subscription": {**WEBHOOK, **fields}})


def test_the_secret_is_shown_once_and_header_values_never(pagerduty: Pagerduty) -> None:
    status, answer = hooked(pagerduty)
    made = answer["webhook_subscription"]
    assert status == 200
    assert len(made["delivery_method"]["secret"]) == 64
    path = f"/webhook_subscriptions/{made['id']}"
    for read in (
        pagerduty.made("GET", path)["webhook_subscription"],
        pagerduty.made("PUT", path, {"webhook_subscription": {"active": False}})["webhook_subscription"],
        *pagerduty.made("GET", "/webhook_subscriptions")["webhook_subscriptions"],
    ):
        assert read["delivery_method"]["secret"] is None
        assert read["delivery_method"]["custom_headers"] == [{"name": "X-Env", "value": "-- redacted --"}]


def test_how_a_webhook_delivers_stays_as_it_was_made(pagerduty: Pagerduty) -> None:
    path = f"/webhook_subscriptions/{hooked(pagerduty)[1]['webhook_subscription']['id']}"
    method = {"type": "http_delivery_method", "url": "https://elsewhere.example"}
    body = {"webhook_subscription": {"delivery_method": method, "events": ["service.created"]}}
    changed = pagerduty.made("PUT", path, body)["webhook_subscription"]
    assert changed["events"] == ["service.created"]
    assert changed["delivery_method"]["url"] == "https://hooks.acme.example/pd"


@pytest.mark.parametrize(
    "fields",
    [
        {"events": []},
        {"events": ["incident.forgotten"]},
        {"events": ["service.created", "service.created"]},
        {"filter": {"type": "service_reference"}},
        {"filter": {"type": "service_reference", "id": "PNONE"}},
        {"filter": {"type": "user_reference", "id": "P"}},
        {"delivery_method": {"type": "http_delivery_method"}},
        {"delivery_method": {"type": "mail", "url": "https://x"}},
        {"type": None},
    ],
)
def test_a_wrong_webhook_is_refused(pagerduty: Pagerduty, fields: Any) -> None:
    assert hooked(pagerduty, **fields)[0] == 400


def test_webhooks_are_filtered_by_what_they_watch(pagerduty: Pagerduty, service: str) -> None:
    hooked(pagerduty)
    own = hooked(pagerduty, filter={"type": "service_reference", "id": service})[1]["webhook_subscription"]["id"]
    asked = {"filter_type": "service", "filter_id": service}
    found = pagerduty.made("GET", "/webhook_subscriptions", **asked)["webhook_subscriptions"]
    assert [part["id"] for part in found] == [own]


STATUS_UPDATE = "pagerduty.com:incident-workflows:send-status-update:1"


@pytest.fixture
def workflow(pagerduty: Pagerduty) -> Any:
    message = [{"name": "Message", "value": "We look into it"}]
    step = {"name": "tell", "action_configuration": {"action_id": STATUS_UPDATE, "inputs": message}}
    body = {"incident_workflow": {"name": "major", "steps": [step]}}
    return pagerduty.made("POST", "/incident_workflows", body)["incident_workflow"]


def test_a_step_has_the_inputs_nobody_sent(pagerduty: Pagerduty, workflow: Any) -> None:
    inputs = workflow["steps"][0]["action_configuration"]["inputs"]
    assert {part["name"]: part["value"] for part in inputs} == {"Message": "We look into it", "Format": "text"}
    assert workflow["is_enabled"] is True
    (bare,) = pagerduty.made("GET", "/incident_workflows")["incident_workflows"]
    assert "steps" not in bare
    (full,) = pagerduty.made("GET", "/incident_workflows?include[]=steps")["incident_workflows"]
    assert full["steps"] == workflow["steps"]


def started(pagerduty: Pagerduty, workflow: Any, /, **fields: Any) -> tuple[int, Any]:
    body = {"trigger_type": "conditional", "workflow": {"id": workflow["id"]}, "condition": "incident.priority exists"}
    return pagerduty("POST", "/incident_workflows/triggers", {"trigger": {**body, **fields}})


def test_a_trigger_names_its_workflow(pagerduty: Pagerduty, workflow: Any, service: str) -> None:
    trigger = started(pagerduty, workflow, services=[{"id": service}])[1]["trigger"]
    assert (trigger["workflow_name"], trigger["trigger_type_name"]) == ("major", "Conditional")
    path = f"/incident_workflows/triggers/{trigger['id']}"
    assert pagerduty("PUT", path, {"trigger": {"trigger_type": "manual"}})[0] == 400
    assert pagerduty("PUT", path, {"trigger": {"workflow": {"id": "POTHER"}}})[0] == 400
    changed = pagerduty.made("PUT", path, {"trigger": {"condition": "incident.urgency exists"}})["trigger"]
    assert [part["id"] for part in changed["services"]] == [service]
    found = pagerduty.made("GET", "/incident_workflows/triggers", workflow_id=workflow["id"])["triggers"]
    assert found == [changed]
    assert pagerduty("DELETE", f"/incident_workflows/{workflow['id']}")[0] == 200
    assert pagerduty("GET", path)[0] == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"trigger_type": "manual"},
        {"condition": None},
        {"trigger_type": "whenever"},
        {"workflow": {"id": "PNONE"}},
        {"services": [{"id": "PNONE"}]},
        {"permissions": {"restricted": True}},
        {"incident_types": ["x"]},
    ],
)
def test_a_wrong_trigger_is_refused(pagerduty: Pagerduty, workflow: Any, fields: Any) -> None:
    assert started(pagerduty, workflow, **fields)[0] == 400


def test_all_services_and_some_exclude_each_other(pagerduty: Pagerduty, workflow: Any, service: str) -> None:
    fields = {"services": [{"id": service}], "is_subscribed_to_all_services": True}
    assert started(pagerduty, workflow, **fields)[0] == 400
    every = started(pagerduty, workflow, is_subscribed_to_all_services=True)[1]["trigger"]["id"]
    added = {"service": {"id": service}}
    assert pagerduty("POST", f"/incident_workflows/triggers/{every}/services", added)[0] == 400


def test_workflows_need_a_plan_that_has_them(control: Caller, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__settings", {"pagerduty": {"plan": "basic"}})
    status, answer = pagerduty("POST", "/incident_workflows", {"incident_workflow": {"name": "major"}})
    assert (status, answer["error"]["code"]) == (402, 2014)
