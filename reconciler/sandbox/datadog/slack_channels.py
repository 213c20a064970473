"""Channels of the Slack integration, below accounts that no documented call makes (sheet 6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import known
from reconciler.sandbox.datadog.named import taken
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, text
from reconciler.sandbox.routes import Call, Route

PATH = "/api/v1/integration/slack/configuration/accounts/{account}/channels"
FIRST_ACCOUNT = "acme"
DISPLAY = {"message": True, "notified": True, "snapshot": True, "tags": True, "mute_buttons": False}
FIELDS: dict[str, Check] = {"name": text(least=1), "display": known(dict.fromkeys(DISPLAY, flag))}
NEW = known(FIELDS, ("name",))
CHANGED = known(FIELDS)
HOOKS = known(
    {"service_hooks": items(known({"account": text(least=1), "url": text(least=1)}, ("account", "url")), least=1)},
    ("service_hooks",),
)


def add_account(tenant: Tenant, name: str) -> Obj:
    return tenant.of("slack_accounts").put({"id": name, "name": name})


def _check_account(tenant: Tenant, account: str) -> None:
    if tenant.settings.slack_accounts == "known" and account not in tenant.of("slack_accounts"):
        raise Refusal(404, f"Slack account {account} does not exist")


def made(tenant: Tenant, account: str, value: Any) -> Obj:
    _check_account(tenant, account)
    body = NEW(value, "")
    ident = f"{account}/{body['name']}"
    if ident in tenant.of("slack_channels"):
        raise taken(tenant, "Channel")
    display = {**DISPLAY, **body.get("display", {})}
    return tenant.add("slack_channels", {"id": ident, "account": account, "name": body["name"], "display": display})


def _found(tenant: Tenant, call: Call) -> Obj:
    _check_account(tenant, call.params["account"])
    channel = tenant.of("slack_channels").get(f"{call.params['account']}/{call.params['name']}")
    if channel is None:
        raise Refusal(404, "Channel does not exist")
    return channel


def _shown(channel: Obj) -> Obj:
    return {"name": channel["name"], "display": channel["display"]}


def _list(tenant: Tenant, call: Call) -> Answer:
    account = call.params["account"]
    _check_account(tenant, account)
    own = [channel for channel in tenant.listed("slack_channels") if channel["account"] == account]
    return tenant.reply(200, [_shown(channel) for channel in own])


def _create(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(tenant.settings.slack_created, _shown(made(tenant, call.params["account"], call.body)))


def _read(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, _shown(_found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    before = _found(tenant, call)
    body = CHANGED(call.body, "")
    channels = tenant.of("slack_channels")
    after = {**before, **body, "display": {**before["display"], **body.get("display", {})}}
    after["id"] = f"{before['account']}/{after['name']}"
    if after["id"] != before["id"]:
        if after["id"] in channels:
            raise taken(tenant, "Channel")
        channels.drop(before["id"])
    return tenant.reply(200, _shown(channels.put(after)))


def _delete(tenant: Tenant, call: Call) -> Answer:
    tenant.of("slack_channels").drop(_found(tenant, call)["id"])
    return tenant.reply(204)


def _add_accounts(tenant: Tenant, call: Call) -> Answer:
    for hook in HOOKS(call.body, "")["service_hooks"]:
        add_account(tenant, hook["account"])
    return tenant.reply(204)


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/api/v1/integration/slack", _add_accounts),
    Route("GET", PATH, _list),
    Route("POST", PATH, _create),
    Route("GET", f"{PATH}/{{name}}", _read),
    Route("PATCH", f"{PATH}/{{name}}", _update),
    Route("DELETE", f"{PATH}/{{name}}", _delete),
)
