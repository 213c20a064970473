"""The sandbox as a whole: twins, dumps, the store, determinism, the log, the clock."""

import copy
import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox

SIGNED = {
    "authorization": "GenieKey account-key",
    "x-wallarmapi-token": "token",
    "dd-api-key": "api-key",
    "dd-application-key": "application-key",
}
API = "https://api.opsgenie.com/v2/alerts"


def send(world: Sandbox, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    path, _, query = path.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    answer = world.handle(Request(method, path, tuple(parse_qsl(query)), SIGNED, content))
    return answer.status, answer.json()


ROTATION = {"type": "weekly", "startDate": "2026-01-05T09:00:00Z", "participants": [{"type": "none"}]}
STEP = {"condition": "if-not-acked", "notifyType": "default", "delay": {"timeAmount": 5}}
TO_ANN = {"recipient": {"type": "user", "username": "ann@example.com"}}
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/opsgenie/v2/teams", {"name": "one"}),
    ("POST", "/__edit", {"vendor": "opsgenie", "path": "teams/one", "json": {"description": "by hand"}}),
    ("POST", "/__edit", {"vendor": "opsgenie", "path": "teams/one", "json": None}),
    ("POST", "/opsgenie/v2/schedules", {"name": "rota", "rotations": [ROTATION]}),
    ("POST", "/__edit", {"vendor": "opsgenie", "path": "schedules/rota", "json": {"timezone": "Etc/GMT+1"}}),
    ("POST", "/opsgenie/v2/escalations", {"name": "steps", "rules": [{**STEP, **TO_ANN}]}),
    ("POST", "/opsgenie/v2/integrations", {"name": "in", "type": "API", "ownerTeam": {"name": "one"}}),
    ("POST", "/opsgenie/v2/teams/one/members?teamIdentifierType=name", {"user": {"username": "bob@example.com"}}),
    ("POST", "/wallarm/v2/integration", {"name": "w", "type": "opsgenie", "target": {"token": "t", "api": API}}),
    ("POST", "/__edit", {"vendor": "wallarm", "path": "integrations/w", "json": {"active": True}}),
    ("POST", "/wallarm/v1/objects/pool/create", {"clientid": 4711, "name": "shop"}),
    ("POST", "/datadog/api/v1/integration/webhooks/configuration/webhooks", {"name": "a", "url": "https://a.example"}),
    ("PUT", "/datadog/api/v1/integration/webhooks/configuration/webhooks/a", {"name": "b"}),
    ("POST", "/__edit", {"vendor": "datadog", "path": "slack/acme/#alerts", "json": {"display": {"tags": False}}}),
    ("POST", "/__fill", {"count": 3}),
    ("POST", "/__clock", {"advance": 60}),
]
READS = (
    "/opsgenie/v2/teams",
    "/opsgenie/v2/schedules",
    "/opsgenie/v2/users",
    "/opsgenie/v2/integrations",
    "/wallarm/v2/integration",
    "/wallarm/v2/clients/4711/triggers",
    "/datadog/api/v1/monitor",
    "/datadog/api/v1/slo",
    "/datadog/api/v2/downtime",
)
WRITE = st.sampled_from(WRITES)


@settings(max_examples=60, deadline=None)
@given(before=st.lists(WRITE, max_size=6), after=st.lists(WRITE, min_size=1, max_size=6))
def test_what_happens_to_a_twin_never_reaches_the_original(before: list[Any], after: list[Any]) -> None:
    world = Sandbox()
    for write in before:
        send(world, *write)
    dumped = world.dump()
    twin = copy.deepcopy(world)
    assert twin.dump() == dumped
    for write in after:
        send(twin, *write)
    assert world.dump() == dumped


@settings(max_examples=30, deadline=None)
@given(st.lists(WRITE, max_size=8))
def test_a_loaded_dump_is_the_same_world_and_goes_on_alike(writes: list[Any]) -> None:
    world = Sandbox()
    for write in writes:
        send(world, *write)
    other = Sandbox()
    other.load(world.dump())
    assert other.dump() == world.dump()
    for each in (world, other):
        send(each, "POST", "/opsgenie/v2/teams", {"name": "later"})
    assert other.dump() == world.dump()


@settings(max_examples=30, deadline=None)
@given(st.lists(WRITE, max_size=8))
def test_reading_changes_nothing_in_the_dump(writes: list[Any]) -> None:
    world = Sandbox()
    for write in writes:
        send(world, *write)
    for path in READS:
        send(world, "GET", path)
    dumped = world.dump()
    for path in READS:
        assert send(world, "GET", path)[0] == 200
    assert world.dump() == dumped


def test_the_same_seed_gives_the_same_ids_and_another_seed_others() -> None:
    def ids(seed: int) -> str:
        world = Sandbox(seed=seed)
        send(world, "POST", "/__fill", {"count": 12})
        return json.dumps(world.dump()["vendors"]["opsgenie"])

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


def test_accounts_are_worlds_of_their_own() -> None:
    world = Sandbox()
    made = [send(world, "POST", f"/{name}/v2/teams", {"name": "one"})[1] for name in ("opsgenie", "opsgenie@eu")]
    assert made[0]["data"]["id"] != made[1]["data"]["id"]
    assert send(world, "GET", "/opsgenie@other/v2/teams")[1]["data"] == []
    assert send(world, "POST", "/wallarm@eu/v1/user")[1]["body"]["client_id"] != 4711


def test_an_unknown_vendor_is_told_which_there_are() -> None:
    status, body = send(Sandbox(), "GET", "/nobody/v2/teams")
    assert status == 404
    assert "datadog, dynatrace, opsgenie, pagerduty, reactio, wallarm" in body["message"]


def test_the_store_holds_the_state_after_each_write_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = tmp_path / "deep" / "world.json"
    world = Sandbox(store=store)
    send(world, "POST", "/opsgenie/v2/teams", {"name": "kept"})
    assert json.loads(store.read_text()) == world.dump()
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    again = Sandbox(store=store)
    assert [team["name"] for team in send(again, "GET", "/opsgenie/v2/teams")[1]["data"]] == ["kept"]


def test_a_lost_answer_is_in_the_store_too(tmp_path: Path) -> None:
    world = Sandbox(store=tmp_path / "world.json")
    send(world, "POST", "/__faults", {"fault": "lose"})
    with pytest.raises(ConnectionResetError):
        send(world, "POST", "/opsgenie/v2/teams", {"name": "lost"})
    assert len(send(Sandbox(store=tmp_path / "world.json"), "GET", "/opsgenie/v2/teams")[1]["data"]) == 1


def test_a_state_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        Sandbox().load({"format": 99})


def test_the_log_tells_what_was_asked_and_never_who_signed() -> None:
    world = Sandbox()
    send(world, "GET", "/opsgenie/v2/teams")
    send(world, "POST", "/__faults", {"fault": "cut"})
    with pytest.raises(ConnectionResetError):
        send(world, "DELETE", "/opsgenie/v2/teams/1")
    log = send(world, "GET", "/__requests")[1]["requests"]
    assert [(entry["method"], entry["path"], entry["status"], entry["fault"]) for entry in log] == [
        ("GET", "/opsgenie/v2/teams", 200, None),
        ("DELETE", "/opsgenie/v2/teams/1", None, "cut"),
    ]
    assert log[0]["time"] == "2026-01-05T09:00:00.000Z"
    assert "account-key" not in json.dumps(log)
    assert send(world, "DELETE", "/__requests")[1] == {"requests": []}


def test_the_clock_stands_until_it_is_moved() -> None:
    world = Sandbox(now=datetime(2026, 3, 1, tzinfo=UTC))
    assert send(world, "GET", "/__clock")[1] == {"now": "2026-03-01T00:00:00.000Z"}
    assert send(world, "POST", "/__clock", {"advance": 90.5})[1] == {"now": "2026-03-01T00:01:30.500Z"}
    assert send(world, "POST", "/__clock", {"set": "2026-04-01T09:00:00+09:00"})[1] == {
        "now": "2026-04-01T00:00:00.000Z"
    }
    for wrong in ({}, {"set": "2026-04-01T09:00:00"}, {"set": "soon"}, {"advance": "1"}, {"advance": 1e300}, []):
        assert send(world, "POST", "/__clock", wrong)[0] == 400


def test_a_running_clock_can_be_moved_as_well() -> None:
    world = Sandbox()
    hour = [9]
    world.clock.run(lambda: datetime(2026, 5, 1, hour[0], tzinfo=UTC))
    world.clock.advance(1800)
    hour[0] = 10
    assert world.clock.stamp() == "2026-05-01T10:30:00.000Z"
