"""wallarm/Integration: bodies, answers, mistakes, and which change needs which body."""

from typing import Any

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Env, FromOutput, Hidden, Keep, Secret
from reconciler.vendors.wallarm.event import CHAT
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
    updating,
)

NAME = "wallarm/Integration"
KIND = KINDS[NAME]
TOKEN = {"from": "opsgenie/Integration/wallarm-alerts", "output": "apiKey"}
EU = "https://api.eu.opsgenie.com/v2/alerts"


def events(*active: str, beside: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [{"event": name, "active": name in active} for name in (*CHAT, *beside)]


def raw(**fields: Any) -> dict[str, Any]:
    return {"id": 90210, "created_at": 1760000000, "created_by": "iac@example.com", "type": "opsgenie", **fields}


@cases(
    Case(
        "whole",
        NAME,
        {
            "type": "opsgenie",
            "name": "oncall",
            "active": True,
            "target": {"token": TOKEN, "api": "eu"},
            "events": ["security_issue_high", "system"],
        },
        {
            "type": "opsgenie",
            "name": "oncall",
            "active": True,
            "target": {"token": "FromOutput", "api": EU},
            "events": events("system", "security_issue_high"),
        },
        raw(
            name="oncall",
            active=True,
            target={"token": "********", "api": EU},
            events=events("system", "security_issue_high")[::-1],
        ),
    ),
    Case(
        "no events, in the United States",
        NAME,
        {"type": "opsgenie", "target": {"api": "us"}, "events": []},
        {"type": "opsgenie", "target": {"api": "https://api.opsgenie.com/v2/alerts"}, "events": events()},
        raw(target={"token": "x", "api": "https://api.opsgenie.com/v2/alerts"}, events=[]),
    ),
    Case(
        "an event of an older vocabulary",
        NAME,
        {"type": "opsgenie", "events": ["scope"]},
        {"type": "opsgenie", "events": events("scope", beside=("scope",))},
        raw(events=[{"event": "scope", "active": True}]),
    ),
    Case("one field is enough to adopt", NAME, {"type": "opsgenie", "name": "x"}, None, raw(name="x", active=False)),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    if case.body is not None:
        assert sent(case) == case.body
    assert case.raw is not None
    assert_settled(case, case.raw)


@mistakes(
    Mistake(NAME, {}, ("type",), "required"),
    Mistake(NAME, {"type": "opsgeni"}, ("type",), "'opsgenie'"),
    Mistake(NAME, {"type": "opsgenie", "colour": "red"}, ("colour",), "not permitted"),
    Mistake(NAME, {"type": "opsgenie", "name": ""}, ("name",), "at least 1"),
    Mistake(NAME, {"type": "opsgenie", "target": {"token": "abc"}}, ("target", "token"), "never stands in a manifest"),
    Mistake(NAME, {"type": "opsgenie", "target": {"api": EU}}, ("target", "api"), "'us' or 'eu'"),
    Mistake(NAME, {"type": "opsgenie", "target": "abc"}, ("target",), "dictionary"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_the_key_is_type_and_name() -> None:
    assert KIND.key({"type": "opsgenie", "name": "a"}) == ("opsgenie", "a")
    assert KIND.key({"type": "opsgenie"}) is None


def test_a_create_needs_key_and_region() -> None:
    assert KIND.missing({"type": "opsgenie", "name": "a", "target": {"api": "eu"}}) == ("target.token",)
    assert KIND.missing({"type": "opsgenie", "name": "a", "target": {"api": "eu", "token": Keep()}}) == ()
    assert KIND.sent_on_create == {"active": True, "events": []}


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

LIVE = {
    "type": "opsgenie",
    "name": "a",
    "active": True,
    "target": {"token": Hidden(), "api": "eu"},
    "events": ["system", "scope"],
}


def body_of(**changed: Any) -> Any:
    [step] = KIND.steps(updating(NAME, LIVE, **changed), CONTEXT)
    assert (step.method, step.path, step.effect) == ("PUT", "/v2/integration/{id}", "writes")
    return step.body


def test_a_create_names_the_tenant_and_is_no_idempotent_write() -> None:
    [step] = KIND.steps(Work("create", {"type": "opsgenie", "name": "a"}), CONTEXT)
    assert (step.method, step.path, step.effect) == ("POST", "/v2/integration", "creates")
    assert step.answer == ("body", "object")
    assert step.body == {"type": "opsgenie", "name": "a", "clientid": 4711}


def test_name_activity_and_target_change_alone() -> None:
    assert body_of(name="b", active=False) == {"name": "b", "active": False}
    secret = Secret(FromOutput("opsgenie/Integration/x", "apiKey"))
    assert body_of(target={"token": secret, "api": "us"}) == {
        "target": {"token": secret, "api": "https://api.opsgenie.com/v2/alerts"}
    }


def test_events_change_with_the_whole_body_and_the_place_of_the_secret() -> None:
    assert body_of(events=["rules_and_triggers"]) == {
        "type": "opsgenie",
        "name": "a",
        "active": True,
        "target": {"token": Hidden(), "api": EU},
        "events": [*events("rules_and_triggers"), {"event": "scope", "active": False}],
    }


def puts(type_: str, live: dict[str, Any], **changed: Any) -> list[Any]:
    tree = {**LIVE, "type": type_, **live}
    steps = KIND.steps(updating(NAME, tree, **changed), CONTEXT)
    assert {(step.method, step.path, step.effect) for step in steps} == {("PUT", "/v2/integration/{id}", "writes")}
    return [step.body for step in steps]


MAIL = {"target": ["a@example.com"], "events": ["system"]}
STRINGS = ("slack", "ms_teams", "pager_duty", "sumo_logic")


@pytest.mark.parametrize("type_", STRINGS)
def test_a_target_that_is_one_string_changes_alone(type_: str) -> None:
    secret = Secret(Env("HOOK"))
    assert puts(type_, {"target": Hidden(), "events": []}, target=secret, name="b") == [{"name": "b", "target": secret}]
    [whole] = puts(type_, {"target": Secret(Env("HOOK")), "events": []}, events=["system"])
    assert set(whole) == {"name", "active", "target", "events", "type"}
    assert whole["target"] == secret


def test_mail_is_switched_by_itself_and_first() -> None:
    assert puts("email", MAIL, active=False) == [{"active": False}]
    switch, rest = puts("email", MAIL, active=False, name="b")
    assert switch == {"active": False}
    assert (rest["active"], rest["name"], rest["target"], rest["type"]) == (False, "b", ["a@example.com"], "email")
    assert [one["event"] for one in rest["events"] if one["active"]] == ["system"]
    [whole] = puts("email", MAIL, target=["b@example.com"])
    assert set(whole) == {"name", "active", "target", "events", "type"}


CHAT_DATA = Secret(Env("CHAT"))


@pytest.mark.parametrize(
    ("more", "first"),
    [
        ({}, {"name": "a", "clientid": 4711, "chat_data": CHAT_DATA}),
        ({"username": "bot"}, {"name": "bot", "clientid": 4711, "chat_data": CHAT_DATA}),
        ({"token": CHAT_DATA}, {"name": "a", "clientid": 4711, "chat_data": CHAT_DATA, "token": CHAT_DATA}),
    ],
)
def test_telegram_is_made_of_its_chat_and_finished_in_a_second_step(more: dict[str, Any], first: Any) -> None:
    wanted = {"type": "telegram", "name": "a", "active": True, "target": {"chat_data": CHAT_DATA, **more}, "events": []}
    create, finish = KIND.steps(Work("create", wanted), CONTEXT)
    assert (create.method, create.path, create.effect) == ("POST", "/v2/integration/telegram", "creates")
    assert create.body == first
    assert create.made == {"type": "telegram", "name": first["name"]}
    assert (finish.method, finish.path, finish.effect) == ("PUT", "/v2/integration/{id}", "writes")
    assert set(finish.body) == {"name", "active", "events"}
    assert finish.body["name"] == "a"


def test_a_telegram_integration_made_anew_does_not_hear_of_the_old_ones_events() -> None:
    live = {"type": "telegram", "name": "a", "events": ["scope"]}
    wanted = {"type": "telegram", "name": "a", "target": {"chat_data": CHAT_DATA}, "events": []}
    _, finish = KIND.steps(Work("create", wanted, live=live), CONTEXT)
    assert "scope" not in [one["event"] for one in finish.body["events"]]


def test_telegram_changes_without_its_chat_which_cannot_be_changed() -> None:
    [body] = puts("telegram", {"target": {"chat_data": CHAT_DATA}, "events": []}, events=["report_daily"], name="b")
    assert set(body) == {"name", "events"}
    assert KIND.also_immutable({"type": "telegram"}) == {"target"}
    assert KIND.also_immutable({"type": "slack"}) == frozenset()


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_found_off_says_that_wallarm_may_have_done_it() -> None:
    off = {**LIVE, "active": False}
    [on_again] = KIND.consequences(updating(NAME, off, active=True))
    assert "perhaps switched off by Wallarm after failed deliveries" in on_again
    assert KIND.consequences(updating(NAME, off, name="b")) == KIND.consequences(updating(NAME, LIVE, name="b")) == ()


def test_one_found_off_that_no_manifest_switches_is_told() -> None:
    off = {**LIVE, "active": False}
    [stays] = KIND.notices({"type": "opsgenie", "name": "a"}, off)
    assert "stays off: perhaps switched off by Wallarm after failed deliveries" in stays
    assert KIND.notices({"type": "opsgenie", "active": False}, off) == ()
    assert KIND.notices({"type": "opsgenie", "active": True}, off) == ()
    assert KIND.notices({"type": "opsgenie"}, LIVE) == ()


def test_after_a_write_it_is_said_to_be_untested() -> None:
    assert KIND.after(updating(NAME, LIVE, name="b")) == ("not tested: Console → Integrations → Test integration",)
    assert KIND.after(Work("delete", LIVE, live=LIVE)) == ()


def test_a_key_just_given_is_tried_in_its_region() -> None:
    secret = Secret(FromOutput("opsgenie/Integration/x", "apiKey"))
    wanted = {**LIVE, "target": {"token": secret, "api": "eu"}}
    [probe] = KIND.probes(Work("create", wanted))
    assert (probe.vendor, probe.region, probe.method) == ("opsgenie", "eu", "POST")
    assert (probe.path, probe.body, probe.key) == ("/v2/integrations/authenticate", {"type": "API"}, secret)


@pytest.mark.parametrize(
    "work",
    [
        Work("create", {**LIVE, "target": {"api": "eu"}}),
        Work("create", LIVE),
        Work("create", {**LIVE, "target": {"token": Secret(Keep(), ("digest",)), "api": "eu"}}),
        updating(NAME, LIVE, name="b"),
        Work("delete", LIVE, live=LIVE),
    ],
    ids=["no key", "hidden key", "kept key", "another field", "delete"],
)
def test_no_other_key_is_tried(work: Work) -> None:
    assert KIND.probes(work) == ()
