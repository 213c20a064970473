"""Made-up settings and entities, to fill an environment with."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace import entities
from reconciler.sandbox.dynatrace.alerting_schemas import DEFAULT, MAINTENANCE_WINDOWS, PROFILES
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment
from reconciler.sandbox.dynatrace.notification_schemas import NOTIFICATIONS
from reconciler.sandbox.dynatrace.tagging_schemas import AUTO_TAGGING, MANAGEMENT_ZONES
from reconciler.sandbox.dynatrace.writes import Write, written


def made(env: Environment, definition: Definition, value: Obj, author: str = "ann") -> Obj:
    """A new object as the UI makes it: what is left out has its default. Raises a refusal."""
    write = Write(definition, "environment", value, 0, None, None, by_post=False, author=author, form=True)
    stored = written(env, write)
    return stored or {}


def default_profile(env: Environment) -> str:
    profiles = env.objects.named(PROFILES.ident)
    return next(str(obj["id"]) for obj in profiles if obj["value"]["name"] == DEFAULT)


def _tag(env: Environment, number: int) -> None:
    condition = {"key": "HOST_NAME", "operator": "BEGINS_WITH", "stringValue": f"web-{number}", "caseSensitive": False}
    rule = {"type": "ME", "attributeRule": {"entityType": "HOST", "conditions": [condition]}}
    selected = {"type": "SELECTOR", "entitySelector": f'type(SERVICE),entityName.startsWith("web-{number}")'}
    made(env, AUTO_TAGGING, {"name": f"тег-{number:05}", "rules": [rule, selected]})


def _profile(env: Environment, number: int) -> None:
    made(env, PROFILES, {"name": f"profile-{number:05}", "eventFilters": []})


def _notification(env: Environment, number: int) -> None:
    part = {"apiKey": env.mint(), "domain": "api.eu.opsgenie.com"}
    shape = {"type": "OPS_GENIE", "displayName": f"通知-{number:05}", "opsGenieNotification": part}
    made(env, NOTIFICATIONS, {**shape, "alertingProfile": default_profile(env)})


def _zone(env: Environment, number: int) -> None:
    rule = {"type": "SELECTOR", "entitySelector": "type(HOST)"}
    made(env, MANAGEMENT_ZONES, {"name": f"zone-{number:05}", "rules": [rule]})


def _window(env: Environment, number: int) -> None:
    hours = {"startTime": "01:00:00", "endTime": "03:00:00"}
    years = {"scheduleStartDate": "2026-01-01", "scheduleEndDate": "2026-12-31"}
    weekly = {"dayOfWeek": "SUNDAY", "timeWindow": hours, "recurrenceRange": years}
    schedule = {"scheduleType": "WEEKLY", "weeklyRecurrence": weekly}
    made(env, MAINTENANCE_WINDOWS, {"generalProperties": {"name": f"window-{number:05}"}, "schedule": schedule})


def _host(env: Environment, number: int) -> None:
    entities.made(env, {"type": "HOST", "displayName": f"web-{number}", "tags": [entities.tag("fleet", "web")]})


MAKERS = (
    (AUTO_TAGGING, _tag),
    (PROFILES, _profile),
    (NOTIFICATIONS, _notification),
    (MANAGEMENT_ZONES, _zone),
    (MAINTENANCE_WINDOWS, _window),
    (None, _host),
)


def filled(env: Environment, count: int) -> None:
    """Adds objects, spread over the sorts, hosts where a schema is full; numbers of earlier fillings stay behind."""
    start = env.serial
    for at in range(count):
        definition, maker = MAKERS[at % len(MAKERS)]
        full = definition is not None and len(env.objects.named(definition.ident)) >= definition.most
        (_host if full else maker)(env, start + at)
