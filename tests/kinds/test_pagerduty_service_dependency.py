"""pagerduty/ServiceDependency: an ordered pair, read where the dependent service stands, made and taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.engine.live import natural_key
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Ref
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
    on_the_wire,
    sent,
    tree_of,
)
from tests.kinds.pagerduty_project import applied, ask, document, log_of, named, settled, stage_in, told

NAME = "pagerduty/ServiceDependency"
KIND = kind_of(NAME)

SPEC = {"supporting_service": {"service": "checkout"}, "dependent_service": {"business_service": "shop"}}
BODY = {
    "supporting_service": {"id": "id:checkout", "type": "service"},
    "dependent_service": {"id": "id:shop", "type": "business_service"},
}


@cases(
    Case(
        "a service for a business service",
        NAME,
        SPEC,
        BODY,
        {
            "id": "D1",
            "type": "service_dependency",
            "supporting_service": {"id": "id:checkout", "type": "technical_service_reference"},
            "dependent_service": {"id": "id:shop", "type": "business_service_reference"},
        },
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"supporting_service": "checkout"}, ("supporting_service",), "{service: NAME} or {business_service"),
    Mistake(NAME, {"dependent_service": {"team": "x"}}, ("dependent_service",), "{service: NAME}"),
    Mistake(NAME, {"dependent_service": {"service": 7}}, ("dependent_service",), "a reference to pagerduty/Service"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_both_sides_are_needed() -> None:
    assert KIND.missing({}) == ("supporting_service", "dependent_service")


def test_its_key_tells_where_it_is_listed() -> None:
    key = natural_key(KIND, bound(tree_of(NAME, SPEC)))
    assert key == ("business_service", "id:shop", "service", "id:checkout")
    assert KIND.place.listed_at is not None
    assert KIND.place.listed_at(key) == ("/service_dependencies/business_services/{of}", "id:shop")
    assert KIND.place.listed_at(("team", "x", "service", "y")) is None
    assert KIND.key({"supporting_service": {"service": Ref("pagerduty/Service", "id", ("x",))}}) is None


def test_a_pair_is_associated_and_disassociated() -> None:
    tree = bound(tree_of(NAME, SPEC))
    [make] = KIND.steps(Work("create", tree), CONTEXT)
    [take] = KIND.steps(Work("delete", tree, live=tree), CONTEXT)
    assert (make.method, make.path, make.effect) == ("POST", "/service_dependencies/associate", "creates")
    assert (take.method, take.path, take.deletes) == ("POST", "/service_dependencies/disassociate", True)
    for step in (make, take):
        assert on_the_wire(step.body, {}) == {"relationships": [BODY]}


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────

POLICY = {"escalation_rules": [{"escalation_delay_in_minutes": 15, "targets": ["ann@example.com"]}]}
BASE = (
    document("EscalationPolicy", "calls", POLICY)
    + document("Service", "checkout", {"escalation_policy": "calls"})
    + document("Service", "billing", {"escalation_policy": "calls"})
    + document("BusinessService", "shop", {})
)


def pair(name: str, supporting: Any, dependent: Any) -> str:
    return document("ServiceDependency", name, {"supporting_service": supporting, "dependent_service": dependent})


SHOP = {"business_service": "shop"}
BOTH = pair("a", {"service": "checkout"}, SHOP) + pair("b", {"service": "billing"}, SHOP)
TECHNICAL = pair("c", {"service": "billing"}, {"service": "checkout"})


def test_pairs_are_made_settled_made_again_and_removed(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + BOTH + TECHNICAL})
    applied(stage)
    shop = named(stage, "business_services", "shop")["id"]
    rows = ask(stage, "GET", f"/service_dependencies/business_services/{shop}")["relationships"]
    assert len(rows) == 2
    gone = {"id": rows[0]["supporting_service"]["id"], "type": "service"}
    one = {"supporting_service": gone, "dependent_service": {"id": shop, "type": "business_service"}}
    ask(stage, "POST", "/service_dependencies/disassociate", {"relationships": [one]})
    [change] = stage.plan().writes
    assert (change.word, "deleted outside Git" in change.why) == ("create", True)
    applied(stage)
    stage.write({"m.yaml": BASE + TECHNICAL})
    applied(stage)
    assert ask(stage, "GET", f"/service_dependencies/business_services/{shop}")["relationships"] == []


def test_one_list_is_read_for_each_dependent_service(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + BOTH + TECHNICAL})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    lists = [line for line in log_of(stage, before) if "service_dependencies" in line]
    assert sorted(line.split("/")[2] for line in lists) == ["business_services", "technical_services"]


def test_a_pair_and_its_services_go_in_one_apply(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + BOTH})
    applied(stage)
    stage.write({"m.yaml": document("EscalationPolicy", "calls", POLICY)})
    applied(stage)


def test_a_pair_whose_service_was_deleted_by_hand_makes_no_read_fail(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + TECHNICAL})
    applied(stage)
    ask(stage, "DELETE", f"/services/{named(stage, 'services', 'checkout')['id']}")
    assert [line.split(":")[0] for line in told(stage.plan())] == [
        "create pagerduty/Service/checkout",
        "create pagerduty/ServiceDependency/c",
    ]
    applied(stage)


def test_a_pair_of_another_service_is_another_one(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + pair("a", {"service": "checkout"}, SHOP)})
    applied(stage)
    stage.write({"m.yaml": BASE + pair("a", {"service": "billing"}, SHOP)})
    [change] = stage.plan().blocked
    assert isinstance(change, Blocked)
    assert "supporting_service cannot be changed" in change.why


@pytest.mark.parametrize("way", ["ledger lost", "adopted"])
def test_a_pair_that_is_there_is_adopted(way: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": BASE + (BOTH if way == "ledger lost" else "")})
    applied(stage)
    other = stage_in(tmp_path)
    other.sandbox, other.clock = stage.sandbox, stage.clock
    if way == "adopted":
        ends = {
            "supporting_service": {"id": named(stage, "services", "checkout")["id"], "type": "service"},
            "dependent_service": {"id": named(stage, "business_services", "shop")["id"], "type": "business_service"},
        }
        ask(stage, "POST", "/service_dependencies/associate", {"relationships": [ends]})
        other.write({"m.yaml": BASE + pair("a", {"service": "checkout"}, SHOP)})
    assert {line.split(" ")[0] for line in told(other.plan())} == {"adopt"}
