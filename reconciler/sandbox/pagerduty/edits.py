"""What a person does in PagerDuty's UI, said as a path of names and carried out over the same handlers as the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty.reference import NOUNS
from reconciler.sandbox.pagerduty.tenant import Tenant
from reconciler.sandbox.vendor import BadControl, merged

# By the first segment of a path: what an object goes by, and the wrapper of its bodies.
SORTS = {
    "users": ("email", "user"),
    "teams": ("name", "team"),
    "schedules": ("name", "schedule"),
    "escalation_policies": ("name", "escalation_policy"),
    "services": ("name", "service"),
    "alert_grouping_settings": ("name", "alert_grouping_setting"),
    "webhook_subscriptions": ("description", "webhook_subscription"),
    "event_orchestrations": ("name", "orchestration"),
    "business_services": ("name", "business_service"),
    "maintenance_windows": ("description", "maintenance_window"),
    "incident_workflows": ("name", "incident_workflow"),
    "incidents": ("title", "incident"),
    "extensions": ("name", "extension"),
    "tags": ("label", "tag"),
}
# By the first and the third segment: the collection, what an object of it goes by, the wrapper of its bodies.
PARTS = {
    ("services", "integrations"): ("integrations", "name", "integration"),
    ("users", "contact_methods"): ("contact_methods", "label", "contact_method"),
    ("event_orchestrations", "integrations"): ("orchestration_integrations", "label", "integration"),
}
KNOWN = (
    *(f"{sort}/NAME" for sort in SORTS),
    "services/NAME/integrations/NAME",
    "teams/NAME/members/EMAIL",
    "users/EMAIL/contact_methods/LABEL",
    "event_orchestrations/NAME/integrations/LABEL",
    "event_orchestrations/NAME/router (or global, unrouted)",
    "event_orchestrations/services/NAME (and NAME/active)",
    "schedules/NAME/upgrade",
)
# Fields whose name does not say the kind they refer to.
KINDS = {"workflow": "incident_workflow", "assignee": "user", "parent": "team", "created_by": "user"}
SECRETS = ("integration_key", "routing_key", "secret")

Send = Callable[[str, str, Any], Any]  # method, path, body; gives the answer's JSON


def edited(tenant: Tenant, path: tuple[str, ...], value: Obj | None, send: Send) -> Any:
    """The object after the edit, without secrets; `None` when it was deleted. Raises BadControl."""
    match path:
        case (str() as sort, str() as name) if sort in SORTS:
            result = _one(tenant, sort, name, value, send)
        case ("event_orchestrations", "services", str() as name, *rest) if rest in ([], ["active"]):
            owner = _ident(tenant, "services", name)
            result = _path("/".join(("/event_orchestrations/services", owner, *rest)), tenant, value, send)
        case ("event_orchestrations", str() as name, "router" | "global" | "unrouted" as kind):
            owner = _ident(tenant, "event_orchestrations", name)
            result = _path(f"/event_orchestrations/{owner}/{kind}", tenant, value, send)
        case (str() as sort, str() as name, str() as part, str() as label) if (sort, part) in PARTS:
            result = _part(tenant, (sort, name, part, label), value, send)
        case ("teams", str() as name, "members", str() as email):
            result = _member(tenant, name, email, value, send)
        case ("schedules", str() as name, "upgrade"):
            schedule = tenant.of("schedules").items[_ident(tenant, "schedules", name)]
            tenant.of("schedules").put({**schedule, "v3": True})
            result = {"id": schedule["id"], "upgraded": True}
        case _:
            raise BadControl(f"pagerduty can edit {', '.join(KNOWN)}, not {'/'.join(path)!r}")
    return _open(result)


def _part(tenant: Tenant, path: tuple[str, str, str, str], value: Obj | None, send: Send) -> Any:
    """What stands below another object: an integration, a contact method."""
    sort, name, part, wanted = path
    plural, label, wrapper = PARTS[sort, part]
    owner = _ident(tenant, sort, name)
    own = [obj for obj in tenant.of(plural).named(owner) if wanted in (obj["id"], obj[label])]
    resolved = None if value is None else _resolved(tenant, value)
    return _below(f"/{sort}/{owner}/{part}", own, {label: wanted}, wrapper, resolved, send)


def _found(tenant: Tenant, sort: str, name: str) -> Obj | None:
    objs = tenant.of(sort)
    label = SORTS[sort][0]
    return objs.get(name) or next((obj for obj in objs if obj.get(label) == name), None)


def _ident(tenant: Tenant, sort: str, name: str) -> str:
    obj = _found(tenant, sort, name)
    if obj is None:
        raise BadControl(f"pagerduty has no {sort}/{name}")
    return str(obj["id"])


def _one(tenant: Tenant, sort: str, name: str, value: Obj | None, send: Send) -> Any:
    label, wrapper = SORTS[sort]
    obj = _found(tenant, sort, name)
    own = [obj] if obj else []
    given = {label: name, **({"type": wrapper} if sort == "incidents" else {})}
    resolved = None if value is None else _resolved(tenant, value)
    return _below(f"/{sort}", own, given, wrapper, resolved, send)


def _below(base: str, own: list[Obj], given: Obj, wrapper: str, value: Obj | None, send: Send) -> Any:
    """Made where there is none, changed where there is one, deleted where the value is null."""
    if value is None:
        if not own:
            raise BadControl(f"pagerduty has no {base}/{'/'.join(map(str, given.values()))}")
        send("DELETE", f"{base}/{own[0]['id']}", None)
        return None
    if not own:
        return send("POST", base, {wrapper: {**given, **value}})[wrapper]
    place = f"{base}/{own[0]['id']}"
    shown = send("GET", place, None)[wrapper]
    body = {key: merged(shown.get(key), part) if isinstance(part, dict) else part for key, part in value.items()}
    return send("PUT", place, {wrapper: {**({"type": wrapper} if wrapper == "incident" else {}), **body}})[wrapper]


def _path(place: str, tenant: Tenant, value: Obj | None, send: Send) -> Any:
    if value is None:
        raise BadControl(f"{place} cannot be deleted; write it empty instead")
    if place.endswith("/active"):
        return send("PUT", place, value)
    return send("PUT", place, {"orchestration_path": _resolved(tenant, value)})["orchestration_path"]


def _member(tenant: Tenant, team: str, email: str, value: Obj | None, send: Send) -> Any:
    place = f"/teams/{_ident(tenant, 'teams', team)}/users/{_ident(tenant, 'users', email)}"
    send("DELETE" if value is None else "PUT", place, value)
    return value


def _resolved(tenant: Tenant, value: Any, field: str = "") -> Any:
    """References by name, `{"name": …}` in a field that holds a reference, become references by id."""
    if isinstance(value, list):
        return [_resolved(tenant, part, field.removesuffix("s")) for part in value]
    if not isinstance(value, dict):
        return value
    kind = str(value.get("type") or KINDS.get(field, field)).removesuffix("_reference")
    named = [key for key in ("name", "email", "summary") if key in value]
    if kind in NOUNS and named and "id" not in value and not set(value) - {"type", *named}:
        sort = NOUNS[kind].plural
        if sort in SORTS or sort in ("vendors", "priorities"):
            return {"id": _named(tenant, sort, str(value[named[0]])), "type": f"{kind}_reference"}
    return {key: _resolved(tenant, part, key) for key, part in value.items()}


def _named(tenant: Tenant, sort: str, name: str) -> str:
    if sort in SORTS:
        return _ident(tenant, sort, name)
    named = tenant.of(sort).named(name)
    if not named:
        raise BadControl(f"pagerduty has no {sort}/{name}")
    return str(named[0]["id"])


def _open(value: Any) -> Any:
    """Without the keys that open something."""
    if isinstance(value, list):
        return [_open(part) for part in value]
    if isinstance(value, dict):
        return {key: _open(part) for key, part in value.items() if key not in SECRETS}
    return value
