"""PagerDuty's API: one host per region, a token, errors as `{error: {message, code, errors}}`, 960 requests a minute.

https://developer.pagerduty.com/docs/get-started/getting-started/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.http.exchange import Allowance, Fault, Reply
from reconciler.kinds.fields import SecretField
from reconciler.kinds.place import Offset
from reconciler.kinds.vendor import AccountSettings

NAME = "pagerduty"
VERSION = "v1"

# Events have a host of their own, where a routing key in the body is all that is asked for.
EVENTS: Mapping[str, str] = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
EVENTS_HOST = "events"

REGIONS: Mapping[str, str] = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}

# Almost every list: `limit`, `offset`, and `more`, which says whether there is another page; 400 beyond 10,000 records.
PAGES = Offset(100, more=("more",), most=10_000)
# Of what an account has by the thousand; the others save the vendor the counting.
COUNTED = replace(PAGES, total=("total",), count=(("total", "true"),))


class PagerDutySettings(AccountSettings):
    """A PagerDuty account. A user's key acts as that user; one of the account acts as nobody, or as `from`."""

    token: Annotated[
        SecretField,
        Field(description="REST API key, 20 characters: Integrations → API Access Keys, or My Profile → User Settings"),
    ]
    region: Annotated[Literal["us", "eu"], Field(description="the region the account lives in")] = "us"
    from_: Annotated[
        str | None,
        Field(
            alias="from",
            pattern=r"^[^@\s]+@[^@\s]+$",
            description="a user's e-mail address, in whose name a key of the account makes maintenance windows and "
            "incidents",
        ),
    ] = None


ENVIRONMENT = {"token": "PAGERDUTY_TOKEN", "region": "PAGERDUTY_SERVICE_REGION"}

# `From`, on the calls that want it; the fact is there where the account's settings name somebody.
FROM = (("From", "from"),)


def base_url(settings: AccountSettings) -> str:
    assert isinstance(settings, PagerDutySettings)
    return settings.url or REGIONS[settings.region]


def hosts(settings: AccountSettings) -> dict[str, str]:
    """Where the account has an address of its own (a proxy, the sandbox), events go there as well."""
    assert isinstance(settings, PagerDutySettings)
    return {EVENTS_HOST: settings.url or EVENTS[settings.region]}


def known_facts(settings: AccountSettings) -> dict[str, str]:
    assert isinstance(settings, PagerDutySettings)
    return {} if settings.from_ is None else {"from": settings.from_}


def sign(secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "Authorization": f"Token token={secrets['token']}",
        "Accept": "application/vnd.pagerduty+json;version=2",
    }


# ── errors and rates ────────────────────────────────────────────────────────────────────────────────────────────────

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_REQUESTER_UNKNOWN = 1008
_HINTS = {
    401: "a key of the other region is refused in the same way",
    402: "the account's plan does not hold this",
}


def explain(reply: Reply) -> Fault | None:
    """The error in an answer; some of 403, 404 and 429 have no body, or one that is not JSON."""
    if reply.status < 400:
        return None
    body = reply.body if isinstance(reply.body, dict) else {}
    inner = body.get("error")
    error: Mapping[str, Any] = inner if isinstance(inner, dict) else body
    code, message = error.get("code"), error.get("message")
    words = message if isinstance(message, str) and message else _PHRASES.get(reply.status, "no reason given")
    details = "; ".join(_details(error.get("errors")))
    hint = "set `from` in the account: a user's e-mail address" if code == _REQUESTER_UNKNOWN else None
    hint = hint or _HINTS.get(reply.status)
    text = f"{words} ({details})" if details else words
    known = code if isinstance(code, int | str) and not isinstance(code, bool) else None
    return Fault(reply.status, None if known is None else str(known), f"{text}; {hint}" if hint else text)


def _details(errors: Any) -> Iterator[str]:
    """A list of sentences, or the messages of each field."""
    match errors:
        case str():
            yield errors
        case list():
            for one in errors:
                yield from _details(one)
        case dict():
            for name, inner in errors.items():
                yield from (f"{name}: {text}" for text in _details(inner))


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    try:
        return Allowance(int(headers["ratelimit-remaining"]), float(headers["ratelimit-reset"]))
    except (KeyError, ValueError):
        return None
