"""Whatever is sent, a vendor answers: no body, path or query brings the sandbox down."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.opsgenie.vendor import ROUTES as OPSGENIE
from reconciler.sandbox.wallarm.vendor import ROUTES as WALLARM
from reconciler.sandbox.world import Sandbox

SIGNED = {"authorization": "GenieKey account-key", "x-wallarmapi-token": "token"}
WORDS = ("name", "id", "type", "user", "username", "members", "rules", "notify", "participants", "rotations", "trigger")
MORE = (
    "filters",
    "actions",
    "values",
    "target",
    "events",
    "event",
    "threshold",
    "params",
    "filter",
    "clientid",
    "fields",
)
VALUES = (
    "team",
    "user",
    "API",
    "opsgenie",
    "match-all",
    "ann@example.com",
    "UTC",
    "2026-01-05T09:00:00Z",
    "none",
    "",
    "日",
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-2, 5000) | st.floats(allow_nan=False) | st.sampled_from(VALUES) | st.text()
)
KEYS = st.sampled_from((*WORDS, *MORE)) | st.text()
BODIES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
ROUTES = [("opsgenie", route) for route in OPSGENIE.table] + [("wallarm", route) for route in WALLARM.table]
QUERIES = st.dictionaries(
    st.sampled_from(("identifierType", "teamIdentifierType", "limit", "offset", "query", "clientid", "sort", "tags")),
    st.sampled_from(("name", "id", "0", "-1", "²", "abc", "status: open", "4711", "")),
    max_size=3,
)
IDENTS = st.sampled_from(("team-00004", "ann@example.com", "4711", "90010", "-", "²", "%E6%97%A5", "absent"))
FILLED = Sandbox()
FILLED.handle(Request("POST", "/__fill", (), {}, b'{"count": 8}'))


def _path(data: st.DataObject, vendor: str, template: str) -> str:
    segments = [data.draw(IDENTS) if part.startswith("{") else part for part in template.split("/")]
    return f"/{vendor}" + "/".join(segments)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(ROUTES), BODIES, QUERIES)
def test_every_path_answers_every_body(data: st.DataObject, place: Any, body: Any, query: dict[str, str]) -> None:
    vendor, route = place
    world = FILLED.fork()
    path = _path(data, vendor, route.path)
    answer = world.handle(Request(route.method, path, tuple(query.items()), SIGNED, json.dumps(body).encode()))
    assert answer.status < 500
    json.loads(answer.body)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(("faults", "clock", "settings", "edit", "fill", "incident")), BODIES)
def test_every_control_call_answers_every_body(call: str, body: Any) -> None:
    world = FILLED.fork()
    answer = world.handle(Request("POST", f"/__{call}", (), {}, json.dumps(body).encode()))
    assert answer.status in (200, 400)


def test_half_a_surrogate_pair_does_not_spoil_later_answers() -> None:
    world = Sandbox()
    body = b'{"vendor": "opsgenie", "path": "teams/x", "json": {"description": "\\ud800"}}'
    assert world.handle(Request("POST", "/__edit", (), {}, body)).status == 200
    (team,) = world.handle(Request("GET", "/opsgenie/v2/teams", (), SIGNED)).json()["data"]
    assert team["description"] == "?"
