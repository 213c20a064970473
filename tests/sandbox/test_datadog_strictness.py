"""Whatever is sent to Datadog's sandbox, it answers: no body, path or query brings it down."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.datadog.edits import PLACES
from reconciler.sandbox.datadog.vendor import ROUTES
from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.datadog_caller import METRIC, Datadog, envelope, monitor, objective

WORDS = (
    *("type", "name", "query", "options", "thresholds", "critical", "tags", "message", "monitor_ids", "timeframe"),
    *("scope", "monitor_identifier", "monitor_tags", "schedule", "recurrences", "rrule", "duration", "start", "end"),
    *("services", "service", "started_at", "finished_at", "git", "id", "url", "payload", "display", "region", "value"),
    *("sli_specification", "count", "time_slice", "queries", "numerator", "timezone", "from", "limit", "sort"),
)
VALUES = (
    "metric",
    "composite",
    METRIC,
    "1 && 2",
    "FREQ=DAILY;COUNT=2",
    "1h",
    "a:b",
    "2999-12-31T23:59:59Z",
    "UTC",
    "日",
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 2**70) | st.floats() | st.sampled_from(VALUES) | st.text()
KEYS = st.sampled_from(WORDS) | st.text(max_size=3)
PARTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))
SOUND = (
    monitor(),
    objective(),
    envelope("downtime", scope="a:b", monitor_identifier={"monitor_tags": ["*"]}),
    envelope("opsgenie-service", name="a", opsgenie_api_key="k", region="eu"),
    envelope("dora_failure", service="a", services=["a"], started_at=1_788_220_800, finished_at=1_788_220_900),
    envelope("dora_failures_list_request"),
    {"name": "a", "url": "b", "value": "c", "is_secret": True, "service_name": "d", "service_key": "e"},
)
NAMES = (
    "page",
    "page_size",
    "page[limit]",
    "limit",
    "offset",
    "ids",
    "monitor_ids",
    "query",
    "sort",
    "include",
    "force",
)
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(("1", "-1", "²", "true", "tag:", "", "9" * 30))))
FILLED = Sandbox()
FILLED.handle(Request("POST", "/__fill", (), {}, b'{"vendor": "datadog", "count": 8}'))
CALLER = Datadog.of(FILLED)
FOUND = [
    str(CALLER.made("GET", "/api/v1/monitor")[0]["id"]),
    CALLER.made("GET", "/api/v1/slo")["data"][0]["id"],
    CALLER.made("GET", "/api/v2/downtime")["data"][0]["id"],
]
IDENTS = st.sampled_from((*FOUND, "acme", "-", "²", "%E6%97%A5", "9" * 5000))


@st.composite
def bodies(draw: st.DrawFn) -> Any:
    """A sound body with one part of it put wrong, or anything at all."""
    if draw(st.booleans()):
        return draw(PARTS)
    body = json.loads(json.dumps(draw(st.sampled_from(SOUND))))
    inner = body["data"]["attributes"] if "data" in body else body
    inner[draw(KEYS | st.sampled_from([*inner, "type"]))] = draw(PARTS)
    return body


@settings(max_examples=250)
@given(st.data(), st.sampled_from(ROUTES.table), bodies(), QUERIES)
def test_every_path_answers_every_body(data: st.DataObject, route: Any, body: Any, query: Any) -> None:
    segments = [data.draw(IDENTS) if part.startswith("{") else part for part in route.path.split("/")]
    path = "/datadog" + "/".join(segments)
    world = FILLED.fork()
    answer = world.handle(Request(route.method, path, tuple(query), CALLER.headers, json.dumps(body).encode()))
    assert answer.status < 500
    assert answer.body == b"" or json.loads(answer.body, parse_constant=_none) is not None
    for read in ("/datadog/api/v1/monitor", "/datadog/api/v1/slo", "/datadog/api/v2/downtime"):
        assert world.handle(Request("GET", read, (), CALLER.headers)).status == 200


def _none(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@settings(max_examples=60)
@given(st.sampled_from((*(f"{sort}/x" for sort in PLACES), "slack/acme/x", "slack/x", "dashboards/x")), bodies())
def test_every_edit_is_answered(path: str, body: Any) -> None:
    edit = {"vendor": "datadog", "path": path, "json": body}
    answer = FILLED.fork().handle(Request("POST", "/__edit", (), {}, json.dumps(edit).encode()))
    assert answer.status in (200, 400)
