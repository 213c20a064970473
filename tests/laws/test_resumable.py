"""Law 4: killed at any instant, or with any answer lost, the next apply converges: no duplicate, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Literal

import pytest

from reconciler.engine.story import Asked
from tests.laws.life import DESTROY, Life, When, life
from tests.laws.quickstart import FILES, edited

What = Literal["request", "put"]


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

stories = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
lagging = pytest.mark.parametrize("lag", [0.0, 8.0], ids=["lists that show at once", "lists that lag"])


def begin(story: Story, root: Path, lag: float) -> tuple[Life, Asked | None, Life]:
    """The life before the run, what is asked, and a life in which nothing went wrong."""
    begun, asked = story(root)
    begun.settings(wallarm={"lag": lag})
    right = begun.fork()
    right.go(asked)
    return begun, asked, right


def unlike(one: Life, begun: Life, right: Life, asked: Asked | None) -> Iterator[str]:
    """What differs from a life in which nothing went wrong."""
    plan = one.plan(asked)
    if not plan.empty:
        yield f"planned again: {[(change.word, str(change.address), change.why) for change in plan.changes]}"
    if one.count() != right.count():
        yield f"{one.count()} and not {right.count()}"
    stays, now = begun.objects().items() & right.objects().items(), one.objects()
    yield from (f"touched: {key}" for key, value in stays if now.get(key) != value)
    for host in ("opsgenie", "wallarm"):
        ledger, wanted = one.ledger(host), right.ledger(host)
        yield from (f"open: {intent}" for intent in ledger.open)
        if set(ledger.entries) != set(wanted.entries):
            yield f"the ledger has {sorted(ledger.entries)}"
    arrived = [[told["title"] for told in life.fork().incident() if told["delivered"]] for life in (one, right)]
    if arrived[0] != arrived[1]:
        yield f"of two incidents arrive {arrived[0]} and not {arrived[1]}"


def converging(one: Life, begun: Life, right: Life, asked: Asked | None) -> Iterator[str]:
    _, applied = one.go(asked)
    if applied.ok:
        yield from unlike(one, begun, right, asked)
    else:
        yield str([(str(r.change.address), r.ending, r.text, r.alarms) for r in applied.results if r.ending != "done"])


@lagging
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "put"])
@stories
def test_killed_anywhere_the_next_apply_converges(
    story: Story, what: What, when: When, lag: float, tmp_path: Path
) -> None:
    begun, asked, right = begin(story, tmp_path, lag)
    wrong: list[str] = []
    for at in count():
        one = begun.fork()
        if not one.killed(at, when, what, asked):
            break
        wrong += [f"killed {when} {what} {at}: {text}" for text in converging(one, begun, right, asked)]
    assert not wrong, "\n".join(wrong)
    assert at > 10


@lagging
@stories
def test_with_any_answer_lost_the_apply_converges(story: Story, lag: float, tmp_path: Path) -> None:
    begun, asked, right = begin(story, tmp_path, lag)
    wrong: list[str] = []
    for at in count():
        one = begun.fork()
        lost, applied = one.losing(at, asked)
        if not lost:
            break
        found = unlike(one, begun, right, asked) if applied.ok else converging(one, begun, right, asked)
        wrong += [f"lost the answer to request {at}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)
    assert at > 10


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "put"])
def test_a_key_whose_answer_was_lost_is_made_anew_however_often_that_is_interrupted(
    what: What, when: When, tmp_path: Path
) -> None:
    """The answer that held it is lost with the first process; the second is killed anywhere."""
    begun, asked, right = begin(apply_story, tmp_path, 0.0)
    once = begun.fork()
    assert once.killed_at("POST", "/opsgenie/v2/integrations", "after")
    wrong: list[str] = []
    for at in count():
        one = once.fork()
        if not one.killed(at, when, what, asked):
            break
        wrong += [f"killed {when} {what} {at}: {text}" for text in converging(one, begun, right, asked)]
    assert not wrong, "\n".join(wrong)
    assert at > 10


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
