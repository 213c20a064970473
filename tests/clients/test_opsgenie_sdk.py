"""The vendor's own Python client drives the sandbox.

Its typed part knows alerts, heartbeats, incidents and the account. Everything else goes through the same client's
`call_api`: its sign-in, encoding of paths and bodies, reading of envelopes and its exceptions.
"""

from collections.abc import Callable
from typing import Any

import opsgenie_sdk as sdk
import pytest

Sign = Callable[..., Any]


class Configuration:
    """Calls for configuration over the client's own machinery; an answer is its JSON."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __call__(self, method: str, path: str, body: Any = None, params: Any = None, **query: str) -> Any:
        headers = {"Accept": self.client.select_header_accept(["application/json"])}
        headers["Content-Type"] = self.client.select_header_content_type(["application/json"])
        answer = self.client.call_api(
            path,
            method,
            params or {},
            list(query.items()),
            headers,
            body=body,
            response_type="object",
            auth_settings=["GenieKey"],
            _return_http_data_only=True,
        )
        return answer.get("data") if isinstance(answer, dict) else answer


@pytest.fixture
def configure(sign: Sign) -> Configuration:
    return Configuration(sign("account-key"))


@pytest.fixture
def alerts(sign: Sign, configure: Configuration) -> Any:
    made = configure("POST", "/v2/integrations", {"name": "in", "type": "API", "enabled": True})
    return sdk.AlertApi(sign(made["apiKey"]))


STEP = {"condition": "if-not-acked", "notifyType": "default", "delay": {"timeAmount": 5}}
BOB = {"type": "user", "username": "bob@example.com"}


def test_a_team_with_its_schedule_escalation_and_rule_is_set_up(configure: Configuration) -> None:
    team = configure("POST", "/v2/teams", {"name": "pay ments", "members": [{"user": {"username": "ann@example.com"}}]})
    rotation = {"type": "weekly", "startDate": "2026-01-05T09:00:00Z", "participants": [BOB]}
    schedule = {"name": "rota", "ownerTeam": {"id": team["id"]}, "rotations": [rotation]}
    configure("POST", "/v2/schedules", schedule)
    steps = [{**STEP, "recipient": {"type": "schedule", "name": "rota"}}]
    escalation = configure("POST", "/v2/escalations", {"name": "steps", "rules": steps})
    rules = "/v2/teams/{team}/routing-rules"
    by_name = {"teamIdentifierType": "name"}
    (default,) = configure("GET", rules, params={"team": "pay ments"}, **by_name)
    notify = {"notify": {"type": "escalation", "id": escalation["id"]}}
    configure("PATCH", f"{rules}/{default['id']}", notify, params={"team": "pay ments"}, **by_name)
    (default,) = configure("GET", rules, params={"team": "pay ments"}, **by_name)
    assert default["notify"]["name"] == "steps"
    read = configure("GET", "/v2/teams/{team}", params={"team": "pay ments"}, identifierType="name")
    assert read["members"][0]["user"]["username"] == "ann@example.com"
    assert configure("GET", "/v2/schedules", expand="rotation")[1]["rotations"][0]["participants"][0] == {
        "type": "user",
        "id": read_user(configure, "bob@example.com"),
        "username": "bob@example.com",
    }


def read_user(configure: Configuration, username: str) -> str:
    return str(configure("GET", "/v2/users/{user}", params={"user": username})["id"])


def test_users_are_made_paged_and_deleted(configure: Configuration) -> None:
    body = {"username": "eve@example.com", "fullName": "Ева", "role": {"name": "user"}}
    configure("POST", "/v2/users", body)
    assert [user["fullName"] for user in configure("GET", "/v2/users", query="username:eve")] == ["Ева"]
    configure("DELETE", "/v2/users/{user}", params={"user": "eve@example.com"})
    assert len(configure("GET", "/v2/users", limit="100")) == 4


def test_an_integration_is_updated_by_the_vendors_own_recipe(configure: Configuration) -> None:
    ident = configure("POST", "/v2/integrations", {"name": "in", "type": "API"})["id"]
    path = f"/v2/integrations/{ident}"
    configure("POST", f"{path}/enable")
    read = configure("GET", path)
    for key in read.pop("_readOnly"):
        del read[key]
    configure("PUT", path, {**read, "suppressNotifications": True})
    after = configure("GET", path)
    assert (after["enabled"], after["suppressNotifications"]) == (True, True)
    configure("DELETE", path)
    assert configure("GET", "/v2/integrations") == []


def test_a_heartbeat_lives_by_the_typed_client(sign: Sign) -> None:
    heartbeats = sdk.HeartbeatApi(sign("account-key"))
    payload = sdk.CreateHeartbeatPayload(name="backup", interval=10, interval_unit="minutes", enabled=True)
    made = heartbeats.create_heartbeat(payload).data
    assert (made.name, made.interval, made.interval_unit, made.expired) == ("backup", 10, "minutes", False)
    assert heartbeats.ping("backup").result == "PONG - Heartbeat received"
    changed = heartbeats.update_heartbeat("backup", update_heartbeat_payload=sdk.UpdateHeartbeatPayload(interval=3))
    assert (changed.data.name, changed.data.enabled) == ("backup", True)
    assert heartbeats.disable_heartbeat("backup").data.enabled is False
    assert heartbeats.enable_heartbeat("backup").data.enabled is True
    [listed] = heartbeats.list_heart_beats().data.heartbeats
    assert (listed.interval, listed.last_ping_time is not None) == (3, True)
    assert heartbeats.get_heartbeat("backup").data.interval == 3
    heartbeats.delete_heartbeat("backup")
    assert heartbeats.list_heart_beats().data.heartbeats == []


def test_policies_are_set_up_for_a_team_and_for_all(configure: Configuration) -> None:
    team = configure("POST", "/v2/teams", {"name": "payments"})["id"]
    late = {"type": "notification", "name": "late", "enabled": True, "suppress": True}
    policy = configure("POST", "/v2/policies", late, teamId=team)["id"]
    configure("POST", f"/v2/policies/{policy}/change-order", {"targetIndex": 0}, teamId=team)
    configure("PUT", f"/v2/policies/{policy}", {**late, "name": "later"}, teamId=team)
    assert [one["name"] for one in configure("GET", "/v2/policies/notification", teamId=team)] == ["later"]
    for_all = {"type": "alert", "name": "all", "enabled": True, "message": "{{message}}"}
    configure("POST", "/v2/policies", for_all)
    assert [one["name"] for one in configure("GET", "/v2/policies/alert")] == ["all"]
    configure("DELETE", f"/v2/policies/{policy}", teamId=team)


def test_a_maintenance_is_planned_and_cancelled(configure: Configuration) -> None:
    integration = configure("POST", "/v2/integrations", {"name": "in", "type": "API"})["id"]
    rules = [{"state": "disabled", "entity": {"id": integration, "type": "integration"}}]
    time = {"type": "schedule", "startDate": "2026-02-01T10:00:00Z", "endDate": "2026-02-01T12:00:00Z"}
    ident = configure("POST", "/v1/maintenance", {"description": "upgrade", "time": time, "rules": rules})["id"]
    assert [one["status"] for one in configure("GET", "/v1/maintenance", type="non-expired")] == ["planned"]
    assert configure("GET", f"/v1/maintenance/{ident}")["rules"] == rules
    configure("POST", f"/v1/maintenance/{ident}/cancel")
    assert configure("GET", f"/v1/maintenance/{ident}")["status"] == "cancelled"


@pytest.mark.parametrize(
    ("method", "path", "body", "error", "status"),
    [
        ("POST", "/v2/teams", {"nmae": "x"}, "ApiException", 422),
        ("GET", "/v2/teams/absent", None, "ApiException", 404),
        ("POST", "/v2/integrations/authenticate", {"type": "API"}, "ApiException", 401),
    ],
)
def test_refusals_become_the_clients_exceptions(
    configure: Configuration, method: str, path: str, body: Any, error: str, status: int
) -> None:
    with pytest.raises(sdk.OpenApiException) as caught:
        configure(method, path, body)
    assert caught.value.status == status


def test_an_alert_lives_by_the_typed_client(alerts: Any) -> None:
    payload = sdk.CreateAlertPayload(
        message="db is down",
        alias="db/1",
        description="длинная история",
        responders=[BOB],
        tags=["t"],
        details={"host": "a"},
        priority="P2",
        source="test",
    )
    created = alerts.create_alert(payload)
    assert created.result == "Request will be processed"
    alert = alerts.get_alert("db/1", identifier_type="alias").data
    assert (alert.message, alert.priority, alert.status, alert.tags) == ("db is down", "P2", "open", ["t"])
    assert alert.details == {"host": "a"}
    alerts.acknowledge_alert("db/1", identifier_type="alias", acknowledge_alert_payload=sdk.AcknowledgeAlertPayload())
    note = sdk.AddNoteToAlertPayload(note="on it", user="ann@example.com")
    alerts.add_note("db/1", note, identifier_type="alias")
    alerts.add_tags("db/1", sdk.AddTagsToAlertPayload(tags=["u"]), identifier_type="alias")
    alerts.add_details("db/1", sdk.AddDetailsToAlertPayload(details={"rack": "7"}), identifier_type="alias")
    alerts.update_alert_priority("db/1", sdk.UpdateAlertPriorityPayload(priority="P1"), identifier_type="alias")
    after = alerts.get_alert(alert.id).data
    assert (after.acknowledged, after.priority, after.tags) == (True, "P1", ["t", "u"])
    assert after.details == {"host": "a", "rack": "7"}
    alerts.close_alert(alert.id, close_alert_payload=sdk.CloseAlertPayload())
    assert [part.status for part in alerts.list_alerts(query="status: closed").data] == ["closed"]
    assert alerts.count_alerts().data.count == 1
    alerts.delete_alert(alert.id)
    assert alerts.list_alerts().data == []


def test_the_status_of_a_request_can_be_asked(alerts: Any) -> None:
    request = alerts.create_alert(sdk.CreateAlertPayload(message="x")).request_id
    with pytest.raises(sdk.OpenApiException) as waiting:
        alerts.get_request_status(request)
    assert waiting.value.status == 404
    assert alerts.get_request_status(request).data.is_success


def test_the_account_key_may_not_write_alerts(sign: Sign, configure: Configuration) -> None:
    configure("GET", "/v2/teams")
    with pytest.raises(sdk.OpenApiException) as caught:
        sdk.AlertApi(sign("account-key")).create_alert(sdk.CreateAlertPayload(message="x"))
    assert caught.value.status == 403
    assert "40301" in caught.value.body


def test_the_client_waits_out_a_rate_limit(sign: Sign, world: Any) -> None:
    world.faults.order({"fault": "status", "status": 429, "body": {"message": "slow down"}, "count": 2})
    assert Configuration(sign("account-key", retries=True))("GET", "/v2/teams") == []
    assert [entry["status"] for entry in world.log] == [429, 429, 200]
