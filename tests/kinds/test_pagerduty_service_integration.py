"""pagerduty/ServiceIntegration: read with its service, its key a secret that others take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.plan import described
from reconciler.sandbox.faults import Fault
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
)
from tests.kinds.pagerduty_project import PROJECT, applied, ask, document, log_of, named, settled, stage_in, told

NAME = "pagerduty/ServiceIntegration"
KIND = kind_of(NAME)
V2 = "events_api_v2_inbound_integration"
MAIL = "generic_email_inbound_integration"
DOWN = {"type": "contains", "part": "subject", "matcher": "DOWN"}
EXTRACTORS: list[dict[str, str]] = [
    {"type": "between", "part": "subject", "value_name": "incident_key", "starts_after": "[", "ends_with": "]"},
    {"type": "regex", "part": "body", "value_name": "host", "regex": "host=(.*)"},
]
PARSER = {
    "action": "trigger",
    "match_predicate": {"type": "all", "children": [DOWN, {"type": "not", "children": [DOWN | {"part": "body"}]}]},
    "value_extractors": EXTRACTORS,
}
FILTER = {"subject_mode": "match", "subject_regex": "DOWN"}
WHOLE_FILTER = {**FILTER, "body_mode": "always", "from_email_mode": "always"}


@cases(
    Case(
        "by type",
        NAME,
        {"service": "checkout", "name": "Datadog", "type": V2},
        {"name": "Datadog", "type": V2},
        {"name": "Datadog", "type": V2, "vendor": None, "integration_key": "0" * 32, "service": {"id": "id:checkout"}},
    ),
    Case(
        "by vendor, which makes the type",
        NAME,
        {"service": "checkout", "name": "Datadog", "vendor": "Datadog"},
        {"name": "Datadog", "vendor": {"id": "id:Datadog", "type": "vendor_reference"}},
        {
            "name": "Datadog",
            "type": "event_transformer_api_inbound_integration",
            "vendor": {"id": "id:Datadog", "type": "vendor_reference", "summary": "Datadog"},
        },
    ),
    Case(
        "mail",
        NAME,
        {
            "service": "checkout",
            "name": "Mail",
            "type": MAIL,
            "integration_email": "checkout@acme.pagerduty.com",
            "email_incident_creation": "use_rules",
            "email_filter_mode": "and-rules-email",
            "email_filters": [FILTER],
            "email_parsers": [PARSER],
            "email_parsing_fallback": "discard",
        },
        {
            "name": "Mail",
            "type": MAIL,
            "integration_email": "checkout@acme.pagerduty.com",
            "email_incident_creation": "use_rules",
            "email_filter_mode": "and-rules-email",
            "email_filters": [WHOLE_FILTER],
            "email_parsers": [PARSER],
            "email_parsing_fallback": "discard",
        },
        {
            "name": "Mail",
            "type": MAIL,
            "integration_email": "checkout@acme.pagerduty.com",
            "email_incident_creation": "use_rules",
            "email_filter_mode": "and-rules-email",
            "email_filters": [{"id": "F1", **WHOLE_FILTER, "body_regex": None}],
            "email_parsers": [
                {
                    "id": 1,
                    **PARSER,
                    "match_predicate": {
                        "type": "all",
                        "matcher": None,
                        "part": None,
                        "children": [
                            {**DOWN, "children": []},
                            {"type": "not", "part": None, "children": [{**DOWN, "part": "body", "children": None}]},
                        ],
                    },
                    "value_extractors": [
                        {
                            "type": "between",
                            "part": "subject",
                            "value_name": "incident_key",
                            "starts_after": "[",
                            "ends_before": "]",
                        },
                        {**EXTRACTORS[1], "ends_before": None},
                    ],
                }
            ],
            "email_parsing_fallback": "discard",
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", **case.raw}, service=tree_of(NAME, case.spec)["service"])


def test_filters_that_let_every_mail_through_are_none() -> None:
    every = dict.fromkeys(("subject_mode", "body_mode", "from_email_mode"), "always")
    assert "email_filters" not in {
        name: value
        for name, value in KIND.from_api({"email_filters": [every | {"body_regex": None}]}, CONTEXT).items()
        if value is not None
    }
    assert KIND.to_api({"email_filters": None}, CONTEXT) == {"email_filters": [every]}


def test_the_key_stands_in_no_tree() -> None:
    assert KIND.from_api({"name": "x", "integration_key": "0" * 32}, CONTEXT) == {"name": "x"}


def integration(**fields: Any) -> dict[str, Any]:
    return {"service": "checkout", **fields}


AT = ("email_parsers", 0)


@mistakes(
    Mistake(NAME, {"name": "x"}, ("service",), "required"),
    Mistake(NAME, integration(type=V2, vendor="Datadog"), (), "type or vendor, not both"),
    Mistake(NAME, integration(type="inbound_integration"), ("type",), "events_api_v2"),
    Mistake(NAME, integration(integration_email="checkout"), ("integration_email",), "match pattern"),
    Mistake(NAME, integration(email_filter_mode="some"), ("email_filter_mode",), "'all-email'"),
    Mistake(NAME, integration(email_incident_creation="never"), ("email_incident_creation",), "'on_new_email'"),
    Mistake(NAME, integration(email_filters=[{"subject_mode": "x"}]), ("email_filters", 0, "subject_mode"), "'match'"),
    Mistake(
        NAME,
        integration(email_parsers=[{**PARSER, "match_predicate": {"type": "all", "children": []}}]),
        (*AT, "match_predicate"),
        "a predicate is",
    ),
    Mistake(
        NAME,
        integration(email_parsers=[{**PARSER, "match_predicate": {**DOWN, "part": "header"}}]),
        (*AT, "match_predicate"),
        "a predicate is",
    ),
    Mistake(
        NAME,
        integration(email_parsers=[{**PARSER, "value_extractors": EXTRACTORS * 2}]),
        AT,
        "exactly one value_extractors",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("tree", "lacks"),
    [
        ({"name": "x", "type": V2}, ()),
        ({"name": "x", "vendor": "Datadog"}, ()),
        ({"name": "x"}, ("type",)),
        ({"name": "x", "type": MAIL}, ("integration_email",)),
    ],
)
def test_what_a_new_one_lacks_is_told(tree: dict[str, Any], lacks: tuple[str, ...]) -> None:
    assert KIND.missing({"service": "checkout", **tree}) == lacks


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

SERVICES = document(
    "EscalationPolicy",
    "calls",
    {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": ["ann@example.com"]}]},
) + "".join(document("Service", name, {"escalation_policy": "calls"}) for name in ("checkout", "billing"))


def manifest(**fields: Any) -> str:
    lifecycle = fields.pop("lifecycle", {})
    return document("ServiceIntegration", "dog", {"service": "checkout", **fields}, lifecycle=lifecycle)


def live(stage: Any, service: str = "checkout") -> list[Any]:
    found = ask(stage, "GET", "/services?include[]=integrations&limit=100")["services"]
    [one] = [one for one in found if one["name"] == service]
    return list(one["integrations"])


EVERY_MAIL_FIELD = {
    "integration_email": "checkout@acme.pagerduty.com",
    "email_incident_creation": "use_rules",
    "email_filter_mode": "and-rules-email",
    "email_filters": [FILTER],
    "email_parsers": [PARSER],
    "email_parsing_fallback": "discard",
}
FORMS: dict[str, dict[str, Any]] = {
    "type": {"type": V2},
    "vendor": {"vendor": "datadog"},
    "mail": {"type": MAIL, **EVERY_MAIL_FIELD},
    "the older events API": {"type": "generic_events_api_inbound_integration"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_it_is_made_settled_changed_by_hand_restored_and_removed(form: dict[str, Any], tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES + manifest(**form)})
    applied(stage)
    [one] = live(stage)
    changed = {"integration": {"type": one["type"], "name": "cat"}}
    ask(stage, "PUT", f"/services/{one['service']['id']}/integrations/{one['id']}", changed)
    [change] = stage.plan().writes
    assert [(field.path, field.cause) for field in change.fields] == [("name", "drifted")]
    applied(stage)
    assert [(again["id"], again["name"]) for again in live(stage)] == [(one["id"], "dog")]
    stage.write({"m.yaml": SERVICES})
    [gone] = stage.plan().writes
    assert any("refused" in note for note in gone.notes)
    applied(stage)
    assert live(stage) == []


def test_reading_costs_no_request_of_its_own(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES + manifest(type=V2)})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    assert sorted(log_of(stage, before)) == ["GET /escalation_policies", "GET /services", "GET /users"]


def test_one_that_is_gone_is_made_again(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES + manifest(type=V2)})
    applied(stage)
    [one] = live(stage)
    ask(stage, "DELETE", f"/services/{one['service']['id']}/integrations/{one['id']}")
    found = stage.plan()
    assert [line for line in told(found) if "was deleted outside Git" in line]
    applied(stage)


def test_one_that_is_there_is_adopted_by_its_name(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES})
    applied(stage)
    ident = named(stage, "services", "checkout")["id"]
    ask(stage, "POST", f"/services/{ident}/integrations", {"integration": {"type": V2, "name": "dog"}})
    stage.write({"m.yaml": SERVICES + manifest()})
    found = stage.plan()
    assert found.empty, told(found)
    assert any(line.startswith("adopt pagerduty/ServiceIntegration/dog") for line in told(found))


def test_a_change_of_type_is_a_new_key_and_needs_leave(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES + manifest(type=V2)})
    applied(stage)
    [old] = live(stage)
    other = "generic_events_api_inbound_integration"
    stage.write({"m.yaml": SERVICES + manifest(type=other)})
    [blocked] = stage.plan().blocked
    assert "type cannot be changed" in blocked.why
    stage.write({"m.yaml": SERVICES + manifest(type=other, lifecycle={"replace": "allow"})})
    [change] = stage.plan().writes
    assert any("integration_key change" in note for note in change.notes)
    applied(stage)
    [new] = live(stage)
    assert new["integration_key"] != old["integration_key"]


def test_it_moves_to_another_service_as_a_new_one(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES + manifest(type=V2)})
    applied(stage)
    moved = manifest(type=V2, service="billing", lifecycle={"replace": "allow"})
    stage.write({"m.yaml": SERVICES + moved})
    applied(stage)
    assert (len(live(stage)), len(live(stage, "billing"))) == (0, 1)


WALLARM = """\
---
apiVersion: wallarm/v1
kind: Integration
metadata: {name: calls}
spec:
  type: pager_duty
  target: {from: pagerduty/ServiceIntegration/dog, output: integration_key}
  events: [system]
"""


def test_its_key_flows_to_who_takes_it_in_the_same_run(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, PROJECT.replace("guards", "  wallarm: {token: {env: WALLARM_API_TOKEN}}\nguards"))
    stage.write({"m.yaml": SERVICES + manifest(type=V2) + WALLARM})
    applied(stage)
    [one] = live(stage)
    assert one["integration_key"] in json.dumps(stage.sandbox.dump()["vendors"]["wallarm"])
    plan = json.dumps([described(change) for change in stage.plan().changes])
    assert one["integration_key"] not in plan
    assert one["integration_key"] not in str(stage.ledger("wallarm")) + str(stage.ledger("pagerduty"))
    other = {"type": "generic_events_api_inbound_integration", "lifecycle": {"replace": "allow"}}
    stage.write({"m.yaml": SERVICES + manifest(**other) + WALLARM})
    words = {str(change.address): change.word for change in stage.plan().writes}
    assert words == {"pagerduty/ServiceIntegration/dog": "replace", "wallarm/Integration/calls": "update"}
    applied(stage)
    [new] = live(stage)
    assert new["integration_key"] in json.dumps(stage.sandbox.dump()["vendors"]["wallarm"])


def test_a_create_whose_answer_was_lost_is_found_again(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": SERVICES})
    applied(stage)
    stage.write({"m.yaml": SERVICES + manifest(type=V2)})
    stage.sandbox.faults.waiting += (Fault("lose", "POST", "/pagerduty/services/*/integrations"),)
    applied(stage)
    assert len(live(stage)) == 1
