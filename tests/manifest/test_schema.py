"""The schemas say of a manifest what the reading says of it, and always the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from reconciler.manifest.load import read_documents
from reconciler.manifest.schema import schema_text, schemas
from reconciler.vendors import registry
from tests.manifest.toy import VENDORS, told


@cache
def validator() -> Draft202012Validator:
    found = schemas(VENDORS)
    resources = [(name, Resource.from_contents(schema, DRAFT202012)) for name, schema in found.items()]
    return Draft202012Validator(found["manifest.json"], registry=Registry().with_resources(resources))


BELL = "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\nspec: "
LINE = "apiVersion: toy/v1\nkind: Line\nmetadata: {name: a}\nspec: "
PROJECT = "apiVersion: reconciler/v1\nkind: Project\n"

GOOD = [
    BELL + "{}",
    BELL + "{name: x, tone: high, loud: true, threshold: {more_than: 1, within: 5m}, words: [a]}",
    BELL + "{steps: [{by: mail, to: x}, {by: hook, key: {env: X}}], tags: {a: b}, level: most}",
    BELL + "{ringer: alice@example.com, key: {keep: true}, note: null, threshold: null}",
    BELL + "{tower: {id: P1}, next_bell: {existing: Front}, threshold: {within: 30}}",
    "apiVersion: toy/v1\nkind: Tower\nmetadata: {name: a, labels: {a: b}, lifecycle: {replace: allow}}\n",
    LINE + "{type: wire, gauge: thin}",
    LINE + "{type: sky, band: 3, token: {file: a}}",
    PROJECT,
    PROJECT + "accounts: {toy: {token: {env: X}, region: eu}}\nledger: 'file:x'\nguards: {max_deletes: 3}\n",
    PROJECT + "accounts: {toy: {default: {token: {env: X}}}}\nledger: {url: 'file:x', ephemeral: true}\n",
]
BAD = [
    BELL + "{nmae: x}",
    BELL + "{tone: lowww}",
    BELL + "{threshold: {more_than: -1}}",
    BELL + "{threshold: {within: 5x}}",
    BELL + "{steps: [{by: mail, url: x}]}",
    BELL + "{steps: [{to: x}]}",
    BELL + "{key: literal}",
    BELL + "{key: {env: X, file: y}}",
    BELL + "{tags: {a: 1}}",
    BELL + "{words: one}",
    BELL + "{tower: [a]}",
    LINE + "{gauge: thin}",
    LINE + "{type: wire, band: 3}",
    "apiVersion: toy/v1\nkind: Line\nmetadata: {name: a}\n",
    "apiVersion: toy/v1\nkind: Bell\nspec: {}\n",
    "apiVersion: toy/v1\nkind: Bell\nmetadata: {nmae: a}\n",
    "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\nspecs: {}\n",
    "apiVersion: toy/v1\nkind: Person\nmetadata: {name: a}\n",
    PROJECT + "gaurds: {}\n",
    PROJECT + "guards: {max_delete: 3}\n",
    PROJECT + "accounts: {toy: {tokn: {env: X}}}\n",
    PROJECT + "accounts: {tyo: {token: {env: X}}}\n",
]


# Of a wrong document, what an editor says: it complains of the variant that was meant, not of all.
COMPLAINTS = [
    (LINE + "{type: wire, band: 3}", ["Additional properties are not allowed ('band' was unexpected)"]),
    (LINE + "{type: wire, gauge: fat}", ["'fat' is not one of ['thick', 'thin']"]),
    (LINE + "{type: string}", ["'string' is not one of ['wire', 'air', 'sky']"]),
    (LINE + "{gauge: thin}", ["'type' is a required property"]),
    (BELL + "{steps: [{by: mail, url: x}]}", ["Additional properties are not allowed ('url' was unexpected)"]),
    (BELL + "{steps: [{by: post, url: x}]}", ["'post' is not one of ['hook', 'mail']"]),
]


@pytest.mark.parametrize(("text", "complaints"), COMPLAINTS)
def test_a_wrong_field_is_told_of_the_variant_that_was_meant(text: str, complaints: list[str]) -> None:
    documents, _ = read_documents(text.encode(), "a.yaml")
    errors = validator().iter_errors(documents[0].data)
    assert complaints[0] in [leaf.message for error in errors for leaf in _leaves(error)]


@pytest.mark.parametrize(("text", "complaints"), [row for row in COMPLAINTS if row[0].startswith(LINE + "{type")][::2])
def test_and_of_no_other(text: str, complaints: list[str]) -> None:
    documents, _ = read_documents(text.encode(), "a.yaml")
    errors = validator().iter_errors(documents[0].data)
    assert [leaf.message for error in errors for leaf in _leaves(error)] == complaints


def _leaves(error: ValidationError) -> list[ValidationError]:
    """What a complaint comes from: alternatives hold those of each."""
    return [leaf for inner in error.context for leaf in _leaves(inner)] if error.context else [error]


def _as_files(text: str) -> dict[str, str | bytes]:
    if text.startswith(PROJECT):
        return {"reconciler.yaml": text}
    others = "".join(
        f"---\napiVersion: toy/v1\nkind: {kind}\nmetadata: {{name: other}}\n" for kind in ("Tower", "Bell")
    )
    return {"a.yaml": text, "others.yaml": others}


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_and_the_reading_take_a_good_document(tmp_path: Path, text: str) -> None:
    documents, _ = read_documents(text.encode(), "a.yaml")
    assert [error.message for error in validator().iter_errors(documents[0].data)] == []
    assert told(tmp_path, _as_files(text)) == []


@pytest.mark.parametrize("text", BAD)
def test_the_schema_and_the_reading_refuse_a_bad_document(tmp_path: Path, text: str) -> None:
    documents, _ = read_documents(text.encode(), "a.yaml")
    assert list(validator().iter_errors(documents[0].data)) != []
    assert told(tmp_path, _as_files(text)) != []


def test_every_schema_is_one() -> None:
    for vendors in (VENDORS, registry.VENDORS):
        for schema in schemas(vendors).values():
            Draft202012Validator.check_schema(schema)


def test_every_pointer_in_a_schema_leads_somewhere() -> None:
    for vendors in (VENDORS, registry.VENDORS):
        found = schemas(vendors)
        for schema in found.values():
            for ref in _refs(schema):
                assert ref in found or ref.removeprefix("#/$defs/") in schema["$defs"], ref


def _refs(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [ref for key, value in part.items() for ref in ([value] if key == "$ref" else _refs(value))]
    return [ref for item in part for ref in _refs(item)] if isinstance(part, list) else []


def test_there_is_one_schema_for_each_kind_with_a_manifest() -> None:
    assert list(schemas(VENDORS)) == [
        "manifest.json",
        "project.json",
        "toy/Bell.json",
        "toy/Line.json",
        "toy/Tower.json",
    ]


def test_the_text_of_a_schema_is_always_the_same() -> None:
    backwards = dict(reversed(VENDORS.items()))
    forth = {path: schema_text(schema) for path, schema in schemas(VENDORS).items()}
    assert {path: schema_text(schema) for path, schema in schemas(backwards).items()} == forth


OWN = {"toy": {"token": {"env": "T"}}}
PROJECTS = {
    "an environment": ({"environments": {"prod": {"variables": {"a": 1}, "accounts": {"toy": "eu"}}}}, True),
    "an environment with an account of its own": ({"environments": {"prod": {"accounts": OWN}}}, True),
    "a default": ({"defaults": {"toy/Bell": {"note": "x"}}}, True),
    "a default of no kind": ({"defaults": {"toy/Bel": {}}}, False),
    "a word that no environment has": ({"environments": {"prod": {"variable": {}}}}, False),
}


@pytest.mark.parametrize(("part", "right"), PROJECTS.values(), ids=PROJECTS)
def test_an_editor_knows_what_a_project_may_say(part: dict[str, Any], right: bool) -> None:
    schema = schemas(VENDORS)["project.json"]
    project = {"apiVersion": "reconciler/v1", "kind": "Project", **part}
    assert Draft202012Validator(schema).is_valid(project) == right
