"""Datadog's words stand twice, in the kinds and in the sandbox, so that one mistake is not made on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.shape import Leaf, List
from reconciler.sandbox.datadog import vocabulary as words
from reconciler.sandbox.datadog.monitor_options import FIELDS
from reconciler.vendors.datadog import VENDOR
from tests.kind_kit import fields_of

SHAPES = {kind.name: dict(fields_of(kind.shape)) for kind in VENDOR.kinds}


def choices(kind: str, path: str) -> set[Any]:
    shape = SHAPES[kind][path].shape
    leaf = shape.item if isinstance(shape, List) else shape
    assert isinstance(leaf, Leaf)
    return set(leaf.choices)


@pytest.mark.parametrize(
    ("kind", "path", "sandbox"),
    [
        ("Monitor", "type", set(words.MONITOR_TYPES) - {"synthetics alert"}),
        ("Monitor", "draft_status", words.DRAFT_STATUSES),
        ("Monitor", "options.on_missing_data", words.MISSING_DATA),
        ("Monitor", "options.renotify_statuses", words.RENOTIFY_STATUSES),
        ("Monitor", "options.notification_preset_name", words.PRESETS),
        ("Webhook", "encode_as", words.WEBHOOK_ENCODINGS),
        ("OpsgenieService", "region", words.OPSGENIE_REGIONS),
        ("Downtime", "notify_end_states", words.END_STATES),
        ("Downtime", "notify_end_types", words.END_TYPES),
        ("ServiceLevelObjective", "type", words.SLO_TYPES),
    ],
)
def test_words_are_the_same_on_both_sides(kind: str, path: str, sandbox: Any) -> None:
    assert choices(kind, path) - {"synthetics alert"} == set(sandbox)


def test_options_are_the_same_on_both_sides() -> None:
    ours = {path.split(".")[1] for path in SHAPES["Monitor"] if path.startswith("options.")}
    assert ours - set(FIELDS) == set()
    assert set(FIELDS) - ours <= {"locked"}  # deprecated: what the sandbox takes beyond that is no kind's field
