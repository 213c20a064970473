"""Whatever is sent to PagerDuty's sandbox, it answers: no body, path or query brings it down."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.pagerduty.edits import PARTS, SORTS
from reconciler.sandbox.pagerduty.vendor import ROUTES
from reconciler.sandbox.world import Sandbox
from tests.sandbox.pagerduty_caller import Pagerduty

WRAPPERS = tuple(sorted({wrapper for _, wrapper in SORTS.values()} | {part[2] for part in PARTS.values()}))
WORDS = (
    *("id", "type", "name", "email", "status", "config", "services", "team", "user", "users", "label"),
    *("escalation_policy", "escalation_rules", "targets", "schedule_layers", "start", "restrictions", "time_zone"),
    *("sets", "rules", "actions", "conditions", "catch_all", "relationships", "incidents", "overrides", "steps"),
    *("incident_urgency_rule", "support_hours", "alert_grouping_parameters", "delivery_method", "filter", "events"),
)
VALUES = ("service", "user_reference", "constant", "time", "start", "UTC", "2026-01-05T09:00:00Z", "true", "", "日")
LEAVES = st.none() | st.booleans() | st.integers(-2, 5000) | st.floats(allow_nan=False) | st.sampled_from(VALUES)
KEYS = st.sampled_from(WORDS) | st.text(max_size=3)
PARTS_OF_BODIES = st.recursive(
    LEAVES | st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)
BODIES = PARTS_OF_BODIES | st.dictionaries(st.sampled_from(WRAPPERS), PARTS_OF_BODIES, max_size=2)
NAMES = ("limit", "offset", "total", "query", "include[]", "since", "until", "sort_by", "cursor", "after", "filter")
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(("1", "-1", "²", "true", "services", "name:desc", "9999-12-31T23:59:59Z", "0001-01-01", "")),
    ),
    max_size=3,
)
FILLED = Sandbox()
FILLED.handle(Request("POST", "/__fill", (), {}, b'{"vendor": "pagerduty", "count": 8}'))
CALLER = Pagerduty.of(FILLED)
FOUND = [
    CALLER.made("GET", path)[path[1:]][0]["id"]
    for path in ("/users", "/teams", "/schedules", "/services", "/escalation_policies")
]
IDENTS = st.sampled_from((*FOUND, "-", "²", "%E6%97%A5", "absent"))


@settings(max_examples=300)
@given(st.data(), st.sampled_from(ROUTES.table), BODIES, QUERIES)
def test_every_path_answers_every_body(data: st.DataObject, route: Any, body: Any, query: Any) -> None:
    segments = [data.draw(IDENTS) if part.startswith("{") else part for part in route.path.split("/")]
    path = "/pagerduty" + "/".join(segments)
    answer = FILLED.fork().handle(Request(route.method, path, tuple(query), CALLER.headers, json.dumps(body).encode()))
    assert answer.status < 500
    assert answer.body == b"" or json.loads(answer.body) is not None


@settings(max_examples=100)
@given(st.sampled_from(("enqueue", "change/enqueue")), BODIES)
def test_every_event_is_answered(path: str, body: Any) -> None:
    answer = FILLED.fork().handle(Request("POST", f"/pagerduty/v2/{path}", (), {}, json.dumps(body).encode()))
    assert answer.status == 400
    assert answer.json()["status"] == "invalid event"


@settings(max_examples=100)
@given(st.sampled_from(("/NAME", "/NAME/integrations/x", "/NAME/members/x")), st.sampled_from(tuple(SORTS)), BODIES)
def test_every_edit_is_answered(tail: str, sort: str, body: Any) -> None:
    edit = {"vendor": "pagerduty", "path": f"{sort}{tail.replace('NAME', 'x')}", "json": body}
    answer = FILLED.fork().handle(Request("POST", "/__edit", (), {}, json.dumps(edit).encode()))
    assert answer.status in (200, 400)
