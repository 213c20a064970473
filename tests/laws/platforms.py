"""Platforms: PagerDuty projects of all its kinds, and what others have and do there, as hypothesis draws them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.laws.life import Life
from tests.laws.worlds import FOREIGN, SECRETS, TEXTS, USERS, Edit, Manifests, Names, Spec, Story, people, texts

HOST = "pagerduty"
PROJECT = """
apiVersion: reconciler/v1
kind: Project
metadata: {name: laws}
accounts:
  pagerduty: {token: {env: PAGERDUTY_TOKEN}, from: ann@example.com}
guards: {max_deletes: 100, max_delete_percent: 100, delete_adopted: true}
"""
# What cannot be changed once it is made, and whose names are not unique: another is made in its place.
REPLACED = ("pagerduty/ServiceIntegration", "pagerduty/WebhookSubscription", "pagerduty/ServiceDependency")
NAMES = ("core", "支払い")

_texts = st.sampled_from([text for text in TEXTS if "$" not in text])
_flags = st.booleans()
_users = st.sampled_from(USERS)
_ONE_IN_FOUR = st.integers(0, 3)


def _some(least: Mapping[str, st.SearchStrategy[Any]], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """These fields, and any of the others."""
    return st.fixed_dictionaries(dict(least), optional=fields)


@cache
def _sets(of: st.SearchStrategy[Any] | Names, least: int = 0, most: int = 2) -> st.SearchStrategy[list[Any]]:
    inner = st.sampled_from(of) if isinstance(of, tuple) else of
    return st.lists(inner, unique=True, min_size=least, max_size=most)


# ── single kinds; `teams` are the names of the project's teams, and so on ───────────────────────────────────────────

# Each strategy is made once for the names it draws from: to make one costs more than to draw from it.


@cache
def team(members: Names) -> st.SearchStrategy[Spec]:
    roles = st.sampled_from(["observer", "responder", "manager"])
    seats = (st.fixed_dictionaries({"user": st.just(user), "role": roles}) for user in members)
    named = st.tuples(*seats).map(list)
    return _some({"members": named}, description=st.none() | _texts, default_role=st.sampled_from(["manager", "none"]))


_RESTRICTION = st.sampled_from(
    [
        {"type": "daily_restriction", "start_time_of_day": "22:00", "duration_seconds": "8h"},
        {"type": "weekly_restriction", "start_day_of_week": 6, "start_time_of_day": "00:00", "duration_seconds": "2d"},
    ]
)


@cache
def _layer(name: str) -> st.SearchStrategy[Spec]:
    always: dict[str, st.SearchStrategy[Any]] = {
        "name": st.just(name),
        "start": st.sampled_from(["2026-01-05T09:00:00Z", "2026-01-05T10:30:00+01:00"]),
        "rotation_turn_length_seconds": st.sampled_from(["1d", "1w"]),
        "users": st.lists(_users, min_size=1, max_size=3),
    }
    restrictions = st.none() | st.lists(_RESTRICTION, max_size=1)
    return _some(always, restrictions=restrictions)


@cache
def schedule(teams: Names) -> st.SearchStrategy[Spec]:
    layers = _sets(("day", "night", "夜"), 1).flatmap(lambda names: st.tuples(*map(_layer, names)).map(list))
    zones = st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "UTC"])
    # A team is always said: one that no manifest names any more could not be deleted while the schedule stays in it.
    always: dict[str, st.SearchStrategy[Any]] = {"time_zone": zones, "schedule_layers": layers}
    return _some({**always, "teams": _sets(teams, 0, 1)}, description=st.none() | _texts)


def policy(teams: Mapping[str, Names], schedules: Names) -> st.SearchStrategy[Spec]:
    """Users whom the policy of a team names are its members."""

    def of(owner: str | None) -> st.SearchStrategy[Spec]:
        targets: list[Any] = [*(USERS if owner is None else teams[owner]), *({"schedule": one} for one in schedules)]
        rule = st.fixed_dictionaries(
            {
                "escalation_delay_in_minutes": st.sampled_from([5, "10m", "1h"]),
                "targets": st.lists(st.sampled_from(targets), min_size=1, max_size=2, unique_by=json.dumps),
            }
        )
        always: dict[str, st.SearchStrategy[Any]] = {"escalation_rules": st.lists(rule, min_size=1, max_size=2)}
        always["teams"] = st.just([] if owner is None else [owner])
        handoff = st.sampled_from(["if_has_services", "always"])
        optional = {"description": st.none() | _texts, "num_loops": st.integers(0, 2)}
        return _some(always, on_call_handoff_notifications=handoff, **optional)

    # A team without members gives no target where there is no schedule either.
    owners = [None, *(one for one, members in teams.items() if members or schedules)]
    return st.sampled_from(owners).flatmap(of)


_HOURS = {"time_zone": "Europe/Berlin", "start_time": "09:00", "end_time": "17:30", "days_of_week": [1, 2, 5]}
_BY_HOURS = {"type": "use_support_hours", "during_support_hours": "high", "outside_support_hours": "low"}
_LOUDNESS: list[Spec] = [
    {},
    {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}},
    {"incident_urgency_rule": {"type": "constant", "urgency": "low"}},
    {"incident_urgency_rule": _BY_HOURS, "support_hours": _HOURS},
    {
        "incident_urgency_rule": _BY_HOURS,
        "support_hours": {**_HOURS, "days_of_week": [6, 7]},
        "scheduled_actions": [{"at": "support_hours_start", "to_urgency": "high"}],
    },
]


@cache
def service(policies: Names) -> st.SearchStrategy[Spec]:
    plain = _some(
        {"escalation_policy": st.sampled_from([*policies, {"existing": FOREIGN}])},
        description=st.none() | _texts,
        auto_resolve_timeout=st.sampled_from([None, "4h", 600]),
        acknowledgement_timeout=st.sampled_from([0, "30m"]),
        auto_pause_notifications_parameters=st.sampled_from([{"enabled": True, "timeout": "5m"}, {"enabled": False}]),
    )
    return st.builds(lambda one, loud: {**one, **loud}, plain, st.sampled_from(_LOUDNESS))


_TYPES = st.sampled_from(["events_api_v2_inbound_integration", "generic_events_api_inbound_integration"])
INTEGRATION = st.fixed_dictionaries({"type": _TYPES}) | st.just({"vendor": "Datadog"})

GROUPING: st.SearchStrategy[Spec] = st.sampled_from(
    [
        {"type": "time", "config": {"timeout": "5m"}},
        {"type": "intelligent", "config": {"time_window": 600}, "description": "learned"},
        {"type": "content_based", "config": {"aggregate": "all", "fields": ["summary", "component"]}},
    ]
)
_CONDITIONS = st.lists(st.sampled_from(["event.summary matches part 'db'", "event.source exists"]), max_size=1)
_CHANGES = _some(
    {"conditions": _CONDITIONS},
    label=_texts,
    severity=st.sampled_from(["info", "critical"]),
    annotate=_texts,
    suppress=_flags,
)


@cache
def orchestration(teams: Names, services: Names) -> st.SearchStrategy[Spec]:
    route = _some({"conditions": _CONDITIONS, "route_to": st.sampled_from(services)}, label=_texts)
    labels = _sets(("Datadog", "Grafana")).map(lambda some: [{"label": one} for one in some])
    router = st.fixed_dictionaries({"rules": st.lists(route, max_size=2)})
    catch_all = st.sampled_from([{"severity": "info"}, {"event_action": "resolve", "severity": "warning"}])
    return _some(
        {},
        description=st.none() | _texts,
        team=st.none() | st.sampled_from(teams),
        integrations=labels,
        router=st.none() | router,
        unrouted=st.none() | st.fixed_dictionaries({"catch_all": catch_all}),
        **{"global": st.none() | st.fixed_dictionaries({"rules": st.lists(_CHANGES, max_size=2)})},
    )


@cache
def service_orchestration() -> st.SearchStrategy[Spec]:
    headers = st.sampled_from([{"Key": {"env": name}} for name in SECRETS])
    action = st.fixed_dictionaries({"name": st.just("tell"), "url": st.just("https://x.example"), "headers": headers})
    rules = st.lists(_CHANGES, max_size=2)
    acting = st.tuples(action).map(lambda some: [{"automation_actions": list(some)}])
    return _some({}, active=_flags, rules=rules | acting)


@cache
def subscription(teams: Names, services: Names) -> st.SearchStrategy[Spec]:
    whose: list[Any] = ["account", *({"team": one} for one in teams), *({"service": one} for one in services)]
    headers = st.none() | st.sampled_from([{"X-Key": {"env": name}} for name in SECRETS])
    always: dict[str, st.SearchStrategy[Any]] = {
        "events": _sets(("incident.triggered", "incident.resolved", "service.updated"), 1),
        "filter": st.sampled_from(whose),
        "delivery_method": _some({"url": st.just("https://hooks.example.com")}, custom_headers=headers),
    }
    return _some(always, active=_flags)


@cache
def business_service(teams: Names) -> st.SearchStrategy[Spec]:
    contact = st.none() | _texts
    return _some({}, description=contact, point_of_contact=contact, team=st.none() | st.sampled_from(teams))


@cache
def window(services: Names) -> st.SearchStrategy[Spec]:
    always: dict[str, st.SearchStrategy[Any]] = {
        "start_time": st.sampled_from(["2026-01-01T00:00:00Z", "2030-01-01T00:00:00+09:00"]),
        "end_time": st.just("2031-01-01T00:00:00Z"),
        "services": _sets(services, 1),
    }
    return _some(always)


@cache
def workflow(teams: Names, services: Names) -> st.SearchStrategy[Spec]:
    step = st.fixed_dictionaries(
        {
            "name": st.just("Say"),
            "action_id": st.just("pagerduty.com:incident-workflows:send-status-update:1"),
            "inputs": _texts.map(lambda text: {"Message": text}),
        }
    )
    by_priority = st.fixed_dictionaries(
        {
            "trigger_type": st.just("conditional"),
            "condition": st.sampled_from(["incident.priority matches 'P1'", "incident.urgency matches 'high'"]),
            "services": _sets(services, 1),
        }
    )
    by_hand = st.just({"trigger_type": "manual", "is_subscribed_to_all_services": True})
    triggers = st.lists(by_priority | by_hand, max_size=2, unique_by=lambda one: one.get("condition", ""))
    optional = {"description": st.none() | _texts, "team": st.none() | st.sampled_from(teams)}
    return _some({"steps": st.lists(step, max_size=1)}, triggers=triggers, **optional)


# ── a project ───────────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def platforms(draw: st.DrawFn) -> Manifests:
    """Manifests of every kind, whose references lead somewhere. A team, a policy and a service are always there."""
    made: Manifests = {}

    def some(kind: str, prefix: str, least: int, spec: st.SearchStrategy[Spec]) -> Names:
        names = tuple(f"{prefix}-{name}" for name in draw(_sets(NAMES, least)))
        for name in names:
            label = "description" if kind == "WebhookSubscription" else "name"
            said = {"name": f"{name}-anew" if draw(_ONE_IN_FOUR) == 0 else name} if label == "name" else {}
            made[f"{HOST}/{kind}", name] = {**said, **({} if said else {label: name}), **draw(spec)}
        return names

    members = {f"t-{name}": tuple(draw(_sets(USERS))) for name in draw(_sets(NAMES, 1))}
    for name, users in members.items():
        made[f"{HOST}/Team", name] = draw(team(users))
    teams = tuple(members)
    schedules = some("Schedule", "s", 0, schedule(teams))
    policies = some("EscalationPolicy", "p", 1, policy(members, schedules))
    services = some("Service", "v", 1, service(policies))
    some("EventOrchestration", "o", 0, orchestration(teams, services))
    some("WebhookSubscription", "h", 0, subscription(teams, services))
    shops = some("BusinessService", "b", 0, business_service(teams))
    some("IncidentWorkflow", "w", 0, workflow(teams, services))
    for name in draw(_sets(NAMES)):
        made[f"{HOST}/MaintenanceWindow", f"m-{name}"] = {"description": f"m-{name}", **draw(window(services))}
    for one in services:
        made.update(draw(_below(one, shops)))
    grouped = draw(_sets(services))
    if grouped:
        made[f"{HOST}/AlertGroupingSetting", "g"] = {"services": grouped, **draw(GROUPING)}
    return made


@st.composite
def _below(draw: st.DrawFn, name: str, shops: Names) -> Manifests:
    """What stands below a service, or beside it."""
    made: Manifests = {}
    for label in draw(_sets(("a", "b"))):
        spec = {"service": name, "name": label, **draw(INTEGRATION)}
        made[f"{HOST}/ServiceIntegration", f"{name}-{label}"] = spec
    if draw(_flags):
        made[f"{HOST}/ServiceOrchestration", name] = {"service": name, **draw(service_orchestration())}
    for shop in draw(_sets(shops)) if shops else []:
        sides = {"supporting_service": {"service": name}, "dependent_service": {"business_service": shop}}
        made[f"{HOST}/ServiceDependency", f"{name}-{shop}"] = sides
    return made


# ── what people do there ────────────────────────────────────────────────────────────────────────────────────────────


def _edits() -> st.SearchStrategy[Edit]:
    """Also of what is not there yet: it is made where that needs nothing else."""
    said = _texts.map(lambda text: {"description": text})
    others = {"name": FOREIGN, "type": "escalation_policy_reference"}
    info = {"sets": [{"id": "start", "rules": []}], "catch_all": {"actions": {"severity": "info"}}}
    by: dict[str, st.SearchStrategy[Any]] = {
        "teams/t-{}": said,
        "schedules/s-{}": st.sampled_from([{"time_zone": "America/New_York"}, {"description": "by hand"}]),
        "escalation_policies/p-{}": st.sampled_from([{"num_loops": 5}, {"description": "by hand"}]),
        "services/v-{}": said.map(lambda one: {"escalation_policy": others, **one}),
        "services/v-{}/integrations/a": st.none() | st.just({"type": "events_api_v2_inbound_integration"}),
        "webhook_subscriptions/h-{}": st.none() | st.just({"active": False}),
        "event_orchestrations/o-{}": said,
        "event_orchestrations/o-{}/unrouted": st.just(info),
        "event_orchestrations/o-{}/integrations/Datadog": st.none() | st.just({}),
        "event_orchestrations/services/v-{}/active": st.sampled_from([{"active": True}, {"active": False}]),
        "business_services/b-{}": st.none() | said,
        "maintenance_windows/m-{}": st.none() | st.just({"end_time": "2032-01-01T00:00:00Z"}),
        "incident_workflows/w-{}": st.none() | said,
    }
    choices = [st.tuples(st.just(HOST), st.sampled_from([p.format(n) for n in NAMES]), v) for p, v in by.items()]
    return st.one_of(choices)


EDITS = st.lists(_edits(), max_size=4)
STORIES = st.builds(Story, platforms(), platforms(), EDITS, EDITS)

# ── a life in PagerDuty alone ───────────────────────────────────────────────────────────────────────────────────────

SORTS = (
    *("teams", "schedules", "escalation_policies", "services", "integrations", "alert_grouping_settings"),
    *("event_orchestrations", "orchestration_integrations", "webhook_subscriptions", "business_services"),
    *("service_dependencies", "maintenance_windows", "incident_workflows", "triggers"),
)


class Platform(Life):
    """A life whose objects are PagerDuty's."""

    def objects(self) -> dict[tuple[str, str], str]:
        held: Mapping[str, Any] = self.vendor(HOST)["collections"]
        return {
            (sort, str(one["id"])): json.dumps(one, sort_keys=True, ensure_ascii=False)
            for sort in SORTS
            for one in held.get(sort, ())
        }


def platform(root: Path, story: Story) -> Platform:
    """A life in which others have a policy, and a service that goes by it, and no manifest is applied yet."""
    life = Platform(root)
    life.environ |= SECRETS
    ann = {"type": "user_reference", "email": "ann@example.com"}
    rule = {"escalation_delay_in_minutes": 30, "targets": [ann]}
    life.edit(HOST, f"escalation_policies/{FOREIGN}", {"escalation_rules": [rule]})
    others = {"name": FOREIGN, "type": "escalation_policy_reference"}
    life.edit(HOST, f"services/{FOREIGN}", {"escalation_policy": others})
    people(life, story.before)
    life.edited(written(story.first))
    return life


def written(manifests: Manifests, allow: bool = True) -> dict[str, str]:
    """The files of a project."""
    return {**texts(manifests, REPLACED if allow else ()), "reconciler.yaml": PROJECT}
