"""The kinds and the sandbox state the vendors' words and limits twice, on purpose; here the two are compared."""

from typing import Any, get_args

import pytest

from reconciler.kinds.shape import Leaf, List, Variants
from reconciler.sandbox.opsgenie import vocabulary as opsgenie
from reconciler.sandbox.wallarm import vocabulary as wallarm
from reconciler.vendors.opsgenie import condition, restriction
from reconciler.vendors.wallarm import event, trigger
from reconciler.vendors.wallarm import filter as filters
from tests.kind_kit import KINDS, fields_of


def choices(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(KINDS[kind].shape))[path].shape
    assert isinstance(shape, Leaf)
    return set(shape.choices)


def filter_values(name: str) -> set[Any]:
    shape = dict(fields_of(KINDS["wallarm/Trigger"].shape))[f"filters.{name}.eq"].shape
    assert isinstance(shape, List)
    assert isinstance(shape.item, Leaf)
    return set(shape.item.choices)


TRIGGER = dict(fields_of(KINDS["wallarm/Trigger"].shape))
FILTERS = {path.split(".")[1] for path in TRIGGER if path.startswith("filters.")}
ACTIONS = {path.split(".")[1] for path in TRIGGER if path.startswith("actions[].")}


@pytest.mark.parametrize(
    ("ours", "sandbox"),
    [
        (event.CHAT, wallarm.EVENTS["opsgenie"]),
        (event.KNOWN, {name for names in wallarm.EVENTS.values() for name in names}),
        (trigger.TEMPLATES, wallarm.TEMPLATES),
        (trigger.COUNTED, wallarm.THRESHOLD_REQUIRED),
        (trigger.UNCOUNTED, wallarm.THRESHOLD_FORBIDDEN),
        (FILTERS, wallarm.FILTERS),
        (ACTIONS, wallarm.ACTIONS),
        (filter_values("target"), wallarm.TARGETS),
        (filter_values("pii"), wallarm.PII),
        (filter_values("change_type"), wallarm.CHANGE_TYPES),
        (filter_values("deviation_type"), wallarm.DEVIATION_TYPES),
        (restriction.DAYS, opsgenie.DAYS),
        (choices("opsgenie/Schedule", "rotations[].type"), opsgenie.ROTATION_TYPES),
        (choices("opsgenie/Escalation", "rules[].condition"), opsgenie.RULE_CONDITIONS),
        (choices("opsgenie/Escalation", "rules[].notifyType"), opsgenie.NOTIFY_TYPES),
        (choices("opsgenie/RoutingRule", "criteria.type"), opsgenie.MATCH_TYPES),
        (choices("opsgenie/Integration", "priority"), opsgenie.PRIORITIES),
        (condition.PRIORITIES, opsgenie.PRIORITIES),
        (get_args(condition.Operation), opsgenie.OPERATIONS),
        (condition.KNOWN, opsgenie.CONDITION_OPERATIONS),
    ],
)
def test_words_are_the_same_on_both_sides(ours: Any, sandbox: Any) -> None:
    assert set(ours) == set(sandbox)


def test_operations_of_a_field_are_the_same_on_both_sides() -> None:
    for field, operations in condition.OPERATIONS.items():
        assert set(operations) == set(opsgenie.CONDITION_OPERATIONS[field]), field


def test_limits_are_the_same_on_both_sides() -> None:
    assert filters.MOST == wallarm.FILTERS_MOST
    assert restriction.MOST == opsgenie.RESTRICTIONS_MOST


def test_every_type_of_integration_we_know_is_known_to_the_sandbox() -> None:
    shape = KINDS["opsgenie/Integration"].shape
    assert isinstance(shape, Variants)
    assert set(shape.records) <= set(opsgenie.INTEGRATION_TYPES)
