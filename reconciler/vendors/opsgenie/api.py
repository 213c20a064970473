"""Opsgenie's API: one host per region, a GenieKey, errors as `{message, code, errors}`.

https://docs.opsgenie.com/docs/api-overview
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from reconciler.http.exchange import Fault, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.vendor import AccountSettings

NAME = "opsgenie"
VERSION = "v1"

REGIONS: Mapping[str, str] = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}

# Atlassian's announcement of 2025.
NOTICE = "Opsgenie ends on 2027-04-05: Atlassian states that its API works until then, and less for migrated accounts"


class OpsgenieSettings(AccountSettings):
    """An Opsgenie account."""

    api_key: Annotated[
        SecretField,
        Field(description="key with configuration access: Settings → API key management"),
    ]
    region: Annotated[Literal["us", "eu"], Field(description="the region the account lives in")] = "us"


ENVIRONMENT = {"api_key": "OPSGENIE_API_KEY"}


def base_url(settings: AccountSettings) -> str:
    assert isinstance(settings, OpsgenieSettings)
    return settings.url or REGIONS[settings.region]


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {"Authorization": f"GenieKey {secrets['api_key']}"}


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def explain(reply: Reply) -> Fault | None:
    if reply.status < 400:
        return None
    body = reply.body if isinstance(reply.body, dict) else {}
    code, message, errors = body.get("code"), body.get("message"), body.get("errors")
    words = message if isinstance(message, str) and message else _PHRASES.get(reply.status, "no reason given")
    fields = "; ".join(f"{name}: {text}" for name, text in errors.items()) if isinstance(errors, dict) else ""
    return Fault(reply.status, None if code is None else str(code), f"{words} ({fields})" if fields else words)
