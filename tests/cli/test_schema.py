"""`schema` and `explain`: what people and editors may know of manifests."""

from __future__ import annotations

import json

import pytest

from reconciler.kinds.kind import Kind
from reconciler.vendors.registry import VENDORS
from tests.cli.shell import Shell

KINDS = [kind for vendor in VENDORS.values() for kind in vendor.kinds]


def test_schemas_are_written_and_are_current_then(shell: Shell) -> None:
    assert shell("schema", "-o", "schemas").code == 0
    files = {file for file in shell.files() if file.endswith(".json")}
    assert {"schemas/manifest.json", "schemas/project.json", "schemas/plan.json"} <= files
    assert {f"schemas/{kind.id}.json" for kind in KINDS if not kind.looked_up} <= files
    assert shell("schema", "--check", "schemas").code == 0
    assert {f"schemas/{name}" for name in shell("schema").out.split()} == files


def test_what_is_not_current_is_told(shell: Shell) -> None:
    shell("schema", "-o", "schemas")
    shell.write("schemas/manifest.json", "{}\n")
    shell.write("schemas/opsgenie/Tean.json", "{}\n")
    (shell.folder / "schemas/plan.json").unlink()
    ran = shell("schema", "--check", "schemas")
    assert ran.code == 1
    assert ran.err == (
        "Error: schemas/manifest.json: this schema is not what the kinds say now\n"
        "Error: schemas/opsgenie/Tean.json: there is no such kind\n"
        "    remove it\n"
        "Error: schemas/plan.json: this schema is missing\n"
        "to write them anew: reconciler schema -o schemas\n"
    )


def test_a_folder_that_cannot_be_made_is_told(shell: Shell) -> None:
    shell.write("schemas", "a file")
    assert shell("schema", "-o", "schemas").code == 1
    assert shell("schema", "-o", "schemas/below").code == 1
    assert "-o and --check are both given" in shell("schema", "-o", "a", "--check", "b").said


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_kind_is_explained_with_its_page_and_every_field(shell: Shell, kind: Kind) -> None:
    ran = shell("explain", kind.id)
    assert ran.code == 0
    assert kind.page in ran.out


def test_all_kinds_are_listed(shell: Shell) -> None:
    out = shell("explain").out
    assert all(f"  {kind.name}  " in out for kind in KINDS)


def test_a_field_is_explained(shell: Shell) -> None:
    out = shell("explain", "wallarm/Trigger.template").out
    assert "cannot be changed once it is made" in out


def test_an_explanation_can_be_json(shell: Shell) -> None:
    [found] = json.loads(shell("explain", "opsgenie/Team", "--format", "json").out)["explained"]
    assert found["title"] == "opsgenie/Team"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("opsgeni", 'there is no vendor "opsgeni" did you mean "opsgenie"?'),
        ("opsgenie/Teem", 'opsgenie has no kind "Teem" did you mean "Team"?'),
        ("opsgenie/Team.nme", 'there is no field "nme" in opsgenie/Team did you mean "name"?'),
    ],
)
def test_what_is_not_known_is_told(shell: Shell, what: str, said: str) -> None:
    assert said in shell("explain", what).said
