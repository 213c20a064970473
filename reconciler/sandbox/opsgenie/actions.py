"""The actions of an Opsgenie integration (sheet 8.1): what it does with what comes in."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, mapping, record, text, variant, whole, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.condition import action_filter
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import ACTION_TYPES, PRIORITIES, RESPONDER_TYPES
from reconciler.sandbox.routes import Call, Route

_COMMON: dict[str, Check] = {
    "type": text(),
    "name": text(least=1),
    "order": whole(least=0),
    "filter": action_filter,
}
_SPOKEN: dict[str, Check] = {**_COMMON, **dict.fromkeys(("alias", "user", "note"), text())}
_CREATE: dict[str, Check] = {
    **_SPOKEN,
    **dict.fromkeys(("source", "message", "description", "entity", "customPriority"), text()),
    "priority": word(*PRIORITIES),
    "appendAttachments": flag,
    "alertActions": items(text()),
    "ignoreAlertActionsFromPayload": flag,
    "ignoreRespondersFromPayload": flag,
    "ignoreTeamsFromPayload": flag,
    "ignoreRecipientsFromPayload": flag,
    "ignoreTagsFromPayload": flag,
    "ignoreExtraPropertiesFromPayload": flag,
    "responders": items(reference.target(*RESPONDER_TYPES)),
    "recipients": items(reference.target(*RESPONDER_TYPES)),
    "tags": items(text()),
    "extraProperties": mapping(text()),
}
_NEEDS = ("type", "name", "alias", "user", "note")


def _form(kind: str) -> Check:
    match kind:
        case "ignore":
            return record(_COMMON, ("type", "name"))
        case "create":
            return record(_CREATE, _NEEDS)
        case _:
            return record(_SPOKEN, _NEEDS)


ACTION = variant("type", {kind: _form(kind) for kind in ACTION_TYPES})
ALL = record(dict.fromkeys(ACTION_TYPES, items(ACTION)), ACTION_TYPES)


def _kept(tenant: Tenant, action: Obj) -> Obj:
    lists: Obj = {
        key: [reference.kept(tenant, part) for part in action[key]]
        for key in ("responders", "recipients")
        if key in action
    }
    return {"order": 1, "filter": {"conditionMatchType": "match-all"}, **action, **lists}


def _found(tenant: Tenant, call: Call) -> Obj:
    integration = reference.sought(tenant.integrations, "Integration", call.params["integration"], None)
    return reference.seen(call.caller, integration)


def _shown(tenant: Tenant, integration: Obj) -> Obj:
    parent = {key: integration[key] for key in ("id", "name", "enabled", "type")}
    return {"_parent": parent, **{kind: integration["actions"].get(kind, []) for kind in ACTION_TYPES}}


def _plan_allows(tenant: Tenant) -> None:
    if tenant.settings.plan == "basic":  # sheet 17.10: the status is unconfirmed
        raise Refusal(402, "Your plan does not allow saving advanced integrations.")


def _get(tenant: Tenant, call: Call) -> Answer:
    integration = _found(tenant, call)
    if "actions" not in integration:  # sheet 17.10: that it fails is known, the status is not
        raise unprocessable("integration", "is not advanced")
    return tenant.read(_shown(tenant, integration))


def _replace(tenant: Tenant, call: Call) -> Answer:
    integration = _found(tenant, call)
    _plan_allows(tenant)
    body = ALL(call.body, "")
    for kind, actions in body.items():
        if any(action["type"] != kind for action in actions):
            raise unprocessable(kind, f"holds an action that is not of type {kind}")
    kept = {kind: [_kept(tenant, action) for action in actions] for kind, actions in body.items()}
    changed = tenant.integrations.put({**integration, "actions": kept})
    return tenant.reply(200, result="Updated", data=_shown(tenant, changed))


def _add(tenant: Tenant, call: Call) -> Answer:
    integration = _found(tenant, call)
    _plan_allows(tenant)
    action = _kept(tenant, ACTION(call.body, ""))
    actions: dict[str, list[Any]] = integration.get("actions", {})
    added = {**actions, action["type"]: [*actions.get(action["type"], []), action]}
    changed = tenant.integrations.put({**integration, "actions": added})
    return tenant.reply(201, result="Created", data=_shown(tenant, changed))


_PATH = "/v2/integrations/{integration}/actions"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", _PATH, _get),
    Route("PUT", _PATH, _replace),
    Route("POST", _PATH, _add),
)
