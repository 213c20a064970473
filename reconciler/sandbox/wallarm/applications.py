"""Wallarm applications, called "pools" on the wire (sheet 6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, items, record, text, whole
from reconciler.sandbox.routes import Call, Route
from reconciler.sandbox.wallarm.client import Client, Refusal

DEFAULT_APPLICATION = -1
PAGE_MOST = 500


def _ident(value: Any, path: str) -> int:
    number: int = whole()(value, path)
    if number != DEFAULT_APPLICATION and number < 1:
        raise Invalid({path: f"must be above 0, or {DEFAULT_APPLICATION} for the default application; is {number}"})
    return number


ONE = record({"clientid": whole(), "id": _ident}, ("clientid", "id"), nulls="checked")
ONE_OF_CLIENTS = record({"clientid": items(whole(), 1), "id": _ident}, ("clientid", "id"), nulls="checked")
CREATE: dict[str, Check] = {"id": _ident, "clientid": whole(), "name": text(least=1)}
UPDATE = record(
    {"filter": ONE_OF_CLIENTS, "fields": record({"name": text(least=1)}, ("name",), nulls="checked")},
    ("filter", "fields"),
    nulls="checked",
)
DELETE = record({"filter": ONE}, ("filter",), nulls="checked")
LIST = record(
    {
        "limit": whole(1, PAGE_MOST),
        "offset": whole(least=0),
        "filter": record({"clientid": items(whole(), 1)}, ("clientid",), nulls="checked"),
    },
    ("limit", "offset", "filter"),
    nulls="checked",
)


def _row(client: Client, pool: Obj) -> Obj:
    return {"id": pool["id"], "clientid": client.client_id, "name": pool["name"], "deleted": False}


def _own(client: Client, client_ids: list[int]) -> None:
    for client_id in client_ids:
        client.own(client_id)


def _answer(body: Any) -> Answer:
    return json_answer(200, {"status": 200, "body": body})


def made(client: Client, name: str, ident: int | None = None) -> Obj:
    free = ident if ident is not None else max([0, *(pool["id"] for pool in client.pools)]) + 1
    return client.pools.put({"id": free, "name": name})


def _list(client: Client, call: Call) -> Answer:
    """Rows of deleted applications stay in the list, without their ids (sheet 6)."""
    body = LIST(call.body, "")
    _own(client, body["filter"]["clientid"])
    gone = [{"id": None, "clientid": client.client_id, "name": name, "deleted": True} for name in client.deleted_pools]
    rows = [*(_row(client, pool) for pool in client.pools), *gone]
    return _answer(rows[body["offset"] : body["offset"] + body["limit"]])


def _create(client: Client, call: Call) -> Answer:
    body = record(CREATE, ("clientid", "name"), nulls="checked")(call.body, "")
    client.own(body["clientid"])
    if body.get("id") in client.pools:
        raise Refusal(400, "Already exists")
    return _answer(_row(client, made(client, body["name"], body.get("id"))))


def _update(client: Client, call: Call) -> Answer:
    body = UPDATE(call.body, "")
    _own(client, body["filter"]["clientid"])
    pool = client.pools.get(body["filter"]["id"])
    if pool is None:
        return _answer([])
    return _answer([_row(client, client.pools.put({**pool, "name": body["fields"]["name"]}))])


def _delete(client: Client, call: Call) -> Answer:
    body = DELETE(call.body, "")
    client.own(body["filter"]["clientid"])
    pool = client.pools.get(body["filter"]["id"])
    if pool is None:
        return _answer([])
    if pool["id"] == DEFAULT_APPLICATION:
        raise Refusal(400, "The default application cannot be deleted")
    dropped(client, pool)
    return _answer([_row(client, pool)])


def dropped(client: Client, pool: Obj) -> None:
    client.pools.drop(pool["id"])
    client.deleted_pools.append(pool["name"])


def edited(client: Client, pool: Obj | None, value: Any) -> Obj:
    return client.pools.put({**pool, **value}) if pool else made(client, value["name"], value.get("id"))


_PATH = "/v1/objects/pool"

ROUTES: tuple[Route[Client], ...] = (
    Route("POST", _PATH, _list),
    Route("POST", f"{_PATH}/create", _create),
    Route("POST", f"{_PATH}/update", _update),
    Route("POST", f"{_PATH}/delete", _delete),
)
