"""opsgenie/Integration: the once-shown key, replacement of the whole, the switch of its own, the implicit responder."""

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
    sent,
    tree_of,
    updating,
)

NONE: dict[str, list[Any]] = {"create": [], "close": [], "acknowledge": [], "addNote": [], "ignore": []}


NAME = "opsgenie/Integration"


KIND = KINDS[NAME]


ANN = "ann@example.com"


TEAM = {"type": "team", "id": "id:payments"}


OWNED = {"ownerTeam": {"id": "id:payments", "name": "payments"}, "assignedTeam": {"id": "id:payments"}}


RAW = {
    "id": "7be0",
    "name": "wallarm",
    "enabled": True,
    "type": "API",
    "isGlobal": False,
    "isDefaultIntegration": False,
    "isAdvanced": False,
    "allowWriteAccess": True,
    "suppressNotifications": False,
    "tags": ["b", "a"],
    "responders": [TEAM, {"type": "user", "id": f"id:{ANN}"}],
    "recipients": [TEAM],
    "_readOnly": ["isGlobal", "id", "ownerTeam"],
    **OWNED,
}


@cases(
    Case(
        "whole",
        NAME,
        {
            "type": "API",
            "name": "wallarm",
            "enabled": True,
            "ownerTeam": "payments",
            "allowWriteAccess": True,
            "suppressNotifications": False,
            "responders": [ANN],
            "tags": ["a", "b"],
        },
        {
            "type": "API",
            "name": "wallarm",
            "enabled": True,
            "ownerTeam": {"id": "id:payments"},
            "allowWriteAccess": True,
            "suppressNotifications": False,
            "responders": [{"type": "user", "id": f"id:{ANN}"}],
            "tags": ["a", "b"],
        },
        RAW,
    ),
    Case(
        "no responders beside the owner team",
        NAME,
        {"type": "API", "ownerTeam": "payments", "responders": []},
        {"type": "API", "ownerTeam": {"id": "id:payments"}, "responders": []},
        {**RAW, "responders": [TEAM]},
    ),
    Case(
        "the list's short form",
        NAME,
        {"type": "API", "ownerTeam": "payments", "name": "wallarm"},
        {"type": "API", "ownerTeam": {"id": "id:payments"}, "name": "wallarm"},
        {"id": "7be0", "name": "wallarm", "enabled": True, "type": "API", "teamId": "id:payments"},
    ),
    Case(
        "responders of a global one",
        NAME,
        {"type": "API", "responders": [{"schedule": "oncall"}, {"escalation": "late"}, {"team": "payments"}]},
        {
            "type": "API",
            "responders": [
                {"type": "schedule", "id": "id:oncall"},
                {"type": "escalation", "id": "id:late"},
                TEAM,
            ],
        },
        {
            "type": "API",
            "responders": [
                TEAM,
                {"type": "escalation", "id": "id:late"},
                {"type": "schedule", "id": "id:oncall"},
            ],
        },
    ),
    Case(
        "null empties lists and maps",
        NAME,
        {"type": "API", "responders": None, "tags": None, "extraProperties": None},
        {"type": "API", "responders": [], "tags": [], "extraProperties": {}},
        {"type": "API", "responders": [], "tags": [], "extraProperties": {}},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


def test_a_responder_that_is_not_the_owner_team_is_drift() -> None:
    case = Case("drifted", NAME, {"type": "API", "ownerTeam": "payments", "responders": []})
    with pytest.raises(AssertionError):
        assert_settled(case, RAW)


@mistakes(
    Mistake(NAME, {}, ("type",), "required"),
    Mistake(NAME, {"type": "api"}, ("type",), "write 'API'"),
    Mistake(NAME, {"type": ""}, ("type",), "at least 1"),
    Mistake(NAME, {"type": "API", "name": "x" * 251}, ("name",), "at most 250"),
    Mistake(NAME, {"type": "API", "apiKey": {"env": "X"}}, ("apiKey",), "not permitted"),
    Mistake(NAME, {"type": "API", "priority": "P6"}, ("priority",), "'P1'"),
    Mistake(NAME, {"type": "API", "tags": ["a", "a"]}, ("tags",), "item 2 stood there before"),
    Mistake(NAME, {"type": "API", "responders": ["none", {"nobody": "x"}]}, ("responders", 1), "{escalation: NAME}"),
    Mistake(NAME, {"type": "API", "responders": [ANN, {"user": ANN}]}, ("responders",), "item 2 stood there before"),
    Mistake(
        NAME,
        {"type": "API", "ownerTeam": "payments", "responders": [{"team": "payments"}]},
        ("responders",),
        "a responder by itself",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_what_a_put_must_not_name_is_left_out_of_it() -> None:
    assert set(KIND.writable(RAW)) == {
        "name",
        "enabled",
        "type",
        "allowWriteAccess",
        "suppressNotifications",
        "tags",
        "responders",
        "recipients",
        "assignedTeam",
    }
    assert KIND.writable({"name": "x", "extra": 1, "_readOnly": None}) == {"name": "x", "extra": 1}


def test_the_key_is_an_output_shown_once() -> None:
    output = KIND.output("apiKey")
    assert output is not None
    assert (output.at, output.once, output.secret) == (("apiKey",), True, True)
    assert "apiKey" not in KIND.from_api({"apiKey": "canary"}, CONTEXT)


def test_the_type_is_immutable_and_what_the_list_leaves_out_needs_a_get() -> None:
    assert KIND.immutable == {"type"}
    assert {"name", "enabled", "type"}.isdisjoint(KIND.place.detail)
    assert {"ownerTeam", "responders", "tags"} <= set(KIND.place.detail)


LIVE = bound(tree_of(NAME, {"type": "API", "name": "a", "enabled": True}))


def requests(work: Work) -> list[tuple[str, str, Any]]:
    return [(step.method, step.path, step.body) for step in KIND.steps(work, CONTEXT)]


@pytest.mark.parametrize(("enabled", "verb"), [(True, "enable"), (False, "disable")])
def test_a_new_one_is_switched_by_a_request_of_its_own(enabled: bool, verb: str) -> None:
    create, switch = KIND.steps(Work("create", {**LIVE, "enabled": enabled}), CONTEXT)
    assert (create.effect, create.body, create.answer) == ("creates", {"type": "API", "name": "a"}, ("data",))
    assert (switch.method, switch.path, switch.body) == ("POST", f"/v2/integrations/{{id}}/{verb}", None)
    assert switch.effect == "writes"


def test_a_change_is_laid_over_the_whole() -> None:
    [step] = KIND.steps(updating(NAME, LIVE, name="b"), CONTEXT)
    assert (step.method, step.over, step.body) == ("PUT", True, {"name": "b"})


def test_switching_alone_writes_nothing_else() -> None:
    assert requests(updating(NAME, LIVE, enabled=False)) == [("POST", "/v2/integrations/{id}/disable", None)]


def test_a_change_and_a_switch_are_two_requests() -> None:
    put, switch = requests(updating(NAME, LIVE, enabled=False, name="b"))
    assert put == ("PUT", "/v2/integrations/{id}", {"name": "b"})
    assert switch == ("POST", "/v2/integrations/{id}/disable", None)


def test_a_new_one_knows_what_to_do_before_it_takes_anything() -> None:
    tree = bound(tree_of(NAME, {"type": "API", "name": "a", "actions": [{"type": "ignore", "name": "x"}]}))
    create, actions, enable = KIND.steps(Work("create", {**tree, "enabled": True}), CONTEXT)
    assert (create.body, create.made) == ({"type": "API", "name": "a"}, {"type": "API", "name": "a"})
    assert (actions.method, actions.path) == ("PUT", "/v2/integrations/{id}/actions")
    assert actions.body == {**NONE, "ignore": [{"type": "ignore", "name": "x"}]}
    assert not actions.checked
    assert enable.name == "enable"


def test_a_change_of_actions_alone_writes_actions_alone_if_nobody_changed_them_meanwhile() -> None:
    [step] = KIND.steps(updating(NAME, LIVE, actions=[]), CONTEXT)
    assert (step.path, step.body, step.checked) == ("/v2/integrations/{id}/actions", NONE, True)
    [step] = KIND.steps(updating(NAME, LIVE, actions=None), CONTEXT)
    assert step.body == NONE


def test_another_team_is_tried_by_its_newer_name_and_looked_after() -> None:
    move, look = KIND.steps(updating(NAME, {**LIVE, "responders": []}, ownerTeam="WEB"), CONTEXT)
    assert (move.method, move.over) == ("PUT", True)
    assert move.body == {"ownerTeam": {"id": "WEB"}, "assignedTeam": {"id": "WEB"}, "responders": []}
    assert set(look.proves) == {"ownerTeam"}
    assert look.effect == "reads"
    assert "read anew" in KIND.consequences(updating(NAME, LIVE, ownerTeam="WEB"))[0]


def test_actions_are_asked_for_unless_there_surely_are_none() -> None:
    [part] = KIND.place.parts
    assert part.name == "actions"
    assert [part.when(raw) for raw in ({"isAdvanced": True}, {}, {"isAdvanced": False})] == [True, True, False]
    assert {403, 429, 500}.isdisjoint(part.nothing)


def test_what_ends_senders_is_said_before() -> None:
    assert "refused" in KIND.consequences(Work("delete", LIVE, live=LIVE))[0]
    assert "refused" in KIND.consequences(updating(NAME, LIVE, enabled=False))[0]
    assert KIND.consequences(updating(NAME, LIVE, name="b")) == ()
