"""Audit records: who changed a team, schedule, escalation policy or service in the last month, and by what way.

https://developer.pagerduty.com/docs/rest-api-v2/audit-records-api/ A range spans 31 days at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from reconciler.kinds.place import Token
from reconciler.kinds.signal import Query
from reconciler.kinds.step import Context
from reconciler.kinds.trail import Authored, Trail

_PAGES = Token(100, ("next_cursor",), "cursor")
_BACK = timedelta(days=30)
_WAYS = {
    "browser": "in the web UI",
    "oauth": "through an app",
    "api_token": "with an API key",
    "identity_provider": "through the identity provider",
    "other": "",
}


def trail(plural: str) -> Trail:
    """The records of one object of `/services` and the like."""

    def queries(ident: str, context: Context) -> tuple[Query, ...]:
        since = (context.now - _BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"/{plural}/{{id}}/audit/records?since={{since}}"
        return (Query(path, {"id": ident, "since": since}, ("records",), _PAGES),)

    return Trail(authors, queries)


def authors(raw: Mapping[str, Any], answers: Sequence[Any]) -> Iterator[Authored]:
    for records in answers:
        for record in records if isinstance(records, list) else []:
            if isinstance(record, dict) and isinstance(record.get("execution_time"), str):
                yield _authored(record)


def _authored(record: Mapping[str, Any]) -> Authored:
    actors = [_called(one) for one in _rows(record.get("actors"))]
    way = (record.get("method") or {}).get("type")
    details = record.get("details") or {}
    named = [*_rows(details.get("fields")), *_rows(details.get("references"))]
    fields = tuple(str(one["name"]) for one in named if one.get("name"))
    return Authored(str(record["execution_time"]), ", ".join(actors), _WAYS.get(str(way or "other"), str(way)), fields)


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _called(actor: Mapping[str, Any]) -> str:
    """`Ann Example`, else its type and id: `api_key PX1`."""
    kind = str(actor.get("type") or "").removesuffix("_reference")
    return str(actor.get("summary") or f"{kind} {actor.get('id') or ''}".strip())
