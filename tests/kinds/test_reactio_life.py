"""An incident's life: looked for before it is opened, opened once, moved on by Git alone, told of at most once."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.plan import Plan
from reconciler.kinds.signal import Seeing
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Own
from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.reactio import life
from reconciler.vendors.reactio.incident import KIND
from tests.stage import Stage

CONTEXT = Context(datetime(2026, 1, 10, tzinfo=UTC))
SEEING = Seeing(CONTEXT, lambda leaf: None)
SINCE = 1767603600
OPEN: Object = {"name": "障害", "since": "2026-01-05T09:00:00Z", "status": "open"}

# ── looking for it ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tree", "ident", "asked"),
    [
        (OPEN, "512", ["/api/v1/incidents/{id}"]),
        ({"name": "障害"}, "512", ["/api/v1/incidents/{id}"]),
        ({"name": "障害"}, None, []),
        (
            OPEN,
            None,
            [f"/api/v1/incidents?from={SINCE - 1}&status={status}" for status in ("open", "pend", "close")],
        ),
    ],
)
def test_it_is_looked_for_by_id_or_by_name_in_each_status(tree: Object, ident: str | None, asked: list[str]) -> None:
    assert [query.path for query in life.queries(tree, ident, SEEING)] == asked


@pytest.mark.parametrize(
    ("ident", "row", "it_is"),
    [
        (None, {"id": 1, "name": "障害", "created_at": SINCE}, True),
        (None, {"id": 1, "name": " 障害 ", "created_at": SINCE + 1}, True),
        (None, {"id": 1, "name": unicodedata.normalize("NFD", "障害"), "created_at": SINCE}, True),
        (None, {"id": 1, "name": "障害", "created_at": SINCE - 1}, False),
        (None, {"id": 1, "name": "障害2", "created_at": SINCE}, False),
        (None, {"id": 1, "name": "障害"}, False),
        ("1", {"id": 1, "name": "renamed", "created_at": 0}, True),
        ("1", {"id": 11, "name": "障害", "created_at": SINCE}, False),
    ],
)
def test_a_row_is_it_by_id_or_by_name_and_age(ident: str | None, row: dict[str, Any], it_is: bool) -> None:
    assert bool(life.found(OPEN, ident, [row], SEEING)) is it_is


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────

Sent = tuple[str, str, dict[str, Any], bool]
TOLD = {"notification_text": "復旧", "notification_call": True}


def work(wanted: Object, last: Object | None = None, there: Object | None = None) -> Work:
    changed = frozenset(name for name in wanted if last is None or wanted[name] != last.get(name))
    return Work("create" if last is None else "update", wanted, changed, last, there)


STEPS: list[tuple[str, Work, list[Sent]]] = [
    (
        "opened, with all that is told of it then",
        work({**OPEN, "message": "<b>x</b>", "notification_text": "参集", "messages": {"more": "y"}}),
        [
            (
                "open",
                "/api/v1/incidents",
                {"name": "障害", "status": "open", "message": "<b>x</b>", "notification_text": "参集"},
                False,
            ),
            ("message more", "/api/v1/messages", {"incident_id": Own(number=True), "message": "y"}, True),
        ],
    ),
    (
        "moved on, and told of once more",
        work(
            {**OPEN, "status": "close", "messages": {"a": "x", "b": "y"}, "notifications": {"fixed": TOLD}},
            {**OPEN, "messages": {"a": "x"}},
        ),
        [
            ("status", "/api/v1/incidents/{id}/status", {"status": "close"}, False),
            ("message b", "/api/v1/messages", {"incident_id": Own(number=True), "message": "y"}, True),
            ("notification fixed", "/api/v1/notifications", {"incident_id": Own(number=True), **TOLD}, True),
        ],
    ),
    (
        "told of alone",
        work({**OPEN, "notifications": {"fixed": TOLD}}, OPEN),
        [("notification fixed", "/api/v1/notifications", {"incident_id": Own(number=True), **TOLD}, True)],
    ),
    ("nothing new", work(OPEN, OPEN), []),
]


@pytest.mark.parametrize(("given", "sent"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_each_request_says_one_thing(given: Work, sent: list[Sent]) -> None:
    steps = life.steps(KIND, given, CONTEXT)
    assert [(step.name, step.path, step.body, step.blind) for step in steps] == sent
    assert all(step.method == "POST" for step in steps)


def test_by_what_it_shows_an_incident_is_known_again_whose_opening_got_no_answer() -> None:
    given = {**OPEN, "parameters": {"cause": "bug"}, "topics": ["告知"], "message": "x", "messages": {"a": "y"}}
    (step, _) = life.steps(KIND, work(given), CONTEXT)
    assert step.made == {"name": "障害", "status": "open", "parameters": {"cause": "bug"}}
    assert step.tells == {name: value for name, value in given.items() if name != "messages"}
    assert step.unsure == {"notification_error"}


REFUSED: list[tuple[str, Work, tuple[str, ...] | None, str]] = [
    ("a status forward", work({**OPEN, "status": "close"}, OPEN, {"status": "pend"}), None, ""),
    ("a status back", work(OPEN, {**OPEN, "status": "pend"}), ("status",), "does not go back from pend to open"),
    (
        "a status behind what a person did",
        work({**OPEN, "status": "pend"}, OPEN, {"status": "close"}),
        ("status",),
        "does not go back from close to pend",
    ),
    ("a name", work({**OPEN, "name": "x"}, OPEN), ("name",), "changes nothing of an incident but its status"),
    ("a parameter", work({**OPEN, "parameters": {"a": "b"}}, OPEN), ("parameters",), "changes nothing"),
    ("the first message", work({**OPEN, "message": "x"}, OPEN), ("message",), "changes nothing"),
    ("another message", work({**OPEN, "messages": {"a": "x"}}, OPEN), None, ""),
    (
        "a message that was sent",
        work({**OPEN, "messages": {"a": "x"}}, {**OPEN, "messages": {"a": "y"}}),
        ("messages", "a"),
        "it was sent, and cannot be taken back",
    ),
    (
        "a notification that was sent",
        work(
            {**OPEN, "notifications": {"a": TOLD}},
            {**OPEN, "notifications": {"a": {**TOLD, "notification_call": False}}},
        ),
        ("notifications", "a"),
        "it was sent",
    ),
    ("a beginning, which is ours", work({**OPEN, "since": 1}, OPEN), None, ""),
    ("anything, before it is there", work({**OPEN, "name": "x"}), None, ""),
]


@pytest.mark.parametrize(("given", "path", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_reactio_has_no_request_for_is_refused(given: Work, path: tuple[str, ...] | None, why: str) -> None:
    refusal = life.refuses(given, CONTEXT)
    assert (refusal.path if refusal else None) == path
    assert why in (refusal.why if refusal else "")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (work(OPEN), ()),
        (work({**OPEN, "notification_call": True}), ()),
        (work({**OPEN, "notification_text": "x"}), ("notifies everybody in the Reactio project",)),
        (
            work({**OPEN, "notification_text": "x", "notification_call": True}),
            ("telephones and notifies everybody in the Reactio project",),
        ),
        (work({**OPEN, "notifications": {"a": TOLD}}, {**OPEN, "notifications": {"a": TOLD}}), ()),
        (
            work({**OPEN, "notifications": {"a": TOLD}}, OPEN),
            ("telephones and notifies everybody in the Reactio project: notifications.a",),
        ),
    ],
)
def test_whom_a_write_wakes_is_said_before(given: Work, words: tuple[str, ...]) -> None:
    assert life.pages(given) == words


def test_what_a_person_did_in_reactio_is_told() -> None:
    declared = {"parameters": {"cause": "bug", "scale": "whole"}}
    live = {"parameters": {"cause": "unknown", "point": "os"}}
    assert life.notices(declared, live) == (
        'parameters.cause is "unknown" there and "bug" in Git; nothing can be sent',
        'parameters.scale is not selected there and "whole" in Git; nothing can be sent',
    )
    assert life.notices(declared, {"parameters": "new form"}) == life.notices({}, live) == ()
    assert life.open_there({"status": "pend"}) == "it stays pend there"
    assert life.open_there({"status": "close"}) is None


# ── lived ───────────────────────────────────────────────────────────────────────────────────────────────────────────

INCIDENTS = "/reactio/api/v1/incidents"


def manifest(status: str, *more: str) -> str:
    lines = ["since: 2026-01-01T00:00:00Z", f"status: {status}", *more]
    spec = "".join(f"  {line}\n" for line in lines)
    return f"apiVersion: reactio/v1\nkind: Incident\nmetadata: {{name: checkout}}\nspec:\n{spec}"


def lived(root: Path, status: str = "open", *more: str) -> Stage:
    stage = Stage(root)
    stage.write({"a.yaml": manifest(status, *more)})
    return stage


def fault(stage: Stage, path: str, **what: Any) -> None:
    body = {"method": "POST", "path": f"/reactio/api/v1/{path}", **what}
    assert stage.sandbox.handle(Request("POST", "/__faults", (), {}, encode(body))).status == 200


def held(stage: Stage, what: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = stage.sandbox.dump()["vendors"]["reactio"]["accounts"][""][what]
    return found


def words(plan: Plan) -> list[str]:
    return [type(change).__name__ for change in plan.changes]


def test_an_incident_is_opened_moved_on_and_closed_by_git(tmp_path: Path) -> None:
    first = ("topics: [告知]", "message: <b>x</b>", "notification_text: 参集")
    stage = lived(tmp_path, "open", "detection: system", *first)
    assert words(stage.plan()) == ["Create"]
    (result,) = stage.apply().results
    assert result.notes == ("told by email1: users 4, 9",)
    assert stage.plan().empty
    stage.write({"a.yaml": manifest("close", "parameters: {detection: system}", *first, "messages: {fixed: 復旧}")})
    assert words(stage.plan()) == ["Update"]
    assert stage.apply().ok
    assert stage.plan().empty
    (incident,) = held(stage, "incidents")
    assert (incident["status"], incident["parameters"]) == ("close", {"detection": "system"})
    assert [message["message"] for message in held(stage, "messages")] == ["<b>x</b>", "復旧"]
    assert len(held(stage, "notifications")) == 1


EITHER_WAY: list[dict[str, Any]] = [
    {"posted": 200, "without_status": "all", "bounds": "inclusive", "message_answer": "success", "same_status": "take"},
    {"unselected": "null", "no_notification": "null", "changed_by": "null", "wrong_page": "clamp"},
    {"no_notification": "empty", "unknown_parameters": "store", "stronger": "field", "reopening": "clears"},
]


@pytest.mark.parametrize("settings", EITHER_WAY, ids=[", ".join(row) for row in EITHER_WAY])
def test_whatever_reactio_does_where_its_pages_are_silent_the_story_is_the_same(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    stage = lived(tmp_path, "open", "parameters: {service: search, cause: null}")
    stage.sandbox.vendors["reactio"].set(settings)
    fault(stage, "incidents", fault="lose")
    assert stage.apply().ok
    assert stage.plan().empty
    more = ("parameters: {service: search, cause: null}", "messages: {fixed: 復旧}")
    stage.write({"a.yaml": manifest("close", *more)})
    assert stage.apply().ok
    plan = stage.plan()
    assert (plan.empty, list(plan.warnings)) == (True, [])
    assert [one["status"] for one in held(stage, "incidents")] == ["close"]


def test_where_the_incident_does_not_stand_the_refusal_is_told(tmp_path: Path) -> None:
    stage = lived(tmp_path, "open", "notification_text: 参集")
    stage.sandbox.vendors["reactio"].set({"unnotified": "refused"})
    for user in ("4", "9"):
        stage.edit("reactio", f"users/{user}", None)
    (result,) = stage.apply().results
    assert "nobody in the project can be told" in result.text
    assert held(stage, "incidents") == []


def test_a_catalogue_is_never_read_planned_or_recorded(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    head = "apiVersion: reactio/v1\nkind: IncidentOptions\nmetadata: {name: options}\n"
    stage.write({"options.yaml": f"{head}spec:\n  parameters: {{service: {{strings: {{search: }}}}}}\n"})
    assert stage.plan().changes == ()
    assert list(stage.sandbox.log) == []
    stage.write({"a.yaml": manifest("open", "parameters: {service: search}")})
    stage.apply()
    assert list(stage.ledger("reactio").entries) == ["reactio/Incident/checkout"]


def test_one_that_a_person_opened_since_is_adopted_and_told_nothing(tmp_path: Path) -> None:
    stage = lived(tmp_path, "open", "message: x")
    stage.edit("reactio", "incidents/checkout", {"status": "pend"})
    plan = stage.plan()
    assert words(plan) == ["Adopt"]
    assert "status is pend there and open in Git; nothing is sent" in str(plan.warnings[0])
    stage.apply()
    assert (len(held(stage, "incidents")), held(stage, "messages")) == (1, [])


BROKEN = {"type": "internal_server_error", "message": "Internal Server Error"}
ACCIDENTS: list[tuple[str, dict[str, Any]]] = [
    ("the answer is lost", {"fault": "lose"}),
    (
        "a 500 comes after it was made",
        {"fault": "status_after", "status": 500, "body": {"type": "internal_server_error"}},
    ),
    ("it is cut before", {"fault": "cut"}),
]


@pytest.mark.parametrize("accident", [row[1] for row in ACCIDENTS], ids=[row[0] for row in ACCIDENTS])
def test_whatever_happens_it_is_opened_once(tmp_path: Path, accident: dict[str, Any]) -> None:
    stage = lived(tmp_path, "pend", "message: x")
    fault(stage, "incidents", **accident)
    assert stage.apply().ok
    assert stage.plan().empty
    assert len(held(stage, "incidents")) == len(held(stage, "messages")) == 1


def test_with_nobody_to_tell_the_incident_stands_and_is_known_again(tmp_path: Path) -> None:
    stage = lived(tmp_path, "open", "notification_text: 参集")
    for user in ("4", "9"):
        stage.edit("reactio", f"users/{user}", None)
    assert stage.apply().ok
    assert stage.plan().empty
    assert len(held(stage, "incidents")) == 1


def test_a_message_that_may_have_arrived_is_not_sent_twice(tmp_path: Path) -> None:
    stage = lived(tmp_path, "open", "messages: {fixed: 復旧}")
    fault(stage, "messages", fault="lose")
    assert not stage.apply().ok
    assert words(stage.plan()) == ["Doubtful"]
    stage.apply()
    assert len(held(stage, "messages")) == 1


def test_a_status_whose_answer_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    stage = lived(tmp_path)
    stage.apply()
    stage.write({"a.yaml": manifest("close")})
    fault(stage, "incidents/1/status", fault="lose")
    stage.apply()
    assert stage.apply().ok
    assert stage.plan().empty
    assert held(stage, "incidents")[0]["status"] == "close"


def test_without_the_ledger_it_is_found_by_its_name(tmp_path: Path) -> None:
    stage = lived(tmp_path, "close")
    stage.apply()
    again = Stage(tmp_path, sandbox=stage.sandbox)
    assert words(again.plan()) == ["Adopt"]
