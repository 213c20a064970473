"""Events API v1: the feed by time and type, and one event of it (sheet 2, 2.6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.entities import page_key, read_page_key
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_query
from reconciler.sandbox.dynatrace.events import between, is_open, shown_end
from reconciler.sandbox.dynatrace.instant import DAY, HOUR, MINUTE
from reconciler.sandbox.dynatrace.vocabulary import EVENT_TYPES, IMPACTS, PROPERTY_KEYS, SEVERITIES
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

PAGE = 150
LONGEST = 2 * 365 * DAY
RELATIVE = {
    "min": MINUTE,
    "5mins": 5 * MINUTE,
    "10mins": 10 * MINUTE,
    "15mins": 15 * MINUTE,
    "30mins": 30 * MINUTE,
    "hour": HOUR,
    "2hours": 2 * HOUR,
    "6hours": 6 * HOUR,
    "day": DAY,
    "3days": 3 * DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
}
PARAMETERS = ("from", "to", "relativeTime", "eventType", "entityId")


def _entry(env: Environment, event: Obj) -> Obj:
    entity = env.entities.get(event["entity"]) or {"displayName": event["entity"], "type": "HOST", "tags": []}
    entry: Obj = {"id": event["id"], "eventId": event["number"], "startTime": event["start"]}
    entry |= {"endTime": shown_end(env, event), "entityId": event["entity"], "entityName": entity["displayName"]}
    entry |= {"eventType": event["kind"], "eventStatus": "OPEN" if is_open(env, event) else "CLOSED"}
    if event["kind"] in SEVERITIES:
        entry["severityLevel"] = SEVERITIES[event["kind"]]
    tags = [{key: tag[key] for key in ("context", "key", "value") if key in tag} for tag in entity["tags"]]
    entry |= {"impactLevel": IMPACTS.get(entity["type"], "INFRASTRUCTURE"), "tags": tags}
    if event["problem"]:
        entry["correlationId"] = event["correlation"]
    return {**_own(event["said"]), **entry}


def _own(said: Obj) -> Obj:
    """What the event was told, at the top level; what v2 was told goes by the names of v1."""
    if "properties" not in said:
        return {key: part for key, part in said.items() if key not in ("timeoutMinutes", "allowDavisMerge")}
    names = {there: here for here, there in PROPERTY_KEYS.items()}
    properties = said["properties"]
    free = {key: part for key, part in properties.items() if key not in names}
    named = {names[key]: part for key, part in properties.items() if key in names}
    return {"title": said["title"], **named, "customProperties": free}


def _number(query: dict[str, Any], name: str, otherwise: int) -> int:
    text = str(query.get(name, otherwise))
    if not text.isdecimal() or len(text) > 15:
        raise in_query(name, f"The timestamp '{text}' is not valid.")
    return int(text)


def _window(env: Environment, query: dict[str, Any]) -> tuple[int, int]:
    now = env.now()
    if "relativeTime" in query:
        if query["relativeTime"] not in RELATIVE:
            raise in_query("relativeTime", f"must be one of {', '.join(RELATIVE)}")
        return now - RELATIVE[query["relativeTime"]], now
    end = _number(query, "to", now)
    start = _number(query, "from", end - 30 * DAY)
    if not 0 <= end - start <= LONGEST:
        raise in_query("from", "The time frame is turned round or longer than two years.")
    return start, end


def _list(env: Environment, call: Call) -> Answer:
    """A cursor holds all other filters of the first page, which then need not be said again."""
    query: dict[str, Any] = dict(call.query)
    if "cursor" in query:
        query = read_page_key(query["cursor"], "cursor")
    unknown = set(query) - {*PARAMETERS, "at"}
    if unknown and env.settings.unknown == "refused":
        raise in_query(min(unknown), "Unknown parameter.")
    start, end = _window(env, query)
    if "eventType" in query and query["eventType"] not in EVENT_TYPES:
        raise in_query("eventType", f"Unknown event type '{query['eventType']}'.")
    found = [event for event in between(env, start, end) if _fits(event, query)]
    at = int(query.get("at", 0))
    frozen = {**{key: query[key] for key in PARAMETERS if key in query}, "from": start, "to": end}
    frozen.pop("relativeTime", None)
    more = at + PAGE < len(found)
    cursor = page_key({**frozen, "at": at + PAGE}) if more else None
    events = [_entry(env, event) for event in found[at : at + PAGE]]
    around = {"from": start, "to": end, "nextCursor": cursor, "totalEventCount": len(found)}
    return json_answer(200, {"events": events, **around})


def _fits(event: Obj, query: dict[str, Any]) -> bool:
    return query.get("eventType") in (None, event["kind"]) and query.get("entityId") in (None, event["entity"])


def _one(env: Environment, call: Call) -> Answer:
    event = env.events.get(call.params["id"])
    if event is None:
        raise Refusal(404, f"Event {call.params['id']} does not exist")
    return json_answer(200, _entry(env, event))


ROUTES: tuple[Route[Environment], ...] = (
    Route("GET", "/api/v1/events", _list),
    Route("GET", "/api/v1/events/{id}", _one),
)
