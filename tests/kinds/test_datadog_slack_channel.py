"""datadog/SlackChannel: told apart by account and name, and what is shown there."""

from __future__ import annotations

from reconciler.kinds.step import Work
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
)

NAME = "datadog/SlackChannel"
KIND = kind_of(NAME)
DEFAULTS = {"message": True, "notified": True, "snapshot": True, "tags": True, "mute_buttons": False}


@cases(
    Case(
        "a Slack channel",
        NAME,
        {"account": "main", "name": "#alerts", "display": {"tags": False, "mute_buttons": True}},
        {"name": "#alerts", "display": {"tags": False, "mute_buttons": True}},
        {
            "id": "main/#alerts",
            "account": "main",
            "name": "#alerts",
            "display": {**DEFAULTS, "tags": False, "mute_buttons": True},
        },
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {"name": "#a"}, ("account",), "required"),
    Mistake(NAME, {"account": "main", "display": {"color": True}}, ("display", "color"), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_it_needs_a_name_to_be_made() -> None:
    assert KIND.missing(tree_of(NAME, {"account": "main"})) == ("name",)


def test_a_name_without_its_sign_is_remarked() -> None:
    assert [one.path for one in KIND.remarks(tree_of(NAME, {"account": "main", "name": "alerts"}))] == [("name",)]


def test_it_is_known_by_both_names_whatever_is_answered() -> None:
    [step] = KIND.steps(Work("create", {"account": "main", "name": "#alerts"}), CONTEXT)
    assert step.ident == "main/#alerts"


def test_a_row_of_a_slack_account_is_told_apart_by_both() -> None:
    row = KIND.place.row({"name": "#alerts", "display": {}}, "main")
    assert row == {"id": "main/#alerts", "account": "main", "name": "#alerts", "display": {}}
    assert KIND.from_api(row, CONTEXT) == {"account": "main", "name": "#alerts", "display": {}}
