"""All settings schemas of the sandbox, and the paths that tell of them (sheet 6.1)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace import alerting_schemas, notification_schemas, tagging_schemas
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_query
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

SCHEMAS: dict[str, Definition] = {
    definition.ident: definition
    for family in (tagging_schemas, alerting_schemas, notification_schemas)
    for definition in family.DEFINITIONS
}
STUB = ("schemaId", "displayName", "latestSchemaVersion")
NEWER_STUB = (*STUB, "multiObject", "ordered", "maturity")


def _stub(definition: Definition) -> Obj:
    full = {"schemaId": definition.ident, "displayName": definition.title, "latestSchemaVersion": definition.version}
    newer = {"multiObject": definition.multi, "ordered": definition.ordered, "maturity": "GENERAL_AVAILABILITY"}
    return {**full, **newer}


def _list(env: Environment, call: Call) -> Answer:
    fields: tuple[str, ...] = STUB
    if "fields" in call.query and env.current:
        fields = tuple(part for part in call.query["fields"].split(",") if part)
        if set(fields) - set(NEWER_STUB):
            raise in_query("fields", "Unknown field.")
    elif call.query and env.settings.unknown == "refused":
        raise in_query(min(call.query), "Unknown parameter.")
    stubs = [_stub(definition) for definition in SCHEMAS.values()]
    items = [{field: stub[field] for field in fields} for stub in stubs]
    return json_answer(200, {"items": items, "totalCount": len(items)})


def _one(env: Environment, call: Call) -> Answer:
    definition = SCHEMAS.get(call.params["id"])
    if definition is None:
        raise unknown_schema(call.params["id"])
    if call.query.get("schemaVersion") not in (None, definition.version):
        raise Refusal(404, f"Configuration schema {definition.ident} has no version {call.query['schemaVersion']}.")
    return json_answer(200, definition.shown(env.current))


def unknown_schema(ident: str) -> Refusal:
    return Refusal(404, f"Configuration schema {ident} does not exist.")


ROUTES: tuple[Route[Environment], ...] = (
    Route("GET", "/api/v2/settings/schemas", _list),
    Route("GET", "/api/v2/settings/schemas/{id}", _one),
)
