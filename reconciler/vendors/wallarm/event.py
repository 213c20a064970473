"""Events a Wallarm integration can pass on, and which type of integration knows which.

https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.tree import Tree

CHAT = (
    "system",
    "rules_and_triggers",
    "security_issue_critical",
    "security_issue_high",
    "security_issue_medium",
    "security_issue_low",
    "security_issue_info",
)
_MAIL = ("report_daily", "report_weekly", "report_monthly", "aasm_report")
_DISCOVERY = ("api_discovery_hourly_changes_report", "api_discovery_daily_changes_report")
KNOWN = frozenset((*CHAT, "siem", "number_of_requests_per_hour", *_MAIL, *_DISCOVERY))

ALLOWED: Mapping[str, tuple[str, ...]] = {"opsgenie": CHAT}


@dataclass(frozen=True)
class EventMark:
    """Marks an event of one type of integration. One that Wallarm does not name at all passes: its words change."""

    type: str

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise PydanticCustomError("event", "an event is a word such as system")
        if value in KNOWN and value not in ALLOWED[self.type]:
            raise PydanticCustomError(
                "event",
                "an integration of type {type} has no event {event}; it has {allowed}",
                {"type": self.type, "event": value, "allowed": ", ".join(ALLOWED[self.type])},
            )
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"enum": list(ALLOWED[self.type])}, {"type": "string", "minLength": 1}]}


def to_wire(active: Tree, type_: str) -> Tree:
    """Every event of the type, on or off: what a partial list would do to the others is not documented."""
    if not isinstance(active, list):
        return active
    known = ALLOWED.get(type_, ())
    others = [name for name in active if name not in known]
    return [{"event": name, "active": name in active} for name in (*known, *others)]


def from_wire(events: Tree) -> Tree:
    """The active ones."""
    if not isinstance(events, list):
        return events
    return [_named(item) for item in events if not isinstance(item, Mapping) or item.get("active")]


def _named(item: Tree) -> Tree:
    match item:
        case {"event": str(name), "with_headers": True}:
            return {name: {"with_headers": True}}
        case {"event": str(name)}:
            return name
        case _:
            return item
