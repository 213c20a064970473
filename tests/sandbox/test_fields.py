"""Strict checks: what passes, what is wrong, and that all of it is told at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.sandbox import fields
from reconciler.sandbox.fields import Invalid

POINT = fields.record({"x": fields.whole(0, 9), "name": fields.text(least=1, most=3)}, ("x",))
SHAPE = fields.variant("kind", {"dot": fields.record({"kind": fields.text(), "at": POINT}, ("at",))})

WRONG: list[tuple[Any, Any, set[str]]] = [
    (fields.whole(), True, {""}),
    (fields.whole(), 1.0, {""}),
    (fields.whole(), "1", {""}),
    (fields.flag, 1, {""}),
    (fields.text(least=1), "  ", {""}),
    (fields.text(pattern="[a-z]+"), "a\n", {""}),
    (fields.word("a", "b"), "A", {""}),
    (fields.items(fields.whole(), least=1), [], {""}),
    (fields.items(fields.whole(), most=1), [1, 2], {""}),
    (fields.items(fields.whole()), [1, "2", None], {"[1]", "[2]"}),
    (fields.mapping(fields.text()), {"a": 1, "b": "c"}, {".a"}),
    (POINT, {"name": "long name", "y": 1}, {"x", "name", "y"}),
    (POINT, [], {"body"}),
    (SHAPE, {"kind": "line"}, {"kind"}),
    (SHAPE, {"kind": "dot", "at": {"x": 10}}, {"at.x"}),
]


@pytest.mark.parametrize(("check", "value", "paths"), WRONG)
def test_everything_wrong_is_named_by_its_path(check: Any, value: Any, paths: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        check(value, "")
    assert set(caught.value.errors) == paths


def test_a_null_counts_as_not_given_unless_nulls_are_checked() -> None:
    assert POINT({"x": 1, "name": None}, "") == {"x": 1}
    strict = fields.record({"x": fields.nullable(fields.whole()), "y": fields.whole()}, nulls="checked")
    assert strict({"x": None}, "") == {"x": None}
    with pytest.raises(Invalid):
        strict({"y": None}, "")


@given(st.integers())
def test_a_whole_number_passes_exactly_within_its_bounds(number: int) -> None:
    check = fields.whole(-5, 5)
    if -5 <= number <= 5:
        assert check(number, "n") == number
    else:
        with pytest.raises(Invalid):
            check(number, "n")
