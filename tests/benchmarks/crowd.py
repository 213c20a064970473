"""Crowd: manifests by the hundred. A vendor takes part with one function that writes what one team has there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {{name: crowd}}
accounts:
  opsgenie: {{api_key: {{env: OPSGENIE_API_KEY}}, url: {url}/opsgenie}}
  wallarm: {{token: {{env: WALLARM_API_TOKEN}}, url: {url}/wallarm}}
  pagerduty: {{token: {{env: PAGERDUTY_TOKEN}}, url: {url}/pagerduty}}
"""


TEAM = """\
apiVersion: opsgenie/v1
kind: Team
metadata: {{name: team-{team}}}
spec:
  description: Team number {team}
"""
SCHEDULE = """\
apiVersion: opsgenie/v1
kind: Schedule
metadata: {{name: team-{team}-{shift}}}
spec:
  ownerTeam: team-{team}
  timezone: Europe/Berlin
  rotations:
    - name: weekly
      type: weekly
      startDate: 2026-01-05T09:00:00Z
      participants: [ann@example.com, bob@example.com]
"""
ESCALATION = """\
apiVersion: opsgenie/v1
kind: Escalation
metadata: {{name: team-{team}-{shift}-escalation}}
spec:
  ownerTeam: team-{team}
  rules:
    - {{condition: if-not-acked, notifyType: default, delay: 0m, recipient: {{schedule: team-{team}-{shift}}}}}
    - {{condition: if-not-acked, notifyType: all, delay: 10m, recipient: {{team: team-{team}}}}}
"""
SENDER = """\
apiVersion: opsgenie/v1
kind: Integration
metadata: {{name: team-{team}-service-{service}}}
spec:
  type: API
  ownerTeam: team-{team}
  priority: P2
"""
TOLD = """\
apiVersion: wallarm/v1
kind: Integration
metadata: {{name: team-{team}-service-{service}}}
spec:
  type: opsgenie
  target: {{token: {{from: opsgenie/Integration/team-{team}-service-{service}, output: apiKey}}, api: us}}
  events: [system, security_issue_critical]
"""
TRIGGER = """\
apiVersion: wallarm/v1
kind: Trigger
metadata: {{name: team-{team}-incidents}}
spec:
  template: incidents_exceeded
  threshold: {{more_than: {more_than}, within: 1m}}
  filters: {{target: [server, database]}}
  actions:
    - send_notification: [{told}]
"""


GROUP = """\
apiVersion: pagerduty/v1
kind: Team
metadata: {{name: team-{team}}}
spec:
  description: Team number {team}
"""
TURNS = """\
apiVersion: pagerduty/v1
kind: Schedule
metadata: {{name: team-{team}}}
spec:
  time_zone: Europe/Berlin
  schedule_layers:
    - name: weekly
      start: 2026-01-05T09:00:00Z
      rotation_virtual_start: 2026-01-05T09:00:00Z
      rotation_turn_length_seconds: 7d
      users: [ann@example.com, bob@example.com]
"""
POLICY = """\
apiVersion: pagerduty/v1
kind: EscalationPolicy
metadata: {{name: team-{team}-{urgency}}}
spec:
  escalation_rules:
    - {{escalation_delay_in_minutes: 30m, targets: [{{schedule: team-{team}}}]}}
"""
SERVICE = """\
apiVersion: pagerduty/v1
kind: Service
metadata: {{name: team-{team}-service-{service}}}
spec:
  description: Service {service} of team {team}
  escalation_policy: team-{team}-high
"""
EVENTS = """\
apiVersion: pagerduty/v1
kind: ServiceIntegration
metadata: {{name: team-{team}-service-{service}}}
spec: {{service: team-{team}-service-{service}, name: Events, type: events_api_v2_inbound_integration}}
"""


def pagerduty(team: int) -> Iterator[str]:
    """A team without members, a schedule, two policies, six services with an integration each."""
    yield GROUP.format(team=team)
    yield TURNS.format(team=team)
    for urgency in ("high", "low"):
        yield POLICY.format(team=team, urgency=urgency)
    for service in range(6):
        yield SERVICE.format(team=team, service=service)
        yield EVENTS.format(team=team, service=service)


BEAT = """\
apiVersion: opsgenie/v1
kind: Heartbeat
metadata: {{name: team-{team}}}
spec:
  ownerTeam: team-{team}
  interval: 1
  intervalUnit: days
"""
URGENT = """\
apiVersion: opsgenie/v1
kind: AlertPolicy
metadata: {{name: team-{team}-urgent}}
spec:
  team: team-{team}
  filter:
    type: match-all-conditions
    conditions:
      - {{field: details, operation: contains-key, expectedValue: customer-facing}}
  priority: P1
"""
CLOSING = """\
apiVersion: opsgenie/v1
kind: NotificationPolicy
metadata: {{name: team-{team}-closing}}
spec:
  team: team-{team}
  autoCloseAction: {{duration: 1d}}
"""
APPLICATION = """\
apiVersion: wallarm/v1
kind: Application
metadata: {{name: team-{team}}}
spec: {{}}
"""


def opsgenie(team: int) -> Iterator[str]:
    """A team without members, two schedules, two escalations, seven integrations, a heartbeat and two policies."""
    yield TEAM.format(team=team)
    yield BEAT.format(team=team)
    yield URGENT.format(team=team)
    yield CLOSING.format(team=team)
    for shift in ("day", "night"):
        yield SCHEDULE.format(team=team, shift=shift)
        yield ESCALATION.format(team=team, shift=shift)
    for service in range(7):
        yield SENDER.format(team=team, service=service)


def wallarm(team: int) -> Iterator[str]:
    """An application; seven integrations, each with the key of one of the team's; a trigger that tells them all."""
    yield APPLICATION.format(team=team)
    for service in range(7):
        yield TOLD.format(team=team, service=service)
    told = ", ".join(f"team-{team}-service-{service}" for service in range(7))
    yield TRIGGER.format(team=team, more_than=team % 5 + 1, told=told)


VENDORS: dict[str, Callable[[int], Iterator[str]]] = {"opsgenie": opsgenie, "wallarm": wallarm, "pagerduty": pagerduty}
PER_TEAM = sum(1 for write in VENDORS.values() for _ in write(0))


def gather(folder: Path, count: int, url: str) -> int:
    """Write a project of `count` objects, less what would be half a team; one file per team and vendor.

    `url` is the sandbox's. Gives the number of objects.
    """
    (folder / "reconciler.yaml").write_text(PROJECT.format(url=url), encoding="utf-8")
    teams = count // PER_TEAM
    for team in range(teams):
        for vendor, write in VENDORS.items():
            file = folder / vendor / f"team-{team}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text("---\n".join(write(team)), encoding="utf-8")
    return teams * PER_TEAM
