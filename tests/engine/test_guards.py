"""Guards: what a plan may not do without a word; each message gives the measured value, the limit and the way out."""

from __future__ import annotations

import pytest

from reconciler.engine.guards import Limits
from reconciler.engine.story import Asked
from reconciler.errors import GuardError
from tests.toy.stage import ToyStage


def groups(*numbers: int) -> str:
    return "\n---\n".join(f"kind: Group\nmetadata: {{name: g{number}}}\nspec: {{}}" for number in numbers)


def refused(toys: ToyStage, asked: Asked | None = None) -> list[str]:
    """The texts of the guards, which an apply must run into as well, before it writes anything."""
    refusals = toys.plan(asked).refusals
    if refusals:
        toys.server.log.clear()
        with pytest.raises(GuardError):
            toys.go(asked)
        assert toys.server.writes() == []
    return [f"{one.text} | {one.way_out}" for one in refusals]


def test_more_deletions_than_the_limit(toys: ToyStage) -> None:
    toys.says(groups(*range(8)))
    toys.done()
    toys.says(groups(0, 1))
    [text] = refused(toys)
    assert text.startswith("the plan deletes 6 objects, the limit is 5 (guards.max_deletes)")
    assert "--max-deletes 6" in text


def test_as_many_as_the_limit_pass(toys: ToyStage) -> None:
    toys.says(groups(*range(7)))
    toys.done()
    toys.says(groups(0, 1))
    assert refused(toys) == []


def test_one_run_may_be_allowed_more(toys: ToyStage) -> None:
    toys.says(groups(*range(8)))
    toys.done()
    toys.says(groups(0, 1))
    assert refused(toys, Asked(limits=Limits(max_deletes=6))) == []


def test_the_limit_of_the_project_holds(toys: ToyStage) -> None:
    toys.guards = "{max_deletes: 1}"
    toys.says(groups(0, 1, 2))
    toys.done()
    toys.says(groups(0))
    assert "the plan deletes 2 objects, the limit is 1" in refused(toys)[0]


def test_more_percent_of_an_account_than_the_limit(toys: ToyStage) -> None:
    toys.says(groups(*range(10)))
    toys.done()
    toys.says(groups(*range(6)))
    [text] = refused(toys)
    assert text.startswith("the plan deletes 4 of the 10 objects owned in toy, 40 %, the limit is 30 %")
    assert "--max-deletes 4" in text


def test_what_is_over_the_limit_is_not_told_as_the_limit(toys: ToyStage) -> None:
    toys.says(groups(*range(13)))
    toys.done()
    toys.says(groups(*range(9)))
    assert "4 of the 13 objects owned in toy, 30.8 %, the limit is 30 %" in refused(toys)[0]


def test_percents_of_few_objects_say_nothing(toys: ToyStage) -> None:
    toys.says(groups(*range(9)))
    toys.done()
    toys.says(groups(*range(5)))
    assert refused(toys) == []


@pytest.mark.parametrize(("names", "count"), [((0,), "1 object"), ((0, 1), "2 objects")])
def test_nothing_wanted_of_an_account_any_more(names: tuple[int, ...], count: str, toys: ToyStage) -> None:
    toys.says(groups(*names))
    toys.done()
    toys.says("kind: Group\nmetadata: {name: g, account: other}\nspec: {}")
    [text] = refused(toys)
    assert text.startswith(f"no manifest is left for toy, and the ledger holds {count} of it")
    assert "reconciler destroy --account toy" in text


def test_destroy_is_not_held_by_counts(toys: ToyStage) -> None:
    toys.says(groups(*range(12)))
    toys.done()
    assert refused(toys, Asked(limits=Limits(destroy=True))) == []


def test_destroy_is_held_by_protect(toys: ToyStage) -> None:
    toys.says(groups(0).replace("name: g0", "name: g0, lifecycle: {protect: true}"))
    toys.done()
    assert "toy/Group/g0 is protected" in refused(toys, Asked(limits=Limits(destroy=True)))[0]


def test_many_gone_at_once_look_like_another_account(toys: ToyStage) -> None:
    toys.says(groups(*range(10)))
    toys.done()
    for ident in list(toys.server.objects["groups"])[:3]:
        del toys.server.objects["groups"][ident]
    [text] = refused(toys)
    assert text.startswith("3 of the 10 objects the ledger holds for toy are gone, the limit is 20 %")
    assert "reconciler ledger forget" in text


def test_a_few_gone_are_made_again(toys: ToyStage) -> None:
    toys.says(groups(*range(10)))
    toys.done()
    for ident in list(toys.server.objects["groups"])[:2]:
        del toys.server.objects["groups"][ident]
    assert refused(toys) == []


def test_all_of_three_gone_is_another_tenant(toys: ToyStage) -> None:
    toys.says(groups(0, 1, 2))
    toys.done()
    toys.server.objects["groups"].clear()
    [text] = refused(toys)
    assert text.startswith("none of the 3 objects the ledger holds for toy is live")


def test_the_last_one_gone_contradicts_nothing(toys: ToyStage) -> None:
    toys.says(groups(0))
    toys.done()
    toys.server.objects["groups"].clear()
    assert refused(toys) == []


@pytest.mark.parametrize("gone", [4, 12])
def test_an_interrupted_destroy_goes_on(toys: ToyStage, gone: int) -> None:
    """What its own open deletions explain is no sign of another account."""
    toys.says(groups(*range(12)))
    toys.done()
    destroy = Asked(limits=Limits(destroy=True))
    deletions = [("DELETE", path) for path in toys.server.objects["groups"]]
    assert toys.killed_at("DELETE", f"/toy/groups/{deletions[gone - 1][1]}", "after", destroy)
    assert len(toys.server.objects["groups"]) <= 12 - 1
    toys.go(destroy)
    assert toys.server.objects["groups"] == {}
    assert toys.ledger("toy").entries == {}
