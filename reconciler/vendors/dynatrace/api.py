"""Dynatrace's API, and that of Ключ-АСТРОМ: an environment's address, a token, errors as `{error: {code, message}}`.

https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.http.exchange import Fault, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.vendor import AccountSettings

NAME = "dynatrace"
VERSION = "v1"


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise PydanticCustomError(
            "environment_url",
            "{text} is no address of an environment, like https://abc12345.live.dynatrace.com",
            {"text": repr(text)},
        )
    if ".apps.dynatrace" in parts.hostname:
        live = parts.hostname.replace(".sprint.apps.", ".sprint.").replace(".apps.dynatrace", ".live.dynatrace")
        raise PydanticCustomError(
            "platform_url",
            "{host} takes no API tokens; write the environment's own address, https://{live}",
            {"host": parts.hostname, "live": live},
        )
    if "/api" in f"{parts.path}/".replace("/api/", "/api"):
        raise PydanticCustomError("api_url", "the address ends before /api", {})
    return text.rstrip("/")


class DynatraceSettings(AccountSettings):
    """A Dynatrace environment, wherever it runs."""

    url: Annotated[
        str,
        AfterValidator(_address),
        Field(
            description="https://ENVIRONMENT.live.dynatrace.com, https://DOMAIN/e/ENVIRONMENT on your own machines, "
            "or through an ActiveGate https://HOST:9999/e/ENVIRONMENT",
            examples=["https://abc12345.live.dynatrace.com"],
        ),
    ]
    token: Annotated[
        SecretField,
        Field(description="API token (dt0c01.…): Access tokens; every refused call names the scope it needs"),
    ]


ENVIRONMENT = {"url": "DYNATRACE_ENV_URL", "token": "DYNATRACE_API_TOKEN"}


def base_url(settings: AccountSettings) -> str:
    assert settings.url is not None
    return settings.url


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"Api-Token {secrets['token']}"}


# ── what a token must be allowed to do ──────────────────────────────────────────────────────────────────────────────

# By path and method (None: any other); the first row whose path begins a request's is its own.
_SCOPES: tuple[tuple[str, str | None, str], ...] = (
    ("/api/v1/events", None, "DataExport"),
    ("/api/v2/events/ingest", None, "events.ingest"),
    ("/api/v2/events", None, "events.read"),
    ("/api/v2/eventTypes", None, "events.read"),
    ("/api/v2/eventProperties", None, "events.read"),
    ("/api/v2/tags", "GET", "entities.read"),
    ("/api/v2/tags", None, "entities.write"),
    ("/api/v2/entities", None, "entities.read"),
    ("/api/config/v1", "GET", "ReadConfig"),
    ("/api/config/v1", None, "WriteConfig"),
    ("/api/v2/settings", "GET", "settings.read"),
    ("/api/v2/settings", "PUT", "settings.write and settings.read"),
    ("/api/v2/settings", None, "settings.write"),
    ("/api/v2/problems", "GET", "problems.read"),
    ("/api/v2/problems", None, "problems.write"),
)


def scope(method: str, path: str) -> str | None:
    """The scope of the token that a call needs."""
    return next((name for start, verb, name in _SCOPES if path.startswith(start) and verb in (method, None)), None)


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# Before the path within a value: its schema, and its number in a request that it may share with others.
_ITEM = re.compile(r"^[^/:]+:[^/]+/\d+(?:/|$)")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def explain(reply: Reply) -> Fault | None:
    """The error in an answer. Writes of settings answer one result an object, and a 2xx may hold one that failed."""
    body = reply.body
    results = body if isinstance(body, list) else [body]
    failed = [one for one in results if isinstance(one, Mapping) and _failed(one, reply.status)]
    if failed:
        return _fault(failed[0], reply.status)
    if reply.status < 400:
        return None
    return Fault(reply.status, None, _PHRASES.get(reply.status, "no reason given"))


def _failed(result: Mapping[str, Any], status: int) -> bool:
    code = result.get("code")
    inner = isinstance(code, int) and not isinstance(code, bool) and code >= 400
    return inner or (isinstance(result.get("error"), Mapping) and (status >= 400 or "code" in result))


def _fault(result: Mapping[str, Any], status: int) -> Fault:
    inner = result.get("error")
    error: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    codes = [code for code in (result.get("code"), error.get("code")) if isinstance(code, int)]
    code = next((code for code in codes if code >= 400), status)
    message = error.get("message")
    words = message if isinstance(message, str) and message else _PHRASES.get(code, "no reason given")
    places = ((_ITEM.sub("", path), text) for path, text in violations(result))
    details = "; ".join(f"{path}: {text}" if path else text for path, text in places)
    return Fault(code, None, f"{words} ({details})" if details else words)


def violations(result: Any) -> Iterator[tuple[str, str]]:
    """What is wrong in one result, as paths and messages."""
    error = result.get("error") if isinstance(result, Mapping) else None
    rows = error.get("constraintViolations") if isinstance(error, Mapping) else None
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping):
            yield str(row.get("path") or ""), str(row.get("message") or "not accepted")


_SOON = (
    *("Unknown management zone", "Management-Zone not found"),
    *("must be unique", "Management zone with this name already exists", "must have a unique name"),
)


def passing(method: str, fault: Fault) -> bool:
    """Whether a refusal passes by itself: a zone made an instant ago is not known everywhere at once, and a name given
    up an instant ago not free."""
    return method in ("POST", "PUT") and any(words in fault.message for words in _SOON)
