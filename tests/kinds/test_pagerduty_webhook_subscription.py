"""pagerduty/WebhookSubscription: a secret shown once, headers never, and a way of delivery that stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked, Replace
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Hidden
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
    updating,
)
from tests.kinds.pagerduty_project import applied, ask, document, log_of, settled, stage_in, told

NAME = "pagerduty/WebhookSubscription"
KIND = kind_of(NAME)
URL = "https://hooks.example.com/pd"
METHOD = {"url": URL, "custom_headers": {"X-Key": {"env": "HOOK_KEY"}}}
READ = {
    "id": "PDLV001",
    "type": "http_delivery_method",
    "url": URL,
    "secret": None,
    "custom_headers": [{"name": "X-Key", "value": "-- redacted --"}],
    "temporarily_disabled": False,
}


@cases(
    Case(
        "whole",
        NAME,
        {
            "description": "audit",
            "active": True,
            "events": ["incident.triggered", "incident.resolved"],
            "filter": {"service": "checkout"},
            "delivery_method": METHOD,
            "oauth_client_id": "C1",
        },
        {
            "type": "webhook_subscription",
            "description": "audit",
            "active": True,
            "events": ["incident.triggered", "incident.resolved"],
            "filter": {"type": "service_reference", "id": "id:checkout"},
            "delivery_method": {
                "type": "http_delivery_method",
                "url": URL,
                "custom_headers": [{"name": "X-Key", "value": "Env"}],
            },
            "oauth_client_id": "C1",
        },
        {
            "id": "PWHK001",
            "type": "webhook_subscription",
            "active": True,
            "description": "audit",
            "events": ["incident.resolved", "incident.triggered"],
            "filter": {"id": "id:checkout", "type": "service_reference"},
            "delivery_method": READ,
            "oauth_client": {"id": "C1", "type": "oauth_client_reference"},
        },
    ),
    Case(
        "of a team",
        NAME,
        {"filter": {"team": "payments"}},
        {"type": "webhook_subscription", "filter": {"type": "team_reference", "id": "id:payments"}},
        {"filter": {"type": "team_reference", "id": "id:payments"}},
    ),
    Case(
        "of the whole account",
        NAME,
        {"filter": "account"},
        {"type": "webhook_subscription", "filter": {"type": "account_reference"}},
        {"filter": {"type": "account_reference", "id": None}},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"events": []}, ("events",), "at least 1"),
    Mistake(NAME, {"events": ["a", "a"]}, ("events",), "item 2 stood there before"),
    Mistake(NAME, {"filter": "everything"}, ("filter",), "account or {service: NAME} or {team: NAME}"),
    Mistake(NAME, {"filter": {"user": "x"}}, ("filter",), "account or {service: NAME}"),
    Mistake(NAME, {"delivery_method": {"url": "hooks.example.com"}}, ("delivery_method", "url"), "pattern"),
    Mistake(
        NAME,
        {"delivery_method": {"custom_headers": {"X": "literal"}}},
        ("delivery_method", "custom_headers", "X"),
        "never stands in a manifest",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_an_event_nobody_knows_is_remarked_and_passes() -> None:
    [remark] = KIND.remarks(tree_of(NAME, {"events": ["incident.triggered", "incident.exploded"]}))
    assert remark.path == ("events", 1)


def test_nothing_secret_is_read_into_a_tree() -> None:
    method = {**READ, "secret": "s3cret", "custom_headers": [{"name": "A", "value": "s3cret"}]}
    tree = KIND.from_api({"delivery_method": method}, CONTEXT)
    assert tree == {"delivery_method": {"url": URL, "custom_headers": {"A": Hidden()}}}


def test_that_pagerduty_gave_up_is_noticed() -> None:
    tree = KIND.from_api({"delivery_method": {**READ, "temporarily_disabled": True}}, CONTEXT)
    assert len(KIND.notices({}, tree)) == 1
    assert KIND.notices({}, KIND.from_api({"delivery_method": READ}, CONTEXT)) == ()


def test_an_update_says_only_what_changed() -> None:
    live = bound(KIND.from_api({"description": "audit", "delivery_method": READ}, CONTEXT))
    [step] = KIND.steps(updating(NAME, live, active=False), CONTEXT)
    assert (step.method, step.body) == ("PUT", {"type": "webhook_subscription", "active": False})
    [step] = KIND.steps(Work("delete", live, live=live), CONTEXT)
    assert (step.method, step.path) == ("DELETE", "/webhook_subscriptions/{id}")


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = (
    document("Team", "payments", {})
    + document("EscalationPolicy", "calls", POLICY)
    + document("Service", "checkout", {"escalation_policy": "calls"})
)
SPEC = {"events": ["incident.triggered"], "filter": {"service": "checkout"}, "delivery_method": METHOD}


def hook(lifecycle: dict[str, Any] | None = None, **fields: Any) -> str:
    return BASE + document("WebhookSubscription", "audit", {**SPEC, **fields}, lifecycle=lifecycle or {})


def only(stage: Any) -> Any:
    [one] = ask(stage, "GET", "/webhook_subscriptions")["webhook_subscriptions"]
    return one


@pytest.fixture
def stage(tmp_path: Path) -> Any:
    made = stage_in(tmp_path)
    made.environ["HOOK_KEY"] = "the-key-of-the-hook"
    made.write({"m.yaml": hook()})
    applied(made)
    return made


def test_it_is_settled_restored_and_removed(stage: Any) -> None:
    one = only(stage)
    assert one["description"] == "audit"
    by_hand = {"webhook_subscription": {"active": False, "filter": {"type": "account_reference"}}}
    ask(stage, "PUT", f"/webhook_subscriptions/{one['id']}", by_hand)
    assert [(field.path, field.cause) for change in stage.plan().writes for field in change.fields] == [
        ("filter", "drifted")
    ]
    applied(stage)
    assert only(stage)["active"] is False, "what no manifest names stays"
    stage.write({"m.yaml": hook(active=True, filter={"team": "payments"})})
    applied(stage)
    stage.write({"m.yaml": BASE})
    applied(stage)
    assert ask(stage, "GET", "/webhook_subscriptions")["webhook_subscriptions"] == []


def test_one_list_is_read(stage: Any) -> None:
    before = len(stage.sandbox.log)
    settled(stage)
    assert [line for line in log_of(stage, before) if "webhook" in line] == ["GET /webhook_subscriptions"]


def test_its_secret_is_kept_sealed_and_never_shown(stage: Any) -> None:
    [entry] = [one for address, one in stage.ledger("pagerduty").entries.items() if "Webhook" in address]
    [stored] = stage.sandbox.dump()["vendors"]["pagerduty"]["accounts"][""]["collections"]["webhook_subscriptions"]
    secret = stored["delivery_method"]["secret"]
    assert secret not in repr(entry)
    assert stage.seals.open(entry.outputs["secret"]) == secret


def test_another_url_needs_a_new_one(stage: Any) -> None:
    moved = {**METHOD, "url": "https://elsewhere.example.com"}
    stage.write({"m.yaml": hook(delivery_method=moved)})
    [blocked] = stage.plan().blocked
    assert isinstance(blocked, Blocked)
    assert "delivery_method cannot be changed" in blocked.why
    was = only(stage)["id"]
    stage.write({"m.yaml": hook({"replace": "allow"}, delivery_method=moved)})
    [change] = stage.plan().writes
    assert isinstance(change, Replace)
    applied(stage)
    assert only(stage)["id"] != was
    assert only(stage)["delivery_method"]["url"] == moved["url"]


def test_a_header_that_changed_in_its_variable_is_seen_by_its_digest(stage: Any) -> None:
    stage.environ["HOOK_KEY"] = "another-key-of-the-hook"
    assert ["delivery_method cannot be changed" in one.why for one in stage.plan().blocked] == [True]


def test_without_a_ledger_it_is_adopted_by_its_description(stage: Any, tmp_path: Path) -> None:
    other = stage_in(tmp_path)
    other.environ["HOOK_KEY"] = "the-key-of-the-hook"
    other.sandbox, other.clock = stage.sandbox, stage.clock
    assert {line.split(" ")[0] for line in told(other.plan())} == {"adopt"}
