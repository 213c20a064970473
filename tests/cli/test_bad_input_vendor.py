"""Vendors that are down, slow, or answer what they should not: told, retried in bounds, and nothing half done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.sandbox.server import serve
from reconciler.sandbox.world import Sandbox
from tests.cli.company import MAIL, PROJECT, TEAM, Company
from tests.cli.shell import Shell

PAGE = "<html><head><title>Welcome</title></head></html>"
GATEWAY = "<html><head><title>502 Bad Gateway</title></head></html>"
SPELL = "\x1b]0;owned\x07\x1b[2J**bold** `code` \u202e<b>\r+ create opsgenie/Team/x"
KEY = (
    "check the api_key from OPSGENIE_API_KEY (reconciler.yaml:5:3): is it right, not expired, allowed to do this, and "
    "of an account in region eu, not us?"
)
TOKEN = (
    "check the token from WALLARM_API_TOKEN (reconciler.yaml:6:3): is it right, not expired, allowed to do this, and "
    "of an account in cloud us, not eu or me?"
)
LATER = "run it again when opsgenie answers"
HTML = "200: answered with an HTML page; is http://vendor.invalid/opsgenie the API's address? (tried …)"
REDIRECT = (
    "302: redirects to https://elsewhere.example.com/steal; not followed, so that the token is not sent there: "
    "check the account's url"
)


def status(code: int, body: Any = None, **headers: str) -> Mapping[str, Any]:
    return {"fault": "status", "status": code, "body": body, "headers": headers}


# name, what happens to every request, what is said of the reading, the way out
READING: list[tuple[str, Mapping[str, Any], str, str]] = [
    ("down", {"fault": "refuse"}, "no connection to vendor.invalid: connection refused (tried …)", LATER),
    ("slow", {"fault": "slow", "seconds": 120}, "no answer from vendor.invalid: timed out after 30 s (tried …)", LATER),
    ("cut", {"fault": "cut"}, "no answer from vendor.invalid: the connection was cut (tried …)", LATER),
    ("busy", status(429, {"message": "Too many"}), "429: Too many (tried …)", LATER),
    ("a gateway's page", status(502, GATEWAY), "502: Bad Gateway (tried …)", LATER),
    ("HTML", status(200, PAGE), HTML, ""),
    ("half an answer", {"fault": "malformed"}, HTML.replace("an HTML page", "something that is not JSON"), ""),
    ("a redirect", status(302, location="https://elsewhere.example.com/steal?key=1#x"), REDIRECT, ""),
    ("a wrong key", status(401, {"message": "API key is invalid"}), "401: API key is invalid", KEY),
    ("a key without the right", status(403, {"message": "Forbidden", "code": 40301}), "403 (40301): Forbidden", KEY),
    ("escapes", status(400, {"message": SPELL}), "400: **bold** `code` <b> + create opsgenie/Team/x", ""),
]


@pytest.mark.parametrize(("name", "fault", "said", "way_out"), READING, ids=[row[0] for row in READING])
def test_what_could_not_be_read_is_told_and_left_as_it_is(
    company: Company, name: str, fault: Mapping[str, Any], said: str, way_out: str
) -> None:
    company.write({"team.yaml": TEAM, "mail.yaml": MAIL})
    company.settle()
    before = company.ledger()
    company.write({"team.yaml": TEAM.replace("at night", "by day")})
    company.fault(path="/opsgenie/*", **fault)
    end = f" way out: {way_out}" if way_out else ""
    whole = (
        "incomplete: opsgenie could not be read; nothing to change: 1 object in wallarm is as Git says (…) "
        f"not read, so not planned: opsgenie (1 manifest): GET /v2/teams: {said}{end}"
    )
    for command in (("plan",), ("plan", "--detailed-exitcode"), ("apply", "--yes")):
        ran = company(*command)
        assert (ran.code, ran.told) == (1, whole), name
        assert not any("\x1b" in text or "\u202e" in text for text in (ran.out, ran.err))
    assert (company.writes, company.ledger()) == ([], before)


# name, what happens to every write, what is said of it, the way out
WRITING: list[tuple[str, Mapping[str, Any], str, str]] = [
    ("down", {"fault": "refuse"}, "no connection to vendor.invalid: connection refused (tried …)", LATER),
    ("busy", status(429, {"message": "Too many"}), "429: Too many (tried …)", LATER),
    ("a redirect", status(302, location="https://elsewhere.example.com/steal?key=1"), REDIRECT, ""),
    ("a wrong key", status(401, {"message": "API key is invalid"}), "401: API key is invalid", KEY),
    ("a key without the right", status(403, {"message": "Forbidden"}), "403: Forbidden", KEY),
    ("escapes", status(422, {"message": SPELL}), "422: **bold** `code` <b> + create opsgenie/Team/x", ""),
]
LOST: list[tuple[str, Mapping[str, Any], str]] = [
    ("cut", {"fault": "cut"}, "no answer from vendor.invalid: the connection was cut"),
    ("a gateway's page", status(502, GATEWAY), "502: Bad Gateway"),
    ("HTML", status(200, PAGE), HTML.removesuffix(" (tried …)")),
    ("nothing", status(200, {}), "answered without an id"),
]


@pytest.mark.parametrize(
    ("name", "fault", "said", "way_out"),
    [
        *WRITING,
        *((name, fault, f"3 requests came to nothing, the last: {said}", "run again") for name, fault, said in LOST),
    ],
    ids=[row[0] for row in (*WRITING, *LOST)],
)
def test_what_could_not_be_made_is_told_and_made_once_by_the_next_apply(
    company: Company, name: str, fault: Mapping[str, Any], said: str, way_out: str
) -> None:
    company.write({"team.yaml": TEAM})
    company.fault(path="/opsgenie/*", method="POST", **fault)
    ran = company("apply", "--yes")
    end = f" way out: {way_out}" if way_out else ""
    assert ran.code == 1
    assert ran.told.partition("rule with it ")[2].strip() == (
        f"failed: create opsgenie/Team/night team.yaml:1 opsgenie: POST /v2/teams: {said}{end} "
        "nothing was done; 1 failed (…)"
    )
    assert not any("\x1b" in text or "\u202e" in text for text in (ran.out, ran.err))
    assert company.ledger()["opsgenie"][:2] == ({}, ())
    company.sandbox.faults.clear()
    assert company("apply", "--yes").code == 0
    assert company("plan", "--detailed-exitcode").code == 0
    assert len(list(company.tenant("opsgenie").teams)) == 1, name


@pytest.mark.parametrize("fault", ["slow", "lose", "malformed"])
def test_what_was_made_though_its_answer_was_lost_is_made_once(company: Company, fault: str) -> None:
    company.write({"team.yaml": TEAM})
    company.fault(path="/opsgenie/*", method="POST", fault=fault, **({"seconds": 120} if fault == "slow" else {}))
    assert company("apply", "--yes").code == 0
    assert company.writes == ["POST /opsgenie/v2/teams"]
    company.sandbox.faults.clear()
    assert company("plan", "--detailed-exitcode").code == 0


def test_a_minute_of_429_is_waited_out_and_told(company: Company) -> None:
    company.write({"team.yaml": TEAM})
    company.fault(
        **{**status(429, {"message": "Too many"}, **{"retry-after": "20"}), "path": "/opsgenie/*", "count": 3}
    )
    ran = company("plan")
    assert (ran.code, ran.out.partition(" (")[0]) == (0, "1 to create in opsgenie")
    assert "1 min 0 s" in ran.out
    assert ran.err == "opsgenie: asked again in 20.0 s: 429: Too many\n"


HIDDEN = [
    (403, "403: Forbidden", TOKEN),
    (500, "500: Forbidden (tried …)", "run it again when wallarm answers"),
]


@pytest.mark.parametrize(("inner", "said", "way_out"), HIDDEN)
def test_an_error_inside_a_200_is_an_error(company: Company, inner: int, said: str, way_out: str) -> None:
    company.write({"mail.yaml": MAIL})
    company.fault(**status(200, {"status": inner, "body": "Forbidden"}), path="/wallarm/*")
    ran = company("plan")
    assert (ran.code, ran.told) == (
        1,
        "incomplete: wallarm could not be read; nothing planned (…); new ledger: deletions cannot be seen "
        f"not read, so not planned: wallarm (1 manifest): POST /v1/user: {said} way out: {way_out}",
    )
    assert company.writes == []


# the variable's value, what is said, the way out
SIGN_IN = [
    (
        None,
        "token: WALLARM_API_TOKEN is not set here",
        "set it: wallarm is signed in with WALLARM_API_TOKEN (reconciler.yaml:6:3)",
    ),
    (
        "",
        "token: WALLARM_API_TOKEN is empty here",
        "set it: wallarm is signed in with WALLARM_API_TOKEN (reconciler.yaml:6:3)",
    ),
    (
        "t0ken\n",
        "token: what WALLARM_API_TOKEN holds cannot be sent: a line break, a space around it, or a letter that is not "
        "ASCII",
        "set it: wallarm is signed in with WALLARM_API_TOKEN (reconciler.yaml:6:3)",
    ),
    ("wr0ng-wrong", "POST /v1/user: 403: Forbidden", TOKEN),
]


@pytest.mark.parametrize(("value", "said", "way_out"), SIGN_IN)
def test_a_token_that_is_none_is_told_with_its_variable_and_place_and_never_shown(
    company: Company, monkeypatch: pytest.MonkeyPatch, value: str | None, said: str, way_out: str
) -> None:
    company.write({"mail.yaml": MAIL, "team.yaml": TEAM})
    company.settle()
    before = company.ledger()
    monkeypatch.delenv("WALLARM_API_TOKEN") if value is None else monkeypatch.setenv("WALLARM_API_TOKEN", value)
    for command in (("plan",), ("apply", "--yes")):
        ran = company(*command)
        assert (ran.code, ran.told) == (
            1,
            "incomplete: wallarm could not be read; nothing to change: 1 object in opsgenie is as Git says (…) "
            f"not read, so not planned: wallarm (1 manifest): {said} way out: {way_out}",
        )
        assert "t0ken" not in ran.said
        assert "wr0ng" not in ran.said
    assert (company.writes, company.ledger()) == ([], before)


ADDRESS = "opsgenie: the address of the API cannot be used: '{}'\n    write it as https://HOST or https://HOST/PATH, "


@pytest.mark.parametrize("url", ["ftp://api.example.com", "api.example.com", "https://h/?x=1"])
def test_an_address_that_is_none_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OPSGENIE_API_KEY", "key")
    shell.write("reconciler.yaml", PROJECT.replace("region: eu", f"region: eu, url: '{url}'"))
    shell.write("team.yaml", TEAM)
    ran = shell("plan")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"Error: {ADDRESS.format(url)}without user, password or query\n"


def test_with_an_address_of_its_own_the_address_is_doubted_and_no_region(company: Company) -> None:
    project = PROJECT.replace("region: eu", "region: eu, url: 'https://proxy.example.com'")
    company.write({"reconciler.yaml": project, "team.yaml": TEAM})
    company.fault(**status(401), path="/opsgenie/*")
    ran = company("plan")
    assert "allowed to do this, and of the account at https://proxy.example.com?" in ran.said
    assert "region" not in ran.said


def test_what_needs_an_account_that_was_not_read_waits_and_does_not_repeat_why(company: Company) -> None:
    company.shell.quickstart()
    company.fault(**status(401, {"message": "API key is invalid"}), path="/opsgenie/*")
    ran = company("plan")
    assert ran.out.count("API key is invalid") == 1
    said = "the apiKey of opsgenie/Integration/wallarm-alerts is not known: opsgenie was not read"
    assert f"! blocked wallarm/Integration/opsgenie-alerts wallarm.yaml:2 {said} name:" in ran.said
    assert "make the other object anew" not in ran.said


def test_a_redirect_is_not_followed_with_the_token(
    served_twice: tuple[Shell, Sandbox, Sandbox],
) -> None:
    shell, first, second = served_twice
    ran = shell("plan", "team.yaml")
    assert (ran.code, "not followed, so that the token is not sent there" in ran.said) == (1, True)
    assert (len(first.log) > 0, list(second.log)) == (True, [])


@pytest.fixture
def served_twice(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A vendor on a socket that sends everybody to another one, which would answer."""
    monkeypatch.setenv("OPSGENIE_API_KEY", "key")
    first, second = Sandbox(), Sandbox()
    with serve(first) as one, serve(second) as other:
        fault = status(307, location=f"{other.url}/opsgenie/v2/teams")
        first.faults.order({**fault, "path": "/opsgenie/*", "count": None})
        shell.write("reconciler.yaml", PROJECT.replace("region: eu", f"url: '{one.url}/opsgenie'"))
        shell.write("team.yaml", TEAM)
        yield shell, first, second
