"""Orchestrations, groupings, hooks, dependencies and workflows beside the vendor's document and the sandbox's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from reconciler.kinds.shape import Leaf, List, Variants
from reconciler.kinds.spec import OneOf
from reconciler.sandbox.pagerduty import vocabulary as sandbox
from reconciler.vendors.pagerduty import rule, webhook_subscription
from tests.kind_kit import fields_of, kind_of
from tests.kinds.pagerduty_project import stage_in
from tests.kinds.test_pagerduty_openapi import checking, needs_the_document
from tests.kinds.test_pagerduty_resumed import BASE, STORIES


def choices(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(kind_of(f"pagerduty/{kind}").shape))[path].shape
    assert isinstance(shape, Leaf)
    return set(shape.choices)


def types(kind: str) -> set[Any]:
    form = kind_of(f"pagerduty/{kind}").spec
    assert isinstance(form, OneOf)
    return set(form.choices)


def triggers() -> set[Any]:
    shape = dict(fields_of(kind_of("pagerduty/IncidentWorkflow").shape))["triggers"].shape
    assert isinstance(shape, List)
    assert isinstance(shape.item, Variants)
    return set(shape.item.records)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (types("AlertGroupingSetting"), sandbox.GROUPING_TYPES),
        (choices("AlertGroupingSetting", "config.aggregate"), sandbox.AGGREGATES),
        ({*webhook_subscription.EVENTS, "pagey.ping"}, sandbox.WEBHOOK_EVENTS),
        (choices("EventOrchestration", "global.rules[].severity"), sandbox.SEVERITIES),
        (choices("ServiceOrchestration", "rules[].event_action"), sandbox.RULE_EVENT_ACTIONS),
        (choices("EventOrchestration", "router.rules[].dynamic_route_to.lookup_by"), sandbox.LOOKUPS),
        (get_args(rule.Moment), sandbox.TRIGGER_TYPES),
        (triggers(), sandbox.WORKFLOW_TRIGGER_TYPES),
    ],
)
def test_words_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert set(ours) == set(theirs)


@needs_the_document
@pytest.mark.parametrize("story", STORIES)
def test_every_request_is_one_of_the_vendors_document(story: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    seen = checking(stage)
    for text in (BASE + STORIES[story][0], BASE + STORIES[story][1], BASE):
        stage.write({"m.yaml": text})
        assert stage.apply().ok
    assert {"GET", "POST"} <= seen
