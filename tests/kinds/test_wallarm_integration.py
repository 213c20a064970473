"""wallarm/Integration: bodies, answers, mistakes, and which change needs which body."""

from typing import Any

import pytest

from reconciler.kinds.kind import Remark
from reconciler.kinds.step import Work
from reconciler.kinds.tree import FromOutput, Hidden, Keep, Secret
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
    tree_of,
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
    Mistake(NAME, {"type": "opsgenie", "events": ["siem"]}, ("events", 0), "has no event siem; it has system"),
    Mistake(NAME, {"type": "opsgenie", "events": ["system", "aasm_report"]}, ("events", 1), "has no event aasm_report"),
    Mistake(NAME, {"type": "opsgenie", "events": ["system", "system"]}, ("events",), "item 2 stood there before"),
    Mistake(NAME, {"type": "opsgenie", "events": [{"siem": {}}]}, ("events", 0), "an event is a word"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize("event", ["hit", "vuln_high", "scope"])
def test_an_unknown_event_is_remarked_and_passes(event: str) -> None:
    tree = tree_of(NAME, {"type": "opsgenie", "events": ["system", event]})
    [remark] = KIND.remarks(tree)
    assert isinstance(remark, Remark)
    assert remark.path == ("events", 1)
    assert event in remark.text


def test_a_known_event_is_not_remarked() -> None:
    assert list(KIND.remarks(tree_of(NAME, {"type": "opsgenie", "events": list(CHAT)}))) == []


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


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_found_off_says_that_wallarm_may_have_done_it() -> None:
    off = {**LIVE, "active": False}
    [on_again] = KIND.consequences(updating(NAME, off, active=True))
    [stays] = KIND.consequences(updating(NAME, off, name="b"))
    assert "perhaps switched off by Wallarm after failed deliveries" in on_again
    assert "stays off" in stays
    assert KIND.consequences(updating(NAME, LIVE, name="b")) == ()


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
