"""Every v1 path of Datadog's sandbox is walked once; requests and answers are held against the vendor's document."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.datadog.vendor import ROUTES
from reconciler.sandbox.world import Sandbox
from tests.sandbox.datadog_caller import BEYOND, SPEC, Datadog, monitor, objective, operation

pytestmark = pytest.mark.skipif(
    not SPEC.exists(),
    reason="the vendor's OpenAPI document does not lie in ../shared/specs: nothing to hold it against",
)
OLD = [route for route in ROUTES.table if route.path.startswith("/api/v1/")]
SLACK = "/api/v1/integration/slack"
WEBHOOKS = "/api/v1/integration/webhooks/configuration"
PAGERDUTY = "/api/v1/integration/pagerduty"


def monitors(call: Datadog) -> int:
    body = monitor(tags=["service:checkout"], priority=2, message="@pagerduty-checkout")
    call.made("POST", "/api/v1/monitor/validate", body)
    ident = int(call.made("POST", "/api/v1/monitor", body)["id"])
    call.made("POST", f"/api/v1/monitor/{ident}/validate", body)
    call.made("PUT", f"/api/v1/monitor/{ident}", {"options": {"renotify_interval": 60}, "priority": None})
    call.made("GET", f"/api/v1/monitor/{ident}", with_assets="true")
    call.made("GET", "/api/v1/monitor", page="0", page_size="2")
    call.made("GET", "/api/v1/monitor/search", query="checkout")
    call.made("GET", "/api/v1/monitor/groups/search", per_page="5")
    call.made("GET", "/api/v1/monitor/can_delete", monitor_ids=str(ident))
    second = call.made("POST", "/api/v1/monitor", monitor(name="second"))["id"]
    call.made("DELETE", f"/api/v1/monitor/{second}")
    return ident


def objectives(call: Datadog, watched: int) -> None:
    ident = call.made("POST", "/api/v1/slo", objective(tags=["service:checkout"]))["data"][0]["id"]
    call.made("PUT", f"/api/v1/slo/{ident}", objective(description="of all"))
    call.made("GET", f"/api/v1/slo/{ident}", with_configured_alert_ids="true")
    over = {"type": "monitor", "name": "up", "monitor_ids": [watched], "thresholds": [{"timeframe": "7d", "target": 9}]}
    other = call.made("POST", "/api/v1/slo", over)["data"][0]["id"]
    assert call("GET", "/api/v1/monitor/can_delete", monitor_ids=str(watched))[0] == 409
    call.made("GET", "/api/v1/slo", limit="10")
    call.made("GET", "/api/v1/slo/search", query="checkout")
    call.made("GET", "/api/v1/slo/can_delete", ids=f"{ident},{other}")
    call.made("POST", "/api/v1/slo/bulk_delete", {other: ["7d"]})
    call.made("DELETE", f"/api/v1/slo/{ident}", force="true")


def integrations(call: Datadog) -> None:
    call.made("GET", "/api/v1/validate")
    webhook = {"name": "audit", "url": "https://hooks.acme.example/dd"}
    variable = {"name": "AUDIT_TOKEN", "value": "t0k", "is_secret": True}
    for path, body, change in (
        (f"{WEBHOOKS}/webhooks", webhook, {"encode_as": "form"}),
        (f"{WEBHOOKS}/custom-variables", variable, {"value": "new"}),
        (f"{PAGERDUTY}/configuration/services", {"service_name": "checkout", "service_key": "k"}, {"service_key": "l"}),
    ):
        one = f"{path}/{next(iter(body.values()))}"
        call.made("POST", path, body)
        call.made("GET", one)
        call.made("PUT", one, change)
        call.made("DELETE", one)
    call.set(pagerduty_legacy="answers")
    call.made("GET", PAGERDUTY)
    call.made("POST", SLACK, {"service_hooks": [{"account": "second", "url": "https://hooks.acme.example/s"}]})
    channels = f"{SLACK}/configuration/accounts/second/channels"
    call.made("POST", channels, {"name": "#alerts"})
    call.made("GET", channels)
    call.made("GET", f"{channels}/%23alerts")
    call.made("PATCH", f"{channels}/%23alerts", {"display": {"snapshot": False}})
    call.made("DELETE", f"{channels}/%23alerts")


@pytest.fixture(scope="module")
def walked() -> Sandbox:
    """A world through which every family has been walked; what is against the document fails at once."""
    world = Sandbox()
    call = Datadog.of(world)
    objectives(call, monitors(call))
    integrations(call)
    return world


def test_every_path_is_walked(walked: Sandbox) -> None:
    log = ((entry["method"], tuple(entry["path"].split("/")[2:])) for entry in walked.log if "/api/" in entry["path"])
    called = {ROUTES.find(method, segments)[0].path + method for method, segments in log}
    assert {route.path + route.method for route in OLD} - called == set()


@pytest.mark.parametrize("route", OLD, ids=lambda route: f"{route.method} {route.path}")
def test_every_path_is_one_of_the_documents(route: Any) -> None:
    path = "/".join("X" if part.startswith("{") else part for part in route.path.split("/"))
    assert operation(route.method, path) or (route.method, route.path) in BEYOND


def test_an_answer_or_a_request_against_the_document_is_noticed(walked: Sandbox) -> None:
    """The check itself can fail."""
    call = Datadog.of(walked.fork())
    tenant: Any = call.world.account("datadog")
    first = next(iter(tenant.of("monitors")))
    with pytest.raises(AssertionError, match="tags"):
        call.made("PUT", f"/api/v1/monitor/{first['id']}", {"tags": None})
    tenant.of("monitors").put({**first, "priority": "high"})
    with pytest.raises(AssertionError, match="priority"):
        call.made("GET", f"/api/v1/monitor/{first['id']}")
