"""The summary: a plan's first line, which calls nothing unchanged that is otherwise there than Git says."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.report.document import read_document
from reconciler.report.summary import summary
from reconciler.report.value import flow

PLAN: dict[str, Any] = {
    "format": "reconciler/plan/v1",
    "empty": True,
    "digest": "d",
    "counts": {},
    "accounts": ["pagerduty"],
    "objects": 3,
    "unchanged": 3,
    "requests": 4,
    "seconds": 0.5,
}
CHANGE = [{"change": "create", "address": "pagerduty/Team/new", "place": "a.yaml:3:1"}]
UNKNOWN = [{"text": "KEY is not set"}]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "Nothing to change: 3 objects in pagerduty are as Git says"),
        ({"apart": 1}, "Nothing to change: 2 objects in pagerduty are as Git says, 1 is not (see warnings)"),
        ({"apart": 2}, "Nothing to change: 1 object in pagerduty is as Git says, 2 are not (see warnings)"),
        ({"apart": 3}, "Nothing to change: 3 objects in pagerduty are not as Git says (see warnings)"),
        ({"changes": CHANGE}, "1 to create in pagerduty; 3 others are as Git says"),
        ({"changes": CHANGE, "apart": 2}, "1 to create in pagerduty; 1 other is as Git says, 2 are not (see warnings)"),
        (
            {"apart": 1, "unknown": UNKNOWN},
            "Nothing to change: 2 objects in pagerduty are as Git says, but for 1 secret not known here, "
            "1 is not (see warnings)",
        ),
    ],
)
def test_what_is_otherwise_there_is_not_counted_as_git_says(more: dict[str, Any], line: str) -> None:
    assert summary(read_document({**PLAN, **more})) == f"{line} (4 requests, 0.5 s)"


@pytest.mark.parametrize(
    ("value", "words"), [(90.0, "90"), (-2.0, "-2"), (99.95, "99.95"), (1e300, "1e+300"), ("90.0", '"90.0"')]
)
def test_a_number_is_told_as_people_write_it(value: Any, words: str) -> None:
    assert flow(value) == words
