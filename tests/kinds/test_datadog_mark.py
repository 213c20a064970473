"""Datadog's marks and handles: whose a monitor is, whom it names, and in which order that is written."""

from __future__ import annotations

import pytest

from reconciler.engine.mention import Mentions
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object
from tests.kind_kit import CONTEXT, kind_of, updating

NAME = "datadog/Monitor"
KIND = kind_of(NAME)

# ── the mark ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mark", "tag"),
    [
        ("reconciler:p/datadog/Monitor/checkout-5xx", "reconciler:p/datadog/Monitor/checkout-5xx"),
        ("reconciler:Shop/datadog@EU.west/Monitor/CheckOut", "reconciler::shop/datadog:::e:u.west/Monitor/:check:out"),
        ("reconciler:p/datadog/Monitor/Шлюз-決済", "reconciler:p/datadog/Monitor/:шлюз-決済"),
    ],
)
def test_the_mark_survives_a_vendor_that_answers_tags_in_lower_case(mark: str, tag: str) -> None:
    assert KIND.mark is not None
    body = KIND.mark.write({"tags": ["a:b"]}, mark)
    assert body == {"tags": ["a:b", tag]}
    assert KIND.mark.read(body) == mark
    assert KIND.mark.read({"tags": [one.lower() for one in body["tags"]]}) == mark
    assert KIND.from_api({"tags": [tag.lower(), "b", "a"]}, CONTEXT) == {"tags": ["a", "b"]}


@pytest.mark.parametrize("raw", [{}, {"tags": None}, {"tags": "x"}, {"tags": ["a", 1]}, {"tags": ["reconcile:x"]}])
def test_without_a_mark_there_is_none(raw: Object) -> None:
    assert KIND.mark is not None
    assert KIND.mark.read(raw) is None


def test_a_mark_longer_than_a_tag_may_be_is_left_away() -> None:
    assert KIND.mark is not None
    assert KIND.mark.write({"tags": ["a"]}, "reconciler:p/datadog/Monitor/" + "x" * 200) == {"tags": ["a"]}


# ── whom it names ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_order_what_names_and_what_is_named() -> None:
    live = {"name": "a", "message": "@webhook-old @pagerduty-kept"}
    work = updating(NAME, live, message="{{#is_alert}}@webhook-new{{/is_alert}}@pagerduty-kept")
    [step] = KIND.steps(work, CONTEXT)
    assert step.needs == {"datadog@default @webhook-new"}
    assert step.gives == {"datadog@default @webhook-old is let go"}
    [made] = kind_of("datadog/Webhook").steps(Work("create", {"name": "new"}), CONTEXT)
    assert made.gives == step.needs
    [gone] = kind_of("datadog/Webhook").steps(Work("delete", {"name": "old"}, live={"name": "old"}), CONTEXT)
    assert gone.needs == step.gives
    [other] = kind_of("datadog/Webhook").steps(Work("create", {"name": "new"}), Context(CONTEXT.now, "eu"))
    assert not other.gives & step.needs


def test_a_composite_and_an_alert_on_an_objective_let_go_of_what_they_name() -> None:
    composite = {"name": "c", "type": "composite", "query": "90001 && 90002"}
    [step] = KIND.steps(updating(NAME, composite, query="90001"), CONTEXT)
    assert step.gives == {"datadog@default monitor 90002 is let go"}
    alert = {"name": "s", "type": "slo alert", "query": 'error_budget("0a1b").over("7d") > 1'}
    [step] = KIND.steps(Work("delete", alert, live=alert), CONTEXT)
    assert step.gives == {"datadog@default slo 0a1b is let go"}
    assert step.needs == {"datadog@default monitor {id} is let go"}


KNOWN = {
    "Webhook": [{"name": "audit"}],
    "PagerDutyService": [{"service_name": "checkout"}, {"service_name": "billing"}],
    "OpsgenieService": [{"name": "payments"}, {"region": "eu"}],
    "SlackChannel": [{"account": "main", "name": "#alerts"}, {"account": "main"}],
}


@pytest.mark.parametrize(
    ("message", "near"),
    [
        ("@webhook-audit @pagerduty-checkout, @opsgenie-payments. @slack-alerts @slack-main-alerts", None),
        ("@webhook-audti", "@webhook-audit"),
        ("@pagerduty-Checkout", "@pagerduty-checkout"),
        ("see @pagerduty-biling!", "@pagerduty-billing"),
        ("@opsgenie-payment", "@opsgenie-payments"),
        ("@slack-main-alert", "@slack-main-alerts"),
        ("@pagerduty-payments @webhook-x", None),
        ("ann@webhook-audti.example", None),
        ("@all", None),
    ],
)
def test_near_misses_are_remarked_and_nothing_else(message: str, near: str | None) -> None:
    known = [(kind_of(f"datadog/{name}"), tree) for name, trees in KNOWN.items() for tree in trees]
    found = list(Mentions.of(known).misses(KIND, {"message": message}))
    assert [remark.path for remark in found] == ([("message",)] if near else [])
    assert all(remark.text.endswith(f"did you mean {near}?") for remark in found)


def test_a_handle_whose_object_left_git_is_remarked_whatever_is_near() -> None:
    webhook = kind_of("datadog/Webhook")
    known = Mentions.of([(webhook, {"name": "audit"})], [(webhook, {"name": "chat"}), (webhook, {"name": "audits"})])
    said = [one.text for one in known.misses(KIND, {"message": "@webhook-audit @webhook-chat @webhook-audits"})]
    assert said == [
        "@webhook-chat names what has left Git",
        "@webhook-audits names what has left Git; did you mean @webhook-audit?",
    ]
