"""DORA in Datadog's sandbox: joining, windows of time, what a patch says, sites that have less of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.datadog_caller import Datadog, envelope

DORA = "/api/v2/dora"
START = 1_788_220_800  # 2026-09-01T00:00:00Z
IDENT = "inc-2026-09-01-0007"
GIT = {"commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588", "repository_url": "https://git.acme.example/shop.git"}
FAILURE: Any = {"services": ["checkout"], "env": "prod", "started_at": START}
DEPLOYMENT: Any = {"service": "checkout", "env": "prod", "started_at": START, "finished_at": START + 60, "version": "1"}


def send(datadog: Datadog, path: str = "failure", **fields: Any) -> str:
    body = {**(DEPLOYMENT if path == "deployment" else FAILURE), **fields}
    answer = datadog.made("POST", f"{DORA}/{path}", {"data": {"attributes": body}})
    assert answer["data"]["type"] == f"dora_{'deployment' if path == 'deployment' else 'failure'}"
    return str(answer["data"]["id"])


def listed(datadog: Datadog, plural: str = "failures", **asked: Any) -> list[Any]:
    rows: list[Any] = datadog.made("POST", f"{DORA}/{plural}", envelope(f"dora_{plural}_list_request", **asked))["data"]
    return rows


def test_a_failure_is_read_back_with_dates(datadog: Datadog) -> None:
    ident = send(datadog, id=IDENT, team="payments", name="5xx burst", severity="SEV-2", git=GIT, custom_tags=["a:b"])
    assert ident == IDENT
    attributes = {
        "services": ["checkout"],
        "env": "prod",
        "team": "payments",
        "name": "5xx burst",
        "severity": "SEV-2",
        "git": GIT,
        "custom_tags": ["a:b"],
        "started_at": "2026-09-01T00:00:00Z",
        "finished_at": None,
    }
    row = {"id": IDENT, "type": "dora_failure", "attributes": attributes}
    assert listed(datadog) == [row]
    assert datadog.made("GET", f"{DORA}/failures/{IDENT}") == {"data": row}


def test_a_deployment_is_read_back_with_its_repository(datadog: Datadog) -> None:
    send(datadog, "deployment", git=GIT)
    (row,) = listed(datadog, "deployments")
    assert (row["type"], row["attributes"]["service"]) == ("dora_deployment", "checkout")
    assert row["attributes"]["finished_at"] == "2026-09-01T00:01:00Z"
    repository = {"commit_sha": GIT["commit_sha"], "repository_id": "git.acme.example/shop"}
    assert row["attributes"]["git"] == repository


def test_dates_may_still_be_numbers(datadog: Datadog) -> None:
    datadog.set(dora_times="number")
    send(datadog)
    (row,) = listed(datadog)
    assert (row["attributes"]["started_at"], row["attributes"]["finished_at"]) == (START * 10**9, None)


@pytest.mark.parametrize("unit", [1, 1000, 10**9])
def test_an_instant_comes_in_any_of_three_units(datadog: Datadog, unit: int) -> None:
    send(datadog, started_at=START * unit)
    assert listed(datadog)[0]["attributes"]["started_at"] == "2026-09-01T00:00:00Z"


@pytest.mark.parametrize(
    ("again", "same"),
    [
        ({"finished_at": START + 600}, True),
        ({"started_at": START * 1000}, True),
        ({"env": "stage"}, False),
        ({"services": ["cart"]}, False),
        ({"started_at": START + 1}, False),
        ({"id": IDENT}, False),
    ],
)
def test_without_an_id_env_services_and_start_join(datadog: Datadog, again: Any, same: bool) -> None:
    first = send(datadog, name="5xx")
    assert (send(datadog, **again) == first) == same
    rows = listed(datadog)
    assert len(rows) == (1 if same else 2)
    assert datadog.made("GET", f"{DORA}/failures/{first}")["data"]["attributes"]["name"] == "5xx"


def test_the_order_of_services_does_not_matter_and_a_team_stands_in(datadog: Datadog) -> None:
    assert send(datadog, services=["a", "b"]) == send(datadog, services=["b", "a"])
    alone = {"data": {"attributes": {"team": "payments", "started_at": START}}}
    idents = {datadog.made("POST", f"{DORA}/failure", alone)["data"]["id"] for _ in range(2)}
    assert len(idents) == 1


def test_an_id_joins_whatever_else_is_said(datadog: Datadog) -> None:
    send(datadog, id=IDENT, name="5xx")
    assert send(datadog, "incident", id=IDENT, env="stage", finished_at=START + 600) == IDENT
    (row,) = listed(datadog)
    attributes = row["attributes"]
    assert (attributes["name"], attributes["env"], attributes["finished_at"]) == (
        "5xx",
        "stage",
        "2026-09-01T00:10:00Z",
    )
    assert send(datadog, env="stage") == IDENT


WRONG = [
    ("failure", {"services": None}),
    ("failure", {"services": []}),
    ("failure", {"services": "checkout"}),
    ("failure", {"started_at": None}),
    ("failure", {"started_at": "2026-09-01T00:00:00Z"}),
    ("failure", {"started_at": START * 10**6}),
    ("failure", {"id": "short"}),
    ("failure", {"id": "x" * 129}),
    ("failure", {"id": "incident with spaces"}),
    ("failure", {"git": {"commit_sha": "66adc93"}}),
    ("failure", {"custom_tags": ["key"]}),
    ("failure", {"custom_tags": ["a:b"] * 101}),
    ("incident", {"services": []}),
    ("deployment", {"service": None}),
    ("deployment", {"finished_at": None}),
]


@pytest.mark.parametrize(("path", "change"), WRONG, ids=str)
def test_a_wrong_event_is_refused_in_its_own_envelope(datadog: Datadog, path: str, change: Any) -> None:
    body = {**(DEPLOYMENT if path == "deployment" else FAILURE), **change}
    clean = {key: part for key, part in body.items() if part is not None}
    status, (error,) = datadog.errors("POST", f"{DORA}/{path}", {"data": {"attributes": clean}})
    assert (status, error["status"], error["title"]) == (400, "400", "Bad Request")
    assert error["detail"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "dcba"),
        ({"sort": "started_at"}, "abcd"),
        ({"limit": 2}, "dc"),
        ({"from": "2026-09-01T00:01:00Z", "to": "2026-09-01T00:02:00+00:00"}, "cb"),
        ({"query": "service:b"}, "b"),
        ({"query": "service:b AND env:prod"}, "b"),
        ({"query": "service:b env:stage"}, ""),
        ({"query": "team:payments"}, ""),
    ],
)
def test_a_window_of_time_is_listed(datadog: Datadog, asked: Any, found: str) -> None:
    for at, service in enumerate("abcd"):
        send(datadog, services=[service], started_at=START + 60 * at)
    assert "".join(row["attributes"]["services"][0] for row in listed(datadog, **asked)) == found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"data": {"attributes": {}}}, 'got type "" expected one of "dora_failures_list_request"'),
        (envelope("dora_deployments_list_request"), 'got type "dora_deployments_list_request"'),
        (envelope("dora_failures_list_request", limit=1001), "at most 1000"),
        (envelope("dora_failures_list_request", sort="name"), "not one of"),
        (envelope("dora_failures_list_request", **{"from": "yesterday"}), "no date"),
        (None, "data.attributes is required"),
    ],
)
def test_a_wrong_list_is_refused(datadog: Datadog, body: Any, said: str) -> None:
    status, (error,) = datadog.errors("POST", f"{DORA}/failures", body)
    assert (status, said in error["detail"]) == (400, True)


@pytest.mark.parametrize(("path", "plural"), [("failure", "failures"), ("deployment", "deployments")])
def test_an_event_is_deleted_at_another_path_than_it_is_read(datadog: Datadog, path: str, plural: str) -> None:
    ident = send(datadog, path)
    assert datadog("DELETE", f"{DORA}/{plural}/{ident}")[0] == 405
    answer = datadog.answer("DELETE", f"{DORA}/{path}/{ident}")
    assert (answer.status, answer.body) == (202, b"")
    status, (error,) = datadog.errors("GET", f"{DORA}/{plural}/{ident}")
    assert (status, error["title"]) == (404, "Not Found")


# ── what is said of a deployment later ──────────────────────────────────────────────────────────────────────────────

PATCH = "dora_deployment_patch_request"
ROLLBACK = {"type": "rollback", "id": "fixing-deployment"}


@pytest.mark.parametrize("shown", [True, False])
def test_a_deployment_is_said_to_have_failed(datadog: Datadog, shown: bool) -> None:
    datadog.set(change_failure="shown" if shown else "hidden")
    ident = send(datadog, "deployment")
    body = envelope(PATCH, ident, change_failure=True, remediation=ROLLBACK)
    assert datadog("PATCH", f"{DORA}/deployments/{ident}", body) == (202, {"data": None})
    (row,) = listed(datadog, "deployments")
    wanted = {"change_failure": True, "remediation": ROLLBACK} if shown else {}
    assert {key: part for key, part in row["attributes"].items() if key in ("change_failure", "remediation")} == wanted


def test_a_deployment_is_found_by_its_version(datadog: Datadog) -> None:
    datadog.set(change_failure="shown")
    for finished in (60, 180, 120):
        send(datadog, "deployment", started_at=START + finished - 1, finished_at=START + finished)
    said = {"service": "checkout", "env": "prod", "version": "1", "change_failure": True}
    remediation = {"type": "rollforward", "version": "2"}
    body = envelope(PATCH, **said, remediation=remediation)
    assert datadog("PATCH", f"{DORA}/deployments", body) == (202, {"data": None})
    failed = [row for row in listed(datadog, "deployments") if row["attributes"].get("change_failure")]
    assert [row["attributes"]["finished_at"] for row in failed] == ["2026-09-01T00:03:00Z"]
    assert datadog("PATCH", f"{DORA}/deployments", envelope(PATCH, **{**said, "version": "9"}))[0] == 404
    assert datadog("PATCH", f"{DORA}/deployments", envelope(PATCH, service="checkout"))[0] == 400


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("dora_deployment", {"change_failure": True}),
        (PATCH, {"change_failure": "yes"}),
        (PATCH, {"remediation": {"type": "undo", "id": "x"}}),
        (PATCH, {"remediation": {"type": "rollback"}}),
        (PATCH, {"remediation": {**ROLLBACK, "version": "2"}}),
    ],
)
def test_a_wrong_patch_is_refused(datadog: Datadog, kind: str, attributes: Any) -> None:
    ident = send(datadog, "deployment")
    assert datadog("PATCH", f"{DORA}/deployments/{ident}", envelope(kind, ident, **attributes))[0] == 400


# ── sites ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, {"deployment": 200, "failure": 200, "incident": 200, "failures": 200}),
        ({"dora": "legacy"}, {"deployment": 200, "failure": 404, "incident": 200, "failures": 200}),
        ({"dora": "legacy", "dora_reads": "none"}, {"failure": 404, "incident": 200, "failures": 404}),
        ({"dora": "none"}, {"deployment": 404, "failure": 404, "incident": 404, "failures": 404}),
        ({"dora_status": 202}, {"deployment": 202, "failure": 202, "incident": 202}),
    ],
)
def test_a_site_may_have_less(datadog: Datadog, settings: Any, found: dict[str, int]) -> None:
    datadog.set(**settings)
    body = {
        "deployment": {"data": {"attributes": DEPLOYMENT}},
        "failure": {"data": {"attributes": FAILURE}},
        "incident": {"data": {"attributes": FAILURE}},
        "failures": envelope("dora_failures_list_request"),
    }
    assert {path: datadog("POST", f"{DORA}/{path}", body[path])[0] for path in found} == found


def test_what_is_accepted_later_is_seen_later(datadog: Datadog) -> None:
    datadog.set(dora_status=202, lag=30.0)
    ident = send(datadog)
    assert (listed(datadog), datadog("GET", f"{DORA}/failures/{ident}")[0]) == ([], 404)
    assert send(datadog, finished_at=START + 60) == ident
    datadog.world.clock.advance(30)
    assert len(listed(datadog)) == 1
