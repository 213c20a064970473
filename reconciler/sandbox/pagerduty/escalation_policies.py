"""PagerDuty escalation policies (sheet 3.4)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, items, nullable, text, whole, word
from reconciler.sandbox.pagerduty import catalogue, paging, schedules, teams, users
from reconciler.sandbox.pagerduty.body import known, link, link_id
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, denied, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import ASSIGNMENT_STRATEGIES, HANDOFF_NOTIFICATIONS, TARGETS_MOST
from reconciler.sandbox.routes import Call, Route

STRATEGY = "escalation_rule_assignment_strategy"
STRATEGIES = "escalation_rule_assignment_strategies"
ONLY_RULE = "Cannot Delete Only Rule For Escalation Policy"


def _strategy(value: Any, path: str) -> str:
    """S types a string, its example and the clients send an object: both are taken."""
    name = value.get("type") if isinstance(value, dict) else value
    result: str = word(*ASSIGNMENT_STRATEGIES)(name, path)
    return result


RULE: dict[str, Check] = {
    "id": nullable(text()),
    "escalation_delay_in_minutes": whole(least=1),
    "targets": items(link("user", "schedule", "schedule_v3"), least=1, most=TARGETS_MOST),
    STRATEGY: nullable(_strategy),
}
FIELDS: dict[str, Check] = {
    "type": word("escalation_policy"),
    "name": text(least=1, pattern=r"[^\\/&<>\x00-\x1f\x7f]*[^\s\\/&<>\x00-\x1f\x7f]"),
    "description": nullable(text()),
    "num_loops": whole(least=0),
    "on_call_handoff_notifications": word(*HANDOFF_NOTIFICATIONS),
    "escalation_rules": items(known(RULE, ("escalation_delay_in_minutes", "targets"))),
    "teams": nullable(items(link_id("team"), most=1)),
}
DEFAULTS: Obj = {"description": None, "num_loops": 0, "on_call_handoff_notifications": "if_has_services", "team": None}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if "name" in body:
        check_name(tenant, "escalation_policy", body["name"], before)
    after = {**(before or DEFAULTS), **{key: value for key, value in body.items() if key not in ("type", "teams")}}
    if "teams" in body:
        after["team"] = next(iter(body["teams"] or ()), None)
        needed(tenant, "team", body["teams"] or (), "Team")
    if "escalation_rules" in body:
        after["escalation_rules"] = _rules(tenant, before, body["escalation_rules"])
    _check_members(tenant, after)
    return after


def _rules(tenant: Tenant, before: Obj | None, sent: list[Obj]) -> list[Obj]:
    if not sent:
        raise invalid(ONLY_RULE if before else "Escalation rules are required")
    there = {rule["id"] for rule in (before or {}).get("escalation_rules", ())}
    return [_rule(tenant, rule, there) for rule in sent]


def _rule(tenant: Tenant, rule: Obj, there: set[str]) -> Obj:
    strategy = rule.get(STRATEGY)
    if strategy and "round_robin" not in catalogue.abilities(tenant):
        raise denied("Account is not entitled to assignment strategies")
    targets = [_target(tenant, target) for target in rule["targets"]]
    if tenant.settings.targets == "turned":
        targets.reverse()
    ident = rule.get("id")
    return {
        "id": ident if ident in there else tenant.ident(),
        "escalation_delay_in_minutes": rule["escalation_delay_in_minutes"],
        "targets": targets,
        STRATEGY: strategy or "assign_to_everyone",
    }


def _target(tenant: Tenant, target: Obj) -> Obj:
    kind = "user" if target["type"] == "user" else "schedule"
    if target["id"] not in tenant.of(f"{kind}s"):
        raise not_found()
    return {"id": target["id"], "type": kind}


def _check_members(tenant: Tenant, policy: Obj) -> None:
    """People of a team's policy are members of the team (sheet 3.4)."""
    team = tenant.of("teams").get(policy["team"])
    if team is None:
        return
    members = {member["user"] for member in team["members"]}
    targets = [target for rule in policy["escalation_rules"] for target in rule["targets"]]
    strangers = [part["id"] for part in targets if part["type"] == "user" and part["id"] not in members]
    if strangers:
        raise invalid(f"Users must be members of the team {team['name']}: {', '.join(dict.fromkeys(strangers))}")


def services_of(tenant: Tenant, policy: str) -> list[str]:
    by_policy: dict[str, list[str]] = tenant.once("services by policy", lambda: _services_by_policy(tenant))
    return by_policy.get(policy, [])


def _services_by_policy(tenant: Tenant) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for service in tenant.of("services"):
        result.setdefault(service["escalation_policy"], []).append(service["id"])
    return result


def _target_shown(tenant: Tenant, target: Obj, include: Include) -> Obj:
    kind, ident = target["type"], target["id"]
    obj = found(tenant, kind, ident)
    if "targets" in include:
        none: Include = frozenset()
        return users.shown(tenant, obj, none) if kind == "user" else schedules.shown(tenant, obj, none)
    link_shown = {**identity(tenant, kind, obj), "type": f"{kind}_reference"}
    return {**link_shown, "type": "schedule_v3_reference"} if obj.get("v3") else link_shown


def _rule_shown(tenant: Tenant, rule: Obj, include: Include) -> Obj:
    result = {key: rule[key] for key in ("id", "escalation_delay_in_minutes")}
    result["targets"] = [_target_shown(tenant, target, include) for target in rule["targets"]]
    if STRATEGIES in include:
        result[STRATEGY] = {"type": rule[STRATEGY]}
    return result


def shown(tenant: Tenant, policy: Obj, include: Include) -> Obj:
    if STRATEGIES in include and "round_robin" not in catalogue.abilities(tenant):
        raise denied("Account is not entitled to assignment strategies")
    team = tenant.of("teams").get(policy["team"])
    plain = {key: policy[key] for key in ("name", "description", "num_loops", "on_call_handoff_notifications")}
    result = {
        **identity(tenant, "escalation_policy", policy),
        **plain,
        "escalation_rules": [_rule_shown(tenant, rule, include) for rule in policy["escalation_rules"]],
        "services": all_pointed(tenant, "service", services_of(tenant, policy["id"])),
        "teams": [pointed(tenant, "team", team["id"])] if team else [],
    }
    if "teams" in include and team:
        result["teams"] = [teams.shown(tenant, team, frozenset())]
    if "services" in include:
        result["services"] = [
            {**link_shown, "type": "service", "name": link_shown["summary"]} for link_shown in result["services"]
        ]
    return result


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    fitting = paging.queried(objs, call, "name")
    of_teams, of_users = set(paging.many(call, "team_ids[]")), set(paging.many(call, "user_ids[]"))
    if of_teams:
        fitting = [policy for policy in fitting if policy["team"] in of_teams]
    if of_users:
        fitting = [policy for policy in fitting if not of_users.isdisjoint(_people(policy))]
    return paging.ordered(fitting, call, "name", default="name")


def _people(policy: Obj) -> list[str]:
    return [part["id"] for rule in policy["escalation_rules"] for part in rule["targets"] if part["type"] == "user"]


def _removed(tenant: Tenant, policy: Obj) -> None:
    if services_of(tenant, policy["id"]):
        # Sheet 7: only the status is known, the words are not.
        raise invalid("Escalation policy can't be deleted if it's being used by services")
    tenant.of("escalation_policies").drop(policy["id"])


FAMILY = Family(
    kind="escalation_policy",
    new=known(FIELDS, ("name", "escalation_rules")),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    filtered=_filtered,
    removed=_removed,
)

ROUTES: tuple[Route[Tenant], ...] = FAMILY.routes()
