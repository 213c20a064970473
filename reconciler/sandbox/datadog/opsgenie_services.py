"""Service objects of the Opsgenie integration (sheet 6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import data, known
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import OPSGENIE_NAME_MOST, OPSGENIE_REGIONS
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, nullable, text, word
from reconciler.sandbox.routes import Call, Route

PATH = "/api/v2/integration/opsgenie/services"
KIND = "opsgenie-service"
FIELDS: dict[str, Check] = {
    "name": text(least=1, most=OPSGENIE_NAME_MOST),
    "opsgenie_api_key": text(least=1),
    "region": word(*OPSGENIE_REGIONS),
    "custom_url": nullable(text(pattern=r"https?://\S+")),
}
NEW = known(FIELDS, ("name", "opsgenie_api_key", "region"))
CHANGED = known(FIELDS)


def _settled(tenant: Tenant, before: Obj | None, body: Obj) -> Obj:
    after = {"custom_url": None, **(before or {}), **body}
    if after["region"] == "custom" and not after["custom_url"]:
        raise Refusal(400, "custom_url is required for a custom region")
    if after["region"] != "custom":
        after["custom_url"] = None
    own = before["id"] if before else None
    bearers = tenant.of("opsgenie_services").named(after["name"])
    if tenant.settings.opsgenie_names == "unique" and any(other["id"] != own for other in bearers):
        raise Refusal(tenant.settings.duplicate_names, "Service already exists")
    return after


def made(tenant: Tenant, value: Any) -> Obj:
    stored = _settled(tenant, None, NEW(value, ""))
    return tenant.add("opsgenie_services", {"id": tenant.mint(), **stored})


def _found(tenant: Tenant, call: Call) -> Obj:
    service = tenant.of("opsgenie_services").get(call.params["id"])
    if service is None:
        raise Refusal(404, "Service not found.")
    return service


def _shown(service: Obj) -> Obj:
    plain = {key: service[key] for key in ("name", "region", "custom_url")}
    return {"id": service["id"], "type": KIND, "attributes": plain}


def _list(tenant: Tenant, call: Call) -> Answer:
    return tenant.api(200, {"data": [_shown(service) for service in tenant.listed("opsgenie_services")]})


def _create(tenant: Tenant, call: Call) -> Answer:
    return tenant.api(201, {"data": _shown(made(tenant, data(call, KIND)))})


def _read(tenant: Tenant, call: Call) -> Answer:
    return tenant.api(200, {"data": _shown(_found(tenant, call))})


def _update(tenant: Tenant, call: Call) -> Answer:
    before = _found(tenant, call)
    after = _settled(tenant, before, CHANGED(data(call, KIND, (before["id"],)), ""))
    return tenant.api(200, {"data": _shown(tenant.of("opsgenie_services").put(after))})


def _delete(tenant: Tenant, call: Call) -> Answer:
    tenant.of("opsgenie_services").drop(_found(tenant, call)["id"])
    return tenant.reply(204)


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", PATH, _list),
    Route("POST", PATH, _create),
    Route("GET", f"{PATH}/{{id}}", _read),
    Route("PATCH", f"{PATH}/{{id}}", _update),
    Route("DELETE", f"{PATH}/{{id}}", _delete),
)
