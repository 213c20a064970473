"""Reactio's account: where it stands, how it is signed in, and what each of its errors tells people to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import ManifestError
from reconciler.http.exchange import Reply
from reconciler.manifest.project import find_root, load_project
from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from reconciler.vendors.reactio import VENDOR, api

ENV = {"env": "KEY"}


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"organization": "acme", "api_key": ENV}, "https://acme.reactio.jp"),
        ({"organization": "a-1", "api_key": ENV}, "https://a-1.reactio.jp"),
        ({"organization": "acme", "api_key": ENV, "url": "http://127.0.0.1:1/r"}, "http://127.0.0.1:1/r"),
        ({"api_key": ENV, "url": "http://127.0.0.1:1/r"}, "http://127.0.0.1:1/r"),
    ],
)
def test_an_organisation_has_a_host_of_its_own(settings: dict[str, Any], url: str) -> None:
    assert VENDOR.base_url(VENDOR.settings.model_validate(settings)) == url


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"api_key": ENV}, "organization is missing: the first word of the host"),
        ({"organization": "acme"}, "Field required"),
        ({"organization": "acme.reactio.jp", "api_key": ENV}, "should match pattern"),
        ({"organization": "", "api_key": ENV}, "should match pattern"),
        ({"organization": "acme", "api_key": "clear-text"}, "a secret never stands in a manifest"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as found:
        VENDOR.settings.model_validate(settings)
    assert words in "".join(error["msg"] for error in found.value.errors())
    assert "clear-text" not in str(found.value)


def test_a_project_without_an_organisation_is_told_where_it_is_missing(tmp_path: Path) -> None:
    text = "apiVersion: reconciler/v1\nkind: Project\naccounts:\n  reactio: {api_key: {env: K}}\n"
    (tmp_path / "reconciler.yaml").write_text(text)
    with pytest.raises(ManifestError) as found:
        load_project(*find_root(tmp_path), {"reactio": VENDOR}, environ={})
    assert [str(problem) for problem in found.value.problems] == [
        "reconciler.yaml:4:3: accounts.reactio: organization is missing: the first word of the host, acme of "
        "acme.reactio.jp"
    ]


def test_a_manifest_without_an_account_is_told_how_to_set_one_up(tmp_path: Path) -> None:
    text = "apiVersion: reactio/v1\nkind: Incident\nmetadata: {name: a}\nspec: {since: 2026-01-05T09:00:00Z}\n"
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ManifestError) as found:
        load_project(*find_root(tmp_path), {"reactio": VENDOR}, environ={})
    assert "set REACTIO_ORGANIZATION, REACTIO_API_KEY" in str(found.value)
    (tmp_path / "reconciler.yaml").write_text("apiVersion: reconciler/v1\nkind: Project\n")
    with pytest.raises(ManifestError) as found:
        load_project(*find_root(tmp_path), {"reactio": VENDOR}, environ={})
    assert "write accounts: reactio: {organization: …, api_key: {env: REACTIO_API_KEY}}" in str(found.value)
    made_up = load_project(*find_root(tmp_path), {"reactio": VENDOR}, environ={}, made_up=True)
    assert made_up.accounts["reactio"].settings.model_dump()["organization"] == "acme"


def test_the_key_goes_in_a_header_of_its_own() -> None:
    assert VENDOR.sign({"api_key": "k"}) == {"X-Api-Key": "k", "Accept": "application/json"}


def error(kind: str, message: str, *fields: tuple[str, str]) -> Any:
    body: dict[str, Any] = {"type": kind, "message": message}
    return {**body, "errors": [{"field": field, "code": code} for field, code in fields]} if fields else body


EVERY_TYPE = [
    (401, error("authentication_error", "api key required"), "api key required; api_key must be the one that"),
    (401, error("authentication_error", "invalid api key"), "invalid api key; api_key must be the one that"),
    (400, error("invalid_request_body", "invalid request body"), "invalid request body; Reactio found no JSON"),
    (
        400,
        error("validation_error", "validation error", ("name", "missing_field"), ("status", "x")),
        "validation error (name: missing_field, status: x); put the named fields right",
    ),
    (
        400,
        error("notification_error", "Notification destination can not be found."),
        "Notification destination can not be found.; nobody in the project can be told: give people an address",
    ),
    (400, error("incident_not_found", "Incident not found."), "Incident not found.; this key's project has no such"),
    (403, error("forbidden", "Forbidden"), "Forbidden; it is another project's: sign in with that project's key"),
    (404, error("not_found", "Not Found"), "Not Found; there is no such incident at this organisation"),
    (
        500,
        error("internal_server_error", "Internal Server Error"),
        "Internal Server Error; what was sent may have been done all the same",
    ),
]


@pytest.mark.parametrize(("status", "body", "said"), EVERY_TYPE, ids=[row[2][:40] for row in EVERY_TYPE])
def test_every_error_says_what_to_do(status: int, body: Any, said: str) -> None:
    fault = VENDOR.explain(Reply(status, body))
    assert fault is not None
    assert (fault.status, fault.code) == (status, body["type"])
    assert fault.message.startswith(said)


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (Reply(401, None), None, "Unauthorized; api_key must be"),
        (Reply(404, "<html>"), None, "Not Found; there is no such incident"),
        (Reply(503, "<html>"), None, "Service Unavailable"),
        (Reply(400, {"type": "new_error", "message": "what"}), "new_error", "what"),
        (
            Reply(400, {"type": 7, "message": [], "errors": [{"code": "x"}, "y", {"field": "f"}]}),
            None,
            "Bad Request (f)",
        ),
        (Reply(599), None, "no reason given"),
    ],
)
def test_what_has_no_type_is_explained_all_the_same(reply: Reply, code: str | None, said: str) -> None:
    fault = VENDOR.explain(reply)
    assert fault is not None
    assert fault.code == code
    assert fault.message.startswith(said)


def test_a_success_is_none() -> None:
    assert VENDOR.explain(Reply(201, {"type": "incident"})) is None
    assert VENDOR.explain(Reply(200, {"success": True})) is None
    assert VENDOR.explain(Reply(200)) is None


CAUSES: list[tuple[str, str, str, Any]] = [
    ("authentication_error", "GET", "/incidents", None),
    ("invalid_request_body", "POST", "/incidents", None),
    ("validation_error", "POST", "/incidents", {}),
    ("notification_error", "POST", "/incidents", {"name": "x", "notification_text": "y"}),
    ("incident_not_found", "POST", "/incidents/9/status", {"status": "pend"}),
    ("forbidden", "GET", "/incidents/1", None),
    ("not_found", "GET", "/incidents/9", None),
]


@pytest.mark.parametrize(("kind", "method", "path", "body"), CAUSES, ids=[row[0] for row in CAUSES])
def test_what_the_sandbox_refuses_is_understood(kind: str, method: str, path: str, body: Any) -> None:
    """Both sides were written from the vendor's page, each by itself."""
    world = Sandbox()
    account = world.vendors["reactio"].account()
    account.edit(("incidents", "a"), {"project": "another"})
    for user in ("4", "9"):
        account.edit(("users", user), None)
    headers = {} if kind == "authentication_error" else {"x-api-key": "k"}
    content = b"" if body is None else json.dumps(body).encode()
    answer = world.handle(Request(method, f"/reactio{api.ROOT}{path}", (), headers, content))
    fault = VENDOR.explain(Reply(answer.status, answer.json()))
    assert fault is not None
    assert fault.code == kind
    assert "; " in fault.message
