"""`validate`: every problem with its place, nothing asked and nothing read that is secret."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import Shell

TEAM = "apiVersion: opsgenie/v1\nkind: Team\nmetadata: {name: backend}\nspec: {name: backend}\n"


def test_a_good_project_is_summed_up(quickstart: Shell) -> None:
    ran = quickstart("validate")
    assert (ran.code, ran.out, ran.err) == (0, "7 manifests, no problem\n", "")


def test_an_empty_folder_is_no_mistake(shell: Shell) -> None:
    assert shell("validate").out == "0 manifests, no problem\n"


def test_every_problem_is_told_sorted_by_place(quickstart: Shell) -> None:
    quickstart.write("b.yaml", TEAM.replace("Team", "Teem"))
    quickstart.write("a.yaml", TEAM.replace("spec: {name", "spec: {nme"))
    ran = quickstart("validate")
    assert ran.code == 1
    assert ran.out == (
        'Error: a.yaml:4:8: there is no field "nme" in opsgenie/Team\n'
        '    did you mean "name"?\n'
        'Error: b.yaml:2:7: opsgenie has no kind "Teem"\n'
        '    did you mean "Team"?\n'
        "2 problems in 2 files\n"
    )


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("bad.yaml", "1 problem in 1 file"),
        ("opsgenie.yaml", "0 problems, and 1 elsewhere in the project"),
        (".", "1 problem in 1 file"),
    ],
)
def test_a_path_narrows_what_is_told_and_hides_no_failure(quickstart: Shell, path: str, end: str) -> None:
    quickstart.write("bad.yaml", TEAM.replace("Team", "Teem"))
    ran = quickstart("validate", path)
    assert (ran.code, ran.out.splitlines()[-1]) == (1, end)


def test_as_json_problems_have_file_line_and_column(quickstart: Shell) -> None:
    quickstart.write("bad.yaml", TEAM.replace("Team", "Teem"))
    [problem] = json.loads(quickstart("validate", "--format", "json").out)["problems"]
    assert problem == {
        "text": 'opsgenie has no kind "Teem"',
        "file": "bad.yaml",
        "line": 2,
        "column": 7,
        "way_out": 'did you mean "Team"?',
    }


def test_documents_of_others_are_told_when_asked(quickstart: Shell) -> None:
    quickstart.write("deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\n")
    assert "skipped" not in quickstart("validate").out
    assert "deployment.yaml:1:1: skipped, it has none of our apiVersions" in quickstart("validate", "-v").out


def test_the_result_goes_to_a_file_where_one_is_named(quickstart: Shell) -> None:
    ran = quickstart("validate", "-o", "result.txt")
    assert (ran.code, ran.out) == (0, "")
    assert (quickstart.folder / "result.txt").read_text() == "7 manifests, no problem\n"


def test_a_file_that_cannot_be_written_is_told(quickstart: Shell) -> None:
    ran = quickstart("validate", "-o", "nowhere/result.txt")
    assert (ran.code, ran.err) == (
        1,
        "Error: nowhere/result.txt cannot be written: No such file or directory\n    name another file\n",
    )
