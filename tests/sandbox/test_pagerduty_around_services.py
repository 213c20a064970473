"""What stands around PagerDuty's services: alert grouping, dependencies, maintenance windows."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty

EVENTS = "events_api_v2_inbound_integration"


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.fixture
def service(pagerduty: Pagerduty) -> str:
    return pagerduty.service()


def read(pagerduty: Pagerduty, service: str) -> Any:
    asked = f"/services/{service}?include[]=auto_pause_notifications_parameters"
    return pagerduty.made("GET", asked)["service"]


def changed(pagerduty: Pagerduty, service: str, **fields: Any) -> Any:
    return pagerduty.made("PUT", f"/services/{service}", {"service": fields})["service"]


def grouped(pagerduty: Pagerduty, kind: str, config: Any, *services: str) -> tuple[int, Any]:
    body = {"type": kind, "config": config, "services": [{"id": ident} for ident in services]}
    return pagerduty("POST", "/alert_grouping_settings", {"alert_grouping_setting": body})


CONTENT = {"aggregate": "all", "fields": ["summary"], "time_window": 900}


@pytest.mark.parametrize(
    ("kind", "config", "kept"),
    [
        ("time", {"timeout": 120}, {"timeout": 120}),
        ("time", {"timeout": 0}, {"timeout": 0}),
        (
            "intelligent",
            {},
            {"time_window": 300, "iag_fields": ["summary"], "recommended_time_window": 300},
        ),
        ("content_based", CONTENT, {**CONTENT, "recommended_time_window": 300}),
        ("content_based", {**CONTENT, "time_window": 86_400}, {**CONTENT, "time_window": 86_400}),
    ],
)
def test_a_setting_has_its_config_in_seconds(
    pagerduty: Pagerduty, service: str, kind: str, config: Any, kept: Any
) -> None:
    status, answer = grouped(pagerduty, kind, config, service)
    assert status == 201
    assert kept.items() <= answer["alert_grouping_setting"]["config"].items()


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("time", {}),
        ("time", {"timeout": 30}),
        ("time", {"timeout": 86_401}),
        ("intelligent", {"time_window": 3601}),
        ("content_based", {"fields": ["summary"]}),
        ("content_based", {**CONTENT, "aggregate": "all, any"}),
        ("content_based", {**CONTENT, "time_window": 40_000}),
        ("content_based_intelligent", {**CONTENT, "time_window": 86_400}),
        ("by_mood", {}),
    ],
)
def test_a_wrong_setting_is_refused(pagerduty: Pagerduty, service: str, kind: str, config: Any) -> None:
    assert grouped(pagerduty, kind, config, service)[0] == 400


def test_a_service_belongs_to_one_setting(pagerduty: Pagerduty, service: str) -> None:
    other = pagerduty.service("other")
    setting = grouped(pagerduty, "time", {"timeout": 120}, service)[1]["alert_grouping_setting"]["id"]
    assert grouped(pagerduty, "time", {"timeout": 60}, service, other)[0] == 400
    path = f"/alert_grouping_settings/{setting}"
    both = {"services": [{"id": service}, {"id": other}]}
    pagerduty.made("PUT", path, {"alert_grouping_setting": both})
    kept = pagerduty.made("PUT", path, {"alert_grouping_setting": {"name": "n"}})["alert_grouping_setting"]
    assert [part["id"] for part in kept["services"]] == [service, other]
    (found,) = pagerduty.made("GET", f"/alert_grouping_settings?service_ids[]={other}")["alert_grouping_settings"]
    assert found["id"] == setting
    shared = {"type": "content_based_intelligent", "config": CONTENT}
    assert pagerduty("PUT", path, {"alert_grouping_setting": shared})[0] == 400


def test_settings_come_in_pages_that_know_before_and_after(pagerduty: Pagerduty) -> None:
    services = [pagerduty.service(f"s{number}") for number in range(3)]
    for ident in services:
        grouped(pagerduty, "time", {"timeout": 120}, ident)
    first = pagerduty.made("GET", "/alert_grouping_settings", limit="2", total="true")
    assert (len(first["alert_grouping_settings"]), first["before"], first["total"]) == (2, None, 3)
    rest = pagerduty.made("GET", "/alert_grouping_settings", limit="2", after=first["after"])
    assert (len(rest["alert_grouping_settings"]), rest["after"]) == (1, None)
    back = pagerduty.made("GET", "/alert_grouping_settings", limit="2", before=rest["before"])
    assert back["alert_grouping_settings"] == first["alert_grouping_settings"]


def parameters(pagerduty: Pagerduty, service: str) -> Any:
    return read(pagerduty, service)["alert_grouping_parameters"]


def test_a_services_own_words_and_the_setting_are_one_thing(pagerduty: Pagerduty, service: str) -> None:
    changed(pagerduty, service, alert_grouping_parameters={"type": "time", "config": {"timeout": 5}})
    (setting,) = pagerduty.made("GET", "/alert_grouping_settings")["alert_grouping_settings"]
    assert setting["config"] == {"timeout": 300}
    assert parameters(pagerduty, service) == {"type": "time", "config": {"timeout": 5}}
    changed(pagerduty, service, alert_grouping_parameters=parameters(pagerduty, service))
    changed(pagerduty, service, alert_grouping_parameters=None)
    assert pagerduty.made("GET", "/alert_grouping_settings")["alert_grouping_settings"] == []


def test_a_services_own_words_pull_it_out_of_a_shared_setting(pagerduty: Pagerduty, service: str) -> None:
    other = pagerduty.service("other")
    grouped(pagerduty, "time", {"timeout": 120}, service, other)
    changed(pagerduty, service, description="x")
    assert len(pagerduty.made("GET", "/alert_grouping_settings")["alert_grouping_settings"]) == 1
    changed(pagerduty, service, alert_grouping_parameters={"type": "intelligent", "config": {}})
    settings = pagerduty.made("GET", "/alert_grouping_settings")["alert_grouping_settings"]
    assert [[part["id"] for part in setting["services"]] for setting in settings] == [[other], [service]]


def test_what_a_service_cannot_say_it_shows_as_a_reference(pagerduty: Pagerduty, service: str) -> None:
    grouped(pagerduty, "content_based_intelligent", CONTENT, service)
    link = parameters(pagerduty, service)
    assert link["type"] == "alert_grouping_setting_reference"
    changed(pagerduty, service, alert_grouping_parameters=link)
    assert parameters(pagerduty, service) == link


def test_a_deleted_service_takes_along_what_is_its_own(pagerduty: Pagerduty, service: str) -> None:
    other = pagerduty.service("other")
    grouped(pagerduty, "time", {"timeout": 120}, service, other)
    integration = {"integration": {"type": EVENTS, "name": "x"}}
    answer = pagerduty.made("POST", f"/services/{service}/integrations", integration)
    key = answer["integration"]["integration_key"]
    edge = {"supporting_service": {"id": service, "type": "service"}}
    edges = {"relationships": [{**edge, "dependent_service": {"id": other, "type": "service"}}]}
    pagerduty.made("POST", "/service_dependencies/associate", edges)
    pagerduty.made("DELETE", f"/services/{service}")
    (setting,) = pagerduty.made("GET", "/alert_grouping_settings")["alert_grouping_settings"]
    assert [part["id"] for part in setting["services"]] == [other]
    assert pagerduty.made("GET", f"/service_dependencies/technical_services/{other}")["relationships"] == []
    assert pagerduty("GET", f"/event_orchestrations/services/{service}")[0] == 403
    event = {"routing_key": key, "event_action": "trigger", "payload": {}}
    assert pagerduty("POST", "/v2/enqueue", event)[1]["errors"] == ["Invalid routing key"]


def test_an_edge_is_shown_from_both_ends_once(pagerduty: Pagerduty, service: str) -> None:
    body = {"business_service": {"name": "Online", "point_of_contact": "us"}}
    status, answer = pagerduty("POST", "/business_services", body)
    assert status == 200
    business = answer["business_service"]["id"]
    edge = {"supporting_service": {"id": service, "type": "service"}}
    edges = {"relationships": [{**edge, "dependent_service": {"id": business, "type": "business_service"}}]}
    for _ in range(2):
        (kept,) = pagerduty.made("POST", "/service_dependencies/associate", edges)["relationships"]
    assert kept["supporting_service"] == {"id": service, "type": "technical_service_reference"}
    assert kept["dependent_service"] == {"id": business, "type": "business_service_reference"}
    for path in (f"technical_services/{service}", f"business_services/{business}"):
        assert pagerduty.made("GET", f"/service_dependencies/{path}")["relationships"] == [kept]
    pagerduty.made("POST", "/service_dependencies/disassociate", edges)
    assert pagerduty("POST", "/service_dependencies/disassociate", edges)[0] == 404
    pagerduty.made("POST", "/service_dependencies/associate", edges)
    pagerduty.made("DELETE", f"/business_services/{business}")
    assert pagerduty.made("GET", f"/service_dependencies/technical_services/{service}")["relationships"] == []


def test_edges_do_not_go_round_in_circles(pagerduty: Pagerduty, service: str) -> None:
    other = pagerduty.service("other")

    def edge(below: str, above: str) -> Any:
        ends = {"supporting_service": {"id": below, "type": "service"}}
        return {"relationships": [{**ends, "dependent_service": {"id": above, "type": "service"}}]}

    assert pagerduty("POST", "/service_dependencies/associate", edge(service, other))[0] == 200
    assert pagerduty("POST", "/service_dependencies/associate", edge(other, service))[0] == 400
    assert pagerduty("POST", "/service_dependencies/associate", edge(service, "PNONE"))[0] == 404


def window(service: str, start: str, end: str, **fields: Any) -> Any:
    links = [{"id": service, "type": "service_reference"}]
    return {"maintenance_window": {"start_time": start, "end_time": end, "services": links, **fields}}


def test_a_window_has_its_life(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    body = window(service, "2020-01-01T00:00:00Z", "2026-01-05T10:00:00Z", description="db")
    made_window = pagerduty.made("POST", "/maintenance_windows", body)["maintenance_window"]
    path = f"/maintenance_windows/{made_window['id']}"
    assert (made_window["start_time"], made_window["sequence_number"]) == ("2026-01-05T09:00:00Z", 1)
    assert made_window["created_by"]["summary"] == "Ann Example"
    assert read(pagerduty, service)["status"] == "maintenance"
    later = {"maintenance_window": {"start_time": "2026-02-01T00:00:00Z", "end_time": "2026-01-05T11:00:00Z"}}
    assert pagerduty.made("PUT", path, later)["maintenance_window"]["start_time"] == made_window["start_time"]
    control.made("POST", "/__clock", {"advance": 60})
    assert pagerduty("DELETE", path)[0] == 204
    ended = pagerduty.made("GET", path)["maintenance_window"]
    assert ended["end_time"] == "2026-01-05T09:01:00Z"
    assert read(pagerduty, service)["status"] == "active"
    assert pagerduty("DELETE", path)[0] == 405
    assert pagerduty("PUT", path, later)[1]["error"]["code"] == 5003


def test_a_future_window_goes_whole(pagerduty: Pagerduty, service: str) -> None:
    body = window(service, "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z")
    ident = pagerduty.made("POST", "/maintenance_windows", body)["maintenance_window"]["id"]
    assert pagerduty("DELETE", f"/maintenance_windows/{ident}")[0] == 204
    assert pagerduty("GET", f"/maintenance_windows/{ident}")[0] == 404


def test_windows_are_filtered_by_their_time(control: Caller, pagerduty: Pagerduty, service: str) -> None:
    for start, end in (("05T09", "05T10"), ("05T09", "07T10"), ("09T09", "09T10")):
        body = window(service, f"2026-01-{start}:00:00Z", f"2026-01-{end}:00:00Z", description=end)
        pagerduty.made("POST", "/maintenance_windows", body)
    control.made("POST", "/__clock", {"advance": 86_400})
    wanted = {"past": ["05T10"], "ongoing": ["07T10"], "future": ["09T10"], "open": ["07T10", "09T10"]}
    for state, ends in wanted.items():
        found = pagerduty.made("GET", "/maintenance_windows", filter=state)["maintenance_windows"]
        assert [part["description"] for part in found] == ends, state
    assert len(pagerduty.made("GET", "/maintenance_windows")["maintenance_windows"]) == 3
    assert pagerduty("GET", "/maintenance_windows", filter="soon")[0] == 400


@pytest.mark.parametrize(
    ("start", "end", "services"),
    [
        ("2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z", True),
        ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", True),
        ("2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z", False),
        ("soon", "2026-02-02T00:00:00Z", True),
    ],
)
def test_a_wrong_window_is_refused(pagerduty: Pagerduty, service: str, start: str, end: str, services: bool) -> None:
    fields = {} if services else {"services": []}
    assert pagerduty("POST", "/maintenance_windows", window(service, start, end, **fields))[0] == 400
