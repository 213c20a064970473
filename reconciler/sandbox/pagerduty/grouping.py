"""Alert grouping settings, and the older way to them: `alert_grouping_parameters` of a service (sheet 3.5, 3.6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, items, nullable, record, text, whole, word, wrong_type
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import all_pointed, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, invalid
from reconciler.sandbox.pagerduty.vocabulary import (
    AGGREGATES,
    DAY,
    GROUPED_SERVICES_MOST,
    GROUPING_TYPES,
    SERVICE_GROUPING_TYPES,
    WINDOW_LONGEST,
    WINDOW_SHORTEST,
)
from reconciler.sandbox.routes import Call

RECOMMENDED = 300
IAG_FIELDS = ["summary"]


def _window(longest: int, day: bool = False) -> Check:
    """Seconds within which alerts are grouped; 0 takes what the vendor recommends."""
    inner = whole(0, max(longest, DAY) if day else longest)

    def check(value: Any, path: str) -> int:
        seconds: int = inner(value, path)
        if seconds and (seconds < WINDOW_SHORTEST or longest < seconds < DAY):
            raise Invalid({path: f"must be from {WINDOW_SHORTEST} to {longest}, is {seconds}"})
        return seconds

    return check


def _seconds(value: Any, path: str) -> int:
    seconds: int = whole(0, DAY)(value, path)
    if 0 < seconds < 60:
        raise Invalid({path: f"must be 0 or at least 60, is {seconds}"})
    return seconds


_RECOMMENDED: dict[str, Check] = {"recommended_time_window": nullable(whole())}  # as it was read; ignored
_FIELDS = items(text(least=1), least=1)
CONFIGS: dict[str, tuple[dict[str, Check], tuple[str, ...]]] = {
    "time": ({"timeout": _seconds}, ("timeout",)),
    "intelligent": ({"time_window": _window(WINDOW_LONGEST), "iag_fields": items(text(least=1))}, ()),
    "content_based": (
        {"aggregate": word(*AGGREGATES), "fields": _FIELDS, "time_window": _window(WINDOW_LONGEST, day=True)},
        ("aggregate", "fields"),
    ),
    "content_based_intelligent": (
        {
            "aggregate": word(*AGGREGATES),
            "fields": _FIELDS,
            "time_window": _window(WINDOW_LONGEST),
            "iag_fields": items(text(least=1)),
        },
        ("aggregate", "fields"),
    ),
}
SERVICE_CONFIGS = {
    "time": ({"timeout": whole(0, 1440)}, ("timeout",)),  # in minutes, where the setting has seconds
    "intelligent": ({"time_window": _window(WINDOW_LONGEST)}, ()),
    "content_based": CONFIGS["content_based"],
}
FIELDS: dict[str, Check] = {
    "name": nullable(text()),
    "description": nullable(text()),
    "type": word(*GROUPING_TYPES),
    "config": known({}),
    "services": items(link_id("service"), least=1, most=GROUPED_SERVICES_MOST),
}


def _config(kind: str, config: Any) -> Obj:
    fields, required = CONFIGS[kind]
    clean: Obj = known({**fields, **_RECOMMENDED}, required)(config, "config")
    clean.pop("recommended_time_window", None)
    if kind == "time":
        return clean
    windowed = {"time_window": 0, **({} if kind == "content_based" else {"iag_fields": IAG_FIELDS}), **clean}
    return {**windowed, "time_window": windowed["time_window"] or RECOMMENDED}


def _body(required: tuple[str, ...]) -> Check:
    inner = known({**FIELDS, "config": lambda value, path: value}, required)
    return lambda value, path: inner(value, path)


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    blank: Obj = {"name": None, "description": None, "created_at": tenant.stamp(), "services": []}
    after = {**(before or blank), **body, "updated_at": tenant.stamp()}
    if "config" in body or "type" in body:
        after["config"] = _config(after["type"], body.get("config", (before or {}).get("config")))
    needed(tenant, "service", body.get("services", ()), "Service")
    if after["type"] == "content_based_intelligent" and len(after["services"]) > 1:
        raise invalid("Services of this type can be one only")
    for service in after["services"]:
        other = of_service(tenant, service)
        if other and other["id"] != (before or {}).get("id"):
            raise invalid(f"Service {service} already belongs to an alert grouping setting")
    return after


def of_service(tenant: Tenant, service: str) -> Obj | None:
    """The setting a service belongs to."""
    by_service: dict[str, Obj] = tenant.once("settings by service", lambda: _by_service(tenant))
    return by_service.get(service)


def _by_service(tenant: Tenant) -> dict[str, Obj]:
    return {service: obj for obj in tenant.of("alert_grouping_settings") for service in obj["services"]}


def _shown(tenant: Tenant, setting: Obj, include: Include) -> Obj:
    config = setting["config"]
    if setting["type"] != "time":
        config = {**config, "recommended_time_window": RECOMMENDED}
    services = [{**link, "name": link["summary"]} for link in all_pointed(tenant, "service", setting["services"])]
    return {**setting, "config": config, "services": services}


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    wanted = set(paging.many(call, "service_ids[]"))
    return [obj for obj in objs if not wanted or not wanted.isdisjoint(obj["services"])]


FAMILY = Family(
    kind="alert_grouping_setting",
    new=_body(("type", "config", "services")),
    changed=_body(()),
    settled=_settled,
    shown=_shown,
    filtered=_filtered,
    page=paging.between,
)
ROUTES = FAMILY.routes()


def parameters(value: Any, path: str) -> Obj | None:
    """A service's own grouping: unknown keys are refused here (sheet 1). `None` where a reference is sent back."""
    if value is None:
        return {"type": None}
    if not isinstance(value, dict):
        raise wrong_type(value, path, "an object")
    if value.get("type") == "alert_grouping_setting_reference":
        return None
    shape: Obj = record(
        {"type": nullable(word(*SERVICE_GROUPING_TYPES)), "config": nullable(lambda part, _: part)}, nulls="checked"
    )(value, path)
    kind = shape.get("type")
    if kind is None:
        return {"type": None}
    fields, required = SERVICE_CONFIGS[kind]
    given = shape.get("config") if shape.get("config") is not None else {}
    clean: Obj = record({**fields, **_RECOMMENDED}, required, nulls="checked")(given, f"{path}.config")
    clean.pop("recommended_time_window", None)
    return {"type": kind, "config": {"timeout": clean["timeout"] * 60} if kind == "time" else clean}


def set_by_service(tenant: Tenant, service: str, wanted: Obj) -> None:
    """Pulls the service out of a setting it shares; nothing wanted may delete the setting (sheet 3.5)."""
    settings, held = tenant.of("alert_grouping_settings"), of_service(tenant, service)
    alone = held is not None and held["services"] == [service]
    if held and not (alone and wanted["type"]):
        left = [ident for ident in held["services"] if ident != service]
        if left:
            settings.put({**held, "services": left, "updated_at": tenant.stamp()})
        else:
            settings.drop(held["id"])
    if wanted["type"] is None:
        return
    config = _config(wanted["type"], wanted["config"])
    now = tenant.stamp()
    made = {"id": tenant.ident(), "name": None, "description": None, "created_at": now, "services": [service]}
    settings.put({**(held if held and alone else made), "type": wanted["type"], "config": config, "updated_at": now})


def forget(tenant: Tenant, service: str) -> None:
    """The service is gone, and with it its place in a setting."""
    set_by_service(tenant, service, {"type": None})


def as_parameters(tenant: Tenant, service: str) -> Obj:
    """The setting in a service's own words; a reference where those cannot say it."""
    setting = of_service(tenant, service)
    if setting is None:
        return {"type": None, "config": None}
    config, kind = setting["config"], setting["type"]
    if kind == "time":
        return {"type": kind, "config": {"timeout": config["timeout"] // 60}}
    if kind == "content_based_intelligent" or config.get("iag_fields", IAG_FIELDS) != IAG_FIELDS:
        return pointed(tenant, "alert_grouping_setting", setting["id"]) or {}
    bare = {key: value for key, value in config.items() if key != "iag_fields"}
    return {"type": kind, "config": {**bare, "recommended_time_window": RECOMMENDED}}
