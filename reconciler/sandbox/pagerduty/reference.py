"""References between PagerDuty objects: kept by id, shown with type, summary and links (sheet 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty.tenant import WEB, Tenant, invalid, not_found


@dataclass(frozen=True)
class Noun:
    """A sort of objects: its plural in paths and envelopes, its page for people, the code of its 404."""

    plural: str
    page: str | None = None
    code: int = 2100
    label: str = "name"


NOUNS = {
    "user": Noun("users", "/users", 2013),
    "team": Noun("teams", "/teams"),
    "schedule": Noun("schedules", "/schedules", 3004),
    "escalation_policy": Noun("escalation_policies", "/escalation_policies", 5001),
    "service": Noun("services", "/service-directory", 5002),
    "vendor": Noun("vendors"),
    "priority": Noun("priorities"),
    "extension_schema": Noun("extension_schemas", label="label"),
    "extension": Noun("extensions"),
    "tag": Noun("tags", label="label"),
    "business_service": Noun("business_services"),
    "maintenance_window": Noun("maintenance_windows", "/maintenance_windows#/show", label="description"),
    "incident": Noun("incidents", "/incidents", label="title"),
    "incident_workflow": Noun("incident_workflows", "/incident-workflows/workflows"),
    "alert_grouping_setting": Noun("alert_grouping_settings"),
    "webhook_subscription": Noun("webhook_subscriptions", label="description"),
    "trigger": Noun("triggers", label="trigger_type"),
    "event_orchestration": Noun("event_orchestrations", "/event-orchestration"),
}


def found(tenant: Tenant, kind: str, ident: str) -> Obj:
    """The object at a path. Raises the kind's 404."""
    obj = tenant.of(NOUNS[kind].plural).get(ident)
    if obj is None:
        raise not_found(NOUNS[kind].code)
    return obj


def needed(tenant: Tenant, kind: str, idents: Iterable[str], field: str) -> None:
    """Raises 400 where a body names objects that are not there."""
    objs = tenant.of(NOUNS[kind].plural)
    missing = [ident for ident in idents if ident not in objs]
    if missing:
        raise invalid(f"{field} not found: {', '.join(missing)}")


def identity(tenant: Tenant, kind: str, obj: Obj) -> Obj:
    """The five keys every object carries."""
    noun = NOUNS[kind]
    ident, page = obj["id"], noun.page
    return {
        "id": ident,
        "type": kind,
        "summary": obj.get(noun.label) or ident,
        "self": f"{tenant.base}/{noun.plural}/{ident}",
        "html_url": f"{WEB}{page}/{ident}" if page else None,
    }


def pointed(tenant: Tenant, kind: str, ident: str | None) -> Obj | None:
    """A reference as it is shown; `None` when what it means is gone."""
    obj = tenant.of(NOUNS[kind].plural).get(ident)
    return {**identity(tenant, kind, obj), "type": f"{kind}_reference"} if obj else None


def all_pointed(tenant: Tenant, kind: str, idents: Iterable[str]) -> list[Obj]:
    return [shown for shown in (pointed(tenant, kind, ident) for ident in idents) if shown]
