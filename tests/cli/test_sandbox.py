"""`sandbox …` and `--sandbox`: a made-up world that is kept, changed by hand, begun anew, and served."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.manifest.project import load_project
from reconciler.vendors.registry import VENDORS
from tests.cli.shell import Shell

WORLD = ".reconciler/sandbox/world.json"


def test_objects_are_made_up_at_one_vendor_or_at_each(shell: Shell) -> None:
    names = ("datadog", "dynatrace", "opsgenie", "pagerduty", "reactio", "wallarm")
    assert shell("sandbox", "fill", "3").out == "".join(f"{name}: 3 objects more\n" for name in names)
    assert shell("sandbox", "fill", "1", "wallarm").out == "wallarm: 1 object more\n"


def test_an_object_can_be_deleted_as_in_the_ui(shell: Shell) -> None:
    shell("sandbox", "edit", "opsgenie", "teams/night", "{}")
    assert shell("sandbox", "edit", "opsgenie", "teams/night", "null").out == "opsgenie teams/night is deleted\n"
    assert shell("sandbox", "edit", "opsgenie", "teams/night", "null").code == 1


def test_an_account_of_its_own_is_a_world_of_its_own(shell: Shell) -> None:
    shell("sandbox", "edit", "opsgenie@eu", "teams/night", "{}")
    assert len(json.loads(shell("sandbox", "get", "opsgenie@eu", "/v2/teams").out)["data"]) == 1
    assert json.loads(shell("sandbox", "get", "opsgenie", "/v2/teams").out)["data"] == []


def test_reset_takes_world_and_ledger_away_and_nothing_else(quickstart: Shell) -> None:
    before = quickstart.files()
    quickstart.settle()
    assert quickstart("sandbox", "reset").code == 0
    assert quickstart.files() == before | {".reconciler"}
    assert quickstart("sandbox", "reset").code == 0
    assert quickstart.sandboxed("plan").out.startswith("7 to create")


def test_incidents_that_no_trigger_is_for_notify_nobody(shell: Shell) -> None:
    ran = shell("sandbox", "incident")
    assert (ran.code, ran.out) == (0, "no trigger fired\n")


def test_a_notification_that_does_not_arrive_is_told(quickstart: Shell) -> None:
    quickstart.settle()
    quickstart("sandbox", "edit", "opsgenie", "integrations/wallarm-alerts", '{"enabled": false}')
    ran = quickstart("sandbox", "incident", "count=5", "target=database")
    assert (ran.code, "did not arrive: API key is invalid" in ran.out) == (1, True)


WRONG = [
    (("fill", "0"), "0 is not in the range"),
    (("fill", "3", "nobody"), "it has datadog, dynatrace, opsgenie, pagerduty, reactio, wallarm"),
    (("edit", "opsgenie", "tems/x", "{}"), "opsgenie can edit teams/NAME, schedules/NAME"),
    (("edit", "opsgenie", "teams/x", "{"), "the change is not JSON"),
    (("edit", "opsgenie", "teams/x", "3"), "an edit is"),
    (("get", "opsgeni", "/v2/teams"), 'there is no vendor "opsgeni" did you mean "opsgenie"?'),
    (("incident", "count"), '"count" says nothing of an incident write NAME=VALUE'),
    (("incident", "count=0"), "count"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_what_the_sandbox_does_not_have_is_told(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    ran = shell("sandbox", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.said


def test_what_the_vendor_refuses_is_printed_and_fails(shell: Shell) -> None:
    ran = shell("sandbox", "get", "opsgenie", "/v2/teams/none")
    assert ran.code == 1
    assert json.loads(ran.out)["message"]


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_world_that_cannot_be_read_is_told_and_can_be_reset(quickstart: Shell, text: str) -> None:
    quickstart.write(WORLD, text)
    ran = quickstart.sandboxed("plan")
    assert ran.code == 1
    assert "the sandbox's world cannot be read" in ran.said
    assert "reconciler sandbox reset" in ran.said
    assert quickstart("sandbox", "reset").code == 0
    assert quickstart.sandboxed("plan").code == 0


def test_a_folder_that_cannot_be_written_is_told(quickstart: Shell) -> None:
    quickstart.write(".reconciler", "a file where the folder should be")
    ran = quickstart.sandboxed("plan")
    assert ran.code == 1
    assert "the sandbox cannot keep its world here" in ran.said


# ── served ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_serve_prints_is_a_project_that_works(shell: Shell) -> None:
    command = [sys.executable, "-m", "reconciler", "sandbox", "serve", "--port", "0", "--store", "world.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=shell.folder) as serving:
        assert serving.stdout is not None
        told = [serving.stdout.readline() for _ in range(2 + len(VENDORS))]
        shell.write("reconciler.yaml", "apiVersion: reconciler/v1\nkind: Project\n" + "".join(told[1:]))
        shell.write("team.yaml", "apiVersion: opsgenie/v1\nkind: Team\nmetadata: {name: night}\n")
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("OPSGENIE_API_KEY", "any-key")
            environment.setenv("WALLARM_API_TOKEN", "any-token")
            assert shell("apply", "--yes").code == 0
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(30) == 0
    project = load_project(shell.folder, Path(shell.folder / "reconciler.yaml"), VENDORS, environ={})
    assert set(project.accounts) == set(VENDORS)
    assert "night" in (shell.folder / "world.json").read_text()


def test_a_port_that_is_taken_is_told(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = shell("sandbox", "serve", "--port", str(taken.getsockname()[1]))
    assert ran.code == 1
    assert "cannot be served: Address already in use name another --port" in ran.said


def test_a_store_that_cannot_be_read_is_told(shell: Shell) -> None:
    shell.write("world.json", "{")
    assert "name another --store, or remove the file" in shell("sandbox", "serve", "--store", "world.json").said
