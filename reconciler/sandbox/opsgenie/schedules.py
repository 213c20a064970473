"""Opsgenie schedules with their rotations (sheet 6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, record, text, whole, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.restriction import instant, restriction, zone
from reconciler.sandbox.opsgenie.tenant import Caller, Refusal, Tenant, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    PARTICIPANT_TYPES,
    ROTATION_TYPES,
    SCHEDULE_NAME,
)
from reconciler.sandbox.routes import Call, Route

ROTATION_FIELDS: dict[str, Check] = {
    "name": text(),
    "startDate": instant,
    "endDate": instant,
    "type": word(*ROTATION_TYPES),
    "length": whole(least=1),
    "participants": items(reference.target(*PARTICIPANT_TYPES), least=1),
    "timeRestriction": restriction,
}
ROTATION_NEEDS = ("startDate", "type", "participants")


def _in_time(rotation: Obj, path: str) -> Obj:
    if rotation.get("endDate") and rotation["endDate"] <= rotation.get("startDate", ""):
        raise Invalid({f"{path}.endDate" if path else "endDate": "must be later than startDate"})
    return rotation


def _rotation(value: Any, path: str) -> Obj:
    return _in_time(record(ROTATION_FIELDS, ROTATION_NEEDS)(value, path), path)


FIELDS: dict[str, Check] = {
    "name": text(least=1, most=NAME_LENGTH),
    "description": text(most=DESCRIPTION_LENGTH),
    "timezone": zone,
    "enabled": flag,
    "ownerTeam": reference.OWNER,
    "rotations": items(_rotation, least=1),
}


def _rotation_kept(tenant: Tenant, rotation: Obj, number: int) -> Obj:
    participants = [reference.kept(tenant, part) for part in rotation["participants"]]
    # Sheet 6: the server names a rotation that has no name (inferred).
    defaults = {"name": f"Rot{number}", "length": 1, "timeRestriction": {}}
    return {"id": tenant.mint(), **defaults, **rotation, "participants": participants}


def rotations_kept(tenant: Tenant, rotations: list[Obj]) -> list[Obj]:
    """Whole lists get new ids, also on a PATCH (sheet 17.11: probably so)."""
    return [_rotation_kept(tenant, rotation, at) for at, rotation in enumerate(rotations, start=1)]


def _rotation_shown(tenant: Tenant, rotation: Obj) -> Obj:
    return {**rotation, "participants": reference.all_shown(tenant, rotation["participants"])}


def shown(tenant: Tenant, schedule: Obj) -> Obj:
    rotations = [_rotation_shown(tenant, rotation) for rotation in schedule["rotations"]]
    bare = {key: value for key, value in schedule.items() if key != "ownerTeam"}
    return {**bare, **reference.owner_shown(tenant, schedule), "rotations": rotations}


def check_name(tenant: Tenant, name: str, own: str | None = None) -> str:
    if tenant.settings.names == "ascii":
        text(pattern=SCHEDULE_NAME)(name, "name")
    if tenant.teams.named(name):  # quirk 15
        raise Refusal(409, f"Team with name [{name}] already exists.")
    if any(schedule["id"] != own for schedule in tenant.schedules.named(name)):
        raise Refusal(409, f"Schedule with name [{name}] already exists.")
    return name


def made(tenant: Tenant, body: Obj) -> Obj:
    defaults = {"description": "", "timezone": "Etc/UTC", "enabled": True, "rotations": []}
    return tenant.schedules.put({"id": tenant.mint(), **defaults, **body})


def check_unused(tenant: Tenant, schedule: Obj) -> None:
    """Sheet 15 infers an order of deletion from use; refusing is the harder answer."""
    recipient = {"type": "schedule", "id": schedule["id"]}
    for escalation in tenant.escalations:
        if any(rule.get("recipient") == recipient for rule in escalation.get("rules", [])):
            raise unprocessable("schedule", f"is used by escalation [{escalation['name']}]")
    if any(rule["notify"] == recipient for rule in tenant.rules):
        raise unprocessable("schedule", "is used by a routing rule")


def _settled(tenant: Tenant, body: Obj, caller: Caller) -> Obj:
    if "rotations" in body:
        body["rotations"] = rotations_kept(tenant, body["rotations"])
    owner = reference.owner_kept(tenant, body.pop("ownerTeam", None), caller)
    return {**body, "ownerTeam": owner} if owner else body


def _meta(schedule: Obj) -> Obj:
    return {"id": schedule["id"], "name": schedule["name"], "enabled": schedule["enabled"]}


def _found(tenant: Tenant, call: Call, by: str = "identifierType") -> Obj:
    schedule = reference.sought(tenant.schedules, "Schedule", call.params["schedule"], call.query.get(by))
    return reference.seen(call.caller, schedule)


def _create(tenant: Tenant, call: Call) -> Answer:
    body: Obj = record(FIELDS, ("name",))(call.body, "")
    check_name(tenant, body["name"])
    return tenant.reply(201, result="Created", data=_meta(made(tenant, _settled(tenant, body, call.caller))))


def _list(tenant: Tenant, call: Call) -> Answer:
    listed = [shown(tenant, schedule) for schedule in reference.visible(call.caller, tenant.schedules)]
    if call.query.get("expand") == "rotation":
        return tenant.read(listed)
    bare = [{key: value for key, value in schedule.items() if key != "rotations"} for schedule in listed]
    return tenant.read(bare, expandable=["rotation"])


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    schedule = _found(tenant, call)
    body: Obj = record(FIELDS)(call.body, "")
    if "name" in body:
        check_name(tenant, body["name"], schedule["id"])
    changed = tenant.schedules.put({**schedule, **_settled(tenant, body, call.caller)})
    return tenant.reply(200, result="Updated", data=_meta(changed))


def _delete(tenant: Tenant, call: Call) -> Answer:
    schedule = _found(tenant, call)
    check_unused(tenant, schedule)
    tenant.schedules.drop(schedule["id"])
    return tenant.reply(200, result="Deleted")


def _of_schedule(tenant: Tenant, call: Call) -> tuple[Obj, Obj | None]:
    schedule = _found(tenant, call, "scheduleIdentifierType")
    wanted = call.params.get("rotation")
    rotation = next((part for part in schedule["rotations"] if part["id"] == wanted), None)
    if wanted and rotation is None:
        raise Refusal(404, f"Rotation does not exist with id [{wanted}]")
    return schedule, rotation


def _list_rotations(tenant: Tenant, call: Call) -> Answer:
    schedule, _ = _of_schedule(tenant, call)
    return tenant.read(shown(tenant, schedule)["rotations"])


def _create_rotation(tenant: Tenant, call: Call) -> Answer:
    schedule, _ = _of_schedule(tenant, call)
    rotation = _rotation_kept(tenant, _rotation(call.body, ""), len(schedule["rotations"]) + 1)
    tenant.schedules.put({**schedule, "rotations": [*schedule["rotations"], rotation]})
    return tenant.reply(201, result="Created", data={"id": rotation["id"], "name": rotation["name"]})


def _get_rotation(tenant: Tenant, call: Call) -> Answer:
    schedule, rotation = _of_schedule(tenant, call)
    return tenant.read({**_rotation_shown(tenant, rotation or {}), "_parent": _meta(schedule)})


def _update_rotation(tenant: Tenant, call: Call) -> Answer:
    schedule, rotation = _of_schedule(tenant, call)
    body: Obj = record(ROTATION_FIELDS)(call.body, "")
    if "participants" in body:
        body["participants"] = [reference.kept(tenant, part) for part in body["participants"]]
    changed = _in_time({**(rotation or {}), **body}, "")
    parts = [changed if part["id"] == changed["id"] else part for part in schedule["rotations"]]
    tenant.schedules.put({**schedule, "rotations": parts})
    return tenant.reply(200, result="Updated", data={"id": changed["id"], "name": changed["name"]})


def _delete_rotation(tenant: Tenant, call: Call) -> Answer:
    schedule, rotation = _of_schedule(tenant, call)
    tenant.schedules.put({**schedule, "rotations": [part for part in schedule["rotations"] if part is not rotation]})
    return tenant.reply(200, result="Deleted")


def edited(tenant: Tenant, schedule: Obj | None, value: Any) -> Obj:
    """A schedule as a person makes or changes it in the UI; rotations without an id get one."""
    body = dict(value)
    if "rotations" in body:
        body["rotations"] = [{"id": tenant.mint(), "timeRestriction": {}, **part} for part in body["rotations"]]
    return tenant.schedules.put({**schedule, **body}) if schedule else made(tenant, body)


_ROTATION = "/v2/schedules/{schedule}/rotations/{rotation}"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/schedules", _create),
    Route("GET", "/v2/schedules", _list),
    Route("GET", "/v2/schedules/{schedule}", _get),
    Route("PATCH", "/v2/schedules/{schedule}", _update),
    Route("DELETE", "/v2/schedules/{schedule}", _delete),
    Route("GET", "/v2/schedules/{schedule}/rotations", _list_rotations),
    Route("POST", "/v2/schedules/{schedule}/rotations", _create_rotation),
    Route("GET", _ROTATION, _get_rotation),
    Route("PATCH", _ROTATION, _update_rotation),
    Route("DELETE", _ROTATION, _delete_rotation),
)
