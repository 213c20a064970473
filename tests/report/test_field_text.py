"""Field text: every form a field's two sides can take."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.report.plan_text import document_text

DOCUMENT: dict[str, Any] = {
    "format": "reconciler/plan/v1",
    "empty": False,
    "digest": "0",
    "counts": {"update": 1},
    "accounts": ["acme"],
    "objects": 1,
    "unchanged": 0,
    "requests": 1,
    "seconds": 0.42,
}


def page(*fields: dict[str, Any], verbose: bool = False, width: int = 80, **change: Any) -> str:
    """The lines below the head of one change."""
    one = {"change": "update", "address": "acme/Door/front", "fields": fields, **change}
    text = document_text({**DOCUMENT, "changes": [one]}, width=width, color=False, verbose=verbose)
    return text.split("\n", 3)[3]


IN_ORDER = """\
    participants:  (edited in Git)
        … 7 more, unchanged
        person-7@example.com
        person-8@example.com
      - person-9@example.com
      + new@example.com
        person-10@example.com
        person-11@example.com
"""


def test_a_list_in_order_is_told_by_item_and_what_stays_is_folded() -> None:
    old = [f"person-{number}@example.com" for number in range(12)]
    new = [*old[:9], "new@example.com", *old[10:]]
    field = {"path": "participants", "old": old, "new": new, "cause": "edited"}
    assert page(field) == IN_ORDER
    assert "unchanged" not in page(field, verbose=True)
    assert all(person in page(field, verbose=True) for person in [*old, *new])


ALTERED = """\
    rules:  (drifted at the vendor)
      ~ {condition: if-not-acked, notifyType: all, recipient: {team: payments}}  delay: 10m → 20m
"""


def test_an_item_that_is_mostly_the_same_tells_only_what_differs() -> None:
    rule = {"condition": "if-not-acked", "notifyType": "all", "delay": "10m", "recipient": {"team": "payments"}}
    field = {"path": "rules", "old": [rule], "new": [{**rule, "delay": "20m"}], "cause": "drifted"}
    assert page(field, width=100) == ALTERED


A_SET = """\
    events:  (edited in Git)
      + siem
      - system
    tags:
      + {name: a}  (edited in Git)
      - {name: b}  (drifted at the vendor)
"""


def test_items_of_a_set_come_and_go_each_with_its_cause() -> None:
    fields = [
        {"path": "events[]", "new": "siem", "cause": "edited"},
        {"path": "events[]", "old": "system", "cause": "edited"},
        {"path": "tags[]", "new": {"name": "a"}, "cause": "edited"},
        {"path": "tags[]", "old": {"name": "b"}, "cause": "drifted"},
    ]
    assert page(*fields) == A_SET


LINES = """\
    message:  (differs, no record)
        Runbook

        1. look at the graph
      - 2. call ann
      + 2. call bob: at once
"""


def test_a_text_of_several_lines_is_told_by_line() -> None:
    old = "Runbook\n\n1. look at the graph\n2. call ann\n"
    field = {"path": "message", "old": old, "new": old.replace("ann", "bob: at once"), "cause": "differs"}
    assert page(field) == LINES


BOTH = """\
    timezone: UTC → Europe/Paris
      ! both edited in Git and drifted at the vendor; applied last: Asia/Tokyo
"""


def test_both_sides_moving_is_loud_and_shows_what_was_applied() -> None:
    field = {"path": "timezone", "old": "UTC", "new": "Europe/Paris", "last": "Asia/Tokyo", "cause": "both"}
    assert page(field) == BOTH


LONG = """\
    description:  (edited in Git)
      - Who is on call for payments, checkout and everything that has to do with
          money
      + Who is on call for payments, checkout and everything that has to do with
          cards
"""


def test_a_long_value_goes_on_two_lines() -> None:
    old = "Who is on call for payments, checkout and everything that has to do with money"
    field = {"path": "description", "old": old, "new": old.replace("money", "cards"), "cause": "edited"}
    assert page(field) == LONG


NEW = """\
    short: {a: 1}
    window:
      days: [monday, tuesday, wednesday]
      hours: {from: 09:00, to: 18:00, zone: UTC}
    text:
      + one
        two
"""


def test_an_object_that_is_set_anew_is_unfolded_where_it_is_long() -> None:
    window = {"days": ["monday", "tuesday", "wednesday"], "hours": {"from": "09:00", "to": "18:00", "zone": "UTC"}}
    fields = [
        {"path": "short", "new": {"a": 1}, "cause": "new"},
        {"path": "window", "new": window, "cause": "new"},
        {"path": "text", "new": "one\ntwo", "cause": "new"},
    ]
    assert page(*fields, change="create") == NEW


SECRETS = [
    ({"old": {"$secret": "secret"}, "new": {"$secret": "changed"}, "cause": "edited"}, "(secret) → (secret, changed)"),
    (
        {"old": {"$secret": "secret"}, "new": {"$secret": "will change"}, "cause": "renewed"},
        "(secret) → (secret, will change)",
    ),
    ({"new": {"$secret": "will change"}, "cause": "new"}, "(secret, made by this apply)"),
    (
        {"old": {"$secret": "not comparable"}, "new": {"$secret": "secret"}, "cause": "differs"},
        "(secret, not comparable) → (secret)",
    ),
    ({"old": None, "new": {"$secret": "k1:0123456789abcdef"}, "cause": "edited"}, "null → (secret)"),
]


@pytest.mark.parametrize(("field", "words"), SECRETS)
def test_a_secret_is_a_word(field: dict[str, Any], words: str) -> None:
    assert page({"path": "token", **field}).startswith(f"    token: {words}")


VALUES = [
    ("plain words", "plain words"),
    ("", '""'),
    (" led", '" led"'),
    ("true", '"true"'),
    ("12", '"12"'),
    ("none", "none"),
    (12, "12"),
    (1.5, "1.5"),
    (True, "true"),
    (None, "null"),
    ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"),
    ("https://example.com/a?b=c", "https://example.com/a?b=c"),
    ("a: b", '"a: b"'),
    ("決済チーム 夜間", "決済チーム 夜間"),
    ("決済\u3000夜間", "決済\u3000夜間"),
    ("Платежи", "Платежи"),
    ("(secret, changed)", '"(secret, changed)"'),
    ("a → b", '"a → b"'),
    ('say "hi" \\n', '"say \\"hi\\" \\\\n"'),
    ("\x1b[2Jgone", '"\\x1b[2Jgone"'),
    ("ab\u202ecd", '"ab\\u202ecd"'),
    ("no\u00a0break", '"no\\xa0break"'),
    ("tag\U000e0041", '"tag\\U000e0041"'),
    ("a, b", "a, b"),
    (["a, b", "c"], '["a, b", c]'),
    ({}, "{}"),
    ([], "[]"),
    ({"a": [1, "x"], "b c": {"d": None}}, "{a: [1, x], b c: {d: null}}"),
    ({"$unknown": "its team is not there yet"}, "(unknown: its team is not there yet)"),
]


@pytest.mark.parametrize(("value", "words"), VALUES)
def test_a_value_stands_as_it_may_stand_in_a_manifest(value: Any, words: str) -> None:
    assert page({"path": "field", "new": value, "cause": "new"}) == f"    field: {words}\n"


NOTES = """\
    id P1: its manifest left Git
    ! dies with it: opsgenie/RoutingRule id R1
    ! ann is paged ~ update nothing
"""


def test_consequences_stand_below_the_fields_and_are_marked() -> None:
    notes = ["dies with it: opsgenie/RoutingRule id R1", "ann is paged\n~ update nothing"]
    assert page(change="delete", id="P1", why="its manifest left Git", notes=notes) == NOTES
