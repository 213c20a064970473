"""Monitored entities: seeded ones with tags of several contexts, and their list (sheet 4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_query
from reconciler.sandbox.dynatrace.instant import DAY, HOUR, read_size, read_window
from reconciler.sandbox.dynatrace.selector import last_seen, selected
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

PAGE = 50
OPTIONAL = ("firstSeenTms", "lastSeenTms", "tags", "managementZones", "properties")
WINDOW = "now-3d"


def tag(key: str, value: str | None = None, context: str = "CONTEXTLESS", auto: bool = False) -> Obj:
    """A tag as stored; `auto` marks what a rule put there."""
    made: Obj = {"context": context, "key": key}
    if value is not None:
        made["value"] = value
    return {**made, "auto": True} if auto else made


def shown_tag(stored: Obj) -> Obj:
    """A tag as METag, with the text people see (sheet 4)."""
    text = stored["key"] if "value" not in stored else f"{stored['key']}:{stored['value']}"
    context = stored["context"]
    if context != "CONTEXTLESS":
        text = f"[{context if context.startswith('AWS') else context.capitalize()}]{text}"
    plain: Obj = {key: stored[key] for key in ("context", "key", "value") if key in stored}
    return {**plain, "stringRepresentation": text}


def made(env: Environment, body: Obj) -> Obj:
    """A new entity that reports from now on; `lastSeenTms` given stops it."""
    kind = str(body.get("type", "HOST"))
    env.serial += 1
    ident = str(body.get("id") or f"{kind}-{env.digits(f'entity/{env.serial}').upper()}")
    blank: Obj = {"displayName": ident, "firstSeenTms": env.now(), "lastSeenTms": None, "tags": [], "properties": {}}
    return env.entities.put({**blank, "managementZones": [], "from": {}, **body, "id": ident, "type": kind})


def first(env: Environment) -> None:
    """What is monitored on the first day: a small shop on Kubernetes, and a host that went silent."""
    cart = [tag("app", "cart", "KUBERNETES"), tag("team-cart"), tag("stage", "prod", "ENVIRONMENT")]
    long_ago = {"firstSeenTms": env.now() - 90 * DAY}
    made(env, {"id": "ENVIRONMENT-0000000000000001", "type": "ENVIRONMENT", "displayName": "environment", **long_ago})
    host = {"type": "HOST", "properties": {"bitness": "64", "osType": "LINUX"}, **long_ago}
    one = made(env, {**host, "id": "HOST-0011223344556677", "displayName": "cart-01", "tags": cart})
    made(env, {**host, "displayName": "cart-02", "tags": [*cart, tag("dc", "eu1")]})
    made(env, {**host, "displayName": "склад-01", "tags": [tag("Name", "stock", "AWS"), tag("os", "linux", auto=True)]})
    silent = {"lastSeenTms": env.now() - 2 * DAY, "tags": [tag("team-cart"), tag("dc", "eu1")]}
    made(env, {**host, "displayName": "cart-old", **silent})
    group = {"type": "PROCESS_GROUP", "displayName": "cart (java)", "tags": cart, "from": {"runsOn": [one["id"]]}}
    owner = made(env, {**group, **long_ago})
    service = {"type": "SERVICE", "from": {"runsOnHost": [one["id"]], "isServiceOf": [owner["id"]]}, **long_ago}
    made(env, {**service, "id": "SERVICE-1A2B3C4D5E6F7081", "displayName": "cart", "tags": cart})
    made(env, {**service, "displayName": "支払い", "tags": [tag("app", "payments", "KUBERNETES")]})
    made(env, {"type": "APPLICATION", "displayName": "shop", "tags": [], "firstSeenTms": env.now() - 10 * DAY})
    made(env, {"type": "KUBERNETES_CLUSTER", "displayName": "eu1", "firstSeenTms": env.now() - HOUR})


def _shown(env: Environment, entity: Obj, fields: frozenset[str]) -> Obj:
    shown: Obj = {"entityId": entity["id"], "type": entity["type"], "displayName": entity["displayName"]}
    for field in OPTIONAL:
        if field in fields:
            shown[field] = entity[field]
    if "lastSeenTms" in fields:
        shown["lastSeenTms"] = last_seen(entity, env.now())
    if "tags" in fields:
        shown["tags"] = [shown_tag(part) for part in entity["tags"]]
    single = [field.removeprefix("properties.") for field in fields if field.startswith("properties.")]
    if single:
        found = {key: entity["properties"][key] for key in single if key in entity["properties"]}
        shown["properties"] = {**shown.get("properties", {}), **found}
    asked = {field.partition(".")[0] for field in fields}
    if "fromRelationships" in asked:
        shown["fromRelationships"] = _stubs(entity["from"])
    if "toRelationships" in asked:
        shown["toRelationships"] = _stubs(_towards(env, entity))
    return shown


def _towards(env: Environment, entity: Obj) -> Obj:
    relations: dict[str, list[str]] = {}
    for other in env.entities:
        for name, idents in other["from"].items():
            if entity["id"] in idents:
                relations.setdefault(name, []).append(other["id"])
    return relations


def _stubs(relations: Obj) -> Obj:
    def stub(ident: str) -> Obj:
        return {"id": ident, "type": ident.rpartition("-")[0]}

    return {name: [stub(ident) for ident in idents] for name, idents in relations.items()}


def _fields(text: str) -> frozenset[str]:
    fields = frozenset(part.strip().removeprefix("+") for part in text.split(",") if part.strip())
    known = (*OPTIONAL, "icon", "fromRelationships", "toRelationships")
    for field in fields:
        if field.partition(".")[0] not in known:
            raise in_query("fields", f"Unknown field '{field}'.")
    return fields


def _sorted(found: list[Obj], text: str) -> list[Obj]:
    if text not in ("name", "+name", "-name"):
        raise in_query("sort", f"Cannot sort by '{text}'.")
    return sorted(found, key=lambda entity: str(entity["displayName"]), reverse=text.startswith("-"))


def page_key(query: Obj) -> str:
    """The key of a following page: opaque, and all that the first page was asked."""
    text = json.dumps(query, sort_keys=True).encode()
    return base64.urlsafe_b64encode(_seal(text) + text).decode().rstrip("=")


def _seal(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=6).digest()


def read_page_key(text: str, parameter: str = "nextPageKey") -> dict[str, Any]:
    """What a key was made of. Raises a refusal for a text that is no key of the sandbox."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) < 6 or _seal(raw[6:]) != raw[:6]:
        raise in_query(parameter, "The page key is invalid or has expired.")
    read: dict[str, Any] = json.loads(raw[6:])
    return read


def asked(call: Call) -> dict[str, Any]:
    """The query of a list: what it says, or what the page key, which stands alone, was made of."""
    if "nextPageKey" not in call.query:
        return dict(call.query)
    if len(call.query) > 1:
        raise in_query("nextPageKey", "The nextPageKey must be the only query parameter.")
    return read_page_key(call.query["nextPageKey"])


def paged(query: dict[str, Any], found: list[Any], size: int) -> tuple[list[Any], Obj]:
    """The items of this page, and the members around them; the last page has no key."""
    start = int(query.get("at", 0))
    around: Obj = {"totalCount": len(found), "pageSize": size}
    if start + size < len(found):
        around["nextPageKey"] = page_key({**query, "at": start + size})
    return found[start : start + size], around


def _list(env: Environment, call: Call) -> Answer:
    query = asked(call)
    if "entitySelector" not in query:
        raise in_query("entitySelector", "The entitySelector must not be null.")
    size = read_size(query.get("pageSize", str(PAGE)), "pageSize", None)  # sheet 10: the most is not stated
    fields = _fields(query.get("fields", ""))
    found = selected(env, query["entitySelector"], read_window(env, query, WINDOW))
    if "sort" in query:
        found = _sorted(found, query["sort"])
    page, around = paged(query, found, size)
    return json_answer(200, {**around, "entities": [_shown(env, entity, fields) for entity in page]})


def _one(env: Environment, call: Call) -> Answer:
    """One entity with all that is known of it."""
    entity = env.entities.get(call.params["id"])
    if entity is None:
        raise Refusal(404, f"Entity {call.params['id']} does not exist")
    return json_answer(200, _shown(env, entity, frozenset((*OPTIONAL, "fromRelationships", "toRelationships"))))


ROUTES: tuple[Route[Environment], ...] = (
    Route("GET", "/api/v2/entities", _list),
    Route("GET", "/api/v2/entities/{id}", _one),
)
