"""PagerDuty users (sheet 3.1)."""

from __future__ import annotations

import re

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, anything, nullable, text, word, zone
from reconciler.sandbox.pagerduty import contacts, paging
from reconciler.sandbox.pagerduty.body import known
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity
from reconciler.sandbox.pagerduty.tenant import WEB, Caller, Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import EMAIL_LENGTH, NAME_LENGTH, USER_ROLES
from reconciler.sandbox.routes import Call, Route

FIRST_USERS = (
    ("ann@example.com", "Ann Example", "owner", "Europe/London"),
    ("bob@example.com", "Bob Example", "admin", "America/New_York"),
    ("hanako@example.jp", "山田 花子", "user", "Asia/Tokyo"),
    ("olga@example.ru", "Ольга Примерова", "limited_user", "Europe/Moscow"),
)

FIELDS: dict[str, Check] = {
    "name": text(least=1, most=NAME_LENGTH),
    "email": text(most=EMAIL_LENGTH, pattern=r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+"),
    "role": word(*USER_ROLES),
    "time_zone": zone,
    "color": text(),
    "job_title": nullable(text(most=NAME_LENGTH)),
    "description": nullable(text()),
    "license": anything,
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    clean = {key: value for key, value in body.items() if key != "license"}
    if "name" in clean:
        clean["name"] = re.sub(r"\s+", " ", clean["name"]).strip()
    if "email" in clean:
        clean["email"] = clean["email"].lower()
        _check_free(tenant, clean["email"], before)
    defaults = {"role": "user", "time_zone": "UTC", "color": "teal", "job_title": None, "description": None}
    return {**(before or {**defaults, "created_via_sso": False, "invitation_sent": True}), **clean}


def _check_free(tenant: Tenant, email: str, before: Obj | None) -> None:
    if any(user["id"] != (before or {}).get("id") for user in tenant.of("users").named(email)):
        raise invalid("Email has already been taken")


def _follows(tenant: Tenant, user: Obj, body: Obj, new: bool) -> None:
    """A new person can be reached by e-mail at once."""
    if new:
        contacts.first(tenant, user)


def teams_of(tenant: Tenant, user: str) -> list[str]:
    by_user: dict[str, list[str]] = tenant.once("teams by user", lambda: _teams_by_user(tenant))
    return by_user.get(user, [])


def _teams_by_user(tenant: Tenant) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for team in tenant.of("teams"):
        for member in team["members"]:
            result.setdefault(member["user"], []).append(team["id"])
    return result


def shown(tenant: Tenant, user: Obj, include: Include) -> Obj:
    from_team = [tenant.of("teams").items[ident] for ident in teams_of(tenant, user["id"])]
    methods = tenant.of("contact_methods").named(user["id"])
    rules = tenant.of("notification_rules").named(user["id"])
    result = {
        **identity(tenant, "user", user),
        **user,
        "avatar_url": f"{WEB}/avatars/{user['id']}.png",
        "teams": all_pointed(tenant, "team", (team["id"] for team in from_team)),
        "contact_methods": [contacts.pointed(tenant, method) for method in methods],
        "notification_rules": [contacts.rule_pointed(tenant, rule) for rule in rules],
    }
    if "teams" in include:
        plain = ("name", "description", "default_role")
        full = [{**identity(tenant, "team", team), **{key: team[key] for key in plain}} for team in from_team]
        result["teams"] = full
    if "contact_methods" in include:
        result["contact_methods"] = [contacts.shown(tenant, method) for method in methods]
    if "notification_rules" in include:
        result["notification_rules"] = [contacts.rule_shown(tenant, rule, include) for rule in rules]
    return result


def _filtered(tenant: Tenant, users: list[Obj], call: Call) -> list[Obj]:
    # Sheet 7: that `query=` searches the e-mail too is implied by the vendor's clients.
    fitting = paging.queried(users, call, "name", "email")
    teams = set(paging.many(call, "team_ids[]"))
    if teams:
        fitting = [user for user in fitting if not teams.isdisjoint(teams_of(tenant, user["id"]))]
    return sorted(fitting, key=lambda user: (user["name"].casefold(), user["id"]))


def _removed(tenant: Tenant, user: Obj) -> None:
    """Refused while somebody counts on the person (sheet 3.1)."""
    ident = user["id"]
    if any(incident["status"] != "resolved" and ident in incident["assigned"] for incident in tenant.of("incidents")):
        raise invalid("User cannot be deleted while incidents are assigned to them")
    target = {"id": ident, "type": "user"}
    for policy in tenant.of("escalation_policies"):
        if any(target in rule["targets"] for rule in policy["escalation_rules"]):
            raise invalid(f"User cannot be deleted as they belong to the escalation policy {policy['name']}")
    for schedule in tenant.of("schedules"):
        if any(ident in layer["users"] for layer in schedule["layers"]):
            raise invalid(f"User cannot be deleted as they belong to the schedule {schedule['name']}")
    for team in list(tenant.of("teams")):
        members = [member for member in team["members"] if member["user"] != ident]
        tenant.of("teams").put({**team, "members": members})
    for plural in ("notification_rules", "contact_methods"):
        for obj in tenant.of(plural).named(ident):
            tenant.of(plural).drop(obj["id"])
    tenant.of("users").drop(ident)


FAMILY = Family(
    kind="user",
    new=known(FIELDS, ("name", "email")),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    filtered=_filtered,
    follows=_follows,
    removed=_removed,
    sender=True,
)


def first(tenant: Tenant) -> None:
    """The people a new account starts with."""
    for email, name, role, zone_name in FIRST_USERS:
        body = {"email": email, "name": name, "role": role, "time_zone": zone_name}
        FAMILY.made(tenant, body, Caller())


def _me(tenant: Tenant, call: Call) -> Answer:
    caller: Caller = call.caller
    if not caller.user:
        # The vendor's own client tells keys apart by this text.
        return json_answer(400, {"error": "The current user cannot be looked up with an account-level access token"})
    me = found(tenant, "user", caller.user)
    return tenant.reply(200, {"user": shown(tenant, me, paging.includes(call))})


ROUTES: tuple[Route[Tenant], ...] = (Route("GET", "/users/me", _me), *FAMILY.routes())
