"""pagerduty/ChangeEvent: sent once, never changed, looked for as long as PagerDuty keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.kinds.signal import Seeing
from reconciler.kinds.tree import Link, Secret
from reconciler.vendors.pagerduty.change_event import KIND, found, queries
from tests.kind_kit import CONTEXT, Mistake, assert_mistaken, bound, mistakes, on_the_wire, tree_of
from tests.kinds.pagerduty_project import ask, document, told
from tests.kinds.pagerduty_signals import SERVICE, events, signals, whole
from tests.stage import Stage

NAME = "pagerduty/ChangeEvent"
KEY = {"from": "pagerduty/ServiceIntegration/events", "output": "integration_key"}
PAYLOAD = {"summary": "checkout 4.2", "source": "ci", "timestamp": "2026-03-01T20:30:15+09:00"}
OTHER = document("ServiceIntegration", "other", {"service": "checkout", "type": "events_api_v2_inbound_integration"})


def change(name: str = "deploy", key: Any = None, without: str = "", **more: Any) -> str:
    payload = {field: value for field, value in {**PAYLOAD, **more}.items() if field != without}
    return document("ChangeEvent", name, {"routing_key": key or KEY, "payload": payload})


def sent(stage: Stage) -> int:
    return len(events(stage, "/v2/change/enqueue"))


# ── one event ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_that_is_declared_is_sent_and_nothing_of_ours() -> None:
    spec = {
        "routing_key": {"env": "KEY"},
        "service": "checkout",
        "payload": {**PAYLOAD, "custom_details": {"build": "220"}},
        "links": [{"href": "https://ci.example/220", "text": None}],
    }
    body = on_the_wire(KIND.to_api(bound(tree_of(NAME, spec)), CONTEXT), {})
    assert body == {
        "routing_key": "Env",
        "payload": spec["payload"],
        "links": [{"href": "https://ci.example/220"}],
    }


def test_the_key_it_was_sent_with_is_not_read_back() -> None:
    raw: dict[str, Any] = {
        "id": "Q1",
        "type": "change_event",
        "routing_key": "f" * 32,
        "summary": "x",
        "source": None,
        "links": [],
    }
    assert KIND.from_api(raw, CONTEXT) == {"payload": {"summary": "x"}, "links": []}


@mistakes(
    Mistake(
        NAME,
        {"routing_key": {"from": "pagerduty@eu/EventOrchestration/all", "output": "routing_key"}},
        ("routing_key",),
        "write the integration_key of a ServiceIntegration",
    ),
    Mistake(NAME, {"payload": {"timestamp": "yesterday"}}, ("payload", "timestamp"), "no instant"),
    Mistake(NAME, {"payload": {"severity": "info"}}, ("payload", "severity"), "Extra inputs"),
    Mistake(NAME, {"images": []}, ("images",), "Extra inputs"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────

CHECKOUT = Link("checkout", "pagerduty/Service", "checkout", "PSVC")
FROM_OUTPUT, FROM_ENV = (
    Secret(tree_of(NAME, {"routing_key": KEY})["routing_key"]),
    tree_of(NAME, {"routing_key": {"env": "KEY"}})["routing_key"],
)
SEEING = Seeing(CONTEXT, lambda leaf: {"service": CHECKOUT} if leaf is FROM_OUTPUT else None, lambda leaf: "PINT")
YOUNG, OLD = "2025-10-04T00:00:00Z", "2025-10-03T00:00:00Z"  # in the kit it is 2026-01-01, and 90 days are kept

SEEN: dict[str, tuple[dict[str, Any], bool]] = {
    "by an integration": ({"routing_key": FROM_OUTPUT}, True),
    "by a key of its own": ({"routing_key": FROM_ENV}, False),
    "by a key of its own whose service is told": ({"routing_key": FROM_ENV, "service": CHECKOUT}, True),
}


@pytest.mark.parametrize(("way", "seen"), SEEN.values(), ids=SEEN)
def test_it_is_looked_for_at_the_service_that_its_key_leads_to(way: dict[str, Any], seen: bool) -> None:
    asked = queries({**way, "payload": {"summary": "x", "timestamp": YOUNG}}, None, SEEING)
    wanted = {"service": CHECKOUT, "since": "2025-10-03T23:59:00Z", "until": "2025-10-04T00:01:00Z"}
    assert [one.params for one in asked] == ([wanted] if seen else [])
    assert queries({**way, "payload": {"summary": "x", "timestamp": OLD}}, None, SEEING) == ()


ROW = {"id": "Q1", "summary": "x", "source": "ci", "timestamp": "2025-12-31T23:00:00Z", "integration": {"id": "PINT"}}
ROWS: dict[str, tuple[dict[str, Any], bool]] = {
    "itself": ({}, True),
    "in another offset, to the second": ({"timestamp": "2026-01-01T08:00:00.7+09:00"}, True),
    "its integration is not told": ({"integration": None}, True),
    "by another integration": ({"integration": {"id": "POTHER"}}, False),
    "a second later": ({"timestamp": "2025-12-31T23:00:01Z"}, False),
    "of another source": ({"source": "other"}, False),
    "of no source": ({"source": None}, False),
    "of other words": ({"summary": "y"}, False),
}


@pytest.mark.parametrize(("differs", "same"), ROWS.values(), ids=ROWS)
def test_it_is_known_by_when_where_and_what(differs: dict[str, Any], same: bool) -> None:
    tree = {
        "routing_key": FROM_OUTPUT,
        "payload": {"summary": "x", "source": "ci", "timestamp": "2026-01-01T00:00:00+01:00"},
    }
    assert bool(found(tree, None, [{**ROW, **differs}], SEEING)) is same


# ── a life ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_sent_once_and_asked_for_no_more(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    for text in (change(), change(), "", change("again")):
        whole(stage, text)
    assert sent(stage) == 1  # what left Git and came back is found there
    [event] = ask(stage, "GET", "/change_events")["change_events"]
    assert (event["summary"], event["timestamp"]) == ("checkout 4.2", "2026-03-01T11:30:15Z")
    requests = stage.plan().facts.requests
    whole(stage, "")
    assert stage.plan().facts.requests == requests


def test_two_integrations_of_a_service_send_the_same_words_each_once(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    key = {"from": "pagerduty/ServiceIntegration/other", "output": "integration_key"}
    whole(stage, OTHER)
    whole(stage, OTHER + change())
    whole(stage, OTHER + change() + change("twin", key))
    assert sent(stage) == 2


@pytest.mark.parametrize("field", ["summary", "timestamp"])
def test_what_it_lacks_is_told(field: str, tmp_path: Path) -> None:
    stage = signals(tmp_path)
    stage.write({"m.yaml": SERVICE + change(without=field)})
    [blocked] = stage.plan().changes
    assert isinstance(blocked, Blocked)
    assert f"the vendor needs: payload.{field}" in blocked.why


def test_an_edit_of_what_was_sent_is_blocked(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, change())
    stage.write({"m.yaml": SERVICE + change(summary="checkout 4.3")})
    [blocked] = stage.plan().changes
    assert isinstance(blocked, Blocked), told(stage.plan())
    assert blocked.why == "a change event stays as it was sent"


def test_the_key_of_an_orchestration_from_elsewhere_is_refused_by_pagerduty(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    made = ask(stage, "POST", "/event_orchestrations", {"orchestration": {"name": "all"}})["orchestration"]
    read = ask(stage, "GET", f"/event_orchestrations/{made['id']}")["orchestration"]
    stage.environ["ROUTING_KEY"] = read["integrations"][0]["parameters"]["routing_key"]
    stage.write({"m.yaml": SERVICE + change(key={"env": "ROUTING_KEY"})})
    [result] = [one for one in stage.apply().results if one.ending != "done"]
    assert "400" in result.text
    assert stage.environ["ROUTING_KEY"] not in result.text


def test_with_a_new_ledger_one_that_cannot_be_seen_waits_for_a_person(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    stage.store = type(stage.store).memory()
    stage.write({"m.yaml": SERVICE + change("blind", {"env": "ROUTING_KEY"}) + change("seen", summary="else")})
    plan = stage.plan()
    words = {str(one.address): one.word for one in plan.changes if one.address.kind == "ChangeEvent"}
    assert words == {f"{NAME}/blind": "doubtful", f"{NAME}/seen": "create"}
