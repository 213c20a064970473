"""Manifests as text: what people get to read, and that it is read back as it was meant, whatever it holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kinds.address import Address
from reconciler.manifest.export import Export, appended, document_text, undefaulted
from reconciler.manifest.load import read_documents
from reconciler.manifest.scalar import UNSET
from reconciler.manifest.yaml_text import scalar
from tests.laws.worlds import examples


def export(spec: dict[str, Any], name: str = "checkout", **more: Any) -> Export:
    return Export(Address("pagerduty", "default", "Service", name), "pagerduty/v1", spec, **more)


def spec_lines(spec: dict[str, Any], name: str = "checkout") -> list[str]:
    head, *lines = export(spec, name).text.splitlines()[3:]
    assert head == "spec:"
    return lines


def test_a_manifest_is_as_people_write_it() -> None:
    one = export(
        {"name": "Checkout", "escalation_policy": {"existing": "Default"}, "teams": ["core", "支払い"]},
        ident="P1",
        comments=("status is left out: it must be\none of two",),
    )
    assert one.text == (
        "# status is left out: it must be one of two\n"
        "apiVersion: pagerduty/v1\n"
        "kind: Service\n"
        "metadata: {name: checkout, id: P1}\n"
        "spec:\n"
        "  name: Checkout\n"
        "  escalation_policy: {existing: Default}\n"
        "  teams: [core, 支払い]\n"
    )


def test_an_account_of_its_own_is_said() -> None:
    one = Export(Address("pagerduty", "eu", "Service", "checkout"), "pagerduty/v1", {})
    assert one.text.splitlines()[1:] == ["kind: Service", "metadata: {name: checkout, account: eu}"]


KEPT = {"keep": True}
LINES = [
    ({"key": KEPT}, "checkout", ["  key: {keep: true}  # or {env: CHECKOUT_KEY}"]),
    ({"apiKey": KEPT}, "a-b", ["  apiKey: {keep: true}  # or {env: A_B_API_KEY}"]),
    ({"key": KEPT}, "支払い", ["  key: {keep: true}  # or {env: SERVICE_KEY}"]),
    ({"key": KEPT}, "3-on-call", ["  key: {keep: true}  # or {env: SERVICE_3_ON_CALL_KEY}"]),
    ({"x": [KEPT]}, "a", ["  x:", "    - {keep: true}  # or {env: A_X}"]),
    ({"x": {"a": 1, "b": [{"c": 2, "d": 3}]}}, "a", ["  x:", "    a: 1", "    b:", "      - c: 2", "        d: 3"]),
    ({"x": "one\ntwo\n"}, "a", ["  x: |", "    one", "    two"]),
    ({"x": ["one\n\ntwo"]}, "a", ["  x:", "    - |-", "      one", "", "      two"]),
    ({"x": 'a "b"'}, "a", ["""  x: 'a "b"'"""]),
    ({"x": "5m", "y": "12"}, "a", ["  x: 5m", '  "y": "12"']),
    ({"x": "on", "z": "null"}, "a", ['  x: "on"', '  z: "null"']),
    ({"x": [], "z": {}}, "a", ["  x: []", "  z: {}"]),
]


@pytest.mark.parametrize(("spec", "name", "lines"), LINES, ids=str)
def test_a_value_is_written_as_people_write_it(spec: dict[str, Any], name: str, lines: list[str]) -> None:
    assert spec_lines(spec, name) == lines


def test_a_long_list_goes_down_and_a_long_text_stays_in_its_line() -> None:
    words = [f"team-number-{number}" for number in range(10)]
    assert spec_lines({"teams": words}) == ["  teams:", *(f"    - {word}" for word in words)]
    assert spec_lines({"query": "x" * 150}) == [f"  query: {'x' * 150}"]


BEFORE = ["", "\n", "a: 1", "a: 1\n", "# only words\n", "a: |+\n  kept\n\n", "a: 1\n---\nb: 2\n", "a: 1\r\nb: 2\r\n"]


@pytest.mark.parametrize("before", BEFORE, ids=repr)
def test_what_stands_in_a_file_is_kept_to_the_letter(before: str) -> None:
    after = appended(before, [export({"x": 1}), export({"x": 2})])
    assert after.startswith(before.strip() and before)
    documents, problems = read_documents(after.encode(), "all.yaml")
    assert problems == []
    told = [one.data for one in documents if one.data is not None]
    assert [one["spec"] for one in told[-2:]] == [{"x": 1}, {"x": 2}]
    old = [one.data for one in read_documents(before.encode(), "all.yaml")[0] if one.data is not None]
    assert told[:-2] == old


def test_line_ends_of_another_system_stay() -> None:
    assert "\n" not in appended("a: 1\r\n", [export({"x": "one\ntwo"})]).replace("\r\n", "")


STRANGE = [
    "~",
    "<<",
    "=",
    "- a",
    "a: b",
    "a #b",
    "*a",
    "&a",
    "!a",
    "%a",
    "a\\b",
    "---",
    "...",
    "0o17",
    "1e5",
    "+1",
    ".inf",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    [*STRANGE, "a\n b\n", " a\nb", "\n", "a\n---\nb", "a\tb\nc", "2026-01-01", "x" * 130, "🚀\nx", "\u2028", "\x85"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@examples(150)
@given(st.dictionaries(TEXTS, DATA, max_size=3), TEXTS, TEXTS)
def test_whatever_is_written_is_read_back(spec: dict[str, Any], ident: str, comment: str) -> None:
    one = export(spec, ident=ident, comments=(comment,))
    documents, problems = read_documents(document_text([one, one]).encode(), "all.yaml")
    assert problems == []
    assert [repr(document.data.get("spec", {})) for document in documents] == [repr(spec)] * 2
    assert [document.data["metadata"]["id"] for document in documents] == [ident] * 2


UNDER = [
    ({"a": 1}, {"a": 2}, {"a": 1}),
    ({}, {"a": 2}, {"a": "!unset"}),
    ({"a": {"b": 1}}, {"a": {"b": 2, "c": {"d": 3}}}, {"a": {"b": 1, "c": "!unset"}}),
    ({"a": {"b": {"x": 1}}}, {"a": {"b": {"y": 2}}}, {"a": {"b": {"x": 1, "y": "!unset"}}}),
    ({"a": [1]}, {"a": {"b": 2}}, {"a": [1]}),
]


@pytest.mark.parametrize(("spec", "default", "means"), UNDER, ids=str)
def test_what_only_a_default_says_is_unset(
    spec: dict[str, Any], default: dict[str, Any], means: dict[str, Any]
) -> None:
    def words(data: Any) -> Any:
        return {name: words(part) for name, part in data.items()} if isinstance(data, dict) else scalar_or(data)

    def scalar_or(data: Any) -> Any:
        return scalar(data) if data is UNSET else data

    assert words(undefaulted(spec, default)) == means
