"""Loose ends: references of live objects to what is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.engine.access import Access
from reconciler.engine.names import Names
from reconciler.engine.plan import Plan
from reconciler.engine.reading import Where
from reconciler.errors import Place, VendorError
from reconciler.kinds.tree import Ref, spell, walk

GONE = frozenset({404, 410})


@dataclass(frozen=True)
class LooseEnd:
    """A live object's field that names what is not there. `owner` is an address where the object is `ours`."""

    host: str
    owner: str
    path: str
    kind: str
    id: str
    ours: bool
    place: Place | None = None


async def loose_ends(access: Access, plan: Plan, listed: frozenset[Where]) -> list[LooseEnd]:
    """References of everything that was read to what no list of its kind has, and no GET finds either."""
    seen = {(one.host, one.id) for one in plan.draft.world.live.everything()}
    found = [one for one in _references(plan, listed) if (one.host, one.id) not in seen]
    wanted = sorted({(one.host, one.kind, one.id) for one in found})
    there = dict(zip(wanted, await asyncio.gather(*(_is_there(access, *one) for one in wanted)), strict=True))
    return [one for one in found if not there[one.host, one.kind, one.id]]


def _references(plan: Plan, listed: frozenset[Where]) -> Iterator[LooseEnd]:
    names, manifests = plan.draft.world.names, plan.draft.access.project.manifests
    for one in plan.draft.world.live.everything():
        owner = names.owners.get((one.host, one.kind.id, one.id))
        manifest = manifests.get(owner) if owner is not None else None
        called = f' "{one.label}"' if isinstance(one.label, str) else ""
        for path, leaf in walk(one.tree):
            if isinstance(leaf, Ref) and (ident := _meant(names, leaf, one.host, listed)) is not None:
                yield LooseEnd(
                    names.host_of(leaf, one.host),
                    str(owner) if owner is not None else f"{one.host}/{one.kind.name} id {one.id}{called}",
                    spell(path),
                    leaf.kind,
                    ident,
                    owner is not None,
                    manifest.place(path) if manifest is not None else None,
                )


def _meant(names: Names, leaf: Ref, host: str, listed: frozenset[Where]) -> str | None:
    """The id, or the key, that a reference names; None where it is known, or its kind was not read whole."""
    if (names.host_of(leaf, host), leaf.kind) not in listed:
        return None
    if leaf.by == "existing":
        return None if names.existing(leaf, names.host_of(leaf, host)) else "/".join(leaf.value)
    return leaf.value[0] if leaf.by == "id" else None


async def _is_there(access: Access, host: str, kind_id: str, ident: str) -> bool:
    """Whether the vendor has what no list showed, since lists leave out and lag; yes where it does not say."""
    place = access.kinds[kind_id].place
    if not place.item_read or place.path_fields:
        return False
    values = {**access.facts.get(host, {}), "id": ident}
    try:
        found = await access.one(host, place.item_path, values, place.item_envelope, GONE, place.item_query)
    except VendorError:
        return True
    return found is not None
