"""Graph: manifests and which refers to which, as a value; and as lines of text, for a terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.engine.story import mentions
from reconciler.kinds.address import Address
from reconciler.kinds.tree import Path
from reconciler.manifest.manifest import Manifest
from reconciler.report.summary import counted

_MOST_FIELDS = 3


@dataclass(frozen=True)
class Node:
    """One manifest. `near`: not asked for itself, but next to what was."""

    address: str
    place: str = ""
    near: bool = False

    @property
    def host(self) -> str:
        """Its account, as plans name it."""
        return self.address.partition("/")[0]

    @property
    def label(self) -> str:
        """Its kind and name, for where the account is told already."""
        return self.address.partition("/")[2]


@dataclass(frozen=True)
class Edge:
    """One manifest refers to another, in these fields."""

    source: str
    target: str
    fields: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The fields, the first few of them."""
        more = len(self.fields) - _MOST_FIELDS
        return ", ".join([*self.fields[:_MOST_FIELDS], *([f"{more} more"] if more > 0 else [])])


@dataclass(frozen=True)
class Graph:
    """Nodes and edges, each in the order of their addresses."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def by_host(self) -> Mapping[str, Sequence[Node]]:
        """The nodes by account."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            found[node.host].append(node)
        return found


def graph_of(manifests: Iterable[Manifest], chosen: frozenset[Address], around: int) -> Graph:
    """The graph of the chosen, and of what is up to `around` references away from them in either direction."""
    known = {one.address: one for one in manifests}
    needs = {address: _needs(one, known) for address, one in known.items()}
    shown = _with_neighbours(chosen, needs, around)
    nodes = [Node(str(one), str(known[one].place()), one not in chosen) for one in sorted(shown)]
    edges = [
        Edge(str(source), str(target), needs[source][target])
        for source in sorted(shown)
        for target in sorted(needs[source])
        if target in shown
    ]
    return Graph(tuple(nodes), tuple(edges))


def _needs(manifest: Manifest, known: Mapping[Address, Manifest]) -> dict[Address, tuple[str, ...]]:
    found: dict[Address, dict[str, None]] = defaultdict(dict)
    for path, address in mentions(manifest):
        if address in known:
            found[address][_field(path)] = None
    return {address: tuple(fields) for address, fields in found.items()}


def _field(path: Path) -> str:
    """A field without the numbers of its items: that ten steps of a list name one schedule is said once."""
    return ".".join(part for part in path if isinstance(part, str))


def _with_neighbours(
    chosen: frozenset[Address], needs: Mapping[Address, Mapping[Address, tuple[str, ...]]], around: int
) -> set[Address]:
    users: dict[Address, list[Address]] = defaultdict(list)
    for source, targets in needs.items():
        for target in targets:
            users[target].append(source)
    shown, edge = set(chosen), set(chosen)
    for _ in range(around):
        edge = {other for one in edge for other in (*needs[one], *users[one])} - shown
        if not edge:
            break
        shown |= edge
    return shown


def graph_text(graph: Graph) -> str:
    """Each manifest with what it refers to, and in which field."""
    return "\n".join([*_lines(graph), _sum(graph)]) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    targets: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        targets[edge.source].append(edge)
    for node in graph.nodes:
        yield f"{node.address}  {':'.join(node.place.split(':')[:2])}".rstrip()
        for edge in targets[node.address]:
            yield f"  → {edge.target}{f'  ({edge.label})' if edge.label else ''}"


def _sum(graph: Graph) -> str:
    near = sum(node.near for node in graph.nodes)
    beside = f", {near} of them beside what was asked for" if near else ""
    return f"{counted(len(graph.nodes), 'manifest')}{beside}, {counted(len(graph.edges), 'reference')}"
