"""Schemas of the made-up Dynatrace: their order, those of one object, older versions, definitions (sheet 6.3, 6.4)."""

from typing import Any

import pytest

from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import (
    NOTIFICATION,
    OBJECTS,
    ORDERED,
    PROFILE,
    SINGLE,
    TAG,
    WINDOW,
    ZONE,
    Environment,
    tag,
    violations,
)

HOST = "HOST-0011223344556677"


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


def enrichment(name: str) -> Any:
    return {"ruleName": name, "endpoint": "https://e.example", "ratio": 1, "sinks": []}


def order(env: Environment) -> list[str]:
    return [item["value"]["ruleName"] for item in env.listed(ORDERED)]


def test_ordered_objects_stand_where_they_are_put(env: Environment) -> None:
    a, b, c = (env.create(ORDERED, enrichment(name)) for name in "abc")
    first = env.create(ORDERED, enrichment("first"), insertAfter="")
    env.create(ORDERED, enrichment("after a"), insertAfter=a)
    assert order(env) == ["first", "a", "after a", "b", "c"]
    env.put(c, enrichment("c"), insertBefore=a)
    assert order(env) == ["first", "c", "a", "after a", "b"]
    env.put(first, enrichment("first"), insertBefore="")
    env.put(b, enrichment("b"), insertAfter="")
    env.put(a, enrichment("a, changed"))
    assert order(env) == ["b", "c", "a, changed", "after a", "first"]
    env("DELETE", f"{OBJECTS}/{b}")
    env.create(ORDERED, enrichment("last"))
    assert order(env) == ["c", "a, changed", "after a", "first", "last"]


def test_a_place_that_cannot_be_is_refused(env: Environment) -> None:
    one = env.create(ORDERED, enrichment("one"))
    elsewhere = env.create(ORDERED, enrichment("host"), scope=HOST)
    unordered = env.create(TAG, tag("team"))
    refused = [
        env.post(TAG, tag("x"), insertAfter=unordered),
        env.post(ORDERED, enrichment("x"), insertAfter=elsewhere),
        env.post(ORDERED, enrichment("x"), insertAfter="nonsense"),
    ]
    assert [(status, items[0]["error"]["message"].split(" with ")[0]) for status, items in refused] == [
        (400, "Setting value cannot be inserted to the specified position"),
        (400, "Neighbor"),
        (404, "Settings not found"),
    ]
    assert env.put(one, enrichment("one"), insertAfter="", insertBefore="")[0] == 400


def test_a_schema_of_one_object_has_it_from_the_start(env: Environment) -> None:
    (item,) = env.listed(SINGLE)
    assert item["value"] == {"enabled": True, "days": 35}
    value = {"enabled": True, "days": 10}
    assert env.post(SINGLE, value)[0] == 400
    assert env.put(item["objectId"], value)[0] == 200
    assert env("DELETE", f"{OBJECTS}/{item['objectId']}")[0] == 400
    env.set(single_post="updates", single_delete="resets")
    assert env.create(SINGLE, {"enabled": False, "days": 7}) == item["objectId"]
    assert env("DELETE", f"{OBJECTS}/{item['objectId']}")[0] == 204
    assert env.listed(SINGLE)[0]["value"]["days"] == 35
    assert env.create(SINGLE, value, scope=HOST) != item["objectId"]


def test_a_schema_of_one_object_may_list_it_only_once_written(env: Environment) -> None:
    (item,) = env.listed(SINGLE)
    env.set(single_listed="written")
    assert env.listed(SINGLE) == []
    assert env("GET", f"{OBJECTS}/{item['objectId']}")[0] == 404
    assert env.create(SINGLE, {"enabled": True, "days": 10}) == item["objectId"]
    assert len(env.listed(SINGLE)) == 1
    assert env.post(SINGLE, {"enabled": True, "days": 11})[0] == 400


def test_effective_values_have_no_ids_and_are_always_there(env: Environment) -> None:
    query = {"schemaIds": f"{SINGLE},{PROFILE}", "scope": "environment"}
    body = env.made("GET", "/api/v2/settings/effectiveValues", **query, fields="origin,value,schemaId")
    assert [item["schemaId"] for item in body["items"]] == [SINGLE, PROFILE, PROFILE]
    assert {item["origin"] for item in body["items"]} == {"environment"}
    assert env("GET", "/api/v2/settings/effectiveValues", schemaIds="builtin:x", scope="environment")[0] == 404
    assert env("GET", "/api/v2/settings/effectiveValues", schemaIds=SINGLE)[0] == 400


def test_schemas_are_listed_and_defined(env: Environment) -> None:
    items = env.made("GET", "/api/v2/settings/schemas")["items"]
    assert {item["schemaId"] for item in items} >= {TAG, PROFILE, NOTIFICATION, WINDOW, ZONE, SINGLE, ORDERED}
    assert set(items[0]) == {"schemaId", "displayName", "latestSchemaVersion"}
    stubs = env.made("GET", "/api/v2/settings/schemas", fields="schemaId,ordered,multiObject")["items"]
    assert {stub["schemaId"] for stub in stubs if stub["ordered"]} == {ORDERED}
    assert {stub["schemaId"] for stub in stubs if not stub["multiObject"]} == {SINGLE}
    full = env.made("GET", f"/api/v2/settings/schemas/{TAG}")
    assert (full["version"], full["maxObjects"], full["allowedScopes"]) == ("1.0.18", 5000, ["environment"])
    assert full["schemaConstraints"][0]["uniqueProperties"] == ["name"]
    assert full["properties"]["rules"]["items"] == {"type": {"$ref": "#/types/Rule"}}
    assert env("GET", "/api/v2/settings/schemas/builtin:x") == (
        404,
        {"error": {"code": 404, "message": "Configuration schema builtin:x does not exist."}},
    )
    assert env("GET", f"/api/v2/settings/schemas/{TAG}", schemaVersion="0.1")[0] == 404


def test_an_older_version_lacks_what_came_later(env: Environment) -> None:
    ident = env.create(TAG, tag("team"), externalId="iac:team")
    env.set(level="1.254")
    assert env("GET", OBJECTS, schemaIds=TAG, externalIds="iac:team")[0] == 400
    assert env("GET", OBJECTS, schemaIds=TAG, fields="modificationInfo")[0] == 400
    assert "modifiedBy" not in env.read(ident)
    assert "schemaConstraints" not in env.made("GET", f"/api/v2/settings/schemas/{TAG}")
    assert env.made("GET", f"/api/v2/settings/schemas/{TAG}")["constraints"][0]["type"] == "UNIQUE"
    kinds = env.made("GET", f"/api/v2/settings/schemas/{TAG}")["enums"]["EntityType"]["items"]
    assert "MULTIPROTOCOL_MONITOR" not in [kind["value"] for kind in kinds]
    assert env("GET", "/api/v2/settings/schemas", fields="schemaId")[0] == 400
    assert env.put(ident, tag("crew"), query={"validateOnly": "true"})[0] == 400
    assert env.post(TAG, tag("x"), objectId=ident, externalId="iac:x")[0] == 400
    assert env("POST", OBJECTS, [{"schemaId": TAG, "value": tag("no scope")}])[0] == 200
    assert "required NonNull of schema" in violations(env.post(TAG, {"name": "x"})[1][0])[0][1]


def test_an_older_version_may_do_what_it_was_asked_without_what_it_does_not_know(env: Environment) -> None:
    ident = env.create(TAG, tag("team"))
    env.set(level="1.254", unknown="ignored")
    assert len(env.listed(TAG, externalIds="iac:none")) == 1
    assert env.put(ident, tag("really written"), query={"validateOnly": "true"})[0] == 200
    assert env.listed(TAG, fields="value,modifiedBy") == [{"value": tag("really written")}]
    assert env.create(TAG, tag("new"), objectId=ident, externalId="iac:x") != ident
    assert env("DELETE", f"{OBJECTS}/{ident}", validateOnly="true")[0] == 204
