"""opsgenie/Heartbeat: its name is its id, the rest is patched."""

from typing import Any

import pytest

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
    on_the_wire,
    sent,
    tree_of,
    updating,
)

NAME = "opsgenie/Heartbeat"
KIND = KINDS[NAME]

WHOLE: dict[str, Any] = {
    "name": "nightly-backup",
    "description": "the backup of the shop\n",
    "interval": 1,
    "intervalUnit": "days",
    "enabled": True,
    "ownerTeam": "payments",
    "alertMessage": "no backup",
    "alertTags": ["b", "a"],
    "alertPriority": "P2",
}


@cases(
    Case(
        "whole",
        NAME,
        WHOLE,
        {**WHOLE, "ownerTeam": {"id": "id:payments"}},
        {
            **WHOLE,
            "description": "the backup of the shop",
            "ownerTeam": {"id": "id:payments", "name": "payments"},
            "alertTags": ["a", "b"],
            "expired": False,
            "lastPingTime": "2026-01-05T09:00:00.000Z",
        },
    ),
    Case("null takes the tags away", NAME, {"alertTags": None}, {"alertTags": []}, {"alertTags": []}),
    Case("one field", NAME, {"interval": 5}, {"interval": 5}, {**WHOLE, "interval": 5, "ownerTeam": None}),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"name": ""}, ("name",), "at least 1"),
    Mistake(NAME, {"name": "nightly backup"}, ("name",), "pattern"),
    Mistake(NAME, {"name": "ночь"}, ("name",), "pattern"),
    Mistake(NAME, {"name": "x" * 201}, ("name",), "at most 200"),
    Mistake(NAME, {"description": "x" * 10_001}, ("description",), "at most 10000"),
    Mistake(NAME, {"interval": 0}, ("interval",), "greater than or equal to 1"),
    Mistake(NAME, {"interval": "10m"}, ("interval",), "integer"),
    Mistake(NAME, {"intervalUnit": "seconds"}, ("intervalUnit",), "'minutes'"),
    Mistake(NAME, {"enabled": "on"}, ("enabled",), "boolean"),
    Mistake(NAME, {"alertMessage": "x" * 131}, ("alertMessage",), "at most 130"),
    Mistake(NAME, {"alertTags": ["a", "a"]}, ("alertTags",), "item 2 stood there before"),
    Mistake(NAME, {"alertTags": [str(number) for number in range(21)]}, ("alertTags",), "at most 20"),
    Mistake(NAME, {"alertTags": ["x" * 51]}, ("alertTags", 0), "at most 50"),
    Mistake(NAME, {"alertPriority": "P9"}, ("alertPriority",), "'P1'"),
    Mistake(NAME, {"expired": True}, ("expired",), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_a_heartbeat_is_its_name() -> None:
    assert KIND.key({"name": "a"}) == ("a",)
    assert KIND.immutable == {"name"}
    assert KIND.place.id_at == "name"
    assert KIND.unique


def test_a_name_that_comes_from_the_metadata_is_looked_at_too() -> None:
    assert [remark.path for remark in KIND.remarks({"name": "ночь"})] == [("name",)]
    assert KIND.remarks({"name": "night-1_a.b"}) == []


def test_a_new_one_says_what_the_vendor_needs_and_is_watched_at_once() -> None:
    assert KIND.missing({"name": "a"}) == ("interval", "intervalUnit")
    assert KIND.sent_on_create == {"enabled": True}


def test_a_change_is_patched() -> None:
    [step] = KIND.steps(updating(NAME, bound(tree_of(NAME, WHOLE)), interval=2), CONTEXT)
    assert (step.method, step.path, on_the_wire(step.body, {})) == ("PATCH", "/v2/heartbeats/{id}", {"interval": 2})


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (Work("delete", {"name": "a"}), True),
        (updating(NAME, {"name": "a"}, enabled=False), True),
        (updating(NAME, {"name": "a"}, enabled=True), False),
        (updating(NAME, {"name": "a"}, interval=2), False),
        (Work("create", {"name": "a", "enabled": True}), False),
    ],
    ids=["deleted", "switched off", "switched on", "changed", "made"],
)
def test_that_nobody_watches_any_more_is_said_before(work: Work, said: bool) -> None:
    assert bool(KIND.consequences(work)) is said
