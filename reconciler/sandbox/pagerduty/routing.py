"""The way of an event through orchestrations: which rules it meets, and what they make of it (sheet 3.10)."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty import rules
from reconciler.sandbox.pagerduty.orchestration_paths import path_of
from reconciler.sandbox.pagerduty.rules import START, UNROUTED
from reconciler.sandbox.pagerduty.tenant import Tenant

# The part of the vendor's condition language that the sandbox reads; a condition beyond it never holds.
_CLAUSE = re.compile(
    r"(?P<no>not )?event\.(?P<field>[\w.]+) (?:exists|matches (?P<how>part |regex )?'(?P<text>[^']*)')"
)
_JOINT = re.compile(r"(?<=['s]) (and|or) (?=not event\.|event\.)")


def holds(condition: str, payload: Obj) -> bool:
    """Whether a condition holds for an event; `and` binds closer than `or`."""
    parts = _JOINT.split(condition.strip())
    either, together = False, _clause(parts[0], payload)
    for joint, clause in zip(parts[1::2], parts[2::2], strict=True):
        if joint == "or":
            either, together = either or together, True
        together = together and _clause(clause, payload)
    return either or together


def _clause(text: str, payload: Obj) -> bool:
    match = _CLAUSE.fullmatch(text)
    if match is None:
        return False
    value: Any = payload
    for part in match["field"].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return bool(match["no"]) != (value is not None and _matches(str(value), match["how"], match["text"]))


def _matches(value: str, how: str | None, text: str | None) -> bool:
    if text is None:
        return True
    match how:
        case "part ":
            return text in value
        case "regex ":
            try:
                return re.search(text, value) is not None
            except re.error:
                return False
        case _:
            return value == text


def _met(path: Obj, payload: Obj) -> Obj:
    """The actions of all rules an event meets from the set `start` on, later ones over earlier ones."""
    sets = {part["id"]: part["rules"] for part in path["sets"]}
    actions: Obj = {}
    name, seen = START, set[str]()
    while name in sets and name not in seen:
        seen.add(name)
        rule = next((rule for rule in sets[name] if _fits(rule, payload)), None)
        if rule is None:
            return {**actions, **path["catch_all"]["actions"]}
        actions |= rule["actions"]
        name = rule["actions"].get("route_to", "")
    return actions


def _fits(rule: Obj, payload: Obj) -> bool:
    conditions = rule["conditions"] or []
    held = not conditions or any(holds(part["expression"], payload) for part in conditions)
    return held and not rule["disabled"]


def through_orchestration(tenant: Tenant, orchestration: str, payload: Obj) -> tuple[Obj | None, Obj]:
    """The service an event goes to (`None` for none), and the actions it met on the way."""
    globally = _met(path_of(tenant, "global", orchestration), payload)
    router = path_of(tenant, "router", orchestration)
    target = _routed(tenant, router, payload)
    if target == UNROUTED or target not in tenant.of("services"):
        return None, {**globally, **_met(path_of(tenant, "unrouted", orchestration), payload)}
    return tenant.of("services").items[target], globally


def _routed(tenant: Tenant, router: Obj, payload: Obj) -> str:
    for rule in router["sets"][0]["rules"]:
        if not _fits(rule, payload):
            continue
        if "dynamic_route_to" not in rule["actions"]:
            return str(rule["actions"].get("route_to", UNROUTED))
        if found := _dynamic(tenant, rule["actions"]["dynamic_route_to"], payload):
            return found
    return str(router["catch_all"]["actions"].get("route_to", UNROUTED))


def _dynamic(tenant: Tenant, wanted: Obj, payload: Obj) -> str | None:
    value: Any = {"event": payload}
    for part in wanted["source"].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    try:
        match = re.search(wanted["regex"], str(value)) if value is not None else None
    except re.error:
        return None
    if match is None:
        return None
    name = match[1] if match.groups() else match[0]
    if wanted["lookup_by"] == "service_id":
        return str(name)
    named = tenant.of("services").named(str(name).casefold())
    return str(named[0]["id"]) if named else None


def at_service(tenant: Tenant, service: Obj, payload: Obj) -> Obj:
    """The actions of the service's own rules, where they are switched on."""
    path = path_of(tenant, "service", service["id"])
    actions = _met(path, payload) if path["active"] else {}
    forbidden = rules.FORBIDDEN if tenant.settings.plan == "basic" else ()
    return {key: value for key, value in actions.items() if key not in forbidden}
