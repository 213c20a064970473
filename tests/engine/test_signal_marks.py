"""Signals that bear our mark: found by it, asked about as long as it matters, and refused at the line it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.toy.stage import ToyStage, words

GROUP = "kind: Group\nmetadata: {name: g}\nspec: {}"


def flare(spec: str = "to: g", metadata: str = "name: f") -> str:
    return f"kind: Flare\nmetadata: {{{metadata}}}\nspec: {{{spec}}}\n---\n{GROUP}"


def lists(toys: ToyStage) -> list[str]:
    return [path for method, path, _ in toys.server.log if method == "GET"]


def forgotten(toys: ToyStage) -> ToyStage:
    """The same world, and an empty ledger."""
    return ToyStage(toys.root, server=toys.server)


def test_it_is_found_by_its_mark(toys: ToyStage) -> None:
    toys.says(flare("name: x, to: g"))
    toys.done()
    [found] = toys.server.objects["flares"].values()
    assert found["mark"] == "reconciler:toys/toy/Flare/f"
    again = forgotten(toys)
    again.says(flare("name: y, to: g"))
    assert "adopt Flare/f" in words(again.plan())
    again.says(flare("name: y, to: g", "name: h"))
    assert "create Flare/h" in words(again.plan())
    again.says(flare("name: y, to: g", "name: h, was: f"))
    assert "adopt Flare/h" in words(again.plan())


def test_a_new_ledger_says_so_where_it_is_looked_for(toys: ToyStage) -> None:
    toys.says(flare())
    toys.plan()
    assert "/windows" in lists(toys)
    toys.says(GROUP)
    toys.done()
    toys.server.log.clear()
    toys.says(flare())
    toys.plan()
    assert "/windows" not in lists(toys)


def test_what_a_plan_asks_of_it_is_a_note_or_a_warning_until_nothing_more_comes_of_it(toys: ToyStage) -> None:
    toys.says(flare("to: h"))
    [warning] = toys.plan().warnings
    assert (warning.text, str(warning.place)) == ("toy/Flare/f: nobody will see it", "all.yaml:4:12")
    toys.server.put("groups", name="h")
    plan = toys.plan()
    assert (plan.warnings, plan.notices) == ((), ("all.yaml:4:12: toy/Flare/f: it will be seen",))
    toys.done()
    assert toys.plan().notices == ()


def test_how_long_it_lasts_is_a_note(toys: ToyStage) -> None:
    toys.server.put("groups", name="g")
    toys.says(flare("to: g, burns: true"))
    toys.done()
    assert "toy/Flare/f: it burns since 12:00" in toys.plan().notices


def test_one_that_is_found_and_due_is_sent_again_at_once(toys: ToyStage) -> None:
    toys.says(flare("to: g, burns: true"))
    toys.done()
    again = forgotten(toys)
    again.says(flare("to: g, burns: true"))
    assert "update Flare/f" in again.done()
    assert again.entry("toy/Flare/f").origin == "adopted"


def test_a_refusal_is_told_at_the_line_that_it_is_about(toys: ToyStage) -> None:
    toys.says(flare())
    toys.server.refused.add(("POST", "f"))
    [result] = [one for one in toys.go()[1].results if one.ending != "done"]
    assert result.text == "all.yaml:4:12: nobody sees it: toy: POST /flares: 422: refused by order"
    assert result.way_out == "name another group"


def test_an_answer_is_read_by_what_was_sent(toys: ToyStage) -> None:
    toys.says(flare())
    inner = toys.answers()

    def another(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        status, given, content, took = inner(method, target, headers, body)
        return status, given, content.replace(b'"name": "f"', b'"name": "z"') if method == "POST" else content, took

    toys.serve = another
    [result] = [one for one in toys.go()[1].results if one.ending != "done"]
    assert ("taken without an id" in result.text, result.way_out) == (True, "look for it in the sky")
