"""Naming: names for live objects that have none in Git: safe, told apart, the same in every run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from reconciler.engine.claims import whose
from reconciler.engine.live import LiveObject
from reconciler.engine.names import Names
from reconciler.kinds.address import Address
from reconciler.kinds.tree import Link, Ref, Tree

MOST_LETTERS = 60


def given(names: Names, project: str, taken: Iterable[Address], objects: Iterable[LiveObject]) -> Iterator[Address]:
    """An address for each object, in their order; `names` learns it, so that those below a named one bear its name.

    `taken` are those that are in use. One that bears a mark of the project gets back the name it had.
    """
    used = {_folded(address) for address in taken}
    for one in objects:
        account = one.host.partition("@")[2] or "default"
        before = _had(project, one)
        wanted = before.name if before else safe(" ".join(_words(names, one))) or safe(f"{one.kind.name}-{one.id}")
        address = Address(one.kind.vendor, account, one.kind.name, wanted)
        number = 1
        while _folded(address) in used:
            number += 1
            address = Address(one.kind.vendor, account, one.kind.name, f"{wanted}-{number}")
        used.add(_folded(address))
        names.claim(address, one.id)
        yield address


def safe(text: str) -> str:
    """The nearest name to a text; empty where nothing of it may stand in a name."""
    bare = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", text)).strip("-.")
    return bare[:MOST_LETTERS].rstrip("-.")


def _folded(address: Address) -> str:
    """Names that differ in case alone would be one file on some disks."""
    return f"{address.host}/{address.kind}/{address.name.casefold()}"


def _had(project: str, one: LiveObject) -> Address | None:
    owner = whose(one.mark)
    address = Address.parse(owner[1]) if owner is not None and owner[0] == project else None
    return address if address is not None and (address.host, address.kind_id) == (one.host, one.kind.id) else None


def _words(names: Names, one: LiveObject) -> Iterator[str]:
    """What people call the object: what it stands below, and its name or what else tells it apart."""
    parent = one.tree.get(one.kind.place.parent or "")
    name = one.tree.get(one.kind.name_field or "")
    if isinstance(name, str) and name.strip():
        yield from (*_said(names, one.host, parent), name)
    else:
        for part in one.kind.key(one.tree) or ():
            yield from _said(names, one.host, part)


def _said(names: Names, host: str, part: Tree) -> Iterator[str]:
    match part:
        case Ref():
            yield from _called(names.link(part, host))
        case Link():
            yield from _called(part)
        case list() | tuple():
            for each in part:
                yield from _said(names, host, each)
        case None:
            return
        case _:
            yield str(part)


def _called(link: Link) -> Iterator[str]:
    label = next(iter(link.label.values())) if isinstance(link.label, Mapping) else link.label
    yield from (str(part) for part in label) if isinstance(label, list) else (str(label),)
