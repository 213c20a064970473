"""An immutable field differs: a new object in the place of the old one, or none without a word in Git."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.engine.change import Replace
from tests.toy.stage import ToyStage, fields, words

G = "kind: Group\nmetadata: {{name: g{life}}}\nspec: {{region: {region}}}"
R = "kind: Rule\nmetadata: {name: r}\nspec: {group: g, text: 'see ${ref:toy/Group/g} at ${ref:toy/Group/g.address}'}"
ALLOW = ", lifecycle: {replace: allow}"


def git(region: str, life: str = ALLOW) -> str:
    return f"{G.format(region=region, life=life)}\n---\n{R}"


@pytest.fixture
def applied(toys: ToyStage) -> ToyStage:
    toys.says(git("eu"))
    toys.done()
    return toys


def test_without_leave_it_is_blocked_with_the_way_out(applied: ToyStage) -> None:
    applied.says(git("us", life=""))
    plan = applied.plan()
    assert words(plan) == ["blocked Group/g"]
    assert "replace: allow" in plan.blocked[0].way_out


def test_a_new_one_is_made_dependants_are_pointed_to_it_and_the_old_one_goes(applied: ToyStage) -> None:
    old = applied.entry("toy/Group/g").id
    applied.says(git("us"))
    plan = applied.plan()
    assert sorted(words(plan)) == ["replace Group/g", "update Rule/r"]
    applied.server.log.clear()
    applied.done()
    new = applied.entry("toy/Group/g")
    assert [method for method, _ in applied.server.writes()] == ["POST", "PATCH", "DELETE"]
    assert new.id != old
    assert new.retiring == ()
    assert applied.server.named("rules", "r")["group"] == new.id
    assert applied.server.named("rules", "r")["text"] == f"see {new.id} at {new.id}@toy.example"


def test_what_is_pointed_elsewhere_is_said_to_be_renewed(applied: ToyStage) -> None:
    applied.says(git("us"))
    told = fields(applied.plan(), "Rule/r")
    assert {path: cause for path, (_, _, cause) in told.items()} == {"group": "renewed", "text": "renewed"}


def test_the_plan_says_that_id_and_outputs_change(applied: ToyStage) -> None:
    applied.says(git("us"))
    [change] = [one for one in applied.plan().changes if isinstance(one, Replace)]
    assert "its id and its address change" in change.notes[0]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "put"])
def test_killed_anywhere_the_old_one_is_gone_after_the_next_apply(applied: ToyStage, what: Any, when: Any) -> None:
    applied.says(git("us"))
    for at in range(100):
        one = applied.fork()
        if not one.killed(at, when, what):
            assert at > 4
            return
        one.go()
        assert words(one.plan()) == [], at
        assert [group["region"] for group in one.server.objects["groups"].values()] == ["us"], at
        assert one.server.named("rules", "r")["group"] == one.entry("toy/Group/g").id, at
        assert one.entry("toy/Group/g").retiring == (), at


def test_a_dependant_that_is_refused_keeps_the_old_one_alive(applied: ToyStage) -> None:
    old = applied.entry("toy/Group/g").id
    rule = applied.entry("toy/Rule/r").id
    applied.server.refused.add(("PATCH", rule))
    applied.says(git("us"))
    _, applied_once = applied.go()
    assert {str(one.change.address): one.ending for one in applied_once.results} == {
        "toy/Group/g": "skipped",
        "toy/Rule/r": "failed",
    }
    assert old in applied.server.objects["groups"]
    assert applied.entry("toy/Group/g").retiring == (old,)
    applied.server.refused.clear()
    assert applied.done() == ["update Rule/r", "delete Group/g"]
    assert old not in applied.server.objects["groups"]


def test_what_was_replaced_and_changed_again_keeps_both_records(applied: ToyStage) -> None:
    rule = applied.entry("toy/Rule/r").id
    applied.server.refused.add(("PATCH", rule))
    applied.says(git("us"))
    applied.go()
    applied.server.refused.clear()
    applied.says(git("us").replace("region: us", "region: us, note: new"))
    applied.done()
    assert applied.entry("toy/Group/g").declared["note"] == "new"
    assert applied.entry("toy/Group/g").retiring == ()
    assert words(applied.plan()) == []


def test_a_protected_one_is_not_replaced(toys: ToyStage) -> None:
    toys.says(git("eu", ", lifecycle: {replace: allow, protect: true}"))
    toys.done()
    toys.says(git("us", ", lifecycle: {replace: allow, protect: true}"))
    assert "is protected, and the plan would replace it" in str(toys.plan().refusals[0])


def test_an_adopted_one_is_not_replaced_without_a_word(toys: ToyStage) -> None:
    toys.server.put("groups", name="g", region="eu")
    toys.says(git("us"))
    [blocked] = toys.plan().blocked
    assert "delete_adopted: true" in blocked.way_out
    toys.guards = "{delete_adopted: true}"
    toys.says(git("us"))
    toys.done()
    assert [one["region"] for one in toys.server.objects["groups"].values()] == ["us"]
