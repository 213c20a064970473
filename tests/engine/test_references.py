"""References: by name, by key, by id, in text, and what waits for what because of them."""

from __future__ import annotations

import pytest

from tests.toy.stage import ToyStage, fields, why, words

G = "kind: Group\nmetadata: {name: g}\nspec: {}"


def rule(spec: str, name: str = "r") -> str:
    return f"kind: Rule\nmetadata: {{name: {name}}}\nspec: {{{spec}}}"


def test_what_is_named_is_made_first(toys: ToyStage) -> None:
    toys.says(f"{rule('group: g')}\n---\n{G}")
    assert toys.done() == ["create Group/g", "create Rule/r"]
    assert toys.server.named("rules", "r")["group"] == toys.entry("toy/Group/g").id


def test_an_existing_object_is_looked_up_by_its_key(toys: ToyStage) -> None:
    theirs = toys.server.put("groups", name="theirs")
    toys.says(rule("group: {existing: theirs}"))
    toys.done()
    assert toys.server.named("rules", "r")["group"] == theirs
    assert toys.server.writes() == [("POST", "/rules")]


def test_an_existing_object_that_is_not_there_blocks(toys: ToyStage) -> None:
    toys.says(rule("group: {existing: theirs}"))
    assert 'toy/Group "theirs" is not there' in why(toys.plan(), "Rule/r")


def test_one_that_is_there_twice_blocks_with_both_ids(toys: ToyStage) -> None:
    ids = [toys.server.put("groups", name="theirs") for _ in range(2)]
    toys.says(rule("group: {existing: theirs}"))
    assert f"ids {ids[0]}, {ids[1]}" in why(toys.plan(), "Rule/r")


def test_an_id_names_one(toys: ToyStage) -> None:
    theirs = toys.server.put("groups", name="theirs")
    toys.says(rule(f"group: {{id: {theirs}}}"))
    toys.done()
    toys.says(rule("group: {existing: theirs}"))
    assert words(toys.plan()) == []


@pytest.mark.parametrize("spelled", ["g", "{existing: g}", "{id: ID}"])
def test_however_it_is_spelled_it_is_the_same_object(toys: ToyStage, spelled: str) -> None:
    toys.says(f"{rule('group: g')}\n---\n{G}")
    toys.done()
    toys.says(f"{rule('group: ' + spelled.replace('ID', toys.entry('toy/Group/g').id))}\n---\n{G}")
    assert words(toys.plan()) == []


def test_text_takes_ids_and_outputs_and_keeps_what_is_escaped(toys: ToyStage) -> None:
    text = "a ${ref:toy/Group/g} b ${ref:toy/Group/g.address} $${c} ${d}"
    toys.says(f"{G}\n---\n" + rule(f'text: "{text}"'))
    toys.done()
    ident = toys.entry("toy/Group/g").id
    assert toys.server.named("rules", "r")["text"] == f"a {ident} b {ident}@toy.example ${{c}} ${{d}}"


def test_a_managed_object_that_is_let_go_is_told_by_its_key(toys: ToyStage) -> None:
    toys.guards = "{max_deletes: 9}"
    toys.says(f"{G}\n---\nkind: Group\nmetadata: {{name: h}}\nspec: {{}}\n---\n{rule('group: g')}")
    toys.done()
    toys.says(f"kind: Group\nmetadata: {{name: h}}\nspec: {{}}\n---\n{rule('group: h')}")
    plan = toys.plan()
    assert fields(plan, "Rule/r")["group"][1:] == ("h", "edited")
    assert toys.done() == ["update Rule/r", "delete Group/g"]


def test_of_a_shared_list_of_references_goes_what_was_ours(toys: ToyStage) -> None:
    h = "kind: Group\nmetadata: {name: h}\nspec: {}"
    toys.says(f"{G}\n---\n{h}\n---\n{rule('groups: [g, h]')}")
    toys.done()
    theirs = toys.server.put("groups", name="theirs")
    toys.server.named("rules", "r")["groups"].append(theirs)
    toys.says(f"{G}\n---\n{h}\n---\n{rule('groups: [g]')}")
    toys.done()
    assert sorted(toys.server.named("rules", "r")["groups"]) == sorted([toys.entry("toy/Group/g").id, theirs])


def test_and_so_it_is_when_what_it_named_left_git_as_well(toys: ToyStage) -> None:
    h = "kind: Group\nmetadata: {name: h}\nspec: {}"
    toys.says(f"{G}\n---\n{h}\n---\n{rule('groups: [g, h]')}")
    toys.done()
    toys.says(f"{G}\n---\n{rule('groups: [g]')}")
    assert toys.done() == ["update Rule/r", "delete Group/h"]


def test_two_that_change_names_are_blocked_as_two_commits(toys: ToyStage) -> None:
    toys.says(f"{rule('name: one', 'a')}\n---\n{rule('name: two', 'b')}")
    toys.done()
    toys.says(f"{rule('name: two', 'a')}\n---\n{rule('name: one', 'b')}")
    plan = toys.plan()
    assert words(plan) == ["blocked Rule/a", "blocked Rule/b"]
    assert "two commits" in plan.blocked[0].way_out


def test_a_name_is_taken_after_its_release(toys: ToyStage) -> None:
    toys.says(f"{rule('name: one', 'a')}\n---\n{rule('name: two', 'b')}")
    toys.done()
    toys.says(f"{rule('name: two', 'a')}\n---\n{rule('name: three', 'b')}\n---\n{rule('name: one', 'c')}")
    assert toys.done() == ["update Rule/b", "update Rule/a", "create Rule/c"]


def test_a_name_that_somebody_else_keeps_blocks(toys: ToyStage) -> None:
    toys.says(rule("name: one", "a"))
    toys.done()
    ident = toys.server.put("rules", name="two")
    toys.says(rule("name: two", "a"))
    assert f'its name "two" is taken by id {ident}' in why(toys.plan(), "Rule/a")


def test_what_needs_a_blocked_object_is_blocked(toys: ToyStage) -> None:
    toys.server.put("groups", name="g", external="reconciler:payments/toy/Group/x")
    toys.says(f"{G}\n---\n{rule('group: g')}\n---\n{rule('text: t', 's')}")
    plan = toys.plan()
    assert words(plan) == ["create Rule/s", "blocked Group/g", "blocked Rule/r"]
    assert "waits for toy/Group/g" in why(plan, "Rule/r")


def test_two_of_one_name_are_told_apart_by_id(toys: ToyStage) -> None:
    one, other = (toys.server.put("groups", name="twin") for _ in range(2))
    toys.says(rule(f"group: {{id: {one}}}"))
    toys.done()
    toys.server.named("rules", "r")["group"] = other
    assert fields(toys.plan(), "Rule/r")["group"][:2] == ({"id": other}, {"id": one})
    toys.done()
    assert toys.server.named("rules", "r")["group"] == one


def test_what_was_deleted_and_is_made_again_renews_who_names_it(toys: ToyStage) -> None:
    toys.says(f"{G}\n---\n{rule('group: g')}")
    toys.done()
    del toys.server.objects["groups"][toys.entry("toy/Group/g").id]
    assert fields(toys.plan(), "Rule/r")["group"][2] == "renewed"
    assert toys.done() == ["create Group/g", "update Rule/r"]
