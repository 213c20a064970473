"""datadog/OpsgenieService: a key that is never answered, a region, and an address where it is custom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds.tree import Hidden, Object, Own
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
    updating,
)
from tests.kinds.datadog_project import API, applied, ask, document, stage_in

NAME = "datadog/OpsgenieService"
KIND = kind_of(NAME)


@cases(
    Case(
        "an Opsgenie service",
        NAME,
        {"name": "payments", "opsgenie_api_key": {"keep": True}, "region": "eu"},
        {
            "type": "opsgenie-service",
            "attributes": {"name": "payments", "opsgenie_api_key": "Keep", "region": "eu"},
        },
        {"id": "u", "type": "opsgenie-service", "attributes": {"name": "payments", "region": "eu", "custom_url": None}},
    ),
    Case(
        "an Opsgenie service with an address of its own",
        NAME,
        {"region": "custom", "custom_url": "https://og.example"},
        {"type": "opsgenie-service", "attributes": {"region": "custom", "custom_url": "https://og.example"}},
        {"id": "u", "attributes": {"name": "p", "region": "custom", "custom_url": "https://og.example"}},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"opsgenie_api_key": "k"}, ("opsgenie_api_key",), "a secret never stands in a manifest"),
    Mistake(NAME, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(NAME, {"region": "ap"}, ("region",), "'custom'"),
    Mistake(NAME, {"region": "eu", "custom_url": "https://x"}, (), "leave it out for eu"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("spec", "lacking"),
    [
        ({"name": "a"}, ("opsgenie_api_key", "region")),
        ({"opsgenie_api_key": {"env": "K"}, "region": "custom"}, ("custom_url",)),
    ],
)
def test_what_is_needed_to_make_one(spec: Object, lacking: tuple[str, ...]) -> None:
    assert KIND.missing(tree_of(NAME, spec)) == lacking


def test_a_key_is_never_shown_should_it_be_answered() -> None:
    raw = {"attributes": {"name": "a", "opsgenie_api_key": "s3cret"}}
    assert KIND.from_api(raw, CONTEXT)["opsgenie_api_key"] == Hidden()


def test_another_region_takes_the_address_along() -> None:
    live = {"name": "p", "region": "custom", "custom_url": "https://x"}
    assert KIND.meant({"region": "eu"}, live, CONTEXT) == {"region": "eu", "custom_url": None}
    assert KIND.meant({"region": "custom"}, live, CONTEXT) == {"region": "custom"}
    [step] = KIND.steps(updating(NAME, live, region="eu", custom_url=None), CONTEXT)
    assert step.body == {
        "id": Own(),
        "type": "opsgenie-service",
        "attributes": {"region": "eu", "custom_url": None},
    }


# ── against the sandbox ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_opsgenie_service_changes_in_place(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    spec: dict[str, Any] = {
        "opsgenie_api_key": {"env": "OG_KEY"},
        "region": "custom",
        "custom_url": "https://o.example",
    }
    stage.write({"m.yaml": document("OpsgenieService", "payments", spec)})
    applied(stage)
    [before] = ask(stage, "GET", API["opsgenie"])["data"]
    stage.write({"m.yaml": document("OpsgenieService", "payments", {"name": "shop", "region": "us"})})
    applied(stage)
    [after] = ask(stage, "GET", API["opsgenie"])["data"]
    assert after["id"] == before["id"]
    assert after["attributes"] == {"name": "shop", "region": "us", "custom_url": None}
