"""pagerduty/Team: members and their roles, and who joins or leaves before which policy names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    kind_of,
    mistakes,
    on_the_wire,
    sent,
    tree_of,
)
from tests.kinds.pagerduty_project import applied, ask, document, log_of, named, settled, stage_in

NAME = "pagerduty/Team"
KIND = kind_of(NAME)
POLICY = kind_of("pagerduty/EscalationPolicy")
SEAT = "/teams/{id}/users/{user}"


@cases(
    Case(
        "whole",
        NAME,
        {
            "name": "payments",
            "description": "Payments and checkout",
            "default_role": "none",
            "parent": "finance",
            "members": [{"user": "ann@example.com", "role": "manager"}],
        },
        {
            "name": "payments",
            "description": "Payments and checkout",
            "default_role": "none",
            "parent": {"id": "id:finance", "type": "team_reference"},
            "members": [{"user": {"id": "id:ann@example.com", "type": "user_reference"}, "role": "manager"}],
        },
        {
            "name": "payments",
            "summary": "payments",
            "description": "Payments and checkout",
            "default_role": "none",
            "parent": {"id": "id:finance", "type": "team_reference", "self": "…"},
            "members": [
                {"user": {"id": "id:ann@example.com", "type": "user_reference", "summary": "Ann"}, "role": "manager"}
            ],
        },
    ),
    Case("nothing but a name", NAME, {"name": "決済"}, {"name": "決済"}, {"name": "決済", "description": None}),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "P1", "type": "team", **case.raw})


@mistakes(
    Mistake(NAME, {"name": ""}, ("name",), "at least 1"),
    Mistake(NAME, {"name": "x" * 101}, ("name",), "at most 100"),
    Mistake(NAME, {"description": "x" * 1025}, ("description",), "at most 1024"),
    Mistake(NAME, {"default_role": "observer"}, ("default_role",), "'manager' or 'none'"),
    Mistake(NAME, {"members": [{"role": "manager"}]}, ("members", 0, "user"), "required"),
    Mistake(NAME, {"members": [{"user": "a@b.c", "role": "admin"}]}, ("members", 0, "role"), "'observer'"),
    Mistake(NAME, {"members": [{"user": "a@b.c"}, {"user": "a@b.c"}]}, ("members",), "the same user"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def team(*members: tuple[str, str]) -> dict[str, Any]:
    rows = [{"user": name, "role": role} for name, role in members]
    tree = bound(tree_of(NAME, {"name": "payments", "members": rows}))
    assert isinstance(tree, dict)
    return tree


def test_a_team_is_made_and_then_people_join_it() -> None:
    create, *joins = KIND.steps(Work("create", team(("ann@x.y", "manager"), ("bob@x.y", "observer"))), CONTEXT)
    assert (create.method, create.path, create.wrap) == ("POST", "/teams", ("team",))
    assert create.body == {"type": "team", "name": "payments"}
    assert create.made == {"name": "payments"}
    assert [(one.method, one.path, one.body) for one in joins] == [
        ("PUT", SEAT, {"role": "manager"}),
        ("PUT", SEAT, {"role": "observer"}),
    ]
    assert [on_the_wire(dict(one.params), {}) for one in joins] == [{"user": "id:ann@x.y"}, {"user": "id:bob@x.y"}]


def test_only_who_comes_goes_or_changes_roles_is_written() -> None:
    before, after = (
        team(("ann@x.y", "manager"), ("bob@x.y", "observer")),
        team(("bob@x.y", "manager"), ("eve@x.y", "observer")),
    )
    join, again, leave = KIND.steps(Work("update", after, frozenset({"members"}), before), CONTEXT)
    assert (join.body, on_the_wire(dict(join.params), {})) == ({"role": "manager"}, {"user": "id:bob@x.y"})
    assert on_the_wire(dict(again.params), {}) == {"user": "id:eve@x.y"}
    assert (leave.method, leave.path, leave.drops, leave.deletes) == ("DELETE", SEAT, True, False)


def rule(*users: str) -> dict[str, Any]:
    one = {"escalation_delay_in_minutes": 5, "targets": list(users)}
    tree = bound(tree_of(POLICY.id, {"name": "calls", "escalation_rules": [one]}))
    assert isinstance(tree, dict)
    return tree


def test_who_joins_is_named_afterwards_and_who_leaves_is_let_go_before() -> None:
    [_, join] = KIND.steps(Work("create", team(("ann@x.y", "manager"))), CONTEXT)
    [policy] = POLICY.steps(Work("create", rule("ann@x.y")), CONTEXT)
    assert join.gives <= policy.needs
    [leave] = KIND.steps(Work("update", team(), frozenset({"members"}), team(("ann@x.y", "manager"))), CONTEXT)
    [update] = POLICY.steps(
        Work("update", rule("bob@x.y"), frozenset({"escalation_rules"}), rule("ann@x.y", "bob@x.y")), CONTEXT
    )
    [delete] = POLICY.steps(Work("delete", rule("ann@x.y"), live=rule("ann@x.y")), CONTEXT)
    assert leave.needs <= update.gives
    assert leave.needs <= delete.gives
    assert join.gives.isdisjoint(update.needs)


def test_the_words_of_two_accounts_are_different_ones() -> None:
    users = [Link(f"{host}/pagerduty/User#P1", "pagerduty/User", "a", "P1") for host in ("pagerduty", "pagerduty@eu")]
    words = [KIND.steps(Work("create", {"name": "x", "members": [{"user": user}]}), CONTEXT)[1].gives for user in users]
    assert words[0].isdisjoint(words[1])


# ── against the sandbox ─────────────────────────────────────────────────────────────────────────────────────────────


def project(*members: str, named_by_policy: str) -> str:
    rows = [{"user": member, "role": "responder"} for member in members]
    rules = [{"escalation_delay_in_minutes": "5m", "targets": [named_by_policy]}]
    policy = document("EscalationPolicy", "calls", {"teams": ["payments"], "escalation_rules": rules})
    return document("Team", "payments", {"members": rows}) + policy


def test_a_member_is_replaced_by_another_in_one_commit(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": project("ann@example.com", named_by_policy="ann@example.com")})
    applied(stage)
    stage.write({"m.yaml": project("bob@example.com", named_by_policy="bob@example.com")})
    before = len(stage.sandbox.log)
    applied(stage)
    writes = [line for line in log_of(stage, before) if not line.startswith("GET")]
    assert [line.split("/")[0:2] for line in writes] == [
        ["PUT ", "teams"],
        ["PUT ", "escalation_policies"],
        ["DELETE ", "teams"],
    ]


def test_a_policy_goes_to_another_team_and_a_member_whom_it_still_names_leaves_the_old_one(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    bob = {"user": "bob@example.com", "role": "responder"}
    rules = [{"escalation_delay_in_minutes": "5m", "targets": ["bob@example.com"]}]

    def project(owner: str, payments: list[Any], billing: list[Any]) -> str:
        policy = document("EscalationPolicy", "calls", {"teams": [owner], "escalation_rules": rules})
        return (
            document("Team", "payments", {"members": payments})
            + document("Team", "billing", {"members": billing})
            + policy
        )

    stage.write({"m.yaml": project("payments", [bob], [])})
    applied(stage)
    stage.write({"m.yaml": project("billing", [], [bob])})
    applied(stage)


def test_members_cost_one_request_for_each_team_that_declares_them(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    plain = "".join(document("Team", f"t{number}", {"description": "x"}) for number in range(3))
    one = document("Team", "with", {"members": [{"user": "ann@example.com"}]})
    stage.write({"m.yaml": plain + one})
    applied(stage)
    before = len(stage.sandbox.log)
    settled(stage)
    ident = named(stage, "teams", "with")["id"]
    assert sorted(log_of(stage, before)[:-1]) == ["GET /teams", f"GET /teams/{ident}/members", "GET /users"]


def test_more_members_than_a_page_holds_are_all_read(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    people = [f"person{number}@example.com" for number in range(130)]
    for mail in people:
        body = {"user": {"type": "user", "name": mail, "email": mail}}
        ask(stage, "POST", "/users", body)
    stage.write({"m.yaml": document("Team", "all", {"members": [{"user": mail} for mail in people]})})
    applied(stage)
    ident, user = named(stage, "teams", "all")["id"], named_user(stage, people[-1])
    ask(stage, "DELETE", f"/teams/{ident}/users/{user}")
    [change] = stage.plan().writes
    assert [field.path for field in change.fields] == [f"members.{people[-1]}"]


def named_user(stage: Any, mail: str) -> str:
    [user] = ask(stage, "GET", f"/users?query={mail}")["users"]
    return str(user["id"])


def test_a_role_is_changed_by_hand_and_put_back(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("Team", "payments", {"members": [{"user": "ann@example.com", "role": "manager"}]})})
    applied(stage)
    ident, user = named(stage, "teams", "payments")["id"], named_user(stage, "ann@example.com")
    ask(stage, "PUT", f"/teams/{ident}/users/{user}", {"role": "observer"})
    [change] = stage.plan().writes
    assert [(one.old, one.new, one.cause) for one in change.fields] == [("observer", "manager", "drifted")]
    applied(stage)


@pytest.mark.parametrize("role", [None, "observer"])
def test_who_joins_without_a_role_keeps_the_one_there_is(role: str | None, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    member = {"user": "ann@example.com", **({"role": role} if role else {})}
    stage.write({"m.yaml": document("Team", "payments", {"members": [member]})})
    applied(stage)


def test_a_team_that_is_in_use_is_not_deleted_and_the_vendor_says_by_what(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    other = document("Team", "other", {})
    stage.write({"m.yaml": document("Team", "payments", {}) + other})
    applied(stage)
    team_id, user = named(stage, "teams", "payments")["id"], named_user(stage, "ann@example.com")
    ask(stage, "PUT", f"/teams/{team_id}/users/{user}", {"role": "responder"})
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"id": user, "type": "user_reference"}]}]
    body = {"type": "escalation_policy", "name": "theirs", "teams": [{"id": team_id, "type": "team_reference"}]}
    ask(stage, "POST", "/escalation_policies", {"escalation_policy": {**body, "escalation_rules": rules}})
    stage.write({"m.yaml": other})
    [result] = [one for one in stage.apply().results if one.ending != "done"]
    assert "6006" in result.text
    assert "theirs" in result.text
