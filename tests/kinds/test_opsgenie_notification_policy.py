"""opsgenie/NotificationPolicy: later, seldom, not at all, closed by itself; durations in any unit."""

from typing import Any

from reconciler.kinds.step import Work
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    mistakes,
    sent,
    tree_of,
    updating,
)

NOTIFICATION = "opsgenie/NotificationPolicy"


def minutes(amount: int) -> dict[str, Any]:
    return {"timeAmount": amount, "timeUnit": "minutes"}


@cases(
    Case(
        "a notification policy, whole",
        NOTIFICATION,
        {
            "team": "payments",
            "name": "late",
            "order": 0,
            "filter": {"type": "match-all"},
            "autoRestartAction": {"duration": "30m", "maxRepeatCount": 3},
            "autoCloseAction": {"duration": "2d"},
            "deduplicationAction": {"deduplicationActionType": "frequency-based", "count": 10, "duration": "1h"},
            "delayAction": {"delayOption": "for-duration", "duration": "10m"},
            "suppress": False,
        },
        {
            "name": "late",
            "filter": {"type": "match-all"},
            "autoRestartAction": {"duration": minutes(30), "maxRepeatCount": 3},
            "autoCloseAction": {"duration": minutes(2880)},
            "deduplicationAction": {
                "deduplicationActionType": "frequency-based",
                "count": 10,
                "duration": minutes(60),
            },
            "delayAction": {"delayOption": "for-duration", "duration": minutes(10)},
            "suppress": False,
        },
        {
            "id": "p1",
            "type": "notification",
            "name": "late",
            "order": 0,
            "filter": {"type": "match-all", "conditions": []},
            "autoRestartAction": {"duration": minutes(30), "maxRepeatCount": 3},
            "autoCloseAction": {"duration": {"timeAmount": 2, "timeUnit": "days"}},
            "deduplicationAction": {
                "deduplicationActionType": "frequency-based",
                "count": 10,
                "duration": {"timeAmount": 1, "timeUnit": "hours"},
            },
            "delayAction": {"delayOption": "for-duration", "duration": minutes(10)},
            "suppress": False,
        },
    ),
    Case(
        "until the next monday",
        NOTIFICATION,
        {"team": "payments", "delayAction": {"delayOption": "next-monday", "untilHour": 9, "untilMinute": 15}},
        {"delayAction": {"delayOption": "next-monday", "untilHour": 9, "untilMinute": 15}},
        {"delayAction": {"delayOption": "next-monday", "untilHour": 9, "untilMinute": 15}, "suppress": False},
    ),
    Case(
        "null takes an action away",
        NOTIFICATION,
        {"team": "payments", "delayAction": None, "autoCloseAction": None},
        {"delayAction": None, "autoCloseAction": None},
        {"suppress": False},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    spec = tree_of(case.kind, case.spec)
    assert_settled(case, case.raw, **({"team": spec["team"]} if "team" in spec else {}))


def notification(**fields: Any) -> dict[str, Any]:
    return {"team": "payments", "name": "x", **fields}


ONE_OF_TWO = "value-based"


@mistakes(
    Mistake(NOTIFICATION, {"name": "x"}, ("team",), "required"),
    Mistake(NOTIFICATION, notification(autoCloseAction={"duration": "30s"}), ("autoCloseAction", "duration"), "whole"),
    Mistake(NOTIFICATION, notification(autoCloseAction={"duration": 0}), ("autoCloseAction", "duration"), "equal to 1"),
    Mistake(
        NOTIFICATION,
        notification(autoRestartAction={"duration": 1, "maxRepeatCount": 0}),
        ("autoRestartAction", "maxRepeatCount"),
        "greater than or equal to 1",
    ),
    *(
        Mistake(
            NOTIFICATION,
            notification(deduplicationAction={"deduplicationActionType": ONE_OF_TWO, "count": count}),
            ("deduplicationAction", "count"),
            words,
        )
        for count, words in ((1, "greater than or equal to 2"), (101, "less than or equal to 100"))
    ),
    Mistake(
        NOTIFICATION,
        notification(deduplicationAction={"deduplicationActionType": "frequency-based", "count": 2}),
        ("deduplicationAction",),
        "needs a duration",
    ),
    Mistake(
        NOTIFICATION,
        notification(deduplicationAction={"count": 2}),
        ("deduplicationAction", "deduplicationActionType"),
        "required",
    ),
    Mistake(
        NOTIFICATION, notification(delayAction={"delayOption": "tomorrow"}), ("delayAction", "delayOption"), "'next"
    ),
    Mistake(
        NOTIFICATION, notification(delayAction={"delayOption": "for-duration"}), ("delayAction",), "needs a duration"
    ),
    Mistake(
        NOTIFICATION,
        notification(delayAction={"delayOption": "next-time", "duration": "1h"}),
        ("delayAction",),
        "next-time takes no duration",
    ),
    *(
        Mistake(
            NOTIFICATION,
            notification(delayAction={"delayOption": "next-time", name: value}),
            ("delayAction", name),
            "less than or equal",
        )
        for name, value in (("untilHour", 24), ("untilMinute", 60))
    ),
    Mistake(
        NOTIFICATION,
        notification(suppress=True, delayAction={"delayOption": "next-time"}),
        (),
        "suppress: true goes without delayAction",
    ),
    Mistake(
        NOTIFICATION,
        notification(suppress=True, deduplicationAction={"deduplicationActionType": ONE_OF_TWO, "count": 2}),
        (),
        "goes without deduplicationAction",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_a_change_is_laid_over_the_whole() -> None:
    live = bound(tree_of(NOTIFICATION, notification(autoCloseAction={"duration": 5})))
    [step] = KINDS[NOTIFICATION].steps(updating(NOTIFICATION, live, autoCloseAction={"duration": 6}), CONTEXT)
    assert (step.method, step.over, step.body) == ("PUT", True, {"autoCloseAction": {"duration": minutes(6)}})


def test_that_nobody_will_be_notified_is_said_before() -> None:
    kind = KINDS[NOTIFICATION]
    assert "notify nobody" in kind.consequences(Work("create", notification(suppress=True, enabled=True)))[0]
    assert kind.consequences(Work("create", notification(suppress=True, enabled=False))) == ()
    assert kind.consequences(Work("delete", notification(suppress=True))) == ()


def test_a_new_one_holds_at_once() -> None:
    assert KINDS[NOTIFICATION].sent_on_create == {"enabled": True}
