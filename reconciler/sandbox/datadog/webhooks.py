"""Webhooks and their custom variables (sheet 4): no list, a payload by default, values that are never shown again."""

from __future__ import annotations

import json
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import known
from reconciler.sandbox.datadog.named import Named
from reconciler.sandbox.datadog.vocabulary import UUID, WEBHOOK_ENCODINGS
from reconciler.sandbox.fields import Check, Invalid, flag, nullable, text, word

BASE = "/api/v1/integration/webhooks/configuration"
PAYLOAD = json.dumps(
    {
        "body": "$EVENT_MSG",
        "last_updated": "$LAST_UPDATED",
        "event_type": "$EVENT_TYPE",
        "title": "$EVENT_TITLE",
        "date": "$DATE",
        "org": {"id": "$ORG_ID", "name": "$ORG_NAME"},
        "id": "$ID",
    },
    indent=4,
)


def _json_text(value: Any, path: str) -> str:
    written = text()(value, path)
    try:
        json.loads(written)
    except ValueError:
        raise Invalid({path: "must be JSON, written as a string"}) from None
    except RecursionError:
        raise Invalid({path: "is nested too deeply"}) from None
    return str(written)


def _payload(value: Any, path: str) -> str:
    """Null is the vendor's own, so that null is never read back."""
    return PAYLOAD if value is None else _json_text(value, path)


WEBHOOK: dict[str, Check] = {
    "name": text(least=1),
    "url": text(least=1),
    "payload": _payload,
    "custom_headers": nullable(_json_text),
    "encode_as": word(*WEBHOOK_ENCODINGS),
    "auth_method_id": nullable(text(pattern=UUID)),
}
VARIABLE: dict[str, Check] = {"name": text(least=1), "value": text(), "is_secret": flag}


def _webhook(obj: Obj) -> Obj:
    return {key: obj[key] for key in WEBHOOK}


def _variable(obj: Obj) -> Obj:
    return {key: obj[key] for key in VARIABLE if key != "value" or not obj["is_secret"]}


WEBHOOKS = Named(
    noun="Webhook",
    plural="webhooks",
    field="name",
    path=f"{BASE}/webhooks",
    new=known(WEBHOOK, ("name", "url")),
    changed=known(WEBHOOK),
    blank={"payload": PAYLOAD, "custom_headers": None, "encode_as": "json", "auth_method_id": None},
    shown=_webhook,
)
VARIABLES = Named(
    noun="Custom variable",
    plural="variables",
    field="name",
    path=f"{BASE}/custom-variables",
    new=known(VARIABLE, ("name", "value", "is_secret")),
    changed=known(VARIABLE),
    blank={},
    shown=_variable,
)
ROUTES = (*WEBHOOKS.routes(), *VARIABLES.routes())
