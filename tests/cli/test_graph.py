"""`graph`: which manifest refers to which; no vendor is asked."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell

WHOLE = "7 manifests, 8 references"


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        ((), WHOLE),
        (("opsgenie.yaml",), "6 manifests, 1 of them beside what was asked for, 7 references"),
        (("--account", "wallarm"), "3 manifests, 1 of them beside what was asked for, 2 references"),
        (("--account", "wallarm", "--around", "0"), "2 manifests, 1 reference"),
        (
            ("--target", "opsgenie/Team/payments", "--around", "9"),
            "7 manifests, 6 of them beside what was asked for, 8 references",
        ),
    ],
)
def test_it_is_narrowed_as_a_plan_is(quickstart: Shell, arguments: tuple[str, ...], end: str) -> None:
    ran = quickstart("graph", *arguments)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, end)


@pytest.mark.parametrize(
    ("picture", "first", "line"),
    [
        (
            "text",
            "opsgenie/Escalation/payments-escalation  opsgenie.yaml:25",
            "  → opsgenie/Team/payments  (ownerTeam)",
        ),
        ("mermaid", "flowchart LR", '  n7 -->|"actions.send_notification"| n6'),
        ("dot", "digraph manifests {", '    "opsgenie/Team/payments" [label="Team/payments"];'),
    ],
)
def test_in_every_form(quickstart: Shell, picture: str, first: str, line: str) -> None:
    said = quickstart("graph", "--format", picture).out.splitlines()
    assert said[0] == first
    assert line in said


def test_what_nobody_knows_is_told(quickstart: Shell) -> None:
    ran = quickstart("graph", "--target", "opsgenie/Team/paymets")
    assert ran.code == 1
    assert 'did you mean "opsgenie/Team/payments"?' in ran.said


def test_the_picture_goes_to_a_file(quickstart: Shell) -> None:
    assert quickstart("graph", "--format", "mermaid", "-o", "graph.mmd").out == ""
    assert (quickstart.folder / "graph.mmd").read_text(encoding="utf-8").startswith("flowchart LR\n")


def test_a_picture_that_would_not_be_drawn_is_told(quickstart: Shell) -> None:
    teams = [
        f"---\napiVersion: opsgenie/v1\nkind: Team\nmetadata: {{name: t{number}-{'x' * 60}}}\n" for number in range(700)
    ]
    quickstart.write("teams.yaml", "".join(teams))
    assert "this will not be drawn" in quickstart("graph", "--format", "mermaid").err
    assert "this will not be drawn" not in quickstart("graph", "--format", "dot").err
