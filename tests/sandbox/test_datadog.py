"""What all of Datadog's sandbox has in common: keys, envelopes of errors, limits, lists that lag, edits, filling."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.datadog_caller import Datadog, envelope, monitor, objective

WEBHOOKS = "/api/v1/integration/webhooks/configuration/webhooks"
STARTED = 1_767_600_000
FAILURE = {"data": {"attributes": {"services": ["checkout"], "started_at": STARTED}}}
DOWNTIME = envelope("downtime", scope="env:prod", monitor_identifier={"monitor_tags": ["*"]})


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("api", "application", "path", "body", "status"),
    [
        ("key", "", "/api/v1/validate", None, 200),
        ("wrong", "key", "/api/v1/validate", None, 403),
        ("", "key", "/api/v1/validate", None, 403),
        ("key", "key", "/api/v1/monitor", None, 200),
        ("key", "", "/api/v1/monitor", None, 403),
        ("key", "wrong", "/api/v1/monitor", None, 403),
        ("key", "", "/api/v2/dora/failure", FAILURE, 200),
        ("key", "", "/api/v2/dora/incident", FAILURE, 200),
        ("wrong", "", "/api/v2/dora/failure", FAILURE, 403),
        ("key", "", "/api/v2/dora/failures", envelope("dora_failures_list_request"), 403),
        ("key", "scoped-monitors_read", "/api/v1/monitor", None, 200),
        ("key", "scoped-slos_read", "/api/v1/monitor", None, 403),
        ("key", "scoped-monitors_read", "/api/v1/monitor", monitor(), 403),
        ("key", "scoped-monitors_read", "/api/v1/monitor/validate", monitor(), 200),
        ("key", "scoped-monitors_write", "/api/v1/monitor", monitor(), 200),
        ("key", "scoped-dora_metrics_read", "/api/v2/dora/failures", envelope("dora_failures_list_request"), 200),
        ("key", "scoped-create_webhooks", WEBHOOKS, {"name": "a", "url": "b"}, 201),
        ("key", "scoped-manage_integrations", WEBHOOKS, {"name": "a", "url": "b"}, 403),
        ("key", "scoped-monitors_downtime", "/api/v2/downtime", DOWNTIME, 200),
        ("key", "scoped-slos_write", "/api/v1/slo", objective(), 200),
    ],
)
def test_the_two_keys_open_what_they_should(
    datadog: Datadog, api: str, application: str, path: str, body: Any, status: int
) -> None:
    caller = datadog.signed(api, "dd-api-key").signed(application)
    assert caller("GET" if body is None else "POST", path, body)[0] == status


def test_log_monitors_need_a_key_without_scopes(datadog: Datadog) -> None:
    query = 'logs("service:checkout").index("main").rollup("count").last("5m") > 5'
    body = {"type": "log alert", "name": "errors", "query": query}
    assert datadog.signed("scoped-monitors_write")("POST", "/api/v1/monitor", body)[0] == 403
    assert datadog("POST", "/api/v1/monitor", body)[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "errors"),
    [
        ("GET", "/api/v1/monitor", ["Forbidden"]),
        ("GET", "/api/v2/downtime", [{"title": "Forbidden"}]),
        ("GET", "/api/v2/dora/failures/x", [{"status": "403", "title": "Forbidden", "detail": "Forbidden"}]),
    ],
)
def test_a_refusal_stands_in_the_envelope_of_its_family(
    datadog: Datadog, method: str, path: str, errors: list[Any]
) -> None:
    assert datadog.signed("")(method, path) == (403, {"errors": errors})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", WEBHOOKS, None, 405),
        ("GET", "/api/v1/integration/pagerduty/configuration/services", None, 405),
        ("PUT", "/api/v1/monitor/1", {}, 404),
        ("POST", "/api/v1/monitor", [], 400),
        ("POST", "/api/v1/monitor", None, 400),
        ("POST", "/api/v2/downtime", {"data": []}, 400),
        ("POST", "/api/v2/downtime", envelope("monitor"), 400),
    ],
)
def test_what_is_not_there_or_no_body_is_refused(
    datadog: Datadog, method: str, path: str, body: Any, status: int
) -> None:
    found, answer = datadog(method, path, body)
    assert found == status
    assert all(isinstance(error, str) for error in answer["errors"])


def test_a_body_that_is_no_json_is_refused(datadog: Datadog) -> None:
    answer = datadog.world.handle(Request("POST", "/datadog/api/v1/monitor", (), datadog.headers, b"{"))
    assert (answer.status, answer.json()) == (400, {"errors": ["Invalid JSON structure"]})


# ── headers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/api/v1/monitor", "/api/v1/monitor/9", "/api/v2/downtime"])
def test_every_answer_says_what_is_left_of_the_limit(datadog: Datadog, path: str) -> None:
    headers = datadog.answer("GET", path).headers
    names = {f"x-ratelimit-{part}" for part in ("limit", "period", "remaining", "reset", "name")}
    assert names <= set(headers)
    assert headers["x-ratelimit-name"] == path.split("/")[3]


@pytest.mark.parametrize(("overload", "begins"), [("json", b'{"errors":'), ("html", b"<html>")])
def test_too_many_calls_are_told_with_the_time_to_wait(datadog: Datadog, overload: str, begins: bytes) -> None:
    datadog.set(overload=overload)
    answer = datadog.world.throttled(Request("GET", "/datadog/api/v1/monitor"))
    assert (answer.status, answer.body.startswith(begins)) == (429, True)
    assert (answer.headers["x-ratelimit-remaining"], answer.headers["x-ratelimit-reset"]) == ("0", "1")


def test_an_empty_answer_says_it_is_a_page(datadog: Datadog) -> None:
    ident = datadog.made("POST", "/api/v2/downtime", DOWNTIME)["data"]["id"]
    answer = datadog.answer("DELETE", f"/api/v2/downtime/{ident}")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (204, b"", "text/html; charset=utf-8")


@pytest.mark.parametrize("content", ["application/vnd.api+json", "application/json"])
def test_the_newer_paths_may_answer_as_their_own_type(datadog: Datadog, content: str) -> None:
    datadog.set(v2_content=content)
    assert datadog.answer("GET", "/api/v2/downtime").headers["content-type"] == content
    assert datadog.answer("GET", "/api/v1/slo").headers["content-type"] == "application/json; charset=utf-8"


# ── lag ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_object_is_not_listed_at_once(datadog: Datadog) -> None:
    datadog.set(lag_reads=2)
    ident = datadog.made("POST", "/api/v1/monitor", monitor())["id"]
    assert [len(datadog.made("GET", "/api/v1/monitor")) for _ in range(3)] == [0, 0, 1]
    assert datadog("GET", f"/api/v1/monitor/{ident}")[0] == 200


def test_a_lag_in_seconds_ends_with_the_clock(datadog: Datadog) -> None:
    datadog.set(lag=5.0)
    datadog.made("POST", "/api/v1/slo", objective())
    assert datadog.made("GET", "/api/v1/slo")["data"] == []
    datadog.world.clock.advance(5)
    assert len(datadog.made("GET", "/api/v1/slo")["data"]) == 1


# ── edits and filling ───────────────────────────────────────────────────────────────────────────────────────────────

IDENT = "inc-2026-09-01-0007"
EDITS = [
    ("monitors/checkout 5xx", monitor(), {"options": {"thresholds": {"warning": 5}}}),
    ("slos/checkout success", objective(), {"tags": ["team:payments"]}),
    ("webhooks/audit", {"url": "https://hooks.acme.example/dd"}, {"encode_as": "form"}),
    ("variables/TOKEN", {"value": "t0k", "is_secret": True}, {"value": "changed"}),
    ("pagerduty/checkout", {"service_key": "k"}, {"service_key": "l"}),
    ("opsgenie/payments", {"opsgenie_api_key": "k", "region": "eu"}, {"region": "us"}),
    ("slack/acme/#alerts", {}, {"display": {"tags": False}}),
    ("downtimes/nightly", {"scope": "a:b", "monitor_identifier": {"monitor_tags": ["*"]}}, {"scope": "a:c"}),
    ("dashboards/Board", {"slos": []}, {"slos": []}),
    (f"failures/{IDENT}", {"services": ["a"], "started_at": STARTED}, {"finished_at": STARTED + 60}),
    (f"deployments/{IDENT}", {"service": "a", "started_at": STARTED, "finished_at": STARTED + 1}, {"env": "prod"}),
]


@pytest.mark.parametrize(("path", "new", "change"), EDITS, ids=[row[0].split("/")[0] for row in EDITS])
def test_a_person_makes_changes_and_deletes(datadog: Datadog, path: str, new: Any, change: Any) -> None:
    for value in (new, change):
        status, answer = datadog.edit(path, value)
        assert status == 200, answer
        assert not {"value", "service_key", "opsgenie_api_key"} & set(answer["object"] or ())
    assert datadog.edit(path, None) == (200, {"object": None})
    assert datadog.edit(path, None)[0] == 400 or path.startswith("downtimes")


def test_an_edit_of_an_slo_keeps_what_it_does_not_name(datadog: Datadog) -> None:
    before = datadog.made("POST", "/api/v1/slo", objective(tags=["a:b"], description="of all"))["data"][0]
    query = {"numerator": "sum:new{*}.as_count()", "denominator": "sum:all{*}.as_count()"}
    assert datadog.edit("slos/checkout success", {"query": query})[0] == 200
    after = datadog.made("GET", f"/api/v1/slo/{before['id']}")["data"]
    assert (after["query"], after["tags"], after["description"]) == (query, ["a:b"], "of all")


def test_a_name_borne_twice_asks_for_the_id(datadog: Datadog) -> None:
    for critical in (20, 30):
        query = f"sum(last_5m):sum:lb.5xx{{*}} > {critical}"
        datadog.made("POST", "/api/v1/monitor", {"type": "query alert", "name": "twin", "query": query})
    assert "use the id" in datadog.edit("monitors/twin", {"message": "x"})[1]["message"]


@pytest.mark.parametrize("path", ["clouds/x", "monitors", "slack/nobody/#a", "dashboards/x"])
def test_an_edit_of_what_there_is_not_is_told(datadog: Datadog, path: str) -> None:
    status, answer = datadog.edit(path, None)
    assert (status, bool(answer["message"])) == (400, True)


def test_what_stands_behind_an_object_goes_with_force_in_the_ui(datadog: Datadog) -> None:
    ident = datadog.made("POST", "/api/v1/slo", objective())["data"][0]["id"]
    assert datadog.edit("dashboards/Board of all", {"slos": ["checkout success"]})[0] == 200
    refused = {"errors": f"slo {ident} is referenced in dashboard_id: board-of-all", "data": None}
    assert datadog("DELETE", f"/api/v1/slo/{ident}") == (409, refused)
    assert datadog.edit("slos/checkout success", None) == (200, {"object": None})


def test_a_crowd_is_spread_over_the_sorts_and_never_meets_itself(datadog: Datadog) -> None:
    for _ in range(2):
        Caller(datadog.world, "", {}).made("POST", "/__fill", {"count": 14, "vendor": "datadog"})
    sizes = [
        len(datadog.made("GET", "/api/v1/monitor")),
        len(datadog.made("GET", "/api/v1/slo")["data"]),
        len(datadog.made("GET", "/api/v2/downtime")["data"]),
        len(datadog.made("GET", "/api/v1/integration/slack/configuration/accounts/acme/channels")),
        len(datadog.made("GET", "/api/v2/integration/opsgenie/services")["data"]),
    ]
    assert sizes == [4, 4, 4, 4, 4]


def test_a_loaded_dump_is_the_same_account(datadog: Datadog) -> None:
    Caller(datadog.world, "", {}).made("POST", "/__fill", {"count": 4, "vendor": "datadog"})
    other = Sandbox()
    other.load(json.loads(json.dumps(datadog.world.dump())))
    assert other.dump() == datadog.world.dump()
    again = Datadog.of(other)
    made = [call.made("POST", "/api/v1/monitor", monitor())["id"] for call in (datadog, again)]
    assert made[0] == made[1]
    assert Datadog(other, "/datadog@eu", datadog.headers).made("GET", "/api/v1/monitor") == []
