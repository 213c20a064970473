"""Law 4 with true processes: `kill -9` while an apply is under way, then the next apply."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from reconciler.ledger.seal import Seals
from reconciler.ledger.store import Store
from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.laws.life import Life, counted
from tests.laws.quickstart import FILES
from tests.program import Program
from tests.stage import ENVIRON

RUNS = 20
REQUESTS = 24  # an apply of the quickstart and its reading
ENOUGH = 30.0


def project(root: Path, url: str) -> None:
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    (root / "reconciler.yaml").write_text(
        # The key that Wallarm is given is tried in its region, which must lead here as well.
        "apiVersion: reconciler/v1\nkind: Project\nmetadata: {name: quickstart}\naccounts:\n"
        f'  opsgenie: {{api_key: {{env: OPSGENIE_API_KEY}}, region: eu, url: "{url}/opsgenie"}}\n'
        f'  wallarm: {{token: {{env: WALLARM_API_TOKEN}}, url: "{url}/wallarm"}}\n',
        encoding="utf-8",
    )


def die(forked: Program, root: Path, sandbox: Sandbox, requests: int, later: float) -> None:
    """One `apply` that is killed a moment after so many requests have arrived, or has ended by then."""
    with open(os.devnull, "r+") as nothing:
        apply = forked.start(["apply", "--yes"], root, ENVIRON, (nothing.fileno(),) * 3)
    began = time.monotonic()
    while len(sandbox.log) < requests and not apply.ended and time.monotonic() - began < ENOUGH:
        time.sleep(0.002)  # the other process tells nothing but its requests
    time.sleep(later)  # so that it dies between requests, too
    apply.kill()


@pytest.mark.slow
@pytest.mark.parametrize("run", range(RUNS))
def test_an_apply_that_was_killed_is_finished_by_the_next(forked: Program, tmp_path: Path, run: int) -> None:
    dice = random.Random(run)
    sandbox = Sandbox(seed=run)
    with serve(sandbox, latency=0.01) as served:
        project(tmp_path, served.url)
        die(forked, tmp_path, sandbox, 6 + run * (REQUESTS - 6) // RUNS, dice.random() * 0.02)
    folder = tmp_path / ".reconciler" / "ledger"
    seals = Seals.find({}, folder) or Seals.make(folder)
    one = Life(tmp_path, sandbox, seals=seals)
    one.store = Store.open("file:.reconciler/ledger", tmp_path)
    applied = one.go()[1]
    assert [(str(result.change.address), result.text) for result in applied.results if result.ending != "done"] == []
    assert one.plan().empty
    assert counted(one.objects())["opsgenie/integrations"] == 1
    assert counted(one.objects())["wallarm/integrations"] == 1
    assert [delivery["delivered"] for delivery in one.incident()] == [True]
