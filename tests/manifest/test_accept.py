"""Patches of manifests: one value's text in another's place, and not a letter beside it."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

import pytest

from reconciler.manifest.load import read_documents
from reconciler.manifest.patch import Drop, Inside, Items, Patch, Put, Unwritten, patched
from reconciler.manifest.yaml_text import block, flow

TEXT = """\
# top
apiVersion: x
kind: Y
metadata: {name: a}
spec:
  name: old   # the name
  # about the text
  text: |
    one
    two

  # next
  list:
    # first of all
    - a  # A
    - b  # B
    - {name: c, w: 1}  # C

  flow: [a, "b c", {k: v}]  # flow
  several: [a, # the first
    b]
  object:
    x: 1
    y: 2  # why
  blocks:
    - x: 1
      y: 2
  empty:
  line: {a: 1, b: 2}
  anchored: &x {a: 1}
  alias: *x
  merged:
    <<: *x
    b: 2
  variable: "${var.a}-b"
  tagged: !!str 5
# tail
---
apiVersion: z
"""
BEGINS = 2


def whole(*items: Any) -> Items:
    """All items new."""
    return Items(tuple(Put(one) for one in items), items)


NAMED = "-  name: old   # the name\n+  name: NEW   # the name\n"

# Patches of the spec, and the lines that differ.
ROWS: dict[str, tuple[dict[str | int, Patch], str]] = {
    "a text": ({"name": Put("new")}, "-  name: old   # the name\n+  name: new   # the name\n"),
    "quotes where they are needed": (
        {"name": Put("a: b")},
        '-  name: old   # the name\n+  name: "a: b"   # the name\n',
    ),
    "a word that means something else": (
        {"name": Put("null")},
        '-  name: old   # the name\n+  name: "null"   # the name\n',
    ),
    "Japanese": ({"name": Put("決済")}, "-  name: old   # the name\n+  name: 決済   # the name\n"),
    "nothing": ({"name": Put(None)}, "-  name: old   # the name\n+  name: null   # the name\n"),
    "a block of text": ({"text": Put("x\ny\n")}, "-    one\n-    two\n+    x\n+    y\n"),
    "one line in a block's place": ({"text": Put("x")}, "-  text: |\n-    one\n-    two\n+  text: x\n"),
    "an item in another's place": (
        {"list": Items((0, Put("new"), 2), ())},
        "-    - b  # B\n+    - new\n",
    ),
    "an item before all": ({"list": Items((Put("new"), 0, 1, 2), ())}, "+    - new\n"),
    "an item behind all": (
        {"list": Items((0, 1, 2, Put({"name": "new", "l": [1]})), ())},
        "+    - {name: new, l: [1]}\n",
    ),
    "an item of several lines among such": (
        {"blocks": Items((0, Put({"name": "new", "l": [1]})), ())},
        "+    - name: new\n+      l:\n+        - 1\n",
    ),
    "items that go": ({"list": Items((1,), ())}, "-    - a  # A\n-    - {name: c, w: 1}  # C\n"),
    "none of its items stays": (
        {"list": whole("new")},
        "-    # first of all\n-    - a  # A\n-    - b  # B\n-    - {name: c, w: 1}  # C\n+    - new  # C\n",
    ),
    "a field of an item": (
        {"list": Inside({2: Inside({"w": Put(5)})})},
        "-    - {name: c, w: 1}  # C\n+    - {name: c, w: 5}  # C\n",
    ),
    "a list on one line": (
        {"flow": Items((1, Put("n, m")), ())},
        '-  flow: [a, "b c", {k: v}]  # flow\n+  flow: ["b c", "n, m"]  # flow\n',
    ),
    "a list that is empty": ({"flow": Put([])}, '-  flow: [a, "b c", {k: v}]  # flow\n+  flow: []  # flow\n'),
    "fields of an object": (
        {"object": Inside({"x": Put(3), "y": Put(True)})},
        "-    x: 1\n-    y: 2  # why\n+    x: 3\n+    y: true  # why\n",
    ),
    "a key that goes": ({"object": Inside({"y": Drop()})}, "-    y: 2  # why\n"),
    "the first key goes": ({"object": Inside({"x": Drop()})}, "-    x: 1\n"),
    "a key that comes": ({"object": Inside({"z": Put([1], new=True)})}, "+    z:\n+      - 1\n"),
    "keys on one line": (
        {"line": Inside({"a": Drop(), "c": Put("d", new=True)})},
        "-  line: {a: 1, b: 2}\n+  line: {b: 2, c: d}\n",
    ),
    "what was empty": ({"empty": Put({"a": "b"})}, "+    a: b\n"),
    "what was empty, on its line": ({"empty": Put(5)}, "-  empty:\n+  empty: 5\n"),
    "a new key of the spec": ({"new": Put("new", new=True)}, "+  new: new\n"),
}


def changed(patches: dict[str | int, Patch], text: str = TEXT) -> tuple[str, list[Unwritten]]:
    new, left = patched(text, {BEGINS: Inside({"spec": Inside(patches)})})
    documents, problems = read_documents(new.encode(), "a.yaml")
    assert (len(documents), problems) == (2, [])
    lines = unified_diff(text.splitlines(), new.splitlines(), lineterm="", n=0)
    return "".join(f"{line}\n" for line in lines if not line.startswith(("---", "+++", "@@"))), [one for _, one in left]


@pytest.mark.parametrize(("patches", "differs"), ROWS.values(), ids=ROWS)
def test_only_what_is_written_differs(patches: dict[str | int, Patch], differs: str) -> None:
    assert changed(patches) == (differs, [])


UNDER = "it stands under the anchor &x, which others may share"
LEFT: dict[str, tuple[dict[str | int, Patch], str]] = {
    "an anchor": ({"anchored": Put(1)}, "it is, or holds, the anchor or alias x"),
    "inside of an anchor": (
        {"anchored": Inside({"a": Put(2)})},
        "it stands under the anchor &x, which others may share",
    ),
    "an alias": ({"alias": Put(1)}, "it is, or holds, the anchor or alias x"),
    "a merge key": ({"merged": Inside({"a": Put(2)})}, "it comes from a merge key, <<"),
    "a default": ({"elsewhere": Put(2)}, "it comes from `defaults` of the project"),
    "a variable": ({"variable": Put("x")}, "it comes from a variable"),
    "a tag": ({"tagged": Put("x")}, "it has a tag"),
    "a comment inside of brackets": ({"several": Items((1,), ())}, "a comment stands in the list"),
    "another order": ({"list": Items((1, 0, 2), ())}, "its items stand in another order"),
    "inside of an alias": ({"alias": Inside({"a": Drop()})}, UNDER),
    "a short form": ({"name": Inside({"a": Put(1)})}, "it is written in a short form"),
}


@pytest.mark.parametrize(("patches", "why"), LEFT.values(), ids=LEFT)
def test_what_is_not_this_places_own_stays_and_is_told(patches: dict[str | int, Patch], why: str) -> None:
    differs, left = changed(patches)
    assert differs == ""
    assert [one.why for one in left] == [why]


def test_line_breaks_of_windows_stay() -> None:
    text = TEXT.replace("\n", "\r\n")
    new, left = patched(text, {BEGINS: Inside({"spec": Inside({"text": Put("x\ny\n"), "object": Put({"z": [1]})})})})
    assert left == []
    assert "\n" not in new.replace("\r\n", "")
    assert read_documents(new.encode(), "a")[0][0].data["spec"]["object"] == {"z": [1]}


def test_documents_that_are_not_meant_are_not_touched() -> None:
    assert patched(TEXT, {1: Inside({"spec": Put(1)})}) == (TEXT, [])


VALUES: list[Any] = [
    *("", " ", "a", "yes", "0x10", "1e3", "- a", "a #b", "{a", "it's", 'say "x"', "\ttab", "\u2028", "é", "a\\b", "~"),
    *("!x", "true", "-", "?", "%a", "@a", "a\nb", "a\n", "\n", " a\nb", "a \nb\n", "a\n\nb\n\n", "決\n済", "# a\nb"),
    *("a: b\nc", "\x07\na", 0, -1, 1.5, True, None, [], {}, [[]], [{}], {"a": {"b": []}}, [["a\nb"]]),
    *({"on: x": "y"}, [{"a\nb": "c\nd\n"}], "2026-01-05", "30m", "P1 (a)", "n", {"y": "x"}),
    *("a\x7f", "a\x85b", ["a\x7f\nb"], {"\x7f": 1}),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_value_is_read_back_as_it_was(value: Any) -> None:
    simple = not isinstance(value, dict | list) or not value
    behind = f"k:{' ' if simple else ''}{block(value, 0)}\nnext: 1\n"
    item = f"k:\n  - {block(value, 4, item=True)}\n  - 1\n"
    for text, said in ((f"k: {flow(value)}\n", value), (behind, value), (item, [value, 1])):
        [document], problems = read_documents(text.encode(), "a.yaml")
        assert (document.data["k"], problems) == (said, []), text
