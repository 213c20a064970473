"""wallarm/Application: bodies by POST, the tenant in two forms, a number that may be chosen."""

from typing import Any

import pytest

from reconciler.kinds.step import Step, Work
from reconciler.kinds.tree import Object
from tests.kind_kit import CONTEXT, KINDS, Case, Mistake, assert_mistaken, assert_settled, cases, mistakes, sent

NAME = "wallarm/Application"
KIND = KINDS[NAME]
LIVE: Object = {"id": 42, "name": "shop"}


@cases(
    Case("with a number", NAME, {"name": "shop", "id": 42}, {"name": "shop", "id": 42}),
    Case("without one", NAME, {"name": "магазин"}, {"name": "магазин"}),
    Case("one field is enough to adopt", NAME, {"id": 42}, {"id": 42}),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert_settled(case, {"id": 42, "name": case.spec.get("name", "shop"), "clientid": 4711, "deleted": False})


@mistakes(
    Mistake(NAME, {"name": ""}, ("name",), "at least 1"),
    Mistake(NAME, {"id": 0}, ("id",), "1 or above"),
    Mistake(NAME, {"id": -1}, ("id",), "the default application, which Wallarm keeps itself"),
    Mistake(NAME, {"id": "42"}, ("id",), "integer"),
    Mistake(NAME, {"id": True}, ("id",), "integer"),
    Mistake(NAME, {"clientid": 4711}, ("clientid",), "not permitted"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def step_of(work: Work) -> Step:
    [step] = KIND.steps(work, CONTEXT)
    return step


def test_each_verb_is_a_post_with_the_tenant_in_its_own_form() -> None:
    create = step_of(Work("create", LIVE))
    assert (create.method, create.path, create.effect) == ("POST", "/v1/objects/pool/create", "creates")
    assert create.body == {"id": 42, "name": "shop", "clientid": 4711}
    update = step_of(Work("update", {**LIVE, "name": "shop-eu"}, frozenset({"name"}), LIVE))
    assert (update.method, update.path, update.effect) == ("POST", "/v1/objects/pool/update", "writes")
    assert update.body == {"filter": {"clientid": [4711], "id": 42}, "fields": {"name": "shop-eu"}}
    delete = step_of(Work("delete", LIVE, live=LIVE))
    assert (delete.method, delete.path, delete.deletes) == ("POST", "/v1/objects/pool/delete", True)
    assert delete.body == {"filter": {"id": 42, "clientid": 4711}}


def test_the_list_is_asked_for_by_post() -> None:
    assert KIND.place.list_body is not None
    assert KIND.place.list_body(CONTEXT) == {"filter": {"clientid": [4711]}}


@pytest.mark.parametrize(
    ("row", "is_one"),
    [
        ({"id": 42, "name": "shop", "deleted": False}, True),
        ({"id": 42, "name": "shop"}, True),
        ({"id": 42, "name": "shop", "deleted": True}, False),
        ({"id": -1, "name": "Default application", "deleted": False}, False),
    ],
)
def test_deleted_rows_and_the_default_application_are_no_objects_of_ours(row: dict[str, Any], is_one: bool) -> None:
    assert KIND.place.lists(row) is is_one


def test_the_number_cannot_be_changed_and_the_name_is_the_key() -> None:
    assert KIND.immutable == {"id"}
    assert KIND.chosen_id == "id"
    assert KIND.key(LIVE) == ("shop",)
    assert KIND.missing({"id": 42}) == ("name",)
