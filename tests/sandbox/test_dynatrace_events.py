"""Events of the made-up Dynatrace: attach rules, the matrix, windows, time-outs, the feed, API v2 (sheet 2, 3)."""

from typing import Any

import pytest

from reconciler.sandbox.dynatrace.vocabulary import COLUMNS, INFORMATION, MATRIX, ME_TYPES, NEWER_ME_TYPES, PROBLEMS
from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import Environment, violations

EVENTS = "/api/v1/events"
HOST = "HOST-0011223344556677"
SERVICE = "SERVICE-1A2B3C4D5E6F7081"
NOW = 1_767_603_600_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TO_HOST = {"entityIds": [HOST]}
DEPLOYMENT = {
    "eventType": "CUSTOM_DEPLOYMENT",
    "source": "Releaser",
    "deploymentName": "cart 4.2",
    "deploymentVersion": "4.2.0",
    "deploymentProject": "shop",
    "ciBackLink": "https://ci.example/77",
    "customProperties": {"commit": "9f1c"},
    "attachRules": {
        "entityIds": [SERVICE],
        "tagRule": [{"meTypes": ["SERVICE"], "tags": [{"context": "CONTEXTLESS", "key": "team-cart"}]}],
    },
}
ERROR = {
    "eventType": "ERROR_EVENT",
    "title": "Batch failed",
    "description": "exit 3",
    "source": "Batch",
    "timeoutMinutes": 30,
    "allowDavisMerge": False,
    "attachRules": TO_HOST,
}


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


def least(kind: str, **changed: Any) -> Any:
    """The smallest body the matrix lets pass for this type."""
    marks = {name: row.split() for name, row in MATRIX.items()}
    needed = {name: "x" for name, row in marks.items() if kind in COLUMNS and row[COLUMNS.index(kind)] == "R"}
    body = {"eventType": kind, "source": "tests", "attachRules": TO_HOST, **needed, **changed}
    return {key: part for key, part in body.items() if part is not None}


def tagged(*tags: Any, types: Any = ("HOST",)) -> Any:
    return {"tagRule": [{"meTypes": list(types), "tags": list(tags)}]}


def bare(key: str, value: str | None = None, context: str = "CONTEXTLESS") -> Any:
    return {"context": context, "key": key, **({"value": value} if value else {})}


def feed(env: Environment, **query: str) -> list[Any]:
    found: list[Any] = env.made("GET", EVENTS, **query)["events"]
    return found


def test_an_event_for_information_answers_event_ids_and_a_problem_correlation_ids(env: Environment) -> None:
    deployed = env.made("POST", EVENTS, DEPLOYMENT)
    (number,), (ident,) = deployed["storedEventIds"], deployed["storedIds"]
    assert (ident, deployed["storedCorrelationIds"]) == (f"{number}_{NOW}", [])
    failed = env.made("POST", EVENTS, ERROR)
    assert (failed["storedEventIds"], failed["storedIds"], len(failed["storedCorrelationIds"])) == ([], [], 1)
    read = env.made("GET", f"{EVENTS}/{ident}")
    assert (read["deploymentVersion"], read["customProperties"]) == ("4.2.0", {"commit": "9f1c"})


@pytest.mark.parametrize("kind", [*PROBLEMS, *INFORMATION])
@pytest.mark.parametrize("parameter", [name for name in MATRIX if name != "source"])
def test_every_cell_of_the_matrix_is_kept(env: Environment, kind: str, parameter: str) -> None:
    cell = MATRIX[parameter].split()[COLUMNS.index(kind)]
    value = {"a": "b"} if parameter == "customProperties" else "x"
    status, said = env("POST", EVENTS, least(kind, **{parameter: value}))
    assert status == (400 if cell == "-" else 200)
    assert cell != "-" or violations(said) == [(parameter, f"is not applicable to {kind}")]
    status, said = env("POST", EVENTS, least(kind, **{parameter: None}))
    assert status == (400 if cell == "R" else 200)
    assert cell != "R" or violations(said) == [(parameter, f"is required for {kind}")]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({**ERROR, "eventType": "SOME_EVENT"}, "eventType"),
        ({**ERROR, "source": None}, "source"),
        ({**ERROR, "attachRules": None}, "attachRules"),
        ({**ERROR, "colour": "red"}, "colour"),
        ({**ERROR, "timeoutMinutes": "30"}, "timeoutMinutes"),
        ({**ERROR, "timeoutMinutes": 121}, "timeoutMinutes"),
        ({**ERROR, "end": NOW}, "end"),
        ({**ERROR, "start": NOW - HOUR - 1}, "start"),
        ({**DEPLOYMENT, "allowDavisMerge": True}, "allowDavisMerge"),
        ({**DEPLOYMENT, "start": NOW - 30 * DAY - 1}, "start"),
        ({**DEPLOYMENT, "start": NOW, "end": NOW - 1}, "end"),
        ({**ERROR, "attachRules": tagged()}, "attachRules.tagRule[0].tags"),
        ({**ERROR, "attachRules": tagged(bare("x"), types=["ROUTER"])}, "attachRules.tagRule[0].meTypes[0]"),
        ({**ERROR, "attachRules": tagged({"key": "x"})}, "attachRules.tagRule[0].tags[0].context"),
        ({**ERROR, "attachRules": tagged(bare("x", context="MOON"))}, "attachRules.tagRule[0].tags[0].context"),
    ],
)
def test_a_wrong_event_is_told_where(env: Environment, body: Any, path: str) -> None:
    status, said = env("POST", EVENTS, body)
    assert (status, said["error"]["message"]) == (400, "Constraints violated.")
    assert path in [where for where, _ in violations(said)]
    assert feed(env) == []


@pytest.mark.parametrize(
    "body",
    [
        {**ERROR, "start": NOW - HOUR},
        {**DEPLOYMENT, "start": NOW - 30 * DAY, "end": NOW - 29 * DAY},
        least("CUSTOM_ANNOTATION", timeoutMinutes=0),
        {"eventType": "CUSTOM_ALERT", "source": "tests", "attachRules": TO_HOST},
        {**ERROR, "changed": "x", "timeseriesIds": ["a"]},
    ],
)
def test_what_is_at_the_edge_is_taken(env: Environment, body: Any) -> None:
    assert env("POST", EVENTS, body)[0] == 200


@pytest.mark.parametrize(
    ("setting", "body", "statuses"),
    [
        ({"not_applicable": "ignored"}, {**DEPLOYMENT, "title": "t", "allowDavisMerge": True}, (400, 200)),
        ({"long_timeout": "capped"}, {**ERROR, "timeoutMinutes": 500}, (400, 200)),
        ({"old_start": "accepted"}, {**ERROR, "start": 1}, (400, 200)),
        ({"custom_alert": "refused"}, least("CUSTOM_ALERT"), (200, 400)),
        ({"unknown_entities": "ignored"}, {**ERROR, "attachRules": {"entityIds": [HOST, "HOST-0"]}}, (400, 200)),
        ({"unknown": "ignored"}, {**ERROR, "colour": "red"}, (400, 200)),
        (
            {"tags_of_rule": "any"},
            {**ERROR, "attachRules": tagged(bare("team-cart"), bare("nobody"))},
            (400, 200),
        ),
        (
            {"rules": "all"},
            {
                **ERROR,
                "attachRules": {"tagRule": [*tagged(bare("team-cart"))["tagRule"], *tagged(bare("x"))["tagRule"]]},
            },
            (200, 400),
        ),
    ],
    ids=lambda part: next(iter(part)) if isinstance(part, dict) and len(part) == 1 else "",
)
def test_what_is_unconfirmed_goes_either_way(
    env: Environment, setting: Any, body: Any, statuses: tuple[int, int]
) -> None:
    before = env("POST", EVENTS, body)[0]
    env.set(**setting)
    assert (before, env("POST", EVENTS, body)[0]) == statuses


@pytest.mark.parametrize(("setting", "answers"), [("problem", "storedCorrelationIds"), ("info", "storedIds")])
def test_the_class_of_a_custom_alert_is_unconfirmed(env: Environment, setting: str, answers: str) -> None:
    env.set(custom_alert=setting)
    answered = env.made("POST", EVENTS, least("CUSTOM_ALERT"))
    assert len(answered[answers]) == 1


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        (tagged(bare("team-cart")), ["cart-01", "cart-02"]),
        (tagged(bare("team-cart"), types=["HOST", "SERVICE"]), ["cart", "cart-01", "cart-02"]),
        (tagged(bare("team-cart"), bare("dc", "eu1")), ["cart-02"]),
        (tagged(bare("app", "cart", "KUBERNETES"), types=["PROCESS_GROUP"]), ["cart (java)"]),
        (tagged(bare("Name", "stock", "AWS")), ["склад-01"]),
        ({"entityIds": [HOST, HOST]}, ["cart-01"]),
        ({"entityIds": [SERVICE], **tagged(bare("dc", "eu1"))}, ["cart", "cart-02"]),
    ],
)
def test_an_event_attaches_to_what_the_rules_match(env: Environment, rules: Any, names: list[str]) -> None:
    answered = env.made("POST", EVENTS, {**ERROR, "attachRules": rules})
    assert sorted(event["entityName"] for event in feed(env)) == names
    assert len(answered["storedCorrelationIds"]) == len(names)
    env.set(stored="event")
    assert len(env.made("POST", EVENTS, {**ERROR, "attachRules": rules})["storedCorrelationIds"]) == 1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            tagged(bare("stage", "prod")),
            "entityIds=null, tagRules=[TagMatchRule{meTypes=[HOST], tags=[[CONTEXTLESS]stage:prod]}]",
        ),
        (tagged(bare("team-cart"), types=["DISK"]), "entityIds=null, tagRules=[TagMatchRule{meTypes=[DISK], tags="),
        ({"entityIds": ["HOST-00000000000000FF"]}, "entityIds=[HOST-00000000000000FF], tagRules=null"),
        ({}, "entityIds=null, tagRules=null"),
    ],
)
def test_rules_that_match_nothing_are_refused_in_the_vendors_words(env: Environment, rules: Any, said: str) -> None:
    status, body = env("POST", EVENTS, {**ERROR, "attachRules": rules})
    start = "Invalid attachRules object provided. No entity IDs match: Matching rule: PushEventAttachRules{"
    assert (status, set(body["error"])) == (400, {"code", "message"})
    assert body["error"]["message"].startswith(start + said)


def test_a_rule_considers_only_what_was_seen_in_the_last_day(env: Environment) -> None:
    body = {**ERROR, "attachRules": tagged(bare("dc", "eu1"))}
    assert len(env.made("POST", EVENTS, body)["storedCorrelationIds"]) == 1  # not the host that went silent
    env.edit("entities/cart-02", {"lastSeenTms": NOW})
    env.advance(24 * 3600)
    assert env("POST", EVENTS, body)[0] == 200
    env.advance(1)
    assert env("POST", EVENTS, body)[0] == 400


def state(env: Environment) -> list[tuple[str, Any]]:
    return [(event["eventStatus"], event["endTime"]) for event in feed(env)]


def test_a_problem_closes_by_its_time_out_and_sending_again_keeps_it_open(env: Environment) -> None:
    first = env.made("POST", EVENTS, ERROR)
    env.advance(29 * 60)
    assert env.made("POST", EVENTS, ERROR) == first
    env.advance(29 * 60)
    assert state(env) == [("OPEN", -1)]
    env.set(open_end="null")
    assert state(env) == [("OPEN", None)]
    env.advance(60)
    assert state(env) == [("CLOSED", NOW + 59 * MINUTE)]
    assert env.made("POST", EVENTS, ERROR) != first
    assert len(feed(env)) == 2


def test_an_event_for_information_ends_when_it_says_or_at_once(env: Environment) -> None:
    env.made("POST", EVENTS, {**DEPLOYMENT, "end": NOW + HOUR})
    assert state(env)[0][0] == "OPEN"
    env.made("POST", EVENTS, least("CUSTOM_INFO"))
    assert sorted(status for status, _ in state(env)) == ["CLOSED", "OPEN"]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({}, {"ERROR_EVENT", "CUSTOM_DEPLOYMENT"}),
        ({"eventType": "ERROR_EVENT"}, {"ERROR_EVENT"}),
        ({"entityId": SERVICE}, {"CUSTOM_DEPLOYMENT"}),
        ({"relativeTime": "hour"}, {"ERROR_EVENT"}),
        ({"relativeTime": "day"}, {"ERROR_EVENT", "CUSTOM_DEPLOYMENT"}),
        ({"from": str(NOW - DAY), "to": str(NOW - HOUR)}, {"CUSTOM_DEPLOYMENT"}),
    ],
)
def test_the_feed_is_asked_by_time_type_and_entity(env: Environment, query: dict[str, str], kinds: set[str]) -> None:
    env.made("POST", EVENTS, {**DEPLOYMENT, "start": NOW - 3 * HOUR, "end": NOW - 2 * HOUR})
    env.made("POST", EVENTS, ERROR)
    assert {event["eventType"] for event in feed(env, **query)} == kinds


@pytest.mark.parametrize(
    "query",
    [
        {"eventType": "SOME"},
        {"relativeTime": "fortnight"},
        {"from": "now-2h"},
        {"from": "0"},
        {"from": str(NOW), "to": "1"},
        {"cursor": "nonsense"},
        {"pageSize": "5"},
    ],
)
def test_a_wrong_question_to_the_feed_is_refused(env: Environment, query: dict[str, str]) -> None:
    assert env("GET", EVENTS, **query)[0] == 400


def test_the_feed_has_150_a_page_and_a_cursor_that_remembers_the_question(env: Environment) -> None:
    for at in range(151):
        env.made("POST", EVENTS, least("CUSTOM_INFO", description=str(at)))
    first = env.made("GET", EVENTS, eventType="CUSTOM_INFO", relativeTime="hour")
    env.made("POST", EVENTS, DEPLOYMENT)
    second = env.made("GET", EVENTS, cursor=first["nextCursor"])
    assert (len(first["events"]), len(second["events"]), second["nextCursor"]) == (150, 1, None)
    assert second["totalEventCount"] == 151


def test_the_feed_may_lag(env: Environment) -> None:
    env.set(feed_lag_reads=1)
    ident = env.made("POST", EVENTS, DEPLOYMENT)["storedIds"][0]
    assert [[event["id"] for event in feed(env)] for _ in range(2)] == [[], [ident]]
    assert env("GET", f"{EVENTS}/0_0")[0] == 404


def test_older_versions_know_fewer_entity_types(env: Environment) -> None:
    assert (len(ME_TYPES), len(NEWER_ME_TYPES)) == (96, 105)
    body = {**ERROR, "attachRules": {**TO_HOST, **tagged(bare("x"), types=["S3BUCKET"])}}
    assert env("POST", EVENTS, body)[0] == 200
    env.set(level="1.254")
    assert env("POST", EVENTS, body)[0] == 400


INFO = {
    "eventType": "CUSTOM_INFO",
    "title": "Load test",
    "timeout": 20,
    "entitySelector": 'type(SERVICE),tag("team-cart")',
    "properties": {"dt.event.source": "k6", "vus": "40"},
}


def ingest(env: Environment, **changed: Any) -> tuple[int, Any]:
    body = {key: part for key, part in {**INFO, **changed}.items() if part is not None}
    return env("POST", "/api/v2/events/ingest", body)


def test_version_two_reports_once_for_each_selected_entity(env: Environment) -> None:
    status, body = ingest(env)
    (result,) = body["eventIngestResults"]
    assert (status, body["reportCount"], result["status"]) == (201, 1, "OK")
    (event,) = env.made("GET", "/api/v2/events", eventSelector='eventType("CUSTOM_INFO")')["events"]
    assert (event["correlationId"], event["status"], event["endTime"]) == (result["correlationId"], "OPEN", -1)
    assert {"key": "vus", "value": "40"} in event["properties"]
    assert event["entityId"] == {"entityId": {"id": SERVICE, "type": "SERVICE"}, "name": "cart"}
    assert env.made("GET", f"/api/v2/events/{event['eventId']}") == event
    assert feed(env)[0]["source"] == "k6"
    assert ingest(env, entitySelector=None)[1]["reportCount"] == 1


@pytest.mark.parametrize(
    ("changed", "status", "item"),
    [
        ({"eventType": "WARNING"}, 201, "OK"),
        ({"eventType": "RESOURCE_CONTENTION"}, 400, None),
        ({"title": None}, 400, None),
        ({"entitySelector": 'type(HOST),tag("none")'}, 400, None),
        ({"entitySelector": 'tag("team-cart")'}, 400, None),
        ({"startTime": NOW - 31 * DAY}, 201, "INVALID_TIMESTAMPS"),
        ({"eventType": "ERROR_EVENT", "startTime": NOW - 7 * HOUR}, 201, "INVALID_TIMESTAMPS"),
        ({"eventType": "ERROR_EVENT", "startTime": NOW + 6 * MINUTE}, 201, "INVALID_TIMESTAMPS"),
        ({"properties": {"dt.owner": "x"}}, 201, "INVALID_METADATA"),
        ({"properties": {"a": "x" * 4097}}, 201, "INVALID_METADATA"),
        ({"properties": {str(at): "x" for at in range(101)}}, 201, "INVALID_METADATA"),
        ({"timeout": 100_000}, 201, "OK"),
    ],
)
def test_a_created_answer_of_version_two_can_carry_a_failure(
    env: Environment, changed: Any, status: int, item: str | None
) -> None:
    got, body = ingest(env, **changed)
    assert got == status
    if item:
        assert [one["status"] for one in body["eventIngestResults"]] == [item]


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ('status("OPEN")', 2),
        ('eventType("ERROR_EVENT"),property.dt.event.source("Batch")', 1),
        (f'entityId("{HOST}","{SERVICE}")', 2),
        ('status("CLOSED")', 0),
        ("underMaintenance(false)", 2),
    ],
)
def test_events_of_both_versions_are_selected(env: Environment, selector: str, count: int) -> None:
    env.made("POST", EVENTS, ERROR)
    ingest(env)
    assert env.made("GET", "/api/v2/events", eventSelector=selector)["totalCount"] == count


def test_version_two_refuses_questions_it_cannot_read_and_tells_what_there_is(env: Environment) -> None:
    for selector in ("status(OPEN", 'status("OPEN","CLOSED")', 'colour("red")'):
        assert env("GET", "/api/v2/events", eventSelector=selector)[0] == 400
    kinds = {info["type"] for info in env.made("GET", "/api/v2/eventTypes")["eventTypeInfos"]}
    assert {"RESOURCE_CONTENTION_EVENT", "WARNING"} <= kinds
    keys = [part["key"] for part in env.made("GET", "/api/v2/eventProperties")["eventProperties"]]
    assert env.made("GET", f"/api/v2/eventProperties/{keys[0]}")["writable"] is True
    assert env("GET", "/api/v2/eventProperties/colour")[0] == 404
    env.set(level="1.254")
    assert ingest(env, eventType="WARNING")[0] == 400
