"""Events, lived: told once whatever happens, kept open by plans alone, followed and never fought."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.engine.plan import Plan
from reconciler.kinds.tree import Object
from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.dynatrace import VENDOR
from tests.kinds.dynatrace_events import ALERT, CART, DAY, DEPLOYMENT, FAILURE, INFO, KEPT, MINUTE, NOW_MS, TO_HOST
from tests.kinds.dynatrace_project import PROJECT, ask, document
from tests.kinds.test_dynatrace_resumed import Twin
from tests.laws.life import Drawer
from tests.stage import ENVIRON

NOBODY: Object = {"tagRule": [{"meTypes": ["HOST"], "tags": [{"key": "nobody"}]}]}
TAGGED: Object = {"tagRule": [{"meTypes": ["HOST"], "tags": [CART]}]}


class Events(Twin):
    """A life in which events are told; the vendor's clock and ours agree."""

    def fork(self) -> Events:
        twin = Events(
            self.root, self.sandbox.fork(), environ=dict(self.environ), seals=self.seals, vendors=self.vendors
        )
        twin.store = twin.drawer = Drawer(self.drawer.objects)
        twin.loaded, twin.clock.passed = self.loaded, self.clock.passed
        return twin

    def says(self, spec: Object | None, name: str = "e", **metadata: Any) -> None:
        text = PROJECT + ("" if spec is None else document("Event", name, spec, **metadata))
        self.edited({"reconciler.yaml": text})

    def passes(self, minutes: float) -> None:
        self.clock.passed += minutes * 60
        self.sandbox.clock.advance(minutes * 60)

    def done(self) -> list[str]:
        plan, applied = self.go()
        assert applied.ok, [(one.ending, one.text) for one in applied.results]
        assert not self.plan().writes, words(self.plan())
        return words(plan)

    def there(self) -> list[Any]:
        """The events there are, one for each entity they are attached to."""
        held = self.vendor("dynatrace")["events"]
        return list(held.values()) if isinstance(held, dict) else list(held)

    def sent(self) -> int:
        return sum(one["method"] == "POST" and one["path"].endswith("/v1/events") for one in self.sandbox.log)

    def forgets(self) -> None:
        """Its ledger is gone."""
        self.store = self.drawer = Drawer()

    def fault(self, **what: Any) -> None:
        body = encode({"method": "POST", "path": "/dynatrace/api/v1/events", **what})
        assert self.sandbox.handle(Request("POST", "/__faults", (), {}, body)).status == 200


@pytest.fixture
def life(tmp_path: Path) -> Events:
    one = Events(tmp_path, environ=dict(ENVIRON), vendors={"dynatrace": VENDOR})
    one.sandbox.clock.set(one.clock.now())
    one.says(None)
    one.go()
    return one


def words(plan: Plan) -> list[str]:
    return [change.word for change in plan.changes]


def warned(plan: Plan) -> list[str]:
    return [one.text.partition(": ")[2] for one in plan.warnings]


# ── told once ───────────────────────────────────────────────────────────────────────────────────────────────────────

STORIES: dict[str, Object] = {
    "the vendor's deployment": DEPLOYMENT,
    "the vendor's failure": FAILURE,
    "on two hosts": {**INFO, "attachRules": TAGGED},
    "a custom alert": ALERT,
    "of yesterday": {**INFO, "start": NOW_MS - DAY, "end": NOW_MS - DAY + 1},
}


@pytest.mark.parametrize("spec", STORIES.values(), ids=STORIES)
def test_it_is_told_once_and_found_again_by_its_mark(spec: Object, life: Events) -> None:
    life.says(spec)
    assert life.done() == ["create"]
    entry = life.ledger("dynatrace").entries["dynatrace/Event/e"]
    ids = sorted({one["correlation"] if one["problem"] else one["id"] for one in life.there()})
    assert entry.id == ",".join(ids)
    assert all(one["said"]["customProperties"]["reconciler"].endswith("/Event/e") for one in life.there())
    life.forgets()
    assert life.done() == ["adopt"]
    assert life.ledger("dynatrace").entries["dynatrace/Event/e"].id == entry.id
    assert life.sent() == 1


@pytest.mark.parametrize("spec", [INFO, FAILURE], ids=["information", "a problem"])
def test_killed_at_any_instant_it_is_told_once(spec: Object, life: Events) -> None:
    life.says(spec)
    wrong = []
    moments = life.instants()
    assert len(moments) > 6
    for when, one in moments:
        _, applied = one.go()
        if not applied.ok or not one.plan().empty or len(one.there()) != 1 or one.ledger("dynatrace").open:
            wrong.append((when, [(r.ending, r.text) for r in applied.results], len(one.there())))
    assert not wrong


@pytest.mark.parametrize("fault", ["lose", "cut"])
@pytest.mark.parametrize("lag", [0, 5])
def test_without_an_answer_it_is_looked_for(fault: str, lag: int, life: Events) -> None:
    life.settings(dynatrace={"feed_lag": lag})
    life.says({**INFO, "attachRules": TAGGED})
    life.fault(fault=fault)
    assert life.done() == ["create"]
    assert (len(life.there()), life.plan().empty) == (2, True)


def test_of_many_pages_of_the_feed_all_are_looked_through(life: Events) -> None:
    life.says(INFO)
    life.done()
    for number in range(151):
        life.passes(0.1)
        ask(life, "POST", "/api/v1/events", {**INFO, "description": str(number)})
    life.forgets()
    assert life.done() == ["adopt"]


def test_without_a_ledger_one_of_last_year_is_not_told_again(life: Events) -> None:
    life.says(INFO)
    life.done()
    life.passes(400 * 24 * 60)
    life.forgets()
    assert life.done() == ["adopt"]


def test_many_new_ones_of_a_type_are_one_question(life: Events) -> None:
    life.forgets()
    life.says({**INFO, "description": "a"}, "a")
    with (life.root / "reconciler.yaml").open("a", encoding="utf-8") as file:
        file.write(document("Event", "b", {**INFO, "description": "b"}))
    spent = len(life.sandbox.log)
    life.plan()
    assert [one["path"].rpartition("/")[2] for one in list(life.sandbox.log)[spent:]] == ["events", "entities"]


def test_one_is_bound_by_its_id(life: Events) -> None:
    [ident] = ask(life, "POST", "/api/v1/events", INFO)["storedIds"]
    life.says(INFO, id=ident)
    assert life.done() == ["adopt"]
    life.says({**INFO, "description": "else"}, "f", id="-1_1")
    with pytest.raises(Exception, match='"-1_1" is not live'):
        life.plan()


def test_another_name_in_git_is_the_same_event(life: Events) -> None:
    life.says(KEPT)
    life.done()
    life.says(KEPT, "f")
    assert life.done() == ["move"]
    life.passes(20)
    assert life.done() == ["update"]
    [event] = life.there()
    assert event["said"]["customProperties"]["reconciler"].endswith("/Event/e")
    life.forgets()
    life.says(KEPT, "f", was="e")
    assert life.done() == ["update"]  # sent again, since nobody knows that it was a moment ago
    assert len(life.there()) == 1


# ── what cannot be done ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_edit_of_what_was_told_is_blocked_at_its_line(life: Events) -> None:
    life.says(INFO)
    life.done()
    life.says({**INFO, "description": "else"})
    [change] = life.plan().changes
    assert isinstance(change, Blocked)
    assert change.why == "an event stays as it was sent"
    life.says({**INFO, "start": 1})
    assert words(life.plan()) == ["blocked"]  # as an edit: the window is for what is still to be sent


def test_what_began_too_long_ago_is_blocked_while_it_is_still_to_be_sent(life: Events) -> None:
    old = {**INFO, "start": NOW_MS - 31 * DAY}
    life.says(old)
    [change] = life.plan().changes
    assert isinstance(change, Blocked)
    assert "begins 30 days before it is sent at most" in change.why
    young = {**INFO, "start": NOW_MS - DAY}
    life.says(young)
    life.done()
    life.passes(60 * 24 * 60)
    assert life.plan().empty


def test_that_nothing_matches_is_warned_about_and_points_to_the_rule(life: Events) -> None:
    life.says({**INFO, "attachRules": NOBODY})
    plan, applied = life.go()
    assert warned(plan) == ["no HOST of the last 24 hours matches"]
    [result] = applied.results
    assert result.text.startswith("reconciler.yaml:")
    assert "no entity matches: dynatrace: POST /api/v1/events" in result.text
    assert result.way_out == "correct attachRules.tagRule[0]; a tag rule sees entities of the last 24 hours alone"
    ask(life, "POST", '/api/v2/tags?entitySelector=type("HOST")', {"tags": [{"key": "nobody"}]})
    assert life.done() == ["create"]


@pytest.mark.parametrize(
    ("spec", "body"),
    [
        (FAILURE, {"storedEventIds": [1], "storedIds": ["1_1"], "storedCorrelationIds": []}),
        (INFO, {"storedEventIds": [], "storedIds": [], "storedCorrelationIds": ["a"]}),
    ],
)
def test_an_answer_without_an_id_of_its_class_is_an_error(spec: Object, body: Mapping[str, Any], life: Events) -> None:
    life.says(spec)
    life.fault(fault="status", status=200, body=body)
    [result] = life.go()[1].results
    assert "taken without an id" in result.text
    assert life.done() == ["create"]


# ── kept open, and followed ─────────────────────────────────────────────────────────────────────────────────────────


def test_with_less_than_half_its_time_left_a_plan_sends_it_again(life: Events) -> None:
    life.says(KEPT)
    life.done()
    assert [one for one in life.plan().notices if "times out at 2026-03-01T12:30:00Z" in one]
    life.passes(16)
    plan = life.plan()
    [change] = plan.writes
    assert (change.why, change.fields, change.pages) == (
        "keepOpen: it times out at 2026-03-01T12:30:00Z unless it is sent again",
        (),
        (),
    )
    assert life.done() == ["update"]
    life.passes(14)
    [event] = life.there()
    assert event["end"] == NOW_MS + 46 * MINUTE
    assert life.plan().empty
    life.says({**KEPT, "keepOpen": False})
    assert life.done() == []
    life.passes(60)
    assert life.done() == []
    assert "it is over there" in "".join(warned(life.plan()))
    assert life.sent() == 2


def test_one_that_timed_out_is_opened_anew_and_says_so(life: Events) -> None:
    life.says(KEPT)
    life.done()
    life.passes(31)
    [change] = life.plan().writes
    assert "it timed out at" in change.why
    assert change.pages
    assert life.done() == ["update"]
    assert len(life.there()) == 2
    assert life.ledger("dynatrace").entries["dynatrace/Event/e"].id == life.there()[1]["correlation"]


def test_killed_while_it_is_sent_again_it_is_open_once(life: Events) -> None:
    life.says(KEPT)
    life.done()
    life.passes(20)
    for when, one in life.instants():
        _, applied = one.go()
        assert applied.ok, when
        assert (len(one.there()), one.plan().empty) == (1, True), when


def test_without_a_ledger_the_time_it_began_counts(life: Events) -> None:
    life.says(KEPT)
    life.done()
    life.passes(20)
    life.forgets()
    assert life.done() == ["update"]
    assert len(life.there()) == 1


def test_one_that_left_git_is_let_go(life: Events) -> None:
    life.says(FAILURE)
    life.done()
    life.says(None)
    [change] = life.plan().changes
    assert (change.word, change.why) == (
        "release",
        "its manifest left Git; it stays open there until it times out: nothing is sent",
    )
    life.done()
    life.says(FAILURE)
    assert life.done() == ["adopt"]
    assert life.sent() == 1


# ── whom its rules mean ─────────────────────────────────────────────────────────────────────────────────────────────


def test_how_many_match_is_told_while_it_matters(life: Events) -> None:
    life.says({**INFO, "attachRules": {**TAGGED, **TO_HOST}})
    plan = life.plan()
    assert [one.partition("Event/e: ")[2] for one in plan.notices] == [
        "1 of 1 HOST named by id are known there",
        "2 HOST of the last 24 hours match",
    ]
    assert all(one.startswith("reconciler.yaml:") for one in plan.notices)
    life.done()
    spent = len(life.sandbox.log)
    assert life.plan().notices == ()
    assert len(life.sandbox.log) == spent


def test_without_the_scope_to_ask_it_is_told_all_the_same(life: Events) -> None:
    life.settings(dynatrace={"lacking": "entities.read"})
    life.says(INFO)
    assert "the server did not take the question" in "".join(warned(life.plan()))
    assert life.done() == ["create"]


@pytest.mark.parametrize("custom_alert", ["problem", "info", "refused"])
def test_whatever_a_custom_alert_is_it_is_told_at_most_once(custom_alert: str, life: Events) -> None:
    life.settings(dynatrace={"custom_alert": custom_alert})
    life.says(ALERT)
    assert life.go()[1].ok == (custom_alert != "refused")
    if custom_alert != "refused":
        life.forgets()
        assert life.done() == ["adopt"]
    assert len(life.there()) == (custom_alert != "refused")


EITHER_WAY = [
    {"stored": "event", "open_end": "null", "unknown": "ignored", "level": "1.254"},
    {"feed_lag_reads": 2, "not_applicable": "ignored", "insufficient": "403", "rate_headers": "microseconds"},
]


@pytest.mark.parametrize("world", EITHER_WAY, ids=[json.dumps(one) for one in EITHER_WAY])
def test_whatever_the_pages_leave_open_the_story_is_the_same(world: Mapping[str, Any], life: Events) -> None:
    life.settings(dynatrace=world)
    life.says({**KEPT, "attachRules": TAGGED})
    life.fault(fault="lose")
    assert life.done() == ["create"]
    life.passes(20)
    assert life.done() == ["update"]
    assert (len(life.there()), life.plan().empty) == (2, True)
