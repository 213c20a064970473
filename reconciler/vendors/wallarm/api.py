"""Wallarm's API: one host per cloud, a token in a header, errors in several shapes, some of them in a 200.

https://docs.wallarm.com/api/overview/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from reconciler.http.exchange import Fault, Json, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.vendor import AccountSettings, WhoAmI

NAME = "wallarm"
VERSION = "v1"

CLOUDS: Mapping[str, str] = {
    "eu": "https://api.wallarm.com",
    "us": "https://us1.api.wallarm.com",
    "me": "https://me1.api.wallarm.com",
}


class WallarmSettings(AccountSettings):
    """A Wallarm account. The token's user must be an administrator to write integrations and triggers."""

    token: Annotated[SecretField, Field(description="API token: Console → Settings → API tokens")]
    cloud: Annotated[Literal["eu", "us", "me"], Field(description="the cloud the account lives in")] = "eu"
    client_id: Annotated[
        int | None,
        Field(ge=1, description="the tenant, where the token sees several; else the token's own"),
    ] = None


ENVIRONMENT = {"token": "WALLARM_API_TOKEN", "url": "WALLARM_API_HOST", "client_id": "WALLARM_API_CLIENT_ID"}

WHOAMI = WhoAmI("POST", "/v1/user", {"client_id": ("body", "client_id")}, tenant="client_id")


def base_url(settings: AccountSettings) -> str:
    assert isinstance(settings, WallarmSettings)
    return settings.url or CLOUDS[settings.cloud]


def known_facts(settings: AccountSettings) -> dict[str, str]:
    assert isinstance(settings, WallarmSettings)
    return {} if settings.client_id is None else {"client_id": str(settings.client_id)}


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {"X-WallarmAPI-Token": secrets["token"]}


def explain(reply: Reply) -> Fault | None:
    """The error in an answer: an HTTP status of 400 and above, or such a `status` inside a 200."""
    inner = reply.body.get("status") if isinstance(reply.body, dict) else None
    hidden = isinstance(inner, int) and not isinstance(inner, bool) and inner >= 400
    if reply.status < 400 and not hidden:
        return None
    status = inner if hidden and reply.status < 400 else reply.status
    assert isinstance(status, int)
    return Fault(status, None, "; ".join(_words(reply.body)) or _PHRASES.get(status, "no reason given"))


def _words(body: Json) -> Iterator[str]:
    """Texts of `{"status", "body": "Already exists"}` and of `{"field": {"error": "can't be blank"}}`, nested too."""
    match body:
        case str():
            yield body
        case {"body": str() | dict() as inner}:
            yield from _words(inner)
        case dict():
            for name, value in body.items():
                if name != "status":
                    yield from (text if name in _PLAIN else f"{name}: {text}" for text in _words(value))
        case list():
            for item in body:
                yield from _words(item)


_PLAIN = frozenset({"error", "message", "errors"})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
