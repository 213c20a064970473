"""Opsgenie team routing rules, the default one included (sheet 4.1)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, record, text, whole
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.condition import criteria
from reconciler.sandbox.opsgenie.restriction import restriction, zone
from reconciler.sandbox.opsgenie.teams import for_team
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import ROUTING_NOTIFY_TYPES
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {
    "name": text(),
    "criteria": criteria,
    "timezone": zone,
    "timeRestriction": restriction,
    "notify": reference.target(*ROUTING_NOTIFY_TYPES),
}


def ordered(tenant: Tenant, team: str) -> list[Obj]:
    """A team's rules in their order; places are given so that the default rule stays the last."""
    return sorted(tenant.rules.named(team), key=lambda rule: int(rule["order"]))


def _renumber(tenant: Tenant, rules: list[Obj]) -> None:
    for order, rule in enumerate(rules):
        if rule["order"] != order or rule["id"] not in tenant.rules:
            tenant.rules.put({**rule, "order": order})


def shown(tenant: Tenant, rule: Obj) -> Obj:
    visible = {key: value for key, value in rule.items() if key != "team"}
    # What it notified may be gone: then the rule notifies nobody.
    return {**visible, "notify": reference.shown(tenant, rule["notify"]) or {"type": "none"}}


def made(tenant: Tenant, team: str, body: Obj, order: int = 0) -> Obj:
    defaults = {"name": "", "criteria": {"type": "match-all"}, "timezone": "Etc/UTC", "timeRestriction": {}}
    rule = {"id": tenant.mint(), "team": team, "isDefault": False, **defaults, **body, "order": order}
    rules = ordered(tenant, team)
    rules.insert(order, rule)
    tenant.rules.put(rule)
    _renumber(tenant, rules)
    return rule


def dropped(tenant: Tenant, rule: Obj) -> None:
    tenant.rules.drop(rule["id"])
    _renumber(tenant, ordered(tenant, rule["team"]))


def _found(tenant: Tenant, call: Call, team: Obj) -> Obj:
    rule = tenant.rules.get(call.params["rule"])
    if rule is None or rule["team"] != team["id"]:
        raise Refusal(404, f"Routing rule does not exist with id [{call.params['rule']}]")
    return rule


def _place(tenant: Tenant, team: Obj, order: int, most: int) -> int:
    if order > most:
        raise unprocessable("order", f"must be at most {most}, is {order}")
    return order


def _create(tenant: Tenant, call: Call, team: Obj) -> Answer:
    body: Obj = record({**FIELDS, "order": whole(least=0)}, ("notify",))(call.body, "")
    others = len(tenant.rules.named(team["id"])) - 1
    order = _place(tenant, team, body.pop("order", 0), others)
    body["notify"] = reference.kept(tenant, body["notify"])
    rule = made(tenant, team["id"], body, order)
    return tenant.reply(201, result="Created", data={"id": rule["id"], "name": rule["name"]})


def _list(tenant: Tenant, call: Call, team: Obj) -> Answer:
    return tenant.read([shown(tenant, rule) for rule in ordered(tenant, team["id"])])


def _get(tenant: Tenant, call: Call, team: Obj) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call, team)))


def _update(tenant: Tenant, call: Call, team: Obj) -> Answer:
    rule = _found(tenant, call, team)
    body: Obj = record(FIELDS)(call.body, "")
    if rule["isDefault"] and "timezone" in body:
        raise unprocessable("timezone", "the default routing rule takes none")
    if "notify" in body:
        body["notify"] = reference.kept(tenant, body["notify"])
    tenant.rules.put({**rule, **body})
    return tenant.reply(200, result="Updated", data={"id": rule["id"], "name": body.get("name", rule["name"])})


def _change_order(tenant: Tenant, call: Call, team: Obj) -> Answer:
    rule = _found(tenant, call, team)
    if rule["isDefault"]:
        raise forbidden("The order of the default routing rule cannot be changed.")
    body = record({"order": whole(least=0)}, ("order",))(call.body, "")
    others = [part for part in ordered(tenant, team["id"]) if part["id"] != rule["id"]]
    others.insert(_place(tenant, team, body["order"], len(others) - 1), rule)
    _renumber(tenant, others)
    return tenant.reply(200, result="Order Changed", data={"id": rule["id"], "name": rule["name"]})


def _delete(tenant: Tenant, call: Call, team: Obj) -> Answer:
    rule = _found(tenant, call, team)
    if rule["isDefault"]:  # sheet 17.6: unconfirmed, so it stays
        raise forbidden("The default routing rule cannot be deleted.")
    dropped(tenant, rule)
    return tenant.reply(200, result="Deleted")


def edited(tenant: Tenant, team: Obj, rule: Obj | None, value: Any) -> Obj:
    """A rule as a person makes or changes it in the UI; `order` moves it."""
    body = dict(value)
    if rule is None:
        body.setdefault("notify", {"type": "none"})
        return made(tenant, team["id"], body, min(body.pop("order", 0), len(tenant.rules.named(team["id"])) - 1))
    order = body.pop("order", rule["order"])
    changed = tenant.rules.put({**rule, **body})
    if order != rule["order"] and not rule["isDefault"]:
        others = [part for part in ordered(tenant, team["id"]) if part["id"] != rule["id"]]
        others.insert(min(order, len(others) - 1), changed)
        _renumber(tenant, others)
    return tenant.rules.items[rule["id"]]


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/teams/{team}/routing-rules", for_team(_create)),
    Route("GET", "/v2/teams/{team}/routing-rules", for_team(_list)),
    Route("GET", "/v2/teams/{team}/routing-rules/{rule}", for_team(_get)),
    Route("PATCH", "/v2/teams/{team}/routing-rules/{rule}", for_team(_update)),
    Route("POST", "/v2/teams/{team}/routing-rules/{rule}/change-order", for_team(_change_order)),
    Route("DELETE", "/v2/teams/{team}/routing-rules/{rule}", for_team(_delete)),
)
