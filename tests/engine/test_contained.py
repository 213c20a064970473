"""Law 10: a failed change stops only what depends on it; one account down stops only what needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from reconciler.engine.result import Applied
from reconciler.errors import ApplyRefused
from tests.stage import StillClock
from tests.toy.server import Answer
from tests.toy.stage import ToyStage, why, words

G = "kind: Group\nmetadata: {name: g}\nspec: {}"
R = "kind: Rule\nmetadata: {name: r}\nspec: {group: g}"
S = "kind: Rule\nmetadata: {name: s}\nspec: {text: t}"
OTHER = "kind: Group\nmetadata: {name: o, account: other}\nspec: {}"


def endings(applied: Applied) -> dict[str, str]:
    return {f"{one.change.address.kind}/{one.change.address.name}": one.ending for one in applied.results}


def test_what_depends_on_a_failure_is_skipped_and_the_rest_is_done(toys: ToyStage) -> None:
    toys.server.refused.add(("POST", "g"))
    toys.says(f"{G}\n---\n{R}\n---\n{S}")
    _, applied = toys.go()
    assert endings(applied) == {"Group/g": "failed", "Rule/r": "skipped", "Rule/s": "done"}
    told = {str(one.change.address): one.text for one in applied.results}
    assert "POST /groups: 422: refused by order" in told["toy/Group/g"]
    assert told["toy/Rule/r"] == "waits for toy/Group/g, which was not done"
    toys.server.refused.clear()
    assert toys.done() == ["create Group/g", "create Rule/r"]


def test_one_account_that_is_down_leaves_the_other(toys: ToyStage) -> None:
    toys.server.account("toy@other").down = True
    toys.says(f"{G}\n---\n{OTHER}")
    plan = toys.plan()
    assert words(plan) == ["create Group/g", "blocked @other Group/o"]
    assert "no such token" in str(plan.facts.not_read["toy@other"])
    assert "not read" in plan.blocked[0].why
    _, applied = toys.go()
    assert endings(applied) == {"Group/g": "done"}


def test_what_an_account_that_is_down_holds_is_not_deleted(toys: ToyStage) -> None:
    toys.says(f"{G}\n---\n{OTHER}\n---\n{OTHER.replace('name: o', 'name: p')}")
    toys.done()
    toys.server.account("toy@other").down = True
    toys.says(f"{G}\n---\n{OTHER}")
    assert words(toys.plan()) == ["blocked @other Group/o"]


def test_an_account_without_its_secret_is_not_read(toys: ToyStage) -> None:
    del toys.environ["TOY_TOKEN"]
    toys.says(G)
    plan = toys.plan()
    assert "TOY_TOKEN is not set" in why(plan, "Group/g")


def test_an_unset_secret_refuses_before_the_first_write(toys: ToyStage) -> None:
    toys.says(f"{G}\n---\n{S.replace('text: t', 'key: {env: KEY}')}")
    with pytest.raises(ApplyRefused, match="KEY is not set"):
        toys.go()
    assert toys.server.writes() == []


def test_a_secret_without_a_seal_key_refuses_before_the_first_write(toys: ToyStage) -> None:
    toys.environ["KEY"] = "a-secret"
    toys.seals = None
    toys.says(f"{G}\n---\n{S.replace('text: t', 'key: {env: KEY}')}")
    with pytest.raises(ApplyRefused, match="RECONCILER_SEAL_KEY"):
        toys.go()
    assert toys.server.writes() == []


def test_keep_on_a_create_is_blocked(toys: ToyStage) -> None:
    toys.says(S.replace("text: t", "key: {keep: true}"))
    assert "there is nothing to keep" in why(toys.plan(), "Rule/s")


def test_keep_on_what_is_there_changes_nothing(toys: ToyStage) -> None:
    toys.server.put("rules", name="s", key="theirs")
    toys.says(S.replace("text: t", "key: {keep: true}, text: new"))
    toys.done()
    assert toys.server.named("rules", "s")["key"] == "theirs"


def test_a_window_that_is_past_is_neither_made_nor_compared(toys: ToyStage) -> None:
    past = 'kind: Window\nmetadata: {name: w}\nspec: {until: "2026-02-01T00:00:00Z"}'
    toys.says(past)
    plan = toys.plan()
    assert words(plan) == []
    assert any("past, not made" in one.text for one in plan.warnings)
    toys.server.put("windows", name="w", until="2026-01-01T00:00:00Z")
    assert words(toys.plan()) == ["adopt Window/w"]


def test_a_window_to_come_is_made_and_then_left_alone(toys: ToyStage) -> None:
    toys.says('kind: Window\nmetadata: {name: w}\nspec: {until: "2026-03-01T12:00:30Z"}')
    assert toys.done() == ["create Window/w"]
    toys.clock.passed += 60
    toys.server.named("windows", "w")["until"] = "2026-03-01T11:00:00Z"
    assert words(toys.plan()) == []


class CountingClock(StillClock):
    """Counts who sleeps at the same time: answers that take time are slept for while their requests are under way."""

    most = 0
    sleepers = 0

    async def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        self.most = max(self.most, self.sleepers)
        for _ in range(20):
            await asyncio.sleep(0)
        self.sleepers -= 1


@pytest.mark.parametrize(("text", "most"), [(G, 5), (S, 1)], ids=["any kind", "a serial kind"])
def test_a_serial_kind_is_written_one_at_a_time(toys: ToyStage, text: str, most: int) -> None:
    def serve(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return (*toys.server(method, target, headers, body)[:3], 0.5 if method == "POST" else 0.0)

    toys.says("\n---\n".join(text.replace("name: ", f"name: n{number}") for number in range(5)))
    toys.serve, toys.clock = serve, CountingClock()
    toys.go()
    assert toys.clock.most == most
