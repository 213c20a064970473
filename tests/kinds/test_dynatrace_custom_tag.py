"""dynatrace/CustomTag and attach rules: who is meant, who is given a tag, and who loses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.vendors.dynatrace.attach_rule import ME_TYPES, NEWER_ME_TYPES, AttachRules, questions, remarks
from reconciler.vendors.dynatrace.selector import by_id, quoted
from tests.kind_kit import Case, Mistake, assert_mistaken, assert_settled, cases, mistakes, sent
from tests.kinds.dynatrace_project import applied, ask, document, settled, stage_in, told

HOST, SERVICE = "HOST-0011223344556677", "SERVICE-1A2B3C4D5E6F7081"

# ── attach rules by themselves ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "rules",
    [
        {
            "entityIds": ["SERVICE-1A2B3C4D5E6F7081"],
            "tagRule": [{"meTypes": ["SERVICE"], "tags": [{"context": "CONTEXTLESS", "key": "team-cart"}]}],
        },
        {"entityIds": ["HOST-0011223344556677"]},
        {"entityIds": None, "tagRule": [{"meTypes": ["HOST"], "tags": [{"key": "a", "value": None}]}]},
        {
            "tagRule": [
                {
                    "meTypes": ["SERVICE"],
                    "tags": [{"context": "KUBERNETES", "key": "app", "value": "cart"}, {"key": "team-cart"}],
                }
            ]
        },
    ],
)
def test_attach_rules_paste_in_as_the_events_api_has_them(rules: Any) -> None:
    assert AttachRules.model_validate(rules)


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, "at least one entity"),
        ({"entityIds": [], "tagRule": []}, "at least one entity"),
        ({"tagRule": [{"meTypes": [], "tags": [{"key": "a"}]}]}, "at least 1"),
        ({"tagRule": [{"meTypes": ["HOST"], "tags": []}]}, "at least 1"),
        ({"tagRule": [{"meTypes": ["HOST"], "tags": [{"context": "CUSTOM", "key": "a"}]}]}, "CONTEXTLESS"),
        ({"tagRule": [{"meTypes": ["HOST"], "tags": [{"value": "a"}]}]}, "Field required"),
        ({"entityIds": ["HOST-1"], "tagRules": []}, "Extra"),
    ],
)
def test_attach_rules_that_mean_nobody_are_mistakes(rules: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        AttachRules.model_validate(rules)


def test_there_are_as_many_sorts_of_entities_as_the_vendor_names() -> None:
    assert len(ME_TYPES) == 96
    assert len(NEWER_ME_TYPES) == 9
    assert not ME_TYPES & NEWER_ME_TYPES


def test_what_may_be_meant_otherwise_is_remarked() -> None:
    rules = [
        {"meTypes": ["HOST", "HOSTS", "BROWSER"], "tags": [{"key": "a", "value": "b"}]},
        {"meTypes": ["HOST"], "tags": [{"context": "AWS", "key": "a", "value": "b"}]},
    ]
    found = {one.path: one.text for one in remarks(rules, ("tagRule",))}
    assert set(found) == {
        ("tagRule", 0, "meTypes", 1),
        ("tagRule", 0, "meTypes", 2),
        ("tagRule", 0, "tags", 0, "value"),
    }
    assert "key: a:b" in found["tagRule", 0, "tags", 0, "value"]


@pytest.mark.parametrize(
    ("tags", "selector", "assumed"),
    [
        ([{"key": "team-cart"}], 'type(HOST),tag("team-cart")', 0),
        ([{"key": "owner:cart"}], 'type(HOST),tag("owner\\:cart","owner:cart")', 0),
        ([{"key": "a", "value": "b:c"}], 'type(HOST),tag("a:b\\:c")', 0),
        (
            [{"context": "KUBERNETES", "key": "app", "value": "cart"}],
            'type(HOST),tag("[KUBERNETES]app:cart","[Kubernetes]app:cart")',
            0,
        ),
        ([{"context": "AWS", "key": "a"}], 'type(HOST),tag("[AWS]a","[Aws]a")', 1),
        ([{"key": "a"}, {"key": "b"}], 'type(HOST),tag("a"),tag("b")', 1),
        (
            [{"context": "GOOGLE_CLOUD", "key": "a", "value": "b"}],
            'type(HOST),tag("[GOOGLE_CLOUD]a:b","[Google_cloud]a:b","[Google Cloud]a:b")',
            1,
        ),
    ],
)
def test_a_tag_rule_is_asked_as_a_selector_and_says_what_it_assumes(
    tags: list[Any], selector: str, assumed: int
) -> None:
    [one] = questions({"tagRule": [{"meTypes": ["HOST"], "tags": tags}]})
    assert one.selector == selector
    assert len(one.assumed) == assumed


def test_one_question_is_asked_for_each_rule_and_sort_and_for_the_ids_of_each_sort() -> None:
    rules = {
        "entityIds": [SERVICE, HOST],
        "tagRule": [
            {"meTypes": ["HOST", "SERVICE"], "tags": [{"key": "a"}]},
            {"meTypes": ["OS"], "tags": [{"key": "b"}]},
        ],
    }
    found = [(one.path, one.sort) for one in questions(rules, ("attachRules",))]
    assert found == [
        (("attachRules", "entityIds"), "HOST"),
        (("attachRules", "entityIds"), "SERVICE"),
        (("attachRules", "tagRule", 0), "HOST"),
        (("attachRules", "tagRule", 0), "SERVICE"),
        (("attachRules", "tagRule", 1), "OS"),
    ]


def test_ids_are_asked_for_in_selectors_that_the_server_takes() -> None:
    ids = [f"HOST-{number:016X}" for number in range(500)]
    found = list(by_id(ids))
    assert all(len(one) <= 2000 for one in found)
    assert sum(one.count("HOST-") for one in found) == 500
    assert quoted('a"b~') == '"a~"b~~"'


# ── tags on entities ────────────────────────────────────────────────────────────────────────────────────────────────

FLEET = {"entitySelector": 'type(HOST),entityName.startsWith("cart")', "tags": [{"key": "pci"}]}


def borne(stage: Any) -> dict[str, list[str]]:
    path = "/api/v2/entities?entitySelector=type(HOST)&from=now-3y&to=now&fields=%2Btags".replace("%2B", "+")
    rows = ask(stage, "GET", path)["entities"]
    return {one["displayName"]: sorted(tag["stringRepresentation"] for tag in one["tags"]) for one in rows}


def bearers(stage: Any, tag: str) -> list[str]:
    return sorted(name for name, tags in borne(stage).items() if tag in tags)


def give(stage: Any, selector: str, key: str) -> None:
    ask(stage, "POST", f"/api/v2/tags?entitySelector={selector}&from=now-3y&to=now", {"tags": [{"key": key}]})


@cases(
    Case(
        "a tag with a value and one without",
        "dynatrace/CustomTag",
        {"entitySelector": "type(HOST)", "tags": [{"key": "owner", "value": "cart"}, {"key": "pci"}]},
        {"entitySelector": "type(HOST)", "tags": [{"key": "owner", "value": "cart"}, {"key": "pci"}]},
    ),
)
def test_what_is_declared_is_found_again(case: Case) -> None:
    assert sent(case) == case.body
    tags = [{"context": "CONTEXTLESS", **tag} for tag in case.spec["tags"]]
    other = {"context": "AWS", "key": "Name"}
    rows = [{"entityId": HOST, "tags": [*tags, other]}, {"entityId": "HOST-1", "tags": [other, *reversed(tags)]}]
    assert_settled(case, {"id": "x", "rows": rows}, entitySelector="type(HOST)")


def test_a_tag_is_held_on_all_who_fit_and_others_tags_stay(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    before = borne(stage)
    stage.write({"m.yaml": document("CustomTag", "pci", FLEET)})
    [change] = stage.plan().writes
    assert any("given to 3 of 3 entities" in note for note in change.notes)
    applied(stage)
    assert bearers(stage, "pci") == ["cart-01", "cart-02", "cart-old"]
    ask(stage, "DELETE", f'/api/v2/tags?key=pci&entitySelector=entityId("{HOST}")&from=now-3y&to=now')
    assert [change.word for change in stage.plan().writes] == ["update"]
    applied(stage)
    stage.write({"m.yaml": document("CustomTag", "other", {**FLEET, "tags": []}, was="pci")})
    applied(stage)
    assert borne(stage) == before


def test_who_had_a_tag_before_keeps_it(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    give(stage, f'entityId("{HOST}")', "pci")
    stage.write({"m.yaml": document("CustomTag", "pci", FLEET) + document("AutoTag", "a", {})})
    applied(stage)
    stage.write({"m.yaml": document("AutoTag", "a", {})})
    [change] = stage.plan().writes
    assert change.word == "delete"
    applied(stage)
    assert bearers(stage, "pci") == ["cart-01"]


def test_who_stopped_fitting_is_named_and_loses_the_tag_when_all_do(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("CustomTag", "pci", FLEET) + document("AutoTag", "a", {})})
    applied(stage)
    stage.edit("dynatrace", "entities/cart-02", {"displayName": "gone-02"})
    assert any("no longer fits and keeps pci" in one.text for one in stage.plan().warnings)
    settled(stage)
    assert "gone-02" in bearers(stage, "pci")
    stage.write({"m.yaml": document("AutoTag", "a", {})})
    applied(stage)
    assert bearers(stage, "pci") == []


def test_without_the_ledger_nobody_loses_a_tag(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("CustomTag", "pci", FLEET) + document("AutoTag", "a", {})})
    applied(stage)
    stage.store = type(stage.store).memory()
    settled(stage)
    assert stage.apply().ok
    stage.write({"m.yaml": document("AutoTag", "a", {})})
    assert [line for line in told(stage.plan()) if line.startswith("release dynatrace/CustomTag/pci")]
    applied(stage)
    assert len(bearers(stage, "pci")) == 3


def test_tag_rules_mean_entities_of_several_sorts(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    rules = [{"meTypes": ["HOST", "SERVICE"], "tags": [{"key": "team-cart"}]}]
    stage.write({"m.yaml": document("CustomTag", "cart", {"tagRule": rules, "tags": [{"key": "tier", "value": "1"}]})})
    applied(stage)
    assert bearers(stage, "tier:1") == ["cart-01", "cart-02", "cart-old"]
    services = ask(stage, "GET", "/api/v2/tags?entitySelector=type(SERVICE)&from=now-3y&to=now")["tags"]
    assert "tier:1" in [one["stringRepresentation"] for one in services]


def test_where_nobody_fits_nothing_is_done_and_that_is_said(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write(
        {"m.yaml": document("CustomTag", "x", {"entitySelector": 'type(HOST),tag("none")', "tags": [{"key": "a"}]})}
    )
    plan = stage.plan()
    assert plan.empty, told(plan)
    assert any("no entity fits" in one.text for one in plan.warnings)


def test_other_entities_are_meant_by_another_selector(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("CustomTag", "pci", FLEET)})
    applied(stage)
    stage.write(
        {"m.yaml": document("CustomTag", "pci", {**FLEET, "entitySelector": 'type(HOST),tag("[AWS]Name:stock")'})}
    )
    plan = stage.plan()
    assert any("no longer fits and keeps pci" in one.text for one in plan.warnings), told(plan)
    applied(stage)
    assert len(bearers(stage, "pci")) == 4


@mistakes(
    Mistake("dynatrace/CustomTag", {"entitySelector": "x" * 2001}, ("entitySelector",), "at most 2000"),
    Mistake("dynatrace/CustomTag", {"tags": [{"value": "a"}]}, ("tags", 0, "key"), "Field required"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)
