"""Extensions of PagerDuty services (sheet 3.8)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, anything, items, nullable, text
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, invalid
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "endpoint_url": nullable(text(pattern=r"https?://\S+")),
    "extension_objects": items(link_id("service"), least=1),
    "extension_schema": link_id("extension_schema"),
    "config": nullable(anything),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    blank = {"endpoint_url": None, "config": None, "temporarily_disabled": False}
    after: Obj = {**(before or blank), **body}
    needed(tenant, "service", body.get("extension_objects", ()), "Extension object")
    needed(tenant, "extension_schema", [after["extension_schema"]], "Extension schema")
    schema = tenant.of("extension_schemas").items[after["extension_schema"]]
    if schema["takes_url"] and not after["endpoint_url"]:
        raise invalid("Endpoint url is required")
    return after


def _shown(tenant: Tenant, extension: Obj, include: Include) -> Obj:
    plain = ("name", "endpoint_url", "config", "temporarily_disabled")
    return {
        **identity(tenant, "extension", extension),
        **{key: extension[key] for key in plain},
        "extension_objects": all_pointed(tenant, "service", extension["extension_objects"]),
        "extension_schema": pointed(tenant, "extension_schema", extension["extension_schema"]),
    }


def _listed(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    obj, schema = call.query.get("extension_object_id"), call.query.get("extension_schema_id")
    return [
        extension
        for extension in paging.queried(objs, call, "name")
        if (obj is None or obj in extension["extension_objects"]) and schema in (None, extension["extension_schema"])
    ]


FAMILY = Family(
    kind="extension",
    new=known(FIELDS, ("name", "extension_objects", "extension_schema")),
    changed=known(FIELDS),
    settled=_settled,
    shown=_shown,
    filtered=_listed,
)


def _enable(tenant: Tenant, call: Call) -> Answer:
    extension = found(tenant, "extension", call.params["id"])
    enabled = tenant.of("extensions").put({**extension, "temporarily_disabled": False})
    return tenant.reply(200, {"extension": _shown(tenant, enabled, frozenset())})


ROUTES: tuple[Route[Tenant], ...] = (*FAMILY.routes(), Route("POST", "/extensions/{id}/enable", _enable))
