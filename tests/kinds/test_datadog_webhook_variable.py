"""datadog/WebhookVariable: a value that may be read, or a secret that is never answered."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Hidden, Keep, Object, Secret
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

NAME = "datadog/WebhookVariable"
KIND = kind_of(NAME)


@cases(
    Case("a plain variable", NAME, {"is_secret": False, "value": "eu"}, {"is_secret": False, "value": "eu"}),
    Case(
        "a secret variable",
        NAME,
        {"name": "TOKEN", "is_secret": True, "value": {"env": "TOKEN"}},
        {"name": "TOKEN", "is_secret": True, "value": "Env"},
        {"name": "TOKEN", "is_secret": True},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert_settled(case, case.raw or {"name": "PLACE", **(case.body or {})})


@mistakes(
    Mistake(NAME, {"name": "A"}, ("is_secret",), "required"),
    Mistake(NAME, {"is_secret": 1}, ("is_secret",), "False or True"),
    Mistake(NAME, {"is_secret": "true"}, ("is_secret",), "False or True"),
    Mistake(NAME, {"is_secret": True, "value": "in clear"}, ("value",), "a secret never stands in a manifest"),
    Mistake(NAME, {"is_secret": False, "value": {"env": "A"}}, ("value",), "string"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"is_secret": True, "value": "s3cret"}, Hidden()),
        ({"value": "s3cret"}, Hidden()),
        ({"is_secret": False, "value": "eu"}, "eu"),
    ],
)
def test_a_value_is_shown_only_where_it_is_said_to_be_no_secret(raw: Object, value: Any) -> None:
    assert KIND.from_api(raw, CONTEXT)["value"] == value


def test_a_variable_that_may_be_read_from_now_on_shows_its_new_value_only() -> None:
    live = {"name": "A", "is_secret": True, "value": Secret(Keep())}
    work = Work("update", {"name": "A", "is_secret": False, "value": "eu"}, frozenset({"is_secret"}), live)
    [step] = KIND.steps(work, CONTEXT)
    assert step.body == {"is_secret": False, "value": "eu"}


def test_an_unusual_name_is_remarked() -> None:
    tree = tree_of(NAME, {"name": "lower", "is_secret": False})
    assert [remark.path for remark in KIND.remarks(tree)] == [("name",)]


def test_it_is_written_in_one_line_with_the_webhooks() -> None:
    webhook = kind_of("datadog/Webhook")
    assert (webhook.serial, KIND.serial) == ("account", "account")
    assert webhook.queue == KIND.queue != ""
