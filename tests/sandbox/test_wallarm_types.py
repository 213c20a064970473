"""Every type of Wallarm integration: its target, its events, and the rules of mail and Telegram."""

from typing import Any

import pytest

from reconciler.sandbox.wallarm.vocabulary import EVENTS, OLDER_EVENTS
from tests.sandbox.caller import Caller

UUID = "11112222-3333-4444-5555-666677778888"
US = "https://api.opsgenie.com/v2/alerts"
WEB = "https://s.example.com:8088"
MASK = "********"
SYSTEM = {"event": "system", "active": True}

GOOD: list[tuple[str, Any, Any]] = [
    ("email", ["a@example.com", "b@example.com"], ["a@example.com", "b@example.com"]),
    *((kind, "https://hooks.example.com/x", MASK) for kind in ("slack", "ms_teams", "sumo_logic")),
    ("sumo_logic", "http://collector.example.com", MASK),
    ("pager_duty", "k" * 32, MASK),
    ("opsgenie", {"token": UUID, "api": US}, {"token": MASK, "api": US}),
    ("splunk", {"token": UUID, "api": WEB}, {"token": MASK, "api": WEB}),
    ("insight_connect", {"token": "any", "api": WEB}, {"token": MASK, "api": WEB}),
    ("data_dog", {"region": "US1", "token": "t" * 32}, {"region": "US1", "token": MASK}),
    ("data_dog", {"region": "US1", "token": "t" * 40}, {"region": "US1", "token": MASK}),
    (
        "web_hooks",
        {"url": "https://example.com/hook", "headers": {"X-Key": "k"}},
        {
            "url": MASK,
            "headers": {"X-Key": MASK},
            "ca_file": "",
            "http_method": "POST",
            "ca_verify": True,
            "timeout": 15,
            "open_timeout": 20,
            "format": "json",
            "subtype": "web_hooks",
        },
    ),
]
BAD: list[tuple[str, Any]] = [
    ("email", []),
    ("email", "a@example.com"),
    ("email", ["nobody"]),
    ("slack", "ftp://x"),
    ("ms_teams", {"url": "https://x"}),
    ("sumo_logic", ""),
    ("pager_duty", "k" * 31),
    ("pager_duty", "k" * 33),
    ("opsgenie", {"token": UUID, "api": "https://api.eu.opsgenie.com"}),
    ("splunk", {"token": "no-uuid", "api": WEB}),
    ("splunk", {"token": UUID}),
    ("splunk", {"token": UUID, "api": "s.example.com:8088"}),
    ("insight_connect", {"token": "", "api": WEB}),
    ("data_dog", {"region": "US1", "token": "t" * 31}),
    ("data_dog", {"region": "US1", "token": "t" * 41}),
    ("data_dog", {"token": "t" * 32}),
    ("web_hooks", {}),
    ("web_hooks", {"url": "http://example.com/hook"}),
    ("web_hooks", {"url": WEB, "http_method": "GET"}),
    ("web_hooks", {"url": WEB, "format": "xml"}),
    ("web_hooks", {"url": WEB, "timeout": 0}),
    ("web_hooks", {"url": WEB, "headers": {"X": 1}}),
    ("web_hooks", {"url": WEB, "ca_file": None}),
    ("web_hooks", {"url": WEB, "subtype": "fluentd"}),
    ("telegram", {"chat_data": "x"}),
    ("jira", {}),
]


def create(wallarm: Caller, kind: str, target: Any, **more: Any) -> tuple[int, Any]:
    body = {"name": "it", "type": kind, "active": True, "target": target, "events": [SYSTEM], "clientid": 4711}
    return wallarm("POST", "/v2/integration", {**body, **more})


@pytest.mark.parametrize(("kind", "target", "shown"), GOOD)
def test_each_type_has_a_target_of_its_own_shape_and_hides_its_secrets(
    wallarm: Caller, kind: str, target: Any, shown: Any
) -> None:
    status, answer = create(wallarm, kind, target)
    assert status == 200, answer
    assert answer["body"]["object"]["target"] == shown


@pytest.mark.parametrize(("kind", "target"), BAD)
def test_another_target_is_refused(wallarm: Caller, kind: str, target: Any) -> None:
    assert create(wallarm, kind, target)[0] == 400


@pytest.mark.parametrize(("kind", "target", "_"), GOOD)
def test_each_type_takes_and_answers_its_own_events(wallarm: Caller, kind: str, target: Any, _: Any) -> None:
    every = [{"event": name, "active": True} for name in EVENTS[kind]]
    made = create(wallarm, kind, target, events=every)[1]["body"]["object"]
    assert {event["event"] for event in made["events"] if event["active"]} == set(EVENTS[kind])
    foreign = {name for names in EVENTS.values() for name in names} - set(EVENTS[kind])
    for name in foreign:
        assert create(wallarm, kind, target, events=[SYSTEM, {"event": name, "active": False}])[0] == 400


@pytest.mark.parametrize("name", OLDER_EVENTS)
@pytest.mark.parametrize(("setting", "status"), [("refuse", 400), ("accept", 200)])
def test_older_events_are_taken_when_the_settings_say_so(
    control: Caller, wallarm: Caller, name: str, setting: str, status: int
) -> None:
    control.made("POST", "/__settings", {"wallarm": {"older_events": setting}})
    assert create(wallarm, "pager_duty", "k" * 32, events=[{"event": name, "active": True}])[0] == status


@pytest.mark.parametrize(("kind", "status"), [("web_hooks", 200), ("slack", 400)])
def test_only_siem_takes_headers_and_only_where_it_is(wallarm: Caller, kind: str, status: int) -> None:
    target = {"url": WEB} if kind == "web_hooks" else WEB
    event = {"event": "siem", "active": True, "with_headers": True}
    found, answer = create(wallarm, kind, target, events=[event])
    assert found == status
    if status == 200:
        assert event in answer["body"]["object"]["events"]


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────

MAIL = {"name": "it", "type": "email", "active": True, "target": ["a@example.com"], "events": [SYSTEM]}


def mail(wallarm: Caller) -> str:
    return f"/v2/integration/{create(wallarm, 'email', ['a@example.com'])[1]['body']['object']['id']}"


def test_mail_has_an_event_at_least(wallarm: Caller) -> None:
    assert create(wallarm, "email", ["a@example.com"], events=[])[0] == 400
    assert wallarm("PUT", mail(wallarm), {**MAIL, "events": []})[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"active": False}, 200),
        ({**MAIL, "target": ["b@example.com"]}, 200),
        ({**MAIL, "active": False}, 400),
        ({"active": False, "name": "other"}, 400),
        ({"name": "other"}, 400),
        ({"target": ["b@example.com"]}, 400),
    ],
)
def test_mail_is_switched_by_itself_and_otherwise_replaced(wallarm: Caller, body: Any, status: int) -> None:
    assert wallarm("PUT", mail(wallarm), body)[0] == status


# ── telegram ────────────────────────────────────────────────────────────────────────────────────────────────────────

CHAT = {"name": "bot", "clientid": 4711, "chat_data": "from-the-link"}


def test_telegram_keeps_its_secrets_to_itself(wallarm: Caller) -> None:
    made = wallarm.made("POST", "/v2/integration/telegram", {**CHAT, "token": "own-bot"})["body"]["object"]
    assert (made["type"], made["active"], made["name"]) == ("telegram", False, "bot")
    assert made["target"] == {"chat_data": MASK, "token": MASK}
    assert not any(event["active"] for event in made["events"])


@pytest.mark.parametrize(
    "body", [{"chat_data": ""}, {"chat_data": None}, {"name": ""}, {"active": True}, {"events": []}]
)
def test_telegrams_first_call_takes_the_chat_and_no_more(wallarm: Caller, body: Any) -> None:
    assert wallarm("POST", "/v2/integration/telegram", {**CHAT, **body})[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "real", "active": True, "events": [SYSTEM]}, 200),
        ({"events": [{"event": "report_daily", "active": True}]}, 200),
        ({"events": [{"event": "siem", "active": True}]}, 400),
        ({"target": {"chat_data": "other"}}, 400),
        ({"type": "slack"}, 400),
    ],
)
def test_telegram_changes_in_part_but_for_its_chat(wallarm: Caller, body: Any, status: int) -> None:
    made = wallarm.made("POST", "/v2/integration/telegram", CHAT)["body"]["object"]
    assert wallarm("PUT", f"/v2/integration/{made['id']}", body)[0] == status
