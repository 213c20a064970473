"""POST, PUT and DELETE of settings objects on the wire: batches, per-item answers, dry runs (sheet 6.1, 6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_body, in_query
from reconciler.sandbox.dynatrace.objects import found_object
from reconciler.sandbox.dynatrace.positions import Position
from reconciler.sandbox.dynatrace.schemas import SCHEMAS
from reconciler.sandbox.dynatrace.writes import (
    LONGEST_EXTERNAL_ID,
    Write,
    deleted,
    held,
    scope_of,
    unknown_item,
    written,
)
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

OLDER_CREATE = ("schemaId", "scope", "value", "schemaVersion", "externalId", "insertAfter")
NEWER_CREATE = (*OLDER_CREATE, "objectId")
UPDATE = ("value", "schemaVersion", "updateToken", "insertAfter", "insertBefore")
OLDER_QUERIES = {"POST": ("validateOnly",), "PUT": (), "DELETE": ("updateToken",)}
NEWER_QUERIES = {
    "POST": ("validateOnly", "adminAccess"),
    "PUT": ("validateOnly", "adminAccess"),
    "DELETE": ("updateToken", "adminAccess"),
}


def _dry(env: Environment, call: Call) -> bool:
    """Whether only to validate. A version that does not know the parameter refuses it, or writes all the same."""
    method = call.request.method
    known: tuple[str, ...] = (NEWER_QUERIES if env.current else OLDER_QUERIES)[method]
    stray = set(call.query) - set(known)
    if stray and env.settings.unknown == "refused":
        raise in_query(min(stray), "Unknown parameter.")
    wanted = call.query.get("validateOnly", "false")
    if wanted not in ("true", "false"):
        raise in_query("validateOnly", "must be true or false")
    return wanted == "true" and "validateOnly" in known


def _known(env: Environment, body: Any, fields: tuple[str, ...], required: tuple[str, ...]) -> Obj:
    """The fields of a body that this version knows, without nulls."""
    if not isinstance(body, dict):
        raise in_body("", "must be an object")
    stray = set(body) - set(fields)
    if stray and env.settings.unknown == "refused":
        raise in_body(min(stray), "Unknown field")
    given = {key: part for key, part in body.items() if key in fields and part is not None}
    for name in required:
        if name not in given:
            raise in_body(name, "must not be null")
    for name, part in given.items():
        if name != "value" and not isinstance(part, str):
            raise in_body(name, "must be a string")
    return given


def _post(env: Environment, call: Call) -> Answer:
    dry = _dry(env, call)
    if not isinstance(call.body, list):
        raise in_body("", "must be an array")
    items = [_item(env, body, index, dry, call.caller.ident) for index, body in enumerate(call.body)]
    codes = {item["code"] for item in items}
    return json_answer(codes.pop() if len(codes) == 1 else 207 if codes else 200, items)


def _item(env: Environment, body: Any, index: int, dry: bool, author: str) -> Obj:
    """One item by itself: what is wrong with it says nothing of the others."""
    try:
        obj = written(env, _create(env, body, index, dry, author))
    except Refusal as refusal:
        return _failed(refusal, body)
    return {"code": 200, **({"objectId": obj["id"]} if obj else {})}


def _failed(refusal: Refusal, body: Any) -> Obj:
    value = body.get("value") if isinstance(body, dict) else None
    return {"code": refusal.status, "error": refusal.error(), "invalidValue": value if value is not None else {}}


def _create(env: Environment, body: Any, index: int, dry: bool, author: str) -> Write:
    required = ("schemaId", "scope", "value") if env.current else ("schemaId", "value")
    given = _known(env, body, NEWER_CREATE if env.current else OLDER_CREATE, required)
    definition = SCHEMAS.get(given["schemaId"])
    if definition is None:
        raise unknown_item(given["schemaId"])
    scope = given.get("scope", "environment")
    scope_of(env, definition, scope)
    if len(given.get("externalId", "")) > LONGEST_EXTERNAL_ID:
        raise in_body("externalId", f"must have at most {LONGEST_EXTERNAL_ID} characters")
    before = _replaced(env, definition, scope, given)
    external_id = given.get("externalId", before["externalId"] if before else None)
    place = Position(given.get("insertAfter"))
    return Write(
        definition,
        scope,
        given["value"],
        index,
        before,
        external_id,
        by_post=True,
        author=author,
        position=place,
        dry=dry,
    )


def _replaced(env: Environment, definition: Definition, scope: str, given: Mapping[str, Any]) -> Obj | None:
    """The object a POST replaces: by external id, by object id with one, or the only one of its schema."""
    marked = _marked(env, definition, scope, given.get("externalId"))
    if "objectId" in given:
        if "externalId" not in given:
            raise in_body("objectId", "must be sent together with an externalId")
        obj = found_object(env, given["objectId"])
        if (obj["schema"], obj["scope"]) != (definition.ident, scope):
            raise in_body("objectId", "is of another schema or scope")
        if marked and marked["id"] != obj["id"]:
            raise in_body("externalId", "is the one of another object")
        return obj
    if marked or definition.multi:
        return marked
    single = next((obj for obj in env.objects.named(definition.ident) if obj["scope"] == scope), None)
    unborn = single is None or (single["pristine"] and env.settings.single_listed == "written")
    if not unborn and env.settings.single_post == "refused":
        raise Refusal(400, f"There is only one object of {definition.ident}; update it instead")
    return single


def _marked(env: Environment, definition: Definition, scope: str, external_id: str | None) -> Obj | None:
    """The bearer of the external id in the scope; whether another schema's counts is unconfirmed (sheet 10)."""
    if external_id is None:
        return None
    bearers = env.objects.marked(scope, external_id)
    for obj in bearers:
        if obj["schema"] == definition.ident:
            return obj
    if bearers and env.settings.external_ids == "across":
        raise Refusal(409, f"The externalId is the one of an object of {bearers[0]['schema']}")
    return None


def _put(env: Environment, call: Call) -> Answer:
    dry = _dry(env, call)
    try:
        obj = found_object(env, call.params["id"])
        given = _known(env, call.body, UPDATE, ("value",))
        held(env, obj, given.get("updateToken"))
        kept = obj["externalId"] if env.settings.external_id_on_put == "kept" else None
        write = Write(
            SCHEMAS[obj["schema"]],
            obj["scope"],
            given["value"],
            0,
            obj,
            kept,
            by_post=False,
            author=call.caller.ident,
            position=Position(given.get("insertAfter"), given.get("insertBefore")),
            dry=dry,
        )
        after = written(env, write)
    except Refusal as refusal:
        return json_answer(refusal.status, _failed(refusal, call.body))
    return json_answer(200, {"code": 200, **({"objectId": after["id"]} if after else {})})


def _delete(env: Environment, call: Call) -> Answer:
    """A `validateOnly` this verb does not know is refused, or ignored: then it deletes (sheet 10)."""
    _dry(env, call)
    try:
        obj = found_object(env, call.params["id"])
        held(env, obj, call.query.get("updateToken"))
        deleted(env, obj)
    except Refusal as refusal:
        return json_answer(refusal.status, {"code": refusal.status, "error": refusal.error()})
    return Answer(204)


ROUTES: tuple[Route[Environment], ...] = (
    Route("POST", "/api/v2/settings/objects", _post),
    Route("PUT", "/api/v2/settings/objects/{id}", _put),
    Route("DELETE", "/api/v2/settings/objects/{id}", _delete),
)
