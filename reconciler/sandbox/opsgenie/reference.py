"""References between Opsgenie objects: taken by id or name, kept by id, shown with both (sheet 3)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.fields import Check, Invalid, record, text, word
from reconciler.sandbox.opsgenie.tenant import Caller, Refusal, Tenant, forbidden, unprocessable

LABELS = {"user": "username", "team": "name", "schedule": "name", "escalation": "name"}
OWNER = record({"id": text(least=1), "name": text(least=1)})


def collection(tenant: Tenant, kind: str) -> Collection[str]:
    return {
        "user": tenant.users,
        "team": tenant.teams,
        "schedule": tenant.schedules,
        "escalation": tenant.escalations,
    }[kind]


def target(*kinds: str) -> Check:
    """`{type, id}` or `{type, name}`; of a user `username` counts as well. `none` takes nothing but its type."""
    shape = record(
        {"type": word(*kinds), "id": text(least=1), "name": text(least=1), "username": text(least=1)}, ("type",)
    )

    def check(value: Any, path: str) -> Obj:
        clean: Obj = shape(value, path)
        given = [key for key in ("id", "name", "username") if key in clean]
        if clean["type"] == "none":
            return {"type": "none"}
        if not given or (given == ["username"] and clean["type"] != "user"):
            raise Invalid({path: f"a {clean['type']} needs an id or a {LABELS[clean['type']]}"})
        return clean

    return check


def kept(tenant: Tenant, value: Obj) -> Obj:
    """The reference as stored, `{type, id}`. Raises a 404 refusal when nothing is there (sheet 2)."""
    kind = value["type"]
    if kind == "none":
        return {"type": "none"}
    found = collection(tenant, kind)
    if "id" in value:
        if value["id"] not in found:
            raise Refusal(404, f"Responder does not exist with id [{value['id']}]")
        return {"type": kind, "id": value["id"]}
    label = value.get("username", value.get("name"))
    bearers = found.named(label)
    if not bearers:
        raise Refusal(404, f"Responder does not exist with {LABELS[kind]} [{label}]")
    return {"type": kind, "id": bearers[0]["id"]}


def shown(tenant: Tenant, value: Obj) -> Obj | None:
    """The reference with id and name; `None` when what it means is gone."""
    kind = value["type"]
    if kind == "none" or kind not in LABELS:
        return value
    found = collection(tenant, kind).get(value["id"])
    return {"type": kind, "id": found["id"], LABELS[kind]: found[LABELS[kind]]} if found else None


def all_shown(tenant: Tenant, values: list[Obj]) -> list[Obj]:
    return [part for part in (shown(tenant, value) for value in values) if part]


def owner_kept(tenant: Tenant, value: Obj | None, caller: Caller) -> Obj | None:
    """The owner team as stored. A team's key puts its own team in place of any other (sheet 1)."""
    if caller.team:
        return {"id": caller.team}
    if not value:
        return None
    if "id" in value:
        if value["id"] not in tenant.teams:
            raise unprocessable("ownerTeam", f"No team exists with id [{value['id']}]")
        return {"id": value["id"]}
    bearers = tenant.teams.named(value.get("name"))
    if not bearers:
        raise unprocessable("ownerTeam", f"No team exists with name [{value.get('name')}]")
    return {"id": bearers[0]["id"]}


def owner_shown(tenant: Tenant, obj: Obj) -> Obj:
    """`{"ownerTeam": {id, name}}`, or nothing for a global object."""
    owner = tenant.teams.get((obj.get("ownerTeam") or {}).get("id"))
    return {"ownerTeam": {"id": owner["id"], "name": owner["name"]}} if owner else {}


def seen(caller: Caller, obj: Obj, team: str | None = None) -> Obj:
    """The object, when the caller may see it; a team's key meets 403 at what is not its team's (sheet 1)."""
    owner = team or (obj.get("ownerTeam") or {}).get("id")
    if caller.team and owner != caller.team:
        raise forbidden()
    return obj


def visible(caller: Caller, objs: Collection[str]) -> list[Obj]:
    if not caller.team:
        return list(objs)
    return [obj for obj in objs if (obj.get("ownerTeam") or {}).get("id") == caller.team]


def sought(objs: Collection[str], what: str, ident: str, by: str | None) -> Obj:
    """The object at a path, by id, or by name where the query says so. Raises a 404 refusal."""
    if by not in (None, "id", "name"):
        raise unprocessable("identifierType", f"{by!r} is not one of id, name")
    found = objs.named(ident)[:1] if by == "name" else [obj for obj in (objs.get(ident),) if obj]
    if not found:
        raise Refusal(404, f"{what} does not exist with {by or 'id'} [{ident}]")
    return found[0]


def resolved(tenant: Tenant, value: Any) -> Any:
    """For edits: names anywhere inside become ids, what is unknown stays as it is."""
    if isinstance(value, list):
        return [resolved(tenant, part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if kind in LABELS and ("name" in value or "username" in value or "id" in value):
        return kept(tenant, value)
    return {key: _owner_or(tenant, key, part) for key, part in value.items()}


def _owner_or(tenant: Tenant, key: str, part: Any) -> Any:
    if key in ("ownerTeam", "assignedTeam") and isinstance(part, dict):
        return owner_kept(tenant, part, Caller())
    if key == "user" and isinstance(part, dict):
        return {"id": kept(tenant, {"type": "user", **part})["id"]}
    return resolved(tenant, part)
