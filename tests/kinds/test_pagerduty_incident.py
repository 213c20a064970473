"""pagerduty/Incident: made or bound, moved by Git alone, opened again only on request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.errors import ReconcilerError
from reconciler.ledger.store import Store
from tests.kind_kit import Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.pagerduty_project import ask, document, told
from tests.kinds.pagerduty_signals import SERVICE, signals, travel, whole
from tests.stage import Stage

NAME = "pagerduty/Incident"
KIND = kind_of(NAME)


def incident(status: str | None = "triggered", metadata: dict[str, Any] | None = None, **more: Any) -> str:
    spec = {"title": "db disk 90 %", "service": "checkout", "incident_key": "db/disk", "status": status, **more}
    return document("Incident", "disk", {name: value for name, value in spec.items() if value}, **(metadata or {}))


def live(stage: Stage) -> Any:
    """The newest incident."""
    return ask(stage, "GET", "/incidents?date_range=all&sort_by=created_at:desc&include[]=body")["incidents"][0]


def put(stage: Stage, **fields: Any) -> None:
    """What a person does to it."""
    ask(stage, "PUT", f"/incidents/{live(stage)['id']}", {"incident": {"type": "incident", **fields}})


def writes(stage: Stage) -> list[str]:
    found = [f"{one['method']} {one['path']}" for one in stage.sandbox.log if one["method"] != "GET"]
    return [one.replace("/pagerduty/incidents", "") for one in found if "/incidents" in one]


# ── one request ─────────────────────────────────────────────────────────────────────────────────────────────────────


@cases(
    Case(
        "whole",
        NAME,
        {
            "title": "db disk 90 %",
            "service": "checkout",
            "urgency": "high",
            "priority": {"id": "PPRI"},
            "body": "look at /var",
            "incident_key": "db/disk",
            "escalation_policy": "calls",
        },
        {
            "type": "incident",
            "title": "db disk 90 %",
            "service": {"id": "id:checkout", "type": "service_reference"},
            "urgency": "high",
            "priority": {"id": "PPRI", "type": "priority_reference"},
            "body": {"type": "incident_body", "details": "look at /var"},
            "incident_key": "db/disk",
            "escalation_policy": {"id": "id:calls", "type": "escalation_policy_reference"},
        },
        {
            "title": "db disk 90 %",
            "status": "triggered",
            "service": {"id": "id:checkout", "type": "service_reference", "summary": "checkout"},
            "urgency": "high",
            "priority": {"id": "PPRI", "type": "priority", "name": "P1"},
            "body": {"type": "incident_body", "details": "look at /var"},
            "incident_key": "db/disk",
            "escalation_policy": {"id": "id:calls", "type": "escalation_policy_reference"},
            "assignments": [],
        },
    ),
    Case(
        "for people",
        NAME,
        {"assignments": ["ann@example.com"], "reopen": True},
        {"type": "incident", "assignments": [{"assignee": {"id": "id:ann@example.com", "type": "user_reference"}}]},
        None,
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    if case.raw is not None:
        assert_settled(case, {"id": "Q1", "type": "incident", **case.raw})


@mistakes(
    Mistake(NAME, {"status": "open"}, ("status",), "'triggered', 'acknowledged' or 'resolved'"),
    Mistake(NAME, {"incident_key": "x" * 256}, ("incident_key",), "at most 255"),
    Mistake(
        NAME, {"escalation_policy": "a", "assignments": ["ann@example.com"]}, ("assignments",), "or escalation_policy"
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── a life ──────────────────────────────────────────────────────────────────────────────────────────────────────────

P, Q = "POST ", "PUT /Q"
LIVES: dict[str, tuple[list[str], list[str], str]] = {
    "triggered where nothing is said": ([incident(None)], [P], "triggered"),
    "to its end": (
        [incident(), incident("acknowledged"), incident("resolved", resolution="a bigger disk")],
        [P, Q, Q],
        "resolved",
    ),
    "under way when it comes": ([incident("acknowledged")], [P, Q], "acknowledged"),
    "over when it comes": ([incident("resolved")], [], ""),
    "opened again": ([incident(), incident("resolved"), incident(reopen=True)], [P, Q, Q], "triggered"),
    "taken up again": ([incident(), incident("resolved"), incident("acknowledged", reopen=True)], [P, Q, Q], "ack"),
    "with other words": (
        [incident(), incident(title="db disk 95 %", urgency="high", assignments=["bob@example.com"])],
        [P, Q],
        "triggered",
    ),
    "what is ours alone is only recorded": (
        [incident(), incident(reopen=True, resolution="later"), incident("resolved", resolution="later")],
        [P, Q],
        "resolved",
    ),
    "let go while open": ([incident(), ""], [P], "triggered"),
}


@pytest.mark.parametrize(("says", "sent", "status"), LIVES.values(), ids=LIVES)
def test_git_moves_it(says: list[str], sent: list[str], status: str, tmp_path: Path) -> None:
    stage = signals(tmp_path)
    for text in says:
        whole(stage, text)
    assert [one[:6] if one.startswith("PUT") else one[:5] for one in writes(stage)] == sent
    if status:
        assert live(stage)["status"].startswith(status)


def test_it_is_made_as_it_is_declared(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, incident(body="look at /var", urgency="high", priority="P1", assignments=["bob@example.com"]))
    made = live(stage)
    assert made["body"]["details"] == "look at /var"
    assert (made["urgency"], made["priority"]["summary"]) == ("high", "P1")
    assert [one["assignee"]["summary"] for one in made["assignments"]] == ["Bob Example"]


def test_opened_again_for_somebody_it_is_theirs(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, incident())
    whole(stage, incident("resolved"))
    whole(stage, incident(reopen=True, assignments=["bob@example.com"]))
    assert [one["assignee"]["summary"] for one in live(stage)["assignments"]] == ["Bob Example"]


def test_one_that_is_there_is_bound_by_its_id_and_moved(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    service = ask(stage, "GET", "/services")["services"][0]["id"]
    body = {
        "incident": {"type": "incident", "title": "theirs", "service": {"id": service, "type": "service_reference"}}
    }
    ident = ask(stage, "POST", "/incidents", body)["incident"]["id"]
    for status in ("triggered", "resolved"):
        whole(stage, document("Incident", "theirs", {"status": status}, id=ident))
    assert live(stage)["status"] == "resolved"
    assert live(stage)["title"] == "theirs"


def theirs(stage: Stage, title: str) -> str:
    """One that a person made; its id."""
    [service] = ask(stage, "GET", "/services")["services"]
    link = {"id": service["id"], "type": "service_reference"}
    made = ask(stage, "POST", "/incidents", {"incident": {"type": "incident", "title": title, "service": link}})
    return str(made["incident"]["id"])


def test_a_new_ledger_has_no_doubt_of_one_that_is_bound(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    text = document("Incident", "theirs", {"status": "triggered"}, id=theirs(stage, "by hand"))
    stage.store = Store.memory()
    whole(stage, text)
    assert [one.word for one in stage.plan().changes] == []


@pytest.mark.parametrize("then", ["triggered", "resolved"])
def test_bound_to_another_one_that_is_begun_with(then: str, tmp_path: Path) -> None:
    stage = signals(tmp_path)
    one, other = theirs(stage, "one"), theirs(stage, "other")
    for status in ("triggered", then):
        whole(stage, document("Incident", "theirs", {"status": status}, id=one))
    stage.write({"m.yaml": SERVICE + document("Incident", "theirs", {"status": "resolved"}, id=other)})
    plan = stage.plan()
    assert [(change.word, str(change.address)) for change in plan.changes] == [("adopt", f"{NAME}/theirs")]
    assert [warning.text.partition(": ")[2] for warning in plan.warnings] == [
        "status is triggered there and resolved in Git; nothing is sent"
    ]
    assert stage.apply().ok
    [entry] = [entry for text, entry in stage.ledger("pagerduty").entries.items() if text == f"{NAME}/theirs"]
    assert (entry.id, entry.origin) == (other, "adopted")


def test_bound_to_another_one_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    ident = theirs(stage, "one")
    for status in ("triggered", "resolved"):
        whole(stage, document("Incident", "theirs", {"status": status}, id=ident))
    stage.write({"m.yaml": SERVICE + document("Incident", "theirs", {"status": "resolved"}, id="QNONE")})
    with pytest.raises(ReconcilerError, match="QNONE"):
        stage.plan()


def test_an_unknown_requester_is_told_with_the_way_out(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    project = (tmp_path / "reconciler.yaml").read_text()
    stage.write({"reconciler.yaml": project.replace(", from: ann@example.com", ""), "m.yaml": SERVICE + incident()})
    [result] = [one for one in stage.apply().results if one.ending != "done"]
    assert "set `from` in the account: a user's e-mail address" in result.text


# ── what moved there ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_time_out_is_told_and_never_fought(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, incident("acknowledged"))
    travel(stage, 1801)
    before = writes(stage)
    plan = stage.plan()
    assert plan.empty
    [warning] = plan.warnings
    assert warning.text == f"{NAME}/disk: status is triggered there and acknowledged in Git; nothing is sent"
    assert warning.way_out == "to follow it, write status: triggered"
    assert stage.apply().ok
    whole(stage, incident())
    assert writes(stage) == before
    whole(stage, incident("acknowledged"))
    assert live(stage)["status"] == "acknowledged"


REFUSED: dict[str, tuple[list[str], dict[str, Any], str, str]] = {
    "opened again by the way": ([incident("resolved"), incident()], {}, "status", "would be opened again"),
    "taken up when somebody resolved it": (
        [incident(), incident("acknowledged")],
        {"status": "resolved"},
        "status",
        "would be opened again",
    ),
    "other words of a resolved one": (
        [incident("resolved"), incident("resolved", title="x")],
        {},
        "title",
        "PagerDuty changes nothing of a resolved incident",
    ),
    "back": ([incident("acknowledged"), incident()], {}, "status", "acknowledgement_timeout triggers"),
    "another key": ([incident(), incident(incident_key="x")], {}, "incident_key", "only when the incident is made"),
    "another body": ([incident(), incident(body="x")], {}, "body", "only when the incident is made"),
    "how it was solved, afterwards": (
        [incident("resolved"), incident("resolved", resolution="x")],
        {},
        "resolution",
        "only with the step to resolved",
    ),
}


@pytest.mark.parametrize(("says", "moved", "field", "why"), REFUSED.values(), ids=REFUSED)
def test_what_it_does_not_take_is_blocked(
    says: list[str], moved: dict[str, Any], field: str, why: str, tmp_path: Path
) -> None:
    stage = signals(tmp_path)
    whole(stage, incident())
    whole(stage, says[0])
    if moved:
        put(stage, **moved)
    stage.write({"m.yaml": SERVICE + says[1]})
    [change] = stage.plan().changes
    assert isinstance(change, Blocked), told(stage.plan())
    assert why in change.why
    assert change.way_out


def test_one_that_was_never_sent_cannot_be_opened(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, incident("resolved"))
    stage.write({"m.yaml": SERVICE + incident(reopen=True)})
    [change] = stage.plan().changes
    assert isinstance(change, Blocked)
    assert "shows no such incident" in change.why


# ── whom it calls ───────────────────────────────────────────────────────────────────────────────────────────────────

CALLED: dict[str, tuple[str, tuple[str, ...]]] = {
    "by the service": (incident(), ("calls whoever is on call for checkout; low urgency",)),
    "as it is declared": (incident(urgency="high"), ("calls whoever is on call for checkout; high urgency",)),
    "for people": (
        incident(assignments=["ann@example.com"]),
        ("calls ann@example.com for checkout; low urgency",),
    ),
    "for a policy": (
        incident(escalation_policy="calls"),
        ("calls the escalation policy calls for checkout; low urgency",),
    ),
}


@pytest.mark.parametrize(("text", "lines"), CALLED.values(), ids=CALLED)
def test_whom_it_calls_is_told(text: str, lines: tuple[str, ...], tmp_path: Path) -> None:
    stage = signals(tmp_path)
    stage.write({"m.yaml": SERVICE + text})
    [change] = stage.plan().writes
    assert change.pages == lines


def test_whom_an_edit_calls_is_told(tmp_path: Path) -> None:
    stage = signals(tmp_path)
    whole(stage, incident())
    told_of = []
    for text in (
        incident(assignments=["bob@example.com"]),
        incident("resolved", assignments=["bob@example.com"]),
        incident(reopen=True, assignments=["bob@example.com"]),
    ):
        stage.write({"m.yaml": SERVICE + text})
        told_of += [change.pages for change in stage.plan().writes]
        whole(stage, text)
    assert told_of == [
        ("handed over: calls bob@example.com for checkout",),
        (),
        ("opened again: calls bob@example.com for checkout; low urgency",),
    ]
