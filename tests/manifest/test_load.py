"""YAML: what its scalars mean, where its parts stand, and that no file can break the reading."""

from __future__ import annotations

import math
import resource
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.cyaml import CBaseLoader

from reconciler.manifest import load as load_module
from reconciler.manifest.load import FILE_LIMIT, Document, read_documents


def one(text: str) -> Document:
    documents, problems = read_documents(text.encode(), "a.yaml")
    assert problems == []
    assert len(documents) == 1
    return documents[0]


SCALARS: dict[str, Any] = {
    "on": "on",
    "off": "off",
    "yes": "yes",
    "no": "no",
    "y": "y",
    "true": True,
    "False": False,
    "tRUE": "tRUE",
    "~": None,
    "null": None,
    "nULL": "nULL",
    "0": 0,
    "017": 17,
    "0o17": 15,
    "0x1F": 31,
    "0b11": "0b11",
    "1_000": "1_000",
    "12:30": "12:30",
    "1e3": 1000.0,
    "1.": 1.0,
    ".5": 0.5,
    "-.inf": -math.inf,
    ".inf": math.inf,
    "+12": 12,
    "2026-01-01": "2026-01-01",
    "2026-01-01T00:00:00Z": "2026-01-01T00:00:00Z",
    '"5"': "5",
    "'on'": "on",
    "!!str 5": "5",
    "! 5": "5",
    '!!int "5"': 5,
    "!!float 5": 5.0,
    "=": "=",
    "日本": "日本",
    "-": None,
}


@pytest.mark.parametrize("written", [each for each in SCALARS if each != "-"])
def test_a_scalar_means_what_yaml_1_2_says(written: str) -> None:
    value = one(f"a: {written}\n").data["a"]
    assert value == SCALARS[written]
    assert type(value) is type(SCALARS[written])


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(one("a: .nan\n").data["a"])


def test_keys_are_texts_as_written() -> None:
    assert one("{1: a, on: b, true: c, null: d, 0x1: e}").data == {
        "1": "a",
        "on": "b",
        "true": "c",
        "null": "d",
        "0x1": "e",
    }


@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_a_number_or_word_reads_back_as_itself(value: object) -> None:
    words = {None: "null", True: "true", False: "false", math.inf: ".inf", -math.inf: "-.inf"}
    written = words[value] if isinstance(value, bool | None) or value in (math.inf, -math.inf) else repr(value)  # type: ignore[index]  # the words' keys are of several types
    read = one(f"a: {written}\n").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_a_url_may_stand_unquoted_in_braces() -> None:
    assert one("{url: https://x.example/a?b, c: d}").data == {"url": "https://x.example/a?b", "c": "d"}


def test_anchors_aliases_and_merge_keys_are_laid_out() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\nd: {<<: *a}\ne: *a\n"
    data = one(text).data
    assert data["c"] == {"x": 5, "y": 2, "z": 4}
    assert data["d"] == data["e"] == {"x": 1, "y": 2}


def test_a_quoted_merge_key_is_an_ordinary_one() -> None:
    assert one('{"<<": 1}').data == {"<<": 1}


def test_several_documents_stand_in_one_file() -> None:
    documents, problems = read_documents(b"a: 1\n---\n---\nb: 2\n...\n", "a.yaml")
    assert [document.data for document in documents] == [{"a": 1}, None, {"b": 2}]
    assert not problems


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    documents, _ = read_documents(b"\xef\xbb\xbfa: 1\r\nb: [\r\n 2]\r\n", "a.yaml")
    assert documents[0].data == {"a": 1, "b": [2]}
    assert str(documents[0].place(("b", 0))) == "a.yaml:3:2"


PLACES = """\
# a comment
---
前: 値   # three
spec:
  list:
  - {a: 1, b: 日}
  -
    c: &here
      d: x
  again: *here
  merged: {<<: *here, e: 2}
  text: |
    long
  empty:
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, "3:1"),
        (("前",), False, "3:4"),
        (("前",), True, "3:1"),
        (("spec",), False, "4:1"),
        (("spec", "list"), False, "5:3"),
        (("spec", "list", 0), False, "6:5"),
        (("spec", "list", 0, "b"), False, "6:15"),
        (("spec", "list", 0, "b"), True, "6:12"),
        (("spec", "list", 1), False, "8:5"),
        (("spec", "list", 1, "c", "d"), False, "9:10"),
        (("spec", "again", "d"), False, "9:10"),
        (("spec", "merged", "e"), False, "11:26"),
        (("spec", "merged", "d"), True, "9:7"),
        (("spec", "text"), False, "12:9"),
        (("spec", "list", 7, "x"), False, "5:3"),
        (("spec", "nothing", "x"), False, "4:1"),
        (("spec", "text", "x"), False, "12:9"),
    ],
)
def test_every_part_knows_its_line_and_column(path: tuple[str | int, ...], key: bool, place: str) -> None:
    assert str(one(PLACES).place(path, key)) == f"a.yaml:{place}"


BROKEN = [
    ("a: 1\n\tb: 2\n", "2:1", "tab", "spaces"),
    ("a: [1\nb: 2\n", "2:2", "expected ',' or ']'", "close the bracket"),
    ("a: {b: 1\n", "2:1", "ends too early", "close every bracket"),
    ("a: 'x\n", "2:1", "a quote is not closed", "close the quote"),
    ("a: b: c\n", "1:5", "mapping values", "quotes"),
    ("a: @x\n", "1:4", "cannot start any token", "quotes"),
    ("a: `x`\n", "1:4", "cannot start any token", "quotes"),
    ("a: *x\n", "1:4", "*x names nothing", "&x"),
    ("a: &x [*x]\n", "1:8", "*x stands inside what it names", "write it out"),
    ("a: 1\n b: 2\n", "2:3", "mapping values", "indentation"),
    ("a:\n  b: 1\n c: 2\n", "3:2", "expected", "indentation"),
    ("a: 1\n- b\n", "2:1", "expected", "indentation"),
    ("? [a]\n: b\n", "1:3", "a key is a text", "quotes"),
    ("a: x\x07y\n", "1:5", "U+0007", "\\u0007"),
    ("日本: x\x07y\n", "1:6", "U+0007", "\\u0007"),
    ("%YAML 1.2\n---\na: {\n", "4:1", "ends too early", "bracket"),
]


@pytest.mark.parametrize(("text", "place", "what", "way_out"), BROKEN)
def test_broken_yaml_is_told_with_place_and_way_out(text: str, place: str, what: str, way_out: str) -> None:
    documents, problems = read_documents(text.encode(), "a.yaml")
    assert documents == []
    assert [str(problem.place) for problem in problems] == [f"a.yaml:{place}"]
    assert what in problems[0].text
    assert way_out in str(problems[0].way_out)


INSIDE = [
    ("a: 1\nb: 2\n'a': 3\n", "3:1", '"a" stands twice in one mapping, first at 1:1', "remove"),
    ("x: {1: a, '1': b}\n", "1:11", '"1" stands twice in one mapping, first at 1:5', "remove"),
    ("a: !Ref x\n", "1:4", "the tag !Ref means nothing here", "leave the tag out"),
    ("a: !!set {x, y}\n", "1:4", "the tag !!set means nothing here", "leave the tag out"),
    ("a: !!int x\n", "1:4", '"x" is no int', "leave the tag out"),
    ("a: !!binary aGk=\n", "1:4", "the tag !!binary means nothing here", "leave the tag out"),
    ("a: " + "9" * 5000, "1:4", "a number of 5000 characters", "quotes"),
    ("a: {<<: 5}\n", "1:5", "<< takes a mapping", "<<: *name"),
    ("a: {<<: [{b: 1}, 5]}\n", "1:5", "<< takes a mapping", "<<: *name"),
]


@pytest.mark.parametrize(("text", "place", "what", "way_out"), INSIDE)
def test_a_mistake_inside_a_document_leaves_it_readable(text: str, place: str, what: str, way_out: str) -> None:
    document = one(text)
    assert [str(problem.place) for problem in document.problems] == [f"a.yaml:{place}"]
    assert what in document.problems[0].text
    assert way_out in str(document.problems[0].way_out)


def test_documents_around_a_broken_one_are_kept() -> None:
    documents, problems = read_documents(b"a: 1\n---\nb: *x\n---\nc: 1\n", "a.yaml")
    assert [document.data for document in documents] == [{"a": 1}, {"c": 1}]
    assert [str(problem.place) for problem in problems] == ["a.yaml:3:4"]


def test_bytes_that_are_not_utf_8_have_a_place() -> None:
    _, problems = read_documents("a: é\nb: ".encode() + b"\xff\n", "a.yaml")
    assert str(problems[0]) == "a.yaml:2:4: this is not UTF-8\n    save the file as UTF-8"


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    return "\n".join(lines)


HEAVY = {
    "an alias bomb": (_bomb(), "aliases laid out"),
    "ten thousand brackets": ("a: " + "[" * 10_000, "deep"),
    "ten thousand braces": ("{a: " * 10_000, "deep"),
    "ten thousand dashes": ("- " * 10_000, "deep"),
    "ten thousand indents": ("".join(" " * n + "a:\n" for n in range(2000)), "deep"),
    "a scalar of 10 MB": ("a: " + "x" * 10_000_000, "1 MB"),
    "a quoted scalar of 10 MB": ('a: "' + "x" * 10_000_000 + '"', "1 MB"),
    "a key of 10 MB": ("x" * 10_000_000 + ": a", "MB"),
    "a list of a million": ("a: [" + "1," * 1_000_000 + "]", "parts"),
    "a file that is too large": ("#" * (FILE_LIMIT + 1), "16 MB"),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_file_costs_little_and_is_refused(name: str) -> None:
    text, what = HEAVY[name]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    _, problems = read_documents(text.encode(), "a.yaml")
    assert time.process_time() - start < 20
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 300_000_000
    assert len(problems) == 1
    assert what in problems[0].text


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_documents_or_problems(content: bytes) -> None:
    documents, problems = read_documents(content, "a.yaml")
    assert all(problem.place is not None for problem in problems)
    assert all(isinstance(document, Document) for document in documents)


PIECES = [
    "a",
    "b: ",
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "\n  ",
    "\t",
    "&x ",
    "*x",
    "!!str ",
    "!t ",
    '"',
    "'",
    "|\n",
    ">-\n",
]
PIECES += [
    "# c",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "1",
    "~",
    "日",
    "\\",
    "@",
    "\x85",
    "\u2028",
    "\ufeff",
    "\r\n",
    "http://x:1",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_pieces_of_yaml_give_documents_or_problems(text: str) -> None:
    read_documents(text.encode(), "a.yaml")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_the_quick_parser_reads_the_slow_one_reads_alike(text: str) -> None:
    quick = read_documents(text.encode(), "a.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_module, "CBaseLoader", None)
        slow = read_documents(text.encode(), "a.yaml")
    both = not slow[1] and not quick[1]  # where only one of them reads it, there is nothing to mistake
    if both and not any(isinstance(document.data, str) for document in quick[0]):  # such a document is never ours
        assert repr([document.data for document in quick[0]]) == repr([document.data for document in slow[0]])


def test_documents_read_apart_keep_their_places() -> None:
    text = "a: 1\n---\n{url: https://x/y}\n---\nb: 2\n---\nc: [1,\n"
    documents, [problem] = read_documents(text.encode(), "a.yaml")
    assert [(document.data, document.place().line) for document in documents] == [
        ({"a": 1}, 1),
        ({"url": "https://x/y"}, 3),
        ({"b": 2}, 5),
    ]
    assert problem.place is not None
    assert problem.place.line >= 7


def test_the_quick_parser_is_there() -> None:
    assert load_module.CBaseLoader is CBaseLoader
