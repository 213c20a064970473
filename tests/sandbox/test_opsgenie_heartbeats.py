"""Opsgenie's heartbeats: their name is their identity, and every ping is answered the same."""

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

BODY = {"name": "backup", "interval": 10, "intervalUnit": "minutes", "enabled": True}
ONE = "/v2/heartbeats/backup"


@pytest.fixture
def heartbeat(opsgenie: Caller) -> Any:
    return opsgenie.made("POST", "/v2/heartbeats", BODY)["data"]


def test_a_new_one_comes_back_whole_with_the_vendors_defaults(opsgenie: Caller, heartbeat: Any) -> None:
    defaults = {"description": "", "alertMessage": "backup is expired", "alertTags": [], "alertPriority": "P3"}
    assert heartbeat == {**BODY, **defaults, "expired": False}
    assert opsgenie.made("GET", ONE)["data"] == heartbeat
    assert opsgenie.made("GET", "/v2/heartbeats")["data"] == {"heartbeats": [heartbeat]}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "a b"}, 422),
        ({"name": "x" * 201}, 422),
        ({"interval": 0}, 422),
        ({"interval": "10"}, 422),
        ({"intervalUnit": "seconds"}, 422),
        ({"enabled": None}, 422),
        ({"description": "x" * 10_001}, 422),
        ({"alertMessage": "x" * 131}, 422),
        ({"alertTags": ["x" * 51]}, 422),
        ({"alertTags": [str(number) for number in range(21)]}, 422),
        ({"alertPriority": "P6"}, 422),
        ({"expired": False}, 422),
        ({"ownerTeam": {"name": "absent"}}, 422),
        ({"name": "backup"}, 409),
    ],
)
def test_a_wrong_heartbeat_is_refused(opsgenie: Caller, heartbeat: Any, change: dict[str, Any], status: int) -> None:
    assert opsgenie("POST", "/v2/heartbeats", {**BODY, "name": "other", **change})[0] == status


def test_a_patch_changes_what_it_names_and_never_the_name(opsgenie: Caller, heartbeat: Any) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "payments"})
    brief = opsgenie.made("PATCH", ONE, {"interval": 3, "ownerTeam": {"name": "payments"}})["data"]
    assert brief == {"name": "backup", "enabled": True, "expired": False}
    read = opsgenie.made("GET", ONE)["data"]
    assert (read["interval"], read["intervalUnit"], read["ownerTeam"]["name"]) == (3, "minutes", "payments")
    assert opsgenie("PATCH", ONE, {"name": "other"})[0] == 422


def test_switching_and_deleting(opsgenie: Caller, heartbeat: Any) -> None:
    assert opsgenie.made("POST", f"{ONE}/disable")["data"]["enabled"] is False
    assert opsgenie.made("POST", f"{ONE}/enable")["data"]["enabled"] is True
    opsgenie.made("DELETE", ONE)
    assert opsgenie("GET", ONE)[0] == opsgenie("DELETE", ONE)[0] == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
def test_a_ping_is_answered_whether_there_is_such_a_heartbeat_or_not(
    opsgenie: Caller, heartbeat: Any, method: str
) -> None:
    for name in ("backup", "absent"):
        status, answer = opsgenie(method, f"/v2/heartbeats/{name}/ping")
        assert (status, answer["result"]) == (202, "PONG - Heartbeat received")


def test_one_that_reported_and_stopped_is_expired(opsgenie: Caller, heartbeat: Any, world: Sandbox) -> None:
    world.clock.advance(3600)
    assert opsgenie.made("GET", ONE)["data"]["expired"] is False
    opsgenie.made("POST", f"{ONE}/ping")
    world.clock.advance(600)
    assert opsgenie.made("GET", ONE)["data"]["expired"] is False
    world.clock.advance(1)
    assert opsgenie.made("GET", ONE)["data"]["expired"] is True
    opsgenie.made("POST", f"{ONE}/ping")
    assert opsgenie.made("GET", ONE)["data"]["expired"] is False


def test_a_key_of_an_integration_pings_and_configures_nothing(opsgenie: Caller, heartbeat: Any) -> None:
    key = opsgenie.made("POST", "/v2/integrations", {"name": "in", "type": "API", "enabled": True})["data"]["apiKey"]
    assert opsgenie.signed(key)("POST", f"{ONE}/ping")[0] == 202
    assert opsgenie.signed(key)("GET", ONE)[0] == 403


def test_a_team_takes_its_heartbeats_along(opsgenie: Caller) -> None:
    opsgenie.made("POST", "/v2/teams", {"name": "payments"})
    opsgenie.made("POST", "/v2/heartbeats", {**BODY, "ownerTeam": {"name": "payments"}})
    opsgenie.made("DELETE", "/v2/teams/payments", identifierType="name")
    assert opsgenie("GET", ONE)[0] == 404
