"""opsgenie/RoutingRule: criteria, the default rule that Opsgenie makes, places in order, removal."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link
from reconciler.vendors.opsgenie.condition import OPERATIONS
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

NAME = "opsgenie/RoutingRule"
KIND = KINDS[NAME]
RULES = "/v2/teams/{team}/routing-rules"
TEAM = Link("opsgenie/Team/payments", "opsgenie/Team", "payments", "t1")


def matching(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "match-all-conditions", "conditions": list(conditions)}


DB = {"field": "message", "operation": "contains", "expectedValue": "db"}
CALM = {"field": "priority", "operation": "less-than", "expectedValue": "P2", "not": True}
PROPERTY = {"field": "extra-properties", "key": "zone", "operation": "equals", "expectedValue": "eu"}
ECHOED = {"not": False, "expectedValue": "", "order": 0}


@cases(
    Case(
        "whole",
        NAME,
        {
            "team": "payments",
            "name": "databases",
            "order": 2,
            "criteria": matching(DB, CALM, PROPERTY),
            "timezone": "UTC",
            "timeRestriction": ["monday 09:00-friday 18:00"],
            "notify": {"schedule": "oncall"},
        },
        {
            "name": "databases",
            "criteria": matching(DB, CALM, PROPERTY),
            "timezone": "UTC",
            "timeRestriction": {
                "type": "weekday-and-time-of-day",
                "restrictions": [
                    {
                        "startDay": "monday",
                        "endDay": "friday",
                        "startHour": 9,
                        "startMin": 0,
                        "endHour": 18,
                        "endMin": 0,
                    }
                ],
            },
            "notify": {"type": "schedule", "id": "id:oncall"},
        },
        {
            "name": "databases",
            "isDefault": False,
            "order": 2,
            "criteria": matching(ECHOED | PROPERTY, ECHOED | CALM, ECHOED | DB),
            "timezone": "Etc/UTC",
            "timeRestriction": {
                "type": "weekday-and-time-of-day",
                "restrictions": [
                    {
                        "startDay": "monday",
                        "endDay": "friday",
                        "startHour": 9,
                        "startMin": 0,
                        "endHour": 18,
                        "endMin": 0,
                    }
                ],
            },
            "notify": {"type": "schedule", "id": "id:oncall", "name": "oncall"},
        },
    ),
    Case(
        "the default rule",
        NAME,
        {"team": "payments", "default": True, "notify": {"escalation": "late"}},
        {"notify": {"type": "escalation", "id": "id:late"}},
        {
            "name": "Default Routing Rule",
            "isDefault": True,
            "order": 3,
            "criteria": {"type": "match-all"},
            "timezone": "Etc/UTC",
            "timeRestriction": {},
            "notify": {"type": "escalation", "id": "id:late", "name": "late"},
        },
    ),
    Case(
        "nobody is told",
        NAME,
        {"team": "payments", "name": "night", "notify": "none", "criteria": {"type": "match-all"}},
        {"name": "night", "notify": {"type": "none"}, "criteria": {"type": "match-all"}},
        {"name": "night", "notify": {"type": "none"}, "criteria": {"type": "match-all", "conditions": []}},
    ),
    Case(
        "what a condition means without saying",
        NAME,
        {
            "team": "payments",
            "name": "x",
            "criteria": matching({"field": "tags", "operation": "is-empty", "not": False, "expectedValue": ""}),
        },
        {"name": "x", "criteria": matching({"field": "tags", "operation": "is-empty"})},
        {"name": "x", "criteria": matching({"field": "tags", "operation": "is-empty", **ECHOED})},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, {"id": "r1", **case.raw}, team=tree_of(NAME, case.spec)["team"])


@pytest.mark.parametrize(
    "conditions",
    [[DB | {"not": True}], [DB, CALM], [], [DB | {"expectedValue": "x"}]],
    ids=["negated", "one more", "none", "another value"],
)
def test_criteria_are_owned_whole(conditions: list[dict[str, Any]]) -> None:
    case = Case("drifted", NAME, {"team": "payments", "name": "x", "criteria": matching(DB)})
    with pytest.raises(AssertionError):
        assert_settled(case, {"name": "x", "criteria": matching(*conditions)}, team=tree_of(NAME, case.spec)["team"])


def rule(**fields: Any) -> dict[str, Any]:
    return {"team": "payments", "name": "x", **fields}


def with_condition(**fields: Any) -> dict[str, Any]:
    return rule(criteria=matching(fields))


AT = ("criteria", "conditions", 0)


@mistakes(
    Mistake(NAME, {"name": "x"}, ("team",), "required"),
    Mistake(NAME, {"team": "payments"}, (), "a rule needs a name"),
    Mistake(NAME, {"team": "payments", "default": False, "name": "x"}, ("default",), "True"),
    Mistake(NAME, rule(default=True, order=0), ("order",), "the default rule takes no order"),
    Mistake(NAME, rule(default=True, timezone="UTC"), ("timezone",), "the default rule takes no timezone"),
    Mistake(NAME, rule(default=True, criteria={"type": "match-all"}), ("criteria",), "takes no criteria"),
    Mistake(NAME, rule(default=True, timeRestriction="09:00-18:00"), ("timeRestriction",), "no timeRestriction"),
    Mistake(NAME, rule(order=-1), ("order",), "greater than or equal to 0"),
    Mistake(NAME, rule(notify="somebody"), ("notify",), "{schedule: NAME} or {escalation: NAME} or none"),
    Mistake(NAME, rule(notify={"team": "x"}), ("notify",), "{schedule: NAME}"),
    Mistake(NAME, rule(criteria={"conditions": []}), ("criteria", "type"), "required"),
    Mistake(NAME, rule(criteria={"type": "match-some"}), ("criteria", "type"), "'match-all'"),
    Mistake(NAME, rule(criteria={"type": "match-all", "conditions": [DB]}), ("criteria",), "takes no conditions"),
    Mistake(NAME, rule(criteria={"type": "match-any-condition"}), ("criteria",), "needs one condition"),
    Mistake(NAME, rule(criteria=matching(DB, DB)), ("criteria", "conditions"), "item 2 stood there before"),
    Mistake(NAME, rule(criteria=matching(DB, DB | {"not": False})), ("criteria", "conditions"), "item 2"),
    Mistake(NAME, with_condition(operation="contains"), (*AT, "field"), "required"),
    Mistake(NAME, with_condition(field="tags"), (*AT, "operation"), "required"),
    Mistake(NAME, with_condition(field="tags", operation="is"), (*AT, "operation"), "'matches'"),
    Mistake(NAME, with_condition(field="tags", operation="equals"), (*AT, "operation"), "tags takes contains"),
    Mistake(NAME, with_condition(field="tags", operation="contains", key="x"), (*AT, "key"), "takes a key"),
    Mistake(NAME, with_condition(field="priority", operation="equals", expectedValue="high"), AT, "P1, P2"),
    Mistake(NAME, with_condition(field="priority", operation="equals"), AT, "P1, P2"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


ALL_OPERATIONS = sorted({operation for some in OPERATIONS.values() for operation in some})


@pytest.mark.parametrize("field", OPERATIONS)
def test_a_field_takes_the_operations_of_its_row_and_no_other(field: str) -> None:
    for operation in ALL_OPERATIONS:
        spec = with_condition(field=field, operation=operation, expectedValue="P1")
        if operation in OPERATIONS[field]:
            assert list(KIND.remarks(tree_of(NAME, spec))) == []
        else:
            assert_mistaken(Mistake(NAME, spec, (*AT, "operation"), f"not {operation}"))


def test_a_field_of_some_integration_is_remarked_and_passes() -> None:
    [remark] = KIND.remarks(tree_of(NAME, with_condition(field="eventType", operation="equals", expectedValue="x")))
    assert remark.path == (*AT, "field")


# ── who is who ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_default_rule_is_known_by_its_team_and_the_others_by_name() -> None:
    assert KIND.key({"team": TEAM, "default": True, "name": "whatever"}) == (TEAM,)
    assert KIND.key({"team": TEAM, "name": "default"}) == (TEAM, "default")
    assert KIND.key({"team": TEAM}) is None
    assert KIND.name_field is None


def test_an_ordinary_rule_must_say_whom_to_notify() -> None:
    assert KIND.missing({"team": TEAM, "name": "x"}) == ("notify",)
    assert KIND.missing({"team": TEAM, "default": True}) == ()


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

NIGHT = {"team": TEAM, "name": "night", "notify": "none"}
DEFAULT = {"team": TEAM, "default": True, "notify": "none"}


def test_the_default_rule_is_found_and_then_changed() -> None:
    find, patch = KIND.steps(Work("create", DEFAULT), CONTEXT)
    assert (find.finds, find.method, find.path, find.params) == (True, "GET", RULES, {"team": TEAM})
    assert (patch.method, patch.path, patch.effect) == ("PATCH", RULES + "/{id}", "writes")
    assert patch.body == {"notify": {"type": "none"}}
    assert patch.params == {"team": TEAM}


def test_a_default_rule_of_which_nothing_is_declared_is_only_found() -> None:
    [find] = KIND.steps(Work("create", {"team": TEAM, "default": True}), CONTEXT)
    assert find.finds


def test_an_ordinary_rule_is_made_in_its_place_which_is_seen_to_afterwards() -> None:
    create, order = KIND.steps(Work("create", {**NIGHT, "order": 2}), CONTEXT)
    assert (create.method, create.path, create.effect) == ("POST", RULES, "creates")
    assert (create.body, create.moves) == ({"name": "night", "notify": {"type": "none"}}, "order")
    assert create.made == NIGHT
    assert (order.method, order.path, order.moves) == ("POST", RULES + "/{id}/change-order", "order")
    assert order.params == {"team": TEAM}


def test_a_rule_without_a_place_stands_where_it_is_put() -> None:
    [create] = KIND.steps(Work("create", NIGHT), CONTEXT)
    assert not create.moves


def test_a_place_changes_by_a_request_of_its_own() -> None:
    live = {**NIGHT, "order": 1}
    [order] = KIND.steps(updating(NAME, live, order=0), CONTEXT)
    assert order.path.endswith("/change-order")
    [patch] = KIND.steps(updating(NAME, live, name="day"), CONTEXT)
    assert (patch.method, patch.body, patch.moves) == ("PATCH", {"name": "day"}, "")
    assert len(KIND.steps(updating(NAME, live, name="day", order=0), CONTEXT)) == 2


def test_writes_of_one_team_follow_one_another() -> None:
    assert (KIND.serial, KIND.ranked) == ("parent", "order")
    assert KIND.place.parent == "team"


# ── removal ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LATE = Link("opsgenie/Escalation/late", "opsgenie/Escalation", "late", "e1")


@pytest.mark.parametrize(
    ("tree", "leaving", "removal"),
    [
        (NIGHT, set(), "delete"),
        ({**DEFAULT, "notify": {"escalation": LATE}}, set(), "release"),
        ({**DEFAULT, "notify": {"escalation": LATE}}, {"opsgenie/Team/payments"}, "release"),
        ({**DEFAULT, "notify": {"escalation": LATE}}, {"opsgenie/Escalation/late"}, "reset"),
        (DEFAULT, {"opsgenie/Team/payments"}, "release"),
    ],
    ids=["ordinary", "default", "with its team", "with what it notifies", "nothing to let go of"],
)
def test_the_default_rule_is_let_go_of_or_made_to_let_go(tree: Any, leaving: set[str], removal: str) -> None:
    assert KIND.on_removal(tree, frozenset(leaving)) == removal


def test_a_reset_rule_notifies_nobody() -> None:
    fields = KIND.reset(DEFAULT)
    [step] = KIND.steps(Work("reset", {**DEFAULT, **fields}, frozenset(fields), DEFAULT), CONTEXT)
    assert (step.method, on_the_wire(step.body, {})) == ("PATCH", {"notify": {"type": "none"}})


def test_a_default_rule_that_notifies_nobody_is_said_loudly() -> None:
    [word] = KIND.consequences(Work("create", DEFAULT))
    assert "notify nobody" in word
    assert KIND.consequences(Work("create", NIGHT)) == ()
    assert KIND.consequences(Work("create", {**DEFAULT, "notify": bound({"escalation": LATE})})) == ()


# ── a property ──────────────────────────────────────────────────────────────────────────────────────────────────────

CONDITIONS = st.sampled_from([(field, op) for field, ops in OPERATIONS.items() for op in ops]).flatmap(
    lambda row: st.fixed_dictionaries(
        {"field": st.just(row[0]), "operation": st.just(row[1]), "expectedValue": st.sampled_from(["P1", "P2"])},
        optional={"not": st.booleans()},
    )
)


@settings(max_examples=60)
@given(
    conditions=st.lists(
        CONDITIONS,
        min_size=1,
        max_size=4,
        unique_by=lambda one: (one["field"], one["operation"], one["expectedValue"], one.get("not", False)),
    ),
    turn=st.randoms(),
)
def test_conditions_in_any_order_are_settled_once_they_were_sent(conditions: list[Any], turn: Any) -> None:
    case = Case("generated", NAME, rule(criteria=matching(*conditions)))
    raw = sent(case)
    raw["criteria"]["conditions"] = [ECHOED | one for one in raw["criteria"]["conditions"]]
    turn.shuffle(raw["criteria"]["conditions"])
    assert_settled(case, raw, team=tree_of(NAME, case.spec)["team"])
