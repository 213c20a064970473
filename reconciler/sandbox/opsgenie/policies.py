"""Opsgenie alert and notification policies (sheet 9), in one list for each team and sort, and one for none."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, mapping, record, text, variant, whole, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.condition import policy_filter
from reconciler.sandbox.opsgenie.restriction import restriction
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import (
    COUNT_LEAST,
    COUNT_MOST,
    DEDUPLICATIONS,
    DELAYS,
    DURATION_UNITS,
    POLICY_DESCRIPTION_LENGTH,
    POLICY_NAME_LENGTH,
    POLICY_TYPES,
    PRIORITIES,
    RESPONDER_TYPES,
)
from reconciler.sandbox.routes import Call, Route

_COMMON: dict[str, Check] = {
    "type": word(*POLICY_TYPES),
    "name": text(least=1, most=POLICY_NAME_LENGTH),
    "enabled": flag,
    "policyDescription": text(most=POLICY_DESCRIPTION_LENGTH),
    "filter": policy_filter,
    "timeRestrictions": restriction,
}
_DURATION = record({"timeAmount": whole(least=1), "timeUnit": word(*DURATION_UNITS)}, ("timeAmount",))
_NAMED = {"id": text(least=1), "name": text(), "username": text()}
_RESPONDER = record({"type": word(*RESPONDER_TYPES), **_NAMED}, ("type", "id"))
_DETAILS = ("alias", "description", "entity", "source")
_FLAGS = (
    "continue",
    "ignoreOriginalActions",
    "ignoreOriginalDetails",
    "ignoreOriginalResponders",
    "ignoreOriginalTags",
)
_ALERT: dict[str, Check] = {
    "message": text(least=1),
    **dict.fromkeys(_DETAILS, text()),
    **dict.fromkeys(_FLAGS, flag),
    "actions": items(text()),
    "tags": items(text()),
    "details": mapping(text()),
    "responders": items(_RESPONDER),
    "priority": word(*PRIORITIES),
}


def _deduplication(value: Any, path: str) -> Obj:
    fields = {
        "deduplicationActionType": word(*DEDUPLICATIONS),
        "count": whole(COUNT_LEAST, COUNT_MOST),
        "duration": _DURATION,
    }
    clean: Obj = record(fields, ("deduplicationActionType", "count"))(value, path)
    if clean["deduplicationActionType"] == "frequency-based" and "duration" not in clean:
        raise Invalid({f"{path}.duration": "is required for frequency-based"})
    return clean


def _delay(value: Any, path: str) -> Obj:
    fields = {
        "delayOption": word(*DELAYS),
        "untilHour": whole(0, 23),
        "untilMinute": whole(0, 59),
        "duration": _DURATION,
    }
    clean: Obj = record(fields, ("delayOption",))(value, path)
    if clean["delayOption"] == "for-duration" and "duration" not in clean:
        raise Invalid({f"{path}.duration": "is required for for-duration"})
    return clean


_NOTIFICATION: dict[str, Check] = {
    "autoRestartAction": record(
        {"duration": _DURATION, "maxRepeatCount": whole(least=1)}, ("duration", "maxRepeatCount")
    ),
    "autoCloseAction": record({"duration": _DURATION}, ("duration",)),
    "deduplicationAction": _deduplication,
    "delayAction": _delay,
    "suppress": flag,
}
_FORMS = variant(
    "type",
    {
        "alert": record({**_COMMON, **_ALERT}, ("type", "name", "enabled", "message")),
        "notification": record({**_COMMON, **_NOTIFICATION}, ("type", "name", "enabled")),
    },
)
_DEFAULTS: dict[str, Obj] = {
    "alert": {**dict.fromkeys(_FLAGS, False), "actions": [], "tags": [], "details": {}, "responders": []},
    "notification": {"suppress": False},
}


def _read_body(tenant: Tenant, call: Call) -> Obj:
    """The whole policy: what the body leaves out goes back to its default."""
    body: Obj = _FORMS(call.body, "")
    if body.get("suppress") and {"delayAction", "deduplicationAction"} & set(body):
        raise unprocessable("suppress", "cannot be used with delayAction or deduplicationAction")
    if "responders" in body:
        body["responders"] = [reference.kept(tenant, part) for part in body["responders"]]
    return settled(body)


def settled(body: Obj) -> Obj:
    blank = {"policyDescription": "", "filter": {"type": "match-all"}, "timeRestrictions": {}}
    return {**blank, **_DEFAULTS[body["type"]], **body}


def shown(tenant: Tenant, policy: Obj) -> Obj:
    """The place in the list is told by the list alone."""
    bare = {key: value for key, value in policy.items() if key not in ("list", "team", "order")}
    if "responders" in bare:
        bare["responders"] = reference.all_shown(tenant, bare["responders"])
    return bare


def list_of(team: str | None, sort: str) -> str:
    return f"{team or ''}/{sort}"


def ordered(tenant: Tenant, where: str) -> list[Obj]:
    return sorted(tenant.policies.named(where), key=lambda policy: int(policy["order"]))


def _renumber(tenant: Tenant, policies: list[Obj]) -> None:
    for order, policy in enumerate(policies):
        tenant.policies.put({**policy, "order": order})


def made(tenant: Tenant, team: str | None, body: Obj) -> Obj:
    """A new policy, the last of its list."""
    where = list_of(team, body["type"])
    order = len(tenant.policies.named(where))
    return tenant.policies.put({"id": tenant.mint(), "list": where, "team": team, "order": order, **body})


def dropped(tenant: Tenant, policy: Obj) -> None:
    tenant.policies.drop(policy["id"])
    _renumber(tenant, ordered(tenant, policy["list"]))


def _team(tenant: Tenant, call: Call) -> str | None:
    """The team of the query; a team's key has no other."""
    team = call.query.get("teamId")
    if team is not None and team not in tenant.teams:
        raise Refusal(404, f"Team does not exist with id [{team}]")
    if call.caller.team not in (None, team):
        raise forbidden()
    return team


def _found(tenant: Tenant, call: Call) -> Obj:
    """Sheet 9: the team must be repeated in every call, so that without it there is no such policy."""
    policy = tenant.policies.get(call.params["policy"])
    if policy is None or policy["team"] != _team(tenant, call):
        raise Refusal(404, f"Policy does not exist with id [{call.params['policy']}]")
    return policy


def _meta(policy: Obj, *more: str) -> Obj:
    return {key: policy[key] for key in ("id", "name", "type", *more, "enabled")}


def _create(tenant: Tenant, call: Call) -> Answer:
    team, body = _team(tenant, call), _read_body(tenant, call)
    if team is None and body["type"] == "notification":
        raise unprocessable("teamId", "is required for a notification policy")
    return tenant.reply(201, result="Created", data=_meta(made(tenant, team, body)))


def _list(tenant: Tenant, call: Call, sort: str) -> Answer:
    team = _team(tenant, call)
    if team is None and sort == "notification":
        raise unprocessable("teamId", "is required for notification policies")
    return tenant.read([_meta(policy, "order") for policy in ordered(tenant, list_of(team, sort))])


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    policy, body = _found(tenant, call), _read_body(tenant, call)
    if body["type"] != policy["type"]:
        raise unprocessable("type", "cannot be changed")
    fixed = {key: policy[key] for key in ("id", "list", "team", "order")}
    return tenant.reply(200, result="Updated", data=_meta(tenant.policies.put({**fixed, **body})))


def _delete(tenant: Tenant, call: Call) -> Answer:
    dropped(tenant, _found(tenant, call))
    return tenant.reply(200, result="Deleted")


def _switch(tenant: Tenant, call: Call, enabled: bool) -> Answer:
    tenant.policies.put({**_found(tenant, call), "enabled": enabled})
    return tenant.reply(200, result="Enabled" if enabled else "Disabled")


def moved(tenant: Tenant, policy: Obj, index: int) -> None:
    others = [part for part in ordered(tenant, policy["list"]) if part["id"] != policy["id"]]
    others.insert(index, policy)  # too large a place is the last one
    _renumber(tenant, others)


def _change_order(tenant: Tenant, call: Call) -> Answer:
    policy = _found(tenant, call)
    moved(tenant, policy, record({"targetIndex": whole(least=0)}, ("targetIndex",))(call.body, "")["targetIndex"])
    return tenant.reply(200, result="Order Changed")


def edited(tenant: Tenant, team: str | None, policy: Obj | None, value: Any) -> Obj:
    """A policy as a person makes or changes it in the UI, an alert policy if not said; `order` moves it."""
    body = dict(value)
    order = body.pop("order", None)
    if policy is None:
        policy = made(tenant, team, settled({"type": "alert", "enabled": True, "message": "{{message}}", **body}))
    else:
        policy = tenant.policies.put({**policy, **body})
    if order is not None:
        moved(tenant, policy, order)
    return tenant.policies.items[policy["id"]]


_ONE = "/v2/policies/{policy}"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/policies", _create),
    Route("GET", "/v2/policies/alert", lambda tenant, call: _list(tenant, call, "alert")),
    Route("GET", "/v2/policies/notification", lambda tenant, call: _list(tenant, call, "notification")),
    Route("GET", _ONE, _get),
    Route("PUT", _ONE, _update),
    Route("DELETE", _ONE, _delete),
    Route("POST", f"{_ONE}/enable", lambda tenant, call: _switch(tenant, call, True)),
    Route("POST", f"{_ONE}/disable", lambda tenant, call: _switch(tenant, call, False)),
    Route("POST", f"{_ONE}/change-order", _change_order),
)
