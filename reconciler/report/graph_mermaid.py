"""Graph as Mermaid: a flowchart that GitHub and GitLab draw in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.report.graph import Graph

# What Mermaid may take for a sign of its own; everything else stands as it is.
_SIGN = re.compile(r"[^\w ./@,()-]")
# Mermaid's own limits; only the page that draws can raise them, not the text.
_MOST_EDGES, _MOST_LETTERS = 500, 50_000


def mermaid_text(graph: Graph) -> str:
    """The graph as a flowchart, accounts as boxes around their manifests."""
    return "\n".join(_lines(graph)) + "\n"


def too_much(graph: Graph, text: str) -> str:
    """Why Mermaid would not draw it; empty where it would."""
    if len(graph.edges) > _MOST_EDGES:
        return f"{len(graph.edges)} references, and Mermaid draws no more than {_MOST_EDGES}"
    return (
        f"{len(text)} characters, and Mermaid takes no more than {_MOST_LETTERS}" if len(text) > _MOST_LETTERS else ""
    )


def _lines(graph: Graph) -> Iterator[str]:
    yield "flowchart LR"
    ids = {node.address: f"n{number}" for number, node in enumerate(graph.nodes, start=1)}
    for number, (host, nodes) in enumerate(graph.by_host.items(), start=1):
        yield f'  subgraph a{number}["{_escaped(host)}"]'
        yield from (f'    {ids[node.address]}["{_escaped(node.label)}"]' for node in nodes)
        yield "  end"
    for edge in graph.edges:
        label = f'|"{_escaped(edge.label)}"|' if edge.label else ""
        yield f"  {ids[edge.source]} -->{label} {ids[edge.target]}"
    near = [ids[node.address] for node in graph.nodes if node.near]
    if near:
        yield "  classDef near stroke-dasharray: 4 3"
        yield f"  class {','.join(near)} near"


def _escaped(text: str) -> str:
    return _SIGN.sub(lambda found: f"#{ord(found[0])};", text)
