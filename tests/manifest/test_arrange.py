"""Arranging: keys in the order of the format, and not a letter lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ManifestError
from reconciler.manifest.arrange import arranged
from reconciler.manifest.load import read_documents
from tests.manifest.toy import VENDORS

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.yaml"))

BELL = "apiVersion: toy/v1\nkind: Bell\nspec:\n"
THEIRS = "---\nkind: Deployment\napiVersion: apps/v1\n"
ORDERED = {
    "the whole": (
        "spec:\n  name: a\nkind: Bell\nmetadata: {name: a}\napiVersion: toy/v1\n",
        "apiVersion: toy/v1\nkind: Bell\nmetadata: {name: a}\nspec:\n  name: a\n",
    ),
    "fields of a spec, with the comments above them": (
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  # how loud\n  # it is\n  loud: true # very\n\n  # whose\n  name: a\n",
        "apiVersion: toy/v1\nkind: Bell\nspec:\n\n  # whose\n  name: a\n  # how loud\n  # it is\n  loud: true # very\n",
    ),
    "objects in lists": (
        f"{BELL}  shifts:\n    - length: 5\n      # who\n      people: [x]\n      name: n\n    - name: m\n",
        f"{BELL}  shifts:\n    - name: n\n      # who\n      people: [x]\n      length: 5\n    - name: m\n",
    ),
    "one of several forms": (
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  steps:\n  - to: a\n    by: mail\n  - url: u\n    by: hook\n",
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  steps:\n  - by: mail\n    to: a\n  - by: hook\n    url: u\n",
    ),
    "a kind of several forms": (
        "apiVersion: toy/v1\nkind: Line\nspec:\n  band: 3\n  name: n\n  type: air\n",
        "apiVersion: toy/v1\nkind: Line\nspec:\n  type: air\n  name: n\n  band: 3\n",
    ),
    "texts of several lines move whole": (
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  note: |\n    # no comment\n\n    b\n  name: a\n",
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  name: a\n  note: |\n    # no comment\n\n    b\n",
    ),
    "free maps keep their order": (
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  tags:\n    z: 1\n    a: 2\n  name: a\n",
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  name: a\n  tags:\n    z: 1\n    a: 2\n",
    ),
    "keys nobody knows come last": (
        "x: 1\napiVersion: toy/v1\nspec: {}\nkind: Bell\n",
        "apiVersion: toy/v1\nkind: Bell\nspec: {}\nx: 1\n",
    ),
    "each document by itself": (
        f"# head\n---\nkind: Bell\napiVersion: toy/v1\n{THEIRS}---\nkind: Tower\napiVersion: toy/v1\n# end\n",
        f"# head\n---\napiVersion: toy/v1\nkind: Bell\n{THEIRS}---\napiVersion: toy/v1\nkind: Tower\n# end\n",
    ),
    "the project": (
        "ledger: file:x\nmetadata: {name: p}\nkind: Project\napiVersion: reconciler/v1\n",
        "apiVersion: reconciler/v1\nkind: Project\nmetadata: {name: p}\nledger: file:x\n",
    ),
    "a star or an ampersand in a text": (
        "kind: Bell\napiVersion: toy/v1\nspec:\n  note: sum:errors{*} by {env}.rate() & more\n  name: A & B\n",
        "apiVersion: toy/v1\nkind: Bell\nspec:\n  name: A & B\n  note: sum:errors{*} by {env}.rate() & more\n",
    ),
    "a line break at the end": ("apiVersion: toy/v1\nkind: Bell", "apiVersion: toy/v1\nkind: Bell\n"),
}
AS_IT_IS = {
    "flow style": "apiVersion: toy/v1\nkind: Bell\nspec: {loud: true, name: a}\n",
    "anchors": "apiVersion: toy/v1\nkind: Bell\nspec:\n  note: &a x\n  name: *a\n",
    "anchors in a list": "kind: Bell\napiVersion: toy/v1\nspec:\n  people: [&a x, *a]\n",
    "blank lines that a text keeps": "apiVersion: toy/v1\nkind: Bell\nspec:\n  note: |+\n    x\n\n\n  name: a\n",
    "tabs": "kind: Bell\napiVersion: toy/v1 \t# x\n",
    "documents of others": "kind: Deployment\napiVersion: apps/v1\n",
    "nothing": "\n",
    "comments": "# only this\n",
}


@pytest.mark.parametrize(("before", "after"), ORDERED.values(), ids=ORDERED)
def test_keys_stand_in_order(before: str, after: str) -> None:
    assert arranged(before.encode(), "a.yaml", VENDORS).decode() == after
    assert arranged(after.encode(), "a.yaml", VENDORS).decode() == after


@pytest.mark.parametrize("text", AS_IT_IS.values(), ids=AS_IT_IS)
def test_what_cannot_be_moved_stays(text: str) -> None:
    assert arranged(text.encode(), "a.yaml", VENDORS).decode() == text


def test_line_breaks_and_marks_stay() -> None:
    text = "\ufeffkind: Bell\r\napiVersion: toy/v1\r\n"
    assert arranged(text.encode(), "a", VENDORS).decode() == "\ufeffapiVersion: toy/v1\r\nkind: Bell\r\n"


def test_what_cannot_be_read_is_told() -> None:
    with pytest.raises(ManifestError):
        arranged(b"a: [", "a.yaml", VENDORS)


def data(text: bytes) -> list[Any]:
    documents, problems = read_documents(text, "a.yaml")
    assert not problems
    return [document.data for document in documents]


FIELDS = ["name", "tone", "loud", "note", "words", "tags", "threshold", "shifts", "steps", "unknown"]
LINES = ["\n  more_than: 1\n  # within\n  within: 5m", "\n- name: n\n  length: 5"]
VALUES = st.sampled_from(["a", "|\n  text\n\n  # in it", "{more_than: 1}", "[x, y]", *LINES])
COMMENTS = st.sampled_from(["", "# word\n", "\n# word\n", "\n", "  # deeper\n"])


@given(st.lists(st.tuples(st.sampled_from(FIELDS), VALUES, COMMENTS), unique_by=lambda one: one[0], max_size=6))
def test_nothing_is_lost_and_twice_is_once(fields: list[tuple[str, str, str]]) -> None:
    lines = "".join(f"{comment}{name}: {value}\n" for name, value, comment in fields)
    spec = "".join(f"  {line}" if line.strip() else line for line in lines.splitlines(keepends=True))
    text = f"kind: Bell\nspec:\n{spec or '  {}'}\napiVersion: toy/v1\n".encode()
    once = arranged(text, "a.yaml", VENDORS)
    assert data(once) == data(text)
    assert sorted(filter(None, once.split(b"\n"))) == sorted(filter(None, text.split(b"\n"))) or b"- " in text
    assert arranged(once, "a.yaml", VENDORS) == once


@pytest.mark.parametrize("file", EXAMPLES, ids=[str(file.relative_to(EXAMPLES[0].parents[1])) for file in EXAMPLES])
def test_the_examples_say_the_same_in_order(file: Path) -> None:
    from reconciler.vendors.registry import VENDORS as REAL

    once = arranged(file.read_bytes(), str(file), REAL)
    assert data(once) == data(file.read_bytes())
    assert arranged(once, str(file), REAL) == once


@pytest.mark.parametrize("file", EXAMPLES, ids=[str(file.relative_to(EXAMPLES[0].parents[1])) for file in EXAMPLES])
def test_the_examples_are_in_order(file: Path) -> None:
    from reconciler.vendors.registry import VENDORS as REAL

    assert arranged(file.read_bytes(), str(file), REAL) == file.read_bytes()
