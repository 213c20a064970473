"""`apply` and `destroy`: what keeps them from starting, what they say at the end, and law 1's own check."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from reconciler.cli.carrying import unsettled
from reconciler.cli.sandboxed import Sandboxed
from reconciler.engine.apply import Run
from reconciler.engine.result import Applied
from reconciler.ledger import ledger
from reconciler.ledger.holder import Holder
from reconciler.ledger.store import Store
from reconciler.sandbox.server import Serving
from tests.cli.shell import QUICKSTART, Shell
from tests.stage import Stage

SECOND = """
apiVersion: opsgenie/v1
kind: Team
metadata: {name: second}
spec: {description: Another}
"""


def test_where_nobody_can_be_asked_it_needs_a_word(quickstart: Shell) -> None:
    ran = quickstart.sandboxed("apply")
    assert ran.code == 1
    assert "nobody can be asked here whether these changes shall be made say so with --yes" in ran.said
    assert quickstart.sandboxed("plan").out.startswith("7 to create")


def test_with_nothing_to_do_nobody_is_asked(quickstart: Shell) -> None:
    quickstart.settle()
    ran = quickstart.sandboxed("apply")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Nothing to change")


def test_in_ci_a_folder_is_no_ledger_unless_that_is_meant(
    served: tuple[Shell, Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, _ = served
    monkeypatch.setenv("CI", "true")
    before = shell.files()
    for command in ("apply", "destroy"):
        ran = shell(command, "--yes")
        assert (ran.code, ran.out) == (1, "")
        assert "CI is set, and the ledger file:.reconciler/ledger is a folder" in ran.said
        assert "ledger: {url: file:.reconciler/ledger, ephemeral: true}" in ran.said
    assert shell.files() == before
    with (shell.folder / "reconciler.yaml").open("a") as file:
        file.write("ledger: {url: file:.reconciler/ledger, ephemeral: true}\n")
    assert shell("apply", "--yes").code == 0


def test_plan_writes_nothing_and_apply_makes_ledger_and_key(served: tuple[Shell, Serving]) -> None:
    shell, _ = served
    before = shell.files()
    assert shell("plan").out.startswith("7 to create")
    assert shell.files() == before
    assert shell("apply", "--yes").code == 0
    key = shell.folder / ".reconciler" / "ledger.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert shell("plan").out.startswith("Nothing to change")


def test_guards_show_before_anybody_is_asked(quickstart: Shell) -> None:
    quickstart.settle()
    for name in ("opsgenie.yaml", "wallarm.yaml"):
        (quickstart.folder / name).unlink()
    ran = quickstart.sandboxed("apply")
    assert ran.code == 1
    assert "the plan deletes 6 objects, the limit is 5 (guards.max_deletes)" in ran.said
    assert "nobody can be asked" not in ran.said


def test_one_run_may_be_allowed_more_deletes(quickstart: Shell) -> None:
    quickstart.replace("reconciler.yaml", "accounts:", "guards: {max_deletes: 0}\naccounts:")
    quickstart.write("second.yaml", SECOND)
    quickstart.settle()
    (quickstart.folder / "second.yaml").unlink()
    assert "the plan deletes 1 object, the limit is 0" in quickstart.sandboxed("apply", "--yes").said
    ran = quickstart.sandboxed("apply", "--yes", "--max-deletes", "1")
    assert (ran.code, "deleted opsgenie/Team/second" in ran.out) == (0, True)


def test_what_is_blocked_makes_the_run_fail_and_the_rest_is_done(quickstart: Shell) -> None:
    quickstart.settle()
    quickstart.replace("wallarm.yaml", "template: incidents_exceeded", "template: attacks_exceeded")
    quickstart.replace("opsgenie.yaml", "Payments and checkout", "Payments")
    ran = quickstart.sandboxed("apply", "--yes")
    assert ran.code == 1
    assert "updated opsgenie/Team/payments" in ran.out
    assert "1 not possible as planned" in ran.said


def test_a_failed_change_is_reported_and_ends_with_1(served: tuple[Shell, Serving]) -> None:
    shell, serving = served
    post(serving, "/__faults", [{"fault": "status", "status": 422, "method": "POST", "path": "/opsgenie/v2/schedules"}])
    ran = shell("apply", "--yes")
    assert ran.code == 1
    assert "POST /v2/schedules" in ran.out
    assert "skipped" in ran.out
    assert shell("apply", "--yes").code == 0


def test_who_holds_the_lease_is_told(served: tuple[Shell, Serving]) -> None:
    shell, _ = served
    shell("apply", "--yes")

    async def while_held() -> None:
        store = Store.open("file:.reconciler/ledger", shell.folder)
        other = Holder("ann", "her-laptop", 1, "2026-03-01T09:00:00Z")
        held = await ledger.take(store, "quickstart/opsgenie@default", other, ttl=0.3)
        ran = await asyncio.to_thread(shell, "ledger", "forget", "opsgenie/Team/payments")
        await held.close()
        assert ran.code == 1
        assert "is being applied by ann on her-laptop (process 1) since 2026-03-01T09:00:00Z" in ran.said

    asyncio.run(while_held())


def test_the_report_goes_to_a_file_and_the_plan_to_whom_it_concerns(quickstart: Shell) -> None:
    ran = quickstart.sandboxed("apply", "--yes", "-o", "report.txt")
    assert (ran.code, ran.out) == (0, "")
    assert "7 to create" in ran.err
    assert "7 created" in (quickstart.folder / "report.txt").read_text()


# ── law 1 ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_an_apply_left_undone_is_called_a_bug_with_field_and_both_values(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({file.name: file.read_text() for file in QUICKSTART.glob("*.yaml")})
    plan = stage.plan()
    stage.apply()
    assert unsettled(plan, stage.plan()) is None
    stage.edit("opsgenie", "schedules/payments-oncall", {"description": "moved"})
    left = unsettled(plan, stage.plan())
    assert left is not None
    text = str(left)
    assert "opsgenie/Schedule/payments-oncall: description: the vendor has moved" in text
    assert "Git says Who is on call for payments" in text
    assert "this is a bug of reconciler" in text


def test_an_apply_that_does_not_settle_ends_with_1(quickstart: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, go = Sandboxed.open, Run.go
    worlds: list[Sandboxed] = []

    def remember(root: Path) -> Sandboxed:
        worlds.append(opened(root))
        return worlds[-1]

    async def go_and_undo(self: Run) -> Applied:
        applied = await go(self)
        edit = {"vendor": "opsgenie", "path": "teams/payments", "json": {"description": "undone"}}
        worlds[-1].control("/__edit", edit)
        return applied

    monkeypatch.setattr(Sandboxed, "open", remember)
    monkeypatch.setattr(Run, "go", go_and_undo)
    ran = quickstart.sandboxed("apply", "--yes")
    assert ran.code == 1
    assert "7 created" in ran.out
    assert "description: the vendor has undone, Git says Payments and checkout" in ran.said


def post(serving: Serving, path: str, body: object) -> None:
    data = json.dumps(body).encode()
    with urlopen(Request(serving.url + path, data, method="POST"), timeout=10) as answer:
        assert answer.status == 200
