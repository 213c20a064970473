"""pagerduty/Alert: what an event says, and an alert's life in Git, at PagerDuty and in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.kinds.signal import Seeing
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link, Secret
from reconciler.sandbox.exchange import Request, encode
from tests.kind_kit import CONTEXT, Mistake, assert_mistaken, bound, kind_of, mistakes, on_the_wire, tree_of
from tests.kinds.pagerduty_project import ask, document, settled, stage_in, told
from tests.kinds.pagerduty_signals import SERVICE, Noting, events, signals, travel, whole
from tests.stage import Stage, serve

NAME = "pagerduty/Alert"
KIND = kind_of(NAME)
KEY = {"from": "pagerduty/ServiceIntegration/events", "output": "integration_key"}
PAYLOAD = {"summary": "5xx above 2 %", "source": "lb-1", "severity": "error"}


def alert(action: str = "trigger", name: str = "a", **more: Any) -> str:
    spec = {"routing_key": KEY, "event_action": action, "dedup_key": "checkout/5xx", "payload": PAYLOAD, **more}
    return document("Alert", name, {field: value for field, value in spec.items() if value is not None})


# ── one event ───────────────────────────────────────────────────────────────────────────────────────────────────────

SPEC: dict[str, Any] = {
    "routing_key": {"env": "KEY"},
    "service": "checkout",
    "event_action": "trigger",
    "dedup_key": "checkout/5xx",
    "payload": {
        **PAYLOAD,
        "timestamp": "2026-09-05T01:00:00.5+09:00",
        "component": "nginx",
        "group": None,
        "class": "http",
        "custom_details": {"ratio": 0.02, "支払い": ["停止"]},
    },
    "links": [{"href": "https://wiki.example/5xx", "text": "what to do"}],
    "images": [{"src": "https://charts.example/5xx.png", "alt": "5xx"}],
    "client": "Grafana",
    "client_url": "https://grafana.example",
}


def test_a_trigger_says_all_that_is_declared_and_nothing_of_ours() -> None:
    body = on_the_wire(KIND.to_api(bound(tree_of(NAME, SPEC)), CONTEXT), {})
    payload = {name: value for name, value in SPEC["payload"].items() if name != "group"}
    kept = {name: value for name, value in SPEC.items() if name != "service"}
    assert body == {**kept, "routing_key": "Env", "payload": payload}


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_another_event_says_only_which_alert_it_is_of(action: str) -> None:
    body = on_the_wire(KIND.to_api(bound(tree_of(NAME, {**SPEC, "event_action": action})), CONTEXT), {})
    assert body == {"routing_key": "Env", "event_action": action, "dedup_key": "checkout/5xx"}


@pytest.mark.parametrize(
    ("status", "action"),
    [("triggered", "trigger"), ("acknowledged", "acknowledge"), ("resolved", "resolve"), ("asleep", "asleep")],
)
def test_an_incident_is_read_in_the_words_of_events(status: str, action: str) -> None:
    tree = KIND.from_api({"id": "Q1", "status": status, "incident_key": "k"}, CONTEXT)
    assert tree == {"event_action": action, "dedup_key": "k"}


@mistakes(
    Mistake(NAME, {"routing_key": "0123456789abcdef0123456789abcdef"}, ("routing_key",), "a secret never stands"),
    Mistake(NAME, {"event_action": "open"}, ("event_action",), "'trigger', 'acknowledge' or 'resolve'"),
    Mistake(NAME, {"dedup_key": "x" * 256}, ("dedup_key",), "at most 255"),
    Mistake(NAME, {"payload": {"summary": "x" * 1025}}, ("payload", "summary"), "at most 1024"),
    Mistake(NAME, {"payload": {"severity": "high"}}, ("payload", "severity"), "'critical', 'error', 'warning'"),
    Mistake(NAME, {"payload": {"timestamp": "2026-09-05T01:00:00"}}, ("payload", "timestamp"), "no instant"),
    Mistake(NAME, {"links": [{"text": "x"}]}, ("links", 0, "href"), "required"),
    Mistake(NAME, {"images": [{"src": "http://x"}]}, ("images", 0, "src"), "https"),
    Mistake(NAME, {"payload": {"custom_details": {"x": "支" * 90_000}}}, (), "takes 524288"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── a life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

LIVES: dict[str, tuple[list[str], list[str], str]] = {
    "open": ([alert()], ["trigger"], "triggered"),
    "to its end": (
        [alert(), alert("acknowledge"), alert("resolve")],
        ["trigger", "acknowledge", "resolve"],
        "resolved",
    ),
    "under way when it comes": ([alert("acknowledge")], ["trigger", "acknowledge"], "acknowledged"),
    "over when it comes": ([alert("resolve")], [], ""),
    "once more": ([alert(), alert("resolve"), alert()], ["trigger", "resolve", "trigger"], "triggered"),
    "let go while open": ([alert(), ""], ["trigger"], "triggered"),
    "with a key of its own": (
        [alert(action, routing_key={"env": "ROUTING_KEY"}) for action in ("trigger", "acknowledge", "resolve")],
        ["trigger", "acknowledge", "resolve"],
        "resolved",
    ),
}


@pytest.mark.parametrize(("says", "sent", "status"), LIVES.values(), ids=LIVES)
def test_git_moves_it(says: list[str], sent: list[str], status: str, tmp_path: Path) -> None:
    stage = signals(tmp_path)
    for text in says:
        whole(stage, text)
    assert [one["event_action"] for one in events(stage)] == sent
    incidents = ask(stage, "GET", "/incidents?date_range=all&sort_by=created_at")["incidents"]
    assert [one["status"] for one in incidents][-1:] == ([status] if status else [])


def test_one_whose_key_was_replaced_is_not_said_to_be_over(tmp_path: Path) -> None:
    """PagerDuty would take the event and drop it."""
    stage = signals(tmp_path)
    by_env: dict[str, Any] = {"routing_key": {"env": "ROUTING_KEY"}, "service": "checkout"}
    whole(stage, alert(**by_env))
    stage.environ["ROUTING_KEY"] = "0" * 32
    whole(stage, alert(**by_env))  # which makes nobody forget what it was sent with
    stage.write({"m.yaml": SERVICE + alert("resolve", **by_env)})
    [change] = stage.plan().changes
    assert isinstance(change, Blocked)
    assert change.why.startswith("it was triggered with another routing key")
    _moved(stage, "resolved")
    settled(stage)


def test_it_goes_to_the_events_host_without_the_accounts_key(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, alert())
    assert isinstance(stage.serve, Noting)
    [headers] = [one.headers for one in stage.serve.taken if one.path == "/pagerduty/v2/enqueue"]
    assert "authorization" not in headers
    assert not any("account-key" in value for value in headers.values())


# ── what moved there ────────────────────────────────────────────────────────────────────────────────────────────────


def _moved(stage: Stage, status: str) -> None:
    [incident] = ask(stage, "GET", "/incidents")["incidents"]
    ask(stage, "PUT", f"/incidents/{incident['id']}", {"incident": {"type": "incident", "status": status}})


def test_what_moved_there_is_told_and_never_fought(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, alert())
    _moved(stage, "acknowledged")
    plan = stage.plan()
    assert plan.empty
    [warning] = plan.warnings
    assert warning.text == f"{NAME}/a: event_action is acknowledge there and trigger in Git; nothing is sent"
    assert warning.way_out == "to follow it, write event_action: acknowledge"
    whole(stage, alert("acknowledge"))
    travel(stage, 3600)  # the service's acknowledgement time-out
    plan = stage.plan()
    assert plan.empty
    assert [one.text.partition(": ")[2] for one in plan.warnings] == [
        "event_action is trigger there and acknowledge in Git; nothing is sent"
    ]
    assert [one["event_action"] for one in events(stage)] == ["trigger"]


REFUSED: dict[str, tuple[str, str, str, str]] = {
    "other words": (alert(), alert(payload={**PAYLOAD, "summary": "x"}), "", "an alert stays as it was triggered"),
    "another key": (alert(), alert(dedup_key="other"), "", "an alert stays as it was triggered"),
    "back": (alert("acknowledge"), alert(), "", "acknowledgement_timeout triggers"),
    "after its end": (alert(), alert("acknowledge"), "resolved", "the alert is resolved, and stays so"),
    "from its end": (alert("resolve"), alert("acknowledge"), "", "the alert is resolved, and stays so"),
}


@pytest.mark.parametrize(("before", "after", "moved", "why"), REFUSED.values(), ids=REFUSED)
def test_what_events_cannot_do_is_blocked(before: str, after: str, moved: str, why: str, tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, before)
    if moved:
        _moved(stage, moved)
    stage.write({"m.yaml": SERVICE + after})
    [change] = stage.plan().changes
    assert isinstance(change, Blocked), told(stage.plan())
    assert why in change.why
    assert change.way_out


def test_one_that_is_open_already_is_adopted_and_moved_by_the_next_edit(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, alert())
    stage.store = type(stage.store).memory()
    assert stage.apply().ok
    assert len(events(stage)) == 1
    whole(stage, alert("resolve"))
    assert ask(stage, "GET", "/incidents?statuses[]=resolved")["incidents"]


def test_what_pagerduty_refuses_is_told_in_its_words_and_without_the_key(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    stage.environ["ROUTING_KEY"] = "f" * 31 + "!"
    stage.write({"m.yaml": SERVICE + alert(routing_key={"env": "ROUTING_KEY"})})
    [result] = [one for one in stage.apply().results if one.ending != "done"]
    assert "400: Event object is invalid ('routing_key' cannot contain non-alphanumeric characters.)" in result.text
    assert stage.environ["ROUTING_KEY"] not in result.text


def test_too_many_events_wait_for_their_turn(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    body = encode({"pagerduty": {"events_per_minute": 2}})
    assert stage.sandbox.handle(Request("POST", "/__settings", (), {}, body)).status == 200
    texts = "".join(alert(name=f"a{number}", dedup_key=f"k{number}") for number in range(4))
    whole(stage, texts)
    assert len(ask(stage, "GET", "/incidents")["incidents"]) == 4


# ── whom it calls ───────────────────────────────────────────────────────────────────────────────────────────────────

CALLED: dict[str, tuple[str, tuple[str, ...]]] = {
    "by an integration": (alert(), ("calls whoever is on call for checkout; severity error, low urgency",)),
    "by a key of its own": (
        alert(routing_key={"env": "ROUTING_KEY"}),
        ("calls whoever is on call for the service that its routing key leads to; severity error",),
    ),
    "by a key of its own whose service is told": (
        alert(routing_key={"env": "ROUTING_KEY"}, service="checkout"),
        ("calls whoever is on call for checkout; severity error, low urgency",),
    ),
}


@pytest.mark.parametrize(("text", "lines"), CALLED.values(), ids=CALLED)
def test_whom_it_calls_is_told(text: str, lines: tuple[str, ...], tmp_path: Path) -> None:
    stage = signals(tmp_path)
    stage.write({"m.yaml": SERVICE + text})
    [change] = stage.plan().writes
    assert change.pages == lines


def test_whom_one_calls_whose_integration_is_yet_to_be_made(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.serve = Noting(serve(stage.sandbox))
    stage.write({"m.yaml": SERVICE + alert()})
    [change] = [one for one in stage.plan().writes if one.address.kind == "Alert"]
    whom = "the service that the key of pagerduty/ServiceIntegration/events leads to"
    assert change.pages == (f"calls whoever is on call for {whom}; severity error",)
    assert stage.apply().ok
    assert len(events(stage)) == 1


def test_one_that_an_orchestration_routes_waits_until_it_does(tmp_path: Path) -> None:
    """It is not seen from here, since any service may be meant; what it must meet is there before it."""
    stage = stage_in(tmp_path)
    stage.serve = Noting(serve(stage.sandbox))
    router = {"rules": [], "catch_all": {"route_to": "checkout"}}
    key = {"from": "pagerduty/EventOrchestration/all", "output": "routing_key"}
    whole(stage, document("Team", "first", {}))  # so that the ledger is not new: with that one nobody is called
    whole(stage, document("EventOrchestration", "all", {"router": router}) + alert(routing_key=key))
    [found] = ask(stage, "GET", "/incidents")["incidents"]
    assert (found["service"]["summary"], found["title"]) == ("checkout", PAYLOAD["summary"])


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────

CHECKOUT = Link("checkout", "pagerduty/Service", "checkout", "PSVC")


def _secret(source: Mapping[str, str]) -> Secret:
    return Secret(tree_of(NAME, {"routing_key": source})["routing_key"])


SEEN: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "by an integration": ({"routing_key": _secret(KEY)}, [CHECKOUT]),
    "by an integration that is not there yet": ({"routing_key": _secret({**KEY, "from": f"{KEY['from']}-2"})}, [None]),
    "by an integration of another account": (
        {"routing_key": _secret({**KEY, "from": "pagerduty@eu/ServiceIntegration/events"})},
        [],
    ),
    "by an orchestration": (
        {"routing_key": _secret({"from": "pagerduty/EventOrchestration/all", "output": "routing_key"})},
        [],
    ),
    "by a key of its own": ({"routing_key": _secret({"env": "KEY"})}, []),
    "by a key of its own whose service is told": (
        {"routing_key": _secret({"env": "KEY"}), "service": CHECKOUT},
        [CHECKOUT],
    ),
}


@pytest.mark.parametrize(("way", "services"), SEEN.values(), ids=SEEN)
def test_it_is_looked_for_at_the_service_that_its_key_leads_to(way: dict[str, Any], services: list[Any]) -> None:
    known = {KEY["from"]: {"service": CHECKOUT}}
    seeing = Seeing(CONTEXT, lambda leaf: known.get(leaf.source.address))
    asked = KIND.signal.queries({**way, "dedup_key": "k"}, None, seeing) if KIND.signal else ()
    assert [one.params for one in asked] == [{"key": "k", "service": service} for service in services]


@pytest.mark.parametrize("name", [NAME, "pagerduty/ChangeEvent"])
def test_the_key_of_another_account_is_refused_with_the_account_to_write(name: str) -> None:
    """Its events would go to the host of one account, and be shown in the other."""
    signal = kind_of(name).signal
    assert signal is not None
    key = {**KEY, "from": "pagerduty@eu/ServiceIntegration/events"}
    refusal = signal.refuses(Work("create", {"routing_key": _secret(key), "service": CHECKOUT}), CONTEXT)
    assert refusal is not None
    assert refusal.path == ("routing_key",)
    assert refusal.way_out == "write metadata: {account: eu}"
    assert signal.refuses(Work("create", {"routing_key": _secret(KEY)}), CONTEXT) is None


def _row(ident: str, created: str, key: str = "k") -> dict[str, Any]:
    return {"id": ident, "incident_key": key, "created_at": f"2026-01-0{created}T00:00:00Z", "status": "resolved"}


FOUND: dict[str, tuple[list[dict[str, Any]], str | None, list[str]]] = {
    "the newest": ([_row("Q2", "2"), _row("Q3", "3"), _row("Q1", "1")], None, ["Q3"]),
    "not the incident of another alert": ([_row("Q1", "1"), _row("Q2", "2", "other")], None, ["Q1"]),
    "the newest, though an older one was known": ([_row("Q1", "1"), _row("Q2", "2")], "Q1", ["Q2"]),
    "none where an id is told that is not there": ([_row("Q1", "1")], "Q9", []),
    "none": ([], None, []),
}


@pytest.mark.parametrize(("rows", "ident", "ids"), FOUND.values(), ids=FOUND)
def test_the_newest_incident_of_its_key_is_its_own(
    rows: list[dict[str, Any]], ident: str | None, ids: list[str]
) -> None:
    assert KIND.signal is not None
    found = KIND.signal.found({"dedup_key": "k"}, ident, rows, Seeing(CONTEXT, lambda leaf: None))
    assert [row["id"] for row in found] == ids


def test_one_that_nobody_can_look_for_calls_nobody_again_after_a_lost_ledger(tmp_path: Path) -> None:
    """PagerDuty dedups only while an alert is open: one that was resolved meanwhile would call people once more."""
    stage = stage_in(tmp_path)
    stage.environ["ELSEWHERE"] = "a-key-that-leads-to-a-service-unknown-here"
    stage.write({"a.yaml": alert(routing_key={"env": "ELSEWHERE"})})
    [change] = stage.plan().changes
    assert change.word == "doubtful"
