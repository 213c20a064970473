"""opsgenie/Team and opsgenie/User: members, names, what a team brings with it, usernames in any case."""

from typing import Any

import pytest

from reconciler.kinds.place import Offset
from reconciler.kinds.step import Work
from reconciler.kinds.tree import Ref
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
    tree_of,
)

NAME = "opsgenie/Team"
KIND = KINDS[NAME]
USER = KINDS["opsgenie/User"]
ANN, BOB = "ann@example.com", "bob@example.com"


def member(user: str, role: str) -> dict[str, Any]:
    return {"user": {"id": f"id:{user}", "username": user}, "role": role}


@cases(
    Case(
        "whole",
        NAME,
        {"name": "payments", "description": "pay\n", "members": [{"user": ANN, "role": "admin"}, {"user": BOB}]},
        {
            "name": "payments",
            "description": "pay\n",
            "members": [{"user": {"id": f"id:{ANN}"}, "role": "admin"}, {"user": {"id": f"id:{BOB}"}}],
        },
        {"name": "payments", "description": "pay", "members": [member(BOB, "user"), member(ANN, "admin")]},
    ),
    Case("nobody", NAME, {"members": []}, {"members": []}, {"name": "x", "members": []}),
    Case("null empties the members", NAME, {"members": None}, {"members": []}, {"members": []}),
    Case("a description alone", NAME, {"description": "d"}, {"description": "d"}, {"description": "d", "name": "x"}),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "t1", **case.raw})


@pytest.mark.parametrize(
    "members",
    [[member(ANN, "user")], [member(BOB, "admin")], [member(ANN, "admin"), member(BOB, "user")], []],
    ids=["another role", "somebody else", "one more", "nobody"],
)
def test_members_are_owned_whole(members: list[dict[str, Any]]) -> None:
    with pytest.raises(AssertionError):
        assert_settled(Case("drifted", NAME, {"members": [{"user": ANN, "role": "admin"}]}), {"members": members})


@mistakes(
    Mistake(NAME, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(NAME, {"members": [{"role": "admin"}]}, ("members", 0, "user"), "required"),
    Mistake(NAME, {"members": [{"user": 7}]}, ("members", 0, "user"), "a reference to opsgenie/User"),
    Mistake(NAME, {"members": [{"user": ANN}, {"user": ANN, "role": "admin"}]}, ("members",), "1 and 2 have the same"),
    Mistake(NAME, {"members": [ANN]}, ("members", 0), "dictionary"),
    Mistake(NAME, {"roles": []}, ("roles",), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(("name", "said"), [("pay-ments_1.x y", 0), ("日本", 1), ("a/b", 1)])
def test_a_name_that_opsgenies_own_tools_refuse_is_remarked(name: str, said: int) -> None:
    assert len(KIND.remarks(tree_of(NAME, {"name": name}))) == said


def test_members_are_only_in_the_single_answer() -> None:
    assert KIND.place.detail == ("members",)


def test_a_new_team_brings_objects_of_its_own() -> None:
    [word] = KIND.consequences(Work("create", {"name": "x"}))
    assert "a schedule, an escalation and a default routing rule" in word
    assert KIND.consequences(Work("update", {"name": "x"}, live={"name": "y"})) == ()


def test_a_member_is_read_by_id_and_else_by_name() -> None:
    raw = {"members": [member(ANN, "admin"), {"user": {"username": BOB}}]}
    assert KIND.from_api(raw, CONTEXT) == {
        "members": [
            {"user": Ref(USER.id, "id", (f"id:{ANN}",)), "role": "admin"},
            {"user": Ref(USER.id, "existing", (BOB,))},
        ]
    }


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_is_looked_up_by_name_in_any_case() -> None:
    assert USER.looked_up
    tree = USER.from_api(
        {"id": "u1", "username": ANN, "fullName": "安", "role": {"id": "x"}, "blocked": False}, CONTEXT
    )
    assert tree == {"username": ANN, "fullName": "安"}
    assert USER.key(tree) == (ANN,)
    assert USER.fold(" Ann@Example.com") == ANN
    assert USER.key({}) is None


def test_users_are_listed_a_hundred_at_a_time() -> None:
    assert USER.place.paging == Offset(100)
