"""A PagerDuty project whose services are there already, to send signals to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kinds.pagerduty_project import document, stage_in, told
from tests.stage import Serve, Stage, serve

SERVICE = (
    document(
        "EscalationPolicy",
        "calls",
        {"escalation_rules": [{"escalation_delay_in_minutes": 5, "targets": ["ann@example.com"]}]},
    )
    + document(
        "Service",
        "checkout",
        {
            "escalation_policy": "calls",
            "acknowledgement_timeout": "30m",
            "auto_resolve_timeout": None,
            "incident_urgency_rule": {"type": "constant", "urgency": "low"},
        },
    )
    + document("ServiceIntegration", "events", {"service": "checkout", "type": "events_api_v2_inbound_integration"})
)


@dataclass(frozen=True)
class Sent:
    """One request as it came to the sandbox, and the status it got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


@dataclass(frozen=True)
class Noting:
    """Answers as another does, and keeps what came."""

    inner: Serve
    taken: list[Sent] = field(default_factory=list)

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        answer = self.inner(method, target, headers, body)
        self.taken.append(Sent(method, target.partition("?")[0], headers, body, answer[0]))
        return answer


def signals(root: Path) -> Stage:
    """The services, made; and a key of their integration in the environment."""
    stage = stage_in(root)
    stage.write({"m.yaml": SERVICE})
    assert stage.apply().ok
    keys = stage.sandbox.dump()["vendors"]["pagerduty"]["accounts"][""]["keys"]
    stage.environ["ROUTING_KEY"] = next(iter(keys))
    stage.serve = Noting(serve(stage.sandbox))
    return stage


def whole(stage: Stage, text: str) -> None:
    """Git says this beside the services: it is applied, and nothing is left to do."""
    stage.write({"m.yaml": SERVICE + text})
    result = stage.apply()
    assert result.ok, [(str(one.change.address), one.ending, one.text) for one in result.results]
    plan = stage.plan()
    assert plan.empty, told(plan)


def events(stage: Stage, path: str = "/v2/enqueue") -> list[Mapping[str, Any]]:
    """The events that were taken."""
    assert isinstance(stage.serve, Noting)
    return [json.loads(one.body) for one in stage.serve.taken if one.path == f"/pagerduty{path}" and one.status == 202]


def travel(stage: Stage, seconds: float) -> None:
    stage.clock.passed += seconds
    stage.sandbox.clock.advance(seconds)
