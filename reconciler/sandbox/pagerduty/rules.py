"""The rule sets of an orchestration's paths: what they may hold, and what the plan says to it (sheet 3.10)."""

from __future__ import annotations

from typing import Any, Literal

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, anything, flag, items, nullable, text, whole, word
from reconciler.sandbox.pagerduty.body import known
from reconciler.sandbox.pagerduty.tenant import Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import LOOKUPS, RULE_EVENT_ACTIONS, SEVERITIES, TRIGGER_TYPES

PathType = Literal["router", "global", "unrouted", "service"]
START = "start"
UNROUTED = "unrouted"

_PAIRS = nullable(items(known({"key": text(least=1), "value": text()}, ("key", "value"))))
_VARIABLE = known(
    {"name": text(least=1), "path": text(least=1), "type": word("regex"), "value": text()},
    ("name", "path", "type", "value"),
)


def _extraction(value: Any, path: str) -> Any:
    """A template, or a regex on a source."""
    clean = known(
        {"target": text(least=1), "template": nullable(text()), "regex": nullable(text()), "source": nullable(text())},
        ("target",),
    )(value, path)
    if (clean.get("template") is None) == (clean.get("regex") is None or clean.get("source") is None):
        raise Invalid({path: "needs either a template, or a regex and a source"})
    return {key: part for key, part in clean.items() if part is not None}


_AUTOMATION = known(
    {
        "name": text(least=1),
        "url": text(least=1),
        "auto_send": flag,
        "headers": _PAIRS,
        "parameters": _PAIRS,
        "trigger_types": nullable(items(word(*TRIGGER_TYPES), most=1)),
    },
    ("name", "url"),
)
_RUN = known({"action_id": text(least=1), "trigger_types": nullable(items(word(*TRIGGER_TYPES)))}, ("action_id",))
_FIELD = known({"id": text(least=1), "value": text()}, ("id", "value"))
_DYNAMIC = known(
    {"source": text(least=1), "regex": text(least=1), "lookup_by": word(*LOOKUPS)}, ("source", "regex", "lookup_by")
)
_EVENT: dict[str, Check] = {
    "route_to": nullable(text(least=1)),
    "severity": nullable(word(*SEVERITIES)),
    "event_action": nullable(word(*RULE_EVENT_ACTIONS)),
    "variables": nullable(items(_VARIABLE)),
    "extractions": nullable(items(_extraction)),
}
_ALERT: dict[str, Check] = {
    **_EVENT,
    "suppress": nullable(flag),
    "suspend": nullable(whole(least=0)),
    "priority": nullable(text(least=1)),
    "escalation_policy": nullable(text(least=1)),
    "annotate": nullable(text()),
    "automation_actions": nullable(items(_AUTOMATION)),
    "incident_custom_field_updates": nullable(items(_FIELD)),
}
ACTIONS: dict[PathType, dict[str, Check]] = {
    "router": {"route_to": nullable(text(least=1)), "dynamic_route_to": nullable(_DYNAMIC)},
    "unrouted": _EVENT,
    "global": {**_ALERT, "drop_event": nullable(flag)},
    "service": {**_ALERT, "pagerduty_automation_actions": nullable(items(_RUN))},
}
# What a basic plan stores and reads back, but does not act on.
FORBIDDEN = (
    "dynamic_route_to",
    "variables",
    "suspend",
    "drop_event",
    "escalation_policy",
    "automation_actions",
    "pagerduty_automation_actions",
    "incident_custom_field_updates",
)
_CONDITION = known({"expression": text(least=1)}, ("expression",))


def _shape(kind: PathType) -> Check:
    actions = known(ACTIONS[kind])
    rule = known(
        {
            "label": nullable(text()),
            "conditions": nullable(items(_CONDITION)),
            "actions": nullable(actions),
            "disabled": nullable(flag),
            "id": anything,
        }
    )
    one_set = known({"id": text(least=1), "rules": items(rule)}, ("id", "rules"))
    catch_all = known({"actions": nullable(actions)})
    return known({"sets": items(one_set, least=1), "catch_all": nullable(catch_all)}, ("sets",))


SHAPES: dict[PathType, Check] = {kind: _shape(kind) for kind in ACTIONS}


def blank(kind: PathType) -> Obj:
    """A path as it is before anybody wrote it, and after a reset."""
    catch_all = {"route_to": UNROUTED} if kind == "router" else {}
    return {"sets": [{"id": START, "rules": []}], "catch_all": {"actions": catch_all}}


def settled(tenant: Tenant, kind: PathType, value: Any) -> Obj:
    """Sets and catch-all as stored; every rule gets a new id. Raises Invalid or Refusal."""
    body: Obj = SHAPES[kind](value, "orchestration_path")
    names = [part["id"] for part in body["sets"]]
    if names[0] != START or len(set(names)) < len(names) or (kind == "router" and len(names) > 1):
        raise invalid("Sets must be named once each, the first 'start'; a router has no other")
    sets = [{"id": part["id"], "rules": [_rule(tenant, rule) for rule in part["rules"]]} for part in body["sets"]]
    last = _given((body.get("catch_all") or {}).get("actions") or {})
    if kind == "router" and "route_to" not in last:
        last["route_to"] = UNROUTED
    for at, rule in enumerate(sets[0]["rules"]):
        _check_dynamic(rule, at)
    every = [rule["actions"] for part in sets for rule in part["rules"]]
    for actions in (*every, last):
        _check_targets(tenant, kind, actions, names, actions is last)
    return {"sets": sets, "catch_all": {"actions": last}}


def _given(actions: Obj) -> Obj:
    return {key: value for key, value in actions.items() if value is not None}


def _rule(tenant: Tenant, rule: Obj) -> Obj:
    shape = {"id": tenant.mint()[:8], "label": rule.get("label"), "conditions": rule.get("conditions")}
    return {**shape, "actions": _given(rule.get("actions") or {}), "disabled": bool(rule.get("disabled"))}


def _check_dynamic(rule: Obj, at: int) -> None:
    if "dynamic_route_to" in rule["actions"] and (at or rule["conditions"]):
        raise invalid("Dynamic route to is for the first rule, without conditions")


def _check_targets(tenant: Tenant, kind: PathType, actions: Obj, sets: list[str], catch_all: bool) -> None:
    target = actions.get("route_to")
    if target is not None:
        places = set(sets[1:])
        if kind == "router":
            places = {*tenant.of("services").items, *((UNROUTED,) if catch_all else ())}
        if target not in places:
            raise invalid(f"Route to not found: {target}")
    for key, plural in (("priority", "priorities"), ("escalation_policy", "escalation_policies")):
        if key in actions and actions[key] not in tenant.of(plural):
            raise invalid(f"{key.replace('_', ' ').capitalize()} not found: {actions[key]}")


def warnings(tenant: Tenant, path: Obj) -> list[Obj]:
    """Features outside the plan: the rule is stored, but not evaluated."""
    if tenant.settings.plan == "full":
        return []
    every = [(rule["id"], rule["actions"]) for part in path["sets"] for rule in part["rules"]]
    return [
        {
            "feature": feature,
            "feature_type": "actions",
            "message": f"The account's plan does not include {feature.replace('_', ' ')}",
            "rule_id": ident,
            "warning_type": "forbidden_feature",
        }
        for ident, actions in (*every, (None, path["catch_all"]["actions"]))
        for feature in FORBIDDEN
        if feature in actions
    ]
