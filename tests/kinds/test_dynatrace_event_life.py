"""An event's life: its ids, the feed it is found in, how long it lasts, whom its rules mean; all without a stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.kinds.signal import Seeing
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object
from reconciler.vendors.dynatrace import event_life
from reconciler.vendors.dynatrace.event import KIND
from tests.kinds.dynatrace_events import ALERT, CART, DAY, FAILURE, INFO, KEPT, MINUTE, NOW_MS, TO_HOST, tree_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTEXT = Context(NOW)
MARK = "reconciler:test/dynatrace/Event/e"

# ── what the vendor answers ─────────────────────────────────────────────────────────────────────────────────────────

ANSWERS: list[tuple[str, Object, Object, str | None]] = [
    (
        "of what is for information",
        INFO,
        {"storedEventIds": [-4], "storedIds": ["-4_1"], "storedCorrelationIds": []},
        "-4_1",
    ),
    ("for several entities", INFO, {"storedIds": ["5_1", "-9223372036854775808_1"]}, "-9223372036854775808_1,5_1"),
    ("in numbers alone", INFO, {"storedEventIds": [-481516234200000042], "storedIds": None}, "-481516234200000042"),
    ("of a problem", FAILURE, {"storedEventIds": [], "storedCorrelationIds": ["b", "a"]}, "a,b"),
    ("of the other class", FAILURE, {"storedEventIds": [1], "storedIds": ["1_1"], "storedCorrelationIds": []}, None),
    ("of the other class again", INFO, {"storedIds": [], "storedCorrelationIds": ["a"]}, None),
    ("with nothing", INFO, {"storedEventIds": None, "storedIds": None, "storedCorrelationIds": None}, None),
    ("that is no answer", INFO, {}, None),
    ("of a custom alert", ALERT, {"storedIds": ["1_1"], "storedCorrelationIds": []}, "1_1"),
    ("of a custom alert that is a problem", ALERT, {"storedIds": [], "storedCorrelationIds": ["a"]}, "a"),
]


@pytest.mark.parametrize(("spec", "body", "ident"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_ids_are_those_of_its_class(spec: Object, body: Object, ident: str | None) -> None:
    assert event_life.answered(spec, body) == ident


def row(number: int, kind: str = "ERROR_EVENT", status: str = "OPEN", start: int = 5, mark: str = MARK) -> Object:
    problem = {"correlationId": f"c{number}"} if kind == "ERROR_EVENT" else {}
    base = {"id": f"{number}_{start}", "eventId": number, "startTime": start, "eventType": kind}
    return {**base, **problem, "eventStatus": status, "customProperties": {"reconciler": mark}}


def seeing(**given: Any) -> Seeing:
    return Seeing(CONTEXT, lambda leaf: None, marks=frozenset({MARK}), **given)


FOUND: list[tuple[str, str | None, list[Object], str | None, str]] = [
    ("none", None, [], None, ""),
    ("another's", None, [row(1, mark="reconciler:other/dynatrace/Event/e")], None, ""),
    ("one without properties", None, [{"id": "1_5"}], None, ""),
    ("by the mark, one of each entity", None, [row(1), row(2)], "c1,c2", "OPEN"),
    ("closed", None, [row(1, status="CLOSED")], "c1", "CLOSED"),
    ("the newest sending", None, [row(1, status="CLOSED"), row(2, status="CLOSED", start=9)], "c2", "CLOSED"),
    ("the open sending", None, [row(1), row(2, status="CLOSED", start=9)], "c1", "OPEN"),
    ("for information", None, [row(-1, "CUSTOM_INFO", "CLOSED")], "-1_5", "CLOSED"),
    ("by correlation id", "c2", [row(1), row(2, mark="old")], "c2", "OPEN"),
    ("by stored id", "-1_5", [row(-1, "CUSTOM_INFO", mark="old")], "-1_5", "OPEN"),
    ("by the number", "-1", [row(-1, "CUSTOM_INFO")], "-1_5", "OPEN"),
    ("by another id", "c9", [row(1)], None, ""),
]


@pytest.mark.parametrize(
    ("ident", "rows", "it", "status"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND]
)
def test_its_rows_are_one_event(ident: str | None, rows: list[Object], it: str | None, status: str) -> None:
    found = event_life.found(FAILURE, ident, rows, seeing())
    assert [(event_life.ident(one), KIND.from_api(dict(one), CONTEXT)["eventStatus"]) for one in found] == (
        [(it, status)] if it else []
    )


def test_of_a_row_of_the_feed_what_it_was_told_is_read() -> None:
    raw = {"rows": [{**row(1), "title": "t", "entityName": "cart", "tags": [], "brandNew": 1}], "eventStatus": "OPEN"}
    assert KIND.from_api(raw, CONTEXT) == {
        "eventType": "ERROR_EVENT",
        "title": "t",
        "start": 5,
        "brandNew": 1,
        "eventStatus": "OPEN",
        "customProperties": {"reconciler": MARK},
    }
    assert KIND.mark is not None
    assert KIND.mark.read(raw) == MARK


FAR = NOW_MS - NOW_MS % DAY - 728 * DAY
ASKED: list[tuple[str, Object, str | None, dict[str, Any], list[Mapping[str, Any]]]] = [
    ("of the last 30 days", INFO, None, {}, [{"type": "CUSTOM_INFO", "from": "", "to": ""}]),
    ("of all time, for a new ledger", INFO, None, {"new": True}, [{"type": "CUSTOM_INFO", "from": FAR, "to": ""}]),
    (
        "around its start",
        {**INFO, "start": NOW_MS},
        None,
        {"new": True},
        [{"type": "CUSTOM_INFO", "from": NOW_MS - MINUTE, "to": NOW_MS + MINUTE}],
    ),
    (
        "since it may have been sent",
        FAILURE,
        None,
        {"since": NOW},
        [{"type": "ERROR_EVENT", "from": NOW_MS - MINUTE, "to": ""}],
    ),
    ("of a problem that was sent", FAILURE, "c1", {"new": True}, [{"type": "ERROR_EVENT", "from": "", "to": ""}]),
    ("by its id", INFO, "-1_5", {}, [{"id": "-1_5"}, {"type": "CUSTOM_INFO", "from": "", "to": ""}]),
]


@pytest.mark.parametrize(("spec", "ident", "given", "params"), [row[1:] for row in ASKED], ids=[r[0] for r in ASKED])
def test_the_feed_is_asked(
    spec: Object, ident: str | None, given: dict[str, Any], params: list[Mapping[str, Any]]
) -> None:
    assert [dict(query.params) for query in event_life.queries(spec, ident, seeing(**given))] == params


# ── how long it lasts, and whom it reaches ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("spec", "minutes", "words"),
    [
        (KEPT, 0, None),
        (KEPT, 15, None),
        (KEPT, 16, "it times out at 2026-03-01T12:14:00Z unless it is sent again"),
        (KEPT, 31, "it timed out at 2026-03-01T11:59:00Z, and is opened anew"),
        ({**KEPT, "timeoutMinutes": None}, 8, "it times out at 2026-03-01T12:07:00Z"),
        (FAILURE, 29, None),
        ({**KEPT, "keepOpen": False}, 29, None),
        (INFO, 29, None),
    ],
)
def test_with_less_than_half_its_time_left_it_is_due(spec: Object, minutes: int, words: str | None) -> None:
    sent = NOW - timedelta(minutes=minutes)
    why = event_life.due(spec, None, sent, CONTEXT)
    assert (why is None) == (words is None)
    assert (words or "") in (why or "")
    kept = bool(spec.get("keepOpen"))
    assert bool(event_life.stands(spec, None, sent, CONTEXT)) == kept


def test_a_plan_says_when_it_times_out() -> None:
    assert event_life.stands(KEPT, None, NOW - timedelta(minutes=5), CONTEXT) == (
        "times out at 2026-03-01T12:25:00Z; a plan made after 12:10:00Z shows that it is sent again",
    )


def test_an_adopted_one_was_sent_when_it_began() -> None:
    assert event_life.due(KEPT, {"start": NOW_MS - 20 * MINUTE}, None, CONTEXT) is not None
    assert event_life.due(KEPT, None, None, CONTEXT) is None
    assert event_life.due(KEPT, {"start": NOW_MS - 20 * MINUTE}, NOW - timedelta(minutes=1), CONTEXT) is None


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (Work("create", FAILURE), "opens a problem"),
        (Work("create", ALERT), "may open a problem"),
        (Work("create", INFO), ""),
        (Work("refresh", KEPT, there={"eventStatus": "OPEN"}), ""),
        (Work("refresh", KEPT, there={"eventStatus": "CLOSED"}), "may open a problem"),
        (Work("refresh", KEPT), "may open a problem"),
    ],
)
def test_whom_it_may_reach_is_said(work: Work, words: str) -> None:
    said = event_life.pages(work)
    assert bool(said) == bool(words)
    assert words in "".join(said)


def test_what_is_to_be_known_of_it_is_told() -> None:
    assert "times out 30 minutes after" in "".join(event_life.consequences(Work("create", FAILURE)))
    assert "nothing else does" in "".join(event_life.consequences(Work("create", KEPT)))
    assert event_life.consequences(Work("create", INFO)) == ()
    assert event_life.open_there({"eventStatus": "OPEN"}) == "it stays open there until it times out"
    assert event_life.open_there({"eventStatus": "CLOSED"}) is None
    assert "it is over there" in "".join(event_life.notices(FAILURE, {"eventStatus": "CLOSED"}))
    assert event_life.notices(KEPT, {"eventStatus": "CLOSED"}) == event_life.notices(INFO, {"source": "k6"}) == ()
    assert event_life.notices(FAILURE, {"title": "Other"}) == (
        "title is Other there and Batch failed in Git; nothing is sent: another event needs another name",
    )


def test_the_natural_key_is_all_that_is_told() -> None:
    same = {**FAILURE, "keepOpen": True, "start": None}
    assert KIND.key(tree_of(same)) == KIND.key(tree_of(FAILURE)) != KIND.key(tree_of({**FAILURE, "title": "x"}))
    assert KIND.key({}) is None


# ── whom its rules mean ─────────────────────────────────────────────────────────────────────────────────────────────

TAGGED: Object = {
    "tagRule": [
        {"meTypes": ["HOST", "SERVICE"], "tags": [{"context": "KUBERNETES", "key": "app", "value": "cart"}]},
        {"meTypes": ["HOST"], "tags": [CART, {"context": "AWS", "key": "Name"}]},
    ],
    "entityIds": ["HOST-1", "HOST-2"],
}
OF_IDS, OF_RULE = "2 of 2 HOST named by id are known there", "3 HOST of the last 24 hours match"
AND = "that an entity must bear all tags of the rule, and that a tag without value means one that has none"


def test_each_rule_is_asked_for_each_of_its_sorts() -> None:
    asked = event_life.questions({"attachRules": TAGGED}, CONTEXT)
    assert [(str(one.params["selector"])[:9], "now-24h" in one.path) for one in asked] == [
        ("entityId(", False),
        ("type(HOST", True),
        ("type(SERV", True),
        ("type(HOST", True),
    ]
    assert event_life.questions({}, CONTEXT) == ()


AUDIT: list[tuple[str, int, Any, str, bool]] = [
    ("all ids", 0, {"totalCount": 2}, OF_IDS, True),
    ("some ids", 0, {"totalCount": 1}, "1 of 2 HOST named by id are known there", False),
    ("some entities", 1, {"totalCount": 3}, OF_RULE, True),
    ("no entity", 2, {"totalCount": 0}, "no SERVICE of the last 24 hours matches", False),
    ("assumed", 3, {"totalCount": 1}, f"1 HOST of the last 24 hours matches; assumed: {AND}", True),
    ("no answer", 1, None, "how many HOST match is unknown", False),
    ("another answer", 1, {"entities": []}, "how many HOST match is unknown", False),
]


@pytest.mark.parametrize(("at", "body", "text", "quiet"), [row[1:] for row in AUDIT], ids=[row[0] for row in AUDIT])
def test_how_many_match_is_told_and_warned_about_at_none(at: int, body: Any, text: str, quiet: bool) -> None:
    told: list[Any] = [{"totalCount": 1}] * 4
    told[at] = body
    found = event_life.answers({"attachRules": TAGGED}, told)[at]
    assert (found.text.startswith(text), found.quiet) == (True, quiet)
    rule_path = ("entityIds",) if at == 0 else ("tagRule", 0 if at < 3 else 1)
    assert found.path == ("attachRules", *rule_path)


NOBODY = "Invalid attachRules object provided. No entity IDs match: Matching rule: PushEventAttachRules{…}"


@pytest.mark.parametrize(
    ("rules", "message", "path"),
    [
        ({"tagRule": [{}]}, NOBODY, ("attachRules", "tagRule", 0)),
        ({"tagRule": [{}, {}]}, NOBODY, ("attachRules", "tagRule")),
        ({"tagRule": [{}], "entityIds": ["HOST-1"]}, NOBODY, ("attachRules",)),
        (TO_HOST, NOBODY, ("attachRules", "entityIds")),
        (TO_HOST, "Constraints violated.", None),
    ],
)
def test_that_nothing_matches_points_to_the_rule(rules: Object, message: str, path: Any) -> None:
    found = event_life.blamed({"attachRules": rules}, message)
    assert (found.path if found else None) == path
