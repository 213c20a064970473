"""Datadog's sites, keys and rates, and every shape in which it says what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from reconciler.http.exchange import Allowance, Answer, Host, NotDone, Reply, Request, judge
from reconciler.vendors.datadog import VENDOR, api
from tests.kinds.datadog_project import PROJECT, monitor, settled, stage_in

KEYS = {"api_key": {"env": "DD_API_KEY"}, "app_key": {"env": "DD_APP_KEY"}}
SITES = [
    ("datadoghq.com", "https://api.datadoghq.com"),
    ("us3.datadoghq.com", "https://api.us3.datadoghq.com"),
    ("us5.datadoghq.com", "https://api.us5.datadoghq.com"),
    ("datadoghq.eu", "https://api.datadoghq.eu"),
    ("ap1.datadoghq.com", "https://api.ap1.datadoghq.com"),
    ("ap2.datadoghq.com", "https://api.ap2.datadoghq.com"),
    ("uk1.datadoghq.com", "https://api.uk1.datadoghq.com"),
    ("ddog-gov.com", "https://api.ddog-gov.com"),
    ("us2.ddog-gov.com", "https://api.us2.ddog-gov.com"),
]


@pytest.mark.parametrize(("site", "url"), SITES)
def test_each_site_has_its_own_address(site: str, url: str) -> None:
    assert api.base_url(api.DatadogSettings.model_validate({**KEYS, "site": site})) == url


def test_there_is_no_other_site_and_us1_is_the_first() -> None:
    assert get_args(api.Site) == api.SITES == tuple(site for site, _ in SITES)
    assert api.base_url(api.DatadogSettings.model_validate(KEYS)) == "https://api.datadoghq.com"
    with pytest.raises(ValidationError):
        api.DatadogSettings.model_validate({**KEYS, "site": "datadog.com"})


def test_an_account_may_stand_behind_another_address() -> None:
    assert api.base_url(api.DatadogSettings.model_validate({**KEYS, "url": "http://proxy"})) == "http://proxy"


def test_both_keys_go_along_where_there_are_both() -> None:
    assert api.sign({"api_key": "a", "app_key": "b"}) == {
        "DD-API-KEY": "a",
        "DD-APPLICATION-KEY": "b",
        "Accept": "application/json",
    }
    assert "DD-APPLICATION-KEY" not in api.sign({"api_key": "a"})


@pytest.mark.parametrize(
    ("headers", "allowance"),
    [
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "12", "x-ratelimit-period": "60"}, Allowance(3, 12.0)),
        ({"x-ratelimit-remaining": "3"}, None),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "12"}, None),
        ({}, None),
    ],
)
def test_rates_are_read_where_they_are_told(headers: dict[str, str], allowance: Allowance | None) -> None:
    assert api.allowance(headers) == allowance


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

JSON_API = {"status": "400", "title": "Bad Request", "detail": "got type", "source": {"pointer": "/data/type"}}
ERRORS: list[tuple[int, Any, str]] = [
    (404, {"errors": ["Monitor not found"]}, "Monitor not found"),
    (400, {"errors": ["one", "two", "one"]}, "one; two"),
    (400, {"errors": [JSON_API]}, "got type (at /data/type)"),
    (400, {"errors": [{**JSON_API, "source": {"parameter": "limit"}}]}, "got type (at limit)"),
    (400, {"errors": [{"title": "Generic", "detail": "All values must have a key"}]}, "All values must have a key"),
    (403, {"errors": [{"title": "Forbidden"}]}, "Forbidden; a key of another site"),
    (403, {"errors": ["Forbidden"]}, "an application key without the scope"),
    (404, {"errors": ["Not Found"], "error_details": [{}]}, "Not Found"),
    (409, {"errors": "slo a is referenced in dashboard_id: b", "data": None}, "slo a is referenced in dashboard_id: b"),
    (400, {"error": "Invalid payload", "data": None}, "Invalid payload"),
    (400, {"errors": [], "error": ""}, "Bad Request"),
    (400, {"status": "error", "errors": None}, "Bad Request"),
    (401, {}, "Unauthorized; a key of another site"),
    (429, None, "Too Many Requests"),
    (512, None, "no reason given"),
    (
        400,
        {"errors": ["Duplicate of an existing monitor_id:90001 org_id:7"]},
        "monitor_id:90001 org_id:7; bind the manifest to that one: metadata: {id: ID}",
    ),
    (400, {"errors": ["Some monitor IDs are invalid"]}, "invalid; a composite names monitors that are there"),
]


@pytest.mark.parametrize(("status", "body", "words"), ERRORS)
def test_every_shape_of_error_is_read(status: int, body: Any, words: str) -> None:
    fault = VENDOR.explain(Reply(status, body))
    assert fault is not None
    assert fault.status == status
    assert words in fault.message


@pytest.mark.parametrize(("status", "body"), [(200, {"data": None, "errors": None}), (204, None), (202, None)])
def test_a_success_is_none_whatever_it_holds(status: int, body: Any) -> None:
    assert VENDOR.explain(Reply(status, body)) is None


HOST = Host("datadog", "https://api.datadoghq.com", {}, VENDOR.explain, lambda text: text)


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (429, b"<html><head><title>429 Too Many Requests</title></head></html>", "429 Too Many Requests"),
        (504, b"<html><body>gateway</body></html>", "an HTML page"),
        (502, b"upstream is gone", "upstream is gone"),
        (403, b"", "Forbidden"),
        (400, b'["a bare list"]', "a bare list"),
    ],
)
def test_what_an_edge_answers_is_told_too(status: int, content: bytes, words: str) -> None:
    outcome = judge(Request("GET", "/api/v1/monitor"), HOST, Answer(status, {"content-type": "text/html"}, content))
    assert isinstance(outcome, NotDone)
    assert words in outcome.fault.message


def test_an_empty_204_in_html_is_a_success() -> None:
    request = Request("DELETE", "/api/v2/downtime/x", effect="writes")
    outcome = judge(request, HOST, Answer(204, {"content-type": "text/html; charset=utf-8"}, b""))
    assert not isinstance(outcome, NotDone)


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("variable", ["DD_API_KEY", "DD_APP_KEY"])
def test_a_refused_key_is_told_with_what_to_check(variable: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path, PROJECT.replace("app_key:", "site: datadoghq.eu, app_key:"))
    stage.environ[variable] = "wrong-key"
    stage.write({"m.yaml": monitor("a")})
    [change] = stage.plan().changes
    assert "403" in change.why
    assert "Forbidden" in change.why
    assert "wrong-key" not in change.why


def test_one_account_for_each_site(tmp_path: Path) -> None:
    two = "{default: {api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}, eu: {api_key: {env: DD_API_KEY}, "
    two += "app_key: {env: DD_APP_KEY}, site: datadoghq.eu}}"
    project = PROJECT.replace("{api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}", two)
    stage = stage_in(tmp_path, project)
    stage.write({"m.yaml": monitor("a") + monitor("a").replace('"name": "a"', '"name": "a", "account": "eu"', 1)})
    assert stage.apply().ok
    settled(stage)
    assert set(stage.ledger("datadog@eu").entries) == {"datadog@eu/Monitor/a"}
