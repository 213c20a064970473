"""opsgenie/Integration on a stage: another team, actions, headers, and fields only Opsgenie knows."""

from pathlib import Path
from typing import Any

import pytest

from tests.kinds.opsgenie_project import (
    asked,
    changes,
    document,
    done,
    read,
    said,
    settings,
    stage_in,
    team,
)
from tests.stage import Stage, serve


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


def test_an_integration_moves_to_another_team_and_its_old_one_is_no_responder(stage: Stage) -> None:
    stage.write(
        {"it.yaml": document("Integration", "it", "{type: API, ownerTeam: payments, responders: [], tags: [a]}")}
    )
    done(stage)
    stage.write({"it.yaml": document("Integration", "it", "{type: API, ownerTeam: web, responders: [], tags: [a]}")})
    [change] = changes(stage.plan())
    assert [one.path for one in change.fields] == ["ownerTeam"]
    assert "read anew" in change.notes[0]
    done(stage)
    [live] = [one for one in read(stage, "/v2/integrations") if one["name"] == "it"]
    assert live["teamId"] == team(stage, "web")


def test_one_that_the_vendor_does_not_move_is_told_and_asked_for_again(stage: Stage) -> None:
    stage.write({"it.yaml": document("Integration", "it", "{type: API, ownerTeam: payments}")})
    done(stage)
    settings(stage, integration_moves="no")
    stage.write({"it.yaml": document("Integration", "it", "{type: API, ownerTeam: web}")})
    [result] = stage.apply().results
    assert result.ending == "failed"
    assert "ownerTeam is as it was" in result.text
    assert "in Opsgenie's UI" in result.way_out
    assert said(stage.plan()) == [("update", "Integration/it")]
    settings(stage, integration_moves="yes")
    done(stage)


def test_null_takes_actions_away_and_leaving_them_out_leaves_them(stage: Stage) -> None:
    spec = "{type: API, actions: [{type: ignore, name: noise}]}"
    stage.write({"it.yaml": document("Integration", "it", spec)})
    done(stage)
    stage.write({"it.yaml": document("Integration", "it", "{type: API}")})
    done(stage)
    [ident] = [one["id"] for one in read(stage, "/v2/integrations") if one["name"] == "it"]
    assert [one["name"] for one in read(stage, f"/v2/integrations/{ident}/actions")["ignore"]] == ["noise"]
    stage.write({"it.yaml": document("Integration", "it", "{type: API, actions: null}")})
    done(stage)
    assert read(stage, f"/v2/integrations/{ident}/actions")["ignore"] == []


def test_a_plan_without_advanced_integrations_refuses_actions_in_its_own_words(stage: Stage) -> None:
    settings(stage, plan="basic")
    stage.write({"it.yaml": document("Integration", "it", "{type: API, actions: [{type: close, name: done}]}")})
    [failed] = [one for one in stage.apply().results if one.ending != "done"]
    assert "Your plan does not allow saving advanced integrations." in failed.text
    settings(stage, plan="full")
    done(stage)
    [live] = [one for one in read(stage, "/v2/integrations") if one["name"] == "it"]
    assert live["enabled"]


def test_actions_that_somebody_changes_meanwhile_are_not_overwritten(stage: Stage) -> None:
    spec = "{{type: API, actions: [{{type: ignore, name: noise, order: {order}}}]}}"
    stage.write({"it.yaml": document("Integration", "it", spec.format(order=1))})
    done(stage)
    stage.write({"it.yaml": document("Integration", "it", spec.format(order=2))})
    edited = []
    inner = serve(stage.sandbox)

    def meanwhile(method: str, target: str, headers: Any, body: bytes) -> Any:
        answer = inner(method, target, headers, body)
        if target.endswith("/actions") and not edited:
            edited.append(target)
            stage.edit("opsgenie", "integrations/it", {"actions": {"close": [{"type": "close", "name": "mine"}]}})
        return answer

    stage.serve = meanwhile
    [result] = stage.apply().results
    assert "changed by somebody" in result.text
    stage.serve = None
    done(stage)


def test_a_plain_integration_may_refuse_to_be_asked_for_actions(stage: Stage) -> None:
    stage.write({"it.yaml": document("Integration", "it", "{type: API}")})
    done(stage)
    stage.write({"it.yaml": document("Integration", "it", "{type: API, actions: [{type: close, name: done}]}")})
    inner = serve(stage.sandbox)

    def says_less(method: str, target: str, headers: Any, body: bytes) -> Any:
        status, found, content, delay = inner(method, target, headers, body)
        return status, found, content.replace(b'"isAdvanced":false,', b""), delay

    stage.serve = says_less
    asked(stage)
    assert said(stage.plan()) == [("update", "Integration/it")]
    assert [one for one in asked(stage) if one.endswith("/actions")]
    done(stage)


def test_one_of_which_only_the_list_was_read_can_be_written(stage: Stage) -> None:
    stage.edit("opsgenie", "integrations/theirs", {"tags": ["kept"]})
    stage.write({"it.yaml": document("Integration", "theirs", "{type: API}")})
    done(stage)
    stage.write({"it.yaml": document("Integration", "theirs", "{type: API, name: renamed}")})
    done(stage)
    [ident] = [one["id"] for one in read(stage, "/v2/integrations") if one["name"] == "renamed"]
    assert read(stage, f"/v2/integrations/{ident}")["tags"] == ["kept"]


def test_what_nobody_declares_of_an_unknown_type_is_written_back_as_it_was(stage: Stage) -> None:
    stage.write({"it.yaml": document("Integration", "it", "{type: Zabbix, tags: [a]}")})
    done(stage)
    stage.edit("opsgenie", "integrations/it", {"zabbixPassword": "canary", "own": {"deep": [None, 1.5]}})
    stage.write({"it.yaml": document("Integration", "it", "{type: Zabbix, tags: [b]}")})
    plan = stage.plan()
    assert "canary" not in repr([change.fields for change in changes(plan)])
    done(stage)
    [ident] = [one["id"] for one in read(stage, "/v2/integrations") if one["name"] == "it"]
    live = read(stage, f"/v2/integrations/{ident}")
    assert (live["zabbixPassword"], live["own"], live["tags"]) == ("canary", {"deep": [None, 1.5]}, ["b"])


def test_headers_are_secrets_and_go_out_with_the_write(stage: Stage) -> None:
    stage.environ["HOOK_KEY"] = "canary-of-the-hook"
    spec = "{type: Webhook, url: 'https://a.example/in', headers: {X-Key: {env: HOOK_KEY}}}"
    stage.write({"it.yaml": document("Integration", "it", spec)})
    done(stage)
    stage.environ["HOOK_KEY"] = "another-canary"
    plan = stage.plan()
    [change] = changes(plan)
    assert "canary" not in repr(change.fields)
    done(stage)
    [ident] = [one["id"] for one in read(stage, "/v2/integrations") if one["name"] == "it"]
    assert read(stage, f"/v2/integrations/{ident}")["headers"] == {"X-Key": "another-canary"}
