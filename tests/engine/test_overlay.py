"""Overlay: what shall be there, of what is declared and what is live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.overlay import MISSING, contains, equal, overlay
from reconciler.kinds.shape import List, shape_of
from reconciler.kinds.tree import Env, Keep, Link, Secret
from tests.toy.vendor import Part, Rule

SHAPE = shape_of(Rule)


@dataclass(frozen=True)
class Case:
    """`wanted` laid over `live` gives `result`; `last` is what was applied last."""

    name: str
    wanted: dict[str, Any]
    live: dict[str, Any]
    result: dict[str, Any]
    last: Any = MISSING


def secret(*digests: str, **more: Any) -> Secret:
    return Secret(Env("KEY"), digests, **more)


A, B, C = (Link(f"toy/Group/{name}", "toy/Group", name, f"g-{name}") for name in "abc")
NOBODYS = Link("toy/toy/Group#g9", "toy/Group", {"existing": "theirs"}, "g9")

CASES = [
    Case("a field that is not declared stays", {"name": "a"}, {"name": "a", "text": "x"}, {"name": "a", "text": "x"}),
    Case("a declared one wins", {"text": "y"}, {"text": "x"}, {"text": "y"}),
    Case("null clears", {"text": None}, {"text": "x"}, {"text": None}),
    Case("null over nothing is nothing", {"text": None}, {"name": "a"}, {"name": "a"}),
    Case("null over an empty text is nothing", {"text": None}, {"text": ""}, {"text": ""}),
    Case("an empty list over nothing is nothing", {"steps": []}, {"name": "a"}, {"name": "a"}),
    Case("an empty text over nothing is nothing", {"text": ""}, {"name": "a"}, {"name": "a"}),
    Case(
        "also inside a nested object what is not declared stays",
        {"detail": {"first": "1"}},
        {"detail": {"first": "0", "second": "2", "new": 3}},
        {"detail": {"first": "1", "second": "2", "new": 3}},
    ),
    Case(
        "of an owned one what is not declared goes",
        {"detail": {"limit": {"most": 1}}},
        {"detail": {"limit": {"most": 2, "within": 3}, "second": "2"}},
        {"detail": {"limit": {"most": 1}, "second": "2"}},
    ),
    Case("a set in another order is the same set", {"marks": ["b", "a"]}, {"marks": ["a", "b"]}, {"marks": ["a", "b"]}),
    Case("what a set does not name goes", {"marks": ["a"]}, {"marks": ["a", "b"]}, {"marks": ["a"]}),
    Case(
        "a list in another order is another list", {"steps": ["b", "a"]}, {"steps": ["a", "b"]}, {"steps": ["b", "a"]}
    ),
    Case(
        "keyed items overlay by key, and what is not named goes",
        {"parts": [{"name": "b", "weight": 2}, {"name": "c"}]},
        {"parts": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1, "colour": "red"}]},
        {"parts": [{"name": "b", "weight": 2, "colour": "red"}, {"name": "c"}]},
    ),
    Case(
        "a changed discriminator drags no field along",
        {"tell": {"via": "phone", "to": "ann"}},
        {"tell": {"via": "mail", "to": "bob", "subject": "hi"}},
        {"tell": {"via": "phone", "to": "ann"}},
    ),
    Case(
        "the same discriminator keeps the rest",
        {"tell": {"via": "mail", "to": "ann"}},
        {"tell": {"via": "mail", "to": "bob", "subject": "hi"}},
        {"tell": {"via": "mail", "to": "ann", "subject": "hi"}},
    ),
    Case("in a shared list others' items stay", {"tags": ["x"]}, {"tags": ["theirs"]}, {"tags": ["theirs", "x"]}),
    Case(
        "of a shared list goes what we put there and no longer name",
        {"tags": ["x"]},
        {"tags": ["y", "theirs", "x"]},
        {"tags": ["theirs", "x"]},
        {"tags": ["x", "y"]},
    ),
    Case(
        "so it is with references",
        {"groups": [A]},
        {"groups": [B, NOBODYS, A]},
        {"groups": [NOBODYS, A]},
        {"groups": [A, B]},
    ),
    Case(
        "of a shared map goes the key we put there and no longer name",
        {"options": {"a": "1"}},
        {"options": {"a": "0", "b": "2", "theirs": "3"}},
        {"options": {"a": "1", "theirs": "3"}},
        {"options": {"a": "1", "b": "2"}},
    ),
    Case(
        "a secret of the same digest is no change",
        {"key": secret("k:1")},
        {"key": secret("k:1")},
        {"key": secret("k:1")},
    ),
    Case("one of another digest is", {"key": secret("k:2")}, {"key": secret("k:1")}, {"key": secret("k:2")}),
    Case(
        "one whose value is not known is none",
        {"key": secret(why="unset")},
        {"key": secret("k:1")},
        {"key": secret("k:1")},
    ),
    Case(
        "nor is one that was digested with another key",
        {"key": secret("n:2")},
        {"key": secret("k:1")},
        {"key": secret("k:1")},
    ),
    Case(
        "one of several keys is enough", {"key": secret("n:2", "k:1")}, {"key": secret("k:1")}, {"key": secret("k:1")}
    ),
    Case("keep is what is there", {"key": Keep()}, {"key": secret("k:1")}, {"key": secret("k:1")}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_declared_is_laid_over_what_is_live(case: Case) -> None:
    assert overlay(SHAPE, case.wanted, case.live, case.last) == case.result


def test_one_is_not_true() -> None:
    assert not equal(1, True)
    assert not equal([1], [True])
    assert not equal({"a": {"b": 0}}, {"a": {"b": False}})
    assert equal({"a": [1, None]}, {"a": [1.0, None]})


def test_a_renewed_secret_is_a_change_whatever_is_there() -> None:
    renewed = secret(renewed=True)
    assert overlay(SHAPE, {"key": renewed}, {"key": secret("k:1")})["key"].renewed


def test_an_item_that_says_little_leaves_the_live_one_to_who_says_more() -> None:
    unkeyed = List(shape_of(Part), ordered=False)
    wanted = [{"colour": "red"}, {"colour": "red", "weight": 1}]
    live = [{"name": "a", "colour": "red", "weight": 1}, {"name": "b", "colour": "red", "weight": 2}]
    assert overlay(unkeyed, wanted, live) == live


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = st.sampled_from(["", "a", "b", "c"])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXTS,
    "text": TEXTS,
    "marks": st.lists(TEXTS, unique=True, max_size=3),
    "steps": st.lists(TEXTS, max_size=3),
    "tags": st.lists(TEXTS, unique=True, max_size=3),
    "options": st.dictionaries(TEXTS, TEXTS, max_size=3),
    "parts": st.lists(
        st.fixed_dictionaries({"name": TEXTS}, optional={"weight": st.integers(0, 2), "colour": TEXTS}),
        unique_by=lambda part: part["name"],
        max_size=3,
    ),
    "detail": st.fixed_dictionaries(
        {},
        optional={
            "first": st.none() | TEXTS,
            "second": TEXTS,
            "limit": st.fixed_dictionaries({}, optional={"most": st.none() | st.integers(0, 2)}),
        },
    ),
    "tell": st.fixed_dictionaries({"via": st.sampled_from(["mail", "phone"])}, optional={"to": st.none() | TEXTS}),
}
OBJECTS = st.fixed_dictionaries({}, optional={name: st.none() | one for name, one in FIELDS.items()})
LASTS = st.just(MISSING) | OBJECTS


@given(OBJECTS, OBJECTS, LASTS)
def test_what_was_laid_over_is_there(wanted: dict[str, Any], live: dict[str, Any], last: Any) -> None:
    there = {name: value for name, value in live.items() if value is not None}
    result = overlay(SHAPE, wanted, there, last)
    assert contains(SHAPE, wanted, result)


@given(OBJECTS, OBJECTS)
def test_what_nobody_names_stays(wanted: dict[str, Any], live: dict[str, Any]) -> None:
    there = {name: value for name, value in live.items() if value is not None}
    result = overlay(SHAPE, wanted, there)
    assert all(result[name] == value for name, value in there.items() if name not in wanted)
    assert set(there.get("tags", [])) <= set(
        result.get("tags") or there.get("tags", []) if wanted.get("tags") else there.get("tags", [])
    )
