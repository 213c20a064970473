"""Events a Wallarm integration can pass on, and which type of integration knows which.

https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import Unordered
from reconciler.kinds.tree import Object, Tree

CHAT = (
    "system",
    "rules_and_triggers",
    "security_issue_critical",
    "security_issue_high",
    "security_issue_medium",
    "security_issue_low",
    "security_issue_info",
)
SIEM = "siem"
_REPORTS = ("report_daily", "report_weekly", "report_monthly")
_DISCOVERY = ("api_discovery_hourly_changes_report", "api_discovery_daily_changes_report")
_MAIL = ("system", *_REPORTS, "aasm_report", *_DISCOVERY)
_TELEGRAM = (*CHAT, *_REPORTS)
_COLLECTOR = (*CHAT, SIEM, "number_of_requests_per_hour")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "email": _MAIL,
    **dict.fromkeys(("slack", "ms_teams", "opsgenie", "pager_duty"), CHAT),
    "telegram": _TELEGRAM,
    **dict.fromkeys(("data_dog", "insight_connect", "splunk", "sumo_logic", "web_hooks"), _COLLECTOR),
}
KNOWN = frozenset(name for names in ALLOWED.values() for name in names)

_WITH_HEADERS = {"with_headers": True}

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class EventMark:
    """Marks an event of one sort of integration. One that Wallarm does not name at all passes: its words change."""

    allowed: tuple[str, ...]

    def read(self, value: Any, info: ValidationInfo) -> Tree:
        match value:
            case str() if value:
                return self._known(value, info)
            case {"siem": Mapping() as extra} if len(value) == 1:
                name = self._known(SIEM, info)
                return {name: _WITH_HEADERS} if _with_headers(extra) else name
            case _:
                more = ", or siem: {with_headers: true}" if SIEM in self.allowed else ""
                raise PydanticCustomError("event", "an event is a word such as system{more}", {"more": more})

    def _known(self, name: str, info: ValidationInfo) -> str:
        if name in KNOWN and name not in self.allowed:
            raise PydanticCustomError(
                "event",
                "an integration of type {type} has no event {event}; it has {allowed}",
                {"type": info.data.get("type"), "event": name, "allowed": ", ".join(self.allowed)},
            )
        return name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        forms: list[JsonSchemaValue] = [{"enum": list(self.allowed)}, {"type": "string", "minLength": 1}]
        if SIEM in self.allowed:
            extra = {"type": "object", "properties": {"with_headers": {"type": "boolean"}}}
            siem = {"type": "object", "properties": {SIEM: {**extra, "additionalProperties": False}}}
            forms.append({**siem, "required": [SIEM], "additionalProperties": False})
        return {"anyOf": forms}


def _with_headers(extra: Mapping[Any, Any]) -> bool:
    said = extra.get("with_headers", False)
    if set(extra) - {"with_headers"} or not isinstance(said, bool):
        raise PydanticCustomError("event", "siem takes {with_headers: true} or {with_headers: false}", {})
    return said


def _once(events: list[Tree] | None) -> list[Tree] | None:
    """`siem` with headers and `siem` without are one event."""
    names = [_name(event) for event in events or []]
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise PydanticCustomError("twice", "{event} stands there twice", {"event": twice})
    return events


ChatEvents = Annotated[list[Annotated[Any, EventMark(CHAT)]] | None, Unordered(), AfterValidator(_once)]
MailEvents = Annotated[list[Annotated[Any, EventMark(_MAIL)]] | None, Unordered(), AfterValidator(_once)]
TelegramEvents = Annotated[list[Annotated[Any, EventMark(_TELEGRAM)]] | None, Unordered(), AfterValidator(_once)]
CollectorEvents = Annotated[list[Annotated[Any, EventMark(_COLLECTOR)]] | None, Unordered(), AfterValidator(_once)]

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def to_wire(active: Tree, type_: str) -> Tree:
    """Every event of the type, on or off: what a partial list would do to the others is not documented."""
    if not isinstance(active, list):
        return active
    named = {name: _extra(item) for item in active if (name := _name(item)) is not None}
    strange = [item for item in active if _name(item) is None]
    every = dict.fromkeys((*ALLOWED.get(type_, ()), *named))
    return [*({"event": name, "active": name in named, **named.get(name, {})} for name in every), *strange]


def from_wire(events: Tree) -> Tree:
    """The active ones."""
    if not isinstance(events, list):
        return events
    return [_named(item) for item in events if not isinstance(item, Mapping) or item.get("active")]


def _named(item: Tree) -> Tree:
    match item:
        case {"event": str(name), "with_headers": True}:
            return {name: _WITH_HEADERS}
        case {"event": str(name)}:
            return name
        case _:
            return item


def _name(item: Tree) -> str | None:
    """The word of an event in our form; None where it has none."""
    match item:
        case str():
            return item
        case dict() if list(item.values()) == [_WITH_HEADERS]:
            return str(next(iter(item)))
        case _:
            return None


def _extra(item: Tree) -> Object:
    return {} if isinstance(item, str) else dict(_WITH_HEADERS)


def unknown(events: Tree) -> list[tuple[int, str]]:
    """Words no version of this program knows, with their places."""
    items = events if isinstance(events, list) else []
    names = [(index, _name(item)) for index, item in enumerate(items)]
    return [(index, name) for index, name in names if name is not None and name not in KNOWN]


def gone(events: Tree, sent: list[Tree]) -> list[Tree]:
    """Events of an older vocabulary that are on and shall not be."""
    named = {item["event"] for item in sent if isinstance(item, Mapping) and "event" in item}
    items = events if isinstance(events, list) else []
    live = [name for item in items if (name := _name(item)) is not None]
    return [{"event": name, "active": False} for name in live if name not in named]
