"""opsgenie/Schedule: rotations by name, instants, time zones, time restrictions, participants in order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.vendors.opsgenie.moment import SAME_INSTANT, SAME_TEXT, SAME_ZONE
from reconciler.vendors.opsgenie.restriction import DAYS, TIME_RESTRICTION, RestrictionMark
from tests.kind_kit import KINDS, Case, Mistake, assert_mistaken, assert_settled, cases, mistakes, sent, tree_of

NAME = "opsgenie/Schedule"
KIND = KINDS[NAME]
ANN = "ann@example.com"
START = "2026-01-05T09:00:00Z"

DAILY = {"type": "time-of-day", "restriction": {"startHour": 9, "startMin": 0, "endHour": 18, "endMin": 30}}


def span(start: str, start_hour: int, end: str, end_hour: int) -> dict[str, Any]:
    hours = {"startHour": start_hour, "startMin": 0, "endHour": end_hour, "endMin": 0}
    return {"startDay": start, "endDay": end, **hours}


def weekly(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"type": "weekday-and-time-of-day", "restrictions": list(spans)}


def rotated(**fields: Any) -> dict[str, Any]:
    return {"rotations": [{"name": "r", **fields}]}


WEEK = weekly(span("monday", 9, "friday", 18), span("saturday", 10, "sunday", 12))
PEOPLE = [ANN, {"team": "payments"}, {"escalation": "late"}, "none", ANN]
PEOPLE_SENT = [
    {"type": "user", "id": f"id:{ANN}"},
    {"type": "team", "id": "id:payments"},
    {"type": "escalation", "id": "id:late"},
    {"type": "none"},
    {"type": "user", "id": f"id:{ANN}"},
]
PEOPLE_READ = [
    {"type": "user", "id": f"id:{ANN}", "username": ANN},
    {"type": "team", "id": "id:payments", "name": "payments"},
    {"type": "escalation", "id": "id:late", "name": "late"},
    {"type": "none"},
    {"type": "user", "id": f"id:{ANN}", "username": ANN},
]


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "oncall",
            "description": "who is on call",
            "timezone": "Asia/Tokyo",
            "enabled": True,
            "ownerTeam": "payments",
            "rotations": [
                {
                    "name": "day",
                    "startDate": START,
                    "endDate": "2027-01-05T18:30:00+09:00",
                    "type": "weekly",
                    "length": 2,
                    "participants": PEOPLE,
                    "timeRestriction": "9:00-18:30",
                },
                {"name": "night", "type": "daily"},
            ],
        },
        {
            "name": "oncall",
            "description": "who is on call",
            "timezone": "Asia/Tokyo",
            "enabled": True,
            "ownerTeam": {"id": "id:payments"},
            "rotations": [
                {
                    "name": "day",
                    "startDate": START,
                    "endDate": "2027-01-05T09:30:00Z",
                    "type": "weekly",
                    "length": 2,
                    "participants": PEOPLE_SENT,
                    "timeRestriction": DAILY,
                },
                {"name": "night", "type": "daily"},
            ],
        },
        {
            "name": "oncall",
            "description": "who is on call",
            "timezone": "Japan",
            "enabled": True,
            "ownerTeam": {"id": "id:payments", "name": "payments"},
            "rotations": [
                {"id": "r2", "name": "night", "type": "daily", "length": 1, "timeRestriction": {}},
                {
                    "id": "r1",
                    "name": "day",
                    "startDate": "2026-01-05T09:00:00.000Z",
                    "endDate": "2027-01-05T09:30:00Z",
                    "type": "weekly",
                    "length": 2,
                    "participants": PEOPLE_READ,
                    "timeRestriction": DAILY,
                },
            ],
        },
    ),
    Case(
        "spans of the week in any order",
        NAME,
        rotated(timeRestriction=["saturday 10:00-sunday 12:00", "Monday 9:00 - Friday 18:00"]),
        rotated(timeRestriction=WEEK),
        rotated(timeRestriction=weekly(*WEEK["restrictions"][::-1])),
    ),
    Case(
        "null ends are left out of a list that goes whole",
        NAME,
        rotated(endDate=None, timeRestriction=None),
        rotated(),
        rotated(endDate=None, timeRestriction={"type": "weekday-and-time-of-day", "restrictions": []}),
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "s1", **case.raw})


@pytest.mark.parametrize(
    "raw",
    [
        {"rotations": []},
        rotated(participants=PEOPLE_READ[::-1]),
        rotated(participants=PEOPLE_READ[:-1]),
        {"rotations": [{"name": "r", "participants": PEOPLE_READ}, {"name": "q"}]},
    ],
    ids=["no rotation", "another order", "one turn less", "a rotation more"],
)
def test_rotations_and_turns_are_owned_whole(raw: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        assert_settled(Case("drifted", NAME, rotated(participants=PEOPLE)), raw)


@mistakes(
    Mistake(NAME, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(NAME, {"description": "x" * 201}, ("description",), "at most 200"),
    Mistake(NAME, {"enabled": "on"}, ("enabled",), "boolean"),
    Mistake(NAME, rotated(length="1"), ("rotations", 0, "length"), "integer"),
    Mistake(NAME, {"timezone": "Europe/Berln"}, ("timezone",), "did you mean Europe/Berlin?"),
    Mistake(NAME, {"timezone": "Europe"}, ("timezone",), "no IANA time zone"),
    Mistake(NAME, {"timezone": "../etc/passwd"}, ("timezone",), "no IANA time zone"),
    Mistake(NAME, {"rotations": []}, ("rotations",), "at least 1"),
    Mistake(NAME, {"rotations": [{}]}, ("rotations", 0, "name"), "required"),
    Mistake(
        NAME, {"rotations": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}, ("rotations",), "1 and 3 have the same"
    ),
    Mistake(NAME, rotated(startDate="2026-01-05"), ("rotations", 0, "startDate"), "with an offset"),
    Mistake(NAME, rotated(startDate="soon"), ("rotations", 0, "startDate"), "with an offset"),
    Mistake(NAME, rotated(startDate="2026-01-05T09:15:00Z"), ("rotations", 0, "startDate"), "00 or 30"),
    Mistake(NAME, rotated(startDate="2026-01-05T09:00:30Z"), ("rotations", 0, "startDate"), "00 or 30"),
    Mistake(NAME, rotated(startDate="2026-01-05T09:00:00+05:45"), ("rotations", 0, "startDate"), "00 or 30"),
    Mistake(NAME, rotated(startDate=START, endDate=START), ("rotations", 0, "endDate"), "not later than startDate"),
    Mistake(NAME, rotated(type="yearly"), ("rotations", 0, "type"), "'daily'"),
    Mistake(NAME, rotated(length=0), ("rotations", 0, "length"), "greater than or equal to 1"),
    Mistake(NAME, rotated(participants=[]), ("rotations", 0, "participants"), "at least 1"),
    Mistake(NAME, rotated(participants=[{"schedule": "x"}]), ("rotations", 0, "participants", 0), "{escalation: NAME}"),
    Mistake(NAME, rotated(participants=[""]), ("rotations", 0, "participants", 0), "a user's name"),
    Mistake(
        NAME, rotated(timeRestriction="09:15-18:00"), ("rotations", 0, "timeRestriction"), "09:15: Opsgenie counts"
    ),
    Mistake(NAME, rotated(timeRestriction="9-18"), ("rotations", 0, "timeRestriction"), "no time of day"),
    Mistake(NAME, rotated(timeRestriction="24:00-18:00"), ("rotations", 0, "timeRestriction"), "no time of day"),
    Mistake(NAME, rotated(timeRestriction=["09:00-18:00"]), ("rotations", 0, "timeRestriction"), "no span of the week"),
    Mistake(NAME, rotated(timeRestriction=["mon 09:00-fri 18:00"]), ("rotations", 0, "timeRestriction"), "no span"),
    Mistake(NAME, rotated(timeRestriction=[]), ("rotations", 0, "timeRestriction"), "1 to 15"),
    Mistake(
        NAME, rotated(timeRestriction=["monday 09:00-friday 18:00"] * 16), ("rotations", 0, "timeRestriction"), "15"
    ),
    Mistake(NAME, rotated(timeRestriction={"type": "time-of-day"}), ("rotations", 0, "timeRestriction"), "write "),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_a_name_with_a_dot_is_remarked() -> None:
    assert len(KIND.remarks(tree_of(NAME, {"name": "on.call"}))) == 1
    assert list(KIND.remarks(tree_of(NAME, {"name": "on-call 1_2"}))) == []


# ── what means the same ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Asia/Tokyo", "Japan", True),
        ("UTC", "Etc/UTC", True),
        ("America/New_York", "US/Eastern", True),
        ("Europe/Berlin", "Europe/Paris", True),
        ("Europe/Berlin", "Europe/London", False),
        ("America/Phoenix", "America/Denver", False),
        ("Europe/Berlin", "Nowhere/Else", False),
        ("Nowhere/Else", "Nowhere/Else", True),
        ("Europe/Berlin", 7, False),
    ],
)
def test_zones_of_equal_offsets_the_year_round_are_the_same(one: Any, other: Any, same: bool) -> None:
    assert SAME_ZONE.test(one, other) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (START, "2026-01-05T10:00:00+01:00", True),
        (START, "2026-01-05T09:00:00.000Z", True),
        (START, "2026-01-05T09:30:00Z", False),
        ("soon", "soon", False),
        (START, None, False),
    ],
)
def test_instants_are_the_same_whatever_their_offset(one: Any, other: Any, same: bool) -> None:
    assert SAME_INSTANT.test(one, other) is same


def test_a_text_is_the_same_without_its_last_line_break() -> None:
    assert SAME_TEXT.test("a\nb\n", "a\nb")
    assert not SAME_TEXT.test("a", "b")
    assert not SAME_TEXT.test("a", None)


def test_a_restriction_of_unknown_form_stays_as_it_is() -> None:
    odd = {"type": "weekday-and-time-of-day", "restrictions": [{"startDay": "payday"}]}
    assert TIME_RESTRICTION.back(odd) == odd
    assert TIME_RESTRICTION.to(odd) == odd


TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30]))
SPANS = st.builds("{} {}-{} {}".format, st.sampled_from(DAYS), TIMES, st.sampled_from(DAYS), TIMES)


@settings(max_examples=60)
@given(value=st.builds("{}-{}".format, TIMES, TIMES) | st.lists(SPANS, min_size=1, max_size=15), turn=st.randoms())
def test_a_restriction_survives_the_way_there_and_back(value: Any, turn: Any) -> None:
    said = RestrictionMark().read(value)
    raw = TIME_RESTRICTION.to(said)
    turn.shuffle(raw.get("restrictions", []))
    assert TIME_RESTRICTION.back(raw) == said
    assert RestrictionMark().read(said) == said
