"""Settings of the made-up Dynatrace: lists, batches, upserts, conflicts, dry runs (sheet 6, 9)."""

from typing import Any

import pytest

from reconciler.sandbox.dynatrace.object_id import ObjectId, classic_number, read_object_id
from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import (
    BY_SELECTOR,
    GENERAL,
    IDENT,
    NOTIFICATION,
    OBJECTS,
    ORDERED,
    PROFILE,
    RULE,
    SEVERITY,
    TAG,
    WINDOW,
    ZONE,
    Environment,
    tag,
    violations,
    window,
)

SAMPLE = (
    "vu9U3hXa3q0AAAABABlidWlsdGluOnRhZ3MuYXV0by10YWdnaW5nAAZ0ZW5hbnQABnRlbmFudAAkY2I5ZDk3N2MtNWI5Ni0z"
    "MDZiLWFiNmYtNjAyMjQwNzgyMzNlvu9U3hXa3q0"
)
HOST = "HOST-0011223344556677"


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


def test_an_object_id_is_framed_as_the_vendor_frames_it() -> None:
    key = "cb9d977c-5b96-306b-ab6f-60224078233e"
    assert str(ObjectId(TAG, "environment", key)) == SAMPLE
    assert read_object_id(SAMPLE) == ObjectId(TAG, "environment", key)
    assert read_object_id(str(ObjectId(ORDERED, HOST, key))) == ObjectId(ORDERED, HOST, key)
    assert [read_object_id(text) for text in ("", "abc", "день", SAMPLE[:-4])] == [None] * 4


def test_the_classic_number_of_a_zone_is_the_first_half_of_its_key() -> None:
    assert classic_number("c46e46b3-6d96-32a7-8b5b-f611772d0165") == -4292415658385853785


def test_a_list_shows_id_and_value_alone_and_fields_replace_that(env: Environment) -> None:
    ident = env.create(TAG, tag("команда", RULE), externalId="iac:team")
    assert env.listed(TAG) == [{"objectId": ident, "value": tag("команда", RULE)}]
    (item,) = env.listed(TAG, fields="externalId,schemaId,updateToken,scope")
    token = env.read(ident)["updateToken"]
    assert item == {"externalId": "iac:team", "schemaId": TAG, "updateToken": token, "scope": "environment"}


def test_one_object_tells_who_wrote_it_and_when(env: Environment) -> None:
    ident = env.create(TAG, tag("team"))
    env.advance(5)
    env.put(ident, tag("crew"))
    read = env.read(ident)
    assert (read["author"], read["modified"] - read["created"], read["summary"]) == (IDENT, 5000, "crew")
    assert (read["schemaId"], read["schemaVersion"], read["scope"]) == (TAG, "1.0.18", "environment")
    assert read["resourceContext"]["operations"] == ["read", "write", "delete"]


def test_pages_follow_a_key_that_stands_alone(env: Environment) -> None:
    for at in range(5):
        env.create(TAG, tag(f"t{at}"))
    first = env.made("GET", OBJECTS, schemaIds=TAG, pageSize="2", fields="value")
    second = env.made("GET", OBJECTS, nextPageKey=first["nextPageKey"])
    third = env.made("GET", OBJECTS, nextPageKey=second["nextPageKey"])
    names = [item["value"]["name"] for page in (first, second, third) for item in page["items"]]
    assert names == ["t0", "t1", "t2", "t3", "t4"]
    assert (first["totalCount"], first["pageSize"], "nextPageKey" in third) == (5, 2, False)
    status, said = env("GET", OBJECTS, nextPageKey=first["nextPageKey"], fields="value")
    assert (status, violations(said)[0][0]) == (400, "nextPageKey")
    assert env("GET", OBJECTS, nextPageKey="stale")[0] == 400


def test_a_following_page_can_be_empty_until_it_is_asked_again(env: Environment) -> None:
    env.set(empty_pages=2)
    for at in range(3):
        env.create(TAG, tag(f"t{at}"))
    key = env.made("GET", OBJECTS, schemaIds=TAG, pageSize="2")["nextPageKey"]
    pages = [env.made("GET", OBJECTS, nextPageKey=key) for _ in range(3)]
    assert [len(page["items"]) for page in pages] == [0, 0, 1]
    assert [page.get("nextPageKey") for page in pages] == [key, key, None]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"schemaIds": "builtin:nothing"}, 404),
        ({"schemaIds": TAG, "scopes": "HOST-FFFFFFFFFFFFFFFF"}, 404),
        ({"scopes": "environment"}, 200),
        ({"schemaIds": TAG, "pageSize": "501"}, 400),
        ({"schemaIds": TAG, "pageSize": "0"}, 400),
        ({"schemaIds": TAG, "fields": "objectId,colour"}, 400),
        ({"schemaIds": TAG, "limit": "3"}, 400),
        ({"schemaIds": TAG, "filter": "value.name = 'a'", "fields": "objectId"}, 400),
        ({"schemaIds": TAG, "filter": "value.name ~ 'a'"}, 400),
        ({"schemaIds": TAG, "filter": "value.name ="}, 400),
        ({"schemaIds": TAG, "filter": "(value.name = 'a'"}, 400),
        ({"schemaIds": TAG, "filter": "scope = 'a'"}, 400),
        ({"schemaIds": TAG, "filter": "x" * 1025}, 400),
        ({"schemaIds": TAG, "sort": "scope"}, 400),
    ],
)
def test_a_list_query_is_checked(env: Environment, query: dict[str, str], status: int) -> None:
    assert env("GET", OBJECTS, **query)[0] == status


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"filter": "value.name = 'b'"}, ["b"]),
        ({"filter": "value.name != 'b' and value.name != 'c'"}, ["a"]),
        ({"filter": "value.name = 'a' or (value.name = 'c')"}, ["a", "c"]),
        ({"filter": "created >= 0", "fields": "value,created"}, ["a", "b", "c"]),
        ({"filter": "created < 0", "fields": "value,created"}, []),
        ({"sort": "-value.name"}, ["c", "b", "a"]),
        ({"externalIds": "x-b,x-c"}, ["b", "c"]),
        ({"externalIds": "x-b", "scopes": "environment"}, ["b"]),
        ({"scopes": HOST}, []),
    ],
)
def test_a_list_is_filtered_and_sorted(env: Environment, query: dict[str, str], names: list[str]) -> None:
    for name in "abc":
        env.create(TAG, tag(name), externalId=f"x-{name}")
    assert [item["value"]["name"] for item in env.listed(TAG, **query)] == names


def test_items_of_a_batch_are_judged_one_by_one(env: Environment) -> None:
    bad = {"schemaId": TAG, "scope": "environment", "value": tag("bad", {**BY_SELECTOR, "bogus": 1})}
    good = {"schemaId": TAG, "scope": "environment", "value": tag("good")}
    unknown = {**good, "schemaId": "builtin:x"}
    status, items = env("POST", OBJECTS, [good, bad, unknown])
    assert (status, [item["code"] for item in items]) == (207, [200, 400, 404])
    assert violations(items[1]) == [(f"{TAG}/1/rules/0/bogus", "Unknown property")]
    assert items[1]["error"]["message"] == "Validation failed for 1 Validators."
    assert items[1]["invalidValue"] == bad["value"]
    assert "No schema with topic identifier 'builtin:x'" in items[2]["error"]["message"]
    assert [item["value"]["name"] for item in env.listed(TAG)] == ["good"]


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([{"schemaId": "builtin:x", "scope": "environment", "value": {}}] * 2, 404),
        ([{"scope": "environment", "value": {}}, {"schemaId": TAG, "value": tag("x")}], 400),
        ([{"schemaId": TAG, "scope": HOST, "value": tag("x")}], 404),
        ([{"schemaId": ORDERED, "scope": "HOST-FFFFFFFFFFFFFFFF", "value": {}}], 404),
        ([{"schemaId": TAG, "scope": "environment", "value": tag("x"), "colour": "red"}], 400),
        ([{"schemaId": TAG, "scope": "environment", "value": tag("x"), "externalId": "e" * 501}], 400),
        ([{"schemaId": TAG, "scope": "environment", "value": tag("x"), "objectId": SAMPLE}], 400),
        (["text"], 400),
        ([], 200),
    ],
)
def test_a_batch_whose_items_all_fail_alike_answers_their_code(env: Environment, items: Any, status: int) -> None:
    got, answered = env("POST", OBJECTS, items)
    assert (got, [item["code"] for item in answered]) == (status, [status] * len(items))


def test_what_is_no_batch_is_refused_in_the_plain_envelope(env: Environment) -> None:
    status, said = env("POST", OBJECTS, {"schemaId": TAG})
    assert (status, said["error"]["code"]) == (400, 400)


def test_an_external_id_replaces_instead_of_doubling(env: Environment) -> None:
    one = env.create(TAG, tag("team"), externalId="iac:team")
    assert env.create(TAG, tag("crew"), externalId="iac:team") == one
    assert [item["value"]["name"] for item in env.listed(TAG)] == ["crew"]
    status, items = env.post(ZONE, {"name": "z", "rules": []}, externalId="iac:team")
    assert (status, items[0]["code"]) == (409, 409)
    env.set(external_ids="per_schema")
    assert env.create(ZONE, {"name": "z", "rules": []}, externalId="iac:team") != one


def test_an_object_is_adopted_by_its_id_with_an_external_id(env: Environment) -> None:
    ident = env.create(TAG, tag("by hand"))
    assert env.create(TAG, tag("by hand"), objectId=ident, externalId="iac:team") == ident
    assert env.read(ident)["externalId"] == "iac:team"
    other = env.create(TAG, tag("other"), externalId="iac:other")
    status, items = env.post(TAG, tag("x"), objectId=ident, externalId="iac:other")
    assert (status, len(items)) == (400, 1)
    assert env.post(PROFILE, {"name": "p", "eventFilters": []}, objectId=other, externalId="new")[0] == 400


@pytest.mark.parametrize(("setting", "kept"), [("kept", "iac:team"), ("dropped", None)])
def test_a_put_keeps_the_external_id_or_not(env: Environment, setting: str, kept: str | None) -> None:
    env.set(external_id_on_put=setting)
    ident = env.create(TAG, tag("team"), externalId="iac:team")
    env.put(ident, tag("crew"))
    assert env.read(ident).get("externalId") == kept


@pytest.mark.parametrize(("conflict", "status"), [(409, 409), (400, 400)])
def test_a_token_that_is_not_the_latest_is_a_conflict(env: Environment, conflict: int, status: int) -> None:
    env.set(conflict=conflict)
    ident = env.create(TAG, tag("team"))
    old = env.read(ident)["updateToken"]
    assert env.put(ident, tag("crew"), updateToken=old) == (200, {"code": 200, "objectId": ident})
    got, said = env.put(ident, tag("late"), updateToken=old)
    assert (got, said["code"]) == (status, status)
    assert env("DELETE", f"{OBJECTS}/{ident}", updateToken=old)[0] == status
    assert env.read(ident)["value"]["name"] == "crew"
    assert env.put(ident, tag("unconditional"))[0] == 200
    assert env("DELETE", f"{OBJECTS}/{ident}", updateToken=env.read(ident)["updateToken"]) == (204, None)
    assert env("GET", f"{OBJECTS}/{ident}")[0] == 404
    assert env("DELETE", f"{OBJECTS}/{ident}")[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"value": tag("x"), "scope": "environment"}, 400), ({"value": tag(" x")}, 400), ([], 400)],
)
def test_a_put_takes_value_and_place_alone(env: Environment, body: Any, status: int) -> None:
    ident = env.create(TAG, tag("team"))
    got, said = env("PUT", f"{OBJECTS}/{ident}", body)
    assert (got, said["code"]) == (status, status)


def test_validate_only_says_all_and_saves_nothing(env: Environment) -> None:
    dry = {"validateOnly": "true"}
    assert env.post(TAG, tag("team"), query=dry) == (200, [{"code": 200}])
    status, items = env.post(TAG, tag("", {"type": "ME"}), query=dry)
    assert status == 400
    assert {path for path, _ in violations(items[0])} >= {f"{TAG}/0/name", f"{TAG}/0/rules/0/enabled"}
    ident = env.create(TAG, tag("team"))
    assert env.put(ident, tag("crew"), query=dry) == (200, {"code": 200})
    assert env.put(ident, {"name": "crew"}, query=dry)[0] == 400
    assert [item["value"]["name"] for item in env.listed(TAG)] == ["team"]
    assert env("DELETE", f"{OBJECTS}/{ident}", validateOnly="true")[0] == 400
    assert env.post(TAG, tag("x"), query={"validateOnly": "maybe"})[0] == 400


@pytest.mark.parametrize(("setting", "status"), [("counted", 400), ("excluded", 200)])
def test_a_dry_run_of_an_upsert_may_find_the_object_in_its_own_way(env: Environment, setting: str, status: int) -> None:
    env.set(own_name=setting)
    env.create(TAG, tag("team"), externalId="iac:team")
    assert env.post(TAG, tag("team", RULE), externalId="iac:team", query={"validateOnly": "true"})[0] == status
    assert env.post(TAG, tag("team", RULE), externalId="iac:team")[0] == 200


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        (TAG, tag("same"), "Tag name must be unique"),
        (
            ZONE,
            {"name": "same", "rules": []},
            "Management zone with this name already exists. Please provide a different one.",
        ),
        (PROFILE, {"name": "same", "eventFilters": []}, None),
        (WINDOW, window(generalProperties={**GENERAL, "name": "same"}), None),
    ],
)
def test_names_are_unique_only_where_the_schema_says_so(
    env: Environment, schema: str, value: Any, said: str | None
) -> None:
    env.create(schema, value)
    status, items = env.post(schema, value)
    assert status == (400 if said else 200)
    assert said is None or violations(items[0]) == [(f"{schema}/0/name", said)]


def test_a_name_may_stay_taken_for_a_while_after_a_delete(env: Environment) -> None:
    env.set(name_lag=10.0)
    ident = env.create(TAG, tag("team"))
    env("DELETE", f"{OBJECTS}/{ident}")
    assert env.post(TAG, tag("team"))[0] == 400
    env.advance(10)
    assert env.post(TAG, tag("team"))[0] == 200


def test_the_default_profiles_stay_and_the_first_keeps_its_name(env: Environment) -> None:
    items = env.listed(PROFILE, fields="objectId,value,modificationInfo")
    assert [item["value"]["name"] for item in items] == ["Default", "Default for ActiveGate Token Expiry"]
    assert [item["modificationInfo"]["deletable"] for item in items] == [False, False]
    assert items[0]["modificationInfo"]["nonModifiablePaths"] == ["name"]
    default = items[0]["objectId"]
    status, said = env("DELETE", f"{OBJECTS}/{default}")
    assert (status, said["error"]["message"]) == (400, "Deletion of value(s) is not allowed")
    assert env.put(default, {**items[0]["value"], "name": "mine"})[0] == 400
    assert env.put(default, {**items[0]["value"], "severityRules": [SEVERITY]})[0] == 200


@pytest.mark.parametrize(("setting", "status"), [("refused", 400), ("allowed", 204)])
def test_a_profile_that_notifications_refer_to(env: Environment, setting: str, status: int) -> None:
    env.set(delete_in_use=setting)
    profile = env.create(PROFILE, {"name": "cart", "eventFilters": []})
    env.create(NOTIFICATION, env.notification(alertingProfile=profile))
    assert env("DELETE", f"{OBJECTS}/{profile}")[0] == status


def test_a_new_zone_may_not_be_known_elsewhere_at_once(env: Environment) -> None:
    env.set(zone_lag=3.0)
    zone = env.create(ZONE, {"name": "cart", "rules": []})
    assert env.read(zone)["value"]["name"] == "cart"
    profile = {"name": "cart", "managementZone": zone, "eventFilters": []}
    status, items = env.post(PROFILE, profile)
    assert (status, violations(items[0])) == (400, [(f"{PROFILE}/0/managementZone", "Unknown management zone.")])
    env.advance(3)
    assert env.post(PROFILE, profile)[0] == 200


def test_new_objects_may_be_missing_from_lists_at_first(env: Environment) -> None:
    env.set(lag_reads=1)
    ident = env.create(TAG, tag("team"))
    assert [env.listed(TAG) for _ in range(2)] == [[], [{"objectId": ident, "value": tag("team")}]]
