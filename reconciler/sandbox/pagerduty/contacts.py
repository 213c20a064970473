"""How PagerDuty reaches a person: contact methods and notification rules (sheet 3.1)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, text, whole, word
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known, link_id, unwrapped
from reconciler.sandbox.pagerduty.reference import found
from reconciler.sandbox.pagerduty.tenant import Tenant, invalid, not_found
from reconciler.sandbox.pagerduty.vocabulary import CONTACT_METHOD_TYPES, URGENCIES
from reconciler.sandbox.routes import Call, Route

WITH_COUNTRY = ("phone_contact_method", "sms_contact_method", "whatsapp_contact_method")
METHOD: dict[str, Check] = {
    "type": word(*CONTACT_METHOD_TYPES),
    "label": text(least=1),
    "address": text(least=1),
    "country_code": whole(1, 1999),
    "send_short_email": flag,
}
RULE: dict[str, Check] = {
    "type": word("assignment_notification_rule"),
    "start_delay_in_minutes": whole(least=0),
    "urgency": word(*URGENCIES),
    "contact_method": link_id(*CONTACT_METHOD_TYPES),
}


def first(tenant: Tenant, user: Obj) -> None:
    body = {"user": user["id"], "type": "email_contact_method", "label": "Default", "address": user["email"]}
    method = tenant.of("contact_methods").put({"id": tenant.ident(), **body, "send_short_email": False})
    for urgency in URGENCIES:
        rule = {"type": "assignment_notification_rule", "start_delay_in_minutes": 0, "urgency": urgency}
        own = {"id": tenant.ident(), "user": user["id"], "contact_method": method["id"]}
        tenant.of("notification_rules").put({**own, **rule})


def _linked(tenant: Tenant, obj: Obj, plural: str, summary: str) -> Obj:
    place = f"{tenant.base}/users/{obj['user']}/{plural}/{obj['id']}"
    return {"id": obj["id"], "type": obj["type"], "summary": summary, "self": place, "html_url": None}


def shown(tenant: Tenant, method: Obj) -> Obj:
    bare = {key: value for key, value in method.items() if key != "user"}
    return {**_linked(tenant, method, "contact_methods", method["label"]), **bare}


def pointed(tenant: Tenant, method: Obj) -> Obj:
    bare = _linked(tenant, method, "contact_methods", method["label"])
    return {**bare, "type": f"{method['type']}_reference"}


def rule_shown(tenant: Tenant, rule: Obj, include: frozenset[str]) -> Obj:
    method = tenant.of("contact_methods").items[rule["contact_method"]]
    bare = {key: value for key, value in rule.items() if key != "user"}
    summary = f"{rule['start_delay_in_minutes']} minutes: {method['label']}"
    whole_method = shown(tenant, method) if "contact_methods" in include else pointed(tenant, method)
    return {**_linked(tenant, rule, "notification_rules", summary), **bare, "contact_method": whole_method}


def rule_pointed(tenant: Tenant, rule: Obj) -> Obj:
    full = rule_shown(tenant, rule, frozenset())
    link = {key: full[key] for key in ("id", "summary", "self", "html_url")}
    return {**link, "type": "assignment_notification_rule_reference"}


def _own(tenant: Tenant, call: Call, plural: str) -> Obj:
    user = found(tenant, "user", call.params["user"])
    obj = tenant.of(plural).get(call.params["id"])
    if obj is None or obj["user"] != user["id"]:
        raise not_found()
    return obj


def _checked(tenant: Tenant, user: str, body: Obj, own: str | None) -> Obj:
    if body["type"] in WITH_COUNTRY:
        body = {"country_code": 1, **body}
    if body["type"] == "email_contact_method":
        body = {"send_short_email": False, **body}
    if body["type"] == "push_notification_contact_method":
        raise Invalid({"type": "push notifications are set up in the app"})
    for other in tenant.of("contact_methods").named(user):
        same = all(other.get(key) == body.get(key) for key in ("type", "address", "country_code"))
        if same and other["id"] != own:
            raise invalid("User Contact method must be unique")
    return body


def _list_methods(tenant: Tenant, call: Call) -> Answer:
    user = found(tenant, "user", call.params["user"])
    methods = tenant.of("contact_methods").named(user["id"])
    return tenant.reply(200, {"contact_methods": [shown(tenant, method) for method in methods]})


def _create_method(tenant: Tenant, call: Call) -> Answer:
    user = found(tenant, "user", call.params["user"])
    body = known(METHOD, ("type", "label", "address"))(unwrapped(call, "contact_method"), "")
    stored = {"id": tenant.ident(), "user": user["id"], **_checked(tenant, user["id"], body, None)}
    return tenant.reply(201, {"contact_method": shown(tenant, tenant.of("contact_methods").put(stored))})


def _read_method(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"contact_method": shown(tenant, _own(tenant, call, "contact_methods"))})


def _update_method(tenant: Tenant, call: Call) -> Answer:
    method = _own(tenant, call, "contact_methods")
    body = known(METHOD)(unwrapped(call, "contact_method"), "")
    if body.get("type", method["type"]) != method["type"]:
        raise invalid("Type cannot be changed")
    bare = {key: value for key, value in method.items() if key not in ("id", "user")}
    checked = _checked(tenant, method["user"], {**bare, **body}, method["id"])
    changed = tenant.of("contact_methods").put({**method, **checked})
    return tenant.reply(200, {"contact_method": shown(tenant, changed)})


def _delete_method(tenant: Tenant, call: Call) -> Answer:
    method = _own(tenant, call, "contact_methods")
    for rule in tenant.of("notification_rules").named(method["user"]):
        if rule["contact_method"] == method["id"]:
            tenant.of("notification_rules").drop(rule["id"])
    tenant.of("contact_methods").drop(method["id"])
    return tenant.reply(204)


def _list_rules(tenant: Tenant, call: Call) -> Answer:
    user = found(tenant, "user", call.params["user"])
    rules = tenant.of("notification_rules").named(user["id"])
    urgency = call.query.get("urgency")
    fitting = [rule for rule in rules if urgency in (None, rule["urgency"])]
    include = paging.includes(call)
    return tenant.reply(200, {"notification_rules": [rule_shown(tenant, rule, include) for rule in fitting]})


def _own_method(tenant: Tenant, user: str, body: Obj) -> Obj:
    method: Any = tenant.of("contact_methods").get(body.get("contact_method"))
    if "contact_method" in body and (method is None or method["user"] != user):
        raise invalid("Contact method not found")
    return body


def _create_rule(tenant: Tenant, call: Call) -> Answer:
    user = found(tenant, "user", call.params["user"])
    body = known(RULE, tuple(RULE))(unwrapped(call, "notification_rule"), "")
    stored = {"id": tenant.ident(), "user": user["id"], **_own_method(tenant, user["id"], body)}
    rule = tenant.of("notification_rules").put(stored)
    return tenant.reply(201, {"notification_rule": rule_shown(tenant, rule, paging.includes(call))})


def _read_rule(tenant: Tenant, call: Call) -> Answer:
    rule = _own(tenant, call, "notification_rules")
    return tenant.reply(200, {"notification_rule": rule_shown(tenant, rule, paging.includes(call))})


def _update_rule(tenant: Tenant, call: Call) -> Answer:
    rule = _own(tenant, call, "notification_rules")
    body = known(RULE)(unwrapped(call, "notification_rule"), "")
    changed = tenant.of("notification_rules").put({**rule, **_own_method(tenant, rule["user"], body)})
    return tenant.reply(200, {"notification_rule": rule_shown(tenant, changed, paging.includes(call))})


def _delete_rule(tenant: Tenant, call: Call) -> Answer:
    tenant.of("notification_rules").drop(_own(tenant, call, "notification_rules")["id"])
    return tenant.reply(204)


_METHODS = "/users/{user}/contact_methods"
_RULES = "/users/{user}/notification_rules"
ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", _METHODS, _list_methods),
    Route("POST", _METHODS, _create_method),
    Route("GET", f"{_METHODS}/{{id}}", _read_method),
    Route("PUT", f"{_METHODS}/{{id}}", _update_method),
    Route("DELETE", f"{_METHODS}/{{id}}", _delete_method),
    Route("GET", _RULES, _list_rules),
    Route("POST", _RULES, _create_rule),
    Route("GET", f"{_RULES}/{{id}}", _read_rule),
    Route("PUT", f"{_RULES}/{{id}}", _update_rule),
    Route("DELETE", f"{_RULES}/{{id}}", _delete_rule),
)
