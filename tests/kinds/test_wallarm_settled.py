"""Integrations of every type in a project: made, settled, changed behind the back, restored, adopted, removed."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.engine.change import Blocked, Create, Delete, Replace, Update
from reconciler.errors import ReconcilerError
from tests.kinds.wallarm_project import (
    PROJECT,
    SECRETS,
    SIEM,
    TARGETS,
    asked,
    change_settings,
    document,
    done,
    held,
    integration,
    order_fault,
    stage_in,
    writes,
)
from tests.laws.life import Drawer, Life
from tests.stage import ENVIRON, Stage

every_type = pytest.mark.parametrize("type_", TARGETS)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


# ── integrations of every type ──────────────────────────────────────────────────────────────────────────────────────


@every_type
@pytest.mark.parametrize("secrets", ["masked", "clear"])
def test_an_integration_is_made_and_settled(stage: Stage, type_: str, secrets: str) -> None:
    change_settings(stage, secrets=secrets)
    stage.write({"it.yaml": integration(type_)})
    [create] = writes(stage.plan())
    assert isinstance(create, Create)
    done(stage)
    [made] = held(stage)
    assert (made["name"], made["type"], made["active"]) == ("it", type_, True)
    on = {event["event"]: event.get("with_headers") for event in made["events"] if event["active"]}
    assert on == ({"system": None, "siem": True} if type_ in SIEM else {"system": None})


@dataclass(frozen=True)
class Made:
    """A project after the apply that made an integration of this type."""

    type_: str
    life: Life


@pytest.fixture(scope="module", params=TARGETS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    life = Life(tmp_path_factory.mktemp("made"), environ={**ENVIRON, **SECRETS})
    life.write({"reconciler.yaml": PROJECT, "it.yaml": integration(request.param, "active: true", "name: 通知")})
    done(life)
    return Made(request.param, life)


def with_manifests(life: Life, root: Path, *texts: str) -> Life:
    """A twin whose project is another, of these manifests."""
    twin = life.fork()
    twin.root = root
    twin.edited({"reconciler.yaml": PROJECT, "it.yaml": "".join(texts)})
    return twin


def test_what_somebody_changed_is_found_and_restored(made: Made) -> None:
    life = made.life.fork()
    before = held(life)
    life.edit(
        "wallarm",
        "integrations/通知",
        {"name": "other", "active": False, "events": [{"event": "system", "active": False}]},
    )
    [update] = writes(life.plan())
    assert isinstance(update, Update)
    assert {(one.path, one.cause) for one in update.fields} == {
        ("name", "drifted"),
        ("active", "drifted"),
        ("events[]", "drifted"),
    }
    assert "perhaps switched off by Wallarm after failed deliveries" in update.notes[0]
    done(life)
    assert held(life) == before


def test_a_secret_that_is_not_set_is_unknown_and_no_change(made: Made) -> None:
    if made.type_ == "email":
        return
    life = made.life.fork()
    for name in SECRETS:
        del life.environ[name]
    plan = life.plan()
    assert writes(plan) == []
    assert plan.unknown
    assert all("is unknown" in problem.text for problem in plan.unknown)


def test_an_object_that_is_there_is_adopted_by_two_fields(made: Made, tmp_path: Path) -> None:
    before = held(made.life)
    adopting = with_manifests(made.life, tmp_path, document("Integration", "it", f"type: {made.type_}", "name: 通知"))
    adopting.environ = {**ENVIRON}
    adopting.store = adopting.drawer = Drawer()
    plan = adopting.plan()
    assert [change.word for change in plan.changes] == ["adopt"]
    done(adopting)
    assert held(adopting) == before


def test_removing_the_manifest_deletes_it(made: Made, tmp_path: Path) -> None:
    life = with_manifests(made.life, tmp_path, document("Application", "shop", "name: shop"))
    assert {type(change) for change in writes(life.plan())} == {Create, Delete}
    done(life)
    assert held(life) == []


def test_a_new_secret_is_written_and_one_of_telegram_asks_for_leave(made: Made, tmp_path: Path) -> None:
    if made.type_ == "email":
        return
    life = made.life.fork()
    name = next(
        name for name in ("HOOK", "PD_KEY", "UUID", "DD_KEY", "CHAT") if f"env: {name}}}" in TARGETS[made.type_]
    )
    life.environ[name] = SECRETS[name][:-1] + "0"
    [change] = writes(life.plan())
    if made.type_ == "telegram":
        assert isinstance(change, Blocked)
        assert "target cannot be changed" in change.why
        text = integration(made.type_, "active: true", "name: 通知")
        life = with_manifests(life, tmp_path, text.replace("lifecycle: {}", "lifecycle: {replace: allow}"))
        [change] = writes(life.plan())
        assert isinstance(change, Replace)
    done(life)
    assert SECRETS[name][:-1] + "0" in str(held(life)[0]["target"])


def test_reading_integrations_costs_one_list(stage: Stage) -> None:
    stage.write({"it.yaml": integration("splunk")})
    done(stage)
    before = len(asked(stage))
    stage.plan()
    assert asked(stage)[before:] == [("POST", "/wallarm/v1/user"), ("GET", "/wallarm/v2/integration")]


# ── one type and another ────────────────────────────────────────────────────────────────────────────────────────────


def test_events_without_the_secret_are_blocked(stage: Stage) -> None:
    stage.write({"it.yaml": integration("splunk")})
    done(stage)
    bare = document("Integration", "it", "type: splunk", "events: [system]")
    stage.write({"it.yaml": bare})
    [blocked] = writes(stage.plan())
    assert isinstance(blocked, Blocked)
    assert "the write must carry a secret that no manifest gives" in blocked.why


def test_events_whose_secret_is_not_set_here_are_planned_and_not_applied(stage: Stage) -> None:
    stage.write({"it.yaml": integration("splunk")})
    done(stage)
    before = held(stage)
    del stage.environ["UUID"]
    stage.write({"it.yaml": integration("splunk", events="[rules_and_triggers]")})
    plan = stage.plan()
    assert [change.word for change in writes(plan)] == ["update"]
    assert ["UUID is not set" in problem.text for problem in plan.missing] == [True]
    with pytest.raises(ReconcilerError, match="UUID"):
        stage.apply()
    assert held(stage) == before


def test_a_name_changes_without_the_secret(stage: Stage) -> None:
    stage.write({"it.yaml": integration("splunk")})
    done(stage)
    stage.write({"it.yaml": document("Integration", "it", "type: splunk", "name: other")})
    done(stage)
    assert (held(stage)[0]["name"], held(stage)[0]["target"]["token"]) == ("other", SECRETS["UUID"])


def test_a_mail_integration_is_switched_off_before_anything_else_changes(stage: Stage) -> None:
    stage.write({"it.yaml": integration("email")})
    done(stage)
    stage.write({"it.yaml": integration("email", "active: false", target="[eve@example.com]")})
    before = len(asked(stage))
    done(stage)
    puts = [path for method, path in asked(stage)[before:] if method == "PUT"]
    assert len(puts) == 2
    assert (held(stage)[0]["active"], held(stage)[0]["target"]) == (False, ["eve@example.com"])


def test_a_mail_integration_may_pass_on_nothing(stage: Stage) -> None:
    stage.write({"it.yaml": integration("email", events="[]")})
    done(stage)
    assert not any(event["active"] for event in held(stage)[0]["events"])


def test_telegrams_first_name_is_that_of_the_bots_user(stage: Stage) -> None:
    stage.write({"it.yaml": integration("telegram")})
    order_fault(stage, "PUT", "*", "status", 400)
    assert [one.ending for one in stage.apply().results] == ["failed"]
    assert (held(stage)[0]["name"], held(stage)[0]["active"]) == ("acme_bot", False)
    [update] = writes(stage.plan())
    assert isinstance(update, Update)
    done(stage)
    assert (len(held(stage)), held(stage)[0]["name"], held(stage)[0]["active"]) == (1, "it", True)


@pytest.mark.parametrize("path", ["*/v2/integration/telegram", "*/v2/integration/*"])
def test_telegram_is_made_once_whichever_answer_is_lost(stage: Stage, path: str) -> None:
    stage.write({"it.yaml": integration("telegram")})
    method = "POST" if path.endswith("telegram") else "PUT"
    order_fault(stage, method, path, "lose")
    stage.apply()
    done(stage)
    assert [one["name"] for one in held(stage)] == ["it"]


def test_telegrams_chat_of_an_adopted_integration_is_unknown_and_taken_as_it_is(stage: Stage) -> None:
    stage.write({"it.yaml": integration("telegram")})
    done(stage)
    adopting = Stage(stage.root, sandbox=stage.sandbox, environ={**stage.environ, "CHAT": "another"})
    plan = adopting.plan()
    assert writes(plan) == []
    assert ["it cannot be compared" in problem.text for problem in plan.unknown] == [True]
    done(adopting)


def test_a_header_and_a_certificate_come_and_go(stage: Stage) -> None:
    stage.environ["PEM"] = "-----BEGIN CERTIFICATE-----"
    url = "url: {env: HOOK}"
    stage.write({"it.yaml": integration("web_hooks", target=f"{{{url}, headers: {{X-Key: {{env: BEARER}}}}}}")})
    done(stage)
    more = f"{{{url}, headers: {{X-Key: {{env: BEARER}}, X-More: {{env: UUID}}}}, ca_file: {{env: PEM}}}}"
    stage.write({"it.yaml": integration("web_hooks", target=more)})
    done(stage)
    assert held(stage)[0]["target"]["headers"] == {"X-Key": SECRETS["BEARER"], "X-More": SECRETS["UUID"]}
    assert held(stage)[0]["target"]["ca_file"] == stage.environ["PEM"]
    stage.write({"it.yaml": integration("web_hooks", target=f"{{{url}, headers: {{}}, ca_file: null}}")})
    done(stage)
    assert (held(stage)[0]["target"]["headers"], held(stage)[0]["target"]["ca_file"]) == ({}, "")


def test_a_webhooks_field_that_no_manifest_names_stays(stage: Stage) -> None:
    stage.write({"it.yaml": integration("web_hooks")})
    done(stage)
    stage.edit("wallarm", "integrations/it", {"target": {"format": "jsonl", "open_timeout": 7}})
    assert writes(stage.plan()) == []
    stage.write({"it.yaml": integration("web_hooks", target=TARGETS["web_hooks"].replace("30s", "1m"))})
    done(stage)
    target = held(stage)[0]["target"]
    assert (target["format"], target["open_timeout"], target["timeout"]) == ("jsonl", 7, 60)


def test_a_switch_that_no_manifest_names_is_told_when_it_is_found_off(stage: Stage) -> None:
    stage.write({"it.yaml": integration("slack")})
    done(stage)
    stage.edit("wallarm", "integrations/it", {"active": False})
    plan = stage.plan()
    assert writes(plan) == []
    [warning] = [problem.text for problem in plan.warnings]
    assert "stays off: perhaps switched off by Wallarm after failed deliveries" in warning
    stage.write({"it.yaml": integration("slack", "active: false")})
    assert stage.plan().warnings == ()


@pytest.mark.parametrize("older", ["accept", "refuse"])
def test_an_event_of_an_older_vocabulary_is_sent_as_it_stands(stage: Stage, older: str) -> None:
    change_settings(stage, older_events=older)
    stage.write({"it.yaml": integration("slack", events="[system, vuln_high]")})
    if older == "accept":
        done(stage)
        stage.write({"it.yaml": integration("slack", events="[system]")})
        done(stage)
    else:
        [failed] = stage.apply().results
        assert failed.ending == "failed"
        assert "vuln_high" in failed.text
