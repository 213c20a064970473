"""Applications in a project, and triggers that filter by them."""

from pathlib import Path

import pytest

from reconciler.engine.change import Blocked, Create, Update
from tests.kinds.wallarm_project import asked, document, done, held, order_fault, stage_in, writes
from tests.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


SHOP = document("Application", "shop", "name: shop", "id: 42")
TRIGGER = document(
    "Trigger",
    "attacks",
    "template: attacks_exceeded",
    "threshold: {more_than: 5, within: 1m}",
    "filters: {pool: {eq: [shop], ne: [default]}}",
    "actions: [{block_ips: {lock_time: 1h}}]",
)


def test_an_application_and_a_trigger_that_filters_by_it_live(stage: Stage) -> None:
    stage.write({"it.yaml": SHOP + TRIGGER})
    done(stage)
    assert [(one["id"], one["name"]) for one in held(stage, "pools")] == [(-1, "Default application"), (42, "shop")]
    values = [part["values"] for part in held(stage, "triggers")[-1]["filters"]]
    assert values == [[42], [-1]]
    stage.edit("wallarm", "applications/42", {"name": "boutique"})
    [update] = writes(stage.plan())
    assert [(one.path, one.cause) for one in update.fields] == [("name", "drifted")]
    done(stage)
    (stage.root / "it.yaml").unlink()
    stage.write({"other.yaml": document("Application", "other", "name: other")})
    done(stage)
    assert [one["name"] for one in held(stage, "pools")] == ["Default application", "other"]
    assert len(held(stage, "triggers")) == 3


def test_wallarm_picks_a_number_where_none_is_chosen(stage: Stage) -> None:
    stage.write({"it.yaml": SHOP.replace("  id: 42\n", "") + TRIGGER})
    done(stage)
    assert held(stage, "triggers")[-1]["filters"][0]["values"] == [held(stage, "pools")[-1]["id"]]


def test_a_number_that_is_there_is_adopted_under_any_name(stage: Stage) -> None:
    stage.edit("wallarm", "applications/boutique", {"id": 42})
    stage.edit("wallarm", "applications/shop", {"id": 43})
    stage.write({"it.yaml": SHOP})
    [update] = writes(stage.plan())
    assert isinstance(update, Update)
    done(stage)
    assert [(one["id"], one["name"]) for one in held(stage, "pools")][1:] == [(42, "shop"), (43, "shop")]


def test_another_number_needs_a_new_application(stage: Stage) -> None:
    stage.write({"it.yaml": SHOP + TRIGGER})
    done(stage)
    stage.write({"it.yaml": SHOP.replace("42", "43") + TRIGGER})
    [blocked] = [change for change in writes(stage.plan()) if isinstance(change, Blocked)]
    assert "id cannot be changed" in blocked.why
    stage.write({"it.yaml": SHOP.replace("42", "43").replace("lifecycle: {}", "lifecycle: {replace: allow}") + TRIGGER})
    done(stage)
    assert [one["id"] for one in held(stage, "pools")] == [-1, 43]
    assert held(stage, "triggers")[-1]["filters"][0]["values"] == [43]


def test_a_bare_number_and_a_name_mean_the_same_application(stage: Stage) -> None:
    stage.write({"it.yaml": SHOP + TRIGGER})
    done(stage)
    stage.write({"it.yaml": SHOP + TRIGGER.replace("[shop]", "[42]")})
    assert writes(stage.plan()) == []
    stage.write({"it.yaml": SHOP + TRIGGER.replace("[shop]", "[{id: 42}]").replace("[default]", "[-1]")})
    assert writes(stage.plan()) == []


def test_the_default_application_is_nobodys(stage: Stage) -> None:
    stage.write({"it.yaml": document("Application", "mine", "name: Default application")})
    [create] = writes(stage.plan())
    assert isinstance(create, Create)


def test_applications_are_read_page_by_page_and_deleted_rows_are_skipped(stage: Stage) -> None:
    for number in range(1, 601):
        stage.edit("wallarm", f"applications/app-{number}", {"id": number})
    stage.edit("wallarm", "applications/app-7", None)
    stage.write(
        {"it.yaml": document("Application", "last", "name: app-600") + document("Application", "g", "name: app-7")}
    )
    before = len(asked(stage))
    changes = {str(change.address): change.word for change in stage.plan().changes}
    assert changes == {"wallarm/Application/last": "adopt", "wallarm/Application/g": "create"}
    lists = [path for _, path in asked(stage)[before:] if path.endswith("/v1/objects/pool")]
    assert len(lists) == 2


@pytest.mark.parametrize("fault", ["lose", "cut"])
def test_an_application_is_made_once_whatever_becomes_of_its_answer(stage: Stage, fault: str) -> None:
    stage.write({"it.yaml": document("Application", "shop", "name: shop")})
    order_fault(stage, "POST", "*/v1/objects/pool/create", fault)
    done(stage)
    assert [one["name"] for one in held(stage, "pools")] == ["Default application", "shop"]


def test_the_triggers_an_account_comes_with_are_left_alone(stage: Stage) -> None:
    stage.write({"it.yaml": SHOP})
    done(stage)
    before = held(stage, "triggers")
    stage.write({"it.yaml": SHOP + TRIGGER})
    done(stage)
    assert held(stage, "triggers")[:3] == before
