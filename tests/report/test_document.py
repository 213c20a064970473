"""Document: a plan as JSON holds to its schema, and gives the same text as the plan itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from reconciler.engine import change
from reconciler.engine.plan import Plan
from reconciler.errors import UsageError
from reconciler.ledger.store import Store
from reconciler.report.applied_text import applied_text
from reconciler.report.document import Word, applied_document, json_text, plan_document, plan_schema
from reconciler.report.plan_text import document_text, plan_text
from tests.report.story import carried_out, edit, quickstart, settled
from tests.stage import ENVIRON, serve


def drifted(root: Path) -> Plan:
    stage = settled(root)
    edit(stage, "wallarm.yaml", "incidents_exceeded", "attacks_exceeded")
    edit(stage, "opsgenie.yaml", "  timezone: Europe/Berlin\n", "")
    edit(stage, "opsgenie.yaml", "Who is on call for payments", "Who is on call")
    stage.edit("opsgenie", "schedules/payments-oncall", {"description": "Ann only!"})
    return stage.plan()


def removed(root: Path) -> Plan:
    stage = settled(root)
    stage.write({"opsgenie.yaml": "", "wallarm.yaml": ""})
    return stage.plan()


def forgotten(root: Path) -> Plan:
    stage = settled(root)
    stage.store = Store.memory()
    return stage.plan()


PLANS = {
    "creates": lambda root: quickstart(root).plan(),
    "empty": lambda root: settled(root).plan(),
    "drifted": drifted,
    "removed": removed,
    "forgotten": forgotten,
}


@pytest.mark.parametrize("name", PLANS)
def test_a_real_plan_holds_to_the_schema(name: str, tmp_path: Path) -> None:
    schema = plan_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(json_text(plan_document(PLANS[name](tmp_path)))))


@pytest.mark.parametrize("name", PLANS)
def test_a_saved_plan_reads_as_the_plan_itself(name: str, tmp_path: Path) -> None:
    plan = PLANS[name](tmp_path)
    saved = json.loads(json_text({**plan_document(plan), "saved": {"project": "quickstart"}}))
    for verbose in (False, True):
        text = plan_text(plan, width=100, color=False, verbose=verbose)
        assert document_text(saved, width=100, color=False, verbose=verbose) == text


def test_every_type_of_change_has_its_word() -> None:
    types = [
        one.__name__.lower()
        for one in vars(change).values()
        if isinstance(one, type) and issubclass(one, change.Change) and not one.__subclasses__()
    ]
    assert sorted(types) == sorted(get_args(Word))


WRONG: list[Any] = [
    {},
    {"format": "reconciler/plan/v9"},
    {"format": "reconciler/plan/v1", "empty": True, "changes": [{"change": "explode", "address": "a/B/c"}]},
]


@pytest.mark.parametrize("data", WRONG)
def test_what_is_no_plan_is_refused_with_a_way_out(data: Any) -> None:
    with pytest.raises(UsageError, match="make it anew: plan -o FILE"):
        document_text(data, width=80, color=False)


def test_a_side_that_is_not_there_has_no_key(tmp_path: Path) -> None:
    [update] = [one for one in plan_document(drifted(tmp_path))["changes"] if one["change"] == "update"]
    assert [field | {"place": None} for field in update["fields"]] == [
        {
            "path": "description",
            "old": "Ann only!",
            "new": "Who is on call",
            "last": "Who is on call for payments",
            "cause": "both",
            "place": None,
        }
    ]
    [create, *_] = plan_document(quickstart(tmp_path / "new").plan())["changes"]
    assert all("old" not in field for field in create["fields"])


def test_an_apply_tells_every_ending(tmp_path: Path) -> None:
    plan, applied = carried_out(quickstart(tmp_path))
    document = applied_document(applied)
    assert (document["format"], document["ok"], document["counts"]) == ("reconciler/applied/v1", True, {"done": 7})
    assert [one["address"] for one in document["results"]] == [str(one.address) for one in plan.changes]
    json_text(document)


def test_json_for_a_terminal_keeps_names_and_loses_nothing() -> None:
    data = {"name": "決済 \x1b[2J\x9b \u202e \U000e0041 é\n", "list": [1, None, True]}
    text = json_text(data)
    assert json.loads(text) == data
    assert all(one.isprintable() or one == "\n" for one in text)
    assert "決済" in text


def test_no_secret_is_in_any_text_or_document(tmp_path: Path) -> None:
    stage = quickstart(tmp_path)
    well, made = serve(stage.sandbox), []

    def listening(*request: Any) -> Any:
        answer = well(*request)
        made.extend(re.findall(r'"apiKey": ?"([^"]+)"', answer[2].decode()))
        return answer

    stage.serve = listening
    plan, applied = carried_out(stage)
    edit(stage, "wallarm.yaml", "api: eu", "api: us")
    again = stage.plan()
    told = [json_text(document) for document in (plan_document(plan), applied_document(applied), plan_document(again))]
    told += [plan_text(one, width=100, color=False, verbose=True) for one in (plan, again)]
    told.append(applied_text(applied, plan, width=100, color=False))
    assert made
    assert not [secret for secret in (*made, *ENVIRON.values()) if secret in "".join(told)]
