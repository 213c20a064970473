"""Searching monitors and their groups (sheet 3): summaries, without options and message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import number
from reconciler.sandbox.datadog.monitors import CREATOR
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import METRIC_TYPES
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.routes import Call, Route

TERM = re.compile(r'(?:(?P<field>\w+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))')
MENTION = re.compile(r"@[\w.@+-]+")
STATE = "No Data"
SORTS = ("name", "status", "tags")


def _sort_of(monitor: Obj) -> str:
    return "metric" if monitor["type"] in METRIC_TYPES else str(monitor["type"]).removesuffix(" alert")


def _fits(monitor: Obj, query: str) -> bool:
    for term in TERM.finditer(query):
        value = (term["quoted"] if term["quoted"] is not None else term["bare"]).casefold()
        match term["field"]:
            case "type":
                good = value == _sort_of(monitor)
            case "status" | "group_status":
                good = value == STATE.casefold()
            case "tag":
                good = value in (tag.casefold() for tag in monitor["tags"])
            case "id":
                good = value == str(monitor["id"])
            case _:
                good = value in monitor["name"].casefold()
        if not good:
            return False
    return True


def _asked(tenant: Tenant, call: Call) -> list[Obj]:
    kept = [monitor for monitor in tenant.listed("monitors") if _fits(monitor, call.query.get("query", ""))]
    field, _, direction = call.query.get("sort", "name,asc").partition(",")
    if field not in SORTS or direction not in ("asc", "desc"):
        raise Refusal(400, f"The value provided for parameter 'sort' is invalid: {call.query['sort']!r}")
    return sorted(kept, key=lambda monitor: str(monitor.get(field, "")), reverse=direction == "desc")


def _counted(values: Iterable[str]) -> list[Obj]:
    return [{"name": name, "count": count} for name, count in Counter(values).most_common()]


def _summary(tenant: Tenant, monitor: Obj) -> Obj:
    plain = ("id", "name", "type", "query", "tags")
    mentioned = MENTION.findall(monitor["message"])
    return {
        **{key: monitor[key] for key in plain},
        "classification": _sort_of(monitor),
        "creator": CREATOR,
        "org_id": tenant.org,
        "status": STATE,
        "last_triggered_ts": None,
        "metrics": sorted(set(re.findall(r"\w:([\w.]+)\{", monitor["query"]))),
        "notifications": [{"handle": handle[1:], "name": handle[1:]} for handle in mentioned],
        "scopes": [],
        "quality_issues": [],
    }


def _page(call: Call, rows: list[Obj]) -> tuple[list[Obj], Obj]:
    page, size = number(call, "page", 0), number(call, "per_page", 30, least=1)
    pages = -(-len(rows) // size)
    meta = {"page": page, "page_count": pages, "per_page": size, "total_count": len(rows)}
    return rows[page * size : (page + 1) * size], meta


def _search(tenant: Tenant, call: Call) -> Answer:
    monitors = _asked(tenant, call)
    rows, meta = _page(call, monitors)
    counts = {
        "status": _counted(STATE for _ in monitors),
        "type": _counted(_sort_of(monitor) for monitor in monitors),
        "tag": _counted(tag for monitor in monitors for tag in monitor["tags"]),
        "muted": [{"name": False, "count": len(monitors)}] if monitors else [],
    }
    shown = [_summary(tenant, monitor) for monitor in rows]
    return tenant.reply(200, {"counts": counts, "metadata": meta, "monitors": shown})


def _groups(tenant: Tenant, call: Call) -> Answer:
    """Every monitor has seen one group, of everything; no data ever comes to the sandbox."""
    monitors = _asked(tenant, call)
    rows, meta = _page(call, monitors)
    groups = [
        {
            "group": "*",
            "group_tags": ["*"],
            "monitor_id": monitor["id"],
            "monitor_name": monitor["name"],
            "status": STATE,
            "last_triggered_ts": None,
        }
        for monitor in rows
    ]
    counts = {
        "status": _counted(STATE for _ in monitors),
        "type": _counted(_sort_of(monitor) for monitor in monitors),
    }
    return tenant.reply(200, {"counts": counts, "groups": groups, "metadata": meta})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/api/v1/monitor/search", _search),
    Route("GET", "/api/v1/monitor/groups/search", _groups),
)
