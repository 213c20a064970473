"""PagerDuty's signals together: each arrives once whatever happens, by requests as the vendor has them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from reconciler.engine.change import Doubtful
from reconciler.engine.upkeep import settle_signal
from reconciler.kinds.address import Address
from reconciler.ledger import ledger
from reconciler.sandbox.exchange import Request, encode
from reconciler.sandbox.pagerduty import vocabulary as sandbox
from reconciler.vendors.pagerduty import VENDOR, alert, event, incident
from tests.kinds.pagerduty_project import PROJECT, ask, document, stage_in
from tests.kinds.pagerduty_signals import SERVICE, Noting, signals, whole
from tests.kinds.test_pagerduty_openapi import SPEC, check, needs_the_document
from tests.laws.life import DEAD, Deaths, Killed, Life
from tests.stage import ENVIRON, Serve

KEY = {"from": "pagerduty/ServiceIntegration/events", "output": "integration_key"}
PAYLOAD = {"summary": "5xx above 2 %", "source": "lb-1", "severity": "error"}
CHANGED = {"summary": "checkout 4.2", "source": "ci", "timestamp": "2026-03-01T11:00:00Z"}


def alert_at(action: str) -> str:
    spec = {"routing_key": KEY, "event_action": action, "dedup_key": "5xx", "payload": PAYLOAD}
    return document("Alert", "5xx", spec)


def incident_at(status: str) -> str:
    spec = {"title": "disk", "service": "checkout", "incident_key": "disk", "status": status}
    return document("Incident", "disk", spec)


def change(name: str, key: Mapping[str, str]) -> str:
    return document("ChangeEvent", name, {"routing_key": key, "payload": {**CHANGED, "summary": name}})


ALL = (
    alert_at("acknowledge")
    + incident_at("acknowledged")
    + change("seen", KEY)
    + change("blind", {"env": "ROUTING_KEY"})
)

# ── at most once ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The services are there and ours; Git says the signals, and nothing of them was sent."""
    life = Life(tmp_path_factory.mktemp("signals"), environ={**ENVIRON, "PAGERDUTY_TOKEN": "account-key-for-tests"})
    life.edited({"reconciler.yaml": PROJECT, "m.yaml": SERVICE})
    assert life.go()[1].ok
    life.environ["ROUTING_KEY"] = next(iter(life.vendor("pagerduty")["keys"]))
    life.edited({"m.yaml": SERVICE + ALL})
    return life


@pytest.fixture(scope="module")
def writes(before: Life) -> list[tuple[int, str, str]]:
    """Every write of an apply that goes well: which one of its method and path it is."""
    life = before.fork()
    noting = Noting(life.answers())
    life.serve = noting
    assert life.go()[1].ok
    assert arrived(life) == ONCE
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for one in noting.taken:
        if one.method != "GET":
            found.append((seen[one.method, one.path], one.method, one.path))
            seen[one.method, one.path] += 1
    return found


def arrived(life: Life) -> dict[str, Any]:
    """What came to PagerDuty, and how it stands."""
    held = life.vendor("pagerduty")["collections"]
    return {
        "alerts": [one["alert_key"] for one in held["alerts"]],
        "changes": sorted(one["summary"] for one in held["change_events"]),
        "incidents": sorted((one["incident_key"], one["status"]) for one in held["incidents"]),
    }


ONCE = {
    "alerts": ["5xx"],
    "changes": ["blind", "seen"],
    "incidents": [("5xx", "acknowledged"), ("disk", "acknowledged")],
}


async def _settle(life: Life, address: str, *, was_sent: bool) -> None:
    access = life.access()
    held = await ledger.take(life.store, access.prefix("pagerduty"), DEAD)
    try:
        where = Address.parse(address)
        assert where is not None
        await settle_signal(held, where, (), sent=was_sent)
    finally:
        await held.close()


def finish(life: Life) -> None:
    """Apply until nothing is left; of what cannot be seen a person says what came of it."""
    for _ in range(4):
        life.go()
        plan = life.plan()
        if plan.empty:
            return
        for one in plan.not_done:
            assert isinstance(one, Doubtful), (one.word, str(one.address), one.why)
            assert one.address.name == "blind"
            asyncio.run(_settle(life, str(one.address), was_sent="blind" in arrived(life)["changes"]))
    raise AssertionError([(one.word, str(one.address)) for one in life.plan().changes])


def losing(answer: Serve, at: int, method: str, path: str) -> Serve:
    """Answers, but for this one."""
    seen = 0

    def one(verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        nonlocal seen
        given = answer(verb, target, headers, body)
        if (verb, target) == (method, path):
            seen += 1
            if seen == at + 1:
                raise ConnectionResetError("the answer is lost")
        return given

    return one


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_write_each_arrives_once(when: Any, before: Life, writes: list[tuple[int, str, str]]) -> None:
    assert len(writes) == 6
    for at, method, path in writes:
        life = before.fork()
        deaths = Deaths(at, when, "request", (method, path))
        life.serve, life.drawer.on_put = deaths.requests(life.answers()), deaths.put
        with pytest.raises((Killed, BaseExceptionGroup)):
            life.go()
        life.serve, life.drawer.on_put = None, lambda path, when: None
        finish(life)
        assert arrived(life) == ONCE, (at, method, path)


def test_one_that_leaves_git_before_it_is_known_to_be_there_is_told_as_open(before: Life, tmp_path: Path) -> None:
    life = before.fork()
    life.root = tmp_path
    life.edited({"reconciler.yaml": PROJECT, "m.yaml": SERVICE + incident_at("triggered")})
    life.serve = Deaths(0, "after", "request", ("POST", "/pagerduty/incidents")).requests(life.answers())
    with pytest.raises((Killed, BaseExceptionGroup)):
        life.go()
    life.serve = None
    life.edited({"m.yaml": SERVICE})
    [change] = life.plan().changes
    assert (change.word, str(change.address)) == ("release", "pagerduty/Incident/disk")
    assert change.why == "its manifest left Git; it is still open there (triggered): nothing is sent"


def test_whatever_answer_is_lost_each_arrives_once(before: Life, writes: list[tuple[int, str, str]]) -> None:
    for at, method, path in writes:
        life = before.fork()
        life.serve = losing(life.answers(), at, method, path)
        life.go()
        life.serve = None
        finish(life)
        assert arrived(life) == ONCE, (at, method, path)


def test_a_lost_ledger_is_no_reason_to_send_again(before: Life) -> None:
    life = before.fork()
    assert life.go()[1].ok
    life.drawer.objects.clear()
    plan, _ = life.go()
    words = {one.address.name: one.word for one in plan.changes if one.kind.signal is not None}
    assert words == {"5xx": "adopt", "disk": "adopt", "seen": "adopt", "blind": "doubtful"}
    assert arrived(life) == ONCE
    assert life.drawer.ever
    key = life.environ["ROUTING_KEY"].encode()  # which PagerDuty shows with the change event
    assert not [body for body in life.drawer.ever if key in body]


# ── as the vendor has it ────────────────────────────────────────────────────────────────────────────────────────────

EVENTS = SPEC.with_name("pagerduty-events-v2.json")


@cache
def events_document() -> Any:
    return json.loads(EVENTS.read_text(encoding="utf-8"))


def _check_event(path: str, body: bytes) -> None:
    found = events_document()["paths"][path.removeprefix("/v2")]["post"]["requestBody"]
    schema = found["content"]["application/json"]["schema"]
    jsonschema.validate(json.loads(body), {**schema, "components": events_document()["components"]})


@needs_the_document
def test_every_request_is_one_of_the_vendors_documents(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    for text in (ALL, alert_at("resolve") + incident_at("resolved"), incident_at("triggered")):
        whole(stage, text.replace('"status": "triggered"', '"status": "triggered", "reopen": true'))
    assert isinstance(stage.serve, Noting)
    sent = [(one.method, one.path.removeprefix("/pagerduty"), one.body) for one in stage.serve.taken]
    for method, path, body in sent:
        if path.startswith("/v2/"):
            _check_event(path, body)
        else:
            check(method, path, body)
    counted = Counter(path for _, path, _ in sent if path.startswith("/v2/"))
    assert counted == {"/v2/enqueue": 3, "/v2/change/enqueue": 2}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (get_args(alert.Action), sandbox.EVENT_ACTIONS),
        (get_args(alert.Severity), sandbox.SEVERITIES),
        (get_args(incident.Status), sandbox.INCIDENT_STATUSES),
        ([alert.KEY_LENGTH], [sandbox.DEDUP_KEY_LENGTH]),
        ([event.SUMMARY_LENGTH], [sandbox.SUMMARY_LENGTH]),
        ([event.SIZE], [sandbox.EVENT_SIZE]),
    ],
)
def test_words_and_limits_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert set(ours) == set(theirs)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({}, "https://events.pagerduty.com"),
        ({"region": "eu"}, "https://events.eu.pagerduty.com"),
        ({"region": "eu", "url": "http://127.0.0.1:1/p"}, "http://127.0.0.1:1/p"),
    ],
)
def test_events_have_a_host_of_their_own(given: dict[str, str], host: str) -> None:
    settings = VENDOR.settings.model_validate({"token": {"env": "T"}, **given})
    assert VENDOR.hosts(settings) == {"events": host}


# ── a service that goes ─────────────────────────────────────────────────────────────────────────────────────────────


def _notes(incidents: Sequence[str], tmp_path: Path) -> tuple[str, ...]:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE})
    assert stage.apply().ok
    service = ask(stage, "GET", "/services")["services"][0]["id"]
    for title in incidents:
        made = {"type": "incident", "title": title, "service": {"id": service, "type": "service_reference"}}
        ask(stage, "POST", "/incidents", {"incident": made})
    stage.write({"m.yaml": "\n"})
    plan = stage.plan()
    [gone] = [one for one in plan.writes if one.address.kind == "Service"]
    return gone.notes


def test_deleting_a_service_tells_its_open_incidents(tmp_path: Path) -> None:
    notes = _notes([f"disk {number}" for number in range(7)], tmp_path)
    named = ", ".join(f"[#{number + 1}] disk {number} (triggered)" for number in range(5))
    assert f"7 open incidents: {named}, 2 more" in notes


def test_a_service_without_open_incidents_goes_without_a_word_of_them(tmp_path: Path) -> None:
    assert not [line for line in _notes((), tmp_path) if line.startswith(("0", "whether"))]


def test_incidents_that_may_not_be_read_are_told_as_unknown(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICE})
    assert stage.apply().ok
    stage.write({"m.yaml": "\n"})
    fault = {"method": "GET", "path": "/pagerduty/incidents", "fault": "status", "status": 403, "body": {}}
    assert stage.sandbox.handle(Request("POST", "/__faults", (), {}, encode(fault))).status == 200
    [gone] = [one for one in stage.plan().writes if one.address.kind == "Service"]
    assert "whether it has open incidents could not be asked" in gone.notes
