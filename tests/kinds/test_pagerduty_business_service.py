"""pagerduty/BusinessService: what customers see, and whose it is."""

from __future__ import annotations

from pathlib import Path

from tests.kind_kit import Case, Mistake, assert_mistaken, assert_settled, cases, kind_of, mistakes, sent
from tests.kinds.pagerduty_project import applied, document, log_of, settled, stage_in

NAME = "pagerduty/BusinessService"
KIND = kind_of(NAME)


@cases(
    Case(
        "whole",
        NAME,
        {"name": "Buying", "description": "the shop", "point_of_contact": "Ann", "team": "payments"},
        {"name": "Buying", "description": "the shop", "point_of_contact": "Ann", "team": {"id": "id:payments"}},
        {
            "name": "Buying",
            "description": "the shop",
            "point_of_contact": "Ann",
            "team": {"id": "id:payments", "type": "team_reference", "self": "…"},
            "html_url": None,
        },
    ),
    Case(
        "of no team",
        NAME,
        {"name": "購入", "team": None, "description": None},
        {"name": "購入", "team": None, "description": ""},
        {"name": "購入", "team": None, "description": None},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", "type": "business_service", "summary": "x", **case.raw})


@mistakes(
    Mistake(NAME, {"name": ""}, ("name",), "at least 1"),
    Mistake(NAME, {"point_of_contact": ""}, ("point_of_contact",), "at least 1"),
    Mistake(NAME, {"owner": "x"}, ("owner",), "not permitted"),
    Mistake(NAME, {"team": {"name": "x"}}, ("team",), "a reference to pagerduty/Team"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_reading_costs_pages_and_nothing_else(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": "".join(document("BusinessService", f"b{number}", {}) for number in range(120))})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    assert log_of(stage, before) == ["GET /business_services"] * 2
