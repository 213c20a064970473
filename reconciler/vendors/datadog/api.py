"""Datadog's API: one host per site, two keys, errors in half a dozen shapes, rates told by each answer.

https://docs.datadoghq.com/api/latest/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.http.exchange import Allowance, Fault, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.vendor import AccountSettings

NAME = "datadog"
VERSION = "v1"
APPLICATION_KEY = "application_key"  # the fact that an account has one; without it nothing can be read

Site = Literal[
    "datadoghq.com",
    "us3.datadoghq.com",
    "us5.datadoghq.com",
    "datadoghq.eu",
    "ap1.datadoghq.com",
    "ap2.datadoghq.com",
    "uk1.datadoghq.com",
    "ddog-gov.com",
    "us2.ddog-gov.com",
]
SITES: tuple[Site, ...] = (
    *("datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu"),
    *("ap1.datadoghq.com", "ap2.datadoghq.com", "uk1.datadoghq.com", "ddog-gov.com", "us2.ddog-gov.com"),
)
REGIONS: Mapping[str, str] = {site: f"https://api.{site}" for site in SITES}


class DatadogSettings(AccountSettings):
    """A Datadog organisation. The API key is the organisation's, the application key somebody's."""

    api_key: Annotated[
        SecretField, Field(description="API key, 32 hexadecimal digits: Organization Settings → API Keys")
    ]
    app_key: Annotated[
        SecretField | None,
        Field(
            description="application key, 40 hexadecimal digits: Organization Settings → Application Keys; without it "
            "nothing can be read, and only DORA events can be sent. Log monitors need one without scopes"
        ),
    ] = None
    site: Annotated[Site, Field(description="the site the organisation lives on, as the browser's address ends")] = (
        "datadoghq.com"
    )


ENVIRONMENT = {"api_key": "DD_API_KEY", "app_key": "DD_APP_KEY", "site": "DD_SITE"}


def base_url(settings: AccountSettings) -> str:
    assert isinstance(settings, DatadogSettings)
    return settings.url or REGIONS[settings.site]


def known_facts(settings: AccountSettings) -> dict[str, str]:
    assert isinstance(settings, DatadogSettings)
    return {"site": settings.site, **({APPLICATION_KEY: "given"} if settings.app_key is not None else {})}


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    """Both keys as headers; the application key only where there is one."""
    headers = {"DD-API-KEY": secrets["api_key"], "Accept": "application/json"}
    app_key = secrets.get("app_key")
    return headers if app_key is None else {**headers, "DD-APPLICATION-KEY": app_key}


def scope(method: str, path: str) -> str | None:
    """What an application key must be allowed to do."""
    if not path.startswith("/api/v2/dora/"):
        return None
    return "dora_metrics_write" if method in ("PATCH", "DELETE") else "dora_metrics_read"


# ── errors and rates ────────────────────────────────────────────────────────────────────────────────────────────────

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_HINTS = {
    401: "a key of another site is refused in the same way",
    403: "a key of another site is refused in the same way; so is an application key without the scope or permission",
}
_ABOUT = {
    "Duplicate of an existing monitor_id": "bind the manifest to that one: metadata: {id: ID}",
    "Some monitor IDs are invalid": "a composite names monitors that are there, and no composites",
}


def explain(reply: Reply) -> Fault | None:
    """The error in an answer: `errors` is a list of sentences, of JSON:API objects, or one sentence.

    An edge answers a page, or nothing.
    """
    if reply.status < 400:
        return None
    match reply.body:
        case dict() as body:
            words = dict.fromkeys(_words(body.get("errors"))) or dict.fromkeys(_words(body.get("error")))
        case str() as page if "<" in page:
            title = re.search(r"<title[^>]*>(.*?)</title", page, re.IGNORECASE | re.DOTALL)
            words = {f"an HTML page: {title[1]}" if title else "an HTML page": None}
        case other:
            words = dict.fromkeys(_words(other))
    return _hinted(reply.status, "; ".join(words) or None)


def _hinted(status: int, words: str | None) -> Fault:
    text = words or _PHRASES.get(status, "no reason given")
    hint = next((way for about, way in _ABOUT.items() if about in text), _HINTS.get(status))
    return Fault(status, None, f"{text}; {hint}" if hint else text)


def _words(errors: Any) -> Iterator[str]:
    match errors:
        case str() if errors:
            yield errors
        case list():
            for one in errors:
                yield from _words(one)
        case {"detail": str(detail), **rest} if detail:
            yield f"{detail}{_where(rest.get('source'))}"
        case {"title": str(title)} if title:
            yield title
        case {"message": str(message)} if message:
            yield message


def _where(source: Any) -> str:
    """Which part of the request a JSON:API error is about."""
    match source:
        case {"pointer": str(place)} | {"parameter": str(place)} if place:
            return f" (at {place})"
        case _:
            return ""


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    try:
        return Allowance(int(headers["x-ratelimit-remaining"]), float(headers["x-ratelimit-reset"]))
    except (KeyError, ValueError):
        return None
