"""What a person does in Dynatrace's UI, said as a path of names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace import entities
from reconciler.sandbox.dynatrace.alerting_schemas import MAINTENANCE_WINDOWS, METRIC_EVENTS, PROFILES
from reconciler.sandbox.dynatrace.crowd import default_profile
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment, Refusal
from reconciler.sandbox.dynatrace.notification_schemas import NOTIFICATIONS
from reconciler.sandbox.dynatrace.schemas import SCHEMAS
from reconciler.sandbox.dynatrace.secrecy import open_part
from reconciler.sandbox.dynatrace.tagging_schemas import AUTO_TAGGING, MANAGEMENT_ZONES
from reconciler.sandbox.dynatrace.writes import Write, deleted, written
from reconciler.sandbox.vendor import BadControl, merged

SORTS = {
    "auto-tags": AUTO_TAGGING,
    "alerting-profiles": PROFILES,
    "notifications": NOTIFICATIONS,
    "maintenance-windows": MAINTENANCE_WINDOWS,
    "management-zones": MANAGEMENT_ZONES,
    "metric-events": METRIC_EVENTS,
}
KNOWN = (*(f"{sort}/NAME" for sort in SORTS), "settings/SCHEMA/NAME (NAME is a scope for one object)", "entities/NAME")
REFERENCES = {"alertingProfile": PROFILES, "managementZone": MANAGEMENT_ZONES, "managementZones": MANAGEMENT_ZONES}
PERSON = "ann"


def edited(env: Environment, path: tuple[str, ...], value: Obj | None) -> Any:
    """The object after the edit, without secrets; `None` when it was deleted. Raises BadControl."""
    match path:
        case ("entities", *name) if name:
            return _entity(env, "/".join(name), value)
        case ("settings", str() as schema, *name) if name and schema in SCHEMAS:
            definition = SCHEMAS[schema]
        case (str() as sort, *name) if name and sort in SORTS:
            definition = SORTS[sort]
        case _:
            raise BadControl(f"dynatrace can edit {', '.join(KNOWN)}, not {'/'.join(path)!r}")
    try:
        return _setting(env, definition, "/".join(name), value)
    except Refusal as refusal:
        raise BadControl(str(refusal)) from None


def _named(env: Environment, definition: Definition, name: str) -> Obj | None:
    """The one object a person calls so: by name, by object id, or by scope where each scope holds one."""
    objs = env.objects.named(definition.ident)
    by_id = env.objects.get(name)
    if by_id and by_id["schema"] == definition.ident:
        return by_id
    fits = [obj for obj in objs if (definition.called(obj["value"]) if definition.multi else obj["scope"]) == name]
    if len(fits) > 1:
        raise BadControl(f"{len(fits)} are called {name!r}; use the id: {', '.join(str(obj['id']) for obj in fits)}")
    return fits[0] if fits else None


def _setting(env: Environment, definition: Definition, name: str, value: Obj | None) -> Any:
    obj = _named(env, definition, name)
    if value is None:
        if obj is None:
            raise BadControl(f"dynatrace has no {definition.ident}/{name}")
        deleted(env, obj)
        return None
    before = obj["value"] if obj else _blank(env, definition, name)
    after = {**before, **{key: merged(before.get(key), part) for key, part in _resolved(env, value).items()}}
    write = Write(definition, "environment", after, 0, obj, None, by_post=False, author=PERSON, form=True)
    if obj:
        write = replace(write, scope=obj["scope"], external_id=obj["externalId"])
    stored = written(env, write)
    return {**open_part(definition, stored["value"]), "objectId": stored["id"]} if stored else None


def _blank(env: Environment, definition: Definition, name: str) -> Obj:
    """What a form holds before anything is typed: the name, and the default profile where one is chosen."""
    head, _, tail = definition.named.partition("/")
    named: Obj = {head: {tail: name} if tail else name}
    return {**named, "alertingProfile": default_profile(env)} if definition is NOTIFICATIONS else named


def _resolved(env: Environment, value: Any, field: str = "") -> Any:
    """References by name become references by id."""
    if isinstance(value, list):
        return [_resolved(env, part, field) for part in value]
    if isinstance(value, dict):
        return {key: _resolved(env, part, key) for key, part in value.items()}
    if field not in REFERENCES or not isinstance(value, str) or value in env.objects:
        return value
    found = _named(env, REFERENCES[field], value)
    if found is None:
        raise BadControl(f"dynatrace has no {REFERENCES[field].ident}/{value}")
    return found["id"]


def _entity(env: Environment, name: str, value: Obj | None) -> Any:
    """An entity that is found, changes its tags, goes silent (`lastSeenTms`, null reports again) or is gone."""
    fits = [obj for obj in env.entities if name in (obj["id"], obj["displayName"])]
    if len(fits) > 1:
        raise BadControl(f"{len(fits)} are called {name!r}; use the id: {', '.join(obj['id'] for obj in fits)}")
    if value is not None:
        given = {**value, **({"tags": [_tag(part) for part in value["tags"]]} if "tags" in value else {})}
        return env.entities.put({**fits[0], **given}) if fits else entities.made(env, {"displayName": name, **given})
    if not fits:
        raise BadControl(f"dynatrace has no entities/{name}")
    env.entities.drop(fits[0]["id"])
    return None


def _tag(part: Any) -> Obj:
    if not isinstance(part, dict) or not isinstance(part.get("key"), str):
        raise BadControl('a tag is {"key": "owner", "value": "cart", "context": "CONTEXTLESS", "auto": false}')
    return entities.tag(part["key"], part.get("value"), part.get("context", "CONTEXTLESS"), bool(part.get("auto")))
