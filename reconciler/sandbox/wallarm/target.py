"""The `target` of each type of Wallarm integration: its shape and its secrets (sheet 3.4)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.fields import Check, flag, items, mapping, record, text, whole, word
from reconciler.sandbox.wallarm.vocabulary import OPSGENIE_APIS

MASK = "********"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
WEB = r"https?://\S+"

_url = text(least=1, pattern=WEB)
_WEBHOOK = record(
    {
        "url": text(least=1, pattern=r"https://\S+"),
        "http_method": word("POST", "PUT"),
        "headers": mapping(text()),
        "ca_file": text(),
        "ca_verify": flag,
        "timeout": whole(least=1),
        "open_timeout": whole(least=1),
        "format": word("json", "jsonl"),
        "subtype": word("web_hooks"),  # other values are unconfirmed
        "token": text(),
        "api": text(),
    },
    ("url",),
    nulls="checked",
)
_WEBHOOK_DEFAULTS = {
    "http_method": "POST",
    "headers": {},
    "ca_file": "",
    "ca_verify": True,
    "timeout": 15,
    "open_timeout": 20,
    "format": "json",
    "subtype": "web_hooks",
}


def _with_token(api: Check, token: Check) -> Check:
    return record({"token": token, "api": api}, ("token", "api"), nulls="checked")


def _webhook(value: Any, path: str) -> Any:
    return {**_WEBHOOK_DEFAULTS, **_WEBHOOK(value, path)}


TARGETS: dict[str, Check] = {
    "email": items(text(least=3, pattern=r"[^@\s]+@[^@\s]+"), least=1),
    "slack": _url,
    "ms_teams": _url,
    "opsgenie": _with_token(word(*OPSGENIE_APIS), text(least=1)),
    "pager_duty": text(pattern=r".{32}"),
    "splunk": _with_token(_url, text(pattern=UUID)),
    "sumo_logic": _url,
    "insight_connect": _with_token(_url, text(least=1)),
    "data_dog": record(
        {"region": text(least=1), "token": text(pattern=r".{32,40}")}, ("region", "token"), nulls="checked"
    ),
    "web_hooks": _webhook,
}


def masked(target: Any) -> Any:
    """The target as answered when the account masks secrets (sheet 9.2: whether it does is unconfirmed)."""
    match target:
        case str():
            return MASK
        case {"url": _}:
            hidden = dict.fromkeys(target["headers"], MASK)
            return {**target, "url": MASK, "headers": hidden, "ca_file": MASK if target["ca_file"] else ""}
        case {"token": _} | {"chat_data": _}:
            return {key: MASK if key in ("token", "chat_data") else part for key, part in target.items()}
        case _:
            return target
