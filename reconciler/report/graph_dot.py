"""Graph as DOT: what Graphviz draws."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.report.graph import Graph
from reconciler.report.paint import visible


def dot_text(graph: Graph) -> str:
    """The graph as a digraph, accounts as boxes around their manifests."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield "digraph manifests {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=10];'
    for number, (host, nodes) in enumerate(graph.by_host.items(), start=1):
        yield f"  subgraph cluster_{number} {{"
        yield f"    label={_quoted(host)};"
        for node in nodes:
            dashed = ", style=dashed" if node.near else ""
            yield f"    {_quoted(node.address)} [label={_quoted(node.label)}{dashed}];"
        yield "  }"
    for edge in graph.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        yield f"  {_quoted(edge.source)} -> {_quoted(edge.target)}{label};"
    yield "}"


def _quoted(text: str) -> str:
    """Within quotes only these two have a meaning; a line break is none there, `\\n` is."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
