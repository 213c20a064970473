"""Datadog's words and limits stand twice on purpose, in the kinds and in the sandbox; here the two are compared."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from reconciler.kinds.shape import Leaf, List
from reconciler.sandbox.datadog import vocabulary as sandbox
from reconciler.vendors.datadog.query import METRIC, MonitorType
from tests.kind_kit import Mistake, assert_mistaken, fields_of, kind_of, tree_of


def choices(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(kind_of(f"datadog/{kind}").shape))[path].shape
    leaf = shape.item if isinstance(shape, List) else shape
    assert isinstance(leaf, Leaf)
    return set(leaf.choices)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (get_args(MonitorType), sandbox.MONITOR_TYPES),
        (METRIC, sandbox.METRIC_TYPES),
        (choices("Monitor", "draft_status"), sandbox.DRAFT_STATUSES),
        (choices("Monitor", "options.on_missing_data"), sandbox.MISSING_DATA),
        (choices("Monitor", "options.renotify_statuses"), sandbox.RENOTIFY_STATUSES),
        (choices("Monitor", "options.notification_preset_name"), sandbox.PRESETS),
        (choices("Webhook", "encode_as"), sandbox.WEBHOOK_ENCODINGS),
        (choices("OpsgenieService", "region"), sandbox.OPSGENIE_REGIONS),
        (choices("Downtime", "notify_end_states"), sandbox.END_STATES),
        (choices("Downtime", "notify_end_types"), sandbox.END_TYPES),
        (choices("ServiceLevelObjective", "type"), sandbox.SLO_TYPES),
        (choices("ServiceLevelObjective", "timeframe"), sandbox.SLO_TIMEFRAMES),
        (choices("ServiceLevelObjective", "thresholds[].timeframe"), sandbox.SLO_TIMEFRAMES),
        (choices("ServiceLevelObjective", "sli_specification.time_slice.comparator"), sandbox.SLO_COMPARATORS),
        (
            choices("ServiceLevelObjective", "sli_specification.time_slice.query_interval_seconds"),
            sandbox.SLO_INTERVALS,
        ),
    ],
)
def test_words_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert set(ours) == set(theirs) != set()


SUNDAYS = [{"rrule": f"FREQ=DAILY;INTERVAL={number}"} for number in range(1, 20)]
LIMITS: list[tuple[str, int, Any, tuple[str | int, ...]]] = [
    ("OpsgenieService", sandbox.OPSGENIE_NAME_MOST, lambda most: {"name": "x" * most}, ("name",)),
    (
        "ServiceLevelObjective",
        sandbox.SLO_GROUPS_MOST,
        lambda most: {"groups": list(map(str, range(most)))},
        ("groups",),
    ),
    (
        "Downtime",
        sandbox.RECURRENCES_MOST,
        lambda most: {"schedule": {"recurrences": SUNDAYS[:most]}},
        ("schedule", "recurrences"),
    ),
]


@pytest.mark.parametrize(("kind", "most", "spec", "path"), LIMITS)
def test_limits_are_the_same_on_both_sides(kind: str, most: int, spec: Any, path: tuple[str | int, ...]) -> None:
    assert tree_of(f"datadog/{kind}", spec(most))
    assert_mistaken(Mistake(f"datadog/{kind}", spec(most + 1), path, f"at most {most}"))


@pytest.mark.parametrize("often", sandbox.FREQUENCIES)
def test_what_the_sandbox_takes_as_often_enough_we_take_too(often: str) -> None:
    assert tree_of("datadog/Downtime", {"schedule": {"recurrences": [{"rrule": f"FREQ={often}"}]}})


def test_a_page_holds_what_the_sandbox_gives_at_most() -> None:
    paging = kind_of("datadog/ServiceLevelObjective").place.paging
    assert getattr(paging, "limit", None) == sandbox.SLOS_MOST
