"""Rank: our objects' places in a list in which others stand too. Ours keep their order; others are not moved."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reconciler.engine.access import Access
from reconciler.engine.names import LookUpFailed
from reconciler.engine.reading import World
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Object, Ref
from reconciler.manifest.project import Manifest

Where = tuple[str, str, str]


@dataclass
class Ranks:
    """The places that manifests give to their objects, list by list: account, kind and parent."""

    world: World
    manifests: Iterable[Manifest]

    def shown(self, manifest: Manifest, live: Object) -> Object:
        """The live tree with the object's place among ours, in the manifests' numbers, for its place among all.

        Objects that need not move bear the number that is wanted; as few as can be bear another.
        """
        name, wanted = manifest.kind.ranked, self._wanted(manifest)
        if name is None or manifest.address not in wanted or not isinstance(live.get(name), int):
            return live
        line = [address for address in self._line(manifest, name) if address in wanted]
        if manifest.address not in line:
            return live
        numbers = [wanted[address] for address in line]
        at = line.index(manifest.address)
        return {**live, name: numbers[at] if at in staying(numbers) else sorted(numbers)[at]}

    def ids(self, manifest: Manifest) -> dict[str, int]:
        """By id, the numbers wanted for the objects of the manifest's list that are live by now."""
        found = ((self._id(address), number) for address, number in self._wanted(manifest).items())
        return {ident: number for ident, number in found if ident is not None}

    def _line(self, manifest: Manifest, name: str) -> list[Address]:
        """Our live objects of the manifest's list in the order they stand in."""
        live = self.world.live.of(manifest.address.host, manifest.kind.id)
        places: dict[Address, int] = {}
        for address in self._wanted(manifest):
            found = live.get(self._id(address) or "")
            place = found.tree.get(name) if found else None
            if isinstance(place, int):
                places[address] = place
        return sorted(places, key=lambda address: places[address])

    def _id(self, address: Address) -> str | None:
        known = self.world.names.ids.get(address)
        if known is not None:
            return known
        entry = self.world.entry(address, address.host)  # not planned in this run, and ours all the same
        return entry.id if entry else None

    def _wanted(self, manifest: Manifest) -> Mapping[Address, int]:
        where = self._where(manifest)
        return self._lists.get(where, {}) if where else {}

    @cached_property
    def _lists(self) -> dict[Where, dict[Address, int]]:
        found: dict[Where, dict[Address, int]] = {}
        for manifest in self.manifests:
            where = self._where(manifest)
            if where is not None:
                found.setdefault(where, {})[manifest.address] = manifest.declared[manifest.kind.ranked or ""]
        return found

    def _where(self, manifest: Manifest) -> Where | None:
        """The list an object stands in; None where its place is not managed."""
        kind, host = manifest.kind, manifest.address.host
        if kind.ranked is None or not isinstance(manifest.declared.get(kind.ranked), int):
            return None
        if (kind.ranked,) in manifest.metadata.lifecycle.ignore:
            return None
        parent = manifest.declared.get(kind.place.parent or "")
        try:
            return host, kind.id, self.world.names.link(parent, host).identity if isinstance(parent, Ref) else ""
        except LookUpFailed:
            return None


def staying(numbers: Sequence[int]) -> set[int]:
    """Positions that need not move for the numbers to rise: as many as can be.

    One that moves must not stand where its own number belongs, or nobody would see that it is out of order; where
    that cannot be had, just those stay whose number belongs where they stand.
    """
    ends: list[int] = []
    tails: list[int] = []
    before: list[int | None] = []
    for position, number in enumerate(numbers):
        place = bisect_right(ends, number)
        before.append(tails[place - 1] if place else None)
        ends[place : place + 1] = [number]
        tails[place : place + 1] = [position]
    longest: set[int] = set()
    one: int | None = tails[-1] if tails else None
    while one is not None:
        longest.add(one)
        one = before[one]
    right = {position for position, number in enumerate(sorted(numbers)) if numbers[position] == number}
    return longest if right <= longest else right


def target(line: Sequence[str], numbers: Mapping[str, int], ident: str | None, number: int) -> int | None:
    """The place in `line` that sets an object right among ours: after all with lower numbers, before all with higher.

    Counted without the object itself. None where it stands right, or (`ident` None: it is yet to be made) where any
    place is right.
    """
    others = [one for one in line if one != ident]
    lower = [place for place, one in enumerate(others) if numbers.get(one, number) < number]
    higher = [place for place, one in enumerate(others) if numbers.get(one, number) > number]
    if ident in line:
        now = line.index(ident)
        if (not lower or lower[-1] < now) and (not higher or higher[0] >= now):
            return None
    return lower[-1] + 1 if lower else higher[0] if higher else None


async def read_line(access: Access, host: str, kind: Kind, params: Mapping[str, str]) -> list[str]:
    """The ids of all objects of a list in the order they stand in. Raises VendorError."""
    context = access.context(host)
    places: dict[str, tuple[bool, int]] = {}
    for row in await access.every(host, kind, params):
        place = kind.from_api(row, context).get(kind.ranked or "")
        places[str(row[kind.place.id_at])] = (False, place) if isinstance(place, int) else (True, 0)
    return sorted(places, key=lambda ident: places[ident])
