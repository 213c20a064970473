"""Signals: only Git moves them, each is sent at most once, and what cannot be known is left to a person."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reconciler.engine.change import Blocked, Doubtful
from reconciler.engine.plan import Plan
from reconciler.engine.story import Asked, make_plan
from reconciler.engine.upkeep import settle_signal
from reconciler.errors import ReconcilerError
from reconciler.kinds.address import Address
from reconciler.ledger import ledger
from tests.laws.life import DEAD
from tests.toy.stage import ToyStage, word, words

GROUP = "kind: Group\nmetadata: {name: g}\nspec: {}"


def ticket(spec: str = "status: open", metadata: str = "name: t") -> str:
    return f"kind: Ticket\nmetadata: {{{metadata}}}\nspec: {{{spec}}}"


def beep(name: str = "b", spec: str = "loud: true") -> str:
    return f"kind: Beep\nmetadata: {{name: {name}}}\nspec: {{{spec}}}"


def ping(spec: str = "state: on") -> str:
    return f"kind: Ping\nmetadata: {{name: p}}\nspec: {{{spec}}}"


def told(toys: ToyStage) -> list[str]:
    return [one.text.partition(": ")[2] for one in toys.plan().warnings]


def sent(toys: ToyStage, sort: str) -> int:
    """How often one of a sort reached the vendor."""
    return sum(method == "POST" and path == f"/{sort}" for method, path, _ in toys.server.log)


def settled(toys: ToyStage, address: str, *, was_sent: bool) -> None:
    async def go() -> None:
        access = toys.access()
        held = await ledger.take(toys.store, access.prefix("toy"), DEAD)
        try:
            doubts = (await make_plan(access, {"toy": held.state}, Asked())).doubts if held.state.new else ()
            where = Address.parse(address)
            assert where is not None
            await settle_signal(held, where, [intent for _, intent in doubts], sent=was_sent)
        finally:
            await held.close()

    asyncio.run(go())


def known(toys: ToyStage) -> ToyStage:
    """Something was applied before: the ledger is not new."""
    toys.says(GROUP)
    toys.done()
    return toys


# ── a life in Git ───────────────────────────────────────────────────────────────────────────────────────────────────

STORIES: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "it is sent once": (
        [ticket(), ticket()],
        [("POST", "/tickets")],
    ),
    "it moves as Git moves": (
        [ticket(), ticket("status: waiting"), ticket("status: closed")],
        [("POST", "/tickets"), ("PATCH", "/tickets/t2"), ("PATCH", "/tickets/t2")],
    ),
    "one that comes under way is sent and moved": (
        [ticket("status: waiting")],
        [("POST", "/tickets"), ("PATCH", "/tickets/t2")],
    ),
    "one that comes finished is not sent": ([ticket("status: closed")], []),
    "what is sent beside it is sent once": (
        [ticket("status: open, notes: {a: x}"), ticket("status: open, notes: {a: x, b: y}"), ticket()],
        [("POST", "/tickets"), ("POST", "/notes"), ("POST", "/notes")],
    ),
    "what left Git and came back is not sent twice": (
        [ticket("status: open, notes: {a: x}"), ticket(), ticket("status: open, notes: {a: x}")],
        [("POST", "/tickets"), ("POST", "/notes")],
    ),
    "a null in it is no edit": (
        [ticket("status: open, marks: {a: null, b: x}"), ticket("status: open, marks: {a: null, b: x}")],
        [("POST", "/tickets")],
    ),
    "one that left Git is let go": ([ticket(), GROUP], [("POST", "/tickets"), ("POST", "/groups")]),
    "another name in Git is the same one": (
        [ticket("name: t, status: open"), ticket("name: t, status: open", "name: u")],
        [("POST", "/tickets")],
    ),
    "another key in Git under a name that is told": (
        [beep(), beep("c", "name: b, loud: true")],
        [("POST", "/beeps")],
    ),
    "an edit that asks nothing of the vendor is only recorded": (
        [ticket(), ticket("status: open, aside: x"), ticket("status: closed, aside: y")],
        [("POST", "/tickets"), ("PATCH", "/tickets/t2")],
    ),
    "one that the vendor dedups": ([ping(), ping("state: off")], [("POST", "/pings"), ("POST", "/pings")]),
}


@pytest.mark.parametrize(("says", "writes"), STORIES.values(), ids=STORIES)
def test_git_moves_it(says: list[str], writes: list[tuple[str, str]], toys: ToyStage) -> None:
    known(toys)
    began = len(toys.server.writes())
    for text in says:
        toys.says(f"{text}\n---\n{GROUP}" if text != GROUP else GROUP)
        toys.done()
        assert toys.plan().empty
    given = [one for one in toys.server.writes()[began:] if one != ("POST", "/groups")]
    assert given == [one for one in writes if one != ("POST", "/groups")]


MOVED = {
    "somebody closed it": ({"status": "closed"}, "status is closed there and open in Git; nothing is sent"),
    "somebody moved it on": ({"status": "waiting"}, "status is waiting there and open in Git; nothing is sent"),
    "somebody wrote another text": ({"text": "else"}, ""),
}


@pytest.mark.parametrize(("edit", "said"), MOVED.values(), ids=MOVED)
def test_what_moved_there_is_told_and_changes_nothing(edit: dict[str, Any], said: str, toys: ToyStage) -> None:
    toys.says(ticket("status: open, text: fire"))
    toys.done()
    [ident] = toys.server.objects["tickets"]
    toys.server.objects["tickets"][ident].update(edit)
    plan = toys.plan()
    assert plan.empty
    assert told(toys) == ([said] if said else [])
    if said:
        assert plan.warnings[0].way_out == f"to follow it, write status: {edit['status']}"


def test_git_that_follows_what_moved_there_sends_nothing(toys: ToyStage) -> None:
    toys.says(ticket())
    toys.done()
    [ident] = toys.server.objects["tickets"]
    toys.server.objects["tickets"][ident]["status"] = "closed"
    toys.says(ticket("status: closed"))
    assert toys.done() == []
    assert told(toys) == []


def test_one_that_is_finished_in_git_and_there_is_not_looked_for(toys: ToyStage) -> None:
    toys.says(ticket())
    toys.done()
    toys.says(ticket("status: closed"))
    toys.done()
    assert toys.plan().facts.requests == 0


REFUSED = {
    "back": ("status: waiting", "status: open", "waiting does not go back to open"),
    "another text": ("status: open, text: a", "status: open, text: b", "it was sent with the ticket"),
    "another note": ("status: open, notes: {a: x}", "status: open, notes: {a: z}", "it was sent"),
}


@pytest.mark.parametrize(("before", "after", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_carried_out_is_blocked_at_its_line(before: str, after: str, why: str, toys: ToyStage) -> None:
    toys.says(ticket(before))
    toys.done()
    toys.says(ticket(after))
    [change] = toys.plan().changes
    assert isinstance(change, Blocked)
    assert change.why == why
    assert change.place is not None
    assert change.place.line == 4


def test_whom_it_reaches_is_told(toys: ToyStage) -> None:
    toys.says(ticket())
    [change] = toys.plan().writes
    assert change.pages == ("rings the bell",)


def test_one_that_left_git_while_open_is_let_go_and_said_to_be_open(toys: ToyStage) -> None:
    toys.says(f"{ticket()}\n---\n{GROUP}")
    toys.done()
    toys.says(GROUP)
    [change] = toys.plan().changes
    assert (word(change), change.why) == (
        "release Ticket/t",
        "its manifest left Git; it is still open there: nothing is sent",
    )
    toys.done()
    assert toys.entry("toy/Ticket/t") is None


# ── who is who ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_that_is_there_already_is_adopted_as_it_is(toys: ToyStage) -> None:
    toys.server.put("tickets", name="t", status="waiting")
    toys.says(ticket())
    assert toys.done() == ["adopt Ticket/t"]
    assert told(toys) == ["status is waiting there and open in Git; nothing is sent"]
    toys.says(ticket("status: closed"))
    assert toys.done() == ["update Ticket/t"]


def test_one_is_bound_by_its_id(toys: ToyStage) -> None:
    ident = toys.server.put("tickets", name="theirs", status="open")
    toys.says(ticket("status: open", f"name: t, id: {ident}"))
    toys.done()
    toys.says(ticket("status: closed", f"name: t, id: {ident}"))
    toys.done()
    assert toys.server.objects["tickets"][ident]["status"] == "closed"


def test_an_id_that_is_not_there_is_an_error(toys: ToyStage) -> None:
    toys.says(ticket("status: open", "name: t, id: t99"))
    with pytest.raises(ReconcilerError, match=r'metadata.id: "t99" is not live in toy'):
        toys.plan()


def test_several_of_one_name_are_an_error(toys: ToyStage) -> None:
    toys.server.put("tickets", name="t", status="open")
    toys.server.put("tickets", name="t", status="open")
    toys.says(ticket())
    with pytest.raises(ReconcilerError, match=r"2 live ones may be meant \(ids t1, t2\)"):
        toys.plan()


def test_two_manifests_of_one_are_an_error(toys: ToyStage) -> None:
    toys.server.put("tickets", name="t", status="open")
    toys.says(f"{ticket()}\n---\n{ticket('status: open', 'name: u, id: t1')}")
    with pytest.raises(ReconcilerError, match="both mean toy/Ticket id t1"):
        toys.plan()


def test_signals_that_are_gone_do_not_look_like_another_tenant(toys: ToyStage) -> None:
    toys.says("\n---\n".join(ticket("status: open", f"name: t{number}") for number in range(12)))
    toys.done()
    toys.server.objects["tickets"].clear()
    assert toys.plan().refusals == ()
    toys.says("")
    plan = toys.plan()
    assert plan.refusals == ()
    assert {change.word for change in plan.changes} == {"release"}


# ── what is sent again before it ends ───────────────────────────────────────────────────────────────────────────────


def test_one_that_shall_be_kept_is_sent_again_when_it_is_due(toys: ToyStage) -> None:
    toys.says(ping("state: on, keep: true"))
    toys.done()
    assert toys.plan().empty
    toys.clock.passed += 40
    [change] = toys.plan().writes
    assert (word(change), change.why) == ("update Ping/p", "it would end within half a minute")
    toys.done()
    assert toys.plan().empty
    assert sent(toys, "pings") == 2


# ── what older versions of a vendor lack ────────────────────────────────────────────────────────────────────────────


def test_what_a_newer_path_does_not_take_goes_by_the_older_one(toys: ToyStage) -> None:
    known(toys).says(f"{ping()}\n---\n{GROUP}")
    toys.server.lacking = {"pings"}
    assert toys.go()[1].ok
    assert (sent(toys, "pings"), sent(toys, "beeps")) == (1, 1)
    assert toys.entry("toy/Ping/p").id in toys.server.objects["beeps"]


def test_where_neither_path_is_there_the_way_out_is_told(toys: ToyStage) -> None:
    known(toys).says(f"{ping()}\n---\n{GROUP}")
    toys.server.lacking = {"pings", "beeps"}
    [result] = toys.go()[1].results
    assert (result.ending, result.way_out) == ("failed", "ask for a newer server")
    assert "POST /beeps: 404: no such path" in result.text
    assert toys.entry("toy/Ping/p") is None
    assert toys.ledger("toy").open == ()


def test_no_other_refusal_selects_the_older_path(toys: ToyStage) -> None:
    known(toys).says(f"{ping()}\n---\n{GROUP}")
    toys.server.refused = {("POST", "p")}
    [result] = toys.go()[1].results
    assert (result.ending, sent(toys, "beeps")) == ("failed", 0)


# ── at most once ────────────────────────────────────────────────────────────────────────────────────────────────────

ALL = f"{ticket('status: waiting, notes: {a: x, b: y}')}\n---\n{beep()}\n---\n{ping()}"
ONCE = {"tickets": 1, "notes": 2, "beeps": 1}


def finish(toys: ToyStage) -> None:
    """Apply until nothing is left, a person saying of what is in doubt what the vendor's log says."""
    for _ in range(6):
        toys.go()
        left = toys.plan()
        if left.empty and not left.changes:
            return
        for change in left.not_done:
            assert isinstance(change, Doubtful), word(change)
            settled(toys, str(change.address), was_sent=_arrived(toys, change))
    raise AssertionError(words(toys.plan()))


def _arrived(toys: ToyStage, change: Doubtful) -> bool:
    if change.address.kind == "Beep":
        return sent(toys, "beeps") > 0
    [intent] = [one for one in toys.ledger("toy").open if one.address == str(change.address)]
    return any(path == "/notes" and body["name"] == f"t {intent.what['step']}" for _, path, body in toys.server.log)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["request", "put"])
def test_killed_at_any_instant_each_arrives_once(what: Any, when: Any, toys: ToyStage) -> None:
    known(toys).says(f"{ALL}\n---\n{GROUP}")
    for at in range(100):
        one = toys.fork()
        if not one.killed(at, when, what):
            assert at > 8
            return
        before = dict(ONCE)
        assert all(sent(one, sort) <= most for sort, most in before.items())
        finish(one)
        assert {sort: sent(one, sort) for sort in ONCE} == ONCE, at
        assert len(one.server.objects["pings"]) == 1
    raise AssertionError("it never ends")


def test_whatever_answer_is_lost_each_arrives_once(toys: ToyStage) -> None:
    known(toys).says(f"{ALL}\n---\n{GROUP}")
    for at in range(100):
        one = toys.fork()
        lost, _ = one.losing(at)
        if not lost:
            assert at > 5
            return
        finish(one)
        assert {sort: sent(one, sort) for sort in ONCE} == ONCE, at
        assert len(one.server.objects["pings"]) == 1
    raise AssertionError("it never ends")


def test_what_may_have_been_sent_waits_for_a_person(toys: ToyStage) -> None:
    known(toys).says(f"{beep()}\n---\n{GROUP}")
    assert toys.killed_at("POST", "/toy/beeps", "after")
    for _ in range(2):
        plan, _ = toys.go()
        assert words(plan) == ["doubtful Beep/b"]
        assert sent(toys, "beeps") == 1
    settled(toys, "toy/Beep/b", was_sent=True)
    assert toys.plan().empty
    assert sent(toys, "beeps") == 1


def test_a_new_ledger_sends_nothing_that_nobody_can_look_for(toys: ToyStage) -> None:
    toys.says(f"{beep()}\n---\n{beep('c')}\n---\n{GROUP}")
    assert words(toys.plan()) == ["create Group/g", "doubtful Beep/b", "doubtful Beep/c"]
    toys.go()
    assert words(toys.plan()) == ["doubtful Beep/b", "doubtful Beep/c"]
    settled(toys, "toy/Beep/b", was_sent=True)
    settled(toys, "toy/Beep/c", was_sent=False)
    assert toys.done() == ["create Beep/c"]
    assert sent(toys, "beeps") == 1


def test_a_person_may_say_it_before_the_first_apply(toys: ToyStage) -> None:
    toys.says(f"{beep()}\n---\n{beep('c')}")
    settled(toys, "toy/Beep/b", was_sent=False)
    assert words(toys.plan()) == ["create Beep/b", "doubtful Beep/c"]


def test_of_what_is_not_in_doubt_nobody_says_anything(toys: ToyStage) -> None:
    known(toys).says(beep())
    with pytest.raises(ReconcilerError, match="no sending of toy/Beep/b is in doubt"):
        settled(toys, "toy/Beep/b", was_sent=True)


def test_a_lost_ledger_is_no_reason_to_send_again(toys: ToyStage) -> None:
    toys.says(f"{ticket('status: waiting, notes: {a: x}')}\n---\n{ping()}")
    toys.done()
    toys.drawer.objects.clear()
    assert told(toys) == ["notes.a is taken as sent, since nobody can look for it"]
    assert set(toys.done()) == {"adopt Ticket/t", "adopt Ping/p"}
    assert (sent(toys, "tickets"), sent(toys, "notes"), sent(toys, "pings")) == (1, 1, 1)


def test_a_plan_is_the_same_until_something_is_done(toys: ToyStage) -> None:
    toys.says(ALL)
    plans: list[Plan] = [toys.plan(), toys.plan()]
    assert plans[0].digest == plans[1].digest
