"""What left Git: deleted, put back, let go of, or not touched at all."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.engine.change import Release, Reset
from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked
from reconciler.errors import GuardError
from tests.toy.stage import ToyStage, words

A = "kind: Group\nmetadata: {name: a, labels: {team: red}}\nspec: {}"
B = "kind: Group\nmetadata: {name: b, labels: {team: blue}}\nspec: {}"
R = "kind: Rule\nmetadata: {name: r, labels: {team: red}}\nspec: {group: a}"


def test_what_left_git_is_deleted(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}")
    toys.done()
    toys.says(B)
    assert toys.done() == ["delete Group/a"]
    assert [one["name"] for one in toys.server.objects["groups"].values()] == ["b"]
    assert toys.entry("toy/Group/a") is None


def test_what_was_never_ours_is_never_deleted(toys: ToyStage) -> None:
    toys.server.put("groups", name="theirs")
    toys.says(A)
    assert toys.done() == ["create Group/a"]


def test_who_refers_is_deleted_before_what_is_referred_to(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}\n---\n{R}")
    toys.done()
    toys.says(B)
    toys.server.log.clear()
    toys.done()
    assert [path.split("/")[1] for _, path in toys.server.writes()] == ["rules", "groups"]


def test_what_is_adopted_is_not_deleted_without_a_word(toys: ToyStage) -> None:
    toys.server.put("groups", name="a")
    toys.says(f"{A}\n---\n{B}")
    toys.done()
    toys.says(B)
    plan = toys.plan()
    assert words(plan) == ["blocked Group/a"]
    assert "delete_adopted: true" in plan.blocked[0].way_out
    toys.guards = "{delete_adopted: true}"
    toys.says(B)
    assert toys.done() == ["delete Group/a"]


def test_an_update_does_not_make_an_adopted_object_one_of_our_own(toys: ToyStage) -> None:
    toys.server.put("groups", name="a")
    toys.says(f"{A}\n---\n{B}")
    toys.done()
    toys.says(f"{A.replace('spec: {}', 'spec: {note: n}')}\n---\n{B}")
    toys.done()
    toys.says(B)
    assert words(toys.plan()) == ["blocked Group/a"]


def test_adopted_and_changed_in_one_run_it_is_adopted(toys: ToyStage) -> None:
    toys.server.put("groups", name="a")
    toys.says(A.replace("spec: {}", "spec: {note: n}"))
    assert sorted(toys.done()) == ["adopt Group/a", "update Group/a"]
    assert toys.entry("toy/Group/a").origin == "adopted"


def test_what_cannot_be_deleted_is_put_back(toys: ToyStage) -> None:
    toys.server.put("settings", name="s", value="as delivered")
    toys.guards = "{delete_adopted: true}"
    toys.says(f"{B}\n---\nkind: Setting\nmetadata: {{name: s}}\nspec: {{value: ours}}")
    toys.done()
    toys.says(B)
    [change] = toys.plan().changes
    assert isinstance(change, Reset)
    toys.done()
    assert toys.server.named("settings", "s")["value"] == "as delivered"
    assert toys.entry("toy/Setting/s") is None


def test_what_is_gone_already_is_only_forgotten(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}")
    toys.done()
    del toys.server.objects["groups"][toys.entry("toy/Group/a").id]
    toys.says(B)
    [change] = toys.plan().changes
    assert isinstance(change, Release)
    assert change.gone
    toys.done()
    assert toys.entry("toy/Group/a") is None


# ── narrowing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def narrowed(**scope: Any) -> Asked:
    return Asked(Scope(**scope))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (narrowed(selector=(("team", "blue"),)), []),
        (narrowed(selector=(("team", "red"),)), ["delete Group/a"]),
        (narrowed(targets=("toy/Group/b",)), []),
        (narrowed(targets=("toy/Group/a",)), ["delete Group/a"]),
        (narrowed(paths=("more-1.yaml",)), []),
        (narrowed(paths=("all.yaml",)), ["delete Group/a"]),
        (narrowed(accounts=("toy@other",)), []),
        (narrowed(accounts=("toy",)), ["delete Group/a"]),
    ],
    ids=str,
)
def test_narrowing_never_deletes_outside_itself(toys: ToyStage, scope: Asked, expected: list[str]) -> None:
    toys.says(A, B)
    toys.done()
    toys.says("", B)
    assert words(toys.plan(scope)) == expected


def test_narrowing_pulls_in_what_the_chosen_need_and_is_not_there(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}\n---\n{R}")
    assert words(toys.plan(narrowed(targets=("toy/Rule/r",)))) == ["create Group/a", "create Rule/r"]


def test_narrowing_leaves_what_the_chosen_need_and_is_there_as_it_is(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}\n---\n{R}")
    toys.done()
    toys.says(
        f"{A.replace('spec: {}', 'spec: {note: n}')}\n---\n{B}\n---\n{R.replace('group: a', 'group: a, text: t')}"
    )
    assert words(toys.plan(narrowed(targets=("toy/Rule/r",)))) == ["update Rule/r"]


def test_a_reference_to_what_narrowing_leaves_out_is_no_difference(toys: ToyStage) -> None:
    toys.says(f"{A}\n---\n{B}\n---\n{R}")
    toys.done()
    assert words(toys.plan(narrowed(targets=("toy/Rule/r",)))) == []


# ── protect ─────────────────────────────────────────────────────────────────────────────────────────────────────────

PROTECTED = A.replace("name: a,", "name: a, lifecycle: {protect: true},")


def test_protect_outlives_the_manifest(toys: ToyStage) -> None:
    toys.says(f"{PROTECTED}\n---\n{B}")
    toys.done()
    toys.says(B)
    plan = toys.plan()
    assert "is protected" in str(plan.refusals[0])
    with pytest.raises(GuardError, match="protect: false"):
        toys.go()
    assert len(toys.server.objects["groups"]) == 2


def test_leaving_protect_out_does_not_lift_it(toys: ToyStage) -> None:
    toys.says(f"{PROTECTED}\n---\n{B}")
    toys.done()
    toys.says(f"{A}\n---\n{B}")
    toys.done()
    toys.says(B)
    assert "is protected" in str(toys.plan().refusals[0])


def test_protect_false_lifts_it_before_the_removal(toys: ToyStage) -> None:
    toys.says(f"{PROTECTED}\n---\n{B}")
    toys.done()
    toys.says(f"{PROTECTED.replace('true', 'false')}\n---\n{B}")
    toys.done()
    toys.says(B)
    assert toys.done() == ["delete Group/a"]
