"""What a person is told of a mistake in a manifest of the true vendors: the words, and the way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reconciler.errors import ManifestError
from reconciler.manifest.project import load_project
from reconciler.vendors.registry import VENDORS
from tests.stage import ENVIRON

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: t}
accounts:
  datadog: {api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}
  dynatrace: {url: "https://abc12345.live.dynatrace.com", token: {env: DYNATRACE_API_TOKEN}}
  reactio: {organization: acme, api_key: {env: REACTIO_API_KEY}}
  pagerduty: {token: {env: PAGERDUTY_TOKEN}}
"""
TWICE = """\
spec: {name: x, since: 2026-11-20T00:00:00Z}
---
apiVersion: reactio/v1
kind: Incident
metadata: {name: b}
spec: {name: x, since: 2026-11-20T00:00:00Z}
"""

MISTAKES = {
    "a truth that is missing": (
        "datadog/WebhookVariable",
        "spec: {value: x}",
        "4:1: is_secret is missing | it is one of: false, true",
    ),
    "a truth in quotes": (
        "datadog/WebhookVariable",
        'spec: {is_secret: "true", value: {env: X}}',
        '4:19: is_secret must be one of false, true, not "true" | write it without quotes: true',
    ),
    "a secret in a header": (
        "datadog/Webhook",
        'spec: {url: "https://x", custom_headers: {Authorization: Bearer abcdefgh}}',
        "4:26: custom_headers.Authorization is a secret, and a secret never stands in a manifest | "
        "put the value into a datadog/WebhookVariable with is_secret, and write $NAME",
    ),
    "an empty text": (
        "pagerduty/Alert",
        'spec: {routing_key: {env: K}, event_action: trigger, dedup_key: ""}',
        '4:65: dedup_key must be a text of at least one character, not ""',
    ),
    "a text of another form": (
        "dynatrace/MaintenanceWindow",
        "spec: {schedule: {scheduleType: ONCE, onceRecurrence: {startTime: soon, endTime: 2026-09-06T02:00:00}}}",
        "4:67: schedule.onceRecurrence.startTime must be a text that fits "
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$, "
        'not "soon" | when it begins, 2026-09-05T22:00:00, in the zone',
    ),
    "a field of another variant": (
        "dynatrace/ProblemNotification",
        "spec: {type: WEBHOOK, slackNotification: {channel: x}}",
        '4:23: there is no field "slackNotification" in dynatrace/ProblemNotification | it goes with type: SLACK',
    ),
    "two of one name and another key": (
        "reactio/Incident",
        TWICE,
        '9:14: reactio/Incident/b and reactio/Incident/a (a.yaml:1:1) both mean the reactio/Incident "x" | '
        "give one of them another name, or remove it",
    ),
    "a variable in a flow mapping": (
        "dynatrace/CustomTag",
        "spec: {entitySelector: ${var.x}}",
        "4:25: this is not YAML: expected ',' or '}', but got '{' | "
        'put a text with brackets in it in quotes, as in {name: "${var.NAME}"}',
    ),
}


@pytest.mark.parametrize(("kind", "spec", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_the_way_out(kind: str, spec: str, expected: str, tmp_path: Path) -> None:
    vendor, _, name = kind.partition("/")
    head = f"apiVersion: {vendor}/v1\nkind: {name}\nmetadata: {{name: a}}\n"
    (tmp_path / "reconciler.yaml").write_text(PROJECT)
    (tmp_path / "a.yaml").write_text(f"{head}{spec}\n")
    with pytest.raises(ManifestError) as error:
        load_project(tmp_path, tmp_path / "reconciler.yaml", VENDORS, environ=ENVIRON)
    assert f"a.yaml:{expected}" in [re.sub(r"\n\s*", " | ", str(one)) for one in error.value.problems]
