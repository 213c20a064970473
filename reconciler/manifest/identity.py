"""Identity: two manifests that would be one object, by address, natural key, `metadata.id` or `metadata.was`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from reconciler.errors import Place, Problem
from reconciler.kinds.address import Address
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import Path, Ref, Tree, walk
from reconciler.manifest.manifest import Manifest, Reading


def same_address(readings: Iterable[Reading]) -> list[Problem]:
    """A problem for every manifest whose address another one before it has."""
    first: dict[Address, Place] = {}
    found = []
    for reading in readings:
        if reading.address is None:
            continue
        place = reading.place
        earlier = first.setdefault(reading.address, place)
        if earlier is not place:
            what = f"{reading.address} is there twice, first at {earlier}"
            found.append(Problem(what, place, "give one of them another metadata.name"))
    return found


def same_object(manifests: Mapping[Address, Manifest]) -> list[Problem]:
    """A problem for every manifest that another one, an `id` or a `was` says is the same object."""
    found: list[Problem] = []
    keys: dict[Hashable, Manifest] = {}
    ids: dict[Hashable, Manifest] = {}
    taken: dict[Hashable, tuple[Manifest, Path]] = {}
    for manifest in manifests.values():
        found += _same_key(manifest, keys)
        found += _taken_twice(manifest, taken)
        if manifest.metadata.id is not None:
            found += _same_id(manifest, ids)
        if manifest.metadata.was is not None:
            found += _old_name(manifest, manifests)
    return found


def _same_key(manifest: Manifest, keys: dict[Hashable, Manifest]) -> list[Problem]:
    kind, address = manifest.kind, manifest.address
    key = kind.key(manifest.declared)
    if key is None or manifest.metadata.id is not None:  # the id says which of several it is
        return []
    other = keys.setdefault((address.host, address.kind, _hashable(kind, key)), manifest)
    if other is manifest:
        return []
    words = [part for part in key if isinstance(part, str)]
    said = {kind.fold(leaf) for _, leaf in walk(manifest.declared) if isinstance(leaf, str)}
    words = [part for part in words if kind.fold(part) in said] or words  # as written, where something is
    shown = ", ".join(f'"{part}"' for part in words) or "the same objects"
    what = f"{address} and {other.address} ({other.place()}) both mean the {kind.id} {shown}"
    return [Problem(what, _place_of_key(manifest), "give one of them another name, or remove it")]


def _place_of_key(manifest: Manifest) -> Place:
    name = manifest.kind.name_field
    return manifest.place((name,)) if name else manifest.place()


def _hashable(kind: Kind, part: Tree) -> Any:
    match part:
        case str():
            return kind.fold(part)
        case list() | tuple():
            return tuple(_hashable(kind, each) for each in part)
        case dict():
            return tuple(sorted((key, _hashable(kind, value)) for key, value in part.items()))
        case _:
            return part


def _taken_twice(manifest: Manifest, taken: dict[Hashable, tuple[Manifest, Path]]) -> list[Problem]:
    """What two manifests say of one object, and only one may."""
    found = []
    for one in manifest.kind.taken(manifest.declared):
        of = object_of(manifest, one.of)
        other, path = taken.setdefault((manifest.address.host, one.what, of), (manifest, one.path))
        if (other, path) != (manifest, one.path):
            what = f"{one.what} of {of} is also said by {other.address} ({other.place(path)})"
            found.append(Problem(what, manifest.place(one.path), "say it in one place"))
    return found


def object_of(manifest: Manifest, of: Tree) -> str:
    """The object in words: the address of its manifest, where it has one."""
    match of:
        case None:
            return str(manifest.address)
        case Ref(kind=kind, by="name", value=(name,)):
            vendor, _, short = kind.partition("/")
            return str(Address(vendor, manifest.address.account, short, name))
        case Ref():
            return f"{of.kind} {of.written}"
        case _:
            return str(of)


def _same_id(manifest: Manifest, ids: dict[Hashable, Manifest]) -> list[Problem]:
    ident, address = manifest.metadata.id, manifest.address
    other = ids.setdefault((address.host, address.kind, ident), manifest)
    if other is manifest:
        return []
    what = f'metadata.id: "{ident}" is also the id of {other.address} ({other.head("id")})'
    return [Problem(what, manifest.head("id"), "one object has one manifest: remove one of the two ids")]


def _old_name(manifest: Manifest, manifests: Mapping[Address, Manifest]) -> list[Problem]:
    address, was = manifest.address, manifest.metadata.was or ""
    old = Address(address.vendor, address.account, address.kind, was)
    if old not in manifests:
        return []
    what = f'metadata.was: "{was}" is the name of a manifest that is there'
    way_out = "it is this one's own name: remove was"
    if old != address:
        what += f" ({manifests[old].place()})"
        way_out = "after a rename the old name is gone: remove that manifest, or this was"
    return [Problem(what, manifest.head("was"), way_out)]
