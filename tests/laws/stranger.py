"""Stranger: somebody with an account that is lived in and an empty project, who imports what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from reconciler.engine.harvest import Harvest, Wish, harvest
from reconciler.engine.plan import Plan
from reconciler.engine.retold import Retold
from reconciler.ledger import ledger
from reconciler.manifest.export import Export, document_text
from reconciler.sandbox.world import Sandbox
from tests.laws.life import Life
from tests.stage import Stage

# Asked with POST, and reads all the same.
_READS = ("/v1/user", "/v1/objects/pool", "/slo/search", "/integrations/authenticate")


def imported(stage: Stage, names: Sequence[str] = ()) -> Harvest:
    """Import everything that can be listed, and what is named; the manifests stand in `imported.yaml`."""
    found = asyncio.run(_imported(stage, names))
    stage.write({"imported.yaml": document_text(map(export, found.retold))})
    if isinstance(stage, Life):
        stage.loaded = None
    return found


async def _imported(stage: Stage, names: Sequence[str]) -> Harvest:
    access = stage.access()
    states = {host: await ledger.read(stage.store, access.prefix(host)) for host in access.project.accounts}
    wishes = [
        Wish(host, kind)
        for host, account in access.project.accounts.items()
        for kind in account.vendor.kinds
        if not kind.looked_up and kind.signal is None and not kind.catalogue
    ]
    for name in names:
        host, kind, which = name.split("/", 2)
        wishes.append(Wish(host, access.kinds[f"{host}/{kind}"], which))
    return await harvest(access, states, wishes)


def written(stage: Stage) -> list[str]:
    """What the vendors were asked to change."""
    asked = [(one["method"], one["path"]) for one in stage.sandbox.log if "/__" not in one["path"]]
    return [f"{method} {path}" for method, path in asked if method != "GET" and not path.endswith(_READS)]


def stranger(root: Path, sandbox: Sandbox, project: str) -> Stage:
    """Somebody new in a world; from now on it is counted what is asked of it."""
    sandbox.log.clear()
    made = Stage(root, sandbox=sandbox)
    made.write({"reconciler.yaml": project})
    return made


def export(one: Retold) -> Export:
    return Export(one.address, one.kind.api, one.spec, one.id if one.bound else None, one.left_out)


def told(plan: Plan) -> list[str]:
    """What a plan would do, in words."""
    return [
        f"{one.word} {one.address}: {one.why} {[(each.path, each.old, each.new) for each in one.fields]}"
        for one in (*plan.writes, *plan.not_done)
    ]


def assert_faithful(one: Stage, names: Sequence[str] = ()) -> Harvest:
    """Law 2: a plan after the import is empty, every manifest means an object, and nothing was written."""
    found = imported(one, names)
    plan = one.plan()
    assert told(plan) == []
    assert plan.facts.not_read == {}
    assert plan.facts.objects == len(found.retold)
    assert found.unread == ()
    assert written(one) == []
    return found
