"""Import's deciding half on a toy vendor: names, references, what is left out or alone, and an empty plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.harvest import Harvest
from reconciler.engine.naming import safe
from reconciler.engine.retold import escaped
from reconciler.kinds.spec import text
from tests.laws.stranger import imported, told
from tests.toy.stage import ToyStage


@pytest.fixture
def stage(tmp_path: Path) -> ToyStage:
    made = ToyStage(tmp_path)
    made.says("")
    return made


def specs(found: Harvest) -> dict[str, dict[str, Any]]:
    return {f"{one.kind.name}/{one.address.name}": dict(one.spec) for one in found.retold}


def faithful(stage: ToyStage) -> Harvest:
    """Import; then a plan is empty, and nobody was asked to change anything."""
    found = imported(stage)
    plan = stage.plan()
    assert told(plan) == []
    assert {one.address for one in found.retold} <= set(stage.project().manifests)
    assert stage.server.writes() == []
    return found


def test_what_is_said_is_what_the_format_knows_and_is_not_empty(stage: ToyStage) -> None:
    rule = {"text": "", "tags": [], "marks": ["b", "a"], "steps": ["x"], "options": {"a": ""}, "unheard": {"of": 1}}
    stage.server.put("rules", name="r", **rule)
    assert specs(faithful(stage)) == {"Rule/r": {"options": {"a": ""}, "marks": ["b", "a"], "steps": ["x"]}}


def test_a_value_the_format_cannot_say_is_left_out_and_named(stage: ToyStage) -> None:
    stage.server.put(
        "rules", name="r", text="kept", tell={"via": "pigeon", "to": "x"}, steps=[1], detail={"first": 2, "second": "x"}
    )
    [one] = faithful(stage).retold
    assert dict(one.spec) == {"text": "kept", "detail": {"second": "x"}}
    assert [words.partition(" is left out")[0] for words in one.left_out] == ["detail.first", "steps", "tell"]


def test_what_two_items_have_in_common_goes_with_the_whole_list(stage: ToyStage) -> None:
    stage.server.put("rules", name="r", text="kept", parts=[{"name": "a", "weight": 1}, {"name": "a", "weight": 2}])
    [one] = faithful(stage).retold
    assert dict(one.spec) == {"text": "kept"}
    assert one.left_out == ("parts is left out: items 1 and 2 have the same name",)


def test_a_secret_is_kept(stage: ToyStage) -> None:
    stage.server.put("rules", name="r", key="a-secret-in-clear")
    assert specs(faithful(stage)) == {"Rule/r": {"key": {"keep": True}}}


def test_a_text_with_the_accounts_own_secret_is_left_out(stage: ToyStage) -> None:
    stage.server.put("rules", name="r", text="see toy-token-for-tests", steps=["one"])
    [one] = faithful(stage).retold
    assert (dict(one.spec), one.left_out) == ({"steps": ["one"]}, ("text is left out: it holds a secret in clear",))


NAMES = [
    (["a b", "a-b", "A B"], ["A-B", "a-b-2", "a-b-3"]),
    (["支払い Ночь", "é"], ["é", "支払い-Ночь"]),
    (["..", "x/y"], ["Group-g1", "x-y"]),
    (["n" * 80], ["n" * 60]),
]


@pytest.mark.parametrize(("live", "names"), NAMES, ids=str)
def test_names_are_safe_and_told_apart(stage: ToyStage, live: list[str], names: list[str]) -> None:
    for name in live:
        stage.server.put("groups", name=name)
    found = faithful(stage)
    assert sorted(one.address.name for one in found.retold) == sorted(names)
    said = {dict(one.spec).get("name", one.address.name) for one in found.retold}
    assert said == set(live)


@pytest.mark.parametrize(("words", "name"), [("", ""), ("--", ""), ("a  b.", "a-b"), ("e\u0301", "é"), ("x\ny", "x-y")])
def test_the_nearest_name_to_a_text(words: str, name: str) -> None:
    assert safe(words) == name


def test_two_of_one_name_are_told_apart_by_id(stage: ToyStage) -> None:
    for note in ("one", "two"):
        stage.server.put("groups", name="twins", note=note)
    found = faithful(stage)
    assert [(one.id, one.bound) for one in found.retold] == [("g1", True), ("g2", True)]


def test_references_are_names_of_manifests(stage: ToyStage) -> None:
    mine, other = stage.server.put("groups", name="Mine"), stage.server.put("groups", name="Other one")
    stage.server.put("rules", name="r", group=mine, groups=[other, "g-gone"])
    stage.says("kind: Group\nmetadata: {name: ours}\nspec: {name: Mine}\n")
    found = faithful(stage)
    assert specs(found) == {
        "Group/Other-one": {"name": "Other one"},
        "Rule/r": {"group": "ours", "groups": ["Other-one", {"id": "g-gone"}]},
    }
    assert found.skipped == {"managed already": 1}


def test_of_a_circle_one_goes_by_id(stage: ToyStage) -> None:
    stage.server.put("rules", name="a", next="r2")
    stage.server.put("rules", name="b", next="r3")
    stage.server.put("rules", name="c", next="r1")
    stage.server.put("rules", name="self", next="r4")
    said = {name: spec["next"] for name, spec in specs(faithful(stage)).items()}
    assert said.pop("Rule/self") == {"id": "r4"}
    ring = {"Rule/a": ("b", {"id": "r2"}), "Rule/b": ("c", {"id": "r3"}), "Rule/c": ("a", {"id": "r1"})}
    assert [said[name] in both for name, both in ring.items()] == [True] * 3
    assert sum(isinstance(one, dict) for one in said.values()) == 1


def test_what_the_ledger_holds_and_what_is_past_is_counted(stage: ToyStage) -> None:
    stage.says("kind: Group\nmetadata: {name: ours}\n")
    stage.done()
    stage.server.put("windows", name="old", until="2020-01-01T00:00:00Z")
    stage.says("")
    stage.server.log.clear()
    assert imported(stage).skipped == {"managed already": 1, "past": 1}


def test_what_bears_our_mark_gets_back_its_name(stage: ToyStage) -> None:
    stage.server.put("groups", name="Nice words", external="reconciler:toys/toy/Group/short")
    stage.server.put("groups", name="Theirs", external="reconciler:others/toy/Group/short")
    found = faithful(stage)
    assert specs(found) == {"Group/short": {"name": "Nice words"}}
    assert found.skipped == {"of another project": 1}


def test_a_project_that_adopts_nothing_by_name_gets_ids(stage: ToyStage) -> None:
    stage.guards = "{on_existing: refuse}"
    stage.says("")
    stage.server.put("groups", name="a")
    assert [one.bound for one in faithful(stage).retold] == [True]


@pytest.mark.parametrize(
    "written", ["a ${b} $$ {c}", "${ref:toy/Group/x}", "$${x}", "${var.x} ${each.y}", "$$${a", "${a"]
)
def test_a_text_is_read_back_as_it_was(stage: ToyStage, written: str) -> None:
    assert text(escaped(written)) == written
    stage.server.put("rules", name="r", text=written)
    faithful(stage)
