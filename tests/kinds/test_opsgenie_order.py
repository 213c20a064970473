"""Routing rules and policies on a stage: ours keep their order, others are not moved."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Write
from reconciler.engine.graph import all_steps
from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked
from tests.kinds.opsgenie_project import (
    BASE,
    asked,
    changes,
    done,
    policies,
    read,
    rules,
    said,
    stage_in,
    team,
)
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


def line(stage: Stage, sort: str) -> list[str]:
    if sort == "rules":
        found = read(stage, f"/v2/teams/{team(stage)}/routing-rules")
        return [rule["name"] for rule in found if not rule["isDefault"]]
    found = read(stage, "/v2/policies/alert", teamId=team(stage))
    return [policy["name"] for policy in sorted(found, key=lambda one: one["order"])]


both_lists = pytest.mark.parametrize(
    ("sort", "write", "below"),
    [("rules", rules, "teams/payments/routing-rules"), ("policies", policies, "teams/payments/policies")],
    ids=["rules", "policies"],
)


@both_lists
def test_a_place_is_one_among_ours_and_others_are_not_moved(stage: Stage, sort: str, write: Any, below: str) -> None:
    stage.write({"base.yaml": BASE, "it.yaml": write("a", "c")})
    done(stage)
    stage.edit("opsgenie", f"{below}/theirs", {"order": 1})
    assert line(stage, sort) == ["a", "theirs", "c"]
    assert said(stage.plan()) == []
    stage.write({"it.yaml": write("a", "b", "c")})
    assert [word for word, _ in said(stage.plan())] == ["create"]
    done(stage)
    assert [one for one in line(stage, sort) if one != "theirs"] == ["a", "b", "c"]
    stage.edit("opsgenie", f"{below}/theirs", {"order": 0})
    assert said(stage.plan()) == []


@both_lists
def test_what_somebody_dragged_is_put_back_and_nothing_else_moves(
    stage: Stage, sort: str, write: Any, below: str
) -> None:
    stage.write({"it.yaml": write("a", "b", "c", "d")})
    done(stage)
    stage.edit("opsgenie", f"{below}/d", {"order": 0})
    [change] = changes(stage.plan())
    [moved] = change.fields
    assert (change.address.name, moved.path, moved.cause) == ("d", "order", "drifted")
    done(stage)
    assert line(stage, sort) == ["a", "b", "c", "d"]


@both_lists
def test_git_may_turn_the_order_and_renumber_it(stage: Stage, sort: str, write: Any, below: str) -> None:
    stage.write({"it.yaml": write("a", "b", "c")})
    done(stage)
    stage.write({"it.yaml": write("c", "b", "a")})
    plan = stage.plan()
    assert {one.cause for change in changes(plan) for one in change.fields} == {"edited"}
    moves = [plan.changes[number] for number, index in plan.order.line if all_steps(plan.changes[number])[index].moves]
    numbers = [change.work.wanted["order"] for change in moves if isinstance(change, Write)]
    assert len(numbers) == 2
    assert numbers == sorted(numbers)
    done(stage)
    assert line(stage, sort) == ["c", "b", "a"]
    stage.write({"it.yaml": write("new", "c", "b", "a").replace("order: 3", "order: 77")})
    assert said(stage.plan())[0][0] == "create"
    assert len(changes(stage.plan())) == 1
    done(stage)
    assert line(stage, sort) == ["new", "c", "b", "a"]
    asked(stage)
    assert said(stage.plan()) == []


def test_narrowed_to_one_rule_it_still_keeps_its_place_among_all_of_ours(stage: Stage) -> None:
    stage.write({"it.yaml": rules("a", "c")})
    done(stage)
    stage.write({"it.yaml": rules("a", "b", "c")})
    stage.apply(Asked(Scope(targets=("opsgenie/RoutingRule/b",))))
    assert line(stage, "rules") == ["a", "b", "c"]


def test_a_lost_answer_to_a_ranked_create_leaves_one_in_its_place(stage: Stage) -> None:
    stage.write({"it.yaml": rules("a", "b")})
    done(stage)
    order = {"method": "POST", "path": "/opsgenie/v2/teams/*/routing-rules", "fault": "lose", "count": 1}
    stage.sandbox.faults.order(order)
    stage.write({"it.yaml": rules("a", "n", "b")})
    done(stage)
    assert line(stage, "rules") == ["a", "n", "b"]
