"""Law 4: killed at any instant, or with any answer lost, the next apply converges: no duplicate, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from typing import Any, get_args

import pytest

from reconciler.engine.story import Asked
from tests.laws.life import DESTROY, Life, What, When, counted, life
from tests.laws.quickstart import FILES, edited

HOSTS = ("opsgenie", "wallarm")


def apply_story(root: Path) -> tuple[Life, Asked | None]:
    return life(root, FILES, crowd=6), None


def update_story(root: Path) -> tuple[Life, Asked | None]:
    one = life(root, FILES, crowd=6)
    one.go()
    one.edited(edited())
    return one, None


def destroy_story(root: Path) -> tuple[Life, Asked | None]:
    one = life(root, FILES, crowd=6)
    one.go()
    return one, DESTROY


Story = Callable[[Path], tuple[Life, Asked | None]]
STORIES: list[Story] = [apply_story, update_story, destroy_story]

# Lists lag behind what is new, and only the first story makes anything in them.
stories = pytest.mark.parametrize(
    ("story", "lag"),
    [*((story, 0.0) for story in STORIES), (apply_story, 8.0)],
    ids=[*(story.__name__ for story in STORIES), "apply_story with lists that lag"],
)


@dataclass(frozen=True)
class Right:
    """How it ends where nothing went wrong: `stays` is what the run leaves alone, `arrived` what an incident sends."""

    count: dict[str, int]
    stays: dict[tuple[str, str], str]
    entries: dict[str, set[str]]
    arrived: list[Any]


def arrived(one: Life) -> list[Any]:
    return [told["title"] for told in one.fork().incident() if told["delivered"]]


def entries(one: Life) -> dict[str, set[str]]:
    return {host: set(one.ledger(host).entries) for host in HOSTS}


def right(begun: Life, asked: Asked | None) -> Right:
    one = begun.fork()
    one.go(asked)
    there = one.objects()
    stays = dict(begun.objects().items() & there.items())
    return Right(counted(there), stays, entries(one), arrived(one))


def begin(story: Story, root: Path, lag: float) -> tuple[Life, Asked | None, Right]:
    """The life before the run, what is asked, and how it ends where nothing goes wrong."""
    begun, asked = story(root)
    begun.settings(wallarm={"lag": lag})
    return begun, asked, right(begun, asked)


def unlike(one: Life, right: Right, asked: Asked | None) -> Iterator[str]:
    """What differs from a life in which nothing went wrong."""
    plan = one.plan(asked)
    if not plan.empty:
        yield f"planned again: {[(change.word, str(change.address), change.why) for change in plan.changes]}"
    now = one.objects()
    if counted(now) != right.count:
        yield f"{counted(now)} and not {right.count}"
    yield from (f"touched: {key}" for key, value in right.stays.items() if now.get(key) != value)
    for host in HOSTS:
        ledger = one.ledger(host)
        yield from (f"open: {intent}" for intent in ledger.open)
        if set(ledger.entries) != right.entries[host]:
            yield f"the ledger has {sorted(ledger.entries)}"
    if (came := arrived(one)) != right.arrived:
        yield f"of two incidents arrive {came} and not {right.arrived}"


def converging(one: Life, right: Right, asked: Asked | None) -> Iterator[str]:
    _, applied = one.go(asked)
    if applied.ok:
        yield from unlike(one, right, asked)
    else:
        yield str([(str(r.change.address), r.ending, r.text, r.alarms) for r in applied.results if r.ending != "done"])


def killed_anywhere(begun: Life, right: Right, asked: Asked | None) -> list[str]:
    """What does not converge after a kill at some instant."""
    instants = begun.fork().instants(asked)
    assert len(instants) > 20
    return [f"killed {when}: {text}" for when, one in instants for text in converging(one, right, asked)]


@stories
def test_killed_anywhere_the_next_apply_converges(story: Story, lag: float, tmp_path: Path) -> None:
    begun, asked, right = begin(story, tmp_path, lag)
    wrong = killed_anywhere(begun, right, asked)
    assert not wrong, "\n".join(wrong)


@stories
def test_with_any_answer_lost_the_apply_converges(story: Story, lag: float, tmp_path: Path) -> None:
    begun, asked, right = begin(story, tmp_path, lag)
    wrong: list[str] = []
    losses = 0
    for what, one, applied in begun.losses(asked):
        losses += 1
        found = unlike(one, right, asked) if applied.ok else converging(one, right, asked)
        wrong += [f"{what}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)
    assert losses > 5


def test_a_key_whose_answer_was_lost_is_made_anew_however_often_that_is_interrupted(tmp_path: Path) -> None:
    """The answer that held it is lost with the first process; the second is killed anywhere."""
    begun, asked, right = begin(apply_story, tmp_path, 0.0)
    assert begun.killed_at("POST", "/opsgenie/v2/integrations", "after")
    wrong = killed_anywhere(begun, right, asked)
    assert not wrong, "\n".join(wrong)


def standing(one: Life) -> tuple[float, str, tuple[str, ...]]:
    """The state of a life, less what is new in every run."""
    return one.clock.passed, json.dumps(one.sandbox.dump()["vendors"]), tuple(one.drawer.objects)


def test_a_kill_leaves_what_the_twin_of_its_instant_has(tmp_path: Path) -> None:
    """A process that is stopped, here at every third request and ledger write, leaves none but the states above."""
    begun, asked = update_story(tmp_path)
    known = {standing(one) for _, one in begun.fork().instants(asked)}
    left = set()
    for what, when in product(get_args(What), get_args(When)):
        for at in count(step=3):
            one = begun.fork()
            if not one.killed(at, when, what, asked):
                break
            left.add(standing(one))
    assert left <= known
    assert len(left) > 10


def test_neither_protection_nor_guards_keep_a_key_from_being_made_anew(tmp_path: Path) -> None:
    """What an interrupted run left half made is no object that anybody protects or counts."""
    files = dict(FILES)
    files["opsgenie.yaml"] = files["opsgenie.yaml"].replace(
        "metadata: {name: wallarm-alerts}", "metadata: {name: wallarm-alerts, lifecycle: {protect: true}}"
    )
    files["reconciler.yaml"] += "guards: {max_deletes: 0}\n"
    one = life(tmp_path, files)
    assert one.killed_at("POST", "/opsgenie/v2/integrations", "after")
    assert one.go()[1].ok
    assert one.ledger("opsgenie").entries["opsgenie/Integration/wallarm-alerts"].protect
    assert [told["delivered"] for told in one.incident()] == [True]


def test_an_apply_with_nothing_to_do_leaves_the_ledger_as_it_is(tmp_path: Path) -> None:
    one = life(tmp_path, FILES)
    for _ in range(2):
        one.go()
    plan = one.plan()
    assert (plan.changes, plan.refresh, plan.settled) == ((), (), ())
    held = {host: one.ledger(host).entries for host in ("opsgenie", "wallarm")}
    one.go()
    assert {host: one.ledger(host).entries for host in ("opsgenie", "wallarm")} == held
