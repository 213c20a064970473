"""What kinds and sandbox both state of heartbeats, policies, maintenance and actions, compared."""

from typing import Any

import pytest

from reconciler.kinds.shape import Leaf, Variants
from reconciler.sandbox.opsgenie import vocabulary as sandbox
from reconciler.vendors.opsgenie import action, integration_type
from tests.kind_kit import KINDS, Mistake, assert_mistaken, fields_of, tree_of


def choices(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(KINDS[f"opsgenie/{kind}"].shape))[path].shape
    assert isinstance(shape, Leaf)
    return set(shape.choices)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (choices("Heartbeat", "intervalUnit"), sandbox.INTERVAL_UNITS),
        (choices("Heartbeat", "alertPriority"), sandbox.PRIORITIES),
        (choices("AlertPolicy", "priority"), sandbox.PRIORITIES),
        (choices("AlertPolicy", "filter.type"), sandbox.MATCH_TYPES),
        (choices("NotificationPolicy", "deduplicationAction.deduplicationActionType"), sandbox.DEDUPLICATIONS),
        (choices("NotificationPolicy", "delayAction.delayOption"), sandbox.DELAYS),
        (choices("Maintenance", "rules[].state"), sandbox.MAINTENANCE_STATES),
        (action.TYPES, sandbox.ACTION_TYPES),
        (integration_type.NOT_BY_API, sandbox.UNMADE_TYPES),
    ],
)
def test_words_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert set(ours) == set(theirs)


def test_of_times_those_that_git_can_say_are_taken() -> None:
    assert choices("Maintenance", "time.type") < set(sandbox.MAINTENANCE_TIMES)


def test_every_type_with_actions_of_its_own_is_a_variant() -> None:
    shape = KINDS["opsgenie/Integration"].shape
    assert isinstance(shape, Variants)
    assert set(shape.records) == {"API", "Webhook", "Email"}
    assert shape.other is not None


@pytest.mark.parametrize(
    ("kind", "field", "most"),
    [
        ("Heartbeat", "name", sandbox.HEARTBEAT_NAME_LENGTH),
        ("Heartbeat", "description", sandbox.HEARTBEAT_DESCRIPTION_LENGTH),
        ("Heartbeat", "alertMessage", sandbox.MESSAGE_LENGTH),
        ("AlertPolicy", "name", sandbox.POLICY_NAME_LENGTH),
        ("AlertPolicy", "policyDescription", sandbox.POLICY_DESCRIPTION_LENGTH),
    ],
)
def test_limits_are_the_same_on_both_sides(kind: str, field: str, most: int) -> None:
    tree_of(f"opsgenie/{kind}", {field: "x" * most})
    assert_mistaken(Mistake(f"opsgenie/{kind}", {field: "x" * (most + 1)}, (field,), f"at most {most}"))
