"""How a Dynatrace environment is found and signed in to, how its errors are read, and which scope a call needs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.http.exchange import Fault, Reply
from reconciler.vendors.dynatrace import VENDOR
from reconciler.vendors.dynatrace.api import DynatraceSettings, explain, passing, scope

TOKEN = {"env": "TOKEN"}


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://abc12345.live.dynatrace.com", "https://abc12345.live.dynatrace.com"),
        ("https://abc12345.live.dynatrace.com/", "https://abc12345.live.dynatrace.com"),
        ("https://astrom.example.ru/e/6f2c", "https://astrom.example.ru/e/6f2c"),
        ("https://gate.example.com:9999/e/6f2c", "https://gate.example.com:9999/e/6f2c"),
        ("https://gate.example.com/e/6f2c/", "https://gate.example.com/e/6f2c"),
        ("http://127.0.0.1:1/dynatrace", "http://127.0.0.1:1/dynatrace"),
    ],
)
def test_an_environment_stands_where_its_address_says(url: str, base: str) -> None:
    assert VENDOR.base_url(DynatraceSettings.model_validate({"url": url, "token": TOKEN})) == base


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"token": TOKEN}, "Field required"),
        ({"url": "abc12345", "token": TOKEN}, "no address of an environment"),
        ({"url": "https://a.live.dynatrace.com/?x=1", "token": TOKEN}, "no address of an environment"),
        ({"url": "https://abc.apps.dynatrace.com", "token": TOKEN}, "https://abc.live.dynatrace.com"),
        ({"url": "https://abc.sprint.apps.dynatracelabs.com", "token": TOKEN}, "takes no API tokens"),
        ({"url": "https://abc.live.dynatrace.com/api/v2", "token": TOKEN}, "ends before /api"),
        ({"url": "https://abc.live.dynatrace.com", "token": "dt0c01.A.B"}, "never stands in a manifest"),
    ],
)
def test_an_account_that_cannot_be_is_a_mistake(settings: Any, words: str) -> None:
    with pytest.raises(ValidationError) as raised:
        DynatraceSettings.model_validate(settings)
    assert words in str(raised.value)


def test_a_call_is_signed_with_the_token() -> None:
    assert VENDOR.sign({"token": "dt0c01.A.B"}) == {"Authorization": "Api-Token dt0c01.A.B"}


VIOLATION = {"path": "builtin:x/0/name", "message": "Must not be null", "parameterLocation": "PAYLOAD_BODY"}
REFUSED = {"code": 400, "message": "Constraints violated.", "constraintViolations": [VIOLATION]}


def refusal(path: str) -> dict[str, Any]:
    return {"code": 400, "message": "Wrong.", "constraintViolations": [{**VIOLATION, "path": path}]}


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, [{"code": 200, "objectId": "o1"}], None),
        (200, {"code": 200, "objectId": "o1"}, None),
        (200, {"items": [], "totalCount": 0}, None),
        (204, None, None),
        (200, {"value": {"error": {"code": 400}}}, None),
        (400, {"error": REFUSED}, Fault(400, None, "Constraints violated. (name: Must not be null)")),
        (
            207,
            [{"code": 200, "objectId": "o1"}, {"code": 400, "error": REFUSED, "invalidValue": {}}],
            Fault(400, None, "Constraints violated. (name: Must not be null)"),
        ),
        (400, [{"code": 400, "error": refusal("builtin:x/3")}], Fault(400, None, "Wrong. (Must not be null)")),
        (400, {"code": 400, "error": refusal("a/0/b")}, Fault(400, None, "Wrong. (a/0/b: Must not be null)")),
        (200, [{"code": 404, "error": {"code": 404, "message": "gone"}}], Fault(404, None, "gone")),
        (200, {"code": 409, "error": {"message": "conflict"}}, Fault(409, None, "conflict")),
        (409, [{"code": 409}], Fault(409, None, "Conflict")),
        (401, {"error": {"code": 401, "message": "Missing authorization"}}, Fault(401, None, "Missing authorization")),
        (503, "<html>", Fault(503, None, "Service Unavailable")),
        (400, {"error": {"code": 400, "constraintViolations": "odd"}}, Fault(400, None, "Bad Request")),
    ],
)
def test_an_error_is_found_in_every_form_of_answer(status: int, body: Any, fault: Fault | None) -> None:
    assert explain(Reply(status, body)) == fault


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/api/v1/events", "DataExport"),
        ("GET", "/api/v1/events/{id}", "DataExport"),
        ("POST", "/api/v1/events", "DataExport"),
        ("POST", "/api/v2/events/ingest", "events.ingest"),
        ("GET", "/api/v2/events", "events.read"),
        ("GET", "/api/v2/eventTypes", "events.read"),
        ("GET", "/api/v2/eventProperties", "events.read"),
        ("GET", "/api/v2/tags", "entities.read"),
        ("GET", "/api/v2/entities", "entities.read"),
        ("POST", "/api/v2/tags", "entities.write"),
        ("DELETE", "/api/v2/tags", "entities.write"),
        ("GET", "/api/config/v1/autoTags", "ReadConfig"),
        ("POST", "/api/config/v1/autoTags/validator", "WriteConfig"),
        ("GET", "/api/v2/settings/schemas", "settings.read"),
        ("GET", "/api/v2/settings/objects", "settings.read"),
        ("GET", "/api/v2/settings/effectiveValues", "settings.read"),
        ("POST", "/api/v2/settings/objects", "settings.write"),
        ("DELETE", "/api/v2/settings/objects/{id}", "settings.write"),
        ("PUT", "/api/v2/settings/objects/{id}", "settings.write and settings.read"),
        ("GET", "/api/v2/problems", "problems.read"),
        ("POST", "/api/v2/problems/{id}/close", "problems.write"),
        ("GET", "/elsewhere", None),
    ],
)
def test_every_call_names_the_scope_it_needs(method: str, path: str, needed: str | None) -> None:
    assert scope(method, path) == needed


@pytest.mark.parametrize(
    ("method", "words", "again"),
    [
        ("POST", "Constraints violated. (managementZones[0]: Unknown management zone.)", True),
        ("PUT", "Management-Zone not found", True),
        ("GET", "Unknown management zone.", False),
        ("POST", "Validation failed for 1 Validators. (builtin:tags.auto-tagging/0: Tag name must be unique)", True),
        ("PUT", "Management zone with this name already exists. Please provide a different one.", True),
        ("PUT", "Must not be null", False),
    ],
)
def test_what_was_made_or_deleted_an_instant_ago_is_waited_for(method: str, words: str, again: bool) -> None:
    assert passing(method, Fault(400, None, words)) is again
