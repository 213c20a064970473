"""Names: turns references into links and live ids back into names, the same way on both sides of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.engine.live import Live, LiveObject
from reconciler.kinds.address import Address, host_name
from reconciler.kinds.kind import Kind
from reconciler.kinds.tree import (
    SCALARS,
    FromOutput,
    Hidden,
    Keep,
    Link,
    Object,
    Ref,
    Secret,
    Source,
    Text,
    Tree,
    Unknown,
    replace,
)


class LookUpFailed(Exception):
    """A reference that means no live object, or several. `text` says so; the caller knows the place."""


@dataclass(repr=False)
class Names:
    """Who is who, as far as it is settled: addresses to ids and back.

    `ids` holds wanted addresses that are live (not those about to be replaced), `owners` the way back. `secret` gives a
    declared secret its digests, `output` the value of an output that is no secret, where it is known.
    """

    live: Live
    kinds: Mapping[str, Kind]
    wanted: frozenset[Address]
    secret: Callable[[Source], Secret]
    output: Callable[[FromOutput], str | None]
    ids: dict[Address, str] = field(default_factory=dict)
    owners: dict[tuple[str, str, str], Address] = field(default_factory=dict)

    def claim(self, address: Address, ident: str) -> None:
        self.ids[address] = ident
        self.owners[address.host, address.kind_id, ident] = address

    def forget(self, address: Address) -> None:
        """From here on the address means an object that is yet to be made."""
        ident = self.ids.pop(address, None)
        if ident is not None:
            self.owners.pop((address.host, address.kind_id, ident), None)

    # ── from trees with references to trees with links ──────────────────────────────────────────────────────────────

    def bind(self, tree: Tree, host: str) -> Tree:
        """A tree of a manifest or of a live object with its references looked up."""

        def one(leaf: Tree) -> Tree:
            if isinstance(leaf, SCALARS):
                return leaf
            match leaf:
                case Ref():
                    return self.link(leaf, host)
                case Text():
                    return self.text(leaf, host)
                case Keep() | Hidden() | Link() | Secret() | Unknown():
                    return leaf
                case _ if isinstance(leaf, Source):
                    return self.secret(leaf)
                case _:
                    return leaf

        return replace(tree, one)

    def link(self, ref: Ref, host: str) -> Link:
        match ref.by:
            case "name":
                return self._by_name(ref, host)
            case "existing":
                return self._by_key(ref, host)
            case "id":
                return self._by_id(ref.kind, ref.value[0], host)

    def address(self, ref: Ref, host: str) -> Address:
        """The manifest a reference by name means: in the same account, unless it is a whole address."""
        whole = Address.parse(ref.value[0]) if "/" in ref.value[0] else None
        if whole is not None:
            return whole
        vendor, kind = ref.kind.split("/")
        account = host.partition("@")[2] or "default"
        return Address(vendor, account, kind, ref.value[0])

    def host_of(self, ref: Ref, host: str) -> str:
        """The account a reference leads to: the same one, unless it is a whole address."""
        return self.address(ref, host).host if ref.by == "name" else self._host_of(ref.kind, host)

    def _by_name(self, ref: Ref, host: str) -> Link:
        address = self.address(ref, host)
        return Link(str(address), ref.kind, address.name, self.ids.get(address), address)

    def _by_id(self, kind: str, ident: str, host: str) -> Link:
        host = self._host_of(kind, host)
        owner = self.owners.get((host, kind, ident))
        if owner is not None:
            return Link(str(owner), kind, owner.name, ident, owner)
        found = self.live.get(host, kind, ident)
        label: Tree = {"id": ident}
        if found is not None and found.label is not None:
            label = found.label if self.kinds[kind].looked_up else {"existing": found.label}
        return Link(f"{host}/{kind}#{ident}", kind, label, ident)

    def _by_key(self, ref: Ref, host: str) -> Link:
        host = self._host_of(ref.kind, host)
        found = self.existing(ref, host)
        match found:
            case [one]:
                return self._by_id(ref.kind, one.id, host)
            case []:
                raise LookUpFailed(f"{ref.kind} {_spell(ref)} is not there in {host}")
            case _:
                ids = ", ".join(sorted(one.id for one in found))
                raise LookUpFailed(f"{ref.kind} {_spell(ref)} is there {len(found)} times in {host} (ids {ids})")

    def existing(self, ref: Ref, host: str) -> list[LiveObject]:
        kind = self.kinds[ref.kind]
        key = tuple(kind.fold(part) for part in ref.value)
        objects = self.live.of(host, ref.kind).values()
        # One word is enough where the key has several parts, if only one object bears it.
        return [one for one in objects if one.key is not None and (one.key == key or one.key[-len(key) :] == key)]

    def _host_of(self, kind: str, host: str) -> str:
        vendor = kind.split("/")[0]
        return host_name(vendor, host.partition("@")[2] or "default")

    # ── text ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def text(self, text: Text, host: str) -> str | Text:
        """The text with its references; a string as soon as all of them are known."""
        parts: list[str | Link | Ref | FromOutput] = []
        for part in text.parts:
            parts.append(self.link(part, host) if isinstance(part, Ref) else part)
        known = [self._known(part) for part in parts]
        if all(isinstance(part, str) for part in known):
            return "".join(str(part) for part in known)
        return Text(tuple(parts))

    def _known(self, part: str | Link | Ref | FromOutput) -> str | None:
        match part:
            case Link():
                return part.id
            case FromOutput():
                return self.output(part)
            case Ref():
                return None
            case _:
                return part


def _spell(ref: Ref) -> str:
    return '"' + "/".join(ref.value) + '"'


def plain(tree: Tree) -> Tree:
    """A bound tree as JSON in the manifest's words, for the ledger and for people: secrets are digests."""

    return replace(tree, _plain)


def _plain(leaf: Tree) -> Tree:
    if isinstance(leaf, SCALARS):
        return leaf
    match leaf:
        case Link():
            return leaf.label
        case Secret(source=FromOutput(address=address, output=output)):
            return {"$secret": leaf.digests[0] if leaf.digests else None, "$from": f"{address}.{output}"}
        case Secret():
            return {"$secret": leaf.digests[0] if leaf.digests else None}
        case Keep() | Hidden():
            return {"$secret": None}
        case Text():
            return "".join(part if isinstance(part, str) else "${ref:" + _name(part) + "}" for part in leaf.parts)
        case Ref():
            return leaf.written
        case Unknown():
            return None
        case _:
            return leaf


def recorded(tree: Tree) -> Tree:
    """A bound tree as JSON for the ledger: as `plain` gives it, but references keep their ids, since names may move."""

    def one(leaf: Tree) -> Tree:
        if isinstance(leaf, Link) and leaf.id is not None:
            return {"$ref": leaf.label, "$kind": leaf.kind, "$id": leaf.id}
        return _plain(leaf)

    return replace(tree, one)


def _name(part: Link | Ref | FromOutput) -> str:
    match part:
        case Link():
            return part.identity
        case Ref():
            return part.value[0]
        case FromOutput():
            return f"{part.address}.{part.output}"


def sources(declared: Tree) -> set[str]:
    """Addresses whose outputs a recorded spec carries."""
    if isinstance(declared, Mapping):
        own = {declared["$from"].rpartition(".")[0]} if isinstance(declared.get("$from"), str) else set()
        return own.union(*(sources(value) for value in declared.values()))
    if isinstance(declared, list):
        return set().union(*(sources(value) for value in declared))
    return set()


def links(tree: Object) -> list[Link]:
    """Every link in a bound tree."""
    found: list[Link] = []

    def one(leaf: Tree) -> Tree:
        if isinstance(leaf, Link):
            found.append(leaf)
        elif isinstance(leaf, Text):
            found.extend(part for part in leaf.parts if isinstance(part, Link))
        return leaf

    replace(tree, one)
    return found
