"""Opsgenie escalations (sheet 7)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, record, text, whole, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.tenant import Caller, Refusal, Tenant, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import NOTIFY_TYPES, RECIPIENT_TYPES, RULE_CONDITIONS
from reconciler.sandbox.routes import Call, Route

DELAY = record({"timeAmount": whole(least=0), "timeUnit": word("minutes")}, ("timeAmount",))
RULE = record(
    {
        "condition": word(*RULE_CONDITIONS),
        "notifyType": word(*NOTIFY_TYPES),
        "delay": DELAY,
        "recipient": reference.target(*RECIPIENT_TYPES),
    },
    ("condition", "notifyType", "delay", "recipient"),
)
REPEAT = record(
    {"waitInterval": whole(least=0), "count": whole(least=1), "resetRecipientStates": flag, "closeAlertAfterAll": flag}
)
FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "description": text(),
    "ownerTeam": reference.OWNER,
    "rules": items(RULE, least=1),
    "repeat": REPEAT,
}


def rules_kept(tenant: Tenant, rules: list[Obj]) -> list[Obj]:
    """The rules in another order than sent: they are a set, timed by their delay (sheet 7)."""
    return [
        {
            **rule,
            "delay": {"timeUnit": "minutes", **rule["delay"]},
            "recipient": reference.kept(tenant, rule["recipient"]),
        }
        for rule in reversed(rules)
    ]


def shown(tenant: Tenant, escalation: Obj) -> Obj:
    rules = []
    for rule in escalation.get("rules", []):
        recipient = reference.shown(tenant, rule["recipient"])
        if recipient:
            rules.append({**rule, "recipient": recipient})
    bare = {key: value for key, value in escalation.items() if key != "ownerTeam"}
    return {**bare, **reference.owner_shown(tenant, escalation), "rules": rules}


def check_name(tenant: Tenant, name: str, own: str | None = None) -> str:
    if any(escalation["id"] != own for escalation in tenant.escalations.named(name)):
        raise Refusal(409, f"Escalation with [name] [{name}] already exists.")
    return name


def made(tenant: Tenant, body: Obj) -> Obj:
    return tenant.escalations.put({"id": tenant.mint(), "description": "", "rules": [], **body})


def check_unused(tenant: Tenant, escalation: Obj) -> None:
    """Sheet 7: a routing rule holds its escalation. The status of the refusal is not known."""
    if any(rule["notify"] == {"type": "escalation", "id": escalation["id"]} for rule in tenant.rules):
        raise unprocessable("escalation", "is used by a routing rule")


def _settled(tenant: Tenant, escalation: Obj, body: Obj, caller: Caller) -> Obj:
    """The escalation with the body laid over it. A wait of 0 takes `repeat` away, `{}` keeps it (sheet 7)."""
    changed = {**escalation, **body}
    changed.pop("ownerTeam", None)
    if "rules" in body:
        changed["rules"] = rules_kept(tenant, body["rules"])
    owner = reference.owner_kept(tenant, body.get("ownerTeam"), caller) or escalation.get("ownerTeam")
    repeat = body.get("repeat") or escalation.get("repeat")
    changed.pop("repeat", None)
    if repeat and repeat.get("waitInterval", 0) > 0:
        defaults = {"count": 1, "resetRecipientStates": False, "closeAlertAfterAll": False}
        changed["repeat"] = {**defaults, **(escalation.get("repeat") or {}), **repeat}
    return {**changed, "ownerTeam": owner} if owner else changed


def _meta(escalation: Obj) -> Obj:
    return {"id": escalation["id"], "name": escalation["name"]}


def _found(tenant: Tenant, call: Call) -> Obj:
    by = call.query.get("identifierType")
    escalation = reference.sought(tenant.escalations, "Escalation", call.params["escalation"], by)
    return reference.seen(call.caller, escalation)


def _create(tenant: Tenant, call: Call) -> Answer:
    body: Obj = record(FIELDS, ("name", "rules"))(call.body, "")
    check_name(tenant, body["name"])
    return tenant.reply(201, result="Created", data=_meta(made(tenant, _settled(tenant, {}, body, call.caller))))


def _list(tenant: Tenant, call: Call) -> Answer:
    return tenant.read([shown(tenant, part) for part in reference.visible(call.caller, tenant.escalations)])


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    escalation = _found(tenant, call)
    body: Obj = record(FIELDS)(call.body, "")
    if call.caller.team and "ownerTeam" in body:  # a team's key must not send it again (sheet 7)
        raise unprocessable("ownerTeam", "cannot be changed with the key of a team")
    if "name" in body:
        check_name(tenant, body["name"], escalation["id"])
    changed = tenant.escalations.put(_settled(tenant, escalation, body, Caller()))
    return tenant.reply(200, result="Updated", data=_meta(changed))


def _delete(tenant: Tenant, call: Call) -> Answer:
    escalation = _found(tenant, call)
    check_unused(tenant, escalation)
    tenant.escalations.drop(escalation["id"])
    return tenant.reply(200, result="Deleted")


def edited(tenant: Tenant, escalation: Obj | None, value: Any) -> Obj:
    """An escalation as a person makes or changes it in the UI."""
    return tenant.escalations.put({**escalation, **value}) if escalation else made(tenant, dict(value))


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/escalations", _create),
    Route("GET", "/v2/escalations", _list),
    Route("GET", "/v2/escalations/{escalation}", _get),
    Route("PATCH", "/v2/escalations/{escalation}", _update),
    Route("DELETE", "/v2/escalations/{escalation}", _delete),
)
