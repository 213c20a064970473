"""Doubt: signals that nobody can look for, and of which a new ledger does not know whether they were sent."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.engine.access import Access
from reconciler.engine.names import LookUpFailed
from reconciler.engine.reading import World
from reconciler.engine.record import entry_of, instant
from reconciler.engine.settle import entry_data
from reconciler.kinds.signal import Seeing
from reconciler.kinds.step import Context
from reconciler.ledger.entries import Intent
from reconciler.manifest.project import Manifest


def unknown(world: World, manifest: Manifest, context: Context) -> bool:
    """Whether nobody can say if a signal was sent: it cannot be looked for, and its ledger knows nothing yet."""
    signal, state = manifest.kind.signal, world.states.get(manifest.address.host)
    if signal is None or signal.keyed or state is None or not state.new:
        return False
    return not signal.queries(manifest.declared, manifest.metadata.id, Seeing(context, lambda leaf: None))


def doubts(access: Access, world: World) -> Iterator[tuple[str, Intent]]:
    """What an apply must write down of them, by account, since the ledger will not be new any more: one open request
    each, until a person says what came of it."""
    for address, manifest in sorted(access.project.manifests.items()):
        if manifest.kind.signal is None or not unknown(world, manifest, access.context(address.host)):
            continue
        try:
            bound = world.names.bind(manifest.declared, address.host)
        except LookUpFailed:
            bound = {}
        now = access.clock.now()
        entry = entry_of(manifest, "", bound, None, now, revision=access.revision)
        what = {"step": "send", "blind": True, "key": list(entry.key), "before": [], "payload": {}}
        yield (
            address.host,
            Intent(f"new {address}", str(address), 0, "creates", {**what, "entry": entry_data(entry)}, instant(now)),
        )
