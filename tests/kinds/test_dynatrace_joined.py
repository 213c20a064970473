"""Dynatrace: settings made together go as one request; what the server refuses of them fails alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reconciler.vendors.dynatrace import VENDOR
from tests.kinds.dynatrace_project import PROJECT, applied, document, objects, stage_in
from tests.kinds.test_dynatrace_resumed import Twin
from tests.kinds.test_dynatrace_stories import ORDERED, PROFILE, ZONE
from tests.laws.convergence import converging, right_of, unlike
from tests.stage import ENVIRON

TAGS = "builtin:tags.auto-tagging"
NAMES = ("cart", "orders", "team")
THREE = "".join(
    document("AutoTag", name, {"rules": [{"type": "SELECTOR", "entitySelector": "type(HOST)"}]}) for name in NAMES
)
POST = "POST /dynatrace/api/v2/settings/objects"


def posts(stage: Any) -> list[str]:
    return [line for line in (f"{one['method']} {one['path']}" for one in stage.sandbox.log) if line.startswith(POST)]


def names(stage: Any) -> list[str]:
    return sorted(one["value"]["name"] for one in objects(stage, TAGS))


def test_several_are_made_in_one_request(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": THREE})
    applied(stage)
    assert posts(stage) == [POST]
    assert names(stage) == list(NAMES)


def test_of_several_kinds_what_needs_another_goes_after_it(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": THREE + ZONE + PROFILE})
    applied(stage)
    assert posts(stage) == [POST, POST]


def test_what_the_server_refuses_fails_alone(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    wrong = document("SettingsObject", "r", {"schemaId": ORDERED, "value": {"ruleName": "r", "colour": "red"}})
    stage.write({"m.yaml": THREE + wrong})
    told = {str(one.change.address): (one.ending, one.text) for one in stage.apply().results}
    assert posts(stage) == [POST]
    assert names(stage) == list(NAMES)
    ending, text = told.pop("dynatrace/SettingsObject/r")
    assert ending == "failed"
    assert "colour" in text
    assert set(told.values()) == {("done", "")}


def test_killed_at_any_instant_or_with_any_answer_lost_the_next_apply_converges(tmp_path: Path) -> None:
    begun = Twin(tmp_path, environ=ENVIRON, vendors={"dynatrace": VENDOR})
    begun.write({"reconciler.yaml": PROJECT, "m.yaml": THREE + ZONE + PROFILE})
    right = right_of(begun)
    instants = begun.fork().instants()
    assert len(instants) > 4
    wrong = [f"killed {when}: {text}" for when, one in instants for text in converging(one, right)]
    for what, one, applied_ in begun.losses():
        found = unlike(one, right) if applied_.ok else converging(one, right)
        wrong += [f"{what}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)


def test_after_a_kill_each_is_found_again_and_none_is_made_twice(tmp_path: Path) -> None:
    one = Twin(tmp_path, environ=ENVIRON, vendors={"dynatrace": VENDOR})
    one.write({"reconciler.yaml": PROJECT, "m.yaml": THREE})
    assert one.killed_at("POST", "/dynatrace/api/v2/settings/objects", "after")
    assert len(one.ledger("dynatrace").open) == len(NAMES)
    one.go()
    assert posts(one) == [POST]
    assert names(one) == list(NAMES)
