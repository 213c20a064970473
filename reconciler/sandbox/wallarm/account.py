"""Who a Wallarm token belongs to, and its tenants (sheet 7)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route
from reconciler.sandbox.wallarm.client import Client, read_number


def _tenant(client: Client) -> Obj:
    ident = {"id": client.client_id, "uuid": client.uuid, "name": client.company}
    return {**ident, "enabled": True, "partner_uuid": None, "language": "en"}


def _who(client: Client, call: Call) -> Answer:
    user = {"id": 1, "client_id": client.client_id, "email": client.email, "username": client.email}
    return json_answer(200, {"status": 200, "body": {**user, "permissions": ["admin"], "enabled": True}})


def _tenants(client: Client, call: Call) -> Answer:
    tenant = _tenant(client)
    wanted = {key: value for key, value in call.query.items() if key.startswith("filter[")}
    fits = all(str(tenant.get(key[7:-1])).lower() == value.lower() for key, value in wanted.items())
    offset = read_number(call.query.get("offset", "0"), "offset")
    return json_answer(200, {"status": 200, "body": [tenant] if fits and offset == 0 else []})


ROUTES: tuple[Route[Client], ...] = (
    Route("POST", "/v1/user", _who),
    Route("GET", "/v1/objects/client", _tenants),
)
