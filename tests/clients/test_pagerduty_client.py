"""PagerDuty's own Python client drives the sandbox behind a socket.

The client refuses a base URL that is not https: its transport takes the calls to the sandbox over plain HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pagerduty
import pytest

from reconciler.sandbox.server import Serving
from reconciler.sandbox.world import Sandbox

BASE = "https://sandbox.invalid/pagerduty"


class Plain(httpx2.HTTPTransport):
    """Takes a call meant for https to a port of this machine, saying that it came by https."""

    def __init__(self, serving: Serving) -> None:
        super().__init__()
        self.serving = serving

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(scheme="http", host=self.serving.host, port=self.serving.port)
        request.headers["x-forwarded-proto"] = "https"
        return super().handle_request(request)


@pytest.fixture
def sign(serving: Serving) -> Iterator[Callable[..., Any]]:
    """Makes a client of the REST API with a key."""
    clients = []

    def signed(key: str = "account-key") -> Any:
        client = pagerduty.RestApiV2Client(key, base_url=BASE, transport=Plain(serving))
        client.headers["From"] = "ann@example.com"
        clients.append(client)
        return client

    yield signed
    for client in clients:
        client.close()


@pytest.fixture
def rest(sign: Callable[..., Any]) -> Any:
    return sign()


def events(serving: Serving, key: str) -> Any:
    return pagerduty.EventsApiV2Client(key, base_url=BASE, transport=Plain(serving))


@pytest.fixture
def service(rest: Any) -> Any:
    ann = rest.find("users", "ann@example.com", attribute="email")
    rule = {"escalation_delay_in_minutes": 15, "targets": [{"id": ann["id"], "type": "user_reference"}]}
    body = {"type": "escalation_policy", "name": "payments", "escalation_rules": [rule]}
    policy = rest.persist("escalation_policies", "name", body)
    link = {"id": policy["id"], "type": "escalation_policy_reference"}
    return rest.persist("services", "name", {"type": "service", "name": "checkout", "escalation_policy": link})


def test_the_client_knows_whose_key_it_has(rest: Any, sign: Callable[..., Any]) -> None:
    assert rest.api_key_access == "account"
    assert sign("user-bob").api_key_access == "user"
    assert rest.subdomain == "acme"
    assert rest.account_has_ability("priorities")


def test_a_wrong_key_is_said_to_be_wrong_or_of_the_other_region(sign: Callable[..., Any]) -> None:
    with pytest.raises(pagerduty.HttpError, match="service region"):
        sign("eu-key").rget("/users")


def test_a_list_is_walked_page_by_page(rest: Any) -> None:
    for number in range(60):
        rest.rpost("/teams", json={"name": f"team-{number:02}"})
    assert len(rest.list_all("teams")) == 60
    assert [team["name"] for team in rest.iter_all("teams", params={"limit": 7})][-1] == "team-59"


def test_cursors_and_tokens_are_followed(rest: Any, service: Any) -> None:
    grouping = {"type": "time", "config": {"timeout": 120}, "services": [{"id": service["id"]}]}
    rest.rpost("/alert_grouping_settings", json=grouping)
    assert len(list(rest.iter_alert_grouping_settings())) == 1
    assert len(list(rest.iter_cursor("/audit/records", params={"limit": 1}))) == 2


def test_what_is_persisted_is_made_once_and_then_changed(rest: Any, service: Any) -> None:
    body = {"type": "service", "name": "checkout", "description": "sells"}
    again = rest.persist("services", "name", body, update=True)
    assert (again["id"], again["description"]) == (service["id"], "sells")
    assert len(rest.list_all("services")) == 1


def test_objects_are_followed_by_their_own_address(rest: Any, service: Any) -> None:
    assert rest.rget(service["self"])["id"] == service["id"]
    assert rest.rget(service["escalation_policy"]["self"])["name"] == "payments"
    rest.rdelete(service)
    assert rest.get(f"/services/{service['id']}").status_code == 404


def test_a_refusal_is_the_clients_error(rest: Any, service: Any) -> None:
    with pytest.raises(pagerduty.HttpError) as refused:
        rest.rpost("/services", json={"name": "Checkout", "escalation_policy": service["escalation_policy"]})
    assert refused.value.response.status_code == 400
    assert "already been taken" in refused.value.response.text


def test_an_alert_is_raised_and_resolved(rest: Any, service: Any, serving: Serving, world: Sandbox) -> None:
    made = rest.rpost(
        f"/services/{service['id']}/integrations",
        json={"type": "events_api_v2_inbound_integration", "name": "Events"},
    )
    with events(serving, made["integration_key"]) as sender:
        key = sender.trigger("5xx ratio above 2%", "lb-1", severity="error", custom_details={"ratio": 0.03})
        (incident,) = rest.list_all("incidents", params={"incident_key": key})
        assert (incident["status"], incident["title"]) == ("triggered", "5xx ratio above 2%")
        sender.acknowledge(key)
        assert rest.rget(incident)["status"] == "acknowledged"
        assert rest.rput(incident, json={"type": "incident", "status": "resolved"})["status"] == "resolved"
        again = sender.trigger("5xx ratio above 2%", "lb-1", dedup_key=key)
        sender.resolve(again)
        sender.submit("deployed", source="ci", timestamp="2026-01-05T09:00:00Z")
    assert [part["status"] for part in rest.list_all("incidents")] == ["resolved", "resolved"]
    (change,) = rest.list_all(f"/services/{service['id']}/change_events")
    assert change["summary"] == "deployed"


def test_a_wrong_routing_key_is_refused(serving: Serving) -> None:
    with events(serving, "a" * 32) as sender, pytest.raises(pagerduty.HttpError, match="400"):
        sender.trigger("x", "y")


def test_members_rules_and_notes_go_through_the_client(rest: Any, service: Any) -> None:
    team = rest.rpost("/teams", json={"name": "payments"})
    ann = rest.find("users", "ann@example.com", attribute="email")
    assert rest.put(f"/teams/{team['id']}/users/{ann['id']}", json={"role": "manager"}).status_code == 204
    assert [member["role"] for member in rest.list_all(f"/teams/{team['id']}/members")] == ["manager"]
    orchestration = rest.post("/event_orchestrations", json={"orchestration": {"name": "all"}}).json()["orchestration"]
    sets = [{"id": "start", "rules": [{"actions": {"route_to": service["id"]}}]}]
    path = f"/event_orchestrations/{orchestration['id']}/router"
    written = rest.rput(path, json={"sets": sets, "catch_all": {"actions": {"route_to": "unrouted"}}})
    assert rest.rget(path) == written
    body = {"type": "incident", "title": "t", "service": {"id": service["id"], "type": "service_reference"}}
    incident = rest.rpost("/incidents", json=body)
    rest.rpost(f"/incidents/{incident['id']}/notes", json={"content": "seen"})
    assert [note["content"] for note in rest.rget(f"/incidents/{incident['id']}/notes")] == ["seen"]
