"""Law 7 at every write: each is refused once, echoing all it carried; reprs, tracebacks and logs are searched too."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.engine.plan import Plan
from reconciler.engine.result import Applied
from reconciler.errors import ReconcilerError
from reconciler.report.applied_text import applied_text
from reconciler.report.document import applied_document, json_text, plan_document
from reconciler.report.plan_text import plan_text
from tests.laws.life import DESTROY, Life, life
from tests.laws.quickstart import FILES, edited
from tests.laws.test_silent import forms
from tests.stage import Serve, serve

CANARY = 'canary/äß+"quoted" & \\ yes=1'
TOKENS = {"WALLARM_API_TOKEN": "canary+of/wallarm==0123456789", "OPSGENIE_API_KEY": "canary-of-opsgenie-0123456789"}
FILES_WITH_ENV = FILES | {
    "more.yaml": "apiVersion: wallarm/v1\nkind: Integration\nmetadata: {name: by-env}\n"
    "spec: {type: opsgenie, target: {token: {env: CANARY}, api: us}}\n"
}


@dataclass
class Listener:
    """Everything that a run writes or says, to be searched."""

    heard: list[str] = field(default_factory=list)

    def plan(self, plan: Plan) -> None:
        self.heard += [plan_text(plan, width=100, color=False, verbose=True), json_text(plan_document(plan))]
        self.heard += [repr(plan), repr(plan.draft), repr(plan.changes), repr(plan.draft.access)]

    def applied(self, plan: Plan, applied: Applied) -> None:
        self.plan(plan)
        self.heard += [applied_text(applied, plan, width=100, color=False), json_text(applied_document(applied))]
        self.heard.append(repr(applied))

    def ledger(self, one: Life) -> None:
        self.heard += [body.decode() for body in one.drawer.ever]

    def go(self, one: Life, destroy: bool = False) -> None:
        asked = DESTROY if destroy else None
        try:
            self.plan(one.plan(asked))
            self.applied(*one.go(asked))
        except ReconcilerError as error:
            self.heard += [str(error), repr(error), "".join(traceback.format_exception(error))]
        self.ledger(one)

    def assert_silent(self, one: Life) -> None:
        state = one.vendor("opsgenie")
        secrets = [CANARY, *TOKENS.values(), *state["keys"], *state["revoked"]]
        assert len(secrets) >= 3
        text = "\n".join(self.heard)
        assert len(text) > 1_000
        for secret in secrets:
            for form in forms(secret):
                at = text.find(form)
                assert at < 0, (form, text[max(0, at - 300) : at + 100])


def echoing(at: int, answer: Serve) -> tuple[Serve, list[str]]:
    """Refuses the `at`-th write, with all it was told in every encoding; tells which one that was."""
    met: list[str] = []
    numbers = count()

    def one(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        if method != "GET" and not target.endswith("/v1/user") and next(numbers) == at:
            met.append(target)
            said = body.decode() + headers.get("authorization", "") + headers.get("x-wallarmapi-token", "")
            said += base64.b64encode(said.encode()).decode() + quote(said, safe="") + json.dumps(said)
            return 422, {"content-type": "application/json"}, json.dumps({"message": said, "body": said}).encode(), 0.0
        return answer(method, target, headers, body)

    return one, met


@pytest.fixture
def begun(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Life:
    caplog.set_level(logging.DEBUG)
    one = life(tmp_path, FILES_WITH_ENV)
    one.environ |= TOKENS | {"CANARY": CANARY}
    return one


def test_a_whole_life_is_silent(begun: Life, caplog: pytest.LogCaptureFixture) -> None:
    listener = Listener()
    listener.go(begun)
    begun.edited(edited())
    listener.go(begun)
    begun.edit("wallarm", "integrations/opsgenie-alerts", {"active": False})
    begun.edit("opsgenie", "integrations/wallarm-alerts", {"enabled": False})
    begun.environ["CANARY"] = "another-one"
    listener.go(begun)
    listener.go(begun, destroy=True)
    listener.heard.append(caplog.text)
    listener.assert_silent(begun)


@pytest.mark.parametrize("settings", ["masked", "clear"])
def test_whatever_is_echoed_is_cut(begun: Life, caplog: pytest.LogCaptureFixture, settings: str) -> None:
    """Every write of an apply and of an update is refused once, with all it carried in the vendor's own words."""
    begun.settings(wallarm={"secrets": settings})
    updating = begun.fork()
    updating.go()
    updating.loaded = None
    for start in (begun, updating):
        for at in count():
            one, listener = start.fork(), Listener()
            one.serve, met = echoing(at, serve(one.sandbox))
            if start is updating:
                one.edited(edited() | {"more.yaml": FILES_WITH_ENV["more.yaml"].replace("api: us", "api: eu")})
            listener.go(one)
            if not met:
                break
            listener.heard.append(caplog.text)
            listener.assert_silent(one)
            caplog.clear()
        assert at > 5
        begun.edited(FILES_WITH_ENV)


def test_secrets_that_a_vendor_shows_in_clear_are_hidden(begun: Life) -> None:
    begun.settings(wallarm={"secrets": "clear"})
    begun.go()
    begun.edit("wallarm", "integrations/opsgenie-alerts", {"active": False, "unknown_key": {"password": CANARY}})
    listener = Listener()
    listener.go(begun)
    listener.assert_silent(begun)
