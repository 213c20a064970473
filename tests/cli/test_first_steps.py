"""What a new user meets: no accounts yet, no manifest yet, a pipe, and a line that every plan ends with."""

from __future__ import annotations

import json

import pytest

from tests.cli.company import MAIL, TEAM, Company
from tests.cli.shell import Shell
from tests.cli.test_signals import environment
from tests.program import Program

BARE = "apiVersion: reconciler/v1\nkind: Project\nmetadata: {name: bare}\n"


def test_in_the_sandbox_a_project_needs_no_accounts(quickstart: Shell) -> None:
    quickstart.write("reconciler.yaml", BARE)
    assert quickstart.sandboxed("apply", "--yes").code == 0
    assert quickstart.sandboxed("plan", "--detailed-exitcode").code == 0
    ran = quickstart("plan")
    assert (ran.code, ran.err.splitlines()) == (
        1,
        [
            "Error: opsgenie.yaml:5:1: the account opsgenie is not set up",
            "    write accounts: opsgenie: {api_key: {env: OPSGENIE_API_KEY}}",
            "Error: wallarm.yaml:4:1: the account wallarm is not set up",
            "    write accounts: wallarm: {token: {env: WALLARM_API_TOKEN}}",
        ],
    )


def test_an_account_that_is_written_wrong_is_wrong_in_the_sandbox_too(quickstart: Shell) -> None:
    quickstart.write("reconciler.yaml", BARE + "accounts: {opsgenie: {regoin: eu}}\n")
    ran = quickstart.sandboxed("plan")
    assert ran.code == 1
    assert 'there is no field "regoin" in accounts.opsgenie did you mean "region"?' in ran.said


@pytest.mark.parametrize("command", [("plan",), ("apply",)])
def test_where_no_manifest_is_it_is_said_where_they_stand(shell: Shell, command: tuple[str, ...]) -> None:
    end = "manifests stand in .yaml files there, and `reconciler explain` tells their kinds\n"
    ran = shell(*command)
    assert (ran.code, ran.out.partition(" (")[0]) == (0, "Nothing to change: there is no manifest")
    assert ran.err == f"no manifest is in {shell.folder} or below: `reconciler init` writes a reconciler.yaml; {end}"
    shell("init")
    assert shell(*command).err == f"no manifest is in {shell.folder} or below: {end}"


def test_in_one_pipe_every_change_is_told_once_and_in_two_its_progress_too(forked: Program, quickstart: Shell) -> None:
    quickstart.write("team.yaml", TEAM)
    command = ["--sandbox", "apply", "--yes", "--target"]
    folder = quickstart.folder
    one = forked.run([*command, "opsgenie/Team/night"], folder, environment(), together=True)
    assert (one.returncode, one.stdout.count("created opsgenie/Team/night")) == (0, 1)
    two = forked.run([*command, "opsgenie/Team/payments"], folder, environment())
    assert two.stdout.count("created opsgenie/Team/payments  id") == 1
    assert two.stderr == "created opsgenie/Team/payments\n"


def test_that_opsgenie_ends_is_one_note_at_the_end_and_no_warning(company: Company) -> None:
    company.write({"team.yaml": TEAM})
    ran = company("plan")
    assert ran.said.endswith(
        "note: Opsgenie ends on 2027-04-05: Atlassian states that its API works until then, and less for migrated "
        "accounts"
    )
    assert "warnings" not in ran.out
    document = json.loads(company("plan", "--format", "json").out)
    assert (document["warnings"], [line.partition(":")[0] for line in document["notices"]]) == (
        [],
        ["Opsgenie ends on 2027-04-05"],
    )
    assert company("apply", "--yes").said.count("Opsgenie ends") == 1


def test_without_opsgenie_nobody_is_told_of_its_end(company: Company) -> None:
    company.write({"mail.yaml": MAIL})
    assert "Opsgenie" not in company("plan").said


def test_an_empty_list_looks_like_one(company: Company) -> None:
    company.write({"mail.yaml": MAIL.replace("[system]", "[]")})
    assert "    events: []\n" in company("plan").out
    company.settle()
    company.write({"mail.yaml": MAIL})
    assert "events:  (edited in Git)\n      + system\n" in company("plan").out
