"""opsgenie/AlertPolicy: what it writes into an alert, its filter, hours and responders."""

from typing import Any

import pytest

from tests.kind_kit import (
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

ALERT = "opsgenie/AlertPolicy"
ECHOED = {"not": False, "expectedValue": "", "order": 0}

DB = {"field": "message", "operation": "contains", "expectedValue": "db"}

TEAMS = {"field": "teams", "operation": "equals", "expectedValue": "payments"}

EVERYTHING = {
    "message": "[{{priority}}] {{message}}",
    "alias": "{{alias}}",
    "description": "{{description}}",
    "entity": "{{entity}}",
    "source": "{{source}}",
    "continue": True,
    "ignoreOriginalActions": True,
    "ignoreOriginalDetails": False,
    "ignoreOriginalResponders": True,
    "ignoreOriginalTags": False,
    "actions": ["restart"],
    "tags": ["b", "a"],
    "details": {"zone": "eu"},
    "priority": "P1",
}

HOURS = {"startHour": 18, "startMin": 0, "endHour": 9, "endMin": 30}


@cases(
    Case(
        "an alert policy, whole",
        ALERT,
        {
            "team": "payments",
            "name": "databases",
            "enabled": True,
            "order": 3,
            "policyDescription": "alerts of databases\n",
            "filter": {"type": "match-any-condition", "conditions": [DB, TEAMS]},
            "timeRestrictions": "18:00-09:30",
            "responders": ["ann@example.com", {"team": "payments"}, {"schedule": "late"}, {"escalation": "far"}],
            **EVERYTHING,
        },
        {
            "name": "databases",
            "enabled": True,
            "policyDescription": "alerts of databases\n",
            "filter": {"type": "match-any-condition", "conditions": [DB, TEAMS]},
            "timeRestrictions": {"type": "time-of-day", "restriction": HOURS},
            "responders": [
                {"type": "user", "id": "id:ann@example.com"},
                {"type": "team", "id": "id:payments"},
                {"type": "schedule", "id": "id:late"},
                {"type": "escalation", "id": "id:far"},
            ],
            **EVERYTHING,
        },
        {
            "id": "p1",
            "type": "alert",
            "name": "databases",
            "enabled": True,
            "order": 3,
            "policyDescription": "alerts of databases",
            "filter": {
                "type": "match-any-condition",
                "conditions": [ECHOED | TEAMS | {"field": "responders"}, ECHOED | DB],
            },
            "timeRestrictions": {"type": "time-of-day", "restriction": HOURS},
            "responders": [
                {"type": "team", "id": "id:payments", "name": "payments"},
                {"type": "escalation", "id": "id:far", "name": "far"},
                {"type": "schedule", "id": "id:late", "name": "late"},
                {"type": "user", "id": "id:ann@example.com", "username": "ann@example.com"},
            ],
            **EVERYTHING,
            "tags": ["a", "b"],
        },
    ),
    Case(
        "null empties lists and maps and takes hours and priority away",
        ALERT,
        dict.fromkeys(
            ("actions", "tags", "details", "responders", "timeRestrictions", "priority", "policyDescription")
        ),
        {
            "actions": [],
            "tags": [],
            "details": {},
            "responders": [],
            "timeRestrictions": None,
            "priority": None,
            "policyDescription": None,
        },
        {"actions": [], "tags": [], "details": {}, "responders": [], "timeRestrictions": {}, "policyDescription": ""},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    spec = tree_of(case.kind, case.spec)
    assert_settled(case, case.raw, **({"team": spec["team"]} if "team" in spec else {}))


def test_a_condition_on_responders_is_no_condition_on_teams() -> None:
    spec = {
        "team": "payments",
        "filter": {"type": "match-all-conditions", "conditions": [TEAMS | {"field": "responders"}]},
    }
    case = Case("drifted", ALERT, spec)
    with pytest.raises(AssertionError):
        assert_settled(case, {"filter": {"type": "match-all-conditions", "conditions": [TEAMS]}})


def alert(**fields: Any) -> dict[str, Any]:
    return {"name": "x", **fields}


AT = ("filter", "conditions", 0)


@mistakes(
    Mistake(ALERT, alert(name=""), ("name",), "at least 1"),
    Mistake(ALERT, alert(name="x" * 513), ("name",), "at most 512"),
    Mistake(ALERT, alert(policyDescription="x" * 513), ("policyDescription",), "at most 512"),
    Mistake(ALERT, alert(type="alert"), ("type",), "not permitted"),
    Mistake(ALERT, alert(suppress=True), ("suppress",), "not permitted"),
    Mistake(ALERT, alert(order=-1), ("order",), "greater than or equal to 0"),
    Mistake(ALERT, alert(message=""), ("message",), "at least 1"),
    Mistake(ALERT, alert(priority="P6"), ("priority",), "'P1'"),
    Mistake(ALERT, alert(tags=["a", "a"]), ("tags",), "item 2 stood there before"),
    Mistake(ALERT, alert(details={"a": 1}), ("details", "a"), "string"),
    Mistake(ALERT, alert(responders=["none", {"nobody": "x"}]), ("responders", 1), "{escalation: NAME}"),
    Mistake(ALERT, alert(timeRestrictions="09:15-18:00"), ("timeRestrictions",), "minutes are 00 or 30"),
    Mistake(ALERT, alert(timeRestriction="09:00-18:00"), ("timeRestriction",), "not permitted"),
    Mistake(ALERT, alert(filter={"type": "match-all", "conditions": [DB]}), ("filter",), "takes no conditions"),
    Mistake(ALERT, alert(filter={"type": "match-any-condition"}), ("filter",), "needs one condition"),
    Mistake(ALERT, alert(filter={"conditionMatchType": "match-all"}), ("filter", "type"), "required"),
    Mistake(
        ALERT,
        alert(filter={"type": "match-any-condition", "conditions": [{"field": "tags", "operation": "equals"}]}),
        (*AT, "operation"),
        "tags takes contains",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_an_alert_policy_of_no_team_goes_by_name() -> None:
    assert KINDS[ALERT].key({"name": "a"}) == ("", "a")
    assert not KINDS[ALERT].place.parent_needed
    assert KINDS["opsgenie/NotificationPolicy"].place.parent_needed


def test_a_new_alert_policy_overwrites_nothing_that_nobody_declared() -> None:
    kept = ("message", "alias", "description", "entity", "source")
    assert KINDS[ALERT].sent_on_create == {"enabled": True, **{name: f"{{{{{name}}}}}" for name in kept}}


@pytest.mark.parametrize(("field", "most"), [("name", 100), ("policyDescription", 200)])
def test_a_text_longer_than_the_vendors_page_allows_is_remarked(field: str, most: int) -> None:
    assert KINDS[ALERT].remarks({field: "x" * most}) == []
    [remark] = KINDS[ALERT].remarks({field: "x" * (most + 1)})
    assert remark.path == (field,)


def test_a_field_of_some_integration_is_remarked_and_passes() -> None:
    condition = {"field": "eventType", "operation": "equals", "expectedValue": "x"}
    spec = alert(filter={"type": "match-any-condition", "conditions": [condition]})
    [remark] = KINDS[ALERT].remarks(tree_of(ALERT, spec))
    assert remark.path == (*AT, "field")
