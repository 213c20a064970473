"""PagerDuty's words and limits are stated twice, for the kinds and for the sandbox; here the two are compared."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.shape import Leaf, Variants
from reconciler.sandbox.pagerduty import vocabulary as sandbox
from reconciler.vendors.pagerduty import service
from tests.kind_kit import fields_of, kind_of


def choices(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(kind_of(f"pagerduty/{kind}").shape))[path].shape
    assert isinstance(shape, Leaf)
    return set(shape.choices)


def variants(kind: str, path: str) -> set[Any]:
    shape = dict(fields_of(kind_of(f"pagerduty/{kind}").shape))[path].shape
    assert isinstance(shape, Variants)
    return set(shape.records)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (choices("Team", "members[].role"), sandbox.MEMBER_ROLES),
        (choices("Team", "default_role"), sandbox.DEFAULT_ROLES),
        (choices("EscalationPolicy", "on_call_handoff_notifications"), sandbox.HANDOFF_NOTIFICATIONS),
        (
            choices("EscalationPolicy", "escalation_rules[].escalation_rule_assignment_strategy"),
            sandbox.ASSIGNMENT_STRATEGIES,
        ),
        (variants("Service", "incident_urgency_rule"), sandbox.URGENCY_RULE_TYPES),
        (choices("Service", "incident_urgency_rule.urgency"), sandbox.URGENCY_RULE_URGENCIES),
        (choices("Service", "incident_urgency_rule.during_support_hours"), sandbox.URGENCY_RULE_URGENCIES),
        (choices("Service", "scheduled_actions[].at"), sandbox.SUPPORT_HOURS_EDGES),
        (variants("Service", "alert_grouping_parameters"), sandbox.SERVICE_GROUPING_TYPES),
        (choices("Service", "alert_grouping_parameters.config.aggregate"), sandbox.AGGREGATES),
        (service.PAUSES, sandbox.PAUSES),
        (choices("ServiceIntegration", "type"), sandbox.INTEGRATION_TYPES),
        (choices("ServiceIntegration", "email_incident_creation"), sandbox.EMAIL_INCIDENT_CREATION),
        (choices("ServiceIntegration", "email_filter_mode"), sandbox.EMAIL_FILTER_MODES),
        (choices("ServiceIntegration", "email_filters[].body_mode"), sandbox.EMAIL_FILTER_PART_MODES),
        (choices("ServiceIntegration", "email_parsers[].action"), sandbox.EMAIL_PARSER_ACTIONS),
        (choices("ServiceIntegration", "email_parsers[].value_extractors[].type"), sandbox.EXTRACTOR_TYPES),
        (choices("ServiceIntegration", "email_parsers[].value_extractors[].part"), sandbox.EMAIL_PARTS),
        (choices("ServiceIntegration", "email_parsing_fallback"), sandbox.EMAIL_PARSING_FALLBACKS),
    ],
)
def test_words_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert set(ours) == set(theirs)
