"""The made-up Dynatrace around its objects: sign-in, base paths, entities, custom tags, edits, filling (sheet 1, 4)."""

import copy
import json
from typing import Any

import pytest

from reconciler.sandbox.dynatrace.selector import UNTYPED
from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.dynatrace_caller import (
    IDENT,
    NOTIFICATION,
    OBJECTS,
    PROFILE,
    SINGLE,
    TAG,
    TOKEN,
    WINDOW,
    ZONE,
    Environment,
    tag,
    violations,
)

HOST = "HOST-0011223344556677"
TAGS, ENTITIES, EVENTS = "/api/v2/tags", "/api/v2/entities", "/api/v1/events"
CART = 'type(HOST),tag("team-cart")'
WIDE = {"from": "now-3y", "to": "now"}


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


@pytest.mark.parametrize("base", ["/dynatrace", "/dynatrace/e/6f2c", "/dynatrace@onprem/e/6f2c"])
def test_every_form_of_address_reaches_an_environment(base: str) -> None:
    there = Environment.of(Sandbox(), base=base)
    assert there("GET", ENTITIES, entitySelector="type(HOST)")[0] == 200


@pytest.mark.parametrize("base", ["/dynatrace/e", "/dynatrace/e/wrong-id", "/dynatrace/x", "/dynatrace/e/a/e/b"])
def test_no_environment_is_at_another_address(base: str) -> None:
    status, said = Environment.of(Sandbox(), base=base)("GET", ENTITIES, entitySelector="type(HOST)")
    assert (status, said["error"]["code"]) == (404, 404)


def test_a_known_path_with_another_verb_and_a_body_that_is_no_json(env: Environment) -> None:
    assert env("PATCH", ENTITIES)[0] == 405
    garbled = Request("POST", f"/dynatrace{OBJECTS}", (), env.headers, b"[{")
    assert env.world.handle(garbled).status == 400
    assert env("POST", OBJECTS, "x" * 1_000_001)[0] == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": f"Api-Token {TOKEN}"}, 200),
        ({"authorization": "Api-Token any-text"}, 200),
        ({"authorization": f"Bearer {TOKEN}"}, 401),
        ({"authorization": "Api-Token"}, 401),
        ({"authorization": "Api-Token a-wrong-one"}, 401),
        ({}, 401),
    ],
)
def test_only_an_api_token_signs_in(headers: dict[str, str], status: int) -> None:
    got, said = Caller(Sandbox(), "/dynatrace", headers)("GET", OBJECTS, schemaIds=TAG)
    assert got == status
    assert status == 200 or said["error"]["code"] == 401


def test_a_token_in_the_query_signs_in_too() -> None:
    asked = {"schemaIds": TAG, "api-token": TOKEN}
    assert Caller(Sandbox(), "/dynatrace", {})("GET", OBJECTS, **asked)[0] == 200


SCOPES: list[tuple[str, str, str, int]] = [
    ("DataExport", "GET", EVENTS, 401),
    ("DataExport", "POST", EVENTS, 401),
    ("DataExport", "GET", f"{EVENTS}/1_1", 401),
    ("events.ingest", "POST", "/api/v2/events/ingest", 401),
    ("events.read", "GET", "/api/v2/events", 401),
    ("events.read", "GET", "/api/v2/eventTypes", 401),
    ("entities.read", "GET", TAGS, 401),
    ("entities.read", "GET", ENTITIES, 401),
    ("entities.write", "POST", TAGS, 401),
    ("entities.write", "DELETE", TAGS, 401),
    ("settings.read", "GET", OBJECTS, 403),
    ("settings.read", "GET", "/api/v2/settings/schemas", 403),
    ("settings.read", "GET", "/api/v2/settings/effectiveValues", 403),
    ("settings.write", "POST", OBJECTS, 403),
    ("settings.write", "DELETE", f"{OBJECTS}/x", 403),
    ("settings.write", "PUT", f"{OBJECTS}/x", 403),
    ("settings.read", "PUT", f"{OBJECTS}/x", 403),
]


@pytest.mark.parametrize(("scope", "method", "path", "status"), SCOPES)
def test_a_missing_scope_is_named(env: Environment, scope: str, method: str, path: str, status: int) -> None:
    env.set(lacking=scope)
    got, said = env(method, path)
    assert (got, f"Use one of: {scope} (" in said["error"]["message"]) == (status, True)
    env.set(insufficient="403")
    assert env(method, path)[0] == 403
    env.set(lacking="nothing")
    assert env(method, path)[0] not in (401, 403)


def test_a_reading_token_reads_and_a_token_tells_what_it_may(env: Environment) -> None:
    reader = Environment.of(env.world, "a-readonly-token")
    assert reader("GET", OBJECTS, schemaIds=TAG)[0] == 200
    assert reader.post(TAG, tag("team"))[0] == 403
    shown = env.made("POST", "/api/v2/apiTokens/lookup", {"token": TOKEN})
    assert (shown["id"], "settings.write" in shown["scopes"]) == (IDENT, True)
    reading = env.made("POST", "/api/v2/apiTokens/lookup", {"token": "a-readonly-token"})
    assert "settings.write" not in reading["scopes"]
    assert "a-readonly-token" not in json.dumps(reading)
    assert env("POST", "/api/v2/apiTokens/lookup", {"token": "wrong"})[0] == 404
    assert env("POST", "/api/v2/apiTokens/lookup", {})[0] == 400


@pytest.mark.parametrize(("form", "digits"), [("absent", None), ("microseconds", 16), ("seconds", 10)])
def test_the_limits_of_calls_come_in_the_form_that_is_set(env: Environment, form: str, digits: int | None) -> None:
    env.set(rate_headers=form, retry_after=7 if digits else 0)
    fine = env.answer("GET", OBJECTS, schemaIds=TAG).headers
    late = env.world.vendors["dynatrace"].throttled()
    assert (late.status, late.headers.get("retry-after")) == (429, "7" if digits else None)
    for headers in (fine, late.headers):
        reset = headers.get("x-ratelimit-reset")
        assert (len(reset) if reset else None) == digits


SELECTED: list[tuple[str, list[str]]] = [
    ("type(HOST)", ["cart-01", "cart-02", "склад-01"]),
    ('type("HOST"),tag("dc:eu1")', ["cart-02"]),
    (CART, ["cart-01", "cart-02"]),
    ('type(HOST),tag("[KUBERNETES]app:cart")', ["cart-01", "cart-02"]),
    ('type(HOST),tag("[Environment]stage:prod","[AWS]Name:stock")', ["cart-01", "cart-02", "склад-01"]),
    ('type(HOST),tag("team-cart"),tag("dc:eu1")', ["cart-02"]),
    ('type(HOST),tag("dc")', []),
    ('type(HOST),tag("Team-cart")', []),
    (f'entityId("{HOST}")', ["cart-01"]),
    ('type(HOST),entityName("CART")', ["cart-01", "cart-02"]),
    ('type(HOST),entityName.equals("Cart-01")', ["cart-01"]),
    ('type(HOST),entityName.startsWith("скл")', ["склад-01"]),
    ('type(HOST),entityName.in("cart-01","cart-02")', ["cart-01", "cart-02"]),
    ('type(HOST),caseSensitive(entityName("CART"))', []),
    ('type(HOST),not(tag("team-cart"))', ["склад-01"]),
    ('type(HOST),bitness("64"),osType.exists()', ["cart-01", "cart-02", "склад-01"]),
    ('type(HOST),healthState("HEALTHY"),entityName("cart-02")', ["cart-02"]),
    ("type(KUBERNETES_CLUSTER),firstSeenTms.gte(now-2h)", ["eu1"]),
    ("type(KUBERNETES_CLUSTER),firstSeenTms.lt(now-2h)", []),
    ('type(SERVICE),fromRelationships.runsOnHost(type(HOST),tag("team-cart"))', ["cart", "支払い"]),
    ('type(HOST),toRelationship.runsOnHost(type(SERVICE),entityName("cart"))', ["cart-01"]),
    ('type(PROCESS_GROUP),entityName("(java")', ["cart (java)"]),
    ("type(HOST),mzName(cart)", []),
    ("type(HOST),deletedEntities.include()", ["cart-01", "cart-02", "склад-01"]),
]


@pytest.mark.parametrize(("selector", "names"), SELECTED)
def test_an_entity_selector_selects(env: Environment, selector: str, names: list[str]) -> None:
    query = {"entitySelector": selector, "from": "now-24h", "sort": "name"}
    found = env.made("GET", ENTITIES, **query)["entities"]
    assert [entity["displayName"] for entity in found] == names


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ('tag("team-cart")', UNTYPED),
        ('type(HOST),toRelationships.runsOnHost(tag("x"))', UNTYPED),
        ("type(HOST),type(SERVICE)", "exactly one"),
        (f'entityId("{HOST}","SERVICE-0000000000000001")', "exactly one"),
        ("type(HOST", "do not match"),
        ('type(HOST),tag("x)', "do not match"),
        ("type(HOST),cart", "cannot be read"),
        ("type(HOST),tag()", "names nothing"),
        ("type(HOST),not(type(SERVICE))", "negate"),
        ('type(HOST),entityName.like("x")', "no entityName.like"),
        ("type(HOST),firstSeenTms.eq(1)", "no firstSeenTms.eq"),
        ("type(HOST),firstSeenTms.gte(soon)", "not valid"),
        ("type(HOST)" + " " * 2000, "at most 2000"),
    ],
)
def test_a_selector_that_is_none_is_refused(env: Environment, selector: str, said: str) -> None:
    for path in (ENTITIES, TAGS):
        status, body = env("GET", path, entitySelector=selector)
        assert (status, body["error"]["message"]) == (400, "Constraints violated.")
        (violation,) = body["error"]["constraintViolations"]
        assert (violation["path"], violation["parameterLocation"]) == ("entitySelector", "QUERY")
        assert said in violation["message"]


def test_entities_are_shown_with_what_is_asked_and_in_pages(env: Environment) -> None:
    found = env.made("GET", ENTITIES, entitySelector=CART, pageSize="1", sort="-name", fields="+tags,+lastSeenTms")
    (one,) = found["entities"]
    assert set(one) == {"entityId", "type", "displayName", "tags", "lastSeenTms"}
    assert one["tags"][1] == {"context": "CONTEXTLESS", "key": "dc", "value": "eu1", "stringRepresentation": "dc:eu1"}
    rest = env.made("GET", ENTITIES, nextPageKey=found["nextPageKey"])
    names = [one["displayName"], *(entity["displayName"] for entity in rest["entities"])]
    assert (found["totalCount"], names, "nextPageKey" in rest) == (3, ["cart-old", "cart-02"], True)
    assert env("GET", ENTITIES, nextPageKey=found["nextPageKey"], fields="+tags")[0] == 400
    shown = env.made("GET", ENTITIES, entitySelector=f'entityId("{HOST}")', fields="toRelationships,properties.bitness")
    assert shown["entities"][0]["properties"] == {"bitness": "64"}
    assert {part["type"] for part in shown["entities"][0]["toRelationships"]["runsOnHost"]} == {"SERVICE"}
    whole = env.made("GET", f"{ENTITIES}/{HOST}")
    assert (whole["displayName"], whole["firstSeenTms"] < whole["lastSeenTms"]) == ("cart-01", True)
    assert env("GET", f"{ENTITIES}/HOST-0")[0] == 404


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"entitySelector": CART, "fields": "+colour"},
        {"entitySelector": CART, "sort": "type"},
        {"entitySelector": CART, "pageSize": "none"},
        {"entitySelector": CART, "from": "yesterday"},
        {"entitySelector": CART, "from": "now", "to": "now-1h"},
    ],
)
def test_a_wrong_question_for_entities_is_refused(env: Environment, query: dict[str, str]) -> None:
    assert env("GET", ENTITIES, **query)[0] == 400


def test_a_key_alone_may_select_tags_with_values(env: Environment) -> None:
    env.set(bare_tags="any_value")
    assert env.made("GET", ENTITIES, entitySelector='type(HOST),tag("dc")')["totalCount"] == 2


def test_the_window_decides_who_is_seen(env: Environment) -> None:
    windows = [{"from": "now-24h"}, {}, WIDE, {"from": "2026-01-03T00:00:00Z"}, {"from": "now-3y", "to": "now-2y"}]
    counts = [env.made("GET", ENTITIES, entitySelector=CART, **query)["totalCount"] for query in windows]
    assert counts == [2, 3, 3, 3, 0]
    assert env.made("POST", TAGS, {"tags": [{"key": "a"}]}, entitySelector=CART)["matchedEntitiesCount"] == 2
    assert env.made("POST", TAGS, {"tags": [{"key": "a"}]}, entitySelector=CART, **WIDE)["matchedEntitiesCount"] == 3


def keys(env: Environment, selector: str = CART) -> set[str]:
    return {part["stringRepresentation"] for part in env.made("GET", TAGS, entitySelector=selector)["tags"]}


def test_custom_tags_are_a_union_without_those_of_rules_and_imports(env: Environment) -> None:
    assert keys(env, "type(HOST)") == {"team-cart", "dc:eu1"}
    assert env.made("GET", TAGS, entitySelector="type(HOST)")["totalCount"] == 2


def test_tags_are_added_once_and_taken_away_one_by_one(env: Environment) -> None:
    body = {"tags": [{"key": "owner", "value": "cart"}, {"key": "owner", "value": "shop"}, {"key": "pci"}]}
    for _ in range(2):
        added = env.made("POST", TAGS, body, entitySelector=CART)
    assert (added["matchedEntitiesCount"], [part["stringRepresentation"] for part in added["appliedTags"]]) == (
        2,
        ["owner:cart", "owner:shop", "pci"],
    )
    assert added["appliedTags"][2] == {"context": "CONTEXTLESS", "key": "pci", "stringRepresentation": "pci"}
    assert keys(env) == {"team-cart", "dc:eu1", "owner:cart", "owner:shop", "pci"}
    gone = env.made("DELETE", TAGS, entitySelector=f'entityId("{HOST}")', key="owner", value="cart")
    assert (gone, "owner:cart" in keys(env)) == ({"matchedEntitiesCount": 1}, True)
    env.made("DELETE", TAGS, entitySelector=CART, key="owner")
    assert {"owner:cart", "owner:shop"} <= keys(env)
    env.made("DELETE", TAGS, entitySelector=CART, key="owner", deleteAllWithKey="true")
    assert keys(env) == {"team-cart", "dc:eu1", "pci"}


def test_a_tag_of_a_rule_or_an_import_stays(env: Environment) -> None:
    for key in ("os", "Name"):
        env.made("DELETE", TAGS, entitySelector="type(HOST)", key=key, deleteAllWithKey="true")
    shown = env.made("GET", ENTITIES, entitySelector='type(HOST),entityName("склад")', fields="tags")
    assert {part["stringRepresentation"] for part in shown["entities"][0]["tags"]} == {"[AWS]Name:stock", "os:linux"}


def test_a_selector_that_matches_nothing_is_no_error(env: Environment) -> None:
    nobody = 'type(HOST),tag("none")'
    answered = env("POST", TAGS, {"tags": [{"key": "a"}]}, entitySelector=nobody)
    assert answered == (200, {"matchedEntitiesCount": 0, "appliedTags": []})
    assert env("DELETE", TAGS, entitySelector=nobody, key="a") == (200, {"matchedEntitiesCount": 0})


@pytest.mark.parametrize(
    ("method", "body", "query"),
    [
        ("GET", None, {}),
        ("POST", {"tags": [{"key": "a"}]}, {}),
        ("POST", {"tags": []}, {"entitySelector": CART}),
        ("POST", {"tags": [{"value": "a"}]}, {"entitySelector": CART}),
        ("POST", {"tags": [{"key": "a", "value": 3}]}, {"entitySelector": CART}),
        ("POST", {"tags": [{"key": "a", "context": "AWS"}]}, {"entitySelector": CART}),
        ("POST", [], {"entitySelector": CART}),
        ("POST", {"tags": [{"key": str(at)} for at in range(1000)]}, {"entitySelector": CART}),
        ("DELETE", None, {"entitySelector": CART}),
        ("DELETE", None, {"entitySelector": CART, "key": "a", "deleteAllWithKey": "maybe"}),
    ],
)
def test_a_wrong_call_for_tags_changes_nothing(env: Environment, method: str, body: Any, query: Any) -> None:
    before = keys(env)
    assert env(method, TAGS, body, **query)[0] == 400
    assert keys(env) == before


def test_a_person_edits_settings_by_their_names(env: Environment) -> None:
    env.edit("management-zones/корзина", {"rules": []})
    env.edit("alerting-profiles/cart", {"managementZone": "корзина"})
    made = env.edit("notifications/дежурный", {"type": "WEBHOOK", "webHookNotification": {"url": "https://h.example"}})
    assert made["webHookNotification"]["notifyClosedProblems"] is True
    changed = env.edit("notifications/дежурный", {"alertingProfile": "cart", "enabled": False})
    assert (changed["objectId"], changed["enabled"]) == (made["objectId"], False)
    part = {"apiKey": "very-secret", "domain": "api.opsgenie.com"}
    shown = env.edit("notifications/og", {"type": "OPS_GENIE", "opsGenieNotification": part})
    assert "very-secret" not in json.dumps(shown)
    window = {"schedule": {"scheduleType": "DAILY", "dailyRecurrence": {"timeWindow": {}, "recurrenceRange": {}}}}
    with pytest.raises(AssertionError, match="Must not be null"):
        env.edit("maintenance-windows/night", window)
    once = {"startTime": "2026-01-05T22:00:00", "endTime": "2026-01-05T23:00:00"}
    night = env.edit("maintenance-windows/night", {"schedule": {"onceRecurrence": once}})
    assert night["generalProperties"]["name"] == "night"
    assert env.edit(f"settings/{SINGLE}/environment", {"days": 9})["days"] == 9
    for path in ("maintenance-windows/night", "notifications/og"):
        assert env.edit(path, None) is None
    assert env.listed(WINDOW) == []


def test_an_edit_keeps_the_mark_and_is_signed_by_a_person(env: Environment) -> None:
    ident = env.create(TAG, tag("team"), externalId="iac:team")
    env.edit("auto-tags/team", {"description": "by hand"})
    read = env.read(ident)
    assert (read["externalId"], read["author"], read["createdBy"]) == ("iac:team", "ann", IDENT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("clouds/x", {}),
        ("settings/builtin:x/y", {}),
        ("auto-tags/none", None),
        ("auto-tags/x", {"colour": "red"}),
        ("alerting-profiles/Default", None),
        ("notifications/x", {"alertingProfile": "none", "type": "SLACK"}),
        ("entities/none", None),
        ("entities/cart-01", {"tags": ["x"]}),
    ],
)
def test_an_edit_that_cannot_be_is_told_why(env: Environment, path: str, value: Any) -> None:
    status, said = Caller(env.world, "", {})("POST", "/__edit", {"vendor": "dynatrace", "path": path, "json": value})
    assert status == 400
    assert said["message"]


def test_two_of_one_name_ask_for_the_id(env: Environment) -> None:
    ids = [env.create(PROFILE, {"name": "twin", "eventFilters": []}) for _ in range(2)]
    with pytest.raises(AssertionError, match="use the id"):
        env.edit("alerting-profiles/twin", {"severityRules": []})
    assert env.edit(f"alerting-profiles/{ids[1]}", {"severityRules": []})["objectId"] == ids[1]


def test_entities_come_and_go_and_fall_silent(env: Environment) -> None:
    env.edit("entities/router-1", {"type": "CUSTOM_DEVICE", "tags": [{"key": "team-cart"}]})
    assert keys(env, "type(CUSTOM_DEVICE)") == {"team-cart"}
    env.edit("entities/router-1", {"lastSeenTms": 0})
    assert keys(env, "type(CUSTOM_DEVICE)") == set()
    assert env.edit("entities/router-1", None) is None


def test_a_filled_environment_goes_on_where_it_stopped(env: Environment) -> None:
    for _ in range(2):
        env.control("/__fill", {"count": 12, "vendor": "dynatrace"})
    counts = [len(env.listed(schema)) for schema in (TAG, PROFILE, NOTIFICATION, WINDOW, ZONE)]
    assert counts == [4, 6, 4, 4, 4]
    twin = Sandbox()
    twin.load(env.world.dump())
    assert twin.dump() == env.world.dump()
    assert Environment.of(twin).listed(NOTIFICATION) == env.listed(NOTIFICATION)


def test_a_twin_goes_its_own_way(env: Environment) -> None:
    ident = env.create(TAG, tag("team"), externalId="iac:team")
    before = env.world.dump()
    twin = Environment.of(copy.deepcopy(env.world))
    twin.put(ident, tag("crew"))
    twin.edit("entities/cart-01", {"tags": []})
    twin.made("DELETE", f"{OBJECTS}/{ident}")
    assert twin.post(TAG, tag("team"))[0] == 200
    assert env.world.dump() == before
    assert violations(env.post(TAG, tag("team"))[1][0])[0][1] == "Tag name must be unique"
