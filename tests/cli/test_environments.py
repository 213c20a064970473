"""Environments on the command line: two of them on one account never touch each other's objects."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell

PROJECT = """
apiVersion: reconciler/v1
kind: Project
metadata: {name: shop}
environments:
  prod: {variables: {suffix: -prod}}
  staging: {variables: {suffix: -staging}}
"""
TEAM = """
apiVersion: opsgenie/v1
kind: Team
metadata: {name: payments}
spec:
  name: payments${var.suffix}
"""


@pytest.fixture
def both(shell: Shell) -> Shell:
    shell.write("reconciler.yaml", PROJECT)
    shell.write("team.yaml", TEAM)
    for environment in ("prod", "staging"):
        assert shell.sandboxed("apply", "--yes", "-e", environment).code == 0
    return shell


def test_each_has_its_own_objects_and_ledger(both: Shell) -> None:
    for environment in ("prod", "staging"):
        ran = both.sandboxed("plan", "-e", environment)
        assert "Nothing to change: 1 object in opsgenie is as Git says" in ran.said
        assert "1 object" in both.sandboxed("ledger", "list", "-e", environment).said


def test_what_another_one_keeps_is_not_adopted(both: Shell) -> None:
    other = TEAM.replace("{name: payments}", "{name: other}").replace("payments${var.suffix}", "payments-prod")
    both.write("other.yaml", other)
    ran = both.sandboxed("plan", "-e", "staging", "--target", "opsgenie/Team/other")
    assert "belongs to the environment prod (opsgenie/Team/payments)" in ran.said
    assert both.sandboxed("apply", "--yes", "-e", "staging").code == 1


def test_a_snapshot_knows_what_another_one_keeps(both: Shell) -> None:
    other = TEAM.replace("{name: payments}", "{name: other}").replace("payments${var.suffix}", "payments-prod")
    both.write("other.yaml", other)
    assert both.sandboxed("snapshot", "-e", "staging", "-o", "s.json").code == 0
    ran = both.sandboxed("plan", "-e", "staging", "--snapshot", "s.json", "--target", "opsgenie/Team/other")
    assert "belongs to the environment prod (opsgenie/Team/payments)" in ran.said


def test_none_chosen_where_a_variable_needs_one_says_so(both: Shell) -> None:
    ran = both.sandboxed("validate")
    assert ran.code == 1
    assert "team.yaml:6:9: spec.name: ${var.suffix} is not set choose an environment: -e prod" in ran.said
