"""datadog/PagerDutyService: a key that is never answered, under a name that cannot be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Hidden
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
from tests.kinds.datadog_project import applied, document, stage_in

NAME = "datadog/PagerDutyService"
KIND = kind_of(NAME)


@cases(
    Case(
        "a PagerDuty service",
        NAME,
        {"service_name": "checkout", "service_key": {"keep": True}},
        {"service_name": "checkout", "service_key": "Keep"},
        {"service_name": "checkout", "service_key": "*****"},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"service_key": "0" * 32}, ("service_key",), "a secret never stands in a manifest"),
    Mistake(NAME, {"service_name": ""}, ("service_name",), "at least 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_it_needs_a_key_to_be_made() -> None:
    assert KIND.missing(tree_of(NAME, {"service_name": "a"})) == ("service_key",)


def test_a_key_is_never_shown_should_it_be_answered() -> None:
    assert KIND.from_api({"service_name": "a", "service_key": "s3cret"}, CONTEXT)["service_key"] == Hidden()


@pytest.mark.parametrize(
    ("kind", "raw", "field"),
    [
        ("PagerDutyService", {"service_name": "a"}, "service_key"),
        ("OpsgenieService", {"id": "1", "attributes": {"name": "a", "region": "us"}}, "opsgenie_api_key"),
        ("WebhookVariable", {"name": "A", "is_secret": True}, "value"),
    ],
)
def test_a_key_that_is_not_answered_is_there_all_the_same(kind: str, raw: dict[str, Any], field: str) -> None:
    assert kind_of(f"datadog/{kind}").from_api(raw, CONTEXT)[field] == Hidden()


def test_a_name_with_spaces_is_remarked() -> None:
    assert [one.path for one in KIND.remarks(tree_of(NAME, {"service_name": "two words"}))] == [("service_name",)]


def test_it_is_known_by_its_name_whatever_is_answered() -> None:
    [step] = KIND.steps(Work("create", {"service_name": "checkout"}), CONTEXT)
    assert step.ident == "checkout"


# ── against the sandbox ───────────────────────────────────────────────────────────────────────────────────────────────


def test_another_name_of_a_pagerduty_service_is_another_one_made_before_the_old_one_goes(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    spec = {"service_key": {"env": "PD_KEY"}}
    stage.write({"m.yaml": document("PagerDutyService", "checkout", spec)})
    applied(stage)
    renamed = {**spec, "service_name": "shop"}
    stage.write({"m.yaml": document("PagerDutyService", "checkout", renamed)})
    [blocked] = stage.plan().changes
    assert "cannot be changed" in blocked.why
    stage.write({"m.yaml": document("PagerDutyService", "checkout", renamed, lifecycle={"replace": "allow"})})
    since = len(stage.sandbox.log)
    applied(stage)
    writes = [one["method"] for one in list(stage.sandbox.log)[since:] if one["method"] in ("POST", "DELETE")]
    assert writes == ["POST", "DELETE"]
