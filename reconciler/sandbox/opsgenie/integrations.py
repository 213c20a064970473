"""Opsgenie integrations and their once-shown keys (sheet 8)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, mapping, record, text, word
from reconciler.sandbox.opsgenie import reference
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import (
    INTEGRATION_NAME_LENGTH,
    INTEGRATION_TYPE,
    INTEGRATION_TYPES,
    PRIORITIES,
    RESPONDER_TYPES,
    TAG_LENGTH,
    UNMADE_TYPES,
)
from reconciler.sandbox.routes import Call, Route

FLAGS: dict[str, bool] = {
    "allowReadAccess": True,
    "allowWriteAccess": True,
    "allowDeleteAccess": True,
    "allowConfigurationAccess": False,
    "suppressNotifications": False,
    "ignoreRespondersFromPayload": False,
    "ignoreTeamsFromPayload": False,
    "ignoreRecipientsFromPayload": False,
    "ignoreTagsFromPayload": False,
    "ignoreExtraPropertiesFromPayload": False,
}
# Sheet 17.8: the contents are unconfirmed. A PUT that holds one of them is refused.
READ_ONLY = ("id", "isGlobal", "isDefaultIntegration", "isAdvanced")


def _type(value: Any, path: str) -> str:
    kind: str = text(least=1, pattern=INTEGRATION_TYPE)(value, path)
    other_case = kind not in INTEGRATION_TYPES and kind.casefold() in {one.casefold() for one in INTEGRATION_TYPES}
    if other_case or kind.casefold() in UNMADE_TYPES:
        raise Invalid({path: f"{value!r} is no type that can be made"})
    return kind


FIELDS: dict[str, Check] = {
    "name": text(least=1, most=INTEGRATION_NAME_LENGTH),
    "type": _type,
    "enabled": flag,
    "ownerTeam": reference.OWNER,
    "assignedTeam": reference.OWNER,
    "responders": items(reference.target(*RESPONDER_TYPES)),
    "recipients": items(reference.target(*RESPONDER_TYPES)),
    "priority": word(*PRIORITIES),
    "customPriority": text(),
    "tags": items(text(most=TAG_LENGTH)),
    "extraProperties": mapping(text()),
    **dict.fromkeys(FLAGS, flag),
}
WEBHOOK: dict[str, Check] = {
    "url": text(least=1, pattern=r"https?://\S+"),
    "addAlertDescription": flag,
    "addAlertDetails": flag,
    "headers": mapping(text()),
}
EMAIL: dict[str, Check] = {"emailUsername": text(least=1)}


def _read_body(body: Any) -> Obj:
    """The body by its type: each has fields of its own beside the common ones."""
    kind = body.get("type") if isinstance(body, dict) else None
    match kind:
        case "Webhook":
            check = record({**FIELDS, **WEBHOOK}, ("name", "type", "url"))
        case "Email":
            check = record({**FIELDS, **EMAIL}, ("name", "type", "emailUsername"))
        case "API":
            check = record(FIELDS, ("name", "type"))
        case _:  # the sheet knows no fields of the others, so they may have any
            check = record(FIELDS, ("name", "type"), unknown="kept")
    clean: Obj = check(body, "")
    return clean


def shown(tenant: Tenant, integration: Obj) -> Obj:
    """Never with the key. `_readOnly` names fields that a PUT must leave out, in an order that varies."""
    hidden = ("apiKey", "actions", "ownerTeam", "responders")
    bare = {key: value for key, value in integration.items() if key not in hidden}
    owner = reference.owner_shown(tenant, integration)
    present = reference.all_shown(tenant, integration["responders"])
    responders = [{"type": part["type"], "id": part["id"]} for part in present]
    fixed = (*READ_ONLY, *_address(integration))
    turn = tenant.calls % len(fixed)
    return {
        **bare,
        **owner,
        **_address(integration),
        "responders": responders,
        "isGlobal": not owner,
        "isDefaultIntegration": False,
        "isAdvanced": "actions" in integration,
        "_readOnly": [*fixed[turn:], *fixed[:turn]],
    }


def _address(integration: Obj) -> Obj:
    if integration["type"] != "Email":
        return {}
    return {"emailAddress": f"{integration['emailUsername']}@example.opsgenie.net"}


def _meta(integration: Obj) -> Obj:
    meta = {key: integration[key] for key in ("id", "name", "enabled", "type")}
    owner = integration.get("ownerTeam")
    return {**meta, "teamId": owner["id"]} if owner else meta


def check_name(tenant: Tenant, name: str, own: str | None = None) -> str:
    if any(integration["id"] != own for integration in tenant.integrations.named(name)):
        # Sheet 17.7: the code is unconfirmed.
        raise Refusal(409, f"Integration with name [{name}] already exists.")
    return name


def _defaults(tenant: Tenant) -> Obj:
    enabled = tenant.settings.integration_created == "enabled"
    return {"enabled": enabled, **FLAGS, "tags": [], "extraProperties": {}}


def _settled(tenant: Tenant, body: Obj, owner: Obj | None) -> Obj:
    """The body with its references by id. An owner team is a responder, wanted or not (quirk 5)."""
    clean = {key: value for key, value in body.items() if key not in ("ownerTeam", "assignedTeam", "recipients")}
    wanted: list[Obj] = body.get("responders") or body.get("recipients") or []
    responders = [reference.kept(tenant, part) for part in wanted]
    if owner:
        implicit = {"type": "team", "id": owner["id"]}
        responders += [] if implicit in responders else [implicit]
        clean["ownerTeam"] = owner
    return {**clean, "responders": responders}


def made(tenant: Tenant, body: Obj) -> Obj:
    ident, key = tenant.mint(), tenant.mint()
    tenant.keys[key] = ident
    defaults = {**_defaults(tenant), "type": "API", "responders": []}
    return tenant.integrations.put({"id": ident, **defaults, **body, "apiKey": key})


def _found(tenant: Tenant, call: Call) -> Obj:
    integration = reference.sought(tenant.integrations, "Integration", call.params["integration"], None)
    return reference.seen(call.caller, integration)


def _create(tenant: Tenant, call: Call) -> Answer:
    body = _read_body(call.body)
    check_name(tenant, body["name"])
    owner = reference.owner_kept(tenant, body.get("ownerTeam") or body.get("assignedTeam"), call.caller)
    integration = made(tenant, _settled(tenant, body, owner))
    meta = _meta(integration)
    secret = _address(integration) or {"apiKey": integration["apiKey"]}  # the only answer that ever holds it
    return tenant.reply(201, result="Created", data={**meta, **secret})


def _list(tenant: Tenant, call: Call) -> Answer:
    wanted = {key: call.query[key] for key in ("type", "teamId", "teamName") if key in call.query}
    if call.caller.team and ("teamId" in wanted or "teamName" in wanted):
        raise forbidden("The key of a team cannot filter by team.")
    listed = [part for part in reference.visible(call.caller, tenant.integrations) if _fits(tenant, part, wanted)]
    return tenant.read([_meta(part) for part in listed], code=200)


def _fits(tenant: Tenant, integration: Obj, wanted: dict[str, str]) -> bool:
    owner = reference.owner_shown(tenant, integration).get("ownerTeam", {})
    has = {"type": integration["type"], "teamId": owner.get("id"), "teamName": owner.get("name")}
    return all(has[key] == value for key, value in wanted.items())


def _get(tenant: Tenant, call: Call) -> Answer:
    return tenant.read(shown(tenant, _found(tenant, call)))


def _update(tenant: Tenant, call: Call) -> Answer:
    """A full replacement: what is left out goes back to its default (sheet 8). Type and owner team cannot change."""
    integration = _found(tenant, call)
    for key in (*READ_ONLY, *_address(integration), "_readOnly"):
        if isinstance(call.body, dict) and key in call.body:
            raise unprocessable(key, "is read-only and must be left out")
    body = _read_body(call.body)
    check_name(tenant, body["name"], integration["id"])
    # Another owner team is ignored in silence, `assignedTeam` moves the integration (sheet 8 and 17.9).
    assigned = body.get("assignedTeam") if tenant.settings.integration_moves == "yes" else None
    owner = reference.owner_kept(tenant, assigned, call.caller) or integration.get("ownerTeam")
    fixed: Obj = {key: integration[key] for key in ("id", "type", "apiKey", "actions") if key in integration}
    changed = tenant.integrations.put({**_defaults(tenant), **_settled(tenant, body, owner), **fixed})
    return tenant.reply(200, result="Updated", data=_meta(changed))


def _delete(tenant: Tenant, call: Call) -> Answer:
    dropped(tenant, _found(tenant, call))
    return tenant.reply(200, result="Deleted")


def dropped(tenant: Tenant, integration: Obj) -> None:
    key = integration["apiKey"]
    tenant.revoked[key] = tenant.keys.pop(key)
    tenant.integrations.drop(integration["id"])


def _switch(tenant: Tenant, call: Call, enabled: bool) -> Answer:
    changed = tenant.integrations.put({**_found(tenant, call), "enabled": enabled})
    return tenant.reply(201, result="Enabled" if enabled else "Disabled", data=_meta(changed))


def _authenticate(tenant: Tenant, call: Call) -> Answer:
    """200 when the calling key is that of an integration of the type asked for."""
    body = record({"type": text(least=1)}, ("type",))(call.body, "")
    integration = call.caller.integration
    if integration is None or integration["type"] != body["type"]:
        raise forbidden(f"The key does not belong to an integration of type [{body['type']}].")
    return tenant.reply(200, result="Integration is successfully authenticated")


def edited(tenant: Tenant, integration: Obj | None, value: Any) -> Obj:
    """An integration as a person makes or changes it in the UI, where it starts enabled."""
    if integration is None:
        return made(tenant, {"enabled": True, **value})
    return tenant.integrations.put({**integration, **value})


_ONE = "/v2/integrations/{integration}"

ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/v2/integrations", _create),
    Route("GET", "/v2/integrations", _list),
    Route("POST", "/v2/integrations/authenticate", _authenticate),
    Route("GET", _ONE, _get),
    Route("PUT", _ONE, _update),
    Route("DELETE", _ONE, _delete),
    Route("POST", f"{_ONE}/enable", lambda tenant, call: _switch(tenant, call, True)),
    Route("POST", f"{_ONE}/disable", lambda tenant, call: _switch(tenant, call, False)),
)
