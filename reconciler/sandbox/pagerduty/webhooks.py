"""PagerDuty webhook subscriptions (sheet 3.9): the secret is shown once, header values never."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, anything, flag, items, nullable, text, word
from reconciler.sandbox.pagerduty import paging
from reconciler.sandbox.pagerduty.body import known, unwrapped
from reconciler.sandbox.pagerduty.family import Family, Include
from reconciler.sandbox.pagerduty.reference import found, needed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant, arguments, invalid
from reconciler.sandbox.pagerduty.vocabulary import REDACTED, WEBHOOK_EVENTS, WEBHOOK_FILTERS
from reconciler.sandbox.routes import Call, Route


def _once_each(what: str, key: str = "") -> Any:
    """Raises Invalid where an item, or its field `key`, stands twice."""

    def check(values: list[Any], path: str) -> list[Any]:
        told = [value[key] if key else value for value in values]
        if len(set(told)) < len(told):
            raise Invalid({path: f"must name each {what} once"})
        return values

    return check


def _events(value: Any, path: str) -> Any:
    return _once_each("event")(items(word(*WEBHOOK_EVENTS), least=1)(value, path), path)


_HEADER = known({"name": text(least=1), "value": text(least=1)}, ("name", "value"))


def _headers(value: Any, path: str) -> Any:
    return _once_each("header", "name")(items(_HEADER)(value, path), path)


_METHOD = known(
    {"type": word("http_delivery_method"), "url": text(pattern=r"https?://\S+"), "custom_headers": nullable(_headers)},
    ("type", "url"),
)
_FILTER = known({"type": word(*WEBHOOK_FILTERS), "id": nullable(text(least=1))}, ("type",))
FIELDS: dict[str, Check] = {
    "type": word("webhook_subscription"),
    "active": flag,
    "description": nullable(text()),
    "events": _events,
    "filter": _FILTER,
    "oauth_client_id": nullable(text()),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if body.get("oauth_client_id"):
        raise invalid("OAuth client not found")
    blank = {"active": True, "description": None}
    after = {**(before or blank), **{key: body[key] for key in FIELDS if key in body and key != "oauth_client_id"}}
    after["filter"] = _filtered_by(tenant, after["filter"])
    if before is None:
        method = body["delivery_method"]
        minted = {"id": tenant.ident(), "secret": tenant.mint().replace("-", "") * 2, "temporarily_disabled": False}
        after["delivery_method"] = {**minted, **method, "custom_headers": method.get("custom_headers") or []}
    return after


def _filtered_by(tenant: Tenant, wanted: Obj) -> Obj:
    kind = wanted["type"].removesuffix("_reference")
    if kind == "account":
        return {"type": wanted["type"]}
    if not wanted.get("id"):
        raise invalid("Filter id is required")
    needed(tenant, kind, [wanted["id"]], f"Filter {kind}")
    return {"type": wanted["type"], "id": wanted["id"]}


def _shown(tenant: Tenant, webhook: Obj, include: Include) -> Obj:
    method = webhook["delivery_method"]
    headers = [{"name": header["name"], "value": REDACTED} for header in method["custom_headers"]]
    shown = {**method, "secret": None, "custom_headers": headers}
    plain = ("id", "active", "description", "events", "filter")
    bare = {key: webhook[key] for key in plain}
    return {"type": "webhook_subscription", **bare, "delivery_method": shown, "oauth_client": None}


def _listed(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    kind, ident = call.query.get("filter_type"), call.query.get("filter_id")
    if kind not in (None, "account", "service", "team"):
        raise arguments(f"filter_type cannot be {kind!r}")
    if kind:
        objs = [obj for obj in objs if obj["filter"]["type"] == f"{kind}_reference"]
    return [obj for obj in objs if ident in (None, obj["filter"].get("id"))]


FAMILY = Family(
    kind="webhook_subscription",
    new=known({**FIELDS, "delivery_method": _METHOD}, ("delivery_method", "events", "filter", "type")),
    changed=known({**FIELDS, "delivery_method": anything}),  # ignored: how it delivers stays as it was made
    settled=_settled,
    shown=_shown,
    filtered=_listed,
)


def _create(tenant: Tenant, call: Call) -> Answer:
    """The one answer with the signing secret."""
    webhook = FAMILY.made(tenant, unwrapped(call, "webhook_subscription"), call.caller)
    shown = _shown(tenant, webhook, paging.includes(call))
    shown["delivery_method"] = {**shown["delivery_method"], "secret": webhook["delivery_method"]["secret"]}
    return tenant.reply(tenant.settings.webhook_created, {"webhook_subscription": shown})


def _enable(tenant: Tenant, call: Call) -> Answer:
    webhook = found(tenant, "webhook_subscription", call.params["id"])
    method = {**webhook["delivery_method"], "temporarily_disabled": False}
    changed = tenant.of("webhook_subscriptions").put({**webhook, "delivery_method": method})
    return tenant.reply(200, {"webhook_subscription": _shown(tenant, changed, frozenset())})


def _ping(tenant: Tenant, call: Call) -> Answer:
    found(tenant, "webhook_subscription", call.params["id"])
    return tenant.reply(202)


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/webhook_subscriptions", _create),
    *(route for route in FAMILY.routes() if route.method != "POST"),
    Route("POST", "/webhook_subscriptions/{id}/enable", _enable),
    Route("POST", "/webhook_subscriptions/{id}/ping", _ping),
)
