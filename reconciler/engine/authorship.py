"""Authorship: who changed what drifted, and when, as far as vendors tell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from reconciler.engine.access import Access
from reconciler.engine.change import Change, FieldChange
from reconciler.engine.live import LiveObject
from reconciler.engine.plan import Plan
from reconciler.engine.sighting import Questions
from reconciler.errors import VendorError
from reconciler.kinds.trail import Authored

Authors = dict[tuple[Change, str], Authored]
_EARLIEST = datetime.min.replace(tzinfo=UTC)


async def authorship(
    access: Access, plan: Plan, drift: Iterable[tuple[Change, FieldChange]], untold: list[str]
) -> Authors:
    """By change and field, the write that did it. Why a vendor does not tell goes to `untold`."""
    by_change: dict[Change, list[FieldChange]] = {}
    for change, field in drift:
        by_change.setdefault(change, []).append(field)
    found: Authors = {}

    async def one(change: Change, fields: list[FieldChange]) -> None:
        try:
            writes = await _since_applied(access, plan, change)
        except VendorError as error:
            untold.append(error.problems[0].text)
            return
        found.update({(change, field.path): who for field in fields if (who := _who(field, writes)) is not None})

    await asyncio.gather(*(one(change, fields) for change, fields in by_change.items()))
    return found


async def _since_applied(access: Access, plan: Plan, change: Change) -> list[Authored]:
    """The writes to a change's object since ours was recorded, the newest first."""
    claim, world = plan.draft.world.claims.get(change.address), plan.draft.world
    if claim is None or claim.live is None or change.kind.trail is None:
        return []
    entry = world.entry(change.address, change.address.host)
    applied = _moment(entry.at) if entry is not None else _EARLIEST
    writes = [(_moment(one.at), one) for one in await _writes(access, plan, claim.live)]
    return [one for at, one in sorted(writes, key=lambda pair: pair[0], reverse=True) if at >= applied]


async def _writes(access: Access, plan: Plan, live: LiveObject) -> list[Authored]:
    trail = live.kind.trail
    assert trail is not None
    questions = Questions(access, plan.draft.world)
    asked = trail.queries(live.id, access.context(live.host))
    answers = await asyncio.gather(*(questions.answer(live.host, query) for query in asked))
    return list(trail.authors(live.raw, answers))


def _who(field: FieldChange, writes: Sequence[Authored]) -> Authored | None:
    """The newest write that names the field; else the newest of those that do not say what they changed."""
    top = field.path.partition(".")[0].removesuffix("[]")
    named = next((one for one in writes if top in one.fields), None)
    return named or next((one for one in writes if not one.fields), None)


def _moment(text: str) -> datetime:
    """Whole seconds, as the ledger has them."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _EARLIEST
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)
