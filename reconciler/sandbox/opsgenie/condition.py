"""Criteria of routing rules, filters of policies and of integration actions (sheet 3; quirks 2 to 4)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, flag, items, record, text, whole, word
from reconciler.sandbox.opsgenie.vocabulary import CONDITION_OPERATIONS, MATCH_TYPES, OPERATIONS, PRIORITIES

_SHAPE = record(
    {
        "field": text(least=1),
        "key": text(least=1),
        "not": flag,
        "operation": word(*OPERATIONS),
        "expectedValue": text(),
        "order": whole(least=0),
    },
    ("field", "operation"),
)


def condition(value: Any, path: str) -> Obj:
    """A condition with the server's defaults; `order` echoes 0 whatever was sent (quirk 2)."""
    clean = _SHAPE(value, path)
    field, operation = clean["field"], clean["operation"]
    allowed = CONDITION_OPERATIONS.get(field)
    if allowed is None:
        raise Invalid({f"{path}.field": f"{field!r} is not one of {', '.join(CONDITION_OPERATIONS)}"})
    if operation not in allowed:
        raise Invalid({f"{path}.operation": f"{operation!r} cannot be used with field {field}"})
    if "key" in clean and field != "extra-properties":
        raise Invalid({f"{path}.key": f"field {field} takes no key"})
    if operation != "is-empty" and not clean.get("expectedValue"):
        raise Invalid({f"{path}.expectedValue": f"is required for {operation}"})
    if field == "priority" and clean["expectedValue"] not in PRIORITIES:
        raise Invalid({f"{path}.expectedValue": f"{clean['expectedValue']!r} is not one of {', '.join(PRIORITIES)}"})
    return {"not": False, "expectedValue": "", **clean, "order": 0}


def policy_condition(value: Any, path: str) -> Obj:
    """A condition of a policy: `teams` comes back as `responders` (quirk 3)."""
    clean = condition(value, path)
    return {**clean, "field": "responders"} if clean["field"] == "teams" else clean


def action_condition(value: Any, path: str) -> Obj:
    """A condition of an integration's action: the integration's own fields too, any operation.

    Extra properties come back with the key in the field's name (quirk 4).
    """
    clean: Obj = {"not": False, "expectedValue": "", **_SHAPE(value, path), "order": 0}
    if clean["field"] == "extra-properties" and "key" in clean:
        clean["field"] = f"extra_properties_key_prefix-{clean.pop('key')}"
    return clean


def matching(kind: str, inner: Check) -> Check:
    """`{<kind>: match type, conditions}`: at least one condition, none for match-all; stored in another order."""
    shape = record({kind: word(*MATCH_TYPES), "conditions": items(inner)}, (kind,))

    def check(value: Any, path: str) -> Obj:
        clean = shape(value, path)
        conditions = clean.get("conditions", [])
        if clean[kind] == "match-all":
            if conditions:
                raise Invalid({f"{path}.conditions": "match-all takes none"})
            return {kind: "match-all"}
        if not conditions:
            raise Invalid({f"{path}.conditions": f"{clean[kind]} needs at least one"})
        return {kind: clean[kind], "conditions": conditions[::-1]}

    return check


criteria = matching("type", condition)
policy_filter = matching("type", policy_condition)
action_filter = matching("conditionMatchType", action_condition)
