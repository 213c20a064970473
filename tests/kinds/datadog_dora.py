"""What the tests of DORA's signals have in common: the kinds, two accounts, two instants."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.kinds.signal import Signal
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.datadog import dora_deployment, dora_incident
from reconciler.vendors.datadog.api import APPLICATION_KEY

INCIDENT, DEPLOYMENT = "datadog/DoraIncident", "datadog/DoraDeployment"
KINDS = {INCIDENT: dora_incident.KIND, DEPLOYMENT: dora_deployment.KIND}
NOW = datetime(2026, 9, 1, tzinfo=UTC)
SIGNED, BLIND = Context(NOW, facts={APPLICATION_KEY: "given"}), Context(NOW)
START, END = 1_788_220_800_000_000_000, 1_788_224_400_000_000_000
BEGAN, ENDED = "2026-09-01T00:00:00Z", "2026-09-01T01:00:00Z"
ID = "inc-2026-09-01-0007"
FAILED = {"change_failure": True}
GIT = {"repository_url": "https://git.example/checkout", "commit_sha": "66adc935"}


def signal_of(kind: str) -> Signal:
    signal = KINDS[kind].signal
    assert signal is not None
    return signal


def edit(last: Object, **changed: Tree) -> Work:
    """Git says otherwise than it said last."""
    return Work("update", {**last, **changed}, frozenset(changed), last)
