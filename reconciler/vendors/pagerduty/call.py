"""Calls: whom a new incident calls, and how loudly, in words for a reviewer."""

from __future__ import annotations

from reconciler.kinds.step import Known
from reconciler.kinds.tree import Link, Tree
from reconciler.vendors.pagerduty.urgency import uses_support_hours


def spoken(link: Tree) -> str:
    """What people call an object that is referred to."""
    label = link.label if isinstance(link, Link) else link
    inner = next(iter(label.values()), "") if isinstance(label, dict) else label
    return "/".join(map(str, inner)) if isinstance(inner, list) else str(inner)


def on_call_for(service: Tree) -> str:
    return f"calls whoever is on call for {spoken(service)}"


def urgency_of(service: Tree, known: Known, said: str = "") -> str:
    """How loud it is: as `said`, else as the service's rule has it, so far as that can be told."""
    if said in ("high", "low"):
        return f"{said} urgency"
    rule = (known(service) or {}).get("incident_urgency_rule")
    if uses_support_hours(rule):
        return "its urgency goes by the service's support hours"
    constant = rule.get("urgency") if isinstance(rule, dict) else rule
    if constant in ("high", "low"):
        return f"{constant} urgency"
    return (
        "its urgency goes by its severity" if constant == "severity_based" else "its urgency is as the service has it"
    )
