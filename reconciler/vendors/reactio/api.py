"""Reactio's API: one host per organisation, a project's key in a header, errors as a type with a message.

https://reactio.jp/development/api
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.http.exchange import Fault, Json, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.vendor import AccountSettings

NAME = "reactio"
VERSION = "v1"
PAGE = "https://reactio.jp/development/api"
ROOT = "/api/v1"


class ReactioSettings(AccountSettings):
    """A Reactio account: one project of one organisation, which is what a key opens."""

    organization: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$",
            description="the OrganizationID: the first word of the host, acme of acme.reactio.jp",
            examples=["acme"],
        ),
    ] = None
    api_key: Annotated[SecretField, Field(description="the API key of the project, shown on its admin page")]

    @model_validator(mode="after")
    def _stands_somewhere(self) -> ReactioSettings:
        if self.organization is None and self.url is None:
            raise PydanticCustomError(
                "organization", "organization is missing: the first word of the host, acme of acme.reactio.jp", {}
            )
        return self


ENVIRONMENT = {"organization": "REACTIO_ORGANIZATION", "api_key": "REACTIO_API_KEY"}


def base_url(settings: AccountSettings) -> str:
    assert isinstance(settings, ReactioSettings)
    return settings.url or f"https://{settings.organization}.reactio.jp"


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {"X-Api-Key": secrets["api_key"], "Accept": "application/json"}


# ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# Refusals after which it may have been done all the same: nobody could be told, and the incident may stand.
UNSURE = frozenset({"notification_error"})

_WAYS_OUT: Mapping[str, str] = {
    "authentication_error": "api_key must be the one that the project's admin page shows, letter by letter",
    "invalid_request_body": "Reactio found no JSON in the request: where url is a proxy, see what it sends on",
    "validation_error": "put the named fields right; what parameters may hold is set up in the project's option items",
    "notification_error": "nobody in the project can be told: give people an address or a phone in Reactio, or "
    "leave the notification out; what it was sent with may have been done",
    "incident_not_found": "this key's project has no such incident: check the account and the id",
    "forbidden": "it is another project's: sign in with that project's key",
    "not_found": "there is no such incident at this organisation: check the account and the id",
    "internal_server_error": "what was sent may have been done all the same: look at the incidents before it is sent "
    "again",
}
_OTHERWISE: Mapping[int, str] = {401: "authentication_error", 403: "forbidden", 404: "not_found"}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def explain(reply: Reply) -> Fault | None:
    """The error in an answer, in the vendor's words and with what to do about it."""
    if reply.status < 400:
        return None
    body = reply.body if isinstance(reply.body, dict) else {}
    kind, message = body.get("type"), body.get("message")
    words = message if isinstance(message, str) and message else _PHRASES.get(reply.status, "no reason given")
    details = ", ".join(_details(body.get("errors")))
    known = kind if isinstance(kind, str) and kind else None
    way_out = _WAYS_OUT.get(known or _OTHERWISE.get(reply.status, ""))
    text = f"{words} ({details})" if details else words
    return Fault(reply.status, known, f"{text}; {way_out}" if way_out else text)


def _details(errors: Json) -> Iterator[str]:
    """`{"field": "name", "code": "missing_field"}` as `name: missing_field`."""
    for error in errors if isinstance(errors, list) else []:
        match error:
            case {"field": str() as field, "code": str() as code}:
                yield f"{field}: {code}"
            case {"field": str() as field}:
                yield field
            case _:
                continue
