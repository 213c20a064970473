"""Paint: whatever a vendor or a manifest calls things, a terminal is only ever shown letters."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reconciler.report.paint import Page, visible
from reconciler.report.plan_text import document_text

NASTY = st.text(
    st.sampled_from("ab :\n\t\r\x00\x07\x1b[2J]8;;\x7f\x9b\u00a0\u200b\u202e\u2028\u2066\ufeff\U000e0041決✓")
)
WORD = st.text(st.sampled_from("abcdefghij"), min_size=1, max_size=12)
PLAIN = st.lists(WORD, min_size=1, max_size=30).map(" ".join)
CAUSES = st.sampled_from(["edited", "drifted", "both", "differs", "new", "renewed"])
WORDS = st.sampled_from(
    ["create", "update", "replace", "delete", "reset", "adopt", "move", "release", "blocked", "doubtful"]
)
ESCAPE = re.compile(r"\x1b\[[\d;]*m")


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    leaf = text | st.none() | st.booleans() | st.integers(0, 9999)
    return st.recursive(
        leaf, lambda one: st.lists(one, max_size=4) | st.dictionaries(WORD, one, max_size=4), max_leaves=8
    )


def problems(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    one = st.fixed_dictionaries({"text": text}, optional={"way_out": text, "place": st.just("a.yaml:1:1")})
    return st.lists(one, max_size=2)


def plans(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Plan documents in which everything that people or vendors may word is `text`."""
    value = values(text)
    field = st.fixed_dictionaries({"path": WORD, "cause": CAUSES}, optional={"old": value, "new": value, "last": value})
    change = st.fixed_dictionaries(
        {"change": WORDS, "address": WORD.map("acme/Door/".__add__)},
        optional={
            "why": text,
            "way_out": text,
            "notes": st.lists(text, max_size=2),
            "fields": st.lists(field, max_size=3),
        },
    )
    return st.fixed_dictionaries(
        {
            "format": st.just("reconciler/plan/v1"),
            "empty": st.booleans(),
            "digest": st.just("0"),
            "counts": st.just({}),
            "accounts": st.just(["acme"]),
            "objects": st.just(3),
            "unchanged": st.integers(0, 3),
            "requests": st.integers(0, 100),
            "seconds": st.floats(0, 1000),
            "changes": st.lists(change, max_size=3),
            "refused": problems(text),
            "warnings": problems(text),
        },
        optional={
            "not_read": st.dictionaries(st.just("acme"), st.fixed_dictionaries({"text": text, "way_out": text})),
            "notices": st.lists(text, max_size=1),
            "holders": st.dictionaries(WORD, text, max_size=1),
        },
    )


@given(plan=plans(NASTY), verbose=st.booleans())
def test_a_plain_text_holds_only_letters_whatever_things_are_called(plan: Any, verbose: bool) -> None:
    text = document_text(plan, width=80, color=False, verbose=verbose)
    assert all(one.isprintable() for line in text.split("\n") for one in line)


@given(plan=plans(NASTY))
def test_colour_adds_escapes_of_ours_and_nothing_else(plan: Any) -> None:
    plain = document_text(plan, width=80, color=False)
    assert ESCAPE.sub("", document_text(plan, width=80, color=True)) == plain


@given(plan=plans(PLAIN), width=st.integers(60, 120))
def test_plain_words_stay_within_the_width(plan: Any, width: int) -> None:
    for line in document_text(plan, width=width, color=False).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


@given(NASTY)
def test_what_is_made_visible_cannot_be_undone_by_doing_it_twice(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert visible(shown) == shown


@given(PLAIN, st.integers(20, 80), st.integers(0, 6), st.integers(0, 6))
def test_wrapping_loses_no_word(text: str, width: int, indent: int, hang: int) -> None:
    page = Page(width, color=False)
    page.add(text, indent=indent, hang=hang)
    assert page.text().split() == text.split()


def test_wide_letters_count_twice() -> None:
    page = Page(12, color=False)
    page.add("決済 決済 決済")
    assert page.text() == "決済 決済\n    決済\n"


def test_a_number_stays_with_its_unit() -> None:
    page = Page(24, color=False)
    page.add("nothing (8 requests, 0.4 s)")
    assert page.text() == "nothing (8 requests,\n    0.4 s)\n"


@given(plans(NASTY | PLAIN), st.integers(1, 120))
def test_colour_changes_nothing_but_the_colour(plan: dict[str, Any], width: int) -> None:
    plain = document_text(plan, width=width, color=False)
    assert ESCAPE.sub("", document_text(plan, width=width, color=True)) == plain
