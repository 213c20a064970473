"""Signals that nobody can look for: with a new ledger a person says whether they were sent."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell

PROJECT = """
apiVersion: reconciler/v1
kind: Project
metadata: {name: shop}
accounts: {pagerduty: {token: {env: PAGERDUTY_TOKEN}}}
"""
EVENT = """
apiVersion: pagerduty/v1
kind: ChangeEvent
metadata: {name: NAME}
spec:
  routing_key: {env: ROUTING_KEY}
  payload: {summary: NAME is out, source: ci, timestamp: "2026-01-05T10:00:00Z"}
"""
BLIND = "pagerduty/ChangeEvent/"


@pytest.fixture
def unknown(shell: Shell) -> Shell:
    """Two change events by a key that leads to no service known here, and a ledger that knows nothing yet."""
    shell.write("reconciler.yaml", PROJECT)
    shell.write("one.yaml", EVENT.replace("NAME", "one"))
    shell.write("two.yaml", EVENT.replace("NAME", "two"))
    return shell


def test_the_plan_asks_and_sends_nothing(unknown: Shell) -> None:
    ran = unknown.sandboxed("plan")
    assert "2 doubtful in pagerduty" in ran.said
    assert f"find out whether it was sent, then: reconciler ledger settle {BLIND}one --sent, or --unsent" in ran.said
    assert unknown.sandboxed("apply", "--yes").code == 1
    assert "2 doubtful in pagerduty" in unknown.sandboxed("plan").said


def test_what_was_sent_is_not_sent_again(unknown: Shell) -> None:
    assert unknown.sandboxed("ledger", "settle", f"{BLIND}one", "--sent").out == f"{BLIND}one was sent\n"
    ran = unknown.sandboxed("plan")
    assert "1 doubtful in pagerduty; 1 other is as Git says" in ran.said


def test_what_was_not_sent_is_sent(unknown: Shell) -> None:
    ran = unknown.sandboxed("ledger", "settle", f"{BLIND}one", "--unsent")
    assert ran.out == f"{BLIND}one was not sent; the next apply sends it\n"
    assert f"create {BLIND}one" in unknown.sandboxed("plan").said


def test_of_what_is_known_nobody_is_asked(unknown: Shell) -> None:
    unknown.sandboxed("ledger", "settle", f"{BLIND}one", "--sent")
    ran = unknown.sandboxed("ledger", "settle", f"{BLIND}one", "--sent")
    assert ran.code == 1
    assert f"no sending of {BLIND}one is in doubt" in ran.said
