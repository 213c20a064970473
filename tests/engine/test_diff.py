"""Differences and their causes: who moved a field, told by what was applied last."""

from __future__ import annotations

import pytest

from reconciler.engine.change import NOTHING, Release, SecretShown
from reconciler.engine.diff import differences
from reconciler.engine.overlay import MISSING
from reconciler.kinds.shape import Field, Leaf, Record
from tests.toy.stage import ToyStage, fields, words

RULE = "kind: Rule\nmetadata: {{name: a}}\nspec: {{text: {text}, tags: {tags}, key: {{env: KEY}}}}"


def rule(text: str = "one", tags: str = "[ours]") -> str:
    return RULE.format(text=text, tags=tags)


@pytest.fixture
def applied(toys: ToyStage) -> ToyStage:
    toys.environ["KEY"] = "first-secret"
    toys.says(rule())
    toys.done()
    return toys


def test_edited_in_git(applied: ToyStage) -> None:
    applied.says(rule("two"))
    assert fields(applied.plan(), "Rule/a") == {"text": ("one", "two", "edited")}


def test_drifted_at_the_vendor(applied: ToyStage) -> None:
    applied.server.named("rules", "a")["text"] = "by hand"
    assert fields(applied.plan(), "Rule/a") == {"text": ("by hand", "one", "drifted")}


def test_moved_on_both_sides(applied: ToyStage) -> None:
    applied.says(rule("two"))
    applied.server.named("rules", "a")["text"] = "by hand"
    plan = applied.plan()
    assert fields(plan, "Rule/a") == {"text": ("by hand", "two", "both")}
    assert plan.changes[0].fields[0].last == "one"


def test_moved_on_both_sides_to_the_same_is_no_difference(applied: ToyStage) -> None:
    applied.says(rule("two"))
    applied.server.named("rules", "a")["text"] = "two"
    assert words(applied.plan()) == []


def test_without_a_record_they_differ(toys: ToyStage) -> None:
    toys.server.put("rules", name="a", text="theirs")
    toys.says("kind: Rule\nmetadata: {name: a}\nspec: {text: ours}")
    assert fields(toys.plan(), "Rule/a") == {"text": ("theirs", "ours", "differs")}


def test_a_field_that_was_never_declared_is_edited(applied: ToyStage) -> None:
    applied.says(rule().replace("spec: {", "spec: {steps: [x], "))
    assert fields(applied.plan(), "Rule/a") == {"steps": (NOTHING, ["x"], "edited")}


def test_an_item_taken_away_by_hand_has_drifted(applied: ToyStage) -> None:
    applied.server.named("rules", "a")["tags"] = ["theirs"]
    assert fields(applied.plan(), "Rule/a") == {"tags[]": (NOTHING, "ours", "drifted")}
    applied.done()
    assert applied.server.named("rules", "a")["tags"] == ["theirs", "ours"]


def test_an_item_no_longer_named_goes_and_others_stay(applied: ToyStage) -> None:
    applied.server.named("rules", "a")["tags"] = ["theirs", "ours"]
    applied.says(rule(tags="[new]"))
    told = [(one.path, one.old, one.new, one.cause) for one in applied.plan().changes[0].fields]
    assert told == [("tags[]", NOTHING, "new", "edited"), ("tags[]", "ours", NOTHING, "edited")]
    applied.done()
    assert applied.server.named("rules", "a")["tags"] == ["theirs", "new"]


def test_a_secret_that_was_changed_is_said_and_not_shown(applied: ToyStage) -> None:
    applied.environ["KEY"] = "second-secret"
    plan = applied.plan()
    assert fields(plan, "Rule/a")["key"][1:] == (SecretShown("changed"), "edited")
    applied.done()
    assert applied.server.named("rules", "a")["key"] == "second-secret"


def test_a_secret_that_is_not_set_is_unknown_and_no_change(applied: ToyStage) -> None:
    del applied.environ["KEY"]
    plan = applied.plan()
    assert words(plan) == []
    assert "KEY is not set" in str(plan.unknown[0])


def test_references_are_told_by_name(toys: ToyStage) -> None:
    toys.says(
        "kind: Group\nmetadata: {name: a}\n---\nkind: Group\nmetadata: {name: b}",
        "kind: Rule\nmetadata: {name: r}\nspec: {group: a}",
    )
    toys.done()
    theirs = toys.server.put("groups", name="theirs")
    toys.server.named("rules", "r")["group"] = theirs
    assert fields(toys.plan(), "Rule/r") == {"group": ({"existing": "theirs"}, "a", "drifted")}


def test_what_is_no_longer_declared_stays_and_is_said_once(applied: ToyStage) -> None:
    applied.says("kind: Rule\nmetadata: {name: a}\nspec: {tags: [ours], key: {env: KEY}}")
    [change] = applied.plan().changes
    assert isinstance(change, Release)
    assert [(one.path, one.new) for one in change.fields] == [("text", "one")]
    applied.done()
    assert words(applied.plan()) == []
    assert applied.server.named("rules", "a")["text"] == "one"
    applied.server.named("rules", "a")["text"] = "theirs now"
    assert words(applied.plan()) == []


def test_what_is_ignored_is_neither_compared_nor_written(applied: ToyStage) -> None:
    applied.says(rule("two").replace("metadata: {name: a}", "metadata: {name: a, lifecycle: {ignore: [text]}}"))
    assert "update Rule/a" not in words(applied.plan())
    applied.says(
        rule("two", "[other]").replace("metadata: {name: a}", "metadata: {name: a, lifecycle: {ignore: [text]}}")
    )
    applied.done()
    assert applied.server.named("rules", "a")["text"] == "one"


def test_null_clears(applied: ToyStage) -> None:
    applied.says(rule("null"))
    assert fields(applied.plan(), "Rule/a") == {"text": ("one", None, "edited")}
    applied.done()
    assert "text" not in applied.server.named("rules", "a")


def test_what_the_api_cannot_clear_is_blocked(applied: ToyStage) -> None:
    applied.says(rule().replace("spec: {", "spec: {name: null, "))
    plan = applied.plan()
    assert words(plan) == ["blocked Rule/a"]
    assert "write another name" in plan.blocked[0].way_out


def test_an_object_of_which_hardly_a_field_is_known_differs_field_by_field() -> None:
    """Also where so little is common that a library would call the whole another one."""
    shape = Record({name: Field(Leaf(type="string")) for name in ("name", "text", "contact", "team")})
    wanted = {"name": "new", "text": "a", "contact": "b", "team": "c"}
    found = differences(shape, {"name": "old"}, wanted, MISSING, lambda path: None)
    assert [(one.path, one.old, one.new) for one in found] == [
        ("name", "old", "new"),
        ("text", NOTHING, "a"),
        ("contact", NOTHING, "b"),
        ("team", NOTHING, "c"),
    ]
