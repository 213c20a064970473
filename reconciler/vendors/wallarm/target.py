"""Where a Wallarm integration sends to: the `target` of each type, as manifests write it and as the API has it.

https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/ Tokens, web hooks' URLs, their headers
and certificates are secrets: the API may answer them in clear or masked, so what it answers of them is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, Same, Seconds, SecretField
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Hidden, Object, Tree, Unknown
from reconciler.kinds.wire import Wire, record

_ANOTHER = NoClear("give another one")
_YES_OR_NO = NoClear("write true or false")
_ADDRESS = Field(pattern=r"^https?://\S+$", description="http(s) address, such as https://splunk.example.com:8088")

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────


class OpsgenieTarget(Spec):
    """Opsgenie as a target: the key of one of its API integrations, and the region that key belongs to."""

    token: Annotated[SecretField | None, _ANOTHER, Field(description="key of an Opsgenie API integration")] = None
    api: Annotated[
        Literal["us", "eu"] | None,
        NoClear("write us or eu"),
        Field(description="the Opsgenie account's region: us or eu"),
    ] = None


class SplunkTarget(Spec):
    """An HTTP Event Collector of Splunk."""

    token: Annotated[SecretField | None, _ANOTHER, Field(description="the collector's token, a UUID")] = None
    api: Annotated[str | None, _ANOTHER, _ADDRESS] = None


class InsightConnectTarget(Spec):
    """A workflow of InsightConnect."""

    token: Annotated[SecretField | None, _ANOTHER, Field(description="API key of InsightConnect")] = None
    api: Annotated[str | None, _ANOTHER, _ADDRESS] = None


class DatadogTarget(Spec):
    """Datadog's log intake."""

    region: Annotated[
        str | None, _ANOTHER, Field(min_length=1, description="Datadog's region as Wallarm names it, such as US1")
    ] = None
    token: Annotated[SecretField | None, _ANOTHER, Field(description="API key of Datadog, 32 to 40 characters")] = None


class TelegramTarget(Spec):
    """A chat with Wallarm's bot. Nothing of it can be changed once the integration is made, nor read."""

    chat_data: Annotated[
        SecretField | None,
        _ANOTHER,
        Field(description="what the link of @WallarmBot (EU) or @WallarmUSBot (US) holds; cannot be changed"),
    ] = None
    token: Annotated[SecretField | None, _ANOTHER, Field(description="token of an own bot; cannot be changed")] = None
    username: Annotated[
        str | None,
        # Wallarm never tells it, so it stands for whatever is there.
        Same(lambda wanted, live: isinstance(live, Unknown)),
        _ANOTHER,
        Field(
            min_length=1,
            description="name of the bot's user, sent when the integration is made and never again; a later edit "
            "changes nothing. Left out, the integration's own name is sent",
        ),
    ] = None


class WebhookTarget(Spec):
    """Any receiver of HTTP requests. What is not given is at Wallarm's defaults."""

    url: Annotated[SecretField | None, _ANOTHER, Field(description="address of the receiver, https only")] = None
    http_method: Annotated[
        Literal["POST", "PUT"] | None, NoClear("write POST, the default"), Field(description="POST if not said")
    ] = None
    headers: Annotated[
        dict[str, SecretField] | None, Field(description="headers of each request; owned whole, every value a secret")
    ] = None
    ca_file: Annotated[
        SecretField | None, Field(description="certificate of the receiver's authority, the text of the PEM file")
    ] = None
    ca_verify: Annotated[
        bool | None, _YES_OR_NO, Field(description="whether the receiver's certificate is checked; true if not said")
    ] = None
    timeout: Annotated[
        Seconds | None, NoClear("write 15s, the default"), Field(ge=1, description="for a request; 15s if not said")
    ] = None
    open_timeout: Annotated[
        Seconds | None,
        NoClear("write 20s, the default"),
        Field(ge=1, description="for opening a connection; 20s if not said"),
    ] = None
    format: Annotated[
        Literal["json", "jsonl"] | None,
        NoClear("write json, the default"),
        Field(description="a JSON array, or a JSON object a line; json if not said"),
    ] = None


NEEDED: Mapping[str, tuple[str, ...]] = {
    "opsgenie": ("target.token", "target.api"),
    "splunk": ("target.token", "target.api"),
    "insight_connect": ("target.token", "target.api"),
    "data_dog": ("target.region", "target.token"),
    "telegram": ("target.chat_data",),
    "web_hooks": ("target.url",),
}

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

# The only two addresses the vendor takes for this target.
_ALERTS = {"us": "https://api.opsgenie.com/v2/alerts", "eu": "https://api.eu.opsgenie.com/v2/alerts"}
_REGIONS = {url: region for region, url in _ALERTS.items()}

_SUBTYPE = "web_hooks"
_HEADERS = Wire(back=lambda headers: dict.fromkeys(headers, Hidden()) if isinstance(headers, Mapping) else Hidden())


def _looked_up(names: Mapping[str, str], value: Tree) -> Tree:
    return names.get(value, value) if isinstance(value, str) else value


def _webhook_to(target: Tree) -> Tree:
    """Headers and certificate are always sent, so that one that is gone is gone."""
    if not isinstance(target, Mapping):
        return target
    return {"headers": {}, "ca_file": "", "subtype": _SUBTYPE, **_dropping_nulls(target)}


def _dropping_nulls(target: Mapping[str, Tree]) -> Object:
    return {name: value for name, value in target.items() if value is not None}


def _open(*shown: str, wires: Mapping[str, Wire] | None = None) -> Wire:
    """A target of which only these fields are no secret. An empty secret is one that is not there."""
    inner = record(wires or {})

    def back(target: Tree) -> Tree:
        if not isinstance(target, Mapping):
            return Hidden()
        known: Any = inner.back({name: value for name, value in target.items() if value not in ("", None)})
        return {name: _shown(value) if name in shown else _hidden(value) for name, value in known.items()}

    return Wire(inner.to, back)


def _shown(value: Tree) -> Tree:
    return value if isinstance(value, str | int | float) else Hidden()


def _hidden(value: Tree) -> Tree:
    """Headers are hidden one by one; anything else whole, also what this version does not know."""
    each = isinstance(value, Mapping) and all(isinstance(part, Hidden) for part in value.values())
    return value if each else Hidden()


def _webhook_back(target: Tree) -> Tree:
    shown = ("http_method", "ca_verify", "timeout", "open_timeout", "format", "subtype")
    tree: Any = _open(*shown, wires={"headers": _HEADERS}).back(target)
    constant = isinstance(tree, Mapping) and tree.get("subtype") == _SUBTYPE
    return {name: value for name, value in tree.items() if name != "subtype"} if constant else tree


def _addresses_back(target: Tree) -> Tree:
    plain = isinstance(target, list) and all(isinstance(one, str) for one in target)
    return target if plain else Hidden()


def _unread(target: Tree) -> Tree:
    return {"chat_data": Hidden(), "token": Hidden(), "username": Unknown("Wallarm does not tell it")}


_REGION = Wire(lambda region: _looked_up(_ALERTS, region), lambda url: _looked_up(_REGIONS, url))
_WIRES: Mapping[str, Wire] = {
    "email": Wire(back=_addresses_back),
    "opsgenie": _open("api", wires={"api": _REGION}),
    "splunk": _open("api"),
    "insight_connect": _open("api"),
    "data_dog": _open("region"),
    "telegram": Wire(record({}).to, _unread),
    "web_hooks": Wire(_webhook_to, _webhook_back),
}
# Of every other type the target is one string, a URL or a key: a secret.
_STRING = Wire(back=lambda target: Hidden())


def wire(type_: Tree) -> Wire:
    """The two faces of a target of this type; of an unknown type all is taken for a secret."""
    return _WIRES.get(type_, _STRING) if isinstance(type_, str) else _STRING
