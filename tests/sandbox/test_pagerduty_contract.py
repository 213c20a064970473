"""Every path of PagerDuty's sandbox is walked once, and each answer held against the vendor's OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from reconciler.sandbox.pagerduty.vendor import ROUTES
from reconciler.sandbox.world import Sandbox
from tests.sandbox.pagerduty_caller import REST, SPECS, Pagerduty, document, template

pytestmark = pytest.mark.skipif(
    not REST.exists(), reason="the vendor's OpenAPI documents do not lie in ../shared/specs: nothing to hold it against"
)
# The document does not have it, three public clients and the sheet do.
BEYOND = {("DELETE", "/services/{service}/integrations/{id}")}
START = "2026-01-05T09:00:00Z"
LAYER = {
    "name": "weekly",
    "start": START,
    "rotation_virtual_start": START,
    "rotation_turn_length_seconds": 604_800,
    "restrictions": [{"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 28_800}],
}
STATUS_UPDATE = "pagerduty.com:incident-workflows:send-status-update:1"


class Walk:
    """Walks through the families, each after what it needs. `made` posts an object and gives its id."""

    def __init__(self, pagerduty: Pagerduty) -> None:
        self.call = pagerduty
        self.user = pagerduty.user("ann@example.com")
        self.team, self.policy, self.service = "", "", ""

    def made(self, path: str, wrapper: str, body: Any) -> str:
        return str(self.call.made("POST", path, {wrapper: body})[wrapper]["id"])

    def lives(self, path: str, wrapper: str, body: Any, change: Any, includes: str = "", gone: bool = True) -> str:
        """Create, list, read, change, and delete of another of its kind."""
        ident = self.made(path, wrapper, body)
        self.call.made("GET", f"{path}?limit=100{includes}")
        self.call.made("GET", f"{path}/{ident}?limit=100{includes}")
        self.call.made("PUT", f"{path}/{ident}", {wrapper: change})
        if gone:
            self.call.made("DELETE", f"{path}/{self.made(path, wrapper, {**body, **NEXT.get(wrapper, {})})}")
        return ident

    def catalogues(self) -> None:
        for path in ("/abilities", "/abilities/teams", "/vendors", "/priorities", "/extension_schemas"):
            self.call.made("GET", path)
        for plural in ("vendors", "extension_schemas"):
            self.call.made("GET", f"/{plural}/{self.call.made('GET', f'/{plural}')[plural][0]['id']}")

    def people(self) -> None:
        body = {"type": "user", "name": "Eve", "email": "eve@example.com"}
        includes = "&include[]=contact_methods&include[]=notification_rules&include[]=teams"
        eve = self.lives("/users", "user", body, {"name": "Eve E", "type": "user", "email": "e@example.com"}, includes)
        self.call.with_key("user-ann").made("GET", "/users/me")
        method = {"type": "sms_contact_method", "label": "Work", "address": "5551234", "country_code": 1}
        methods = f"/users/{eve}/contact_methods"
        ident = self.lives(methods, "contact_method", method, {"label": "Home"})
        link = {"id": ident, "type": "sms_contact_method"}
        rule = {"type": "assignment_notification_rule", "start_delay_in_minutes": 5, "urgency": "high"}
        self.lives(f"/users/{eve}/notification_rules", "notification_rule", {**rule, "contact_method": link}, rule)

    def teams(self) -> None:
        self.team = self.lives("/teams", "team", {"type": "team", "name": "payments"}, {"description": "money"})
        for user in (self.user, self.call.user("bob@example.com")):
            self.call.made("PUT", f"/teams/{self.team}/users/{user}", {"role": "responder"})
        self.call.made("GET", f"/teams/{self.team}/members?include[]=users")
        self.call.made("DELETE", f"/teams/{self.team}/users/{self.call.user('bob@example.com')}")

    def on_call(self) -> None:
        layer = {**LAYER, "users": [{"user": {"id": self.user, "type": "user_reference"}}]}
        body = {"type": "schedule", "name": "rota", "time_zone": "Asia/Tokyo", "schedule_layers": [layer]}
        self.call.made("POST", "/schedules/preview", {"schedule": body})
        includes = "&include[]=schedule_layers&include[]=final_schedule"
        schedule = self.lives("/schedules", "schedule", body, {"description": "who", "type": "schedule"}, includes)
        self.call.made("GET", f"/schedules/{schedule}?since=2026-01-05T00:00:00Z&until=2026-01-12T00:00:00Z")
        override = {"start": START, "end": "2026-01-06T09:00:00Z", "user": layer["users"][0]["user"]}
        made = self.call.made("POST", f"/schedules/{schedule}/overrides", {"overrides": [override]})
        span = "since=2026-01-05T00:00:00Z&until=2026-01-12T00:00:00Z"
        self.call.made("GET", f"/schedules/{schedule}/overrides?{span}")
        self.call.made("DELETE", f"/schedules/{schedule}/overrides/{made[0]['override']['id']}")
        targets = [{"id": schedule, "type": "schedule_reference"}]
        body = {"type": "escalation_policy", "name": "p", "escalation_rules": [{**RULE, "targets": targets}]}
        includes = "&include[]=services&include[]=teams&include[]=targets"
        includes += "&include[]=escalation_rule_assignment_strategies"
        self.policy = self.lives("/escalation_policies", "escalation_policy", body, {"num_loops": 2}, includes)
        link = f"/teams/{self.team}/escalation_policies/{self.policy}"
        self.call.made("PUT", link)
        self.call.made("DELETE", link)
        self.call.made("PUT", link)

    def services(self) -> None:
        policy = {"id": self.policy, "type": "escalation_policy_reference"}
        body = {"type": "service", "name": "checkout", "escalation_policy": policy, "acknowledgement_timeout": 1800}
        includes = "&include[]=integrations&include[]=teams&include[]=escalation_policies"
        includes += "&include[]=auto_pause_notifications_parameters"
        self.service = self.lives("/services", "service", body, {"description": "sells"}, includes)
        path = f"/services/{self.service}/integrations"
        datadog = {"type": "events_api_v2_inbound_integration", "name": "Datadog"}
        ident = self.made(path, "integration", datadog)
        self.call.made("GET", f"{path}/{ident}?include[]=vendors")
        self.call.made("PUT", f"{path}/{ident}", {"integration": {"name": "DD"}})
        self.call.made("DELETE", f"{path}/{self.made(path, 'integration', datadog)}")
        mail = {"type": "generic_email_inbound_integration", "name": "m", "integration_email": "m@acme.example"}
        self.made(path, "integration", mail)
        grouping = {"type": "time", "config": {"timeout": 300}, "services": [{"id": self.service}]}
        # Only one setting a service: the one that goes comes first.
        first = self.made("/alert_grouping_settings", "alert_grouping_setting", grouping)
        self.call.made("DELETE", f"/alert_grouping_settings/{first}")
        self.lives("/alert_grouping_settings", "alert_grouping_setting", grouping, {"name": "g"}, gone=False)

    def around_services(self) -> None:
        link = {"id": self.service, "type": "service_reference"}
        body: Any = {"name": "Online", "team": {"id": self.team}}
        business = self.lives("/business_services", "business_service", body, {"point_of_contact": "us"})
        ends = {"supporting_service": {"id": self.service, "type": "service"}}
        edges = {"relationships": [{**ends, "dependent_service": {"id": business, "type": "business_service"}}]}
        self.call.made("POST", "/service_dependencies/associate", edges)
        self.call.made("GET", f"/service_dependencies/technical_services/{self.service}")
        self.call.made("GET", f"/service_dependencies/business_services/{business}")
        self.call.made("POST", "/service_dependencies/disassociate", edges)
        body = {"type": "maintenance_window", "start_time": START, "end_time": "2026-01-05T10:00:00Z"}
        body = {**body, "services": [link], "description": "db"}
        includes = "&include[]=teams&include[]=services&include[]=users"
        window = self.lives("/maintenance_windows", "maintenance_window", body, {"description": "x"}, includes)
        self.call.made("DELETE", f"/maintenance_windows/{window}")
        webhook = self.lives("/webhook_subscriptions", "webhook_subscription", WEBHOOK, {"active": False})
        self.call.made("POST", f"/webhook_subscriptions/{webhook}/enable")
        self.call.made("POST", f"/webhook_subscriptions/{webhook}/ping")
        schemas = {part["key"]: part["id"] for part in self.call.made("GET", "/extension_schemas")["extension_schemas"]}
        schema = {"id": schemas["slack"], "type": "extension_schema_reference"}
        body = {"type": "extension", "name": "chat", "extension_objects": [link], "extension_schema": schema}
        extension = self.lives("/extensions", "extension", body, {"name": "c"})
        self.call.made("POST", f"/extensions/{extension}/enable")

    def orchestrations(self) -> None:
        path = "/event_orchestrations"
        ident = self.lives(path, "orchestration", {"name": "all"}, {"description": "every event"})
        own = f"{path}/{ident}/integrations"
        self.lives(own, "integration", {"label": "two"}, {"label": "three"})
        other = self.made(path, "orchestration", {"name": "other"})
        moved = self.call.made("GET", f"{path}/{other}/integrations")["integrations"][0]["id"]
        move = {"source_type": "orchestration", "source_id": other, "integration_id": moved}
        self.call.made("POST", f"{own}/migration", move)
        for place in (f"{ident}/router", f"{ident}/global", f"{ident}/unrouted", f"services/{self.service}"):
            self.call.made("GET", f"{path}/{place}")
            actions = {"route_to": self.service} if place.endswith("router") else {"severity": "info"}
            rule = {"label": "r", "conditions": [{"expression": "event.source exists"}], "actions": actions}
            body = {"sets": [{"id": "start", "rules": [rule]}], "catch_all": {"actions": {}}}
            self.call.made("PUT", f"{path}/{place}", {"orchestration_path": body})
        self.call.made("GET", f"{path}/services/{self.service}/active")
        self.call.made("PUT", f"{path}/services/{self.service}/active", {"active": True})

    def workflows(self) -> None:
        step = {"name": "tell", "action_configuration": {"action_id": STATUS_UPDATE, "inputs": []}}
        body = {"name": "w", "steps": [step], "team": {"id": self.team, "type": "team_reference"}}
        includes = "&include[]=steps&include[]=team"
        workflow = self.lives("/incident_workflows", "incident_workflow", body, {"description": "x"}, includes)
        self.call.made("GET", "/incident_workflows/actions")
        path = "/incident_workflows/triggers"
        trigger = {"trigger_type": "manual", "workflow": {"id": workflow}}
        ident = self.lives(path, "trigger", trigger, {"is_disabled": True})
        self.call.made("POST", f"{path}/{ident}/services", {"service": {"id": self.service}})
        self.call.made("DELETE", f"{path}/{ident}/services/{self.service}")

    def incidents(self) -> None:
        incident = {"type": "incident", "title": "t", "service": {"id": self.service, "type": "service_reference"}}
        details = {"body": {"type": "incident_body", "details": "much"}}
        one, two = (self.made("/incidents", "incident", {**incident, **details}) for _ in range(2))
        includes = ["services", "assignees", "teams", "escalation_policies", "body", "conference_bridge"]
        asked = "&".join(f"include[]={name}" for name in includes)
        self.call.made("GET", f"/incidents?{asked}")
        self.call.made("GET", f"/incidents/{one}?{asked}")
        self.call.made("PUT", f"/incidents/{one}", {"incident": {"type": "incident", "status": "acknowledged"}})
        change = {"id": two, "type": "incident_reference", "status": "acknowledged"}
        self.call.made("PUT", "/incidents", {"incidents": [change]})
        self.call.made("POST", f"/incidents/{one}/snooze", {"duration": 60})
        note = self.call.made("POST", f"/incidents/{one}/notes", {"note": {"content": "seen"}})["note"]["id"]
        self.call.made("GET", f"/incidents/{one}/notes")
        self.call.made("PUT", f"/incidents/{one}/notes/{note}", {"note": {"content": "seen again"}})
        self.call.made("DELETE", f"/incidents/{one}/notes/{note}")
        sources = [{"id": two, "type": "incident_reference"}]
        self.call.made("PUT", f"/incidents/{one}/merge", {"source_incidents": sources})

    def events(self) -> None:
        self.call.made("PUT", f"/event_orchestrations/services/{self.service}/active", {"active": False})
        service = self.call.made("GET", f"/services/{self.service}?include[]=integrations")["service"]
        key = service["integrations"][0]["integration_key"]
        payload = {"summary": "5xx", "source": "lb", "severity": "error"}
        event = {"routing_key": key, "event_action": "trigger", "dedup_key": "a", "payload": payload}
        self.call.made("POST", "/v2/enqueue", event)
        self.call.made("POST", "/v2/change/enqueue", {"routing_key": key, "payload": {"summary": "deployed"}})
        incident = self.call.made("GET", "/incidents", incident_key="a")["incidents"][0]["id"]
        alert = self.call.made("GET", f"/incidents/{incident}/alerts")["alerts"][0]["id"]
        self.call.made("GET", f"/incidents/{incident}/alerts/{alert}")
        changes = self.call.made("GET", f"/services/{self.service}/change_events")["change_events"]
        self.call.made("GET", "/change_events")
        self.call.made("GET", f"/change_events/{changes[0]['id']}")

    def tags(self) -> None:
        tag = self.made("/tags", "tag", {"type": "tag", "label": "tier-1"})
        for plural, ident in (("users", self.user), ("teams", self.team), ("escalation_policies", self.policy)):
            self.call.made("POST", f"/{plural}/{ident}/change_tags", {"add": [{"type": "tag_reference", "id": tag}]})
            self.call.made("GET", f"/{plural}/{ident}/tags")
            self.call.made("GET", f"/tags/{tag}/{plural}")
        self.call.made("GET", "/tags")
        self.call.made("GET", f"/tags/{tag}")
        self.call.made("DELETE", f"/tags/{tag}")

    def audits(self) -> None:
        self.call.made("GET", "/audit/records")
        schedule = self.call.made("GET", "/schedules")["schedules"][0]["id"]
        own = {"users": self.user, "teams": self.team, "schedules": schedule}
        for plural, ident in {**own, "escalation_policies": self.policy, "services": self.service}.items():
            self.call.made("GET", f"/{plural}/{ident}/audit/records")


RULE = {"escalation_delay_in_minutes": 15}
WEBHOOK = {
    "type": "webhook_subscription",
    "events": ["incident.triggered"],
    "filter": {"type": "account_reference"},
    "delivery_method": {"type": "http_delivery_method", "url": "https://hooks.acme.example/pd"},
}
# What the second of a kind must have of its own.
NEXT = {
    "user": {"email": "second@example.com"},
    "contact_method": {"address": "5555678"},
    "service": {"name": "second"},
    "maintenance_window": {"start_time": "2026-01-06T09:00:00Z", "end_time": "2026-01-07T09:00:00Z"},
}


@pytest.fixture
def walked() -> Sandbox:
    """A world through which everything has been walked; an answer against the document fails at once."""
    world = Sandbox()
    walk = Walk(Pagerduty.of(world))
    for family in ("catalogues", "people", "teams", "on_call", "services", "around_services", "orchestrations"):
        getattr(walk, family)()
    for family in ("workflows", "incidents", "events", "tags", "audits"):
        getattr(walk, family)()
    return world


def test_every_path_answers_as_the_document_says(walked: Sandbox) -> None:
    called = set()
    for entry in walked.log:
        segments = tuple(entry["path"].split("/")[2:])
        if segments[0] != "v2":
            route, _ = ROUTES.find(entry["method"], segments)
            called.add((route.method, route.path))
    assert {(route.method, route.path) for route in ROUTES.table} - called == set()


def test_every_path_is_one_of_the_documents() -> None:
    for route in ROUTES.table:
        path = "/".join("X" if part.startswith("{") else part for part in route.path.split("/"))
        assert template(route.method, path) or (route.method, route.path) in BEYOND, (route.method, route.path)


def test_events_answer_as_the_document_says(walked: Sandbox) -> None:
    rules = json.loads((SPECS / "pagerduty-events-v2.json").read_text(encoding="utf-8"))
    success = rules["components"]["responses"]["Success"]["content"]["application/json"]["schema"]
    call = Pagerduty.of(walked)
    services = call.made("GET", "/services?include[]=integrations")["services"]
    key = next(part["integration_key"] for service in services for part in service["integrations"])
    payload = {"summary": "5xx", "source": "lb", "severity": "error"}
    for path, body in (("enqueue", {"event_action": "trigger"}), ("change/enqueue", {})):
        answer = call.answer("POST", f"/v2/{path}", {"routing_key": key, "payload": payload, **body})
        assert answer.status == 202
        assert not list(OAS30Validator(success).iter_errors(answer.json()))


def test_an_answer_against_the_document_is_noticed(walked: Sandbox) -> None:
    """The check itself can fail."""
    assert document() is not None
    call = Pagerduty.of(walked)
    tenant: Any = walked.account("pagerduty")
    service = next(iter(tenant.of("services")))
    tenant.of("services").put({**service, "acknowledgement_timeout": "half an hour"})
    with pytest.raises(AssertionError, match="acknowledgement_timeout"):
        call.made("GET", f"/services/{service['id']}")
