"""Settling: what became of a create whose answer nobody saw, decided by looking and never by guessing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from reconciler.engine.access import Access
from reconciler.engine.live import Live, LiveObject
from reconciler.engine.overlay import contains
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Hidden, Keep, Link, Ref, Secret, Text, Tree, replace
from reconciler.ledger.entries import Entry, Intent


@dataclass(frozen=True)
class Settled:
    """What an open create came to: `entry` where the object is proven ours, `doubtful` ids where it cannot be told.

    Neither: it was not done. `lost` names the once-only outputs that were in the answer nobody saw; `blind` is one that
    cannot be looked for at all.
    """

    intent: Intent
    entry: Entry | None = None
    doubtful: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    blind: bool = False


Look = Callable[[], Awaitable[None]]
Detail = Callable[[LiveObject], Awaitable[LiveObject | None]]


async def settle_open(
    access: Access, live: Live, kind: Kind, intents: list[Intent], relist: Look, detail: Detail
) -> list[Settled]:
    """Look for what each open create made, until the vendor would surely show it."""
    creates = [intent for intent in intents if intent.effect == "creates"]
    host_of = {intent.ident: _host(access, intent) for intent in creates}

    def candidates(intent: Intent) -> list[LiveObject]:
        what = what_of(intent)
        bearers = live.bearers(host_of[intent.ident], kind.id, tuple(what["key"]))
        return [one for one in bearers if one.id not in what["before"]]

    waited, pause = 0.0, min(0.5, kind.settles)
    while any(not candidates(intent) for intent in creates) and waited < kind.settles:
        await access.clock.sleep(pause)
        waited += pause
        pause = min(pause * 2, max(kind.settles - waited, 0.1))
        await relist()
    return [await judge(kind, intent, candidates(intent), detail) for intent in creates]


async def judge(kind: Kind, intent: Intent, found: list[LiveObject], detail: Detail) -> Settled:
    if not found:
        return Settled(intent)
    whole = [one for near in found if (one := await detail(near)) is not None]
    what = what_of(intent)
    if len(whole) == 1 and contains(kind.shape, decode(what["payload"]), with_ids(whole[0].tree)):
        once = tuple(output.name for output in kind.outputs if output.once)
        entry = entry_from({**what["entry"], "id": whole[0].id, "born": whole[0].born})
        return Settled(intent, entry, lost=once)
    return Settled(intent, doubtful=tuple(sorted(one.id for one in whole)))


_ENTRY = TypeAdapter(Entry)


def entry_from(data: Mapping[str, Any]) -> Entry:
    """An entry as it stands in an intent."""
    return _ENTRY.validate_python(data)


def entry_data(entry: Entry) -> dict[str, Any]:
    """An entry as it goes into an intent."""
    data: dict[str, Any] = _ENTRY.dump_python(entry, mode="json")
    return data


def _host(access: Access, intent: Intent) -> str:
    address = Address.parse(intent.address)
    assert address is not None
    return address.host


def what_of(intent: Intent) -> Mapping[str, Any]:
    assert isinstance(intent.what, dict)
    return intent.what


# ── payloads as JSON, references by id ──────────────────────────────────────────────────────────────────────────────

_KEEP = {"$keep": True}


def with_ids(tree: Tree, ids: Callable[[Link], str | None] = lambda link: link.id) -> Tree:
    """A tree as JSON with references by id: equal trees mean the same objects, whatever those are called."""

    def one(leaf: Tree) -> Tree:
        match leaf:
            case Link():
                return {"$id": ids(leaf)}
            case Ref(by="id"):
                return {"$id": leaf.value[0]}
            case Secret() | Hidden() | Keep() | Text():
                return _KEEP
            case _:
                return leaf

    return replace(tree, one)


def decode(payload: Tree) -> Tree:
    """A stored payload with its secrets as `keep`, which any live value satisfies."""
    if isinstance(payload, Mapping):
        if payload == _KEEP:
            return Keep()
        return {name: decode(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [decode(value) for value in payload]
    return payload
