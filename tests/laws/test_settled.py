"""Laws 1, 3, 4 and 5 over drawn worlds: applied is settled, others' is untouched, runs can be killed, ledgers lost."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.guards import Limits
from reconciler.engine.plan import Plan, described
from reconciler.engine.result import Applied
from reconciler.engine.story import Asked
from tests.laws.life import Drawer, Life, When
from tests.laws.worlds import REPLACED, STORIES, Manifests, Story, examples, people, prepared, texts

MANY = Asked(limits=Limits(max_deletes=1_000))
HOSTS = ("opsgenie", "wallarm")


def told(plan: Plan) -> str:
    return "\n".join(str(described(change)) for change in plan.changes)


def undone(applied: Applied) -> list[tuple[str, ...]]:
    return [(str(one.change.address), one.ending, one.text) for one in applied.results if one.ending != "done"]


def assert_nothing_left(life: Life, plan: Plan) -> None:
    again = life.plan(MANY)
    assert not again.writes, told(again)
    assert {str(one.address) for one in again.not_done} <= {str(one.address) for one in plan.not_done}, told(again)


def assert_applied(life: Life) -> Plan:
    """One apply that does all it planned, and a plan after it that has nothing left to do."""
    plan, applied = life.go(MANY)
    assert not undone(applied), undone(applied)
    assert_nothing_left(life, plan)
    return plan


# ── settled and untouched ─────────────────────────────────────────────────────────────────────────────────────────────

# What the vendor itself moves: places of rules, and what follows from a template or a status.
MOVED = frozenset({"order", "template", "thresholds", "responders"})


def ours(life: Life) -> set[str]:
    return {entry.id for host in HOSTS for entry in life.ledger(host).entries.values()}


def named(manifests: Manifests, life: Life) -> dict[str, frozenset[str]]:
    """By id, the fields that a manifest names, in the vendor's words."""
    entries = [entry for host in HOSTS for entry in life.ledger(host).entries.values()]
    by_address = {f"{kind}/{name}": frozenset(spec) for (kind, name), spec in manifests.items()}
    return {one.id: by_address.get(one.address, frozenset()) | {"template_id"} for one in entries}


def meant(manifests: Manifests, life: Life) -> set[str]:
    """The ids of what is there under a name that a manifest bears: it is adopted, and may be replaced at once."""
    names = {spec.get("name", name) for (_, name), spec in manifests.items()}
    return {ident for (_, ident), text in life.objects().items() if json.loads(text).get("name") in names}


def assert_untouched(before: dict[tuple[str, str], str], life: Life, fields: dict[str, frozenset[str]]) -> None:
    after = life.objects()
    for key, text in before.items():
        old, new = json.loads(text), json.loads(after.get(key, "null"))
        # Of an object that is not ours only its place among ours may change.
        declared = fields[key[1]] | MOVED if key[1] in fields else frozenset({"order"})
        free = {name for name in old if name not in declared}
        assert {name: new.get(name) for name in free} == {name: old[name] for name in free}, key


CREATES = {"routing-rules", "triggers"}


def assert_only_ours_written(life: Life, there: set[str], known: set[str]) -> None:
    """Of the objects that were `there` none was written to but the `known` ones."""
    for method, path in life.writes():
        ids = [part for part in path.split("/") if part in there]
        creates = method == "POST" and path.rpartition("/")[2] in CREATES
        assert creates or not ids or ids[-1] in known, (method, path)


@examples(45)
@given(STORIES, st.booleans())
def test_an_apply_leaves_nothing_to_do_and_writes_nothing_but_what_manifests_name(story: Story, replace: bool) -> None:
    """Where nothing may be made in the place of another, an object stays the same one, and its other fields too."""
    replaced = REPLACED if replace else ()
    with TemporaryDirectory() as folder:
        life = prepared(Life(Path(folder)), story)
        life.edited(texts(story.first, replaced))
        for edits in ([], story.between):
            people(life, edits)
            before = life.objects()
            assert_applied(life)
            if not replace:
                assert_untouched(before, life, named(story.first, life))
        life.edited(texts(story.then, replaced))
        known, there = ours(life) | meant(story.then, life), {ident for _, ident in life.objects()}
        life.sandbox.log.clear()
        assert_applied(life)
        assert_only_ours_written(life, there, known | ours(life))


Death = tuple[int, When, Literal["request", "put"]]

# ── resumable ───────────────────────────────────────────────────────────────────────────────────────────────────────

DEATHS: st.SearchStrategy[list[Death]] = st.lists(
    st.tuples(st.integers(0, 45), st.sampled_from(["before", "after"]), st.sampled_from(["request", "put"])),
    min_size=1,
    max_size=3,
)


def names(life: Life) -> list[tuple[str, str]]:
    return sorted((sort, str(json.loads(text).get("name"))) for (sort, _), text in life.objects().items())


def assert_converges(life: Life, right: Life, deaths: list[Death]) -> None:
    for at, when, what in deaths:
        life.killed(at, when, what, MANY)
    plan, applied = life.go(MANY)
    assert not undone(applied), undone(applied)
    assert_nothing_left(life, plan)
    assert names(life) == names(right)
    assert ours(life) <= {ident for _, ident in life.objects()}
    for host in HOSTS:
        assert set(life.ledger(host).entries) == set(right.ledger(host).entries)
        assert life.ledger(host).open == ()


@examples(35)
@given(STORIES, DEATHS, DEATHS)
def test_however_often_it_is_killed_the_next_apply_converges(
    story: Story, first: list[Death], then: list[Death]
) -> None:
    with TemporaryDirectory() as folder:
        life = prepared(Life(Path(folder)), story)
        right = life.fork()
        right.go(MANY)
        assert_converges(life, right, first)
        people(life, story.between)
        people(right, story.between)
        life.edited(texts(story.then))
        right.loaded = None
        right.go(MANY)
        assert_converges(life, right, then)


# ── forgetful ───────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(30)
@given(STORIES)
def test_a_lost_ledger_is_rebuilt_from_what_is_live(story: Story) -> None:
    with TemporaryDirectory() as folder:
        life = prepared(Life(Path(folder)), story)
        assert_applied(life)
        held = {host: set(life.ledger(host).entries) for host in HOSTS}
        life.store = life.drawer = Drawer()
        plan, _ = life.go(MANY)
        # A secret that is known here and cannot be compared is sent again; it is all that a lost record costs.
        assert {one.path for change in plan.writes for one in change.fields} <= {"target.token"}, told(plan)
        assert_nothing_left(life, plan)
        assert {host: set(life.ledger(host).entries) for host in HOSTS} == held
        life.edited(texts(story.then))
        assert_applied(life)
