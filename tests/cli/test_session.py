"""Session: what is said of waiting, and which keys are used when."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from reconciler.cli.options import Common
from reconciler.cli.session import Session, open_session
from reconciler.http.client import Waiting
from reconciler.ledger.seal import VARIABLE
from tests.cli.shell import Shell
from tests.stage import SEAL_KEY


def wait(session: Session, *waits: tuple[str, float]) -> None:
    for host, seconds in waits:
        session._waits_at(Waiting(host, seconds, "HTTP 429: too many requests"))


def test_a_wait_is_told_once_for_each_account_and_short_ones_never(quickstart: Shell) -> None:
    session = open_session(Common())
    quickstart.capsys.readouterr()
    wait(session, ("opsgenie", 0.4), ("opsgenie", 1.2), ("opsgenie", 2.0), ("wallarm", 3.0))
    assert quickstart.capsys.readouterr().err == (
        "opsgenie: asked again in 1.2 s: HTTP 429: too many requests\n"
        "wallarm: asked again in 3.0 s: HTTP 429: too many requests\n"
    )


def test_every_wait_is_told_where_more_is_asked_for(quickstart: Shell) -> None:
    session = open_session(Common(verbose=True))
    wait(session, ("opsgenie", 0.4), ("opsgenie", 0.5))
    assert quickstart.capsys.readouterr().err.count("asked again") == 2


def test_a_short_wait_is_told_too_where_nothing_was_said_for_long(quickstart: Shell) -> None:
    session = replace(open_session(Common()), _began=time.monotonic() - 60)
    wait(session, ("opsgenie", 0.4), ("opsgenie", 0.5))
    assert quickstart.capsys.readouterr().err == "opsgenie: asked again in 0.4 s: HTTP 429: too many requests\n"


def test_a_plan_before_the_first_apply_compares_with_a_key_of_its_own(quickstart: Shell) -> None:
    session = open_session(Common())
    before = quickstart.files()
    states = asyncio.run(session.states())
    assert session.seals() is None
    assert session.seals_to_look(states) is not None
    assert quickstart.files() == before


def test_a_shared_ledger_takes_its_key_from_the_environment_alone(
    quickstart: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickstart.replace("reconciler.yaml", "accounts:", "ledger: s3://bucket/prefix\naccounts:")
    session = open_session(Common())
    assert (session.seals_to_look({}), session.seals_to_write()) == (None, None)
    monkeypatch.setenv(VARIABLE, SEAL_KEY)
    assert session.seals_to_look({}) is not None
    assert session.seals_to_write() is not None


def test_the_sandbox_does_not_use_the_key_of_the_true_ledger(
    quickstart: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, SEAL_KEY)
    assert open_session(Common(sandbox=True)).seals() is None
