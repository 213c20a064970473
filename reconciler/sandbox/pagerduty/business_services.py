"""PagerDuty business services (sheet 3.11)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, nullable, text
from reconciler.sandbox.pagerduty import dependencies
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Refusal, Tenant
from reconciler.sandbox.pagerduty.vocabulary import BUSINESS_SERVICES_MOST
from reconciler.sandbox.routes import Call

FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "description": nullable(text()),
    "point_of_contact": nullable(text()),
    "team": nullable(link_id("team")),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if before is None and len(tenant.of("business_services")) >= BUSINESS_SERVICES_MOST:
        raise Refusal(403, 2019, "Product limit exceeded")
    if "name" in body:
        check_name(tenant, "business_service", body["name"], before)
    if body.get("team"):
        needed(tenant, "team", [body["team"]], "Team")
    return {**(before or {"description": None, "point_of_contact": None, "team": None}), **body}


def shown(tenant: Tenant, service: Obj, include: Include) -> Obj:
    link = pointed(tenant, "team", service["team"])
    team = {key: link[key] for key in ("id", "type", "self")} if link else None
    plain = {key: service[key] for key in ("name", "description", "point_of_contact")}
    return {**identity(tenant, "business_service", service), **plain, "team": team}


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    return objs  # there is no query filter


def _removed(tenant: Tenant, service: Obj) -> None:
    dependencies.forget(tenant, service["id"])
    tenant.of("business_services").drop(service["id"])


FAMILY = Family(
    kind="business_service",
    new=known(FIELDS, ("name",)),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    filtered=_filtered,
    removed=_removed,
    created=lambda tenant: 200,
)
ROUTES = FAMILY.routes()
