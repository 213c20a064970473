"""Every error type of Reactio, by its cause; notifications and messages; no body or query brings it down."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.reactio.vendor import ROUTES
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

PATH = "/api/v1/incidents"
NAMED = {"name": "x"}
TELL = {**NAMED, "notification_text": "参集"}


@pytest.fixture
def reactio(world: Sandbox) -> Caller:
    return Caller(world, "/reactio", {"x-api-key": "key"})


def missing(field: str, code: str = "missing_field") -> dict[str, Any]:
    return {"type": "validation_error", "message": "validation error", "errors": [{"field": field, "code": code}]}


NO_INCIDENT = {"type": "incident_not_found", "message": "Incident not found."}
NOT_FOUND = {"type": "not_found", "message": "Not Found"}
NO_BODY = {"type": "invalid_request_body", "message": "invalid request body"}

ERRORS: list[tuple[str, str, Any, int, dict[str, Any]]] = [
    ("POST", PATH, None, 400, NO_BODY),
    ("POST", PATH, [], 400, NO_BODY),
    ("POST", PATH, "name", 400, NO_BODY),
    ("POST", "/api/v1/messages", None, 400, NO_BODY),
    ("POST", PATH, {}, 400, missing("name")),
    ("POST", PATH, {"name": None}, 400, missing("name")),
    ("POST", PATH, {"name": 7}, 400, missing("name", "invalid_field")),
    ("POST", PATH, {**NAMED, "status": "closed"}, 400, missing("status", "invalid_field")),
    ("POST", PATH, {**NAMED, "detection": "システム発報"}, 400, missing("detection", "invalid_field")),
    ("POST", PATH, {**NAMED, "scale": "application"}, 400, missing("scale", "invalid_field")),
    ("POST", PATH, {**NAMED, "parameters": "service:checkout"}, 400, missing("parameters", "invalid_field")),
    ("POST", PATH, {**NAMED, "topics": "告知"}, 400, missing("topics", "invalid_field")),
    ("POST", PATH, {**NAMED, "notification_call": "yes"}, 400, missing("notification_call", "invalid_field")),
    ("POST", PATH, {**NAMED, "message": "x" * 10_001}, 400, missing("message", "invalid_field")),
    ("POST", PATH, {**NAMED, "message": "<script>"}, 400, missing("message", "invalid_field")),
    ("POST", "/api/v1/messages", {"message": "x"}, 400, missing("incident_id")),
    ("POST", "/api/v1/messages", {"incident_id": 1}, 400, missing("message")),
    ("POST", "/api/v1/messages", {"incident_id": 99, "message": "x"}, 400, NO_INCIDENT),
    ("POST", "/api/v1/notifications", {"incident_id": 99, "notification_text": "x"}, 400, NO_INCIDENT),
    ("POST", "/api/v1/notifications", {"notification_text": "x"}, 400, missing("incident_id")),
    ("POST", f"{PATH}/99/status", {"status": "pend"}, 400, NO_INCIDENT),
    ("POST", f"{PATH}/1/status", {"status": "done"}, 400, missing("status", "invalid_field")),
    ("GET", f"{PATH}/99", None, 404, NOT_FOUND),
    ("GET", f"{PATH}/x", None, 404, NOT_FOUND),
    ("GET", "/api/v1/users", None, 404, NOT_FOUND),
    ("DELETE", f"{PATH}/1", None, 404, NOT_FOUND),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "error"), ERRORS)
def test_what_is_wrong_is_answered_as_the_sheet_says(
    reactio: Caller, method: str, path: str, body: Any, status: int, error: dict[str, Any]
) -> None:
    reactio.made("POST", PATH, NAMED)
    assert reactio(method, path, body) == (status, error)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "api key required"),
        ({"x-api-key": ""}, "api key required"),
        ({"authorization": "Bearer key"}, "api key required"),
        ({"x-api-key": "wrong-key"}, "invalid api key"),
    ],
)
def test_nothing_is_looked_at_before_the_key(world: Sandbox, headers: dict[str, str], words: str) -> None:
    caller = Caller(world, "/reactio", headers)
    for method, path in (("GET", "/nowhere"), ("POST", PATH)):
        assert caller(method, path) == (401, {"type": "authentication_error", "message": words})


def nobody_can_be_told(reactio: Caller) -> None:
    for user in ("4", "9"):
        reactio.world.vendors["reactio"].account().edit(("users", user), {"devices": ["phone"]})


@pytest.mark.parametrize(("unnotified", "left"), [("made", 1), ("refused", 0)])
def test_with_nobody_to_tell_a_create_fails_and_the_incident_may_stand(
    reactio: Caller, unnotified: str, left: int
) -> None:
    nobody_can_be_told(reactio)
    reactio.world.vendors["reactio"].set({"unnotified": unnotified})
    status, error = reactio("POST", PATH, {**TELL, "message": "x"})
    assert (status, error["type"], error["message"]) == (
        400,
        "notification_error",
        "Notification destination can not be found.",
    )
    assert len(reactio.made("GET", PATH)) == left
    assert reactio("POST", PATH, {**TELL, "notification_call": True})[0] == 201  # phones only ring when asked to


def test_an_internal_error_can_come_after_the_incident_was_made(reactio: Caller, control: Caller) -> None:
    error = {"type": "internal_server_error", "message": "Internal Server Error"}
    fault = {"fault": "status_after", "status": 500, "body": error, "method": "POST", "path": f"/reactio{PATH}"}
    control.made("POST", "/__faults", fault)
    assert reactio("POST", PATH, NAMED) == (500, error)
    assert [one["name"] for one in reactio.made("GET", PATH)] == ["x"]


def test_a_notification_tells_whom_it_reached_and_is_never_read_again(reactio: Caller) -> None:
    ident = reactio.made("POST", PATH, NAMED)["id"]
    sent = reactio.made("POST", "/api/v1/notifications", {"incident_id": ident, "notification_text": "復旧"})
    assert sent["notificated_for"] == {"phone": [], "email1": ["4", "9"], "email2": [], "imkayac": []}
    assert set(sent) == {"id", "notification_text", "notification_call", "notificated_for", "created_at"}
    assert "notifications" not in reactio.made("GET", f"{PATH}/{ident}")
    nobody_can_be_told(reactio)
    body = {"incident_id": ident, "notification_text": "復旧"}
    assert reactio("POST", "/api/v1/notifications", body)[1]["type"] == "notification_error"


@pytest.mark.parametrize(("answer", "posted", "shown"), [("nothing", 201, None), ("success", 200, {"success": True})])
def test_a_message_is_taken_and_what_is_answered_is_open(reactio: Caller, answer: str, posted: int, shown: Any) -> None:
    reactio.world.vendors["reactio"].set({"message_answer": answer, "posted": posted})
    ident = reactio.made("POST", PATH, NAMED)["id"]
    text = '4 < 5 and <a href="https://x.test">x</a><BR/>' + "長" * 9_000
    assert reactio("POST", "/api/v1/messages", {"incident_id": ident, "message": text}) == (posted, shown)


# ── whatever is sent ────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = (
    "name",
    "status",
    "parameters",
    "detection",
    "topics",
    "message",
    "incident_id",
    "notification_text",
    "service",
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 99) | st.sampled_from(("open", "system", "x", "")) | st.text()
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=10,
)
QUERIES = st.dictionaries(
    st.sampled_from(("from", "to", "status", "page", "per_page")),
    st.sampled_from(("0", "-1", "²", "x", "close", "")),
    max_size=3,
)
FILLED = Sandbox()
FILLED.handle(Request("POST", "/__fill", (), {}, b'{"count": 4, "vendor": "reactio"}'))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ROUTES.table), BODIES, QUERIES, st.sampled_from(("1", "²", "absent", "99")))
def test_every_path_answers_every_body(route: Any, body: Any, query: dict[str, str], ident: str) -> None:
    path = "/reactio" + route.path.replace("{id}", ident)
    request = Request(route.method, path, tuple(query.items()), {"x-api-key": "key"}, json.dumps(body).encode())
    answer = FILLED.fork().handle(request)
    assert answer.status < 500
    answer.json()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(("incidents/1", "incidents/新", "users/4", "users/7", "options/service", "options/x")), BODIES)
def test_every_edit_is_answered_and_leaves_a_world_that_can_be_read(path: str, body: Any) -> None:
    world = FILLED.fork()
    content = json.dumps({"vendor": "reactio", "path": path, "json": body}).encode()
    assert world.handle(Request("POST", "/__edit", (), {}, content)).status in (200, 400)
    for target in (PATH, f"{PATH}/1"):
        answer = world.handle(Request("GET", f"/reactio{target}", (), {"x-api-key": "key"}))
        assert answer.status in (200, 403, 404)


def test_a_world_is_kept_and_goes_on(reactio: Caller) -> None:
    reactio.made("POST", PATH, {**TELL, "message": "x"})
    other = Sandbox()
    other.load(reactio.world.dump())
    assert other.dump() == reactio.world.dump()
    assert other.handle(Request("GET", "/reactio" + PATH, (), reactio.headers)).json()[0]["name"] == "x"
