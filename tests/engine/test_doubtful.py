"""Doubtful creates: what an answer nobody saw may have made is looked for, proven or left to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.engine.change import Doubtful
from reconciler.engine.upkeep import settle
from reconciler.kinds.address import Address
from reconciler.ledger import ledger
from tests.laws.life import DEAD
from tests.toy.server import Answer
from tests.toy.stage import ToyStage, words

A = 'kind: Window\nmetadata: {name: a}\nspec: {until: "2027-01-01T00:00:00Z"}'
UNTIL = "2027-01-01T00:00:00Z"
OTHER = 'kind: Window\nmetadata: {name: b}\nspec: {until: "2027-01-01T00:00:00Z"}'


def killed(toys: ToyStage) -> str:
    """An apply that died when the group was made and not yet recorded: its id."""
    toys.says(A)
    assert toys.killed_at("POST", "/toy/windows", "after")
    return str(toys.server.named("windows", "a")["id"])


def settled(toys: ToyStage, ident: str | None) -> None:
    async def go() -> None:
        access = toys.access()
        held = await ledger.take(toys.store, access.prefix("toy"), DEAD)
        await settle(access, held, Address("toy", "default", "Window", "a"), ident)
        await held.close()

    asyncio.run(go())


def test_one_that_is_as_it_was_asked_for_is_ours(toys: ToyStage) -> None:
    ident = killed(toys)
    plan = toys.plan()
    assert words(plan) == ["adopt Window/a"]
    assert plan.changes[0].why == "made by an interrupted run"
    toys.done()
    assert (toys.entry("toy/Window/a").id, toys.entry("toy/Window/a").origin) == (ident, "created")
    assert toys.ledger("toy").open == ()


def test_a_plan_writes_nothing_of_what_it_found(toys: ToyStage) -> None:
    killed(toys)
    before = dict(toys.drawer.objects)
    toys.plan()
    assert toys.drawer.objects == before


def test_none_is_made_again(toys: ToyStage) -> None:
    ident = killed(toys)
    del toys.server.objects["windows"][ident]
    assert toys.done() == ["create Window/a"]
    assert len(toys.server.objects["windows"]) == 1


def test_one_that_shows_late_is_waited_for(toys: ToyStage, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = killed(toys)
    toys.server.unseen.add(ident)
    waits: list[float] = []
    sleep: Callable[[float], Any] = toys.clock.sleep

    async def shows_after_two(seconds: float) -> None:
        waits.append(seconds)
        if sum(waits) > 2:
            toys.server.unseen.clear()
        await sleep(seconds)

    monkeypatch.setattr(toys.clock, "sleep", shows_after_two)
    assert words(toys.plan()) == ["adopt Window/a"]


def test_two_are_left_to_a_person(toys: ToyStage) -> None:
    ident = killed(toys)
    other = toys.server.put("windows", name="a", until=UNTIL)
    plan = toys.plan()
    [change] = plan.changes
    assert isinstance(change, Doubtful)
    assert change.ids == (ident, other)
    toys.server.log.clear()
    toys.go()
    assert toys.server.writes() == []
    settled(toys, ident)
    assert words(toys.plan()) == []
    assert toys.entry("toy/Window/a").id == ident


def test_one_that_is_not_as_it_was_asked_for_is_left_to_a_person(toys: ToyStage) -> None:
    ident = killed(toys)
    toys.server.objects["windows"][ident]["until"] = "2028-01-01T00:00:00Z"
    assert words(toys.plan()) == ["doubtful Window/a"]
    settled(toys, None)
    assert sorted(words(toys.plan())) == ["adopt Window/a", "update Window/a"]


def test_a_mark_tells_which_one_it_is(toys: ToyStage) -> None:
    toys.says("kind: Group\nmetadata: {name: g}\nspec: {}")
    assert toys.killed_at("POST", "/toy/groups", "after")
    ident = toys.server.named("groups", "g")["id"]
    toys.server.put("groups", name="g")
    toys.done()
    assert toys.entry("toy/Group/g").id == ident
    assert toys.ledger("toy").open == ()


def test_a_person_may_tell_by_metadata_id(toys: ToyStage) -> None:
    ident = killed(toys)
    toys.server.put("windows", name="a", until=UNTIL)
    toys.says(A.replace("name: a", f"name: a, id: {ident}"))
    toys.done()
    assert toys.ledger("toy").open == ()


def test_what_was_there_before_is_no_candidate(toys: ToyStage) -> None:
    """A window of this name stood there, named by its id elsewhere, when ours was asked for."""
    theirs = toys.server.put("windows", name="a", until=UNTIL)
    bound = f"kind: Window\nmetadata: {{name: theirs, id: {theirs}}}\nspec: {{name: b}}"
    toys.says(bound, A)
    assert toys.killed_at("POST", "/toy/windows", "after")
    toys.done()
    assert toys.entry("toy/Window/theirs").id == theirs
    assert len(toys.server.objects["windows"]) == 2


def test_in_doubt_and_gone_from_git_it_is_still_said(toys: ToyStage) -> None:
    killed(toys)
    toys.server.put("windows", name="a", until=UNTIL)
    toys.says(OTHER)
    assert words(toys.plan()) == ["create Window/b", "doubtful Window/a"]


def test_made_and_gone_from_git_it_is_deleted(toys: ToyStage) -> None:
    killed(toys)
    toys.says(OTHER)
    assert sorted(toys.done()) == ["create Window/b", "delete Window/a"]
    assert [one["name"] for one in toys.server.objects["windows"].values()] == ["b"]


def test_the_last_of_its_kind_in_git_is_looked_for_when_it_is_gone(toys: ToyStage) -> None:
    killed(toys)
    toys.says("kind: Group\nmetadata: {name: g}\nspec: {}")
    assert sorted(toys.done()) == ["create Group/g", "delete Window/a"]
    assert toys.server.objects["windows"] == {}


def test_a_lost_answer_is_settled_in_the_same_run(toys: ToyStage) -> None:
    lost = False

    def serve(method: str, target: str, headers: Any, body: bytes) -> Answer:
        nonlocal lost
        answer = toys.server(method, target, headers, body)
        if method == "POST" and not lost:
            lost = True
            raise ConnectionResetError
        return answer

    toys.says(A)
    toys.serve = serve
    assert toys.done() == ["create Window/a"]
    assert lost
    assert len(toys.server.objects["windows"]) == 1
