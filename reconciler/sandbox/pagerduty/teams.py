"""PagerDuty teams and their members (sheet 3.2)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, nullable, text, word
from reconciler.sandbox.pagerduty import paging, users
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import found, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Refusal, Tenant, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import (
    DEFAULT_ROLES,
    MEMBER_ROLES,
    NAME_LENGTH,
    TEAM_DESCRIPTION_LENGTH,
)
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {
    "name": text(least=1, most=NAME_LENGTH),
    "description": nullable(text(most=TEAM_DESCRIPTION_LENGTH)),
    "default_role": word(*DEFAULT_ROLES),
    "parent": nullable(link_id("team")),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if "name" in body:
        check_name(tenant, "team", body["name"], before)
    if body.get("parent"):
        needed(tenant, "team", [body["parent"]], "Parent")
    return {**(before or {"description": None, "default_role": "manager", "parent": None, "members": []}), **body}


def shown(tenant: Tenant, team: Obj, include: Include) -> Obj:
    plain = {key: team[key] for key in ("name", "description", "default_role")}
    return {**identity(tenant, "team", team), **plain, "parent": pointed(tenant, "team", team["parent"])}


def _filtered(tenant: Tenant, teams: list[Obj], call: Call) -> list[Obj]:
    return sorted(paging.queried(teams, call, "name"), key=lambda team: (team["name"].casefold(), team["id"]))


def _holders(tenant: Tenant, team: str) -> list[str]:
    """What keeps a team from being deleted, in words."""
    lists = {
        "escalation policies": [obj["name"] for obj in tenant.of("escalation_policies") if obj["team"] == team],
        "schedules": [obj["name"] for obj in tenant.of("schedules") if team in obj["teams"]],
        "teams": [obj["name"] for obj in tenant.of("teams") if obj["parent"] == team],
    }
    policies = {obj["id"] for obj in tenant.of("escalation_policies") if obj["team"] == team}
    lists["services"] = [obj["name"] for obj in tenant.of("services") if obj["escalation_policy"] in policies]
    return [f"{what}: {', '.join(names)}" for what, names in lists.items() if names]


def _removed(tenant: Tenant, team: Obj) -> None:
    holders = _holders(tenant, team["id"])
    if holders:
        raise Refusal(400, 6006, "Cannot delete team with existing associations", holders)
    tenant.of("teams").drop(team["id"])


FAMILY = Family(
    kind="team",
    new=known(FIELDS, ("name",)),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    filtered=_filtered,
    removed=_removed,
)


def _members(tenant: Tenant, call: Call) -> Answer:
    team = found(tenant, "team", call.params["id"])
    include = paging.includes(call)

    def show(member: Obj) -> Obj:
        user = tenant.of("users").items[member["user"]]
        whole = users.shown(tenant, user, frozenset()) if "users" in include else pointed(tenant, "user", user["id"])
        return {"user": whole, "role": member["role"]}

    return tenant.reply(200, paging.classic(call, "members", team["members"], show))


def _set_member(tenant: Tenant, call: Call) -> Answer:
    team, user = found(tenant, "team", call.params["id"]), found(tenant, "user", call.params["user"])
    body: Any = known({"role": word(*MEMBER_ROLES)})(call.body, "")
    if user["role"] == "read_only_user":
        raise invalid("User with the read only role cannot be added to a team")
    member = {"user": user["id"], "role": body.get("role", "responder")}
    known_ids = [part["user"] for part in team["members"]]
    if user["id"] in known_ids:
        members = [member if part["user"] == user["id"] else part for part in team["members"]]
    else:
        members = [*team["members"], member]
    tenant.of("teams").put({**team, "members": members})
    return tenant.reply(204)


def _drop_member(tenant: Tenant, call: Call) -> Answer:
    team, user = found(tenant, "team", call.params["id"]), found(tenant, "user", call.params["user"])
    members = [part for part in team["members"] if part["user"] != user["id"]]
    if len(members) == len(team["members"]):
        raise not_found()
    target = {"id": user["id"], "type": "user"}
    for policy in tenant.of("escalation_policies"):
        if policy["team"] == team["id"] and any(target in rule["targets"] for rule in policy["escalation_rules"]):
            raise invalid("User cannot be removed as they belong to an escalation policy on this team")
    tenant.of("teams").put({**team, "members": members})
    return tenant.reply(204)


def _link_policy(tenant: Tenant, call: Call) -> Answer:
    team = found(tenant, "team", call.params["id"])
    policy = found(tenant, "escalation_policy", call.params["policy"])
    if policy["team"] not in (None, team["id"]):
        raise invalid("Escalation Policy has already been taken")
    tenant.of("escalation_policies").put({**policy, "team": team["id"]})
    return tenant.reply(204)


def _unlink_policy(tenant: Tenant, call: Call) -> Answer:
    """204 too for a policy that is not the team's (sheet 3.2)."""
    team = found(tenant, "team", call.params["id"])
    policy = found(tenant, "escalation_policy", call.params["policy"])
    if policy["team"] == team["id"]:
        tenant.of("escalation_policies").put({**policy, "team": None})
    return tenant.reply(204)


ROUTES: tuple[Route[Tenant], ...] = (
    *FAMILY.routes(),
    Route("GET", "/teams/{id}/members", _members),
    Route("PUT", "/teams/{id}/users/{user}", _set_member),
    Route("DELETE", "/teams/{id}/users/{user}", _drop_member),
    Route("PUT", "/teams/{id}/escalation_policies/{policy}", _link_policy),
    Route("DELETE", "/teams/{id}/escalation_policies/{policy}", _unlink_policy),
)
