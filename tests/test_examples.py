"""Every example loads without a word, and its modeline leads an editor to a schema that takes it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from reconciler.manifest.load import read_documents
from reconciler.manifest.project import load_project
from reconciler.vendors.registry import VENDORS

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
PROJECTS = sorted(file.parent for file in EXAMPLES.rglob("reconciler.yaml"))
RECIPES = EXAMPLES / "ci"  # no project: the files of pipelines, which tests/recipes runs
FILES = sorted(
    file for file in EXAMPLES.rglob("*") if file.suffix in (".yaml", ".yml") and not file.is_relative_to(RECIPES)
)
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")

# Types of which only the vendor knows the fields.
OPEN = {("opsgenie/v1", "Integration", "Datadog")}

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(EXAMPLES)))


def documents(file: Path) -> list[Any]:
    read, problems = read_documents(file.read_bytes(), file.name)
    assert problems == []
    return [document.data for document in read]


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    """`schemas/manifest.json`, its references to the files beside it followed as an editor does."""
    folder = ROOT / "schemas"
    contents = {
        file.relative_to(folder).as_posix(): json.loads(file.read_text("utf-8")) for file in folder.rglob("*.json")
    }
    known = [(f"http://schemas.test/{path}", Resource.from_contents(content)) for path, content in contents.items()]
    return Draft202012Validator(
        {"$ref": "http://schemas.test/manifest.json"}, registry=Registry[Any]().with_resources(known)
    )


def test_there_are_examples() -> None:
    assert EXAMPLES / "quickstart" in PROJECTS
    assert {file.parent for file in FILES} <= set(PROJECTS)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_an_example_loads_without_a_word(folder: Path) -> None:
    project = load_project(folder, folder / "reconciler.yaml", VENDORS, environ={})
    assert project.manifests
    assert project.warnings == ()
    assert project.skipped == ()


@each_file
def test_the_modeline_leads_to_the_schema_of_all_kinds(file: Path) -> None:
    found = MODELINE.match(file.read_text(encoding="utf-8"))
    assert found, "the first line names no schema"
    assert (file.parent / found[1]).resolve() == ROOT / "schemas" / "manifest.json"


@each_file
def test_the_schema_takes_an_example(file: Path, schema: Draft202012Validator) -> None:
    for document in documents(file):
        assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(document)] == []


@each_file
def test_the_schema_finds_a_misspelt_field(file: Path, schema: Draft202012Validator) -> None:
    for document in documents(file):
        wrong = copy.deepcopy(document)
        part = "spec" if "spec" in wrong else "accounts"
        if (document["apiVersion"], document["kind"], document.get("spec", {}).get("type")) in OPEN:
            part = "metadata"
        wrong.setdefault(part, {})["misspelt"] = "word"
        assert not schema.is_valid(wrong)
        assert not schema.is_valid({**document, "kind": "Misspelt"})
