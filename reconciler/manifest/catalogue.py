"""Catalogues: manifests that are no objects, but what people know of an account; others are checked against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Problem
from reconciler.kinds.address import Address
from reconciler.kinds.neutral import Seen
from reconciler.kinds.tree import Object
from reconciler.manifest.manifest import Lifecycle, Manifest

Manifests = Mapping[Address, Manifest]


def parted(written: Manifests) -> tuple[dict[Address, Manifest], dict[Address, Manifest]]:
    """The manifests of objects, and the catalogues."""
    catalogues = {address: one for address, one in written.items() if one.kind.catalogue}
    return {address: one for address, one in written.items() if address not in catalogues}, catalogues


def no_objects(catalogues: Manifests) -> Iterator[Problem]:
    """A problem for everything that a catalogue says of a live object: there is none."""
    for manifest in catalogues.values():
        said = manifest.metadata
        given = (("id", said.id), ("was", said.was), ("lifecycle", said.lifecycle != Lifecycle()))
        for name, value in given:
            if value:
                what = f"metadata.{name}: a {manifest.kind.id} is a catalogue, and no object stands behind it"
                yield Problem(what, manifest.head(name), f"leave {name} out")


def misfits(
    manifests: Manifests, catalogues: Manifests, unread: Iterable[Address], broken: Sequence[str]
) -> Iterator[Problem]:
    """A problem for everything that the catalogues of a manifest's account do not allow.

    Where part of them cannot be read (`unread` are catalogues with mistakes, `broken` whole files) nothing is said:
    what seems unknown may stand there.
    """
    hidden = {address.host for address in unread}
    for manifest in manifests.values():
        host = manifest.address.host
        if broken or host in hidden:
            continue
        for one in manifest.kind.misfits(manifest.declared, _of_account(catalogues, host)):
            if not (one.makes and manifest.metadata.id is not None):
                yield Problem(one.text, manifest.place(one.path), one.way_out)


def _of_account(catalogues: Manifests, host: str) -> Seen:
    def seen(kind: str) -> Iterator[Object]:
        return (one.declared for address, one in catalogues.items() if address.host == host and address.kind_id == kind)

    return seen
