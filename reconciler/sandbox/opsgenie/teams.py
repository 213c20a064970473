"""Opsgenie teams and their members (sheet 4), with what the server makes beside a new team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, items, record, text
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.tenant import Caller, Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import MEMBER_ROLES, NAME_LENGTH, TEAM_NAME
from reconciler.sandbox.routes import Call, Route

USER = record({"id": text(least=1), "username": text(least=1)})
MEMBER = record({"user": USER, "role": text(least=1)}, ("user",))
FIELDS: dict[str, Check] = {
    "name": text(least=1, most=NAME_LENGTH),
    "description": text(most=10_000),
    "members": items(MEMBER),
}


def member_kept(tenant: Tenant, member: Obj) -> Obj:
    user = member["user"]
    found = tenant.users.get(user["id"]) if "id" in user else next(iter(tenant.users.named(user.get("username"))), None)
    if found is None:
        raise unprocessable("members", f"No user exists with {user}")
    role = member.get("role", MEMBER_ROLES[0])
    if role not in MEMBER_ROLES:
        # A team's own roles are made elsewhere; the sandbox has no such paths, so there is none to name.
        raise unprocessable("members", f"Role [{role}] does not exist")
    return {"user": {"id": found["id"]}, "role": role}


def members_kept(tenant: Tenant, members: list[Obj]) -> list[Obj]:
    kept = {member["user"]["id"]: member for member in (member_kept(tenant, part) for part in members)}
    return list(kept.values())


def shown(tenant: Tenant, team: Obj) -> Obj:
    members = []
    for member in team.get("members", []):
        user = tenant.users.get(member["user"]["id"])
        if user:
            members.append({**member, "user": {"id": user["id"], "username": user["username"]}})
    return {**team, "members": members}


def check_name(tenant: Tenant, name: str, own: str | None = None) -> str:
    if tenant.settings.names == "ascii":
        text(pattern=TEAM_NAME)(name, "name")
    if any(team["id"] != own for team in tenant.teams.named(name)):
        raise Refusal(409, "There is already one Team with same name")
    return name


def made(tenant: Tenant, body: Obj) -> Obj:
    """The new team, and its default escalation, schedule and routing rule that nobody asked for (quirk 1)."""
    name = body["name"]
    team = tenant.teams.put(
        {
            "id": tenant.mint(),
            "name": name,
            "description": body.get("description", ""),
            "members": body.get("members", []),
        }
    )
    owner = {"id": team["id"]}
    # Sheet 17.4: what the server calls them is unconfirmed.
    schedule = {
        "id": tenant.mint(),
        "name": _free(tenant.schedules, f"{name}_schedule"),
        "description": "",
        "timezone": "Etc/UTC",
        "enabled": True,
        "ownerTeam": owner,
        "rotations": [_default_rotation(tenant, team["id"])],
    }
    tenant.schedules.put(schedule)
    escalation = {
        "id": tenant.mint(),
        "name": _free(tenant.escalations, f"{name}_escalation"),
        "description": "",
        "ownerTeam": owner,
        "rules": [_default_step("if-not-acked", 0, {"type": "schedule", "id": schedule["id"]})],
    }
    tenant.escalations.put(escalation)
    tenant.rules.put(
        {
            "id": tenant.mint(),
            "team": team["id"],
            "name": "Default Routing Rule",
            "isDefault": True,
            "order": 0,
            "criteria": {"type": "match-all"},
            "timezone": "Etc/UTC",
            "timeRestriction": {},
            "notify": {"type": "escalation", "id": escalation["id"]},
        }
    )
    return team


def _free(objs: Collection[str], name: str) -> str:
    """The name, or the first numbered one that nobody bears."""
    candidate, number = name, 1
    while objs.named(candidate):
        candidate, number = f"{name} {number}", number + 1
    return candidate


def _default_rotation(tenant: Tenant, team: str) -> Obj:
    start = tenant.clock.now().strftime("%Y-%m-%dT00:00:00Z")
    participants = [{"type": "team", "id": team}]
    shape = {"name": "Rot1", "startDate": start, "type": "weekly", "length": 1, "participants": participants}
    return {"id": tenant.mint(), **shape, "timeRestriction": {}}


def _default_step(condition: str, minutes: int, recipient: Obj) -> Obj:
    delay = {"timeAmount": minutes, "timeUnit": "minutes"}
    return {"condition": condition, "notifyType": "default", "delay": delay, "recipient": recipient}


def removed(tenant: Tenant, team: Obj) -> None:
    """The team goes, its routing rules too, and what it owns as the settings say (sheet 17.5)."""
    for rule in tenant.rules.named(team["id"]):
        tenant.rules.drop(rule["id"])
    for policy in [policy for policy in tenant.policies if policy["team"] == team["id"]]:
        tenant.policies.drop(policy["id"])
    for objs in (tenant.schedules, tenant.escalations, tenant.integrations, tenant.heartbeats):
        for obj in list(objs):
            if (obj.get("ownerTeam") or {}).get("id") == team["id"]:
                _left_alone(tenant, objs, obj)
    tenant.teams.drop(team["id"])


def _left_alone(tenant: Tenant, objs: Collection[str], obj: Obj) -> None:
    if tenant.settings.team_delete == "orphan":
        objs.put({key: value for key, value in obj.items() if key != "ownerTeam"})
        return
    if "apiKey" in obj:
        tenant.revoked[obj["apiKey"]] = tenant.keys.pop(obj["apiKey"])
    objs.drop(obj["id"])


def _meta(team: Obj) -> Obj:
    return {"id": team["id"], "name": team["name"]}


def _found(tenant: Tenant, call: Call, by: str = "identifierType") -> Obj:
    team = reference.sought(tenant.teams, "Team", call.params["team"], call.query.get(by))
    caller: Caller = call.caller
    if caller.team not in (None, team["id"]):
        raise forbidden()
    return team


def for_team(handler: Callable[[Tenant, Call, Obj], Answer]) -> Callable[[Tenant, Call], Answer]:
    """A handler for a path below a team, which names the team by `teamIdentifierType`."""
    return lambda tenant, call: handler(tenant, call, _found(tenant, call, "teamIdentifierType"))


def _create(tenant: Tenant, call: Call) -> Answer:
    if call.caller.team:
        raise forbidden()
    body: Obj = record(FIELDS, ("name",))(call.body, "")
    check_name(tenant, body["name"])
    body["members"] = members_kept(tenant, body.get("members", []))
    return tenant.reply(201, result="Created", data=_meta(made(tenant, body)))


def _list(tenant: Tenant, call: Call) -> Answer:
    teams = [team for team in tenant.teams if call.caller.team in (None, team["id"])]
    return tenant.read([{**_meta(team), "description": team.get("description", "")} for team in teams])


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    team = _found(tenant, Call(call.request, call.params, {}, caller=call.caller))  # by id only
    body: Obj = record(FIELDS)(call.body, "")
    if "name" in body:
        check_name(tenant, body["name"], team["id"])
    if "members" in body:
        body["members"] = members_kept(tenant, body["members"])
    return tenant.reply(200, result="Updated", data=_meta(tenant.teams.put({**team, **body})))


def _delete(tenant: Tenant, call: Call) -> Answer:
    removed(tenant, _found(tenant, call))
    return tenant.reply(200, result="Deleted")


def _add_member(tenant: Tenant, call: Call, team: Obj) -> Answer:
    member = member_kept(tenant, MEMBER(call.body, ""))
    others = [part for part in team["members"] if part["user"] != member["user"]]
    tenant.teams.put({**team, "members": [*others, member]})
    return tenant.reply(200, result="Added", data=_meta(team))


def _remove_member(tenant: Tenant, call: Call, team: Obj) -> Answer:
    ident = call.params["user"]
    ids = {ident, *(user["id"] for user in tenant.users.named(ident))}
    others = [part for part in team["members"] if part["user"]["id"] not in ids]
    if len(others) == len(team["members"]):
        raise Refusal(404, f"User [{ident}] is not a member of the team")
    tenant.teams.put({**team, "members": others})
    return tenant.reply(200, result="Removed", data=_meta(team))


def edited(tenant: Tenant, team: Obj | None, value: Any) -> Obj:
    """A team as a person makes or changes it in the UI."""
    return tenant.teams.put({**team, **value}) if team else made(tenant, value)


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/teams", _create),
    Route("GET", "/v2/teams", _list),
    Route("GET", "/v2/teams/{team}", _get),
    Route("PATCH", "/v2/teams/{team}", _update),
    Route("DELETE", "/v2/teams/{team}", _delete),
    Route("POST", "/v2/teams/{team}/members", for_team(_add_member)),
    Route("DELETE", "/v2/teams/{team}/members/{user}", for_team(_remove_member)),
)
