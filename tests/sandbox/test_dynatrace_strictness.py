"""Whatever is sent, the made-up Dynatrace answers, and reading leaves no trace."""

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.sandbox.dynatrace.vendor import ROUTES
from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import (
    BY_SELECTOR,
    HEADER,
    METRIC,
    NOTIFICATION,
    OBJECTS,
    PROFILE,
    RULE,
    SEVERITY,
    TAG,
    WINDOW,
    Environment,
    metric,
    tag,
    window,
)

ODD: list[Any] = [
    None,
    True,
    -1,
    1.5,
    "",
    "день",
    "\ud800",
    [],
    {},
    [[]],
    {"name": ["x"]},
    10**20,
    "HOST-0011223344556677",
]
FILLED = Environment.of(Sandbox())
FILLED.control("/__fill", {"count": 12, "vendor": "dynatrace"})
HOOK = FILLED.create(NOTIFICATION, FILLED.notification(), externalId="iac:hook")
RULES = {
    "entityIds": [HOOK],
    "tagRule": [{"meTypes": ["HOST"], "tags": [{"context": "CONTEXTLESS", "key": "team-cart"}]}],
}


def item(schema: str, value: Any) -> Any:
    return {"schemaId": schema, "scope": "environment", "externalId": "iac:x", "insertAfter": "", "value": value}


BODIES: list[tuple[str, str, Any]] = [
    ("POST", OBJECTS, [item(TAG, tag("t", RULE, BY_SELECTOR))]),
    ("POST", OBJECTS, [item(PROFILE, {"name": "p", "severityRules": [SEVERITY], "eventFilters": []})]),
    ("POST", OBJECTS, [item(WINDOW, window()), item(METRIC, metric())]),
    ("POST", OBJECTS, [item(NOTIFICATION, FILLED.notification())]),
    ("PUT", f"{OBJECTS}/{HOOK}", {"value": FILLED.read(HOOK)["value"], "updateToken": None, "insertBefore": None}),
    ("POST", "/api/v1/events", {"eventType": "CUSTOM_INFO", "source": "s", "description": "d", "attachRules": RULES}),
    ("POST", "/api/v2/events/ingest", {"eventType": "CUSTOM_INFO", "title": "t", "properties": {"a": "b"}}),
    ("POST", "/api/v2/tags", {"tags": [HEADER, {"key": "a", "value": "b"}]}),
    ("POST", "/api/v2/apiTokens/lookup", {"token": "x"}),
]
SELECTORS = (
    'type(HOST),tag("[AWS]a:b","c")',
    'entityId("HOST-1"),not(tag("x"))',
    "type(HOST),toRelationships.runsOn(type(SERVICE)),firstSeenTms.gte(now-3h)",
    "(value.name = 'a' or created >= 1) and value.name != 'b'",
    'status("OPEN"),property.a("b"),eventType(CUSTOM_INFO)',
)
PARAMETERS = (
    "entitySelector",
    "eventSelector",
    "filter",
    "sort",
    "fields",
    "from",
    "to",
    "nextPageKey",
    "cursor",
    "key",
)


def mangled(random: Random, value: Any) -> Any:
    """The body with something else here and there."""
    if random.random() < 0.08:
        return random.choice(ODD)
    if isinstance(value, dict):
        return {key: mangled(random, part) for key, part in value.items() if random.random() > 0.03}
    return [mangled(random, part) for part in value] if isinstance(value, list) else value


def garbled(random: Random, text: str) -> str:
    letters = list(text)
    for _ in range(random.randint(0, 3)):
        at = random.randrange(len(letters) + 1)
        letters[at : at + 1] = random.choice([[], ["("], [")"], ['"'], [","], [":"], ["ж"], ["'"]])
    return "".join(letters)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_every_body_is_answered_and_what_was_taken_can_be_read(seed: int) -> None:
    random = Random(seed)
    env = Environment.of(FILLED.world.fork())
    env.set(level=random.choice(["current", "1.254"]), defaults=random.choice(["filled", "refused"]))
    for _ in range(3):
        method, path, body = random.choice(BODIES)
        content = json.dumps(mangled(random, body)).encode()
        answer = env.world.handle(Request(method, f"/dynatrace{path}", (), env.headers, content))
        assert answer.status in (200, 201, 207, 400, 401, 404, 409)
    assert env("GET", OBJECTS, scopes="environment", pageSize="500")[0] == 200
    assert env("GET", "/api/v1/events")[0] == 200


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_every_path_and_query_is_answered(seed: int) -> None:
    random = Random(seed)
    env = Environment.of(FILLED.world.fork())
    for _ in range(4):
        route = random.choice(ROUTES.table)
        path = "/".join(random.choice([HOOK, "²", "-"]) if part[:1] == "{" else part for part in route.path.split("/"))
        query = {name: garbled(random, random.choice(SELECTORS)) for name in random.sample(PARAMETERS, 2)}
        query |= {"schemaIds": TAG} if random.random() < 0.5 else {"entitySelector": garbled(random, SELECTORS[0])}
        assert env(route.method, path, random.choice(ODD), **query)[0] < 500


def test_reading_leaves_the_world_as_it_was() -> None:
    env = Environment.of(FILLED.world.fork())
    env.set(lag_reads=1, feed_lag_reads=1, empty_pages=1)
    env.create(TAG, tag("late"))
    before = env.world.dump()
    for path, query in (
        (OBJECTS, {"scopes": "environment", "pageSize": "2"}),
        (f"{OBJECTS}/{HOOK}", {}),
        ("/api/v1/events", {}),
        ("/api/v2/events", {}),
        ("/api/v2/tags", {"entitySelector": "type(HOST)"}),
        ("/api/v2/entities", {"entitySelector": "type(HOST)"}),
        ("/api/v2/settings/schemas", {}),
    ):
        assert env("GET", path, **query)[0] == 200
    assert env.world.dump() == before
