"""Who is who: which live object a manifest means, and by which right."""

from __future__ import annotations

import pytest

from reconciler.engine.change import Adopt, Create, Move
from reconciler.errors import ReconcilerError
from tests.toy.stage import ToyStage, fields, words

A = "kind: Group\nmetadata: {name: a}\nspec: {note: ours}"


def test_what_is_not_there_is_made(toys: ToyStage) -> None:
    toys.says(A)
    assert words(toys.plan()) == ["create Group/a"]


def test_what_bears_the_name_is_adopted(toys: ToyStage) -> None:
    ident = toys.server.put("groups", name="a", note="ours")
    toys.says(A)
    assert toys.done() == ["adopt Group/a"]
    assert (toys.entry("toy/Group/a").id, toys.entry("toy/Group/a").origin) == (ident, "adopted")
    assert toys.server.writes() == []


def test_a_name_is_compared_in_nfc_and_trimmed(toys: ToyStage) -> None:
    toys.server.put("groups", name=" Cafe\u0301 ", note="ours")
    toys.says("kind: Group\nmetadata: {name: a}\nspec: {name: Café, note: ours}")
    assert words(toys.plan()) == ["update Group/a", "adopt Group/a"]


def test_the_ledgers_id_comes_before_the_name(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    toys.server.named("groups", "a")["name"] = "renamed by hand"
    toys.server.put("groups", name="a")
    plan = toys.plan()
    assert words(plan) == ["update Group/a"]
    assert fields(plan, "Group/a")["name"] == ("renamed by hand", "a", "drifted")


def test_metadata_id_comes_before_the_ledger(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    other = toys.server.put("groups", name="b", note="ours")
    toys.says(f"kind: Group\nmetadata: {{name: a, id: {other}}}\nspec: {{note: ours}}")
    assert words(toys.plan()) == ["update Group/a", "adopt Group/a"]


def test_a_metadata_id_that_is_not_live_is_an_error(toys: ToyStage) -> None:
    toys.says("kind: Group\nmetadata: {name: a, id: g77}\nspec: {}")
    with pytest.raises(ReconcilerError, match='"g77" is not live'):
        toys.plan()


def test_the_mark_comes_before_the_name(toys: ToyStage) -> None:
    marked = toys.server.put("groups", name="once called so", external="reconciler:toys/toy/Group/a")
    toys.server.put("groups", name="a")
    toys.says(A)
    [change] = [one for one in toys.plan().changes if isinstance(one, Adopt)]
    assert change.live is not None
    assert change.live.id == marked


def test_another_projects_mark_blocks(toys: ToyStage) -> None:
    toys.server.put("groups", name="a", external="reconciler:payments/toy/Group/x")
    toys.says(A)
    plan = toys.plan()
    assert words(plan) == ["blocked Group/a"]
    assert 'project "payments"' in plan.blocked[0].why


def test_a_strangers_external_id_is_no_mark(toys: ToyStage) -> None:
    toys.server.put("groups", name="a", note="ours", external="4711")
    toys.says(A)
    assert words(toys.plan()) == ["adopt Group/a"]


def test_was_keeps_the_object_after_a_rename(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    ident = toys.entry("toy/Group/a").id
    toys.says("kind: Group\nmetadata: {name: b, was: a}\nspec: {note: ours}")
    assert toys.done() == ["update Group/b", "move Group/b"]
    assert (toys.entry("toy/Group/b").id, toys.entry("toy/Group/a")) == (ident, None)
    assert toys.server.objects["groups"][ident]["external"] == "reconciler:toys/toy/Group/b"


def test_a_new_address_with_the_same_name_is_a_move(toys: ToyStage) -> None:
    toys.says("kind: Setting\nmetadata: {name: a}\nspec: {name: n, value: v}")
    toys.done()
    toys.says("kind: Setting\nmetadata: {name: b}\nspec: {name: n, value: v}")
    assert [type(change) for change in toys.plan().changes] == [Move]
    toys.server.log.clear()
    toys.done()
    assert toys.server.writes() == []


def test_a_rename_without_was_is_hinted_at(toys: ToyStage) -> None:
    toys.says("kind: Rule\nmetadata: {name: a}\nspec: {text: one, steps: [x], marks: [y]}")
    toys.done()
    toys.says("kind: Rule\nmetadata: {name: b}\nspec: {text: one, steps: [x], marks: [y]}")
    plan = toys.plan()
    assert sorted(words(plan)) == ["create Rule/b", "delete Rule/a"]
    [hint] = [one for one in plan.warnings if "a rename?" in one.text]
    assert "was: a" in str(hint.way_out)


def test_one_object_claimed_twice_is_an_error_at_both_places(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    ident = toys.entry("toy/Group/a").id
    toys.says(A, f"kind: Group\nmetadata: {{name: b, id: {ident}}}\nspec: {{}}")
    with pytest.raises(ReconcilerError, match=f"both mean toy/Group id {ident}") as error:
        toys.plan()
    assert "all.yaml:1" in str(error.value)
    assert "more-1.yaml:1" in str(error.value)


def test_a_claim_by_name_gives_way_to_a_stronger_one(toys: ToyStage) -> None:
    ident = toys.server.put("groups", name="a")
    toys.says(f"{A}\n---\nkind: Group\nmetadata: {{name: b, id: {ident}}}\nspec: {{}}")
    assert sorted(words(toys.plan())) == ["adopt Group/b", "create Group/a", "update Group/b"]


def test_two_of_one_name_are_refused_with_both_ids_and_the_way_out(toys: ToyStage) -> None:
    one, other = (toys.server.put("groups", name="a") for _ in range(2))
    toys.says(A)
    with pytest.raises(ReconcilerError, match=f"ids {one}, {other}") as error:
        toys.plan()
    assert f"metadata: {{id: {one}}}" in str(error.value)


def test_deleted_outside_git_is_made_again_and_said(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    ident = toys.entry("toy/Group/a").id
    del toys.server.objects["groups"][ident]
    [change] = toys.plan().changes
    assert isinstance(change, Create)
    assert change.why == f"id {ident} was deleted outside Git"


def test_made_again_outside_git_is_adopted_and_said(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    gone = toys.entry("toy/Group/a").id
    del toys.server.objects["groups"][gone]
    new = toys.server.put("groups", name="a", note="ours")
    [change] = toys.plan().changes
    assert isinstance(change, Adopt)
    assert change.why == f"made again outside Git, id {gone} → {new}"


def test_an_id_that_was_given_to_another_object_is_not_ours(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    toys.done()  # the time it was born is learned by reading
    ident = toys.entry("toy/Group/a").id
    toys.server.objects["groups"][ident] = {"id": ident, "made": "another day", "name": "not ours"}
    assert words(toys.plan()) == ["create Group/a"]


def test_what_a_list_does_not_show_is_asked_for_by_id(toys: ToyStage) -> None:
    toys.says(A)
    toys.done()
    toys.server.unseen.add(toys.entry("toy/Group/a").id)
    assert words(toys.plan()) == []


def test_existing_objects_can_be_refused(toys: ToyStage) -> None:
    toys.server.put("groups", name="a")
    toys.guards = "{on_existing: refuse}"
    toys.says(A)
    plan = toys.plan()
    assert words(plan) == ["blocked Group/a"]
    assert "metadata.id" in plan.blocked[0].way_out


def test_the_same_name_in_another_account_is_another_object(toys: ToyStage) -> None:
    toys.server.put("groups", name="a", note="ours")
    toys.says("kind: Group\nmetadata: {name: a, account: other}\nspec: {note: ours}")
    assert toys.done() == ["create @other Group/a"]
    assert len(toys.server.objects["groups"]) == 1


def test_of_two_that_bear_the_mark_the_one_of_its_name_is_meant_and_without_one_nothing_is_guessed(
    toys: ToyStage,
) -> None:
    """A copy that somebody made at the vendor bears the mark of what it was copied from."""
    copy = toys.server.put("groups", name="a (copy)", external="reconciler:toys/toy/Group/a")
    first = toys.server.put("groups", name="a", note="ours", external="reconciler:toys/toy/Group/a")
    toys.says(A)
    [change] = [one for one in toys.plan().changes if isinstance(one, Adopt)]
    assert change.live is not None
    assert change.live.id == first
    toys.server.named("groups", "a")["name"] = "renamed by hand"
    with pytest.raises(ReconcilerError, match=f"2 live objects bear its mark .ids {copy}, {first}."):
        toys.plan()
