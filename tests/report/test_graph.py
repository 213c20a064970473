"""Graph: what refers to what, in each form; and its picture: no box on another, and lines from left to right."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest

from reconciler.kinds.address import Address
from reconciler.report.document import plan_document, read_document
from reconciler.report.formats import told
from reconciler.report.graph import Edge, Graph, Node, graph_of, graph_text
from reconciler.report.graph_dot import dot_text
from reconciler.report.graph_layout import HEIGHT, WIDTH, layout
from reconciler.report.graph_mermaid import mermaid_text, too_much
from reconciler.report.graph_picture import picture
from tests.report.story import quickstart
from tests.report.test_formats import document

NASTY = Graph(
    (Node("opsgenie/Team/決済", "a.yaml:3:1"), Node("opsgenie@eu/Schedule/x.y", near=True)),
    (Edge("opsgenie@eu/Schedule/x.y", "opsgenie/Team/決済", ('a"]|b\\\n<i>;#', "b", "c", "d")),),
)


def test_as_text() -> None:
    assert graph_text(NASTY) == (
        "opsgenie/Team/決済  a.yaml:3\n"
        "opsgenie@eu/Schedule/x.y\n"
        '  → opsgenie/Team/決済  (a"]|b\\\n<i>;#, b, c, 1 more)\n'
        "2 manifests, 1 of them beside what was asked for, 1 reference\n"
    )


def test_as_mermaid_no_sign_of_a_name_is_one_of_mermaids() -> None:
    assert mermaid_text(NASTY) == (
        "flowchart LR\n"
        '  subgraph a1["opsgenie"]\n'
        '    n1["Team/決済"]\n'
        "  end\n"
        '  subgraph a2["opsgenie@eu"]\n'
        '    n2["Schedule/x.y"]\n'
        "  end\n"
        '  n2 -->|"a#34;#93;#124;b#92;#10;#60;i#62;#59;#35;, b, c, 1 more"| n1\n'
        "  classDef near stroke-dasharray: 4 3\n"
        "  class n2 near\n"
    )


@pytest.mark.parametrize(
    ("edges", "label", "why"),
    [
        (500, "", ""),
        (501, "", "501 references, and Mermaid draws no more than 500"),
        (500, "f" * 90, "characters, and Mermaid takes no more than 50000"),
    ],
)
def test_what_mermaid_would_not_draw_is_told(edges: int, label: str, why: str) -> None:
    nodes = tuple(Node(f"opsgenie/Team/t{number}") for number in range(edges + 1))
    graph = Graph(nodes, tuple(Edge(nodes[0].address, one.address, (label,)) for one in nodes[1:]))
    told = too_much(graph, mermaid_text(graph))
    assert told.endswith(why)
    assert bool(told) == bool(why)


def test_as_dot_quotes_stay_closed() -> None:
    assert dot_text(NASTY).splitlines()[4:] == [
        "  subgraph cluster_1 {",
        '    label="opsgenie";',
        '    "opsgenie/Team/決済" [label="Team/決済"];',
        "  }",
        "  subgraph cluster_2 {",
        '    label="opsgenie@eu";',
        '    "opsgenie@eu/Schedule/x.y" [label="Schedule/x.y", style=dashed];',
        "  }",
        r'  "opsgenie@eu/Schedule/x.y" -> "opsgenie/Team/決済" [label="a\"]|b\\\\n<i>;#, b, c, 1 more"];',
        "}",
    ]


@pytest.mark.parametrize(
    ("around", "shown"),
    [
        (0, {"Integration/opsgenie-alerts"}),
        (1, {"Integration/opsgenie-alerts", "Integration/wallarm-alerts", "Trigger/incidents-on-backend"}),
        (
            2,
            {
                "Integration/opsgenie-alerts",
                "Integration/wallarm-alerts",
                "Trigger/incidents-on-backend",
                "Team/payments",
            },
        ),
    ],
)
def test_around_what_is_chosen(around: int, shown: set[str], tmp_path: Path) -> None:
    chosen = frozenset({Address("wallarm", "default", "Integration", "opsgenie-alerts")})
    graph = graph_of(quickstart(tmp_path).project().manifests.values(), chosen, around)
    assert {node.label for node in graph.nodes} == shown
    assert {node.label for node in graph.nodes if not node.near} == {"Integration/opsgenie-alerts"}
    assert len(graph.edges) == len(shown) - 1


def test_a_plan_says_what_its_manifests_refer_to_and_the_page_draws_it(tmp_path: Path) -> None:
    plan = read_document(plan_document(quickstart(tmp_path).plan()))
    assert plan.references["opsgenie/Escalation/payments-escalation"] == (
        "opsgenie/Schedule/payments-oncall",
        "opsgenie/Team/payments",
    )
    assert "opsgenie/Team/payments" not in plan.references
    drawn = picture(plan)
    assert {box.address for box in drawn.boxes} == set(plan.manifests)
    assert {box.becomes for box in drawn.boxes} == {"create"}
    assert len(drawn.lines) == 8
    assert told(plan, "html").count('<g class="box create"') == 7


# ── the layout ──────────────────────────────────────────────────────────────────────────────────────────────────────


def tangle(seed: int, count: int, circles: bool) -> tuple[list[str], dict[str, list[str]]]:
    """Some graph; without circles what refers has the smaller number."""
    chance = random.Random(seed)
    names = [f"n{number:03}" for number in range(count)]
    edges: dict[str, list[str]] = {}
    for place, name in enumerate(names):
        others = names if circles else names[place + 1 :]
        edges[name] = sorted(set(chance.sample(others, min(len(others), chance.randrange(3)))))
    return names, edges


GRAPHS = {
    "none": ([], {}),
    "one": (["a"], {}),
    "a chain and a shortcut": (["a", "b", "c"], {"a": ["b", "c"], "b": ["c"]}),
    "one that refers to itself": (["a"], {"a": ["a"]}),
    "a circle": (["a", "b", "c"], {"a": ["b"], "b": ["c"], "c": ["a"]}),
    "a star": ([f"s{number}" for number in range(40)], {f"s{number}": ["s0"] for number in range(1, 40)}),
    **{f"tangle {seed}": tangle(seed, 60, circles=False) for seed in range(3)},
    "a tangle of circles": tangle(7, 60, circles=True),
    "alone": ([f"a{number}" for number in range(30)], {}),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_no_box_lies_on_another_and_every_line_joins_its_boxes(name: str) -> None:
    names, edges = GRAPHS[name]
    drawn = layout(names, edges)
    boxes = {box.name: box for box in drawn.boxes}
    assert sorted(boxes) == sorted(names)
    for one, other in combinations(drawn.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT, (one, other)
    wanted = {(source, target) for source, targets in edges.items() for target in targets if source != target}
    assert {(line.source, line.target) for line in drawn.lines} == wanted
    for line in drawn.lines:
        source, target = boxes[line.source], boxes[line.target]
        assert line.points[0] == (source.x + WIDTH, source.y + HEIGHT // 2)
        assert line.points[-1] == (target.x, target.y + HEIGHT // 2)
    assert all(box.x >= 0 and box.y >= 0 for box in drawn.boxes)
    assert all(box.x + WIDTH <= drawn.width and box.y + HEIGHT <= drawn.height for box in drawn.boxes)


@pytest.mark.parametrize("name", [name for name in GRAPHS if "circle" not in name])
def test_what_refers_stands_left_of_what_it_refers_to_and_no_line_runs_through_a_box(name: str) -> None:
    names, edges = GRAPHS[name]
    drawn = layout(names, edges)
    for line in drawn.lines:
        assert [x for x, _ in line.points] == sorted(x for x, _ in line.points)
        for (x, y), (to_x, _) in zip(line.points[1:-1:2], line.points[2:-1:2], strict=True):
            crossed = [box for box in drawn.boxes if box.x in range(x, to_x) and box.y < y < box.y + HEIGHT]
            assert not crossed


def test_a_long_name_keeps_its_end() -> None:
    long = f"opsgenie/Team/{'p' * 60}-eu-west-1"
    [box] = picture(document(manifests={long: "a.yaml:1:1"}, changes=[])).boxes
    assert box.name.endswith("…-west-1") or box.name.endswith("u-west-1")
    assert len(box.name) <= 24
    assert box.address == long
