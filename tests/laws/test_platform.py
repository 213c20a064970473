"""Laws 1 to 5 over drawn PagerDuty projects of all kinds; law 2 in its reading half."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.life import Drawer
from tests.laws.platforms import HOST, STORIES, Platform, platform, written
from tests.laws.test_faithful import JSON
from tests.laws.test_settled import DEATHS, MANY, Death, assert_applied, assert_nothing_left, told, undone
from tests.laws.worlds import Manifests, Story, examples, people

# ── settled and untouched ───────────────────────────────────────────────────────────────────────────────────────────


def ours(life: Platform) -> set[str]:
    """Ids of what the ledger holds; a trigger is its workflow's, an integration its orchestration's."""
    held = {entry.id for entry in life.ledger(HOST).entries.values()}
    parts = ((ident, json.loads(text)) for (_, ident), text in life.objects().items())
    return held | {ident for ident, one in parts if {one.get("orchestration"), one.get("workflow")} & held}


def users(life: Platform) -> set[str]:
    return {str(one["id"]) for one in life.vendor(HOST)["collections"]["users"]}


def named(manifests: Manifests, life: Platform) -> dict[str, set[str]]:
    """By id, the fields that a manifest names."""
    by_address = {f"{kind}/{name}": set(spec) for (kind, name), spec in manifests.items()}
    found: dict[str, set[str]] = {}
    for entry in life.ledger(HOST).entries.values():  # a service orchestration bears the id of its service
        found.setdefault(entry.id, set()).update(by_address.get(entry.address, set()))
    return found


# What follows from others at the vendor: who uses it, what a policy's team is, when it was last changed.
MOVED = {
    "updated_at",
    "updated_by",
    "version",
    "services",
    "teams",
    "team",
    "escalation_policies",
    "last_incident_timestamp",
}
MOVED |= {"users", "integrations", "support_hours", "scheduled_actions", "parameters", "triggers", "members"}
PARTS = {"orchestration_integrations", "triggers", "service_dependencies"}


def assert_untouched(before: dict[tuple[str, str], str], life: Platform, fields: dict[str, set[str]]) -> None:
    after = life.objects()
    for (sort, ident), text in before.items():
        if sort not in PARTS:  # what stands in another object is that object's field
            old, new = json.loads(text), json.loads(after.get((sort, ident), "null"))
            free = set(old) - fields.get(ident, set()) - MOVED
            assert {name: new.get(name) for name in free} == {name: old[name] for name in free}, (sort, ident)


def assert_only_ours_written(life: Platform, there: set[str], known: set[str]) -> None:
    """Of the objects that were `there` none was written to but the `known` ones."""
    for method, path in life.writes():
        ids = [part for part in path.split("/") if part in there]
        assert not ids or ids[-1] in known, (method, path)


@examples(16)
@given(STORIES, st.booleans())
def test_an_apply_leaves_nothing_to_do_and_writes_nothing_but_what_manifests_name(story: Story, replace: bool) -> None:
    """Where nothing may be made in the place of another, an object stays the same one, and its other fields too."""
    with TemporaryDirectory() as folder:
        life = platform(Path(folder), story)
        life.edited(written(story.first, replace))
        for edits in ([], story.between):
            people(life, edits)
            before = life.objects()
            assert_applied(life)
            if not replace:
                assert_untouched(before, life, named(story.first, life))
        life.edited(written(story.then, replace))
        known, there = ours(life), {ident for _, ident in life.objects()} - users(life)
        life.sandbox.log.clear()
        assert_applied(life)
        assert_only_ours_written(life, there, known | ours(life))


# ── resumable ───────────────────────────────────────────────────────────────────────────────────────────────────────


def names(life: Platform) -> list[str]:
    """What there is, by sort and by what people call it."""
    found = ((sort, json.loads(text)) for (sort, _), text in life.objects().items())
    labels = ("name", "label", "description", "condition")
    return sorted(f"{sort} {next((one[name] for name in labels if one.get(name)), '')}" for sort, one in found)


def assert_converges(life: Platform, right: Platform, deaths: list[Death]) -> None:
    for at, when, what in deaths:
        life.killed(at, when, what, MANY)
    plan, applied = life.go(MANY)
    assert not undone(applied), undone(applied)
    assert_nothing_left(life, plan)
    assert names(life) == names(right)
    assert set(life.ledger(HOST).entries) == set(right.ledger(HOST).entries)
    assert life.ledger(HOST).open == ()


@examples(10)
@given(STORIES, DEATHS, DEATHS)
def test_however_often_it_is_killed_the_next_apply_converges(
    story: Story, first: list[Death], then: list[Death]
) -> None:
    with TemporaryDirectory() as folder:
        life = platform(Path(folder), story)
        right = life.fork()
        right.go(MANY)
        assert_converges(life, right, first)
        for one in (life, right):
            people(one, story.between)
        life.edited(written(story.then))
        right.loaded = None
        right.go(MANY)
        assert_converges(life, right, then)


@examples(8)
@given(STORIES, st.integers(0, 40))
def test_with_an_answer_lost_the_next_apply_converges(story: Story, at: int) -> None:
    with TemporaryDirectory() as folder:
        life = platform(Path(folder), story)
        right = life.fork()
        right.go(MANY)
        life.losing(at, MANY)
        assert_converges(life, right, [])


# ── forgetful ───────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(8)
@given(STORIES)
def test_a_lost_ledger_is_rebuilt_from_what_is_live(story: Story) -> None:
    with TemporaryDirectory() as folder:
        life = platform(Path(folder), story)
        assert_applied(life)
        held = set(life.ledger(HOST).entries)
        life.store = life.drawer = Drawer()
        plan, _ = life.go(MANY)
        # A secret that is known here and cannot be compared is sent again, where it can be changed at all.
        assert not [one for one in plan.writes if not secret(one.fields)], told(plan)
        assert_nothing_left(life, plan)
        assert set(life.ledger(HOST).entries) == held
        life.edited(written(story.then))
        assert_applied(life)


def secret(fields: Any) -> bool:
    return all("headers" in one.path or "rules" in one.path for one in fields)


# ── faithful ────────────────────────────────────────────────────────────────────────────────────────────────────────

PLACES = "name type description escalation_rules schedule_layers teams integrations config filter sets catch_all team"
MORE = "delivery_method incident_urgency_rule support_hours orchestration_path services steps brand_new"
FIELDS = st.sampled_from([*PLACES.split(), *MORE.split()])


@examples(10)
@given(STORIES, st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_is_live_can_be_read_and_planned(story: Story, fields: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        life = platform(Path(folder), story)
        life.go(MANY)
        inner = life.answers()

        def strange(value: Any) -> Any:
            return {**value, **fields} if isinstance(value, dict) and "id" in value else value

        def serve(method: str, target: str, headers: Any, body: bytes) -> Any:
            status, said, content, delay = inner(method, target, headers, body)
            if method == "GET" and content:
                answer = json.loads(content)
                for envelope, value in answer.items():
                    answer[envelope] = [strange(one) for one in value] if isinstance(value, list) else strange(value)
                content = json.dumps(answer).encode()
            return status, said, content, delay

        life.serve = serve
        assert len(life.plan(MANY).entries[HOST]) == len(life.ledger(HOST).entries)
