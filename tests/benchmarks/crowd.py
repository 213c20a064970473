"""Crowd: manifests by the hundred. A vendor takes part with one function that writes what one team has there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: crowd}
accounts:
"""
ACCOUNTS = {
    "opsgenie": "  opsgenie: {{api_key: {{env: OPSGENIE_API_KEY}}, url: {url}/opsgenie}}\n",
    "wallarm": "  wallarm: {{token: {{env: WALLARM_API_TOKEN}}, url: {url}/wallarm}}\n",
    "pagerduty": "  pagerduty: {{token: {{env: PAGERDUTY_TOKEN}}, url: {url}/pagerduty}}\n",
    "datadog": "  datadog: {{api_key: {{env: DD_API_KEY}}, app_key: {{env: DD_APP_KEY}}, url: {url}/datadog}}\n",
    "dynatrace": "  dynatrace: {{url: {url}/dynatrace, token: {{env: DYNATRACE_API_TOKEN}}}}\n",
}


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


MEMBERS = """\
  members: [{{user: ann@example.com, role: manager}}, {{user: bob@example.com, role: responder}}]
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


def platform(team: int) -> Iterator[str]:
    """A team without members; two schedules, a policy for each of them, ten services with an integration for each."""
    yield GROUP.format(team=team)
    yield from _shifts(team)


def staffed(team: int) -> Iterator[str]:
    """The same with two members, which cost a request for each team that names some."""
    yield GROUP.format(team=team) + MEMBERS.format()
    yield from _shifts(team)


def _shifts(team: int) -> Iterator[str]:
    for shift in (f"{team}-day", f"{team}-night"):
        yield TURNS.format(team=shift)
        yield POLICY.format(team=shift, urgency="high")
        for service in range(10):
            yield SERVICE.format(team=shift, service=service)
            yield EVENTS.format(team=shift, service=service)


@dataclass(frozen=True)
class Crowd:
    """What the teams of a project have, by vendor, and the number `counted` of each that the benchmark is asked for."""

    name: str
    vendors: dict[str, Callable[[int], Iterator[str]]]
    counted: int

    def gather(self, folder: Path, count: int, url: str) -> int:
        """Write a project of `count` of what is counted, less what would be half a team; a file per team and vendor.

        `url` is the sandbox's. Gives the number of objects.
        """
        accounts = "".join(ACCOUNTS[vendor].format(url=url) for vendor in self.vendors)
        (folder / "reconciler.yaml").write_text(PROJECT + accounts, encoding="utf-8")
        made = 0
        for team in range(count // self.counted):
            for vendor, write in self.vendors.items():
                file = folder / vendor / f"team-{team}.yaml"
                file.parent.mkdir(exist_ok=True)
                documents = list(write(team))
                file.write_text("---\n".join(documents), encoding="utf-8")
                made += len(documents)
        return made


PAGED = """\
apiVersion: datadog/v1
kind: PagerDutyService
metadata: {{name: team-{team}}}
spec: {{service_key: {{from: pagerduty/ServiceIntegration/team-{team}-service-0, output: integration_key}}}}
"""
WATCHED = """\
apiVersion: datadog/v1
kind: Monitor
metadata: {{name: team-{team}-service-{service}}}
spec:
  type: query alert
  query: sum(last_5m):sum:errors{{service:team-{team}-service-{service}}}.as_count() > 20
  message: "@pagerduty-team-{team}"
  tags: [team:team-{team}]
  options: {{thresholds: {{critical: 20, warning: 10}}}}
"""


def datadog(team: int) -> Iterator[str]:
    """A way to PagerDuty and a monitor for each of six services, which tells by it."""
    yield PAGED.format(team=team)
    for service in range(6):
        yield WATCHED.format(team=team, service=service)


TAGGED = """\
apiVersion: dynatrace/v1
kind: AutoTag
metadata: {{name: team-{team}}}
spec:
  rules:
    - {{type: SELECTOR, valueFormat: team-{team}, entitySelector: 'type(HOST),entityName.startsWith("team-{team}-")'}}
"""
TOLD_OF = """\
apiVersion: dynatrace/v1
kind: AlertingProfile
metadata: {{name: team-{team}}}
spec:
  severityRules:
    - {{severityLevel: ERRORS, delayInMinutes: 5m, tagFilterIncludeMode: INCLUDE_ANY, tagFilter: ["team-{team}"]}}
"""
TELLING = """\
apiVersion: dynatrace/v1
kind: ProblemNotification
metadata: {{name: team-{team}}}
spec:
  type: OPS_GENIE
  alertingProfile: team-{team}
  opsGenieNotification:
    apiKey: {{from: opsgenie/Integration/team-{team}-service-0, output: apiKey}}
    domain: api.opsgenie.com
"""


def dynatrace(team: int) -> Iterator[str]:
    """A tag, a profile of the problems of what bears it, and where these are told."""
    yield from (one.format(team=team) for one in (TAGGED, TOLD_OF, TELLING))


VENDORS: dict[str, Callable[[int], Iterator[str]]] = {
    "opsgenie": opsgenie,
    "wallarm": wallarm,
    "pagerduty": pagerduty,
    "datadog": datadog,
    "dynatrace": dynatrace,
}
PER_TEAM = sum(1 for write in VENDORS.values() for _ in write(0))

MIXED = Crowd("mixed", VENDORS, PER_TEAM)
# DESIGN section 12: counted are services.
PLATFORM = Crowd("platform", {"pagerduty": platform}, 20)
STAFFED = Crowd("staffed", {"pagerduty": staffed}, 20)
