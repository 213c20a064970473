"""Opsgenie users (sheet 5): looked up by everything else."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, items, mapping, record, text, word
from reconciler.sandbox.opsgenie.restriction import zone
from reconciler.sandbox.opsgenie.tenant import Refusal, Tenant, forbidden, unprocessable
from reconciler.sandbox.opsgenie.vocabulary import USER_ROLES
from reconciler.sandbox.routes import Call, Route

FIRST_USERS = (
    ("ann@example.com", "Ann Example", "owner"),
    ("bob@example.com", "Bob Example", "admin"),
    ("hanako@example.jp", "山田 花子", "user"),
    ("olga@example.ru", "Ольга Примерова", "user"),
)
PAGE_MOST = 100

ROLE = record({"id": text(least=1), "name": word(*USER_ROLES)}, ("name",))
FIELDS: dict[str, Check] = {
    "fullName": text(least=1, most=512),
    "role": ROLE,
    "timeZone": zone,
    "locale": text(),
    "userAddress": mapping(text()),
    "tags": items(text()),
    "details": mapping(items(text())),
}
USERNAME = text(least=1, most=100, pattern=r"[^@\sA-Z]+@[^@\sA-Z]+")


def made(tenant: Tenant, body: Obj) -> Obj:
    role = body.get("role", {}).get("name", "user")
    defaults = {
        "fullName": body["username"],
        "timeZone": "Etc/UTC",
        "locale": "en_US",
        "tags": [],
        "details": {},
        "blocked": False,
        "verified": True,
        "createdAt": tenant.clock.stamp(),
    }
    return tenant.users.put({"id": tenant.mint(), **defaults, **body, "role": {"id": role.capitalize(), "name": role}})


def first(tenant: Tenant) -> None:
    """The people a new account starts with."""
    for username, name, role in FIRST_USERS:
        made(tenant, {"username": username, "fullName": name, "role": {"name": role}})


def _found(tenant: Tenant, call: Call) -> Obj:
    ident = call.params["user"]
    user = tenant.users.get(ident) or next(iter(tenant.users.named(ident)), None)
    if user is None:
        raise Refusal(404, f"No user exists with identifier [{ident}]")
    return user


def _number(call: Call, key: str, default: int, most: int | None = None) -> int:
    value = call.query.get(key, str(default))
    if not value.isdecimal() or (most is not None and not 1 <= int(value) <= most):
        raise Invalid({key: f"{value!r} is no number from 0" if most is None else f"must be from 1 to {most}"})
    return int(value)


def page(call: Call, objs: list[Obj], default: int, most: int) -> tuple[list[Obj], Obj]:
    """The page asked for by limit and offset, and the envelope's `paging`."""
    limit, offset = _number(call, "limit", default, most), _number(call, "offset", 0)
    last = max(0, (len(objs) - 1) // limit * limit)
    places = {"first": 0, "last": last}
    if offset:
        places["prev"] = max(0, offset - limit)
    if offset + limit < len(objs):
        places["next"] = offset + limit
    # Links lead back to the host that was asked, as the vendor's do; never from the sandbox to a real network.
    base = f"http://{call.request.headers.get('host', 'sandbox')}{call.request.path}"
    paging = {name: f"{base}?limit={limit}&offset={place}" for name, place in places.items()}
    return objs[offset : offset + limit], paging


def _list(tenant: Tenant, call: Call) -> Answer:
    users = sorted(
        tenant.users, key=lambda user: str(user[_sort_field(call)]), reverse=call.query.get("order") == "desc"
    )
    query = call.query.get("query", "").casefold()
    if ":" in query:
        field, _, wanted = query.partition(":")
        users = [user for user in users if wanted.strip() in str(user.get(_field(field), "")).casefold()]
    elif query:
        users = [user for user in users if query in f"{user['username']} {user['fullName']}".casefold()]
    shown, paging = page(call, users, PAGE_MOST, PAGE_MOST)
    return tenant.read(shown, paging=paging, totalCount=len(users))


def _field(name: str) -> str:
    return {"fullname": "fullName"}.get(name.strip(), name.strip())


def _sort_field(call: Call) -> str:
    field = call.query.get("sortField", "username")
    if field not in ("username", "fullName"):
        raise unprocessable("sortField", f"{field!r} is not one of username, fullName")
    return field


def _get(tenant: Tenant, call: Call) -> Answer:
    user = _found(tenant, call)
    expanded: Obj = {"userContacts": []} if call.query.get("expand") == "contact" else {}
    return tenant.read({**user, **expanded}, expandable=["contact"])


def _create(tenant: Tenant, call: Call) -> Answer:
    body: Obj = record({**FIELDS, "username": USERNAME}, ("username", "fullName", "role"))(call.body, "")
    if call.caller.team:
        raise forbidden()
    if tenant.users.named(body["username"]):
        raise Refusal(409, f"User [{body['username']}] already exists.")
    user = made(tenant, body)
    return tenant.reply(201, result="Created", data={"id": user["id"], "name": user["fullName"]})


def _update(tenant: Tenant, call: Call) -> Answer:
    user = _found(tenant, call)
    body: Obj = record(FIELDS)(call.body, "")  # the username cannot change
    if "role" in body:
        body["role"] = {"id": body["role"]["name"].capitalize(), "name": body["role"]["name"]}
    changed = tenant.users.put({**user, **body})
    return tenant.reply(200, result="Updated", data={"id": changed["id"], "name": changed["fullName"]})


def _delete(tenant: Tenant, call: Call) -> Answer:
    user = _found(tenant, call)
    check_unused(tenant, user)
    tenant.users.drop(user["id"])
    return tenant.reply(200, result="Deleted")


def check_unused(tenant: Tenant, user: Obj) -> None:
    """428 while a team, rotation or escalation still names the person (sheet 2)."""
    place = {"type": "user", "id": user["id"]}
    teams = [team["name"] for team in tenant.teams if any(m["user"]["id"] == user["id"] for m in team["members"])]
    rotas = [
        part["name"] for part in tenant.schedules if any(place in rota["participants"] for rota in part["rotations"])
    ]
    steps = [part["name"] for part in tenant.escalations if any(rule["recipient"] == place for rule in part["rules"])]
    if used := [*teams, *rotas, *steps]:
        raise Refusal(428, f"User is still used in {', '.join(used)}")


def edited(tenant: Tenant, user: Obj | None, value: Any) -> Obj:
    return tenant.users.put({**user, **value}) if user else made(tenant, dict(value))


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/v2/users", _list),
    Route("POST", "/v2/users", _create),
    Route("GET", "/v2/users/{user}", _get),
    Route("PATCH", "/v2/users/{user}", _update),
    Route("DELETE", "/v2/users/{user}", _delete),
)
