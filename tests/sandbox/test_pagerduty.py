"""How PagerDuty is called: sign-in, wrappers, pages, errors, abilities; the lists that nobody makes."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.pagerduty.tenant import STRIDE
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.pagerduty_caller import Pagerduty


@pytest.fixture
def pagerduty(world: Sandbox) -> Pagerduty:
    return Pagerduty.of(world)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "account-key",
        "Token account-key",
        "Token token=",
        "token token=account-key",
        "Token  token=account-key",
        "Token token=a wrong key",
        "Token token=a-wrong-key",
        "GenieKey account-key",
    ],
)
def test_a_header_that_is_not_the_vendors_is_refused(pagerduty: Pagerduty, header: str) -> None:
    pagerduty.headers = {"authorization": header}
    status, answer = pagerduty("GET", "/abilities")
    assert (status, answer["error"]["code"]) == (401, 2006)


def test_a_key_of_the_other_region_is_refused(control: Caller, pagerduty: Pagerduty) -> None:
    assert pagerduty.with_key("eu-key")("GET", "/users")[0] == 401
    assert pagerduty.with_key("us-key")("GET", "/users")[0] == 200
    control.made("POST", "/__settings", {"pagerduty": {"region": "eu"}})
    assert pagerduty.with_key("eu-key")("GET", "/users")[0] == 200
    assert pagerduty.with_key("us-key")("GET", "/users")[0] == 401


def test_a_read_only_key_reads_only(pagerduty: Pagerduty) -> None:
    reader = pagerduty.with_key("readonly-key")
    assert reader("GET", "/teams")[0] == 200
    status, answer = reader("POST", "/teams", {"team": {"name": "payments"}})
    assert (status, answer["error"]["code"]) == (403, 2010)


def test_a_users_key_has_an_owner_and_an_accounts_key_has_none(pagerduty: Pagerduty) -> None:
    assert pagerduty.with_key("user-bob").made("GET", "/users/me")["user"]["email"] == "bob@example.com"
    assert pagerduty.with_key("user").made("GET", "/users/me")["user"]["email"] == "ann@example.com"
    status, answer = pagerduty("GET", "/users/me")
    assert status == 400
    assert "account-level access token" in answer["error"]


def test_a_users_key_has_the_rights_of_its_owner(control: Caller, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__edit", {"vendor": "pagerduty", "path": "users/bob@example.com", "json": {"role": "user"}})
    assert pagerduty.with_key("user-bob")("POST", "/teams", {"team": {"name": "a"}})[0] == 201
    reads = {"role": "read_only_user"}
    control.made("POST", "/__edit", {"vendor": "pagerduty", "path": "users/bob@example.com", "json": reads})
    assert pagerduty.with_key("user-bob")("POST", "/teams", {"team": {"name": "b"}})[0] == 403


@pytest.mark.parametrize(("sender", "status"), [("", 400), ("nobody@example.com", 400), ("Ann@Example.com", 201)])
def test_an_accounts_key_says_on_whose_behalf_it_acts(pagerduty: Pagerduty, sender: str, status: int) -> None:
    body = {"user": {"type": "user", "name": "Eve", "email": "eve@example.com"}}
    found, answer = pagerduty.with_key("account-key", sender)("POST", "/users", body)
    assert found == status
    assert status == 201 or answer["error"]["code"] == 1008
    assert pagerduty.with_key("user-bob")("POST", "/users", {"user": {"name": "F", "email": "f@example.com"}})[0] == 201


def test_two_accounts_are_two_worlds(world: Sandbox, pagerduty: Pagerduty) -> None:
    pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})
    other = Pagerduty.of(world)
    other.prefix = "/pagerduty@eu"
    assert other.made("GET", "/teams")["teams"] == []


@pytest.mark.parametrize("body", [None, {}, [], {"name": "payments"}, {"team": None}, {"team": []}, {"teams": {}}, "x"])
def test_a_body_without_its_wrapper_is_refused(pagerduty: Pagerduty, body: Any) -> None:
    status, answer = pagerduty("POST", "/teams", body)
    assert (status, answer["error"]["code"]) == (400, 2001)


def test_a_body_that_is_no_json_is_refused(world: Sandbox, pagerduty: Pagerduty) -> None:
    answer = world.handle(Request("POST", "/pagerduty/teams", (), pagerduty.headers, b"{"))
    assert answer.status == 400


def test_every_error_has_message_code_and_where_it_helps_sentences(pagerduty: Pagerduty) -> None:
    status, answer = pagerduty("POST", "/teams", {"team": {"name": ""}})
    assert status == 400
    assert answer == {
        "error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name must not be blank"]}
    }


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/teams/PNONE", 2100),
        ("/users/PNONE", 2013),
        ("/schedules/PNONE", 3004),
        ("/escalation_policies/PNONE", 5001),
        ("/services/PNONE", 5002),
        ("/services/PNONE/integrations/PNONE", 5002),
        ("/vendors/PNONE", 2100),
        ("/nothing/of/the/kind", 2100),
    ],
)
def test_what_is_not_there_has_a_code_of_its_own(pagerduty: Pagerduty, path: str, code: int) -> None:
    status, answer = pagerduty("GET", path)
    assert (status, answer["error"]["code"]) == (404, code)


def test_a_path_that_does_not_know_the_verb_says_so(pagerduty: Pagerduty) -> None:
    assert pagerduty("DELETE", "/abilities")[0] == 405


def test_unknown_keys_are_ignored_and_what_is_not_sent_stays(pagerduty: Pagerduty) -> None:
    body = {"name": "payments", "description": "money", "summary": "x", "colour": "red", "id": "PMINE"}
    team = pagerduty.made("POST", "/teams", {"team": body})["team"]
    assert "colour" not in team
    assert team["id"] != "PMINE"
    assert team["summary"] == "payments"
    changed = pagerduty.made("PUT", f"/teams/{team['id']}", {"team": {"name": "billing"}})["team"]
    assert (changed["name"], changed["description"]) == ("billing", "money")


def test_every_object_carries_the_five_keys(pagerduty: Pagerduty) -> None:
    team = pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})["team"]
    assert {"id", "type", "summary", "self", "html_url"} <= set(team)
    pagerduty.headers = {**pagerduty.headers, "host": "localhost:4242"}
    assert pagerduty.made("GET", f"/teams/{team['id']}")["team"]["self"] == (
        f"http://localhost:4242/pagerduty/teams/{team['id']}"
    )


def test_ids_never_meet() -> None:
    assert STRIDE % 2
    assert STRIDE % 3
    tenant: Any = Sandbox().account("pagerduty")
    idents = {tenant.ident() for _ in range(20_000)}
    assert len(idents) == 20_000
    assert all(len(ident) == 7 and ident.startswith("P") for ident in idents)


@pytest.fixture
def teams(pagerduty: Pagerduty) -> list[str]:
    names = [f"team-{number:02}" for number in range(30)]
    for name in names:
        pagerduty.made("POST", "/teams", {"team": {"name": name}})
    return names


def test_a_list_comes_in_pages(pagerduty: Pagerduty, teams: list[str]) -> None:
    first = pagerduty.made("GET", "/teams")
    assert (len(first["teams"]), first["limit"], first["offset"], first["more"]) == (25, 25, 0, True)
    assert first["total"] is None
    rest = pagerduty.made("GET", "/teams", offset="25", total="true")
    assert (len(rest["teams"]), rest["more"], rest["total"]) == (5, False, 30)
    assert [team["name"] for team in first["teams"] + rest["teams"]] == teams


def test_a_page_holds_a_hundred_at_most(pagerduty: Pagerduty, teams: list[str]) -> None:
    assert pagerduty.made("GET", "/teams", limit="500")["limit"] == 100


@pytest.mark.parametrize(
    "query",
    [
        {"offset": "9990", "limit": "100"},
        {"offset": "10000"},
        {"offset": "-1"},
        {"limit": "many"},
        {"offset": "²"},
        {"total": "True"},
    ],
)
def test_a_page_that_cannot_be_is_refused(pagerduty: Pagerduty, query: dict[str, str]) -> None:
    status, answer = pagerduty("GET", "/teams", **query)
    assert (status, answer["error"]["code"]) == (400, 2002)


def test_the_ten_thousandth_object_can_still_be_asked_for(pagerduty: Pagerduty) -> None:
    assert pagerduty("GET", "/teams", offset="9900", limit="100")[0] == 200


def test_a_list_can_be_searched(pagerduty: Pagerduty, teams: list[str]) -> None:
    assert [team["name"] for team in pagerduty.made("GET", "/teams", query="TEAM-07")["teams"]] == ["team-07"]


def test_a_cursor_leads_through_a_list(pagerduty: Pagerduty) -> None:
    first = pagerduty.made("GET", "/incident_workflows/actions", limit="2")
    assert len(first["actions"]) == 2
    rest = pagerduty.made("GET", "/incident_workflows/actions", limit="2", cursor=first["next_cursor"])
    assert rest["next_cursor"] is None
    assert pagerduty("GET", "/incident_workflows/actions", cursor="made up")[0] == 400


def test_what_is_new_may_not_be_listed_at_once(control: Caller, pagerduty: Pagerduty) -> None:
    control.made("POST", "/__settings", {"pagerduty": {"lag_reads": 1, "lag": 60.0}})
    team = pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})["team"]["id"]
    assert pagerduty.made("GET", "/teams")["teams"] == []
    assert pagerduty.made("GET", "/teams")["teams"] == []
    assert pagerduty.made("GET", f"/teams/{team}")["team"]["name"] == "payments"
    control.made("POST", "/__clock", {"advance": 60})
    assert len(pagerduty.made("GET", "/teams")["teams"]) == 1


def test_answers_tell_how_much_may_still_be_asked(world: Sandbox, pagerduty: Pagerduty) -> None:
    answer = pagerduty.answer("GET", "/abilities")
    assert answer.headers["ratelimit-limit"] == "960"
    assert answer.headers["ratelimit-remaining"] == "959"
    refused = world.throttled(Request("GET", "/pagerduty/users"))
    assert refused.status == 429
    assert refused.json() == {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    assert (refused.headers["ratelimit-remaining"], refused.headers["ratelimit-reset"]) == ("0", "1")


def test_the_account_says_what_it_can(control: Caller, pagerduty: Pagerduty) -> None:
    assert "priorities" in pagerduty.made("GET", "/abilities")["abilities"]
    assert pagerduty("GET", "/abilities/priorities")[0] == 204
    control.made("POST", "/__settings", {"pagerduty": {"plan": "basic"}})
    for path in ("/abilities/priorities", "/priorities"):
        status, answer = pagerduty("GET", path)
        assert (status, answer["error"]["code"]) == (402, 2014)


def test_vendors_and_priorities_are_there_from_the_start(pagerduty: Pagerduty) -> None:
    (datadog,) = pagerduty.made("GET", "/vendors", query="datadog")["vendors"]
    assert pagerduty.made("GET", f"/vendors/{datadog['id']}")["vendor"] == datadog
    assert [part["name"] for part in pagerduty.made("GET", "/priorities")["priorities"]] == [
        "P1",
        "P2",
        "P3",
        "P4",
        "P5",
    ]


def test_names_may_be_borne_twice_unless_the_settings_say_otherwise(control: Caller, pagerduty: Pagerduty) -> None:
    for _ in range(2):
        pagerduty.made("POST", "/teams", {"team": {"name": "payments"}})
    control.made("POST", "/__settings", {"pagerduty": {"names": "unique"}})
    status, answer = pagerduty("POST", "/teams", {"team": {"name": "payments"}})
    assert status == 400
    assert answer["error"]["errors"] == ["Name has already been taken"]
