"""opsgenie/Escalation: rules as a set, delays in minutes, repetition and its end."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kind_kit import CONTEXT, KINDS, Case, Mistake, assert_mistaken, assert_settled, cases, mistakes, sent

NAME = "opsgenie/Escalation"
KIND = KINDS[NAME]
ANN = "ann@example.com"


def rule(minutes: int, sort: str, name: str, condition: str = "if-not-acked", kind: str = "default") -> dict[str, Any]:
    delay = {"timeAmount": minutes, "timeUnit": "minutes"}
    return {"condition": condition, "notifyType": kind, "delay": delay, "recipient": {"type": sort, "id": f"id:{name}"}}


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "late",
            "description": "d",
            "ownerTeam": "payments",
            "rules": [
                {"condition": "if-not-acked", "notifyType": "default", "delay": 0, "recipient": {"schedule": "oncall"}},
                {"condition": "if-not-closed", "notifyType": "all", "delay": "1h", "recipient": {"team": "payments"}},
                {"delay": "5m", "recipient": ANN},
            ],
            "repeat": {"waitInterval": "10m", "count": 3, "resetRecipientStates": True, "closeAlertAfterAll": False},
        },
        {
            "name": "late",
            "description": "d",
            "ownerTeam": {"id": "id:payments"},
            "rules": [
                rule(0, "schedule", "oncall"),
                rule(60, "team", "payments", "if-not-closed", "all"),
                rule(5, "user", ANN),
            ],
            "repeat": {"waitInterval": 10, "count": 3, "resetRecipientStates": True, "closeAlertAfterAll": False},
        },
        {
            "name": "late",
            "description": "d",
            "ownerTeam": {"id": "id:payments", "name": "payments"},
            "rules": [
                rule(5, "user", ANN),
                rule(60, "team", "payments", "if-not-closed", "all"),
                rule(0, "schedule", "oncall"),
            ],
            "repeat": {"waitInterval": 10, "count": 3, "resetRecipientStates": True, "closeAlertAfterAll": False},
        },
    ),
    Case("null ends the repetition", NAME, {"repeat": None}, {"repeat": {"waitInterval": 0}}, {"name": "x"}),
    Case(
        "a wait of nothing is no repetition",
        NAME,
        {"repeat": None},
        {"repeat": {"waitInterval": 0}},
        {"repeat": {"waitInterval": 0, "count": 1, "resetRecipientStates": False}},
    ),
    Case(
        "a user as an object, too",
        NAME,
        {"rules": [{"recipient": {"user": ANN}, "delay": 1}]},
        {"rules": [rule(1, "user", ANN)]},
        {"rules": [rule(1, "user", ANN)]},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "e1", **case.raw})


@pytest.mark.parametrize(
    ("unit", "amount", "minutes"), [("minutes", 90, 90), ("hours", 2, 120), ("days", 1, 1440), (None, 7, 7)]
)
def test_a_delay_of_any_unit_is_read_in_minutes(unit: str | None, amount: int, minutes: int) -> None:
    delay = {"timeAmount": amount} | ({"timeUnit": unit} if unit else {})
    assert KIND.from_api({"rules": [{"delay": delay}]}, CONTEXT) == {"rules": [{"delay": minutes}]}


def test_a_delay_of_an_unknown_unit_stays_as_it_is() -> None:
    odd = {"timeAmount": 1, "timeUnit": "fortnights"}
    tree = KIND.from_api({"rules": [{"delay": odd}]}, CONTEXT)
    assert tree == {"rules": [{"delay": odd}]}
    assert KIND.to_api(tree, CONTEXT)["rules"][0]["delay"] == odd


@pytest.mark.parametrize(
    "rules",
    [[], [rule(0, "user", ANN), rule(5, "user", ANN)], [rule(1, "user", ANN)], [rule(0, "team", "payments")]],
    ids=["none", "one more", "later", "another"],
)
def test_rules_are_owned_whole(rules: list[dict[str, Any]]) -> None:
    with pytest.raises(AssertionError):
        assert_settled(Case("drifted", NAME, {"rules": [{"recipient": ANN, "delay": 0}]}), {"rules": rules})


@mistakes(
    Mistake(NAME, {"rules": []}, ("rules",), "at least 1"),
    Mistake(NAME, {"rules": [{"delay": -1}]}, ("rules", 0, "delay"), "greater than or equal to 0"),
    Mistake(NAME, {"rules": [{"delay": "30s"}]}, ("rules", 0, "delay"), "whole minutes"),
    Mistake(NAME, {"rules": [{"condition": "if-closed"}]}, ("rules", 0, "condition"), "'if-not-acked'"),
    Mistake(NAME, {"rules": [{"notifyType": "some"}]}, ("rules", 0, "notifyType"), "'default'"),
    Mistake(NAME, {"rules": [{"recipient": {"escalation": "x"}}]}, ("rules", 0, "recipient"), "{schedule: NAME}"),
    Mistake(NAME, {"rules": [{"recipient": {"team": "a", "user": "b"}}]}, ("rules", 0, "recipient"), "write "),
    Mistake(NAME, {"rules": [{"recipient": "none"}, {"recipient": "none"}]}, ("rules",), "item 2 stood there before"),
    Mistake(NAME, {"repeat": {"count": 2}}, ("repeat", "waitInterval"), "required"),
    Mistake(NAME, {"repeat": {"waitInterval": 0}}, ("repeat", "waitInterval"), "greater than or equal to 1"),
    Mistake(NAME, {"repeat": {"waitInterval": 1, "count": 0}}, ("repeat", "count"), "greater than or equal to 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


RECIPIENTS = st.sampled_from([ANN, "bob@example.com", {"team": "payments"}, {"schedule": "oncall"}])
RULES = st.lists(
    st.fixed_dictionaries(
        {"recipient": RECIPIENTS, "delay": st.integers(0, 2000)},
        optional={
            "condition": st.sampled_from(["if-not-acked", "if-not-closed"]),
            "notifyType": st.sampled_from(["default", "next", "previous", "users", "admins", "all", "random"]),
        },
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: (one["delay"], str(one["recipient"])),
)


@settings(max_examples=60)
@given(rules=RULES, turn=st.randoms())
def test_rules_in_any_order_are_settled_once_they_were_sent(rules: list[dict[str, Any]], turn: Any) -> None:
    case = Case("generated", NAME, {"rules": rules})
    raw = sent(case)
    turn.shuffle(raw["rules"])
    assert_settled(case, raw)
