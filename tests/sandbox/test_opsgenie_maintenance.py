"""Opsgenie's maintenance: planned, active and past by the clock, and what each still takes."""

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

SCHEDULE = {"type": "schedule", "startDate": "2026-01-05T10:10:00+01:00", "endDate": "2026-01-05T12:00:00Z"}


@pytest.fixture
def rules(opsgenie: Caller) -> list[dict[str, Any]]:
    integration = opsgenie.made("POST", "/v2/integrations", {"name": "in", "type": "API"})["data"]["id"]
    body = {"type": "alert", "name": "p", "enabled": True, "message": "x"}
    policy = opsgenie.made("POST", "/v2/policies", body)["data"]["id"]
    return [
        {"state": "disabled", "entity": {"id": integration, "type": "integration"}},
        {"state": "enabled", "entity": {"id": policy, "type": "policy"}},
    ]


@pytest.fixture
def body(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"description": "upgrade", "time": SCHEDULE, "rules": rules}


def test_its_status_goes_with_the_clock(opsgenie: Caller, world: Sandbox, body: dict[str, Any]) -> None:
    made = opsgenie.made("POST", "/v1/maintenance", body)["data"]
    assert (made["status"], made["time"]["startDate"]) == ("planned", "2026-01-05T09:10:00Z")
    assert "rules" not in made
    path = f"/v1/maintenance/{made['id']}"
    assert opsgenie.made("GET", path)["data"]["rules"] == body["rules"][::-1]
    world.clock.advance(600)
    assert opsgenie.made("GET", path)["data"]["status"] == "active"
    world.clock.advance(3 * 3600)
    assert opsgenie.made("GET", path)["data"]["status"] == "past"


def test_a_list_holds_metas_by_type(opsgenie: Caller, world: Sandbox, body: dict[str, Any]) -> None:
    first = opsgenie.made("POST", "/v1/maintenance", body)["data"]["id"]
    opsgenie.made("POST", f"/v1/maintenance/{first}/cancel")
    second = opsgenie.made("POST", "/v1/maintenance", {**body, "time": {"type": "indefinitely"}})["data"]["id"]

    def listed(**query: str) -> list[str]:
        return [meta["id"] for meta in opsgenie.made("GET", "/v1/maintenance", **query)["data"]]

    assert listed() == listed(type="all") == [first, second]
    assert (listed(type="past"), listed(type="non-expired")) == ([first], [second])
    assert opsgenie("GET", "/v1/maintenance", type="old")[0] == 422
    assert set(opsgenie.made("GET", "/v1/maintenance")["data"][0]) == {"id", "status", "time", "description"}


def test_each_status_takes_less(opsgenie: Caller, world: Sandbox, body: dict[str, Any]) -> None:
    path = f"/v1/maintenance/{opsgenie.made('POST', '/v1/maintenance', body)['data']['id']}"
    end = {"endDate": "2026-01-05T13:00:00Z"}
    assert (
        opsgenie("PUT", path, {**body, "description": "x"})[0],
        opsgenie("POST", f"{path}/change-end-date", end)[0],
    ) == (
        200,
        422,
    )
    world.clock.advance(600)
    assert (opsgenie("PUT", path, body)[0], opsgenie("POST", f"{path}/change-end-date", end)[0]) == (422, 200)
    read = opsgenie.made("GET", path)["data"]
    assert (read["description"], read["time"]["endDate"]) == ("x", "2026-01-05T13:00:00Z")
    assert opsgenie("POST", f"{path}/change-end-date", {"endDate": "2026-01-05T09:00:00Z"})[0] == 422
    world.clock.advance(5 * 3600)
    assert {opsgenie("PUT", path, body)[0], opsgenie("POST", f"{path}/cancel")[0]} == {422}
    opsgenie.made("DELETE", path)
    assert opsgenie("GET", path)[0] == 404


@pytest.mark.parametrize(("type_", "seconds"), [("for-5-minutes", 300), ("for-30-minutes", 1800), ("for-1-hour", 3600)])
def test_relative_times_begin_at_once(
    opsgenie: Caller, world: Sandbox, body: dict[str, Any], type_: str, seconds: int
) -> None:
    made = opsgenie.made("POST", "/v1/maintenance", {**body, "time": {"type": type_}})["data"]
    assert made["status"] == "active"
    world.clock.advance(seconds)
    assert opsgenie.made("GET", f"/v1/maintenance/{made['id']}")["data"]["status"] == "past"


@pytest.mark.parametrize(
    "time",
    [
        None,
        {"type": "schedule"},
        {"type": "schedule", "startDate": SCHEDULE["startDate"]},
        {**SCHEDULE, "endDate": SCHEDULE["startDate"]},
        {**SCHEDULE, "startDate": "2026-01-05T10:00:00"},
        {**SCHEDULE, "startDate": "soon"},
        {"type": "schedule", "startDate": "2026-01-04T10:00:00Z", "endDate": "2026-01-05T08:00:00Z"},
        {"type": "for-2-hours"},
    ],
)
def test_a_wrong_time_is_refused(opsgenie: Caller, body: dict[str, Any], time: Any) -> None:
    assert opsgenie("POST", "/v1/maintenance", {**body, "time": time})[0] == 422


def test_wrong_rules_are_refused(opsgenie: Caller, body: dict[str, Any]) -> None:
    [integration, policy] = body["rules"]
    absent = {"state": "disabled", "entity": {"id": "absent", "type": "policy"}}
    wrong = [
        ([], 422),
        ([{**integration, "state": "enabled"}], 422),
        ([absent], 404),
        ([{**policy, "state": "on"}], 422),
    ]
    for rules, status in wrong:
        assert opsgenie("POST", "/v1/maintenance", {**body, "rules": rules})[0] == status
