"""Datadog's own Python client drives the sandbox behind a socket: monitors, SLOs, downtimes, webhooks, DORA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client import exceptions as refused
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.api.pager_duty_integration_api import PagerDutyIntegrationApi
from datadog_api_client.v1.api.service_level_objectives_api import ServiceLevelObjectivesApi
from datadog_api_client.v1.api.slack_integration_api import SlackIntegrationApi
from datadog_api_client.v1.api.webhooks_integration_api import WebhooksIntegrationApi
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v1.model.pager_duty_service import PagerDutyService
from datadog_api_client.v1.model.pager_duty_service_key import PagerDutyServiceKey
from datadog_api_client.v1.model.service_level_objective import ServiceLevelObjective
from datadog_api_client.v1.model.service_level_objective_query import ServiceLevelObjectiveQuery
from datadog_api_client.v1.model.service_level_objective_request import ServiceLevelObjectiveRequest
from datadog_api_client.v1.model.slack_integration_channel import SlackIntegrationChannel
from datadog_api_client.v1.model.slo_threshold import SLOThreshold
from datadog_api_client.v1.model.slo_timeframe import SLOTimeframe
from datadog_api_client.v1.model.slo_type import SLOType
from datadog_api_client.v1.model.webhooks_integration import WebhooksIntegration
from datadog_api_client.v1.model.webhooks_integration_custom_variable import WebhooksIntegrationCustomVariable
from datadog_api_client.v1.model.webhooks_integration_update_request import WebhooksIntegrationUpdateRequest
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.api.opsgenie_integration_api import OpsgenieIntegrationApi

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.server import Serving
from reconciler.sandbox.world import Sandbox
from tests.sandbox.datadog_caller import METRIC, envelope

START = datetime(2026, 9, 1, tzinfo=UTC)
DOWNTIME = {"scope": "env:prod", "monitor_identifier": {"monitor_tags": ["service:checkout"]}}
QUERY = {"numerator": "sum:req.ok{*}.as_count()", "denominator": "sum:req.all{*}.as_count()"}
Make = Callable[..., ApiClient]


@pytest.fixture
def sign(serving: Serving) -> Iterator[Make]:
    """Makes a client with both keys; an error is an error at once, unless the client may try again."""
    clients = []

    def signed(api: str = "api-key", application: str = "application-key", **more: Any) -> ApiClient:
        configuration = Configuration(host=f"{serving.url}/datadog", **more)
        configuration.api_key["apiKeyAuth"] = api
        configuration.api_key["appKeyAuth"] = application
        clients.append(ApiClient(configuration))
        return clients[-1]

    yield signed
    for client in clients:
        client.close()


@pytest.fixture
def client(sign: Make) -> ApiClient:
    return sign()


def monitor(name: str = "checkout 5xx") -> Monitor:
    options = MonitorOptions(thresholds=MonitorThresholds(critical=20.0, warning=10.0))
    return Monitor(type=MonitorType("metric alert"), name=name, query=METRIC, options=options, tags=["a:b"])


def objective(kind: type[Any]) -> Any:
    thresholds = [SLOThreshold(timeframe=SLOTimeframe.THIRTY_DAYS, target=98.0)]
    query = ServiceLevelObjectiveQuery(**QUERY)
    return kind(type=SLOType.METRIC, name="checkout success", query=query, thresholds=thresholds, tags=["a:b"])


def test_the_keys_are_told_apart(sign: Make) -> None:
    assert AuthenticationApi(sign(application="wrong")).validate().valid
    with pytest.raises(refused.ForbiddenException):
        AuthenticationApi(sign(api="wrong")).validate()
    with pytest.raises(refused.ForbiddenException):
        MonitorsApi(sign(application="wrong")).list_monitors()


def test_a_monitor_lives(client: ApiClient) -> None:
    api = MonitorsApi(client)
    api.validate_monitor(monitor())
    made = api.create_monitor(monitor())
    assert (str(made.type), made.options.thresholds.critical, made.tags) == ("query alert", 20.0, ["a:b"])
    changed = api.update_monitor(made.id, MonitorUpdateRequest(name="new", priority=2))
    assert (changed.name, changed.priority) == ("new", 2)
    assert api.get_monitor(made.id).name == "new"
    assert api.check_can_delete_monitor([made.id]).data.ok == [made.id]
    assert api.delete_monitor(made.id).deleted_monitor_id == made.id
    with pytest.raises(refused.NotFoundException):
        api.get_monitor(made.id)


def test_monitors_are_walked_page_by_page_and_searched(client: ApiClient) -> None:
    api = MonitorsApi(client)
    idents = [api.create_monitor(monitor(f"m{at}")).id for at in range(5)]
    assert [one.id for one in api.list_monitors_with_pagination(page_size=2)] == idents
    found = api.search_monitors(query="m3")
    assert ([one.id for one in found.monitors], found.metadata.total_count) == ([idents[3]], 1)
    assert len(api.search_monitor_groups(per_page=2).groups) == 2


def test_a_refusal_is_the_clients_error(client: ApiClient) -> None:
    MonitorsApi(client).create_monitor(monitor())
    with pytest.raises(refused.ApiException) as told:
        MonitorsApi(client).create_monitor(monitor())
    assert told.value.status == 400
    assert "Duplicate of an existing monitor_id" in str(told.value.body)


def test_an_slo_lives(client: ApiClient, world: Sandbox) -> None:
    api = ServiceLevelObjectivesApi(client)
    (made,) = api.create_slo(objective(ServiceLevelObjectiveRequest)).data
    assert (made.thresholds[0].target_display, made.query.numerator) == ("98.", QUERY["numerator"])
    body = objective(ServiceLevelObjective)
    body.description = "of all"
    (changed,) = api.update_slo(made.id, body).data
    assert changed.description == api.get_slo(made.id).data.description == "of all"
    assert [slo.id for slo in api.list_slos_with_pagination(limit=1)] == [made.id]
    assert api.search_slo(query="checkout").data.attributes.slos[0].data.id == made.id
    assert api.check_can_delete_slo(made.id).data.ok == [made.id]
    edit = b'{"vendor": "datadog", "path": "dashboards/Board", "json": {"slos": ["checkout success"]}}'
    assert world.handle(Request("POST", "/__edit", (), {}, edit)).status == 200
    with pytest.raises(refused.ApiException, match="referenced in dashboard_id"):
        api.delete_slo(made.id)
    assert api.delete_slo(made.id, force="true").data == [made.id]


def test_webhooks_variables_and_keys_live(client: ApiClient) -> None:
    api = WebhooksIntegrationApi(client)
    made = api.create_webhooks_integration(WebhooksIntegration(name="audit", url="https://hooks.acme.example/dd"))
    assert "$EVENT_MSG" in made.payload
    api.update_webhooks_integration("audit", WebhooksIntegrationUpdateRequest(name="log"))
    assert api.get_webhooks_integration("log").url == "https://hooks.acme.example/dd"
    secret = WebhooksIntegrationCustomVariable(name="TOKEN", value="t0k", is_secret=True)
    assert "value" not in api.create_webhooks_integration_custom_variable(secret).to_dict()
    api.delete_webhooks_integration_custom_variable("TOKEN")
    api.delete_webhooks_integration("log")
    pages = PagerDutyIntegrationApi(client)
    pages.create_pager_duty_integration_service(PagerDutyService(service_name="checkout", service_key="k"))
    pages.update_pager_duty_integration_service("checkout", PagerDutyServiceKey(service_key="l"))
    assert pages.get_pager_duty_integration_service("checkout").service_name == "checkout"
    pages.delete_pager_duty_integration_service("checkout")


def test_channels_and_services_live(client: ApiClient) -> None:
    api = SlackIntegrationApi(client)
    made = api.create_slack_integration_channel("acme", SlackIntegrationChannel(name="#alerts"))
    assert made.display.snapshot
    assert [channel.name for channel in api.get_slack_integration_channels("acme").value] == ["#alerts"]
    api.remove_slack_integration_channel("acme", "#alerts")
    services = OpsgenieIntegrationApi(client)
    body = envelope("opsgenie-service", name="payments", opsgenie_api_key="k", region="eu")
    ident = services.create_opsgenie_service(body).data.id
    assert [service.id for service in services.list_opsgenie_services().data] == [ident]
    services.delete_opsgenie_service(ident)


def test_a_downtime_lives(client: ApiClient) -> None:
    api = DowntimesApi(client)
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=SU", "duration": "1h", "start": "2026-01-05T09:00:00"}
    schedule = {"recurrences": [rule], "timezone": "Asia/Tokyo"}
    made = api.create_downtime(envelope("downtime", **DOWNTIME, schedule=schedule)).data
    assert (str(made.attributes.status), made.attributes.schedule.timezone) == ("scheduled", "Asia/Tokyo")
    once = {"start": None, "end": "2026-01-05T12:00:00Z"}
    changed = api.update_downtime(made.id, envelope("downtime", made.id, schedule=once)).data
    assert (str(changed.attributes.status), changed.attributes.schedule.end.hour) == ("active", 12)
    assert [one.id for one in api.list_downtimes_with_pagination(page_limit=1)] == [made.id]
    api.cancel_downtime(made.id)
    assert str(api.get_downtime(made.id, include="created_by").data.attributes.status) == "canceled"


def test_an_incident_is_sent_twice_and_found_once(client: ApiClient, sign: Make) -> None:
    sender, reader = DORAMetricsApi(sign(application="")), DORAMetricsApi(client)
    started = int(START.timestamp()) * 10**9
    event = {"services": ["checkout"], "env": "prod", "started_at": started}
    first = sender.create_dora_failure({"data": {"attributes": event}}).data.id
    resolved = {**event, "finished_at": started + 600 * 10**9}
    assert sender.create_dora_failure({"data": {"attributes": resolved}}).data.id == first
    asked = envelope("dora_failures_list_request", query="service:checkout", limit=10)
    (found,) = reader.list_dora_failures(asked).data
    assert (found.attributes.started_at, found.attributes.finished_at.minute) == (START, 10)
    assert reader.get_dora_failure(first).data.attributes.env == "prod"
    reader.delete_dora_failure(first)
    with pytest.raises(refused.NotFoundException):
        reader.get_dora_failure(first)


def test_a_deployment_is_sent_and_said_to_have_failed(client: ApiClient) -> None:
    api = DORAMetricsApi(client)
    started = int(START.timestamp())
    event = {"service": "checkout", "started_at": started, "finished_at": started + 60, "version": "1"}
    ident = api.create_dora_deployment({"data": {"attributes": event}}).data.id
    remediation = {"type": "rollback", "version": "0"}
    patch = envelope("dora_deployment_patch_request", ident, change_failure=True, remediation=remediation)
    api.patch_dora_deployment(ident, patch)
    (found,) = api.list_dora_deployments(envelope("dora_deployments_list_request")).data
    assert (found.id, found.attributes.version) == (ident, "1")


def test_the_client_waits_as_it_is_told_and_goes_on(sign: Make, world: Sandbox) -> None:
    fault = b'{"fault": "status", "status": 429, "headers": {"x-ratelimit-reset": "0"}, "path": "*/monitor"}'
    assert world.handle(Request("POST", "/__faults", (), {}, fault)).status == 200
    assert MonitorsApi(sign(enable_retry=True, retry_backoff_factor=2)).list_monitors() == []
    assert [entry["status"] for entry in world.log] == [429, 200]
