"""Reading settings objects: lists, one, effective values (sheet 6.2)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.alerting_schemas import DEFAULT, PROFILES
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.entities import asked, paged
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_query
from reconciler.sandbox.dynatrace.filters import compared, ordered_by
from reconciler.sandbox.dynatrace.instant import read_size
from reconciler.sandbox.dynatrace.object_id import update_token
from reconciler.sandbox.dynatrace.schemas import SCHEMAS, unknown_schema
from reconciler.sandbox.dynatrace.secrecy import masked
from reconciler.sandbox.dynatrace.validation import shuffled
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

PAGE, MOST = 100, 500
LONGEST_FILTER = 1024
OLDER_FIELDS = (
    "objectId",
    "summary",
    "created",
    "modified",
    "author",
    "updateToken",
    "scope",
    "schemaId",
    "schemaVersion",
    "value",
    "externalId",
)
NEWER_FIELDS = (
    *OLDER_FIELDS,
    "searchSummary",
    "createdBy",
    "modifiedBy",
    "modificationInfo",
    "resourceContext",
    "owner",
)
OLDER_SINGLE = tuple(field for field in OLDER_FIELDS if field != "externalId")
MAKER = "dynatrace"  # author of what is there from the start
DEFAULT_FIELDS = ("objectId", "value")
EFFECTIVE = ("origin", "value")
OLDER_QUERY = ("schemaIds", "scopes", "fields", "nextPageKey", "pageSize")
NEWER_QUERY = (*OLDER_QUERY, "externalIds", "filter", "sort", "adminAccess")


def is_protected(obj: Obj) -> bool:
    """One of the two profiles that are there from the start, whatever others are called."""
    return bool(obj["schema"] == PROFILES.ident and obj["creator"] == MAKER)


def _value(env: Environment, definition: Definition, obj: Obj) -> Obj:
    """The value as read; worked out once for each write of the object."""
    stamp = f"{obj['revision']}/{env.settings.mask}"
    known, value = env.shown.get(obj["id"], ("", {}))
    if known != stamp:
        value = shuffled(env, definition, masked(env, definition, obj["value"]), obj["revision"])
        env.shown[obj["id"]] = (stamp, value)
    return value


def _modifications(definition: Definition, obj: Obj) -> Obj:
    """What can be changed; the name of the default profile cannot."""
    fixed = ["name"] if is_protected(obj) and obj["value"]["name"] == DEFAULT else []
    around = {"movable": definition.ordered, "first": obj["rank"] == 0, "modifiablePaths": []}
    return {**around, "nonModifiablePaths": fixed}


def _modification_info(definition: Definition, obj: Obj) -> Obj:
    """The deprecated form of what `resourceContext` says."""
    deletable = definition.multi and not is_protected(obj)
    return {"deletable": deletable, "modifiable": True, **_modifications(definition, obj)}


def _resource_context(definition: Definition, obj: Obj) -> Obj:
    deletable = definition.multi and not is_protected(obj)
    operations = ["read", "write", *(["delete"] if deletable else [])]
    return {"operations": operations, "modifications": _modifications(definition, obj)}


STORED = {
    "objectId": "id",
    "created": "created",
    "modified": "modified",
    "createdBy": "creator",
    "modifiedBy": "author",
    "author": "author",
    "scope": "scope",
    "schemaId": "schema",
    "externalId": "externalId",
}


def _field(env: Environment, definition: Definition, obj: Obj, field: str) -> Any:
    match field:
        case "value":
            return _value(env, definition, obj)
        case "summary" | "searchSummary":
            return definition.called(obj["value"])
        case "updateToken":
            return update_token(obj["key"], obj["revision"])
        case "schemaVersion":
            return definition.version
        case "modificationInfo":
            return _modification_info(definition, obj)
        case "resourceContext":
            return _resource_context(definition, obj)
    return obj[STORED[field]] if field in STORED else None


def shown(env: Environment, obj: Obj, fields: tuple[str, ...]) -> Obj:
    """The object with the fields asked for; what it does not have is left out."""
    definition = SCHEMAS[obj["schema"]]
    pairs = ((field, _field(env, definition, obj, field)) for field in fields)
    return {field: part for field, part in pairs if part is not None}


def present(env: Environment, obj: Obj | None) -> bool:
    """Whether the API knows the object: one of a single-object schema may be there only once it was written."""
    if obj is None:
        return False
    return not (obj["pristine"] and env.settings.single_listed == "written")


def in_order(env: Environment, schema: str) -> list[Obj]:
    """A schema's objects: in their own order where it has one, else oldest first."""
    found = [obj for obj in env.objects.named(schema) if present(env, obj)]
    return sorted(found, key=lambda obj: int(obj["rank"])) if SCHEMAS[schema].ordered else found


def _query(env: Environment, call: Call) -> dict[str, Any]:
    query = asked(call)
    known = NEWER_QUERY if env.current else OLDER_QUERY
    stray = set(query) - {*known, "at"}
    if stray and env.settings.unknown == "refused":
        raise in_query(min(stray), "Unknown parameter.")
    query = {key: part for key, part in query.items() if key not in stray}
    if not query.get("schemaIds") and not query.get("scopes"):
        raise in_query("schemaIds", "One of schemaIds and scopes must be set.")
    return query


def chosen_fields(env: Environment, text: str | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    if not text:
        return otherwise
    fields = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    known = NEWER_FIELDS if env.current else OLDER_FIELDS
    stray = [field for field in fields if field not in known]
    if stray and env.settings.unknown == "refused":
        raise in_query("fields", f"Unknown field '{stray[0]}'.")
    return tuple(field for field in fields if field in known)


def _found(env: Environment, query: dict[str, Any]) -> list[Obj]:
    schemas = [part for part in query.get("schemaIds", "").split(",") if part]
    scopes = [part for part in query.get("scopes", "").split(",") if part]
    for schema in schemas:
        if schema not in SCHEMAS:
            raise unknown_schema(schema)
    for scope in scopes:
        if scope != "environment" and scope not in env.entities:
            raise Refusal(404, f"Scope {scope} does not exist.")
    marks = query.get("externalIds", "").split(",") if query.get("externalIds") else []
    found = [obj for schema in schemas or SCHEMAS for obj in in_order(env, schema)]
    return [
        obj for obj in found if (not scopes or obj["scope"] in scopes) and (not marks or obj["externalId"] in marks)
    ]


def _list(env: Environment, call: Call) -> Answer:
    query = _query(env, call)
    size = read_size(query.get("pageSize", str(PAGE)), "pageSize", MOST)
    fields = chosen_fields(env, query.get("fields"), DEFAULT_FIELDS)
    found = _found(env, query)
    if "filter" in query:
        if len(query["filter"]) > LONGEST_FILTER:
            raise in_query("filter", f"must have at most {LONGEST_FILTER} characters")
        compared(query["filter"], {}, fields)  # a filter that cannot be read is refused where there is nothing, too
        found = [obj for obj in found if compared(query["filter"], shown(env, obj, fields), fields)]
    if "sort" in query:
        found = ordered_by(query["sort"], [(obj, shown(env, obj, fields)) for obj in found], fields)
    page, around = paged(query, found, size)
    if _is_late(env, call):
        return json_answer(200, {"items": [], **around, "nextPageKey": call.query["nextPageKey"]})
    listed = [shown(env, obj, fields) for obj in env.lag.listed(page)]
    return json_answer(200, {"items": listed, **around})


def _is_late(env: Environment, call: Call) -> bool:
    """A following page may be empty for a while; the same key then has to be asked again (sheet 9.14)."""
    key = call.query.get("nextPageKey")
    if key is None or env.pages.get(key, 0) >= env.settings.empty_pages:
        return False
    env.pages[key] = env.pages.get(key, 0) + 1
    return True


def found_object(env: Environment, ident: str) -> Obj:
    obj = env.objects.get(ident)
    if obj is None or not present(env, obj):
        raise Refusal(404, "Settings not found")
    return obj


def _one(env: Environment, call: Call) -> Answer:
    obj = found_object(env, call.params["id"])
    return json_answer(200, shown(env, obj, NEWER_FIELDS if env.current else OLDER_SINGLE))


def _effective(env: Environment, call: Call) -> Answer:
    """What holds in a scope: always a result, with no object ids; a schema that holds one object has its defaults."""
    schemas = [part for part in call.query.get("schemaIds", "").split(",") if part]
    scope = call.query.get("scope", "")
    if not schemas or not scope:
        raise in_query("scope" if schemas else "schemaIds", "must not be null")
    fields = tuple(call.query["fields"].split(",")) if "fields" in call.query else EFFECTIVE
    items = []
    for schema in schemas:
        if schema not in SCHEMAS:
            raise unknown_schema(schema)
        own = [obj for obj in env.objects.named(schema) if obj["scope"] == scope]
        objs = own or [obj for obj in env.objects.named(schema) if obj["scope"] == "environment"]
        for obj in objs:
            full = {**shown(env, obj, tuple(set(NEWER_FIELDS) - {"objectId"})), "origin": obj["scope"]}
            items.append({field: full[field] for field in fields if field in full})
    return json_answer(200, {"items": items, "totalCount": len(items), "pageSize": PAGE})


ROUTES: tuple[Route[Environment], ...] = (
    Route("GET", "/api/v2/settings/objects", _list),
    Route("GET", "/api/v2/settings/objects/{id}", _one),
    Route("GET", "/api/v2/settings/effectiveValues", _effective),
)
