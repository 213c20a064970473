"""What people do in PagerDuty's UI, who did what, and how an account is filled."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.pagerduty.edits import SORTS
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


def edit(control: Caller, path: str, value: Any) -> Any:
    body = {"vendor": "pagerduty", "path": path, "json": value}
    return control.made("POST", "/__edit", body)["object"]


def refused(control: Caller, path: str, value: Any) -> str:
    status, answer = control("POST", "/__edit", {"vendor": "pagerduty", "path": path, "json": value})
    assert status == 400
    return str(answer["message"])


def test_a_person_makes_changes_and_deletes(control: Caller, pagerduty: Pagerduty) -> None:
    pagerduty.policy()
    made = edit(control, "services/checkout", {"escalation_policy": {"name": "payments"}})
    path = f"/services/{made['id']}"
    assert pagerduty.made("GET", path)["service"]["name"] == "checkout"
    edit(control, "services/checkout", {"description": "by hand", "name": "Checkout"})
    assert pagerduty.made("GET", path)["service"]["description"] == "by hand"
    assert edit(control, "services/Checkout", None) is None
    assert pagerduty("GET", path)[0] == 404


def test_a_person_is_held_to_the_same_rules(control: Caller, pagerduty: Pagerduty) -> None:
    pagerduty.service()
    assert "already been taken" in refused(control, "services/other", {"name": "checkout", "escalation_policy": POLICY})
    assert "being used by services" in refused(control, "escalation_policies/policy of checkout", None)
    assert "has no services/nothing" in refused(control, "services/nothing", None).replace("/services", "services")
    assert "pagerduty has no teams/none" in refused(control, "teams/none/members/ann@example.com", {"role": "manager"})
    assert "pagerduty can edit" in refused(control, "weather/today", {})
    assert "cannot be deleted" in refused(control, "event_orchestrations/services/checkout", None)


POLICY = {"name": "policy of checkout"}


def test_what_stands_below_is_edited_too(control: Caller, pagerduty: Pagerduty) -> None:
    service = pagerduty.service()
    edit(control, "teams/payments", {})
    edit(control, "teams/payments/members/bob@example.com", {"role": "manager"})
    team = pagerduty.made("GET", "/teams")["teams"][0]["id"]
    assert pagerduty.made("GET", f"/teams/{team}/members")["members"][0]["role"] == "manager"
    edit(control, "teams/payments/members/bob@example.com", None)
    assert pagerduty.made("GET", f"/teams/{team}/members")["members"] == []
    shown = edit(control, "services/checkout/integrations/Datadog", {"vendor": {"name": "Datadog"}})
    assert shown["vendor"]["summary"] == "Datadog"
    edit(control, "services/checkout/integrations/Datadog", {"name": "DD"})
    assert pagerduty.made("GET", f"/services/{service}")["service"]["integrations"][0]["summary"] == "DD"
    edit(control, "services/checkout/integrations/DD", None)
    assert pagerduty.made("GET", f"/services/{service}")["service"]["integrations"] == []
    edit(control, "users/ann@example.com/contact_methods/Default", None)
    (ann,) = pagerduty.made("GET", "/users", query="ann@")["users"]
    assert (ann["contact_methods"], ann["notification_rules"]) == ([], [])


def test_rules_of_orchestrations_are_edited_whole(control: Caller, pagerduty: Pagerduty) -> None:
    service = pagerduty.service()
    edit(control, "event_orchestrations/all", {"description": "every event"})
    edit(control, "event_orchestrations/all/integrations/two", {})
    sets = [{"id": "start", "rules": [{"actions": {"route_to": service}}]}]
    edit(control, "event_orchestrations/all/router", {"sets": sets})
    (orchestration,) = pagerduty.made("GET", "/event_orchestrations")["orchestrations"]
    assert orchestration["routes"] == 1
    edit(control, "event_orchestrations/services/checkout/active", {"active": True})
    assert pagerduty.made("GET", f"/event_orchestrations/services/{service}/active") == {"active": True}


def test_a_nested_part_is_laid_over_what_is_there(control: Caller, pagerduty: Pagerduty) -> None:
    hours = {"type": "fixed_time_per_day", "time_zone": "UTC", "start_time": "09:00:00", "end_time": "17:00:00"}
    sides = {"during_support_hours": {"type": "constant", "urgency": "high"}}
    rule = {"type": "use_support_hours", **sides, "outside_support_hours": {"type": "constant", "urgency": "low"}}
    support = {"support_hours": {**hours, "days_of_week": [1]}, "incident_urgency_rule": rule}
    ident = pagerduty.service(**support)
    edit(control, "services/checkout", {"auto_pause_notifications_parameters": {"enabled": True}})
    edit(control, "business_services/Online", {"team": None, "point_of_contact": "us"})
    assert pagerduty.made("GET", f"/services/{ident}")["service"]["incident_urgency_rule"] == rule


def test_an_edit_shows_no_keys(control: Caller, pagerduty: Pagerduty) -> None:
    pagerduty.service()
    shown = edit(control, "services/checkout/integrations/x", {"type": "events_api_v2_inbound_integration"})
    assert "integration_key" not in shown
    assert "routing_key" not in str(edit(control, "event_orchestrations/all", {}))
    method = {"type": "http_delivery_method", "url": "https://x.example"}
    body = {"events": ["service.created"], "filter": {"type": "account_reference"}, "delivery_method": method}
    assert "secret" not in str(edit(control, "webhook_subscriptions/audit", {"type": "webhook_subscription", **body}))


def records(pagerduty: Pagerduty, **query: str) -> list[Any]:
    found: list[Any] = pagerduty.made("GET", "/audit/records", **query)["records"]
    return found


def test_a_record_tells_who_changed_what_and_how(control: Caller, pagerduty: Pagerduty) -> None:
    ident = pagerduty.service()
    edit(control, "services/checkout", {"description": "by hand"})
    by_hand, made = records(pagerduty, **{"root_resource_types[]": "services"})
    assert (made["action"], made["method"]["type"], made["method"]["truncated_token"]) == (
        "create",
        "api_token",
        "-key",
    )
    assert (by_hand["action"], by_hand["method"]["type"]) == ("update", "browser")
    assert by_hand["actors"][0]["summary"] == "Ann Example"
    assert by_hand["root_resource"] == {"id": ident, "type": "service_reference", "summary": "checkout"}
    changed = {"name": "description", "value": "by hand", "before_value": None}
    assert by_hand["details"]["fields"] == [changed]


def test_what_goes_wrong_leaves_no_record(pagerduty: Pagerduty) -> None:
    pagerduty("POST", "/teams", {"team": {}})
    pagerduty("DELETE", "/teams/PNONE")
    assert records(pagerduty) == []


def test_records_are_read_by_time_and_page(control: Caller, pagerduty: Pagerduty) -> None:
    for name in ("a", "b", "c"):
        pagerduty.made("POST", "/teams", {"team": {"name": name}})
    first = pagerduty.made("GET", "/audit/records", limit="2")
    assert [record["root_resource"]["summary"] for record in first["records"]] == ["c", "b"]
    rest = pagerduty.made("GET", "/audit/records", limit="2", cursor=first["next_cursor"])
    assert ([record["root_resource"]["summary"] for record in rest["records"]], rest["next_cursor"]) == (["a"], None)
    control.made("POST", "/__clock", {"advance": 2 * 86_400})
    assert records(pagerduty) == []
    assert len(records(pagerduty, since="2026-01-05T00:00:00Z")) == 3
    assert pagerduty("GET", "/audit/records", since="2025-01-01T00:00:00Z")[0] == 400


def test_a_filled_account_has_every_sort_and_can_be_read_whole(control: Caller, pagerduty: Pagerduty) -> None:
    for _ in range(2):
        control.made("POST", "/__fill", {"vendor": "pagerduty", "count": 24})
    sorts = set(SORTS) - {"users", "extensions", "tags"}
    envelopes = {sort: "orchestrations" if sort == "event_orchestrations" else sort for sort in sorts}
    sizes = {sort: len(pagerduty.made("GET", f"/{sort}")[envelope]) for sort, envelope in envelopes.items()}
    assert {sort: size for sort, size in sizes.items() if size < 4} == {}
    services = pagerduty.made("GET", "/services")["services"]
    edges = [pagerduty.made("GET", f"/service_dependencies/technical_services/{one['id']}") for one in services]
    assert sum(len(one["relationships"]) for one in edges) == 4


def test_an_account_is_kept_and_forked(control: Caller, world: Sandbox, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__fill", {"vendor": "pagerduty", "count": 12})
    ident = pagerduty.service()
    kept, twin = Sandbox(), world.fork()
    kept.load(world.dump())
    assert kept.dump() == world.dump() == twin.dump()
    Pagerduty.of(twin).made("DELETE", f"/services/{ident}")
    for other in (world, kept):
        assert Pagerduty.of(other)("GET", f"/services/{ident}")[0] == 200


def test_reading_changes_nothing(control: Caller, world: Sandbox, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__fill", {"vendor": "pagerduty", "count": 12})
    before = world.dump()
    for path in ("/users", "/services?include[]=integrations", "/escalation_policies", "/audit/records", "/incidents"):
        pagerduty.made("GET", path)
    assert world.dump() == before


def test_the_same_calls_give_the_same_ids() -> None:
    worlds = [Sandbox(seed=seed) for seed in (1, 1, 2)]
    idents = [Pagerduty.of(world).service() for world in worlds]
    assert idents[0] == idents[1] != idents[2]
